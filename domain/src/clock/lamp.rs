//! The lamp of a case and the stored dates that decide it.
//!
//! What the dates say on a day is one thing ([`Standing`]), the colour that a centre gives it is another
//! ([`CardModel::lamp`]). Nobody else maps one to the other, and a query over stored dates asks for standings, too.

use chrono::NaiveDate;

use super::{Clock, Warnings};
use crate::calendar::Calendar;
use crate::coded;

coded! {
    /// The colour that a case shows. Where cards are sanctions (the default) an alert comes before yellow; where colours
    /// warn, yellow comes before the limit and red after it.
    pub enum Lamp {
        /// No clock runs towards a date: none has started, or it is suspended and nothing was near.
        Off = "OFF",
        /// In time.
        Green = "GREEN",
        /// A due date is near (`TIME-01`, `TIME-03`); not where colours warn.
        Alert = "ALERT",
        /// The promise has passed (`TIME-02`); where colours warn, a due date is near.
        Yellow = "YELLOW",
        /// The statutory or the joint period has passed (`TIME-04`); where colours warn, also the promise.
        Red = "RED",
    }
}

coded! {
    /// What the colours mean; centres differ.
    #[derive(Default)]
    pub enum CardModel {
        /// A card is a sanction for what was late; before it comes an alert (梅州, 中山).
        #[default]
        SanctionCards = "SANCTION_CARDS",
        /// Yellow warns before the limit, red says that it passed (成都, 榆林).
        WarningColours = "WARNING_COLOURS",
    }
}

coded! {
    /// What the dates of a case say on a day. One holds, and the graver before the other.
    pub enum Standing {
        /// There is no date.
        Undated = "UNDATED",
        /// In time.
        InTime = "IN_TIME",
        /// A due date is near.
        Near = "NEAR",
        /// The promise has passed, the statutory period has not.
        PromisePassed = "PROMISE_PASSED",
        /// The statutory or the joint period has passed.
        StatutePassed = "STATUTE_PASSED",
    }
}

impl CardModel {
    /// The colour of a standing.
    pub fn lamp(self, standing: Standing) -> Lamp {
        match (self, standing) {
            (_, Standing::Undated) => Lamp::Off,
            (_, Standing::InTime) => Lamp::Green,
            (Self::SanctionCards, Standing::Near) => Lamp::Alert,
            (Self::SanctionCards, Standing::PromisePassed)
            | (Self::WarningColours, Standing::Near) => Lamp::Yellow,
            (Self::SanctionCards, Standing::StatutePassed)
            | (Self::WarningColours, Standing::PromisePassed | Standing::StatutePassed) => {
                Lamp::Red
            }
        }
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
    pub fn of(
        promised: Option<&Clock>,
        statutory: Option<&Clock>,
        calendar: &Calendar,
        warnings: Warnings,
    ) -> Self {
        let alert = |clock: Option<&Clock>, warning| {
            clock
                .filter(|clock| clock.stopped_on.is_none())
                .and_then(|clock| clock.warning_from(calendar, warning))
        };
        let alerts = [
            alert(promised, warnings.promised),
            alert(statutory, warnings.statutory),
        ];
        Self {
            alert_on: alerts.into_iter().flatten().min(),
            promised_due_on: promised.and_then(|clock| clock.due_on(calendar)),
            statutory_due_on: statutory.and_then(|clock| clock.due_on(calendar)),
        }
    }

    /// What the dates say on `day`. After the clocks have stopped, ask with the day on which they did.
    pub fn standing(&self, day: NaiveDate) -> Standing {
        let passed = |due: Option<NaiveDate>| due.is_some_and(|due| due < day);
        if passed(self.statutory_due_on) {
            Standing::StatutePassed
        } else if passed(self.promised_due_on) {
            Standing::PromisePassed
        } else if self.alert_on.is_some_and(|alert| alert <= day) {
            Standing::Near
        } else if self.promised_due_on.is_some() || self.statutory_due_on.is_some() {
            Standing::InTime
        } else {
            Standing::Undated
        }
    }

    /// What stays after the clocks stopped on `day`: closed in time is in time for ever, closed late is late for ever. A
    /// warning never outlives the case, and a case closed during a suspension was closed in time.
    pub fn settled(&self, day: NaiveDate) -> Standing {
        match self.standing(day) {
            Standing::Undated | Standing::Near => Standing::InTime,
            standing => standing,
        }
    }

    /// What the dates of something say on a day, whether it ended on some day or has not; what never started has none.
    pub fn shown(&self, is_started: bool, ended_on: Option<NaiveDate>, day: NaiveDate) -> Standing {
        match ended_on {
            Some(_) if !is_started => Standing::Undated,
            Some(ended_on) => self.settled(ended_on),
            None => self.standing(day),
        }
    }

    /// The first day after `day` on which they say something else, if nothing happens.
    pub fn next_change_after(&self, day: NaiveDate) -> Option<NaiveDate> {
        let day_after = |due: Option<NaiveDate>| due.and_then(|due| due.succ_opt());
        let changes = [
            self.alert_on,
            day_after(self.promised_due_on),
            day_after(self.statutory_due_on),
        ];
        let now = self.standing(day);
        changes
            .into_iter()
            .flatten()
            .filter(|change| *change > day && self.standing(*change) != now)
            .min()
    }
}
