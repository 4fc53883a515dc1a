//! The tally of each centre, and the changes of it that are not folded in yet.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// See the module.
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(tally()).await?;
        manager.create_table(tally_change()).await?;
        if manager.get_database_backend() == DbBackend::Postgres {
            for statement in STORAGE {
                run(manager, statement).await?;
            }
        }
        for statement in counts(manager.get_database_backend()) {
            run(manager, &statement).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["tally_change", "tally"] {
            manager
                .drop_table(Table::drop().table(table).to_owned())
                .await?;
        }
        Ok(())
    }
}

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261126_000005_tally"
    }
}

/// How many there are of each. The key begins with what a dashboard asks for.
fn tally() -> TableCreateStatement {
    Table::create()
        .table("tally")
        .col(ColumnDef::new("region").string().not_null())
        .col(ColumnDef::new("topic").string().not_null())
        .col(ColumnDef::new("day").date().not_null())
        .col(ColumnDef::new("department").string().not_null())
        .col(ColumnDef::new("code").string().not_null())
        .col(ColumnDef::new("n").big_integer().not_null())
        .primary_key(
            Index::create()
                .col("region")
                .col("topic")
                .col("day")
                .col("department")
                .col("code"),
        )
        .take()
}

/// What acts changed since. No index but the key: it is written by every act, and nearly empty.
fn tally_change() -> TableCreateStatement {
    Table::create()
        .table("tally_change")
        .col(
            ColumnDef::new("id")
                .big_integer()
                .not_null()
                .auto_increment()
                .primary_key(),
        )
        .col(ColumnDef::new("region").string().not_null())
        .col(ColumnDef::new("changes").json().not_null())
        .take()
}

/// Numbers are changed in place, in the room that their page has left; and what comes and goes is cleared away before it
/// makes the table long.
const STORAGE: &[&str] = &[
    "ALTER TABLE tally SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000)",
    "ALTER TABLE tally_change SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000)",
];

/// Counts what is there.
fn counts(engine: DbBackend) -> Vec<String> {
    let is_postgres = engine == DbBackend::Postgres;
    let always = if is_postgres {
        "DATE '0001-01-01'"
    } else {
        "'0001-01-01'"
    };
    let day_after = |day: &str| {
        if is_postgres {
            format!("({day} + 1)")
        } else {
            format!("date({day}, '+1 day')")
        }
    };
    let month = |day: &str| {
        if is_postgres {
            format!("CAST(date_trunc('month', {day}) AS date)")
        } else {
            format!("date({day}, 'start of month')")
        }
    };
    // SQLite's knows nothing when one of them is unknown.
    let sooner = |one: &str, other: &str| {
        let least = if is_postgres { "least" } else { "min" };
        format!("coalesce({least}({one}, {other}), {one}, {other})")
    };
    let promise_passed = sooner(
        &day_after("promised_due_on"),
        &day_after("statutory_due_on"),
    );
    let near = sooner("alert_on", &promise_passed);
    let in_time = format!(
        "CASE WHEN promised_due_on IS NULL AND statutory_due_on IS NULL THEN alert_on ELSE {always} END"
    );
    let statute_passed = day_after("statutory_due_on");
    let mut all = vec![of(
        "OPEN",
        always,
        "state",
        "FROM case_ WHERE result IS NULL",
    )];
    for (standing, from) in [
        ("IN_TIME", &in_time),
        ("NEAR", &near),
        ("PROMISE_PASSED", &promise_passed),
        ("STATUTE_PASSED", &statute_passed),
    ] {
        let code = format!("'{standing}'");
        let some = format!("FROM case_ WHERE result IS NULL AND {from} IS NOT NULL");
        all.push(of("STANDING", from, &code, &some));
    }
    let of_month = month("result_on");
    all.push(of(
        "ENDED_AS",
        &of_month,
        "result",
        "FROM case_ WHERE result IS NOT NULL",
    ));
    let stopped_on = "coalesce(stopped_on, result_on)";
    let ended_in = format!(
        "CASE WHEN started_on IS NULL THEN 'UNDATED' WHEN statutory_due_on < {stopped_on} THEN 'STATUTE_PASSED' \
         WHEN promised_due_on < {stopped_on} THEN 'PROMISE_PASSED' ELSE 'IN_TIME' END"
    );
    all.push(of(
        "ENDED_IN",
        &of_month,
        &ended_in,
        "FROM case_ WHERE result IS NOT NULL AND result <> 'VOID'",
    ));
    all.push(of("RAISED", &month("raised_on"), "level", "FROM card"));
    all.push(of(
        "WARNING",
        always,
        "level",
        "FROM card WHERE cleared_on IS NULL AND (occurrence LIKE '%:ALERT' OR occurrence LIKE '%:ALERT:%')",
    ));
    all
}

fn of(topic: &str, day: &str, code: &str, some: &str) -> String {
    format!(
        "INSERT INTO tally (region, topic, day, department, code, n) \
         SELECT region, '{topic}', {day}, department, {code}, count(*) {some} GROUP BY 1, 3, 4, 5"
    )
}

async fn run(manager: &SchemaManager<'_>, statement: &str) -> Result<(), DbErr> {
    let db = manager.get_connection();
    db.execute_unprepared(statement).await.map(|_| ())
}
