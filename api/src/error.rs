//! What a use case may answer instead of a result.

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
    Busy(&'static str),
    /// The database did not say whether it was written; the same request may be repeated with its idempotency key, which
    /// tells.
    #[error("not known to be done: {0}")]
    Unknown(&'static str),
    /// A fault of ours. The text is for the log, never for the caller.
    #[error("internal: {0}")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
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
        matches!(self, Self::Busy("disk") | Self::Unknown("disk"))
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
        let source = match &error {
            DbErr::ConnectionAcquire(_) => return Self::Busy("connection"),
            DbErr::Conn(RuntimeErr::SqlxError(source)) if is_broken_off(source) => {
                return Self::Busy("connection");
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
fn trouble(error: &sqlx::Error) -> Option<&'static str> {
    let error = match error {
        sqlx::Error::Io(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => return Some("connection"),
        sqlx::Error::Database(error) => error,
        _ => return None,
    };
    let code = error.code()?;
    // SQLite's are numbers, of which the lowest byte says what it is about; PostgreSQL's have five characters.
    if code.len() < 5
        && let Ok(number) = code.parse::<u32>()
    {
        return match number & 0xff {
            5 | 6 => Some("transaction"),
            // No writing (8), no reading or writing (10), no room (13), no opening (14).
            8 | 10 | 13 | 14 => Some("disk"),
            _ => None,
        };
    }
    match code.as_ref() {
        // Serialisation failure, deadlock, lock timeout.
        "40001" | "40P01" | "55P03" => Some("transaction"),
        // A statement that took too long, a transaction that stood still too long.
        "57014" | "25P03" => Some("time"),
        // The server goes down or comes up, or takes nobody more.
        "57P01" | "57P02" | "57P03" | "57P05" | "53300" => Some("connection"),
        // No room, no memory, no disk; nothing may be written, as on a standby.
        "53000" | "53100" | "53200" | "58030" | "25006" => Some("disk"),
        other if other.starts_with("08") => Some("connection"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn what(error: DbErr) -> Option<&'static str> {
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
            ("5", Some("transaction")),
            ("6", Some("transaction")),
            ("517", Some("transaction")),
            ("13", Some("disk")),
            ("778", Some("disk")),
            ("1034", Some("disk")),
            ("14", Some("disk")),
            ("1032", Some("disk")),
            // A broken rule, and a damaged file.
            ("2067", None),
            ("11", None),
            ("40P01", Some("transaction")),
            ("57014", Some("time")),
            ("57P01", Some("connection")),
            ("08006", Some("connection")),
            ("53100", Some("disk")),
            ("25006", Some("disk")),
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
            AppError::Unknown("connection")
        ));
        assert!(!AppError::of_commit(raised("40001")).is_retryable());
        assert!(matches!(
            AppError::of_commit(raised("23505")),
            AppError::Internal(_)
        ));
    }
}
