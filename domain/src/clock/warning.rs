//! The day from which a running clock asks for attention.

use chrono::NaiveDate;

use super::ledger::Ledger;
use super::{Clock, Unit};
use crate::calendar::{Calendar, date_of};
use crate::coded;

coded! {
    /// The rule by which a warning starts.
    pub enum Warning {
        /// `TIME-01`, the promise: nine tenths of the days are charged (rounded up), or one working day is left.
        Promised = "PROMISED",
        /// `TIME-03`, the statutory period: one tenth of the days is left (rounded down), but at least one.
        Statutory = "STATUTORY",
    }
}

impl Warning {
    /// The supervision rule that raises it.
    pub fn rule(self) -> &'static str {
        match self {
            Self::Promised => "TIME-01",
            Self::Statutory => "TIME-03",
        }
    }

    /// The days that must be charged, of `total`.
    fn threshold(self, total: i64) -> i64 {
        match self {
            // total - floor(total / 10) is ceil(0.9 total), and no fraction ever rounds it wrong.
            Self::Promised => (total - total / 10).min(total - 1),
            Self::Statutory => total - (total / 10).max(1),
        }
    }
}

impl Clock {
    /// The first day on which the warning holds, by all that is recorded; never before the anchor.
    ///
    /// `None` if a suspension is open before it, or if the clock stopped before it. A period of 0 days or 1 warns on
    /// its anchor. Periods in calendar days and months warn at the latest on the last working day before the
    /// due date: a warning that comes on a rest day reaches nobody.
    pub fn warning_from(&self, calendar: &Calendar, rule: Warning) -> Option<NaiveDate> {
        let ledger = Ledger::of(self, calendar, self.stopped_on);
        let by_share = ledger.day_charging(rule.threshold(ledger.total()));
        let by_eve = match ledger.end() {
            Some(end) if self.limit.unit != Unit::Workday => Some(ledger.day_before(end.due)),
            _ => None,
        };
        let day = by_share.into_iter().chain(by_eve).min()?;
        let from = date_of(day).max(self.anchor);
        self.stopped_on
            .is_none_or(|stop| from <= stop.max(self.anchor))
            .then_some(from)
    }
}
