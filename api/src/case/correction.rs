//! Before acceptance: the one correction notice, the supplement, the correction on the spot, not accepting at all; and
//! what a conditional acceptance waits for.

use chrono::NaiveDate;
use lianshen_domain::actor::{Action, Actor};
use lianshen_domain::application::{NotAccepted, Notice, Rules as _};
use lianshen_domain::case::CaseResult;
use lianshen_domain::clock::{ClockKind, Limit, Unsupplemented};
use lianshen_domain::document::{DocumentKind, Line, LineLabel};
use lianshen_domain::event::EventKind;
use lianshen_domain::ids::{ApplicationId, CaseId, Id as _};
use lianshen_domain::missing::{MOST_POINTS, MissingPoint};
use lianshen_domain::plain_text;
use lianshen_domain::rejected::{Reason, Rejected};
use serde::Serialize;
use uuid::Uuid;

use super::act::{Command, Did, Subject, act};
use super::decide::{REASONS_MAX, ended, lay_papers};
use super::desk::Desk;
use super::paper::{counted_line, due_day, time_of};
use super::procedure::reasons_of;
use super::reach::Reach;
use crate::app::App;
use crate::error::AppError;

/// The longest text of a point, of its basis, of what was corrected.
const POINT_MAX: usize = 500;

/// One thing that is missing.
#[derive(Clone, Serialize)]
pub struct Point {
    /// What.
    pub text: String,
    /// The article or published condition on which it rests.
    pub basis: String,
}

/// The one notice of everything that is missing.
#[derive(Clone, Serialize)]
pub struct NoticeCorrection {
    /// Chosen by the client.
    pub idempotency_key: String,
    /// The application.
    pub application: Uuid,
    /// Everything that is missing.
    pub points: Vec<Point>,
    /// Working days for the supplement.
    pub supplement_days: Option<u32>,
    /// The day of the notice, if it is entered after the fact.
    pub happened_on: Option<NaiveDate>,
    /// The version that the clerk looked at.
    pub expected_version: Option<i64>,
}

/// An act on an application that says nothing but a text, or not even that.
#[derive(Clone, Serialize)]
pub struct Note {
    /// Chosen by the client.
    pub idempotency_key: String,
    /// The application.
    pub application: Uuid,
    /// What was handed in, corrected, or why.
    pub text: String,
    /// The day of the act, if it is entered after the fact.
    pub happened_on: Option<NaiveDate>,
    /// The version that was looked at.
    pub expected_version: Option<i64>,
}

/// More time for the supplement.
#[derive(Clone, Serialize)]
pub struct ExtendSupplement {
    /// The act, with its reasons.
    #[serde(flatten)]
    pub note: Note,
    /// Working days added.
    pub days: u32,
}

/// A case that is not accepted.
#[derive(Clone, Serialize)]
pub struct RefuseAcceptance {
    /// Chosen by the client.
    pub idempotency_key: String,
    /// The case.
    pub case: Uuid,
    /// No approval is needed; otherwise another agency is competent.
    pub not_required: bool,
    /// Why.
    pub reasons: String,
    /// The agency that is competent, if it is known.
    pub competent_agency: Option<String>,
    /// The day of the act, if it is entered after the fact.
    pub happened_on: Option<NaiveDate>,
    /// The version of the case that was looked at.
    pub expected_version: Option<i64>,
}

/// Tells the applicant once, in writing, everything that is missing (一次性告知), as the window wrote it by hand.
///
/// # Errors
/// What `File::send_notice` refuses; all faults of the points at once.
pub async fn notice_correction(
    app: &App,
    actor: &Actor,
    command: NoticeCorrection,
) -> Result<ApplicationId, AppError> {
    let id = ApplicationId::new(command.application);
    let common = Command {
        action: Action::AcceptApplication,
        act: "applicationNoticeCorrection",
        key: &command.idempotency_key,
        request: &command,
        subject: Subject::ReportsOf(id),
        reach: Reach::Window,
        expected_version: command.expected_version,
    };
    act(app, actor, common, |desk| {
        let points = checked_points(&command.points)?.into_iter();
        let points = points.map(|(text, basis)| MissingPoint {
            text,
            basis,
            material: None,
            wanted_by: Vec::new(),
        });
        let notice = Notice {
            points: points.collect(),
            merges: false,
            days: command.supplement_days,
            lead: None,
        };
        desk.send_notice(notice, command.happened_on)
    })
    .await?;
    Ok(id)
}

/// Lays the paper of the notice: the points, by when, and what comes of it otherwise.
pub(super) fn lay_notice(desk: &mut Desk<'_>, mut lines: Vec<Line>) {
    lines.extend(due_line(desk, ClockKind::Supplement));
    let consequence = match desk.rules.conventions().unsupplemented {
        Unsupplemented::Withdrawn => "逾期未补正的，视为撤回申请。",
        Unsupplemented::Refused => "逾期未补正的，不予许可。",
    };
    lines.push(Line::new(LineLabel::Consequence, consequence));
    desk.paper(DocumentKind::CorrectionNotice, None, lines);
}

/// Gives the applicant more time for the supplement, once.
///
/// # Errors
/// What `File::extend_supplement` refuses; `ReasonsRequired`.
pub async fn extend_supplement(
    app: &App,
    actor: &Actor,
    command: ExtendSupplement,
) -> Result<ApplicationId, AppError> {
    let about = About::at_the_window(
        "applicationExtendSupplement",
        DocumentKind::SupplementExtension,
        LineLabel::Reasons,
    );
    noted(app, actor, about, &command, &command.note, |desk| {
        desk.decide(command.note.happened_on, |file, when, rules| {
            file.extend_supplement(command.days, when, rules)
        })?;
        let added = time_of(Limit::workdays(command.days));
        let mut lines = vec![Line::new(LineLabel::ExtendedBy, added)];
        lines.extend(due_line(desk, ClockKind::Supplement));
        Ok(lines)
    })
    .await
}

/// Takes the supplement (补正材料); the check of the acceptance begins anew.
///
/// # Errors
/// What `File::supplement` refuses.
pub async fn supplement(
    app: &App,
    actor: &Actor,
    command: Note,
) -> Result<ApplicationId, AppError> {
    let about = About::handed_in("applicationSupplement");
    noted(app, actor, about, &command, &command, |desk| {
        desk.decide(command.happened_on, |file, when, rules| {
            file.supplement(when, rules)
        })?;
        Ok(counted_line(&desk.file, EventKind::Supplemented))
    })
    .await
}

/// Takes the material that a conditional acceptance waits for (补齐容缺材料).
///
/// # Errors
/// What `File::hand_in_missing` refuses.
pub async fn hand_in_missing(
    app: &App,
    actor: &Actor,
    command: Note,
) -> Result<ApplicationId, AppError> {
    let about = About::handed_in("applicationHandInMissing");
    noted(app, actor, about, &command, &command, |desk| {
        desk.decide(command.happened_on, |file, when, rules| {
            file.hand_in_missing(when, rules)
        })?;
        Ok(Vec::new())
    })
    .await
}

/// Records an error that the applicant corrected on the spot (当场更正).
///
/// # Errors
/// What `File::correct_on_the_spot` refuses.
pub async fn correct_on_the_spot(
    app: &App,
    actor: &Actor,
    command: Note,
) -> Result<ApplicationId, AppError> {
    let about = About::at_the_window(
        "applicationCorrectOnTheSpot",
        DocumentKind::OnTheSpotCorrection,
        LineLabel::Corrected,
    );
    noted(app, actor, about, &command, &command, |desk| {
        desk.decide(command.happened_on, |file, when, _| {
            file.correct_on_the_spot(when)
        })?;
        Ok(Vec::new())
    })
    .await
}

/// Does not accept a case: no approval is needed (不受理), or another agency is competent (不予受理).
///
/// # Errors
/// What `File::refuse_acceptance` refuses; `ReasonsRequired`.
pub async fn refuse_acceptance(
    app: &App,
    actor: &Actor,
    command: RefuseAcceptance,
) -> Result<CaseId, AppError> {
    let id = CaseId::new(command.case);
    let common = Command {
        action: Action::AcceptApplication,
        act: "caseRefuseAcceptance",
        key: &command.idempotency_key,
        request: &command,
        subject: Subject::Case(id),
        reach: Reach::Window,
        expected_version: command.expected_version,
    };
    act(app, actor, common, |desk| {
        let reasons = reasons_of(&command.reasons)?;
        let agency = command
            .competent_agency
            .as_deref()
            .map(|agency| plain_text::checked(agency, 100, "competentAgency"))
            .transpose()?;
        let before = ended(desk);
        let refusal = NotAccepted {
            result: if command.not_required {
                CaseResult::NotRequired
            } else {
                CaseResult::NotCompetent
            },
            reasons,
            by: actor.account,
        };
        desk.decide(command.happened_on, |file, when, _| {
            file.refuse_acceptance(id, refusal, when)
        })?;
        lay_papers(desk, &before)?;
        if let Some(agency) = &agency {
            // What ends with it has a paper, too, and nothing to do with that agency.
            desk.add_line(id, Line::new(LineLabel::CompetentAgency, agency));
        }
        Ok(Did::Something)
    })
    .await?;
    Ok(id)
}

/// What acts with a note differ in.
#[derive(Clone, Copy)]
struct About {
    action: Action,
    act: &'static str,
    reach: Reach,
    kind: DocumentKind,
    /// What the text is on the paper.
    label: LineLabel,
}

impl About {
    /// The applicant hands something in, or the window does for them.
    const fn handed_in(act: &'static str) -> Self {
        Self {
            action: Action::ActForApplicant,
            act,
            reach: Reach::Applicant,
            kind: DocumentKind::SupplementReceipt,
            label: LineLabel::Material,
        }
    }

    /// The window does it.
    const fn at_the_window(act: &'static str, kind: DocumentKind, label: LineLabel) -> Self {
        Self {
            action: Action::AcceptApplication,
            act,
            reach: Reach::Window,
            kind,
            label,
        }
    }
}

async fn noted<C: Serialize + Sync>(
    app: &App,
    actor: &Actor,
    about: About,
    request: &C,
    note: &Note,
    decide: impl Fn(&mut Desk<'_>) -> Result<Vec<Line>, AppError> + Send + Sync,
) -> Result<ApplicationId, AppError> {
    let id = ApplicationId::new(note.application);
    let common = Command {
        action: about.action,
        act: about.act,
        key: &note.idempotency_key,
        request,
        subject: Subject::Application(id),
        reach: about.reach,
        expected_version: note.expected_version,
    };
    act(app, actor, common, |desk| {
        let text = if about.label == LineLabel::Reasons {
            reasons_of(&note.text)?
        } else {
            plain_text::checked_lines(&note.text, REASONS_MAX, "text")?
        };
        let mut lines = decide(desk)?;
        lines.push(Line::new(about.label, &text));
        desk.paper(about.kind, None, lines);
        Ok(Did::Something)
    })
    .await?;
    Ok(id)
}

/// The day by which something must be handed in.
pub(super) fn due_line(desk: &Desk<'_>, kind: ClockKind) -> Option<Line> {
    let due = desk.due_on(kind)?;
    let due = due_day(due, desk.rules.calendar(None));
    Some(Line::new(LineLabel::SupplementBy, due))
}

/// The texts of points, checked; all faults at once.
pub(super) fn checked_points(points: &[Point]) -> Result<Vec<(String, String)>, AppError> {
    if points.len() > MOST_POINTS {
        return Err(Reason::ListTooLong { max: MOST_POINTS }.at("points").into());
    }
    let mut faults: Vec<Rejected> = Vec::new();
    let mut checked = Vec::new();
    for (at, point) in points.iter().enumerate() {
        let text = plain_text::checked(&point.text, POINT_MAX, &format!("points.{at}.text"));
        let basis = plain_text::checked(&point.basis, POINT_MAX, &format!("points.{at}.basis"));
        match (text, basis) {
            (Ok(text), Ok(basis)) => checked.push((text, basis)),
            (text, basis) => faults.extend(text.err().into_iter().chain(basis.err())),
        }
    }
    if faults.is_empty() {
        Ok(checked)
    } else {
        Err(faults.into())
    }
}
