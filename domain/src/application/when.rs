//! When an act was done, and whether it may be dated so.

use chrono::{Days, NaiveDate};

use super::{File, Moment, Rules};
use crate::actor::{Action, Actor, may};
use crate::case::Case;
use crate::event::{EventKind, Happening};
use crate::ids::CaseId;
use crate::rejected::{Reason, Rejected};

/// The instant of entry, and the day on which the act was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct When {
    /// The entry.
    pub at: Moment,
    /// The day of the act; earlier than the entry for an entry after the fact (补录).
    pub on: NaiveDate,
}

impl When {
    /// Done and entered now.
    pub fn now(at: Moment) -> Self {
        Self { at, on: at.today }
    }

    /// Dates what brought something in, and says as of which day it counts if that is not its own: what came after closing
    /// time may count as received on the next one. What is entered after the fact has no hour, and counts on its day.
    pub(super) fn brought_in(self, happening: Happening, rules: &dyn Rules) -> Happening {
        let dated = happening.dated(self.on);
        let counts_on = rules.conventions().counts_on(self.at.now);
        if self.on == self.at.today {
            counting(dated, self.on, counts_on)
        } else {
            dated
        }
    }
}

/// Says as of which day what happened counts, if that is a later one than its own.
pub(super) fn counting(happening: Happening, on: NaiveDate, counts_on: NaiveDate) -> Happening {
    if counts_on > on {
        happening.with(COUNTS_ON, counts_on.to_string())
    } else {
        happening
    }
}

/// The word of an event that names the day as of which it counts.
pub(super) const COUNTS_ON: &str = "countsOn";

impl File {
    /// That the application was received.
    pub fn receive(&self, when: When, rules: &dyn Rules) -> Happening {
        let received = Happening::of_application(EventKind::ApplicationReceived);
        when.brought_in(received, rules)
    }

    /// Dates an act. An entry after the fact is for those who may, and never heals a breach: clocks count it from the day
    /// of its entry where a period had ended by then.
    ///
    /// # Errors
    /// `ActInFuture`, `LateEntryForbidden`, `LateEntryTooOld` beyond `most_days`, `ActBeforeReceipt`.
    pub fn when(
        &self,
        actor: &Actor,
        at: Moment,
        happened_on: Option<NaiveDate>,
        most_days: u32,
    ) -> Result<When, Rejected> {
        let Some(on) = happened_on.filter(|on| *on != at.today) else {
            return Ok(When::now(at));
        };
        let refused = |reason: Reason| Err(reason.at("happenedOn"));
        if on > at.today {
            let today = at.today.to_string();
            return refused(Reason::ActInFuture { today });
        }
        if may(actor, Action::EnterLate).is_err() {
            return refused(Reason::LateEntryForbidden);
        }
        let oldest = at.today.checked_sub_days(Days::new(most_days.into()));
        if oldest.is_some_and(|oldest| on < oldest) {
            return refused(Reason::LateEntryTooOld { days: most_days });
        }
        let received = self.application.received_on;
        if on < received {
            let received = received.to_string();
            return refused(Reason::ActBeforeReceipt { received });
        }
        Ok(When { at, on })
    }

    /// Refuses an act on a case under way that is dated before its clocks began, or before it was opened again.
    pub(super) fn expect_begun(&self, case: &Case, on: NaiveDate) -> Result<(), Rejected> {
        let of = |kind: EventKind| self.course.of_case(case.id, kind);
        let begun = of(EventKind::CaseStarted).chain(of(EventKind::CaseReopened));
        let begun = begun.map(|entry| entry.on);
        begun.max().map_or(Ok(()), |begun| expect_after(on, begun))
    }

    /// Refuses an act that ends a stage and is dated before an act that led there. A case follows what was done to it and
    /// to the whole; the whole follows its own stages.
    pub(super) fn expect_in_order(
        &self,
        case: Option<CaseId>,
        on: NaiveDate,
    ) -> Result<(), Rejected> {
        let leads_here = self.course.0.iter().filter(|entry| match entry.case {
            Some(id) => case == Some(id) && OF_A_CASE.contains(&entry.kind),
            None => OF_THE_WHOLE.contains(&entry.kind),
        });
        match leads_here.map(|entry| entry.on).max() {
            Some(last) => expect_after(on, last),
            None => Ok(()),
        }
    }
}

/// The stages of the whole.
const OF_THE_WHOLE: &[EventKind] = &[
    EventKind::ApplicationReceived,
    EventKind::CorrectionNoticed,
    EventKind::Supplemented,
    EventKind::ApplicationAccepted,
    EventKind::ApplicationConcluded,
    EventKind::ApplicationReopened,
];

/// What is done to a case and cannot come after its end.
const OF_A_CASE: &[EventKind] = &[
    EventKind::CaseStarted,
    EventKind::OpinionAsked,
    EventKind::OpinionWithdrawn,
    EventKind::OpinionTacit,
    EventKind::OpinionGiven,
    EventKind::ReviewReturned,
    EventKind::OpinionStale,
    EventKind::SpecialProcedureBegun,
    EventKind::SpecialProcedureRenotified,
    EventKind::SpecialProcedureEnded,
    EventKind::CaseExtended,
    EventKind::MaterialAsked,
    EventKind::MaterialReceived,
    EventKind::MediationOpened,
    EventKind::MediationSettled,
    EventKind::MediationMinorityRecorded,
    EventKind::VoidAsked,
    EventKind::CaseReopened,
    EventKind::CaseRestored,
];

/// Refuses an act that is dated before the one that it follows.
pub(super) fn expect_after(on: NaiveDate, former: NaiveDate) -> Result<(), Rejected> {
    if on < former {
        let after = former.to_string();
        return Err(Reason::ActOutOfOrder { after }.at("happenedOn"));
    }
    Ok(())
}
