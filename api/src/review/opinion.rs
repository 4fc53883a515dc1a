//! Claiming a review, and giving the opinion that ends it.

use lianshen_domain::actor::{self, Action, Actor};
use lianshen_domain::application::{self, Moment};
use lianshen_domain::code::Code as _;
use lianshen_domain::event::Happening;
use lianshen_domain::ids::{ApplicationId, Id as _, ReviewId};
use lianshen_domain::plain_text;
use lianshen_domain::rejected::{Reason, Rejected};
use lianshen_domain::review::{Condition, Opinion, OpinionKind, Outcome, Review, ReviewState};
use serde::Serialize;
use uuid::Uuid;

use crate::app::App;
use crate::case::{self, ARTICLE_MAX, expect_version};
use crate::db::{self, Writes};
use crate::error::AppError;
use crate::idempotency::{self, Keyed};
use crate::ledger::{self, Entry};
use crate::tally::CountedWrites;

/// The longest text of reasons.
const REASONS_MAX: usize = 4_000;

/// The longest category of a condition, and its longest text.
const CATEGORY_MAX: usize = 50;
const CONDITION_MAX: usize = 1_000;

/// Which review is claimed or given back.
#[derive(Clone, Copy)]
pub struct Claim {
    /// The review.
    pub review: ReviewId,
    /// The version that the reviewer looked at.
    pub expected_version: Option<i64>,
}

/// An opinion on a case.
#[derive(Clone, Serialize)]
pub struct GiveOpinion {
    /// Chosen by the client.
    pub idempotency_key: String,
    /// The review.
    pub review: Uuid,
    /// Code of the opinion.
    pub opinion: OpinionKind,
    /// Why.
    pub reasons: Option<String>,
    /// On what it agrees. Left out where there are none, so that a key from before there were any still fits.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Condition>,
    /// The version that the reviewer looked at.
    pub expected_version: Option<i64>,
}

/// Takes a review for the reviewer; taking it twice is no error.
///
/// # Errors
/// What `Review::claim` refuses; `NotFound` for another department's review; `Conflict`.
pub async fn claim(app: &App, actor: &Actor, command: Claim) -> Result<ReviewId, AppError> {
    hold_and(app, actor, command, |review, actor, at| {
        review.claim(actor, at.now)
    })
    .await
}

/// Gives a review back to the department.
///
/// # Errors
/// As [`claim`].
pub async fn release(app: &App, actor: &Actor, command: Claim) -> Result<ReviewId, AppError> {
    hold_and(app, actor, command, |review, actor, _| {
        review.release(actor)
    })
    .await
}

/// An act on a review alone.
type Act = fn(&mut Review, &Actor, Moment) -> Result<Outcome<Happening>, Rejected>;

async fn hold_and(
    app: &App,
    actor: &Actor,
    command: Claim,
    act: Act,
) -> Result<ReviewId, AppError> {
    actor::may(actor, Action::Review)?;
    db::write(&app.db, async |tx| {
        let held = case::hold_by_review(&tx, actor, command.review).await?;
        let at = app.env.moment();
        let ((row, mut review), _) = case::review_and_case(&tx, &held, command.review).await?;
        own(actor, &review)?;
        let (version, state) = (review.version, review.state);
        let Outcome::Done(happening) = act(&mut review, actor, at)? else {
            return Ok(());
        };
        expect_version(command.expected_version, version, state.code())?;
        let mut writes = Writes::default();
        case::save_reviews(&mut writes, [case::review_row(&review, None, &row)]);
        let application = ApplicationId::new(held.row.id);
        write_down(app, &mut writes, actor, application, at, happening);
        writes.send(&tx).await
    })
    .await?;
    Ok(command.review)
}

/// Gives the department's opinion; the same again changes nothing, another one is refused.
///
/// # Errors
/// What `application::give_opinion` refuses; `NotFound` for another department's review; `Conflict`.
pub async fn give_opinion(
    app: &App,
    actor: &Actor,
    command: GiveOpinion,
) -> Result<ReviewId, AppError> {
    actor::may(actor, Action::Review)?;
    let reasons = command
        .reasons
        .as_deref()
        .filter(|reasons| !reasons.trim().is_empty());
    let reasons = reasons
        .map(|reasons| plain_text::checked_lines(reasons, REASONS_MAX, "reasons"))
        .transpose()?;
    let opinion = Opinion::try_new(command.opinion, reasons)?;
    let conditions = command.conditions.iter().enumerate().map(checked);
    let opinion = opinion.on_condition(conditions.collect::<Result<_, _>>()?)?;
    let id = ReviewId::new(command.review);
    db::write(&app.db, async |tx| {
        let held = case::hold_by_review(&tx, actor, id).await?;
        let at = app.env.moment();
        let ((review_row, mut review), (case_row, mut subject)) =
            case::review_and_case(&tx, &held, id).await?;
        own(actor, &review)?;
        let keyed = Keyed {
            act: "reviewGiveOpinion",
            key: &command.idempotency_key,
            request: &command,
        };
        if idempotency::claim(&tx, actor, &keyed, &command.review, at.now)
            .await?
            .is_some()
        {
            return Ok(());
        }
        if review.consultation.is_some() || subject.asked > 0 {
            let (among, given) = ((held, actor, at), opinion.clone());
            let version = command.expected_version;
            return case::give_opinion_among_others(app, &tx, among, id, given, version).await;
        }
        let (version, state) = (review.version, review.state);
        let outcome =
            application::give_opinion(&mut review, &mut subject, actor, opinion.clone(), at)?;
        let Outcome::Done(happening) = outcome else {
            return Ok(());
        };
        expect_version(command.expected_version, version, state.code())?;
        let mut writes = CountedWrites::default();
        let changed = case::case_row(&subject, &case_row);
        case::save_cases(&mut writes, [(case_row, changed)]);
        let review = case::review_row(&review, Some(&subject), &review_row);
        case::save_reviews(&mut writes, [review]);
        let application = ApplicationId::new(held.row.id);
        let both = (&*tx, &mut *writes);
        case::next_step(app, both, actor, &held, &subject, &happening, at).await?;
        write_down(app, &mut writes, actor, application, at, happening);
        writes.send(&tx).await
    })
    .await?;
    Ok(id)
}

/// A condition, its texts checked.
fn checked((at, condition): (usize, &Condition)) -> Result<Condition, Rejected> {
    let place = |field: &str| format!("conditions.{at}.{field}");
    Ok(Condition {
        category: plain_text::checked(&condition.category, CATEGORY_MAX, &place("category"))?,
        text: plain_text::checked_lines(&condition.text, CONDITION_MAX, &place("text"))?,
        article: plain_text::checked(&condition.article, ARTICLE_MAX, &place("article"))?,
    })
}

fn write_down(
    app: &App,
    writes: &mut Writes,
    actor: &Actor,
    application: ApplicationId,
    at: Moment,
    happening: Happening,
) {
    let application = Some(application);
    let entry = Entry {
        region: &actor.region,
        application,
        actor: Some(actor),
        happened_at: at.now,
    };
    ledger::add(writes, &app.env, &[(entry, &[happening])]);
}

/// A department acts on its own reviews only; another's do not exist for it, nor does what it is not asked any more.
fn own(actor: &Actor, review: &Review) -> Result<(), Reason> {
    let is_own = actor.department.as_ref() == Some(&review.department);
    if is_own && review.state != ReviewState::Withdrawn {
        Ok(())
    } else {
        Err(Reason::NotFound)
    }
}
