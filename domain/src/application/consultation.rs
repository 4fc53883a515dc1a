//! Consultation inside a case: asking other departments, asking another one instead, and what their opinions hold up.

mod clocks;

use chrono::NaiveDate;

use super::correction::{expect_days, naming};
use super::{File, Moment, Rules, When, give_opinion};
use crate::actor::Actor;
use crate::case::{Case, Decision};
use crate::clock::{LampDates, Limit};
use crate::code::Code as _;
use crate::conflict::{ConflictKind, Opposed, conflicts};
use crate::consultation::{
    Completion, CompletionRule, Consultation, MOST_ASKED, OpinionPart, awaited, standing,
};
use crate::event::{EventKind, Happening};
use crate::ids::{CaseId, ReviewId};
use crate::rejected::{Reason, Rejected, because};
use crate::review::{Opinion, OpinionKind, Outcome, Review, ReviewState};

/// An opinion that is wanted of another department.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Code of the department; the caller has made sure that there is one.
    pub department: String,
    /// What it counts for.
    pub part: OpinionPart,
    /// The working days that it has; those of the bundle or of the convention if absent.
    pub days: Option<u32>,
    /// The article by which nothing may be granted against it.
    pub veto_article: Option<String>,
}

/// A round of opinions about to be asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskOpinions {
    /// What is asked.
    pub question: String,
    /// How many of the mandatory opinions there must be.
    pub rule: CompletionRule,
    /// How many, for `AT_LEAST`.
    pub at_least: Option<u32>,
    /// Whom.
    pub wanted: Vec<Wanted>,
}

impl File {
    /// The examination of a case by the department that handles it: the one that no other took the place of.
    pub(super) fn examination(&self, case: CaseId) -> Option<&Review> {
        let mut of_case = self.reviews.iter().filter(|review| review.case == case);
        of_case.find(|review| review.consultation.is_none() && !review.state.is_set_aside())
    }

    /// Asks other departments for their opinions on a case (征求意见), all at once; each has its own period.
    ///
    /// # Errors
    /// `WrongState` unless the case is under way; `NobodyAsked`, `ListTooLong`; `OwnDepartment`, `DepartmentTwice`,
    /// `AlreadyAsked` while an opinion of the department is out; `NumberOutOfRange` for days, and for a rule that can
    /// never be fulfilled; `VetoAdvisory`; `ActOutOfOrder` before the case began, or was opened again.
    pub fn ask_opinions(
        &mut self,
        case: CaseId,
        ask: &AskOpinions,
        when: When,
        rules: &dyn Rules,
        mut new_id: impl FnMut() -> ReviewId,
    ) -> Result<Vec<Happening>, Rejected> {
        let subject = self.under_way(case)?;
        if ask.wanted.is_empty() {
            return Err(Reason::NobodyAsked.at("opinions"));
        }
        if ask.wanted.len() > MOST_ASKED {
            return Err(Reason::ListTooLong { max: MOST_ASKED }.at("opinions"));
        }
        for (at, wanted) in ask.wanted.iter().enumerate() {
            let refused = |reason: Reason, field: &str| {
                let place = format!("opinions.{at}.{field}");
                Err(reason.at(&place))
            };
            let department = wanted.department.clone();
            if ask.wanted[..at]
                .iter()
                .any(|other| other.department == department)
            {
                return refused(Reason::DepartmentTwice { department }, "departmentCode");
            }
            let field = format!("opinions.{at}.departmentCode");
            self.expect_askable(subject, &wanted.department, &field)?;
            if let Some(days) = wanted.days {
                expect_days(days, &format!("opinions.{at}.days"))?;
            }
            if wanted.veto_article.is_some() && wanted.part == OpinionPart::Advisory {
                return refused(Reason::VetoAdvisory, "vetoArticle");
            }
        }
        let is_mandatory = |wanted: &&Wanted| wanted.part == OpinionPart::Mandatory;
        let mandatory = ask.wanted.iter().filter(is_mandatory).count();
        let completion = Completion::try_new(ask.rule, ask.at_least, mandatory)?;
        self.expect_begun(subject, when.on)?;
        let round = 1 + self
            .asked_of(case)
            .map(|(_, asked)| asked.round)
            .max()
            .unwrap_or(0);
        let mut happenings = Vec::new();
        for wanted in &ask.wanted {
            let asked = Consultation {
                number: 0,
                round,
                part: wanted.part,
                completion,
                question: ask.question.clone(),
                veto_article: wanted.veto_article.clone(),
                asked_on: when.on,
                limit: self.opinion_limit(case, wanted.days, rules),
                withdrawn_because: None,
                lamp: LampDates::default(),
            };
            happenings.push(self.add_review(case, &wanted.department, asked, new_id())?);
        }
        Ok(happenings)
    }

    /// Does not ask a department any more (撤回征求意见); its opinion must not have come.
    ///
    /// # Errors
    /// `OpinionNotAsked` for the examination by the department that handles the case; `NobodyLeft` when too few mandatory
    /// opinions of the round would remain; what an act on a review that is over is refused with.
    pub fn withdraw_opinion(
        &mut self,
        review: ReviewId,
        because: &str,
        when: When,
    ) -> Result<Outcome<Vec<Happening>>, Rejected> {
        let (at, asked) = self.expect_asked(review)?;
        if self.reviews[at].state == ReviewState::Withdrawn {
            return Ok(Outcome::Unchanged);
        }
        self.expect_out(at)?;
        if asked.part == OpinionPart::Mandatory {
            let left = self.mandatory_of(self.reviews[at].case, asked.round) - 1;
            if left == 0 || asked.completion.needed(left) > left {
                return Err(Reason::NobodyLeft.into());
            }
        }
        Ok(Outcome::Done(vec![self.take_back(at, because, when)?]))
    }

    /// Asks another department instead of one whose opinion has not come, in the same round and for the same.
    ///
    /// # Errors
    /// As [`withdraw_opinion`](Self::withdraw_opinion), but for `NobodyLeft`; `OwnDepartment`, `AlreadyAsked`;
    /// `DepartmentTwice` for one that stands in this round, because nobody makes a round complete by answering twice;
    /// `NumberOutOfRange`.
    pub fn replace_opinion(
        &mut self,
        review: ReviewId,
        (department, days): (&str, Option<u32>),
        because: &str,
        (when, rules): (When, &dyn Rules),
        new_id: ReviewId,
    ) -> Result<Vec<Happening>, Rejected> {
        let (at, asked) = self.expect_asked(review)?;
        self.expect_out(at)?;
        let case = self.reviews[at].case;
        self.expect_askable(self.under_way(case)?, department, "departmentCode")?;
        let stands = self.asked_of(case).any(|(review, other)| {
            other.round == asked.round
                && review.department == department
                && !review.state.is_set_aside()
        });
        if stands {
            let department = department.to_owned();
            return Err(Reason::DepartmentTwice { department }.at("departmentCode"));
        }
        if let Some(days) = days {
            expect_days(days, "days")?;
        }
        let limit = self.opinion_limit(case, days, rules);
        let fresh = Consultation {
            number: 0,
            asked_on: when.on,
            limit,
            withdrawn_because: None,
            lamp: LampDates::default(),
            ..asked
        };
        Ok(vec![
            self.take_back(at, because, when)?,
            self.add_review(case, department, fresh, new_id)?,
        ])
    }

    /// Gives an opinion: that of a department that was asked, or the one with which the examination ends and the decision
    /// begins; the latter only when there are enough of the former.
    ///
    /// # Errors
    /// As [`give_opinion`]; `OpinionsOutstanding` names the departments that are waited for.
    pub fn give_opinion(
        &mut self,
        review: ReviewId,
        actor: &Actor,
        opinion: Opinion,
        at: Moment,
    ) -> Result<Outcome<Vec<Happening>>, Rejected> {
        let place = self.place_of(review)?;
        let mut given = self.reviews[place].clone();
        let mut case = self.case_mut(given.case)?.clone();
        let outcome = if given.consultation.is_some() {
            let outcome = given.give(actor, opinion, at.now)?;
            if matches!(outcome, Outcome::Done(_)) && !case.state.is_under_way() {
                return Err(case.refusal().into());
            }
            case.version += 1;
            outcome
        } else {
            let outcome = give_opinion(&mut given, &mut case, actor, opinion, at)?;
            if matches!(outcome, Outcome::Done(_)) {
                self.expect_enough_opinions(case.id)?;
            }
            outcome
        };
        let Outcome::Done(happening) = outcome else {
            return Ok(Outcome::Unchanged);
        };
        *self.case_mut(given.case)? = case;
        self.reviews[place] = given;
        Ok(Outcome::Done(vec![happening]))
    }

    /// Lets silence count as the opinion of a department that was asked (超时视为同意).
    pub(super) fn pass_in_silence(
        &mut self,
        review: ReviewId,
        on: NaiveDate,
    ) -> Result<Vec<Happening>, Rejected> {
        let place = self.place_of(review)?;
        self.case_mut(self.reviews[place].case)?.version += 1;
        let review = &mut self.reviews[place];
        review.state = ReviewState::Tacit;
        review.version += 1;
        Ok(vec![review.happening(EventKind::OpinionTacit).dated(on)])
    }

    /// Nothing is decided while mandatory opinions are out.
    pub(super) fn expect_enough_opinions(&self, case: CaseId) -> Result<(), Rejected> {
        let out = awaited(self.reviews.iter().filter(|review| review.case == case));
        if out.is_empty() {
            return Ok(());
        }
        let departments: Vec<&str> = out
            .iter()
            .map(|review| review.department.as_str())
            .collect();
        let departments = departments.join(", ");
        Err(Reason::OpinionsOutstanding { departments }.into())
    }

    /// Nothing is granted against an opinion that has the force of a veto, nor without reasons against any other, or on
    /// conditions that exclude each other.
    pub(super) fn expect_not_against_opinions(
        &self,
        case: CaseId,
        decision: &Decision,
        opposed: &Opposed,
    ) -> Result<(), Rejected> {
        if !decision.granted {
            return Ok(());
        }
        let of_case = || self.reviews.iter().filter(|review| review.case == case);
        let against: Vec<&Review> = standing(of_case())
            .into_iter()
            .filter(|(_, kind)| *kind == OpinionKind::Disagree)
            .map(|(review, _)| review)
            .collect();
        // Who was asked with the force of a veto keeps it until it agrees, however it is asked again.
        let article_of = |department: &str| {
            let asked = || {
                self.asked_of(case).filter(|(review, _)| {
                    review.department == department && !review.state.is_set_aside()
                })
            };
            let agrees = |review: &Review| review.given.is_some() && !super::disagrees(review);
            let consents = asked().filter(|(review, _)| agrees(review));
            let last_consent = consents.map(|(_, asked)| asked.number).max();
            asked()
                .filter(|(_, asked)| Some(asked.number) > last_consent)
                .filter_map(|(_, asked)| asked.veto_article.clone())
                .last()
        };
        let veto = against.iter().find_map(|review| {
            let article = article_of(&review.department)?;
            let department = review.department.clone();
            Some(Reason::Vetoed {
                department,
                article,
            })
        });
        if let Some(vetoed) = veto {
            return Err(vetoed.into());
        }
        let examined = self.examination(case);
        let disagreed = !against.is_empty() || examined.is_some_and(super::disagrees);
        let contradictory = || {
            let mut found = conflicts(of_case(), opposed).into_iter();
            found.any(|conflict| conflict.kind == ConflictKind::Conditions)
        };
        if decision.reasons.is_none() && (disagreed || contradictory()) {
            let because = because::GRANTED_AGAINST;
            return Err(Reason::ReasonsRequired { because }.at("reasons"));
        }
        Ok(())
    }

    fn asked_of(&self, case: CaseId) -> impl Iterator<Item = (&Review, &Consultation)> {
        let of_case = self
            .reviews
            .iter()
            .filter(move |review| review.case == case);
        of_case.filter_map(|review| Some((review, review.consultation.as_ref()?)))
    }

    fn mandatory_of(&self, case: CaseId, round: u32) -> usize {
        let mandatory = self.asked_of(case).filter(|(review, asked)| {
            asked.round == round
                && asked.part == OpinionPart::Mandatory
                && !review.state.is_set_aside()
        });
        mandatory.count()
    }

    fn expect_askable(&self, case: &Case, department: &str, field: &str) -> Result<(), Rejected> {
        let out = self
            .asked_of(case.id)
            .any(|(review, _)| review.department == department && !review.state.is_over());
        let department = department.to_owned();
        let reason = if case.department == department {
            Reason::OwnDepartment { department }
        } else if out {
            Reason::AlreadyAsked { department }
        } else {
            return Ok(());
        };
        Err(reason.at(field))
    }

    fn opinion_limit(&self, case: CaseId, days: Option<u32>, rules: &dyn Rules) -> Limit {
        let item = self.cases.iter().find(|known| known.id == case);
        let of_bundle = || rules.bundle()?.opinion_days(&item?.item);
        let days = days.or_else(of_bundle);
        Limit::workdays(days.unwrap_or(rules.conventions().opinion_days))
    }

    pub(super) fn add_review(
        &mut self,
        case: CaseId,
        department: &str,
        asked: Consultation,
        id: ReviewId,
    ) -> Result<Happening, Rejected> {
        let subject = self.case_mut(case)?;
        subject.asked += 1;
        subject.version += 1;
        let asked = Consultation {
            number: subject.asked,
            ..asked
        };
        let (on, limit) = (asked.asked_on, asked.limit);
        let (round, part) = (asked.round, asked.part);
        let Completion { rule, at_least } = asked.completion;
        let review = Review {
            consultation: Some(asked),
            ..Review::new(id, case, department.to_owned(), ReviewState::Open)
        };
        let asking = review
            .happening(EventKind::OpinionAsked)
            .with("department", department)
            .with("round", round.to_string())
            .with("part", part.code())
            .with("rule", rule.code());
        let asking = match at_least {
            Some(n) => asking.with("atLeast", n.to_string()),
            None => asking,
        };
        self.reviews.push(review);
        Ok(naming(asking, limit).dated(on))
    }

    fn take_back(&mut self, at: usize, because: &str, when: When) -> Result<Happening, Rejected> {
        self.case_mut(self.reviews[at].case)?.version += 1;
        let review = &mut self.reviews[at];
        review.state = ReviewState::Withdrawn;
        review.version += 1;
        if let Some(asked) = &mut review.consultation {
            asked.withdrawn_because = Some(because.to_owned());
        }
        Ok(review.happening(EventKind::OpinionWithdrawn).dated(when.on))
    }

    pub(super) fn place_of(&self, review: ReviewId) -> Result<usize, Rejected> {
        let place = self.reviews.iter().position(|known| known.id == review);
        place.ok_or_else(|| Reason::NotFound.into())
    }

    fn expect_asked(&self, review: ReviewId) -> Result<(usize, Consultation), Rejected> {
        let place = self.place_of(review)?;
        match &self.reviews[place].consultation {
            Some(asked) => Ok((place, asked.clone())),
            None => Err(Reason::OpinionNotAsked.into()),
        }
    }

    /// Only what has not come can be taken back, as long as the case goes on.
    fn expect_out(&self, at: usize) -> Result<(), Rejected> {
        let review = &self.reviews[at];
        self.under_way(review.case)?;
        if review.state.is_over() {
            Err(review.refusal().into())
        } else {
            Ok(())
        }
    }
}
