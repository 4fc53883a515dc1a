//! The morning digests of departments, and the index by which a lead department's open applications are found.

use sea_orm_migration::prelude::*;

/// See the module.
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261126_000009_digest"
    }
}

const LED: &str = "CREATE INDEX application_led ON application (region, lead_department, joint_promised_due_on) \
    WHERE state = 'IN_REVIEW'";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(digest()).await?;
        manager.get_connection().execute_unprepared(LED).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let drop = "DROP INDEX application_led";
        manager.get_connection().execute_unprepared(drop).await?;
        manager
            .drop_table(Table::drop().table("digest").to_owned())
            .await
    }
}

/// One a day and department, however many servers there are: the key sees to it. It begins with the day, because whoever
/// writes asks what there is of today.
fn digest() -> TableCreateStatement {
    Table::create()
        .table("digest")
        .col(ColumnDef::new("day").date().not_null())
        .col(ColumnDef::new("region").string().not_null())
        .col(ColumnDef::new("department").string().not_null())
        .col(
            ColumnDef::new("made_at")
                .timestamp_with_time_zone()
                .not_null(),
        )
        .col(ColumnDef::new("contents").json().not_null())
        .primary_key(Index::create().col("day").col("region").col("department"))
        .take()
}
