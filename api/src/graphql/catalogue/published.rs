//! What one centre has published, at one moment.

use std::sync::Arc;

use async_graphql::{Context, Result};
use chrono::NaiveDate;
use lianshen_domain::bundle::{BundleVersion, Misfit};
use lianshen_domain::catalogue::CatalogueView as _;
use lianshen_domain::ids::{BundleVersionId, DepartmentId, ItemVersionId};

use super::{Bundle, Department, Fee, Item, MaterialDefinition};
use crate::catalogue::{self, Centre, Snapshot};
use crate::config::Config;
use crate::graphql::context::Ctx;

/// The catalogue of one centre as it stood when the request came, so that one answer never mixes two
/// publications.
#[derive(Clone)]
pub struct Published {
    snapshot: Arc<Snapshot>,
    region: Arc<str>,
}

/// What the centre of a region has published.
///
/// # Errors
/// When the context is not ours.
pub fn published(ctx: &Context<'_>, region: &str) -> Result<Option<Published>> {
    let snapshot = Ctx::of(ctx)?.app().library.present();
    Ok(Published::of(snapshot, region))
}

/// A department of a region by its code, if there is one; null for one that the catalogue does not have any more.
///
/// # Errors
/// As [`published`].
pub fn department<'a>(
    ctx: &Context<'_>,
    region: &str,
    code: impl Into<Option<&'a str>>,
) -> Result<Option<Department>> {
    let of_region = published(ctx, region)?.zip(code.into());
    Ok(of_region.and_then(|(published, code)| published.department(code)))
}

impl Published {
    /// What the caller's centre has published; a visitor's centre is the first. `None` where there is none.
    pub fn to(ctx: Ctx<'_>) -> Option<Self> {
        let snapshot = ctx.app().library.present();
        let region = match &ctx.viewer().actor {
            Some(actor) => actor.region.clone(),
            None => snapshot.default_centre()?.region.clone(),
        };
        Self::of(snapshot, &region)
    }

    /// What the centre of a region has published.
    pub fn of(snapshot: Arc<Snapshot>, region: &str) -> Option<Self> {
        snapshot.centre(region)?;
        let region = Arc::from(region);
        Some(Self { snapshot, region })
    }

    /// The centre; there is one, or [`Published::of`] would have answered `None`.
    pub(super) fn centre(&self) -> Option<&Centre> {
        self.snapshot.centre(&self.region)
    }

    /// The open version of an item.
    pub fn item(&self, code: &str) -> Option<Item> {
        self.item_version(*self.centre()?.item_ids.get(code)?)
    }

    /// Any version of an item that was ever published.
    pub fn item_version(&self, id: ItemVersionId) -> Option<Item> {
        let version = self.snapshot.items.get(&id)?.clone();
        Some(Item::new(self.clone(), id, version))
    }

    /// The open version of a bundle.
    pub fn bundle(&self, code: &str) -> Option<Bundle> {
        self.bundle_version(*self.centre()?.bundle_ids.get(code)?)
    }

    /// Any version of a bundle that was ever published.
    pub fn bundle_version(&self, id: BundleVersionId) -> Option<Bundle> {
        let version = self.snapshot.bundles.get(&id)?.clone();
        Some(Bundle::new(self.clone(), id, version))
    }

    /// A department.
    pub fn department(&self, code: &str) -> Option<Department> {
        let centre = self.centre()?;
        let id = *centre.department_ids.get(code)?;
        let department = centre.catalogue.shared_department(code)?.clone();
        Some(Department::new(id, department))
    }

    /// A department by its identifier.
    pub fn department_of(&self, id: DepartmentId) -> Option<Department> {
        let ids = &self.centre()?.department_ids;
        let (code, _) = ids.iter().find(|(_, known)| **known == id)?;
        self.department(code)
    }

    /// The full name of a department.
    pub fn department_name(&self, code: &str) -> Option<String> {
        let department = self.centre()?.catalogue.department(code)?;
        Some(department.name.clone())
    }

    /// The days from which a bundle cannot keep its joint limits.
    pub(super) fn misfits(
        &self,
        bundle: &BundleVersion,
        config: &Config,
        tried: (NaiveDate, u32),
    ) -> Vec<Misfit> {
        self.centre().map_or_else(Vec::new, |centre| {
            catalogue::misfits(&self.snapshot, centre, bundle, config, tried)
        })
    }

    /// The definition of a material.
    pub fn material(&self, code: &str) -> Option<MaterialDefinition> {
        let material = self.centre()?.catalogue.material(code)?.clone();
        Some(MaterialDefinition::new(self.clone(), material))
    }

    /// A fee.
    pub fn fee(&self, code: &str) -> Option<Fee> {
        Some(self.centre()?.catalogue.fee(code)?.into())
    }

    /// The open versions of all items, by code.
    pub(super) fn items(&self) -> Vec<Item> {
        let codes = self
            .centre()
            .into_iter()
            .flat_map(|centre| centre.item_ids.keys());
        codes.filter_map(|code| self.item(code)).collect()
    }

    /// The open versions of all bundles, by code.
    pub(super) fn bundles(&self) -> Vec<Bundle> {
        let codes = self
            .centre()
            .into_iter()
            .flat_map(|centre| centre.bundle_ids.keys());
        codes.filter_map(|code| self.bundle(code)).collect()
    }

    /// The departments, by code.
    pub(super) fn departments(&self) -> Vec<Department> {
        let codes = self
            .centre()
            .into_iter()
            .flat_map(|centre| centre.department_ids.keys());
        codes.filter_map(|code| self.department(code)).collect()
    }
}
