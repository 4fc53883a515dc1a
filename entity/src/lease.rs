//! Leases: which server does what only one does at a time, with a fencing number.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "lease")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    pub holder: Uuid,
    pub fence: i64,
    pub until: DateTimeUtc,
    /// The last day for which it was done, of what is done once a day.
    pub done_on: Option<Date>,
}

impl ActiveModelBehavior for ActiveModel {}
