//! The database: one writer and several readers on SQLite, one pool on PostgreSQL, and [`write()`] as the
//! only way to a transaction.
//!
//! **Invariant.** A use case runs in a task of its own ([`crate::app::App::run`]), never in the request's
//! future, and so does `begin` inside of [`write()`]: one that is dropped while its answer is under way would leave
//! a transaction open that nobody knows of, and the next borrower's acknowledged row would be lost in it. A
//! transaction that has begun rolls itself back when it is dropped. (To roll every connection back that comes home
//! would be one round trip more for each statement.)

mod writes;

use std::ops::Deref;
use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Duration;

use lianshen_migration::{Migrator, MigratorTrait as _};
use sea_orm::{
    ConnectionTrait as _, DatabaseConnection, DatabaseTransaction, DbBackend,
    SqliteTransactionMode, SqlxPostgresConnector, SqlxSqliteConnector, Statement,
    TransactionOptions, TransactionTrait as _,
};
use sqlx::ConnectOptions as _;
use sqlx::Connection as _;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use tokio::sync::Notify;

pub use writes::Writes;

use crate::error::AppError;

/// Told of every statement: its text, how long it took, whether it failed. Never of its values.
pub type Observer = Arc<dyn Fn(&str, Duration, bool) + Send + Sync>;

/// How to reach the database.
#[derive(Clone)]
pub struct DbOptions {
    /// `sqlite:PATH` or `postgres://…`.
    pub url: String,
    /// Connections: readers on SQLite, all on PostgreSQL.
    pub pool: u32,
    /// How long a request waits for a connection.
    pub acquire_timeout: Duration,
    /// Told of every statement.
    pub observer: Option<Observer>,
}

/// An open database.
#[derive(Clone)]
pub struct Db {
    reader: DatabaseConnection,
    writer: DatabaseConnection,
    committed: Arc<Notify>,
}

/// A write transaction. It exists only inside [`write()`].
pub struct Tx(pub(crate) DatabaseTransaction);

impl Deref for Tx {
    type Target = DatabaseTransaction;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl Db {
    /// For statements that change nothing.
    pub fn reader(&self) -> &DatabaseConnection {
        &self.reader
    }

    /// Which engine it is.
    pub fn engine(&self) -> DbBackend {
        self.writer.get_database_backend()
    }

    /// Resolves after the next commit of this process.
    pub async fn committed(&self) {
        self.committed.notified().await;
    }

    /// Brings the tables up to this version of the program.
    ///
    /// # Errors
    /// When a migration fails; each is one transaction.
    pub async fn migrate(&self) -> Result<(), AppError> {
        Ok(Migrator::up(&self.writer, None).await?)
    }

    /// The migrations that have not run yet.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn pending_migrations(&self) -> Result<Vec<String>, AppError> {
        let pending = Migrator::get_pending_migrations_read_only(&self.reader).await?;
        Ok(pending
            .iter()
            .map(|migration| migration.name().to_owned())
            .collect())
    }

    /// Answers whether the database answers.
    ///
    /// # Errors
    /// When it doesn't.
    pub async fn ping(&self) -> Result<(), AppError> {
        let ping = Statement::from_string(self.engine(), "SELECT 1");
        self.reader.query_one_raw(ping).await?;
        Ok(())
    }

    /// Closes all connections, letting running statements finish.
    pub async fn close(self) {
        let _ = self.reader.close().await;
        let _ = self.writer.close().await;
    }
}

/// Runs `act` in a transaction and commits what it did, or nothing.
///
/// A `DbErr` leaves the closure by `?`: on PostgreSQL a swallowed one would make the commit a silent
/// roll-back. Nothing else is awaited inside: no network, no hashing. A lost race is tried again, at
/// most three times.
///
/// `act` is handed the transaction by a shared handle and must not keep it. (`AsyncFn(&Tx)` would read
/// better, but the compiler cannot see then that the use case may run in a task of its own.)
///
/// # Errors
/// What `act` answers, or what the database does; then nothing was written.
pub async fn write<T, F>(db: &Db, act: impl Fn(Arc<Tx>) -> F + Send + Sync) -> Result<T, AppError>
where
    T: Send,
    F: Future<Output = Result<T, AppError>> + Send,
{
    let mut pause = Duration::from_millis(5);
    for attempt in 0.. {
        match write_once(db, &act).await {
            Err(error) if error.is_retryable() && attempt < 3 => {
                tokio::time::sleep(pause + Duration::from_micros(rand::random_range(0..5_000)))
                    .await;
                pause *= 4;
            }
            outcome => return outcome,
        }
    }
    Err(AppError::Busy("transaction"))
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place that begins a transaction"
)]
async fn write_once<T, F>(db: &Db, act: &(impl Fn(Arc<Tx>) -> F + Sync)) -> Result<T, AppError>
where
    F: Future<Output = Result<T, AppError>>,
{
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    // In a task of its own: who hangs up while BEGIN is under way drops the answer to it, and not half of it.
    let writer = db.writer.clone();
    let begun = tokio::spawn(async move { writer.begin_with_options(options).await });
    let tx = Arc::new(Tx(begun.await.map_err(AppError::internal)??));
    let outcome = act(Arc::clone(&tx)).await;
    let Some(Tx(tx)) = Arc::into_inner(tx) else {
        return Err(AppError::internal("a use case kept its transaction"));
    };
    match outcome {
        Ok(done) => {
            // Whether a commit that failed was written is not known: it is no lost race that wrote nothing.
            tx.commit().await.map_err(AppError::internal)?;
            db.committed.notify_waiters();
            Ok(done)
        }
        Err(error) => {
            tx.rollback().await?;
            Err(error)
        }
    }
}

/// Opens the database and asserts that it keeps its promises.
///
/// # Errors
/// When it cannot be reached, or is set up to lose acknowledged work.
pub async fn connect(options: &DbOptions) -> Result<Db, AppError> {
    let (mut reader, mut writer) = if options.url.starts_with("postgres") {
        let pool = connect_postgres(options).await?;
        (pool.clone(), pool)
    } else {
        connect_sqlite(options).await?
    };
    if let Some(observer) = &options.observer {
        for connection in [&mut reader, &mut writer] {
            let observer = observer.clone();
            connection.set_metric_callback(move |info| {
                observer(&info.statement.sql, info.elapsed, info.failed);
            });
        }
    }
    Ok(Db {
        reader,
        writer,
        committed: Arc::new(Notify::new()),
    })
}

async fn connect_postgres(options: &DbOptions) -> Result<DatabaseConnection, AppError> {
    let connect = PgConnectOptions::from_str(&options.url)
        .map_err(AppError::internal)?
        .application_name("lianshen")
        .options([
            ("statement_timeout", "5s"),
            ("lock_timeout", "2s"),
            ("idle_in_transaction_session_timeout", "10s"),
            ("synchronous_commit", "on"),
            ("timezone", "UTC"),
        ])
        .disable_statement_logging();
    // The pool would only say that it waited in vain; one connection says why.
    let first = PgConnection::connect_with(&connect)
        .await
        .map_err(AppError::internal)?;
    first.close().await.map_err(AppError::internal)?;
    let pool = PgPoolOptions::new()
        .max_connections(options.pool)
        .acquire_timeout(options.acquire_timeout)
        .test_before_acquire(false)
        .max_lifetime(Duration::from_mins(30))
        .before_acquire(|connection, meta| {
            Box::pin(async move {
                // The server may have been restarted since; one that was busy just now needs no asking.
                if meta.idle_for > Duration::from_secs(30) {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
        .connect_with(connect)
        .await
        .map_err(AppError::internal)?;
    let db = SqlxPostgresConnector::from_sqlx_postgres_pool(pool);
    for (setting, wanted) in [
        ("fsync", "on"),
        ("full_page_writes", "on"),
        ("synchronous_commit", "on"),
    ] {
        assert_setting(&db, &format!("SHOW {setting}"), setting, wanted).await?;
    }
    Ok(db)
}

async fn connect_sqlite(
    options: &DbOptions,
) -> Result<(DatabaseConnection, DatabaseConnection), AppError> {
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
        .connect_with(connect.clone())
        .await
        .map_err(AppError::internal)?;
    let writer = SqlxSqliteConnector::from_sqlx_sqlite_pool(writer);
    let reader = SqlitePoolOptions::new()
        .max_connections(options.pool)
        .acquire_timeout(options.acquire_timeout)
        .test_before_acquire(false)
        .connect_with(connect.pragma("query_only", "ON"))
        .await
        .map_err(AppError::internal)?;
    let reader = SqlxSqliteConnector::from_sqlx_sqlite_pool(reader);
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

async fn assert_setting(
    db: &DatabaseConnection,
    question: &str,
    column: &str,
    wanted: &str,
) -> Result<(), AppError> {
    let question = Statement::from_string(db.get_database_backend(), question);
    let row = db.query_one_raw(question).await?;
    let found: String = row
        .map(|row| row.try_get("", column))
        .transpose()?
        .unwrap_or_default();
    if found == wanted {
        return Ok(());
    }
    Err(AppError::internal(format!(
        "the database has {column} = {found}, which can lose acknowledged work; set it to {wanted}"
    )))
}
