//! What a use case may answer instead of a result.

use lianshen_domain::rejected::{Reason, Rejected};
use sea_orm::{DbErr, RuntimeErr};

/// Why a use case did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The request was understood and refused; these are all the reasons, and nothing was written.
    #[error("refused: {0:?}")]
    Rejected(Vec<Rejected>),
    /// Nobody is signed in, or no longer.
    #[error("not signed in: {0:?}")]
    Unauthenticated(Reason),
    /// A lock, a connection or a place in a queue could not be had in time; the same request may be repeated.
    #[error("busy: {0}")]
    Busy(&'static str),
    /// A fault of ours. The text is for the log, never for the caller.
    #[error("internal: {0}")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl AppError {
    /// A fault of ours.
    pub fn internal(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(source.into())
    }

    /// Whether the same transaction may be tried again at once.
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Busy("transaction"))
    }
}

impl From<Reason> for AppError {
    fn from(reason: Reason) -> Self {
        Self::Rejected(vec![reason.into()])
    }
}

impl From<Rejected> for AppError {
    fn from(rejected: Rejected) -> Self {
        Self::Rejected(vec![rejected])
    }
}

impl From<Vec<Rejected>> for AppError {
    fn from(rejected: Vec<Rejected>) -> Self {
        Self::Rejected(rejected)
    }
}

impl From<DbErr> for AppError {
    fn from(error: DbErr) -> Self {
        match &error {
            DbErr::ConnectionAcquire(_) => Self::Busy("connection"),
            DbErr::Conn(RuntimeErr::SqlxError(source))
            | DbErr::Exec(RuntimeErr::SqlxError(source))
            | DbErr::Query(RuntimeErr::SqlxError(source))
                if is_cut(source) =>
            {
                Self::Busy("connection")
            }
            DbErr::Exec(RuntimeErr::SqlxError(source))
            | DbErr::Query(RuntimeErr::SqlxError(source))
                if is_lost_race(source) =>
            {
                Self::Busy("transaction")
            }
            _ => Self::internal(error),
        }
    }
}

/// The connection is gone, or the server is going down or coming up; what was under way is rolled back.
fn is_cut(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => true,
        sqlx::Error::Database(error) => {
            matches!(error.code().as_deref(), Some("57P01" | "57P02" | "57P03"))
        }
        _ => false,
    }
}

/// Serialisation failure, deadlock, lock timeout on PostgreSQL; busy or locked on SQLite.
fn is_lost_race(error: &sqlx::Error) -> bool {
    let sqlx::Error::Database(error) = error else {
        return false;
    };
    matches!(
        error.code().as_deref(),
        Some("40001" | "40P01" | "55P03" | "5" | "6" | "261" | "517")
    )
}
