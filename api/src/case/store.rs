//! The rows of applications, cases and reviews, for writing.

use std::collections::HashMap;

use chrono::NaiveDate;
use lianshen_domain::actor::Actor;
use lianshen_domain::application::{Application, Course, File};
use lianshen_domain::case::Case;
use lianshen_domain::ids::{ApplicationId, CaseId, Id, MediationId, ReviewId, VisitId};
use lianshen_domain::rejected::Reason;
use lianshen_domain::review::Review;
use lianshen_entity::{Placed as _, application, card, case_, review};
use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict};
use sea_orm::{
    ActiveModelTrait, ColumnTrait as _, ConnectionTrait as _, DbBackend, EntityTrait,
    IntoActiveModel, JoinType, QueryFilter as _, QuerySelect as _, QueryTrait as _,
    RelationTrait as _, Statement,
};
use uuid::Uuid;

use super::counted::{of_card, of_case};
use super::joined::together;
use super::mapping::{
    application_of, application_row, case_of, case_row, new_review_row, review_of, review_row,
};
use crate::authority;
use crate::db::{Tx, Writes};
use crate::error::AppError;
use crate::tally::CountedWrites;

/// Reviews whose clock has not begun sort last in an inbox.
pub(super) const NOT_BEGUN: NaiveDate = match NaiveDate::from_ymd_opt(9999, 12, 31) {
    Some(date) => date,
    None => NaiveDate::MAX,
};

/// An application that this transaction holds: no other act on it goes on beside.
pub struct Held {
    /// Its row.
    pub row: application::Model,
    /// Up to where its centre had published and adopted when it was held.
    pub revision: i64,
}

/// Rows as they were loaded, to be compared with what became of them.
pub(super) struct Rows {
    pub(super) application: application::Model,
    pub(super) cases: Vec<case_::Model>,
    pub(super) reviews: Vec<review::Model>,
}

/// Locks the application of a review, in the one order of the house: application first.
///
/// # Errors
/// `NotFound`, or `SessionEnded` when the actor's authority is gone.
pub async fn hold_by_review(tx: &Tx, actor: &Actor, review: ReviewId) -> Result<Held, AppError> {
    hold(
        tx,
        actor,
        "(SELECT application_id FROM review WHERE id = $1)",
        review.raw(),
    )
    .await
}

/// Locks the application of a case.
///
/// # Errors
/// As [`hold_by_review`].
pub async fn hold_by_case(tx: &Tx, actor: &Actor, case: CaseId) -> Result<Held, AppError> {
    hold(
        tx,
        actor,
        "(SELECT application_id FROM case_ WHERE id = $1)",
        case.raw(),
    )
    .await
}

/// Locks the application of a visit.
pub(super) async fn hold_by_visit(
    tx: &Tx,
    actor: &Actor,
    visit: VisitId,
) -> Result<Held, AppError> {
    hold(
        tx,
        actor,
        "(SELECT application_id FROM visit WHERE id = $1)",
        visit.raw(),
    )
    .await
}

/// Locks the application of a mediation.
pub(super) async fn hold_by_mediation(
    tx: &Tx,
    actor: &Actor,
    mediation: MediationId,
) -> Result<Held, AppError> {
    hold(
        tx,
        actor,
        "(SELECT application_id FROM mediation WHERE id = $1)",
        mediation.raw(),
    )
    .await
}

/// Locks an application.
pub(super) async fn hold_by_id(
    tx: &Tx,
    actor: &Actor,
    id: ApplicationId,
) -> Result<Held, AppError> {
    hold(tx, actor, "$1", id.raw()).await
}

/// One statement by hand, because it does two things at once: it takes the lock that orders all acts on an
/// application, and reads (and holds) the authority of the actor in the same transaction.
async fn hold(tx: &Tx, actor: &Actor, which: &str, id: Uuid) -> Result<Held, AppError> {
    let engine = tx.get_database_backend();
    let lock = match engine {
        DbBackend::Postgres => "FOR UPDATE OF application FOR SHARE OF session, account",
        // The one writer of SQLite is already alone.
        _ => "",
    };
    let sql = format!(
        "SELECT {}, {REVISION} FROM application \
         JOIN session ON session.id = $2 AND session.ended_at IS NULL \
         JOIN account ON account.id = session.account_id AND account.id = $3 AND account.closed_at IS NULL \
         WHERE application.id = {which} AND application.region = $4 {lock}",
        application::Model::column_list(),
    );
    let values = [
        id.into(),
        actor.session.raw().into(),
        actor.account.raw().into(),
        actor.region.clone().into(),
    ];
    let statement = Statement::from_sql_and_values(engine, sql, values);
    if let Some(held) = held(tx, statement).await? {
        return Ok(held);
    }
    authority::hold(tx, actor).await?;
    Err(Reason::NotFound.into())
}

/// Read in the very statement that takes the lock, so that it costs no other.
const REVISION: &str =
    "(SELECT centre.revision FROM centre WHERE centre.region = application.region)";

async fn held(tx: &Tx, statement: Statement) -> Result<Option<Held>, AppError> {
    let Some(found) = tx.query_one_raw(statement).await? else {
        return Ok(None);
    };
    let revision: Option<i64> = found.try_get_by_index(application::Model::width())?;
    Ok(Some(Held {
        row: application::Model::placed(&found, 0)?,
        revision: revision.unwrap_or_default(),
    }))
}

/// Locks an application if time has brought something by a day; nobody acts.
pub(super) async fn hold_due(
    tx: &Tx,
    id: ApplicationId,
    by: NaiveDate,
) -> Result<Option<Held>, AppError> {
    let held = hold_alone(tx, id).await?;
    Ok(held.filter(|held| held.row.sweep_on.is_some_and(|on| on <= by)))
}

/// Locks an application for what the program does by itself.
pub(super) async fn hold_alone(tx: &Tx, id: ApplicationId) -> Result<Option<Held>, AppError> {
    let engine = tx.get_database_backend();
    let lock = match engine {
        DbBackend::Postgres => "FOR UPDATE OF application",
        _ => "",
    };
    let columns = application::Model::column_list();
    let sql = format!("SELECT {columns}, {REVISION} FROM application WHERE id = $1 {lock}");
    let statement = Statement::from_sql_and_values(engine, sql, [id.raw().into()]);
    held(tx, statement).await
}

/// The cases and reviews of a held application, with the application itself as the core sees it.
pub(super) async fn load_file(tx: &Tx, held: Held) -> Result<(File, Rows), AppError> {
    let of_it = case_::Entity::find().filter(case_::Column::ApplicationId.eq(held.row.id));
    // What follows from several reviews follows in the order in which they came into being: `together` sees to it.
    let mut found = together::<case_::Model, review::Model>(&tx.0, of_it).await?;
    found.sort_unstable_by_key(|(case, _)| case.ordinal);
    let (cases, reviews): (Vec<_>, Vec<_>) = found.into_iter().unzip();
    let reviews: Vec<review::Model> = reviews.into_iter().flatten().collect();
    let file = File {
        application: application_of(&held.row),
        cases: cases.iter().map(case_of).collect::<Result<_, _>>()?,
        reviews: reviews.iter().map(review_of).collect::<Result<_, _>>()?,
        course: Course::default(),
    };
    Ok((
        file,
        Rows {
            application: held.row,
            cases,
            reviews,
        },
    ))
}

/// One review and its case, of an application that is held.
///
/// # Errors
/// `NotFound`.
pub async fn review_and_case(
    tx: &Tx,
    held: &Held,
    id: ReviewId,
) -> Result<((review::Model, Review), (case_::Model, Case)), AppError> {
    let find = review::Entity::find_by_id(id.raw())
        .select_only()
        .expr(review::Model::columns())
        .expr(case_::Model::columns())
        .join(JoinType::InnerJoin, review::Relation::Case.def())
        .filter(review::Column::ApplicationId.eq(held.row.id))
        .into_query();
    let Some(found) = tx.query_one(&find).await? else {
        return Err(Reason::NotFound.into());
    };
    let review = review::Model::placed(&found, 0)?;
    let case = case_::Model::placed(&found, review::Model::width())?;
    let (as_review, as_case) = (review_of(&review)?, case_of(&case)?);
    Ok(((review, as_review), (case, as_case)))
}

/// Adds what an act changed, and the day on which the sweep is to look again, to what is written.
pub(super) fn save_file(
    writes: &mut CountedWrites,
    file: &File,
    before: Rows,
    sweeps: (Option<NaiveDate>, Option<NaiveDate>),
) {
    save_application(writes, &file.application, &before.application, sweeps);
    let dates: HashMap<CaseId, &Case> = file.cases.iter().map(|case| (case.id, case)).collect();
    // Those that are new were added behind the others.
    let fresh = file.reviews.iter().skip(before.reviews.len());
    let fresh = fresh.filter_map(|review| {
        let case = dates.get(&review.case)?;
        Some(new_review_row(review, case, &before.application))
    });
    let fresh: Vec<review::Model> = fresh.collect();
    let reviews = file.reviews.iter().zip(before.reviews);
    let reviews =
        reviews.map(|(review, row)| review_row(review, dates.get(&review.case).copied(), &row));
    let cases = file.cases.iter().zip(before.cases);
    let cases = cases.map(|(case, row)| {
        let after = case_row(case, &row);
        (row, after)
    });
    save_cases(writes, cases);
    save_reviews(writes, reviews);
    writes.insert(fresh);
}

/// Conditional on the version that was read, as every transition is. Only a change that people see counts as one.
fn save_application(
    writes: &mut Writes,
    application: &Application,
    before: &application::Model,
    (swept_through, sweep_on): (Option<NaiveDate>, Option<NaiveDate>),
) {
    let was = before.version;
    let filled = application::Model {
        version: was,
        ..application_row(application, before.clone())
    };
    let is_changed = application.version != was || filled != *before;
    let row = application::Model {
        version: was + i64::from(is_changed),
        swept_through,
        sweep_on,
        ..filled
    };
    if row == *before {
        return;
    }
    let id = row.id;
    let update = application::Entity::update_many()
        .set(row.into_active_model().reset_all())
        .filter(application::Column::Id.eq(id))
        .filter(application::Column::Version.eq(was));
    writes.change_one(update);
}

/// Adds new cases to what is written.
pub(super) fn insert_cases(writes: &mut CountedWrites, rows: Vec<case_::Model>) {
    for row in &rows {
        writes.count((&row.region, &row.department), &[], &of_case(row));
    }
    writes.insert(rows);
}

/// Cases as they are to be written, from how they were read and what became of them; the tally is told.
fn changed(
    writes: &mut CountedWrites,
    cases: impl IntoIterator<Item = (case_::Model, Option<case_::Model>)>,
) -> Vec<case_::Model> {
    let cases = cases.into_iter();
    let changed = cases.filter_map(|(before, after)| {
        let after = after?;
        let of = (before.region.as_str(), before.department.as_str());
        writes.count(of, &of_case(&before), &of_case(&after));
        Some(after)
    });
    changed.collect()
}

/// Adds changed cases to what is written: how each was read, and what became of it, if that is another. Each is written
/// only from the version that was read.
pub fn save_cases(
    writes: &mut CountedWrites,
    cases: impl IntoIterator<Item = (case_::Model, Option<case_::Model>)>,
) {
    use case_::Column;
    let changing = [
        Column::State,
        Column::AcceptedSeq,
        Column::StartedOn,
        Column::PromisedDueOn,
        Column::StatutoryDueOn,
        Column::AlertOn,
        Column::Provisional,
        Column::StoppedOn,
        Column::Eventful,
        Column::Predecessors,
        Column::Result,
        Column::ResultReasons,
        Column::ResultBy,
        Column::ResultAt,
        Column::ResultOn,
        Column::Asked,
        Column::FormerDecisions,
        Column::Version,
    ];
    let rows = changed(writes, cases);
    save_changed(writes, rows, Column::Id, Column::Version, changing);
}

/// Adds changed reviews to what is written, as [`save_cases`].
pub fn save_reviews(writes: &mut Writes, rows: impl IntoIterator<Item = Option<review::Model>>) {
    use review::Column;
    let changing = [
        Column::State,
        Column::ClaimedBy,
        Column::ClaimedAt,
        Column::Opinion,
        Column::Reasons,
        Column::GivenBy,
        Column::GivenAt,
        Column::SortOn,
        Column::PromisedDueOn,
        Column::StatutoryDueOn,
        Column::AlertOn,
        Column::Consultation,
        Column::Conditions,
        Column::ReliedOn,
        Column::Draft,
        Column::SetAsideBecause,
        Column::Version,
    ];
    let rows = rows.into_iter().flatten();
    save_changed(writes, rows, Column::Id, Column::Version, changing);
}

/// An upsert that never inserts: the rows were read under the lock, so each meets itself, one version older.
pub(super) fn save_changed<A, M>(
    writes: &mut Writes,
    rows: impl IntoIterator<Item = M>,
    id: <A::Entity as EntityTrait>::Column,
    version: <A::Entity as EntityTrait>::Column,
    changing: impl IntoIterator<Item = <A::Entity as EntityTrait>::Column>,
) where
    A: ActiveModelTrait,
    M: IntoActiveModel<A>,
{
    let from_read =
        Expr::col((A::Entity::default(), version)).eq(Expr::col(("excluded", version)).sub(1));
    let on_conflict = OnConflict::column(id)
        .update_columns(changing)
        .action_and_where(from_read)
        .to_owned();
    writes.put(rows, &on_conflict);
}

/// Puts rows as they are, when only time or a calendar changed them; the lock is held, and no version grows.
fn put<A, M>(
    writes: &mut Writes,
    rows: Vec<M>,
    id: <A::Entity as EntityTrait>::Column,
    changing: impl IntoIterator<Item = <A::Entity as EntityTrait>::Column>,
) where
    A: ActiveModelTrait,
    M: IntoActiveModel<A>,
{
    let on_conflict = OnConflict::column(id).update_columns(changing).to_owned();
    writes.put(rows, &on_conflict);
}

/// Puts the dates of applications.
pub(super) fn put_applications(writes: &mut Writes, rows: Vec<application::Model>) {
    use application::Column;
    let changing = [
        Column::JointAlertOn,
        Column::JointPromisedDueOn,
        Column::JointStatutoryDueOn,
        Column::Eventful,
        Column::SweepOn,
    ];
    put(writes, rows, Column::Id, changing);
}

/// Puts the dates of cases: how each was, and how it is.
pub(super) fn put_cases(writes: &mut CountedWrites, cases: Vec<(case_::Model, case_::Model)>) {
    use case_::Column;
    let cases = cases
        .into_iter()
        .map(|(before, after)| (before, Some(after)));
    let rows = changed(writes, cases);
    let changing = [
        Column::PromisedDueOn,
        Column::StatutoryDueOn,
        Column::AlertOn,
        Column::Provisional,
        Column::StoppedOn,
        Column::Eventful,
    ];
    put(writes, rows, Column::Id, changing);
}

/// Puts the dates of reviews.
pub(super) fn put_reviews(writes: &mut Writes, rows: Vec<review::Model>) {
    use review::Column;
    let changing = [
        Column::SortOn,
        Column::PromisedDueOn,
        Column::StatutoryDueOn,
        Column::AlertOn,
    ];
    put(writes, rows, Column::Id, changing);
}

/// Adds new cards to what is written. One that is there already meets the unique index, and nothing at all is written.
pub(super) fn raise_cards(writes: &mut CountedWrites, rows: Vec<card::Model>) {
    for row in &rows {
        writes.count((&row.region, &row.department), &[], &of_card(row));
    }
    writes.insert(rows);
}

/// Clears cards, each on its day.
pub(super) fn clear_cards(writes: &mut CountedWrites, cards: Vec<(card::Model, NaiveDate)>) {
    let cards = cards.into_iter().map(|(before, on)| {
        let after = card::Model {
            cleared_on: Some(on),
            ..before.clone()
        };
        let of = (before.region.as_str(), before.department.as_str());
        writes.count(of, &of_card(&before), &of_card(&after));
        after
    });
    let rows = cards.collect();
    put(writes, rows, card::Column::Id, [card::Column::ClearedOn]);
}

/// Refuses a command that was given on sight of an older version.
///
/// # Errors
/// `Conflict`.
pub fn expect_version(expected: Option<i64>, actual: i64, state: &str) -> Result<(), AppError> {
    match expected {
        Some(expected) if expected != actual => Err(Reason::Conflict {
            expected,
            actual,
            changed: state.to_owned(),
        }
        .at("expectedVersion")
        .into()),
        _ => Ok(()),
    }
}
