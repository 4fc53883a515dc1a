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
}

impl ActiveModelBehavior for ActiveModel {}
