//! Which index serves an inbox.

use sea_orm_migration::prelude::*;

/// Makes the index of open work anew, after that of all reviews: the two serve an inbox alike as far as SQLite knows,
/// and then it takes the one that was made last. By the other one it walks through all that a department ever did
/// before it comes to what is open.
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261126_000004_inbox_index"
    }
}

const OPEN: (&str, &str) = (
    "DROP INDEX review_inbox",
    "CREATE INDEX review_inbox ON review (region, department, sort_on, id) WHERE state IN ('WAITING', 'OPEN', 'CLAIMED')",
);
const ALL: (&str, &str) = (
    "DROP INDEX review_department",
    "CREATE INDEX review_department ON review (region, department, sort_on, id)",
);

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        anew(manager, OPEN).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        anew(manager, ALL).await
    }
}

async fn anew(manager: &SchemaManager<'_>, (drop, make): (&str, &str)) -> Result<(), DbErr> {
    let db = manager.get_connection();
    db.execute_unprepared(drop).await?;
    db.execute_unprepared(make).await?;
    Ok(())
}
