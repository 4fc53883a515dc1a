//! Cases: one item inside an application, with its own clocks and one decision.

use chrono::{DateTime, NaiveDate, Utc};

use crate::clock::{LampDates, Standing};
use crate::code::Code as _;
use crate::coded;
use crate::event::{EventKind, Happening};
use crate::ids::{AccountId, ApplicationId, CaseId, ItemVersionId};
use crate::rejected::{Reason, Rejected, because};
use crate::revocation::FormerDecision;

coded! {
    /// Where a case stands.
    pub enum CaseState {
        /// 已收件: received, not yet accepted.
        Received = "RECEIVED",
        /// 补正: the applicant's supplement is awaited.
        Correction = "CORRECTION",
        /// 待前置: accepted; a predecessor has not been granted yet, so no clock runs.
        AwaitingPredecessor = "AWAITING_PREDECESSOR",
        /// 审查: the department examines it.
        InReview = "IN_REVIEW",
        /// 特别程序: a procedure required by law is under way, and the clocks stand still.
        Suspended = "SUSPENDED",
        /// 待决定: the opinion is there, the decision is not.
        Deciding = "DECIDING",
        /// 准予.
        Granted = "GRANTED",
        /// 不予许可.
        Refused = "REFUSED",
        /// 终止: ended without decision, because a predecessor was refused or the matter is gone.
        Terminated = "TERMINATED",
        /// 不受理: no approval is needed.
        NotRequired = "NOT_REQUIRED",
        /// 不予受理: another agency is competent.
        NotCompetent = "NOT_COMPETENT",
        /// 撤回: withdrawn by the applicant, or treated as withdrawn.
        Withdrawn = "WITHDRAWN",
        /// 撤销受理: what a conditional acceptance waited for never came.
        AcceptanceRevoked = "ACCEPTANCE_REVOKED",
        /// 作废: a mistaken record; it is kept.
        Void = "VOID",
        /// 办结: the result was delivered.
        Closed = "CLOSED",
    }
}

impl CaseState {
    /// Whether nothing more is to be decided.
    pub fn has_ended(self) -> bool {
        !matches!(
            self,
            Self::Received
                | Self::Correction
                | Self::AwaitingPredecessor
                | Self::InReview
                | Self::Suspended
                | Self::Deciding
        )
    }

    /// Whether the clocks of the case run, or stand still for a while.
    pub fn is_under_way(self) -> bool {
        matches!(self, Self::InReview | Self::Suspended | Self::Deciding)
    }
}

coded! {
    /// How a case ends.
    pub enum CaseResult {
        /// 准予许可.
        Granted = "GRANTED",
        /// 不予许可, with reasons and remedies.
        Refused = "REFUSED",
        /// 终止 (前置未获准予, 申请人死亡或终止, 事项消失).
        Terminated = "TERMINATED",
        /// 不受理.
        NotRequired = "NOT_REQUIRED",
        /// 不予受理.
        NotCompetent = "NOT_COMPETENT",
        /// 申请人撤回.
        Withdrawn = "WITHDRAWN",
        /// 补正不来: treated as withdrawn.
        NotSupplemented = "NOT_SUPPLEMENTED",
        /// 撤销受理.
        AcceptanceRevoked = "ACCEPTANCE_REVOKED",
        /// 作废.
        Void = "VOID",
        /// 视为准予延续: by silence, never shown as a signed decision (行政许可法 第五十条).
        Renewed = "RENEWED",
        /// 超时默许通过: by silence, where the bundle lets a component pass; the department owes the paper. Never shown as a
        /// signed decision.
        TacitPassed = "TACIT_PASSED",
    }
}

impl CaseResult {
    /// Whether the applicant has what was applied for.
    pub fn is_granted(self) -> bool {
        matches!(self, Self::Granted | Self::Renewed | Self::TacitPassed)
    }

    /// Whether there is something to hand over.
    pub fn is_decision(self) -> bool {
        self.is_granted() || self == Self::Refused
    }

    /// Whether the department decided, and is judged by when: it granted or refused. Silence is no decision, also where
    /// it grants: the article that lets a licence be renewed by it speaks of who "did not decide in time" (行政许可法
    /// 第五十条), and where a bundle lets a component pass the paper is still owed. Such a case is not called in time.
    pub fn is_signed_decision(self) -> bool {
        matches!(self, Self::Granted | Self::Refused)
    }

    /// Whether it counts as a case that was closed (办结件). What was not accepted never became one, and what was voided
    /// never was one.
    pub fn is_closed_case(self) -> bool {
        !self.is_not_accepted() && self != Self::Void
    }

    /// Whether it never came to a review.
    pub fn is_not_accepted(self) -> bool {
        matches!(self, Self::NotRequired | Self::NotCompetent)
    }

    /// Whether the applicant gave it up.
    pub fn is_withdrawn(self) -> bool {
        matches!(self, Self::Withdrawn | Self::NotSupplemented)
    }

    /// The number by which the exchange names how a case was closed (办结结果代码).
    pub fn closing_kind(self) -> u8 {
        match self {
            Self::Granted | Self::Renewed | Self::TacitPassed => 0,
            Self::Refused | Self::NotRequired | Self::NotCompetent => 1,
            Self::Void => 2,
            Self::NotSupplemented => 5,
            Self::Terminated | Self::Withdrawn | Self::AcceptanceRevoked => 6,
        }
    }
}

/// The word of an event that says which period the delivery of a result has.
pub(crate) const DELIVERY: &str = "delivery";

/// That each result has its own, which begins with its decision (行政许可法 第四十四条).
pub(crate) const DELIVERY_BY_CASE: &str = "BY_CASE";

/// A decision (决定) on a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Granted or refused.
    pub granted: bool,
    /// Why; required for a refusal, and for a grant against a disagreeing opinion, or on conditions that exclude each
    /// other.
    pub reasons: Option<String>,
}

impl Decision {
    /// A decision, checked by itself.
    ///
    /// # Errors
    /// `ReasonsRequired` for a refusal without reasons (行政许可法 第三十八条); blank ones are none.
    pub fn try_new(granted: bool, reasons: Option<String>) -> Result<Self, Rejected> {
        let reasons = reasons.filter(|reasons| !reasons.trim().is_empty());
        if !granted && reasons.is_none() {
            let because = because::REFUSED;
            return Err(Reason::ReasonsRequired { because }.at("reasons"));
        }
        Ok(Self { granted, reasons })
    }
}

/// How and when a case ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    /// How.
    pub result: CaseResult,
    /// Why.
    pub reasons: Option<String>,
    /// Who decided; nobody for a termination that followed from another refusal.
    pub by: Option<AccountId>,
    /// When.
    pub at: DateTime<Utc>,
    /// The local date on which the clocks stopped.
    pub on: NaiveDate,
}

/// The dates that a started case runs on: a cache of its clocks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseDates {
    /// The day whose following days are charged to the promised limit.
    pub started_on: NaiveDate,
    /// Due dates and the first day of the warning.
    pub lamp: LampDates,
    /// Whether a due date reaches into a year without holiday notice.
    pub provisional: bool,
    /// The day on which the clocks stopped. A decision that was entered after a period had ended stops them on the day
    /// of its entry.
    pub stopped_on: Option<NaiveDate>,
    /// What they would have said when the clocks stopped if nothing had ever suspended one; `None` while they run, and where
    /// it is what they say.
    pub standing_unsuspended: Option<Standing>,
    /// Whether more than start and decision made the clocks what they are.
    pub eventful: bool,
}

impl CaseDates {
    /// The dates of a case that starts on a day, before its clocks are read.
    pub fn starting(on: NaiveDate) -> Self {
        Self {
            started_on: on,
            lamp: LampDates::default(),
            provisional: false,
            stopped_on: None,
            standing_unsuspended: None,
            eventful: false,
        }
    }
}

/// One item inside an application (办件).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// Identifier.
    pub id: CaseId,
    /// The application that it is part of.
    pub application: ApplicationId,
    /// The item version that it was accepted under, and stays under.
    pub item_version: ItemVersionId,
    /// Code of the item.
    pub item: String,
    /// Name of the item.
    pub item_name: String,
    /// Code of the department that answers for it.
    pub department: String,
    /// Its place in the application, from 0.
    pub ordinal: i32,
    /// The cases that must be granted first.
    pub predecessors: Vec<CaseId>,
    /// Case number (办件编号), given on receipt.
    pub case_number: String,
    /// Order of acceptance within the item (行政许可法 第五十七条).
    pub accepted_seq: Option<i64>,
    /// Where it stands.
    pub state: CaseState,
    /// Its dates, once the clocks began.
    pub dates: Option<CaseDates>,
    /// How it ended.
    pub ending: Option<Ending>,
    /// The refusals of it that were revoked, the first first; they stay on record for ever.
    pub former: Vec<FormerDecision>,
    /// How many opinions of other departments it has asked for.
    pub asked: u32,
    /// Counts the changes.
    pub version: i64,
}

impl Case {
    /// Begins the clocks: nothing stands before this case any more.
    pub(crate) fn start(&mut self, dates: CaseDates) -> Happening {
        self.state = CaseState::InReview;
        self.dates = Some(dates);
        self.version += 1;
        self.happening(EventKind::CaseStarted)
    }

    /// The examination is over.
    pub(crate) fn await_decision(&mut self) {
        self.state = CaseState::Deciding;
        self.version += 1;
    }

    /// Ends the case; the caller has made sure that it may.
    pub(crate) fn end(&mut self, ending: Ending) -> Happening {
        let (state, kind) = match ending.result {
            CaseResult::Granted => (CaseState::Granted, EventKind::CaseGranted),
            CaseResult::Refused => (CaseState::Refused, EventKind::CaseRefused),
            CaseResult::Terminated => (CaseState::Terminated, EventKind::CaseTerminated),
            CaseResult::NotRequired => (CaseState::NotRequired, EventKind::CaseNotRequired),
            CaseResult::NotCompetent => (CaseState::NotCompetent, EventKind::CaseNotCompetent),
            CaseResult::Withdrawn | CaseResult::NotSupplemented => {
                (CaseState::Withdrawn, EventKind::CaseWithdrawn)
            }
            CaseResult::AcceptanceRevoked => (
                CaseState::AcceptanceRevoked,
                EventKind::CaseAcceptanceRevoked,
            ),
            CaseResult::Void => (CaseState::Void, EventKind::CaseVoided),
            CaseResult::Renewed => (CaseState::Granted, EventKind::CaseRenewed),
            CaseResult::TacitPassed => (CaseState::Granted, EventKind::CaseTacitPassed),
        };
        let result = ending.result;
        self.state = state;
        self.ending = Some(ending);
        self.version += 1;
        let ended = self.happening(kind).with("result", result.code());
        if result.is_decision() {
            return ended.with(DELIVERY, DELIVERY_BY_CASE);
        }
        ended
    }

    /// Takes its end back: it is under review again, or waits for its predecessor again.
    pub(crate) fn go_on(&mut self, state: CaseState, kind: EventKind) -> Happening {
        self.state = state;
        self.ending = None;
        self.version += 1;
        self.happening(kind)
    }

    /// Whether it ended only because what it waited for did, before its own clocks began.
    pub(crate) fn was_lost(&self) -> bool {
        let ending = self.ending.as_ref();
        ending.is_some_and(|ending| ending.result == CaseResult::Terminated)
            && self.dates.is_none()
            && !self.predecessors.is_empty()
    }

    /// What its dates say on a day; once its clocks have stopped they say the same for ever.
    pub fn standing_on(&self, day: NaiveDate) -> Standing {
        let stopped_on = self.dates.as_ref().and_then(|dates| dates.stopped_on);
        let ended_on = stopped_on.or(self.ending.as_ref().map(|ending| ending.on));
        let lamp = self.dates.as_ref().map(|dates| dates.lamp);
        lamp.unwrap_or_default()
            .shown(self.dates.is_some(), ended_on, day)
    }

    /// Whether it ended with what was applied for, delivered or not.
    pub(crate) fn was_granted(&self) -> bool {
        self.ending
            .as_ref()
            .is_some_and(|ending| ending.result.is_granted())
    }

    /// Whether it ended with something to hand over.
    pub(crate) fn was_decided(&self) -> bool {
        self.ending
            .as_ref()
            .is_some_and(|ending| ending.result.is_decision())
    }

    /// Whether it has a result that was not handed over.
    pub(crate) fn has_result_waiting(&self) -> bool {
        self.was_decided() && self.state != CaseState::Closed
    }

    /// Whether it ended with a paper that goes to the applicant with the results, and was not handed over.
    pub(crate) fn closes_with_delivery(&self) -> bool {
        self.has_result_waiting() || self.state == CaseState::Terminated
    }

    /// Closes the case: its result was delivered. What ended without decision stays what it is.
    pub(crate) fn close(&mut self) {
        if self.closes_with_delivery() {
            self.state = CaseState::Closed;
            self.version += 1;
        }
    }

    /// What stands in the way of a decision.
    pub(crate) fn refusal(&self) -> Reason {
        match (self.state, &self.ending) {
            (_, Some(ending)) => Reason::AlreadyDecided {
                decided: ending.result.into(),
            },
            (CaseState::AwaitingPredecessor, None) => Reason::AwaitsPredecessor,
            (state, None) => Reason::WrongState {
                state: state.into(),
            },
        }
    }

    pub(crate) fn happening(&self, kind: EventKind) -> Happening {
        Happening {
            kind,
            case: Some(self.id),
            review: None,
            department: Some(self.department.clone()),
            detail: vec![("item", self.item.clone())],
            on: None,
        }
    }

    /// Tells that the case was passed to its department (抄告).
    pub(crate) fn passed(&self) -> Happening {
        self.happening(EventKind::CasePassed)
    }
}
