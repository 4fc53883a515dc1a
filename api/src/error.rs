//! What a use case may answer instead of a result.

use std::fmt;

use lianshen_domain::code::Code as _;
use lianshen_domain::rejected::{Reason, Rejected};
use sea_orm::{DbErr, RuntimeErr};

/// Why a use case did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The request was understood and refused; these are all the reasons, and nothing was written.
    #[error("refused: {}", codes(.0))]
    Rejected(Vec<Rejected>),
    /// Nobody is signed in, or no longer.
    #[error("not signed in: {}", .0.code().code())]
    Unauthenticated(Reason),
    /// A lock, a connection or a place in a queue could not be had in time; the same request may be repeated.
    #[error("busy: {0}")]
    Busy(Lacking),
    /// The database did not say whether it was written; the same request may be repeated with its idempotency key, which
    /// tells.
    #[error("not known to be done: {0}")]
    Unknown(Lacking),
    /// A fault of ours. The text is for the log, never for the caller.
    #[error("internal: {0}")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// What could not be had in time; the log names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lacking {
    /// What is published changed too often while it was read.
    Catalogue,
    /// A clock that is right: that of the database says otherwise.
    Clock,
    /// The database, or a connection to it.
    Connection,
    /// Room on the disk of the database, or leave to write there.
    Disk,
    /// All that happened: who listened did not keep up.
    Feed,
    /// A place among those whose passwords are examined.
    Hashing,
    /// The lease, which went to another server.
    Lease,
    /// A replica.
    Replica,
    /// More time.
    Time,
    /// A transaction beside those of others on the same rows.
    Transaction,
}

impl fmt::Display for Lacking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Catalogue => "catalogue",
            Self::Clock => "clock",
            Self::Connection => "connection",
            Self::Disk => "disk",
            Self::Feed => "feed",
            Self::Hashing => "password hashing",
            Self::Lease => "lease",
            Self::Replica => "replica",
            Self::Time => "time",
            Self::Transaction => "transaction",
        })
    }
}

/// The reasons as the log has them: not what they say, which may name persons.
fn codes(all: &[Rejected]) -> String {
    let codes: Vec<&str> = all.iter().map(|one| one.reason.code().code()).collect();
    codes.join(", ")
}

impl AppError {
    /// A fault of ours.
    pub fn internal(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(source.into())
    }

    /// The same, of a commit that failed: whether it was written is not known.
    pub fn of_commit(error: DbErr) -> Self {
        Self::from(error).after_commit()
    }

    /// The same, of what failed after an act was committed: nobody may be told that nothing was written.
    #[must_use]
    pub fn after_commit(self) -> Self {
        match self {
            Self::Busy(what) => Self::Unknown(what),
            other => other,
        }
    }

    /// Whether nothing can be written until somebody makes room, or lets it be written to.
    pub fn is_of_disk(&self) -> bool {
        matches!(
            self,
            Self::Busy(Lacking::Disk) | Self::Unknown(Lacking::Disk)
        )
    }

    /// Whether the same transaction may be tried again at once.
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Busy(Lacking::Transaction))
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
        let source = match &error {
            DbErr::ConnectionAcquire(_) => return Self::Busy(Lacking::Connection),
            DbErr::Conn(RuntimeErr::SqlxError(source)) if is_broken_off(source) => {
                return Self::Busy(Lacking::Connection);
            }
            DbErr::Conn(RuntimeErr::SqlxError(source))
            | DbErr::Exec(RuntimeErr::SqlxError(source))
            | DbErr::Query(RuntimeErr::SqlxError(source)) => source,
            _ => return Self::internal(error),
        };
        match trouble(source) {
            Some(what) => Self::Busy(what),
            None => Self::internal(error),
        }
    }
}

/// Who breaks off in the middle of a greeting talks nonsense, as the driver sees it.
fn is_broken_off(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Protocol(_) | sqlx::Error::Tls(_))
}

/// What passes by itself or by the hand of an operator, without a fault in the program. Nothing was written, unless it
/// befell a commit.
fn trouble(error: &sqlx::Error) -> Option<Lacking> {
    let error = match error {
        sqlx::Error::Io(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => return Some(Lacking::Connection),
        sqlx::Error::Database(error) => error,
        _ => return None,
    };
    let code = error.code()?;
    // SQLite's are numbers, of which the lowest byte says what it is about; PostgreSQL's have five characters.
    if code.len() < 5
        && let Ok(number) = code.parse::<u32>()
    {
        return match number & 0xff {
            5 | 6 => Some(Lacking::Transaction),
            // No writing (8), no reading or writing (10), no room (13), no opening (14).
            8 | 10 | 13 | 14 => Some(Lacking::Disk),
            _ => None,
        };
    }
    match code.as_ref() {
        // Serialisation failure, deadlock, lock timeout.
        "40001" | "40P01" | "55P03" => Some(Lacking::Transaction),
        // A statement that took too long, a transaction that stood still too long.
        "57014" | "25P03" => Some(Lacking::Time),
        // The server goes down or comes up, or takes nobody more.
        "57P01" | "57P02" | "57P03" | "57P05" | "53300" => Some(Lacking::Connection),
        // No room, no memory, no disk; nothing may be written, as on a standby.
        "53000" | "53100" | "53200" | "58030" | "25006" => Some(Lacking::Disk),
        other if other.starts_with("08") => Some(Lacking::Connection),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn what(error: DbErr) -> Option<Lacking> {
        match AppError::from(error) {
            AppError::Busy(what) => Some(what),
            _ => None,
        }
    }

    fn raised(code: &'static str) -> DbErr {
        #[derive(Debug)]
        struct Raised(&'static str);
        impl std::fmt::Display for Raised {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.0)
            }
        }
        impl std::error::Error for Raised {}
        impl sqlx::error::DatabaseError for Raised {
            fn message(&self) -> &str {
                self.0
            }
            fn code(&self) -> Option<std::borrow::Cow<'_, str>> {
                Some(self.0.into())
            }
            fn as_error(&self) -> &(dyn std::error::Error + Send + Sync + 'static) {
                self
            }
            fn as_error_mut(&mut self) -> &mut (dyn std::error::Error + Send + Sync + 'static) {
                self
            }
            fn into_error(self: Box<Self>) -> Box<dyn std::error::Error + Send + Sync + 'static> {
                self
            }
            fn kind(&self) -> sqlx::error::ErrorKind {
                sqlx::error::ErrorKind::Other
            }
        }
        let error = sqlx::Error::Database(Box::new(Raised(code)));
        DbErr::Query(RuntimeErr::SqlxError(error.into()))
    }

    #[test]
    fn what_passes_is_busy_and_what_is_wrong_is_a_fault() {
        for (code, expected) in [
            // SQLite: busy, locked, a snapshot that is too old; full, not written, not synced, not opened, read-only.
            ("5", Some(Lacking::Transaction)),
            ("6", Some(Lacking::Transaction)),
            ("517", Some(Lacking::Transaction)),
            ("13", Some(Lacking::Disk)),
            ("778", Some(Lacking::Disk)),
            ("1034", Some(Lacking::Disk)),
            ("14", Some(Lacking::Disk)),
            ("1032", Some(Lacking::Disk)),
            // A broken rule, and a damaged file.
            ("2067", None),
            ("11", None),
            ("40P01", Some(Lacking::Transaction)),
            ("57014", Some(Lacking::Time)),
            ("57P01", Some(Lacking::Connection)),
            ("08006", Some(Lacking::Connection)),
            ("53100", Some(Lacking::Disk)),
            ("25006", Some(Lacking::Disk)),
            ("23505", None),
            ("42P01", None),
        ] {
            assert_eq!(what(raised(code)), expected, "{code}");
        }
    }

    #[test]
    fn of_a_failed_commit_nobody_knows_whether_it_was_written() {
        assert!(matches!(
            AppError::of_commit(raised("57P01")),
            AppError::Unknown(Lacking::Connection)
        ));
        assert!(!AppError::of_commit(raised("40001")).is_retryable());
        assert!(matches!(
            AppError::of_commit(raised("23505")),
            AppError::Internal(_)
        ));
    }
}
