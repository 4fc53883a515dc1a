//! Mediation of conflicts between opinions: opening one, what the departments hold, and what comes of it.

mod store;

use std::sync::Arc;

use chrono::NaiveDate;
use lianshen_domain::actor::{Action, Actor};
use lianshen_domain::application::{Course, FileClock, Lapsed, OpenMediation, Rules};
use lianshen_domain::clock::ClockKind;
use lianshen_domain::event::Happening;
use lianshen_domain::ids::{CaseId, Id as _, MediationId, ReviewId};
use lianshen_domain::mediation::{Ending, Mediation, Position};
use lianshen_domain::plain_text;
use lianshen_domain::review::Outcome;
use serde::Serialize;
use uuid::Uuid;

pub(in crate::case) use store::Mediations;
pub use store::{mediation, mediations_of};

use super::act::{Command, Did, Subject, act};
use super::consultation::expect_department;
use super::decide::REASONS_MAX;
use super::desk::Desk;
use super::procedure::reasons_of;
use super::reach::Reach;
use super::read::{ApplicationRow, CaseRow};
use super::view::clocks_of_case;
use crate::app::App;
use crate::catalogue::Snapshot;
use crate::db::Tx;
use crate::error::AppError;

/// A mediation that is opened.
#[derive(Clone, Serialize)]
pub struct OpenedMediation {
    /// Chosen by the client.
    pub idempotency_key: String,
    /// The case.
    pub case: Uuid,
    /// The reviews with the two opinions.
    pub between: Vec<Uuid>,
    /// What is to be settled.
    pub question: String,
    /// The version of the case that was looked at.
    pub expected_version: Option<i64>,
}

/// An act on a mediation, as far as all are alike.
#[derive(Clone, Serialize)]
pub struct OnMediation {
    /// Chosen by the client.
    pub idempotency_key: String,
    /// The mediation.
    pub mediation: Uuid,
    /// The version of the mediation that was looked at.
    pub expected_version: Option<i64>,
}

/// What a department holds.
#[derive(Clone, Serialize)]
pub struct TakePosition {
    /// In which.
    #[serde(flatten)]
    pub on: OnMediation,
    /// What it says.
    pub position: String,
}

/// A mediation that ends in agreement.
#[derive(Clone, Serialize)]
pub struct SettleMediation {
    /// Which.
    #[serde(flatten)]
    pub on: OnMediation,
    /// What was agreed.
    pub settlement: String,
}

/// A mediation that ends with the view of the minority on record.
#[derive(Clone, Serialize)]
pub struct RecordMinority {
    /// Which.
    #[serde(flatten)]
    pub on: OnMediation,
    /// Code of the department that keeps its view.
    pub department: String,
    /// The view.
    pub view: String,
}

/// A mediation that is passed up.
#[derive(Clone, Serialize)]
pub struct ClimbMediation {
    /// Which.
    #[serde(flatten)]
    pub on: OnMediation,
    /// Why.
    pub reasons: String,
    /// Code of the department that the government named, from the centre.
    pub department: Option<String>,
}

/// Opens the mediation of a conflict (发起协调).
///
/// # Errors
/// What `File::open_mediation` refuses; a text that is none.
pub async fn open_mediation(
    app: &App,
    actor: &Actor,
    command: OpenedMediation,
) -> Result<CaseId, AppError> {
    let id = CaseId::new(command.case);
    let common = Command {
        action: Action::Mediate,
        act: "caseOpenMediation",
        key: &command.idempotency_key,
        request: &command,
        subject: Subject::Case(id),
        reach: Reach::Mediator,
        expected_version: command.expected_version,
    };
    act(app, actor, common, |desk| {
        let wanted = OpenMediation {
            case: id,
            between: command.between.iter().copied().map(ReviewId::new).collect(),
            question: plain_text::checked_lines(&command.question, REASONS_MAX, "question")?,
        };
        let (mediation, happenings) = desk.file.open_mediation(
            &desk.mediations.all,
            wanted,
            app.env.id(),
            (desk.at, &desk.rules),
            &app.config.opinions,
        )?;
        desk.mediations.all.push(mediation);
        desk.happened(happenings);
        Ok(Did::Something)
    })
    .await?;
    Ok(id)
}

/// States what the actor's department holds (提出立场).
///
/// # Errors
/// What `Mediation::take_position` refuses; a text that is none.
pub async fn take_position(
    app: &App,
    actor: &Actor,
    command: TakePosition,
) -> Result<MediationId, AppError> {
    let about = (Action::TakePart, "mediationTakePosition");
    on_mediation(
        app,
        actor,
        about,
        &command.on,
        &command,
        |desk, mediation| {
            let text = plain_text::checked_lines(&command.position, REASONS_MAX, "position")?;
            let department = actor.department.clone().unwrap_or_default();
            let position = Position::new(department, text, actor.account, desk.at.now);
            Ok(mediation.take_position(position)?)
        },
    )
    .await
}

/// Ends a mediation in agreement (协调一致).
///
/// # Errors
/// What `Mediation::end` refuses; a text that is none.
pub async fn settle_mediation(
    app: &App,
    actor: &Actor,
    command: SettleMediation,
) -> Result<MediationId, AppError> {
    let about = (Action::Mediate, "mediationSettle");
    on_mediation(
        app,
        actor,
        about,
        &command.on,
        &command,
        |desk, mediation| {
            let text = plain_text::checked_lines(&command.settlement, REASONS_MAX, "settlement")?;
            let lead = desk.row().lead_department.clone();
            let who = (actor, lead.as_deref());
            Ok(mediation.end(Ending::Settled(text), who, desk.at.today)?)
        },
    )
    .await
}

/// Ends a mediation with the view of the minority on record (保留意见).
///
/// # Errors
/// What `Mediation::end` refuses; a text that is none.
pub async fn record_minority(
    app: &App,
    actor: &Actor,
    command: RecordMinority,
) -> Result<MediationId, AppError> {
    let about = (Action::Mediate, "mediationRecordMinority");
    on_mediation(
        app,
        actor,
        about,
        &command.on,
        &command,
        |desk, mediation| {
            let ending = Ending::Minority {
                department: command.department.clone(),
                view: plain_text::checked_lines(&command.view, REASONS_MAX, "view")?,
            };
            let lead = desk.row().lead_department.clone();
            Ok(mediation.end(ending, (actor, lead.as_deref()), desk.at.today)?)
        },
    )
    .await
}

/// Passes a mediation up before its time (提请上一级协调).
///
/// # Errors
/// What `Mediation::pass_up` refuses; `DepartmentUnknown`; `ReasonsRequired`.
pub async fn climb_mediation(
    app: &App,
    actor: &Actor,
    command: ClimbMediation,
) -> Result<MediationId, AppError> {
    let about = (Action::Mediate, "mediationClimb");
    on_mediation(
        app,
        actor,
        about,
        &command.on,
        &command,
        |desk, mediation| {
            let reasons = reasons_of(&command.reasons)?;
            let named = command.department.as_deref();
            if let Some(code) = named {
                expect_department(desk, code, "departmentCode")?;
            }
            let lead = desk.row().lead_department.clone();
            let by = (desk.at, &desk.rules as &dyn Rules);
            let who = (actor, lead.as_deref());
            let told = desk
                .file
                .pass_mediation_up(mediation, named, reasons, who, by)?;
            Ok(Outcome::Done(told))
        },
    )
    .await
}

/// The last day of the level that holds a mediation.
///
/// # Errors
/// When a row cannot be understood.
pub fn mediation_due_on(
    app: &App,
    snapshot: &Arc<Snapshot>,
    (application, case, course): (&ApplicationRow, &CaseRow, &Course),
    number: u32,
) -> Result<Option<NaiveDate>, AppError> {
    let ordinal = course.mediation_clock(CaseId::new(case.id), number);
    let clocks = clocks_of_case(app, snapshot, application, (case, &[]), Some(course))?;
    let mut own = clocks.iter().filter(|clock| {
        clock.running.kind == ClockKind::Mediation && Some(clock.running.ordinal) == ordinal
    });
    Ok(own.next().and_then(FileClock::due_on))
}

impl Desk<'_> {
    /// Reads the mediations of the application for an act on one, unless they lie there.
    pub(super) async fn read_mediations(&mut self, tx: &Tx) -> Result<(), AppError> {
        if self.mediations.all.is_empty() {
            self.mediations = Mediations::read(tx, self.file.application.id).await?;
        }
        Ok(())
    }

    /// Brings the mediations into line with what lapsed, and closes those of cases that have ended. Answers what came of it.
    pub(super) fn follow_mediations(&mut self, lapsed: Option<&Lapsed>) -> Vec<Happening> {
        if let Some(Lapsed::MediationClimbed(standing)) = lapsed {
            self.mediations.climb(standing);
        }
        let mut told = Vec::new();
        for (number, on, happenings) in self.file.close_moot_mediations() {
            self.mediations.close(number, on);
            told.extend(happenings);
        }
        let by = lapsed.is_none().then_some(self.actor).flatten();
        let by = by.map(|actor| actor.account);
        self.file.course.add(&told, by, self.at);
        told
    }
}

async fn on_mediation<C: Serialize + Sync>(
    app: &App,
    actor: &Actor,
    (action, name): (Action, &'static str),
    on: &OnMediation,
    request: &C,
    decide: impl Fn(&mut Desk<'_>, &mut Mediation) -> Result<Outcome<Vec<Happening>>, AppError>
    + Send
    + Sync,
) -> Result<MediationId, AppError> {
    let id = MediationId::new(on.mediation);
    let common = Command {
        action,
        act: name,
        key: &on.idempotency_key,
        request,
        subject: Subject::Mediation(id),
        reach: Reach::Mediation(id),
        expected_version: on.expected_version,
    };
    act(app, actor, common, |desk| {
        let mut mediation = desk.mediations.one(id)?.clone();
        let Outcome::Done(happenings) = decide(desk, &mut mediation)? else {
            return Ok(Did::Nothing);
        };
        desk.mediations.put(mediation);
        desk.happened(happenings);
        Ok(Did::Something)
    })
    .await?;
    Ok(id)
}
