//! A read replica (只读副本): a streaming standby of the same PostgreSQL, for reading only.
//!
//! **Invariant.** A request reads from the replica only once that has replayed everything that was committed when the
//! request began. So nobody reads less than what was acknowledged before, to whomever and by whichever server: the rule
//! needs no memory of who wrote. The price is one small question to the primary. What a request reads after it has
//! written itself it reads from the primary.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, Statement};
use tokio::time::Instant;

use super::{Db, Reader};
use crate::error::AppError;

/// Where the primary has written to, up to the last commit that it has acknowledged.
const WRITTEN: &str = "SELECT (pg_current_wal_flush_lsn() - '0/0'::pg_lsn)::bigint AS position";

/// Up to where the replica shows it; nothing where it is none.
const REPLAYED: &str = "SELECT (pg_last_wal_replay_lsn() - '0/0'::pg_lsn)::bigint AS position \
     WHERE pg_is_in_recovery()";

/// A primary and its standbys have this in common and with nobody else.
const SYSTEM: &str = "SELECT system_identifier AS position FROM pg_control_system()";

/// The pause between two questions to a replica that is a little behind.
const STEP: Duration = Duration::from_millis(2);

/// How long a replica that was behind is not asked.
const BEHIND: Duration = Duration::from_millis(200);

/// How long one that did not answer is not asked.
const AWAY: Duration = Duration::from_secs(2);

/// How long a question to it may take.
const PATIENCE: Duration = Duration::from_millis(500);

/// Whether it follows another server, and nothing can be written to it.
const FOLLOWS: &str = "SELECT CAST(pg_is_in_recovery() AS integer)::bigint AS position";

impl Db {
    /// A handle that reads from the replica alone, however far that is behind; none where none is named.
    pub fn of_replica(&self) -> Option<Self> {
        self.replica.as_ref()?;
        Some(Self {
            apart: Some(Arc::new(AtomicBool::new(true))),
            ..self.clone()
        })
    }

    /// Whether what is read from is a standby, to which nothing can be written. SQLite has none.
    ///
    /// # Errors
    /// When it cannot be asked.
    pub async fn is_standby(&self) -> Result<bool, AppError> {
        if self.engine() != DbBackend::Postgres {
            return Ok(false);
        }
        Ok(ask(self.reader(), FOLLOWS).await? == Some(1))
    }
}

/// The replica, and what is known of it.
pub(super) struct Replica {
    pub(super) reader: Reader,
    /// How long a request waits for it to catch up.
    wait: Duration,
    /// Up to where it had replayed when it was last asked.
    replayed: AtomicI64,
    /// It is a standby of our primary.
    known: AtomicBool,
    not_before: Mutex<Option<Instant>>,
    /// It has been said that it is away.
    away: AtomicBool,
}

impl Replica {
    pub(super) fn new(reader: Reader, wait: Duration) -> Self {
        Self {
            reader,
            wait,
            replayed: AtomicI64::new(0),
            known: AtomicBool::new(false),
            not_before: Mutex::new(None),
            away: AtomicBool::new(false),
        }
    }

    /// Whether it shows everything that has been committed by now; waits a little for it.
    pub(super) async fn has_all(self: &Arc<Self>, primary: &DatabaseConnection) -> bool {
        if self.is_left_alone() {
            return false;
        }
        let caught_up = async {
            if !self.is_ours(primary).await? {
                return Err(not_ours());
            }
            let written = ask(primary, WRITTEN).await?.unwrap_or(i64::MAX);
            self.has(written).await
        };
        match tokio::time::timeout(PATIENCE, caught_up).await {
            Ok(Ok(true)) => {
                if self.away.swap(false, Ordering::Relaxed) {
                    tracing::info!("the replica is read from again");
                }
                true
            }
            Ok(Ok(false)) => {
                self.leave_alone(BEHIND);
                false
            }
            Ok(Err(error)) => {
                self.is_away(&error.to_string());
                false
            }
            Err(_) => {
                self.is_away("it does not answer in time");
                false
            }
        }
    }

    async fn has(&self, written: i64) -> Result<bool, AppError> {
        let until = Instant::now() + self.wait;
        loop {
            if self.replayed.load(Ordering::Acquire) >= written {
                return Ok(true);
            }
            let Some(replayed) = ask(&self.reader, REPLAYED).await? else {
                // Promoted, for example: it follows nobody any more.
                self.known.store(false, Ordering::Relaxed);
                return Err(not_ours());
            };
            self.replayed.fetch_max(replayed, Ordering::AcqRel);
            if replayed < written {
                if Instant::now() >= until {
                    return Ok(false);
                }
                tokio::time::sleep(STEP).await;
            }
        }
    }

    /// Whether it is a standby of our primary, asked until it once was.
    pub(super) async fn is_ours(&self, primary: &DatabaseConnection) -> Result<bool, AppError> {
        if self.known.load(Ordering::Relaxed) {
            return Ok(true);
        }
        let (ours, its) = (
            ask(primary, SYSTEM).await?,
            ask(&self.reader, SYSTEM).await?,
        );
        let follows = ask(&self.reader, REPLAYED).await?.is_some();
        let is_ours = ours.is_some() && ours == its && follows;
        self.known.store(is_ours, Ordering::Relaxed);
        Ok(is_ours)
    }

    fn is_left_alone(&self) -> bool {
        let not_before = self.not_before.lock();
        let not_before = not_before.unwrap_or_else(PoisonError::into_inner);
        not_before.is_some_and(|then| Instant::now() < then)
    }

    fn leave_alone(&self, pause: Duration) {
        let not_before = self.not_before.lock();
        *not_before.unwrap_or_else(PoisonError::into_inner) = Some(Instant::now() + pause);
    }

    pub(super) fn is_away(&self, why: &str) {
        self.leave_alone(AWAY);
        // What was replayed is asked for anew: another one may stand there next time.
        self.replayed.store(0, Ordering::Release);
        self.known.store(false, Ordering::Relaxed);
        if !self.away.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                why,
                "the replica cannot be read from; the primary is read instead"
            );
        }
    }
}

fn not_ours() -> AppError {
    AppError::internal("it is no standby of this database")
}

async fn ask(db: &impl ConnectionTrait, question: &str) -> Result<Option<i64>, DbErr> {
    let question = Statement::from_string(DbBackend::Postgres, question);
    let row = db.query_one_raw(question).await?;
    row.map(|row| row.try_get("", "position")).transpose()
}
