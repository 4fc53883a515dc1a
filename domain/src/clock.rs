//! Temporary.
use chrono::NaiveDate;
/// x
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct LampDates {
    /// x
    pub alert_on: Option<NaiveDate>,
    /// x
    pub promised_due_on: Option<NaiveDate>,
    /// x
    pub statutory_due_on: Option<NaiveDate>,
}
