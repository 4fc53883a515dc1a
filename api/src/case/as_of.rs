//! Applications as they stood and were known at an instant of the past.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use lianshen_domain::actor::Actor;
use lianshen_domain::application::{Course, File, FileClock, Moved, WhatIf};
use lianshen_domain::calendar::local_date;
use lianshen_domain::clock::CardModel;
use lianshen_domain::ids::CaseId;
use lianshen_domain::rejected::Reason;

use super::joined::CaseWithReviews;
use super::mapping::{application_of, case_of, review_of};
use super::read::ApplicationRow;
use super::rules::RuleBook;
use crate::app::App;
use crate::catalogue::Snapshot;
use crate::error::AppError;

/// An application as it was known at an instant.
pub struct AsOf {
    /// It, with its cases; their reviews are not known.
    pub file: File,
    /// Its clocks, and those of its cases.
    pub clocks: Vec<FileClock>,
    /// The local date of the instant.
    pub day: NaiveDate,
    /// What the colours mean.
    pub model: CardModel,
}

/// An application as it was known at an instant; `None` before it was received.
///
/// # Errors
/// `InstantInFuture`; when a row cannot be understood.
pub fn as_of(
    app: &App,
    snapshot: &Arc<Snapshot>,
    row: &ApplicationRow,
    cases: &[CaseWithReviews],
    course: &Course,
    at: DateTime<Utc>,
) -> Result<Option<AsOf>, AppError> {
    let now = app.env.now();
    if at > now {
        let now = now.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        return Err(Reason::InstantInFuture { now }.at("at").into());
    }
    let then = Arc::new(Snapshot {
        calendars: Arc::new(snapshot.calendars.as_adopted_at(at)),
        ..Snapshot::clone(snapshot)
    });
    let rules = RuleBook::of(&app.config, then, row);
    let present = file(row, cases, course)?;
    let known = present.as_known_at(at, &rules);
    Ok(known.map(|(file, clocks)| AsOf {
        file,
        clocks,
        day: local_date(at),
        model: app.config.thresholds.card_model,
    }))
}

/// What would become of the clocks of a case; nothing is written.
///
/// # Errors
/// What the acts refuse.
pub fn what_if(
    app: &App,
    actor: &Actor,
    snapshot: &Arc<Snapshot>,
    (row, cases, course): (&ApplicationRow, &[CaseWithReviews], &Course),
    case: CaseId,
    acts: &[WhatIf],
) -> Result<Vec<Moved>, AppError> {
    let rules = RuleBook::of(&app.config, snapshot.clone(), row);
    let mut present = file(row, cases, course)?;
    let at = app.env.moment();
    present.wind(&rules, at.today);
    Ok(present.what_if(case, acts, (actor.account, at), &rules)?)
}

/// What was read, as the core sees it.
pub(super) fn file(
    row: &ApplicationRow,
    cases: &[CaseWithReviews],
    course: &Course,
) -> Result<File, AppError> {
    let reviews = cases.iter().flat_map(|(_, reviews)| reviews);
    Ok(File {
        application: application_of(row),
        cases: cases
            .iter()
            .map(|(case, _)| case_of(case))
            .collect::<Result<_, _>>()?,
        reviews: reviews
            .map(|review| review_of(review))
            .collect::<Result<_, _>>()?,
        course: course.clone(),
    })
}
