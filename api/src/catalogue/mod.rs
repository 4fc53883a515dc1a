//! The catalogue: departments, items, materials, fees and bundles, as published.
//!
//! Published versions never change, so a snapshot of all of them stands in memory and a request reads it
//! without asking the database. `centre.revision` grows with every publication; the snapshot follows it.

mod budget;
pub mod file;
mod service;
mod snapshot;
mod store;

pub use budget::misfits;
pub use service::publish;
pub use snapshot::{Centre, Library, Snapshot};
