//! Connections for reading.
//!
//! `sqlx`'s own pool asks each connection that comes home whether it is well: one more round trip for every statement,
//! and a task to wait for it. Here one is taken back at once, and given up where its last statement did not end; what
//! was broken while it rested shows at the next statement, which changes nothing and is sent again on a new one.

use std::io::ErrorKind::TimedOut;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use deadpool::Runtime;
use deadpool::managed::{Manager, Metrics, Object, Pool, PoolError, RecycleError, RecycleResult};
use sea_orm::sea_query::{Value, Values};
use sea_orm::{
    ConnAcquireErr, ConnectionTrait, DatabaseConnection, DbBackend, DbErr, ExecResult, QueryResult,
    RuntimeErr, SqlxPostgresConnector, SqlxSqliteConnector, Statement,
};
use sea_query_sqlx::SqlxValues;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqlitePoolOptions};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _};

use super::{Observer, postgres};
use crate::error::AppError;

/// How long a connection serves.
const LIFETIME: Duration = Duration::from_mins(30);

/// After so long a rest a connection is asked whether it is well: the server may have been restarted since.
const REST: Duration = Duration::from_secs(30);

/// Statements are planned once a connection. Left to itself PostgreSQL plans an inbox anew for each department that has more work
/// than others, which takes as long as reading it. Plans for all values name the same indexes; limits are in the text.
const PLANNED_ONCE: &str = "SET plan_cache_mode = force_generic_plan";

/// How long it may take to answer that, or to be made; and how long PostgreSQL may take to answer anything.
const PATIENCE: Duration = Duration::from_secs(10);

/// Reads, by as many connections as it was given.
#[derive(Clone)]
pub struct Reader {
    pool: Pool<Maker>,
    told: Observer,
}

/// Makes connections, and looks at those that were used before.
#[derive(Debug)]
enum Maker {
    Postgres(Box<PgConnectOptions>),
    Sqlite(Box<SqliteConnectOptions>),
}

struct Kept {
    line: Line,
    /// Its last statement came to its end.
    is_whole: bool,
}

enum Line {
    Postgres(PgConnection),
    Sqlite(SqliteConnection),
}

impl Manager for Maker {
    type Type = Kept;
    type Error = sqlx::Error;

    async fn create(&self) -> Result<Kept, sqlx::Error> {
        let line = match self {
            Self::Postgres(options) => {
                let mut connection = postgres::session(options).await?;
                connection.execute(PLANNED_ONCE).await?;
                Line::Postgres(connection)
            }
            Self::Sqlite(options) => Line::Sqlite(SqliteConnection::connect_with(options).await?),
        };
        Ok(Kept {
            line,
            is_whole: true,
        })
    }

    async fn recycle(&self, kept: &mut Kept, metrics: &Metrics) -> RecycleResult<sqlx::Error> {
        if !kept.is_whole || metrics.age() > LIFETIME {
            return Err(RecycleError::message("served its time"));
        }
        if metrics.last_used() > REST
            && let Line::Postgres(connection) = &mut kept.line
        {
            connection.ping().await?;
        }
        Ok(())
    }
}

impl Reader {
    /// As many connections to PostgreSQL, made when they are needed.
    pub(super) fn postgres(
        options: PgConnectOptions,
        connections: u32,
        patience: Duration,
        told: Observer,
    ) -> Result<Self, AppError> {
        Self::new(
            Maker::Postgres(Box::new(options)),
            connections,
            patience,
            told,
        )
    }

    /// As many connections to SQLite, made when they are needed.
    pub(super) fn sqlite(
        options: SqliteConnectOptions,
        connections: u32,
        patience: Duration,
        told: Observer,
    ) -> Result<Self, AppError> {
        Self::new(
            Maker::Sqlite(Box::new(options)),
            connections,
            patience,
            told,
        )
    }

    fn new(
        maker: Maker,
        connections: u32,
        wait: Duration,
        told: Observer,
    ) -> Result<Self, AppError> {
        let pool = Pool::builder(maker)
            .max_size(usize::try_from(connections.max(1)).unwrap_or(1))
            .wait_timeout(Some(wait))
            .create_timeout(Some(PATIENCE))
            .recycle_timeout(Some(PATIENCE))
            .runtime(Runtime::Tokio1)
            .build()
            .map_err(AppError::internal)?;
        Ok(Self { pool, told })
    }

    /// One more connection, for many statements that see one moment.
    pub(super) async fn alone(&self) -> Result<DatabaseConnection, sqlx::Error> {
        Ok(match self.pool.manager() {
            Maker::Postgres(options) => {
                let pool = PgPoolOptions::new().max_connections(1);
                let pool = pool.connect_with((**options).clone()).await?;
                SqlxPostgresConnector::from_sqlx_postgres_pool(pool)
            }
            Maker::Sqlite(options) => {
                let pool = SqlitePoolOptions::new().max_connections(1);
                let pool = pool.connect_with((**options).clone()).await?;
                SqlxSqliteConnector::from_sqlx_sqlite_pool(pool)
            }
        })
    }

    /// Closes the connections, each when its statement is done.
    pub(super) async fn close(&self) {
        for _ in 0..self.pool.status().size {
            if let Ok(kept) = self.pool.get().await {
                let closed = match Object::take(kept).line {
                    Line::Postgres(connection) => connection.close().await,
                    Line::Sqlite(connection) => connection.close().await,
                };
                if let Err(error) = closed {
                    tracing::debug!(%error, "a connection for reading did not close in good order");
                }
            }
        }
        self.pool.close();
    }

    /// Sends a statement and gathers its rows; once more, where a connection had broken while it rested.
    async fn ask(&self, mut statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        if statement.db_backend == DbBackend::Postgres {
            name_limit(&mut statement);
        }
        let begun = Instant::now();
        let mut answer = self.ask_once(&statement).await;
        if matches!(answer, Err(Failure::WasBroken(_))) {
            // What rested beside it is no better.
            self.pool.retain(|_, _| false);
            answer = self.ask_once(&statement).await;
        }
        let answer = answer.map_err(Failure::into);
        (self.told)(&statement.sql, begun.elapsed(), answer.is_err());
        answer
    }

    async fn ask_once(&self, statement: &Statement) -> Result<Vec<QueryResult>, Failure> {
        let mut kept = self.pool.get().await?;
        let has_rested = Object::metrics(&kept).recycle_count > 0;
        // Whoever stops waiting leaves half an answer in the connection.
        kept.is_whole = false;
        let answer = kept.line.ask(statement).await;
        match answer {
            Ok(rows) => {
                kept.is_whole = true;
                Ok(rows)
            }
            Err(error) if is_broken(&error) && has_rested => Err(Failure::WasBroken(error)),
            Err(error) => {
                kept.is_whole = !is_broken(&error);
                Err(Failure::Refused(error))
            }
        }
    }
}

impl Line {
    async fn ask(&mut self, statement: &Statement) -> Result<Vec<QueryResult>, sqlx::Error> {
        let sql = AssertSqlSafe(statement.sql.as_str());
        let values = SqlxValues(statement.values.clone().unwrap_or(Values(Vec::new())));
        match self {
            Self::Postgres(connection) => {
                let rows = sqlx::query_with(sql, values).fetch_all(connection);
                // A server that is gone without a word neither answers nor ends the connection; one that is there gives up
                // before this.
                let rows = tokio::time::timeout(PATIENCE, rows).await;
                let rows = rows.unwrap_or_else(|_| Err(sqlx::Error::Io(TimedOut.into())))?;
                Ok(rows.into_iter().map(QueryResult::from).collect())
            }
            Self::Sqlite(connection) => {
                let rows = sqlx::query_with(sql, values).fetch_all(connection).await?;
                Ok(rows.into_iter().map(QueryResult::from).collect())
            }
        }
    }
}

/// Writes the limit at the end of a statement into its text.
///
/// PostgreSQL takes a limit that it is not told for a tenth of all there is. For that it would read an inbox with several
/// processes, and since this looks dear it plans the statement anew each time: half of what a page costs it.
fn name_limit(statement: &mut Statement) {
    let Some(Values(values)) = &mut statement.values else {
        return;
    };
    // Looked for at the end alone: few statements have one, and most are long.
    let said = statement
        .sql
        .trim_end_matches(|last: char| last.is_ascii_digit());
    let place = &statement.sql[said.len()..];
    let Some(before) = said.strip_suffix(" LIMIT $") else {
        return;
    };
    let is_alone = place.parse() == Ok(values.len()) && !before.contains(&format!("${place}"));
    if let Some(Value::BigUnsigned(Some(limit))) = values.last().filter(|_| is_alone) {
        statement.sql = format!("{before} LIMIT {limit}");
        values.pop();
    }
}

/// Why there are no rows.
enum Failure {
    /// No connection was to be had.
    NoConnection(DbErr),
    /// The connection had broken since it was last used.
    WasBroken(sqlx::Error),
    /// The database says so.
    Refused(sqlx::Error),
}

impl From<PoolError<sqlx::Error>> for Failure {
    fn from(error: PoolError<sqlx::Error>) -> Self {
        Self::NoConnection(match error {
            PoolError::Backend(error) => DbErr::Conn(RuntimeErr::SqlxError(error.into())),
            PoolError::Closed => DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed),
            _ => DbErr::ConnectionAcquire(ConnAcquireErr::Timeout),
        })
    }
}

impl From<Failure> for DbErr {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::NoConnection(error) => error,
            Failure::WasBroken(error) | Failure::Refused(error) => {
                Self::Query(RuntimeErr::SqlxError(error.into()))
            }
        }
    }
}

/// Whether nothing more can be said on a connection.
fn is_broken(error: &sqlx::Error) -> bool {
    match error {
        // The server goes down, or has this connection ended.
        sqlx::Error::Database(error) => error.code().is_some_and(|code| code.starts_with("57P")),
        sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed => true,
        _ => false,
    }
}

#[async_trait]
impl ConnectionTrait for Reader {
    fn get_database_backend(&self) -> DbBackend {
        match self.pool.manager() {
            Maker::Postgres(_) => DbBackend::Postgres,
            Maker::Sqlite(_) => DbBackend::Sqlite,
        }
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.ask(statement).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        Ok(self.ask(statement).await?.into_iter().next())
    }

    /// Nothing is changed by way of a reader.
    async fn execute_raw(&self, _: Statement) -> Result<ExecResult, DbErr> {
        Err(reads_only())
    }

    /// Nothing is changed by way of a reader.
    async fn execute_unprepared(&self, _: &str) -> Result<ExecResult, DbErr> {
        Err(reads_only())
    }
}

fn reads_only() -> DbErr {
    DbErr::Custom("a reader changes nothing".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(sql: &str, values: Vec<Value>) -> (String, usize) {
        let mut statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, values);
        name_limit(&mut statement);
        (
            statement.sql,
            statement.values.map_or(0, |values| values.0.len()),
        )
    }

    #[test]
    fn a_limit_is_named_where_it_is_the_last_thing_that_is_said() {
        let (text, limit) = (Value::from("x"), Value::from(51_u64));
        let both = vec![text.clone(), limit.clone()];
        let page = "SELECT 1 FROM review WHERE item = $1 ORDER BY id LIMIT $2";
        let known = "SELECT 1 FROM review WHERE item = $1 ORDER BY id LIMIT 51";
        assert_eq!(named(page, both.clone()), (known.to_owned(), 1));
        for (sql, values) in [
            (known, vec![text.clone()]),
            ("SELECT 1 WHERE $1 = $2", both.clone()),
            ("SELECT 1 WHERE a = $2 LIMIT $1", vec![limit, text.clone()]),
            ("SELECT 1 FROM review LIMIT $1 OFFSET $2", both.clone()),
            ("SELECT $2 WHERE item = $1 LIMIT $2", both),
            ("SELECT 1 WHERE a = ' LIMIT $1'", vec![Value::from(1_u64)]),
            ("SELECT 1 LIMIT $1", vec![text]),
            ("SELECT 1", Vec::new()),
        ] {
            let count = values.len();
            assert_eq!(named(sql, values), (sql.to_owned(), count), "{sql}");
        }
    }
}
