//! Other ends of a case: withdrawn, terminated, voided.

use chrono::NaiveDate;

use super::{ApplicationOutcome, ApplicationState, File, When};
use crate::actor::Actor;
use crate::case::{CaseResult, CaseState, DELIVERY, DELIVERY_BY_CASE, Ending};
use crate::code::Code as _;
use crate::event::{EventKind, Happening};
use crate::ids::CaseId;
use crate::rejected::{Reason, Rejected};

/// The licence that an application is to renew (延续).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renewal {
    /// Number of the licence.
    pub certificate: String,
    /// Its last day.
    pub expires_on: NaiveDate,
    /// Whether it was applied for early enough that silence renews it (行政许可法 第五十条); else it is an ordinary new
    /// application.
    pub in_time: bool,
}

impl Renewal {
    /// A renewal that is applied for today.
    ///
    /// # Errors
    /// `RenewalOneItem` for an application of several; `RenewalExpired` for a licence that is gone.
    pub fn try_new(
        certificate: String,
        expires_on: NaiveDate,
        items: usize,
        today: NaiveDate,
        apply_by: NaiveDate,
    ) -> Result<Self, Rejected> {
        if items > 1 {
            return Err(Reason::RenewalOneItem.at("renewal"));
        }
        if expires_on < today {
            let expired = expires_on.to_string();
            return Err(Reason::RenewalExpired { expired }.at("renewal.expiresOn"));
        }
        Ok(Self {
            certificate,
            expires_on,
            in_time: today <= apply_by,
        })
    }
}

impl File {
    /// Withdraws one case, or all that have not ended (撤回). What depends on it ends with it.
    ///
    /// # Errors
    /// `AlreadyDecided` or `WrongState` when nothing is left to withdraw; `ActOutOfOrder`; `NotFound`.
    pub fn withdraw(
        &mut self,
        case: Option<CaseId>,
        actor: &Actor,
        when: When,
    ) -> Result<Vec<Happening>, Rejected> {
        let wanted: Vec<CaseId> = if let Some(case) = case {
            let subject = self.case_mut(case)?;
            if subject.state.has_ended() {
                return Err(subject.refusal().into());
            }
            vec![case]
        } else {
            self.open_cases().map(|case| case.id).collect()
        };
        if wanted.is_empty() {
            return Err(super::wrong_state(self.application.state));
        }
        for id in &wanted {
            self.expect_in_order(Some(*id), when.on)?;
        }
        let ending = Ending {
            result: CaseResult::Withdrawn,
            reasons: None,
            by: Some(actor.account),
            at: when.at.now,
            on: when.on,
        };
        self.end_all(&wanted, &ending, when)
    }

    /// Ends a case without decision (终止): the applicant is gone, or the matter is.
    ///
    /// # Errors
    /// What [`Case::refusal`](crate::case::Case) says unless the case is under way; `ActOutOfOrder`.
    pub fn terminate(
        &mut self,
        case: CaseId,
        reasons: String,
        actor: &Actor,
        when: When,
    ) -> Result<Vec<Happening>, Rejected> {
        self.under_way(case)?;
        self.expect_in_order(Some(case), when.on)?;
        let ending = Ending {
            result: CaseResult::Terminated,
            reasons: Some(reasons),
            by: Some(actor.account),
            at: when.at.now,
            on: when.on,
        };
        self.end_all(&[case], &ending, when)
    }

    /// Asks for a mistaken record to be voided (作废); another person must confirm it.
    ///
    /// # Errors
    /// `WrongState` when it is void already.
    pub fn ask_void(&mut self, case: CaseId, when: When) -> Result<Vec<Happening>, Rejected> {
        let subject = self.case_mut(case)?;
        if subject.state == CaseState::Void {
            return Err(subject.refusal().into());
        }
        subject.version += 1;
        Ok(vec![subject.happening(EventKind::VoidAsked).dated(when.on)])
    }

    /// Confirms that a mistaken record is void. The record stays, and so does what it said before.
    ///
    /// # Errors
    /// `VoidNotAsked`, also when it was asked before the case was opened again, because that was about another record;
    /// `SecondPersonNeeded` for whoever asked; `ActOutOfOrder`; `WrongState`.
    pub fn confirm_void(
        &mut self,
        case: CaseId,
        actor: &Actor,
        when: When,
    ) -> Result<Vec<Happening>, Rejected> {
        let asked_by = self
            .course
            .since_it_went_on(case)
            .find(|entry| entry.kind == EventKind::VoidAsked)
            .map(|asked| asked.by);
        if asked_by.ok_or(Reason::VoidNotAsked)? == Some(actor.account) {
            return Err(Reason::SecondPersonNeeded.into());
        }
        let ending = Ending {
            result: CaseResult::Void,
            reasons: None,
            by: Some(actor.account),
            at: when.at.now,
            on: when.on,
        };
        self.expect_in_order(Some(case), when.on)?;
        let subject = self.case_mut(case)?;
        if subject.state == CaseState::Void {
            return Err(subject.refusal().into());
        }
        let was_open = !subject.state.has_ended();
        let mut happenings = vec![subject.end(ending).dated(when.on)];
        self.cancel_reviews(case);
        if was_open {
            happenings.extend(self.after_ending(case, when));
        } else {
            // What still waited for it waits for a grant that there never was.
            happenings.extend(self.terminate_dependants(case, when));
            happenings.extend(self.without_void(when));
        }
        Ok(happenings)
    }

    /// What became of the whole is told anew when a decision of it turns out to be void; what is left of it to hand over,
    /// if anything, is still handed over.
    fn without_void(&mut self, when: When) -> Vec<Happening> {
        if self.application.outcome.is_none() {
            return self.conclude(when);
        }
        self.tell_outcome_anew();
        self.application.version += 1;
        let is_waiting = self.application.state == ApplicationState::Concluded;
        if is_waiting && !self.has_results_waiting() {
            return vec![self.close(when.at)];
        }
        Vec::new()
    }

    /// Where the whole has an outcome, it is what the cases make it now: one may have turned out to be void.
    pub(super) fn tell_outcome_anew(&mut self) {
        if self.application.outcome.is_some() {
            self.application.outcome = Some(self.outcome());
        }
    }

    /// Ends cases in one way, with all that follows.
    pub(super) fn end_all(
        &mut self,
        cases: &[CaseId],
        ending: &Ending,
        when: When,
    ) -> Result<Vec<Happening>, Rejected> {
        let mut happenings = Vec::new();
        for id in cases {
            let subject = self.case_mut(*id)?;
            happenings.push(subject.end(ending.clone()).dated(when.on));
            self.cancel_reviews(*id);
        }
        // What time brought about counts from its own day for what follows, too: an outage of ours changes no date.
        for id in cases {
            happenings.extend(match self.cases.iter().find(|case| case.id == *id) {
                Some(case) if case.was_granted() => self.start_successors(when.on, when.on),
                _ => self.terminate_dependants(*id, when),
            });
        }
        happenings.extend(self.conclude(when));
        Ok(happenings)
    }

    /// Concludes once every case has ended, on the day on which the last of them did; the result is recomputed from the
    /// cases, never counted. Where no result waits there is nothing to deliver, and the application closes.
    pub(super) fn conclude(&mut self, when: When) -> Vec<Happening> {
        if self.open_cases().next().is_some() {
            return Vec::new();
        }
        // The end that was entered last may be dated before another.
        let ends = self.cases.iter().filter_map(|case| case.ending.as_ref());
        let last = ends.map(|ending| ending.on).max();
        let on = last.map_or(when.on, |last| last.max(when.on));
        let outcome = self.outcome();
        self.application.state = ApplicationState::Concluded;
        self.application.outcome = Some(outcome);
        self.application.concluded_at = Some(when.at.now);
        self.application.version += 1;
        let concluded = Happening::of_application(EventKind::ApplicationConcluded)
            .with("outcome", outcome.code())
            .dated(on);
        if !self.has_results_waiting() {
            return vec![concluded, self.close(when.at)];
        }
        vec![if self.is_delivered_by_case() {
            concluded.with(DELIVERY, DELIVERY_BY_CASE)
        } else {
            concluded
        }]
    }

    fn outcome(&self) -> ApplicationOutcome {
        let results = || {
            self.cases
                .iter()
                .filter_map(|case| case.ending.as_ref())
                .map(|ending| ending.result)
                .filter(|result| *result != CaseResult::Void)
        };
        let granted = results().filter(|result| result.is_granted()).count();
        let is_all = |wanted: fn(CaseResult) -> bool| results().all(wanted);
        // Where no approval is needed nothing was denied.
        let needed = results().filter(|result| *result != CaseResult::NotRequired);
        if granted > 0 && granted == needed.count() {
            ApplicationOutcome::Granted
        } else if granted > 0 {
            ApplicationOutcome::PartlyGranted
        } else if results().any(|result| result == CaseResult::Refused) {
            ApplicationOutcome::Refused
        } else if results().next().is_none() {
            ApplicationOutcome::Terminated
        } else if is_all(CaseResult::is_not_accepted) {
            ApplicationOutcome::NotAccepted
        } else if is_all(CaseResult::is_withdrawn) {
            ApplicationOutcome::Withdrawn
        } else {
            ApplicationOutcome::Terminated
        }
    }
}
