//! The acts that move the clocks of a case: special procedures, extension, material asked for after acceptance.

use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use lianshen_domain::application::Procedure;
use lianshen_domain::item::{ExtensionApprover, SpecialProcedureKind};
use lianshen_domain::rejected::Rejected;

use super::Case;
use super::act::CaseActInput;
use crate::case::{
    self, AskMaterial, BeginProcedure, EndProcedure, ExtendCase, ReceiveMaterial, RenotifyProcedure,
};
use crate::graphql::coded::CodeEnum;
use crate::graphql::limit::{Limit, LimitInput, days};
use crate::graphql::payload::{act, payloads};
use crate::graphql::scalars::Date;

/// A special procedure of a case (特别程序): a time that law demands and that is not charged to the periods.
#[derive(SimpleObject)]
pub struct CaseProcedure {
    /// Which.
    pub kind: CodeEnum<SpecialProcedureKind>,
    /// The article that demands it.
    pub basis: String,
    /// Whether it is a hearing of the department's own motion (依职权听证), for which nobody asked.
    pub of_own_motion: bool,
    /// The day on which the written notice was delivered to the applicant.
    pub notice_delivered_on: Option<Date>,
    /// The day on which it began; still charged to the periods.
    pub started_on: Date,
    /// How long it is expected to take, as the applicant was told last.
    pub expected: Option<Limit>,
    /// The day on which it ended; null while the clocks stand still.
    pub ended_on: Option<Date>,
}

impl From<Procedure> for CaseProcedure {
    fn from(procedure: Procedure) -> Self {
        Self {
            kind: procedure.kind.into(),
            basis: procedure.basis,
            of_own_motion: procedure.of_own_motion,
            notice_delivered_on: procedure.notice_delivered_on.map(Date),
            started_on: Date(procedure.started_on),
            expected: procedure.expected.map(Limit::from),
            ended_on: procedure.ended_on.map(Date),
        }
    }
}

/// A special procedure that begins.
#[derive(InputObject)]
pub struct CaseBeginSpecialProcedureInput {
    /// Which case, and by which key.
    #[graphql(flatten)]
    pub on: CaseActInput,
    /// Which procedure; the item must list it.
    pub procedure: CodeEnum<SpecialProcedureKind>,
    /// How long it is expected to take, as the applicant was told in writing.
    pub expected: LimitInput,
    /// The day on which the written notice was delivered, not later than the start.
    pub notice_delivered_on: Date,
    /// Whether it is a hearing that the department holds of its own motion (依职权听证, 行政许可法 Art. 46) and nobody asked for;
    /// the twenty days in which a hearing must be held do not run for it.
    #[graphql(default)]
    pub of_own_motion: bool,
}

/// A special procedure that takes longer.
#[derive(InputObject)]
pub struct CaseRenotifySpecialProcedureInput {
    /// Which case, and by which key.
    #[graphql(flatten)]
    pub on: CaseActInput,
    /// Which procedure.
    pub procedure: CodeEnum<SpecialProcedureKind>,
    /// How long it is expected to take now, counted from its start.
    pub expected: LimitInput,
    /// Why, as the applicant is told, at most 4,000 characters.
    pub reasons: String,
}

/// A special procedure that ends.
#[derive(InputObject)]
pub struct CaseEndSpecialProcedureInput {
    /// Which case, and by which key.
    #[graphql(flatten)]
    pub on: CaseActInput,
    /// Which procedure.
    pub procedure: CodeEnum<SpecialProcedureKind>,
    /// What it found, at most 4,000 characters.
    pub finding: String,
}

/// An extension of a case.
#[derive(InputObject)]
pub struct CaseExtendInput {
    /// Which case, and by which key.
    #[graphql(flatten)]
    pub on: CaseActInput,
    /// Days added, from 1 to what the item allows, in the unit of the period.
    pub days: i32,
    /// Who approved it; the item says who must.
    pub approved_by: CodeEnum<ExtensionApprover>,
    /// Why, as the applicant is told, at most 4,000 characters.
    pub reasons: String,
}

/// Material that is asked for after acceptance.
#[derive(InputObject)]
pub struct CaseAskMaterialInput {
    /// Which case, and by which key.
    #[graphql(flatten)]
    pub on: CaseActInput,
    /// Codes of the materials, of those that the item lists (行政许可法 第三十一条).
    pub materials: Vec<String>,
    /// Why, at most 4,000 characters.
    pub reasons: String,
}

/// Material that was asked for.
#[derive(InputObject)]
pub struct CaseReceiveMaterialInput {
    /// Which case, and by which key.
    #[graphql(flatten)]
    pub on: CaseActInput,
    /// What is handed in, at most 4,000 characters.
    pub text: String,
}

payloads! {
    case: Case;
    /// What became of the begin of a special procedure.
    CaseBeginSpecialProcedurePayload;
    /// What became of another notice.
    CaseRenotifySpecialProcedurePayload;
    /// What became of the end of a special procedure.
    CaseEndSpecialProcedurePayload;
    /// What became of an extension.
    CaseExtendPayload;
    /// What became of asking for material.
    CaseAskMaterialPayload;
    /// What became of the material that was asked for.
    CaseReceiveMaterialPayload;
}

/// Acts that move the clocks of a case.
#[derive(Default)]
pub struct ProcedureMutation;

#[Object]
impl ProcedureMutation {
    /// Begins a special procedure (特别程序, 行政许可法 第四十五条): the clocks stand still from the next day. The applicant
    /// must have been told in writing how long it will take. For reviewers and deciders of the department.
    async fn case_begin_special_procedure(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and for how long.")] input: CaseBeginSpecialProcedureInput,
    ) -> Result<CaseBeginSpecialProcedurePayload> {
        act!(ctx, input.command(), case::begin_procedure)
    }

    /// Tells the applicant in writing that a special procedure takes longer (再次告知). For reviewers and deciders of the
    /// department.
    async fn case_renotify_special_procedure(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How long now, and why.")] input: CaseRenotifySpecialProcedureInput,
    ) -> Result<CaseRenotifySpecialProcedurePayload> {
        act!(ctx, input.command(), case::renotify_procedure)
    }

    /// Ends a special procedure with what it found (特别程序结束); the clocks run from the next day. For reviewers and
    /// deciders of the department.
    async fn case_end_special_procedure(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and its result.")] input: CaseEndSpecialProcedureInput,
    ) -> Result<CaseEndSpecialProcedurePayload> {
        act!(ctx, input.command(), case::end_procedure)
    }

    /// Extends the periods of a case, once (延期, 行政许可法 第四十二条第一款), on or before the last day. For deciders of
    /// the department.
    async fn case_extend(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How long, by whom approved, and why.")] input: CaseExtendInput,
    ) -> Result<CaseExtendPayload> {
        act!(ctx, input.command(), case::extend_case)
    }

    /// Asks for material after acceptance, once (受理后要求补充材料). The statutory period runs on; at most the promise
    /// pauses. For reviewers and deciders of the department.
    async fn case_ask_material(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which material, and why.")] input: CaseAskMaterialInput,
    ) -> Result<CaseAskMaterialPayload> {
        act!(ctx, input.command(), case::ask_material)
    }

    /// Hands in the material that was asked for (提交补充材料). For the applicant, and for the clerk on the applicant's
    /// behalf.
    async fn case_receive_material(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is handed in.")] input: CaseReceiveMaterialInput,
    ) -> Result<CaseReceiveMaterialPayload> {
        act!(ctx, input.command(), case::receive_material)
    }
}

impl CaseBeginSpecialProcedureInput {
    fn command(self) -> Result<BeginProcedure, Rejected> {
        Ok(BeginProcedure {
            on: self.on.read()?,
            kind: self.procedure.0,
            expected: self.expected.read("expected")?,
            notice_delivered_on: self.notice_delivered_on.0,
            of_own_motion: self.of_own_motion,
        })
    }
}

impl CaseRenotifySpecialProcedureInput {
    fn command(self) -> Result<RenotifyProcedure, Rejected> {
        Ok(RenotifyProcedure {
            on: self.on.read()?,
            kind: self.procedure.0,
            expected: self.expected.read("expected")?,
            reasons: self.reasons,
        })
    }
}

impl CaseEndSpecialProcedureInput {
    fn command(self) -> Result<EndProcedure, Rejected> {
        Ok(EndProcedure {
            on: self.on.read()?,
            kind: self.procedure.0,
            finding: self.finding,
        })
    }
}

impl CaseExtendInput {
    fn command(self) -> Result<ExtendCase, Rejected> {
        Ok(ExtendCase {
            on: self.on.read()?,
            days: days(self.days, "days")?,
            approver: self.approved_by.0,
            reasons: self.reasons,
        })
    }
}

impl CaseAskMaterialInput {
    fn command(self) -> Result<AskMaterial, Rejected> {
        Ok(AskMaterial {
            on: self.on.read()?,
            materials: self.materials,
            reasons: self.reasons,
        })
    }
}

impl CaseReceiveMaterialInput {
    fn command(self) -> Result<ReceiveMaterial, Rejected> {
        Ok(ReceiveMaterial {
            on: self.on.read()?,
            text: self.text,
        })
    }
}
