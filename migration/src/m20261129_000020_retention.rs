//! What is kept for a time only is found by its age.

use sea_orm_migration::prelude::*;

/// Remembered commands by when they were given, sessions by when they are over in any case. Both grow at their end, so that
/// an act pays little for them.
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261129_000020_retention"
    }
}

/// Table and column, and the name of the index.
const INDEXES: [(&str, &str, &str); 2] = [
    ("idempotency", "created_at", "idempotency_age"),
    ("session", "expires_at", "session_age"),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, column, name) in INDEXES {
            let index = Index::create().name(name).table(table).col(column).take();
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, _, name) in INDEXES {
            let index = Index::drop().name(name).table(table).to_owned();
            manager.drop_index(index).await?;
        }
        Ok(())
    }
}
