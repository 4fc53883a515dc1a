//! The index by which the newest decided cases of an item are found.

use sea_orm_migration::prelude::*;

/// A forecast looks at a few cases of an item, whatever was decided before. All that it asks of them stands in the index.
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261126_000006_history"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let make = "CREATE INDEX case_history ON case_ (region, item, result_on, started_on, department) \
            WHERE result IN ('GRANTED', 'REFUSED') AND started_on IS NOT NULL";
        manager.get_connection().execute_unprepared(make).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let drop = "DROP INDEX case_history";
        manager.get_connection().execute_unprepared(drop).await?;
        Ok(())
    }
}
