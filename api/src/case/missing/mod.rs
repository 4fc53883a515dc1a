//! The one correction notice of a joint application: what each department misses, and all of it told once.

mod store;

use std::sync::Arc;

use chrono::NaiveDate;
use lianshen_domain::actor::{Action, Actor, Role};
use lianshen_domain::application::{Course, Notice, Wished};
use lianshen_domain::catalogue::CatalogueView as _;
use lianshen_domain::document::{Line, LineLabel};
use lianshen_domain::ids::{ApplicationId, CaseId, Id as _};
use lianshen_domain::missing::{MissingPoint, MissingReport, ReportState, Reports, Wish, merged};
use lianshen_domain::rejected::{Reason, Rejected};
use serde::Serialize;
use uuid::Uuid;

pub(in crate::case) use store::KeptReports;
pub use store::missing_of;

use super::act::{Command, Did, Subject, act};
use super::as_of::file;
use super::correction::{NoticeCorrection, checked_points, lay_notice};
use super::desk::Desk;
use super::joined::CaseWithReviews;
use super::mapping::case_of;
use super::reach::Reach;
use super::read::{ApplicationRow, CaseRow};
use super::rules::RuleBook;
use super::shown::may_read_department;
use crate::app::App;
use crate::catalogue::Snapshot;
use crate::db::Tx;
use crate::error::AppError;

/// What departments miss of one application.
pub type MissingOf = Reports;

/// One thing that a department misses.
#[derive(Clone, Serialize)]
pub struct ReportPoint {
    /// What.
    pub text: String,
    /// The article or published condition on which it rests.
    pub basis: String,
    /// Code of the material, if it is one of the published list.
    pub material: Option<String>,
}

/// What a department says of a case.
#[derive(Clone, Serialize)]
pub struct OnReport {
    /// Chosen by the client.
    pub idempotency_key: String,
    /// The case.
    pub case: Uuid,
    /// What is missing; none where nothing is.
    pub points: Vec<ReportPoint>,
    /// The version of the case that was looked at.
    pub expected_version: Option<i64>,
}

/// The merged notice, with what the sender adds.
#[derive(Clone, Serialize)]
pub struct SendNotice {
    /// The act, as if it were written by hand.
    #[serde(flatten)]
    pub notice: NoticeCorrection,
}

/// What the department of a case has said, for those who may read it.
#[derive(Clone, Debug)]
pub struct ReportView {
    /// What it says, or that it says nothing.
    pub state: ReportState,
    /// The last day on which it may, or might.
    pub due_on: NaiveDate,
    /// What it reported last.
    pub report: Option<MissingReport>,
}

/// Reports what is missing for a case (缺件报告), in place of what was reported before.
///
/// # Errors
/// `CorrectionEmpty` without a point; `MaterialNotListed`; what `File::report_missing` refuses.
pub async fn report_missing(
    app: &App,
    actor: &Actor,
    command: OnReport,
) -> Result<CaseId, AppError> {
    report(app, actor, "caseReportMissing", command, |desk, command| {
        if command.points.is_empty() {
            return Err(Reason::CorrectionEmpty.at("points").into());
        }
        wanted(desk, CaseId::new(command.case), &command.points)
    })
    .await
}

/// Reports that nothing is missing for a case (齐全报告), in place of what was reported before.
///
/// # Errors
/// What `File::report_missing` refuses.
pub async fn report_complete(
    app: &App,
    actor: &Actor,
    command: OnReport,
) -> Result<CaseId, AppError> {
    report(app, actor, "caseReportComplete", command, |_, _| {
        Ok(Vec::new())
    })
    .await
}

async fn report(
    app: &App,
    actor: &Actor,
    name: &'static str,
    command: OnReport,
    points: impl Fn(&Desk<'_>, &OnReport) -> Result<Vec<MissingPoint>, AppError> + Send + Sync,
) -> Result<CaseId, AppError> {
    let id = CaseId::new(command.case);
    let common = Command {
        action: Action::ReportMissing,
        act: name,
        key: &command.idempotency_key,
        request: &command,
        subject: Subject::ReportsOfCase(id),
        reach: Reach::Department,
        expected_version: command.expected_version,
    };
    act(app, actor, common, |desk| {
        let points = points(desk, &command)?;
        let Desk {
            file,
            reports,
            rules,
            at,
            ..
        } = &mut *desk;
        let wished = file.report_missing(&mut reports.now, id, points, *at, &*rules)?;
        Ok(desk.wished(wished))
    })
    .await?;
    Ok(id)
}

/// Sends the one notice of all that was reported (合并的一次性补正告知). For the lead department; where nobody leads, for the
/// window.
///
/// # Errors
/// `LeadSendsNotice`; what `File::send_notice` refuses.
pub async fn send_merged_notice(
    app: &App,
    actor: &Actor,
    command: SendNotice,
) -> Result<ApplicationId, AppError> {
    let notice = &command.notice;
    let id = ApplicationId::new(notice.application);
    let common = Command {
        action: Action::SendNotice,
        act: "applicationSendMergedNotice",
        key: &notice.idempotency_key,
        request: &command,
        subject: Subject::ReportsOf(id),
        reach: Reach::Sender,
        expected_version: notice.expected_version,
    };
    act(app, actor, common, |desk| {
        let lead = desk.row().lead_department.clone();
        if let (Role::WindowClerk, Some(department)) = (actor.role, lead.clone()) {
            return Err(Reason::LeadSendsNotice { department }.into());
        }
        let wish = lead.clone().map(|department| Wish {
            department,
            item: None,
        });
        let own = checked_points(&notice.points)?.into_iter();
        let own = own.map(|(text, basis)| MissingPoint {
            text,
            basis,
            material: None,
            wanted_by: wish.iter().cloned().collect(),
        });
        let sent = Notice {
            points: own.collect(),
            merges: true,
            days: notice.supplement_days,
            lead,
        };
        desk.send_notice(sent, notice.happened_on)
    })
    .await?;
    Ok(id)
}

impl Desk<'_> {
    /// Reads what departments miss, for an act to which it matters.
    pub(super) async fn read_reports(&mut self, tx: &Tx) -> Result<(), AppError> {
        self.reports = KeptReports::of(tx, self.file.application.id).await?;
        Ok(())
    }

    /// Sends the one notice, with its paper.
    pub(super) fn send_notice(
        &mut self,
        notice: Notice,
        happened_on: Option<NaiveDate>,
    ) -> Result<Did, AppError> {
        let when = self.when(happened_on)?;
        let Desk {
            file,
            reports,
            rules,
            ..
        } = self;
        let wished = file.send_notice(&mut reports.now, notice, when, &*rules)?;
        let did = self.wished(wished);
        if did == Did::Something {
            let points = self.reports.now.noticed.clone().unwrap_or_default();
            let mut lines = Vec::new();
            for point in &points {
                let said = format!("{}（{}）", point.text, point.basis);
                lines.push(Line::new(LineLabel::MissingPoint, said));
                let wanted = self.wanted_by(point)?;
                lines.extend(wanted.map(|who| Line::new(LineLabel::WantedBy, who)));
            }
            lay_notice(self, lines);
        }
        Ok(did)
    }

    /// Who wants a point, by the names that people know.
    fn wanted_by(&self, point: &MissingPoint) -> Result<Option<String>, AppError> {
        let catalogue = &self.centre()?.catalogue;
        let name = |wish: &Wish| {
            let department = catalogue.department(&wish.department);
            let department = department.map_or(&*wish.department, |department| &*department.name);
            let mut cases = self.file.cases.iter();
            let item = wish.item.as_ref();
            match item.and_then(|item| cases.find(|case| case.item == *item)) {
                Some(case) => format!("{department}（{}）", case.item_name),
                None => department.to_owned(),
            }
        };
        let names: Vec<String> = point.wanted_by.iter().map(name).collect();
        Ok(Some(names.join("、")).filter(|names| !names.is_empty()))
    }

    fn wished(&mut self, wished: Wished) -> Did {
        match wished {
            Wished::Done(happenings) => {
                self.happened(happenings);
                Did::Something
            }
            Wished::Unchanged => Did::Nothing,
            Wished::Unlawful { refusal, raises } => {
                self.unlawful.extend(raises);
                Did::Refused(refusal)
            }
        }
    }
}

/// What a department names, checked: each text, each material by what its item wants, nothing twice.
fn wanted(
    desk: &Desk<'_>,
    id: CaseId,
    points: &[ReportPoint],
) -> Result<Vec<MissingPoint>, AppError> {
    let case = desk.case(id)?;
    let texts = points.iter().map(|point| super::correction::Point {
        text: point.text.clone(),
        basis: point.basis.clone(),
    });
    let texts = checked_points(&texts.collect::<Vec<_>>())?;
    let item = desk.snapshot.items.get(&case.item_version);
    let unlisted = points.iter().enumerate().filter_map(|(at, point)| {
        let material = point.material.clone()?;
        let listed = item.is_some_and(|item| item.materials.contains(&material));
        let field = format!("points.{at}.materialCode");
        (!listed).then(|| Reason::MaterialNotListed { material }.at(&field))
    });
    let unlisted: Vec<Rejected> = unlisted.collect();
    if !unlisted.is_empty() {
        return Err(unlisted.into());
    }
    let named = points.iter().enumerate();
    let named = named.filter_map(|(at, point)| Some((at, point.material.as_ref()?)));
    desk.expect_not_shared(named, |at| format!("points.{at}.materialCode"))?;
    let points = texts.into_iter().zip(points);
    let points = points.map(|((text, basis), point)| MissingPoint {
        text,
        basis,
        material: point.material.clone(),
        wanted_by: vec![Wish {
            department: case.department.clone(),
            item: Some(case.item.clone()),
        }],
    });
    Ok(merged(points))
}

/// What the department of a case has said, as it stands; `None` where nothing was said and nothing is to be said any more.
///
/// # Errors
/// When a row cannot be understood.
pub fn report_view(
    app: &App,
    snapshot: &Arc<Snapshot>,
    (application, cases, course): (&ApplicationRow, &[CaseWithReviews], &Course),
    row: &CaseRow,
    reports: &Reports,
) -> Result<Option<ReportView>, AppError> {
    let file = file(application, cases, course)?;
    let rules = RuleBook::of(&app.config, snapshot.clone(), application);
    let case = case_of(row)?;
    let report = reports.of(case.id, file.report_round());
    let told = report.map(MissingReport::state);
    let state = told.or_else(|| file.report_state(&case, app.env.moment().today, &rules));
    Ok(state.map(|state| ReportView {
        state,
        due_on: report.map_or_else(|| file.report_due(&rules), |report| report.due_on),
        report: report.cloned(),
    }))
}

/// Whether the actor may read what the department of a case misses: that department, the lead, the window, the supervisor.
pub fn may_read_report(actor: &Actor, application: &ApplicationRow, department: &str) -> bool {
    let lead = application.lead_department.as_deref();
    actor.role == Role::WindowClerk || may_read_department(actor, department, lead)
}

/// Whether the actor may read what all departments miss: the lead, the window, the supervisor.
pub fn may_read_merged(actor: &Actor, application: &ApplicationRow) -> bool {
    let own = actor.department.as_ref();
    match actor.role {
        Role::WindowClerk | Role::Supervisor => true,
        Role::LeadCoordinator => own.is_some() && own == application.lead_department.as_ref(),
        _ => false,
    }
}
