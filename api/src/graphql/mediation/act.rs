//! Acts on mediations.

use async_graphql::{Context, InputObject, Object, Result};
use lianshen_domain::ids::{CaseId, Id as _, MediationId, ReviewId};
use lianshen_domain::rejected::Rejected;

use super::Mediation;
use crate::case::{
    self, ClimbMediation, OnMediation, OpenedMediation, RecordMinority, SettleMediation,
    TakePosition,
};
use crate::graphql::case::Case;
use crate::graphql::ids::NodeId;
use crate::graphql::payload::{act, payloads};

/// A conflict that is to be mediated.
#[derive(InputObject)]
pub struct CaseOpenMediationInput {
    /// Chosen by you; repeating the request with the same key opens once.
    pub idempotency_key: String,
    /// The case.
    pub case_id: NodeId<CaseId>,
    /// The two reviews of a conflict that `Case.conflicts` shows now.
    pub review_ids: Vec<NodeId<ReviewId>>,
    /// What is to be settled, at most 4,000 characters.
    pub question: String,
    /// The version of the case that you looked at; another one is a `CONFLICT`.
    pub expected_version: Option<i64>,
}

/// What every act on a mediation says.
#[derive(InputObject)]
pub struct MediationActInput {
    /// Chosen by you; repeating the request with the same key acts once.
    pub idempotency_key: String,
    /// The mediation.
    pub mediation_id: NodeId<MediationId>,
    /// The version of the mediation that you looked at; another one is a `CONFLICT`.
    pub expected_version: Option<i64>,
}

/// What a department holds.
#[derive(InputObject)]
pub struct MediationTakePositionInput {
    /// In which mediation, and by which key.
    #[graphql(flatten)]
    pub on: MediationActInput,
    /// What your department holds, at most 4,000 characters.
    pub position: String,
}

/// What was agreed.
#[derive(InputObject)]
pub struct MediationSettleInput {
    /// In which mediation, and by which key.
    #[graphql(flatten)]
    pub on: MediationActInput,
    /// What was agreed, at most 4,000 characters.
    pub settlement: String,
}

/// A view that a department keeps.
#[derive(InputObject)]
pub struct MediationRecordMinorityInput {
    /// In which mediation, and by which key.
    #[graphql(flatten)]
    pub on: MediationActInput,
    /// Code of the department, one of the two.
    pub department_code: String,
    /// Its view, at most 4,000 characters.
    pub view: String,
}

/// A mediation that is passed up.
#[derive(InputObject)]
pub struct MediationClimbInput {
    /// Which mediation, and by which key.
    #[graphql(flatten)]
    pub on: MediationActInput,
    /// Why, at most 4,000 characters.
    pub reasons: String,
    /// Code of the department that the government named for this conflict, from the level of the centre; if not given, that of
    /// the configuration, and if there is none, the head of the government.
    pub department_code: Option<String>,
}

payloads! {
    case: Case;
    /// What became of opening a mediation.
    CaseOpenMediationPayload;
}

payloads! {
    mediation: Mediation;
    /// What became of a position.
    MediationTakePositionPayload;
    /// What became of a settlement.
    MediationSettlePayload;
    /// What became of recording the view of the minority.
    MediationRecordMinorityPayload;
    /// What became of passing a mediation up.
    MediationClimbPayload;
}

/// Acts on mediations.
#[derive(Default)]
pub struct MediationMutation;

#[Object]
impl MediationMutation {
    /// Opens the mediation of a conflict that there is now between two opinions on one case (发起协调). As long as it is open
    /// the case is not granted; it may be refused, and its clocks run on. For the lead coordinator; where nobody leads, for
    /// deciders of the department that handles the case.
    async fn case_open_mediation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which conflict, and what is to be settled.")]
        input: CaseOpenMediationInput,
    ) -> Result<CaseOpenMediationPayload> {
        act!(ctx, input.command(), case::open_mediation)
    }

    /// States what your department holds in a mediation (提出立场). For the two departments; each may state it anew, and what
    /// it said before stays.
    async fn mediation_take_position(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What.")] input: MediationTakePositionInput,
    ) -> Result<MediationTakePositionPayload> {
        act!(ctx, input.command(), case::take_position)
    }

    /// Ends a mediation in agreement (协调一致). No opinion changes by it: who changes its opinion is asked anew, or the
    /// examination is sent back. For who holds the level.
    async fn mediation_settle(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What was agreed.")] input: MediationSettleInput,
    ) -> Result<MediationSettlePayload> {
        act!(ctx, input.command(), case::settle_mediation)
    }

    /// Ends a mediation with the view of the minority on record (保留意见); a grant against it still needs reasons, and a veto
    /// stays a veto. For who holds the level.
    async fn mediation_record_minority(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose view, and which.")] input: MediationRecordMinorityInput,
    ) -> Result<MediationRecordMinorityPayload> {
        act!(ctx, input.command(), case::record_minority)
    }

    /// Passes a mediation up before its time (提请上一级协调). For who holds the level.
    async fn mediation_climb(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Why, and to whom.")] input: MediationClimbInput,
    ) -> Result<MediationClimbPayload> {
        act!(ctx, input.command(), case::climb_mediation)
    }
}

impl CaseOpenMediationInput {
    fn command(self) -> Result<OpenedMediation, Rejected> {
        let reviews = self.review_ids.into_iter().enumerate();
        let reviews = reviews.map(|(at, id)| Ok(id.read(&format!("reviewIds.{at}"))?.raw()));
        Ok(OpenedMediation {
            idempotency_key: self.idempotency_key,
            case: self.case_id.read("caseId")?.raw(),
            between: reviews.collect::<Result<_, Rejected>>()?,
            question: self.question,
            expected_version: self.expected_version,
        })
    }
}

impl MediationActInput {
    fn read(self) -> Result<OnMediation, Rejected> {
        Ok(OnMediation {
            idempotency_key: self.idempotency_key,
            mediation: self.mediation_id.read("mediationId")?.raw(),
            expected_version: self.expected_version,
        })
    }
}

impl MediationTakePositionInput {
    fn command(self) -> Result<TakePosition, Rejected> {
        Ok(TakePosition {
            on: self.on.read()?,
            position: self.position,
        })
    }
}

impl MediationSettleInput {
    fn command(self) -> Result<SettleMediation, Rejected> {
        Ok(SettleMediation {
            on: self.on.read()?,
            settlement: self.settlement,
        })
    }
}

impl MediationRecordMinorityInput {
    fn command(self) -> Result<RecordMinority, Rejected> {
        Ok(RecordMinority {
            on: self.on.read()?,
            department: self.department_code,
            view: self.view,
        })
    }
}

impl MediationClimbInput {
    fn command(self) -> Result<ClimbMediation, Rejected> {
        Ok(ClimbMediation {
            on: self.on.read()?,
            reasons: self.reasons,
            department: self.department_code,
        })
    }
}
