//! Changes of the tally that are not folded in yet: one row an act, so that no two acts wait for each other.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tally_change")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub region: String,
    /// A list of `[department, topic, code, day, n]`.
    pub changes: Json,
}

impl ActiveModelBehavior for ActiveModel {}
