//! The index by which a supervisor reads the inbox of a whole centre.

use sea_orm_migration::prelude::*;

/// The open reviews of all departments, in the order in which they are due: without it all of them were sorted for a page.
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261126_000016_open_reviews"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let make = "CREATE INDEX review_open ON review (region, sort_on, id) \
            WHERE state IN ('WAITING', 'OPEN', 'CLAIMED')";
        manager.get_connection().execute_unprepared(make).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let drop = "DROP INDEX review_open";
        manager.get_connection().execute_unprepared(drop).await?;
        Ok(())
    }
}
