//! Clocks (时限): a legal period as a ledger of days.
//!
//! **One principle.** A day is charged to a clock if and only if the clock was running at 00:00 of that day. From it
//! follows that the day on which a clock starts is not charged (民法典 Art. 201), the day on which a suspension
//! starts is, the day on which it ends is not, and a suspension of one day excludes nothing. The due date is the
//! last charged day; in calendar days and months it rolls to a working day (民法典 Art. 203).
//!
//! A clock is made anew from what happened each time it is read; nobody edits a due date. All arithmetic is total: a
//! due date beyond the range of dates is the last date.

mod act;
mod convention;
mod deadline;
mod deemed;
mod explain;
mod joint;
mod kind;
mod lamp;
mod ledger;
mod limit;
mod pairs;
pub mod preview;
mod row;
mod run;
mod sheet;
mod suspension;
mod warning;
mod why;

#[cfg(test)]
mod tests;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

pub use act::{APPLICANT_SUPPLEMENT, Act, ActKind};
pub use convention::{Conventions, FormerConventions, Unsupplemented};
pub use deadline::{Charged, ClockState, Deadline};
pub use deemed::{Deemed, deemed_acceptance};
pub use explain::{DayRule, ExplainedDay, MOST_DAYS};
pub use joint::{Component, JointPolicy, joint_suspensions};
pub use kind::ClockKind;
pub use lamp::{CardModel, Lamp, LampDates, Standing};
pub use limit::{Anchor, Limit, Unit};
pub use row::{Approver, ClockRow, Direction, Extending, Lapse, Pauses, Phrase};
pub use run::{Running, Suspending, Terms, procedure_pauses, run};
pub use suspension::{Boundary, Interval};
pub use warning::{Warning, Warnings};
pub use why::WithoutEffect;

/// An extension (延期) as approved (行政许可法 Art. 42).
///
/// It has no unit: its days are of the clock that it extends, working days for a period in working days, calendar
/// days for all others. So one decision can never mix units within a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Extension {
    /// The day of approval. After the due date of a clock it has no effect on that clock.
    pub approved_on: NaiveDate,
    /// The days added.
    pub days: u32,
    /// The day from which it is on record, if that is a later one (补录).
    #[serde(default)]
    pub entered_on: Option<NaiveDate>,
}

impl Extension {
    /// The day from which it counts: an approval that was entered later cannot have been known before.
    pub(crate) fn known_from(&self) -> NaiveDate {
        self.entered_on.unwrap_or(self.approved_on)
    }
}

/// All that happened to one period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    /// The day of the event that starts the period, itself not charged.
    pub anchor: NaiveDate,
    /// The period.
    pub limit: Limit,
    /// Extensions, in any order. How many are lawful is for the case to say.
    pub extensions: Vec<Extension>,
    /// Suspensions, in any order; they may overlap, and a day in several of them is excluded once.
    ///
    /// One that would exclude only days after the last charged one does not touch the clock. With the default boundary this is
    /// so from a start on the due date itself: that day is charged, and no day is left to save.
    pub suspensions: Vec<Interval>,
    /// The day of the act for which the clock waits, which is still charged.
    pub stopped_on: Option<NaiveDate>,
    /// Whether the first and last days of suspensions are charged.
    pub boundary: Boundary,
    /// Whether an end in calendar days, months or years that is no working day rolls to the next.
    pub rolls: bool,
}

impl Clock {
    /// A clock that starts on `anchor` and to which nothing has happened.
    pub fn new(anchor: NaiveDate, limit: Limit) -> Self {
        Self {
            anchor,
            limit,
            extensions: Vec::new(),
            suspensions: Vec::new(),
            stopped_on: None,
            boundary: Boundary::default(),
            rolls: true,
        }
    }

    /// The clock with one more extension by `days` of its own unit.
    pub fn extended(mut self, approved_on: NaiveDate, days: u32) -> Self {
        self.extensions.push(Extension {
            approved_on,
            days,
            entered_on: None,
        });
        self
    }

    /// The clock with one more suspension.
    pub fn suspended(mut self, interval: Interval) -> Self {
        self.suspensions.push(interval);
        self
    }

    /// The clock with more suspensions, as the joint clock takes those of its components.
    pub fn suspended_by(mut self, intervals: impl IntoIterator<Item = Interval>) -> Self {
        self.suspensions.extend(intervals);
        self
    }

    /// The clock stopped on `day`.
    pub fn stopped(mut self, day: NaiveDate) -> Self {
        self.stopped_on = Some(day);
        self
    }

    /// The clock with another rule for the first and last days of suspensions.
    pub fn bounded(mut self, boundary: Boundary) -> Self {
        self.boundary = boundary;
        self
    }
}
