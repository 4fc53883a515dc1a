//! The acts that move the clocks of a case: special procedures, extensions, material asked for after acceptance.

use chrono::NaiveDate;
use lianshen_domain::actor::{Action, Actor};
use lianshen_domain::application::{Begin, Extend, MaterialRequest, Rules as _};
use lianshen_domain::clock::{ClockKind, Limit, Unit};
use lianshen_domain::code::Code as _;
use lianshen_domain::document::{DocumentKind, Line, LineLabel};
use lianshen_domain::event::EventKind;
use lianshen_domain::ids::{ApplicationId, CaseId, Id as _};
use lianshen_domain::item::{ExtensionApprover, SpecialProcedureKind};
use lianshen_domain::plain_text;
use lianshen_domain::rejected::{Reason, Word, because};
use serde::Serialize;
use uuid::Uuid;

use super::act::{Command, Did, Subject, act};
use super::decide::REASONS_MAX;
use super::desk::Desk;
use super::paper::{counted_line, due_day, missing_lines, time_of};
use super::reach::Reach;
use crate::app::App;
use crate::error::AppError;

/// An act on a case, as far as all are alike.
#[derive(Clone, Serialize)]
pub struct OnCase {
    /// Chosen by the client.
    pub idempotency_key: String,
    /// The case.
    pub case: Uuid,
    /// The day of the act, if it is entered after the fact.
    pub happened_on: Option<NaiveDate>,
    /// The version of the case that was looked at.
    pub expected_version: Option<i64>,
}

/// A special procedure begins.
#[derive(Clone, Serialize)]
pub struct BeginProcedure {
    /// The case.
    #[serde(flatten)]
    pub on: OnCase,
    /// Which procedure.
    pub kind: SpecialProcedureKind,
    /// How long it is expected to take.
    pub expected: Limit,
    /// The day on which the written notice was delivered.
    pub notice_delivered_on: NaiveDate,
    /// A hearing that nobody asked for. Left out where it is not so, as keys of before were hashed without it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub of_own_motion: bool,
}

/// A special procedure takes longer.
#[derive(Clone, Serialize)]
pub struct RenotifyProcedure {
    /// The case.
    #[serde(flatten)]
    pub on: OnCase,
    /// Which procedure.
    pub kind: SpecialProcedureKind,
    /// How long it is expected to take now, counted from its start.
    pub expected: Limit,
    /// Why.
    pub reasons: String,
}

/// A special procedure ends.
#[derive(Clone, Serialize)]
pub struct EndProcedure {
    /// The case.
    #[serde(flatten)]
    pub on: OnCase,
    /// Which procedure.
    pub kind: SpecialProcedureKind,
    /// What it found.
    pub finding: String,
}

/// An extension of a case.
#[derive(Clone, Serialize)]
pub struct ExtendCase {
    /// The case.
    #[serde(flatten)]
    pub on: OnCase,
    /// The days added.
    pub days: u32,
    /// Who approved it.
    pub approver: ExtensionApprover,
    /// Why, as the applicant is told.
    pub reasons: String,
}

/// An extension of the joint period.
#[derive(Clone, Serialize)]
pub struct ExtendApplication {
    /// Chosen by the client.
    pub idempotency_key: String,
    /// The application.
    pub application: Uuid,
    /// The days added.
    pub days: u32,
    /// Who approved it.
    pub approver: ExtensionApprover,
    /// Why, as the applicant is told.
    pub reasons: String,
    /// The day of the approval, if it is entered after the fact.
    pub happened_on: Option<NaiveDate>,
    /// The version that was looked at.
    pub expected_version: Option<i64>,
}

/// Material that is asked for after acceptance.
#[derive(Clone, Serialize)]
pub struct AskMaterial {
    /// The case.
    #[serde(flatten)]
    pub on: OnCase,
    /// Codes of the materials.
    pub materials: Vec<String>,
    /// Why.
    pub reasons: String,
}

/// Material that was asked for is handed in.
#[derive(Clone, Serialize)]
pub struct ReceiveMaterial {
    /// The case.
    #[serde(flatten)]
    pub on: OnCase,
    /// What was handed in.
    pub text: String,
}

/// Begins a special procedure (特别程序): the clocks stand still.
///
/// # Errors
/// What `File::begin_procedure` refuses.
pub async fn begin_procedure(
    app: &App,
    actor: &Actor,
    command: BeginProcedure,
) -> Result<CaseId, AppError> {
    let id = CaseId::new(command.on.case);
    let act_name = "caseBeginSpecialProcedure";
    on_case(
        app,
        actor,
        (Action::RunProcedure, act_name, Reach::Department),
        &command.on,
        &command,
        |desk| {
            let begin = Begin {
                kind: command.kind,
                expected: command.expected,
                notice_delivered_on: command.notice_delivered_on,
                of_own_motion: command.of_own_motion,
            };
            desk.decide(command.on.happened_on, |file, when, rules| {
                file.begin_procedure(id, begin, when, rules)
            })?;
            let lines = procedure_lines(desk, id, command.kind);
            desk.paper(DocumentKind::SpecialProcedureNotice, Some(id), lines);
            Ok(())
        },
    )
    .await
}

/// Tells the applicant in writing that a special procedure takes longer.
///
/// # Errors
/// What `File::renotify_procedure` refuses.
pub async fn renotify_procedure(
    app: &App,
    actor: &Actor,
    command: RenotifyProcedure,
) -> Result<CaseId, AppError> {
    let id = CaseId::new(command.on.case);
    let act_name = "caseRenotifySpecialProcedure";
    on_case(
        app,
        actor,
        (Action::RunProcedure, act_name, Reach::Department),
        &command.on,
        &command,
        |desk| {
            let reasons = reasons_of(&command.reasons)?;
            desk.decide(command.on.happened_on, |file, when, _| {
                file.renotify_procedure(id, command.kind, command.expected, when)
            })?;
            let mut lines = procedure_lines(desk, id, command.kind);
            lines.push(Line::new(LineLabel::Reasons, &reasons));
            desk.paper(DocumentKind::SpecialProcedureNotice, Some(id), lines);
            Ok(())
        },
    )
    .await
}

/// Ends a special procedure with its result; the clocks run again.
///
/// # Errors
/// What `File::end_procedure` refuses.
pub async fn end_procedure(
    app: &App,
    actor: &Actor,
    command: EndProcedure,
) -> Result<CaseId, AppError> {
    let id = CaseId::new(command.on.case);
    let act_name = "caseEndSpecialProcedure";
    on_case(
        app,
        actor,
        (Action::RunProcedure, act_name, Reach::Department),
        &command.on,
        &command,
        |desk| {
            let finding = plain_text::checked_lines(&command.finding, REASONS_MAX, "finding")?;
            let when = desk.decide(command.on.happened_on, |file, when, _| {
                file.end_procedure(id, command.kind, when)
            })?;
            let mut lines = vec![
                Line::new(LineLabel::SpecialProcedure, command.kind.term()),
                Line::new(LineLabel::EndedOn, when.on.to_string()),
                Line::new(LineLabel::Result, &finding),
            ];
            lines.extend(new_dates(desk, id));
            desk.paper(DocumentKind::SpecialProcedureResult, Some(id), lines);
            Ok(())
        },
    )
    .await
}

/// Extends the periods of a case, once (延期).
///
/// # Errors
/// What `File::extend` refuses; `ReasonsRequired`.
pub async fn extend_case(
    app: &App,
    actor: &Actor,
    command: ExtendCase,
) -> Result<CaseId, AppError> {
    let id = CaseId::new(command.on.case);
    let extend = Extend {
        days: command.days,
        approver: command.approver,
    };
    on_case(
        app,
        actor,
        (Action::Extend, "caseExtend", Reach::Department),
        &command.on,
        &command,
        |desk| {
            let reasons = reasons_for(&command.reasons, because::EXTENDED)?;
            desk.decide(command.on.happened_on, |file, when, rules| {
                file.extend(id, extend, when, rules)
            })?;
            let unit = unit_of(desk, Some(id), ClockKind::Statutory)?;
            let mut lines = extension_lines(extend, unit, &reasons);
            lines.extend(new_dates(desk, id));
            desk.paper(DocumentKind::ExtensionNotice, Some(id), lines);
            Ok(())
        },
    )
    .await
}

/// Extends the joint period, once; the head of the local government approves it.
///
/// # Errors
/// What `File::extend_joint` refuses; `ReasonsRequired`.
pub async fn extend_application(
    app: &App,
    actor: &Actor,
    command: ExtendApplication,
) -> Result<ApplicationId, AppError> {
    let id = ApplicationId::new(command.application);
    let extend = Extend {
        days: command.days,
        approver: command.approver,
    };
    let common = Command {
        action: Action::ExtendJoint,
        act: "applicationExtend",
        key: &command.idempotency_key,
        request: &command,
        subject: Subject::Application(id),
        reach: Reach::Lead,
        expected_version: command.expected_version,
    };
    act(app, actor, common, |desk| {
        let reasons = reasons_for(&command.reasons, because::EXTENDED)?;
        desk.decide(command.happened_on, |file, when, rules| {
            file.extend_joint(extend, when, rules)
        })?;
        let unit = unit_of(desk, None, ClockKind::Joint)?;
        let mut lines = extension_lines(extend, unit, &reasons);
        let due = desk.due_on(ClockKind::Joint);
        let due = due.map(|due| due_day(due, desk.rules.calendar(None)));
        lines.extend(due.map(|due| Line::new(LineLabel::StatutoryDue, due)));
        desk.paper(DocumentKind::ExtensionNotice, None, lines);
        Ok(Did::Something)
    })
    .await?;
    Ok(id)
}

/// Asks for material after acceptance, once; no statutory clock stops.
///
/// # Errors
/// What `File::ask_material` refuses; `ReasonsRequired`.
pub async fn ask_material(
    app: &App,
    actor: &Actor,
    command: AskMaterial,
) -> Result<CaseId, AppError> {
    let id = CaseId::new(command.on.case);
    let request = MaterialRequest {
        materials: command.materials.clone(),
    };
    let act_name = "caseAskMaterial";
    on_case(
        app,
        actor,
        (Action::RunProcedure, act_name, Reach::Department),
        &command.on,
        &command,
        |desk| {
            let reasons = reasons_of(&command.reasons)?;
            // What the item does not list is another fault, and the core names it.
            let item = desk.snapshot.items.get(&desk.case(id)?.item_version);
            let named = request.materials.iter().enumerate();
            let listed =
                named.filter(|(_, code)| item.is_some_and(|item| item.materials.contains(code)));
            desk.expect_not_shared(listed, |at| format!("materials.{at}"))?;
            desk.decide(command.on.happened_on, |file, when, rules| {
                file.ask_material(id, &request, when, rules)
            })?;
            let mut lines = missing_lines(desk.centre()?, &request.materials);
            lines.push(Line::new(LineLabel::Reasons, &reasons));
            desk.paper(DocumentKind::MaterialRequest, Some(id), lines);
            Ok(())
        },
    )
    .await
}

/// Takes the material that was asked for.
///
/// # Errors
/// What `File::receive_material` refuses.
pub async fn receive_material(
    app: &App,
    actor: &Actor,
    command: ReceiveMaterial,
) -> Result<CaseId, AppError> {
    let id = CaseId::new(command.on.case);
    let act_name = "caseReceiveMaterial";
    on_case(
        app,
        actor,
        (Action::ActForApplicant, act_name, Reach::Applicant),
        &command.on,
        &command,
        |desk| {
            let text = plain_text::checked_lines(&command.text, REASONS_MAX, "text")?;
            desk.decide(command.on.happened_on, |file, when, rules| {
                file.receive_material(id, when, rules)
            })?;
            let mut lines = counted_line(&desk.file, EventKind::MaterialReceived);
            lines.push(Line::new(LineLabel::Material, &text));
            desk.paper(DocumentKind::SupplementReceipt, Some(id), lines);
            Ok(())
        },
    )
    .await
}

/// An act on a case that always changes something.
pub(super) async fn on_case<C: Serialize + Sync>(
    app: &App,
    actor: &Actor,
    (action, name, reach): (Action, &'static str, Reach),
    on: &OnCase,
    request: &C,
    decide: impl Fn(&mut Desk<'_>) -> Result<(), AppError> + Send + Sync,
) -> Result<CaseId, AppError> {
    let id = CaseId::new(on.case);
    let common = Command {
        action,
        act: name,
        key: &on.idempotency_key,
        request,
        subject: Subject::Case(id),
        reach,
        expected_version: on.expected_version,
    };
    act(app, actor, common, |desk| {
        decide(desk)?;
        Ok(Did::Something)
    })
    .await?;
    Ok(id)
}

/// Reasons that must not be missing.
pub(super) fn reasons_of(reasons: &str) -> Result<String, AppError> {
    reasons_for(reasons, because::ON_RECORD)
}

/// The same, where a rule of its own wants them.
fn reasons_for(reasons: &str, because: Word) -> Result<String, AppError> {
    if reasons.trim().is_empty() {
        return Err(Reason::ReasonsRequired { because }.at("reasons").into());
    }
    Ok(plain_text::checked_lines(reasons, REASONS_MAX, "reasons")?)
}

/// What a notice of a special procedure names (行政许可法 第四十五条): which, why, from when, for how long.
fn procedure_lines(desk: &Desk<'_>, id: CaseId, kind: SpecialProcedureKind) -> Vec<Line> {
    let mut lines = vec![Line::new(LineLabel::SpecialProcedure, kind.term())];
    let all = desk.file.course.procedures(id).into_iter();
    if let Some(procedure) = all.rev().find(|procedure| procedure.kind == kind) {
        let started_on = procedure.started_on.to_string();
        lines.push(Line::new(LineLabel::Basis, procedure.basis));
        lines.push(Line::new(LineLabel::StartsOn, started_on));
        let expected = procedure.expected.map(time_of);
        lines.extend(expected.map(|time| Line::new(LineLabel::ExpectedTime, time)));
    }
    lines
}

/// The unit in which a clock that is under way is extended.
fn unit_of(desk: &Desk<'_>, case: Option<CaseId>, kind: ClockKind) -> Result<Unit, AppError> {
    let case = case.map(|id| desk.case(id)).transpose()?;
    let clock = desk.file.open_clock(case, kind, &desk.rules);
    let unit = clock.map(|clock| clock.running.clock.limit.unit.counted_in());
    Ok(unit.unwrap_or(Unit::Workday))
}

fn extension_lines(extend: Extend, unit: Unit, reasons: &str) -> Vec<Line> {
    let added = Limit {
        n: extend.days,
        unit,
    };
    vec![
        Line::new(LineLabel::ExtendedBy, time_of(added)),
        Line::new(LineLabel::Approver, extend.approver.term()),
        Line::new(LineLabel::Reasons, reasons),
    ]
}

/// The due dates of a case, as they are now.
fn new_dates(desk: &Desk<'_>, id: CaseId) -> Vec<Line> {
    let Ok(case) = desk.case(id) else {
        return Vec::new();
    };
    let lamp = case
        .dates
        .as_ref()
        .map(|dates| dates.lamp)
        .unwrap_or_default();
    let calendar = desk.rules.calendar(Some(&case.department));
    let line = |label, on: Option<NaiveDate>| Some(Line::new(label, due_day(on?, calendar)));
    let promised = line(LineLabel::PromisedDue, lamp.promised_due_on);
    let statutory = line(LineLabel::StatutoryDue, lamp.statutory_due_on);
    promised.into_iter().chain(statutory).collect()
}
