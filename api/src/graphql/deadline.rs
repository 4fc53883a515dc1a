//! Deadlines: a clock, read today or on the day on which it stopped, and everything that can be asked of it.

use std::sync::Arc;

use async_graphql::{ComplexObject, Context, Result, SimpleObject};
use chrono::NaiveDate;
use lianshen_domain::application::FileClock;
use lianshen_domain::calendar::{Calendar, DayKind};
use lianshen_domain::clock::{
    self, Clock, ClockKind, ClockState, DayRule, Phrase, Running, Suspending, Unit,
};
use lianshen_domain::code::Code as _;
use lianshen_domain::item::SpecialProcedureKind;
use lianshen_domain::rejected::{Lang, Reason};

use super::coded::CodeEnum;
use super::context::Ctx;
use super::limit::Limit;
use super::scalars::Date;

/// How many days of a ledger are listed when nobody says.
const DAYS_DEFAULT: i32 = 150;
/// The most days of a ledger that one question may ask for.
const DAYS_MAX: i32 = 1_000;

/// A legal period as it stands today (期限). The server counts; clients never need a calendar.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct Deadline {
    /// The period as published.
    pub limit: Limit,
    /// The day from which it runs; the day itself is not counted.
    pub anchor_on: Date,
    /// The last day in time, until 24:00; null while the clock is suspended, and for good if it stopped then: nothing was
    /// due, and `remaining` says how many days were left.
    pub due_on: Option<Date>,
    /// The last day in time if nothing more happens.
    pub projected_on: Date,
    /// Days left after today: 0 on the due date, negative when overdue; it stands still once the clock has stopped.
    pub remaining: i64,
    /// What `remaining` is counted in.
    pub remaining_unit: CodeEnum<Unit>,
    /// Days used up, in the same unit.
    pub elapsed: i64,
    /// What the clock is doing.
    pub state: CodeEnum<ClockState>,
    /// The due date has passed, or had passed when the clock stopped.
    pub overdue: bool,
    /// The due date reaches into a year whose holiday notice has not come yet, and may move.
    pub provisional: bool,
    #[graphql(skip)]
    behind: Behind,
}

/// What a deadline was read from.
struct Behind {
    kind: ClockKind,
    clock: Clock,
    suspending: Vec<Option<Suspending>>,
    calendar: Arc<Calendar>,
    today: NaiveDate,
}

/// One day of a clock, and why it is counted or not (期限台账的一行).
#[derive(SimpleObject)]
pub struct DeadlineDay {
    /// The date.
    pub date: Date,
    /// What the day is to the clock.
    pub rule: CodeEnum<DayRule>,
    /// The same in words, in the language of `Accept-Language`.
    pub text: &'static str,
    /// What the day is by itself: a suspended day may be a holiday, too.
    pub kind: CodeEnum<DayKind>,
    /// It is the n-th counted day; null if it is not counted.
    pub ordinal: Option<i64>,
    /// The days left after it; negative when overdue.
    pub remaining: i64,
    /// Number of the notice that speaks for the day; null while none does.
    pub notice: Option<String>,
    /// The holiday for which a notice gives the day off, or makes it a working day.
    pub holiday: Option<String>,
    /// The article by which it is counted or not, in the language of `Accept-Language`.
    pub article: Option<&'static str>,
    /// The suspension that excludes it; null for other days.
    pub suspension: Option<DeadlineSuspension>,
    /// What the day is rests on a guess, because no notice for its year has come.
    pub provisional: bool,
}

/// A time during which a clock stood still (中止).
#[derive(Clone, SimpleObject)]
pub struct DeadlineSuspension {
    /// The day on which it began.
    pub started_on: Date,
    /// The day on which it ended; null while it goes on.
    pub ended_on: Option<Date>,
    /// The special procedure (特别程序); null for a wait for the applicant's material, and where the components of a joint
    /// application stop its clock.
    pub procedure: Option<CodeEnum<SpecialProcedureKind>>,
    /// Why, as a code: the procedure, `APPLICANT_SUPPLEMENT`, a consultation; null where components stop a joint clock.
    pub reason: Option<String>,
    /// The n-th special procedure of the case.
    pub number: Option<i32>,
}

impl Deadline {
    /// Reads a clock of an application or of a case.
    pub fn read(clock: &FileClock, today: NaiveDate) -> Self {
        let suspending = clock.suspending.clone();
        Self::of(&clock.running, suspending, &clock.calendar, today)
    }

    /// Reads any clock.
    pub fn of(
        running: &Running,
        suspending: Vec<Option<Suspending>>,
        calendar: &Arc<Calendar>,
        today: NaiveDate,
    ) -> Self {
        let clock = &running.clock;
        let clock::Deadline {
            due_on,
            projected_on,
            remaining,
            remaining_unit,
            elapsed,
            state,
            overdue,
            provisional,
            ..
        } = clock.deadline(calendar, today);
        Self {
            limit: clock.limit.into(),
            anchor_on: Date(clock.anchor),
            due_on: due_on.map(Date),
            projected_on: Date(projected_on),
            remaining,
            remaining_unit: remaining_unit.into(),
            elapsed,
            state: state.into(),
            overdue,
            provisional,
            behind: Behind {
                kind: running.kind,
                clock: clock.clone(),
                suspending,
                calendar: calendar.clone(),
                today,
            },
        }
    }

    /// Remarks in fixed words, for programs.
    pub(super) fn notes(&self) -> Vec<String> {
        let behind = &self.behind;
        behind.clock.notes(&behind.calendar, behind.today)
    }

    fn explained(&self, lang: Lang) -> impl Iterator<Item = DeadlineDay> {
        let behind = &self.behind;
        let days = behind.clock.days(&behind.calendar, behind.today);
        days.map(move |day| DeadlineDay {
            date: Date(day.date),
            rule: day.rule.into(),
            text: say(day.rule.says(), lang),
            kind: day.kind.into(),
            ordinal: day.ordinal,
            remaining: day.remaining,
            notice: day.notice.map(str::to_owned),
            holiday: day.holiday.map(str::to_owned),
            article: day.rule.article().map(|article| say(article, lang)),
            suspension: day.suspension.and_then(|place| behind.suspension(place)),
            provisional: day.provisional,
        })
    }
}

impl Behind {
    /// A suspension as it is known on the day of the reading.
    fn suspension(&self, place: usize) -> Option<DeadlineSuspension> {
        let interval = self.clock.suspensions.get(place)?;
        let act = self.suspending.get(place).and_then(Option::as_ref);
        let reason = act.and_then(|act| act.reason.clone());
        let number = act.and_then(|act| act.procedure.as_ref()?.parse().ok());
        let ended_on = interval.end.filter(|end| {
            let known_on = interval.end_entered_on.unwrap_or(*end);
            known_on <= self.today
        });
        Some(DeadlineSuspension {
            started_on: Date(interval.start),
            ended_on: ended_on.map(Date),
            procedure: reason
                .as_deref()
                .and_then(SpecialProcedureKind::from_code)
                .map(CodeEnum),
            reason,
            number,
        })
    }
}

#[ComplexObject]
impl Deadline {
    /// Every day from the start through the due date, and when overdue through today, with the rule that holds for it.
    /// While suspended, the days after today are those of the projection.
    #[graphql(complexity = "20 + days_before(from) + days_asked(first) * child_complexity")]
    async fn days(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Begin with this day; with the start if not given.")] from: Option<Date>,
        #[graphql(
            desc = "How many days: 1 to 1,000, 150 if not given. `dayCount` says how many there are."
        )]
        first: Option<i32>,
    ) -> Result<Vec<DeadlineDay>> {
        let ctx = Ctx::of(ctx)?;
        let wanted = first.unwrap_or(DAYS_DEFAULT);
        if !(1..=DAYS_MAX).contains(&wanted) {
            return Err(ctx.fail(Reason::PageSize { max: DAYS_MAX }.at("first")));
        }
        let wanted = usize::try_from(wanted).unwrap_or(0);
        let days = self.explained(ctx.lang());
        let days = days.skip_while(|day| from.is_some_and(|from| day.date.0 < from.0));
        Ok(days.take(wanted).collect())
    }

    /// How many days `days` has in all; it is cut after 8,000.
    #[graphql(complexity = 20)]
    async fn day_count(&self) -> usize {
        let behind = &self.behind;
        behind.clock.day_count(&behind.calendar, behind.today)
    }

    /// The clock on paper (期限计算单), a line a day, for a clerk to print and put into the file; in the language of
    /// `Accept-Language`. Refused with `SHEETS_TOO_LONG` after a mebibyte of them in one answer.
    #[graphql(complexity = 400)]
    async fn sheet(&self, ctx: &Context<'_>) -> Result<String> {
        let ctx = Ctx::of(ctx)?;
        let (behind, lang) = (&self.behind, ctx.lang());
        let (kind, today) = (behind.kind, behind.today);
        let make = || behind.clock.sheet(kind, &behind.calendar, today, lang);
        let sheet = ctx.viewer().sheets.add(make);
        sheet.ok_or_else(|| ctx.fail(Reason::SheetsTooLong))
    }

    /// Why it is overdue: the due date, the days over it, the suspensions and extensions that counted and those that
    /// came too late to count; in the language of `Accept-Language`. Null unless it is overdue, or was when it stopped.
    async fn why_overdue(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        let lang = Ctx::of(ctx)?.lang();
        let behind = &self.behind;
        let why = behind
            .clock
            .why_overdue(&behind.calendar, behind.today, lang);
        Ok(why)
    }
}

/// What the days cost that are counted and not shown: whoever begins later makes the program count up to there.
fn days_before(from: Option<Date>) -> usize {
    if from.is_some() { 100 } else { 0 }
}

/// How many days a question costs; one that is refused costs little.
fn days_asked(first: Option<i32>) -> usize {
    let wanted = first.unwrap_or(DAYS_DEFAULT);
    usize::try_from(wanted)
        .ok()
        .filter(|_| wanted <= DAYS_MAX)
        .unwrap_or(1)
}

/// A phrase in the reader's language.
pub(super) fn say(phrase: Phrase, lang: Lang) -> &'static str {
    lang.pick(phrase.zh, phrase.en)
}
