//! The rows of applications, cases and reviews, for writing.

use std::collections::HashMap;

use chrono::NaiveDate;
use lianshen_domain::application::{Application, Course, File};
use lianshen_domain::case::Case;
use lianshen_domain::ids::CaseId;
use lianshen_entity::{application, card, case_, review};
use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict};
use sea_orm::{ActiveModelTrait, ColumnTrait as _, EntityTrait, IntoActiveModel, QueryFilter as _};

use super::counted::{of_card, of_case};
use super::hold::Held;
use super::joined::together;
use super::mapping::{
    application_of, application_row, case_of, case_row, new_review_row, review_of, review_row,
};
use crate::db::{Tx, Writes};
use crate::error::AppError;
use crate::tally::CountedWrites;

/// Reviews whose clock has not begun sort last in an inbox.
pub(super) const NOT_BEGUN: NaiveDate = match NaiveDate::from_ymd_opt(9999, 12, 31) {
    Some(date) => date,
    None => NaiveDate::MAX,
};

/// Reviews that have begun and whose clocks stand still come before those, behind all that have a date.
pub(super) const STANDS_STILL: NaiveDate = match NaiveDate::from_ymd_opt(9999, 12, 30) {
    Some(date) => date,
    None => NaiveDate::MAX,
};

/// Rows as they were loaded, to be compared with what became of them.
pub(super) struct Rows {
    pub(super) application: application::Model,
    pub(super) cases: Vec<case_::Model>,
    pub(super) reviews: Vec<review::Model>,
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
        Column::StandingUnsuspended,
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
        Column::StandingUnsuspended,
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
