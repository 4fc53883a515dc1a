//! Deciding one case, and all that follows from it.

use chrono::NaiveDate;
use lianshen_domain::actor::{self, Action, Actor};
use lianshen_domain::case::{Case, CaseResult, Decision};
use lianshen_domain::document::{DocumentKind, Line};
use lianshen_domain::ids::{CaseId, Id as _};
use lianshen_domain::plain_text;
use serde::Serialize;
use uuid::Uuid;

use super::act::{Command, Did, Subject, act};
use super::desk::Desk;
use super::paper::Papers;
use super::reach::Reach;
use crate::app::App;
use crate::error::AppError;

/// The longest text of reasons.
pub(crate) const REASONS_MAX: usize = 4_000;

/// A decision on a case.
#[derive(Clone, Serialize)]
pub struct Decide {
    /// Chosen by the client.
    pub idempotency_key: String,
    /// The case.
    pub case: Uuid,
    /// Granted or refused.
    pub granted: bool,
    /// Why.
    pub reasons: Option<String>,
    /// The day of the decision, if it is entered after the fact.
    pub happened_on: Option<NaiveDate>,
    /// The version of the case that the decider looked at.
    pub expected_version: Option<i64>,
}

/// Decides a case: its successors start, its dependants end, and with the last one the application concludes.
///
/// # Errors
/// What `File::decide` refuses, `NotFound` for another department's case, `Conflict`.
pub async fn decide(app: &App, actor: &Actor, command: Decide) -> Result<CaseId, AppError> {
    let reasons = command
        .reasons
        .as_deref()
        .filter(|reasons| !reasons.trim().is_empty());
    let reasons = reasons
        .map(|reasons| plain_text::checked_lines(reasons, REASONS_MAX, "reasons"))
        .transpose();
    let id = CaseId::new(command.case);
    let common = Command {
        action: Action::Decide,
        act: "caseDecide",
        key: &command.idempotency_key,
        request: &command,
        subject: Subject::Case(id),
        reach: Reach::Department,
        expected_version: command.expected_version,
    };
    actor::may(actor, Action::Decide)?;
    let decision = Decision::try_new(command.granted, reasons?)?;
    act(app, actor, common, |desk| {
        let before = ended(desk);
        let done = desk.attempt(command.happened_on, |file, when, _| {
            file.decide(id, decision.clone(), actor, when, &app.config.opinions)
        })?;
        if done.is_none() {
            return Ok(Did::Nothing);
        }
        lay_papers(desk, &before)?;
        Ok(Did::Something)
    })
    .await?;
    Ok(id)
}

/// The cases that have ended.
pub(super) fn ended(desk: &Desk<'_>) -> Vec<CaseId> {
    let ended = desk.file.cases.iter().filter(|case| case.state.has_ended());
    ended.map(|case| case.id).collect()
}

/// One paper for each case that ended with this act.
pub(super) fn lay_papers(desk: &mut Desk<'_>, before: &[CaseId]) -> Result<(), AppError> {
    for id in ended(desk) {
        if before.contains(&id) {
            continue;
        }
        let (kind, lines) = ending_paper(desk, id)?;
        desk.paper(kind, Some(id), lines);
    }
    Ok(())
}

/// The paper with which a case ended: basis and reasons, and what can be done against it.
pub(super) fn ending_paper(
    desk: &Desk<'_>,
    id: CaseId,
) -> Result<(DocumentKind, Vec<Line>), AppError> {
    let case = desk.case(id)?;
    let kind = kind_of(case);
    let mut lines = desk.decision_lines(case)?;
    if matches!(
        kind,
        DocumentKind::RefusalDecision
            | DocumentKind::TerminationNotice
            | DocumentKind::NotCompetentDecision
            | DocumentKind::AcceptanceRevocation
    ) {
        lines.push(Papers::remedies());
    }
    Ok((kind, lines))
}

fn kind_of(case: &Case) -> DocumentKind {
    match case.ending.as_ref().map(|ending| ending.result) {
        // The paper that a department issues when its silence has let the case pass is the decision that it owed.
        Some(CaseResult::Granted | CaseResult::TacitPassed) => DocumentKind::GrantDecision,
        Some(CaseResult::Refused) => DocumentKind::RefusalDecision,
        Some(CaseResult::NotRequired) => DocumentKind::NotRequiredNotice,
        Some(CaseResult::NotCompetent) => DocumentKind::NotCompetentDecision,
        Some(CaseResult::AcceptanceRevoked) => DocumentKind::AcceptanceRevocation,
        Some(CaseResult::Void) => DocumentKind::VoidRecord,
        Some(CaseResult::Renewed) => DocumentKind::RenewalNotice,
        _ => DocumentKind::TerminationNotice,
    }
}
