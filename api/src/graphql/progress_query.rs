//! Progress without an account.

use async_graphql::{Context, Object, Result, SimpleObject};
use lianshen_domain::application::{ApplicationOutcome, ApplicationState, period_of_decision};
use lianshen_domain::case::{CaseResult, CaseState};
use lianshen_domain::clock::ClockKind;
use lianshen_domain::ids::{ApplicationId, CaseId, Id as _};

use super::at_once::AtOnce;
use super::catalogue::Published;
use super::coded::CodeEnum;
use super::context::Ctx;
use super::deadline::Deadline;
use super::event::Event;
use super::scalars::Date;
use crate::case;
use crate::error::AppError;

/// How an application stands, for whoever holds receipt number and query code (办件进度). It names no officer and no
/// person.
#[derive(SimpleObject)]
pub struct Progress {
    /// The receipt number.
    pub receipt_number: String,
    /// Where it stands.
    pub state: CodeEnum<ApplicationState>,
    /// What became of it.
    pub outcome: Option<CodeEnum<ApplicationOutcome>>,
    /// The day of receipt.
    pub received_on: Date,
    /// The day of acceptance.
    pub accepted_on: Option<Date>,
    /// Its cases.
    #[graphql(complexity = "7 * child_complexity")]
    pub cases: Vec<AtOnce<ProgressCase>>,
    /// What happened, the oldest first.
    #[graphql(complexity = "10 * child_complexity")]
    pub timeline: Vec<AtOnce<Event>>,
}

/// How one case stands.
#[derive(SimpleObject)]
pub struct ProgressCase {
    /// Case number.
    pub case_number: String,
    /// Name of the item.
    pub item_name: String,
    /// Name of the department.
    pub department_name: String,
    /// Where it stands.
    pub state: CodeEnum<CaseState>,
    /// How it ended.
    pub result: Option<CodeEnum<CaseResult>>,
    /// The promised deadline; null before its clock begins.
    pub promised: Option<Deadline>,
    /// The statutory deadline; null before its clock begins, and where there is none.
    pub statutory: Option<Deadline>,
}

/// What visitors can ask.
#[derive(Default)]
pub struct ProgressQuery;

#[Object]
impl ProgressQuery {
    /// How an application stands, without an account. A wrong number and a wrong code are one answer: null.
    async fn progress(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The 21 digits on the receipt.")] receipt_number: String,
        #[graphql(desc = "The query code on the receipt; case does not matter.")]
        query_code: String,
    ) -> Result<Option<AtOnce<Progress>>> {
        let with_events = ctx.look_ahead().field("timeline").exists();
        let of_cases = ctx.look_ahead().field("cases");
        let with_clocks =
            of_cases.field("promised").exists() || of_cases.field("statutory").exists();
        let ctx = Ctx::of(ctx)?;
        let app = ctx.app();
        let peer = ctx.viewer().peer;
        let found = case::progress(app, peer, &receipt_number, &query_code, with_events).await;
        let Some(found) = found.map_err(|error| ctx.fail(error))? else {
            return Ok(None);
        };
        let snapshot = app.library.present();
        let published = Published::of(snapshot.clone(), &found.application.region);
        let today = app.env.moment().today;
        let received_on = found.application.received_on;
        let id = ApplicationId::new(found.application.id);
        let course = if with_clocks && found.cases.iter().any(|row| row.eventful) {
            let courses = case::courses_of(app, &[id]).await;
            courses.map_err(|error| ctx.fail(error))?.remove(&id)
        } else {
            None
        };
        let case = |row: case::CaseRow| -> Result<AtOnce<ProgressCase>, AppError> {
            let course = course.as_ref().filter(|_| row.eventful);
            let clocks = if with_clocks {
                case::clocks_of_case(app, &snapshot, &found.application, &row, course)?
            } else {
                Vec::new()
            };
            let read = |kind: ClockKind| {
                let clock = period_of_decision(&clocks, CaseId::new(row.id), kind)?;
                Some(Deadline::read(clock, today))
            };
            Ok(AtOnce(ProgressCase {
                department_name: published
                    .as_ref()
                    .and_then(|published| published.department_name(&row.department))
                    .unwrap_or_default(),
                promised: read(ClockKind::Promised),
                statutory: read(ClockKind::Statutory),
                case_number: row.case_number,
                item_name: row.item_name,
                state: row.state.0.into(),
                result: row.result.map(|result| result.0.into()),
            }))
        };
        let cases: Result<Vec<_>, AppError> = found.cases.into_iter().map(case).collect();
        let cases = cases.map_err(|error| ctx.fail(error))?;
        Ok(Some(AtOnce(Progress {
            cases,
            timeline: found
                .events
                .into_iter()
                .map(|row| AtOnce(Event::of(row, None)))
                .collect(),
            receipt_number: found.application.receipt_number,
            state: found.application.state.0.into(),
            outcome: found.application.outcome.map(|outcome| outcome.0.into()),
            received_on: Date(received_on),
            accepted_on: found.application.accepted_on.map(Date),
        })))
    }
}
