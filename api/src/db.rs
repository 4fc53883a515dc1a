//! The database: one writer and several readers on SQLite, one pool on PostgreSQL, and [`write()`] as the
//! only way to a transaction.
//!
//! **Invariant.** A use case runs in a task of its own ([`crate::app::App::run`]), never in the request's
//! future, and so does `begin` inside of [`write()`]: one that is dropped while its answer is under way would leave
//! a transaction open that nobody knows of, and the next borrower's acknowledged row would be lost in it. A
//! transaction that has begun rolls itself back when it is dropped. (To roll every connection back that comes home
//! would be one round trip more for each statement.) On SQLite, where it costs nothing, one that is still in a
//! transaction after a commit that failed is given up.

mod heard;
mod hold;
mod migrations;
mod pooler;
mod postgres;
mod reader;
mod replica;
#[cfg(test)]
pub(crate) mod scratch;
mod snapshot;
mod sqlite;
mod together;
mod writes;

use std::ops::Deref;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use sea_orm::{
    ConnectionTrait as _, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait as _,
};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tokio::sync::Notify;

use self::heard::Heard;
pub use self::hold::Hold;
pub use self::reader::Reader;
use self::replica::Replica;
pub use self::snapshot::{Counting, Snapshot};
pub(crate) use self::sqlite::{damage, file_of};
use self::together::{Together, Turn};
pub use self::writes::Writes;
use crate::error::{AppError, Lacking};

/// Told of every statement: its text, how long it took, whether it failed. Never of its values.
pub type Observer = Arc<dyn Fn(&str, Duration, bool) + Send + Sync>;

/// How long a step of a transaction may take. A statement on PostgreSQL has its own, shorter bound; only where the server
/// is gone without a word does it take so long.
const LONGEST: Duration = Duration::from_mins(1);

/// How to reach the database.
#[derive(Clone)]
pub struct DbOptions {
    /// `sqlite:PATH` or `postgres://…`.
    pub url: String,
    /// Connections for reading; on PostgreSQL as many again for acts.
    pub pool: u32,
    /// How long a request waits for a connection.
    pub acquire_timeout: Duration,
    /// Told of every statement.
    pub observer: Option<Observer>,
    /// A standby to read from, and how long a request waits for it to catch up.
    pub replica: Option<(String, Duration)>,
}

/// An open database.
#[derive(Clone)]
pub struct Db {
    reader: Reader,
    writer: DatabaseConnection,
    /// The turns of those who write, on SQLite.
    together: Option<Together>,
    /// How to open one more connection to PostgreSQL, beside the pool.
    postgres: Option<PgConnectOptions>,
    replica: Option<Arc<Replica>>,
    /// Whether this handle, and those cloned from it, read from the replica; until they write.
    apart: Option<Arc<AtomicBool>>,
    /// The last that was to be written found no room, or nothing may be written.
    full: Arc<AtomicBool>,
    committed: Arc<Notify>,
    published: Arc<Notify>,
}

/// What loops wait for besides the passing of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// Something was committed by this process, or numbered by another server.
    Committed,
    /// Something was published or adopted.
    Published,
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
    pub fn reader(&self) -> &Reader {
        match (&self.replica, &self.apart) {
            (Some(replica), Some(apart)) if apart.load(Ordering::Acquire) => &replica.reader,
            _ => &self.reader,
        }
    }

    /// A handle for one request that begins now, where there is a replica. It reads from that if it shows everything that
    /// has been committed by now, and from the primary once it has written.
    pub async fn for_request(&self) -> Option<Self> {
        let replica = self.replica.as_ref()?;
        let apart = replica.has_all(&self.writer).await;
        let from = if apart { "replica" } else { "primary" };
        metrics::counter!("lianshen_requests_read_total", "from" => from).increment(1);
        Some(Self {
            apart: Some(Arc::new(AtomicBool::new(apart))),
            ..self.clone()
        })
    }

    /// Which engine it is.
    pub fn engine(&self) -> DbBackend {
        self.writer.get_database_backend()
    }

    /// For the few statements that change something without a transaction.
    pub(crate) fn writer(&self) -> &DatabaseConnection {
        &self.writer
    }

    /// Resolves when there is news of this kind.
    pub async fn news(&self, news: News) {
        match news {
            News::Committed => self.committed.notified().await,
            News::Published => self.published.notified().await,
        }
    }

    /// Wakes whoever waits for news of this kind.
    pub(crate) fn tell(&self, news: News) {
        match news {
            News::Committed => self.committed.notify_waiters(),
            News::Published => self.published.notify_waiters(),
        }
    }

    /// A connection to PostgreSQL beside the pool, for who listens on it; none on SQLite.
    pub(crate) async fn own_connection(&self) -> Result<Option<sqlx::PgPool>, sqlx::Error> {
        let Some(options) = &self.postgres else {
            return Ok(None);
        };
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_with(options.clone())
            .await?;
        Ok(Some(pool))
    }

    /// Answers whether the database answers, and what time it has; `None` for SQLite, which has this machine's.
    ///
    /// # Errors
    /// When it doesn't.
    pub async fn ping(&self) -> Result<Option<DateTime<Utc>>, AppError> {
        let asked = match self.engine() {
            DbBackend::Postgres => "SELECT clock_timestamp() AS now",
            _ => "SELECT NULL AS now",
        };
        let ping = Statement::from_string(self.engine(), asked);
        let row = self.reader.query_one_raw(ping).await?;
        let told = row.map(|row| row.try_get("", "now")).transpose()?;
        Ok(told.flatten())
    }

    /// Whether what was written last could be: false from the first act that found no room, or a database that nobody may
    /// write to, until one is committed again. Asks nobody; a server that runs writes by itself every few seconds.
    pub fn takes_writes(&self) -> bool {
        !self.full.load(Ordering::Relaxed)
    }

    /// Remembers whether there was room for what an act wrote; what is refused for another reason says nothing of it.
    fn note(&self, written: &Result<(), AppError>) {
        match written {
            Ok(()) => self.full.store(false, Ordering::Relaxed),
            Err(error) if error.is_of_disk() => self.full.store(true, Ordering::Relaxed),
            Err(_) => {}
        }
    }

    /// Closes all connections, letting running statements finish.
    pub async fn close(self) {
        if let Some(replica) = &self.replica {
            replica.reader.close().await;
        }
        self.reader.close().await;
        let _ = self.writer.close().await;
    }
}

/// Runs `act` in a transaction and commits what it did, or nothing.
///
/// A `DbErr` leaves the closure by `?`: on PostgreSQL a swallowed one would make the commit a silent
/// roll-back. Nothing else is awaited inside: no network, no hashing. A lost race is tried again, at
/// most three times.
///
/// Whoever awaits it must go on doing so, and not begin another wait beside it: on SQLite all others wait for the turn of one
/// who is not looked after. Two that go on at once belong side by side (`select!`), or in tasks of their own.
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
    let brought = Mutex::new(None);
    let (act, bring) = (&act, &brought);
    let act = move |tx| -> BoxFuture<'_, Result<(), AppError>> {
        Box::pin(async move {
            let done = act(tx).await?;
            *bring.lock().unwrap_or_else(PoisonError::into_inner) = Some(done);
            Ok(())
        })
    };
    write_patiently(db, &act).await?;
    let brought = brought.into_inner().unwrap_or_else(PoisonError::into_inner);
    brought.ok_or_else(|| AppError::internal("a use case was committed and not carried out"))
}

/// An act, whatever it brings: how it comes to be written is compiled once, and not once for each of them.
type Act<'a> = dyn Fn(Arc<Tx>) -> BoxFuture<'a, Result<(), AppError>> + Sync + 'a;

async fn write_patiently(db: &Db, act: &Act<'_>) -> Result<(), AppError> {
    if let Some(apart) = &db.apart {
        apart.store(false, Ordering::Release);
    }
    let mut pause = Duration::from_millis(5);
    for attempt in 0.. {
        match write_once(db, act).await {
            Err(error) if error.is_retryable() && attempt < 3 => {
                tokio::time::sleep(pause + Duration::from_micros(rand::random_range(0..5_000)))
                    .await;
                pause *= 4;
            }
            outcome => {
                db.note(&outcome);
                return outcome;
            }
        }
    }
    Err(AppError::Busy(Lacking::Transaction))
}

async fn write_once(db: &Db, act: &Act<'_>) -> Result<(), AppError> {
    match &db.together {
        Some(together) => match together.write(&db.writer, act, false).await? {
            Turn::Done => {}
            Turn::Again => match together.write(&db.writer, act, true).await? {
                Turn::Done => {}
                Turn::Again => return Err(AppError::Busy(Lacking::Transaction)),
            },
        },
        None => match carry_out(begin(&db.writer).await?, act).await {
            Ok(tx) => commit(tx).await?,
            Err((tx, error)) => {
                roll_back(tx).await?;
                return Err(error);
            }
        },
    }
    db.tell(News::Committed);
    Ok(())
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place that begins a transaction"
)]
async fn begin(writer: &DatabaseConnection) -> Result<DatabaseTransaction, AppError> {
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    // In a task of its own: who hangs up, or waits no longer, while BEGIN is under way drops the answer to it, and not half
    // of it.
    let writer = writer.clone();
    let begun = tokio::spawn(async move { writer.begin_with_options(options).await });
    let begun = tokio::time::timeout(LONGEST, begun).await;
    let begun = begun.map_err(|_| AppError::Busy(Lacking::Time))?;
    Ok(begun.map_err(AppError::internal)??)
}

/// A savepoint.
#[expect(
    clippy::disallowed_methods,
    reason = "and this the one that begins a part of one"
)]
async fn begin_within(tx: &DatabaseTransaction) -> Result<DatabaseTransaction, AppError> {
    bounded(tx.begin()).await
}

/// A transaction in which somebody has acted; after a failure only where it can still be rolled back.
type CarriedOut = Result<DatabaseTransaction, (Option<DatabaseTransaction>, AppError)>;

/// Acts. What takes too long loses its transaction, which is rolled back as it is dropped: nobody waits for a server that
/// does not answer.
async fn carry_out(tx: DatabaseTransaction, act: &Act<'_>) -> CarriedOut {
    let tx = Arc::new(Tx(tx));
    let Ok(outcome) = tokio::time::timeout(LONGEST, act(Arc::clone(&tx))).await else {
        return Err((None, AppError::Busy(Lacking::Time)));
    };
    match (Arc::into_inner(tx), outcome) {
        (Some(Tx(tx)), Ok(())) => Ok(tx),
        (tx, Err(error)) => Err((tx.map(|Tx(tx)| tx), error)),
        (None, Ok(())) => Err((None, AppError::internal("a use case kept its transaction"))),
    }
}

async fn roll_back(tx: Option<DatabaseTransaction>) -> Result<(), AppError> {
    match tx {
        Some(tx) => bounded(tx.rollback()).await,
        None => Ok(()),
    }
}

/// Whether a commit that failed was written is not known: it is no lost race that wrote nothing.
async fn commit(tx: DatabaseTransaction) -> Result<(), AppError> {
    let commit = tokio::time::timeout(LONGEST, tx.commit()).await;
    let commit = commit.map_err(|_| AppError::Unknown(Lacking::Time))?;
    commit.map_err(AppError::of_commit)
}

/// A step of a transaction that changes nothing yet, or takes everything back.
async fn bounded<T>(step: impl Future<Output = Result<T, DbErr>>) -> Result<T, AppError> {
    let done = tokio::time::timeout(LONGEST, step).await;
    Ok(done.map_err(|_| AppError::Busy(Lacking::Time))??)
}

/// Opens the database and asserts that it keeps its promises. A SQLite file that is not there is made.
///
/// # Errors
/// When it cannot be reached, or is set up to lose acknowledged work.
pub async fn connect(options: &DbOptions) -> Result<Db, AppError> {
    let heard = Arc::new(Heard::new());
    let told = told(heard.clone(), options.observer.clone());
    let (mut own, mut replica) = (None, None);
    let (reader, mut writer) = if file_of(&options.url)?.is_none() {
        let (pool, patience) = (options.pool, options.acquire_timeout);
        let connect = postgres::options("database_url", &options.url)?;
        if let Some((url, wait)) = &options.replica {
            // Reached when it is first needed: a replica that is away stops nobody.
            let patience = Duration::from_secs(1);
            let reader = Reader::postgres(
                postgres::options("replica_url", url)?,
                pool,
                patience,
                told.clone(),
            )?;
            replica = Some(Replica::new(reader, *wait));
        }
        let writer = postgres::connect(options, connect.clone(), heard).await?;
        let reader = Reader::postgres(connect.clone(), pool, patience, told.clone())?;
        own = Some(connect);
        (reader, writer)
    } else {
        sqlite::connect(options, told.clone()).await?
    };
    writer.set_metric_callback(move |info| told(&info.statement.sql, info.elapsed, info.failed));
    if let Some(replica) = &replica {
        match replica.is_ours(&writer).await {
            Ok(true) => {}
            Ok(false) => {
                return Err(AppError::internal(
                    "replica_url names no streaming standby of the database that database_url names",
                ));
            }
            // It may come later; the primary has everything.
            Err(error) => replica.is_away(&error.to_string()),
        }
    }
    Ok(Db {
        reader,
        writer,
        together: own.is_none().then(Together::default),
        postgres: own,
        replica: replica.map(Arc::new),
        apart: None,
        full: Arc::default(),
        committed: Arc::default(),
        published: Arc::default(),
    })
}

/// Hears what is answered, and tells who observes.
fn told(heard: Arc<Heard>, observer: Option<Observer>) -> Observer {
    Arc::new(move |sql, elapsed, failed| {
        if !failed {
            heard.note();
        }
        if let Some(observer) = &observer {
            observer(sql, elapsed, failed);
        }
    })
}

/// Where the database is, without user and password.
///
/// # Errors
/// When the URL names none.
pub(crate) fn place_of(url: &str) -> Result<String, AppError> {
    Ok(match file_of(url)? {
        Some(file) => format!("SQLite in {}", file.display()),
        None => postgres::place_of(&postgres::options("database_url", url)?),
    })
}

/// Where the replica is, without user and password.
///
/// # Errors
/// When the URL names none.
pub(crate) fn place_of_replica(url: &str) -> Result<String, AppError> {
    Ok(postgres::place_of(&postgres::options("replica_url", url)?))
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
