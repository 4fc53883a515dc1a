//! Applications.

pub mod act;
pub mod applicant;
pub mod correction;
pub mod ending;
pub mod extension;
pub mod query;
mod reading;

use std::sync::Arc;

use async_graphql::{Context, Lookahead, Object, Result, SimpleObject};
use lianshen_domain::actor::{Action, Actor, may};
use lianshen_domain::application::{AcceptanceKind, ApplicationOutcome, ApplicationState, Channel};
use lianshen_domain::clock::ClockKind;
use lianshen_domain::ids::{ApplicationId, BundleVersionId, EventId, Id as _};
use lianshen_domain::rejected::Reason;

use tokio::sync::OnceCell;

pub use act::ApplicationMutation;
pub use applicant::{Answer, Applicant};
pub use correction::CorrectionMutation;
pub use ending::ApplicationEndingMutation;
pub use extension::ApplicationExtensionMutation;
pub use query::ApplicationQuery;

use super::as_of::{ApplicationAsOf, Sight, known_at};
use super::at_once::AtOnce;
use super::card::{Card, cards_of};
use super::case::Case;
use super::catalogue::{Bundle, Department, department, published};
use super::clock::Clock;
use super::coded::CodeEnum;
use super::context::Ctx;
use super::deadline::Deadline;
use super::document::Document;
use super::event::Event;
use super::ids::NodeId;
use super::loaders::{DocumentsOf, EventsOf, Loaders, MaterialsOf};
use super::material::Material;
use super::missing::{MissingPoint, points_of};
use super::outlook::Outlook;
use super::page::{Connection, Key, PageArguments, page_cost};
use super::payload::Noun;
use super::scalars::{Date, DateTime};
use super::sharing::{SharingRequest, requests_of};
use super::visit::Visit;
use crate::app::App;
use crate::case::{
    ApplicationRead, ApplicationRow, CaseReadWithReviews, Extent, holds_papers, may_see_outlook,
};
use crate::error::AppError;

/// One submission by one applicant.
#[derive(Clone)]
pub struct Application {
    read: ApplicationRead,
    /// All of it, where somebody asked for more than was read.
    whole: OnceCell<Arc<ApplicationRow>>,
    cases: Option<Arc<Vec<CaseReadWithReviews>>>,
}

/// A licence that is to be renewed (行政许可法 第五十条).
#[derive(SimpleObject)]
pub struct Renewal {
    /// Number of the licence; null for those who may not read contents.
    pub certificate: Option<String>,
    /// Its last day.
    pub expires_on: Date,
    /// Applied for early enough that silence renews it on the day after its last; otherwise it is an ordinary new
    /// application.
    pub in_time: bool,
}

impl Application {
    /// The fields that need no more than is read of it in lists.
    pub(super) const HEAD: &[&str] = &[
        "__typename",
        "id",
        "receiptNumber",
        "version",
        "state",
        "outcome",
        "bundle",
        "leadDepartment",
        "receivedAt",
        "receivedOn",
        "acceptedOn",
    ];

    /// An application.
    pub fn new(read: impl Into<ApplicationRead>) -> Self {
        Self {
            read: read.into(),
            whole: OnceCell::new(),
            cases: None,
        }
    }
}

impl Noun for Application {
    type Id = ApplicationId;

    /// How much of it together with its cases; nothing where it is read by itself.
    type Shown = Option<Extent>;

    fn shown(answer: &Lookahead<'_>) -> Option<Extent> {
        Self::shown_with_cases(answer.field("application"))
    }

    async fn read(
        app: &App,
        actor: &Actor,
        id: ApplicationId,
        shown: Option<Extent>,
    ) -> Result<Option<Self>, AppError> {
        Self::find(app, actor, id, shown).await
    }
}

/// One submission by one applicant through one window (申请 / 联办件): it carries one case an item, and goes to every
/// department concerned at once.
#[Object]
impl Application {
    /// Identifier.
    pub async fn id(&self) -> NodeId<ApplicationId> {
        self.key().into()
    }

    /// Number on the receipt (受理凭证号), 21 digits, for people.
    async fn receipt_number(&self) -> &str {
        self.read.receipt_number()
    }

    /// The code that opens the public progress page together with the receipt number. For the window and the applicant.
    async fn query_code(&self, ctx: &Context<'_>) -> Result<Option<&str>> {
        let knows_code = holds_papers(Ctx::of(ctx)?.actor()?);
        let code = &*self.row(ctx).await?.query_code;
        Ok(knows_code.then_some(code))
    }

    /// Counts the changes; give it back as `expectedVersion`.
    async fn version(&self) -> i64 {
        *self.read.version()
    }

    /// Where it stands.
    async fn state(&self) -> CodeEnum<ApplicationState> {
        self.read.state().0.into()
    }

    /// What became of it; null until the last case has ended.
    async fn outcome(&self) -> Option<CodeEnum<ApplicationOutcome>> {
        self.read.outcome().map(|outcome| outcome.0.into())
    }

    /// How it came in.
    async fn channel(&self, ctx: &Context<'_>) -> Result<CodeEnum<Channel>> {
        Ok(self.row(ctx).await?.channel.0.into())
    }

    /// The window that handles it; null for an online application that nobody has accepted yet.
    async fn window(&self, ctx: &Context<'_>) -> Result<Option<&str>> {
        Ok(self.row(ctx).await?.window.as_deref())
    }

    /// The bundle that was chosen, in the version that was in force; null for single items.
    async fn bundle(&self, ctx: &Context<'_>) -> Result<Option<AtOnce<Bundle>>> {
        let id = self.read.bundle_version_id().map(BundleVersionId::new);
        let published = published(ctx, self.read.region())?.zip(id);
        let bundle = published.and_then(|(all, id)| all.bundle_version(id));
        Ok(bundle.map(AtOnce))
    }

    /// The department that brings the opinions together (牵头部门); null for single items.
    async fn lead_department(&self, ctx: &Context<'_>) -> Result<Option<Department>> {
        let code = self.read.lead_department().as_deref();
        department(ctx, self.read.region(), code)
    }

    /// The answers to the questions of the bundle; none for those who may not read contents.
    #[graphql(complexity = "5 * child_complexity")]
    async fn answers(&self, ctx: &Context<'_>) -> Result<Vec<Answer>> {
        let seen = Ctx::of(ctx)?;
        if may(seen.actor()?, Action::ReadContents).is_err() {
            return Ok(Vec::new());
        }
        let row = self.row(ctx).await?;
        let pairs: Vec<(String, String)> = seen.kept(&row.answers)?;
        Ok(pairs
            .into_iter()
            .map(|(question, value)| Answer { question, value })
            .collect())
    }

    /// Who applies.
    async fn applicant(&self) -> AtOnce<Applicant> {
        AtOnce(Applicant(self.clone()))
    }

    /// When it was received.
    async fn received_at(&self) -> DateTime {
        DateTime(*self.read.received_at())
    }

    /// The local date of receipt, also where it counts as received on the next one because it came after closing time; that
    /// one is `countsOn` in the event of the receipt, and `anchorOn` of the acceptance check in `clocks`.
    async fn received_on(&self) -> Date {
        Date(*self.read.received_on())
    }

    /// The date on the receipt of acceptance; null before acceptance.
    async fn accepted_on(&self) -> Option<Date> {
        self.read.accepted_on().map(Date)
    }

    /// How it was accepted; null before acceptance.
    async fn acceptance_kind(&self, ctx: &Context<'_>) -> Result<Option<CodeEnum<AcceptanceKind>>> {
        let course = self.accepted_course(ctx).await?;
        let accepted = course.as_ref().and_then(|course| course.acceptance());
        Ok(accepted.map(|(kind, _)| kind.into()))
    }

    /// The day at whose beginning silence had accepted it (行政许可法 第三十二条第一款第四项); null unless it was accepted
    /// so. The date of acceptance is that of the receipt.
    async fn established_on(&self, ctx: &Context<'_>) -> Result<Option<Date>> {
        let course = self.accepted_course(ctx).await?;
        let accepted = course.as_ref().and_then(|course| course.acceptance());
        Ok(accepted
            .and_then(|(_, entry)| entry.day("establishedOn"))
            .map(Date))
    }

    /// The licence that it is to renew (延续); null for other applications.
    async fn renewal(&self, ctx: &Context<'_>) -> Result<Option<Renewal>> {
        let may_read = may(Ctx::of(ctx)?.actor()?, Action::ReadContents).is_ok();
        let row = self.row(ctx).await?;
        let certificate = row.renewal_certificate.clone();
        Ok(row.renewal_expires_on.map(|expires_on| Renewal {
            certificate: certificate.filter(|_| may_read),
            expires_on: Date(expires_on),
            in_time: row.renewal_in_time,
        }))
    }

    /// When the last case ended.
    async fn concluded_at(&self, ctx: &Context<'_>) -> Result<Option<DateTime>> {
        Ok(self.row(ctx).await?.concluded_at.map(DateTime))
    }

    /// When the results were delivered and it was closed.
    async fn closed_at(&self, ctx: &Context<'_>) -> Result<Option<DateTime>> {
        Ok(self.row(ctx).await?.closed_at.map(DateTime))
    }

    /// The promised joint deadline (联办承诺时限); null without a bundle or before acceptance.
    async fn joint_promised(&self, ctx: &Context<'_>) -> Result<Option<Deadline>> {
        self.joint(ctx, ClockKind::JointPromised).await
    }

    /// The statutory joint deadline (行政许可法 第四十二条第二款); null where there is none.
    async fn joint_statutory(&self, ctx: &Context<'_>) -> Result<Option<Deadline>> {
        self.joint(ctx, ClockKind::Joint).await
    }

    /// Every clock that was started on it as a whole: acceptance check, supplement, material that may follow, joint
    /// handling. Those of its cases stand with the cases, also of the delivery of each result; what was decided before
    /// each had its own is delivered by one of the whole.
    #[graphql(complexity = "6 * child_complexity")]
    async fn clocks(&self, ctx: &Context<'_>) -> Result<Vec<Clock>> {
        let clocks = self.made_clocks(ctx, true).await?;
        Ok(Clock::all(clocks, Ctx::of(ctx)?))
    }

    /// When it will end if things go as they usually do, and who holds the clock until then (办理前景). For the lead
    /// coordinator of the leading department, the supervisor and the window; null for everybody else.
    #[graphql(complexity = "20 + child_complexity")]
    async fn outlook(&self, ctx: &Context<'_>) -> Result<Option<Outlook>> {
        let row = self.row(ctx).await?;
        if !may_see_outlook(Ctx::of(ctx)?.actor()?, row.lead_department.as_deref()) {
            return Ok(None);
        }
        let cases = self.case_rows(ctx).await?;
        Ok(Some(Outlook::read(ctx, row.clone(), cases).await?))
    }

    /// The application as it stood and was known at an instant of the past, as `Case.asOf`. Null before it was received;
    /// `INSTANT_IN_FUTURE` for what has not come.
    #[graphql(complexity = "10 + child_complexity")]
    async fn as_of(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The instant.")] at: DateTime,
    ) -> Result<Option<ApplicationAsOf>> {
        let then = known_at(ctx, self.row(ctx).await?, at.0).await?;
        let sight = Sight {
            actor: Ctx::of(ctx)?.actor()?,
            lead: self.read.lead_department().as_deref(),
        };
        Ok(then.map(|then| ApplicationAsOf::of(&then, sight)))
    }

    /// Its cases, in order; at most 50.
    #[graphql(complexity = "7 * child_complexity")]
    async fn cases(&self, ctx: &Context<'_>) -> Result<Vec<AtOnce<Case>>> {
        let cases = self.shown_cases(ctx).await?;
        let case = |(case, reviews): &CaseReadWithReviews| {
            Case::new(case.clone()).beside(Some(self.read.clone()), Some(reviews.clone()))
        };
        Ok(cases.iter().map(case).map(AtOnce).collect())
    }

    /// The materials that you may read: a department reads those that its own items want.
    #[graphql(complexity = "10 * child_complexity")]
    async fn materials(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Also those whose place a newer version has taken.",
            default = false
        )]
        include_replaced: bool,
    ) -> Result<Vec<Material>> {
        let loaded = ctx
            .data::<Loaders>()?
            .load_one(MaterialsOf(self.key()))
            .await;
        let rows = Ctx::of(ctx)?.loaded(loaded)?.unwrap_or_default();
        let shown = rows
            .iter()
            .filter(|row| include_replaced || row.replaced_at.is_none());
        Ok(shown.cloned().map(Material).collect())
    }

    /// What was asked of whoever holds it, instead of the applicant: a department knows of what its own items want. Empty
    /// where the centre is connected to nobody.
    #[graphql(complexity = "5 * child_complexity")]
    async fn sharing_requests(&self, ctx: &Context<'_>) -> Result<Vec<SharingRequest>> {
        requests_of(ctx, self.key()).await
    }

    /// The documents that you may read, in the order in which they were issued.
    #[graphql(complexity = "7 * child_complexity")]
    async fn documents(&self, ctx: &Context<'_>) -> Result<Vec<Document>> {
        let loaded = ctx
            .data::<Loaders>()?
            .load_one(DocumentsOf(self.key()))
            .await;
        let rows = Ctx::of(ctx)?.loaded(loaded)?.unwrap_or_default();
        Ok(rows.iter().cloned().map(Document).collect())
    }

    /// What the rules of supervision raised on it and on its cases (预警, 黄牌, 红牌), in the order of the days. For staff:
    /// a department sees its own, the lead department all; window, centre administrator and supervisor, too.
    #[graphql(complexity = "10 * child_complexity")]
    async fn cards(&self, ctx: &Context<'_>) -> Result<Vec<Card>> {
        let cards = cards_of(ctx, self.key()).await?;
        Ok(cards.iter().cloned().map(Card).collect())
    }

    /// The joint site visits and joint meetings to which its departments were called (联合踏勘, 联审会议), the first first.
    #[graphql(complexity = "5 * child_complexity")]
    async fn visits(&self, ctx: &Context<'_>) -> Result<Vec<Visit>> {
        Visit::all(ctx, self.row(ctx).await?).await
    }

    /// What departments miss before acceptance, each point once with all who want it; once the notice was sent, what it
    /// says. For the window, the coordinator of the lead department and the supervisor.
    #[graphql(complexity = "5 * child_complexity")]
    async fn missing_points(&self, ctx: &Context<'_>) -> Result<Vec<MissingPoint>> {
        points_of(ctx, self.row(ctx).await?).await
    }

    /// Everything that happened, as far as you may see it, the oldest first.
    #[graphql(complexity = "page_cost(first, last, child_complexity)")]
    async fn timeline(
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
    ) -> Result<Connection<Event>> {
        let loaded = ctx.data::<Loaders>()?.load_one(EventsOf(self.key())).await;
        let ctx = Ctx::of(ctx)?;
        let request = PageArguments {
            first,
            after,
            last,
            before,
        }
        .read("timeline")
        .map_err(|fault| ctx.fail(fault))?;
        let timeline = ctx.loaded(loaded)?;
        if timeline.as_ref().is_some_and(|timeline| !timeline.is_whole) {
            return Err(ctx.fail(Reason::RecordNotUnderstood));
        }
        let actor = ctx.actor()?;
        let events: Vec<Event> = timeline
            .iter()
            .flat_map(|timeline| &timeline.events)
            .map(|row| Event::of(row.clone(), actor))
            .collect();
        let total = events.len() as u64;
        let key = |event: &Event| Key {
            sort: String::new(),
            id: EventId::raw(event.key()),
        };
        let rows = request.fetch_from(events, key);
        Ok(Connection::new(&request, rows, key, move || {
            Box::pin(async move { Ok(total) })
        }))
    }
}
