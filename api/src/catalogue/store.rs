//! The rows of the catalogue.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use lianshen_domain::bundle::BundleVersion;
use lianshen_domain::ids::{BundleVersionId, DepartmentId, Id as _, ItemVersionId};
use lianshen_domain::item::ItemVersion;
use lianshen_entity::{bundle_version, catalogue_part, centre, department, item_version};
use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, IntoActiveModel, QueryFilter as _,
    QueryOrder as _,
};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::snapshot::{Centre, Snapshot};
use crate::calendar;
use crate::db::Tx;
use crate::error::{AppError, Lacking};

/// The kind of a catalogue part that defines a material.
pub(super) const MATERIAL: &str = "MATERIAL";
/// The kind of a catalogue part that defines a fee.
pub(super) const FEE: &str = "FEE";

/// How often a snapshot is read again because something was published meanwhile.
const ATTEMPTS: u32 = 5;

/// All that is published, whole: never the items of one publication with the bundles of the next.
pub(super) async fn snapshot(db: &impl ConnectionTrait) -> Result<Snapshot, AppError> {
    let mut before = revision(db).await?;
    for _ in 0..ATTEMPTS {
        let snapshot = parts(db).await?;
        let after = revision(db).await?;
        if after == before {
            return Ok(snapshot);
        }
        before = after;
    }
    Err(AppError::Busy(Lacking::Catalogue))
}

async fn parts(db: &impl ConnectionTrait) -> Result<Snapshot, AppError> {
    let mut centres: BTreeMap<String, Centre> = BTreeMap::new();
    for row in centre::Entity::find().all(db).await? {
        let (region, name, region_name, revision) =
            (row.region, row.name, row.region_name, row.revision);
        let fresh = Centre {
            region: region.clone(),
            name,
            region_name,
            revision,
            ..Centre::default()
        };
        centres.insert(region, fresh);
    }
    for row in department::Entity::find().all(db).await? {
        let Some(centre) = centres.get_mut(&row.region) else {
            continue;
        };
        centre
            .department_ids
            .insert(row.code, DepartmentId::new(row.id));
        centre.catalogue.add_department(read(row.definition)?);
    }
    for row in catalogue_part::Entity::find().all(db).await? {
        let Some(centre) = centres.get_mut(&row.region) else {
            continue;
        };
        match row.kind.as_str() {
            MATERIAL => centre.catalogue.add_material(read(row.definition)?),
            FEE => centre.catalogue.add_fee(read(row.definition)?),
            kind => {
                return Err(AppError::internal(format!(
                    "catalogue part of unknown kind {kind}"
                )));
            }
        }
    }
    let mut items = HashMap::new();
    for row in item_version::Entity::find()
        .order_by_asc(item_version::Column::Version)
        .all(db)
        .await?
    {
        let item: ItemVersion = read(row.definition)?;
        let id = ItemVersionId::new(row.id);
        if let Some(centre) = centres.get_mut(&row.region).filter(|_| row.open) {
            centre.item_ids.insert(row.code, id);
            centre.catalogue.add_item(item.clone());
        }
        items.insert(id, Arc::new(item));
    }
    let mut bundles = HashMap::new();
    for row in bundle_version::Entity::find()
        .order_by_asc(bundle_version::Column::Version)
        .all(db)
        .await?
    {
        let bundle: BundleVersion = read(row.definition)?;
        let id = BundleVersionId::new(row.id);
        if let Some(centre) = centres.get_mut(&row.region).filter(|_| row.open) {
            centre.bundle_ids.insert(row.code, id);
            centre.catalogue.add_bundle(bundle.clone());
        }
        bundles.insert(id, Arc::new(bundle));
    }
    let calendars = Arc::new(calendar::adopted(db).await?);
    let unprojected = calendar::unprojected(db).await?.into();
    Ok(Snapshot {
        centres: Arc::new(centres),
        items: Arc::new(items),
        bundles: Arc::new(bundles),
        calendars,
        unprojected,
    })
}

/// The sum of the revisions of all centres; it grows with every publication anywhere.
pub(super) async fn revision(db: &impl ConnectionTrait) -> Result<i64, AppError> {
    let centres = centre::Entity::find().all(db).await?;
    Ok(centres.iter().map(|centre| centre.revision).sum())
}

/// The codes and versions of a region's items.
pub(super) async fn known_items(tx: &Tx, region: &str) -> Result<Vec<(String, i32)>, AppError> {
    let rows = item_version::Entity::find()
        .filter(item_version::Column::Region.eq(region))
        .all(&tx.0)
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.code, row.version))
        .collect())
}

/// The codes and versions of a region's bundles.
pub(super) async fn known_bundles(tx: &Tx, region: &str) -> Result<Vec<(String, i32)>, AppError> {
    let rows = bundle_version::Entity::find()
        .filter(bundle_version::Column::Region.eq(region))
        .all(&tx.0)
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.code, row.version))
        .collect())
}

/// Writes the centre and lets its revision grow.
pub(super) async fn touch_centre(tx: &Tx, row: centre::Model) -> Result<(), AppError> {
    let grown = Expr::col((centre::Entity, centre::Column::Revision)).add(1);
    let on_conflict = OnConflict::column(centre::Column::Region)
        .update_columns([centre::Column::Name, centre::Column::RegionName])
        .value(centre::Column::Revision, grown)
        .to_owned();
    put(tx, vec![row], Some(on_conflict)).await
}

/// Writes departments, in place of those of the same code.
pub(super) async fn put_departments(tx: &Tx, rows: Vec<department::Model>) -> Result<(), AppError> {
    use department::Column;
    let on_conflict = OnConflict::columns([Column::Region, Column::Code])
        .update_columns([Column::Name, Column::ShortName, Column::Definition])
        .to_owned();
    put(tx, rows, Some(on_conflict)).await
}

/// Writes definitions of materials and fees, in place of those of the same code.
pub(super) async fn put_parts(tx: &Tx, rows: Vec<catalogue_part::Model>) -> Result<(), AppError> {
    use catalogue_part::Column;
    let on_conflict = OnConflict::columns([Column::Region, Column::Kind, Column::Code])
        .update_column(Column::Definition)
        .to_owned();
    put(tx, rows, Some(on_conflict)).await
}

/// Adds item versions and closes older ones of the same codes.
pub(super) async fn add_items(
    tx: &Tx,
    region: &str,
    rows: Vec<item_version::Model>,
) -> Result<(), AppError> {
    use item_version::Column;
    item_version::Entity::update_many()
        .col_expr(Column::Open, Expr::value(false))
        .filter(Column::Region.eq(region))
        .filter(Column::Code.is_in(rows.iter().map(|row| row.code.as_str())))
        .exec(&tx.0)
        .await?;
    put(tx, rows, None).await
}

/// Adds bundle versions and closes older ones of the same codes.
pub(super) async fn add_bundles(
    tx: &Tx,
    region: &str,
    rows: Vec<bundle_version::Model>,
) -> Result<(), AppError> {
    use bundle_version::Column;
    bundle_version::Entity::update_many()
        .col_expr(Column::Open, Expr::value(false))
        .filter(Column::Region.eq(region))
        .filter(Column::Code.is_in(rows.iter().map(|row| row.code.as_str())))
        .exec(&tx.0)
        .await?;
    put(tx, rows, None).await
}

async fn put<M, A>(tx: &Tx, rows: Vec<M>, on_conflict: Option<OnConflict>) -> Result<(), AppError>
where
    M: IntoActiveModel<A>,
    A: sea_orm::ActiveModelTrait,
{
    if rows.is_empty() {
        return Ok(());
    }
    let mut insert = A::Entity::insert_many(rows.into_iter().map(M::into_active_model));
    if let Some(on_conflict) = on_conflict {
        insert = insert.on_conflict(on_conflict);
    }
    insert.exec_without_returning(&tx.0).await?;
    Ok(())
}

fn read<T: DeserializeOwned>(definition: Value) -> Result<T, AppError> {
    serde_json::from_value(definition).map_err(AppError::internal)
}
