//! What departments miss before acceptance, and the one notice that joins all of it.

use std::sync::Arc;

use async_graphql::{Context, InputObject, Object, Result};
use lianshen_domain::ids::{ApplicationId, CaseId, Id as _};
use lianshen_domain::missing::{self, ReportState, Reports, Wish};
use lianshen_domain::rejected::Rejected;

use super::application::Application;
use super::application::act::ApplicationActInput;
use super::application::correction::{ApplicationNoticeCorrectionInput, CorrectionPointInput};
use super::case::Case;
use super::catalogue::{Department, department};
use super::coded::CodeEnum;
use super::context::Ctx;
use super::ids::NodeId;
use super::loaders::{Loaders, MissingOf, whole_cases_of};
use super::payload::{act, payloads};
use super::scalars::{Date, DateTime};
use crate::case::{
    self, ApplicationRow, OnReport, ReportPoint, ReportView, SendNotice, may_read_report,
    report_view,
};

/// What a department misses.
pub struct MissingReport {
    view: ReportView,
    department: String,
    region: String,
}

/// One thing that is missing.
pub struct MissingPoint {
    point: missing::MissingPoint,
    region: String,
}

/// Who wants it.
pub struct MissingWish {
    wish: Wish,
    region: String,
}

/// What the department of a case has said of what is missing for it (缺件报告).
#[Object]
impl MissingReport {
    /// What it said, or that it says nothing.
    async fn state(&self) -> CodeEnum<ReportState> {
        self.view.state.into()
    }

    /// What is missing for the case; none where nothing is, and where nothing was said.
    #[graphql(complexity = "5 * child_complexity")]
    async fn points(&self) -> Vec<MissingPoint> {
        let points = self.view.report.iter().flat_map(|report| &report.points);
        points
            .map(|point| MissingPoint {
                point: point.clone(),
                region: self.region.clone(),
            })
            .collect()
    }

    /// When it was reported last; null where nothing was.
    async fn reported_at(&self) -> Option<DateTime> {
        let report = self.view.report.as_ref();
        report.map(|report| DateTime(report.reported_at))
    }

    /// The department that reports.
    async fn reported_by(&self, ctx: &Context<'_>) -> Result<Option<Department>> {
        department(ctx, &self.region, &*self.department)
    }

    /// The last day on which it may name something, by the calendar of the centre.
    async fn due_on(&self) -> Date {
        Date(self.view.due_on)
    }
}

/// One thing that is missing (缺件事项).
#[Object]
impl MissingPoint {
    /// What; where several say it in other words, all of them.
    async fn text(&self) -> &str {
        &self.point.text
    }

    /// The article or the published condition on which it rests.
    async fn basis(&self) -> &str {
        &self.point.basis
    }

    /// Code of the material; null where it is none of the published list.
    async fn material_code(&self) -> Option<&str> {
        self.point.material.as_deref()
    }

    /// Who wants it (提出部门); nobody where the window named it.
    #[graphql(complexity = "3 * child_complexity")]
    async fn wanted_by(&self) -> Vec<MissingWish> {
        let wishes = self.point.wanted_by.iter();
        wishes
            .map(|wish| MissingWish {
                wish: wish.clone(),
                region: self.region.clone(),
            })
            .collect()
    }
}

/// Who wants something, and for which item.
#[Object]
impl MissingWish {
    /// Code of the department.
    async fn department_code(&self) -> &str {
        &self.wish.department
    }

    /// The department; null for one that the catalogue does not have any more.
    async fn department(&self, ctx: &Context<'_>) -> Result<Option<Department>> {
        department(ctx, &self.region, &*self.wish.department)
    }

    /// Code of the item; null for what the lead department added of its own.
    async fn item_code(&self) -> Option<&str> {
        self.wish.item.as_deref()
    }
}

/// What was reported on an application.
async fn reports(ctx: &Context<'_>, id: ApplicationId) -> Result<Arc<Reports>> {
    let loaded = ctx.data::<Loaders>()?.load_one(MissingOf(id)).await;
    Ok(Ctx::of(ctx)?.loaded(loaded)?.unwrap_or_default())
}

/// What the department of a case has said, if the caller may read it.
pub(super) async fn report_on(ctx: &Context<'_>, case: &Case) -> Result<Option<MissingReport>> {
    let Some(application) = case.application_row(ctx).await? else {
        return Ok(None);
    };
    let row = case.row(ctx).await?;
    let actor = Ctx::of(ctx)?.actor()?;
    if !may_read_report(actor, &application, &row.department) {
        return Ok(None);
    }
    let id = ApplicationId::new(application.id);
    let course = case.course(ctx).await?.unwrap_or_default();
    let cases = whole_cases_of(ctx, id).await?;
    let reports = reports(ctx, id).await?;
    let ctx = Ctx::of(ctx)?;
    let app = ctx.app();
    let snapshot = app.library.present();
    let file = (&*application, &*cases, &*course);
    let view = report_view(app, &snapshot, file, row, &reports);
    let view = view.map_err(|error| ctx.fail(error))?;
    Ok(view.map(|view| MissingReport {
        view,
        department: row.department.clone(),
        region: row.region.clone(),
    }))
}

/// All that is missing on an application, if the caller may read it.
pub(super) async fn points_of(
    ctx: &Context<'_>,
    application: &ApplicationRow,
) -> Result<Vec<MissingPoint>> {
    if !case::may_read_merged(Ctx::of(ctx)?.actor()?, application) {
        return Ok(Vec::new());
    }
    let reports = reports(ctx, ApplicationId::new(application.id)).await?;
    let points = reports.points().into_iter();
    Ok(points
        .map(|point| MissingPoint {
            point,
            region: application.region.clone(),
        })
        .collect())
}

/// One thing that a department misses.
#[derive(InputObject)]
pub struct MissingPointInput {
    /// What has to be corrected or added, at most 500 characters.
    pub text: String,
    /// The article or the published condition on which that rests, at most 500 characters.
    pub basis: String,
    /// Code of the material, if it is one that the item wants. What several departments say of one material is told once.
    pub material_code: Option<String>,
}

/// Everything that a department misses for a case.
#[derive(InputObject)]
pub struct CaseReportMissingInput {
    /// Chosen by you; repeating the request with the same key reports once.
    pub idempotency_key: String,
    /// The case.
    pub case_id: NodeId<CaseId>,
    /// Every point, 1 to 100; they stand in place of those reported before.
    pub points: Vec<MissingPointInput>,
    /// The version of the case that you looked at; another one is a `CONFLICT`.
    pub expected_version: Option<i64>,
}

/// That nothing is missing for a case.
#[derive(InputObject)]
pub struct CaseReportCompleteInput {
    /// Chosen by you; repeating the request with the same key reports once.
    pub idempotency_key: String,
    /// The case.
    pub case_id: NodeId<CaseId>,
    /// The version of the case that you looked at; another one is a `CONFLICT`.
    pub expected_version: Option<i64>,
}

/// The one notice of all that departments miss.
#[derive(InputObject)]
pub struct ApplicationSendMergedNoticeInput {
    /// Which application, and by which key.
    #[graphql(flatten)]
    pub on: ApplicationActInput,
    /// What you add of your own, at most 100 points.
    #[graphql(default)]
    pub points: Vec<CorrectionPointInput>,
    /// Working days for the supplement, 1 to 3,650; those of the centre if absent.
    pub supplement_days: Option<i32>,
}

payloads! {
    case: Case;
    /// What became of a report.
    CaseReportMissingPayload;
    /// What became of a report that nothing is missing.
    CaseReportCompletePayload;
}

payloads! {
    application: Application;
    /// What became of the merged notice.
    ApplicationSendMergedNoticePayload;
}

/// Acts on what is missing before acceptance.
#[derive(Default)]
pub struct MissingMutation;

#[Object]
impl MissingMutation {
    /// Reports what your department misses for its case (缺件报告), in place of what it reported before: within the check days
    /// of the centre, before the notice and before acceptance; after the supplement only points of the notice. Whatever goes
    /// beyond that is refused (`REPORT_TOO_LATE`, `POINT_NOT_IN_NOTICE`) and raises a red card (`MAT_02`). For reviewers,
    /// deciders and coordinators of the department that handles the case.
    async fn case_report_missing(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Everything that is missing.")] input: CaseReportMissingInput,
    ) -> Result<CaseReportMissingPayload> {
        act!(ctx, input.command(), case::report_missing)
    }

    /// Reports that nothing is missing for the case (齐全报告), also in place of points reported before, which were mended
    /// meanwhile; until the application is accepted. For reviewers, deciders and coordinators of the department that handles
    /// the case.
    async fn case_report_complete(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which case.")] input: CaseReportCompleteInput,
    ) -> Result<CaseReportCompletePayload> {
        act!(ctx, input.command(), case::report_complete)
    }

    /// Tells the applicant once everything that departments reported, each point with all who want it (合并的一次性补正告知).
    /// `REPORTS_OUTSTANDING` while a department may still report; who said nothing in time misses nothing. For the
    /// coordinator of the lead department; where nobody leads, for the window.
    async fn application_send_merged_notice(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What you add.")] input: ApplicationSendMergedNoticeInput,
    ) -> Result<ApplicationSendMergedNoticePayload> {
        act!(ctx, input.command(), case::send_merged_notice)
    }
}

impl CaseReportMissingInput {
    fn command(self) -> Result<OnReport, Rejected> {
        let points = self.points.into_iter();
        let points = points.map(|point| ReportPoint {
            text: point.text,
            basis: point.basis,
            material: point.material_code,
        });
        Ok(OnReport {
            idempotency_key: self.idempotency_key,
            case: self.case_id.read("caseId")?.raw(),
            points: points.collect(),
            expected_version: self.expected_version,
        })
    }
}

impl CaseReportCompleteInput {
    fn command(self) -> Result<OnReport, Rejected> {
        Ok(OnReport {
            idempotency_key: self.idempotency_key,
            case: self.case_id.read("caseId")?.raw(),
            points: Vec::new(),
            expected_version: self.expected_version,
        })
    }
}

impl ApplicationSendMergedNoticeInput {
    fn command(self) -> Result<SendNotice, Rejected> {
        let by_hand = ApplicationNoticeCorrectionInput {
            on: self.on,
            points: self.points,
            supplement_days: self.supplement_days,
        };
        Ok(SendNotice {
            notice: by_hand.command()?,
        })
    }
}
