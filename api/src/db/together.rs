//! One commit for several acts, on SQLite: it has one writer, and most of what an act costs there is the flush to the disk
//! at its end. Acts that wait for the writer follow each other in one transaction, each behind a savepoint of its own, and
//! the last one commits for all.
//!
//! **Invariant.** Nobody is told that an act is done before the transaction that holds it is committed. Where one of
//! them meets a fault of the database, or is dropped half way, all of it is rolled back, since SQLite may have
//! done so already; the others then act once more, each by itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use sea_orm::{DatabaseConnection, DatabaseTransaction};
use tokio::sync::{Mutex, oneshot};

use super::{Act, begin, begin_within, bounded, carry_out, commit, roll_back};
use crate::error::{AppError, Lacking};

/// How many acts share a commit.
const MOST: usize = 64;
/// How long the first of them waits for others to act.
const LONGEST_OPEN: Duration = Duration::from_millis(25);

/// The turns of those who write.
#[derive(Clone, Default)]
pub(super) struct Together(Arc<Turns>);

#[derive(Default)]
struct Turns {
    open: Mutex<Option<Open>>,
    /// How many wait for their turn.
    waiting: AtomicUsize,
}

/// A transaction that others may join. Dropped, it is rolled back, and those who have acted in it learn that by the end of
/// their channels.
struct Open {
    tx: DatabaseTransaction,
    since: Instant,
    acted: Vec<oneshot::Sender<Result<(), Failure>>>,
}

/// Why a transaction was not committed by whoever committed for all.
#[derive(Clone)]
enum Failure {
    /// It is not known whether it was.
    Unknown(Lacking),
    Internal(String),
}

/// What became of an act.
pub(super) enum Turn {
    Done,
    /// It was rolled back through no fault of its own.
    Again,
}

impl Together {
    /// Acts when it is its turn; `alone` shares the transaction with nobody.
    pub(super) async fn write(
        &self,
        writer: &DatabaseConnection,
        act: &Act<'_>,
        alone: bool,
    ) -> Result<Turn, AppError> {
        let waits = Waits::begin(self);
        let mut turn = self.0.open.lock().await;
        waits.end();
        if alone && let Some(others) = turn.take() {
            others.commit().await;
        }
        // Whoever is dropped from here on drops the transaction.
        let Some(open) = turn.take() else {
            return match carry_out(begin(writer).await?, act).await {
                Ok(tx) if alone => commit(tx).await.map(|()| Turn::Done),
                Ok(tx) => {
                    let fate = self.go_on(&mut turn, Open::new(tx)).await;
                    drop(turn);
                    told(fate).await
                }
                Err((tx, error)) => {
                    roll_back(tx).await?;
                    Err(error)
                }
            };
        };
        match carry_out(begin_within(&open.tx).await?, act).await {
            Ok(own) => {
                bounded(own.commit()).await?;
                let fate = self.go_on(&mut turn, open).await;
                drop(turn);
                told(fate).await
            }
            Err((own, error)) if is_by_rule(&error) => {
                roll_back(own).await?;
                self.leave(&mut turn, open).await;
                Err(error)
            }
            Err((own, error)) => {
                drop(own);
                let _ = bounded(open.tx.rollback()).await;
                Err(error)
            }
        }
    }

    /// Leaves a transaction in which one has acted to whoever is next, and answers where its fate will be told.
    async fn go_on(
        &self,
        turn: &mut Option<Open>,
        mut open: Open,
    ) -> oneshot::Receiver<Result<(), Failure>> {
        let (tell, told) = oneshot::channel();
        open.acted.push(tell);
        self.leave(turn, open).await;
        told
    }

    /// Leaves a transaction to whoever is next, or commits it where nobody waits, or it has been open for long enough.
    async fn leave(&self, turn: &mut Option<Open>, open: Open) {
        let is_full = open.acted.len() >= MOST || open.since.elapsed() > LONGEST_OPEN;
        if is_full || self.is_last() {
            open.commit().await;
        } else {
            *turn = Some(open);
        }
    }

    fn is_last(&self) -> bool {
        self.0.waiting.load(Ordering::Acquire) == 0
    }
}

async fn told(fate: oneshot::Receiver<Result<(), Failure>>) -> Result<Turn, AppError> {
    match fate.await {
        Ok(Ok(())) => Ok(Turn::Done),
        Ok(Err(Failure::Unknown(what))) => Err(AppError::Unknown(what)),
        Ok(Err(Failure::Internal(fault))) => Err(AppError::internal(fault)),
        Err(_) => Ok(Turn::Again),
    }
}

/// A refusal by a rule leaves the database as it is; after any other error nobody knows.
fn is_by_rule(error: &AppError) -> bool {
    matches!(error, AppError::Rejected(_) | AppError::Unauthenticated(_))
}

impl Open {
    fn new(tx: DatabaseTransaction) -> Self {
        Self {
            tx,
            since: Instant::now(),
            acted: Vec::new(),
        }
    }

    /// Commits for all who acted, and tells them. In a task of its own: who is dropped while COMMIT is under way must not
    /// take along the answer to it, or the others would act once more on what is committed.
    async fn commit(self) {
        let committing = tokio::spawn(async move {
            let committed = commit(self.tx).await.map_err(|error| match error {
                AppError::Unknown(what) => Failure::Unknown(what),
                fault => Failure::Internal(fault.to_string()),
            });
            for tell in self.acted {
                let _ = tell.send(committed.clone());
            }
        });
        if let Err(error) = committing.await {
            tracing::error!(%error, "a commit for several acts was broken off");
        }
    }
}

/// Somebody waits. Who stops waiting may have been the one for whom a transaction was left open; then it is closed.
struct Waits<'a>(Option<&'a Together>);

impl<'a> Waits<'a> {
    fn begin(together: &'a Together) -> Self {
        together.0.waiting.fetch_add(1, Ordering::AcqRel);
        Self(Some(together))
    }

    fn end(mut self) {
        if let Some(together) = self.0.take() {
            together.0.waiting.fetch_sub(1, Ordering::AcqRel);
        }
    }
}

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        let Some(together) = self.0.take() else {
            return;
        };
        together.0.waiting.fetch_sub(1, Ordering::AcqRel);
        let together = together.clone();
        tokio::spawn(async move {
            let mut turn = together.0.open.lock().await;
            if together.is_last()
                && let Some(open) = turn.take()
            {
                open.commit().await;
            }
        });
    }
}

#[cfg(test)]
#[path = "together_tests.rs"]
mod tests;
