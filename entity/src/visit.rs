//! Visits: joint site visits (联合踏勘) and joint meetings (联审会议), each with its one record.

use lianshen_domain::visit::{VisitKind, VisitState};
use sea_orm::entity::prelude::*;

use crate::Coded;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "visit")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub application_id: Uuid,
    pub region: String,
    /// The n-th of the application.
    pub number: i32,
    pub kind: Coded<VisitKind>,
    pub state: Coded<VisitState>,
    pub begins_at: DateTimeUtc,
    pub place: String,
    /// The department that called it; `None` for the centre.
    pub convener: Option<String>,
    /// The departments with persons, attendance and conclusions.
    pub parts: Json,
    pub because: Option<String>,
    pub record: Option<String>,
    pub defects: Json,
    pub version: i64,
}

impl ActiveModelBehavior for ActiveModel {}
