//! The morning digest of a department (晨报): what lies before it as the day begins. It is kept as it was that morning.

use chrono::{NaiveDate, NaiveTime};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::application::{Moment, OwedAct, OwedActKind, OwedBy};
use crate::calendar::{Calendar, start_of};
use crate::coded;
use crate::review::ReviewState;

/// The most acts that a digest names.
pub const MOST_URGENT: usize = 50;
/// The most joint applications that it names.
pub const MOST_LATE: usize = 20;
/// The most who hold the clock of one of them.
const MOST_HOLDING: usize = 5;

coded! {
    /// What the limits of a piece of work say in the morning. Of several the gravest counts.
    pub enum DueState {
        /// Nothing is near, or no clock runs.
        Later = "LATER",
        /// A limit is near.
        Near = "NEAR",
        /// The last day of the promise or of the statutory period is today, and neither has passed.
        Today = "TODAY",
        /// The promise has passed (承诺时限), the statutory period ends later or never.
        PromisePassed = "PROMISE_PASSED",
        /// The promise has passed, and the last day of the statutory period is today: it is due today, too.
        LastDay = "LAST_DAY",
        /// The statutory period has passed (法定时限).
        StatutePassed = "STATUTE_PASSED",
    }
}

/// What lay before a department one morning.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digest {
    /// Reviews that nobody had taken.
    pub open: u64,
    /// Reviews that somebody had taken.
    pub claimed: u64,
    /// Reviews that waited for a predecessor; nothing could be done on them.
    pub waiting: u64,
    /// Cases that waited for the decision.
    pub to_decide: u64,
    /// Of the open and claimed reviews and the cases to be decided: due that day by promise or law.
    pub due_today: u64,
    /// Of the same: near a limit.
    pub near: u64,
    /// Of the same: after the promise and not after the statutory period.
    pub promise_passed: u64,
    /// Of the same: after the statutory period.
    pub statute_passed: u64,
    /// The most urgent of the same, by due date.
    pub urgent: Vec<UrgentAct>,
    /// Joint applications that the department leads and that will miss the joint promise, the latest first.
    pub late: Vec<LateApplication>,
}

/// An act that a department owed one morning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UrgentAct {
    /// The case.
    pub case: Uuid,
    /// Its number.
    pub case_number: String,
    /// Number on the receipt of the application.
    pub receipt_number: String,
    /// Code of the item.
    pub item: String,
    /// Name of the item.
    pub item_name: String,
    /// What was owed.
    pub kind: OwedActKind,
    /// The last day of promise or statutory period, whichever came first and had not passed; where all had passed, that
    /// of the statutory period. `None` while both stood still.
    pub due_on: Option<NaiveDate>,
    /// Working days left after that morning's day, negative if it had passed.
    pub days_left: Option<i64>,
}

/// A joint application that would miss its promise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LateApplication {
    /// The application.
    pub application: Uuid,
    /// Number on its receipt.
    pub receipt_number: String,
    /// The day on which the last case was expected to be decided.
    pub ends_on: NaiveDate,
    /// By how many working days that was later than the joint promise.
    pub late_by: i64,
    /// Whose acts delayed the whole.
    pub held_by: Vec<Holding>,
}

/// Who held the clock of an application.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holding {
    /// By what.
    pub kind: OwedActKind,
    /// Who.
    pub by: OwedBy,
    /// Code of the department, if it was one.
    pub department: Option<String>,
    /// Until when it was to be done, if a clock ran.
    pub due_on: Option<NaiveDate>,
}

/// Whether the digests of a day are to be written: from an hour on of a day that the centre works.
pub fn is_due(calendar: &Calendar, at: Moment, digest_at: NaiveTime) -> bool {
    let since_midnight = digest_at.signed_duration_since(NaiveTime::MIN);
    calendar.is_workday(at.today) && at.now >= start_of(at.today) + since_midnight
}

impl Digest {
    /// Counts work of one kind: reviews in a state, or cases that wait for the decision.
    pub fn count(&mut self, review: Option<ReviewState>, due: DueState, n: u64) {
        match review {
            Some(ReviewState::Open) => self.open += n,
            Some(ReviewState::Claimed) => self.claimed += n,
            None => self.to_decide += n,
            Some(ReviewState::Waiting) => {
                self.waiting += n;
                return;
            }
            Some(
                ReviewState::Given
                | ReviewState::Cancelled
                | ReviewState::Withdrawn
                | ReviewState::Tacit
                | ReviewState::Returned
                | ReviewState::Stale,
            ) => return,
        }
        match due {
            DueState::Later => {}
            DueState::Near => self.near += n,
            DueState::Today => self.due_today += n,
            DueState::PromisePassed => self.promise_passed += n,
            DueState::LastDay => {
                self.due_today += n;
                self.promise_passed += n;
            }
            DueState::StatutePassed => self.statute_passed += n,
        }
    }

    /// Names the most urgent acts, and as many as a digest holds.
    pub fn name_urgent(&mut self, mut acts: Vec<UrgentAct>) {
        acts.sort_by(|one, other| {
            let key = |act: &UrgentAct| (act.due_on.is_none(), act.due_on);
            key(one)
                .cmp(&key(other))
                .then_with(|| one.case_number.cmp(&other.case_number))
        });
        acts.truncate(MOST_URGENT);
        self.urgent = acts;
    }

    /// Names the joint applications that will be latest, and as many as a digest holds.
    pub fn name_late(&mut self, mut late: Vec<LateApplication>) {
        late.sort_by(|one, other| {
            other
                .late_by
                .cmp(&one.late_by)
                .then_with(|| one.receipt_number.cmp(&other.receipt_number))
        });
        late.truncate(MOST_LATE);
        self.late = late;
    }
}

impl Holding {
    /// Those whose acts delay the whole, in the order in which they are owed.
    pub fn of(owed: &[OwedAct]) -> Vec<Self> {
        let critical = owed.iter().filter(|act| act.critical).take(MOST_HOLDING);
        critical
            .map(|act| Self {
                kind: act.kind,
                by: act.by,
                department: act.department.clone(),
                due_on: act.due_on,
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::tests::{day, published};

    fn at(date: &str, time: &str) -> Moment {
        let today = day(date);
        let time: NaiveTime = time.parse().unwrap();
        let now = start_of(today) + time.signed_duration_since(NaiveTime::MIN);
        Moment { now, today }
    }

    #[test]
    fn a_digest_is_due_from_its_hour_to_midnight_of_a_working_day() {
        let calendar = published();
        let eight_thirty = "08:30:00".parse().unwrap();
        for (date, time, expected) in [
            ("2026-03-02", "08:29:59", false),
            ("2026-03-02", "08:30:00", true),
            ("2026-03-02", "23:59:59", true),
            ("2026-03-03", "00:00:00", false),
            // A Sunday, a holiday, and a Saturday that is worked.
            ("2026-03-08", "12:00:00", false),
            ("2026-02-17", "12:00:00", false),
            ("2026-02-28", "12:00:00", true),
        ] {
            let is_due = is_due(&calendar, at(date, time), eight_thirty);
            assert_eq!(is_due, expected, "{date} {time}");
        }
    }

    #[test]
    fn what_waits_is_counted_and_is_not_near_anything() {
        let mut digest = Digest::default();
        digest.count(Some(ReviewState::Open), DueState::Today, 2);
        digest.count(Some(ReviewState::Claimed), DueState::Near, 3);
        digest.count(Some(ReviewState::Waiting), DueState::Near, 5);
        digest.count(Some(ReviewState::Given), DueState::Near, 7);
        digest.count(None, DueState::StatutePassed, 11);
        digest.count(None, DueState::PromisePassed, 13);
        digest.count(None, DueState::Later, 17);
        digest.count(None, DueState::LastDay, 19);
        let expected = Digest {
            open: 2,
            claimed: 3,
            waiting: 5,
            to_decide: 60,
            due_today: 21,
            near: 3,
            promise_passed: 32,
            statute_passed: 11,
            ..Digest::default()
        };
        assert_eq!(digest, expected);
    }

    #[test]
    fn a_digest_names_no_more_than_it_holds() {
        let act = |n: u32, due_on: Option<&str>| UrgentAct {
            case: Uuid::nil(),
            case_number: format!("{n:03}"),
            receipt_number: String::new(),
            item: String::new(),
            item_name: String::new(),
            kind: OwedActKind::Opinion,
            due_on: due_on.map(day),
            days_left: None,
        };
        let mut acts: Vec<UrgentAct> = (0..60).map(|n| act(60 - n, Some("2026-03-04"))).collect();
        acts.push(act(0, None));
        acts.push(act(99, Some("2026-03-03")));
        let mut digest = Digest::default();
        digest.name_urgent(acts);
        assert_eq!(digest.urgent.len(), MOST_URGENT);
        assert_eq!(digest.urgent[0].case_number, "099");
        assert_eq!(digest.urgent[1].case_number, "001");
        assert_eq!(digest.urgent[49].case_number, "049");

        let late = |n: i64| LateApplication {
            application: Uuid::nil(),
            receipt_number: n.to_string(),
            ends_on: day("2026-03-04"),
            late_by: n,
            held_by: Vec::new(),
        };
        digest.name_late((1..=30).map(late).collect());
        assert_eq!(digest.late.len(), MOST_LATE);
        assert_eq!((digest.late[0].late_by, digest.late[19].late_by), (30, 11));
    }
}
