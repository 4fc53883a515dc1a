//! Replacing a check of a table, which the engines do in ways of their own.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{DbBackend, Statement};

/// A check of a table: what it was, what it is now, and a word that only it holds.
pub(crate) struct Check {
    pub(crate) table: &'static str,
    pub(crate) before: &'static str,
    pub(crate) now: &'static str,
    pub(crate) word: &'static str,
}

impl Check {
    /// Puts the new check in the place of the old one.
    pub(crate) async fn up(&self, manager: &SchemaManager<'_>) -> Result<(), DbErr> {
        self.replace(manager, self.before, self.now).await
    }

    /// Puts the old one back.
    pub(crate) async fn down(&self, manager: &SchemaManager<'_>) -> Result<(), DbErr> {
        self.replace(manager, self.now, self.before).await
    }

    /// SQLite has no statement for this; its manual gives this way (ALTER TABLE, section 7), which touches no row.
    async fn replace(
        &self,
        manager: &SchemaManager<'_>,
        there: &str,
        wanted: &str,
    ) -> Result<(), DbErr> {
        let (table, word) = (self.table, self.word);
        if manager.get_database_backend() == DbBackend::Sqlite {
            run(manager, "PRAGMA writable_schema = ON").await?;
            let rewrite = Statement::from_sql_and_values(
                DbBackend::Sqlite,
                "UPDATE sqlite_schema SET sql = replace(sql, $1, $2) WHERE type = 'table' AND name = $3",
                [there.into(), wanted.into(), table.into()],
            );
            manager.get_connection().execute_raw(rewrite).await?;
            let row = Statement::from_string(
                DbBackend::Sqlite,
                "SELECT schema_version FROM pragma_schema_version",
            );
            let version = manager.get_connection().query_one_raw(row).await?;
            let version: i32 = match version {
                Some(row) => row.try_get("", "schema_version")?,
                None => 0,
            };
            run(manager, &format!("PRAGMA schema_version = {}", version + 1)).await?;
            return run(manager, "PRAGMA writable_schema = RESET").await;
        }
        // The check has no name of its own.
        let drop = format!(
            "DO $$ DECLARE found text; BEGIN \
             SELECT conname INTO STRICT found FROM pg_constraint \
             WHERE conrelid = '{table}'::regclass AND contype = 'c' AND pg_get_constraintdef(oid) LIKE '%{word}%'; \
             EXECUTE format('ALTER TABLE {table} DROP CONSTRAINT %I', found); END $$"
        );
        run(manager, &drop).await?;
        run(
            manager,
            &format!("ALTER TABLE {table} ADD CHECK ({wanted})"),
        )
        .await
    }
}

async fn run(manager: &SchemaManager<'_>, statement: &str) -> Result<(), DbErr> {
    manager
        .get_connection()
        .execute_unprepared(statement)
        .await
        .map(|_| ())
}
