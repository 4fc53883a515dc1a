//! The calendar: numbered holiday notices, adopted as data.

mod file;
mod service;
mod store;

pub use file::parse;
pub use service::{
    NoticeAdopt, adopt, adopt_for_centre, adopted, misplaced, preview, preview_for_centre,
    set_projected, unprojected,
};
