//! In time or late, told once more with the days of suspensions charged.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// A case keeps what its dates would have said without suspensions, where that is something else. What ended before is
/// counted alike both ways at first; the next sweep looks again at the applications in which a clock stood still.
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261128_000019_unsuspended"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let add = Table::alter()
            .table("case_")
            .add_column(ColumnDef::new("standing_unsuspended").string().take())
            .to_owned();
        manager.alter_table(add).await?;
        run(manager, &counts(manager.get_database_backend())).await?;
        run(manager, LOOK_AGAIN).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(
            manager,
            "DELETE FROM tally WHERE topic = 'ENDED_UNSUSPENDED'",
        )
        .await?;
        run(
            manager,
            "ALTER TABLE case_ DROP COLUMN standing_unsuspended",
        )
        .await
    }
}

const LOOK_AGAIN: &str = "UPDATE application SET sweep_on = received_on WHERE id IN (SELECT application_id FROM event \
     WHERE kind IN ('SPECIAL_PROCEDURE_BEGUN', 'MATERIAL_ASKED'))";

/// The lines that the cases give, less what changes that are not folded in yet will add.
fn counts(engine: DbBackend) -> String {
    let (month, changes) = match engine {
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
    format!(
        "INSERT INTO tally (region, topic, day, department, code, n) \
         SELECT region, 'ENDED_UNSUSPENDED', day, department, code, CAST(sum(n) AS bigint) FROM ( \
         SELECT region, department, {month} AS day, CASE WHEN started_on IS NULL THEN 'UNDATED' \
         WHEN statutory_due_on < {stopped_on} THEN 'STATUTE_PASSED' \
         WHEN promised_due_on < {stopped_on} THEN 'PROMISE_PASSED' ELSE 'IN_TIME' END AS code, 1 AS n \
         FROM case_ WHERE result IN ('GRANTED', 'REFUSED') \
         UNION ALL SELECT region, department, day, code, -n FROM ({changes}) AS fresh WHERE topic = 'ENDED_UNSUSPENDED' \
         ) AS lines GROUP BY region, day, department, code HAVING sum(n) <> 0"
    )
}

async fn run(manager: &SchemaManager<'_>, statement: &str) -> Result<(), DbErr> {
    let db = manager.get_connection();
    db.execute_unprepared(statement).await.map(|_| ())
}
