//! Which tables there are, against those that this program knows.

use lianshen_migration::{Migrator, MigratorTrait as _};
use sea_orm::DbErr;

use super::Db;
use crate::error::AppError;

impl Db {
    /// Brings the tables up to this version of the program.
    ///
    /// # Errors
    /// When a migration fails; each is one transaction. When the database was made by a newer program; then nothing is
    /// changed.
    pub async fn migrate(&self) -> Result<(), AppError> {
        // Two servers that are started together migrate one after the other; the lock goes with its connection.
        let alone = self.own_connection().await.map_err(AppError::internal)?;
        if let Some(alone) = &alone {
            let lock = sqlx::query("SELECT pg_advisory_lock(7121118110)");
            lock.execute(alone).await.map_err(AppError::internal)?;
        }
        let migrated = Migrator::up(&self.writer, None).await;
        if let Some(alone) = alone {
            alone.close().await;
        }
        migrated.map_err(or_newer)
    }

    /// The migrations that have not run yet.
    ///
    /// # Errors
    /// When the database cannot be read, or was made by a newer program.
    pub async fn pending_migrations(&self) -> Result<Vec<String>, AppError> {
        let pending = Migrator::get_pending_migrations_read_only(self.reader()).await;
        let pending = pending.map_err(or_newer)?;
        Ok(pending
            .iter()
            .map(|migration| migration.name().to_owned())
            .collect())
    }
}

/// Migrations that ran and that this program does not have are told as files that are missing, a line each.
fn or_newer(error: DbErr) -> AppError {
    let DbErr::Custom(missing) = &error else {
        return error.into();
    };
    let unknown: Vec<_> = missing
        .lines()
        .filter_map(|line| {
            line.strip_prefix("Migration file of version '")?
                .split('\'')
                .next()
        })
        .collect();
    if unknown.is_empty() {
        return error.into();
    }
    AppError::internal(format!(
        "the database was made by a newer lianshen than this one ({}): it has {}, which this program does not know; use the \
         newer program, or go back to a backup from before it was brought up to date; nothing was changed",
        env!("CARGO_PKG_VERSION"),
        unknown.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use sea_orm::ConnectionTrait as _;

    use crate::db::scratch::Scratch;

    #[tokio::test]
    async fn of_a_newer_program_it_is_said_plainly_and_nothing_is_changed() {
        let scratch = Scratch::new();
        let db = scratch.open().await;
        crate::db::write(&db, async |tx| {
            for newer in ["m20990101_000001_later", "m20990102_000001_later_still"] {
                let ran = format!(
                    "INSERT INTO seaql_migrations (version, applied_at) VALUES ('{newer}', 0)"
                );
                tx.execute_unprepared(&ran).await?;
            }
            Ok(())
        })
        .await
        .unwrap();

        for refused in [
            db.pending_migrations().await.err(),
            db.migrate().await.err(),
        ] {
            let refused = refused.unwrap().to_string();
            for said in [
                "a newer lianshen",
                "m20990101_000001_later",
                "m20990102_000001_later_still",
                "a backup",
            ] {
                assert!(refused.contains(said), "{refused}");
            }
            assert!(!refused.contains("is missing"), "{refused}");
        }
        db.close().await;
    }
}
