//! The rows of notices.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use lianshen_domain::actor::Actor;
use lianshen_domain::calendar::{AdoptedNotice, Adoption, Calendars, Notice};
use lianshen_domain::ids::Id as _;
use lianshen_entity::{calendar_notice, centre, department};
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, Set,
};

use crate::bell;
use crate::db::Tx;
use crate::error::{AppError, Lacking};

/// All notices that were ever adopted, merged.
pub(super) async fn calendars(db: &impl ConnectionTrait) -> Result<Calendars, AppError> {
    let rows = calendar_notice::Entity::find().all(db).await?;
    let adopted = rows.into_iter().map(adopted_of);
    let adopted = adopted.collect::<Result<_, AppError>>()?;
    Calendars::try_new(adopted)
        .map_err(|faults| AppError::internal(format!("stored notices disagree: {faults:?}")))
}

fn adopted_of(row: calendar_notice::Model) -> Result<AdoptedNotice, AppError> {
    let notice: Notice = serde_json::from_value(row.definition).map_err(AppError::internal)?;
    Ok(AdoptedNotice {
        notice,
        adopted_at: row.adopted_at,
        superseded_at: row.superseded_at,
    })
}

/// Those by which open clocks have not been counted anew yet.
pub(super) async fn unprojected(db: &impl ConnectionTrait) -> Result<Vec<AdoptedNotice>, AppError> {
    let rows = calendar_notice::Entity::find()
        .filter(calendar_notice::Column::ProjectedAt.is_null())
        .order_by_asc(calendar_notice::Column::AdoptedAt)
        .order_by_asc(calendar_notice::Column::Number)
        .all(db)
        .await?;
    rows.into_iter().map(adopted_of).collect()
}

/// Notes that they have been.
pub(super) async fn set_projected(
    tx: &Tx,
    numbers: &[String],
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    calendar_notice::Entity::update_many()
        .col_expr(calendar_notice::Column::ProjectedAt, Expr::value(now))
        .filter(calendar_notice::Column::Number.is_in(numbers))
        .filter(calendar_notice::Column::ProjectedAt.is_null())
        .exec(&tx.0)
        .await?;
    tell_servers(tx).await
}

/// Every server compares the revisions of the centres and reads the notices again.
async fn tell_servers(tx: &Tx) -> Result<(), AppError> {
    let grown = Expr::col(centre::Column::Revision).add(1);
    centre::Entity::update_many()
        .col_expr(centre::Column::Revision, grown)
        .exec(&tx.0)
        .await?;
    bell::ring_published(tx).await
}

/// The division codes of all centres, held until the commit: two adoptions never judge the same state.
pub(super) async fn hold_centres(tx: &Tx) -> Result<Vec<String>, AppError> {
    let centres = centre::Entity::find()
        .order_by_asc(centre::Column::Region)
        .lock_exclusive()
        .all(&tx.0)
        .await?;
    Ok(centres.into_iter().map(|centre| centre.region).collect())
}

/// Whether a region has a department of this code.
pub(super) async fn has_department(
    db: &impl ConnectionTrait,
    region: &str,
    code: &str,
) -> Result<bool, AppError> {
    let found = department::Entity::find()
        .filter(department::Column::Region.eq(region))
        .filter(department::Column::Code.eq(code))
        .one(db)
        .await?;
    Ok(found.is_some())
}

/// The division codes of all centres, each with the codes of its departments.
pub(super) async fn centres(
    db: &impl ConnectionTrait,
) -> Result<BTreeMap<String, Vec<String>>, AppError> {
    let centres = centre::Entity::find().all(db).await?.into_iter();
    let mut known: BTreeMap<_, Vec<_>> =
        centres.map(|centre| (centre.region, Vec::new())).collect();
    let departments = department::Entity::find().order_by_asc(department::Column::Code);
    for row in departments.all(db).await? {
        known.entry(row.region).or_default().push(row.code);
    }
    Ok(known)
}

/// Writes what was adopted and closes what it replaces.
pub(super) async fn save(
    tx: &Tx,
    adoption: &Adoption,
    actor: Option<&Actor>,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    use calendar_notice::Column;
    if !adoption.superseded.is_empty() {
        let closed = calendar_notice::Entity::update_many()
            .col_expr(Column::SupersededAt, Expr::value(now))
            .filter(Column::Number.is_in(&adoption.superseded))
            .filter(Column::SupersededAt.is_null())
            .exec(&tx.0)
            .await?;
        if closed.rows_affected != adoption.superseded.len() as u64 {
            return Err(AppError::Busy(Lacking::Transaction));
        }
    }
    let known = adoption.after.notices().iter();
    let new = known.filter(|one| adoption.adopted.contains(&one.notice));
    let rows = new.map(|one| {
        let notice = &one.notice;
        Ok(calendar_notice::ActiveModel {
            number: Set(notice.number.clone()),
            year: Set(notice.year),
            adopted_at: Set(one.adopted_at),
            definition: Set(serde_json::to_value(notice).map_err(AppError::internal)?),
            region: Set(notice.scope.region().unwrap_or_default().to_owned()),
            department: Set(notice.scope.department().unwrap_or_default().to_owned()),
            replaces: Set(notice.replaces.clone()),
            superseded_at: Set(one.superseded_at),
            adopted_by: Set(actor.map(|actor| actor.account.raw())),
            projected_at: Set(None),
        })
    });
    let rows = rows.collect::<Result<Vec<_>, AppError>>()?;
    calendar_notice::Entity::insert_many(rows)
        .exec_without_returning(&tx.0)
        .await?;
    tell_servers(tx).await
}
