//! Hand-written migrations. One that has landed is never edited; entities are never imported here,
//! because they move on while history must not.

pub use sea_orm_migration::prelude::MigratorTrait;
use sea_orm_migration::prelude::*;

mod check;
mod m20261123_000001_main_job;
mod m20261125_000002_calendars;
mod m20261125_000003_clocks;
mod m20261125_000007_leases;
mod m20261126_000004_inbox_index;
mod m20261126_000005_tally;
mod m20261126_000006_history;
mod m20261126_000007_consultation;
mod m20261126_000008_conditions;
mod m20261126_000009_digest;
mod m20261126_000010_reopening;
mod m20261126_000011_visit;
mod m20261126_000012_mediation;
mod m20261126_000013_missing_report;
mod m20261126_000014_former_decisions;
mod m20261126_000015_sharing;
mod m20261126_000016_open_reviews;
mod m20261127_000017_rows_ahead;
mod m20261127_000018_ended_in;
mod m20261128_000019_unsuspended;
mod m20261129_000020_retention;

/// All migrations, oldest first.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261123_000001_main_job::Migration),
            Box::new(m20261125_000002_calendars::Migration),
            Box::new(m20261125_000003_clocks::Migration),
            Box::new(m20261125_000007_leases::Migration),
            Box::new(m20261126_000004_inbox_index::Migration),
            Box::new(m20261126_000005_tally::Migration),
            Box::new(m20261126_000006_history::Migration),
            Box::new(m20261126_000007_consultation::Migration),
            Box::new(m20261126_000008_conditions::Migration),
            Box::new(m20261126_000009_digest::Migration),
            Box::new(m20261126_000010_reopening::Migration),
            Box::new(m20261126_000011_visit::Migration),
            Box::new(m20261126_000012_mediation::Migration),
            Box::new(m20261126_000013_missing_report::Migration),
            Box::new(m20261126_000014_former_decisions::Migration),
            Box::new(m20261126_000015_sharing::Migration),
            Box::new(m20261126_000016_open_reviews::Migration),
            Box::new(m20261127_000017_rows_ahead::Migration),
            Box::new(m20261127_000018_ended_in::Migration),
            Box::new(m20261128_000019_unsuspended::Migration),
            Box::new(m20261129_000020_retention::Migration),
        ]
    }
}
