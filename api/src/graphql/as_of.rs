//! Applications and cases as they stood and were known at an instant of the past.

use std::sync::Arc;

use async_graphql::{Context, Result, SimpleObject};
use chrono::Utc;
use lianshen_domain::actor::Actor;
use lianshen_domain::application::{ApplicationOutcome, ApplicationState, period_of_decision};
use lianshen_domain::calendar::local_date;
use lianshen_domain::case::{Case as KnownCase, CaseResult, CaseState};
use lianshen_domain::clock::{ClockKind, Lamp};
use lianshen_domain::ids::{ApplicationId, CaseId, Id as _};

use super::clock::Clock;
use super::coded::CodeEnum;
use super::context::Ctx;
use super::deadline::Deadline;
use super::ids::NodeId;
use super::loaders::{course_of, whole_cases_of};
use super::scalars::Date;
use crate::case::{self, ApplicationRow, AsOf};

/// An application as it stood and was known at an instant (当时状态).
#[derive(SimpleObject)]
pub struct ApplicationAsOf {
    /// The local date of the instant, on which the clocks are read.
    pub day: Date,
    /// Where it stood.
    pub state: CodeEnum<ApplicationState>,
    /// What had become of it; null while it went on.
    pub outcome: Option<CodeEnum<ApplicationOutcome>>,
    /// The date on the receipt of acceptance; null before.
    pub accepted_on: Option<Date>,
    /// The traffic light of the joint handling; `OFF` without a bundle.
    pub lamp: CodeEnum<Lamp>,
    /// The clocks of the whole that had been started.
    #[graphql(complexity = "6 * child_complexity")]
    pub clocks: Vec<Clock>,
    /// Its cases.
    #[graphql(complexity = "7 * child_complexity")]
    pub cases: Vec<CaseAsOf>,
}

/// A case as it stood and was known at an instant (当时状态).
#[derive(SimpleObject)]
pub struct CaseAsOf {
    /// Identifier of the case.
    pub id: NodeId<CaseId>,
    /// The local date of the instant, on which the clocks are read.
    pub day: Date,
    /// Where it stood.
    pub state: CodeEnum<CaseState>,
    /// How it had ended; null while it went on.
    pub result: Option<CodeEnum<CaseResult>>,
    /// The traffic light as it was shown.
    pub lamp: CodeEnum<Lamp>,
    /// The day on which its clocks had begun; null while it waited.
    pub started_on: Option<Date>,
    /// The promised deadline; null before the clocks had begun.
    pub promised: Option<Deadline>,
    /// The statutory deadline; null before the clocks had begun, and for items without one.
    pub statutory: Option<Deadline>,
    /// Every clock that had been started on it, of those that `Case.clocks` shows to you.
    #[graphql(complexity = "8 * child_complexity")]
    pub clocks: Vec<Clock>,
}

/// Who looks at it: what is inner work today was no less so then.
#[derive(Clone, Copy)]
pub struct Sight<'a> {
    /// The caller.
    pub actor: &'a Actor,
    /// Code of the department that leads the application, if one does.
    pub lead: Option<&'a str>,
}

/// What was known of an application that the caller sees.
///
/// # Errors
/// `InstantInFuture`; when it cannot be read.
pub async fn known_at(
    ctx: &Context<'_>,
    row: &Arc<ApplicationRow>,
    at: chrono::DateTime<Utc>,
) -> Result<Option<AsOf>> {
    let key = ApplicationId::new(row.id);
    let course = course_of(ctx, key).await?.unwrap_or_default();
    let cases = whole_cases_of(ctx, key).await?;
    let ctx = Ctx::of(ctx)?;
    let app = ctx.app();
    let known = case::as_of(app, &app.library.present(), row, &cases, &course, at);
    known.map_err(|error| ctx.fail(error))
}

impl ApplicationAsOf {
    /// It, from what was known.
    pub fn of(then: &AsOf, sight: Sight<'_>) -> Self {
        let application = &then.file.application;
        let ended_on = application.concluded_at.map(local_date);
        let is_started = application.joint.statutory_due_on.is_some()
            || application.joint.promised_due_on.is_some();
        let standing = application.joint.shown(is_started, ended_on, then.day);
        let clocks = then.clocks.iter().filter(|clock| clock.case.is_none());
        let cases = then.file.cases.iter();
        Self {
            day: Date(then.day),
            state: application.state.into(),
            outcome: application.outcome.map(CodeEnum),
            accepted_on: application.accepted_on.map(Date),
            lamp: then.model.lamp(standing).into(),
            clocks: clocks
                .map(|clock| Clock::new(clock.clone(), then.day))
                .collect(),
            cases: cases
                .map(|case| CaseAsOf::from_known(then, case, sight))
                .collect(),
        }
    }
}

impl CaseAsOf {
    /// It, from what was known of its application.
    pub fn of(then: &AsOf, id: CaseId, sight: Sight<'_>) -> Option<Self> {
        let mut cases = then.file.cases.iter();
        let case = cases.find(|case| case.id == id)?;
        Some(Self::from_known(then, case, sight))
    }

    fn from_known(then: &AsOf, known: &KnownCase, sight: Sight<'_>) -> Self {
        let own = || {
            let all = then.clocks.iter();
            all.filter(|clock| clock.case == Some(known.id))
        };
        let read = |kind: ClockKind| {
            let found = period_of_decision(own(), known.id, kind)?;
            Some(Deadline::read(found, then.day))
        };
        Self {
            id: known.id.into(),
            day: Date(then.day),
            state: known.state.into(),
            result: known.ending.as_ref().map(|ending| ending.result.into()),
            lamp: then.model.lamp(known.standing_on(then.day)).into(),
            started_on: known.dates.as_ref().map(|dates| Date(dates.started_on)),
            promised: read(ClockKind::Promised),
            statutory: read(ClockKind::Statutory),
            clocks: own()
                .filter(|clock| {
                    case::may_see_clock(sight.actor, &known.department, sight.lead, clock)
                })
                .map(|clock| Clock::new(clock.clone(), then.day))
                .collect(),
        }
    }
}
