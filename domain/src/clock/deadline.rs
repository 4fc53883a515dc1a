//! What a clock says on a day.

use chrono::NaiveDate;

use super::ledger::{End, Ledger};
use super::{Clock, Unit};
use crate::calendar::{Calendar, date_of, number_of};
use crate::coded;

coded! {
    /// What a clock is doing on a day.
    pub enum ClockState {
        /// The day lies before the anchor.
        NotStarted = "NOT_STARTED",
        /// Days are being charged and the due date has not passed.
        Running = "RUNNING",
        /// A special procedure is open; no day is charged and there is no due date.
        Suspended = "SUSPENDED",
        /// The due date has passed.
        Overdue = "OVERDUE",
        /// The act for which the clock waited was done, in time or not.
        Stopped = "STOPPED",
    }
}

/// A clock read on one day, by what was known on that day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deadline {
    /// The last day in time (it ends at 24:00); `None` while a suspension is open.
    pub due_on: Option<NaiveDate>,
    /// The due date, or while suspended the one it would have if the clock resumed on this day.
    pub projected_on: NaiveDate,
    /// The days left after this day: 0 on the due date, then negative by the days overdue. It stands still while
    /// the clock is suspended or stopped.
    ///
    /// The calendar days of a rolled due date are days left like others; while suspended nothing is rolled yet.
    pub remaining: i64,
    /// Working days or calendar days (for months and years, too).
    pub remaining_unit: Unit,
    /// The days charged from the anchor to this day or to the stop, in the same unit.
    pub elapsed: i64,
    /// What the clock is doing.
    pub state: ClockState,
    /// The due date had passed on this day, or when the clock stopped. It is so from the day after the due date,
    /// worked or not, because a period ends with its last day.
    pub overdue: bool,
    /// The date rests on a year without a holiday notice and may move when the notice comes.
    pub provisional: bool,
    /// When the extensions were approved that came after the due date and so have no effect.
    pub late_extensions: Vec<NaiveDate>,
    /// When the suspensions began that were entered after the due date and so have no effect.
    pub late_suspensions: Vec<NaiveDate>,
}

/// How much of a period is used up, in its unit (working days or calendar days).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Charged {
    /// The days charged; more than the total when it has passed.
    pub days: i64,
    /// The days of the limit and of all extensions that took effect.
    pub total: i64,
}

impl Clock {
    /// Reads the clock on `today`.
    ///
    /// Only what was known on that day is read: a suspension that starts later is not yet there, one that ends later
    /// is still open, a later extension is not yet approved. So the same call answers for any day in the past.
    pub fn deadline(&self, calendar: &Calendar, today: NaiveDate) -> Deadline {
        let stopped = self.stopped_on.filter(|stop| *stop <= today);
        let read_on = stopped.unwrap_or(today);
        let ledger = Ledger::of(self, calendar, Some(read_on));
        let end = ledger.end();
        let day = number_of(read_on);
        let remaining = remaining(&ledger, end, day);
        let elapsed = elapsed(&ledger, end, day);
        let projected = end.or_else(|| ledger.resumed_on(self, read_on).end());
        let overdue = end.is_some_and(|end| day > end.due);

        let state = match end {
            _ if stopped.is_some() => ClockState::Stopped,
            _ if read_on < self.anchor => ClockState::NotStarted,
            None => ClockState::Suspended,
            Some(_) if overdue => ClockState::Overdue,
            Some(_) => ClockState::Running,
        };
        let provisional = projected.is_some_and(|end| self.is_provisional(calendar, end));
        let (late_extensions, late_suspensions) = ledger.into_late();
        Deadline {
            due_on: end.map(|end| date_of(end.due)),
            projected_on: projected.map_or(NaiveDate::MAX, |end| date_of(end.due)),
            remaining,
            remaining_unit: self.limit.unit.counted_in(),
            elapsed,
            state,
            overdue,
            provisional,
            late_extensions,
            late_suspensions,
        }
    }

    /// The due date by all that is recorded, whenever it happened; `None` while a suspension is open.
    ///
    /// Once the clock has stopped, only what was known on that day counts.
    pub fn due_on(&self, calendar: &Calendar) -> Option<NaiveDate> {
        Ledger::of(self, calendar, self.stopped_on)
            .end()
            .map(|end| date_of(end.due))
    }

    /// The days charged by the end of `day`, by all that is recorded.
    ///
    /// Once the clock has stopped, only what was known on that day counts, and no day after it is charged.
    pub fn charged_on(&self, calendar: &Calendar, day: NaiveDate) -> Charged {
        let ledger = Ledger::of(self, calendar, self.stopped_on);
        let day = self.stopped_on.map_or(day, |stop| day.min(stop));
        Charged {
            days: elapsed(&ledger, ledger.end(), number_of(day)),
            total: ledger.total(),
        }
    }

    /// Working days rest on the notices of all years they run through, calendar days only on that of their end.
    fn is_provisional(&self, calendar: &Calendar, end: End) -> bool {
        let anchor = number_of(self.anchor);
        if end.due <= anchor {
            return false;
        }
        let first = if self.limit.unit == Unit::Workday {
            anchor + 1
        } else {
            end.last_charged
        };
        calendar.is_any_provisional(date_of(first), date_of(end.due))
    }
}

/// A suspension that would exclude only days after the last charged one does not touch the clock any more.
fn remaining(ledger: &Ledger, end: Option<End>, day: i64) -> i64 {
    match end {
        None => ledger.total() - ledger.charged(day),
        Some(end) if day < end.last_charged => {
            ledger.total() - ledger.charged(day) + (end.due - end.last_charged)
        }
        Some(end) => ledger.count(day, end.due),
    }
}

fn elapsed(ledger: &Ledger, end: Option<End>, day: i64) -> i64 {
    match end {
        Some(end) if day >= end.last_charged => {
            ledger.total() + ledger.count(end.last_charged, day)
        }
        _ => ledger.charged(day),
    }
}
