//! stub
pub mod graphql;
pub mod http;
pub mod lang;
