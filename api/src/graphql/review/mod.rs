//! Reviews.

pub mod act;
pub mod query;

use std::sync::Arc;

use async_graphql::{Context, Lookahead, Object, Result};
use chrono::NaiveDate;
use lianshen_domain::actor::{Action, Actor, Role, may};
use lianshen_domain::clock::Lamp;
use lianshen_domain::ids::{AccountId, ApplicationId, CaseId, Id as _, ReviewId};
use lianshen_domain::review::{OpinionKind, ReviewState};

pub use act::ReviewMutation;
pub use query::{ReviewQuery, one};

use super::at_once::AtOnce;
use super::case::Case;
use super::catalogue::{Department, department};
use super::coded::CodeEnum;
use super::consultation::{Consultation, OpinionCondition, OpinionDraft};
use super::context::Ctx;
use super::extent;
use super::ids::NodeId;
use super::loaders::{ById, CaseById, Loaders, MaterialsOf, NameOf};
use super::material::Material;
use super::payload::Noun;
use super::scalars::{Date, DateTime};
use crate::app::App;
use crate::case::{
    ApplicationRead, CaseRead, CaseRow, Extent, ReviewRead, ReviewRow, may_read_department,
};
use crate::error::AppError;
use crate::review::{self, InboxRow, lamp_of_review};

/// One department's task on a case.
pub struct Review {
    read: ReviewRead,
    case: Option<CaseRead>,
    application: Option<ApplicationRead>,
}

impl Review {
    /// The fields that need no more than is read of it in lists.
    pub(super) const HEAD: &[&str] = &[
        "__typename",
        "id",
        "version",
        "state",
        "department",
        "promisedDueOn",
        "statutoryDueOn",
        "promisedDaysLeft",
        "statutoryDaysLeft",
        "lamp",
        "claimedByMe",
        "claimedBy",
        "claimedAt",
        "opinion",
        "givenAt",
    ];

    /// A review.
    pub fn new(read: impl Into<ReviewRead>) -> Self {
        Self {
            read: read.into(),
            case: None,
            application: None,
        }
    }

    /// A review that was read together with its case and application.
    pub fn of_line((review, case, application): InboxRow) -> Self {
        Self::new(review).beside(Some(case), Some(application))
    }

    /// The same, with what was read beside it.
    pub fn beside(mut self, case: Option<CaseRead>, application: Option<ApplicationRead>) -> Self {
        self.case = case;
        self.application = application;
        self
    }

    /// All of its row. Who reads less of reviews has looked at what is asked of them ([`super::extent`]).
    fn row(&self, ctx: &Context<'_>) -> Result<&Arc<ReviewRow>> {
        let unread = || AppError::internal("a review is asked for more than was read of it");
        let row = self.read.whole().ok_or_else(unread);
        row.or_else(|error| Err(Ctx::of(ctx)?.fail(error)))
    }

    async fn its_case(&self, ctx: &Context<'_>) -> Result<Option<Case>> {
        let read = if let Some(read) = &self.case {
            Some(read.clone())
        } else {
            let key = CaseById(CaseId::new(*self.read.case_id()));
            let loaded = ctx.data::<Loaders>()?.load_one(key).await;
            Ctx::of(ctx)?.loaded(loaded)?.map(CaseRead::from)
        };
        Ok(read.map(|read| Case::new(read).beside(self.application.clone(), None)))
    }

    /// All of its case.
    async fn case_row(&self, ctx: &Context<'_>) -> Result<Option<Arc<CaseRow>>> {
        match self.its_case(ctx).await? {
            Some(case) => case.row(ctx).await.cloned().map(Some),
            None => Ok(None),
        }
    }

    /// Whether the caller may read what the department wrote: its own people, who asked it, the lead, the supervisor.
    async fn may_read(&self, ctx: &Context<'_>) -> Result<bool> {
        let actor = Ctx::of(ctx)?.actor()?;
        if may(actor, Action::ReadContents).is_err() {
            return Ok(false);
        }
        // Who asked reads what was answered.
        if self.read.consultation().is_some()
            && let Some(case) = self.its_case(ctx).await?
            && may_read_department(actor, case.department_code(), None)
        {
            return Ok(true);
        }
        if !is_lead(actor) {
            return Ok(may_read_department(actor, self.read.department(), None));
        }
        let application = if let Some(read) = &self.application {
            Some(read.clone())
        } else {
            let key = ById(ApplicationId::new(*self.read.application_id()));
            let loaded = ctx.data::<Loaders>()?.load_one(key).await;
            Ctx::of(ctx)?.loaded(loaded)?.map(ApplicationRead::from)
        };
        let lead = application
            .as_ref()
            .and_then(|read| read.lead_department().as_deref());
        Ok(may_read_department(actor, self.read.department(), lead))
    }
}

impl Noun for Review {
    type Id = ReviewId;
    type Shown = Extent;

    fn shown(answer: &Lookahead<'_>) -> Extent {
        extent::REVIEW.extent(&[answer.field("review")])
    }

    async fn read(
        app: &App,
        actor: &Actor,
        id: ReviewId,
        shown: Extent,
    ) -> Result<Option<Self>, AppError> {
        let line = review::review(app, actor, id, shown).await?;
        Ok(line.map(Self::of_line))
    }
}

fn is_lead(actor: &Actor) -> bool {
    actor.role == Role::LeadCoordinator
}

/// One department's task on a case (审查), and the opinion that ends it.
#[Object]
impl Review {
    /// Identifier.
    pub async fn id(&self) -> NodeId<ReviewId> {
        ReviewId::new(*self.read.id()).into()
    }

    /// Counts the changes; give it back as `expectedVersion`.
    async fn version(&self) -> i64 {
        *self.read.version()
    }

    /// Where it stands.
    async fn state(&self) -> CodeEnum<ReviewState> {
        self.read.state().0.into()
    }

    /// The reviewing department.
    async fn department(&self, ctx: &Context<'_>) -> Result<Option<AtOnce<Department>>> {
        let department = department(ctx, self.read.region(), &**self.read.department())?;
        Ok(department.map(AtOnce))
    }

    /// The case under review.
    async fn case(&self, ctx: &Context<'_>) -> Result<Option<AtOnce<Case>>> {
        Ok(self.its_case(ctx).await?.map(AtOnce))
    }

    /// The last day in time by the promise; null before the clocks begin. Of an opinion that nobody waits for any more, because
    /// the case has ended, this and `statutoryDueOn` are kept only where they had passed by then.
    async fn promised_due_on(&self) -> Option<Date> {
        self.read.promised_due_on().map(Date)
    }

    /// The last day in time by the law; null before the clocks begin, and for items without statutory limit.
    async fn statutory_due_on(&self) -> Option<Date> {
        self.read.statutory_due_on().map(Date)
    }

    /// Working days left to the promised date: 0 on the day itself, negative when it has passed.
    async fn promised_days_left(&self, ctx: &Context<'_>) -> Result<Option<i64>> {
        self.days_left(ctx, *self.read.promised_due_on())
    }

    /// Working days left to the statutory date, as `promisedDaysLeft`.
    async fn statutory_days_left(&self, ctx: &Context<'_>) -> Result<Option<i64>> {
        self.days_left(ctx, *self.read.statutory_due_on())
    }

    /// The traffic light. Once the opinion is given, or the case has ended without it, it never changes again.
    async fn lamp(&self, ctx: &Context<'_>) -> Result<CodeEnum<Lamp>> {
        let case = match self.read.state().0 {
            ReviewState::Cancelled => self.case_row(ctx).await?,
            _ => None,
        };
        let app = Ctx::of(ctx)?.app();
        let (today, model) = (app.env.moment().today, app.config.thresholds.card_model);
        Ok(lamp_of_review(&self.read, case.as_deref(), today, model).into())
    }

    /// Whether you have claimed it.
    async fn claimed_by_me(&self, ctx: &Context<'_>) -> Result<bool> {
        Ok(*self.read.claimed_by() == Some(Ctx::of(ctx)?.actor()?.account.raw()))
    }

    /// Name of who claimed it, for those who may read the department's work.
    async fn claimed_by(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        let Some(account) = *self.read.claimed_by() else {
            return Ok(None);
        };
        if !self.may_read(ctx).await? {
            return Ok(None);
        }
        Ctx::of(ctx)?.loaded(
            ctx.data::<Loaders>()?
                .load_one(NameOf(AccountId::new(account)))
                .await,
        )
    }

    /// When it was claimed.
    async fn claimed_at(&self) -> Option<DateTime> {
        self.read.claimed_at().map(DateTime)
    }

    /// The opinion; null before it is given, and for those who may not read it.
    async fn opinion(&self, ctx: &Context<'_>) -> Result<Option<CodeEnum<OpinionKind>>> {
        let may_read = self.may_read(ctx).await?;
        Ok(self
            .read
            .opinion()
            .filter(|_| may_read)
            .map(|opinion| opinion.0.into()))
    }

    /// The reasons of the opinion; null for those who may not read them.
    async fn reasons(&self, ctx: &Context<'_>) -> Result<Option<&str>> {
        let may_read = self.may_read(ctx).await?;
        Ok(self.row(ctx)?.reasons.as_deref().filter(|_| may_read))
    }

    /// On what it agrees (附条件同意); none for those who may not read them.
    #[graphql(complexity = "3 * child_complexity")]
    async fn conditions(&self, ctx: &Context<'_>) -> Result<Vec<OpinionCondition>> {
        let row = self.row(ctx)?;
        if row.conditions.is_none() || !self.may_read(ctx).await? {
            return Ok(Vec::new());
        }
        let conditions = crate::case::conditions_of(row);
        let conditions = conditions.or_else(|error| Err(Ctx::of(ctx)?.fail(error)))?;
        Ok(conditions.into_iter().map(OpinionCondition::from).collect())
    }

    /// What the opinion would say (草稿); null for all but the people of the department, and once the opinion is given.
    async fn draft(&self, ctx: &Context<'_>) -> Result<Option<OpinionDraft>> {
        let actor = Ctx::of(ctx)?.actor()?;
        let row = self.row(ctx)?;
        let is_own = actor.department.as_ref() == Some(&row.department);
        if row.draft.is_none() || !is_own || may(actor, Action::ShareWork).is_err() {
            return Ok(None);
        }
        let draft = crate::case::draft_of(row);
        let draft = draft.or_else(|error| Err(Ctx::of(ctx)?.fail(error)))?;
        let Some(draft) = draft else {
            return Ok(None);
        };
        let by = match draft.by {
            Some(by) => {
                let name = NameOf(AccountId::new(by));
                Ctx::of(ctx)?.loaded(ctx.data::<Loaders>()?.load_one(name).await)?
            }
            None => None,
        };
        Ok(Some(OpinionDraft::of(draft, by)))
    }

    /// The materials on which the opinion relies, as they were then; none before it is given, and for those who may not
    /// read it.
    #[graphql(complexity = "20 * child_complexity")]
    async fn relied_on(&self, ctx: &Context<'_>) -> Result<Vec<Material>> {
        let row = self.row(ctx)?;
        let Some(given_at) = row.given_at else {
            return Ok(Vec::new());
        };
        let Some(case) = self.case_row(ctx).await? else {
            return Ok(Vec::new());
        };
        if !self.may_read(ctx).await? {
            return Ok(Vec::new());
        }
        let key = MaterialsOf(ApplicationId::new(row.application_id));
        let loaded = ctx.data::<Loaders>()?.load_one(key).await;
        let all = Ctx::of(ctx)?.loaded(loaded)?.unwrap_or_default();
        let relied = all
            .iter()
            .filter(|material| crate::case::is_relied_on(row, given_at, &case.item, material));
        Ok(relied.cloned().map(Material).collect())
    }

    /// Why another review took its place: the reasons of who decides, or the code of the material that was replaced; null
    /// while none did, and for those who may not read it.
    async fn set_aside_because(&self, ctx: &Context<'_>) -> Result<Option<&str>> {
        let row = self.row(ctx)?;
        if row.set_aside_because.is_none() || !self.may_read(ctx).await? {
            return Ok(None);
        }
        Ok(row.set_aside_because.as_deref())
    }

    /// Why the department was asked (征求意见); null for the examination by the department that handles the case.
    async fn consultation(&self, ctx: &Context<'_>) -> Result<Option<Consultation>> {
        let asked = crate::case::consultation_of(self.row(ctx)?);
        let asked = asked.or_else(|error| Err(Ctx::of(ctx)?.fail(error)))?;
        let may_read = asked.is_some() && self.may_read(ctx).await?;
        Ok(asked.map(|asked| Consultation::of(asked, may_read)))
    }

    /// When the opinion was given.
    async fn given_at(&self) -> Option<DateTime> {
        self.read.given_at().map(DateTime)
    }
}

impl Review {
    fn days_left(&self, ctx: &Context<'_>, due_on: Option<NaiveDate>) -> Result<Option<i64>> {
        let app = Ctx::of(ctx)?.app();
        let on = match *self.read.given_at() {
            Some(given_at) => lianshen_domain::calendar::local_date(given_at),
            None => app.env.moment().today,
        };
        let snapshot = app.library.present();
        let calendar = snapshot.calendar(self.read.region(), Some(self.read.department()));
        Ok(due_on.map(|due_on| calendar.workdays_between(on, due_on)))
    }
}
