//! Reviews: one department's task on a case, and the opinion that ends it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::actor::{Actor, Role};
use crate::code::Code as _;
use crate::coded;
use crate::consultation::Consultation;
use crate::event::{ABOUT_OPINION, EventKind, Happening};
use crate::ids::{AccountId, CaseId, Id as _, MaterialId, ReviewId};
use crate::rejected::{Reason, Rejected, because};

coded! {
    /// Where a review stands.
    pub enum ReviewState {
        /// 待启动: before acceptance, where the department owes a report of what is missing, or until a predecessor is granted; no
        /// clock of it runs.
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
        /// 退回重审: who decides sent the examination back, and another review took its place.
        Returned = "RETURNED",
        /// 失效: a material on which the opinion relied was replaced, and another review took its place.
        Stale = "STALE",
    }
}

impl ReviewState {
    /// Whether nobody works on it any more.
    pub fn is_over(self) -> bool {
        matches!(
            self,
            Self::Given
                | Self::Cancelled
                | Self::Withdrawn
                | Self::Tacit
                | Self::Returned
                | Self::Stale
        )
    }

    /// Whether the department was asked and said nothing, and nobody waits for it any more: it was taken back, or the case
    /// ended without it.
    pub fn is_dropped(self) -> bool {
        matches!(self, Self::Withdrawn | Self::Cancelled)
    }

    /// Whether it counts for nothing any more: nobody is asked, or another review took its place.
    pub fn is_set_aside(self) -> bool {
        matches!(self, Self::Withdrawn | Self::Returned | Self::Stale)
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
    /// The materials on which it relies; `None` for all that the case wanted when it was given.
    pub relied_on: Option<Vec<MaterialId>>,
}

/// The most conditions of one opinion.
pub const MOST_CONDITIONS: usize = 20;

/// The most materials that one opinion names.
pub const MOST_RELIED_ON: usize = 200;

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
            let because = because::DISAGREED;
            return Err(Reason::ReasonsRequired { because }.at("reasons"));
        }
        Ok(Self {
            kind,
            reasons,
            conditions: Vec::new(),
            relied_on: None,
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

    /// The same, relying on these materials and no others; the caller has made sure that the department reads them.
    ///
    /// # Errors
    /// `ListTooLong`.
    pub fn relying_on(self, materials: Option<Vec<MaterialId>>) -> Result<Self, Rejected> {
        let number = materials.as_ref().map_or(0, Vec::len);
        if number > MOST_RELIED_ON {
            let max = MOST_RELIED_ON;
            return Err(Reason::ListTooLong { max }.at("materialIds"));
        }
        let relied_on = materials.map(|mut materials| {
            materials.sort_unstable();
            materials.dedup();
            materials
        });
        Ok(Self { relied_on, ..self })
    }
}

/// An opinion that nobody has signed yet (意见草稿); only the department itself sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct OpinionDraft {
    /// What it would say.
    pub kind: Option<OpinionKind>,
    /// Why.
    pub reasons: Option<String>,
    /// On what it would agree.
    pub conditions: Vec<Condition>,
    /// Who wrote it last.
    pub by: Option<Uuid>,
    /// When.
    pub at: Option<DateTime<Utc>>,
}

impl OpinionDraft {
    /// What was said before, to begin from.
    pub(crate) fn after(given: &GivenOpinion) -> Self {
        Self {
            kind: Some(given.opinion.kind),
            reasons: given.opinion.reasons.clone(),
            conditions: given.opinion.conditions.clone(),
            by: Some(given.by.raw()),
            at: Some(given.at),
        }
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
    /// What nobody has signed yet.
    pub draft: Option<OpinionDraft>,
    /// Why another review took its place: the reasons of the return, or the code of the material that was replaced.
    pub set_aside_because: Option<String>,
    /// Counts the changes.
    pub version: i64,
}

impl Review {
    /// A task that nobody has taken: the examination by a department.
    pub fn new(id: ReviewId, case: CaseId, department: String, state: ReviewState) -> Self {
        Self {
            id,
            case,
            department,
            state,
            claimed_by: None,
            claimed_at: None,
            given: None,
            consultation: None,
            draft: None,
            set_aside_because: None,
            version: 1,
        }
    }
}

/// Whether an act changed anything; repeating what was done is no error and no second event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome<T> {
    /// It did.
    Done(T),
    /// It had been done before, identically.
    Unchanged,
}

impl<T> Outcome<T> {
    /// The same, where what was done is seen otherwise.
    pub fn map<U>(self, see: impl FnOnce(T) -> U) -> Outcome<U> {
        match self {
            Self::Done(done) => Outcome::Done(see(done)),
            Self::Unchanged => Outcome::Unchanged,
        }
    }
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

    /// Gives the review to one reviewer of the department (分派), or passes it on to another (转办).
    ///
    /// Who decides gives it to anybody; a reviewer passes on what they hold. The caller has made sure that `to` reviews for
    /// the department.
    ///
    /// # Errors
    /// As `claim`; `WrongState` for a reviewer who has not claimed it.
    pub fn assign(
        &mut self,
        to: AccountId,
        actor: &Actor,
        now: DateTime<Utc>,
    ) -> Result<Outcome<Happening>, Rejected> {
        let is_held = self.claimed_by == Some(actor.account);
        match self.state {
            ReviewState::Claimed if self.claimed_by == Some(to) => return Ok(Outcome::Unchanged),
            ReviewState::Claimed if is_held || actor.role == Role::Decider => {}
            ReviewState::Open if actor.role == Role::Decider => {}
            ReviewState::Open => {
                let state = self.state.into();
                return Err(Reason::WrongState { state }.into());
            }
            _ => return Err(self.refusal().into()),
        }
        Ok(Outcome::Done(self.pass_to(to, now)))
    }

    /// Takes over what a colleague holds who is absent and left the work to this reviewer (代办).
    pub fn stand_in(&mut self, actor: &Actor, now: DateTime<Utc>) -> Happening {
        self.pass_to(actor.account, now)
    }

    fn pass_to(&mut self, to: AccountId, now: DateTime<Utc>) -> Happening {
        let from = self.claimed_by.replace(to);
        self.state = ReviewState::Claimed;
        self.claimed_at = Some(now);
        self.version += 1;
        let passed = self.happening(EventKind::ReviewAssigned);
        let passed = passed.with("to", to.wire());
        match from {
            Some(from) => passed.with("from", from.wire()),
            None => passed,
        }
    }

    /// Keeps what the opinion would say; nobody else is told. Whoever writes has the review from then on, unless it waits for
    /// a predecessor: then anybody of the department may prepare it (预审). The caller has made sure that the application is
    /// accepted.
    ///
    /// # Errors
    /// As `claim`.
    pub fn keep_draft(
        &mut self,
        actor: &Actor,
        draft: OpinionDraft,
        now: DateTime<Utc>,
    ) -> Result<Outcome<Vec<Happening>>, Rejected> {
        // What waits for a predecessor is nobody's yet; it can be prepared all the same (预审).
        let claimed = match self.state {
            ReviewState::Waiting => Outcome::Unchanged,
            _ => self.claim(actor, now)?,
        };
        let claimed = match claimed {
            Outcome::Done(happening) => vec![happening],
            Outcome::Unchanged => Vec::new(),
        };
        let by = Some(actor.account.raw());
        let kept = self.draft.as_ref();
        let at = kept.and_then(|kept| kept.at);
        let again = OpinionDraft { by, at, ..draft };
        if claimed.is_empty() && kept == Some(&again) {
            return Ok(Outcome::Unchanged);
        }
        self.draft = Some(OpinionDraft {
            at: Some(now),
            ..again
        });
        self.version += 1;
        Ok(Outcome::Done(claimed))
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
        if self.state == ReviewState::Given
            && self.given.as_ref().map(|given| &given.opinion) == Some(&opinion)
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
        self.draft = None;
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
                decided: given.opinion.kind.into(),
            },
            (ReviewState::Claimed, _) => Reason::ClaimedByOther,
            (ReviewState::Stale, _) => Reason::OpinionStale {
                material: self.set_aside_because.clone().unwrap_or_default(),
            },
            (state, _) => Reason::WrongState {
                state: state.into(),
            },
        }
    }

    /// Something that happened to it; of an opinion that was asked for it says which one.
    pub(crate) fn happening(&self, kind: EventKind) -> Happening {
        let asked = self.consultation.as_ref();
        let number = asked.map(|asked| (ABOUT_OPINION, asked.number.to_string()));
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
