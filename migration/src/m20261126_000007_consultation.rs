//! Consultation: opinions that a case asks of other departments.

use sea_orm_migration::prelude::*;

/// See the module.
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, mut column) in columns() {
            let add = Table::alter()
                .table(table)
                .add_column(&mut column)
                .to_owned();
            manager.alter_table(add).await?;
        }
        run(manager, INDEX).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, "DROP INDEX review_asked").await?;
        for (table, column) in columns().into_iter().rev() {
            let name = column.get_column_name();
            run(manager, &format!("ALTER TABLE {table} DROP COLUMN {name}")).await?;
        }
        Ok(())
    }
}

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261126_000007_consultation"
    }
}

fn columns() -> [(&'static str, ColumnDef); 2] {
    [
        (
            "case_",
            ColumnDef::new("asked")
                .integer()
                .not_null()
                .default(0)
                .take(),
        ),
        ("review", ColumnDef::new("consultation").json().take()),
    ]
}

/// Whether a department was asked about an application; few are.
const INDEX: &str = "CREATE INDEX review_asked ON review (application_id, department) WHERE consultation IS NOT NULL";

async fn run(manager: &SchemaManager<'_>, statement: &str) -> Result<(), DbErr> {
    manager
        .get_connection()
        .execute_unprepared(statement)
        .await?;
    Ok(())
}
