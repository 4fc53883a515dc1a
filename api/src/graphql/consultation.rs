//! Consultation: asking other departments for their opinions on a case, and what was asked.

use std::sync::Arc;

use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use lianshen_domain::application::AskOpinions;
use lianshen_domain::conflict::ConflictKind;
use lianshen_domain::consultation::{self, CompletionRule, OpinionPart};
use lianshen_domain::ids::{Id as _, ReviewId};
use lianshen_domain::rejected::{Reason, Rejected};
use lianshen_domain::review::{self, Condition, OpinionKind};

use super::case::Case;
use super::case::act::CaseActInput;
use super::catalogue::{Department, published};
use super::coded::CodeEnum;
use super::context::Ctx;
use super::ids::{NodeId, read_all};
use super::limit::{Limit, days};
use super::payload::{act, payloads};
use super::review::Review;
use super::scalars::{Date, DateTime};
use super::user_error::UserError;
use crate::case::{
    self, AskForOpinions, OpinionsPreview, ReviewRow, WantedOpinion, WithdrawOpinion,
};
use crate::error::AppError;

/// Why a department other than the one that handles the case was asked for its opinion (征求意见).
#[derive(SimpleObject)]
pub struct Consultation {
    /// The n-th opinion that the case asked for; its clock, of kind `OPINION`, has the same ordinal.
    pub number: u32,
    /// The n-th time that the case asked. A replacement stands in the round of what it replaces.
    pub round: u32,
    /// What it counts for.
    pub part: CodeEnum<OpinionPart>,
    /// How many of the mandatory opinions of the round there must be.
    pub rule: CodeEnum<CompletionRule>,
    /// How many, where the rule is `AT_LEAST`.
    pub at_least: Option<u32>,
    /// The day on which the file was passed to the department; its period runs from the next.
    pub asked_on: Date,
    /// How long it has.
    pub limit: Limit,
    /// What the department was asked; null for those who may not read its opinion.
    pub question: Option<String>,
    /// The article by which nothing may be granted against its disagreement; null where it has no such force.
    pub veto_article: Option<String>,
    /// Why it is not asked any more; null while it is, and for those who may not read it.
    pub withdrawn_because: Option<String>,
}

impl Consultation {
    /// What was asked; the words of it for those who may read them.
    pub fn of(asked: consultation::Consultation, may_read: bool) -> Self {
        Self {
            number: asked.number,
            round: asked.round,
            part: asked.part.into(),
            rule: asked.completion.rule.into(),
            at_least: asked.completion.at_least,
            asked_on: Date(asked.asked_on),
            limit: asked.limit.into(),
            question: may_read.then_some(asked.question),
            veto_article: asked.veto_article,
            withdrawn_because: asked.withdrawn_because.filter(|_| may_read),
        }
    }
}

/// A condition on which a department agrees.
#[derive(SimpleObject)]
pub struct OpinionCondition {
    /// What kind of condition.
    pub category: String,
    /// What is to be done or kept.
    pub text: String,
    /// The article that demands it.
    pub article: String,
}

impl From<Condition> for OpinionCondition {
    fn from(condition: Condition) -> Self {
        Self {
            category: condition.category,
            text: condition.text,
            article: condition.article,
        }
    }
}

/// An opinion that nobody has signed yet (草稿).
#[derive(SimpleObject)]
pub struct OpinionDraft {
    /// What it would say.
    pub opinion: Option<CodeEnum<OpinionKind>>,
    /// Why.
    pub reasons: Option<String>,
    /// On what it would agree.
    pub conditions: Vec<OpinionCondition>,
    /// Name of who wrote it last.
    pub written_by: Option<String>,
    /// When.
    pub written_at: Option<DateTime>,
}

impl OpinionDraft {
    /// A draft, with the name of who wrote it.
    pub fn of(draft: review::OpinionDraft, written_by: Option<String>) -> Self {
        Self {
            opinion: draft.kind.map(CodeEnum::from),
            reasons: draft.reasons,
            conditions: draft.conditions.into_iter().map(Into::into).collect(),
            written_by,
            written_at: draft.at.map(DateTime),
        }
    }
}

/// Two opinions on one case that contradict each other (意见分歧).
#[derive(SimpleObject)]
pub struct OpinionConflict {
    /// How.
    pub kind: CodeEnum<ConflictKind>,
    /// The two reviews; where one agrees and the other does not, in this order.
    #[graphql(complexity = "2 * child_complexity")]
    pub between: Vec<Review>,
    /// The two categories of conditions that exclude each other; none where one does not agree.
    pub categories: Vec<String>,
}

/// The conflicts between the opinions on a case, as far as the caller may read them all.
pub(super) fn conflicts(
    ctx: &Context<'_>,
    rows: &[Arc<ReviewRow>],
    beside: impl Fn(Review) -> Review,
) -> Result<Vec<OpinionConflict>> {
    let viewer = Ctx::of(ctx)?;
    let found = case::conflicts_of(viewer.app(), rows);
    let found = found.map_err(|error| viewer.fail(error))?;
    let review = |id: ReviewId| {
        let row = rows.iter().find(|row| row.id == id.raw())?;
        Some(beside(Review::new(row.clone())))
    };
    let shown = found.into_iter().map(|conflict| OpinionConflict {
        kind: conflict.kind.into(),
        between: [conflict.between.0, conflict.between.1]
            .into_iter()
            .filter_map(review)
            .collect(),
        categories: conflict
            .categories
            .map(|(one, other)| vec![one, other])
            .unwrap_or_default(),
    });
    Ok(shown.collect())
}

/// An opinion that is wanted of another department.
#[derive(InputObject)]
pub struct WantedOpinionInput {
    /// Code of the department.
    pub department_code: String,
    /// What its opinion counts for.
    pub part: CodeEnum<OpinionPart>,
    /// Working days that it has, 1 to 3,650; those of the bundle or of the centre if not given.
    pub days: Option<i32>,
    /// The article by which nothing may be granted against its disagreement, at most 200 characters; only for a mandatory
    /// opinion.
    pub veto_article: Option<String>,
}

/// A round of opinions.
#[derive(InputObject)]
pub struct CaseAskOpinionsInput {
    /// Which case, and by which key.
    #[graphql(flatten)]
    pub on: CaseActInput,
    /// What is asked, at most 4,000 characters.
    pub question: String,
    /// How many of the mandatory opinions there must be before the examination can end.
    pub rule: CodeEnum<CompletionRule>,
    /// How many, for `AT_LEAST`, from 1 to the number of mandatory ones; not with the other rules.
    pub at_least: Option<i32>,
    /// Whom, at most 20.
    pub opinions: Vec<WantedOpinionInput>,
}

/// An opinion that is not wanted any more.
#[derive(InputObject)]
pub struct ReviewWithdrawInput {
    /// Chosen by you; repeating the request with the same key acts once.
    pub idempotency_key: String,
    /// The review of the department that was asked.
    pub review_id: NodeId<ReviewId>,
    /// Why, at most 4,000 characters.
    pub reasons: String,
    /// The version of the review that you looked at; another one is a `CONFLICT`.
    pub expected_version: Option<i64>,
}

/// An opinion that is wanted of another department instead.
#[derive(InputObject)]
pub struct ReviewReplaceInput {
    /// Chosen by you; repeating the request with the same key acts once.
    pub idempotency_key: String,
    /// The review of the department that was asked first.
    pub review_id: NodeId<ReviewId>,
    /// Code of the department that is asked instead.
    pub department_code: String,
    /// Working days that it has, 1 to 3,650; those of the bundle or of the centre if not given.
    pub days: Option<i32>,
    /// Why, at most 4,000 characters.
    pub reasons: String,
    /// The version of the review that you looked at; another one is a `CONFLICT`.
    pub expected_version: Option<i64>,
}

payloads! {
    case: Case;
    /// What became of asking for opinions.
    CaseAskOpinionsPayload;
}

payloads! {
    review: Review;
    /// What became of taking an opinion back.
    ReviewWithdrawPayload;
    /// What became of asking another department instead; the review is the one that was taken back.
    ReviewReplacePayload;
}

/// Acts of consultation.
#[derive(Default)]
pub struct ConsultationMutation;

#[Object]
impl ConsultationMutation {
    /// Asks other departments for their opinions on a case (征求意见), all at once, and passes them the file. Until there are
    /// enough mandatory opinions the examination cannot end, and nothing is decided. For reviewers and deciders of the
    /// department that handles the case, and for the lead coordinator.
    async fn case_ask_opinions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom, what, and how many must answer.")] input: CaseAskOpinionsInput,
    ) -> Result<CaseAskOpinionsPayload> {
        act!(ctx, input.command(), case::ask_opinions)
    }

    /// Does not ask a department any more (撤回征求意见), as long as its opinion has not come and enough others remain. It
    /// does not see the application any more, unless by another case of its own. For those who may ask.
    async fn review_withdraw(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and why.")] input: ReviewWithdrawInput,
    ) -> Result<ReviewWithdrawPayload> {
        act!(ctx, input.command(), case::withdraw_opinion)
    }

    /// Asks another department instead of one whose opinion has not come (更换部门), in the same round and for the same. For
    /// those who may ask.
    async fn review_replace(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, by whom, and why.")] input: ReviewReplaceInput,
    ) -> Result<ReviewReplacePayload> {
        act!(ctx, input.command(), case::withdraw_opinion)
    }
}

impl CaseAskOpinionsInput {
    fn command(self) -> Result<AskForOpinions, Rejected> {
        let wanted = self.opinions.into_iter().enumerate();
        Ok(AskForOpinions {
            on: self.on.read()?,
            question: self.question,
            rule: self.rule.0,
            at_least: at_least(self.at_least),
            opinions: wanted
                .map(|(at, wanted)| wanted.read(at))
                .collect::<Result<_, Rejected>>()?,
        })
    }
}

impl WantedOpinionInput {
    fn read(self, at: usize) -> Result<WantedOpinion, Rejected> {
        let place = format!("opinions.{at}.days");
        Ok(WantedOpinion {
            department: self.department_code,
            part: self.part.0,
            days: self.days.map(|n| days(n, &place)).transpose()?,
            veto_article: self.veto_article,
        })
    }
}

impl ReviewWithdrawInput {
    fn command(self) -> Result<WithdrawOpinion, Rejected> {
        Ok(WithdrawOpinion {
            idempotency_key: self.idempotency_key,
            review: self.review_id.read("reviewId")?.raw(),
            reasons: self.reasons,
            instead: None,
            expected_version: self.expected_version,
        })
    }
}

impl ReviewReplaceInput {
    fn command(self) -> Result<WithdrawOpinion, Rejected> {
        let days = self.days.map(|n| days(n, "days")).transpose()?;
        Ok(WithdrawOpinion {
            idempotency_key: self.idempotency_key,
            review: self.review_id.read("reviewId")?.raw(),
            reasons: self.reasons,
            instead: Some((self.department_code, days)),
            expected_version: self.expected_version,
        })
    }
}

/// What is out of range is refused by the rule as a number that it does not know.
fn at_least(given: Option<i32>) -> Option<u32> {
    given.map(|n| u32::try_from(n).unwrap_or(0))
}

/// What would come of asking for opinions, or of not asking any more.
#[derive(SimpleObject)]
pub struct OpinionsPreviewPayload {
    /// What would come of it; null when there are `userErrors`.
    pub preview: Option<OpinionsPreviewed>,
    /// Why it could not be done.
    pub user_errors: Vec<UserError>,
}

/// What would come of it.
#[derive(SimpleObject)]
pub struct OpinionsPreviewed {
    /// The opinions that would be asked for.
    #[graphql(complexity = "5 * child_complexity")]
    pub asked: Vec<PreviewedOpinion>,
    /// The reviews that would be taken back; what somebody has begun in them is lost.
    #[graphql(complexity = "5 * child_complexity")]
    pub lost: Vec<Review>,
    /// The departments that must be told.
    #[graphql(complexity = "5 * child_complexity")]
    pub told: Vec<Department>,
}

/// An opinion that would be asked for.
#[derive(SimpleObject)]
pub struct PreviewedOpinion {
    /// Of whom.
    pub department: Option<Department>,
    /// The last day in time.
    pub due_on: Option<Date>,
    /// It may come after the promised date of the case.
    pub after_promise: bool,
    /// It may come after the statutory date of the case.
    pub after_statute: bool,
}

/// A round of opinions that somebody thinks of asking for.
#[derive(InputObject)]
pub struct OpinionsPreviewInput {
    /// How many of the mandatory opinions there must be; `ALL` if not given.
    pub rule: Option<CodeEnum<CompletionRule>>,
    /// How many, for `AT_LEAST`.
    pub at_least: Option<i32>,
    /// Whom, at most 20; nobody if left out.
    pub opinions: Option<Vec<WantedOpinionInput>>,
    /// The reviews that would be taken back, at most 20.
    pub withdraw: Option<Vec<NodeId<ReviewId>>>,
}

impl OpinionsPreviewInput {
    fn read(self) -> Result<(Option<AskOpinions>, Vec<ReviewId>), Rejected> {
        let wanted = self.opinions.unwrap_or_default().into_iter().enumerate();
        let wanted = wanted.map(|(at, wanted)| Ok(wanted.read(at)?.into()));
        let ask = AskOpinions {
            question: String::new(),
            rule: self.rule.map_or(CompletionRule::All, |rule| rule.0),
            at_least: at_least(self.at_least),
            wanted: wanted.collect::<Result<_, Rejected>>()?,
        };
        let withdraw = read_all(self.withdraw.unwrap_or_default(), "withdraw")?;
        if withdraw.len() > consultation::MOST_ASKED {
            let max = consultation::MOST_ASKED;
            return Err(Reason::ListTooLong { max }.at("withdraw"));
        }
        Ok((Some(ask).filter(|ask| !ask.wanted.is_empty()), withdraw))
    }
}

/// Answers for one case.
pub(super) async fn preview(
    ctx: &Context<'_>,
    of: &Case,
    input: OpinionsPreviewInput,
) -> Result<OpinionsPreviewPayload> {
    let outcome = previewed(ctx, of, input).await?;
    let outcome = Ctx::of(ctx)?.outcome(outcome)?;
    Ok(OpinionsPreviewPayload {
        preview: outcome.done,
        user_errors: outcome.user_errors,
    })
}

async fn previewed(
    ctx: &Context<'_>,
    of: &Case,
    input: OpinionsPreviewInput,
) -> Result<std::result::Result<OpinionsPreviewed, AppError>> {
    let (ask, withdraw) = match input.read() {
        Ok(input) => input,
        Err(fault) => return Ok(Err(fault.into())),
    };
    let Some((row, cases, course)) = of.whole(ctx).await? else {
        return Ok(Err(Reason::NotFound.into()));
    };
    let viewer = Ctx::of(ctx)?;
    let app = viewer.app();
    let snapshot = app.library.present();
    let file = (&*row, cases.as_slice(), &*course);
    let found = case::preview_opinions(
        app,
        viewer.actor()?,
        &snapshot,
        file,
        of.key(),
        (ask.as_ref(), &withdraw),
    );
    let OpinionsPreview { asked, told } = match found {
        Ok(found) => found,
        Err(error) => return Ok(Err(error)),
    };
    let published = published(ctx, &row.region)?;
    let department = |code: &str| published.as_ref()?.department(code);
    let rows = cases.iter().flat_map(|(_, reviews)| reviews);
    let lost = rows.filter(|row| withdraw.contains(&ReviewId::new(row.id)));
    Ok(Ok(OpinionsPreviewed {
        asked: asked
            .into_iter()
            .map(|one| PreviewedOpinion {
                department: department(&one.department),
                due_on: one.due_on.map(Date),
                after_promise: one.after_promise,
                after_statute: one.after_statute,
            })
            .collect(),
        lost: lost.cloned().map(Review::new).collect(),
        told: told.iter().filter_map(|code| department(code)).collect(),
    }))
}
