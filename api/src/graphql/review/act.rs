//! Acts on reviews.

use async_graphql::{Context, InputObject, Object, Result};
use lianshen_domain::ids::{Id as _, ReviewId};
use lianshen_domain::rejected::Rejected;
use lianshen_domain::review::{Condition, OpinionKind};

use super::Review;
use crate::graphql::coded::CodeEnum;
use crate::graphql::ids::NodeId;
use crate::graphql::payload::{act, payloads};
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
    /// On what you agree (附条件同意), at most 20; none for disagreement. They stand in the decision if it grants.
    pub conditions: Option<Vec<OpinionConditionInput>>,
    /// The version that you looked at; another one is a `CONFLICT`.
    pub expected_version: Option<i64>,
}

/// A condition on which a department agrees.
#[derive(InputObject)]
pub struct OpinionConditionInput {
    /// What kind of condition, at most 50 characters; by it conditions that exclude each other are found.
    pub category: String,
    /// What is to be done or kept, at most 1,000 characters.
    pub text: String,
    /// The article that demands it, at most 200 characters.
    pub article: String,
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
        let claim = claim_of(&input.review_id, input.expected_version);
        act!(ctx, claim, review::claim)
    }

    /// Gives a review that you took back to your department (退领).
    async fn review_release(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which review.")] input: ReviewReleaseInput,
    ) -> Result<ReviewReleasePayload> {
        let claim = claim_of(&input.review_id, input.expected_version);
        act!(ctx, claim, review::release)
    }

    /// Gives your department's opinion (出具意见). The same again changes nothing; another one is `ALREADY_DECIDED`.
    async fn review_give_opinion(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The opinion.")] input: ReviewGiveOpinionInput,
    ) -> Result<ReviewGiveOpinionPayload> {
        act!(ctx, input.command(), review::give_opinion)
    }
}

fn claim_of(review: &NodeId<ReviewId>, expected_version: Option<i64>) -> Result<Claim, Rejected> {
    Ok(Claim {
        review: review.read("reviewId")?,
        expected_version,
    })
}

impl ReviewGiveOpinionInput {
    fn command(self) -> Result<GiveOpinion, Rejected> {
        Ok(GiveOpinion {
            idempotency_key: self.idempotency_key,
            review: self.review_id.read("reviewId")?.raw(),
            opinion: self.opinion.0,
            reasons: self.reasons,
            conditions: self
                .conditions
                .unwrap_or_default()
                .into_iter()
                .map(|one| Condition {
                    category: one.category,
                    text: one.text,
                    article: one.article,
                })
                .collect(),
            expected_version: self.expected_version,
        })
    }
}
