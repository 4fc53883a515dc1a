//! Refusals: everything that the program may answer instead of doing what it was asked.
//!
//! One table holds the code, the meaning and both texts of each, so that none can be forgotten.
//! A text says what is wrong and what to do next, in words a clerk would use.

use crate::code::Code as _;

pub mod because;
mod joint_review;
mod reason;
mod table;
mod word;

pub use crate::lang::Lang;
pub use reason::{Reason, UserErrorCode};
pub use word::Word;

/// A refusal, with the place in the input that it speaks of.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", reason.code().code())]
pub struct Rejected {
    /// Why.
    pub reason: Reason,
    /// The path of the input field, outermost first; empty when no single field is to blame.
    pub field: Vec<String>,
}

impl From<Reason> for Rejected {
    fn from(reason: Reason) -> Self {
        Self {
            reason,
            field: Vec::new(),
        }
    }
}

impl Reason {
    /// The same refusal, pointing at an input field; `path` is dotted, e.g. `items.2`.
    pub fn at(self, path: &str) -> Rejected {
        Rejected {
            reason: self,
            field: path.split('.').map(str::to_owned).collect(),
        }
    }
}

/// Refuses an act that was asked for on sight of an older version; `changed` says what the thing is now.
///
/// # Errors
/// `Conflict`.
pub fn expect_version(
    expected: Option<i64>,
    actual: i64,
    changed: impl Into<Word>,
) -> Result<(), Rejected> {
    match expected {
        Some(expected) if expected != actual => Err(Reason::Conflict {
            expected,
            actual,
            changed: changed.into(),
        }
        .at("expectedVersion")),
        _ => Ok(()),
    }
}

#[cfg(test)]
use reason::{TABLE, one_of_each};

#[cfg(test)]
mod tests;
