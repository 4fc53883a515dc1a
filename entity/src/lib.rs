//! One `SeaORM` entity a table. Rules are not here: see `lianshen-domain`.

#![expect(
    clippy::disallowed_methods,
    reason = "the derived `ActiveModelTrait` begins transactions of its own; nothing of ours calls that part"
)]

pub mod absence;
pub mod account;
pub mod application;
pub mod bundle_version;
pub mod calendar_notice;
pub mod card;
pub mod case_;
pub mod catalogue_part;
mod cell;
pub mod centre;
pub mod clock;
mod coded;
pub mod correction_notice;
pub mod department;
pub mod digest;
pub mod document;
pub mod event;
pub mod idempotency;
pub mod item_version;
pub mod lease;
pub mod material;
pub mod mediation;
pub mod missing_report;
mod placed;
pub mod review;
pub mod serial;
pub mod session;
pub mod sharing_request;
pub mod signing_key;
pub mod tally;
pub mod tally_change;
pub mod visit;

pub use coded::Coded;
pub use placed::{Placed, all_placed};
