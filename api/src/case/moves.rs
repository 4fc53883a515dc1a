//! What notices would move, seen before they are adopted.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::NaiveDate;
use lianshen_domain::application::FileClock;
use lianshen_domain::calendar::Calendars;
use lianshen_domain::clock::ClockKind;
use lianshen_domain::ids::{CaseId, Id as _};
use lianshen_entity::application;
use sea_orm::{ColumnTrait as _, QueryFilter as _, QuerySelect as _};
use uuid::Uuid;

use super::batch::{Batch, Lying};
use super::reproject::{BATCH, behind, is_open};
use super::rules::RuleBook;
use crate::catalogue::Snapshot;
use crate::config::Config;
use crate::db::Db;
use crate::error::AppError;

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
    config: &Arc<Config>,
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
            let first = |moved: &Moved| (!moved.becomes_overdue, moved.after, moved.number.clone());
            moves.list.sort_by_key(first);
            moves.list.truncate(most);
            return Ok(moves);
        };
        last = row.id;
        for lying in Batch::read(db.reader(), rows).await?.files() {
            let lying = match lying {
                Ok(lying) => lying,
                // Nobody knows what would move there.
                Err(obscure) => {
                    let (id, why) = (obscure.application.raw(), obscure.why);
                    tracing::warn!(application.id = %id, error = %why, "An application is left out of what notices would move.");
                    continue;
                }
            };
            let rules =
                |snapshot: &Arc<Snapshot>| RuleBook::of(config, snapshot.clone(), &lying.row);
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

/// Applications that are not closed, in the order of their ids.
fn open(after: Uuid, region: Option<&str>) -> sea_orm::Select<application::Entity> {
    let find = behind(after).filter(is_open());
    match region {
        Some(region) => find.filter(application::Column::Region.eq(region)),
        None => find,
    }
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
