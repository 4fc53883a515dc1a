//! Opening a refused case again, because its refusal was revoked on reconsideration or by a court.

use chrono::NaiveDate;
use lianshen_domain::actor::{self, Action, Actor};
use lianshen_domain::application::Rules as _;
use lianshen_domain::document::{DocumentKind, Line, LineLabel};
use lianshen_domain::ids::{CaseId, Id as _};
use lianshen_domain::plain_text;
use lianshen_domain::rejected::Rejected;
use lianshen_domain::revocation::Revocation;
use serde::Serialize;
use uuid::Uuid;

use super::act::{Command, Did, Subject, act};
use super::decide::REASONS_MAX;
use super::desk::Desk;
use super::paper::due_day;
use super::reach::Reach;
use crate::app::App;
use crate::error::AppError;

/// The longest name of who revoked a decision, and the longest number of a document.
const NAME_MAX: usize = 100;

/// A refused case that is opened again.
#[derive(Clone, Serialize)]
pub struct Reopen {
    /// Chosen by the client.
    pub idempotency_key: String,
    /// The case.
    pub case: Uuid,
    /// The document that revoked the refusal.
    pub revocation: Revocation,
    /// The day on which the department received it.
    pub received_on: NaiveDate,
    /// The version of the case that was looked at.
    pub expected_version: Option<i64>,
}

/// Opens a refused case again (重新审查): its examination is made again, what was terminated because of it waits again, and
/// the period for the new decision runs from the day after the receipt.
///
/// # Errors
/// What `File::reopen` refuses, `NotFound` for another department's case, `Conflict`.
pub async fn reopen(app: &App, actor: &Actor, command: Reopen) -> Result<CaseId, AppError> {
    actor::may(actor, Action::Decide)?;
    let revocation = checked(&command.revocation)?;
    let id = CaseId::new(command.case);
    let common = Command {
        action: Action::Decide,
        act: "caseReopen",
        key: &command.idempotency_key,
        request: &command,
        subject: Subject::Case(id),
        reach: Reach::Department,
        expected_version: command.expected_version,
    };
    act(app, actor, common, |desk| {
        let review = app.env.id();
        desk.decide(Some(command.received_on), |file, when, rules| {
            file.reopen(id, &revocation, when, rules, review)
        })
        .map_err(about_the_receipt)?;
        let lines = notice_lines(desk, id, &revocation)?;
        desk.paper(DocumentKind::ReopeningNotice, Some(id), lines);
        Ok(Did::Something)
    })
    .await?;
    Ok(id)
}

fn checked(given: &Revocation) -> Result<Revocation, Rejected> {
    let note = given.note.as_deref().filter(|note| !note.trim().is_empty());
    let note = note.map(|note| plain_text::checked_lines(note, REASONS_MAX, "note"));
    given.expect_days()?;
    Ok(Revocation {
        body: plain_text::checked_name(&given.body, NAME_MAX, "body")?,
        document_number: plain_text::checked_name(
            &given.document_number,
            NAME_MAX,
            "documentNumber",
        )?,
        note: note.transpose()?,
        ..given.clone()
    })
}

/// The day of this act is that of the receipt, and is called so.
fn about_the_receipt(error: AppError) -> AppError {
    let AppError::Rejected(rejected) = error else {
        return error;
    };
    let renamed = rejected.into_iter().map(|refused| Rejected {
        field: refused
            .field
            .into_iter()
            .map(|step| match step.as_str() {
                "happenedOn" => "receivedOn".to_owned(),
                _ => step,
            })
            .collect(),
        ..refused
    });
    AppError::Rejected(renamed.collect())
}

/// What the applicant is told: by what the refusal was revoked, by when there is another decision, and what goes on with it.
fn notice_lines(
    desk: &Desk<'_>,
    id: CaseId,
    revocation: &Revocation,
) -> Result<Vec<Line>, AppError> {
    let case = desk.case(id)?;
    let revoked = format!("{}（{}）", revocation.document(), revocation.decided_on);
    let mut lines = vec![
        Line::new(LineLabel::RevokedBy, revoked),
        Line::new(LineLabel::Reasons, revocation.ground.term()),
        Line::new(LineLabel::Basis, revocation.way.article()),
    ];
    let note = revocation.note.as_deref();
    lines.extend(note.map(|note| Line::new(LineLabel::Reasons, note)));
    if let Some(dates) = &case.dates
        && let Some(due_on) = dates.lamp.statutory_due_on
    {
        let calendar = desk.rules.calendar(Some(&case.department));
        lines.push(Line::new(
            LineLabel::NewDecisionDue,
            due_day(due_on, calendar),
        ));
    }
    let restored = desk.file.restored_with(id);
    lines.extend(restored.map(|case| {
        let text = format!("{} {}", case.case_number, case.item_name);
        Line::new(LineLabel::Case, text)
    }));
    Ok(lines)
}
