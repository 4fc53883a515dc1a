//! Periods.

use async_graphql::{InputObject, SimpleObject};
use lianshen_domain::application::LONGEST;
use lianshen_domain::clock;
use lianshen_domain::rejected::{Reason, Rejected};

use super::coded::CodeEnum;

/// A period (时限): a number and its unit.
#[derive(Clone, Copy, Debug, SimpleObject)]
pub struct Limit {
    /// How many; 0 means on the spot (即办).
    pub n: u32,
    /// Of what. Working days and calendar days are never mixed.
    pub unit: CodeEnum<clock::Unit>,
}

impl From<clock::Limit> for Limit {
    fn from(limit: clock::Limit) -> Self {
        Self {
            n: limit.n,
            unit: CodeEnum(limit.unit),
        }
    }
}

/// A period (时限) that you set.
#[derive(Clone, Copy, Debug, InputObject)]
pub struct LimitInput {
    /// How many, 1 to 3,650.
    pub n: i32,
    /// Of what.
    pub unit: CodeEnum<clock::Unit>,
}

impl LimitInput {
    /// The period.
    ///
    /// # Errors
    /// `NumberOutOfRange`.
    pub fn read(self, field: &str) -> Result<clock::Limit, Rejected> {
        Ok(clock::Limit {
            n: days(self.n, &format!("{field}.n"))?,
            unit: self.unit.0,
        })
    }
}

/// A number of days, as far as a number that is not one can be told from it; how many it may be is for the core to say.
///
/// # Errors
/// `NumberOutOfRange` for a negative one.
pub fn days(n: i32, field: &str) -> Result<u32, Rejected> {
    let max = i64::from(LONGEST);
    u32::try_from(n).map_err(|_| Reason::NumberOutOfRange { min: 1, max }.at(field))
}
