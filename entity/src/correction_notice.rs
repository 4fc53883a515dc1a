//! The points of the one correction notice of an application (补正告知).

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "correction_notice")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub application_id: Uuid,
    pub region: String,
    /// Each with text, basis, material and who wants it.
    pub points: Json,
}

impl ActiveModelBehavior for ActiveModel {}
