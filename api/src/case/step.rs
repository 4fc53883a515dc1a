//! The step of a case: with the opinion, examination ends and decision begins, each with its days.

use lianshen_domain::actor::Actor;
use lianshen_domain::application::{Course, File, Moment, Rules as _};
use lianshen_domain::case::Case;
use lianshen_domain::clock::ClockKind;
use lianshen_domain::event::Happening;
use lianshen_domain::ids::{ApplicationId, Id as _};
use lianshen_entity::application;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};

use super::clocks::{clock_rows, course, keep_clocks};
use super::desk::next_sweep;
use super::hold::Held;
use super::mapping::application_of;
use super::reproject;
use super::rules::RuleBook;
use crate::app::App;
use crate::db::{Tx, Writes};
use crate::error::AppError;

/// Whether an opinion touches more than its own step: its case may pass by the silence of the department, whose period it
/// stops, too, or a notice has yet to reach the application.
///
/// # Errors
/// When the database refuses.
pub async fn touches_more_than_its_step(
    app: &App,
    tx: &Tx,
    held: &Held,
    case: &Case,
) -> Result<bool, AppError> {
    let library = &app.library;
    let snapshot = library.at_least_within(tx, &held.row.region, held.revision);
    let snapshot = snapshot.await?;
    if !reproject::still_to_reach(&snapshot, &held.row).is_empty() {
        return Ok(true);
    }
    let rules = RuleBook::of(&app.config, snapshot, &held.row);
    let bundle = rules.bundle();
    Ok(bundle.is_some_and(|bundle| bundle.lets_component_pass(&case.item)))
}

/// Ends one step and begins the next; an opinion touches no other clock and no other case. Adds it to what is written.
///
/// # Errors
/// When the database refuses.
pub async fn next_step(
    app: &App,
    (tx, writes): (&Tx, &mut Writes),
    actor: &Actor,
    held: &Held,
    case: &Case,
    given: &Happening,
    at: Moment,
) -> Result<(), AppError> {
    let region = &held.row.region;
    let snapshot = app
        .library
        .at_least_within(tx, region, held.revision)
        .await?;
    let has_two = snapshot
        .items
        .get(&case.item_version)
        .is_some_and(|item| item.step_limits().1.is_some());
    if !has_two {
        return Ok(());
    }
    let dates = case.dates.as_ref();
    let course = match dates.filter(|dates| !dates.eventful) {
        Some(dates) => Course::plain(case.id, held.row.received_on, dates.started_on, None),
        None => course(&tx.0, ApplicationId::new(held.row.id)).await?,
    };
    let mut file = File {
        application: application_of(&held.row),
        cases: vec![case.clone()],
        reviews: Vec::new(),
        course,
    };
    let by = Some(actor.account);
    file.course.add(std::slice::from_ref(given), by, at);
    let rules = RuleBook::of(&app.config, snapshot, &held.row);
    let mut clocks = file.clocks_of(case, &rules);
    clocks.retain(|clock| clock.running.kind == ClockKind::Step);
    let rows = clock_rows(&file, region, &clocks, at.today);
    keep_clocks(writes, rows);

    // What an end of a step after its days raises does not depend on the end, and so is raised by the day as it was.
    let next = next_sweep(&file, &clocks, &rules, at.today);
    let sooner = next.filter(|next| held.row.sweep_on.is_none_or(|known| *next < known));
    if let Some(sooner) = sooner {
        let update = application::Entity::update_many()
            .col_expr(application::Column::SweepOn, Expr::value(sooner))
            .filter(application::Column::Id.eq(held.row.id));
        writes.change_one(update);
    }
    Ok(())
}
