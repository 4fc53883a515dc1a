//! What is told as it happens.
//!
//! A listener is told of an event only after it was read again with the listener's own rights, which are asked for
//! anew each time: who was signed out, or moved to another department, is told nothing more.

use std::collections::HashSet;
use std::sync::Arc;

use async_graphql::{Context, Object, Result, SimpleObject, Subscription};
use async_stream::try_stream;
use futures_util::Stream;
use lianshen_domain::actor::{Action, Actor, may};
use lianshen_domain::event::EventKind;
use lianshen_domain::ids::{ApplicationId, CaseId, EventId, Id as _};
use tokio::sync::broadcast::error::RecvError;
use uuid::Uuid;

use super::coded::CodeEnum;
use super::context::{Ctx, Viewer};
use super::event::Event;
use super::ids::NodeId;
use super::review::Review;
use crate::app::App;
use crate::case::{self, EventRow, ReviewRow};
use crate::error::{AppError, Lacking};
use crate::{identity, review};

/// A change in your inbox.
pub struct InboxChange {
    row: EventRow,
    actor: Actor,
    app: App,
}

/// Something that changed your inbox (待办变动). Read the counts again, or the review.
#[Object]
impl InboxChange {
    /// What happened.
    async fn kind(&self) -> CodeEnum<EventKind> {
        self.row.kind.0.into()
    }

    /// The reviews of the case that it concerns, as they stand now; of all cases where it concerns the application as a whole.
    #[graphql(complexity = "3 * child_complexity")]
    async fn reviews(&self, ctx: &Context<'_>) -> Result<Vec<Review>> {
        let rows = reviews_of(&self.app, &self.actor, &self.row).await;
        let rows = rows.map_err(|error| fail(ctx, error))?;
        Ok(rows.into_iter().map(Review::new).collect())
    }
}

/// An event of an application that you follow.
#[derive(SimpleObject)]
pub struct ApplicationEvent {
    /// What happened.
    pub event: Event,
}

/// What is told as it happens.
#[derive(Default)]
pub struct Subscription;

/// What is told as it happens. Each event is read again with your own rights before you are told.
#[Subscription]
impl Subscription {
    /// Tells of every change in the inbox of your department. Listen first, then ask for `inbox`, and again after every
    /// reconnect: the `pong` to a `ping` that you send after `subscribe` says that it has begun. Who reads too slowly is told
    /// `BUSY`, and no more: listen anew.
    async fn inbox_changed<'a>(
        &self,
        ctx: &Context<'a>,
    ) -> Result<impl Stream<Item = Result<InboxChange>> + use<'a>> {
        let (app, viewer) = parts(ctx)?;
        let actor = Ctx::of(ctx)?.actor()?;
        may(actor, Action::ReadInbox).map_err(|reason| fail(ctx, reason.into()))?;
        let mut feed = app.feed.subscribe();
        let mut actor = actor.clone();
        Ok(try_stream! {
            loop {
                let row = match feed.recv().await {
                    Ok(row) => row,
                    // Some were dropped for a slow reader, who learns it by the end.
                    Err(RecvError::Lagged(_)) => Err(viewer_fail(&viewer, AppError::Busy(Lacking::Feed)))?,
                    Err(RecvError::Closed) => break,
                };
                let of_all = EventKind::OF_ALL_CASES.contains(&row.kind.0);
                if (row.case_id.is_none() && !of_all) || row.region != actor.region {
                    continue;
                }
                actor = again(&app, &viewer, &actor).await?;
                let is_told = if is_gone(&actor, &row) {
                    true
                } else {
                    // What was asked of others concerns who asked, too; whether it is theirs says the reading of it.
                    let own = actor.department.is_none()
                        || actor.department == row.department
                        || EventKind::OF_CONSULTATION.contains(&row.kind.0);
                    let own = own || is_at_work(&app, &viewer, &actor, &row).await?;
                    own && seen(&app, &viewer, &actor, &row).await?.is_some()
                };
                if is_told {
                    yield InboxChange { row: EventRow::clone(&row), actor: actor.clone(), app: app.clone() };
                }
            }
        })
    }

    /// Tells of everything that happens to one application, as far as you may see it. With `after`, what happened
    /// since that event is told first, so that a reader who was cut off misses nothing.
    async fn application_events<'a>(
        &self,
        ctx: &Context<'a>,
        #[graphql(desc = "The application.")] application_id: NodeId<ApplicationId>,
        #[graphql(desc = "Identifier of the last event that you know.")] after: Option<
            NodeId<EventId>,
        >,
    ) -> Result<impl Stream<Item = Result<ApplicationEvent>> + use<'a>> {
        let (app, viewer) = parts(ctx)?;
        let actor = Ctx::of(ctx)?.actor()?.clone();
        let id = application_id
            .read("applicationId")
            .map_err(|fault| fail(ctx, fault.into()))?;
        let after = after
            .map(|after| after.read("after"))
            .transpose()
            .map_err(|fault| fail(ctx, fault.into()))?;
        let mut feed = app.feed.subscribe();
        let known = case::application(&app, &actor, id)
            .await
            .map_err(|error| fail(ctx, error))?;
        if known.is_none() {
            return Err(fail(
                ctx,
                lianshen_domain::rejected::Reason::NotFound.into(),
            ));
        }
        let known = events_of(&app, &viewer, &actor, id).await?;
        let mut told = Told::up_to(after, &known);
        let mut actor = actor;
        Ok(try_stream! {
            let mut missed = if after.is_some() { told.untold(known) } else { Vec::new() };
            loop {
                for row in missed.drain(..) {
                    yield ApplicationEvent { event: Event::of(row, &actor) };
                }
                missed = match feed.recv().await {
                    Ok(row) if row.application_id == Some(id.raw()) => {
                        actor = again(&app, &viewer, &actor).await?;
                        told.untold(seen(&app, &viewer, &actor, &row).await?.into_iter().collect())
                    }
                    Ok(_) => Vec::new(),
                    Err(RecvError::Closed) => break,
                    // Some were dropped for a slow reader: read what was missed.
                    Err(RecvError::Lagged(_)) => {
                        actor = again(&app, &viewer, &actor).await?;
                        told.untold(events_of(&app, &viewer, &actor, id).await?)
                    }
                };
            }
        })
    }
}

/// The events that a listener knows. One application has few; ids alone would not do, because several servers mint
/// them before they commit.
struct Told(HashSet<Uuid>);

impl Told {
    /// All that stand in the ledger up to an event; all that are there when none is named, none when the named one is
    /// not among them: rather too much than too little.
    fn up_to(after: Option<EventId>, rows: &[EventRow]) -> Self {
        let last = after.and_then(|after| rows.iter().find(|row| row.id == after.raw()));
        let is_known = |row: &&EventRow| match (after, last) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(_), Some(last)) => match (row.position, last.position) {
                (Some(at), Some(position)) => at <= position,
                (Some(_), None) => true,
                (None, Some(_)) => false,
                (None, None) => row.id <= last.id,
            },
        };
        Self(rows.iter().filter(is_known).map(|row| row.id).collect())
    }

    /// Those that were not told yet, which are told now, in the order of the ledger.
    fn untold(&mut self, rows: Vec<EventRow>) -> Vec<EventRow> {
        let mut rows: Vec<_> = rows
            .into_iter()
            .filter(|row| self.0.insert(row.id))
            .collect();
        rows.sort_by_key(|row| (row.position.unwrap_or(i64::MAX), row.id));
        rows
    }
}

/// What a stream keeps of the context that it was opened in.
fn parts(ctx: &Context<'_>) -> Result<(App, Viewer)> {
    let ctx = Ctx::of(ctx)?;
    Ok((ctx.app().clone(), ctx.viewer().clone()))
}

/// The listener as of now.
async fn again(app: &App, viewer: &Viewer, actor: &Actor) -> Result<Actor> {
    identity::ask_again(app, actor)
        .await
        .map_err(|error| viewer_fail(viewer, error))
}

/// Whether what lay in the inbox of the listener's department is gone, and the application with it: the department is not
/// asked any more. It reads nothing of that by itself, and learns no more than that its inbox holds one less.
fn is_gone(actor: &Actor, row: &EventRow) -> bool {
    row.kind.0 == EventKind::OpinionWithdrawn
        && actor.department.is_some()
        && actor.department == row.department
}

/// Whether the listener's department has a review of what stands still, goes on or has ended: of a case of another department
/// about which it was asked, or of an application that is not accepted yet.
async fn is_at_work(app: &App, viewer: &Viewer, actor: &Actor, row: &EventRow) -> Result<bool> {
    let (kind, of_case) = (row.kind.0, row.case_id.is_some());
    if of_case && !EventKind::OF_ALL_REVIEWS.contains(&kind) {
        return Ok(false);
    }
    // A notice moves thousands of dates at once, and everybody listens: whose case it is none of is asked for all together.
    if let (Some(case), Some(own)) = (row.case_id, actor.department.as_deref()) {
        let has_review = review::has_review_of_case(app, own, CaseId::new(case)).await;
        if !has_review.map_err(|error| viewer_fail(viewer, error))? {
            return Ok(false);
        }
    }
    let reviews = reviews_of(app, actor, row).await;
    let reviews = reviews.map_err(|error| viewer_fail(viewer, error))?;
    let own = actor.department.as_deref();
    let mut own = reviews
        .iter()
        .filter(|review| Some(review.department.as_str()) == own);
    // A case that ends takes its reviews with it; of an application what is over already is not touched any more.
    Ok(own.any(|review| of_case || !review.state.0.is_over()))
}

/// The reviews of the case that an event is about, or of the application as a whole, as far as the listener may see them.
async fn reviews_of(app: &App, actor: &Actor, row: &EventRow) -> Result<Vec<ReviewRow>, AppError> {
    match (row.case_id, row.application_id) {
        (Some(case), _) => review::reviews_of_case(app, actor, CaseId::new(case)).await,
        (None, Some(application)) => {
            let application = ApplicationId::new(application);
            review::reviews_of_application(app, actor, application).await
        }
        (None, None) => Ok(Vec::new()),
    }
}

/// What has happened to an application, as far as the listener may see it. What is not understood is passed over, as by
/// the feed.
async fn events_of(
    app: &App,
    viewer: &Viewer,
    actor: &Actor,
    id: ApplicationId,
) -> Result<Vec<EventRow>> {
    let timelines = case::events_of(app, actor, &[id]).await;
    let mut timelines = timelines.map_err(|error| viewer_fail(viewer, error))?;
    Ok(timelines
        .remove(&id)
        .map_or_else(Vec::new, |one| one.events))
}

/// The event, if the listener may see it.
async fn seen(
    app: &App,
    viewer: &Viewer,
    actor: &Actor,
    row: &Arc<EventRow>,
) -> Result<Option<EventRow>> {
    case::event(app, actor, EventId::new(row.id))
        .await
        .map_err(|error| viewer_fail(viewer, error))
}

fn fail(ctx: &Context<'_>, error: AppError) -> async_graphql::Error {
    match Ctx::of(ctx) {
        Ok(ctx) => ctx.fail(error),
        Err(error) => error,
    }
}

fn viewer_fail(viewer: &Viewer, error: AppError) -> async_graphql::Error {
    super::user_error::error_of(error, viewer.lang, viewer.request_id)
}
