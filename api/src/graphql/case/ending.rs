//! Other ends of a case: not accepted, terminated, voided by two persons.

use async_graphql::{Context, InputObject, Object, Result};
use lianshen_domain::coded;
use lianshen_domain::rejected::Rejected;

use super::Case;
use super::act::CaseActInput;
use crate::case::{self, EndCase, RefuseAcceptance};
use crate::graphql::coded::CodeEnum;
use crate::graphql::payload::{act, payloads};

coded! {
    /// Why a case is not accepted (行政许可法 第三十二条第一款第一项、第二项).
    pub enum NotAcceptedKind {
        /// 不受理: the matter needs no approval.
        NotRequired = "NOT_REQUIRED",
        /// 不予受理: another agency is competent; name it if it is known.
        NotCompetent = "NOT_COMPETENT",
    }
}

/// A case that is not accepted.
#[derive(InputObject)]
pub struct CaseRefuseAcceptanceInput {
    /// Which case, and by which key.
    #[graphql(flatten)]
    pub on: CaseActInput,
    /// No approval needed, or not competent.
    pub kind: CodeEnum<NotAcceptedKind>,
    /// Why, at most 4,000 characters.
    pub reasons: String,
    /// The agency that is competent, at most 100 characters.
    pub competent_agency: Option<String>,
}

/// A case that is ended without decision.
#[derive(InputObject)]
pub struct CaseTerminateInput {
    /// Which case, and by which key.
    #[graphql(flatten)]
    pub on: CaseActInput,
    /// Why, at most 4,000 characters.
    pub reasons: String,
}

/// A mistaken record.
#[derive(InputObject)]
pub struct CaseAskVoidInput {
    /// Which case, and by which key.
    #[graphql(flatten)]
    pub on: CaseActInput,
    /// What is mistaken, at most 4,000 characters.
    pub reasons: String,
}

/// A mistaken record whose voiding somebody asked for.
#[derive(InputObject)]
pub struct CaseConfirmVoidInput {
    /// Which case, and by which key.
    #[graphql(flatten)]
    pub on: CaseActInput,
}

/// A paper that a department owes.
#[derive(InputObject)]
pub struct CaseIssuePaperInput {
    /// Which case, and by which key.
    #[graphql(flatten)]
    pub on: CaseActInput,
}

payloads! {
    case: Case;
    /// What became of issuing a paper that was owed.
    CaseIssuePaperPayload;
    /// What became of a refusal to accept.
    CaseRefuseAcceptancePayload;
    /// What became of a termination.
    CaseTerminatePayload;
    /// What became of asking for a record to be voided.
    CaseAskVoidPayload;
    /// What became of its confirmation.
    CaseConfirmVoidPayload;
}

/// Acts that end a case without deciding it.
#[derive(Default)]
pub struct CaseEndingMutation;

#[Object]
impl CaseEndingMutation {
    /// Does not accept a case (不受理, 不予受理), in writing; what needs no approval stands before nothing, what depends on
    /// one that is not competent ends with it. For clerks, before acceptance.
    async fn case_refuse_acceptance(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which case, and why.")] input: CaseRefuseAcceptanceInput,
    ) -> Result<CaseRefuseAcceptancePayload> {
        act!(ctx, input.command(), case::refuse_acceptance)
    }

    /// Ends a case without decision (终止): the applicant has died or was dissolved, or the matter is gone. For deciders
    /// of the department.
    async fn case_terminate(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which case, and why.")] input: CaseTerminateInput,
    ) -> Result<CaseTerminatePayload> {
        act!(ctx, end_case(input.on, input.reasons), case::terminate)
    }

    /// Issues the paper of a case that passed by the silence of your department (补发文书): it is owed within one working day,
    /// and nothing is delivered before. The case stays `TACIT_PASSED` for ever. For deciders of the department.
    async fn case_issue_paper(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which case.")] input: CaseIssuePaperInput,
    ) -> Result<CaseIssuePaperPayload> {
        act!(ctx, input.on.read(), case::issue_paper)
    }

    /// Asks for a mistaken record to be voided (申请作废); nothing changes until another person confirms it. For clerks of
    /// the window and deciders of the department.
    async fn case_ask_void(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which case, and why.")] input: CaseAskVoidInput,
    ) -> Result<CaseAskVoidPayload> {
        act!(ctx, end_case(input.on, input.reasons), case::ask_void)
    }

    /// Voids a mistaken record (作废): a second person confirms what another asked for. The record stays, and a comprehensive
    /// permit is issued anew without its licence. For clerks of the window and deciders of the department.
    async fn case_confirm_void(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which case.")] input: CaseConfirmVoidInput,
    ) -> Result<CaseConfirmVoidPayload> {
        act!(ctx, input.on.read(), case::confirm_void)
    }
}

fn end_case(on: CaseActInput, reasons: String) -> Result<EndCase, Rejected> {
    Ok(EndCase {
        on: on.read()?,
        reasons,
    })
}

impl CaseRefuseAcceptanceInput {
    fn command(self) -> Result<RefuseAcceptance, Rejected> {
        let on = self.on.read()?;
        Ok(RefuseAcceptance {
            idempotency_key: on.idempotency_key,
            case: on.case,
            not_required: self.kind.0 == NotAcceptedKind::NotRequired,
            reasons: self.reasons,
            competent_agency: self.competent_agency,
            happened_on: on.happened_on,
            expected_version: on.expected_version,
        })
    }
}
