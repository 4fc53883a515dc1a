//! What every act on an application has in common: the key, the lock, the version, the desk.

use lianshen_domain::actor::{self, Action, Actor};
use lianshen_domain::ids::{ApplicationId, CaseId, MediationId, ReviewId, VisitId};
use lianshen_domain::rejected::{Reason, Rejected, Word, expect_version};
use serde::Serialize;
use serde_json::Value;

use super::desk::Desk;
use super::hold;
use super::reach::Reach;
use crate::app::App;
use crate::db;
use crate::error::AppError;
use crate::idempotency::{self, Keyed};

/// What an act is about.
#[derive(Clone, Copy)]
pub(super) enum Subject {
    Application(ApplicationId),
    Case(CaseId),
    Review(ReviewId),
    /// An application, of which the materials matter, too.
    MaterialsOf(ApplicationId),
    Visit(VisitId),
    /// An application, of which the visits matter, too.
    VisitsOf(ApplicationId),
    /// A case, of which it matters what departments miss.
    ReportsOfCase(CaseId),
    /// An application, of which it matters what departments miss.
    ReportsOf(ApplicationId),
    Mediation(MediationId),
}

/// A command, as far as it is like all others.
pub(super) struct Command<'a, C> {
    /// What the role must be allowed to.
    pub(super) action: Action,
    /// Name of the act; one key serves one act.
    pub(super) act: &'static str,
    /// The key that the client chose.
    pub(super) key: &'a str,
    /// The whole request, for telling another one apart.
    pub(super) request: &'a C,
    pub(super) subject: Subject,
    /// Whom the act concerns.
    pub(super) reach: Reach,
    /// The version of the subject that the client looked at.
    pub(super) expected_version: Option<i64>,
}

/// What an act did to the desk.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Did {
    /// It changed something.
    Something,
    /// It had been done before, identically.
    Nothing,
    /// It is refused, and that somebody wanted it stays on record.
    Refused(Rejected),
}

/// Does one act: all of it, or nothing; of what is refused at most that it was wanted stays, if that must be on record.
///
/// `decide` may be called again when a race was lost, always on a desk that was taken anew.
pub(super) async fn act<C: Serialize + Sync>(
    app: &App,
    actor: &Actor,
    command: Command<'_, C>,
    decide: impl Fn(&mut Desk<'_>) -> Result<Did, AppError> + Send + Sync,
) -> Result<(), AppError> {
    actor::may(actor, command.action)?;
    let refused: Option<Rejected> = db::write(&app.db, async |tx| {
        let held = match command.subject {
            Subject::Application(id)
            | Subject::MaterialsOf(id)
            | Subject::VisitsOf(id)
            | Subject::ReportsOf(id) => hold::by_id(&tx, actor, id).await?,
            Subject::Case(id) | Subject::ReportsOfCase(id) => hold::by_case(&tx, actor, id).await?,
            Subject::Review(id) => hold::by_review(&tx, actor, id).await?,
            Subject::Visit(id) => hold::by_visit(&tx, actor, id).await?,
            Subject::Mediation(id) => hold::by_mediation(&tx, actor, id).await?,
        };
        let at = app.env.moment();
        let mut desk = Desk::take(app, &tx, held, Some(actor), at).await?;
        let case = match command.subject {
            Subject::Application(_) => None,
            Subject::MaterialsOf(_) => {
                desk.read_materials(&tx).await?;
                None
            }
            Subject::Mediation(_) => {
                desk.read_mediations(&tx).await?;
                None
            }
            Subject::Visit(_) | Subject::VisitsOf(_) => {
                desk.read_visits(&tx).await?;
                None
            }
            Subject::ReportsOf(_) => {
                desk.read_reports(&tx).await?;
                None
            }
            Subject::ReportsOfCase(id) => {
                desk.read_reports(&tx).await?;
                Some(id)
            }
            Subject::Case(id) => Some(id),
            Subject::Review(id) => Some(desk.review(id)?.case),
        };
        desk.expect_reach(&tx, command.reach, case).await?;
        let keyed = Keyed {
            act: command.act,
            key: command.key,
            request: command.request,
        };
        let claimed: Option<Value> =
            idempotency::claim(&tx, actor, &keyed, &Value::Null, at.now).await?;
        if claimed.is_some() {
            return Ok(None);
        }
        let (version, state) = version_of(&desk, command.subject)?;
        match decide(&mut desk) {
            Ok(Did::Nothing) => return Ok(None),
            // What was decided says more than that the version is another one.
            Err(error) if says_more(&error) => return Err(error),
            did => {
                expect_version(command.expected_version, version, state)?;
                if let Did::Refused(refusal) = did? {
                    // Who repeats it is refused again.
                    idempotency::release(&tx, actor, command.key).await?;
                    desk.clear(&tx).await?;
                    return Ok(Some(refusal));
                }
            }
        }
        desk.take_over(actor);
        desk.clear(&tx).await?;
        Ok(None)
    })
    .await?;
    match refused {
        Some(refusal) => Err(refusal.into()),
        None => Ok(()),
    }
}

fn says_more(error: &AppError) -> bool {
    let AppError::Rejected(rejected) = error else {
        return false;
    };
    rejected.iter().any(|refused| {
        matches!(
            refused.reason,
            Reason::AlreadyDecided { .. }
                | Reason::DeemedAccepted { .. }
                | Reason::SupplementLate { .. }
        )
    })
}

fn version_of(desk: &Desk<'_>, subject: Subject) -> Result<(i64, Word), AppError> {
    Ok(match subject {
        Subject::Case(id) | Subject::ReportsOfCase(id) => {
            let case = desk.case(id)?;
            (desk.kept_version(id), case.state.into())
        }
        Subject::Review(id) => {
            let review = desk.review(id)?;
            (review.version, review.state.into())
        }
        Subject::Visit(id) => {
            let visit = desk.visits.one(id)?;
            (visit.version, visit.state.into())
        }
        Subject::Mediation(id) => {
            let mediation = desk.mediations.one(id)?;
            (mediation.version, mediation.state.into())
        }
        Subject::Application(_)
        | Subject::MaterialsOf(_)
        | Subject::VisitsOf(_)
        | Subject::ReportsOf(_) => (desk.row().version, desk.row().state.0.into()),
    })
}
