//! A refused case is opened again, because its refusal was revoked on reconsideration or by a court.
//!
//! What was decided stays on record; another decision takes its place, within a period of its own.

use chrono::NaiveDate;

use super::correction::naming;
use super::{ApplicationState, Course, Entry, File, Rules, When};
use crate::case::{Case, CaseResult, CaseState, Ending};
use crate::clock::Limit;
use crate::code::Code as _;
use crate::event::{EventKind, Happening};
use crate::ids::{CaseId, Id, ReviewId};
use crate::rejected::{Reason, Rejected, Word};
use crate::review::ReviewState;
use crate::revocation::{FormerDecision, Revocation};

impl File {
    /// Opens a refused case again (重新审查). `when` is the day on which the document was received, from which the period
    /// for the new decision runs. What was terminated because of the refusal waits again, and an application that was
    /// concluded or closed is at work again; its joint clocks are not.
    ///
    /// # Errors
    /// `NotRefused`, `NeverExamined`; `NumberOutOfRange`; `ActInFuture`, `ActOutOfOrder` for a document that is dated
    /// before the refusal or received before either.
    pub fn reopen(
        &mut self,
        case: CaseId,
        revocation: &Revocation,
        when: When,
        rules: &dyn Rules,
        new_id: ReviewId,
    ) -> Result<Vec<Happening>, Rejected> {
        revocation.expect_days()?;
        let subject = self.case_mut(case)?;
        let refusal = refusal_of(subject)?.clone();
        expect_dates(&refusal, revocation, when)?;
        let ordered = revocation.within_days.map(Limit::workdays);
        let by_item = rules.item(subject).and_then(|item| item.statutory);
        let limit = ordered.or(by_item.map(|statutory| statutory.limit));

        subject.former.push(former(&refusal, revocation, when));
        let reopened = subject
            .go_on(CaseState::InReview, EventKind::CaseReopened)
            .with("by", revocation.way.code())
            .with("ground", revocation.ground.code())
            .with("decidedOn", revocation.decided_on.to_string());
        let reopened = match limit {
            Some(limit) => naming(reopened, limit),
            None => reopened,
        };
        let mut happenings = vec![reopened.dated(when.on)];
        let examined = self.reviews.iter().rposition(|review| {
            review.case == case && review.consultation.is_none() && !review.state.is_set_aside()
        });
        if let Some(at) = examined {
            let returned = self.reviews[at].happening(EventKind::ReviewReturned);
            happenings.push(returned.dated(when.on));
            self.set_aside(at, ReviewState::Returned, &revocation.document());
            self.examine_again(at, new_id, when);
        }
        happenings.extend(self.restore_dependants(when.on));
        happenings.extend(self.go_on(when.on));
        Ok(happenings)
    }

    /// What ended only because of a predecessor waits again, once nothing that it waits for is lost any more.
    fn restore_dependants(&mut self, on: NaiveDate) -> Vec<Happening> {
        let mut happenings = Vec::new();
        while let Some(at) = self.cases.iter().position(|case| self.can_come_back(case)) {
            let case = &mut self.cases[at];
            let id = case.id;
            let restored = case.go_on(CaseState::AwaitingPredecessor, EventKind::CaseRestored);
            happenings.push(restored.dated(on));
            let cancelled = self
                .reviews
                .iter_mut()
                .filter(|review| review.case == id && review.state == ReviewState::Cancelled);
            for review in cancelled {
                review.state = ReviewState::Waiting;
                review.version += 1;
            }
        }
        happenings
    }

    /// The cases that wait again since a case was last opened again, because of it.
    pub fn restored_with(&self, reopened: CaseId) -> impl Iterator<Item = &Case> {
        let entries = &self.course.0;
        let last = entries.iter().rposition(|entry| {
            entry.kind == EventKind::CaseReopened && entry.case == Some(reopened)
        });
        let since = &entries[last.unwrap_or(entries.len())..];
        let at = since.first().map(|entry| entry.entered_at);
        let restored = since.iter().filter(move |entry| {
            entry.kind == EventKind::CaseRestored && Some(entry.entered_at) == at
        });
        restored.filter_map(|entry| self.cases.iter().find(|case| Some(case.id) == entry.case))
    }

    fn can_come_back(&self, case: &Case) -> bool {
        let is_hopeful = |id: &CaseId| {
            let mut others = self.cases.iter();
            let before = others.find(|other| other.id == *id);
            before.is_some_and(|before| !before.state.has_ended() || before.was_granted())
        };
        case.was_lost() && case.predecessors.iter().all(is_hopeful)
    }

    /// The whole goes on when it had come to its end; no sooner than it had.
    fn go_on(&mut self, on: NaiveDate) -> Option<Happening> {
        let application = &mut self.application;
        let had_ended = matches!(
            application.state,
            ApplicationState::Concluded | ApplicationState::Closed
        );
        if !had_ended {
            return None;
        }
        application.go_on();
        let ends = self.course.0.iter().filter(|entry| {
            matches!(
                entry.kind,
                EventKind::ApplicationConcluded | EventKind::ResultsDelivered
            )
        });
        let on = ends.map(|entry| entry.on).chain([on]).max().unwrap_or(on);
        Some(Happening::of_application(EventKind::ApplicationReopened).dated(on))
    }
}

impl super::Application {
    /// Takes its end back.
    pub(super) fn go_on(&mut self) {
        self.state = ApplicationState::InReview;
        self.outcome = None;
        self.concluded_at = None;
        self.closed_at = None;
        self.version += 1;
    }
}

impl Course {
    /// Whether something of this kind happened since the application was last opened again.
    pub(super) fn has_since_reopening(&self, kind: EventKind) -> bool {
        let reopened = EventKind::ApplicationReopened;
        let last = self.0.iter().rposition(|entry| entry.kind == reopened);
        let since = &self.0[last.unwrap_or(0)..];
        since.iter().any(|entry| entry.kind == kind)
    }

    /// What happened to a case since its end was last taken back, the last first; all of it where that never was.
    pub(super) fn since_it_went_on(&self, case: CaseId) -> impl Iterator<Item = &Entry> {
        let its_own = self.0.iter().rev();
        its_own
            .filter(move |entry| entry.case == Some(case))
            .take_while(|entry| {
                !matches!(
                    entry.kind,
                    EventKind::CaseReopened | EventKind::CaseRestored
                )
            })
    }
}

/// The refusal that can be revoked.
fn refusal_of(case: &Case) -> Result<&Ending, Rejected> {
    let refused = |state: Word| Reason::NotRefused { state }.into();
    match &case.ending {
        None => Err(refused(case.state.into())),
        Some(ending) if ending.result != CaseResult::Refused => Err(refused(ending.result.into())),
        Some(_) if case.dates.is_none() => Err(Reason::NeverExamined.into()),
        Some(ending) => Ok(ending),
    }
}

/// First the refusal, then the document that revokes it, then its receipt.
fn expect_dates(refusal: &Ending, revocation: &Revocation, when: When) -> Result<(), Rejected> {
    let decided_on = revocation.decided_on;
    if decided_on > when.at.today {
        let today = when.at.today.to_string();
        return Err(Reason::ActInFuture { today }.at("decidedOn"));
    }
    if decided_on < refusal.on {
        let after = refusal.on.to_string();
        return Err(Reason::ActOutOfOrder { after }.at("decidedOn"));
    }
    if when.on < decided_on {
        let after = decided_on.to_string();
        return Err(Reason::ActOutOfOrder { after }.at("receivedOn"));
    }
    Ok(())
}

fn former(refusal: &Ending, revocation: &Revocation, when: When) -> FormerDecision {
    FormerDecision {
        result: refusal.result,
        reasons: refusal.reasons.clone(),
        decided_by: refusal.by.map(Id::raw),
        decided_at: refusal.at,
        decided_on: refusal.on,
        revocation: revocation.clone(),
        received_on: when.on,
        reopened_at: when.at.now,
    }
}
