//! What a case and a card count for in the tally: told of every row that is written, and of all of them when the tally is
//! counted again.

use lianshen_domain::tally::{Counted, CountedCard, CountedCase};
use lianshen_entity::{card, case_};
use sea_orm::EntityTrait;
use uuid::Uuid;

use super::cards::raised_card;
use crate::db::{Counting, Db, Snapshot};
use crate::error::AppError;
use crate::page::batch_after;
use crate::pulse;
use crate::tally;

/// How many rows are read at once.
const BATCH: u64 = 2_000;

/// What a case counts for.
pub(super) fn of_case(row: &case_::Model) -> Vec<Counted> {
    let counted = CountedCase {
        state: row.state.0,
        ended: row.result.map(|result| result.0).zip(row.result_on),
        is_started: row.started_on.is_some(),
        stopped_on: row.stopped_on,
        lamp: row.lamp(),
        standing_unsuspended: row.standing_unsuspended.map(|standing| standing.0),
    };
    counted.counts()
}

/// What a card counts for.
pub(super) fn of_card(row: &card::Model) -> Vec<Counted> {
    let counted = CountedCard {
        level: row.level.0,
        raised_on: row.raised_on,
        warns: row.cleared_on.is_none() && raised_card(row).key.is_warning(),
    };
    counted.counts()
}

/// Counts every case and every card again and compares the tally with that, as of one moment; whoever acts meanwhile goes
/// on.
///
/// # Errors
/// When the database cannot be read.
pub async fn recount_tally(db: &Db) -> Result<tally::Found, AppError> {
    let snapshot = Counting::open(db).await?.moment().await?;
    let mut recount = tally::Recount::default();
    count_all::<case_::Entity>(&snapshot, case_::Column::Id, &mut recount, |row| Line {
        id: row.id,
        of: (&row.region, &row.department),
        counts: of_case(row),
    })
    .await?;
    count_all::<card::Entity>(&snapshot, card::Column::Id, &mut recount, |row| Line {
        id: row.id,
        of: (&row.region, &row.department),
        counts: of_card(row),
    })
    .await?;
    recount.compare(&snapshot).await
}

/// A row, as far as it counts.
struct Line<'a> {
    id: Uuid,
    /// Its region and department.
    of: (&'a str, &'a str),
    counts: Vec<Counted>,
}

async fn count_all<E: EntityTrait>(
    snapshot: &Snapshot,
    key: E::Column,
    recount: &mut tally::Recount,
    line: impl Fn(&E::Model) -> Line<'_>,
) -> Result<(), AppError> {
    let mut after = Uuid::nil();
    loop {
        pulse::at_work();
        let rows = batch_after(E::find(), key, after, BATCH, &**snapshot).await?;
        if rows.is_empty() {
            return Ok(());
        }
        for row in &rows {
            let line = line(row);
            recount.add(line.of, &line.counts);
            after = line.id;
        }
    }
}
