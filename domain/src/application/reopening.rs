//! What begins a review again: the examination is sent back, or a material on which opinions relied is replaced.
//!
//! What was said stays as it was said; another review takes its place.

use chrono::{DateTime, NaiveDate, Utc};

use super::course::Entry;
use super::{File, When};
use crate::calendar::local_date;
use crate::case::CaseState;
use crate::clock::LampDates;
use crate::consultation::Consultation;
use crate::event::{ABOUT_OPINION, ASKED_BY, EventKind, Happening};
use crate::ids::{MaterialId, ReviewId};
use crate::rejected::{Reason, Rejected};
use crate::review::{OpinionDraft, Outcome, Review, ReviewState};

/// A material about to be replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replaced {
    /// The version that is replaced.
    pub former: MaterialId,
    /// When that one came.
    pub came_at: DateTime<Utc>,
    /// Its code.
    pub code: String,
    /// Codes of the items that want it.
    pub wanted_by: Vec<String>,
    /// The number of the new version, from 2.
    pub version: u32,
}

impl File {
    /// Sends the examination of a case back to the reviewer, with reasons (退回重审); the decision waits for the new opinion.
    ///
    /// # Errors
    /// `OpinionOfOthers` for what another department said; `AlreadyDecided`, `WrongState` unless the decision is due;
    /// `ActOutOfOrder`.
    pub fn return_to_reviewer(
        &mut self,
        review: ReviewId,
        reasons: &str,
        when: When,
        new_id: ReviewId,
    ) -> Result<Outcome<Vec<Happening>>, Rejected> {
        let at = self.place_of(review)?;
        let subject = &self.reviews[at];
        if subject.consultation.is_some() {
            return Err(Reason::OpinionOfOthers.into());
        }
        match subject.state {
            ReviewState::Returned => return Ok(Outcome::Unchanged),
            ReviewState::Given => {}
            _ => return Err(subject.refusal().into()),
        }
        let id = subject.case;
        let case = self.case_mut(id)?;
        if case.state != CaseState::Deciding {
            return Err(case.refusal().into());
        }
        self.expect_in_order(Some(id), when.on)?;
        self.set_state(id, CaseState::InReview)?;
        let returned = self.reviews[at].happening(EventKind::ReviewReturned);
        self.set_aside(at, ReviewState::Returned, reasons);
        self.examine_again(at, new_id, when);
        Ok(Outcome::Done(vec![returned.dated(when.on)]))
    }

    /// Takes another version of a material. Exactly the opinions that relied on the former one count no more, silence as
    /// well as what was signed, and only their departments are asked once more, each with a period of its own.
    ///
    /// # Errors
    /// `AlreadyDecided` and the like when no case that wants it is open any more.
    pub fn replace_material(
        &mut self,
        replaced: &Replaced,
        when: When,
        mut new_id: impl FnMut() -> ReviewId,
    ) -> Result<Vec<Happening>, Rejected> {
        let open = self.open_wanting(&replaced.wanted_by)?;
        self.application.version += 1;
        let new = Happening::of_application(EventKind::MaterialReplaced)
            .with("material", replaced.code.clone())
            .with("version", replaced.version.to_string());
        let mut happenings = vec![new.dated(when.on)];
        // Whoever is about to say something has looked at the former version.
        let at_work = |review: &&mut Review| open.contains(&review.case) && !review.state.is_over();
        for review in self.reviews.iter_mut().filter(at_work) {
            review.version += 1;
        }
        let stale: Vec<usize> = (0..self.reviews.len())
            .filter(|at| {
                let review = &self.reviews[*at];
                let is_open = self.open_cases().any(|case| case.id == review.case);
                is_open && self.relied_on(review, replaced, open.contains(&review.case))
            })
            .collect();
        for at in stale {
            let told = self.reviews[at]
                .happening(EventKind::OpinionStale)
                .with("material", replaced.code.clone());
            happenings.push(told.dated(when.on));
            self.set_aside(at, ReviewState::Stale, &replaced.code);
            let case = self.reviews[at].case;
            if let Some(asked) = self.reviews[at].consultation.clone() {
                happenings.push(self.ask_again(at, asked, when, new_id())?);
                continue;
            }
            if self.case_mut(case)?.state == CaseState::Deciding {
                self.set_state(case, CaseState::InReview)?;
            }
            self.examine_again(at, new_id(), when);
        }
        Ok(happenings)
    }

    pub(super) fn set_aside(&mut self, at: usize, state: ReviewState, because: &str) {
        let review = &mut self.reviews[at];
        review.state = state;
        review.set_aside_because = Some(because.to_owned());
        review.version += 1;
    }

    /// The examination begins again with who made it, from what was said.
    pub(super) fn examine_again(&mut self, at: usize, id: ReviewId, when: When) {
        let former = &self.reviews[at];
        let (case, department) = (former.case, former.department.clone());
        let fresh = Review::new(id, case, department, ReviewState::Open);
        self.reviews.push(fresh);
        self.go_on_from(at, when);
    }

    /// The department is asked the same in the same round, with a new period.
    fn ask_again(
        &mut self,
        at: usize,
        asked: Consultation,
        when: When,
        id: ReviewId,
    ) -> Result<Happening, Rejected> {
        let (case, department) = (self.reviews[at].case, self.reviews[at].department.clone());
        let asked = Consultation {
            asked_on: when.on,
            lamp: LampDates::default(),
            ..asked
        };
        // Whoever asked it asks it again.
        let number = self.reviews[at]
            .consultation
            .as_ref()
            .map(|former| former.number);
        let number = number.unwrap_or_default().to_string();
        let by = {
            let mut asking = self.course.of_case(case, EventKind::OpinionAsked);
            let former = asking.find(|entry| entry.word(ABOUT_OPINION) == number);
            former.map_or("", |entry| entry.word(ASKED_BY)).to_owned()
        };
        let happening = self.add_review(case, &department, asked, id)?;
        self.go_on_from(at, when);
        Ok(if by.is_empty() {
            happening
        } else {
            happening.with(ASKED_BY, by)
        })
    }

    /// Whoever said something has the review that takes its place, and what they said as its draft.
    fn go_on_from(&mut self, at: usize, when: When) {
        let given = self.reviews[at].given.clone();
        if let (Some(given), Some(fresh)) = (given, self.reviews.last_mut()) {
            fresh.draft = Some(OpinionDraft::after(&given));
            fresh.state = ReviewState::Claimed;
            fresh.claimed_by = Some(given.by);
            fresh.claimed_at = Some(when.at.now);
        }
    }

    /// Whether what was said, or the silence that counts as consent, relied on a version of a material: one that it names,
    /// whoever wants it, or where it names none one that its case wants and that was there by then.
    fn relied_on(&self, review: &Review, replaced: &Replaced, is_wanted: bool) -> bool {
        match (review.state, &review.given) {
            (ReviewState::Tacit, _) => {
                let passed_on = self.passed_on(review);
                is_wanted && passed_on.is_none_or(|on| local_date(replaced.came_at) <= on)
            }
            (ReviewState::Given, Some(given)) => match &given.opinion.relied_on {
                Some(named) => named.contains(&replaced.former),
                None => is_wanted && replaced.came_at <= given.at,
            },
            _ => false,
        }
    }

    /// The day on which an opinion passed by silence.
    fn passed_on(&self, review: &Review) -> Option<NaiveDate> {
        let number = review.consultation.as_ref()?.number.to_string();
        let mut passed = self.course.all(EventKind::OpinionTacit);
        let its_own =
            |entry: &&Entry| entry.case == Some(review.case) && entry.word(ABOUT_OPINION) == number;
        passed.find(its_own).map(|entry| entry.on)
    }
}
