//! Visits: calling departments to a joint site visit or a joint meeting, what they say there, and what comes of it.

mod store;

use chrono::{DateTime, NaiveDate, Utc};
use lianshen_domain::actor::{Action, Actor, Role};
use lianshen_domain::application::{CallVisit, Called, Concluding, Rules};
use lianshen_domain::event::Happening;
use lianshen_domain::ids::{ApplicationId, Id as _, ReviewId, VisitId};
use lianshen_domain::plain_text;
use lianshen_domain::rejected::Rejected;
use lianshen_domain::review::{OpinionKind, Outcome};
use lianshen_domain::visit::{FoundDefect, Mended, Record, RecordLine, Visit, VisitKind};
use serde::Serialize;
use uuid::Uuid;

pub(in crate::case) use store::Visits;
pub use store::{visit, visits_of};

use super::act::{Command, Did, Subject, act};
use super::decide::REASONS_MAX;
use super::desk::Desk;
use super::procedure::reasons_of;
use super::reach::Reach;
use super::read::ApplicationRow;
use crate::app::App;
use crate::error::AppError;

/// The longest name of a person, and of a place.
const NAME_MAX: usize = 100;
const PLACE_MAX: usize = 200;
/// The longest record.
const RECORD_MAX: usize = 20_000;

/// A department that is called.
#[derive(Clone, Serialize)]
pub struct CalledDepartment {
    /// Its code.
    pub department: String,
    /// Who comes for it.
    pub persons: Vec<String>,
    /// Why it must see the site once more.
    pub reasons: Option<String>,
}

/// A visit that is called.
#[derive(Clone, Serialize)]
pub struct VisitCall {
    /// Chosen by the client.
    pub idempotency_key: String,
    /// The application.
    pub application: Uuid,
    /// At the site, or at a table.
    pub kind: VisitKind,
    /// When it begins.
    pub begins_at: DateTime<Utc>,
    /// Where.
    pub place: String,
    /// Whom.
    pub departments: Vec<CalledDepartment>,
    /// The version of the application that was looked at.
    pub expected_version: Option<i64>,
}

/// An act on a visit, as far as all are alike.
#[derive(Clone, Serialize)]
pub struct OnVisit {
    /// Chosen by the client.
    pub idempotency_key: String,
    /// The visit.
    pub visit: Uuid,
    /// The version of the visit that was looked at.
    pub expected_version: Option<i64>,
}

/// A visit that is moved.
#[derive(Clone, Serialize)]
pub struct MoveVisit {
    /// Which.
    #[serde(flatten)]
    pub on: OnVisit,
    /// When it begins now.
    pub begins_at: DateTime<Utc>,
    /// Where, if at another place.
    pub place: Option<String>,
    /// Why.
    pub reasons: String,
}

/// A visit that is cancelled.
#[derive(Clone, Serialize)]
pub struct CancelVisit {
    /// Which.
    #[serde(flatten)]
    pub on: OnVisit,
    /// Why.
    pub reasons: String,
}

/// Who comes for a department.
#[derive(Clone, Serialize)]
pub struct NamePersons {
    /// To which visit.
    #[serde(flatten)]
    pub on: OnVisit,
    /// Code of the department; that of who acts if not given.
    pub department: Option<String>,
    /// Who.
    pub persons: Vec<String>,
}

/// What a department concludes.
#[derive(Clone, Serialize)]
pub struct Conclude {
    /// At which visit.
    #[serde(flatten)]
    pub on: OnVisit,
    /// The line in the record.
    pub conclusion: String,
    /// The review of which it is the opinion, and which.
    pub opinion: Option<(Uuid, OpinionKind)>,
}

/// A line of a record.
#[derive(Clone, Serialize)]
pub struct VisitLine {
    /// Code of the department.
    pub department: String,
    /// Whether it came.
    pub present: bool,
    /// What it concluded.
    pub conclusion: Option<String>,
}

/// A defect that was found.
#[derive(Clone, Serialize)]
pub struct VisitDefect {
    /// What is wrong.
    pub text: String,
    /// Codes of the departments that it concerns.
    pub departments: Vec<String>,
    /// By when it is to be mended.
    pub due_on: NaiveDate,
}

/// The one record of a visit.
#[derive(Clone, Serialize)]
pub struct RecordVisit {
    /// Of which.
    #[serde(flatten)]
    pub on: OnVisit,
    /// What happened, or the minutes.
    pub record: String,
    /// One line a department.
    pub lines: Vec<VisitLine>,
    /// What is wrong.
    pub defects: Vec<VisitDefect>,
}

/// A defect that was mended.
#[derive(Clone, Serialize)]
pub struct MendDefect {
    /// Of which visit.
    #[serde(flatten)]
    pub on: OnVisit,
    /// Number of the defect.
    pub number: u32,
    /// What the department found.
    pub finding: String,
}

/// Calls departments to a joint site visit or a joint meeting (联合踏勘, 联审会议).
///
/// # Errors
/// What `File::call_visit` refuses; texts that are none.
pub async fn call_visit(
    app: &App,
    actor: &Actor,
    command: VisitCall,
) -> Result<ApplicationId, AppError> {
    let id = ApplicationId::new(command.application);
    let common = Command {
        action: Action::Convene,
        act: "applicationCallVisit",
        key: &command.idempotency_key,
        request: &command,
        subject: Subject::VisitsOf(id),
        reach: Reach::Convener,
        expected_version: command.expected_version,
    };
    act(app, actor, common, |desk| {
        let call = called(&command)?;
        let who = (actor.department.clone(), app.env.id());
        let (visit, happenings) = desk.file.call_visit(
            &desk.visits.all,
            call,
            who,
            desk.at,
            (&desk.rules, &app.config.visits),
        )?;
        desk.visits.all.push(visit);
        desk.happened(happenings);
        Ok(Did::Something)
    })
    .await?;
    Ok(id)
}

/// Moves a visit to another time; the departments are told anew.
///
/// # Errors
/// What `File::move_visit` refuses; `ReasonsRequired`.
pub async fn move_visit(app: &App, actor: &Actor, command: MoveVisit) -> Result<VisitId, AppError> {
    on_visit(
        app,
        actor,
        (Action::Convene, "visitMove", Reach::Convener),
        &command.on,
        &command,
        |desk, visit| {
            let place = command.place.as_ref();
            let place = place.map(|place| plain_text::checked(place, PLACE_MAX, "place"));
            let reasons = reasons_of(&command.reasons)?;
            let to = (command.begins_at, place.transpose()?, reasons);
            let by = (&desk.rules as &dyn Rules, &app.config.visits);
            let told = desk.file.move_visit(visit, to, desk.at, by)?;
            Ok(Outcome::Done(told))
        },
    )
    .await
}

/// Cancels a visit.
///
/// # Errors
/// What `Visit::cancel` refuses; `ReasonsRequired`.
pub async fn cancel_visit(
    app: &App,
    actor: &Actor,
    command: CancelVisit,
) -> Result<VisitId, AppError> {
    on_visit(
        app,
        actor,
        (Action::Convene, "visitCancel", Reach::Convener),
        &command.on,
        &command,
        |_, visit| {
            Ok(visit
                .cancel(reasons_of(&command.reasons)?)?
                .map(|told| vec![told]))
        },
    )
    .await
}

/// Names who comes for a department: by itself, or by who called it.
///
/// # Errors
/// What `Visit::name_persons` refuses.
pub async fn name_persons(
    app: &App,
    actor: &Actor,
    command: NamePersons,
) -> Result<VisitId, AppError> {
    let id = VisitId::new(command.on.visit);
    let own = actor.department.clone().unwrap_or_default();
    let department = command.department.clone().unwrap_or_else(|| own.clone());
    let (action, reach) = if department == own {
        (Action::TakePart, Reach::Called(id))
    } else {
        (Action::Convene, Reach::Convener)
    };
    on_visit(
        app,
        actor,
        (action, "visitNamePersons", reach),
        &command.on,
        &command,
        |_, visit| {
            let persons = names(&command.persons, "persons")?;
            Ok(visit
                .name_persons(&department, persons)?
                .map(|told| vec![told]))
        },
    )
    .await
}

/// Gives the conclusion of the actor's department.
///
/// # Errors
/// What `File::conclude_at_visit` refuses.
pub async fn conclude(app: &App, actor: &Actor, command: Conclude) -> Result<VisitId, AppError> {
    let reach = Reach::Called(VisitId::new(command.on.visit));
    let department = actor.department.clone().unwrap_or_default();
    on_visit(
        app,
        actor,
        (Action::TakePart, "visitConclude", reach),
        &command.on,
        &command,
        |desk, visit| {
            let opinion = command.opinion.map(|(id, kind)| (ReviewId::new(id), kind));
            let text = plain_text::checked_lines(&command.conclusion, REASONS_MAX, "conclusion")?;
            let concluding = Concluding { text, opinion };
            let at = desk.at;
            let file = &mut desk.file;
            Ok(file.conclude_at_visit(visit, &department, concluding, actor, at)?)
        },
    )
    .await
}

/// Makes the one record of a visit.
///
/// # Errors
/// What `File::record_visit` refuses; texts that are none.
pub async fn record_visit(
    app: &App,
    actor: &Actor,
    command: RecordVisit,
) -> Result<VisitId, AppError> {
    on_visit(
        app,
        actor,
        (Action::Convene, "visitRecord", Reach::Convener),
        &command.on,
        &command,
        |desk, visit| {
            let (record, policy) = (recorded(&command)?, &app.config.visits);
            let held = desk.file.record_visit(visit, record, desk.at, policy)?;
            Ok(Outcome::Done(vec![held]))
        },
    )
    .await
}

/// Confirms for the actor's department that a defect was mended.
///
/// # Errors
/// What `Visit::mend` refuses.
pub async fn mend_defect(
    app: &App,
    actor: &Actor,
    command: MendDefect,
) -> Result<VisitId, AppError> {
    let reach = Reach::Called(VisitId::new(command.on.visit));
    on_visit(
        app,
        actor,
        (Action::TakePart, "visitMendDefect", reach),
        &command.on,
        &command,
        |desk, visit| {
            let mended = Mended {
                on: desk.at.today,
                department: actor.department.clone().unwrap_or_default(),
                finding: plain_text::checked_lines(&command.finding, REASONS_MAX, "finding")?,
            };
            Ok(visit.mend(command.number, mended)?.map(|told| vec![told]))
        },
    )
    .await
}

/// Whether the actor may read what was said at a visit, and who came: those who were called, who called it, the lead, the
/// window of the application, and the supervisor.
pub fn may_read_visit(actor: &Actor, application: &ApplicationRow, visit: &Visit) -> bool {
    let own = actor.department.as_deref();
    let concerned =
        own.is_some_and(|own| visit.part(own).is_some() || visit.convener.as_deref() == Some(own));
    match actor.role {
        Role::Supervisor => true,
        Role::Reviewer | Role::Decider => concerned,
        Role::LeadCoordinator => {
            concerned || (own.is_some() && own == application.lead_department.as_deref())
        }
        Role::WindowClerk => actor.window.is_some() && actor.window == application.window,
        Role::CentreAdministrator => visit.convener.is_none(),
        Role::Applicant | Role::SystemAdministrator => false,
    }
}

async fn on_visit<C: Serialize + Sync>(
    app: &App,
    actor: &Actor,
    (action, name, reach): (Action, &'static str, Reach),
    on: &OnVisit,
    request: &C,
    decide: impl Fn(&mut Desk<'_>, &mut Visit) -> Result<Outcome<Vec<Happening>>, AppError>
    + Send
    + Sync,
) -> Result<VisitId, AppError> {
    let id = VisitId::new(on.visit);
    let common = Command {
        action,
        act: name,
        key: &on.idempotency_key,
        request,
        subject: Subject::Visit(id),
        reach,
        expected_version: on.expected_version,
    };
    act(app, actor, common, |desk| {
        let mut visit = desk.visits.one(id)?.clone();
        let Outcome::Done(happenings) = decide(desk, &mut visit)? else {
            return Ok(Did::Nothing);
        };
        desk.visits.put(visit);
        desk.happened(happenings);
        Ok(Did::Something)
    })
    .await?;
    Ok(id)
}

fn called(command: &VisitCall) -> Result<CallVisit, AppError> {
    let departments = command.departments.iter().enumerate();
    let departments = departments.map(|(at, called)| {
        let place = |field: &str| format!("departments.{at}.{field}");
        let reasons = called.reasons.as_ref();
        let reasons =
            reasons.map(|text| plain_text::checked_lines(text, REASONS_MAX, &place("reasons")));
        Ok(Called {
            department: called.department.clone(),
            persons: names(&called.persons, &place("persons"))?,
            again_because: reasons.transpose()?,
        })
    });
    Ok(CallVisit {
        kind: command.kind,
        begins_at: command.begins_at,
        place: plain_text::checked(&command.place, PLACE_MAX, "place")?,
        departments: departments.collect::<Result<_, AppError>>()?,
    })
}

fn names(given: &[String], field: &str) -> Result<Vec<String>, Rejected> {
    let given = given.iter().enumerate();
    let names =
        given.map(|(at, name)| plain_text::checked_name(name, NAME_MAX, &format!("{field}.{at}")));
    names.collect()
}

fn recorded(command: &RecordVisit) -> Result<Record, AppError> {
    let lines = command.lines.iter().enumerate();
    let lines = lines.map(|(at, line)| {
        let place = format!("lines.{at}.conclusion");
        let conclusion = line.conclusion.as_ref();
        let conclusion =
            conclusion.map(|text| plain_text::checked_lines(text, REASONS_MAX, &place));
        Ok(RecordLine {
            department: line.department.clone(),
            present: line.present,
            conclusion: conclusion.transpose()?,
        })
    });
    let defects = command.defects.iter().enumerate();
    let defects = defects.map(|(at, found)| {
        let place = format!("defects.{at}.text");
        Ok(FoundDefect {
            text: plain_text::checked_lines(&found.text, REASONS_MAX, &place)?,
            departments: found.departments.clone(),
            due_on: found.due_on,
        })
    });
    Ok(Record {
        text: plain_text::checked_lines(&command.record, RECORD_MAX, "record")?,
        lines: lines.collect::<Result<_, AppError>>()?,
        defects: defects.collect::<Result<_, AppError>>()?,
    })
}
