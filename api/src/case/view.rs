//! The clocks of what was read: made from events where more than start and decision moved them, else from the row alone.

use std::collections::HashMap;
use std::sync::Arc;

use lianshen_domain::application::{Course, File, FileClock};
use lianshen_domain::calendar::local_date;
use lianshen_domain::case::Case;
use lianshen_domain::ids::{ApplicationId, CaseId, Id as _};
use lianshen_domain::rejected::Reason;

use super::joined::CaseWithReviews;
use super::lamp::ended_on;
use super::mapping::{application_of, case_of};
use super::read::{ApplicationRow, CaseRow};
use super::rules::RuleBook;
use crate::app::App;
use crate::catalogue::Snapshot;
use crate::error::AppError;

/// The clocks of a case: those of decision, and with its course all others. Those of opinions stand still with the joint
/// clock, and want `all` cases of the application for that.
///
/// # Errors
/// When a row cannot be understood.
pub fn clocks_of_case(
    app: &App,
    snapshot: &Arc<Snapshot>,
    application: &ApplicationRow,
    (row, all): (&CaseRow, &[CaseWithReviews]),
    course: Option<&Course>,
) -> Result<Vec<FileClock>, AppError> {
    let case = case_of(row)?;
    let course = match (course, row.started_on) {
        (Some(course), _) => course.clone(),
        (None, Some(started_on)) => {
            let (case, ended_on) = (CaseId::new(row.id), ended_on(row));
            Course::plain(case, application.received_on, started_on, ended_on)
        }
        (None, None) => return Ok(Vec::new()),
    };
    let rules = RuleBook::of(&app.config, snapshot.clone(), application);
    let file = File {
        application: application_of(application),
        cases: cases_of(all)?,
        reviews: Vec::new(),
        course,
    };
    Ok(file.clocks_of(&case, &rules))
}

/// The clocks of an application as a whole; of one that only was accepted and concluded, those of joint handling.
///
/// # Errors
/// When a row cannot be understood.
pub fn clocks_of_application(
    app: &App,
    snapshot: &Arc<Snapshot>,
    row: &ApplicationRow,
    cases: &[CaseWithReviews],
    course: Option<&Course>,
) -> Result<Vec<FileClock>, AppError> {
    let rules = RuleBook::of(&app.config, snapshot.clone(), row);
    let course = course.cloned().unwrap_or_else(|| {
        let concluded_on = row.concluded_at.map(local_date);
        Course::plain_whole(row.received_on, row.accepted_on, concluded_on)
    });
    let file = File {
        application: application_of(row),
        cases: cases_of(cases)?,
        reviews: Vec::new(),
        course,
    };
    Ok(file.clocks_of_the_whole(&rules))
}

fn cases_of(rows: &[CaseWithReviews]) -> Result<Vec<Case>, AppError> {
    rows.iter().map(|(row, _)| case_of(row)).collect()
}

/// The courses of several applications; none of one of which not all is understood, and why.
///
/// Who may see an application may see what its clocks say; the course itself is shown to nobody.
///
/// # Errors
/// When the database cannot be read.
pub async fn courses_of(
    app: &App,
    ids: &[ApplicationId],
) -> Result<HashMap<ApplicationId, Result<Course, Reason>>, AppError> {
    super::clocks::courses(app.db.reader(), ids).await
}
