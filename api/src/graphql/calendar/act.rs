//! Adopting notices.

use async_graphql::{Context, InputObject, Object, Result};
use lianshen_domain::actor::Actor;
use lianshen_domain::calendar::{Notice, NoticeDay, NoticeDayKind, Scope};
use lianshen_domain::rejected::{Reason, Rejected};

use super::CalendarNotice;
use crate::calendar::{self, NoticeAdopt};
use crate::graphql::coded::CodeEnum;
use crate::graphql::context::Ctx;
use crate::graphql::payload::{Acted, payloads};
use crate::graphql::scalars::Date;
use crate::graphql::user_error::UserError;

/// A day that a notice names.
#[derive(InputObject)]
pub struct CalendarNoticeDayInput {
    /// The date.
    pub date: Date,
    /// Off, or worked although a Saturday or Sunday.
    pub kind: CodeEnum<NoticeDayKind>,
    /// The holiday for which it is so, e.g. 春节.
    pub holiday: String,
}

/// A holiday notice to adopt, as it was issued.
#[derive(InputObject)]
pub struct CalendarNoticeAdoptInput {
    /// Chosen by you; repeating the request with the same key adopts once.
    pub idempotency_key: String,
    /// The document number (文号).
    pub number: String,
    /// The issuing office.
    pub issuer: String,
    /// When it was issued.
    pub issued_on: Date,
    /// The year for which it speaks.
    pub year: i32,
    /// The State Council's notice, for the whole country; otherwise it is one of your own region. Where several centres
    /// share an installation, the national notice is adopted by who runs it.
    #[graphql(default)]
    pub national: bool,
    /// Code of the one department of your centre for which it holds; not for a national notice.
    pub department_code: Option<String>,
    /// The number of the notice in whose place it comes.
    pub replaces: Option<String>,
    /// The days that it names.
    pub days: Vec<CalendarNoticeDayInput>,
}

payloads! {
    notice: CalendarNotice;
    /// What became of a notice.
    CalendarNoticeAdoptPayload;
}

/// Acts on the calendar.
#[derive(Default)]
pub struct CalendarMutation;

#[Object]
impl CalendarMutation {
    /// Adopts a holiday notice (采用节假日安排通知) for your centre. The same notice again changes nothing; what was
    /// adopted is never rewritten, an amended notice `replaces` it. For the centre's administrator.
    async fn calendar_notice_adopt(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The notice.")] input: CalendarNoticeAdoptInput,
    ) -> Result<CalendarNoticeAdoptPayload> {
        let ctx = Ctx::of(ctx)?;
        let actor = ctx.actor()?.clone();
        let idempotency_key = input.idempotency_key.clone();
        let notice = match notice_of(input, &actor) {
            Ok(notice) => notice,
            Err(fault) => {
                return Ok(Acted {
                    done: None,
                    user_errors: UserError::all(vec![fault], ctx.lang()),
                }
                .into());
            }
        };
        let command = NoticeAdopt {
            idempotency_key,
            notice,
        };
        let app = ctx.app().clone();
        let adopted = ctx.app().act(async move {
            let number = calendar::adopt_for_centre(&app, &actor, command).await?;
            let snapshot = app.library.present();
            let mut notices = snapshot.calendars.notices().iter();
            Ok(notices.find(|one| one.notice.number == number).cloned())
        });
        let outcome = ctx.outcome(adopted.await)?;
        let acted = Acted {
            done: outcome.done.flatten().map(CalendarNotice::new),
            user_errors: outcome.user_errors,
        };
        Ok(acted.into())
    }
}

/// The notice that an administrator means.
pub(super) fn notice_of(
    input: CalendarNoticeAdoptInput,
    actor: &Actor,
) -> Result<Notice, Rejected> {
    let region = (!input.national).then_some(actor.region.as_str());
    let Some(scope) = Scope::of(region, input.department_code.as_deref()) else {
        let region = String::new();
        return Err(Reason::NoticeRegionInvalid { region }.at("departmentCode"));
    };
    let days = input.days.into_iter().map(|day| NoticeDay {
        date: day.date.0,
        holiday: day.holiday,
        kind: day.kind.0,
    });
    Ok(Notice {
        number: input.number,
        issuer: input.issuer,
        issued_on: input.issued_on.0,
        year: input.year,
        scope,
        replaces: input.replaces,
        days: days.collect(),
    }
    .trimmed())
}
