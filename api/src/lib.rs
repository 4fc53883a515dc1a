//! The shell of lianshen.
pub mod app;
pub mod authority;
pub mod calendar;
pub mod case;
pub mod catalogue;
pub mod config;
pub mod db;
pub mod env;
pub mod error;
pub mod graphql;
pub mod http;
pub mod idempotency;
pub mod identity;
pub mod ledger;
pub mod page;
pub mod review;
