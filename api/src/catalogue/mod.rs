//! The catalogue: departments, items, materials, fees and bundles, as published.

pub mod file;
