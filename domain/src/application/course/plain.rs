//! Courses of which nothing need be read from the ledger: a few days make them.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::{Course, Entry};
use crate::case::Case;
use crate::event::EventKind;
use crate::ids::CaseId;

impl Course {
    /// The course of a case of which only this is known: received, started and ended on days. It makes the same periods
    /// of decision as the events, unless more happened ([`is_eventful_for`](Self::is_eventful_for)).
    pub fn plain(
        case: CaseId,
        received_on: NaiveDate,
        started_on: NaiveDate,
        ended_on: Option<NaiveDate>,
    ) -> Self {
        let received = Entry::plain(EventKind::ApplicationReceived, None, received_on);
        let started = Entry::plain(EventKind::CaseStarted, Some(case), started_on);
        let ended = ended_on.map(|on| Entry::plain(EventKind::CaseTerminated, Some(case), on));
        Self([received, started].into_iter().chain(ended).collect())
    }

    /// The same of an application as a whole: received, accepted and concluded on days.
    pub fn plain_whole(
        received_on: NaiveDate,
        accepted_on: Option<NaiveDate>,
        concluded_on: Option<NaiveDate>,
    ) -> Self {
        let received = Entry::plain(EventKind::ApplicationReceived, None, received_on);
        let accepted = accepted_on.map(|on| Entry::plain(EventKind::ApplicationAccepted, None, on));
        let concluded =
            concluded_on.map(|on| Entry::plain(EventKind::ApplicationConcluded, None, on));
        Self(
            [Some(received), accepted, concluded]
                .into_iter()
                .flatten()
                .collect(),
        )
    }

    /// Whether more than start and decision made the clocks of a case what they are.
    pub fn is_eventful_for(&self, case: &Case) -> bool {
        let mut its_own = self
            .0
            .iter()
            .filter(|entry| entry.case.is_none_or(|id| id == case.id));
        its_own.any(|entry| {
            let moves = matches!(
                entry.kind,
                EventKind::Supplemented
                    | EventKind::SpecialProcedureBegun
                    | EventKind::CaseExtended
                    | EventKind::MaterialAsked
                    | EventKind::ReviewReturned
                    | EventKind::OpinionStale
                    | EventKind::CaseVoided
                    | EventKind::CaseReopened
            );
            let counts_later = entry.counts_on() > entry.on;
            let begins_or_ends = entry.kind == EventKind::CaseStarted || entry.ends_case();
            moves || counts_later || (begins_or_ends && entry.entered_on > entry.on)
        })
    }

    /// Whether the acceptance was entered on a later day than its own.
    pub fn accepted_late(&self) -> bool {
        let mut accepted = self.all(EventKind::ApplicationAccepted);
        accepted.any(|entry| entry.entered_on > entry.on)
    }

    /// Whether the application concluded on another day than that of the entry.
    pub fn concluded_late(&self) -> bool {
        let mut concluded = self.all(EventKind::ApplicationConcluded);
        concluded.any(|entry| entry.on != crate::calendar::local_date(entry.entered_at))
    }
}

impl Entry {
    fn plain(kind: EventKind, case: Option<CaseId>, on: NaiveDate) -> Self {
        Self {
            kind,
            case,
            on,
            entered_on: on,
            entered_at: crate::calendar::start_of(on),
            by: None,
            detail: BTreeMap::new(),
        }
    }
}
