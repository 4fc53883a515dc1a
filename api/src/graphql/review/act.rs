//! Acts on reviews.

use async_graphql::{Context, InputObject, Object, Result};
use lianshen_domain::ids::{AccountId, Id as _, MaterialId, ReviewId};
use lianshen_domain::rejected::Rejected;
use lianshen_domain::review::{Condition, OpinionKind};

use super::Review;
use crate::case::{self, ReturnReview};
use crate::graphql::coded::CodeEnum;
use crate::graphql::ids::{NodeId, read_all};
use crate::graphql::payload::{act, payloads};
use crate::review::{self, Assign, Claim, GiveOpinion, KeepDraft};

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
    /// The materials on which it relies, at most 200; all that the case wants if not given. Name the versions that you
    /// looked at: one that was replaced meanwhile is `MATERIAL_STALE`, and the opinion stays good when others are replaced.
    pub material_ids: Option<Vec<NodeId<MaterialId>>>,
    /// The version that you looked at; another one is a `CONFLICT`.
    pub expected_version: Option<i64>,
}

/// An opinion that you do not sign yet.
#[derive(InputObject)]
pub struct ReviewDraftOpinionInput {
    /// The review.
    pub review_id: NodeId<ReviewId>,
    /// What it would say.
    pub opinion: Option<CodeEnum<OpinionKind>>,
    /// Why, at most 4,000 characters.
    pub reasons: Option<String>,
    /// On what you would agree, at most 20.
    pub conditions: Option<Vec<OpinionConditionInput>>,
    /// The version that you looked at; another one is a `CONFLICT`.
    pub expected_version: Option<i64>,
}

/// Who gets a review.
#[derive(InputObject)]
pub struct ReviewAssignInput {
    /// The review.
    pub review_id: NodeId<ReviewId>,
    /// The account of a reviewer of your department, as `colleagues` lists them.
    pub account_id: NodeId<AccountId>,
    /// The version that you looked at; another one is a `CONFLICT`.
    pub expected_version: Option<i64>,
}

/// An examination that is to be made again.
#[derive(InputObject)]
pub struct ReviewReturnInput {
    /// Chosen by you; repeating the request with the same key acts once.
    pub idempotency_key: String,
    /// The review with which the examination ended.
    pub review_id: NodeId<ReviewId>,
    /// Why, at most 4,000 characters.
    pub reasons: String,
    /// The version of the review that you looked at; another one is a `CONFLICT`.
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
    /// What became of a draft.
    ReviewDraftOpinionPayload;
    /// What became of passing a review to somebody.
    ReviewAssignPayload;
    /// What became of sending an examination back; the review is the one that was sent back, and another one of the case
    /// took its place.
    ReviewReturnPayload;
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

    /// Keeps what your opinion would say (拟写意见), and takes the review for you. Only your department sees it; it has no
    /// effect until you give the opinion. As soon as the application is accepted, what waits for a predecessor can be prepared
    /// so (预审), before its clocks begin; it is nobody's until then.
    async fn review_draft_opinion(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it would say.")] input: ReviewDraftOpinionInput,
    ) -> Result<ReviewDraftOpinionPayload> {
        act!(ctx, input.command(), review::keep_draft)
    }

    /// Gives a review of your department to one of its reviewers (分派), or passes on one that you hold (转办). Who decides
    /// gives any that is not over; a reviewer passes on their own.
    async fn review_assign(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and to whom.")] input: ReviewAssignInput,
    ) -> Result<ReviewAssignPayload> {
        act!(ctx, input.command(), review::assign)
    }

    /// Sends the examination of a case back to the reviewer (退回重审), with reasons; the decision waits for the new opinion.
    /// What was said stays on record. For who decides.
    async fn review_return(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and why.")] input: ReviewReturnInput,
    ) -> Result<ReviewReturnPayload> {
        act!(ctx, input.command(), case::return_review)
    }
}

fn claim_of(review: &NodeId<ReviewId>, expected_version: Option<i64>) -> Result<Claim, Rejected> {
    Ok(Claim {
        review: review.read("reviewId")?,
        expected_version,
    })
}

fn conditions_of(given: Option<Vec<OpinionConditionInput>>) -> Vec<Condition> {
    let given = given.unwrap_or_default().into_iter();
    given
        .map(|one| Condition {
            category: one.category,
            text: one.text,
            article: one.article,
        })
        .collect()
}

impl ReviewDraftOpinionInput {
    fn command(self) -> Result<KeepDraft, Rejected> {
        Ok(KeepDraft {
            claim: claim_of(&self.review_id, self.expected_version)?,
            opinion: self.opinion.map(|opinion| opinion.0),
            reasons: self.reasons,
            conditions: conditions_of(self.conditions),
        })
    }
}

impl ReviewAssignInput {
    fn command(self) -> Result<Assign, Rejected> {
        Ok(Assign {
            claim: claim_of(&self.review_id, self.expected_version)?,
            to: self.account_id.read("accountId")?,
        })
    }
}

impl ReviewReturnInput {
    fn command(self) -> Result<ReturnReview, Rejected> {
        Ok(ReturnReview {
            idempotency_key: self.idempotency_key,
            review: self.review_id.read("reviewId")?.raw(),
            reasons: self.reasons,
            expected_version: self.expected_version,
        })
    }
}

impl ReviewGiveOpinionInput {
    fn command(self) -> Result<GiveOpinion, Rejected> {
        Ok(GiveOpinion {
            idempotency_key: self.idempotency_key,
            review: self.review_id.read("reviewId")?.raw(),
            opinion: self.opinion.0,
            reasons: self.reasons,
            conditions: conditions_of(self.conditions),
            materials: self
                .material_ids
                .map(|ids| read_all(ids, "materialIds"))
                .transpose()?
                .map(|ids| ids.into_iter().map(MaterialId::raw).collect()),
            expected_version: self.expected_version,
        })
    }
}
