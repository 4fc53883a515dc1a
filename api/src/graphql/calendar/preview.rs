//! Looking at a notice before it is adopted.

use async_graphql::{Context, Object, Result, SimpleObject};
use lianshen_domain::calendar::{Adoption, ChangedDay, DayKind, Notice};
use lianshen_domain::clock::ClockKind;
use lianshen_domain::ids::CaseId;

use super::act::{CalendarNoticeAdoptInput, notice_of};
use crate::app::App;
use crate::calendar;
use crate::case::{self, Moved, Moves};
use crate::error::AppError;
use crate::graphql::coded::CodeEnum;
use crate::graphql::context::Ctx;
use crate::graphql::ids::NodeId;
use crate::graphql::scalars::Date;
use crate::graphql::user_error::UserError;
use lianshen_domain::actor::Actor;

/// How many moved deadlines are listed.
const LISTED: usize = 200;

/// A day that would be something else.
#[derive(SimpleObject)]
pub struct CalendarChangedDay {
    /// The date.
    pub date: Date,
    /// What the day is.
    pub before: CodeEnum<DayKind>,
    /// What it would be.
    pub after: CodeEnum<DayKind>,
}

/// An open deadline that would move.
#[derive(SimpleObject)]
pub struct MovedDeadline {
    /// Number of the case, or of the receipt for a clock of an application as a whole.
    pub number: String,
    /// The case; null for a clock of an application as a whole.
    pub case_id: Option<NodeId<CaseId>>,
    /// Code of the department that answers for the case.
    pub department_code: Option<String>,
    /// Which clock.
    pub clock: CodeEnum<ClockKind>,
    /// Its due date as it is.
    pub before: Date,
    /// Its due date with the notice.
    pub after: Date,
    /// It would be overdue at once.
    pub becomes_overdue: bool,
}

/// What adopting a notice would change. Nothing was written.
#[derive(SimpleObject)]
pub struct CalendarNoticePreview {
    /// The days that would be something else for those whom the notice binds.
    pub changed_days: Vec<CalendarChangedDay>,
    /// The years that would no longer be provisional.
    pub settled_years: Vec<i32>,
    /// How many open deadlines of your centre would move. A due date that has passed never moves.
    pub moved: i64,
    /// How many of them would be overdue at once.
    pub overdue: i64,
    /// Those that move, at most 200, the ones that become overdue first.
    pub deadlines: Vec<MovedDeadline>,
}

/// What looking at a notice gave.
#[derive(SimpleObject)]
pub struct CalendarNoticePreviewPayload {
    /// What it would change; null when there are `userErrors`.
    pub preview: Option<CalendarNoticePreview>,
    /// Why it could not be adopted.
    pub user_errors: Vec<UserError>,
}

/// Looks at notices.
#[derive(Default)]
pub struct CalendarPreviewQuery;

#[Object]
impl CalendarPreviewQuery {
    /// What adopting a holiday notice would change (采用前预览): days, and open deadlines of your centre. It takes the
    /// input of the adoption, whose key is not used, and writes nothing. For the centre's administrator.
    #[graphql(complexity = "200 + child_complexity")]
    async fn calendar_notice_preview(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The notice, as it would be adopted.")] input: CalendarNoticeAdoptInput,
    ) -> Result<CalendarNoticePreviewPayload> {
        let ctx = Ctx::of(ctx)?;
        let actor = ctx.actor()?.clone();
        let notice = match notice_of(input, &actor) {
            Ok(notice) => notice,
            Err(fault) => {
                return Ok(CalendarNoticePreviewPayload {
                    preview: None,
                    user_errors: UserError::all(vec![fault], ctx.lang()),
                });
            }
        };
        let outcome = ctx.outcome(looked(ctx.app(), &actor, &notice).await)?;
        Ok(CalendarNoticePreviewPayload {
            preview: outcome.done,
            user_errors: outcome.user_errors,
        })
    }
}

async fn looked(
    app: &App,
    actor: &Actor,
    notice: &Notice,
) -> Result<CalendarNoticePreview, AppError> {
    let adoption = calendar::preview_for_centre(app, actor, notice).await?;
    let snapshot = app.library.present();
    let (after, today) = (adoption.after.clone(), app.env.moment().today);
    let bounds = (Some(actor.region.as_str()), today, LISTED);
    let moves = case::moves(&app.db, &snapshot, after, &app.config, bounds).await?;
    Ok(preview_of(notice, &adoption, moves))
}

fn preview_of(notice: &Notice, adoption: &Adoption, moves: Moves) -> CalendarNoticePreview {
    let before = adoption.before.of_scope(&notice.scope);
    let after = adoption.after.of_scope(&notice.scope);
    let changed = before.changed_days(after).into_iter().map(
        |ChangedDay {
             date,
             before,
             after,
         }| CalendarChangedDay {
            date: Date(date),
            before: before.into(),
            after: after.into(),
        },
    );
    let settled = adoption.after.national().years();
    let known = adoption.before.national().years();
    let listed = |one: Moved| MovedDeadline {
        number: one.number,
        case_id: one.case.map(NodeId::from),
        department_code: one.department,
        clock: one.clock.into(),
        before: Date(one.before),
        after: Date(one.after),
        becomes_overdue: one.becomes_overdue,
    };
    CalendarNoticePreview {
        changed_days: changed.collect(),
        settled_years: settled.difference(&known).copied().collect(),
        moved: i64::try_from(moves.moved).unwrap_or(i64::MAX),
        overdue: i64::try_from(moves.overdue).unwrap_or(i64::MAX),
        deadlines: moves.list.into_iter().map(listed).collect(),
    }
}
