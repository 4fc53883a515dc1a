//! The tally (统计计数): how many there are of each, as far as the changes are folded in.

use lianshen_domain::tally::Topic;
use sea_orm::entity::prelude::*;

use crate::Coded;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tally")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub region: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub topic: Coded<Topic>,
    /// What the day means stands at the topic.
    #[sea_orm(primary_key, auto_increment = false)]
    pub day: Date,
    /// Empty for an application as a whole.
    #[sea_orm(primary_key, auto_increment = false)]
    pub department: String,
    /// A state, a standing, a result or a level.
    #[sea_orm(primary_key, auto_increment = false)]
    pub code: String,
    pub n: i64,
}

impl ActiveModelBehavior for ActiveModel {}
