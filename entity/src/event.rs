//! Events: the ledger. Rows are only ever added; the sequencer alone fills position and hash.

use lianshen_domain::actor::Role;
use lianshen_domain::event::EventKind;
use sea_orm::entity::prelude::*;

use crate::Coded;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "event")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub application_id: Option<Uuid>,
    pub case_id: Option<Uuid>,
    pub review_id: Option<Uuid>,
    pub region: String,
    pub kind: Coded<EventKind>,
    pub department: Option<String>,
    pub public: bool,
    pub happened_at: DateTimeUtc,
    pub entered_at: DateTimeUtc,
    pub actor: Option<Uuid>,
    pub actor_role: Option<Coded<Role>>,
    pub detail: Json,
    pub position: Option<i64>,
    pub hash: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}

crate::placed::placed! {
    id, application_id, case_id, review_id, region, kind, department, public, happened_at, entered_at, actor, actor_role, detail, position, hash
}

crate::placed::part! {
    /// What everybody who may see it is shown of it, but for its detail.
    Line:
    id: Uuid,
    case_id: Option<Uuid>,
    kind: Coded<EventKind>,
    department: Option<String>,
    happened_at: DateTimeUtc,
    entered_at: DateTimeUtc,
}
