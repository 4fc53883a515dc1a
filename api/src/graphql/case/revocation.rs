//! Cases that are decided anew, because their refusal was revoked on reconsideration or by a court.

use async_graphql::{Context, InputObject, Object, Result};
use lianshen_domain::case::CaseResult;
use lianshen_domain::ids::{CaseId, Id as _};
use lianshen_domain::rejected::Rejected;
use lianshen_domain::revocation::{self, Revocation, RevocationGround, RevocationWay};

use super::Case;
use crate::case::{self, Reopen};
use crate::graphql::coded::CodeEnum;
use crate::graphql::ids::NodeId;
use crate::graphql::payload::{act, payloads};
use crate::graphql::scalars::{Date, DateTime};

/// A refused case, and the document that revoked its refusal.
#[derive(InputObject)]
pub struct CaseReopenInput {
    /// Chosen by you; repeating the request with the same key opens it once.
    pub idempotency_key: String,
    /// The case.
    pub case_id: NodeId<CaseId>,
    /// Who revoked the refusal, at most 100 characters.
    pub body: String,
    /// Number of the document (文号, 案号), at most 100 characters.
    pub document_number: String,
    /// The date on the document.
    pub decided_on: Date,
    /// The day on which your department received it; the period for the new decision runs from the day after.
    pub received_on: Date,
    /// Reconsideration, or court.
    pub by: CodeEnum<RevocationWay>,
    /// Why the refusal was revoked. Only after a breach of procedure may it be refused again for the same reasons.
    pub ground: CodeEnum<RevocationGround>,
    /// The working days that the document gives for the new decision, 1 to 200; the statutory period of the item if absent.
    pub within_days: Option<i32>,
    /// What else is to be known, at most 4,000 characters; it stands on the notice to the applicant.
    pub note: Option<String>,
    /// The version of the case that you looked at; another one is a `CONFLICT`.
    pub expected_version: Option<i64>,
}

payloads! {
    case: Case;
    /// What became of opening a case again.
    CaseReopenPayload;
}

/// Acts on decisions that were revoked.
#[derive(Default)]
pub struct RevocationMutation;

#[Object]
impl RevocationMutation {
    /// Opens a refused case again, because its refusal was revoked on reconsideration or by a court (撤销后重新审查): it is
    /// examined and decided anew, in a period of its own (clock `REDECISION`). What was terminated because of the refusal
    /// waits for it again, and an application that was concluded or closed is at work again. The refusal stays on record. For
    /// deciders of the department.
    async fn case_reopen(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which case, and what revoked its refusal.")] input: CaseReopenInput,
    ) -> Result<CaseReopenPayload> {
        act!(ctx, input.command(), case::reopen)
    }
}

impl CaseReopenInput {
    fn command(self) -> Result<Reopen, Rejected> {
        Ok(Reopen {
            idempotency_key: self.idempotency_key,
            case: self.case_id.read("caseId")?.raw(),
            revocation: Revocation {
                body: self.body,
                document_number: self.document_number,
                way: self.by.0,
                ground: self.ground.0,
                decided_on: self.decided_on.0,
                // Whatever is negative is out of range, too.
                within_days: self
                    .within_days
                    .map(|days| u32::try_from(days).unwrap_or(0)),
                note: self.note,
            },
            received_on: self.received_on.0,
            expected_version: self.expected_version,
        })
    }
}

/// A refusal that was revoked; it stays on record.
pub struct FormerDecision(pub revocation::FormerDecision);

/// A refusal that was revoked on reconsideration or by a court (被撤销的决定), as it was.
#[Object]
impl FormerDecision {
    /// How the case had ended.
    async fn result(&self) -> CodeEnum<CaseResult> {
        self.0.result.into()
    }

    /// Why it had ended so.
    async fn reasons(&self) -> Option<&str> {
        self.0.reasons.as_deref()
    }

    /// When it was decided.
    async fn decided_at(&self) -> DateTime {
        DateTime(self.0.decided_at)
    }

    /// The date on the decision.
    async fn decided_on(&self) -> Date {
        Date(self.0.decided_on)
    }

    /// Who revoked it.
    async fn revoked_by(&self) -> &str {
        &self.0.revocation.body
    }

    /// Number of the document that revoked it.
    async fn document_number(&self) -> &str {
        &self.0.revocation.document_number
    }

    /// The date on that document.
    async fn revoked_on(&self) -> Date {
        Date(self.0.revocation.decided_on)
    }

    /// The day on which the department received it.
    async fn received_on(&self) -> Date {
        Date(self.0.received_on)
    }

    /// On which way it was revoked.
    async fn by(&self) -> CodeEnum<RevocationWay> {
        self.0.revocation.way.into()
    }

    /// Why it was revoked.
    async fn ground(&self) -> CodeEnum<RevocationGround> {
        self.0.revocation.ground.into()
    }

    /// The working days that the document gives for the new decision; null if it names none.
    async fn within_days(&self) -> Option<u32> {
        self.0.revocation.within_days
    }

    /// What else was to be known.
    async fn note(&self) -> Option<&str> {
        self.0.revocation.note.as_deref()
    }

    /// When the case was opened again.
    async fn reopened_at(&self) -> DateTime {
        DateTime(self.0.reopened_at)
    }
}
