//! Cases.

pub mod act;
pub mod ending;
pub mod licence;
pub mod procedure;
pub mod query;
mod reading;
pub mod revocation;
mod what_if;

use std::sync::Arc;

use async_graphql::{Context, Lookahead, Object, Result};
use lianshen_domain::actor::Actor;
use lianshen_domain::application::{Course, FileClock};
use lianshen_domain::case::{CaseResult, CaseState};
use lianshen_domain::clock::{ClockKind, Lamp};
use lianshen_domain::ids::{CaseId, Id as _, ItemVersionId};
use tokio::sync::OnceCell;
use uuid::Uuid;

pub use act::CaseMutation;
pub use ending::CaseEndingMutation;
pub use licence::{CaseLicenceMutation, LicenceEnd};
pub use procedure::{CaseProcedure, ProcedureMutation};
pub use query::CaseQuery;
pub use revocation::{FormerDecision, RevocationMutation};
pub use what_if::{WhatIfActInput, WhatIfPayload};

use super::application::Application;
use super::as_of::{CaseAsOf, Sight, known_at};
use super::at_once::AtOnce;
use super::card::{Card, cards_of};
use super::catalogue::{Department, Item, department, published};
use super::clock::Clock;
use super::coded::CodeEnum;
use super::consultation::{self, OpinionConflict, OpinionsPreviewInput, OpinionsPreviewPayload};
use super::context::Ctx;
use super::deadline::Deadline;
use super::extent;
use super::ids::NodeId;
use super::loaders::cases_of;
use super::mediation::Mediation;
use super::missing::{self, MissingReport};
use super::payload::Noun;
use super::review::Review;
use super::scalars::{Date, DateTime};
use crate::app::App;
use crate::case::{
    self, ApplicationRead, ApplicationRow, CaseExtent, CaseRead, CaseReadWithApplication, CaseRow,
    CaseWithReviews, ReviewRead, holds_papers, lamp_of_case, may_see_clock, may_see_inner_work,
};
use crate::error::AppError;

/// An application, its cases with their reviews, and its course.
pub(super) type Whole = (Arc<ApplicationRow>, Vec<CaseWithReviews>, Arc<Course>);

/// One item inside an application.
#[derive(Clone)]
pub struct Case {
    read: CaseRead,
    application: Option<ApplicationRead>,
    reviews: Option<Arc<Vec<ReviewRead>>>,
    /// All of it, where somebody asked for more than was read.
    whole: OnceCell<Arc<CaseRow>>,
    /// The clocks of decision: two fields ask for them, and they are made once.
    deciding: Arc<OnceCell<Vec<FileClock>>>,
}

impl Case {
    /// The fields that need no more than is read of it in lists.
    pub(super) const HEAD: &[&str] = &[
        "__typename",
        "id",
        "caseNumber",
        "version",
        "item",
        "itemName",
        "department",
        "state",
        "result",
        "closingKind",
    ];

    /// The fields of lists that are made of all of its application.
    pub(super) const OF_APPLICATION: &[&str] = &[
        "promised",
        "statutory",
        "clocks",
        "asOf",
        "whatIf",
        "previewOpinions",
        "missingReport",
    ];

    /// A case.
    pub fn new(read: impl Into<CaseRead>) -> Self {
        Self {
            read: read.into(),
            application: None,
            reviews: None,
            whole: OnceCell::new(),
            deciding: Arc::default(),
        }
    }

    /// A case that was read together with its application.
    pub fn of_line((case, application): CaseReadWithApplication) -> Self {
        Self::new(case).beside(Some(application), None)
    }

    /// The same, with what was read beside it.
    pub fn beside(
        mut self,
        application: Option<ApplicationRead>,
        reviews: Option<Arc<Vec<ReviewRead>>>,
    ) -> Self {
        self.application = application;
        self.reviews = reviews;
        self
    }
}

impl Noun for Case {
    type Id = CaseId;
    type Shown = CaseExtent;

    fn shown(answer: &Lookahead<'_>) -> CaseExtent {
        extent::of_cases(&[answer.field("case")])
    }

    async fn read(
        app: &App,
        actor: &Actor,
        id: CaseId,
        shown: CaseExtent,
    ) -> Result<Option<Self>, AppError> {
        let line = case::case_with_application(app, actor, id, shown).await?;
        Ok(line.map(Self::of_line))
    }
}

/// One item inside an application (办件), at the department that answers for it, with its own promised and statutory
/// deadline and one decision.
#[Object]
impl Case {
    /// Identifier.
    pub async fn id(&self) -> NodeId<CaseId> {
        self.key().into()
    }

    /// Case number (办件编号).
    async fn case_number(&self) -> &str {
        self.read.case_number()
    }

    /// Counts the changes; give it back as `expectedVersion`.
    async fn version(&self) -> i64 {
        *self.read.version()
    }

    /// The item version that it was accepted under, and stays under.
    async fn item(&self, ctx: &Context<'_>) -> Result<Option<AtOnce<Item>>> {
        let id = ItemVersionId::new(*self.read.item_version_id());
        let published = published(ctx, self.read.region())?;
        Ok(published.and_then(|all| all.item_version(id)).map(AtOnce))
    }

    /// Name of the item.
    async fn item_name(&self) -> &str {
        self.read.item_name()
    }

    /// The department that answers for it.
    async fn department(&self, ctx: &Context<'_>) -> Result<Option<AtOnce<Department>>> {
        let department = department(ctx, self.read.region(), &**self.read.department())?;
        Ok(department.map(AtOnce))
    }

    /// Where it stands.
    async fn state(&self) -> CodeEnum<CaseState> {
        self.read.state().0.into()
    }

    /// The traffic light. After the end it never changes again, also when the end was entered after the fact.
    async fn lamp(&self, ctx: &Context<'_>) -> Result<CodeEnum<Lamp>> {
        let row = self.row(ctx).await?;
        let app = Ctx::of(ctx)?.app();
        let (today, model) = (app.env.moment().today, app.config.thresholds.card_model);
        Ok(lamp_of_case(row, today, model).into())
    }

    /// The day on which its clocks began; null while it waits for a predecessor.
    async fn started_on(&self, ctx: &Context<'_>) -> Result<Option<Date>> {
        Ok(self.row(ctx).await?.started_on.map(Date))
    }

    /// The promised deadline (承诺时限); null before the clocks begin, and for a case that is decided anew.
    async fn promised(&self, ctx: &Context<'_>) -> Result<Option<AtOnce<Deadline>>> {
        Ok(self.deadline(ctx, ClockKind::Promised).await?.map(AtOnce))
    }

    /// The statutory deadline (法定时限); null before the clocks begin, and for items without one. For a case that is decided
    /// anew, or was, it is that of the new decision (重新作出决定期限); `clocks` shows the former ones.
    async fn statutory(&self, ctx: &Context<'_>) -> Result<Option<AtOnce<Deadline>>> {
        Ok(self.deadline(ctx, ClockKind::Statutory).await?.map(AtOnce))
    }

    /// Every clock that was started on it, in the order of the table of clocks: promise, statutory period, steps, special
    /// procedures, hearings, renewal, delivery; those of mediation for the department of the case, the lead coordinator, the centre
    /// administrator and the supervisor; those of other departments' opinions for all but applicants.
    #[graphql(complexity = "8 * child_complexity")]
    async fn clocks(&self, ctx: &Context<'_>) -> Result<Vec<Clock>> {
        let (actor, lead) = (Ctx::of(ctx)?.actor()?, self.lead(ctx).await?);
        let mut clocks = self.made_clocks(ctx, true).await?;
        clocks.retain(|clock| may_see_clock(actor, self.read.department(), lead.as_deref(), clock));
        Ok(Clock::all(clocks, Ctx::of(ctx)?))
    }

    /// The case as it stood and was known at an instant of the past: by what had been entered, and by the calendar as it
    /// was adopted by then. Null before the application was received; `INSTANT_IN_FUTURE` for what has not come.
    #[graphql(complexity = "10 + child_complexity")]
    async fn as_of(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The instant.")] at: DateTime,
    ) -> Result<Option<CaseAsOf>> {
        let Some(application) = self.application_row(ctx).await? else {
            return Ok(None);
        };
        let then = known_at(ctx, &application, at.0).await?;
        let sight = Sight {
            actor: Ctx::of(ctx)?.actor()?,
            lead: application.lead_department.as_deref(),
        };
        Ok(then.and_then(|then| CaseAsOf::of(&then, self.key(), sight)))
    }

    /// What would become of its open clocks, and of the joint ones, if these things happened in this order. The same
    /// rules decide as if somebody did them, and nothing is written. Not for applicants (`FORBIDDEN`).
    #[graphql(complexity = "20 + child_complexity")]
    async fn what_if(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What happens; at most 50 things.")] acts: Vec<WhatIfActInput>,
    ) -> Result<WhatIfPayload> {
        what_if::answer(ctx, self, acts).await
    }

    /// The departments whose mandatory opinions are still out: until they come the examination cannot end, and nothing is
    /// decided. Not for applicants.
    #[graphql(complexity = "3 * child_complexity")]
    async fn awaited_opinions(&self, ctx: &Context<'_>) -> Result<Vec<Department>> {
        if !may_see_inner_work(Ctx::of(ctx)?.actor()?) || self.row(ctx).await?.asked == 0 {
            return Ok(Vec::new());
        }
        let rows = self.review_rows(ctx).await?;
        let codes = case::awaited_departments(&rows);
        let codes = codes.or_else(|error| Err(Ctx::of(ctx)?.fail(error)))?;
        let published = published(ctx, self.read.region())?;
        let department = |code: &String| published.as_ref()?.department(code);
        Ok(codes.iter().filter_map(department).collect())
    }

    /// Where the opinions on it contradict each other (意见分歧): one department agrees and another does not, or their
    /// conditions exclude each other (`opinions.opposed`). Found from the opinions that stand. For the department of the case,
    /// the lead coordinator and the supervisor.
    #[graphql(complexity = "5 * child_complexity")]
    async fn conflicts(&self, ctx: &Context<'_>) -> Result<Vec<OpinionConflict>> {
        let actor = Ctx::of(ctx)?.actor()?;
        if holds_papers(actor) || self.row(ctx).await?.asked == 0 || !self.may_read(ctx).await? {
            return Ok(Vec::new());
        }
        let rows = self.review_rows(ctx).await?;
        let beside =
            |review: Review| review.beside(Some(self.read.clone()), self.application.clone());
        consultation::conflicts(ctx, &rows, beside)
    }

    /// The mediations of its conflicts (协调), the first first. For the departments of the two opinions, the one of the case,
    /// the lead coordinator, the centre administrator, the supervisor, and who decides for a department that was named; none
    /// for all others.
    #[graphql(complexity = "5 * child_complexity")]
    async fn mediations(&self, ctx: &Context<'_>) -> Result<Vec<Mediation>> {
        Mediation::all(ctx, self.application_id(), self.key()).await
    }

    /// What would come of asking for opinions, and of not asking some any more: new dates, what is lost, who must be told.
    /// The same rules decide as if somebody did it, and nothing is written. For those who may ask.
    #[graphql(complexity = "20 + child_complexity")]
    async fn preview_opinions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What somebody thinks of.")] input: OpinionsPreviewInput,
    ) -> Result<OpinionsPreviewPayload> {
        consultation::preview(ctx, self, input).await
    }

    /// Order of acceptance within the item (行政许可法 第五十七条).
    async fn accepted_seq(&self, ctx: &Context<'_>) -> Result<Option<i64>> {
        Ok(self.row(ctx).await?.accepted_seq)
    }

    /// The cases that must be granted first.
    #[graphql(complexity = "5 * child_complexity")]
    async fn predecessors(&self, ctx: &Context<'_>) -> Result<Vec<Case>> {
        let row = self.row(ctx).await?;
        let wanted: Vec<Uuid> = Ctx::of(ctx)?.kept(&row.predecessors)?;
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let extent = extent::CASE.extent(&[ctx.look_ahead()]);
        let siblings = cases_of(ctx, self.application_id(), extent).await?;
        let found = siblings
            .iter()
            .filter(|(case, _)| wanted.contains(case.id()));
        Ok(found.map(|(case, _)| Self::new(case.clone())).collect())
    }

    /// How it ended; null while it goes on.
    async fn result(&self) -> Option<CodeEnum<CaseResult>> {
        self.read.result().map(|result| result.0.into())
    }

    /// The number by which the national exchange names how it was closed (办结结果代码): 0 granted, 1 refused or not
    /// accepted, 2 void, 5 never supplemented, 6 otherwise; null while it goes on.
    async fn closing_kind(&self) -> Option<u8> {
        self.read.result().map(|result| result.0.closing_kind())
    }

    /// The special procedures that were begun on it (特别程序), the first first.
    #[graphql(complexity = "3 * child_complexity")]
    async fn special_procedures(&self, ctx: &Context<'_>) -> Result<Vec<CaseProcedure>> {
        if !self.row(ctx).await?.eventful {
            return Ok(Vec::new());
        }
        let course = self.course(ctx).await?;
        let procedures = course.map(|course| course.procedures(self.key()));
        let all = procedures.unwrap_or_default().into_iter();
        Ok(all.map(CaseProcedure::from).collect())
    }

    /// Why it ended so; null for those who may not read it.
    async fn result_reasons(&self, ctx: &Context<'_>) -> Result<Option<&str>> {
        let may_read = self.may_read(ctx).await?;
        let reasons = self.row(ctx).await?.result_reasons.as_deref();
        Ok(reasons.filter(|_| may_read))
    }

    /// How and when the licence that it granted ended; null while it stands, and where there is none.
    #[graphql(complexity = "5 + child_complexity")]
    async fn licence_end(&self, ctx: &Context<'_>) -> Result<Option<LicenceEnd>> {
        licence::end_of(ctx, self).await
    }

    /// When it ended.
    async fn result_at(&self, ctx: &Context<'_>) -> Result<Option<DateTime>> {
        Ok(self.row(ctx).await?.result_at.map(DateTime))
    }

    /// The date on the decision, on which the clocks stopped.
    async fn result_on(&self, ctx: &Context<'_>) -> Result<Option<Date>> {
        Ok(self.row(ctx).await?.result_on.map(Date))
    }

    /// The refusals of it that were revoked on reconsideration or by a court (被撤销的决定), the first first. None for those who
    /// may not read why it ended.
    #[graphql(complexity = "child_complexity")]
    async fn former_decisions(&self, ctx: &Context<'_>) -> Result<Vec<FormerDecision>> {
        let row = self.row(ctx).await?;
        if row.former_decisions.is_none() || !self.may_read(ctx).await? {
            return Ok(Vec::new());
        }
        let former = case::former_of(row);
        let former = former.or_else(|error| Err(Ctx::of(ctx)?.fail(error)))?;
        Ok(former.into_iter().map(FormerDecision).collect())
    }

    /// The reviews on it: the examination by its department, then the opinions that it asked for, in that order. Not for
    /// applicants, who see the state of the case.
    #[graphql(complexity = "3 * child_complexity")]
    async fn reviews(&self, ctx: &Context<'_>) -> Result<Vec<AtOnce<Review>>> {
        if !may_see_inner_work(Ctx::of(ctx)?.actor()?) {
            return Ok(Vec::new());
        }
        let mut reviews = self.shown_reviews(ctx).await?.to_vec();
        reviews.sort_by_cached_key(case::place_of_review);
        let review = |read: ReviewRead| {
            Review::new(read).beside(Some(self.read.clone()), self.application.clone())
        };
        Ok(reviews.into_iter().map(review).map(AtOnce).collect())
    }

    /// What the rules of supervision raised on it (预警, 黄牌, 红牌), in the order of the days. For staff: its own
    /// department, the lead department, window, centre administrator and supervisor.
    #[graphql(complexity = "5 * child_complexity")]
    async fn cards(&self, ctx: &Context<'_>) -> Result<Vec<Card>> {
        let cards = cards_of(ctx, self.application_id()).await?;
        let own = cards
            .iter()
            .filter(|row| row.case_id == Some(*self.read.id()));
        Ok(own.cloned().map(Card).collect())
    }

    /// What its department misses before acceptance (缺件报告); null where nothing was said and nothing is to be said any
    /// more. For its own department, the coordinator of the lead department, the window and the supervisor.
    #[graphql(complexity = "5 + child_complexity")]
    async fn missing_report(&self, ctx: &Context<'_>) -> Result<Option<MissingReport>> {
        missing::report_on(ctx, self).await
    }

    /// The application that it is part of.
    async fn application(&self, ctx: &Context<'_>) -> Result<Option<AtOnce<Application>>> {
        Ok(self.its_application(ctx).await?.map(AtOnce))
    }
}
