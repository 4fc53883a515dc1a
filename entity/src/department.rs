//! Departments (部门).

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "department")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub region: String,
    pub code: String,
    pub name: String,
    pub short_name: String,
    pub definition: Json,
}

impl ActiveModelBehavior for ActiveModel {}
