//! The bell between servers on one PostgreSQL: who has changed what others follow rings it, so that they look at once.
//!
//! It saves waiting and is not relied on: whoever follows something also looks at it by itself every now and then, and
//! after each time that the bell could not be heard. No act at a desk rings it, because PostgreSQL lets transactions that
//! notify commit only one after the other: it is rung by whoever has numbered events, after its commit, and by the few
//! who publish or adopt, in theirs.

use std::time::Duration;

use sea_orm::{ConnectionTrait as _, DbBackend, Statement};
use sqlx::Executor as _;
use sqlx::postgres::{PgListener, PgNotification};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::db::{Db, News, Tx};
use crate::error::AppError;

/// How long nothing may be heard until the wire is tried: a connection that was cut far away makes no sound.
const SILENCE: Duration = Duration::from_secs(30);

/// How long the wire may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Pauses between attempts to hear again, when nothing but attempts fail.
const PAUSES: [Duration; 4] = [
    Duration::from_millis(500),
    Duration::from_secs(2),
    Duration::from_secs(5),
    Duration::from_secs(10),
];

fn channel(news: News) -> &'static str {
    match news {
        News::Committed => "lianshen_numbered",
        News::Published => "lianshen_published",
    }
}

/// Tells all servers, if and when this transaction commits, that something was published or adopted.
///
/// # Errors
/// When the database refuses.
pub async fn ring_published(tx: &Tx) -> Result<(), AppError> {
    if tx.get_database_backend() == DbBackend::Postgres {
        let values = [channel(News::Published).into()];
        let ring = "SELECT pg_notify($1, '')";
        let ring = Statement::from_sql_and_values(DbBackend::Postgres, ring, values);
        tx.query_one_raw(ring).await?;
    }
    Ok(())
}

/// Tells the other servers up to which position events are numbered.
///
/// # Errors
/// When the database refuses.
pub async fn ring_numbered(db: &Db, own: Uuid, position: i64) -> Result<(), AppError> {
    if db.engine() == DbBackend::Postgres {
        let payload = format!("{own} {position}");
        let values = [channel(News::Committed).into(), payload.into()];
        let ring = "SELECT pg_notify($1, $2)";
        let ring = Statement::from_sql_and_values(DbBackend::Postgres, ring, values);
        db.writer().query_one_raw(ring).await?;
    }
    Ok(())
}

/// Wakes the loops of this server whenever another one rings, until it is told to stop.
pub async fn listen(db: &Db, own: Uuid, stop: &CancellationToken) {
    let mut failures = 0;
    loop {
        let heard = hear(db, own, &mut failures);
        let Some(ended) = stop.run_until_cancelled(heard).await else {
            return;
        };
        let Err(error) = ended else {
            return;
        };
        if failures == 0 {
            tracing::warn!(%error, "the other servers cannot be heard; what they do is seen a little later");
        }
        let pause = PAUSES[failures.min(PAUSES.len() - 1)];
        failures += 1;
        let slept = stop.run_until_cancelled(tokio::time::sleep(pause));
        if slept.await.is_none() {
            return;
        }
    }
}

/// Hears until the wire is cut; without an error only where there is nobody else to hear.
async fn hear(db: &Db, own: Uuid, failures: &mut usize) -> Result<(), sqlx::Error> {
    let Some(wire) = db.own_connection().await? else {
        return Ok(());
    };
    let mut listener = PgListener::connect_with(&wire).await?;
    listener.eager_reconnect(false);
    listener
        .listen_all([channel(News::Committed), channel(News::Published)])
        .await?;
    if *failures > 0 {
        tracing::info!("the other servers are heard again");
    }
    *failures = 0;
    // Whatever rang while nobody listened.
    db.tell(News::Committed);
    db.tell(News::Published);
    loop {
        match tokio::time::timeout(SILENCE, listener.try_recv()).await {
            Ok(Ok(Some(rung))) => take_in(db, own, &rung),
            Ok(Ok(None)) => {
                return Err(sqlx::Error::Protocol("the connection was cut".to_owned()));
            }
            Ok(Err(error)) => return Err(error),
            Err(_silence) => {
                let tried = tokio::time::timeout(PATIENCE, listener.execute("SELECT 1")).await;
                tried.map_err(|_| sqlx::Error::PoolTimedOut)??;
            }
        }
    }
}

fn take_in(db: &Db, own: Uuid, rung: &PgNotification) {
    if rung.channel() == channel(News::Published) {
        db.tell(News::Published);
        return;
    }
    // What this server numbered it has fed on already.
    let by = rung.payload().split(' ').next();
    if by.and_then(|by| by.parse().ok()) != Some(own) {
        db.tell(News::Committed);
    }
}
