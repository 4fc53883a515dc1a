//! Reviews: one department's task on a case, and the opinion that ends it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::actor::Actor;
use crate::code::Code as _;
use crate::coded;
use crate::consultation::Consultation;
use crate::event::{EventKind, Happening};
use crate::ids::{AccountId, CaseId, ReviewId};
use crate::rejected::{Reason, Rejected};

coded! {
    /// Where a review stands.
    pub enum ReviewState {
        /// 待启动: a predecessor has not been granted yet; no clock runs.
        Waiting = "WAITING",
        /// 待领取: the department has it, nobody took it yet.
        Open = "OPEN",
        /// 审查中: a reviewer took it.
        Claimed = "CLAIMED",
        /// 已出具意见: the opinion was given.
        Given = "GIVEN",
        /// 已取消: the case ended without this review.
        Cancelled = "CANCELLED",
        /// 已撤回: the department is not asked any more.
        Withdrawn = "WITHDRAWN",
        /// 超时视为同意: the department said nothing in time, and the bundle lets that count as consent. Nobody signed it.
        Tacit = "TACIT",
    }
}

impl ReviewState {
    /// Whether nobody works on it any more.
    pub fn is_over(self) -> bool {
        matches!(
            self,
            Self::Given | Self::Cancelled | Self::Withdrawn | Self::Tacit
        )
    }
}

coded! {
    /// What a review says. Nothing else counts as an opinion.
    pub enum OpinionKind {
        /// 同意.
        Agree = "AGREE",
        /// 不同意, with reasons.
        Disagree = "DISAGREE",
        /// 同意但需转报: agreed, to be forwarded to a higher body.
        AgreeToForward = "AGREE_TO_FORWARD",
    }
}

/// An opinion (意见) as given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opinion {
    /// Which of the three.
    pub kind: OpinionKind,
    /// Why; required for disagreement.
    pub reasons: Option<String>,
    /// On what it agrees; none for disagreement.
    pub conditions: Vec<Condition>,
}

/// The most conditions of one opinion.
pub const MOST_CONDITIONS: usize = 20;

/// A condition on which a department agrees (附条件同意).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Condition {
    /// What kind of condition, in the words of the centre; by it conditions that exclude each other are found.
    pub category: String,
    /// What is to be done or kept.
    pub text: String,
    /// The article that demands it.
    pub article: String,
}

impl Opinion {
    /// An opinion, checked.
    ///
    /// # Errors
    /// `ReasonsRequired` for a disagreement without reasons; blank ones are none.
    pub fn try_new(kind: OpinionKind, reasons: Option<String>) -> Result<Self, Rejected> {
        let reasons = reasons.filter(|reasons| !reasons.trim().is_empty());
        if kind == OpinionKind::Disagree && reasons.is_none() {
            return Err(Reason::ReasonsRequired.at("reasons"));
        }
        Ok(Self {
            kind,
            reasons,
            conditions: Vec::new(),
        })
    }

    /// The same, on conditions.
    ///
    /// # Errors
    /// `ConditionsOfDisagreement`; `ListTooLong`; `ConditionTwice` for two alike.
    pub fn on_condition(self, conditions: Vec<Condition>) -> Result<Self, Rejected> {
        if self.kind == OpinionKind::Disagree && !conditions.is_empty() {
            return Err(Reason::ConditionsOfDisagreement.at("conditions"));
        }
        if conditions.len() > MOST_CONDITIONS {
            let max = MOST_CONDITIONS;
            return Err(Reason::ListTooLong { max }.at("conditions"));
        }
        let twice = (1..conditions.len()).find(|at| conditions[..*at].contains(&conditions[*at]));
        if let Some(at) = twice {
            return Err(Reason::ConditionTwice.at(&format!("conditions.{at}")));
        }
        Ok(Self { conditions, ..self })
    }
}

/// An opinion with its author and time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenOpinion {
    /// What was said.
    pub opinion: Opinion,
    /// By whom.
    pub by: AccountId,
    /// When.
    pub at: DateTime<Utc>,
}

/// One department's task on a case (审查).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Review {
    /// Identifier.
    pub id: ReviewId,
    /// The case that is reviewed.
    pub case: CaseId,
    /// Code of the reviewing department.
    pub department: String,
    /// Where it stands.
    pub state: ReviewState,
    /// Who took it.
    pub claimed_by: Option<AccountId>,
    /// When it was taken.
    pub claimed_at: Option<DateTime<Utc>>,
    /// The opinion, once given.
    pub given: Option<GivenOpinion>,
    /// Why the department was asked; `None` for the examination by the department that handles the case.
    pub consultation: Option<Consultation>,
    /// Counts the changes.
    pub version: i64,
}

/// Whether an act changed anything; repeating what was done is no error and no second event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome<T> {
    /// It did.
    Done(T),
    /// It had been done before, identically.
    Unchanged,
}

impl Review {
    /// Takes the review for one reviewer.
    ///
    /// # Errors
    /// `AwaitsPredecessor`, `ClaimedByOther`, or `AlreadyDecided` once an opinion stands.
    pub fn claim(
        &mut self,
        actor: &Actor,
        now: DateTime<Utc>,
    ) -> Result<Outcome<Happening>, Rejected> {
        match self.state {
            ReviewState::Open => {
                self.state = ReviewState::Claimed;
                self.claimed_by = Some(actor.account);
                self.claimed_at = Some(now);
                self.version += 1;
                Ok(Outcome::Done(self.happening(EventKind::ReviewClaimed)))
            }
            ReviewState::Claimed if self.claimed_by == Some(actor.account) => {
                Ok(Outcome::Unchanged)
            }
            _ => Err(self.refusal().into()),
        }
    }

    /// Gives the review back to the department.
    ///
    /// # Errors
    /// As `claim`; only who holds it may give it back.
    pub fn release(&mut self, actor: &Actor) -> Result<Outcome<Happening>, Rejected> {
        match self.state {
            ReviewState::Open => Ok(Outcome::Unchanged),
            ReviewState::Claimed if self.claimed_by == Some(actor.account) => {
                self.state = ReviewState::Open;
                self.claimed_by = None;
                self.claimed_at = None;
                self.version += 1;
                Ok(Outcome::Done(self.happening(EventKind::ReviewReleased)))
            }
            _ => Err(self.refusal().into()),
        }
    }

    /// Gives the opinion. Who gives it need not have claimed the review, unless somebody else has.
    ///
    /// # Errors
    /// As `claim`; `AlreadyDecided` names the opinion that stands when it is another one.
    pub fn give(
        &mut self,
        actor: &Actor,
        opinion: Opinion,
        now: DateTime<Utc>,
    ) -> Result<Outcome<Happening>, Rejected> {
        if let Some(given) = &self.given
            && given.opinion == opinion
        {
            return Ok(Outcome::Unchanged);
        }
        match self.state {
            ReviewState::Open => {}
            ReviewState::Claimed if self.claimed_by == Some(actor.account) => {}
            _ => return Err(self.refusal().into()),
        }
        let kind = opinion.kind;
        self.state = ReviewState::Given;
        self.claimed_by = Some(actor.account);
        self.claimed_at.get_or_insert(now);
        self.given = Some(GivenOpinion {
            opinion,
            by: actor.account,
            at: now,
        });
        self.version += 1;
        Ok(Outcome::Done(
            self.happening(EventKind::OpinionGiven)
                .with("opinion", kind.code()),
        ))
    }

    /// Why the review cannot be worked on.
    pub(crate) fn refusal(&self) -> Reason {
        match (self.state, &self.given) {
            (ReviewState::Waiting, _) => Reason::AwaitsPredecessor,
            (ReviewState::Given, Some(given)) => Reason::AlreadyDecided {
                decided: given.opinion.kind.code().to_owned(),
            },
            (ReviewState::Claimed, _) => Reason::ClaimedByOther,
            (state, _) => Reason::WrongState {
                state: state.code().to_owned(),
            },
        }
    }

    /// Something that happened to it; of an opinion that was asked for it says which one.
    pub(crate) fn happening(&self, kind: EventKind) -> Happening {
        let asked = self.consultation.as_ref();
        let number = asked.map(|asked| ("asked", asked.number.to_string()));
        Happening {
            kind,
            case: Some(self.case),
            review: Some(self.id),
            department: Some(self.department.clone()),
            detail: number.into_iter().collect(),
            on: None,
        }
    }
}
