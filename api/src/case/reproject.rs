//! What an adopted notice does to open clocks: seen before the adoption, and brought about after it.
//!
//! A notice moves no due date that had passed when it was adopted. Every clock that it moves leaves an event with the old
//! date, the new one and the number of the notice. Applications are counted anew in batches, each a short transaction of
//! its own, so that nobody at a desk waits for the whole; whoever acts meanwhile counts by the new calendar already.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{NaiveDate, TimeDelta};
use lianshen_domain::application::{ApplicationState, FileClock};
use lianshen_domain::calendar::{Calendars, Notice};
use lianshen_domain::clock::{ClockKind, Conventions};
use lianshen_domain::code::Code as _;
use lianshen_domain::event::{EventKind, Happening};
use lianshen_domain::ids::{ApplicationId, BundleVersionId, CaseId, Id as _};
use lianshen_entity::{Coded, application, case_, clock, review};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use uuid::Uuid;

use super::batch::{Batch, Lying};
use super::clocks::{clock_rows, save_clocks};
use super::desk::next_sweep;
use super::mapping::{application_row, fill_case, fill_review, review_of};
use super::rules::RuleBook;
use super::store;
use crate::app::App;
use crate::calendar;
use crate::catalogue::Snapshot;
use crate::db::{self, Db, Tx};
use crate::error::AppError;
use crate::ledger::{self, Entry};

/// How many applications one transaction counts anew.
const BATCH: u64 = 100;

/// Servers follow an adoption within seconds; one that had not yet might still write by the old calendar. So the last
/// round begins only after this.
const FOLLOWED: TimeDelta = TimeDelta::seconds(10);

/// A clock that a notice moves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// Number of the case, or of the receipt for a clock of the application as a whole.
    pub number: String,
    /// The case.
    pub case: Option<CaseId>,
    /// Code of the department that answers for the case.
    pub department: Option<String>,
    /// Which clock.
    pub clock: ClockKind,
    /// Its due date by the calendar as it is.
    pub before: NaiveDate,
    /// Its due date by the calendar with the notice.
    pub after: NaiveDate,
    /// It would be overdue today, and is not yet.
    pub becomes_overdue: bool,
}

/// What notices would move.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Moves {
    /// How many open clocks would move.
    pub moved: u64,
    /// How many of them would be overdue at once.
    pub overdue: u64,
    /// The first of them, those that become overdue before the others.
    pub list: Vec<Moved>,
}

/// Which open clocks other calendars would move, in one region or in all; writes nothing. `most` bounds the list, not the
/// counts.
///
/// # Errors
/// When the database cannot be read.
pub async fn moves(
    db: &Db,
    snapshot: &Arc<Snapshot>,
    after: Calendars,
    conventions: &Conventions,
    (region, today, most): (Option<&str>, NaiveDate, usize),
) -> Result<Moves, AppError> {
    let with_notice = Arc::new(Snapshot {
        calendars: Arc::new(after),
        ..Snapshot::clone(snapshot)
    });
    let mut moves = Moves::default();
    let mut last = Uuid::nil();
    loop {
        let rows = open(last, region).limit(BATCH).all(db.reader()).await?;
        let Some(row) = rows.last() else {
            let list = &mut moves.list;
            list.sort_by_key(|moved| (!moved.becomes_overdue, moved.after, moved.number.clone()));
            list.truncate(most);
            return Ok(moves);
        };
        last = row.id;
        for lying in Batch::read(db.reader(), rows).await?.files()? {
            let rules = |snapshot: &Arc<Snapshot>| book(conventions, snapshot, &lying.row);
            let (now, then) = (rules(snapshot), rules(&with_notice));
            let before = due_dates(&lying.file.clocks(&now));
            for one in lying.file.clocks(&then) {
                let key = key_of(&one);
                let (Some(before), Some(after)) =
                    (before.get(&key).copied().flatten(), one.due_on())
                else {
                    continue;
                };
                if one.running.stopped_by.is_none() && before != after {
                    moves.add(&lying, &one, (before, after), today);
                }
            }
        }
    }
}

impl Moves {
    fn add(
        &mut self,
        lying: &Lying,
        one: &FileClock,
        (before, after): (NaiveDate, NaiveDate),
        today: NaiveDate,
    ) {
        let case = one
            .case
            .and_then(|id| lying.file.cases.iter().find(|case| case.id == id));
        let becomes_overdue = before >= today && after < today;
        self.moved += 1;
        self.overdue += u64::from(becomes_overdue);
        self.list.push(Moved {
            number: case
                .map_or(&lying.row.receipt_number, |case| &case.case_number)
                .clone(),
            case: one.case,
            department: case.map(|case| case.department.clone()),
            clock: one.running.kind,
            before,
            after,
            becomes_overdue,
        });
    }
}

/// What a round of counting anew did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reprojected {
    /// Applications that were looked at.
    pub applications: u64,
    /// Clocks whose due date moved.
    pub moved: u64,
}

/// Counts every open clock anew by the notices that were adopted since this was last done. Costs nothing when there are
/// none, and may be done by several servers at once, or again after it was killed: what has moved does not move again.
///
/// # Errors
/// When the database refuses.
pub async fn reproject(app: &App) -> Result<Reprojected, AppError> {
    let began = app.env.now();
    let pending = calendar::unprojected(&app.db).await?;
    let mut done = Reprojected::default();
    if pending.is_empty() {
        return Ok(done);
    }
    app.library.refresh(&app.db).await?;
    let snapshot = app.library.present();
    let mut last = Uuid::nil();
    loop {
        let round = db::write(&app.db, async |tx| {
            let held = open(last, None).limit(BATCH).lock_exclusive();
            let rows = held.all(&tx.0).await?;
            let Some(end) = rows.last().map(|row| row.id) else {
                return Ok(None);
            };
            let mut round = Reprojected::default();
            for lying in Batch::read(&tx.0, rows).await?.files()? {
                round.applications += 1;
                let region = lying.row.region.clone();
                let reaching = pending
                    .iter()
                    .map(|one| &one.notice)
                    .filter(|notice| notice.scope.reaches(&region));
                let reaching: Vec<&Notice> = reaching.collect();
                if !reaching.is_empty() {
                    round.moved += reproject_one(app, &tx, &snapshot, lying, &reaching).await?;
                }
            }
            Ok(Some((end, round)))
        })
        .await?;
        let Some((end, round)) = round else { break };
        last = end;
        done.applications += round.applications;
        done.moved += round.moved;
    }
    let settled: Vec<String> = pending
        .into_iter()
        .filter(|one| began - one.adopted_at >= FOLLOWED)
        .map(|one| one.notice.number)
        .collect();
    calendar::set_projected(&app.db, &settled, app.env.now()).await?;
    Ok(done)
}

async fn reproject_one(
    app: &App,
    tx: &Tx,
    snapshot: &Arc<Snapshot>,
    mut lying: Lying,
    notices: &[&Notice],
) -> Result<u64, AppError> {
    let at = app.env.moment();
    let rules = book(&app.config.conventions, snapshot, &lying.row);
    let clocks = lying.file.wind(&rules, at.today);
    let made = clock_rows(&lying.file, &lying.row.region, &clocks, at.today);
    let kept: HashMap<_, &clock::Model> = lying
        .clocks
        .iter()
        .map(|row| ((row.subject_id, row.kind, row.ordinal), row))
        .collect();
    let changed: Vec<clock::Model> = made
        .into_iter()
        .filter(|row| kept.get(&(row.subject_id, row.kind, row.ordinal)) != Some(&row))
        .collect();
    if changed.is_empty() {
        return Ok(0);
    }
    let mut happenings = Vec::new();
    for row in &changed {
        let before = kept
            .get(&(row.subject_id, row.kind, row.ordinal))
            .and_then(|row| row.due_on);
        // What was stopped on the very day is put right, and moves nobody.
        if let (Some(before), Some(after), None) = (before, row.due_on, row.stopped_on)
            && before != after
        {
            happenings.push(recomputed(row, before, after, notices));
        }
    }
    let thresholds = &app.config.thresholds;
    let sweep_on = next_sweep(&clocks, thresholds, lying.row.swept_through);
    keep_dates(tx, lying, sweep_on).await.map(drop)?;
    let application = changed.first().map(|row| row.application_id);
    let region = changed
        .first()
        .map_or("", |row| row.region.as_str())
        .to_owned();
    save_clocks(tx, changed).await?;
    let entry = Entry {
        region: &region,
        application: application.map(ApplicationId::new),
        actor: None,
        happened_at: at.now,
    };
    let moved = happenings.len() as u64;
    ledger::append(tx, &app.env, entry, &happenings).await?;
    Ok(moved)
}

/// The dates that rows keep beside the clocks. No version grows: nobody acted on them.
async fn keep_dates(tx: &Tx, lying: Lying, sweep_on: Option<NaiveDate>) -> Result<(), AppError> {
    let Lying {
        row, cases, file, ..
    } = lying;
    let wound = application::Model {
        version: row.version,
        sweep_on,
        ..application_row(&file.application, row.clone())
    };
    if wound != row {
        store::put_application(tx, wound).await?;
    }
    let mut changed: Vec<case_::Model> = Vec::new();
    for (case, row) in file.cases.iter().zip(cases) {
        let wound = case_::Model {
            version: row.version,
            ..fill_case(case, row.clone())
        };
        if wound != row {
            changed.push(wound);
        }
    }
    if changed.is_empty() {
        return Ok(());
    }
    let ids = changed.iter().map(|row| row.id);
    let rows = review::Entity::find()
        .filter(review::Column::CaseId.is_in(ids))
        .all(&tx.0)
        .await?;
    let reviews = rows.into_iter().filter_map(|row| {
        let review = review_of(&row);
        let case = file.cases.iter().find(|case| case.id == review.case);
        let wound = review::Model {
            version: row.version,
            ..fill_review(&review, case, row.clone())
        };
        (!review.state.is_over() && wound != row).then_some(wound)
    });
    let reviews: Vec<review::Model> = reviews.collect();
    store::put_cases(tx, changed).await?;
    store::put_reviews(tx, reviews).await
}

/// The event of a clock that moved; it names the notices that speak of the days between its start and its end.
fn recomputed(
    row: &clock::Model,
    before: NaiveDate,
    after: NaiveDate,
    notices: &[&Notice],
) -> Happening {
    let end = before.max(after);
    let speaks = |notice: &Notice| {
        let mut days = notice.days.iter();
        days.any(|day| row.anchor_on < day.date && day.date <= end)
    };
    let numbers: Vec<&str> = notices
        .iter()
        .filter(|notice| speaks(notice))
        .map(|notice| notice.number.as_str())
        .collect();
    Happening {
        kind: EventKind::CalendarRecomputed,
        case: row.case_id.map(CaseId::new),
        review: None,
        department: Some(row.department.clone()).filter(|department| !department.is_empty()),
        detail: vec![
            ("clock", row.kind.0.code().to_owned()),
            ("before", before.to_string()),
            ("after", after.to_string()),
            ("notice", numbers.join(",")),
        ],
        on: None,
    }
}

/// Applications that are not closed, in the order of their ids.
fn open(after: Uuid, region: Option<&str>) -> sea_orm::Select<application::Entity> {
    let mut find = application::Entity::find()
        .filter(application::Column::State.ne(Coded(ApplicationState::Closed)))
        .filter(application::Column::Id.gt(after))
        .order_by_asc(application::Column::Id);
    if let Some(region) = region {
        find = find.filter(application::Column::Region.eq(region));
    }
    find
}

fn book(conventions: &Conventions, snapshot: &Arc<Snapshot>, row: &application::Model) -> RuleBook {
    let bundle = row.bundle_version_id.map(BundleVersionId::new);
    RuleBook::new(conventions, snapshot.clone(), &row.region, bundle)
}

type Key = (Option<CaseId>, ClockKind, u32);

fn key_of(clock: &FileClock) -> Key {
    (clock.case, clock.running.kind, clock.running.ordinal)
}

fn due_dates(clocks: &[FileClock]) -> HashMap<Key, Option<NaiveDate>> {
    clocks
        .iter()
        .map(|clock| (key_of(clock), clock.due_on()))
        .collect()
}
