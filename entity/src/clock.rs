//! Clocks (时限): what each said when something last happened. A cache: the events are the record.

use lianshen_domain::clock::{ClockKind, Unit};
use sea_orm::entity::prelude::*;

use crate::Coded;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "clock")]
pub struct Model {
    /// The case, or the application for a clock of the whole.
    #[sea_orm(primary_key, auto_increment = false)]
    pub subject_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: Coded<ClockKind>,
    /// The n-th of its kind on the subject, from 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub ordinal: i32,
    pub application_id: Uuid,
    pub case_id: Option<Uuid>,
    pub region: String,
    /// The department of the case; empty for the application as a whole.
    pub department: String,
    pub anchor_on: Date,
    pub n: i32,
    pub unit: Coded<Unit>,
    /// The last day in time; none while the clock stands still.
    pub due_on: Option<Date>,
    /// The same, or while it stands still the one that it had if it ran again on the day of writing.
    pub projected_on: Date,
    pub provisional: bool,
    pub stopped_on: Option<Date>,
}

impl ActiveModelBehavior for ActiveModel {}
