//! Adopted holiday notices (节假日安排通知).

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "calendar_notice")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: String,
    pub year: i32,
    pub adopted_at: DateTimeUtc,
    pub definition: Json,
    /// Division code; empty for the whole country.
    pub region: String,
    /// Code of the department; empty for the whole region.
    pub department: String,
    /// The number of the notice in whose place it came.
    pub replaces: Option<String>,
    /// When another took its place.
    pub superseded_at: Option<DateTimeUtc>,
    /// Who adopted it through the API; none for who runs the system.
    pub adopted_by: Option<Uuid>,
    /// When every open clock had been counted anew by it.
    pub projected_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}
