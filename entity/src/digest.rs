//! Morning digests (晨报), one a day and department, kept as they were.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "digest")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub day: Date,
    #[sea_orm(primary_key, auto_increment = false)]
    pub region: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub department: String,
    pub made_at: DateTimeUtc,
    pub contents: Json,
}

impl ActiveModelBehavior for ActiveModel {}
