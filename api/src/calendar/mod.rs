//! The calendar: numbered holiday notices, adopted as data.

mod file;
mod service;

pub use file::parse;
pub use service::adopt;
