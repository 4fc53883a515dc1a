//! Several calendars: a notice holds in the country, in a region or at one department, and one may replace another.

use sea_orm_migration::prelude::*;

/// See the module.
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261125_000002_calendars"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        db.execute_unprepared("DROP INDEX calendar_notice_year")
            .await?;
        // SQLite adds one column a statement.
        for column in columns() {
            let table = Table::alter()
                .table("calendar_notice")
                .add_column(column)
                .to_owned();
            manager.alter_table(table).await?;
        }
        db.execute_unprepared(
            "CREATE UNIQUE INDEX calendar_notice_year ON calendar_notice (year) \
             WHERE region = '' AND superseded_at IS NULL",
        )
        .await?;
        Ok(())
    }

    /// The former table holds one notice a year, so those that are local or were replaced go with their columns.
    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        db.execute_unprepared("DROP INDEX calendar_notice_year")
            .await?;
        db.execute_unprepared(
            "DELETE FROM calendar_notice WHERE region <> '' OR superseded_at IS NOT NULL",
        )
        .await?;
        for column in columns().iter().rev() {
            let table = Table::alter()
                .table("calendar_notice")
                .drop_column(column.get_column_name())
                .to_owned();
            manager.alter_table(table).await?;
        }
        db.execute_unprepared("CREATE UNIQUE INDEX calendar_notice_year ON calendar_notice (year)")
            .await?;
        Ok(())
    }
}

fn columns() -> Vec<ColumnDef> {
    let column = ColumnDef::new;
    vec![
        // Empty for the whole country.
        column("region").string().not_null().default("").take(),
        // Empty for the whole region.
        column("department").string().not_null().default("").take(),
        column("replaces").string().null().take(),
        column("superseded_at")
            .timestamp_with_time_zone()
            .null()
            .take(),
        column("adopted_by").uuid().null().take(),
    ]
}
