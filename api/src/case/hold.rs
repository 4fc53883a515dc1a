//! Holding an application: the lock that orders all acts on it, and the authority of whoever acts.
//!
//! Every act on an application that is there begins here. Whatever else it locks comes after the application, so that no
//! two acts wait for each other in a circle.

use chrono::NaiveDate;
use lianshen_domain::actor::Actor;
use lianshen_domain::case::Case;
use lianshen_domain::ids::{ApplicationId, CaseId, Id as _, MediationId, ReviewId, VisitId};
use lianshen_domain::rejected::Reason;
use lianshen_domain::review::Review;
use lianshen_entity::{Placed as _, application, case_, review};
use sea_orm::{ConnectionTrait as _, DbBackend, QueryResult, Statement};
use uuid::Uuid;

use super::mapping::{case_of, review_of};
use crate::authority;
use crate::db::Tx;
use crate::error::AppError;

/// An application that this transaction holds: no other act on it goes on beside.
pub struct Held {
    /// Its row.
    pub row: application::Model,
    /// Up to where its centre had published and adopted when it was held.
    pub revision: i64,
}

/// A review of an application that this transaction holds, and its case: each as it was read, and as the core sees it.
pub struct HeldReview {
    /// The application.
    pub held: Held,
    /// The review.
    pub review: (review::Model, Review),
    /// Its case.
    pub case: (case_::Model, Case),
}

/// Locks the application of a review.
///
/// # Errors
/// `NotFound`, or `SessionEnded` when the actor's authority is gone.
pub(super) async fn by_review(tx: &Tx, actor: &Actor, review: ReviewId) -> Result<Held, AppError> {
    hold_by(tx, actor, "review", review.raw()).await
}

/// Locks the application of a case.
///
/// # Errors
/// As [`by_review`].
pub(super) async fn by_case(tx: &Tx, actor: &Actor, case: CaseId) -> Result<Held, AppError> {
    hold_by(tx, actor, "case_", case.raw()).await
}

/// Locks the application of a visit.
pub(super) async fn by_visit(tx: &Tx, actor: &Actor, visit: VisitId) -> Result<Held, AppError> {
    hold_by(tx, actor, "visit", visit.raw()).await
}

/// Locks the application of a mediation.
pub(super) async fn by_mediation(
    tx: &Tx,
    actor: &Actor,
    mediation: MediationId,
) -> Result<Held, AppError> {
    hold_by(tx, actor, "mediation", mediation.raw()).await
}

/// Locks an application.
pub(super) async fn by_id(tx: &Tx, actor: &Actor, id: ApplicationId) -> Result<Held, AppError> {
    hold(tx, actor, "$1", id.raw()).await
}

/// Locks the application of a review, and reads the review and its case in the same statement.
///
/// All three rows are held: where others acted meanwhile, the rows are as those left them. The application comes first, in
/// the one order of the house.
///
/// # Errors
/// `NotFound`, or `SessionEnded` when the actor's authority is gone.
pub async fn hold_review(tx: &Tx, actor: &Actor, review: ReviewId) -> Result<HeldReview, AppError> {
    let columns = format!(
        ", {}, {}",
        review::Model::column_list(),
        case_::Model::column_list()
    );
    let beside = Beside {
        columns: &columns,
        join: "JOIN review ON review.id = $1 JOIN case_ ON case_.id = review.case_id",
        locked: "FOR NO KEY UPDATE OF review, case_",
    };
    let found = lock(tx, actor, "review.application_id", review.raw(), beside).await?;
    let at_review = application::Model::width() + 1;
    let review = review::Model::placed(&found, at_review)?;
    let case = case_::Model::placed(&found, at_review + review::Model::width())?;
    let seen = (review_of(&review)?, case_of(&case)?);
    Ok(HeldReview {
        held: held(&found)?,
        review: (review, seen.0),
        case: (case, seen.1),
    })
}

/// Locks the application to which a row of this table belongs.
async fn hold_by(tx: &Tx, actor: &Actor, table: &str, id: Uuid) -> Result<Held, AppError> {
    let which = format!("(SELECT application_id FROM {table} WHERE id = $1)");
    hold(tx, actor, &which, id).await
}

async fn hold(tx: &Tx, actor: &Actor, which: &str, id: Uuid) -> Result<Held, AppError> {
    held(&lock(tx, actor, which, id, Beside::default()).await?)
}

/// What is read, and held, beside an application.
#[derive(Default)]
struct Beside<'a> {
    columns: &'a str,
    join: &'a str,
    locked: &'a str,
}

/// One statement by hand, because it does several things at once: it takes the lock that orders all acts on an
/// application, and reads (and holds) the authority of the actor in the same transaction.
async fn lock(
    tx: &Tx,
    actor: &Actor,
    which: &str,
    id: Uuid,
    beside: Beside<'_>,
) -> Result<QueryResult, AppError> {
    let engine = tx.get_database_backend();
    let Beside {
        columns,
        join,
        locked,
    } = beside;
    let locks = match engine {
        // Locked in the order in which they are named.
        DbBackend::Postgres => {
            format!("FOR UPDATE OF application {locked} FOR SHARE OF session, account")
        }
        // The one writer of SQLite is already alone.
        _ => String::new(),
    };
    let sql = format!(
        "SELECT {}, {REVISION}{columns} FROM application \
         JOIN session ON session.id = $2 AND session.ended_at IS NULL \
         JOIN account ON account.id = session.account_id AND account.id = $3 AND account.closed_at IS NULL \
         {join} WHERE application.id = {which} AND application.region = $4 {locks}",
        application::Model::column_list(),
    );
    let values = [
        id.into(),
        actor.session.raw().into(),
        actor.account.raw().into(),
        actor.region.clone().into(),
    ];
    let statement = Statement::from_sql_and_values(engine, sql, values);
    if let Some(found) = tx.query_one_raw(statement).await? {
        return Ok(found);
    }
    authority::hold(tx, actor).await?;
    Err(Reason::NotFound.into())
}

/// Read in the very statement that takes the lock, so that it costs no other.
const REVISION: &str =
    "(SELECT centre.revision FROM centre WHERE centre.region = application.region)";

fn held(found: &QueryResult) -> Result<Held, AppError> {
    let revision: Option<i64> = found.try_get_by_index(application::Model::width())?;
    Ok(Held {
        row: application::Model::placed(found, 0)?,
        revision: revision.unwrap_or_default(),
    })
}

/// Locks an application if time has brought something by a day; nobody acts.
pub(super) async fn due(
    tx: &Tx,
    id: ApplicationId,
    by: NaiveDate,
) -> Result<Option<Held>, AppError> {
    let held = alone(tx, id).await?;
    Ok(held.filter(|held| held.row.sweep_on.is_some_and(|on| on <= by)))
}

/// Locks an application for what the program does by itself.
pub(super) async fn alone(tx: &Tx, id: ApplicationId) -> Result<Option<Held>, AppError> {
    let engine = tx.get_database_backend();
    let lock = match engine {
        DbBackend::Postgres => "FOR UPDATE OF application",
        _ => "",
    };
    let columns = application::Model::column_list();
    let sql = format!("SELECT {columns}, {REVISION} FROM application WHERE id = $1 {lock}");
    let statement = Statement::from_sql_and_values(engine, sql, [id.raw().into()]);
    let found = tx.query_one_raw(statement).await?;
    found.as_ref().map(held).transpose()
}
