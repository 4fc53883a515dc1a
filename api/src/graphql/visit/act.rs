//! Acts on visits.

use async_graphql::{Context, InputObject, Object, Result};
use lianshen_domain::ids::{ApplicationId, Id as _, ReviewId, VisitId};
use lianshen_domain::rejected::Rejected;
use lianshen_domain::review::OpinionKind;
use lianshen_domain::visit::VisitKind;

use super::Visit;
use crate::case::{
    self, CalledDepartment, CancelVisit, Conclude, MendDefect, MoveVisit, NamePersons, OnVisit,
    RecordVisit, VisitCall, VisitDefect, VisitLine,
};
use crate::graphql::application::Application;
use crate::graphql::coded::CodeEnum;
use crate::graphql::ids::NodeId;
use crate::graphql::payload::{act, payloads};
use crate::graphql::scalars::{Date, DateTime};

/// A department that is called.
#[derive(InputObject)]
pub struct CalledDepartmentInput {
    /// Its code: it handles an open case of the application, or is asked for its opinion on one.
    pub department_code: String,
    /// Names of who comes for it, at most 10, all different; at a site two at least. None to let it name them itself.
    #[graphql(default)]
    pub persons: Vec<String>,
    /// Why it must see the site once more, at most 4,000 characters; needed where it came to a site visit before.
    pub reasons: Option<String>,
}

/// A joint site visit or a joint meeting.
#[derive(InputObject)]
pub struct ApplicationCallVisitInput {
    /// Chosen by you; repeating the request with the same key calls once.
    pub idempotency_key: String,
    /// The application.
    pub application_id: NodeId<ApplicationId>,
    /// At the site, or at a table.
    pub kind: CodeEnum<VisitKind>,
    /// When it begins: the departments must be told so many working days before as the centre has set.
    pub begins_at: DateTime,
    /// The place, at most 200 characters.
    pub place: String,
    /// Whom, from 2 to 20.
    pub departments: Vec<CalledDepartmentInput>,
    /// The version of the application that you looked at; another one is a `CONFLICT`.
    pub expected_version: Option<i64>,
}

/// What every act on a visit says.
#[derive(InputObject)]
pub struct VisitActInput {
    /// Chosen by you; repeating the request with the same key acts once.
    pub idempotency_key: String,
    /// The visit.
    pub visit_id: NodeId<VisitId>,
    /// The version of the visit that you looked at; another one is a `CONFLICT`.
    pub expected_version: Option<i64>,
}

/// Another time, or another place.
#[derive(InputObject)]
pub struct VisitMoveInput {
    /// Which visit, and by which key.
    #[graphql(flatten)]
    pub on: VisitActInput,
    /// When it begins now; the departments must be told as long before as at first.
    pub begins_at: DateTime,
    /// The place, if it is another one, at most 200 characters.
    pub place: Option<String>,
    /// Why, at most 4,000 characters.
    pub reasons: String,
}

/// A visit that does not take place.
#[derive(InputObject)]
pub struct VisitCancelInput {
    /// Which visit, and by which key.
    #[graphql(flatten)]
    pub on: VisitActInput,
    /// Why, at most 4,000 characters.
    pub reasons: String,
}

/// Who comes for a department.
#[derive(InputObject)]
pub struct VisitNamePersonsInput {
    /// To which visit, and by which key.
    #[graphql(flatten)]
    pub on: VisitActInput,
    /// Code of the department; your own if not given. Who called the visit may name persons for the others.
    pub department_code: Option<String>,
    /// Their names, at most 10, all different; at a site two at least. They stand in place of those named before.
    pub persons: Vec<String>,
}

/// A position that is an opinion, with the conclusion as its reasons.
#[derive(InputObject)]
pub struct VisitPositionInput {
    /// A review of your department on a case of the application.
    pub review_id: NodeId<ReviewId>,
    /// The opinion.
    pub opinion: CodeEnum<OpinionKind>,
}

/// What a department concludes.
#[derive(InputObject)]
pub struct VisitConcludeInput {
    /// At which visit, and by which key.
    #[graphql(flatten)]
    pub on: VisitActInput,
    /// The line in the record, at most 4,000 characters.
    pub conclusion: String,
    /// If the conclusion is your department's opinion on a case: of which review, and which. For reviewers.
    pub position: Option<VisitPositionInput>,
}

/// What a record says of a department.
#[derive(InputObject)]
pub struct VisitLineInput {
    /// Code of the department.
    pub department_code: String,
    /// Whether it came.
    pub present: bool,
    /// What it concluded, at most 4,000 characters; only of who came.
    pub conclusion: Option<String>,
}

/// Something that is wrong.
#[derive(InputObject)]
pub struct VisitDefectInput {
    /// What, at most 4,000 characters.
    pub text: String,
    /// Codes of the departments that it concerns; they came.
    pub department_codes: Vec<String>,
    /// By when it is to be mended, from today to a year ahead.
    pub mend_by: Date,
}

/// The one record of a visit.
#[derive(InputObject)]
pub struct VisitRecordInput {
    /// Of which visit, and by which key.
    #[graphql(flatten)]
    pub on: VisitActInput,
    /// What happened, or the minutes, at most 20,000 characters.
    pub record: String,
    /// A line for each department that was called and has not concluded by itself.
    pub lines: Vec<VisitLineInput>,
    /// What is wrong, at most 50, each once.
    #[graphql(default)]
    pub defects: Vec<VisitDefectInput>,
}

/// A defect that was mended.
#[derive(InputObject)]
pub struct VisitMendDefectInput {
    /// Of which visit, and by which key.
    #[graphql(flatten)]
    pub on: VisitActInput,
    /// Number of the defect.
    pub number: i32,
    /// What you found, at most 4,000 characters.
    pub finding: String,
}

payloads! {
    application: Application;
    /// What became of calling departments together.
    ApplicationCallVisitPayload;
}

payloads! {
    visit: Visit;
    /// What became of moving a visit.
    VisitMovePayload;
    /// What became of cancelling a visit.
    VisitCancelPayload;
    /// What became of naming persons.
    VisitNamePersonsPayload;
    /// What became of a conclusion.
    VisitConcludePayload;
    /// What became of a record.
    VisitRecordPayload;
    /// What became of mending a defect.
    VisitMendDefectPayload;
}

/// Acts on visits.
#[derive(Default)]
pub struct VisitMutation;

#[Object]
impl VisitMutation {
    /// Calls departments to a joint site visit (联合踏勘) or a joint meeting (联审会议), and tells them in time. For the
    /// coordinator of the lead department and the centre administrator; where nobody leads, for reviewers and deciders of a
    /// department that handles a case.
    async fn application_call_visit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "When, where and whom.")] input: ApplicationCallVisitInput,
    ) -> Result<ApplicationCallVisitPayload> {
        act!(ctx, input.command(), case::call_visit)
    }

    /// Moves a visit (改期) at which nobody has concluded yet. For those who may call one.
    async fn visit_move(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whither, and why.")] input: VisitMoveInput,
    ) -> Result<VisitMovePayload> {
        act!(ctx, input.command(), case::move_visit)
    }

    /// Cancels a visit (取消) at which nobody has concluded yet. For those who may call one.
    async fn visit_cancel(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and why.")] input: VisitCancelInput,
    ) -> Result<VisitCancelPayload> {
        act!(ctx, input.command(), case::cancel_visit)
    }

    /// Names who comes for a department (确定人员). For the departments that were called, and for those who may call them.
    async fn visit_name_persons(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who, and for whom.")] input: VisitNamePersonsInput,
    ) -> Result<VisitNamePersonsPayload> {
        act!(ctx, input.command(), case::name_persons)
    }

    /// Gives the conclusion of your department at a visit that has begun (部门结论): one, and for good. It can be your
    /// department's opinion on a case at the same time. For the departments that were called.
    async fn visit_conclude(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What.")] input: VisitConcludeInput,
    ) -> Result<VisitConcludePayload> {
        act!(ctx, input.command(), case::conclude)
    }

    /// Makes the one record of a visit that has begun (踏勘记录, 会议纪要): what happened, who came, what each concluded, what
    /// is wrong. Who was absent is shown as absent, by the policy of the centre as consenting to the record, and never as
    /// agreeing. For those who may call a visit.
    async fn visit_record(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The record.")] input: VisitRecordInput,
    ) -> Result<VisitRecordPayload> {
        act!(ctx, input.command(), case::record_visit)
    }

    /// Confirms that a defect was mended (整改确认); it stays in the list. For the departments that it concerns.
    async fn visit_mend_defect(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and what you found.")] input: VisitMendDefectInput,
    ) -> Result<VisitMendDefectPayload> {
        act!(ctx, input.command(), case::mend_defect)
    }
}

impl VisitActInput {
    fn read(self) -> Result<OnVisit, Rejected> {
        Ok(OnVisit {
            idempotency_key: self.idempotency_key,
            visit: self.visit_id.read("visitId")?.raw(),
            expected_version: self.expected_version,
        })
    }
}

impl ApplicationCallVisitInput {
    fn command(self) -> Result<VisitCall, Rejected> {
        let departments = self.departments.into_iter();
        let departments = departments.map(|called| CalledDepartment {
            department: called.department_code,
            persons: called.persons,
            reasons: called.reasons,
        });
        Ok(VisitCall {
            idempotency_key: self.idempotency_key,
            application: self.application_id.read("applicationId")?.raw(),
            kind: self.kind.0,
            begins_at: self.begins_at.0,
            place: self.place,
            departments: departments.collect(),
            expected_version: self.expected_version,
        })
    }
}

impl VisitMoveInput {
    fn command(self) -> Result<MoveVisit, Rejected> {
        Ok(MoveVisit {
            on: self.on.read()?,
            begins_at: self.begins_at.0,
            place: self.place,
            reasons: self.reasons,
        })
    }
}

impl VisitCancelInput {
    fn command(self) -> Result<CancelVisit, Rejected> {
        Ok(CancelVisit {
            on: self.on.read()?,
            reasons: self.reasons,
        })
    }
}

impl VisitNamePersonsInput {
    fn command(self) -> Result<NamePersons, Rejected> {
        Ok(NamePersons {
            on: self.on.read()?,
            department: self.department_code,
            persons: self.persons,
        })
    }
}

impl VisitConcludeInput {
    fn command(self) -> Result<Conclude, Rejected> {
        let opinion = match self.position {
            Some(given) => {
                let review = given.review_id.read("position.reviewId")?;
                Some((review.raw(), given.opinion.0))
            }
            None => None,
        };
        Ok(Conclude {
            on: self.on.read()?,
            conclusion: self.conclusion,
            opinion,
        })
    }
}

impl VisitRecordInput {
    fn command(self) -> Result<RecordVisit, Rejected> {
        let lines = self.lines.into_iter().map(|line| VisitLine {
            department: line.department_code,
            present: line.present,
            conclusion: line.conclusion,
        });
        let defects = self.defects.into_iter().map(|found| VisitDefect {
            text: found.text,
            departments: found.department_codes,
            due_on: found.mend_by.0,
        });
        Ok(RecordVisit {
            on: self.on.read()?,
            record: self.record,
            lines: lines.collect(),
            defects: defects.collect(),
        })
    }
}

impl VisitMendDefectInput {
    fn command(self) -> Result<MendDefect, Rejected> {
        Ok(MendDefect {
            on: self.on.read()?,
            // What is out of range is no number of a defect.
            number: u32::try_from(self.number).unwrap_or(0),
            finding: self.finding,
        })
    }
}
