//! Accounts, sessions and signing keys in the database.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use lianshen_domain::actor::{Actor, Role};
use lianshen_domain::code::Code as _;
use lianshen_domain::ids::{AccountId, Id as _, SessionId};
use lianshen_domain::rejected::Reason;
use lianshen_domain::session::{SessionEnd, SessionTimes};
use lianshen_entity::{Coded, account, department, session, signing_key};
use sea_orm::sea_query::{Condition, Expr, OnConflict};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, FromQueryResult,
    IntoActiveModel as _, JoinType, QueryFilter as _, QueryOrder as _, QuerySelect as _, Set,
    SqlErr, Value,
};
use uuid::Uuid;

use crate::db::{Db, Tx};
use crate::error::AppError;
use crate::retention;

/// A session and its account, as far as a request depends on them.
#[derive(Clone, FromQueryResult)]
pub(super) struct Standing {
    account_id: Uuid,
    session_id: Uuid,
    last_seen_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    ended_at: Option<DateTime<Utc>>,
    region: String,
    role: Coded<Role>,
    department: Option<String>,
    window: Option<String>,
    display_name: String,
    closed_at: Option<DateTime<Utc>>,
    /// Up to where the account's centre has published and adopted.
    pub(super) revision: Option<i64>,
}

impl Standing {
    pub(super) fn times(&self) -> SessionTimes {
        SessionTimes {
            last_seen_at: self.last_seen_at,
            expires_at: self.expires_at,
            // Closing an account ends its sessions; should one have slipped through, it ends here.
            ended_at: self.ended_at.or(self.closed_at),
        }
    }

    pub(super) fn actor(self) -> Actor {
        Actor {
            account: AccountId::new(self.account_id),
            session: SessionId::new(self.session_id),
            role: self.role.0,
            region: self.region,
            department: self.department,
            window: self.window,
            display_name: self.display_name,
        }
    }
}

/// The session with its account, in one statement.
pub(super) async fn standing(
    db: &impl ConnectionTrait,
    session: SessionId,
) -> Result<Option<Standing>, DbErr> {
    Ok(standings(db, vec![session]).await?.remove(&session))
}

/// Several sessions with their accounts.
pub(super) async fn standings(
    db: &impl ConnectionTrait,
    mut sessions: Vec<SessionId>,
) -> Result<HashMap<SessionId, Standing>, DbErr> {
    // The last one is asked for again until there are 1, 2, 4, 8 …: so the statement has few texts, which the database
    // knows already.
    if let Some(last) = sessions.last().copied() {
        sessions.resize(sessions.len().next_power_of_two(), last);
    }
    let to_account = session::Entity::belongs_to(account::Entity)
        .from(session::Column::AccountId)
        .to(account::Column::Id)
        .into();
    let revision = Expr::cust("(SELECT revision FROM centre WHERE centre.region = account.region)");
    let found = session::Entity::find()
        .filter(session::Column::Id.is_in(sessions.iter().map(|session| session.raw())))
        .select_only()
        .column_as(session::Column::Id, "session_id")
        .column_as(revision, "revision")
        .columns([
            session::Column::AccountId,
            session::Column::LastSeenAt,
            session::Column::ExpiresAt,
            session::Column::EndedAt,
        ])
        .columns([
            account::Column::Region,
            account::Column::Role,
            account::Column::Department,
            account::Column::Window,
            account::Column::DisplayName,
            account::Column::ClosedAt,
        ])
        .join(JoinType::InnerJoin, to_account)
        .into_model::<Standing>()
        .all(db)
        .await?;
    let found = found.into_iter();
    Ok(found
        .map(|standing| (SessionId::new(standing.session_id), standing))
        .collect())
}

pub(super) async fn account_named(
    db: &impl ConnectionTrait,
    name: &str,
) -> Result<Option<account::Model>, DbErr> {
    account::Entity::find()
        .filter(account::Column::Name.eq(name))
        .one(db)
        .await
}

/// Locks an account against being closed or changed meanwhile.
pub(super) async fn lock_account(
    tx: &Tx,
    account: AccountId,
) -> Result<Option<account::Model>, DbErr> {
    account::Entity::find_by_id(account.raw())
        .lock_exclusive()
        .one(&tx.0)
        .await
}

pub(super) async fn add_account(tx: &Tx, row: account::Model) -> Result<(), AppError> {
    match account::Entity::insert(row.into_active_model())
        .exec_without_returning(&tx.0)
        .await
    {
        Ok(_) => Ok(()),
        Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => {
            Err(Reason::AccountNameTaken.at("name").into())
        }
        Err(error) => Err(error.into()),
    }
}

/// Closes an account that is open and at the given version; answers whether it was.
pub(super) async fn close_account(
    tx: &Tx,
    account: AccountId,
    version: i64,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    change_open(tx, account, version, (account::Column::ClosedAt, now)).await
}

/// Stores another hash for an account that is open and at the given version; answers whether it was.
pub(super) async fn reset_password(
    tx: &Tx,
    account: AccountId,
    version: i64,
    hash: &str,
) -> Result<bool, DbErr> {
    change_open(tx, account, version, (account::Column::PasswordHash, hash)).await
}

/// Changes one column of an account that is open and at the given version; answers whether it was.
async fn change_open(
    tx: &Tx,
    account: AccountId,
    version: i64,
    (column, value): (account::Column, impl Into<Value>),
) -> Result<bool, DbErr> {
    let done = account::Entity::update_many()
        .col_expr(column, Expr::value(value))
        .col_expr(account::Column::Version, Expr::value(version + 1))
        .filter(account::Column::Id.eq(account.raw()))
        .filter(account::Column::Version.eq(version))
        .filter(account::Column::ClosedAt.is_null())
        .exec(&tx.0)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Replaces the stored hash by another, unless it was replaced meanwhile; answers whether it was ours to replace.
pub(super) async fn replace_hash(
    tx: &Tx,
    account: AccountId,
    old: &str,
    new: &str,
) -> Result<bool, DbErr> {
    let done = account::Entity::update_many()
        .col_expr(account::Column::PasswordHash, Expr::value(new))
        .filter(account::Column::Id.eq(account.raw()))
        .filter(account::Column::PasswordHash.eq(old))
        .exec(&tx.0)
        .await?;
    Ok(done.rows_affected == 1)
}

/// One account of a centre.
pub(super) async fn account_in(
    db: &impl ConnectionTrait,
    region: &str,
    account: AccountId,
) -> Result<Option<account::Model>, DbErr> {
    account::Entity::find_by_id(account.raw())
        .filter(account::Column::Region.eq(region))
        .one(db)
        .await
}

/// The accounts of a centre by name, after a name.
pub(super) async fn accounts_in(
    db: &impl ConnectionTrait,
    region: &str,
    after: Option<&str>,
    limit: u64,
) -> Result<Vec<account::Model>, DbErr> {
    let mut accounts = account::Entity::find().filter(account::Column::Region.eq(region));
    if let Some(after) = after {
        accounts = accounts.filter(account::Column::Name.gt(after));
    }
    accounts
        .order_by_asc(account::Column::Name)
        .limit(limit)
        .all(db)
        .await
}

pub(super) async fn has_open_administrator(tx: &Tx, region: &str) -> Result<bool, DbErr> {
    let administrator = account::Entity::find()
        .filter(account::Column::Region.eq(region))
        .filter(account::Column::Role.eq(Role::SystemAdministrator.code()))
        .filter(account::Column::ClosedAt.is_null())
        .one(&tx.0)
        .await?;
    Ok(administrator.is_some())
}

/// Whether the centre has a department of this code.
pub(crate) async fn has_department(
    db: &impl ConnectionTrait,
    region: &str,
    code: &str,
) -> Result<bool, DbErr> {
    let department = department::Entity::find()
        .filter(department::Column::Region.eq(region))
        .filter(department::Column::Code.eq(code))
        .one(db)
        .await?;
    Ok(department.is_some())
}

pub(super) async fn add_session(tx: &Tx, row: session::Model) -> Result<(), DbErr> {
    session::Entity::insert(row.into_active_model())
        .exec_without_returning(&tx.0)
        .await?;
    Ok(())
}

pub(super) async fn session(
    db: &impl ConnectionTrait,
    session: SessionId,
) -> Result<Option<session::Model>, DbErr> {
    session::Entity::find_by_id(session.raw()).one(db).await
}

pub(super) async fn lock_session(
    tx: &Tx,
    session: SessionId,
) -> Result<Option<session::Model>, DbErr> {
    session::Entity::find_by_id(session.raw())
        .lock_exclusive()
        .one(&tx.0)
        .await
}

/// Exchanges the refresh token of a session; answers whether the old one was still the current one.
pub(super) async fn rotate(
    tx: &Tx,
    session: SessionId,
    old: &str,
    new: &str,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let done = session::Entity::update_many()
        .col_expr(session::Column::RefreshHash, Expr::value(new))
        .col_expr(session::Column::PreviousHash, Expr::value(old))
        .col_expr(session::Column::RotatedAt, Expr::value(now))
        .col_expr(session::Column::LastSeenAt, Expr::value(now))
        .filter(session::Column::Id.eq(session.raw()))
        .filter(session::Column::RefreshHash.eq(old))
        .filter(session::Column::EndedAt.is_null())
        .exec(&tx.0)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Ends a session; answers whether it had not ended before.
pub(super) async fn end_session(
    tx: &Tx,
    session: SessionId,
    why: SessionEnd,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let done = session::Entity::update_many()
        .col_expr(session::Column::EndedAt, Expr::value(now))
        .col_expr(session::Column::EndReason, Expr::value(why.code()))
        .filter(session::Column::Id.eq(session.raw()))
        .filter(session::Column::EndedAt.is_null())
        .exec(&tx.0)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Ends all sessions of an account, but the one that is named.
pub(super) async fn end_sessions(
    tx: &Tx,
    account: AccountId,
    but: Option<SessionId>,
    why: SessionEnd,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let others = but.map(|but| session::Column::Id.ne(but.raw()));
    session::Entity::update_many()
        .col_expr(session::Column::EndedAt, Expr::value(now))
        .col_expr(session::Column::EndReason, Expr::value(why.code()))
        .filter(session::Column::AccountId.eq(account.raw()))
        .filter(Condition::all().add_option(others))
        .filter(session::Column::EndedAt.is_null())
        .exec(&tx.0)
        .await?;
    Ok(())
}

/// Notes that a session was used; only ever moves forward.
pub(super) async fn note_seen(
    tx: &Tx,
    session: SessionId,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    session::Entity::update_many()
        .col_expr(session::Column::LastSeenAt, Expr::value(now))
        .filter(session::Column::Id.eq(session.raw()))
        .filter(session::Column::LastSeenAt.lt(now))
        .filter(session::Column::EndedAt.is_null())
        .exec(&tx.0)
        .await?;
    Ok(())
}

/// Forgets the sessions that were over before an instant, in any case.
///
/// # Errors
/// When the database refuses.
pub async fn forget_sessions(db: &Db, before: DateTime<Utc>) -> Result<u64, AppError> {
    retention::forget::<session::Entity>(db, session::Column::ExpiresAt, before).await
}

/// The kept signing keys, newest first.
pub(super) async fn signing_keys(
    db: &impl ConnectionTrait,
) -> Result<Vec<signing_key::Model>, DbErr> {
    signing_key::Entity::find()
        .order_by_desc(signing_key::Column::CreatedAt)
        .order_by_desc(signing_key::Column::Kid)
        .all(db)
        .await
}

/// Keeps a signing key unless one of its name is kept already: of two programs that start at once, one wins.
pub(super) async fn keep_signing_key(
    tx: &Tx,
    kid: &str,
    secret: &str,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let row = signing_key::ActiveModel {
        kid: Set(kid.to_owned()),
        secret: Set(secret.to_owned()),
        created_at: Set(now),
    };
    signing_key::Entity::insert(row)
        .on_conflict(
            OnConflict::column(signing_key::Column::Kid)
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(&tx.0)
        .await?;
    Ok(())
}

/// Several accounts of a region.
pub(super) async fn accounts_of(
    db: &impl ConnectionTrait,
    region: &str,
    ids: &[AccountId],
) -> Result<Vec<account::Model>, AppError> {
    let rows = account::Entity::find()
        .filter(account::Column::Region.eq(region))
        .filter(account::Column::Id.is_in(ids.iter().map(|id| id.raw())))
        .all(db)
        .await?;
    Ok(rows)
}
