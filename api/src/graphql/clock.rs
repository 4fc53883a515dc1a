//! Clocks: every legal period that was started on an application or a case.

use async_graphql::{Context, Object, Result, SimpleObject};
use chrono::NaiveDate;
use lianshen_domain::application::FileClock;
use lianshen_domain::clock::{ClockKind, Lapse};
use lianshen_domain::law::{Act, ActVersion, RowInForce};

use super::coded::CodeEnum;
use super::context::Ctx;
use super::deadline::{Deadline, say};
use super::scalars::Date;

/// A clock that was started (时限): which, by which law, and how it stands.
pub struct Clock {
    started: FileClock,
    row: RowInForce,
    today: NaiveDate,
}

impl Clock {
    /// A clock of an application or of a case, read on a day.
    pub fn new(started: FileClock, today: NaiveDate) -> Self {
        let running = &started.running;
        Self {
            row: running.kind.row_on(running.clock.anchor),
            today,
            started,
        }
    }

    /// Clocks as they are read today.
    pub fn all(started: Vec<FileClock>, ctx: Ctx<'_>) -> Vec<Self> {
        let today = ctx.app().env.moment().today;
        let read = started.into_iter().map(|clock| Self::new(clock, today));
        read.collect()
    }
}

/// A text of a law, in force from a day (法律版本).
#[derive(SimpleObject)]
pub struct LawVersion {
    /// Which law.
    pub act: CodeEnum<Act>,
    /// Its title, in the language of `Accept-Language`.
    pub title: &'static str,
    /// The year by which people tell it from others.
    pub year: i32,
    /// The order by which it was made, in the language of `Accept-Language`.
    pub order: &'static str,
    /// The first day on which it is in force.
    pub in_force_from: Date,
}

impl LawVersion {
    /// A text for a reader.
    pub fn of(version: ActVersion, lang: lianshen_domain::rejected::Lang) -> Self {
        Self {
            act: version.act.into(),
            title: say(version.act.title(), lang),
            year: version.year,
            order: say(version.order, lang),
            in_force_from: Date(version.in_force_from),
        }
    }
}

/// A legal period that was started (时限): which it is, on which law it rests, and how it stands.
#[Object]
impl Clock {
    /// Which.
    async fn kind(&self) -> CodeEnum<ClockKind> {
        self.started.running.kind.into()
    }

    /// The n-th of its kind, from 1.
    async fn ordinal(&self) -> u32 {
        self.started.running.ordinal
    }

    /// What people call it, in the language of `Accept-Language`.
    async fn name(&self, ctx: &Context<'_>) -> Result<&'static str> {
        Ok(say(self.row.row.name, Ctx::of(ctx)?.lang()))
    }

    /// What its due date is called where dates stand side by side, e.g. `deliverBy`.
    async fn label(&self) -> &'static str {
        self.row.row.label
    }

    /// The article on which it rests, in the text in force on the day on which it began.
    async fn article(&self, ctx: &Context<'_>) -> Result<&'static str> {
        Ok(say(self.row.row.article, Ctx::of(ctx)?.lang()))
    }

    /// The text of the law in force on the day on which it began; null for clocks of local rules.
    async fn law(&self, ctx: &Context<'_>) -> Result<Option<LawVersion>> {
        let lang = Ctx::of(ctx)?.lang();
        Ok(self.row.law.map(|version| LawVersion::of(version, lang)))
    }

    /// The event that started it, in the language of `Accept-Language`.
    async fn starts(&self, ctx: &Context<'_>) -> Result<&'static str> {
        Ok(say(self.row.row.event, Ctx::of(ctx)?.lang()))
    }

    /// The act that stops it, in the language of `Accept-Language`.
    async fn stops(&self, ctx: &Context<'_>) -> Result<&'static str> {
        Ok(say(self.row.row.stops, Ctx::of(ctx)?.lang()))
    }

    /// What it means that it lapses.
    async fn on_lapse(&self) -> CodeEnum<Lapse> {
        self.row.row.on_lapse.into()
    }

    /// How it stands.
    async fn deadline(&self) -> Deadline {
        Deadline::read(&self.started, self.today)
    }
}
