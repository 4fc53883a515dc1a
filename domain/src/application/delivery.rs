//! Handing over results: all of them with the end of the application, or some before the others are there; and the period
//! for it.
//!
//! A decision is handed over within ten working days (行政许可法 第四十四条), whatever the other cases of the application
//! are waiting for. So each decision has a period of its own, and handing over everything at once (统一出件) stops all of
//! them. The decisions of an application from before that was so have one together, which begins with the end of the last
//! case, and they keep it.

use chrono::NaiveDate;

use super::when::expect_after;
use super::{
    ApplicationOutcome, ApplicationState, Course, Entry, File, FileClock, Moment, Rules, When,
    wrong_state,
};
use crate::case::{Case, DELIVERY, DELIVERY_BY_CASE};
use crate::clock::{Act, ActKind, ClockKind, Terms, run};
use crate::code::Code as _;
use crate::event::{EventKind, Happening};
use crate::ids::CaseId;
use crate::rejected::{Reason, Rejected};
use crate::review::Outcome;

/// The argument that names cases.
const ONLY_CASES: &str = "onlyCaseIds";

impl File {
    /// Delivers all results at once and closes the application (统一出件).
    ///
    /// # Errors
    /// `WrongState` before the last case ended; `PaperOwed`; `ActOutOfOrder` for a day before that.
    pub fn deliver(&mut self, when: When) -> Result<Outcome<Vec<Happening>>, Rejected> {
        match self.application.state {
            // One in which nothing was decided closed without a delivery.
            ApplicationState::Closed if self.cases.iter().any(Case::was_decided) => {
                return Ok(Outcome::Unchanged);
            }
            _ => self.expect_concluded(when)?,
        }
        self.expect_no_paper_owed(|_| true)?;
        let delivered = Happening::of_application(EventKind::ResultsDelivered).dated(when.on);
        Ok(Outcome::Done(vec![delivered, self.close(when.at)]))
    }

    /// Delivers the results of some cases, whether the others have any yet or not. With the last result of a concluded
    /// application it closes. What was handed over before is not handed over again.
    ///
    /// # Errors
    /// `NotFound` for a case of another application; `WrongState` for one that has no result; `PaperOwed`; `ActOutOfOrder`
    /// for a day before the decision.
    pub fn deliver_some(
        &mut self,
        cases: &[CaseId],
        when: When,
    ) -> Result<Outcome<Vec<Happening>>, Rejected> {
        let waiting = self.waiting(cases, when.on)?;
        if waiting.is_empty() {
            return Ok(Outcome::Unchanged);
        }
        let mut happenings = Vec::new();
        for id in waiting {
            let case = self.case_mut(id)?;
            case.close();
            happenings.push(case.happening(EventKind::CaseDelivered).dated(when.on));
        }
        if self.application.state == ApplicationState::Concluded && !self.has_results_waiting() {
            happenings.push(self.close(when.at));
        } else {
            self.application.version += 1;
        }
        Ok(Outcome::Done(happenings))
    }

    /// Records that the results are ready and that the applicant was told; the periods for delivery stop.
    ///
    /// # Errors
    /// `WrongState` unless the results wait to be delivered; `PaperOwed`; `ActOutOfOrder`.
    pub fn announce_results(&self, when: When) -> Result<Outcome<Vec<Happening>>, Rejected> {
        self.expect_concluded(when)?;
        self.expect_no_paper_owed(|_| true)?;
        let ready = EventKind::ResultsReady;
        if self.course.has_since_reopening(ready) {
            return Ok(Outcome::Unchanged);
        }
        Ok(Outcome::Done(vec![
            Happening::of_application(ready).dated(when.on),
        ]))
    }

    /// The same for the results of some cases.
    ///
    /// # Errors
    /// As [`File::deliver_some`].
    pub fn announce_some(
        &self,
        cases: &[CaseId],
        when: When,
    ) -> Result<Outcome<Vec<Happening>>, Rejected> {
        let waiting = self.waiting(cases, when.on)?;
        let untold = waiting.iter().filter(|id| !self.course.was_told(**id));
        Ok(self.noted(untold, EventKind::CaseReady, when.on))
    }

    /// Records that an attempt to deliver failed (送达未果); the periods run on.
    ///
    /// # Errors
    /// `WrongState` unless the results wait to be delivered; `ActOutOfOrder`.
    pub fn fail_delivery(&self, when: When) -> Result<Outcome<Vec<Happening>>, Rejected> {
        self.expect_concluded(when)?;
        let failed = Happening::of_application(EventKind::DeliveryFailed).dated(when.on);
        Ok(Outcome::Done(vec![failed]))
    }

    /// The same for the results of some cases; of those that were handed over nothing can fail any more.
    ///
    /// # Errors
    /// As [`File::deliver_some`].
    pub fn fail_to_deliver_some(
        &self,
        cases: &[CaseId],
        when: When,
    ) -> Result<Outcome<Vec<Happening>>, Rejected> {
        let waiting = self.waiting(cases, when.on)?;
        Ok(self.noted(waiting.iter(), EventKind::DeliveryFailed, when.on))
    }

    /// The cases whose papers have not been handed over: what was decided, and what was terminated. Of what was withdrawn,
    /// not accepted or voided there is nothing to hand over.
    pub fn to_hand_over(&self) -> impl Iterator<Item = &Case> {
        self.cases.iter().filter(|case| case.closes_with_delivery())
    }

    /// Whether a result waits to be handed over.
    pub(super) fn has_results_waiting(&self) -> bool {
        self.cases.iter().any(Case::has_result_waiting)
    }

    /// Closes the application, and with it what it hands over or has handed over.
    pub(super) fn close(&mut self, at: Moment) -> Happening {
        self.application.state = ApplicationState::Closed;
        self.application.closed_at = Some(at.now);
        self.application.version += 1;
        self.cases.iter_mut().for_each(Case::close);
        Happening::of_application(EventKind::ApplicationClosed)
    }

    /// Whether every result that waits has a period of its own. What ended just now has, and is not on record yet.
    pub(super) fn is_delivered_by_case(&self) -> bool {
        let mut waiting = self.cases.iter().filter(|case| case.has_result_waiting());
        waiting.all(|case| {
            let mut since = self.course.since_it_went_on(case.id);
            let end = since.find(|entry| entry.ends_case());
            end.is_none_or(Entry::is_delivered_by_case)
        })
    }

    /// The periods in which the result of a case is handed over, or those of the application as a whole.
    pub(super) fn delivery_clocks(
        &self,
        case: Option<CaseId>,
        rules: &dyn Rules,
    ) -> Vec<FileClock> {
        let acts = self.course.delivery_acts(case);
        let terms = Terms::new(rules.conventions().clone());
        // Windows deliver, whichever department decides.
        let calendar = rules.calendar(None);
        run(ClockKind::Delivery, &acts, &terms, &[], calendar)
            .into_iter()
            .map(|running| FileClock::made_by(&acts, running, (case, None), rules))
            .collect()
    }

    fn expect_concluded(&self, when: When) -> Result<(), Rejected> {
        match self.application.state {
            ApplicationState::Concluded => self.expect_in_order(None, when.on),
            state => Err(wrong_state(state)),
        }
    }

    /// Which of some cases wait to be handed over, each once; all others of them were.
    fn waiting(&self, cases: &[CaseId], on: NaiveDate) -> Result<Vec<CaseId>, Rejected> {
        if cases.is_empty() {
            // Nobody who names none means all.
            return Err(Reason::TextEmpty.at(ONLY_CASES));
        }
        let mut waiting = Vec::new();
        for (at, id) in cases.iter().enumerate() {
            let found = self.cases.iter().find(|case| case.id == *id);
            let path = || format!("{ONLY_CASES}.{at}");
            let case = found.ok_or_else(|| Reason::NotFound.at(&path()))?;
            if !case.was_decided() {
                let state = case.state.into();
                return Err(Reason::WrongState { state }.at(&path()));
            }
            if case.has_result_waiting() && !waiting.contains(id) {
                let decided_on = case.ending.as_ref().map(|ending| ending.on);
                expect_after(on, decided_on.unwrap_or(on))?;
                waiting.push(*id);
            }
        }
        let is_concerned = |case: &Case| waiting.contains(&case.id);
        self.expect_no_paper_owed(is_concerned)
            .map_err(|reason| reason.at(ONLY_CASES))?;
        Ok(waiting)
    }

    /// What is noted of each of some cases; where there are none, nothing was done.
    fn noted<'a>(
        &self,
        cases: impl Iterator<Item = &'a CaseId>,
        kind: EventKind,
        on: NaiveDate,
    ) -> Outcome<Vec<Happening>> {
        let found = cases.filter_map(|id| self.cases.iter().find(|case| case.id == *id));
        let noted: Vec<Happening> = found.map(|case| case.happening(kind).dated(on)).collect();
        if noted.is_empty() {
            Outcome::Unchanged
        } else {
            Outcome::Done(noted)
        }
    }
}

impl Course {
    /// Whether the applicant was told that the result of a case is ready, since it was decided.
    fn was_told(&self, case: CaseId) -> bool {
        let entries = &self.0;
        let decided = entries
            .iter()
            .rposition(|entry| entry.case == Some(case) && entry.ends_case());
        let since = &entries[decided.unwrap_or(entries.len())..];
        since.iter().any(|entry| match entry.kind {
            EventKind::CaseReady => entry.case == Some(case),
            EventKind::ResultsReady => true,
            _ => false,
        })
    }

    /// The acts that begin and end the periods for delivery: of a case, or of what has none of its own.
    fn delivery_acts(&self, case: Option<CaseId>) -> Vec<Act> {
        let concerned = self
            .0
            .iter()
            .filter(|entry| entry.case.is_none() || entry.case == case);
        concerned
            .filter_map(|entry| Some(entry.act(entry.delivery_act(case.is_some())?)))
            .collect()
    }
}

impl Entry {
    fn is_delivered_by_case(&self) -> bool {
        self.word(DELIVERY) == DELIVERY_BY_CASE
    }

    /// What it means for a period in which results are delivered.
    fn delivery_act(&self, of_case: bool) -> Option<ActKind> {
        let by_case = self.is_delivered_by_case();
        Some(match self.kind {
            EventKind::CaseReady | EventKind::ResultsReady => ActKind::Ready,
            EventKind::CaseDelivered | EventKind::ResultsDelivered => ActKind::Delivered,
            EventKind::CaseReopened => ActKind::Reopened,
            _ if self.ends_case() && by_case => ActKind::Decided,
            _ if self.ends_case() => ActKind::Terminated,
            EventKind::ApplicationReopened if !of_case => ActKind::Reopened,
            EventKind::ApplicationConcluded if !of_case && !by_case => {
                let outcome = ApplicationOutcome::from_code(self.word("outcome"));
                outcome
                    .is_none_or(ApplicationOutcome::is_decided)
                    .then_some(ActKind::Decided)?
            }
            // Closed without delivery: nothing is left to hand over.
            EventKind::ApplicationClosed if !of_case => ActKind::Terminated,
            _ => return None,
        })
    }
}
