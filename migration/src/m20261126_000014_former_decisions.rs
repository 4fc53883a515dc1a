//! The refusals of a case that were revoked; they stay beside it when it is decided anew.

use sea_orm_migration::prelude::*;

/// See the module.
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let add = Table::alter()
            .table("case_")
            .add_column(ColumnDef::new("former_decisions").json().take())
            .to_owned();
        manager.alter_table(add).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .get_connection()
            .execute_unprepared("ALTER TABLE case_ DROP COLUMN former_decisions")
            .await?;
        Ok(())
    }
}

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261126_000014_former_decisions"
    }
}
