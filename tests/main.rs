//! One integration binary against the real program, on SQLite and on PostgreSQL.

mod support;

mod tidy;

mod migrations;

mod bad_input;
mod decide;
mod demo;
mod examples;
mod joint_review;
mod submit;
mod subscriptions;
