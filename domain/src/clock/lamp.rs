//! The lamp of a case and the stored dates that decide it.

use chrono::NaiveDate;

use super::{Clock, Warning};
use crate::calendar::Calendar;
use crate::coded;

coded! {
    /// The colour that a case shows: a card is a sanction, the alert before it is none.
    pub enum Lamp {
        /// No clock runs towards a date: none has started, or it is suspended and nothing was near.
        Off = "OFF",
        /// In time.
        Green = "GREEN",
        /// A due date is near (`TIME-01`, `TIME-03`).
        Alert = "ALERT",
        /// The promise has passed (`TIME-02`).
        Yellow = "YELLOW",
        /// The statutory or the joint period has passed (`TIME-04`).
        Red = "RED",
    }
}

/// The dates that decide the lamp on any day, fit to be stored and compared in the database.
///
/// They hold until something happens to the case or a holiday notice comes; then they are made anew.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LampDates {
    /// The first day on which a warning holds; `None` after the clocks have stopped.
    pub alert_on: Option<NaiveDate>,
    /// The last day on which the promise is kept.
    pub promised_due_on: Option<NaiveDate>,
    /// The last day of the statutory (or joint) period.
    pub statutory_due_on: Option<NaiveDate>,
}

impl LampDates {
    /// The dates of a case by its two clocks.
    ///
    /// A clock that has stopped gives its due date but no alert: an alert goes away with its cause, a card does not.
    pub fn of(promised: Option<&Clock>, statutory: Option<&Clock>, calendar: &Calendar) -> Self {
        let alert = |clock: Option<&Clock>, rule| {
            clock
                .filter(|clock| clock.stopped_on.is_none())
                .and_then(|clock| clock.warning_from(calendar, rule))
        };
        let alerts = [
            alert(promised, Warning::Promised),
            alert(statutory, Warning::Statutory),
        ];
        Self {
            alert_on: alerts.into_iter().flatten().min(),
            promised_due_on: promised.and_then(|clock| clock.due_on(calendar)),
            statutory_due_on: statutory.and_then(|clock| clock.due_on(calendar)),
        }
    }

    /// The lamp on `day`. After the clocks have stopped, ask with the day on which they did.
    pub fn lamp(&self, day: NaiveDate) -> Lamp {
        let passed = |due: Option<NaiveDate>| due.is_some_and(|due| due < day);
        if passed(self.statutory_due_on) {
            Lamp::Red
        } else if passed(self.promised_due_on) {
            Lamp::Yellow
        } else if self.alert_on.is_some_and(|alert| alert <= day) {
            Lamp::Alert
        } else if self.promised_due_on.is_some() || self.statutory_due_on.is_some() {
            Lamp::Green
        } else {
            Lamp::Off
        }
    }

    /// The lamp that stays after the clocks stopped on `day`: closed in time is green for ever, closed late keeps its
    /// colour for ever. An alert never outlives the case, and a case closed during a suspension was closed in time.
    pub fn settled(&self, day: NaiveDate) -> Lamp {
        match self.lamp(day) {
            Lamp::Off | Lamp::Alert => Lamp::Green,
            lamp => lamp,
        }
    }

    /// The lamp of what ended on a day, or has not ended; what never started shows none.
    pub fn shown(&self, is_started: bool, ended_on: Option<NaiveDate>, day: NaiveDate) -> Lamp {
        match ended_on {
            Some(_) if !is_started => Lamp::Off,
            Some(ended_on) => self.settled(ended_on),
            None => self.lamp(day),
        }
    }

    /// The first day after `day` on which the lamp shows something else, if nothing happens.
    pub fn next_change_after(&self, day: NaiveDate) -> Option<NaiveDate> {
        let day_after = |due: Option<NaiveDate>| due.and_then(|due| due.succ_opt());
        let changes = [
            self.alert_on,
            day_after(self.promised_due_on),
            day_after(self.statutory_due_on),
        ];
        let now = self.lamp(day);
        changes
            .into_iter()
            .flatten()
            .filter(|change| *change > day && self.lamp(*change) != now)
            .min()
    }
}
