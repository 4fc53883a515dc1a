//! SQLite: one connection that writes, and several that only read.

use std::num::NonZero;
use std::str::FromStr as _;
use std::time::Duration;

use sea_orm::{DatabaseConnection, SqlxSqliteConnector};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _};

use super::{DbOptions, Observer, Reader, assert_setting};
use crate::error::AppError;

/// The connection that writes, and those that read.
pub(super) async fn connect(
    options: &DbOptions,
    told: Observer,
) -> Result<(Reader, DatabaseConnection), AppError> {
    let connect = SqliteConnectOptions::from_str(&options.url)
        .map_err(AppError::internal)?
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // FULL: an acknowledged decision survives a power cut; NORMAL lost thousands when measured.
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(5))
        .pragma("trusted_schema", "OFF")
        .pragma("journal_size_limit", "67108864")
        .disable_statement_logging();
    let writer = SqlitePoolOptions::new()
        .max_connections(1)
        .acquire_timeout(Duration::from_secs(10))
        .test_before_acquire(false)
        .after_release(|connection, _| {
            Box::pin(async move {
                // Where a write fails on a full disk, SQLite rolls back by itself, and the driver goes on counting a
                // transaction: all that came after would be savepoints of one that nobody commits, acknowledged and
                // lost. The ping comes back when a rollback that was ordered before it is done.
                if connection.is_in_transaction() {
                    connection.ping().await?;
                }
                Ok(!connection.is_in_transaction())
            })
        })
        .connect_with(connect.clone())
        .await
        .map_err(AppError::internal)?;
    let writer = SqlxSqliteConnector::from_sqlx_sqlite_pool(writer);
    // Each reader is a thread with a cache of its own; more than the cores can run only take memory.
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    let most = u32::try_from(2 * cores).unwrap_or(options.pool);
    let reader = Reader::sqlite(
        connect.pragma("query_only", "ON"),
        options.pool.min(most),
        options.acquire_timeout,
        told,
    )?;
    assert_setting(&writer, "PRAGMA journal_mode", "journal_mode", "wal").await?;
    assert_setting(
        &writer,
        "SELECT CAST(synchronous AS TEXT) AS synchronous FROM pragma_synchronous",
        "synchronous",
        "2",
    )
    .await?;
    Ok((reader, writer))
}

#[cfg(test)]
mod tests {
    use sqlx::sqlite::SqliteConnection;
    use sqlx::{Connection as _, Row as _};

    /// What `.cargo/config.toml` asks for.
    #[tokio::test]
    async fn it_is_compiled_so_that_connections_share_no_lock_and_statements_are_planned_once() {
        let mut connection = SqliteConnection::connect("sqlite::memory:").await.unwrap();
        let rows = sqlx::query("PRAGMA compile_options")
            .fetch_all(&mut connection)
            .await;
        let options: Vec<String> = rows.unwrap().iter().map(|row| row.get(0)).collect();

        let has = |option: &str| options.iter().any(|known| known == option);
        assert!(has("DEFAULT_MEMSTATUS=0"), "{options:?}");
        assert!(!has("ENABLE_MEMORY_MANAGEMENT"), "{options:?}");
        assert!(has("ENABLE_QPSG"), "{options:?}");
        assert!(!has("ENABLE_STAT4"), "{options:?}");
    }
}
