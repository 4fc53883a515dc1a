//! Materials as handed in.

use async_graphql::{ID, Object};
use lianshen_domain::ids::{Id as _, MaterialId};

use super::scalars::DateTime;
use crate::case::MaterialRow;

/// A material of the one set (一套材料) that was handed in.
pub struct Material(pub MaterialRow);

/// A material (材料) of the one set that was handed in, shown to the departments whose items want it.
#[Object]
impl Material {
    /// Identifier.
    async fn id(&self) -> ID {
        ID(MaterialId::new(self.0.id).wire())
    }

    /// Code of its definition in the catalogue.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// Name, as it was when handed in.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Originals on paper.
    async fn originals(&self) -> i32 {
        self.0.originals
    }

    /// Copies on paper.
    async fn copies(&self) -> i32 {
        self.0.copies
    }

    /// Name of the electronic file, if there is one.
    async fn file_name(&self) -> Option<&str> {
        self.0.file_name.as_deref()
    }

    /// SHA-256 of the electronic file, hexadecimal.
    async fn sha256(&self) -> Option<&str> {
        self.0.sha256.as_deref()
    }

    /// Codes of the items of this application that want it.
    async fn wanted_by(&self) -> Vec<String> {
        serde_json::from_value(self.0.wanted_by.clone()).unwrap_or_default()
    }

    /// When it was handed in.
    async fn received_at(&self) -> DateTime {
        DateTime(self.0.received_at)
    }
}
