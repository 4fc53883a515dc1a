//! SQLite: one connection that writes, and several that only read.

use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::num::NonZero;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::str::FromStr as _;
use std::time::Duration;

use sea_orm::{DatabaseConnection, SqlxSqliteConnector};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions as _, Connection as _, Row as _};

use super::{DbOptions, Observer, Reader, assert_setting, postgres};
use crate::error::AppError;

/// The file that a URL names; none where the URL is PostgreSQL's.
///
/// # Errors
/// When the URL cannot be read.
pub(crate) fn file_of(url: &str) -> Result<Option<PathBuf>, AppError> {
    if postgres::is_meant(url) {
        return Ok(None);
    }
    Ok(Some(options(url)?.get_filename().to_owned()))
}

/// How the file is reached.
fn options(url: &str) -> Result<SqliteConnectOptions, AppError> {
    // By its scheme alone: what comes after it may hold a password.
    if let Some((scheme, _)) = url.split_once("://")
        && scheme != "sqlite"
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric())
    {
        return Err(AppError::internal(format!(
            "database_url begins with {scheme}://, and the database is SQLite or PostgreSQL: write sqlite:PATH or \
             postgres://user:password@host/database"
        )));
    }
    let options = SqliteConnectOptions::from_str(url)
        .map_err(|error| AppError::internal(format!("database_url cannot be read: {error}")))?;
    let asked = url.split_once('?').map_or("", |(_, asked)| asked);
    let named = options.get_filename().to_string_lossy();
    if named.starts_with("file:sqlx-in-memory") || asked.contains("mode=memory") {
        return Err(AppError::internal(
            "database_url names a database in memory, which would be gone with the program: name a file, sqlite:PATH",
        ));
    }
    Ok(options)
}

/// What SQLite finds wrong in the file that a URL names, at most a hundred sentences: of its pages, or when it looks thoroughly
/// of every index against its table, too.
///
/// # Errors
/// When the file cannot be read at all.
pub(crate) async fn damage(url: &str, thoroughly: bool) -> Result<Vec<String>, AppError> {
    let question = if thoroughly {
        "PRAGMA integrity_check(100)"
    } else {
        "PRAGMA quick_check(100)"
    };
    let reading = options(url)?.read_only(true).disable_statement_logging();
    let examined = async {
        let mut file: SqliteConnection = reading.connect().await?;
        let rows = sqlx::query(question).fetch_all(&mut file).await?;
        let found = rows.into_iter().map(|row| row.try_get(0));
        let found: Result<Vec<String>, sqlx::Error> = found.collect();
        file.close().await?;
        found
    };
    let found = examined.await.map_err(AppError::internal)?;
    let lines = found.iter().flat_map(|found| found.lines());
    // "*** in database main ***" stands above some.
    let told = lines.filter(|line| *line != "ok" && !line.starts_with("***"));
    Ok(told.map(str::to_owned).collect())
}

/// The connection that writes, and those that read.
pub(super) async fn connect(
    options: &DbOptions,
    told: Observer,
) -> Result<(Reader, DatabaseConnection), AppError> {
    let connect = self::options(&options.url)?
        // Only by `make`: SQLite would let everybody read it.
        .create_if_missing(false)
        .journal_mode(SqliteJournalMode::Wal)
        // FULL: an acknowledged decision survives a power cut; NORMAL lost thousands when measured.
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(5))
        .pragma("trusted_schema", "OFF")
        .pragma("journal_size_limit", "67108864")
        .disable_statement_logging();
    make(connect.get_filename())?;
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
        .map_err(|error| {
            let file = connect.get_filename().display();
            AppError::internal(format!("SQLite in {file} cannot be used: {error}"))
        })?;
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

/// Makes an empty file where there is none, which only its owner may read: it will hold personal data and keys. What
/// SQLite lays beside it gets the same mode.
fn make(file: &Path) -> Result<(), AppError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    match options.open(file) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => {
            let file = file.display();
            Err(AppError::internal(format!("{file}: {error}")))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::db::scratch::Scratch;

    #[tokio::test]
    async fn only_its_owner_may_read_what_it_keeps() {
        let scratch = Scratch::new();
        assert_eq!(file_of(&scratch.url()).unwrap(), Some(scratch.file()));
        let db = scratch.open().await;
        let entries = std::fs::read_dir(scratch.folder())
            .unwrap()
            .map(Result::unwrap);
        let modes: Vec<u32> = entries
            .map(|entry| entry.metadata().unwrap().permissions().mode() & 0o777)
            .collect();
        db.close().await;
        assert_eq!(modes, [0o600; 3], "the file, its log and its index");
    }

    #[test]
    fn a_url_of_another_kind_is_refused_by_its_scheme_and_no_password_is_shown() {
        for (url, said) in [
            ("mysql://a:S3CRET@b/c", "begins with mysql://"),
            ("postgre://a:S3CRET@b/c", "begins with postgre://"),
            ("sqlite::memory:", "in memory"),
            ("sqlite:a.db?mode=memory", "in memory"),
            ("sqlite:a.db?mode=fast", "unknown value"),
        ] {
            let refused = file_of(url).unwrap_err().to_string();
            assert!(refused.contains(said), "{refused}");
            assert!(refused.contains("database_url"), "{refused}");
            assert!(!refused.contains("S3CRET"), "{refused}");
        }
        for (url, file) in [
            ("sqlite:a.db?mode=ro", "a.db"),
            ("sqlite:///b/a.db", "/b/a.db"),
            ("a.db", "a.db"),
        ] {
            assert_eq!(file_of(url).unwrap(), Some(PathBuf::from(file)));
        }
        for url in ["postgres://a@b/c", "postgresql://a@b/c"] {
            assert_eq!(file_of(url).unwrap(), None);
        }
    }

    #[tokio::test]
    async fn damage_is_found_also_beside_a_program_that_works() {
        let scratch = Scratch::new();
        let db = scratch.open().await;
        for thoroughly in [false, true] {
            let found = damage(&scratch.url(), thoroughly).await.unwrap();
            assert_eq!(found, Vec::<String>::new());
        }
        db.close().await;

        let mut bytes = std::fs::read(scratch.file()).unwrap();
        bytes[5 * 4096..6 * 4096].fill(0xAB);
        std::fs::write(scratch.file(), bytes).unwrap();

        for thoroughly in [false, true] {
            let found = damage(&scratch.url(), thoroughly).await;
            let is_sound = found.is_ok_and(|found| found.is_empty());
            assert!(!is_sound, "a page that is no page");
        }
    }

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
        for unused in ["FTS3", "FTS5", "RTREE", "DBSTAT_VTAB"] {
            assert!(!has(&format!("ENABLE_{unused}")), "{options:?}");
        }
    }
}
