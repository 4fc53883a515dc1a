//! The shell of lianshen.
pub mod app;
pub mod calendar;
pub mod catalogue;
pub mod config;
pub mod db;
pub mod env;
pub mod error;
pub mod identity;
pub mod ledger;
