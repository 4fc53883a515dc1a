//! Morning digests (晨报): each working day one a department, written once and kept as it was that morning.

mod read;
mod store;
mod write;

pub use read::{Found, digest};
pub use write::write;
