//! One integration binary against the real program, on SQLite and on PostgreSQL.

mod support;

mod docs;
mod tidy;

mod mediations;
mod migrations;
mod schema;

mod acts_before_acceptance;
mod acts_endings;
mod acts_on_cases;
mod application;
mod as_of;
mod bad_input;
mod budget;
mod bundle_budget;
mod calendars;
mod consultation;
mod contract;
mod crash;
mod crowd;
mod dashboard;
mod deadlines;
mod decide;
mod demo;
mod digest;
mod examples;
mod explain;
mod full_disk;
mod grown;
mod hang_up;
mod inbox;
mod joint_review;
mod joint_traps;
mod leases;
mod ledger;
mod licences;
mod lives;
mod missing_reports;
mod model;
mod notices;
mod outlook;
mod plans;
mod preview;
mod progress;
mod race;
mod reconsideration;
mod reopening;
mod replica;
mod servers;
mod sharing;
mod statements;
mod submit;
mod subscriptions;
mod supervision;
mod survival_short;
mod thresholds;
mod two_centres;
mod upgrade;
mod visits;
mod worked_examples;

mod canary;
mod hidden_rows;
mod matrix;
