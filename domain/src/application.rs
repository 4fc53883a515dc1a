//! Applications: one submission that carries several cases, and the acts that move all of them.

use chrono::{DateTime, NaiveDate, Utc};

mod as_known;
mod clocks;
mod consultation;
mod correction;
mod course;
mod delivery;
mod ending;
mod lapse;
mod licence;
mod material;
mod mediation;
mod missing_report;
mod outlook;
mod procedure;
mod recomputed;
mod reopening;
mod revocation;
mod silence;
mod visit;
mod what_if;
mod when;

use crate::actor::Actor;
use crate::case::{Case, CaseDates, CaseResult, CaseState, Decision, Ending};
use crate::clock::LampDates;
use crate::coded;
use crate::conflict::Opposed;
use crate::event::Happening;
use crate::ids::{AccountId, ApplicationId, CaseId};
use crate::rejected::{Reason, Rejected};
use crate::review::{Opinion, OpinionKind, Outcome, Review, ReviewState};

pub use clocks::{FileClock, Rules, period_of_decision};
pub use consultation::{AskOpinions, Wanted};
pub use correction::{
    Acceptance, AcceptanceKind, Correction, LONGEST, MissingMaterial, NotAccepted,
};
pub use course::{Course, Entry, Procedure};
pub use ending::Renewal;
pub use lapse::Lapsed;
pub use licence::LicenceEndKind;
pub use mediation::OpenMediation;
pub use missing_report::{Notice, Wished};
pub use outlook::{
    CaseOutlook, Experience, ForecastBasis, Foresight, History, Outlook, OwedAct, OwedActKind,
    OwedBy, Spare,
};
pub use procedure::{Begin, Extend, MaterialRequest};
pub use reopening::Replaced;
pub use visit::{CallVisit, Called, Concluding};
pub use what_if::{Moved, WhatIf, WhatIfKind};
pub use when::When;

coded! {
    /// Where an application stands.
    pub enum ApplicationState {
        /// 已收件: received, not yet accepted.
        Received = "RECEIVED",
        /// 补正: everything that is missing was told once; the applicant's supplement is awaited.
        Correction = "CORRECTION",
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
        /// 未受理: not accepted, because no approval is needed or another agency is competent.
        NotAccepted = "NOT_ACCEPTED",
        /// 撤回: withdrawn, or treated as withdrawn.
        Withdrawn = "WITHDRAWN",
        /// 终止: ended without any decision.
        Terminated = "TERMINATED",
    }
}

impl ApplicationOutcome {
    /// Whether something was decided, so that something is to be handed over.
    pub fn is_decided(self) -> bool {
        matches!(self, Self::Granted | Self::PartlyGranted | Self::Refused)
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
    /// Whether more than acceptance and conclusion made the joint clock what it is.
    pub eventful: bool,
    /// The licence that is to be renewed (延续).
    pub renewal: Option<Renewal>,
    /// When the last case ended.
    pub concluded_at: Option<DateTime<Utc>>,
    /// When the results were delivered and the application closed.
    pub closed_at: Option<DateTime<Utc>>,
    /// Counts the changes.
    pub version: i64,
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
    /// What happened to it so far, as far as clocks care.
    pub course: Course,
}

impl File {
    /// Accepts the whole in one act (一次受理) and passes it to every department at once.
    ///
    /// # Errors
    /// `DeemedAccepted` when silence has accepted already; `ActOutOfOrder`; `WrongState` unless it was only received;
    /// `MissingReported` while a department misses something; what [`Acceptance`] refuses.
    pub fn accept(
        &mut self,
        actor: &Actor,
        when: When,
        acceptance: &Acceptance,
    ) -> Result<Vec<Happening>, Rejected> {
        self.expect_not_deemed()?;
        self.expect_in_order(None, when.on)?;
        self.expect_nothing_missing()?;
        self.application.window.clone_from(&actor.window);
        self.application.accepted_by = Some(actor.account);
        Ok(self.begin_review(when.on, acceptance))
    }

    /// Starts every department, and the clocks of what waits for nobody.
    fn begin_review(&mut self, on: NaiveDate, acceptance: &Acceptance) -> Vec<Happening> {
        let application = &mut self.application;
        application.state = ApplicationState::InReview;
        application.accepted_on = Some(on);
        application.version += 1;
        let mut happenings = vec![acceptance.happening().dated(on)];
        let open = self.cases.iter_mut().filter(|case| !case.state.has_ended());
        for case in open {
            happenings.push(case.passed().dated(on));
            if case.predecessors.is_empty() {
                happenings.push(case.start(CaseDates::starting(on)).dated(on));
                open_reviews(&mut self.reviews, case.id);
            } else {
                case.state = CaseState::AwaitingPredecessor;
                case.version += 1;
            }
        }
        happenings
    }

    /// Decides one case, starts what waited for it or ends what depended on it, and concludes the
    /// application when nothing is left open.
    ///
    /// # Errors
    /// `AlreadyDecided` when a different decision stands; `AwaitsPredecessor` and `WrongState` when it
    /// is not time yet; `OpinionsOutstanding` while mandatory opinions are out; `Vetoed`; `MediationOpen` for a grant; `SameDecision` for what was revoked; `ActOutOfOrder` before what it follows from; `SamePerson` when the decider accepted the case (职责分离); `ReasonsRequired`
    /// for a grant against a disagreeing opinion, or on conditions that exclude each other.
    pub fn decide(
        &mut self,
        case: CaseId,
        decision: Decision,
        actor: &Actor,
        when: When,
        opposed: &Opposed,
    ) -> Result<Outcome<Vec<Happening>>, Rejected> {
        let result = if decision.granted {
            CaseResult::Granted
        } else {
            CaseResult::Refused
        };
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
        subject.expect_not_the_same(&decision)?;
        self.expect_enough_opinions(case)?;
        self.expect_not_against_opinions(case, &decision, opposed)?;
        self.expect_no_mediation(case, &decision)?;
        self.expect_in_order(Some(case), when.on)?;

        let ending = Ending {
            result,
            reasons: decision.reasons,
            by: Some(actor.account),
            at: when.at.now,
            on: when.on,
        };
        let ended = self.case_mut(case)?.end(ending);
        self.cancel_reviews(case);
        let mut happenings = vec![ended.dated(when.on)];
        happenings.extend(self.after_ending(case, when));
        Ok(Outcome::Done(happenings))
    }

    /// What follows when a case has ended: others start or end with it, and with the last one the whole concludes.
    fn after_ending(&mut self, case: CaseId, when: When) -> Vec<Happening> {
        let mut happenings = match self.cases.iter().find(|ended| ended.id == case) {
            Some(ended) if ended.state == CaseState::Granted => {
                self.start_successors(when.on, when.at.today)
            }
            Some(ended) if ended.state == CaseState::NotRequired => {
                self.forget_predecessor(case);
                Vec::new()
            }
            _ => self.terminate_dependants(case, when),
        };
        happenings.extend(self.conclude(when));
        happenings
    }

    /// What needs no approval stands before nothing. It is said before acceptance, so nothing waits for it to begin.
    fn forget_predecessor(&mut self, case: CaseId) {
        let waiting = self.cases.iter_mut();
        for other in waiting.filter(|other| other.predecessors.contains(&case)) {
            other
                .predecessors
                .retain(|predecessor| *predecessor != case);
            other.version += 1;
        }
    }

    /// Starts every waiting case whose predecessors have all been granted, on the day of the last grant: the one that was
    /// entered last may be dated before another. Its periods count from the day on which the last result was known to its
    /// department, which for a grant that is entered after the fact is that of the entry.
    fn start_successors(&mut self, on: NaiveDate, known_on: NaiveDate) -> Vec<Happening> {
        let granted: Vec<(CaseId, NaiveDate)> = self
            .cases
            .iter()
            .filter(|case| case.was_granted())
            .filter_map(|case| Some((case.id, case.ending.as_ref()?.on)))
            .collect();
        let day_of = |id: &CaseId| granted.iter().find(|(known, _)| known == id);
        let mut happenings = Vec::new();
        for case in &mut self.cases {
            let days: Option<Vec<NaiveDate>> = case
                .predecessors
                .iter()
                .map(|predecessor| day_of(predecessor).map(|(_, day)| *day))
                .collect();
            let waits = case.state == CaseState::AwaitingPredecessor;
            if let Some(days) = days.filter(|_| waits) {
                let on = days.into_iter().chain([on]).max().unwrap_or(on);
                let counts_on = on.max(known_on);
                let started = case.start(CaseDates::starting(counts_on)).dated(on);
                happenings.push(when::counting(started, on, counts_on));
                open_reviews(&mut self.reviews, case.id);
            }
        }
        happenings
    }

    /// Ends everything that waits, directly or not, for a case that was not granted, and nothing else.
    fn terminate_dependants(&mut self, refused: CaseId, when: When) -> Vec<Happening> {
        let mut lost = vec![refused];
        let mut happenings = Vec::new();
        while let Some(next) = self.cases.iter().position(|case| {
            !case.state.has_ended()
                && case.dates.is_none()
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
                at: when.at.now,
                on: when.on,
            };
            happenings.push(case.end(ending).dated(when.on));
            let id = case.id;
            self.cancel_reviews(id);
        }
        happenings
    }

    /// The reviews of a case that ended without them.
    fn cancel_reviews(&mut self, case: CaseId) {
        let waiting = self
            .reviews
            .iter_mut()
            .filter(|review| review.case == case && !review.state.is_over());
        for review in waiting {
            review.state = ReviewState::Cancelled;
            review.version += 1;
        }
    }

    /// The cases that have not ended.
    pub fn open_cases(&self) -> impl Iterator<Item = &Case> {
        self.cases.iter().filter(|case| !case.state.has_ended())
    }

    fn case_mut(&mut self, id: CaseId) -> Result<&mut Case, Rejected> {
        self.cases
            .iter_mut()
            .find(|case| case.id == id)
            .ok_or_else(|| Reason::NotFound.into())
    }
}

/// Gives the opinion with which the examination of a case ends, and lets the decision begin.
///
/// A case that asked nobody else needs no look at other rows, so this takes the two that it changes
/// ([`File::give_opinion`] serves all).
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

fn wrong_state(state: ApplicationState) -> Rejected {
    Reason::WrongState {
        state: state.into(),
    }
    .into()
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
