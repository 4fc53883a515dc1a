//! Alerts and cards: what the rules of supervision raised.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use chrono::SecondsFormat;
use futures_util::future::BoxFuture;
use lianshen_domain::clock::{ClockKind, Unit};
use lianshen_domain::ids::{ApplicationId, CardId, CaseId, Id as _};
use lianshen_domain::rejected::Rejected;
use lianshen_domain::supervision::{CardLevel, Evidence, TimeRule};

use super::application::Application;
use super::case::Case;
use super::catalogue::{Department, department};
use super::coded::CodeEnum;
use super::context::Ctx;
use super::deadline::say;
use super::loaders::{ById, CardsOf, CaseById, Loaders};
use super::page::{Connection, Key, PageArguments, page_cost};
use super::scalars::{Date, DateTime};
use super::window::{instant, sought, window};
use crate::case::{self, CardFilter, CardRow};

/// An alert or a card.
pub struct Card(pub CardRow);

/// What a card rests on: the clock as it stood at the end of the day on which the card was raised.
#[derive(SimpleObject)]
pub struct CardEvidence {
    /// The clock.
    pub clock: CodeEnum<ClockKind>,
    /// What people call the clock, in your language.
    pub clock_name: String,
    /// The n-th clock of its kind on the case, from 1.
    pub ordinal: u32,
    /// The day from which it ran; the day itself is not counted.
    pub anchor_on: Date,
    /// The last day in time.
    pub due_on: Option<Date>,
    /// Days charged by the end of the day of the card; more than `total` when the period has passed.
    pub charged: i64,
    /// Days of the limit and of all extensions that took effect.
    pub total: i64,
    /// What both are counted in.
    pub unit: CodeEnum<Unit>,
    /// The legal source of the clock.
    pub article: String,
}

/// What a rule of electronic supervision raised (电子监察): an alert (预警), a yellow card (黄牌) or a red one (红牌). Each
/// occurrence is raised once, and a card never changes; a warning is cleared when its cause is gone.
#[Object]
impl Card {
    /// Identifier.
    async fn id(&self) -> ID {
        ID(CardId::new(self.0.id).wire())
    }

    /// The rule that raised it.
    async fn rule(&self) -> CodeEnum<TimeRule> {
        self.0.rule.0.into()
    }

    /// What people call the rule, in your language.
    async fn rule_name(&self, ctx: &Context<'_>) -> Result<&'static str> {
        Ok(say(self.0.rule.0.name(), Ctx::of(ctx)?.lang()))
    }

    /// How grave it is, in the colours that the centre has chosen.
    async fn level(&self) -> CodeEnum<CardLevel> {
        self.0.level.0.into()
    }

    /// The working day to which it is dated; for `MAT_02` the day on which somebody wanted too much.
    async fn raised_on(&self) -> Date {
        Date(self.0.raised_on)
    }

    /// When it was written down; later than `raisedOn` after an outage, or when an act was entered after the fact (补录).
    async fn raised_at(&self) -> DateTime {
        DateTime(self.0.raised_at)
    }

    /// The day on which the cause of a warning was gone; null while it stands, and always for what was late.
    async fn cleared_on(&self) -> Option<Date> {
        self.0.cleared_on.map(Date)
    }

    /// The department whose clock it is: the one that answers for the case, that was asked for an opinion (`TIME_09`), or that
    /// holds a mediation. Null where it is that of none: what is about the application as a whole, what a window has to hand
    /// over (`TIME_08`), also of one case, and a mediation at the centre or the government.
    async fn department(&self, ctx: &Context<'_>) -> Result<Option<Department>> {
        department(ctx, &self.0.region, &*self.0.department)
    }

    /// The case; null when it is about the application as a whole.
    async fn case(&self, ctx: &Context<'_>) -> Result<Option<Case>> {
        let Some(id) = self.0.case_id else {
            return Ok(None);
        };
        let loaded = ctx.data::<Loaders>()?.load_one(CaseById(CaseId::new(id)));
        Ok(Ctx::of(ctx)?.loaded(loaded.await)?.map(Case::new))
    }

    /// The application.
    async fn application(&self, ctx: &Context<'_>) -> Result<Option<Application>> {
        let key = ById(ApplicationId::new(self.0.application_id));
        let loaded = ctx.data::<Loaders>()?.load_one(key).await;
        Ok(Ctx::of(ctx)?.loaded(loaded)?.map(Application::new))
    }

    /// What it rests on.
    async fn evidence(&self, ctx: &Context<'_>) -> Result<CardEvidence> {
        let ctx = Ctx::of(ctx)?;
        let Evidence {
            clock,
            ordinal,
            anchor_on,
            due_on,
            charged,
            total,
            unit,
        } = ctx.kept(&self.0.evidence)?;
        let row = clock.row_on(anchor_on).row;
        Ok(CardEvidence {
            clock: clock.into(),
            clock_name: say(row.name, ctx.lang()).to_owned(),
            ordinal,
            anchor_on: Date(anchor_on),
            due_on: due_on.map(Date),
            charged,
            total,
            unit: unit.into(),
            article: say(row.article, ctx.lang()).to_owned(),
        })
    }
}

/// The cards of an application and of its cases that the caller may see.
pub(super) async fn cards_of(ctx: &Context<'_>, id: ApplicationId) -> Result<Arc<Vec<CardRow>>> {
    let loaded = ctx.data::<Loaders>()?.load_one(CardsOf(id)).await;
    Ok(Ctx::of(ctx)?.loaded(loaded)?.unwrap_or_default())
}

/// Which cards are wanted; all conditions must hold.
#[derive(Default, InputObject)]
pub struct CardFilterInput {
    /// Raised by this rule.
    pub rule: Option<CodeEnum<TimeRule>>,
    /// Of this level.
    pub level: Option<CodeEnum<CardLevel>>,
    /// Of the department of this code.
    pub department_code: Option<String>,
    /// Only warnings that were cleared (true), or only what stands (false).
    pub cleared: Option<bool>,
    /// Raised on or after this day.
    pub raised_from: Option<Date>,
    /// Raised on or before this day.
    pub raised_to: Option<Date>,
}

impl CardFilterInput {
    fn read(self) -> Result<CardFilter, Rejected> {
        Ok(CardFilter {
            rule: self.rule.map(|rule| rule.0),
            level: self.level.map(|level| level.0),
            department: sought(self.department_code, "filter.departmentCode")?,
            cleared: self.cleared,
            from: self.raised_from.map(|date| date.0),
            to: self.raised_to.map(|date| date.0),
        })
    }
}

/// What can be asked of alerts and cards.
#[derive(Default)]
pub struct CardQuery;

#[Object]
impl CardQuery {
    /// Alerts and cards, the last raised first: of the whole centre for supervisors and the centre administrator; for a
    /// department its own, and for a lead department those of what it leads. Others find them beside the case
    /// (`Case.cards`) and are refused here with `FORBIDDEN`.
    #[graphql(complexity = "page_cost(first, last, child_complexity)")]
    async fn cards(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "How many from the beginning, or after `after`: 1 to 100, 20 if not given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Begin after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, or before `before`: 1 to 100. Not with `first`.")]
        last: Option<i32>,
        #[graphql(desc = "Stop before this cursor.")] before: Option<String>,
        #[graphql(desc = "Only cards that fulfil all of this.")] filter: Option<CardFilterInput>,
    ) -> Result<Connection<Card>> {
        let ctx = Ctx::of(ctx)?;
        let actor = ctx.actor()?;
        let asked = PageArguments {
            first,
            after,
            last,
            before,
        };
        let (request, window) = window(asked, "cards", instant).map_err(|fault| ctx.fail(fault))?;
        let filter = filter.unwrap_or_default().read();
        let filter = filter.map_err(|fault| ctx.fail(fault))?;
        let rows = case::cards(ctx.app(), actor, &filter, &window)
            .await
            .map_err(|error| ctx.fail(error))?;
        let key = |card: &Card| Key {
            sort: card
                .0
                .raised_at
                .to_rfc3339_opts(SecondsFormat::Micros, true),
            id: card.0.id,
        };
        let (app, actor) = (ctx.app().clone(), actor.clone());
        let count = move || -> BoxFuture<'static, _> {
            let (app, actor, filter) = (app.clone(), actor.clone(), filter.clone());
            Box::pin(async move { case::count_cards(&app, &actor, &filter).await })
        };
        let cards = rows.into_iter().map(Card).collect();
        Ok(Connection::new(&request, cards, key, count))
    }
}
