//! The rows of a submission that was checked.

use chrono::{DateTime, Utc};
use lianshen_domain::actor::Role;
use lianshen_domain::application::{Application, File};
use lianshen_domain::catalogue::CatalogueView as _;
use lianshen_domain::ids::{ApplicationId, Id as _, MaterialId};
use lianshen_domain::item_code::receipt_number;
use lianshen_domain::sharing::{self, SharingState};
use lianshen_entity::{Coded, application, case_, material, review, sharing_request};
use uuid::Uuid;

use super::handed_in::{HandedIn, readers_of};
use super::mapping::{application_row, fill_case, new_review_row};
use super::serials::Given;
use super::submit::Draft;
use crate::app::App;
use crate::catalogue::Centre;
use crate::error::AppError;

impl Draft<'_> {
    pub(super) fn application_row(
        &self,
        application: &Application,
        query_code: &str,
        given: &mut Given,
    ) -> Result<application::Model, AppError> {
        let serial =
            u32::try_from(given.next(&self.receipt_series())?).map_err(AppError::internal)?;
        let receipt = receipt_number(&self.actor.region, self.at.today, serial);
        let online = self.actor.role == Role::Applicant;
        let bundle_id = self.bundle_id();
        let agent = self
            .applicant
            .agent
            .as_ref()
            .map(serde_json::to_value)
            .transpose();
        let blank = application::Model {
            id: application.id.raw(),
            region: self.actor.region.clone(),
            receipt_number: receipt
                .ok_or_else(|| AppError::internal("no receipt number left for the day"))?,
            query_code: query_code.to_owned(),
            state: Coded(application.state),
            outcome: None,
            channel: Coded(application.channel),
            window: None,
            bundle_version_id: bundle_id.map(lianshen_domain::ids::Id::raw),
            bundle: self.bundle.map(|bundle| bundle.code.clone()),
            lead_department: self.bundle.map(|bundle| bundle.lead_department.clone()),
            answers: serde_json::to_value(&self.command.answers).map_err(AppError::internal)?,
            applicant_kind: Coded(self.applicant.kind),
            applicant_name: self.applicant.name.clone(),
            applicant_number: self.applicant.id_number.clone(),
            applicant_phone: self.applicant.phone.clone(),
            agent: agent.map_err(AppError::internal)?,
            applicant_account: online.then(|| self.actor.account.raw()),
            submitted_by: self.actor.account.raw(),
            accepted_by: None,
            received_at: self.at.now,
            received_on: self.at.today,
            accepted_on: None,
            joint_promised_due_on: None,
            joint_statutory_due_on: None,
            joint_alert_on: None,
            renewal_certificate: None,
            renewal_expires_on: None,
            renewal_in_time: false,
            eventful: false,
            swept_through: None,
            sweep_on: None,
            concluded_at: None,
            closed_at: None,
            version: 1,
        };
        Ok(application_row(application, blank))
    }

    pub(super) fn case_rows(&self, file: &File) -> Result<Vec<case_::Model>, AppError> {
        let rows = file.cases.iter().map(|case| {
            let predecessors: Vec<Uuid> = case.predecessors.iter().map(|id| id.raw()).collect();
            let blank = case_::Model {
                id: case.id.raw(),
                application_id: case.application.raw(),
                region: self.actor.region.clone(),
                ordinal: case.ordinal,
                item_version_id: case.item_version.raw(),
                item: case.item.clone(),
                item_name: case.item_name.clone(),
                department: case.department.clone(),
                predecessors: serde_json::to_value(predecessors).map_err(AppError::internal)?,
                case_number: case.case_number.clone(),
                accepted_seq: None,
                state: Coded(case.state),
                started_on: None,
                promised_due_on: None,
                statutory_due_on: None,
                alert_on: None,
                provisional: false,
                stopped_on: None,
                eventful: false,
                result: None,
                result_reasons: None,
                result_by: None,
                result_at: None,
                result_on: None,
                version: 1,
                asked: 0,
                former_decisions: None,
                standing_unsuspended: None,
            };
            Ok(fill_case(case, blank))
        });
        rows.collect()
    }

    pub(super) fn review_rows(file: &File, application: &application::Model) -> Vec<review::Model> {
        let rows = file
            .cases
            .iter()
            .zip(&file.reviews)
            .map(|(case, review)| new_review_row(review, case, application));
        rows.collect()
    }

    /// The departments of items, as a list that can be searched.
    fn readers(&self, items: &[String]) -> String {
        let items = items
            .iter()
            .filter_map(|item| self.centre.catalogue.item(item));
        readers_of(items.map(|item| item.department.as_str()))
    }

    /// Whom the materials that were not handed in are asked of; nobody where this centre is connected to nobody.
    pub(super) fn sharing_rows(&self, app: &App, id: ApplicationId) -> Vec<sharing_request::Model> {
        if !app.config.sharing.is_connected() {
            return Vec::new();
        }
        let materials = self.command.materials.iter();
        let handed_in: Vec<String> = materials.map(|material| material.code.clone()).collect();
        let asked = sharing::to_be_asked(&self.plan.materials, &handed_in);
        let rows = (0..).zip(asked).map(|(ordinal, planned)| {
            let definition = self.centre.catalogue.material(&planned.material);
            sharing_request::Model {
                id: app.env.uuid(),
                application_id: id.raw(),
                region: self.actor.region.clone(),
                ordinal,
                code: planned.material.clone(),
                name: material_name(self.centre, &planned.material).to_owned(),
                asked_of: definition.and_then(|definition| definition.shared_from.clone()),
                wanted_by: serde_json::json!(planned.wanted_by),
                readers: self.readers(&planned.wanted_by),
                state: Coded(SharingState::Open),
                attempts: 0,
                next_at: Some(self.at.now),
                problem: None,
                ended_at: None,
                material_id: None,
            }
        });
        rows.collect()
    }

    pub(super) fn material_rows(&self, app: &App, id: ApplicationId) -> Vec<material::Model> {
        let rows = (0..)
            .zip(&self.command.materials)
            .map(|(ordinal, handed_in)| {
                let planned = self
                    .plan
                    .materials
                    .iter()
                    .find(|planned| planned.material == handed_in.code);
                let wanted_by = planned
                    .map(|planned| planned.wanted_by.clone())
                    .unwrap_or_default();
                material::Model {
                    ordinal,
                    readers: self.readers(&wanted_by),
                    wanted_by: serde_json::json!(wanted_by),
                    ..material_row(app, self.centre, id, handed_in, self.at.now)
                }
            });
        rows.collect()
    }
}

fn material_name<'a>(centre: &'a Centre, code: &'a str) -> &'a str {
    let definition = centre.catalogue.material(code);
    definition.map_or(code, |definition| &definition.name)
}

/// A material that is handed in now, before anybody has said who wants it and who reads it.
pub(super) fn material_row(
    app: &App,
    centre: &Centre,
    application: ApplicationId,
    handed_in: &HandedIn,
    now: DateTime<Utc>,
) -> material::Model {
    material::Model {
        id: app.env.id::<MaterialId>().raw(),
        application_id: application.raw(),
        region: centre.region.clone(),
        ordinal: 0,
        code: handed_in.code.clone(),
        name: material_name(centre, &handed_in.code).to_owned(),
        originals: handed_in.originals,
        copies: handed_in.copies,
        file_name: handed_in.file_name.clone(),
        sha256: handed_in.sha256.as_deref().map(str::to_ascii_lowercase),
        wanted_by: serde_json::json!([]),
        readers: String::new(),
        received_at: now,
        by_sharing: false,
        version: 1,
        replaced_at: None,
        replaced_because: None,
    }
}
