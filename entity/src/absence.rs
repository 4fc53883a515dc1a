//! Absences (外出) of reviewers, and who stands in for them (代办).

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "absence")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub region: String,
    pub department: String,
    pub account_id: Uuid,
    pub substitute_id: Uuid,
    pub from_on: Date,
    pub through_on: Date,
    pub reasons: String,
    pub registered_by: Uuid,
    pub registered_at: DateTimeUtc,
    pub cancelled_at: Option<DateTimeUtc>,
    pub version: i64,
}

impl ActiveModelBehavior for ActiveModel {}
