//! One integration binary against the real program, on SQLite and on PostgreSQL.

mod support;

mod migrations;
mod tidy;
