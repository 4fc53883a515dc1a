//! Published versions of bundles (一件事), immutable.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "bundle_version")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub region: String,
    pub code: String,
    pub version: i32,
    pub name: String,
    pub lead_department: String,
    pub published_at: DateTimeUtc,
    pub open: bool,
    pub definition: Json,
}

impl ActiveModelBehavior for ActiveModel {}
