//! What stands between this program and PostgreSQL must give each connection a session of its own.
//!
//! A pooler that hands the session to another client after each transaction or statement (`PgBouncer` in transaction or
//! statement mode) would let settings, prepared statements, the hold on a lease and the ear for other servers slip to
//! whoever comes next: now and then, and under load first. So that is found out at the start, and refused.

use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{Connection as _, Executor as _};

use super::postgres;
use crate::error::AppError;

/// A pooler that has no session to give lets one wait for much longer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Connects twice, and makes sure that each connection keeps the session that it was given.
///
/// # Errors
/// When the database cannot be reached, or sessions pass from hand to hand.
pub(super) async fn expect_sessions(options: &PgConnectOptions) -> Result<(), AppError> {
    // A pool would only say that it waited in vain; one connection says why.
    let connect = || PgConnection::connect_with(options);
    let (mut one, mut two) = tokio::try_join!(connect(), connect())
        .map_err(|error| postgres::unusable(options, &error))?;
    let asked = tokio::time::timeout(PATIENCE, keep_their_own(&mut one, &mut two)).await;
    let kept = match asked {
        Ok(Ok(kept)) => kept,
        // No session was left, though each has one of its own; or no transaction may be begun.
        Ok(Err(sqlx::Error::Database(_))) | Err(_) => false,
        Ok(Err(error)) => return Err(postgres::unusable(options, &error)),
    };
    for connection in [one, two] {
        // One that is stuck goes with its socket.
        let _ = tokio::time::timeout(Duration::from_secs(1), connection.close()).await;
    }
    if kept {
        return Ok(());
    }
    Err(AppError::internal(
        "between this program and PostgreSQL stands a pooler in transaction or statement mode, which loses settings, \
         prepared statements and notifications; set it to session mode (PgBouncer: pool_mode = session) or connect \
         to PostgreSQL itself",
    ))
}

/// A pooler gives a session that is free to whoever needs one next: while one connection rests, the other, in the midst
/// of a transaction, would be given the same; and then the first another one.
async fn keep_their_own(
    one: &mut PgConnection,
    two: &mut PgConnection,
) -> Result<bool, sqlx::Error> {
    let first = session_of(one).await?;
    two.execute("BEGIN").await?;
    let second = session_of(two).await?;
    let kept = first != second && session_of(one).await? == first;
    two.execute("ROLLBACK").await?;
    Ok(kept)
}

async fn session_of(connection: &mut PgConnection) -> Result<i32, sqlx::Error> {
    // Not prepared: a statement prepared in one session is unknown in the next, which is not to be found out here.
    let row = connection
        .fetch_one(sqlx::raw_sql("SELECT pg_backend_pid()"))
        .await?;
    sqlx::Row::try_get(&row, 0)
}
