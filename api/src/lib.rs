//! The shell of lianshen.
pub mod app;
pub mod calendar;
pub mod catalogue;
pub mod cli;
pub mod config;
pub mod db;
pub mod env;
pub mod error;
pub mod feed;
pub mod http;
pub mod identity;
pub mod jobs;
pub mod ledger;
pub mod pulse;
pub mod server;
pub mod telemetry;
