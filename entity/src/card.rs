//! Cards (预警, 黄牌, 红牌): each occurrence of a rule of supervision, once.

use lianshen_domain::supervision::{CardLevel, TimeRule};
use sea_orm::entity::prelude::*;

use crate::Coded;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "card")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The case, or the application for a clock of the whole.
    pub subject_id: Uuid,
    pub rule: Coded<TimeRule>,
    /// What tells the occurrences of a rule on one subject apart.
    pub occurrence: String,
    pub application_id: Uuid,
    pub case_id: Option<Uuid>,
    pub region: String,
    /// The department of the case; empty for the application as a whole.
    pub department: String,
    pub level: Coded<CardLevel>,
    pub raised_on: Date,
    pub raised_at: DateTimeUtc,
    /// The day on which the cause of an alert was gone; a card is never cleared.
    pub cleared_on: Option<Date>,
    pub evidence: Json,
}

impl ActiveModelBehavior for ActiveModel {}
