//! Progress without an account.

use async_graphql::{Context, Object, Result, SimpleObject};
use lianshen_domain::application::{
    ApplicationOutcome, ApplicationState, FileClock, period_of_decision,
};
use lianshen_domain::case::{CaseResult, CaseState};
use lianshen_domain::clock::ClockKind;
use lianshen_domain::ids::{CaseId, Id as _};

use super::at_once::AtOnce;
use super::catalogue::Published;
use super::coded::CodeEnum;
use super::context::Ctx;
use super::deadline::Deadline;
use super::event::Event;
use super::scalars::Date;
use crate::case::{self, CaseProgress, ProgressShows};

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
        let progress = ctx.look_ahead();
        let (cases, timeline) = (progress.field("cases"), progress.field("timeline"));
        let shows = ProgressShows {
            clocks: cases.field("promised").exists() || cases.field("statutory").exists(),
            events: timeline.exists(),
            details: timeline.field("detail").exists(),
        };
        let ctx = Ctx::of(ctx)?;
        let app = ctx.app();
        let peer = ctx.viewer().peer;
        let found = case::progress(app, peer, &receipt_number, &query_code, shows).await;
        let Some(found) = found.map_err(|error| ctx.fail(error))? else {
            return Ok(None);
        };
        let published = Published::of(app.library.present(), &found.application.region);
        let today = app.env.moment().today;
        let case = |(shown, clocks): (CaseProgress, Vec<FileClock>)| {
            let read = |kind: ClockKind| {
                let clock = period_of_decision(&clocks, CaseId::new(shown.id), kind)?;
                Some(Deadline::read(clock, today))
            };
            AtOnce(ProgressCase {
                department_name: published
                    .as_ref()
                    .and_then(|published| published.department_name(&shown.department))
                    .unwrap_or_default(),
                promised: read(ClockKind::Promised),
                statutory: read(ClockKind::Statutory),
                case_number: shown.case_number,
                item_name: shown.item_name,
                state: shown.state.0.into(),
                result: shown.result.map(|result| result.0.into()),
            })
        };
        let event = |(shown, detail)| AtOnce(Event::public(shown, detail));
        Ok(Some(AtOnce(Progress {
            cases: found.cases.into_iter().map(case).collect(),
            timeline: found.events.into_iter().map(event).collect(),
            receipt_number: found.application.receipt_number,
            state: found.application.state.0.into(),
            outcome: found.application.outcome.map(|outcome| outcome.0.into()),
            received_on: Date(found.application.received_on),
            accepted_on: found.application.accepted_on.map(Date),
        })))
    }
}
