//! What departments miss before acceptance (缺件报告): one row a case and round.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "missing_report")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub case_id: Uuid,
    /// 1 before the notice, 2 after the supplement.
    #[sea_orm(primary_key, auto_increment = false)]
    pub round: i32,
    pub application_id: Uuid,
    pub region: String,
    pub department: String,
    /// Each with text, basis, material and who wants it; none where nothing is missing.
    pub points: Json,
    pub reported_at: DateTimeUtc,
    /// The last day on which it could be reported.
    pub due_on: Date,
}

impl ActiveModelBehavior for ActiveModel {}
