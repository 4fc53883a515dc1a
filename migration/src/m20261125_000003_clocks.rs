//! The clocks of applications and cases, the cards of supervision, and the states that the new acts lead to.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{DbBackend, Statement};

/// See the module.
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261125_000003_clocks"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for check in CHECKS {
            check.replace(manager, check.now).await?;
        }
        for (table, mut column) in columns() {
            let add = Table::alter()
                .table(table)
                .add_column(&mut column)
                .to_owned();
            manager.alter_table(add).await?;
        }
        for table in [clock(), card()] {
            manager.create_table(table).await?;
        }
        for statement in AFTERWARDS {
            run(manager, statement).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["card", "clock"] {
            manager
                .drop_table(Table::drop().table(table).to_owned())
                .await?;
        }
        run(manager, "DROP INDEX application_swept").await?;
        for (table, column) in columns().into_iter().rev() {
            let name = column.get_column_name();
            run(manager, &format!("ALTER TABLE {table} DROP COLUMN {name}")).await?;
        }
        let mut lamp_changes_on = ColumnDef::new("lamp_changes_on").date().take();
        let add = Table::alter()
            .table("case_")
            .add_column(&mut lamp_changes_on)
            .to_owned();
        manager.alter_table(add).await?;
        run(
            manager,
            "CREATE INDEX case_lamp ON case_ (lamp_changes_on, id) WHERE lamp_changes_on IS NOT NULL",
        )
        .await?;
        for check in CHECKS {
            check.replace(manager, check.before).await?;
        }
        Ok(())
    }
}

/// What applications and cases keep beside, by table.
fn columns() -> Vec<(&'static str, ColumnDef)> {
    vec![
        (
            "application",
            ColumnDef::new("renewal_certificate").string().take(),
        ),
        (
            "application",
            ColumnDef::new("renewal_expires_on").date().take(),
        ),
        ("application", flag("renewal_in_time")),
        // Through which day all that time brings about has been written down, and the next day on which it brings more.
        ("application", ColumnDef::new("swept_through").date().take()),
        ("application", ColumnDef::new("sweep_on").date().take()),
        ("case_", ColumnDef::new("stopped_on").date().take()),
        // Whether more than start and decision made the clocks what they are: only then are its events read.
        // When every open clock had been counted anew by a notice.
        (
            "calendar_notice",
            ColumnDef::new("projected_at")
                .timestamp_with_time_zone()
                .take(),
        ),
        ("case_", flag("eventful")),
        ("application", flag("eventful")),
    ]
}

fn flag(name: &'static str) -> ColumnDef {
    ColumnDef::new(name)
        .boolean()
        .not_null()
        .default(false)
        .take()
}

const AFTERWARDS: &[&str] = &[
    "DROP INDEX case_lamp",
    "ALTER TABLE case_ DROP COLUMN lamp_changes_on",
    "CREATE INDEX application_swept ON application (sweep_on, id) WHERE sweep_on IS NOT NULL",
    "CREATE INDEX clock_open ON clock (region, department, due_on, application_id) WHERE stopped_on IS NULL",
    "CREATE INDEX clock_application ON clock (application_id)",
    "CREATE INDEX card_application ON card (application_id, raised_on, id)",
    "CREATE INDEX card_region ON card (region, raised_at, id)",
    "CREATE UNIQUE INDEX card_once ON card (subject_id, rule, occurrence)",
    "UPDATE calendar_notice SET projected_at = adopted_at",
    // The first sweep makes the clocks of what is under way from its events.
    "UPDATE application SET sweep_on = received_on WHERE state <> 'CLOSED'",
];

/// A check of a table: what it was, and what it is now.
struct Check {
    table: &'static str,
    before: &'static str,
    now: &'static str,
}

const CHECKS: &[Check] = &[
    Check {
        table: "application",
        before: "state IN ('RECEIVED', 'IN_REVIEW', 'CONCLUDED', 'CLOSED')",
        now: "state IN ('RECEIVED', 'CORRECTION', 'IN_REVIEW', 'CONCLUDED', 'CLOSED')",
    },
    Check {
        table: "case_",
        before: "(result IS NULL) = (state IN ('RECEIVED', 'AWAITING_PREDECESSOR', 'IN_REVIEW', 'DECIDING'))",
        now: "(result IS NULL) = (state IN ('RECEIVED', 'CORRECTION', 'AWAITING_PREDECESSOR', 'IN_REVIEW', 'SUSPENDED', 'DECIDING'))",
    },
];

impl Check {
    /// SQLite has no statement for this; its manual gives this way (ALTER TABLE, section 7), which touches no row.
    async fn replace(&self, manager: &SchemaManager<'_>, wanted: &str) -> Result<(), DbErr> {
        let there = if wanted == self.now {
            self.before
        } else {
            self.now
        };
        if manager.get_database_backend() == DbBackend::Sqlite {
            run(manager, "PRAGMA writable_schema = ON").await?;
            let rewrite = Statement::from_sql_and_values(
                DbBackend::Sqlite,
                "UPDATE sqlite_schema SET sql = replace(sql, $1, $2) WHERE type = 'table' AND name = $3",
                [there.into(), wanted.into(), self.table.into()],
            );
            manager.get_connection().execute_raw(rewrite).await?;
            let row = Statement::from_string(
                DbBackend::Sqlite,
                "SELECT schema_version FROM pragma_schema_version",
            );
            let version = manager.get_connection().query_one_raw(row).await?;
            let version: i32 = match version {
                Some(row) => row.try_get("", "schema_version")?,
                None => 0,
            };
            run(manager, &format!("PRAGMA schema_version = {}", version + 1)).await?;
            return run(manager, "PRAGMA writable_schema = RESET").await;
        }
        let table = self.table;
        // The check has no name of its own; it is the one that speaks of the states.
        let words = "(pg_get_constraintdef(oid) LIKE '%AWAITING_PREDECESSOR%' OR pg_get_constraintdef(oid) LIKE '%RECEIVED%')";
        let drop = format!(
            "DO $$ DECLARE found text; BEGIN \
             SELECT conname INTO STRICT found FROM pg_constraint \
             WHERE conrelid = '{table}'::regclass AND contype = 'c' AND {words}; \
             EXECUTE format('ALTER TABLE {table} DROP CONSTRAINT %I', found); END $$"
        );
        run(manager, &drop).await?;
        run(
            manager,
            &format!("ALTER TABLE {table} ADD CHECK ({wanted})"),
        )
        .await
    }
}

async fn run(manager: &SchemaManager<'_>, statement: &str) -> Result<(), DbErr> {
    manager
        .get_connection()
        .execute_unprepared(statement)
        .await
        .map(|_| ())
}

/// One clock of an application or of a case: a cache of what its events say.
fn clock() -> TableCreateStatement {
    Table::create()
        .table("clock")
        .col(ColumnDef::new("subject_id").uuid().not_null())
        .col(ColumnDef::new("kind").string().not_null())
        .col(ColumnDef::new("ordinal").integer().not_null())
        .col(ColumnDef::new("application_id").uuid().not_null())
        .col(ColumnDef::new("case_id").uuid().null())
        .col(ColumnDef::new("region").string().not_null())
        .col(ColumnDef::new("department").string().not_null())
        .col(ColumnDef::new("anchor_on").date().not_null())
        .col(ColumnDef::new("n").integer().not_null())
        .col(ColumnDef::new("unit").string().not_null())
        .col(ColumnDef::new("due_on").date().null())
        .col(ColumnDef::new("projected_on").date().not_null())
        .col(ColumnDef::new("provisional").boolean().not_null())
        .col(ColumnDef::new("stopped_on").date().null())
        .primary_key(Index::create().col("subject_id").col("kind").col("ordinal"))
        .foreign_key(
            ForeignKey::create()
                .name("clock_application_id_fkey")
                .from("clock", "application_id")
                .to("application", "id"),
        )
        .take()
}

/// One occurrence of a rule of supervision: an alert, a yellow card or a red one.
fn card() -> TableCreateStatement {
    Table::create()
        .table("card")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("subject_id").uuid().not_null())
        .col(ColumnDef::new("rule").string().not_null())
        .col(ColumnDef::new("occurrence").string().not_null())
        .col(ColumnDef::new("application_id").uuid().not_null())
        .col(ColumnDef::new("case_id").uuid().null())
        .col(ColumnDef::new("region").string().not_null())
        .col(ColumnDef::new("department").string().not_null())
        .col(ColumnDef::new("level").string().not_null())
        .col(ColumnDef::new("raised_on").date().not_null())
        .col(
            ColumnDef::new("raised_at")
                .timestamp_with_time_zone()
                .not_null(),
        )
        .col(ColumnDef::new("cleared_on").date().null())
        .col(ColumnDef::new("evidence").json().not_null())
        .foreign_key(
            ForeignKey::create()
                .name("card_application_id_fkey")
                .from("card", "application_id")
                .to("application", "id"),
        )
        .take()
}
