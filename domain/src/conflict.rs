//! Conflicts between opinions on one case: one agrees where another does not, or their conditions exclude each other.
//!
//! They are found each time from the opinions that stand, and never kept: who changes an opinion changes them with it.

use serde::{Deserialize, Serialize};

use crate::coded;
use crate::consultation::standing;
use crate::ids::ReviewId;
use crate::review::{Condition, GivenOpinion, OpinionKind, Review};

coded! {
    /// How opinions contradict each other.
    pub enum ConflictKind {
        /// 意见相左: one department agrees, another does not.
        Opinions = "OPINIONS",
        /// 条件抵触: both agree, on conditions of categories that exclude each other.
        Conditions = "CONDITIONS",
    }
}

/// Two opinions on one case that contradict each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// How.
    pub kind: ConflictKind,
    /// The reviews: of who agrees and who does not, or in the order in which they were asked.
    pub between: (ReviewId, ReviewId),
    /// The categories that exclude each other.
    pub categories: Option<(String, String)>,
}

/// Which categories of conditions exclude each other, whichever comes first. Keys of the configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Opposed {
    /// Pairs of categories, e.g. `["独立消防通道", "共用消防通道"]`.
    pub opposed: Vec<(String, String)>,
}

impl Opposed {
    /// What is out of its bounds: the key, what it is, and what it may be.
    pub fn faults(&self) -> Vec<String> {
        let same = self.opposed.iter().filter(|(one, other)| one == other);
        same.map(|(one, _)| {
            format!(
                "opinions.opposed sets {one} against itself, and may name two different categories"
            )
        })
        .collect()
    }

    fn excludes(&self, one: &str, other: &str) -> bool {
        self.opposed.iter().any(|(first, second)| {
            (first == one && second == other) || (first == other && second == one)
        })
    }
}

/// The conflicts between the opinions on one case: its examination, and of each department that was asked the last.
pub fn conflicts<'a>(
    reviews: impl Iterator<Item = &'a Review> + Clone,
    opposed: &Opposed,
) -> Vec<Conflict> {
    let said = said(reviews);
    let mut found = Vec::new();
    for (at, (one, first)) in said.iter().enumerate() {
        for (other, second) in &said[at + 1..] {
            let disagrees = |given: &GivenOpinion| given.opinion.kind == OpinionKind::Disagree;
            match (disagrees(first), disagrees(second)) {
                (false, true) => found.push(Conflict::of_opinions(*one, *other)),
                (true, false) => found.push(Conflict::of_opinions(*other, *one)),
                (true, true) => {}
                (false, false) => found.extend(
                    pairs(first, second)
                        .filter(|(one, other)| opposed.excludes(one, other))
                        .map(|(first, second)| Conflict {
                            kind: ConflictKind::Conditions,
                            between: (*one, *other),
                            categories: Some((first.to_owned(), second.to_owned())),
                        }),
                ),
            }
        }
    }
    found.dedup();
    found
}

/// The conditions of all who agree, each once, in the order in which they were asked: what a grant carries.
pub fn granted_on<'a>(reviews: impl Iterator<Item = &'a Review> + Clone) -> Vec<&'a Condition> {
    let mut conditions: Vec<&Condition> = Vec::new();
    for condition in said(reviews)
        .iter()
        .flat_map(|(_, given)| &given.opinion.conditions)
    {
        if !conditions.contains(&condition) {
            conditions.push(condition);
        }
    }
    conditions
}

/// What is said on a case: by its examination, and by each department that was asked last.
fn said<'a>(
    reviews: impl Iterator<Item = &'a Review> + Clone,
) -> Vec<(ReviewId, &'a GivenOpinion)> {
    let examined = reviews
        .clone()
        .filter(|review| review.consultation.is_none() && !review.state.is_set_aside());
    let asked = standing(reviews).into_iter().map(|(review, _)| review);
    examined
        .chain(asked)
        .filter_map(|review| Some((review.id, review.given.as_ref()?)))
        .collect()
}

impl Conflict {
    fn of_opinions(agrees: ReviewId, disagrees: ReviewId) -> Self {
        Self {
            kind: ConflictKind::Opinions,
            between: (agrees, disagrees),
            categories: None,
        }
    }
}

/// The categories of the conditions of two opinions, each of the one with each of the other.
fn pairs<'a>(
    one: &'a GivenOpinion,
    other: &'a GivenOpinion,
) -> impl Iterator<Item = (&'a str, &'a str)> {
    let others = &other.opinion.conditions;
    one.opinion.conditions.iter().flat_map(move |first| {
        let others = others.iter();
        others.map(move |second| (first.category.as_str(), second.category.as_str()))
    })
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, NaiveDate};
    use uuid::Uuid;

    use super::*;
    use crate::clock::{LampDates, Limit};
    use crate::consultation::{Completion, CompletionRule, Consultation, OpinionPart};
    use crate::ids::{AccountId, CaseId, Id as _};
    use crate::review::{Opinion, ReviewState};

    /// `"agree 甲 乙"`, `"disagree"`; the first is the examination, the others were asked, each of another department.
    fn reviews(words: &[&str]) -> Vec<Review> {
        let review = |(place, words): (usize, &&str)| {
            let mut words = words.split_whitespace();
            let kind = match words.next().unwrap() {
                "agree" => OpinionKind::Agree,
                "forward" => OpinionKind::AgreeToForward,
                _ => OpinionKind::Disagree,
            };
            let condition = |category: &str| Condition {
                category: category.to_owned(),
                text: "开业前完成".to_owned(),
                article: "某条例 第三条".to_owned(),
            };
            let number = u32::try_from(place).unwrap();
            Review {
                id: ReviewId::new(Uuid::from_u128(place as u128 + 1)),
                case: CaseId::new(Uuid::from_u128(9)),
                department: format!("D{place}"),
                state: ReviewState::Given,
                claimed_by: None,
                claimed_at: None,
                given: Some(GivenOpinion {
                    opinion: Opinion {
                        kind,
                        reasons: None,
                        conditions: words.map(condition).collect(),
                        relied_on: None,
                    },
                    by: AccountId::new(Uuid::from_u128(7)),
                    at: DateTime::UNIX_EPOCH,
                }),
                consultation: (place > 0).then(|| Consultation {
                    number,
                    round: 1,
                    part: OpinionPart::Mandatory,
                    completion: Completion {
                        rule: CompletionRule::All,
                        at_least: None,
                    },
                    question: String::new(),
                    veto_article: None,
                    asked_on: NaiveDate::MIN,
                    limit: Limit::workdays(5),
                    withdrawn_because: None,
                    lamp: LampDates::default(),
                }),
                draft: None,
                set_aside_because: None,
                version: 1,
            }
        };
        words.iter().enumerate().map(review).collect()
    }

    fn told(words: &[&str]) -> Vec<String> {
        let opposed = Opposed {
            opposed: vec![("独立通道".to_owned(), "共用通道".to_owned())],
        };
        let reviews = reviews(words);
        let number = |id: ReviewId| id.raw().as_u128() - 1;
        let found = conflicts(reviews.iter(), &opposed);
        let line = |conflict: &Conflict| {
            let (one, other) = conflict.between;
            let of = conflict.categories.as_ref();
            let of = of.map_or(String::new(), |(one, other)| format!(" {one} {other}"));
            format!("{:?} {} {}{of}", conflict.kind, number(one), number(other))
        };
        found.iter().map(line).collect()
    }

    #[test]
    fn who_agrees_stands_against_who_does_not() {
        assert_eq!(told(&["agree", "agree", "forward"]), Vec::<String>::new());
        assert_eq!(told(&["disagree", "disagree"]), Vec::<String>::new());
        assert_eq!(told(&["agree", "disagree"]), ["Opinions 0 1"]);
        assert_eq!(told(&["disagree", "agree"]), ["Opinions 1 0"]);
        assert_eq!(
            told(&["agree", "disagree", "forward"]),
            ["Opinions 0 1", "Opinions 2 1"]
        );
    }

    #[test]
    fn conditions_exclude_each_other_in_either_order_and_only_where_that_was_declared() {
        assert_eq!(
            told(&["agree 独立通道", "agree 共用通道 独立通道"]),
            ["Conditions 0 1 独立通道 共用通道"]
        );
        assert_eq!(
            told(&["agree", "agree 共用通道", "forward 独立通道"]),
            ["Conditions 1 2 共用通道 独立通道"]
        );
        assert_eq!(
            told(&["agree 独立通道", "agree 独立通道 隔油池"]),
            Vec::<String>::new()
        );
        assert_eq!(told(&["agree 独立通道", "disagree"]), ["Opinions 0 1"]);
    }

    #[test]
    fn a_later_opinion_of_a_department_takes_the_place_of_its_former_one() {
        let mut all = reviews(&["agree", "disagree", "agree"]);
        all[2].department = all[1].department.clone();
        assert_eq!(conflicts(all.iter(), &Opposed::default()), []);
    }

    #[test]
    fn a_category_is_not_set_against_itself() {
        let faulty = Opposed {
            opposed: vec![("甲".to_owned(), "甲".to_owned())],
        };
        assert_eq!(faulty.faults().len(), 1);
        assert_eq!(Opposed::default().faults(), Vec::<String>::new());
    }
}
