//! Events: the ledger. Rows are only ever added; the sequencer alone fills position and hash.

use lianshen_domain::actor::Role;
use lianshen_domain::code::Code as _;
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

crate::placed::fields! {
    /// An event as it stands in its row: kind and role by their codes, also such as this program does not know.
    Stored:
    id: Uuid,
    application_id: Option<Uuid>,
    case_id: Option<Uuid>,
    review_id: Option<Uuid>,
    region: String,
    kind: String,
    department: Option<String>,
    public: bool,
    happened_at: DateTimeUtc,
    entered_at: DateTimeUtc,
    actor: Option<Uuid>,
    actor_role: Option<String>,
    detail: Json,
    position: Option<i64>,
    hash: Option<String>,
}

impl From<Model> for Stored {
    fn from(event: Model) -> Self {
        Self {
            id: event.id,
            application_id: event.application_id,
            case_id: event.case_id,
            review_id: event.review_id,
            region: event.region,
            kind: event.kind.0.code().to_owned(),
            department: event.department,
            public: event.public,
            happened_at: event.happened_at,
            entered_at: event.entered_at,
            actor: event.actor,
            actor_role: event.actor_role.map(|role| role.0.code().to_owned()),
            detail: event.detail,
            position: event.position,
            hash: event.hash,
        }
    }
}

impl TryFrom<Stored> for Model {
    type Error = DbErr;

    /// An event that this program knows.
    fn try_from(stored: Stored) -> Result<Self, DbErr> {
        let role = stored.actor_role.as_deref().map(Coded::of_code);
        Ok(Self {
            kind: Coded::of_code(&stored.kind)?,
            actor_role: role.transpose()?,
            id: stored.id,
            application_id: stored.application_id,
            case_id: stored.case_id,
            review_id: stored.review_id,
            region: stored.region,
            department: stored.department,
            public: stored.public,
            happened_at: stored.happened_at,
            entered_at: stored.entered_at,
            actor: stored.actor,
            detail: stored.detail,
            position: stored.position,
            hash: stored.hash,
        })
    }
}
