//! Giving the opinion that ends a review.

use lianshen_domain::actor::{self, Action, Actor};
use lianshen_domain::application;
use lianshen_domain::ids::{ApplicationId, Id as _, MaterialId, ReviewId};
use lianshen_domain::plain_text;
use lianshen_domain::rejected::{Rejected, expect_version};
use lianshen_domain::review::{Condition, Opinion, OpinionKind, Outcome};
use serde::Serialize;
use uuid::Uuid;

use super::absence;
use super::handling::{own, write_down};
use crate::app::App;
use crate::case::{self, ARTICLE_MAX, HeldReview};
use crate::db;
use crate::error::AppError;
use crate::idempotency::{self, Keyed};
use crate::tally::CountedWrites;

/// The longest text of reasons.
pub(super) const REASONS_MAX: usize = 4_000;

/// The longest category of a condition, and its longest text.
const CATEGORY_MAX: usize = 50;
const CONDITION_MAX: usize = 1_000;

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
    /// The materials on which it relies; all that the case wants if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub materials: Option<Vec<Uuid>>,
    /// The version that the reviewer looked at.
    pub expected_version: Option<i64>,
}

/// Gives the department's opinion; the same again changes nothing, another one is refused.
///
/// # Errors
/// What `application::give_opinion` refuses; `NotYours` or `NotFound` for another department's review; `Conflict`.
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
    let opinion = opinion.on_condition(checked_conditions(&command.conditions)?)?;
    let named = command
        .materials
        .clone()
        .map(|ids| ids.into_iter().map(MaterialId::new));
    let opinion = opinion.relying_on(named.map(Iterator::collect))?;
    let id = ReviewId::new(command.review);
    db::write(&app.db, async |tx| {
        let HeldReview { held, review, case } = case::hold_review(&tx, actor, id).await?;
        let ((review_row, mut review), (case_row, mut subject)) = (review, case);
        let at = app.env.moment();
        own(&tx, actor, &review, &held).await?;
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
        if let Some(ids) = &command.materials {
            case::expect_readable(&tx, &held, &review.department, ids).await?;
        }
        let stands_in = absence::stands_in(&tx, actor, &review, at.today).await?;
        // Where something may have passed meanwhile, it comes first.
        let is_due = held.row.sweep_on.is_some_and(|on| on <= at.today);
        let touches_others = review.consultation.is_some()
            || subject.asked > 0
            || is_due
            || case::touches_more_than_its_step(app, &tx, &held, &subject).await?;
        if touches_others {
            let (among, given) = ((held, actor, at), opinion.clone());
            let by = (stands_in, command.expected_version);
            return case::give_opinion_among_others(app, &tx, among, id, given, by).await;
        }
        let (version, state) = (review.version, review.state);
        let mut happenings = Vec::new();
        if stands_in {
            happenings.push(review.stand_in(actor, at.now));
        }
        let outcome =
            application::give_opinion(&mut review, &mut subject, actor, opinion.clone(), at)?;
        let Outcome::Done(mut happening) = outcome else {
            return Ok(());
        };
        case::sign(&mut happening, &review);
        happenings.push(happening.clone());
        expect_version(command.expected_version, version, state)?;
        let mut writes = CountedWrites::default();
        let changed = case::case_row(&subject, &case_row);
        case::save_cases(&mut writes, [(case_row, changed)]);
        let review = case::review_row(&review, Some(&subject), &review_row);
        case::save_reviews(&mut writes, [review]);
        let application = ApplicationId::new(held.row.id);
        let both = (&*tx, &mut *writes);
        case::next_step(app, both, actor, &held, &subject, &happening, at).await?;
        write_down(app, &mut writes, actor, application, at, &happenings);
        writes.send(&tx).await
    })
    .await?;
    Ok(id)
}

/// Conditions, their texts checked.
pub(super) fn checked_conditions(conditions: &[Condition]) -> Result<Vec<Condition>, Rejected> {
    conditions.iter().enumerate().map(checked).collect()
}

fn checked((at, condition): (usize, &Condition)) -> Result<Condition, Rejected> {
    let place = |field: &str| format!("conditions.{at}.{field}");
    Ok(Condition {
        category: plain_text::checked(&condition.category, CATEGORY_MAX, &place("category"))?,
        text: plain_text::checked_lines(&condition.text, CONDITION_MAX, &place("text"))?,
        article: plain_text::checked(&condition.article, ARTICLE_MAX, &place("article"))?,
    })
}
