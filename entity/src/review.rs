//! Reviews (审查) with the opinion that ended them.

use lianshen_domain::clock::LampDates;
use lianshen_domain::review::{OpinionKind, ReviewState};
use sea_orm::entity::prelude::*;

use crate::Coded;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "review")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub case_id: Uuid,
    pub application_id: Uuid,
    pub region: String,
    pub department: String,
    pub state: Coded<ReviewState>,
    pub claimed_by: Option<Uuid>,
    pub claimed_at: Option<DateTimeUtc>,
    pub opinion: Option<Coded<OpinionKind>>,
    pub reasons: Option<String>,
    pub given_by: Option<Uuid>,
    pub given_at: Option<DateTimeUtc>,
    /// What an inbox sorts, filters and searches by, copied from the case so that one index serves.
    pub item: String,
    pub bundle: Option<String>,
    pub sort_on: Date,
    pub promised_due_on: Option<Date>,
    pub statutory_due_on: Option<Date>,
    pub alert_on: Option<Date>,
    pub search_text: String,
    pub version: i64,
    /// Why a department other than that of the case was asked; `None` for the examination.
    pub consultation: Option<Json>,
    /// On what the opinion agrees.
    pub conditions: Option<Json>,
    /// The materials on which the opinion relies, as a JSON list of ids; `None` for all that the case wanted.
    pub relied_on: Option<Json>,
    /// What nobody has signed yet.
    pub draft: Option<Json>,
    /// Why another review took its place.
    pub set_aside_because: Option<String>,
    #[sea_orm(belongs_to, from = "case_id", to = "id")]
    pub case: HasOne<super::case_::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// The dates that decide its lamp.
    pub fn lamp(&self) -> LampDates {
        LampDates {
            alert_on: self.alert_on,
            promised_due_on: self.promised_due_on,
            statutory_due_on: self.statutory_due_on,
        }
    }
}

crate::placed::placed! {
    id, case_id, application_id, region, department, state, claimed_by, claimed_at, opinion, reasons, given_by, given_at, item, bundle, sort_on, promised_due_on, statutory_due_on, alert_on, search_text, version, consultation, conditions, relied_on, draft, set_aside_because
}

crate::placed::head! {
    id: Uuid,
    case_id: Uuid,
    application_id: Uuid,
    region: String,
    department: String,
    state: Coded<ReviewState>,
    claimed_by: Option<Uuid>,
    claimed_at: Option<DateTimeUtc>,
    opinion: Option<Coded<OpinionKind>>,
    given_at: Option<DateTimeUtc>,
    sort_on: Date,
    promised_due_on: Option<Date>,
    statutory_due_on: Option<Date>,
    alert_on: Option<Date>,
    version: i64,
    consultation: Option<Json>,
}
