//! The pure core of lianshen: no database, no GraphQL, no clock, no I/O; it cannot fail but by a refusal.
pub mod actor;
pub mod applicant;
pub mod bundle;
pub mod catalogue;
pub mod code;
pub mod guide;
pub mod ids;
pub mod item;
pub mod item_code;
pub mod limit;
pub mod plain_text;
pub mod rejected;
pub mod submission;
