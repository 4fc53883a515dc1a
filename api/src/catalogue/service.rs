//! Publishing.

use chrono::{DateTime, Utc};
use lianshen_domain::ids::{BundleVersionId, DepartmentId, Id as _, ItemVersionId};
use lianshen_entity::{bundle_version, catalogue_part, centre, department, item_version};
use serde::Serialize;
use serde_json::Value;

use super::file::CatalogueFile;
use super::store;
use crate::bell;
use crate::db::{self, Db};
use crate::env::Env;
use crate::error::AppError;

/// Publishes a catalogue file: versions that are already there stay as they are, new ones take over.
///
/// # Errors
/// When the database refuses; then nothing was published.
pub async fn publish(db: &Db, env: &Env, file: &CatalogueFile) -> Result<(), AppError> {
    let region = &file.region.code;
    let now = env.now();
    db::write(db, async |tx| {
        let name = file.region.centre.clone();
        let region_name = file.region.name.clone();
        let row = centre::Model {
            region: region.clone(),
            name,
            region_name,
            revision: 1,
        };
        store::touch_centre(&tx, row).await?;
        store::put_departments(&tx, departments(env, file)?).await?;
        store::put_parts(&tx, parts(file)?).await?;

        let known = store::known_items(&tx, region).await?;
        let mut items = items(env, file, now)?;
        items.retain(|row| !known.contains(&(row.code.clone(), row.version)));
        store::add_items(&tx, region, items).await?;

        let known = store::known_bundles(&tx, region).await?;
        let mut bundles = bundles(env, file, now)?;
        bundles.retain(|row| !known.contains(&(row.code.clone(), row.version)));
        store::add_bundles(&tx, region, bundles).await?;
        bell::ring_published(&tx).await
    })
    .await
}

fn departments(env: &Env, file: &CatalogueFile) -> Result<Vec<department::Model>, AppError> {
    let rows = file.departments.iter().map(|department| {
        Ok(department::Model {
            id: env.id::<DepartmentId>().raw(),
            region: file.region.code.clone(),
            code: department.code.clone(),
            name: department.name.clone(),
            short_name: department.short_name.clone(),
            definition: definition(department)?,
        })
    });
    rows.collect()
}

fn parts(file: &CatalogueFile) -> Result<Vec<catalogue_part::Model>, AppError> {
    let part = |kind: &str, code: &str, definition| catalogue_part::Model {
        region: file.region.code.clone(),
        kind: kind.to_owned(),
        code: code.to_owned(),
        definition,
    };
    let mut parts = Vec::new();
    for material in &file.materials {
        parts.push(part(store::MATERIAL, &material.code, definition(material)?));
    }
    for fee in &file.fees {
        parts.push(part(store::FEE, &fee.code, definition(fee)?));
    }
    Ok(parts)
}

fn items(
    env: &Env,
    file: &CatalogueFile,
    now: DateTime<Utc>,
) -> Result<Vec<item_version::Model>, AppError> {
    let rows = file.items.iter().map(|item| {
        Ok(item_version::Model {
            id: env.id::<ItemVersionId>().raw(),
            region: file.region.code.clone(),
            code: item.code.clone(),
            version: version(item.version)?,
            name: item.name.clone(),
            department: item.department.clone(),
            published_at: now,
            open: true,
            definition: definition(item)?,
        })
    });
    rows.collect()
}

fn bundles(
    env: &Env,
    file: &CatalogueFile,
    now: DateTime<Utc>,
) -> Result<Vec<bundle_version::Model>, AppError> {
    let rows = file.bundles.iter().map(|bundle| {
        Ok(bundle_version::Model {
            id: env.id::<BundleVersionId>().raw(),
            region: file.region.code.clone(),
            code: bundle.code.clone(),
            version: version(bundle.version)?,
            name: bundle.name.clone(),
            lead_department: bundle.lead_department.clone(),
            published_at: now,
            open: true,
            definition: definition(bundle)?,
        })
    });
    rows.collect()
}

fn definition(published: &impl Serialize) -> Result<Value, AppError> {
    serde_json::to_value(published).map_err(AppError::internal)
}

fn version(number: u32) -> Result<i32, AppError> {
    i32::try_from(number).map_err(AppError::internal)
}
