//! One integration binary against the real program, on SQLite and on PostgreSQL.

mod support;

mod tidy;

mod migrations;

mod bad_input;
mod contract;
mod decide;
mod joint_review;
mod submit;
mod subscriptions;
mod two_centres;

mod canary;
mod hidden_rows;
mod matrix;
