//! HTTP.

pub mod health;
