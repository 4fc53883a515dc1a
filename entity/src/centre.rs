//! Centres (政务服务中心), one a region.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "centre")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub region: String,
    pub name: String,
    pub region_name: String,
    /// Grows with every change of catalogue or calendar; caches compare it.
    pub revision: i64,
}

impl ActiveModelBehavior for ActiveModel {}
