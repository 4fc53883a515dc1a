//! Accepting what was only received: an online application, or one that a window received before.

use chrono::NaiveDate;
use lianshen_domain::actor::{Action, Actor};
use lianshen_domain::application::{Acceptance, AcceptanceKind, MissingMaterial, Rules as _};
use lianshen_domain::catalogue::CatalogueView as _;
use lianshen_domain::clock::ClockKind;
use lianshen_domain::document::{DocumentKind, Line, LineLabel};
use lianshen_domain::ids::{ApplicationId, Id as _};
use serde::Serialize;
use uuid::Uuid;

use super::act::{Command, Did, Subject, act};
use super::correction::due_line;
use super::desk::Desk;
use super::paper::missing_lines;
use super::reach::Reach;
use crate::app::App;
use crate::error::AppError;

/// Which application is accepted.
#[derive(Clone, Serialize)]
pub struct Accept {
    /// Chosen by the client.
    pub idempotency_key: String,
    /// The application.
    pub application: Uuid,
    /// Codes of materials that may follow (容缺受理); none for an ordinary acceptance.
    pub missing_materials: Vec<String>,
    /// The day of acceptance, if it is entered after the fact.
    pub happened_on: Option<NaiveDate>,
    /// The version that the clerk looked at.
    pub expected_version: Option<i64>,
}

/// Accepts all cases in one act; their clocks start, and every department has its file at once.
///
/// # Errors
/// `NotFound`, `Conflict`, `WrongState`, `DeemedAccepted`; what [`Acceptance::conditional`] refuses. Nothing is written
/// then.
pub async fn accept(app: &App, actor: &Actor, command: Accept) -> Result<ApplicationId, AppError> {
    let id = ApplicationId::new(command.application);
    let common = Command {
        action: Action::AcceptApplication,
        act: "applicationAccept",
        key: &command.idempotency_key,
        request: &command,
        subject: if command.missing_materials.is_empty() {
            Subject::Application(id)
        } else {
            Subject::MaterialsOf(id)
        },
        reach: Reach::Window,
        expected_version: command.expected_version,
    };
    act(app, actor, common, |desk| {
        let when = desk.when(command.happened_on)?;
        let acceptance = acceptance_of(desk, when.on, &command.missing_materials)?;
        let happenings = desk.file.accept(actor, when, &acceptance)?;
        desk.happened(happenings);
        let mut lines = desk.acceptance_lines()?;
        let kind = if acceptance.kind == AcceptanceKind::Conditional {
            lines.extend(missing_lines(desk.centre()?, &acceptance.missing));
            lines.extend(due_line(desk, ClockKind::ConditionalSupplement));
            lines.push(Line::new(
                LineLabel::Consequence,
                "逾期未补齐的，对需要该材料的事项撤销受理。",
            ));
            DocumentKind::ConditionalAcceptanceNotice
        } else {
            DocumentKind::AcceptanceNotice
        };
        desk.paper(kind, None, lines);
        Ok(Did::Something)
    })
    .await?;
    Ok(id)
}

fn acceptance_of(
    desk: &Desk<'_>,
    on: NaiveDate,
    missing: &[String],
) -> Result<Acceptance, AppError> {
    if missing.is_empty() {
        return Ok(Acceptance::unconditional(&desk.file, &desk.rules));
    }
    let catalogue = &desk.centre()?.catalogue;
    let is_listed = |code: &String| {
        let open = desk.file.open_cases();
        let mut items = open.filter_map(|case| desk.rules.item(case));
        items.any(|item| item.materials.contains(code))
    };
    let missing = missing.iter().map(|code| MissingMaterial {
        code: code.clone(),
        necessity: catalogue
            .material(code)
            .filter(|_| is_listed(code))
            .map(|material| material.necessity),
        is_there: desk.there.has(code),
    });
    Ok(Acceptance::conditional(
        missing.collect(),
        on,
        &desk.file,
        &desk.rules,
    )?)
}
