//! Other ends of a case: withdrawn, terminated, voided by two persons.

use chrono::NaiveDate;
use lianshen_domain::actor::{Action, Actor};
use lianshen_domain::document::{DocumentKind, Line, LineLabel};
use lianshen_domain::ids::{ApplicationId, CaseId, Id as _};
use serde::Serialize;
use uuid::Uuid;

use super::act::{Command, Did, Subject, act};
use super::decide::{ended, ending_paper, lay_papers};
use super::procedure::{OnCase, on_case, reasons_of};
use super::reach::Reach;
use crate::app::App;
use crate::error::AppError;

/// A withdrawal by the applicant.
#[derive(Clone, Serialize)]
pub struct Withdraw {
    /// Chosen by the client.
    pub idempotency_key: String,
    /// The application.
    pub application: Uuid,
    /// One case of it; all that have not ended if absent.
    pub case: Option<Uuid>,
    /// The day of the act, if it is entered after the fact.
    pub happened_on: Option<NaiveDate>,
    /// The version of the application that was looked at.
    pub expected_version: Option<i64>,
}

/// An end of a case that somebody gives reasons for.
#[derive(Clone, Serialize)]
pub struct EndCase {
    /// The case.
    #[serde(flatten)]
    pub on: OnCase,
    /// Why.
    pub reasons: String,
}

/// Withdraws an application, or one case of it (撤回); what depends on it ends with it.
///
/// # Errors
/// What `File::withdraw` refuses.
pub async fn withdraw(
    app: &App,
    actor: &Actor,
    command: Withdraw,
) -> Result<ApplicationId, AppError> {
    let id = ApplicationId::new(command.application);
    let common = Command {
        action: Action::ActForApplicant,
        act: "applicationWithdraw",
        key: &command.idempotency_key,
        request: &command,
        subject: Subject::Application(id),
        reach: Reach::Applicant,
        expected_version: command.expected_version,
    };
    act(app, actor, common, |desk| {
        let before = ended(desk);
        let case = command.case.map(CaseId::new);
        desk.decide(command.happened_on, |file, when, _| {
            file.withdraw(case, actor, when)
        })?;
        lay_papers(desk, &before)?;
        Ok(Did::Something)
    })
    .await?;
    Ok(id)
}

/// Ends a case without decision (终止): the applicant is gone, or the matter is.
///
/// # Errors
/// What `File::terminate` refuses; `ReasonsRequired`.
pub async fn terminate(app: &App, actor: &Actor, command: EndCase) -> Result<CaseId, AppError> {
    let id = CaseId::new(command.on.case);
    let about = (Action::Terminate, "caseTerminate", Reach::Department);
    on_case(app, actor, about, &command.on, &command, |desk| {
        let reasons = reasons_of(&command.reasons)?;
        let before = ended(desk);
        desk.decide(command.on.happened_on, |file, when, _| {
            file.terminate(id, reasons, actor, when)
        })?;
        lay_papers(desk, &before)
    })
    .await
}

/// Issues the paper of a case that passed by the silence of its department (补发文书).
///
/// # Errors
/// What `File::issue_paper` refuses.
pub async fn issue_paper(app: &App, actor: &Actor, command: OnCase) -> Result<CaseId, AppError> {
    let id = CaseId::new(command.case);
    let about = (Action::Decide, "caseIssuePaper", Reach::Department);
    on_case(app, actor, about, &command, &command, |desk| {
        desk.decide(command.happened_on, |file, when, _| {
            file.issue_paper(id, when)
        })?;
        let (kind, lines) = ending_paper(desk, id)?;
        desk.paper(kind, Some(id), lines);
        Ok(())
    })
    .await
}

/// Asks for a mistaken record to be voided (作废); another person must confirm it.
///
/// # Errors
/// What `File::ask_void` refuses; `ReasonsRequired`.
pub async fn ask_void(app: &App, actor: &Actor, command: EndCase) -> Result<CaseId, AppError> {
    let id = CaseId::new(command.on.case);
    let about = (Action::Void, "caseAskVoid", Reach::WindowOrDepartment);
    on_case(app, actor, about, &command.on, &command, |desk| {
        let reasons = reasons_of(&command.reasons)?;
        desk.decide(command.on.happened_on, |file, when, _| {
            file.ask_void(id, when)
        })?;
        let lines = vec![Line::new(LineLabel::Reasons, &reasons)];
        desk.paper(DocumentKind::VoidRecord, Some(id), lines);
        Ok(())
    })
    .await
}

/// Confirms that a mistaken record is void; a comprehensive permit that shows its licence is issued anew without it.
///
/// # Errors
/// What `File::confirm_void` refuses.
pub async fn confirm_void(app: &App, actor: &Actor, command: OnCase) -> Result<CaseId, AppError> {
    let id = CaseId::new(command.case);
    let about = (Action::Void, "caseConfirmVoid", Reach::WindowOrDepartment);
    on_case(app, actor, about, &command, &command, |desk| {
        let before = ended(desk);
        let when = desk.decide(command.happened_on, |file, when, _| {
            file.confirm_void(id, actor, when)
        })?;
        let second = Line::new(LineLabel::SecondPerson, &actor.display_name);
        desk.paper(DocumentKind::VoidRecord, Some(id), vec![second]);
        let mut before = before;
        before.push(id);
        lay_papers(desk, &before)?;
        desk.issue_permit(when)
    })
    .await
}
