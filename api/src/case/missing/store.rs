//! The rows of what departments miss, and of the notice.

use std::collections::HashMap;

use lianshen_domain::actor::Actor;
use lianshen_domain::ids::{ApplicationId, CaseId, Id as _};
use lianshen_domain::missing::{MissingReport, Reports};
use lianshen_entity::{correction_notice, missing_report};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _,
};
use serde_json::json;

use crate::app::App;
use crate::case::mapping::kept;
use crate::case::visibility::of_visible;
use crate::db::{Tx, Writes};
use crate::error::AppError;

/// What departments miss, on the desk: as it was read, and what becomes of it.
#[derive(Default)]
pub(in crate::case) struct KeptReports {
    before: Reports,
    pub(in crate::case) now: Reports,
}

impl KeptReports {
    /// Reads those of an application that is held.
    pub(super) async fn of(tx: &Tx, id: ApplicationId) -> Result<Self, AppError> {
        let now = read(&tx.0, id).await?;
        Ok(Self {
            before: now.clone(),
            now,
        })
    }

    /// Adds what changed to what is written. The application is held, so nobody else writes beside.
    pub(in crate::case) fn save(&self, writes: &mut Writes, id: ApplicationId, region: &str) {
        use missing_report::Column;
        let changed = self.now.all.iter();
        let changed = changed.filter(|report| !self.before.all.contains(report));
        let rows = changed.map(|report| row_of(report, id, region));
        let in_place = OnConflict::columns([Column::CaseId, Column::Round])
            .update_columns([Column::Points, Column::ReportedAt, Column::DueOn])
            .to_owned();
        writes.put(rows, &in_place);
        let sent = self.now.noticed.as_ref();
        let sent = sent.filter(|_| self.before.noticed.is_none());
        writes.insert(sent.map(|points| correction_notice::Model {
            application_id: id.raw(),
            region: region.to_owned(),
            points: json!(points),
        }));
    }
}

async fn read(db: &impl ConnectionTrait, id: ApplicationId) -> Result<Reports, AppError> {
    let rows = missing_report::Entity::find()
        .filter(missing_report::Column::ApplicationId.eq(id.raw()))
        .order_by_asc(missing_report::Column::ReportedAt)
        .order_by_asc(missing_report::Column::CaseId)
        .all(db)
        .await?;
    let notice = correction_notice::Entity::find_by_id(id.raw())
        .one(db)
        .await?;
    Ok(Reports {
        all: rows.iter().map(report_of).collect::<Result<_, _>>()?,
        noticed: notice.map(|row| kept(&row.points)).transpose()?,
    })
}

/// What departments miss of several applications that the actor may know of. Who may read which part of it is decided where
/// it is shown.
///
/// # Errors
/// When the database cannot be read, or a row cannot be understood.
pub async fn missing_of(
    app: &App,
    actor: &Actor,
    ids: &[ApplicationId],
) -> Result<HashMap<ApplicationId, Reports>, AppError> {
    let wanted = || ids.iter().map(|id| id.raw());
    let reports =
        of_visible::<missing_report::Entity>(actor, missing_report::Column::ApplicationId)
            .filter(missing_report::Column::ApplicationId.is_in(wanted()))
            .order_by_asc(missing_report::Column::ReportedAt)
            .order_by_asc(missing_report::Column::CaseId);
    let notices =
        of_visible::<correction_notice::Entity>(actor, correction_notice::Column::ApplicationId)
            .filter(correction_notice::Column::ApplicationId.is_in(wanted()));
    let mut found: HashMap<ApplicationId, Reports> = HashMap::new();
    for row in reports.all(app.db.reader()).await? {
        let id = ApplicationId::new(row.application_id);
        found.entry(id).or_default().all.push(report_of(&row)?);
    }
    for row in notices.all(app.db.reader()).await? {
        let id = ApplicationId::new(row.application_id);
        found.entry(id).or_default().noticed = Some(kept(&row.points)?);
    }
    Ok(found)
}

fn report_of(row: &missing_report::Model) -> Result<MissingReport, AppError> {
    Ok(MissingReport {
        case: CaseId::new(row.case_id),
        round: u32::try_from(row.round).map_err(AppError::internal)?,
        department: row.department.clone(),
        points: kept(&row.points)?,
        reported_at: row.reported_at,
        due_on: row.due_on,
    })
}

fn row_of(report: &MissingReport, id: ApplicationId, region: &str) -> missing_report::Model {
    missing_report::Model {
        case_id: report.case.raw(),
        round: i32::try_from(report.round).unwrap_or(i32::MAX),
        application_id: id.raw(),
        region: region.to_owned(),
        department: report.department.clone(),
        points: json!(report.points),
        reported_at: report.reported_at,
        due_on: report.due_on,
    }
}
