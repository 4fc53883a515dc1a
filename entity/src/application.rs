//! Applications (申请).

use lianshen_domain::applicant::ApplicantKind;
use lianshen_domain::application::{ApplicationOutcome, ApplicationState, Channel};
use lianshen_domain::clock::LampDates;
use sea_orm::entity::prelude::*;

use crate::Coded;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "application")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub region: String,
    #[sea_orm(unique)]
    pub receipt_number: String,
    pub query_code: String,
    pub state: Coded<ApplicationState>,
    pub outcome: Option<Coded<ApplicationOutcome>>,
    pub channel: Coded<Channel>,
    pub window: Option<String>,
    pub bundle_version_id: Option<Uuid>,
    pub bundle: Option<String>,
    pub lead_department: Option<String>,
    pub answers: Json,
    pub applicant_kind: Coded<ApplicantKind>,
    pub applicant_name: String,
    pub applicant_number: String,
    pub applicant_phone: String,
    pub agent: Option<Json>,
    pub applicant_account: Option<Uuid>,
    pub submitted_by: Uuid,
    pub accepted_by: Option<Uuid>,
    pub received_at: DateTimeUtc,
    pub received_on: Date,
    pub accepted_on: Option<Date>,
    pub joint_promised_due_on: Option<Date>,
    pub joint_statutory_due_on: Option<Date>,
    pub joint_alert_on: Option<Date>,
    pub renewal_certificate: Option<String>,
    pub renewal_expires_on: Option<Date>,
    pub renewal_in_time: bool,
    pub concluded_at: Option<DateTimeUtc>,
    pub closed_at: Option<DateTimeUtc>,
    /// Whether more than acceptance and conclusion made the joint clocks what they are.
    pub eventful: bool,
    /// Through which day all that time brings about has been written down; `None` in what a version without cards left.
    pub swept_through: Option<Date>,
    /// The next day on which time brings something about; the sweep looks for it.
    pub sweep_on: Option<Date>,
    pub version: i64,
    #[sea_orm(has_many)]
    pub cases: HasMany<super::case_::Entity>,
    #[sea_orm(has_many)]
    pub materials: HasMany<super::material::Entity>,
    #[sea_orm(has_many)]
    pub sharing_requests: HasMany<super::sharing_request::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// The dates that decide the lamp of the whole.
    pub fn lamp(&self) -> LampDates {
        LampDates {
            alert_on: self.joint_alert_on,
            promised_due_on: self.joint_promised_due_on,
            statutory_due_on: self.joint_statutory_due_on,
        }
    }
}

crate::placed::placed! {
    id, region, receipt_number, query_code, state, outcome, channel, window, bundle_version_id, bundle, lead_department, answers, applicant_kind, applicant_name, applicant_number, applicant_phone, agent, applicant_account, submitted_by, accepted_by, received_at, received_on, accepted_on, joint_promised_due_on, joint_statutory_due_on, joint_alert_on, renewal_certificate, renewal_expires_on, renewal_in_time, concluded_at, closed_at, eventful, swept_through, sweep_on, version
}

crate::placed::head! {
    id: Uuid,
    region: String,
    receipt_number: String,
    state: Coded<ApplicationState>,
    outcome: Option<Coded<ApplicationOutcome>>,
    bundle_version_id: Option<Uuid>,
    lead_department: Option<String>,
    applicant_kind: Coded<ApplicantKind>,
    applicant_name: String,
    received_at: DateTimeUtc,
    received_on: Date,
    accepted_on: Option<Date>,
    version: i64,
}

crate::placed::part! {
    /// What progress without an account shows of it, and the code that is asked for it.
    Progress:
    id: Uuid,
    region: String,
    receipt_number: String,
    query_code: String,
    state: Coded<ApplicationState>,
    outcome: Option<Coded<ApplicationOutcome>>,
    received_on: Date,
    accepted_on: Option<Date>,
}
