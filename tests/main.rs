//! One integration binary against the real program, on SQLite and on PostgreSQL.

mod support;

mod docs;
mod tidy;

mod migrations;

mod bad_input;
mod decide;
mod joint_review;
mod submit;
mod subscriptions;
