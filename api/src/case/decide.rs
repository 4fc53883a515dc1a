//! Deciding one case, and all that follows from it.

use lianshen_domain::actor::{self, Action, Actor};
use lianshen_domain::case::{Case, CaseResult, Decision};
use lianshen_domain::code::Code as _;
use lianshen_domain::document::DocumentKind;
use lianshen_domain::ids::{ApplicationId, CaseId, Id as _};
use lianshen_domain::plain_text;
use lianshen_domain::rejected::Reason;
use lianshen_domain::review::Outcome;
use lianshen_entity::application;
use serde::Serialize;
use uuid::Uuid;

use super::clocks::Clocks;
use super::paper::{Paper, Papers};
use super::serials::Wanted;
use super::store;
use crate::app::App;
use crate::db::{self, Tx};
use crate::error::AppError;
use crate::idempotency::{self, Keyed};
use crate::ledger::{self, Entry};

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
    /// The version of the case that the decider looked at.
    pub expected_version: Option<i64>,
}

/// Decides a case: its successors start, its dependants end, and with the last one the application concludes.
///
/// # Errors
/// What `File::decide` refuses, `NotFound` for another department's case, `Conflict`.
pub async fn decide(app: &App, actor: &Actor, command: Decide) -> Result<CaseId, AppError> {
    actor::may(actor, Action::Decide)?;
    let reasons = command
        .reasons
        .as_deref()
        .filter(|reasons| !reasons.trim().is_empty());
    let reasons = reasons
        .map(|reasons| plain_text::checked_lines(reasons, REASONS_MAX, "reasons"))
        .transpose()?;
    let decision = Decision::try_new(command.granted, reasons)?;
    let snapshot = app.library.present();
    let centre = snapshot.centre(&actor.region).ok_or(Reason::NotFound)?;
    let id = CaseId::new(command.case);
    db::write(&app.db, async |tx| {
        let held = store::hold_by_case(&tx, actor, id).await?;
        let at = app.env.moment();
        let application = ApplicationId::new(held.row.id);
        let (mut file, rows) = store::load_file(&tx, held).await?;
        let subject = file.cases.iter().find(|case| case.id == id);
        let subject = subject
            .filter(|case| Some(&case.department) == actor.department.as_ref())
            .ok_or(Reason::NotFound)?;
        let (version, state) = (subject.version, subject.state);

        let keyed = Keyed {
            act: "caseDecide",
            key: &command.idempotency_key,
            request: &command,
        };
        if idempotency::claim(&tx, actor, &keyed, &command.case, at.now)
            .await?
            .is_some()
        {
            return Ok(());
        }
        let before: Vec<_> = file
            .cases
            .iter()
            .map(|case| case.state.has_ended())
            .collect();
        let clocks = Clocks {
            snapshot: &snapshot,
            region: &actor.region,
            bundle: None,
        };
        let outcome = match file.decide(id, decision.clone(), actor, at, &clocks) {
            Ok(Outcome::Unchanged) => return Ok(()),
            // What was decided says more than that the version is another one.
            Err(refused) if matches!(refused.reason, Reason::AlreadyDecided { .. }) => {
                return Err(refused.into());
            }
            outcome => {
                store::expect_version(command.expected_version, version, state.code())?;
                outcome?
            }
        };
        let Outcome::Done(happenings) = outcome else {
            return Ok(());
        };

        let ended = file
            .cases
            .iter()
            .zip(before)
            .filter(|(case, before)| case.state.has_ended() && !before);
        let ended: Vec<_> = ended.map(|(case, _)| case).collect();
        let mut papers = Papers::new(&app.env, &snapshot, centre, actor, at);
        write_papers(&mut papers, &tx, &rows.application, &ended).await?;

        store::save_file(&tx, &file, rows).await?;
        papers.write(&tx).await?;
        let region = &actor.region;
        let entry = Entry {
            region,
            application: Some(application),
            actor: Some(actor),
            happened_at: at.now,
        };
        ledger::append(&tx, &app.env, entry, &happenings).await
    })
    .await?;
    Ok(id)
}

/// One paper for each case that ended with this decision.
async fn write_papers(
    papers: &mut Papers<'_>,
    tx: &Tx,
    application: &application::Model,
    ended: &[&Case],
) -> Result<(), AppError> {
    let mut wanted = Wanted::default();
    for case in ended {
        papers.want(&mut wanted, kind_of(case), Some(case));
    }
    let mut given = wanted.take(tx).await?;
    for case in ended {
        let kind = kind_of(case);
        let mut lines = papers.decision_lines(case);
        if kind != DocumentKind::GrantDecision {
            lines.push(Papers::remedies());
        }
        let case = Some(*case);
        papers.add(application, Paper { kind, case, lines }, &mut given)?;
    }
    Ok(())
}

fn kind_of(case: &Case) -> DocumentKind {
    match case.ending.as_ref().map(|ending| ending.result) {
        Some(CaseResult::Granted) => DocumentKind::GrantDecision,
        Some(CaseResult::Refused) => DocumentKind::RefusalDecision,
        Some(CaseResult::Terminated) | None => DocumentKind::TerminationNotice,
    }
}
