//! The catalogue as the rules see it: definitions found by their codes.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::bundle::BundleVersion;
use crate::item::{Department, Fee, ItemVersion, Material};

/// What is published on the day of the question; a code that is not found is not published.
pub trait CatalogueView {
    /// The department of a code.
    fn department(&self, code: &str) -> Option<&Department>;
    /// The published version of an item.
    fn item(&self, code: &str) -> Option<&ItemVersion>;
    /// The definition of a material.
    fn material(&self, code: &str) -> Option<&Material>;
    /// The definition of a fee.
    fn fee(&self, code: &str) -> Option<&Fee>;
    /// The published version of a bundle.
    fn bundle(&self, code: &str) -> Option<&BundleVersion>;
}

/// A catalogue in memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalogue {
    departments: BTreeMap<String, Arc<Department>>,
    items: BTreeMap<String, ItemVersion>,
    materials: BTreeMap<String, Material>,
    fees: BTreeMap<String, Fee>,
    bundles: BTreeMap<String, BundleVersion>,
}

impl Catalogue {
    /// Adds a department, in place of one of the same code.
    pub fn add_department(&mut self, department: Department) {
        self.departments
            .insert(department.code.clone(), Arc::new(department));
    }

    /// Adds an item, in place of one of the same code.
    pub fn add_item(&mut self, item: ItemVersion) {
        self.items.insert(item.code.clone(), item);
    }

    /// Adds a material, in place of one of the same code.
    pub fn add_material(&mut self, material: Material) {
        self.materials.insert(material.code.clone(), material);
    }

    /// Adds a fee, in place of one of the same code.
    pub fn add_fee(&mut self, fee: Fee) {
        self.fees.insert(fee.code.clone(), fee);
    }

    /// Adds a bundle, in place of one of the same code.
    pub fn add_bundle(&mut self, bundle: BundleVersion) {
        self.bundles.insert(bundle.code.clone(), bundle);
    }

    /// A department, for whoever shows it.
    pub fn shared_department(&self, code: &str) -> Option<&Arc<Department>> {
        self.departments.get(code)
    }

    /// All items, by code.
    pub fn items(&self) -> impl Iterator<Item = &ItemVersion> {
        self.items.values()
    }

    /// All bundles, by code.
    pub fn bundles(&self) -> impl Iterator<Item = &BundleVersion> {
        self.bundles.values()
    }
}

impl CatalogueView for Catalogue {
    fn department(&self, code: &str) -> Option<&Department> {
        self.departments.get(code).map(AsRef::as_ref)
    }

    fn item(&self, code: &str) -> Option<&ItemVersion> {
        self.items.get(code)
    }

    fn material(&self, code: &str) -> Option<&Material> {
        self.materials.get(code)
    }

    fn fee(&self, code: &str) -> Option<&Fee> {
        self.fees.get(code)
    }

    fn bundle(&self, code: &str) -> Option<&BundleVersion> {
        self.bundles.get(code)
    }
}

#[cfg(test)]
pub(crate) mod county;
