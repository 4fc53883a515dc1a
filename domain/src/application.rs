//! Applications: one submission that carries several cases, and the acts that move all of them.

use chrono::{DateTime, NaiveDate, Utc};

use crate::actor::Actor;
use crate::case::{Case, CaseDates, CaseResult, CaseState, Decision, Ending};
use crate::clock::LampDates;
use crate::code::Code as _;
use crate::coded;
use crate::event::{EventKind, Happening};
use crate::ids::{AccountId, ApplicationId, CaseId};
use crate::rejected::{Reason, Rejected};
use crate::review::{Opinion, OpinionKind, Outcome, Review, ReviewState};

coded! {
    /// Where an application stands.
    pub enum ApplicationState {
        /// 已收件: received, not yet accepted.
        Received = "RECEIVED",
        /// 联合审查: accepted; the departments are at work.
        InReview = "IN_REVIEW",
        /// 已有结果: every case has ended; the results wait to be delivered.
        Concluded = "CONCLUDED",
        /// 办结: delivered and closed.
        Closed = "CLOSED",
    }
}

coded! {
    /// What became of an application as a whole.
    pub enum ApplicationOutcome {
        /// 全部准予.
        Granted = "GRANTED",
        /// 部分准予.
        PartlyGranted = "PARTLY_GRANTED",
        /// 未予准许: nothing was granted.
        Refused = "REFUSED",
    }
}

coded! {
    /// How an application came in.
    pub enum Channel {
        /// 窗口.
        Window = "WINDOW",
        /// 网上.
        Online = "ONLINE",
    }
}

/// The instant of an act, with the local date that every clock works on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The instant.
    pub now: DateTime<Utc>,
    /// The date in Asia/Shanghai.
    pub today: NaiveDate,
}

/// One submission by one applicant through one window (申请 / 联办件).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Application {
    /// Identifier.
    pub id: ApplicationId,
    /// Where it stands.
    pub state: ApplicationState,
    /// What became of it.
    pub outcome: Option<ApplicationOutcome>,
    /// How it came in.
    pub channel: Channel,
    /// The window that handles it; an online application has none until a clerk accepts it.
    pub window: Option<String>,
    /// The day on which it was received.
    pub received_on: NaiveDate,
    /// The day of acceptance, the date on the receipt.
    pub accepted_on: Option<NaiveDate>,
    /// Who accepted it.
    pub accepted_by: Option<AccountId>,
    /// Due dates of the joint clock, for a bundle.
    pub joint: LampDates,
    /// When the last case ended.
    pub concluded_at: Option<DateTime<Utc>>,
    /// When the results were delivered and the application closed.
    pub closed_at: Option<DateTime<Utc>>,
    /// Counts the changes.
    pub version: i64,
}

/// What the clocks say when a case or the whole begins; the calendar and the items stand behind it.
pub trait ClockSetter {
    /// The dates of a case that starts today.
    fn case_dates(&self, case: &Case, received_on: NaiveDate, today: NaiveDate) -> CaseDates;

    /// The dates of the joint clock of an application that is accepted today.
    fn joint_dates(&self, today: NaiveDate) -> LampDates;
}

/// An application with all its cases and reviews: what an act needs to see to be decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// The application.
    pub application: Application,
    /// Its cases, in their order.
    pub cases: Vec<Case>,
    /// Their reviews.
    pub reviews: Vec<Review>,
}

impl File {
    /// Accepts the whole in one act (一次受理) and passes it to every department at once.
    ///
    /// # Errors
    /// `WrongState` unless it was only received.
    pub fn accept(
        &mut self,
        actor: &Actor,
        at: Moment,
        clocks: &dyn ClockSetter,
    ) -> Result<Vec<Happening>, Rejected> {
        let application = &mut self.application;
        if application.state != ApplicationState::Received {
            return Err(Reason::WrongState {
                state: application.state.code().to_owned(),
            }
            .into());
        }
        application.state = ApplicationState::InReview;
        application.accepted_on = Some(at.today);
        application.accepted_by = Some(actor.account);
        application.window.clone_from(&actor.window);
        application.joint = clocks.joint_dates(at.today);
        application.version += 1;
        let received_on = application.received_on;

        let mut happenings = vec![Happening::of_application(EventKind::ApplicationAccepted)];
        for case in &mut self.cases {
            happenings.push(case.passed());
            if case.predecessors.is_empty() {
                let dates = clocks.case_dates(case, received_on, at.today);
                happenings.push(case.start(dates));
                open_reviews(&mut self.reviews, case.id);
            } else {
                case.state = CaseState::AwaitingPredecessor;
                case.version += 1;
            }
        }
        Ok(happenings)
    }

    /// Decides one case, starts what waited for it or ends what depended on it, and concludes the
    /// application when nothing is left open.
    ///
    /// # Errors
    /// `AlreadyDecided` when a different decision stands; `AwaitsPredecessor` and `WrongState` when it
    /// is not time yet; `SamePerson` when the decider accepted the case (职责分离); `ReasonsRequired`
    /// for a grant against a disagreeing opinion.
    pub fn decide(
        &mut self,
        case: CaseId,
        decision: Decision,
        actor: &Actor,
        at: Moment,
        clocks: &dyn ClockSetter,
    ) -> Result<Outcome<Vec<Happening>>, Rejected> {
        let result = if decision.granted {
            CaseResult::Granted
        } else {
            CaseResult::Refused
        };
        let disagreed = self
            .reviews
            .iter()
            .any(|review| review.case == case && disagrees(review));
        let accepted_by = self.application.accepted_by;
        let subject = self.case_mut(case)?;
        if let Some(ending) = &subject.ending
            && (ending.result, &ending.reasons) == (result, &decision.reasons)
        {
            return Ok(Outcome::Unchanged);
        }
        if subject.state != CaseState::Deciding {
            return Err(subject.refusal().into());
        }
        if accepted_by == Some(actor.account) {
            return Err(Reason::SamePerson.into());
        }
        if decision.granted && disagreed && decision.reasons.is_none() {
            return Err(Reason::ReasonsRequired.at("reasons"));
        }

        let ending = Ending {
            result,
            reasons: decision.reasons,
            by: Some(actor.account),
            at: at.now,
            on: at.today,
        };
        let mut happenings = vec![subject.end(ending)];
        if decision.granted {
            happenings.extend(self.start_successors(at, clocks));
        } else {
            happenings.extend(self.terminate_dependants(case, at));
        }
        happenings.extend(self.conclude(at));
        Ok(Outcome::Done(happenings))
    }

    /// Delivers all results at once and closes the application (统一出件).
    ///
    /// # Errors
    /// `WrongState` before the last case ended.
    pub fn deliver(&mut self, at: Moment) -> Result<Outcome<Vec<Happening>>, Rejected> {
        match self.application.state {
            ApplicationState::Closed => return Ok(Outcome::Unchanged),
            ApplicationState::Concluded => {}
            state => {
                return Err(Reason::WrongState {
                    state: state.code().to_owned(),
                }
                .into());
            }
        }
        self.application.state = ApplicationState::Closed;
        self.application.closed_at = Some(at.now);
        self.application.version += 1;
        self.cases.iter_mut().for_each(Case::close);
        Ok(Outcome::Done(vec![
            Happening::of_application(EventKind::ResultsDelivered),
            Happening::of_application(EventKind::ApplicationClosed),
        ]))
    }

    /// Starts every waiting case whose predecessors have all been granted.
    fn start_successors(&mut self, at: Moment, clocks: &dyn ClockSetter) -> Vec<Happening> {
        let granted: Vec<CaseId> = self
            .cases
            .iter()
            .filter(|case| case.state == CaseState::Granted)
            .map(|case| case.id)
            .collect();
        let mut happenings = Vec::new();
        for case in &mut self.cases {
            let ready = case.state == CaseState::AwaitingPredecessor
                && case
                    .predecessors
                    .iter()
                    .all(|predecessor| granted.contains(predecessor));
            if ready {
                let dates = clocks.case_dates(case, at.today, at.today);
                happenings.push(case.start(dates));
                open_reviews(&mut self.reviews, case.id);
            }
        }
        happenings
    }

    /// Ends everything that depends, directly or not, on a refused case (D.4), and nothing else.
    fn terminate_dependants(&mut self, refused: CaseId, at: Moment) -> Vec<Happening> {
        let mut lost = vec![refused];
        let mut happenings = Vec::new();
        while let Some(next) = self.cases.iter().position(|case| {
            !case.state.has_ended()
                && case
                    .predecessors
                    .iter()
                    .any(|predecessor| lost.contains(predecessor))
        }) {
            let Some(case) = self.cases.get_mut(next) else {
                break;
            };
            lost.push(case.id);
            let ending = Ending {
                result: CaseResult::Terminated,
                reasons: None,
                by: None,
                at: at.now,
                on: at.today,
            };
            happenings.push(case.end(ending));
            for review in self
                .reviews
                .iter_mut()
                .filter(|review| review.case == case.id)
            {
                if review.state != ReviewState::Given {
                    review.state = ReviewState::Cancelled;
                    review.version += 1;
                }
            }
        }
        happenings
    }

    /// Concludes once every case has ended; the result is recomputed from the cases, never counted.
    fn conclude(&mut self, at: Moment) -> Option<Happening> {
        if !self.cases.iter().all(|case| case.state.has_ended()) {
            return None;
        }
        let granted = self
            .cases
            .iter()
            .filter(|case| case.state == CaseState::Granted)
            .count();
        let outcome = match granted {
            0 => ApplicationOutcome::Refused,
            all if all == self.cases.len() => ApplicationOutcome::Granted,
            _ => ApplicationOutcome::PartlyGranted,
        };
        self.application.state = ApplicationState::Concluded;
        self.application.outcome = Some(outcome);
        self.application.concluded_at = Some(at.now);
        self.application.version += 1;
        Some(
            Happening::of_application(EventKind::ApplicationConcluded)
                .with("outcome", outcome.code()),
        )
    }

    fn case_mut(&mut self, id: CaseId) -> Result<&mut Case, Rejected> {
        self.cases
            .iter_mut()
            .find(|case| case.id == id)
            .ok_or_else(|| Reason::NotFound.into())
    }
}

/// Gives an opinion on one case and lets the decision begin.
///
/// The case needs no look at its siblings, so this takes the two rows that it changes.
///
/// # Errors
/// As [`Review::give`]; `NotFound` when the review is not of this case; `AlreadyDecided` and `WrongState`
/// when the case is not under examination, so that a late opinion never reopens what has ended.
pub fn give_opinion(
    review: &mut Review,
    case: &mut Case,
    actor: &Actor,
    opinion: Opinion,
    at: Moment,
) -> Result<Outcome<Happening>, Rejected> {
    if review.case != case.id {
        return Err(Reason::NotFound.into());
    }
    let mut given = review.clone();
    let outcome = given.give(actor, opinion, at.now)?;
    if matches!(outcome, Outcome::Done(_)) {
        if case.state != CaseState::InReview {
            return Err(case.refusal().into());
        }
        case.await_decision();
        *review = given;
    }
    Ok(outcome)
}

fn disagrees(review: &Review) -> bool {
    review
        .given
        .as_ref()
        .is_some_and(|given| given.opinion.kind == OpinionKind::Disagree)
}

fn open_reviews(reviews: &mut [Review], case: CaseId) {
    for review in reviews.iter_mut().filter(|review| review.case == case) {
        review.state = ReviewState::Open;
        review.version += 1;
    }
}

#[cfg(test)]
mod tests;
