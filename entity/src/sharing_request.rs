//! Requests for shared materials (数据共享请求).

use lianshen_domain::sharing::{SharingProblem, SharingState};
use sea_orm::entity::prelude::*;

use crate::Coded;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sharing_request")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub application_id: Uuid,
    pub region: String,
    /// Its place behind the materials that were handed in.
    pub ordinal: i32,
    /// Code of the material.
    pub code: String,
    pub name: String,
    /// Code of the department that holds it; none where the archive of whoever issued it does.
    pub asked_of: Option<String>,
    /// Item codes that want it, as a JSON list.
    pub wanted_by: Json,
    /// Departments that know of it, as `,A,B,`: those whose items want it.
    pub readers: String,
    pub state: Coded<SharingState>,
    /// How often somebody was asked.
    pub attempts: i32,
    /// When somebody is asked next; none when it is over.
    pub next_at: Option<DateTimeUtc>,
    /// Why no answer came last.
    pub problem: Option<Coded<SharingProblem>>,
    /// When it was over.
    pub ended_at: Option<DateTimeUtc>,
    /// What came.
    pub material_id: Option<Uuid>,
    #[sea_orm(belongs_to, from = "application_id", to = "id")]
    pub application: HasOne<super::application::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
