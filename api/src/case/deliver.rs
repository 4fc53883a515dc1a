//! Delivering results at the window, all at once or some before the others are there, and closing; telling that they are
//! ready; an attempt that failed.

use chrono::NaiveDate;
use lianshen_domain::actor::{self, Action, Actor};
use lianshen_domain::document::{DocumentKind, Line, LineLabel};
use lianshen_domain::ids::{ApplicationId, CaseId, Id as _};
use lianshen_domain::plain_text;
use serde::Serialize;
use uuid::Uuid;

use super::act::{Command, Did, Subject, act};
use super::desk::Desk;
use super::reach::Reach;
use crate::app::App;
use crate::error::AppError;

/// To whom the results are handed.
#[derive(Clone, Serialize)]
pub struct Deliver {
    /// Chosen by the client.
    pub idempotency_key: String,
    /// The application.
    pub application: Uuid,
    /// The cases whose results are handed over; all at once without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub only_cases: Option<Vec<Uuid>>,
    /// Name of the person who signs for the results.
    pub received_by: String,
    /// The day of the delivery, if it is entered after the fact.
    pub happened_on: Option<NaiveDate>,
    /// The version that the clerk looked at.
    pub expected_version: Option<i64>,
}

/// Something about the delivery that is written down before it succeeds.
#[derive(Clone, Serialize)]
pub struct DeliveryNote {
    /// Chosen by the client.
    pub idempotency_key: String,
    /// The application.
    pub application: Uuid,
    /// The cases whose results it is about; all without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub only_cases: Option<Vec<Uuid>>,
    /// How the applicant was told, or why the attempt failed.
    pub text: String,
    /// The day on which it was done, if it is entered after the fact.
    pub happened_on: Option<NaiveDate>,
    /// The version that the clerk looked at.
    pub expected_version: Option<i64>,
}

/// The longest text about a delivery.
const NOTE_MAX: usize = 500;

/// Hands over results with one receipt (送达回证): all of them, which closes the application, or those of some cases, before
/// the others have any. With the last result of a concluded application it closes, too.
///
/// # Errors
/// `WrongState` before the last case ended, or for a case without a result; `NotFound` at another window.
pub async fn deliver(
    app: &App,
    actor: &Actor,
    command: Deliver,
) -> Result<ApplicationId, AppError> {
    actor::may(actor, Action::DeliverResults)?;
    let received_by = plain_text::checked_name(&command.received_by, 100, "receivedBy")?;
    let only = case_ids(command.only_cases.as_deref());
    let id = ApplicationId::new(command.application);
    let common = Command {
        action: Action::DeliverResults,
        act: "applicationDeliver",
        key: &command.idempotency_key,
        request: &command,
        subject: Subject::Application(id),
        reach: Reach::Window,
        expected_version: command.expected_version,
    };
    act(app, actor, common, |desk| {
        let mut lines = case_lines(desk, only.as_deref());
        let done = desk.attempt(command.happened_on, |file, when, _| match &only {
            None => file.deliver(when),
            Some(cases) => file.deliver_some(cases, when),
        })?;
        if done.is_none() {
            return Ok(Did::Nothing);
        }
        lines.push(Line::new(LineLabel::ReceivedBy, &received_by));
        desk.paper(DocumentKind::DeliveryReceipt, None, lines);
        Ok(Did::Something)
    })
    .await?;
    Ok(id)
}

/// Tells the applicant that results are ready (领取通知书); their periods for delivery stop.
///
/// # Errors
/// As [`deliver`].
pub async fn announce_results(
    app: &App,
    actor: &Actor,
    command: DeliveryNote,
) -> Result<ApplicationId, AppError> {
    note(app, actor, command, DocumentKind::CollectionNotice).await
}

/// Records an attempt to deliver that failed (送达未果); the periods run on.
///
/// # Errors
/// As [`deliver`].
pub async fn fail_delivery(
    app: &App,
    actor: &Actor,
    command: DeliveryNote,
) -> Result<ApplicationId, AppError> {
    note(app, actor, command, DocumentKind::DeliveryFailure).await
}

async fn note(
    app: &App,
    actor: &Actor,
    command: DeliveryNote,
    kind: DocumentKind,
) -> Result<ApplicationId, AppError> {
    actor::may(actor, Action::DeliverResults)?;
    let text = plain_text::checked_lines(&command.text, NOTE_MAX, "text")?;
    let only = case_ids(command.only_cases.as_deref());
    let id = ApplicationId::new(command.application);
    let is_ready = kind == DocumentKind::CollectionNotice;
    let common = Command {
        action: Action::DeliverResults,
        act: if is_ready {
            "applicationAnnounceResults"
        } else {
            "applicationFailDelivery"
        },
        key: &command.idempotency_key,
        request: &command,
        subject: Subject::Application(id),
        reach: Reach::Window,
        expected_version: command.expected_version,
    };
    act(app, actor, common, |desk| {
        let mut lines = case_lines(desk, only.as_deref());
        let done = desk.attempt(command.happened_on, |file, when, _| {
            match (&only, is_ready) {
                (None, true) => file.announce_results(when),
                (None, false) => file.fail_delivery(when),
                (Some(cases), true) => file.announce_some(cases, when),
                (Some(cases), false) => file.fail_to_deliver_some(cases, when),
            }
        })?;
        if done.is_none() {
            return Ok(Did::Nothing);
        }
        lines.push(Line::new(LineLabel::Attempt, &text));
        desk.paper(kind, None, lines);
        Ok(Did::Something)
    })
    .await?;
    Ok(id)
}

fn case_ids(named: Option<&[Uuid]>) -> Option<Vec<CaseId>> {
    named.map(|named| named.iter().copied().map(CaseId::new).collect())
}

/// What is to be handed over; what was handed over before, alone or before a case was opened again, is not among it.
fn case_lines(desk: &Desk<'_>, only: Option<&[CaseId]>) -> Vec<Line> {
    let cases = desk.file.to_hand_over();
    cases
        .filter(|case| only.is_none_or(|only| only.contains(&case.id)))
        .map(|case| {
            Line::new(
                LineLabel::Case,
                format!("{} {}", case.case_number, case.item_name),
            )
        })
        .collect()
}
