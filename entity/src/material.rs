//! Materials (材料) that were handed in.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "material")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub application_id: Uuid,
    pub region: String,
    pub ordinal: i32,
    pub code: String,
    pub name: String,
    pub originals: i32,
    pub copies: i32,
    pub file_name: Option<String>,
    pub sha256: Option<String>,
    /// Item codes that want it, as a JSON list.
    pub wanted_by: Json,
    /// Departments that may read it, as `,A,B,`: those whose items want it.
    pub readers: String,
    pub received_at: DateTimeUtc,
    /// Whether it was had by sharing; otherwise the applicant handed it in.
    pub by_sharing: bool,
    /// The n-th that was handed in under this code, from 1.
    pub version: i32,
    /// When a newer version took its place.
    pub replaced_at: Option<DateTimeUtc>,
    /// Why.
    pub replaced_because: Option<String>,
    #[sea_orm(belongs_to, from = "application_id", to = "id")]
    pub application: HasOne<super::application::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
