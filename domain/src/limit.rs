//! Limits as the catalogue prints them: a number, a unit, and the day from which it runs.

use serde::{Deserialize, Serialize};

use crate::coded;

coded! {
    /// The unit of a legal period.
    pub enum Unit {
        /// 工作日: working days without statutory holidays (行政许可法 第八十二条).
        Workday = "WORKDAY",
        /// 日: every day of the calendar.
        CalendarDay = "CALENDAR_DAY",
        /// 月: months, from date to date.
        Month = "MONTH",
        /// 年: years, from date to date.
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

/// A number of units of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Limit {
    /// How many; zero means at once.
    pub n: u32,
    /// Of what.
    pub unit: Unit,
}

impl Limit {
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
