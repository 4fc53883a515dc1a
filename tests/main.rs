//! One integration binary against the real program, on SQLite and on PostgreSQL.

mod support;

mod docs;
mod tidy;

mod migrations;
mod schema;

mod bad_input;
mod deadlines;
mod decide;
mod demo;
mod examples;
mod joint_review;
mod statements;
mod submit;
mod subscriptions;
