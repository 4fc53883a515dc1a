//! The feed: what the sequencer has numbered, handed to whoever in this process listens.
//!
//! It follows positions, so it never skips a late commit. It is not the record: who must not miss
//! anything reads on from a position with [`crate::ledger::after`].

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use lianshen_entity::event;
use sea_orm::{ColumnTrait as _, EntityTrait as _, PaginatorTrait as _, QueryFilter as _};
use tokio::sync::broadcast;

use crate::db::Db;
use crate::error::AppError;
use crate::ledger::{self, Numbered};
use crate::telemetry;

/// How many events are kept for a listener that is behind.
const KEPT: usize = 4_096;

/// In each so manieth round a follower looks whether the ledger is still the one that it follows: every ten seconds where
/// nothing happens.
const LOOK_BACK: u32 = 20;

/// The hub between the sequencer and its listeners. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Feed {
    hub: broadcast::Sender<Arc<event::Model>>,
}

impl Feed {
    /// A hub that keeps so many events for a listener that is behind.
    pub fn new(kept: usize) -> Self {
        let (hub, _) = broadcast::channel(kept.max(1));
        Self { hub }
    }

    /// Listens from now on.
    ///
    /// A listener that falls too far behind is told `Lagged` once, with the number of events it missed, and
    /// goes on with the oldest that is kept; it should then read again what it shows.
    pub fn subscribe(&self) -> broadcast::Receiver<Arc<event::Model>> {
        self.hub.subscribe()
    }

    /// Hands an event to all who listen, if anybody does.
    fn publish(&self, event: event::Model) {
        let _ = self.hub.send(Arc::new(event));
    }
}

impl Default for Feed {
    fn default() -> Self {
        Self::new(KEPT)
    }
}

/// Follows the ledger for the listeners of this process, and knows how far it has come.
pub(crate) struct Follower {
    feed: Feed,
    stand: Mutex<Stand>,
    rounds: AtomicU32,
}

/// A place in the ledger.
struct Stand {
    position: i64,
    /// The hash of the entry there, which stands for all before it; not known of one that this program does not understand.
    hash: Option<String>,
}

impl Follower {
    /// Follows from the last entry on.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub(crate) async fn begin(db: &Db, feed: Feed) -> Result<Self, AppError> {
        let stand = Stand {
            position: ledger::last_position(db).await?,
            hash: None,
        };
        Ok(Self {
            feed,
            stand: Mutex::new(stand),
            rounds: AtomicU32::new(0),
        })
    }

    /// Hands on what was numbered since; it is read where others numbered some of it. What this program does not
    /// understand is passed over, and said once, because nobody comes past it again.
    pub(crate) async fn feed_on(&self, db: &Db, numbered: Vec<Numbered>) -> Result<(), AppError> {
        let mut rows = numbered;
        let next = self.position() + 1;
        if rows.first().is_none_or(|first| first.position != next) {
            rows = self.next_rows(db).await?;
        }
        loop {
            metrics::counter!(telemetry::FEED_EVENTS).increment(rows.len() as u64);
            let is_all = rows.len() < ledger::ROUND;
            for row in rows {
                let hash = row.event.as_ref().and_then(|event| event.hash.clone());
                self.stand_at(row.position, hash);
                if let Some(event) = row.event {
                    self.feed.publish(event);
                    continue;
                }
                tracing::warn!(
                    position = row.position,
                    "an entry of the ledger is not understood, and nobody here is told of it: a newer lianshen wrote it, or somebody changed it; `lianshen audit verify` says why"
                );
            }
            if is_all {
                return Ok(());
            }
            rows = self.next_rows(db).await?;
        }
    }

    /// Looks now and then whether the entry at which it stands is still there. It is not where another database took over that
    /// had not all of it, or an earlier one was restored: then it goes back, or what is numbered next would be passed over.
    /// Rather too much is told than too little.
    pub(crate) async fn look_back(&self, db: &Db) -> Result<(), AppError> {
        let round = self.rounds.fetch_add(1, Ordering::Relaxed);
        if !round.is_multiple_of(LOOK_BACK) {
            return Ok(());
        }
        let (position, hash) = {
            let stand = self.stand.lock().unwrap_or_else(PoisonError::into_inner);
            (stand.position, stand.hash.clone())
        };
        let mut find = event::Entity::find().filter(event::Column::Position.eq(position));
        if let Some(hash) = hash {
            find = find.filter(event::Column::Hash.eq(hash));
        }
        if position == 0 || find.count(db.reader()).await? > 0 {
            return Ok(());
        }
        let last = ledger::last_position(db).await?;
        let kept = i64::try_from(KEPT).unwrap_or(i64::MAX);
        let from = position.saturating_sub(kept).clamp(0, last);
        tracing::error!(
            position,
            last,
            "the ledger is not the one that was followed: another database took over without the last entries, or an earlier one was restored; what it holds is told anew"
        );
        self.stand_at(from, None);
        Ok(())
    }

    fn position(&self) -> i64 {
        let stand = self.stand.lock().unwrap_or_else(PoisonError::into_inner);
        stand.position
    }

    fn stand_at(&self, position: i64, hash: Option<String>) {
        let mut stand = self.stand.lock().unwrap_or_else(PoisonError::into_inner);
        *stand = Stand { position, hash };
    }

    /// What is numbered after where it stands, at most a round of it.
    async fn next_rows(&self, db: &Db) -> Result<Vec<Numbered>, AppError> {
        ledger::after(db, self.position(), ledger::ROUND as u64).await
    }
}

#[cfg(test)]
mod tests {
    use lianshen_domain::event::EventKind;
    use lianshen_entity::Coded;
    use sea_orm::IntoActiveModel as _;
    use tokio::sync::broadcast::error::RecvError;
    use uuid::Uuid;

    use super::*;
    use crate::db::{self, scratch::Scratch};

    fn event(position: i64) -> event::Model {
        event::Model {
            id: Uuid::nil(),
            application_id: None,
            case_id: None,
            review_id: None,
            region: "330100".to_owned(),
            kind: Coded(EventKind::AccountCreated),
            department: None,
            public: false,
            happened_at: chrono::DateTime::UNIX_EPOCH,
            entered_at: chrono::DateTime::UNIX_EPOCH,
            actor: None,
            actor_role: None,
            detail: serde_json::json!({}),
            position: Some(position),
            hash: None,
        }
    }

    #[tokio::test]
    async fn every_listener_hears_in_order() {
        let feed = Feed::new(4);
        feed.publish(event(1));
        let (mut one, mut two) = (feed.subscribe(), feed.subscribe());
        feed.publish(event(2));
        feed.publish(event(3));
        for listener in [&mut one, &mut two] {
            assert_eq!(listener.recv().await.unwrap().position, Some(2));
            assert_eq!(listener.recv().await.unwrap().position, Some(3));
        }
    }

    #[tokio::test]
    async fn who_is_behind_is_told_and_goes_on() {
        let feed = Feed::new(2);
        let mut slow = feed.subscribe();
        for position in 1..=5 {
            feed.publish(event(position));
        }
        assert!(matches!(slow.recv().await, Err(RecvError::Lagged(3))));
        assert_eq!(slow.recv().await.unwrap().position, Some(4));
    }

    /// A numbered entry of a ledger; `of` tells one ledger from another.
    async fn number(db: &Db, position: i64, of: &str) {
        let row = event::Model {
            id: Uuid::from_u128(
                u128::from(of.as_bytes()[0]) * 1_000 + u128::try_from(position).unwrap(),
            ),
            hash: Some(format!("{of}{position}")),
            ..event(position)
        };
        let put = db::write(db, async |tx| {
            event::Entity::insert(row.clone().into_active_model())
                .exec_without_returning(&tx.0)
                .await?;
            Ok(())
        });
        put.await.unwrap();
    }

    /// A standby took over that had not all of it: what is numbered there next has numbers that were told already.
    #[tokio::test]
    async fn a_ledger_that_became_another_is_told_anew() {
        let scratch = Scratch::new();
        let db = db::connect(&scratch.options()).await.unwrap();
        db.migrate().await.unwrap();
        for position in 1..=3 {
            number(&db, position, "a").await;
        }
        let feed = Feed::default();
        let mut listener = feed.subscribe();
        let follower = Follower::begin(&db, feed).await.unwrap();
        number(&db, 4, "a").await;
        follower.feed_on(&db, Vec::new()).await.unwrap();
        let mut heard = async || listener.recv().await.unwrap().hash.clone().unwrap();
        assert_eq!(heard().await, "a4");

        let lost = db::write(&db, async |tx| {
            let lost = event::Column::Position.gt(2);
            event::Entity::delete_many()
                .filter(lost)
                .exec(&tx.0)
                .await?;
            Ok(())
        });
        lost.await.unwrap();
        for position in 3..=5 {
            number(&db, position, "b").await;
        }
        for _ in 0..LOOK_BACK {
            follower.look_back(&db).await.unwrap();
        }
        follower.feed_on(&db, Vec::new()).await.unwrap();

        for expected in ["a1", "a2", "b3", "b4", "b5"] {
            assert_eq!(heard().await, expected);
        }
        db.close().await;
    }
}
