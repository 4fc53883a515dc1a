//! Leases: what is done once a day is noted where all servers see it.

use sea_orm_migration::prelude::*;

/// See the module.
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261125_000007_leases"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let done_on = ColumnDef::new("done_on").date().null().take();
        let table = Table::alter().table("lease").add_column(done_on).to_owned();
        manager.alter_table(table).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::alter()
            .table("lease")
            .drop_column("done_on")
            .to_owned();
        manager.alter_table(table).await
    }
}
