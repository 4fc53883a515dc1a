//! Published versions of items (事项), immutable.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "item_version")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub region: String,
    pub code: String,
    pub version: i32,
    pub name: String,
    pub department: String,
    pub published_at: DateTimeUtc,
    /// The item is open for applications; an abolished or superseded version is not.
    pub open: bool,
    pub definition: Json,
}

impl ActiveModelBehavior for ActiveModel {}
