//! How long the newest decided cases of items took.

use std::collections::HashMap;

use chrono::NaiveDate;
use lianshen_domain::application::History;
use sea_orm::{ConnectionTrait as _, DbBackend, Statement, Value};

use super::read::CaseRow;
use crate::app::App;
use crate::error::AppError;

/// An item of a centre, in all its versions.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ItemOf {
    /// Division code of the centre.
    pub region: String,
    /// Code of the item.
    pub item: String,
}

impl From<&CaseRow> for ItemOf {
    fn from(case: &CaseRow) -> Self {
        Self {
            region: case.region.clone(),
            item: case.item.clone(),
        }
    }
}

/// The histories of some items, at most 500, in one statement; an item of which nothing was decided has none.
///
/// They are numbers of days and name nobody: who may know of one case may know how long others took.
///
/// # Errors
/// When the database cannot be read.
pub async fn histories_of(
    app: &App,
    items: &[ItemOf],
) -> Result<HashMap<ItemOf, History>, AppError> {
    let engine = app.db.engine();
    let Some(statement) = newest(engine, items, app.config.outlook.history_cases) else {
        return Ok(HashMap::new());
    };
    let snapshot = app.library.present();
    let mut taken: HashMap<ItemOf, Vec<u32>> = HashMap::new();
    for row in app.db.reader().query_all_raw(statement).await? {
        let of = ItemOf {
            region: row.try_get("", "region")?,
            item: row.try_get("", "item")?,
        };
        let department: String = row.try_get("", "department")?;
        let calendar = snapshot.calendar(&of.region, Some(&department));
        let (started_on, decided_on): (NaiveDate, NaiveDate) = (
            row.try_get("", "started_on")?,
            row.try_get("", "result_on")?,
        );
        let days = calendar.workdays_between(started_on, decided_on);
        let known = taken.entry(of).or_default();
        known.push(u32::try_from(days).unwrap_or(0));
    }
    let histories = taken.into_iter();
    Ok(histories
        .map(|(of, days)| (of, History::of(days)))
        .collect())
}

/// The newest decided cases of each item. By hand: each item has a limit of its own, and the words of the condition are
/// those of the index, as neither engine sees through a value that is bound. Cases that began and ended on the same days
/// are alike, so it does not matter which of them the limit cuts off. A case that was decided anew is left out: between its
/// first and its last day lie the months of a reconsideration, in which nobody handled it.
fn newest(engine: DbBackend, items: &[ItemOf], most: u32) -> Option<Statement> {
    let of_one = (0..items.len()).map(|at| {
        let (region, item) = (2 * at + 1, 2 * at + 2);
        format!(
            "SELECT * FROM (SELECT region, item, department, started_on, result_on FROM case_ \
             WHERE region = ${region} AND item = ${item} AND result IN ('GRANTED', 'REFUSED') AND started_on IS NOT NULL \
             AND former_decisions IS NULL \
             ORDER BY result_on DESC, started_on DESC LIMIT {most}) AS newest_{at}"
        )
    });
    let sql = of_one.collect::<Vec<_>>().join(" UNION ALL ");
    let values = items
        .iter()
        .flat_map(|of| [of.region.as_str().into(), of.item.as_str().into()]);
    let values: Vec<Value> = values.collect();
    (!sql.is_empty()).then(|| Statement::from_sql_and_values(engine, sql, values))
}
