//! The rows of the tally, and of the changes that are not folded in yet.

use chrono::NaiveDate;
use lianshen_domain::code::Code as _;
use lianshen_domain::tally::{ALWAYS, Counted, Differences, Key, Topic};
use lianshen_entity::{Coded, tally_change};
use sea_orm::{
    ConnectionTrait, DbBackend, EntityTrait as _, NotSet, QueryResult, QuerySelect as _, Set,
    Statement, Value,
};
use serde_json::json;
use uuid::Uuid;

use crate::db::{self, Db, Tx};
use crate::env::Env;
use crate::error::AppError;
use crate::lease;

/// The row of what an act changes. One row whatever the number of lines: the statement of an act has the same text then,
/// and is prepared once.
pub(super) fn change_row(region: &str, changes: &Differences) -> tally_change::ActiveModel {
    let changes = changes.iter().map(
        |(
            Key {
                department,
                counted,
            },
            n,
        )| {
            let (topic, code, day) = counted.parts();
            json!([department, topic, code, day, n])
        },
    );
    tally_change::ActiveModel {
        id: NotSet,
        region: Set(region.to_owned()),
        changes: Set(changes.collect()),
    }
}

/// The lines of changes that are not folded in, from these rows of them.
fn lines(engine: DbBackend, rows: &str) -> String {
    if engine == DbBackend::Postgres {
        format!(
            "SELECT region, one ->> 0 AS department, one ->> 1 AS topic, one ->> 2 AS code, \
             CAST(one ->> 3 AS date) AS day, CAST(one ->> 4 AS bigint) AS n \
             FROM {rows}, json_array_elements(changes) AS lines(one)"
        )
    } else {
        format!(
            "SELECT region, one.value ->> 0 AS department, one.value ->> 1 AS topic, \
             one.value ->> 2 AS code, one.value ->> 3 AS day, one.value ->> 4 AS n \
             FROM {rows}, json_each(changes) AS one"
        )
    }
}

/// What a dashboard asks of the tally.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) region: &'a str,
    /// All of them if none is named.
    pub(super) department: Option<&'a str>,
    pub(super) today: NaiveDate,
    /// The first day of it.
    pub(super) month: NaiveDate,
}

/// The sums by department and line; those that hang on days by today, or of the month. One statement, which sees the
/// tally and what is not folded in at the same moment. By hand: the builder knows no JSON of either engine, and the
/// conditions are written so that the key of the table answers each.
pub(super) async fn sums(
    db: &impl ConnectionTrait,
    asked: Asked<'_>,
) -> Result<Vec<(Key, i64)>, AppError> {
    let engine = db.get_database_backend();
    let by_name = asked.department.map_or("", |_| "AND department = $5");
    let wanted = format!(
        "((topic IN ('OPEN', 'WARNING') AND day = $2) OR (topic = 'STANDING' AND day <= $3) \
         OR (topic IN ('ENDED_AS', 'ENDED_IN', 'ENDED_UNSUSPENDED', 'RAISED') AND day = $4)) {by_name}"
    );
    let fresh = lines(engine, "tally_change");
    let sql = format!(
        "SELECT department, topic, code, CAST(sum(n) AS bigint) AS n FROM ( \
         SELECT department, topic, code, n FROM tally WHERE region = $1 AND {wanted} \
         UNION ALL \
         SELECT department, topic, code, n FROM ({fresh}) AS fresh WHERE region = $1 AND {wanted} \
         ) AS counted GROUP BY department, topic, code HAVING sum(n) <> 0"
    );
    let mut values: Vec<Value> = vec![
        asked.region.into(),
        ALWAYS.into(),
        asked.today.into(),
        asked.month.into(),
    ];
    values.extend(asked.department.map(Value::from));
    let statement = Statement::from_sql_and_values(engine, sql, values);
    let rows = db.query_all_raw(statement).await?;
    rows.iter()
        .map(|row| Ok((key_of(row, asked.month)?, row.try_get("", "n")?)))
        .collect()
}

/// Every line of every centre, whatever its day.
pub(super) async fn all(db: &impl ConnectionTrait) -> Result<Vec<(String, Key, i64)>, AppError> {
    let engine = db.get_database_backend();
    let fresh = lines(engine, "tally_change");
    let sql = format!(
        "SELECT region, department, topic, code, day, CAST(sum(n) AS bigint) AS n FROM ( \
         SELECT region, department, topic, code, day, n FROM tally UNION ALL \
         SELECT region, department, topic, code, day, n FROM ({fresh}) AS fresh \
         ) AS counted GROUP BY region, department, topic, code, day"
    );
    let rows = db
        .query_all_raw(Statement::from_string(engine, sql))
        .await?;
    rows.iter()
        .map(|row| {
            let key = key_of(row, row.try_get("", "day")?)?;
            Ok((row.try_get("", "region")?, key, row.try_get("", "n")?))
        })
        .collect()
}

fn key_of(row: &QueryResult, day: NaiveDate) -> Result<Key, AppError> {
    let topic: Coded<Topic> = row.try_get("", "topic")?;
    let code: String = row.try_get("", "code")?;
    let counted = Counted::of_parts(topic.0, &code, day);
    let unknown = || AppError::internal(format!("the tally counts a {} {code:?}", topic.0.code()));
    Ok(Key {
        department: row.try_get("", "department")?,
        counted: counted.ok_or_else(unknown)?,
    })
}

/// How many changes are folded in at once.
pub const ROUND: u64 = 1_000;

/// Folds changes into the tally; answers how many. Servers take turns, so that each change is folded in once and no two
/// wait for each other's lines.
///
/// # Errors
/// When the database refuses; then nothing was folded in.
pub async fn fold(db: &Db, env: &Env, holder: Uuid) -> Result<u64, AppError> {
    let waiting = tally_change::Entity::find()
        .select_only()
        .column(tally_change::Column::Id)
        .limit(1)
        .into_tuple::<i64>()
        .one(db.reader())
        .await?;
    if waiting.is_none() {
        return Ok(0);
    }
    let now = env.now();
    db::write(db, async |tx| {
        lease::turn(&tx, "tally", holder, now).await?;
        let folded = fold_some(&tx).await?;
        tx.execute_unprepared("DELETE FROM tally WHERE n = 0")
            .await?;
        Ok(folded)
    })
    .await
}

/// By hand, since it takes rows out of one table and adds them up in the other, and neither engine would be told so by the
/// builder.
async fn fold_some(tx: &Tx) -> Result<u64, AppError> {
    let engine = tx.get_database_backend();
    let add = |rows: &str| {
        format!(
            "INSERT INTO tally (region, topic, day, department, code, n) \
             SELECT region, topic, day, department, code, CAST(sum(n) AS bigint) FROM ({}) AS fresh WHERE true \
             GROUP BY region, topic, day, department, code HAVING sum(n) <> 0 \
             ON CONFLICT (region, topic, day, department, code) DO UPDATE SET n = tally.n + excluded.n",
            lines(engine, rows)
        )
    };
    let some = format!("SELECT id FROM tally_change ORDER BY id LIMIT {ROUND}");
    if engine == DbBackend::Postgres {
        // One statement, so that what is added is what was taken out, whoever commits meanwhile.
        let sql = format!(
            "WITH seen AS (DELETE FROM tally_change WHERE id IN ({some}) RETURNING region, changes), \
             added AS ({} RETURNING 1) SELECT (SELECT count(*) FROM seen) AS folded, (SELECT count(*) FROM added)",
            add("seen")
        );
        let row = tx
            .query_one_raw(Statement::from_string(engine, sql))
            .await?;
        let folded = row
            .map(|row| row.try_get::<i64>("", "folded"))
            .transpose()?;
        return u64::try_from(folded.unwrap_or_default()).map_err(AppError::internal);
    }
    let rows = format!("(SELECT * FROM tally_change WHERE id IN ({some}))");
    tx.execute_raw(Statement::from_string(engine, add(&rows)))
        .await?;
    let taken = format!("DELETE FROM tally_change WHERE id IN ({some})");
    let taken = tx
        .execute_raw(Statement::from_string(engine, taken))
        .await?;
    Ok(taken.rows_affected())
}
