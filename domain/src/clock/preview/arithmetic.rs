//! Single dates: any clock of the table from a day, and days counted by the calendar.

use chrono::NaiveDate;

use super::{AskedLimit, LONGEST, date, limit, number};
use crate::calendar::{Calendar, date_of, number_of};
use crate::clock::{ClockKind, Conventions, Direction, Lapse, Phrase, Unit};
use crate::law::ActVersion;
use crate::rejected::{Reason, Rejected};

/// A clock of the table, asked for by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockQuestion {
    /// Which.
    pub kind: ClockKind,
    /// The day of its event: from it, or for rows that run backward up to it.
    pub on: NaiveDate,
    /// Another period than that of the law or of the centre.
    pub limit: Option<AskedLimit>,
}

/// What it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClockAnswer {
    /// Which.
    pub kind: ClockKind,
    /// The last day in time; `None` where nobody sets a period.
    pub on: Option<NaiveDate>,
    /// The first day of its lapse.
    pub lapses_on: Option<NaiveDate>,
    /// What its lapse means by the law of that day.
    pub lapse: Lapse,
    /// The text of the law in force on the day of the event.
    pub law: Option<ActVersion>,
    /// The article.
    pub article: Phrase,
    /// The date rests on a year without notice.
    pub provisional: bool,
}

impl ClockQuestion {
    /// Counts.
    ///
    /// # Errors
    /// `DateOutOfRange`, `NumberOutOfRange`.
    pub fn answer(
        &self,
        at: usize,
        conventions: &Conventions,
        calendar: &Calendar,
    ) -> Result<ClockAnswer, Vec<Rejected>> {
        let mut faults = Vec::new();
        date(self.on, &format!("clocks.{at}.on"), &mut faults);
        let asked = limit(self.limit, &format!("clocks.{at}.limit"), &mut faults);
        if !faults.is_empty() {
            return Err(faults);
        }
        let in_force = self.kind.row_on(self.on);
        // The centre decides where the law of today leaves it open; a former text is what it was.
        let is_present = in_force.row.limit == self.kind.row().limit;
        let lawful = if is_present {
            conventions.limit(self.kind)
        } else {
            in_force.row.limit
        };
        let read = asked.or(lawful).map(|limit| match in_force.row.direction {
            Direction::After => {
                let said = conventions
                    .clock(self.on, limit)
                    .deadline(calendar, self.on);
                (said.projected_on, said.provisional)
            }
            Direction::Before => {
                let latest = limit.latest_before(self.on, calendar);
                let counts = limit.unit == Unit::Workday && latest < self.on;
                (
                    latest,
                    counts && calendar.is_any_provisional(latest, self.on),
                )
            }
        });
        Ok(ClockAnswer {
            kind: self.kind,
            on: read.map(|(on, _)| on),
            lapses_on: read.and_then(|(on, _)| on.succ_opt()),
            lapse: in_force.row.on_lapse,
            law: in_force.law,
            article: in_force.row.article,
            provisional: read.is_some_and(|(_, provisional)| provisional),
        })
    }
}

/// Days counted from a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DateQuestion {
    /// The day, itself not counted.
    pub from: NaiveDate,
    /// So many working days later; earlier if negative.
    pub workdays: Option<i64>,
    /// So many calendar days later; earlier if negative.
    pub days: Option<i64>,
    /// The day through which working days are counted.
    pub to: Option<NaiveDate>,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DateAnswer {
    /// The day that was counted to.
    pub on: NaiveDate,
    /// Whether it is worked.
    pub is_workday: bool,
    /// The working days after the one day and through the other; negative if the other is earlier.
    pub workdays: i64,
    /// A year without notice was counted through.
    pub provisional: bool,
}

impl DateQuestion {
    /// Counts: working days first, then calendar days; neither if a day to count to is given.
    ///
    /// # Errors
    /// `DateOutOfRange`, `NumberOutOfRange`.
    pub fn answer(&self, at: usize, calendar: &Calendar) -> Result<DateAnswer, Vec<Rejected>> {
        let mut faults = Vec::new();
        let place = |name: &str| format!("dates.{at}.{name}");
        date(self.from, &place("from"), &mut faults);
        if let Some(to) = self.to {
            date(to, &place("to"), &mut faults);
        }
        let mut count = |asked: Option<i64>, name: &str| {
            let n = asked.unwrap_or(0);
            let is_within = number(n.saturating_abs(), 0..=LONGEST, &place(name), &mut faults);
            is_within.map(|size| (size, n < 0))
        };
        let (workdays, days) = (count(self.workdays, "workdays"), count(self.days, "days"));
        let (Some((workdays, back)), Some(_), true) = (workdays, days, faults.is_empty()) else {
            return Err(faults);
        };
        let worked = if back {
            calendar.subtract_workdays(self.from, workdays)
        } else {
            calendar.add_workdays(self.from, workdays)
        };
        let shift = self.days.unwrap_or(0).clamp(-LONGEST, LONGEST);
        let counted = date_of(number_of(worked).saturating_add(shift));
        let on = self.to.unwrap_or(counted);
        let (first, last) = (self.from.min(on), self.from.max(on));
        let between = calendar.workdays_between(first, last);
        Ok(DateAnswer {
            on,
            is_workday: calendar.is_workday(on),
            workdays: if on < self.from { -between } else { between },
            provisional: calendar.is_any_provisional(first, last),
        })
    }
}

impl ClockKind {
    /// What the first day of its lapse is called where dates stand side by side, if it has a name.
    pub fn lapse_label(self) -> Option<&'static str> {
        match self {
            Self::AcceptanceCheck => Some("deemedAcceptanceEstablishedOn"),
            Self::RenewalDecide => Some("deemedRenewedFrom"),
            Self::Opinion => Some("tacitConsentEffectiveAt00"),
            _ => None,
        }
    }
}

/// Refuses a list of questions that is too long.
///
/// # Errors
/// `ListTooLong`.
pub fn expect_few(count: usize, place: &str) -> Result<(), Rejected> {
    let max = super::MOST_QUESTIONS;
    if count > max {
        return Err(Reason::ListTooLong { max }.at(place));
    }
    Ok(())
}
