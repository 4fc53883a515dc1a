//! Acts on reviews.

use async_graphql::{Context, InputObject, Object, Result};
use lianshen_domain::actor::Actor;
use lianshen_domain::ids::{Id as _, ReviewId};
use lianshen_domain::review::OpinionKind;

use super::Review;
use crate::app::App;
use crate::error::AppError;
use crate::graphql::coded::CodeEnum;
use crate::graphql::context::Ctx;
use crate::graphql::ids::NodeId;
use crate::graphql::payload::payloads;
use crate::graphql::user_error::UserError;
use crate::review::{self, Claim, GiveOpinion};

/// Which review you take.
#[derive(InputObject)]
pub struct ReviewClaimInput {
    /// The review.
    pub review_id: NodeId<ReviewId>,
    /// The version that you looked at; another one is a `CONFLICT`.
    pub expected_version: Option<i64>,
}

/// Which review you give back.
#[derive(InputObject)]
pub struct ReviewReleaseInput {
    /// The review.
    pub review_id: NodeId<ReviewId>,
    /// The version that you looked at; another one is a `CONFLICT`.
    pub expected_version: Option<i64>,
}

/// An opinion.
#[derive(InputObject)]
pub struct ReviewGiveOpinionInput {
    /// Chosen by you; repeating the request with the same key gives one opinion.
    pub idempotency_key: String,
    /// The review.
    pub review_id: NodeId<ReviewId>,
    /// One of the three lawful opinions.
    pub opinion: CodeEnum<OpinionKind>,
    /// Why, at most 4,000 characters; required for disagreement.
    pub reasons: Option<String>,
    /// The version that you looked at; another one is a `CONFLICT`.
    pub expected_version: Option<i64>,
}

payloads! {
    review: Review;
    /// What became of a claim.
    ReviewClaimPayload;
    /// What became of giving back.
    ReviewReleasePayload;
    /// What became of an opinion.
    ReviewGiveOpinionPayload;
}

/// Acts on reviews.
#[derive(Default)]
pub struct ReviewMutation;

#[Object]
impl ReviewMutation {
    /// Takes a review of your department (领取); taking it twice is no error.
    async fn review_claim(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which review.")] input: ReviewClaimInput,
    ) -> Result<ReviewClaimPayload> {
        let expected_version = input.expected_version;
        let act = async move |app: App, actor: Actor, review| {
            review::claim(
                &app,
                &actor,
                Claim {
                    review,
                    expected_version,
                },
            )
            .await
        };
        acted(ctx, &input.review_id, act).await.map(Into::into)
    }

    /// Gives a review that you took back to your department (退领).
    async fn review_release(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which review.")] input: ReviewReleaseInput,
    ) -> Result<ReviewReleasePayload> {
        let expected_version = input.expected_version;
        let act = async move |app: App, actor: Actor, review| {
            review::release(
                &app,
                &actor,
                Claim {
                    review,
                    expected_version,
                },
            )
            .await
        };
        acted(ctx, &input.review_id, act).await.map(Into::into)
    }

    /// Gives your department's opinion (出具意见). The same again changes nothing; another one is `ALREADY_DECIDED`.
    async fn review_give_opinion(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The opinion.")] input: ReviewGiveOpinionInput,
    ) -> Result<ReviewGiveOpinionPayload> {
        let ReviewGiveOpinionInput {
            idempotency_key,
            review_id,
            opinion,
            reasons,
            expected_version,
        } = input;
        let act = async move |app: App, actor: Actor, review: ReviewId| {
            let review = review.raw();
            let command = GiveOpinion {
                idempotency_key,
                review,
                opinion: opinion.0,
                reasons,
                expected_version,
            };
            review::give_opinion(&app, &actor, command).await
        };
        acted(ctx, &review_id, act).await.map(Into::into)
    }
}

async fn acted<F>(
    ctx: &Context<'_>,
    id: &NodeId<ReviewId>,
    act: impl FnOnce(App, Actor, ReviewId) -> F,
) -> Result<Acted>
where
    F: Future<Output = Result<ReviewId, AppError>> + Send + 'static,
{
    let ctx = Ctx::of(ctx)?;
    let actor = ctx.actor()?.clone();
    let id = match id.read("reviewId") {
        Ok(id) => id,
        Err(fault) => {
            return Ok(Acted {
                done: None,
                user_errors: UserError::all(vec![fault], ctx.lang()),
            });
        }
    };
    let act = act(ctx.app().clone(), actor.clone(), id);
    let app = ctx.app().clone();
    let read = async move {
        let id = act.await?;
        review::review(&app, &actor, id).await
    };
    let outcome = ctx.outcome(ctx.app().run(read).await)?;
    Ok(Acted {
        done: outcome.done.flatten().map(Review::new),
        user_errors: outcome.user_errors,
    })
}
