//! Asking for reviews: the inbox.

use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use futures_util::future::BoxFuture;
use lianshen_domain::clock::Lamp;
use lianshen_domain::code::Code as _;
use lianshen_domain::ids::ReviewId;
use lianshen_domain::plain_text;
use lianshen_domain::rejected::Rejected;
use lianshen_domain::review::ReviewState;

use super::Review;
use crate::case::Extent;
use crate::graphql::coded::CodeEnum;
use crate::graphql::context::Ctx;
use crate::graphql::extent;
use crate::graphql::ids::NodeId;
use crate::graphql::page::{Connection, Key, PageArguments, page_cost};
use crate::graphql::window::{date, sought, window};
use crate::review::{self, InboxFilter};

/// Which reviews of the inbox; all conditions must hold.
#[derive(Default, InputObject)]
pub struct InboxFilterInput {
    /// In one of these states, at most one of each; those that are not finished when left out.
    pub states: Option<Vec<CodeEnum<ReviewState>>>,
    /// Of the item of this code.
    pub item_code: Option<String>,
    /// Of the bundle of this code.
    pub bundle_code: Option<String>,
    /// Showing this lamp today.
    pub lamp: Option<CodeEnum<Lamp>>,
    /// Holding this text in the applicant's name, the item's name, the receipt number or the case number. Two
    /// Chinese characters are enough.
    pub text: Option<String>,
    /// Claimed by you (true) or not by you (false).
    pub claimed_by_me: Option<bool>,
}

impl InboxFilterInput {
    fn read(self) -> Result<InboxFilter, Rejected> {
        let text = self
            .text
            .map(|text| plain_text::checked(&text, 100, "filter.text"))
            .transpose()?;
        let states = self.states.unwrap_or_default();
        Ok(InboxFilter {
            states: states
                .into_iter()
                .take(ReviewState::ALL.len())
                .map(|state| state.0)
                .collect(),
            item: sought(self.item_code, "filter.itemCode")?,
            bundle: sought(self.bundle_code, "filter.bundleCode")?,
            lamp: self.lamp.map(|lamp| lamp.0),
            text,
            mine: self.claimed_by_me,
        })
    }
}

/// How many unfinished reviews your inbox holds (待办统计).
#[derive(SimpleObject)]
pub struct InboxCounts {
    /// Nobody took them yet.
    pub open: u64,
    /// You took them.
    pub claimed_by_me: u64,
    /// Somebody else of the department took them.
    pub claimed_by_others: u64,
    /// They wait for the acceptance, or for a predecessor.
    pub waiting: u64,
    /// Of all these, those whose lamp is `ALERT`: a limit is near.
    pub alert: u64,
    /// Of all these, those whose lamp is `YELLOW`: the promise has passed, or where colours warn, a limit is near.
    pub yellow: u64,
    /// Of all these, those whose lamp is `RED`: the statutory limit has passed, or where colours warn, any limit.
    pub red: u64,
}

/// What can be asked of reviews.
#[derive(Default)]
pub struct ReviewQuery;

#[Object]
impl ReviewQuery {
    /// The inbox (待办) of your department, the nearest deadline first; then what a special procedure makes stand still,
    /// and last what waits for the acceptance or for a predecessor. A supervisor reads that of the whole centre.
    #[graphql(complexity = "page_cost(first, last, child_complexity)")]
    async fn inbox(
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
        #[graphql(desc = "Only reviews that fulfil all of this.")] filter: Option<InboxFilterInput>,
    ) -> Result<Connection<Review>> {
        let extent = extent::REVIEW.extent(&extent::objects_of(&ctx.look_ahead()));
        let ctx = Ctx::of(ctx)?;
        let actor = ctx.actor()?;
        let asked = PageArguments {
            first,
            after,
            last,
            before,
        };
        let (request, window) = window(asked, "inbox", date).map_err(|fault| ctx.fail(fault))?;
        let filter = filter
            .unwrap_or_default()
            .read()
            .map_err(|fault| ctx.fail(fault))?;
        let rows = review::inbox(ctx.app(), actor, &filter, &window, extent)
            .await
            .map_err(|error| ctx.fail(error))?;
        let reviews = rows.into_iter().map(Review::of_line);
        let key = |review: &Review| Key {
            sort: review.read.sort_on().to_string(),
            id: *review.read.id(),
        };
        let (app, actor) = (ctx.app().clone(), actor.clone());
        let count = move || -> BoxFuture<'static, _> {
            let (app, actor, filter) = (app.clone(), actor.clone(), filter.clone());
            Box::pin(async move { review::count_inbox(&app, &actor, &filter).await })
        };
        Ok(Connection::new(&request, reviews.collect(), key, count))
    }

    /// Counts of your inbox, by state and by lamp.
    async fn inbox_counts(&self, ctx: &Context<'_>) -> Result<InboxCounts> {
        let ctx = Ctx::of(ctx)?;
        let counts = review::inbox_counts(ctx.app(), ctx.actor()?)
            .await
            .map_err(|error| ctx.fail(error))?;
        let review::InboxCounts {
            open,
            claimed_by_me,
            claimed_by_others,
            waiting,
            alert,
            yellow,
            red,
        } = counts;
        Ok(InboxCounts {
            open,
            claimed_by_me,
            claimed_by_others,
            waiting,
            alert,
            yellow,
            red,
        })
    }

    /// A review that you may see; null for all others, whether they exist or not.
    async fn review(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Identifier of the review.")] id: NodeId<ReviewId>,
    ) -> Result<Option<Review>> {
        let extent = extent::REVIEW.extent(&[ctx.look_ahead()]);
        let ctx = Ctx::of(ctx)?;
        let id = id.read("id").map_err(|fault| ctx.fail(fault))?;
        one(ctx, id, extent).await
    }
}

/// One review, unless the caller is an applicant: reviews are inner work.
///
/// # Errors
/// When nobody is signed in, or the database cannot be read.
pub async fn one(ctx: Ctx<'_>, id: ReviewId, extent: Extent) -> Result<Option<Review>> {
    let actor = ctx.actor()?;
    if actor.role == lianshen_domain::actor::Role::Applicant {
        return Ok(None);
    }
    let row = review::review(ctx.app(), actor, id, extent)
        .await
        .map_err(|error| ctx.fail(error))?;
    Ok(row.map(Review::of_line))
}
