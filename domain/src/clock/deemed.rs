//! Acceptance by silence (行政许可法 Art. 32(1)(4)).

use chrono::NaiveDate;

use super::{Act, Clock, ClockKind, Running, Terms, run};
use crate::calendar::Calendar;

/// Acceptance by silence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deemed {
    /// The day as of which it is accepted: that of the receipt, or of the supplement, as it counts.
    pub accepted_on: NaiveDate,
    /// The last day of the acceptance check.
    pub check_due_on: NaiveDate,
    /// The day at whose beginning the acceptance is established: the one after.
    pub established_on: NaiveDate,
}

impl Running {
    /// The acceptance that silence has brought about by the beginning of `today`, if this is an acceptance check; a notice,
    /// refusal or acceptance that came later has no effect any more.
    pub fn deemed(&self, calendar: &Calendar, today: NaiveDate) -> Option<Deemed> {
        if self.kind != ClockKind::AcceptanceCheck {
            return None;
        }
        let check = Clock {
            stopped_on: None,
            ..self.clock.clone()
        };
        let check_due_on = check.due_on(calendar)?;
        let stopped_on = self.clock.stopped_on;
        let was_in_time = stopped_on.is_some_and(|stop| stop <= check_due_on);
        let established_on = check_due_on.succ_opt()?;
        (!was_in_time && established_on <= today).then_some(Deemed {
            accepted_on: check.anchor,
            check_due_on,
            established_on,
        })
    }
}

/// Whether silence has accepted by the beginning of `today`, by one calendar for all checks.
pub fn deemed_acceptance(
    acts: &[Act],
    terms: &Terms,
    calendar: &Calendar,
    today: NaiveDate,
) -> Option<Deemed> {
    let checks = run(ClockKind::AcceptanceCheck, acts, terms, &[], calendar);
    checks
        .iter()
        .find_map(|check| check.deemed(calendar, today))
}
