//! What a connector to those who hold data has to do.

use async_trait::async_trait;

use crate::case::{Brought, SharingAsk};

/// Asks whoever holds a material.
#[async_trait]
pub trait Connector: Send + Sync {
    /// Asks once, and does not wait for ever. Asking twice for the same does no harm.
    async fn ask(&self, ask: &SharingAsk) -> Brought;
}
