//! In time or late is only what was decided.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// Which cases the tally tells to be in time or late is counted anew: those that were granted or refused, and no longer all
/// that were not voided.
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261127_000018_ended_in"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        count(manager, "result IN ('GRANTED', 'REFUSED')").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        count(manager, "result <> 'VOID'").await
    }
}

/// The lines become what the cases give, less what the changes that are not folded in yet will add.
async fn count(manager: &SchemaManager<'_>, counted: &str) -> Result<(), DbErr> {
    let (month, changes) = match manager.get_database_backend() {
        DbBackend::Postgres => (
            "CAST(date_trunc('month', result_on) AS date)",
            "SELECT region, one ->> 0 AS department, one ->> 1 AS topic, one ->> 2 AS code, \
             CAST(one ->> 3 AS date) AS day, CAST(one ->> 4 AS bigint) AS n \
             FROM tally_change, json_array_elements(changes) AS lines(one)",
        ),
        _ => (
            "date(result_on, 'start of month')",
            "SELECT region, one.value ->> 0 AS department, one.value ->> 1 AS topic, one.value ->> 2 AS code, \
             one.value ->> 3 AS day, one.value ->> 4 AS n FROM tally_change, json_each(changes) AS one",
        ),
    };
    let stopped_on = "coalesce(stopped_on, result_on)";
    let insert = format!(
        "INSERT INTO tally (region, topic, day, department, code, n) \
         SELECT region, 'ENDED_IN', day, department, code, CAST(sum(n) AS bigint) FROM ( \
         SELECT region, department, {month} AS day, CASE WHEN started_on IS NULL THEN 'UNDATED' \
         WHEN statutory_due_on < {stopped_on} THEN 'STATUTE_PASSED' \
         WHEN promised_due_on < {stopped_on} THEN 'PROMISE_PASSED' ELSE 'IN_TIME' END AS code, 1 AS n \
         FROM case_ WHERE result IS NOT NULL AND {counted} \
         UNION ALL SELECT region, department, day, code, -n FROM ({changes}) AS fresh WHERE topic = 'ENDED_IN' \
         ) AS lines GROUP BY region, day, department, code HAVING sum(n) <> 0"
    );
    let db = manager.get_connection();
    db.execute_unprepared("DELETE FROM tally WHERE topic = 'ENDED_IN'")
        .await?;
    db.execute_unprepared(&insert).await.map(|_| ())
}
