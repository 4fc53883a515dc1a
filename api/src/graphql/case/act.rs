//! Deciding cases.

use std::sync::Arc;

use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use lianshen_domain::coded;
use lianshen_domain::ids::{CaseId, Id as _};

use super::Case;
use crate::case::{self, Decide};
use crate::graphql::coded::CodeEnum;
use crate::graphql::context::Ctx;
use crate::graphql::ids::NodeId;
use crate::graphql::scalars::Date;
use crate::graphql::user_error::UserError;

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
    /// Why, at most 4,000 characters. Required for a refusal, and for a grant against a disagreeing opinion.
    pub reasons: Option<String>,
    /// The day of the decision, if you enter it after the fact (补录). It never heals a breach.
    pub happened_on: Option<Date>,
    /// The version of the case that you looked at; another one is a `CONFLICT`.
    pub expected_version: Option<i64>,
}

/// What became of a decision.
#[derive(SimpleObject)]
pub struct CaseDecidePayload {
    /// The case; null when there are `userErrors`.
    pub case: Option<Case>,
    /// Why nothing was done.
    pub user_errors: Vec<UserError>,
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
        let ctx = Ctx::of(ctx)?;
        let actor = ctx.actor()?.clone();
        let id = match input.case_id.read("caseId") {
            Ok(id) => id,
            Err(fault) => {
                return Ok(CaseDecidePayload {
                    case: None,
                    user_errors: UserError::all(vec![fault], ctx.lang()),
                });
            }
        };
        let command = Decide {
            idempotency_key: input.idempotency_key,
            case: id.raw(),
            granted: input.decision.0 == DecisionKind::Grant,
            reasons: input.reasons,
            happened_on: input.happened_on.map(|date| date.0),
            expected_version: input.expected_version,
        };
        let app = ctx.app().clone();
        let decided = ctx.app().run(async move {
            let id = case::decide(&app, &actor, command).await?;
            case::case(&app, &actor, id).await
        });
        let outcome = ctx.outcome(decided.await)?;
        let case = outcome.done.flatten().map(|row| Case::new(Arc::new(row)));
        Ok(CaseDecidePayload {
            case,
            user_errors: outcome.user_errors,
        })
    }
}
