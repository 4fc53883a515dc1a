//! Idempotency keys: a repeated command answers as the first time and writes nothing.

use chrono::{DateTime, Utc};
use lianshen_domain::actor::Actor;
use lianshen_domain::ids::Id as _;
use lianshen_domain::plain_text;
use lianshen_domain::rejected::Reason;
use lianshen_entity::idempotency;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, Set};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};

use crate::db::{Db, Tx};
use crate::error::{AppError, Lacking};
use crate::ledger::hex;
use crate::retention;

/// The longest key.
const KEY_MAX: usize = 255;

/// A command that carries a key.
pub struct Keyed<'a, R> {
    /// Which act; the same key may not serve two.
    pub act: &'static str,
    /// The key that the client chose.
    pub key: &'a str,
    /// The whole request, for telling another one apart.
    pub request: &'a R,
}

/// Claims the key inside the transaction of the act; answers the first result if there was one.
///
/// A twin that is under way is waited for: on PostgreSQL by the primary key, on SQLite by the one writer.
///
/// # Errors
/// `IdempotencyKeyReused` when the key belongs to another request.
pub async fn claim<R: Serialize, T: Serialize + DeserializeOwned>(
    tx: &Tx,
    actor: &Actor,
    keyed: &Keyed<'_, R>,
    result: &T,
    now: DateTime<Utc>,
) -> Result<Option<T>, AppError> {
    let key = plain_text::checked(keyed.key, KEY_MAX, "idempotencyKey")?;
    let request_hash = hash(keyed)?;
    let row = idempotency::ActiveModel {
        account_id: Set(actor.account.raw()),
        key: Set(key.clone()),
        request_hash: Set(request_hash.clone()),
        result: Set(serde_json::to_value(result).map_err(AppError::internal)?),
        created_at: Set(now),
    };
    let keep = OnConflict::columns([idempotency::Column::AccountId, idempotency::Column::Key])
        .do_nothing()
        .to_owned();
    let written = idempotency::Entity::insert_many([row])
        .on_conflict(keep)
        .exec_without_returning(&tx.0)
        .await?;
    if written == 1 {
        return Ok(None);
    }
    let first = idempotency::Entity::find_by_id((actor.account.raw(), key))
        .one(&tx.0)
        .await?;
    let first = first.ok_or(AppError::Busy(Lacking::Transaction))?;
    if first.request_hash != request_hash {
        return Err(Reason::IdempotencyKeyReused.at("idempotencyKey").into());
    }
    serde_json::from_value(first.result)
        .map(Some)
        .map_err(AppError::internal)
}

/// What the same request, with the same key, came to before; `None` where it was never done. For who is about to refuse what may
/// have been done long ago.
///
/// # Errors
/// When the database cannot be read.
pub async fn first<R: Serialize, T: DeserializeOwned>(
    db: &impl ConnectionTrait,
    actor: &Actor,
    keyed: &Keyed<'_, R>,
) -> Result<Option<T>, AppError> {
    // A key that is none was never used.
    let Ok(key) = plain_text::checked(keyed.key, KEY_MAX, "idempotencyKey") else {
        return Ok(None);
    };
    let known = idempotency::Entity::find_by_id((actor.account.raw(), key))
        .filter(idempotency::Column::RequestHash.eq(hash(keyed)?))
        .one(db)
        .await?;
    let result = known.map(|row| serde_json::from_value(row.result));
    result.transpose().map_err(AppError::internal)
}

/// Gives a claimed key back: the act came to nothing, and whoever repeats it is to be answered anew.
///
/// # Errors
/// When the database fails.
pub async fn release(tx: &Tx, actor: &Actor, key: &str) -> Result<(), AppError> {
    let key = plain_text::checked(key, KEY_MAX, "idempotencyKey")?;
    idempotency::Entity::delete_by_id((actor.account.raw(), key))
        .exec(&tx.0)
        .await?;
    Ok(())
}

/// Forgets the commands of before an instant: whoever repeats one of them after that does it anew.
///
/// # Errors
/// When the database refuses.
pub async fn forget(db: &Db, before: DateTime<Utc>) -> Result<u64, AppError> {
    retention::forget::<idempotency::Entity>(db, idempotency::Column::CreatedAt, before).await
}

fn hash<R: Serialize>(keyed: &Keyed<'_, R>) -> Result<String, AppError> {
    let mut digest = Sha256::new();
    digest.update(keyed.act.as_bytes());
    digest.update([0]);
    digest.update(serde_json::to_vec(keyed.request).map_err(AppError::internal)?);
    Ok(hex(&digest.finalize()))
}
