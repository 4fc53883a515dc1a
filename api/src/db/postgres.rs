//! PostgreSQL: how connections to it are made, for acts and for reading.

use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Duration;

use sea_orm::{DatabaseConnection, SqlxPostgresConnector};
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPoolOptions};
use sqlx::{ConnectOptions as _, Connection as _, Executor as _};

use super::heard::Heard;
use super::{DbOptions, assert_setting, pooler};
use crate::error::AppError;

/// How the primary, or the replica, is reached; `key` is the setting that says so.
pub(super) fn options(key: &str, url: &str) -> Result<PgConnectOptions, AppError> {
    // What it is instead is not repeated: it may hold a password.
    if !is_meant(url) {
        return Err(AppError::internal(format!(
            "{key} names no PostgreSQL: write postgres://user:password@host/database"
        )));
    }
    let options = PgConnectOptions::from_str(url).map_err(|error| {
        AppError::internal(format!(
            "{key} cannot be read: {error}; write postgres://user:password@host/database"
        ))
    })?;
    Ok(options
        .application_name("lianshen")
        .disable_statement_logging())
}

/// Whether a URL is PostgreSQL's.
pub(super) fn is_meant(url: &str) -> bool {
    url.starts_with("postgres:") || url.starts_with("postgresql:")
}

/// Where it is, without user and password.
pub(super) fn place_of(options: &PgConnectOptions) -> String {
    let database = options.get_database().unwrap_or("(the user's own)");
    let port = options.get_port();
    match options.get_socket() {
        Some(socket) => format!(
            "PostgreSQL at {}, port {port}, database {database}",
            socket.display()
        ),
        None => format!(
            "PostgreSQL at {}:{port}, database {database}",
            options.get_host()
        ),
    }
}

/// Why it cannot be used, and which it is.
pub(super) fn unusable(options: &PgConnectOptions, error: &sqlx::Error) -> AppError {
    AppError::internal(format!("{} cannot be used: {error}", place_of(options)))
}

/// How long a connection may take to come back to the pool in good order.
const FAREWELL: Duration = Duration::from_secs(3);

/// Holds for a session. By a statement, because a pooler in between drops what a connection brings along.
const SESSION: &str = "SET statement_timeout = '5s'; SET lock_timeout = '2s'; \
     SET idle_in_transaction_session_timeout = '10s'; SET synchronous_commit = on; SET timezone = 'UTC'";

/// A connection with the settings that hold for a session.
pub(super) async fn session(options: &PgConnectOptions) -> Result<PgConnection, sqlx::Error> {
    let mut connection = PgConnection::connect_with(options).await?;
    connection.execute(SESSION).await?;
    Ok(connection)
}

/// The connections for acts. Those for reading are a [`super::Reader`]'s.
pub(super) async fn connect(
    options: &DbOptions,
    connect: PgConnectOptions,
    heard: Arc<Heard>,
) -> Result<DatabaseConnection, AppError> {
    pooler::expect_sessions(&connect).await?;
    let pool = PgPoolOptions::new()
        .max_connections(options.pool)
        .acquire_timeout(options.acquire_timeout)
        .test_before_acquire(false)
        .max_lifetime(Duration::from_mins(30))
        .after_connect(|connection, _| {
            Box::pin(async move {
                connection.execute(SESSION).await?;
                Ok(())
            })
        })
        .before_acquire(|connection, meta| {
            Box::pin(async move {
                // The server may have been restarted since; one that was busy just now needs no asking.
                if meta.idle_for > Duration::from_secs(30) {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
        .after_release(move |connection, _| {
            let is_silent = heard.is_silent();
            Box::pin(async move {
                // The pool asks each connection that comes home, and waits for ever. Where the server is gone without a
                // word the answer never comes, and the place in the pool would be taken until TCP gives up.
                if is_silent {
                    let asked = tokio::time::timeout(FAREWELL, connection.ping());
                    asked.await.map_err(|_| sqlx::Error::PoolTimedOut)??;
                }
                Ok(true)
            })
        })
        .connect_with(connect.clone())
        .await
        .map_err(|error| unusable(&connect, &error))?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_place_is_told_and_nobody_s_password() {
        let place = |url| place_of(&options("database_url", url).unwrap());
        assert_eq!(
            place("postgres://a:S3CRET@b:5433/c"),
            "PostgreSQL at b:5433, database c"
        );
        let socket = place("postgres://a:S3CRET@localhost/c?host=/run/postgresql");
        assert_eq!(
            socket,
            "PostgreSQL at /run/postgresql, port 5432, database c"
        );
        let error = sqlx::Error::PoolTimedOut;
        let url = "postgres://a:S3CRET@b:5433/c";
        let told = unusable(&options("database_url", url).unwrap(), &error).to_string();
        assert!(
            told.contains("PostgreSQL at b:5433, database c cannot be used: "),
            "{told}"
        );
        for url in ["mysql://a:S3CRET@b/c", "a.db", "postgres://a:S3CRET@b:x/c"] {
            let refused = options("replica_url", url).unwrap_err().to_string();
            assert!(refused.contains("replica_url"), "{refused}");
            assert!(
                refused.contains("postgres://user:password@host/database"),
                "{refused}"
            );
            assert!(!refused.contains("S3CRET"), "{refused}");
        }
    }
}
