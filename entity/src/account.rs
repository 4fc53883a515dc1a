//! Accounts.

use lianshen_domain::actor::Role;
use sea_orm::entity::prelude::*;

use crate::Coded;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "account")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub region: String,
    /// Folded to lower case; unique in the installation.
    #[sea_orm(unique)]
    pub name: String,
    pub display_name: String,
    pub role: Coded<Role>,
    pub department: Option<String>,
    pub window: Option<String>,
    pub password_hash: String,
    pub created_at: DateTimeUtc,
    pub closed_at: Option<DateTimeUtc>,
    pub version: i64,
}

impl ActiveModelBehavior for ActiveModel {}
