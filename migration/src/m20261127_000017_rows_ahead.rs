//! What belongs to an application may be written before it.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// On PostgreSQL the rows of a submission that hold no number are written first, while nobody waits for one: what they
/// refer to is looked for when they are committed. SQLite has one writer, and nobody waits there for a number.
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261127_000017_rows_ahead"
    }
}

/// The tables whose rows belong to an application and hold no number.
const TABLES: [&str; 3] = ["material", "clock", "sharing_request"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        looked_for(manager, "DEFERRABLE INITIALLY DEFERRED").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        looked_for(manager, "NOT DEFERRABLE").await
    }
}

async fn looked_for(manager: &SchemaManager<'_>, when: &str) -> Result<(), DbErr> {
    if manager.get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    for table in TABLES {
        let alter =
            format!("ALTER TABLE {table} ALTER CONSTRAINT {table}_application_id_fkey {when}");
        manager.get_connection().execute_unprepared(&alter).await?;
    }
    Ok(())
}
