//! stub
pub mod identity;
