//! A legal period: a number and its unit, never one without the other.

use chrono::{Months, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::calendar::{Calendar, date_of, number_of};
use crate::coded;

coded! {
    /// The unit of a period.
    ///
    /// 行政许可法 Art. 82 makes the periods of that law working days; other acts write units of their own, so the
    /// item states it and nothing guesses.
    pub enum Unit {
        /// 工作日: days on which the office works.
        Workday = "WORKDAY",
        /// 日: every day; a last day that is not worked rolls to the next working day (民法典 Art. 203(1)).
        CalendarDay = "CALENDAR_DAY",
        /// 月: to the corresponding day, else the end of the month (民法典 Art. 202); rolls like calendar days.
        Month = "MONTH",
        /// 年: twelve months.
        Year = "YEAR",
    }
}

coded! {
    /// The event from which a statutory period runs.
    pub enum Anchor {
        /// 受理之日: the date on the receipt of acceptance.
        Accepted = "ACCEPTED",
        /// 收到申请之日: the day on which the material was received.
        Received = "RECEIVED",
    }
}

impl Unit {
    /// The unit in which days are charged, left over and extended: working days, or calendar days for all others.
    pub fn counted_in(self) -> Self {
        match self {
            Self::Workday => Self::Workday,
            Self::CalendarDay | Self::Month | Self::Year => Self::CalendarDay,
        }
    }
}

/// A period, such as 20 working days. Periods of unlike units are never added: there is no sum of two periods,
///
/// ```compile_fail,E0369
/// # use lianshen_domain::clock::Limit;
/// let sum = Limit::workdays(20) + Limit::calendar_days(10);
/// ```
///
/// and an [`Extension`](super::Extension) has no unit but that of its clock:
///
/// ```compile_fail,E0308
/// # use chrono::NaiveDate;
/// # use lianshen_domain::clock::{Clock, Limit};
/// Clock::new(NaiveDate::MIN, Limit::workdays(20)).extended(NaiveDate::MIN, Limit::calendar_days(10));
/// ```
///
/// ```
/// # use chrono::NaiveDate;
/// # use lianshen_domain::clock::{Clock, Limit};
/// Clock::new(NaiveDate::MIN, Limit::workdays(20)).extended(NaiveDate::MIN, 10);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// How many; 0 is an immediate case (即办件), due on the day on which it starts.
    pub n: u32,
    /// Of what.
    pub unit: Unit,
}

impl Limit {
    /// `n` working days.
    pub const fn workdays(n: u32) -> Self {
        Self {
            n,
            unit: Unit::Workday,
        }
    }

    /// `n` calendar days.
    pub const fn calendar_days(n: u32) -> Self {
        Self {
            n,
            unit: Unit::CalendarDay,
        }
    }

    /// `n` months.
    pub const fn months(n: u32) -> Self {
        Self {
            n,
            unit: Unit::Month,
        }
    }

    /// `n` years.
    pub const fn years(n: u32) -> Self {
        Self {
            n,
            unit: Unit::Year,
        }
    }

    /// The days charged by a period that starts at `anchor`, in the unit of [`Unit::counted_in`].
    ///
    /// Months become the calendar days from `anchor` to the corresponding day; beyond the range of dates they end
    /// at its end.
    pub fn days_from(self, anchor: NaiveDate) -> i64 {
        let months = match self.unit {
            Unit::Workday | Unit::CalendarDay => return i64::from(self.n),
            Unit::Month => self.n,
            Unit::Year => self.n.saturating_mul(12),
        };
        let end = anchor
            .checked_add_months(Months::new(months))
            .unwrap_or(NaiveDate::MAX);
        number_of(end) - number_of(anchor)
    }

    /// The last day on which an act is in time that must be done this long *before* `event`.
    ///
    /// Working days are counted back from the event, itself not counted (the notice of a hearing, 行政许可法
    /// Art. 48(1)). Calendar days and months are not rolled: a later day would be too late, an earlier one a
    /// shorter right (renewal, Art. 50).
    pub fn latest_before(self, event: NaiveDate, calendar: &Calendar) -> NaiveDate {
        let months = match self.unit {
            Unit::Workday => return calendar.subtract_workdays(event, self.n),
            Unit::CalendarDay => return date_of(number_of(event) - i64::from(self.n)),
            Unit::Month => self.n,
            Unit::Year => self.n.saturating_mul(12),
        };
        event
            .checked_sub_months(Months::new(months))
            .unwrap_or(NaiveDate::MIN)
    }

    /// About how many working days this is, to compare chains of limits of different units.
    /// A plan for people, never a deadline: deadlines come from the calendar.
    pub fn about_workdays(self) -> u32 {
        match self.unit {
            Unit::Workday => self.n,
            Unit::CalendarDay => self.n.saturating_mul(5).div_ceil(7),
            Unit::Month => self.n.saturating_mul(21),
            Unit::Year => self.n.saturating_mul(250),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_units_are_brought_to_working_days() {
        let about = |n, unit| Limit { n, unit }.about_workdays();
        assert_eq!(about(20, Unit::Workday), 20);
        assert_eq!(about(7, Unit::CalendarDay), 5);
        assert_eq!(about(60, Unit::CalendarDay), 43);
        assert_eq!(about(3, Unit::Month), 63);
        assert_eq!(about(u32::MAX, Unit::Year), u32::MAX);
    }

    #[test]
    fn a_limit_is_stored_by_its_codes() {
        let limit = Limit {
            n: 45,
            unit: Unit::Workday,
        };
        let text = serde_json::to_string(&limit).unwrap();
        assert_eq!(text, r#"{"n":45,"unit":"WORKDAY"}"#);
        assert_eq!(serde_json::from_str::<Limit>(&text).unwrap(), limit);
        assert!(serde_json::from_str::<Limit>(r#"{"n":1,"unit":"FORTNIGHT"}"#).is_err());
    }
}
