//! What items refer to: definitions of materials and of fees.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "catalogue_part")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub region: String,
    /// `MATERIAL` or `FEE`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub code: String,
    pub definition: Json,
}

impl ActiveModelBehavior for ActiveModel {}
