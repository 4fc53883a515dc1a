//! Consultation (征求意见): the opinions that a case asks of other departments, and when there are enough of them.
//!
//! The department that handles a case answers for it; others say what they think of it within the period of their own
//! (行政许可法 第二十六条第二款). Whether there are enough opinions is always counted anew from the opinions themselves.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::clock::{LampDates, Limit};
use crate::coded;
use crate::rejected::{Reason, Rejected};
use crate::review::{OpinionKind, Review, ReviewState};

/// The most opinions that one act asks for.
pub const MOST_ASKED: usize = 20;

coded! {
    /// What an opinion that was asked for counts for.
    pub enum OpinionPart {
        /// 会签: the case waits for it.
        Mandatory = "MANDATORY",
        /// 参考: it is heard if it comes in time; nothing waits for it.
        Advisory = "ADVISORY",
    }
}

coded! {
    /// How many of the mandatory opinions of a round there must be.
    pub enum CompletionRule {
        /// 全部: all of them.
        All = "ALL",
        /// 任一: one of them.
        Any = "ANY",
        /// 至少若干: so many of them.
        AtLeast = "AT_LEAST",
    }
}

/// When a round of opinions is complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Completion {
    /// The rule.
    pub rule: CompletionRule,
    /// How many are needed, for `AT_LEAST`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_least: Option<u32>,
}

impl Completion {
    /// A rule for so many mandatory opinions.
    ///
    /// # Errors
    /// `NumberOutOfRange` for a number that so many can never reach, for none, and for one that the rule does not use.
    pub fn try_new(
        rule: CompletionRule,
        at_least: Option<u32>,
        mandatory: usize,
    ) -> Result<Self, Rejected> {
        let most = i64::try_from(mandatory).unwrap_or(i64::MAX);
        let (min, max) = match rule {
            CompletionRule::AtLeast => (1, most),
            CompletionRule::All | CompletionRule::Any => (0, 0),
        };
        let fits = match (rule, at_least) {
            (CompletionRule::AtLeast, Some(n)) => (min..=max).contains(&i64::from(n)),
            (CompletionRule::AtLeast, None) => false,
            (CompletionRule::All | CompletionRule::Any, given) => given.is_none(),
        };
        if fits {
            Ok(Self { rule, at_least })
        } else {
            Err(Reason::NumberOutOfRange { min, max }.at("atLeast"))
        }
    }

    /// How many opinions are needed, of so many mandatory ones.
    pub fn needed(self, mandatory: usize) -> usize {
        match self.rule {
            CompletionRule::All => mandatory,
            CompletionRule::Any => mandatory.min(1),
            CompletionRule::AtLeast => self
                .at_least
                .map_or(mandatory, |n| usize::try_from(n).unwrap_or(usize::MAX)),
        }
    }
}

/// Why a department other than the one that handles the case was given a review of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Consultation {
    /// The n-th opinion that the case asked for, from 1; its clock has the same number.
    pub number: u32,
    /// The n-th time that the case asked, from 1. A replacement stands in the round of what it replaces.
    pub round: u32,
    /// What it counts for.
    pub part: OpinionPart,
    /// When the round is complete.
    pub completion: Completion,
    /// What the department is asked.
    pub question: String,
    /// The article by which nothing may be granted against this opinion; no opinion has that force without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub veto_article: Option<String>,
    /// The day on which the file was passed to the department.
    pub asked_on: NaiveDate,
    /// How long it has.
    pub limit: Limit,
    /// Why it is not asked any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withdrawn_because: Option<String>,
    /// The due date of the opinion and that of the case by law: a cache of the clocks.
    #[serde(skip)]
    pub lamp: LampDates,
}

/// The mandatory opinions that are still out, of rounds that are not complete.
pub fn awaited<'a>(reviews: impl Iterator<Item = &'a Review>) -> Vec<&'a Review> {
    let asked: Vec<(&Review, &Consultation)> = reviews
        .filter(|review| !review.state.is_set_aside())
        .filter_map(|review| Some((review, review.consultation.as_ref()?)))
        .filter(|(_, asked)| asked.part == OpinionPart::Mandatory)
        .collect();
    let is_open = |asked_in: &Consultation| {
        let of_round = asked
            .iter()
            .filter(|(_, other)| other.round == asked_in.round);
        let there = of_round.clone().filter(|(review, _)| is_there(review));
        there.count() < asked_in.completion.needed(of_round.count())
    };
    asked
        .iter()
        .filter(|(review, asked_in)| !review.state.is_over() && is_open(asked_in))
        .map(|(review, _)| *review)
        .collect()
}

/// Whether an opinion came, or silence counts as one.
fn is_there(review: &Review) -> bool {
    matches!(review.state, ReviewState::Given | ReviewState::Tacit)
}

/// What the departments that were asked say now: of each its last opinion. Who disagreed, was asked again and let the period
/// pass in silence that counts as consent does not disagree any more, unless an article gave it the force of a veto.
pub fn standing<'a>(reviews: impl Iterator<Item = &'a Review>) -> Vec<(&'a Review, OpinionKind)> {
    let asked: Vec<(&Review, &Consultation)> = reviews
        .filter(|review| !review.state.is_set_aside())
        .filter_map(|review| Some((review, review.consultation.as_ref()?)))
        .collect();
    let mut said: Vec<(&Review, u32, OpinionKind)> = Vec::new();
    for (review, asked) in &asked {
        let Some(given) = &review.given else {
            continue;
        };
        let one = (*review, asked.number, given.opinion.kind);
        match said
            .iter_mut()
            .find(|(other, ..)| other.department == review.department)
        {
            Some(former) if former.1 < asked.number => *former = one,
            Some(_) => {}
            None => said.push(one),
        }
    }
    let consented = |department: &str, since: u32| {
        let of_it = || {
            asked
                .iter()
                .filter(|(review, _)| review.department == department)
        };
        let is_silent = |(review, asked): &(&Review, &Consultation)| {
            review.state == ReviewState::Tacit && asked.number > since
        };
        of_it().any(is_silent) && of_it().all(|(_, asked)| asked.veto_article.is_none())
    };
    said.into_iter()
        .filter(|(review, number, kind)| {
            *kind != OpinionKind::Disagree || !consented(&review.department, *number)
        })
        .map(|(review, _, kind)| (review, kind))
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_rule_needs_a_number_or_none_as_it_is_used() {
        use CompletionRule::{All, Any, AtLeast};
        let fits =
            |rule, at_least, mandatory| Completion::try_new(rule, at_least, mandatory).is_ok();
        let expected = [
            (All, None, 0, true),
            (All, None, 3, true),
            (All, Some(3), 3, false),
            (Any, None, 2, true),
            (Any, Some(1), 2, false),
            (AtLeast, None, 2, false),
            (AtLeast, Some(0), 2, false),
            (AtLeast, Some(1), 2, true),
            (AtLeast, Some(2), 2, true),
            (AtLeast, Some(3), 2, false),
            (AtLeast, Some(1), 0, false),
        ];
        for (rule, at_least, mandatory, is_fitting) in expected {
            assert_eq!(
                fits(rule, at_least, mandatory),
                is_fitting,
                "{rule:?} {at_least:?} of {mandatory}"
            );
        }
    }

    proptest! {
        /// More opinions never make a round less complete, and one more that is asked for never makes it more so.
        #[test]
        fn all_is_the_strictest_rule_and_any_the_mildest(mandatory in 1_usize..8, n in 1_u32..8) {
            let needed = |rule, at_least| Completion { rule, at_least }.needed(mandatory);
            let (all, any) = (needed(CompletionRule::All, None), needed(CompletionRule::Any, None));
            prop_assert_eq!((all, any), (mandatory, 1));
            if let Ok(some) = Completion::try_new(CompletionRule::AtLeast, Some(n), mandatory) {
                prop_assert!((any..=all).contains(&some.needed(mandatory)));
            }
        }
    }
}
