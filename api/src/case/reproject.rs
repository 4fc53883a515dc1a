//! What an adopted notice does to open clocks.
//!
//! A notice moves no due date that had passed when it was adopted. Every clock that it moves leaves an event with the old
//! date, the new one and the number of the notice. Applications are counted anew in batches, each a short transaction of
//! its own, so that nobody at a desk waits for the whole; whoever acts on one that was not reached yet counts it anew first.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use lianshen_domain::application::{ApplicationState, FileClock};
use lianshen_domain::calendar::{Notice, local_date, start_of};
use lianshen_domain::case::Case;
use lianshen_domain::event::Happening;
use lianshen_domain::ids::{ApplicationId, CaseId, Id as _};
use lianshen_domain::supervision::{Thresholds, agenda};
use lianshen_entity::{Coded, application, case_, clock, review};
use sea_orm::sea_query::SimpleExpr;
use sea_orm::{
    ColumnTrait as _, Condition, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
};
use uuid::Uuid;

use super::batch::{Batch, Lying};
use super::clocks::{clock_rows, keep_clocks};
use super::desk::next_sweep;
use super::hold::Held;
use super::mapping::{application_row, fill_case, fill_review, review_of};
use super::rules::RuleBook;
use super::{store, sweep};
use crate::app::App;
use crate::calendar;
use crate::catalogue::Snapshot;
use crate::db::{self, Tx};
use crate::error::AppError;
use crate::ledger::{self, Entry};
use crate::pulse;
use crate::tally::CountedWrites;

/// How many applications one transaction counts anew.
pub(super) const BATCH: u64 = 100;

/// Servers follow an adoption within seconds; one that had not yet might still write by the old calendar. So the last
/// round begins only after this.
const FOLLOWED: TimeDelta = TimeDelta::seconds(10);

/// How far the clocks of two servers may be apart, each a minute from that of the database.
const APART: TimeDelta = TimeDelta::minutes(2);

/// What a round of counting anew did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reprojected {
    /// Applications that were looked at.
    pub applications: u64,
    /// Clocks whose due date moved.
    pub moved: u64,
    /// Applications that could not be counted anew; the others were all the same.
    pub failed: u64,
}

/// Counts every open clock anew by the notices that were adopted since this was last done. Costs nothing when there are
/// none, and may be done by several servers at once, or again after it was killed: what has moved does not move again.
///
/// # Errors
/// When the database refuses; an application that cannot be understood is left to the sweep, which winds its clocks as soon as
/// it can be.
pub async fn reproject(app: &App) -> Result<Reprojected, AppError> {
    let began = app.env.now();
    let pending = calendar::unprojected(app.db.reader()).await?;
    let mut done = Reprojected::default();
    if pending.is_empty() {
        return Ok(done);
    }
    app.library.refresh(&app.db).await?;
    let notices: Vec<&Notice> = pending.iter().map(|one| &one.notice).collect();
    let first_adopted = pending.iter().map(|one| one.adopted_at).min();
    let since = start_of(local_date(first_adopted.unwrap_or(began)));
    let (mut last, mut failed) = (Uuid::nil(), Vec::new());
    loop {
        pulse::at_work();
        let ids: Vec<Uuid> = reached(last, since)
            .select_only()
            .column(application::Column::Id)
            .limit(BATCH)
            .into_tuple()
            .all(app.db.reader())
            .await?;
        let Some(end) = ids.last() else { break };
        last = *end;
        done.applications += ids.len() as u64;
        match reproject_some(app, &ids, &notices).await {
            Ok(moved) => done.moved += moved,
            // One that cannot be understood stops none of the others.
            Err(AppError::Internal(_) | AppError::Rejected(_)) => {
                for id in ids {
                    match reproject_some(app, &[id], &notices).await {
                        Ok(moved) => done.moved += moved,
                        Err(error @ (AppError::Internal(_) | AppError::Rejected(_))) => {
                            failed.push(id);
                            tracing::error!(application.id = %id, error = %error, "An application could not be counted anew.");
                        }
                        Err(error) => return Err(error),
                    }
                }
            }
            Err(error) => return Err(error),
        }
    }
    done.failed = failed.len() as u64;
    if !failed.is_empty() {
        sweep::make_due(app, &failed, app.env.moment().today).await?;
    }
    let settled: Vec<String> = pending
        .iter()
        .filter(|one| began - one.adopted_at >= FOLLOWED)
        .map(|one| one.notice.number.clone())
        .collect();
    calendar::set_projected(&app.db, &settled, app.env.now()).await?;
    Ok(done)
}

/// All rows of some applications that a notice changes, written by a statement a table.
#[derive(Default)]
struct Changes {
    applications: Vec<application::Model>,
    /// How each was, and how it is.
    cases: Vec<(case_::Model, case_::Model)>,
    reviews: Vec<review::Model>,
    clocks: Vec<clock::Model>,
    happenings: Vec<(application::Model, Vec<Happening>)>,
}

async fn reproject_some(app: &App, ids: &[Uuid], notices: &[&Notice]) -> Result<u64, AppError> {
    let snapshot = app.library.present();
    db::write(&app.db, async |tx| {
        let held = application::Entity::find()
            .filter(application::Column::Id.is_in(ids.iter().copied()))
            .order_by_asc(application::Column::Id)
            .lock_exclusive();
        let rows = held.all(&tx.0).await?;
        count_anew(app, &tx, &snapshot, rows, notices).await
    })
    .await
}

/// Counts an application anew on which somebody is about to act, where a notice that was adopted may not have reached it yet:
/// the act counts by the new calendar, and nobody could tell afterwards that its dates had moved.
///
/// # Errors
/// When the database refuses, or it cannot be understood.
pub(super) async fn reach(
    app: &App,
    tx: &Tx,
    snapshot: &Arc<Snapshot>,
    held: Held,
) -> Result<Held, AppError> {
    let notices = still_to_reach(snapshot, &held.row);
    if notices.is_empty() {
        return Ok(held);
    }
    let id = held.row.id;
    count_anew(app, tx, snapshot, vec![held.row.clone()], &notices).await?;
    let row = application::Entity::find_by_id(id).one(&tx.0).await?;
    Ok(Held {
        row: row.unwrap_or(held.row),
        ..held
    })
}

/// The notices that may not have reached an application yet.
pub(super) fn still_to_reach<'a>(
    snapshot: &'a Snapshot,
    row: &application::Model,
) -> Vec<&'a Notice> {
    let unprojected = snapshot.unprojected.iter().filter(|one| {
        // One that was received later was counted by it from the beginning.
        row.received_at < one.adopted_at + APART && one.notice.scope.reaches(&row.region)
    });
    unprojected.map(|one| &one.notice).collect()
}

/// Counts applications anew that the transaction holds; answers how many clocks moved.
async fn count_anew(
    app: &App,
    tx: &Tx,
    snapshot: &Arc<Snapshot>,
    rows: Vec<application::Model>,
    notices: &[&Notice],
) -> Result<u64, AppError> {
    let mut changes = Changes::default();
    let mut wound = HashMap::new();
    for lying in Batch::read(&tx.0, rows).await?.files() {
        let lying = lying.map_err(|obscure| obscure.why)?;
        let region = &lying.row.region;
        let reaching = notices.iter().filter(|notice| notice.scope.reaches(region));
        let reaching: Vec<&Notice> = reaching.copied().collect();
        if !reaching.is_empty() {
            changes.wind(app, snapshot, lying, &reaching, &mut wound);
        }
    }
    changes.add_reviews(tx, &wound).await?;
    changes.write(app, tx).await
}

impl Changes {
    /// Winds the clocks of one application, and notes what differs from what is kept.
    fn wind(
        &mut self,
        app: &App,
        snapshot: &Arc<Snapshot>,
        mut lying: Lying,
        notices: &[&Notice],
        wound: &mut HashMap<CaseId, Case>,
    ) {
        let today = app.env.moment().today;
        let rules = RuleBook::of(&app.config, snapshot.clone(), &lying.row);
        let clocks = lying.file.wind(&rules, today);
        let made = clock_rows(&lying.file, &lying.row.region, &clocks, today);
        let kept: HashMap<_, &clock::Model> = lying
            .clocks
            .iter()
            .map(|row| ((row.subject_id, row.kind, row.ordinal), row))
            .collect();
        let mut happenings = Vec::new();
        for (row, one) in made.into_iter().zip(&clocks) {
            let former = kept.get(&(row.subject_id, row.kind, row.ordinal));
            if former == Some(&&row) {
                continue;
            }
            let before = former.and_then(|row| row.due_on);
            // What was stopped on the very day is put right, and moves nobody.
            if let (Some(before), Some(after), None) = (before, row.due_on, row.stopped_on)
                && before != after
            {
                happenings.push(lying.file.recomputed(one, (before, after), notices));
            }
            self.clocks.push(row);
        }
        let is_moved = !happenings.is_empty();
        if is_moved {
            self.happenings.push((lying.row.clone(), happenings));
        }
        let sweep_on = if is_moved && is_near(&clocks, &lying, &app.config.thresholds, today) {
            Some(today)
        } else {
            let next = next_sweep(&lying.file, &clocks, &rules, today);
            let kept = lying.row.sweep_on.filter(|on| *on <= today);
            kept.or(next)
        };
        // No version grows: nobody acted on it.
        let application = application::Model {
            version: lying.row.version,
            sweep_on,
            ..application_row(&lying.file.application, lying.row.clone())
        };
        if application != lying.row {
            self.applications.push(application);
        }
        for (review, row) in lying.file.reviews.iter().zip(&lying.asked) {
            let filled = review::Model {
                version: row.version,
                ..fill_review(review, None, row.clone())
            };
            if !review.state.is_over() && filled != *row {
                self.reviews.push(filled);
            }
        }
        for (case, row) in lying.file.cases.into_iter().zip(lying.cases) {
            let filled = case_::Model {
                version: row.version,
                ..fill_case(&case, row.clone())
            };
            if filled != row {
                self.cases.push((row, filled));
                wound.insert(case.id, case);
            }
        }
    }

    /// The dates of examinations come from their cases.
    async fn add_reviews(
        &mut self,
        tx: &Tx,
        wound: &HashMap<CaseId, Case>,
    ) -> Result<(), AppError> {
        if wound.is_empty() {
            return Ok(());
        }
        let ids = wound.keys().map(|id| id.raw());
        let rows = review::Entity::find()
            .filter(review::Column::CaseId.is_in(ids))
            .filter(review::Column::Consultation.is_null())
            .all(&tx.0)
            .await?;
        for row in rows {
            let review = review_of(&row)?;
            let filled = review::Model {
                version: row.version,
                ..fill_review(&review, wound.get(&review.case), row.clone())
            };
            if !review.state.is_over() && filled != row {
                self.reviews.push(filled);
            }
        }
        Ok(())
    }

    async fn write(self, app: &App, tx: &Tx) -> Result<u64, AppError> {
        let mut writes = CountedWrites::default();
        store::put_applications(&mut writes, self.applications);
        store::put_cases(&mut writes, self.cases);
        store::put_reviews(&mut writes, self.reviews);
        keep_clocks(&mut writes, self.clocks);
        let happened_at = app.env.now();
        let entries = self.happenings.iter().map(|(row, happenings)| {
            let entry = Entry {
                region: &row.region,
                application: Some(ApplicationId::new(row.id)),
                actor: None,
                happened_at,
            };
            (entry, happenings.as_slice())
        });
        let entries: Vec<_> = entries.collect();
        ledger::add(&mut writes, &app.env, &entries);
        writes.send(tx).await?;
        Ok(self
            .happenings
            .iter()
            .map(|(_, all)| all.len() as u64)
            .sum())
    }
}

/// Whether the rules of supervision have something to raise, or to clear, by dates that moved: the sweep looks at it at once.
fn is_near(clocks: &[FileClock], kept: &Lying, thresholds: &Thresholds, today: NaiveDate) -> bool {
    let mut raised = agenda(clocks, thresholds).into_iter();
    let alerts = kept.cases.iter().filter_map(|case| case.alert_on);
    let mut alerts = alerts.chain(kept.row.joint_alert_on);
    raised.any(|occurrence| occurrence.on <= today) || alerts.any(|on| on <= today)
}

/// Those that a notice reaches: what is open, and what was closed since the beginning of the day of its adoption, whose
/// clocks stopped by the working days of that day.
fn reached(after: Uuid, since: DateTime<Utc>) -> sea_orm::Select<application::Entity> {
    let closed_since = application::Column::ClosedAt.gte(since);
    behind(after).filter(Condition::any().add(is_open()).add(closed_since))
}

pub(super) fn behind(after: Uuid) -> sea_orm::Select<application::Entity> {
    application::Entity::find()
        .filter(application::Column::Id.gt(after))
        .order_by_asc(application::Column::Id)
}

pub(super) fn is_open() -> SimpleExpr {
    application::Column::State.ne(Coded(ApplicationState::Closed))
}
