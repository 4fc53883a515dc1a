//! Cases (办件). The table is `case_` because `case` is a word of SQL.

use lianshen_domain::case::{CaseResult, CaseState};
use lianshen_domain::clock::{LampDates, Standing};
use sea_orm::entity::prelude::*;

use crate::Coded;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "case_")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub application_id: Uuid,
    pub region: String,
    pub ordinal: i32,
    pub item_version_id: Uuid,
    pub item: String,
    pub item_name: String,
    pub department: String,
    /// Ids of the cases that must be granted first, as a JSON list.
    pub predecessors: Json,
    pub case_number: String,
    pub accepted_seq: Option<i64>,
    pub state: Coded<CaseState>,
    pub started_on: Option<Date>,
    pub promised_due_on: Option<Date>,
    pub statutory_due_on: Option<Date>,
    pub alert_on: Option<Date>,
    pub provisional: bool,
    /// The day on which the clocks stopped; later than `result_on` where that was entered after a period had ended.
    pub stopped_on: Option<Date>,
    /// Whether more than start and decision made the clocks what they are; only then need its events be read for them.
    pub eventful: bool,
    pub result: Option<Coded<CaseResult>>,
    pub result_reasons: Option<String>,
    pub result_by: Option<Uuid>,
    pub result_at: Option<DateTimeUtc>,
    pub result_on: Option<Date>,
    pub version: i64,
    /// How many opinions of other departments it has asked for.
    pub asked: i32,
    /// The refusals of it that were revoked, as a JSON list, the first first; null for none.
    pub former_decisions: Option<Json>,
    /// What its dates would have said when the clocks stopped if nothing had ever suspended one; null while they run, and
    /// where it is what they say.
    pub standing_unsuspended: Option<Coded<Standing>>,
    #[sea_orm(belongs_to, from = "application_id", to = "id")]
    pub application: HasOne<super::application::Entity>,
    #[sea_orm(has_many)]
    pub reviews: HasMany<super::review::Entity>,
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
    id, application_id, region, ordinal, item_version_id, item, item_name, department, predecessors, case_number, accepted_seq, state, started_on, promised_due_on, statutory_due_on, alert_on, provisional, stopped_on, eventful, result, result_reasons, result_by, result_at, result_on, version, asked, former_decisions, standing_unsuspended
}

crate::placed::head! {
    id: Uuid,
    application_id: Uuid,
    region: String,
    ordinal: i32,
    item_version_id: Uuid,
    item_name: String,
    department: String,
    case_number: String,
    state: Coded<CaseState>,
    result: Option<Coded<CaseResult>>,
    version: i64,
}

crate::placed::part! {
    /// What progress without an account shows of it, and its place among its siblings.
    Progress:
    id: Uuid,
    ordinal: i32,
    item_name: String,
    department: String,
    case_number: String,
    state: Coded<CaseState>,
    result: Option<Coded<CaseResult>>,
}
