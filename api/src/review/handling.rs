//! Who has a review: claiming it, giving it back, passing it on, and keeping the draft of an opinion.

use lianshen_domain::actor::{self, Action, Actor};
use lianshen_domain::application::Moment;
use lianshen_domain::case::CaseState;
use lianshen_domain::event::Happening;
use lianshen_domain::ids::{AccountId, ApplicationId, Id as _, ReviewId};
use lianshen_domain::plain_text;
use lianshen_domain::rejected::{Reason, Rejected, expect_version};
use lianshen_domain::review::{
    Condition, MOST_CONDITIONS, OpinionDraft, OpinionKind, Outcome, Review, ReviewState,
};

use super::absence;
use super::opinion::{REASONS_MAX, checked_conditions};
use crate::app::App;
use crate::case::{self, Held};
use crate::db::{self, Tx, Writes};
use crate::error::AppError;
use crate::ledger::{self, Entry};

/// Which review is claimed or given back.
#[derive(Clone, Copy)]
pub struct Claim {
    /// The review.
    pub review: ReviewId,
    /// The version that the reviewer looked at.
    pub expected_version: Option<i64>,
}

/// A review that is given to a reviewer.
#[derive(Clone, Copy)]
pub struct Assign {
    /// Which.
    pub claim: Claim,
    /// The reviewer.
    pub to: AccountId,
}

/// An opinion that is not signed yet.
#[derive(Clone)]
pub struct KeepDraft {
    /// Of which review.
    pub claim: Claim,
    /// What it would say.
    pub opinion: Option<OpinionKind>,
    /// Why.
    pub reasons: Option<String>,
    /// On what it would agree.
    pub conditions: Vec<Condition>,
}

/// Takes a review for the reviewer; taking it twice is no error.
///
/// # Errors
/// What `Review::claim` refuses; `NotYours` or `NotFound` for another department's review; `Conflict`.
pub async fn claim(app: &App, actor: &Actor, command: Claim) -> Result<ReviewId, AppError> {
    let what = (Action::Review, None);
    handle(app, actor, command, what, |review, at| {
        Ok(review.claim(actor, at.now)?.map(|told| vec![told]))
    })
    .await
}

/// Gives a review back to the department.
///
/// # Errors
/// As [`claim`].
pub async fn release(app: &App, actor: &Actor, command: Claim) -> Result<ReviewId, AppError> {
    let what = (Action::Review, None);
    handle(app, actor, command, what, |review, _| {
        Ok(review.release(actor)?.map(|told| vec![told]))
    })
    .await
}

/// Gives a review to a reviewer of the department (分派), or passes it on (转办).
///
/// # Errors
/// What `Review::assign` refuses; `NotAReviewer`; `NotFound`, `Conflict` as [`claim`].
pub async fn assign(app: &App, actor: &Actor, command: Assign) -> Result<ReviewId, AppError> {
    let what = (Action::ShareWork, Some(command.to));
    handle(app, actor, command.claim, what, |review, at| {
        Ok(review
            .assign(command.to, actor, at.now)?
            .map(|told| vec![told]))
    })
    .await
}

/// Keeps what an opinion would say (保存草稿); nobody outside of the department sees it, and it has no effect.
///
/// # Errors
/// As [`claim`]; texts that are too long; `ListTooLong`.
pub async fn keep_draft(
    app: &App,
    actor: &Actor,
    command: KeepDraft,
) -> Result<ReviewId, AppError> {
    actor::may(actor, Action::Review)?;
    let reasons = command
        .reasons
        .as_deref()
        .filter(|reasons| !reasons.trim().is_empty())
        .map(|reasons| plain_text::checked_lines(reasons, REASONS_MAX, "reasons"))
        .transpose()?;
    if command.conditions.len() > MOST_CONDITIONS {
        let max = MOST_CONDITIONS;
        return Err(Reason::ListTooLong { max }.at("conditions").into());
    }
    let draft = OpinionDraft {
        kind: command.opinion,
        reasons,
        conditions: checked_conditions(&command.conditions)?,
        by: None,
        at: None,
    };
    let what = (Action::Review, None);
    handle(app, actor, command.claim, what, |review, at| {
        review.keep_draft(actor, draft.clone(), at.now)
    })
    .await
}

/// An act on a review alone. Whoever stands in for a colleague takes over what the colleague holds first.
async fn handle(
    app: &App,
    actor: &Actor,
    command: Claim,
    (action, to): (Action, Option<AccountId>),
    act: impl Fn(&mut Review, Moment) -> Result<Outcome<Vec<Happening>>, Rejected> + Send + Sync,
) -> Result<ReviewId, AppError> {
    actor::may(actor, action)?;
    db::write(&app.db, async |tx| {
        let found = case::hold_review(&tx, actor, command.review).await?;
        let ((row, mut review), (_, of)) = (found.review, found.case);
        let at = app.env.moment();
        own(&tx, actor, &review, &found.held).await?;
        // Nobody works on what is not accepted yet.
        if review.state == ReviewState::Waiting && of.state != CaseState::AwaitingPredecessor {
            return Err(Reason::AwaitsPredecessor.into());
        }
        if let Some(to) = to {
            absence::expect_reviewer(&tx, actor, to, "accountId").await?;
        }
        let (version, state) = (review.version, review.state);
        let mut happenings = Vec::new();
        if absence::stands_in(&tx, actor, &review, at.today).await? {
            happenings.push(review.stand_in(actor, at.now));
        }
        match act(&mut review, at)? {
            Outcome::Done(more) => happenings.extend(more),
            Outcome::Unchanged if happenings.is_empty() => return Ok(()),
            Outcome::Unchanged => {}
        }
        expect_version(command.expected_version, version, state)?;
        save(app, &tx, (actor, at), &row, &review, &happenings).await
    })
    .await?;
    Ok(command.review)
}

async fn save(
    app: &App,
    tx: &Tx,
    (actor, at): (&Actor, Moment),
    row: &case::ReviewRow,
    review: &Review,
    happenings: &[Happening],
) -> Result<(), AppError> {
    let mut writes = Writes::default();
    case::save_reviews(&mut writes, [case::review_row(review, None, row)]);
    let application = ApplicationId::new(row.application_id);
    write_down(app, &mut writes, actor, application, at, happenings);
    writes.send(tx).await
}

/// Adds to the ledger what happened to a review.
pub(super) fn write_down(
    app: &App,
    writes: &mut Writes,
    actor: &Actor,
    application: ApplicationId,
    at: Moment,
    happenings: &[Happening],
) {
    let application = Some(application);
    let entry = Entry {
        region: &actor.region,
        application,
        actor: Some(actor),
        happened_at: at.now,
    };
    ledger::add(writes, &app.env, &[(entry, happenings)]);
}

/// A department acts on its own reviews only, and not on what it is not asked any more; to whoever does not see the
/// application neither exists.
pub(super) async fn own(
    tx: &Tx,
    actor: &Actor,
    review: &Review,
    held: &Held,
) -> Result<(), AppError> {
    let is_own = actor.department.as_ref() == Some(&review.department);
    if is_own && review.state != ReviewState::Withdrawn {
        return Ok(());
    }
    let application = ApplicationId::new(held.row.id);
    let told = case::not_concerned(tx, actor, application, &[&review.department]).await?;
    Err(match told {
        // Their own, which is not wanted any more.
        Reason::Forbidden => Reason::WrongState {
            state: review.state.into(),
        },
        told => told,
    }
    .into())
}
