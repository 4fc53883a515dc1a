//! Leases: what one server at a time ought to do, however many there are on one database.
//!
//! A lease ends by the clock of the database, so the clocks of the servers need not agree on it. Its fence grows whenever
//! it goes to another server. What has rows of its own that make it exactly once (a sweep locks each application, an
//! event is numbered under a unique index) needs the lease only so that two do not toil at the same; what has none asks
//! for the fence in its own transaction ([`Lease::expect`]). A holder that was paused for longer than its lease finds
//! another fence there when it wakes up, and writes nothing.

use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use lianshen_entity::lease;
use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, DbBackend, EntityTrait as _, QueryFilter as _,
    QuerySelect as _, Set, Statement, Value,
};
use tokio::time::{Instant, MissedTickBehavior};
use uuid::Uuid;

use crate::db::{self, Db, Tx};
use crate::env::Env;
use crate::error::{AppError, Lacking};

/// How long a server that died keeps the others waiting.
const TERM: Duration = Duration::from_mins(1);

/// How often a holder that is at work says that it still is.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// Where the lease went to another server while this one worked.
const LOST: AppError = AppError::Busy(Lacking::Lease);

/// A lease that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    name: &'static str,
    holder: Uuid,
    fence: i64,
    /// The last day for which the work was done, if it is done once a day.
    pub done_on: Option<NaiveDate>,
}

/// Takes a lease, or renews it; `None` while another server has it.
///
/// SQLite has one process only: what a former one left behind ends at once.
///
/// # Errors
/// When the database refuses; and where this server's clock is not that of the database: what time brings about stands for
/// good, and a wrong clock would bring it about for everybody.
pub async fn take(
    db: &Db,
    env: &Env,
    name: &'static str,
    holder: Uuid,
) -> Result<Option<Lease>, AppError> {
    expect_time_of_day(db, env).await?;
    let engine = db.engine();
    let mut values: Vec<Value> = vec![name.into(), holder.into()];
    let (until, is_free) = if engine == DbBackend::Postgres {
        let is_free = "lease.until <= clock_timestamp() OR lease.holder = excluded.holder";
        (until_by_database(TERM), is_free)
    } else {
        values.push((env.now() + TERM).into());
        ("$3".to_owned(), "true")
    };
    // By hand, because it decides, writes and answers in one statement: there is no moment between for another server.
    let sql = format!(
        "INSERT INTO lease (name, holder, fence, until) VALUES ($1, $2, 1, {until}) \
         ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until, \
         fence = lease.fence + CASE WHEN lease.holder = excluded.holder THEN 0 ELSE 1 END \
         WHERE {is_free} RETURNING fence, done_on"
    );
    let taken = db::write(db, async |tx| {
        let statement = Statement::from_sql_and_values(engine, &sql, values.clone());
        Ok(tx.query_one_raw(statement).await?)
    })
    .await?;
    let Some(row) = taken else {
        return Ok(None);
    };
    Ok(Some(Lease {
        name,
        holder,
        fence: row.try_get("", "fence")?,
        done_on: row.try_get("", "done_on")?,
    }))
}

async fn expect_time_of_day(db: &Db, env: &Env) -> Result<(), AppError> {
    if !env.tells_time_of_day() {
        return Ok(());
    }
    let told = db.ping().await?;
    let Some(ahead) = told.and_then(|told| env.contradicted_by(told)) else {
        return Ok(());
    };
    let (seconds, side) = match ahead.num_seconds() {
        late if late < 0 => (-late, "behind"),
        early => (early, "ahead of"),
    };
    Err(AppError::internal(format!(
        "this machine's clock is {seconds} s {side} that of the database; set it, or nothing is done here that time brings about"
    )))
}

/// Gives back, at once, all leases of a server that stops.
///
/// # Errors
/// When the database refuses; they then end by themselves.
pub async fn give_back(db: &Db, holder: Uuid) -> Result<(), AppError> {
    // Another holder's name, so that work still under way under the lease does not renew it.
    db::write(db, async |tx| {
        lease::Entity::update_many()
            .col_expr(lease::Column::Holder, Expr::value(Uuid::nil()))
            .col_expr(
                lease::Column::Until,
                Expr::value(DateTime::<Utc>::UNIX_EPOCH),
            )
            .filter(lease::Column::Holder.eq(holder))
            .exec(&tx.0)
            .await?;
        Ok(())
    })
    .await
}

/// Takes the turn at what only one does at a time for the length of this transaction: the row is the lock. The fence
/// counts the turns.
///
/// # Errors
/// When the database refuses, or the turn cannot be had in time.
pub async fn turn(
    tx: &Tx,
    name: &'static str,
    holder: Uuid,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    let turn = lease::ActiveModel {
        name: Set(name.to_owned()),
        holder: Set(holder),
        fence: Set(1),
        until: Set(now),
        done_on: Set(None),
    };
    let fence = Expr::col((lease::Entity, lease::Column::Fence)).add(1);
    lease::Entity::insert(turn)
        .on_conflict(
            OnConflict::column(lease::Column::Name)
                .update_columns([lease::Column::Holder, lease::Column::Until])
                .value(lease::Column::Fence, fence)
                .to_owned(),
        )
        .exec_without_returning(&tx.0)
        .await?;
    Ok(())
}

/// Who has a lease, or last took a turn; `None` for one that nobody ever took. What is no server may leave its mark there, too.
///
/// # Errors
/// When the database cannot be read.
pub async fn holder(db: &Db, name: &'static str) -> Result<Option<Uuid>, AppError> {
    let found = lease::Entity::find_by_id(name).one(db.reader()).await?;
    Ok(found.map(|row| row.holder))
}

impl Lease {
    /// Works under the lease, and renews it meanwhile. When it is lost, because this server was paused for too long, the
    /// work is broken off.
    ///
    /// # Errors
    /// What the work answers; busy when the lease was lost.
    pub async fn keep<T>(
        &self,
        db: &Db,
        env: &Env,
        work: impl Future<Output = Result<T, AppError>>,
    ) -> Result<T, AppError> {
        self.keep_by(HEARTBEAT, db, env, work).await
    }

    /// As [`keep`](Self::keep), and says so often that it is still at work.
    ///
    /// # Errors
    /// As [`keep`](Self::keep).
    pub async fn keep_by<T>(
        &self,
        heartbeat: Duration,
        db: &Db,
        env: &Env,
        work: impl Future<Output = Result<T, AppError>>,
    ) -> Result<T, AppError> {
        // Side by side: where the work waits for its turn to write, or has it, the renewal waits behind it, and would for ever
        // if the work stood still meanwhile.
        tokio::select! {
            done = work => done,
            () = self.renew_until_lost(heartbeat, db, env) => Err(LOST),
        }
    }

    async fn renew_until_lost(&self, heartbeat: Duration, db: &Db, env: &Env) {
        let mut beat = tokio::time::interval_at(Instant::now() + heartbeat, heartbeat);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            beat.tick().await;
            match self.renew(db, env).await {
                Ok(true) => {}
                Ok(false) => return,
                // The work meets the same database, and says so itself.
                Err(error) => {
                    tracing::warn!(lease = self.name, %error, "a lease could not be renewed");
                }
            }
        }
    }

    /// Whether it is still held; then it begins anew.
    async fn renew(&self, db: &Db, env: &Env) -> Result<bool, AppError> {
        let engine = db.engine();
        let mut values: Vec<Value> = vec![self.name.into(), self.holder.into(), self.fence.into()];
        let until = if engine == DbBackend::Postgres {
            until_by_database(TERM)
        } else {
            values.push((env.now() + TERM).into());
            "$4".to_owned()
        };
        let sql = format!(
            "UPDATE lease SET until = {until} WHERE name = $1 AND holder = $2 AND fence = $3"
        );
        let renewed = db::write(db, async |tx| {
            let statement = Statement::from_sql_and_values(engine, &sql, values.clone());
            Ok(tx.execute_raw(statement).await?)
        })
        .await?;
        Ok(renewed.rows_affected() == 1)
    }

    /// Makes sure, inside the transaction that depends on it, that the lease went to nobody else, and keeps it so until
    /// the commit.
    ///
    /// # Errors
    /// Busy when it did; nothing may be written then.
    pub async fn expect(&self, tx: &Tx) -> Result<(), AppError> {
        let held = lease::Entity::find_by_id(self.name)
            .filter(lease::Column::Holder.eq(self.holder))
            .filter(lease::Column::Fence.eq(self.fence))
            .lock_shared()
            .one(&tx.0)
            .await?;
        held.map(|_| ()).ok_or(LOST)
    }

    /// Notes that the work of a day is done, unless the lease was lost over it.
    ///
    /// # Errors
    /// Busy when the lease was lost; whoever has it now does the work again.
    pub async fn note_done(&self, db: &Db, day: NaiveDate) -> Result<(), AppError> {
        db::write(db, async |tx| {
            self.expect(&tx).await?;
            lease::Entity::update_many()
                .col_expr(lease::Column::DoneOn, Expr::value(day))
                .filter(lease::Column::Name.eq(self.name))
                .exec(&tx.0)
                .await?;
            Ok(())
        })
        .await
    }
}

fn until_by_database(term: Duration) -> String {
    format!("clock_timestamp() + interval '{} seconds'", term.as_secs())
}
