//! The day from which a running clock asks for attention.

use chrono::NaiveDate;

use super::ledger::Ledger;
use super::{Clock, Unit};
use crate::calendar::{Calendar, date_of};

/// When a period asks for attention: so much of it is charged, or so few days are left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Warning {
    /// Hundredths of the days that must be charged, rounded up to a day.
    charged_percent: u32,
    /// It asks in any case when so few working days are left.
    days_left: u32,
}

/// The warnings of the two periods in which a case is to be decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Warnings {
    /// `TIME-01`.
    pub promised: Warning,
    /// `TIME-03`.
    pub statutory: Warning,
}

impl Default for Warnings {
    fn default() -> Self {
        Self {
            promised: Warning::PROMISED,
            statutory: Warning::STATUTORY,
        }
    }
}

impl Warning {
    /// `TIME-01`, the promise: nine tenths of the days are charged (rounded up), or one working day is left.
    pub const PROMISED: Self = Self::charged(90, 1);
    /// `TIME-03`, the statutory period: one tenth of the days is left (rounded down), but at least one.
    pub const STATUTORY: Self = Self::left(10, 1);

    /// When so many hundredths of the days are charged (rounded up), or so many working days are left.
    pub const fn charged(percent: u32, days_left: u32) -> Self {
        Self {
            charged_percent: if percent > 100 { 100 } else { percent },
            days_left,
        }
    }

    /// When so many hundredths of the days are left (rounded down), but at least so many days.
    pub const fn left(percent: u32, days_left: u32) -> Self {
        // What is not left is charged, and rounding one down rounds the other up.
        Self::charged(100_u32.saturating_sub(percent), days_left)
    }

    /// The days that must be charged, of `total`.
    fn threshold(self, total: i64) -> i64 {
        // In whole numbers, so that no fraction ever rounds it wrong.
        let by_share = total.saturating_mul(i64::from(self.charged_percent)) + 99;
        (by_share / 100).min(total - i64::from(self.days_left))
    }
}

impl Clock {
    /// The first day on which the warning holds, by all that is recorded; never before the anchor.
    ///
    /// `None` if a suspension is open before it, or if the clock stopped before it. A period that is no longer than the
    /// days that must be left warns on its anchor. Periods in calendar days and months warn at the latest on the last
    /// working days before the due date: a warning that comes on a rest day reaches nobody.
    pub fn warning_from(&self, calendar: &Calendar, warning: Warning) -> Option<NaiveDate> {
        let ledger = Ledger::of(self, calendar, self.stopped_on);
        let by_share = ledger.day_charging(warning.threshold(ledger.total()));
        let by_eve = match ledger.end() {
            Some(end) if self.limit.unit != Unit::Workday => {
                let mut eve = end.due;
                for _ in 0..warning.days_left {
                    // Long before the anchor it makes no difference any more.
                    if eve <= crate::calendar::number_of(self.anchor) {
                        break;
                    }
                    eve = ledger.day_before(eve);
                }
                Some(eve)
            }
            _ => None,
        };
        let day = by_share.into_iter().chain(by_eve).min()?;
        let from = date_of(day).max(self.anchor);
        self.stopped_on
            .is_none_or(|stop| from <= stop.max(self.anchor))
            .then_some(from)
    }
}
