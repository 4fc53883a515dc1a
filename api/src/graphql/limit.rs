//! Periods.

use async_graphql::SimpleObject;
use lianshen_domain::clock;

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
