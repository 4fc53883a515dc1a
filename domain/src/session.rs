//! Sessions: how long a sign-in is believed, and what a refresh token that is shown again means.

use chrono::{DateTime, Duration, Utc};

use crate::coded;

coded! {
    /// Why a session ended before its time.
    pub enum SessionEnd {
        /// The person signed out.
        SignedOut = "SIGNED_OUT",
        /// A refresh token was shown that had been exchanged before: somebody holds a copy.
        TokenReused = "TOKEN_REUSED",
        /// The account was closed.
        AccountClosed = "ACCOUNT_CLOSED",
        /// The password was changed, or reset.
        PasswordChanged = "PASSWORD_CHANGED",
    }
}

/// How long sessions last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionLimits {
    /// Without a request for so long, the session is over.
    pub idle: Duration,
    /// After so long it is over in any case.
    pub absolute: Duration,
}

impl SessionLimits {
    /// How often a use is noted at most, because each note is a write: once a minute, and where sessions end sooner than that
    /// without a request, often enough that none ends in use.
    pub fn note_every(&self) -> Duration {
        Duration::minutes(1).min(self.idle / 4)
    }
}

/// The times of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionTimes {
    /// The last request that was noted.
    pub last_seen_at: DateTime<Utc>,
    /// When it is over in any case.
    pub expires_at: DateTime<Utc>,
    /// When it was ended early.
    pub ended_at: Option<DateTime<Utc>>,
}

impl SessionTimes {
    /// A session that begins now.
    pub fn begin(now: DateTime<Utc>, limits: SessionLimits) -> Self {
        Self {
            last_seen_at: now,
            expires_at: now + limits.absolute,
            ended_at: None,
        }
    }

    /// Whether the session still stands.
    pub fn stands(&self, now: DateTime<Utc>, limits: SessionLimits) -> bool {
        self.ended_at.is_none() && now < self.expires_at && now < self.last_seen_at + limits.idle
    }

    /// Whether a request now is to be noted.
    pub fn is_to_be_noted(&self, now: DateTime<Utc>, limits: SessionLimits) -> bool {
        now >= self.last_seen_at + limits.note_every()
    }
}

/// Which token of a session somebody shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// The one that is good now.
    Current,
    /// The one before, exchanged at the given time; the token it was exchanged for was never used.
    Previous {
        /// When it was exchanged.
        rotated_at: DateTime<Utc>,
    },
    /// An older one of this session.
    Older,
    /// None that we made.
    MadeUp,
}

/// What is to be done about a refresh token that was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefreshVerdict {
    /// Exchange it for a new one.
    Exchange,
    /// The answer to the first exchange was lost on its way: give the same answer again.
    Repeat,
    /// Somebody holds a copy: end the session.
    Reused,
    /// It says nothing about the session, which goes on.
    Refused,
}

/// Says what a token that belongs to a standing session means.
///
/// An older token than the one just exchanged is reason enough to end the session: whoever exchanged it in time may be the
/// thief, and be going on with what it was exchanged for. One that we never made is not, or else whoever learns the id of a
/// session, which is no secret, could end it.
pub fn judge_refresh(shown: Shown, now: DateTime<Utc>) -> RefreshVerdict {
    match shown {
        Shown::Current => RefreshVerdict::Exchange,
        Shown::Previous { rotated_at } if now <= rotated_at + LOST_ANSWER => RefreshVerdict::Repeat,
        Shown::Previous { .. } | Shown::Older => RefreshVerdict::Reused,
        Shown::MadeUp => RefreshVerdict::Refused,
    }
}

/// How long after an exchange its answer may be asked for again.
const LOST_ANSWER: Duration = Duration::seconds(60);

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: SessionLimits = SessionLimits {
        idle: Duration::minutes(30),
        absolute: Duration::hours(12),
    };

    fn start() -> DateTime<Utc> {
        "2026-11-23T01:00:00Z".parse().unwrap()
    }

    #[test]
    fn a_session_ends_by_idleness_by_age_and_by_being_ended() {
        let session = SessionTimes::begin(start(), LIMITS);
        let idle_end = start() + LIMITS.idle;
        let end = start() + LIMITS.absolute;
        let second = Duration::seconds(1);

        assert!(session.stands(idle_end - second, LIMITS));
        assert!(!session.stands(idle_end, LIMITS));
        let busy = SessionTimes {
            last_seen_at: end - second,
            ..session
        };
        assert!(busy.stands(end - second, LIMITS));
        assert!(!busy.stands(end, LIMITS));
        let ended = SessionTimes {
            ended_at: Some(start()),
            ..session
        };
        assert!(!ended.stands(start(), LIMITS));
    }

    #[test]
    fn requests_are_noted_once_a_minute() {
        let session = SessionTimes::begin(start(), LIMITS);

        assert!(!session.is_to_be_noted(start() + Duration::seconds(59), LIMITS));
        assert!(session.is_to_be_noted(start() + Duration::seconds(60), LIMITS));
    }

    #[test]
    fn no_session_ends_in_use_however_short_it_is() {
        let limits = SessionLimits {
            idle: Duration::minutes(1),
            ..LIMITS
        };
        let mut session = SessionTimes::begin(start(), limits);
        // Somebody asks every ten seconds.
        for tenth in 1..60 {
            let now = start() + Duration::seconds(10 * tenth);
            assert!(session.stands(now, limits), "after {tenth} requests");
            if session.is_to_be_noted(now, limits) {
                session.last_seen_at = now;
            }
        }
    }

    #[test]
    fn a_lost_answer_is_repeated_for_a_minute_and_everything_older_is_reuse() {
        let previous = Shown::Previous {
            rotated_at: start(),
        };
        let at = |seconds| start() + Duration::seconds(seconds);

        assert_eq!(
            judge_refresh(Shown::Current, at(9_999)),
            RefreshVerdict::Exchange
        );
        assert_eq!(judge_refresh(previous, at(60)), RefreshVerdict::Repeat);
        assert_eq!(judge_refresh(previous, at(61)), RefreshVerdict::Reused);
        assert_eq!(judge_refresh(Shown::Older, at(0)), RefreshVerdict::Reused);
        assert_eq!(judge_refresh(Shown::MadeUp, at(0)), RefreshVerdict::Refused);
    }
}
