//! Asking for days and notices. Both are published law: no sign-in is needed.

use async_graphql::{Context, Object, Result};
use chrono::{Datelike as _, Days, NaiveDate};
use lianshen_domain::rejected::Reason;

use super::{CalendarDay, CalendarNotice};
use crate::catalogue::Snapshot;
use crate::graphql::context::Ctx;
use crate::graphql::scalars::Date;

/// The most days that one question may ask for: a year and the month around its end.
const DAYS_MAX: u16 = 400;

/// What can be asked of the calendar.
#[derive(Default)]
pub struct CalendarQuery;

/// What can be asked of the calendar. No sign-in is needed.
#[expect(
    clippy::unused_async,
    reason = "the library wants async fields, and these read memory only"
)]
#[Object]
impl CalendarQuery {
    /// The days from one date through another at the centre, each with what it is and the notice that says so; at most
    /// 400. A year without a national notice is provisional.
    #[graphql(complexity = "days_asked(from, to) * child_complexity")]
    async fn calendar_days(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first day.")] from: Date,
        #[graphql(desc = "The last day, at most 399 days later.")] to: Date,
        #[graphql(
            desc = "Code of a department, whose own notices then count too; without it, the centre as a whole."
        )]
        department_code: Option<String>,
    ) -> Result<Vec<CalendarDay>> {
        let ctx = Ctx::of(ctx)?;
        let Date(from) = from;
        let latest = from
            .checked_add_days(Days::new(u64::from(DAYS_MAX) - 1))
            .unwrap_or(NaiveDate::MAX);
        if !(from..=latest).contains(&to.0) {
            let (from, to) = (from.to_string(), latest.to_string());
            return Err(ctx.fail(Reason::DateOutOfRange { from, to }.at("to")));
        }
        let snapshot = ctx.app().library.present();
        let region = region_of(ctx, &snapshot);
        let department = department_code.as_deref();
        if let Some(code) = department.filter(|code| !snapshot.has_department(&region, code)) {
            let department = code.to_owned();
            return Err(ctx.fail(Reason::DepartmentUnknown { department }.at("departmentCode")));
        }
        let calendar = snapshot.calendar(&region, department);
        let days = from.iter_days().take_while(|day| *day <= to.0);
        Ok(days.map(|day| calendar.day(day).into()).collect())
    }

    /// The notices for a year that hold at the centre or at one of its departments, also those that were replaced,
    /// the latest issued first.
    #[graphql(complexity = "20 * child_complexity")]
    async fn calendar_notices(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The year; the present one if not given.")] year: Option<i32>,
    ) -> Result<Vec<CalendarNotice>> {
        let ctx = Ctx::of(ctx)?;
        let snapshot = ctx.app().library.present();
        let region = region_of(ctx, &snapshot);
        let year = year.unwrap_or_else(|| ctx.app().env.moment().today.year());
        let notices = snapshot.calendars.notices().iter();
        let holding =
            notices.filter(|one| one.notice.year == year && one.notice.scope.reaches(&region));
        Ok(holding.cloned().map(CalendarNotice::new).collect())
    }
}

/// How many days a question costs; one that is refused costs little.
fn days_asked(from: Date, to: Date) -> usize {
    usize::try_from((to.0 - from.0).num_days() + 1)
        .ok()
        .filter(|days| *days <= usize::from(DAYS_MAX))
        .unwrap_or(1)
}

/// The caller's centre; a visitor's is the first.
pub(in crate::graphql) fn region_of(ctx: Ctx<'_>, snapshot: &Snapshot) -> String {
    let region = match &ctx.viewer().actor {
        Some(actor) => Some(&actor.region),
        None => snapshot.default_centre().map(|centre| &centre.region),
    };
    region.cloned().unwrap_or_default()
}
