//! The pure core of lianshen: no database, no GraphQL, no clock, no I/O; it cannot fail but by a refusal.

pub mod calendar;
pub mod clock;
pub mod code;
