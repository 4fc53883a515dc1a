//! What would become of the clocks of a case.

use async_graphql::{Context, InputObject, Result, SimpleObject};
use lianshen_domain::application::{Moved, WhatIf, WhatIfKind};
use lianshen_domain::clock::preview::expect_few;
use lianshen_domain::clock::{ClockKind, Unit};
use lianshen_domain::ids::CaseId;
use lianshen_domain::item::SpecialProcedureKind;
use lianshen_domain::rejected::Reason;

use super::Case;
use crate::case::{self, may_see_inner_work};
use crate::error::AppError;
use crate::graphql::coded::CodeEnum;
use crate::graphql::context::Ctx;
use crate::graphql::deadline::say;
use crate::graphql::ids::NodeId;
use crate::graphql::scalars::Date;
use crate::graphql::user_error::UserError;

/// Something that might happen to the case.
#[derive(InputObject)]
pub struct WhatIfActInput {
    /// What.
    pub kind: CodeEnum<WhatIfKind>,
    /// The day on which it happens; today if not given.
    pub on: Option<Date>,
    /// How long, 1 to 3,650: the expected working days of a procedure, the days of an extension, the working days for an
    /// opinion or of silence.
    pub days: i32,
    /// Which procedure; only for `PROCEDURE`, and one that the item lists.
    pub procedure: Option<CodeEnum<SpecialProcedureKind>>,
    /// The day on which the procedure ends; when its expected time is over if not given.
    pub until: Option<Date>,
}

/// What would become of the clocks.
#[derive(SimpleObject)]
pub struct WhatIfPayload {
    /// The clocks that would move, begin or become overdue; null when there are `userErrors`.
    #[graphql(complexity = "8 * child_complexity")]
    pub moves: Option<Vec<ClockMove>>,
    /// Why it could not happen.
    pub user_errors: Vec<UserError>,
}

/// What would become of one clock.
#[derive(SimpleObject)]
pub struct ClockMove {
    /// The case; null for a joint clock.
    pub case_id: Option<NodeId<CaseId>>,
    /// Which clock.
    pub kind: CodeEnum<ClockKind>,
    /// The n-th of its kind.
    pub ordinal: u32,
    /// What people call it, in the language of `Accept-Language`.
    pub name: &'static str,
    /// The due date as it stands, or while suspended the projected one; null for a clock that would begin.
    pub before: Option<Date>,
    /// The due date as it would be.
    pub after: Date,
    /// By how many days it would move; negative if it came nearer.
    pub days_moved: i64,
    /// What `daysMoved` is counted in.
    pub unit: CodeEnum<Unit>,
    /// It would be overdue when all of this is over, and is not now.
    pub becomes_overdue: bool,
}

/// Answers for one case.
pub(super) async fn answer(
    ctx: &Context<'_>,
    case: &Case,
    acts: Vec<WhatIfActInput>,
) -> Result<WhatIfPayload> {
    let viewer = Ctx::of(ctx)?;
    let actor = viewer.actor()?;
    let outcome = if may_see_inner_work(actor) {
        moves(ctx, case, acts).await?
    } else {
        Err(AppError::from(Reason::Forbidden))
    };
    let outcome = viewer.outcome(outcome)?;
    let lang = viewer.lang();
    // Nothing of this moves the clock of a mediation, which is not for all who may ask.
    let is_told = |moved: &Moved| moved.kind != ClockKind::Mediation;
    let clock_move = |moved: Moved| ClockMove {
        case_id: moved.case.map(Into::into),
        kind: moved.kind.into(),
        ordinal: moved.ordinal,
        name: say(moved.kind.row().name, lang),
        before: moved.before.map(Date),
        after: Date(moved.after),
        days_moved: moved.days,
        unit: moved.unit.into(),
        becomes_overdue: moved.becomes_overdue,
    };
    Ok(WhatIfPayload {
        moves: outcome
            .done
            .map(|moves| moves.into_iter().filter(is_told).map(clock_move).collect()),
        user_errors: outcome.user_errors,
    })
}

async fn moves(
    ctx: &Context<'_>,
    case: &Case,
    acts: Vec<WhatIfActInput>,
) -> Result<std::result::Result<Vec<Moved>, AppError>> {
    if let Err(fault) = expect_few(acts.len(), "acts") {
        return Ok(Err(fault.into()));
    }
    let Some((row, cases, course)) = case.whole(ctx).await? else {
        return Ok(Err(Reason::NotFound.into()));
    };
    let ctx = Ctx::of(ctx)?;
    let app = ctx.app();
    let today = app.env.moment().today;
    let acts = acts.into_iter().map(|act| WhatIf {
        kind: act.kind.0,
        procedure: act.procedure.map(|code| code.0),
        on: act.on.map_or(today, |day| day.0),
        // What is out of range is refused by the act as no days at all.
        days: u32::try_from(act.days).unwrap_or(0),
        until: act.until.map(|day| day.0),
    });
    let acts: Vec<WhatIf> = acts.collect();
    let snapshot = app.library.present();
    let file = (&*row, cases.as_slice(), &*course);
    let id = case.key();
    Ok(case::what_if(app, ctx.actor()?, &snapshot, file, id, &acts))
}
