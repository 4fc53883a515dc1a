//! The outlook of what was read.

use std::sync::Arc;

use lianshen_domain::application::{Course, Experience, History, Outlook};

use super::as_of::file;
use super::joined::CaseWithReviews;
use super::read::ApplicationRow;
use super::rules::RuleBook;
use crate::app::App;
use crate::catalogue::Snapshot;
use crate::error::AppError;

/// The outlook of an application today; `history` knows the decided cases of its items, by code.
///
/// # Errors
/// When a row cannot be understood.
pub fn outlook_of<'a>(
    app: &App,
    snapshot: &Arc<Snapshot>,
    (row, cases, course): (&ApplicationRow, &[CaseWithReviews], &Course),
    history: &'a dyn Fn(&str) -> Option<&'a History>,
) -> Result<Outlook, AppError> {
    let rules = RuleBook::of(&app.config, snapshot.clone(), row);
    let experience = Experience {
        history,
        least_cases: app.config.outlook.least_cases,
    };
    let today = app.env.moment().today;
    Ok(file(row, cases, course)?.outlook(experience, today, &rules))
}
