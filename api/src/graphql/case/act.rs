//! Deciding cases.

use async_graphql::{Context, InputObject, Object, Result};
use lianshen_domain::coded;
use lianshen_domain::ids::{CaseId, Id as _};
use lianshen_domain::rejected::Rejected;

use super::Case;
use crate::case::{self, Decide, OnCase};
use crate::graphql::coded::CodeEnum;
use crate::graphql::ids::NodeId;
use crate::graphql::payload::{act, payloads};
use crate::graphql::scalars::Date;

coded! {
    /// What a decider decides.
    pub enum DecisionKind {
        /// 准予.
        Grant = "GRANT",
        /// 不予许可; reasons are required.
        Refuse = "REFUSE",
    }
}

/// A decision on a case.
#[derive(InputObject)]
pub struct CaseDecideInput {
    /// Chosen by you; repeating the request with the same key decides once.
    pub idempotency_key: String,
    /// The case.
    pub case_id: NodeId<CaseId>,
    /// Granted or refused.
    pub decision: CodeEnum<DecisionKind>,
    /// Why, at most 4,000 characters. Required for a refusal, and for a grant against a disagreeing opinion or on conditions
    /// that exclude each other.
    pub reasons: Option<String>,
    /// The day of the decision, if you enter it after the fact (补录). It never heals a breach.
    pub happened_on: Option<Date>,
    /// The version of the case that you looked at; another one is a `CONFLICT`.
    pub expected_version: Option<i64>,
}

/// What every act on a case says.
#[derive(InputObject)]
pub struct CaseActInput {
    /// Chosen by you; repeating the request with the same key acts once.
    pub idempotency_key: String,
    /// The case.
    pub case_id: NodeId<CaseId>,
    /// The day of the act, if you enter it after the fact (补录). It never heals a breach, and is not for everybody.
    pub happened_on: Option<Date>,
    /// The version of the case that you looked at; another one is a `CONFLICT`.
    pub expected_version: Option<i64>,
}

impl CaseActInput {
    /// What the use cases take.
    ///
    /// # Errors
    /// When the identifier is none of a case.
    pub fn read(self) -> Result<OnCase, Rejected> {
        Ok(OnCase {
            idempotency_key: self.idempotency_key,
            case: self.case_id.read("caseId")?.raw(),
            happened_on: self.happened_on.map(|date| date.0),
            expected_version: self.expected_version,
        })
    }
}

payloads! {
    case: Case;
    /// What became of a decision.
    CaseDecidePayload;
}

/// Acts on cases.
#[derive(Default)]
pub struct CaseMutation;

#[Object]
impl CaseMutation {
    /// Decides a case (作出决定): its successors start or its dependants end, and with the last case the application
    /// concludes. For deciders of the department.
    async fn case_decide(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The decision.")] input: CaseDecideInput,
    ) -> Result<CaseDecidePayload> {
        act!(ctx, input.command(), case::decide)
    }
}

impl CaseDecideInput {
    fn command(self) -> Result<Decide, Rejected> {
        Ok(Decide {
            idempotency_key: self.idempotency_key,
            case: self.case_id.read("caseId")?.raw(),
            granted: self.decision.0 == DecisionKind::Grant,
            reasons: self.reasons,
            happened_on: self.happened_on.map(|date| date.0),
            expected_version: self.expected_version,
        })
    }
}
