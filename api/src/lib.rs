//! The shell of lianshen.
pub mod db;
pub mod env;
pub mod error;
pub mod ledger;
