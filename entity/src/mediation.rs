//! Mediations (协调) of conflicts between two opinions on one case.

use lianshen_domain::conflict::ConflictKind;
use lianshen_domain::mediation::{MediationLevel, MediationState};
use sea_orm::entity::prelude::*;

use crate::Coded;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "mediation")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub application_id: Uuid,
    pub case_id: Uuid,
    pub region: String,
    /// The department that handles the case.
    pub department: String,
    /// The n-th of the application.
    pub number: i32,
    pub kind: Coded<ConflictKind>,
    /// The two opinions, and who gave them.
    pub first_review: Uuid,
    pub first_department: String,
    pub second_review: Uuid,
    pub second_department: String,
    /// The categories of conditions that exclude each other.
    pub first_category: Option<String>,
    pub second_category: Option<String>,
    pub question: String,
    pub state: Coded<MediationState>,
    pub level: Coded<MediationLevel>,
    /// The department that the government named; it sees the application from then on.
    pub named_department: Option<String>,
    /// The levels that it reached.
    pub levels: Json,
    /// What the departments said.
    pub positions: Json,
    pub settlement: Option<String>,
    pub minority_department: Option<String>,
    pub minority_view: Option<String>,
    pub ended_on: Option<Date>,
    pub version: i64,
}

impl ActiveModelBehavior for ActiveModel {}
