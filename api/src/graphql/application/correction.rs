//! Before acceptance: what is missing is told once, corrected, supplemented; and what a conditional acceptance waits for.

use async_graphql::{Context, InputObject, Object, Result};
use lianshen_domain::ids::Id as _;
use lianshen_domain::rejected::Rejected;

use super::Application;
use super::act::ApplicationActInput;
use crate::case::{self, ExtendSupplement, Note, NoticeCorrection, Point};
use crate::graphql::limit::days;
use crate::graphql::payload::{act, payloads};

/// One thing that is missing.
#[derive(InputObject)]
pub struct CorrectionPointInput {
    /// What has to be corrected or added, at most 500 characters.
    pub text: String,
    /// The article or the published condition on which that rests, at most 500 characters.
    pub basis: String,
}

/// Everything that is missing, at once.
#[derive(InputObject)]
pub struct ApplicationNoticeCorrectionInput {
    /// Which application, and by which key.
    #[graphql(flatten)]
    pub on: ApplicationActInput,
    /// Every point, 1 to 100; there is no second notice.
    pub points: Vec<CorrectionPointInput>,
    /// Working days for the supplement, 1 to 3,650; those of the centre if absent.
    pub supplement_days: Option<i32>,
}

/// More time for a supplement.
#[derive(InputObject)]
pub struct ApplicationExtendSupplementInput {
    /// Which application, and by which key.
    #[graphql(flatten)]
    pub on: ApplicationActInput,
    /// Working days added, 1 to 3,650.
    pub days: i32,
    /// Why, at most 4,000 characters.
    pub reasons: String,
}

/// A supplement.
#[derive(InputObject)]
pub struct ApplicationSupplementInput {
    /// Which application, and by which key.
    #[graphql(flatten)]
    pub on: ApplicationActInput,
    /// What is handed in, at most 4,000 characters.
    pub text: String,
}

/// An error that the applicant corrected on the spot.
#[derive(InputObject)]
pub struct ApplicationCorrectOnTheSpotInput {
    /// Which application, and by which key.
    #[graphql(flatten)]
    pub on: ApplicationActInput,
    /// What was corrected, at most 4,000 characters.
    pub text: String,
}

/// The material that a conditional acceptance waits for.
#[derive(InputObject)]
pub struct ApplicationHandInMissingInput {
    /// Which application, and by which key.
    #[graphql(flatten)]
    pub on: ApplicationActInput,
    /// What is handed in, at most 4,000 characters.
    pub text: String,
}

payloads! {
    application: Application;
    /// What became of a correction notice.
    ApplicationNoticeCorrectionPayload;
    /// What became of more time for a supplement.
    ApplicationExtendSupplementPayload;
    /// What became of a supplement.
    ApplicationSupplementPayload;
    /// What became of a correction on the spot.
    ApplicationCorrectOnTheSpotPayload;
    /// What became of the material that was waited for.
    ApplicationHandInMissingPayload;
}

/// Acts before acceptance.
#[derive(Default)]
pub struct CorrectionMutation;

#[Object]
impl CorrectionMutation {
    /// Tells the applicant once, in writing, everything that is missing (一次性补正告知, 行政许可法 第三十二条第一款第四项):
    /// the acceptance check stops, the time for the supplement begins. Too late it has no effect: `DEEMED_ACCEPTED`. What
    /// departments reported goes into `applicationSendMergedNotice` (`MISSING_REPORTED`). A second notice is refused, and one
    /// that wants more raises a red card (`MAT_02`). For clerks.
    async fn application_notice_correction(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Everything that is missing.")] input: ApplicationNoticeCorrectionInput,
    ) -> Result<ApplicationNoticeCorrectionPayload> {
        act!(ctx, input.command(), case::notice_correction)
    }

    /// Gives the applicant more time for the supplement, once (延长补正期限). For clerks.
    async fn application_extend_supplement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How much, and why.")] input: ApplicationExtendSupplementInput,
    ) -> Result<ApplicationExtendSupplementPayload> {
        act!(ctx, input.command(), case::extend_supplement)
    }

    /// Hands in the supplement (补正); the acceptance check begins anew on this day. For the applicant, and for the clerk
    /// on the applicant's behalf.
    async fn application_supplement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is handed in.")] input: ApplicationSupplementInput,
    ) -> Result<ApplicationSupplementPayload> {
        act!(ctx, input.on.note(input.text), case::supplement)
    }

    /// Records an error that the applicant corrected on the spot (当场更正, 行政许可法 第三十二条第一款第三项); that is no
    /// correction notice, and moves no clock. For clerks.
    async fn application_correct_on_the_spot(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What was corrected.")] input: ApplicationCorrectOnTheSpotInput,
    ) -> Result<ApplicationCorrectOnTheSpotPayload> {
        act!(ctx, input.on.note(input.text), case::correct_on_the_spot)
    }

    /// Hands in what a conditional acceptance waits for (补齐容缺材料). If it never comes, the acceptance of the cases that
    /// want it is revoked. For the applicant, and for the clerk on the applicant's behalf.
    async fn application_hand_in_missing(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is handed in.")] input: ApplicationHandInMissingInput,
    ) -> Result<ApplicationHandInMissingPayload> {
        act!(ctx, input.on.note(input.text), case::hand_in_missing)
    }
}

impl ApplicationActInput {
    /// An act that says nothing but a text.
    fn note(self, text: String) -> Result<Note, Rejected> {
        Ok(Note {
            idempotency_key: self.idempotency_key,
            application: self.application_id.read("applicationId")?.raw(),
            text,
            happened_on: self.happened_on.map(|date| date.0),
            expected_version: self.expected_version,
        })
    }
}

impl ApplicationNoticeCorrectionInput {
    /// What the use case takes.
    pub(in crate::graphql) fn command(self) -> Result<NoticeCorrection, Rejected> {
        let point = |point: CorrectionPointInput| Point {
            text: point.text,
            basis: point.basis,
        };
        let supplement_days = self.supplement_days.map(|n| days(n, "supplementDays"));
        Ok(NoticeCorrection {
            idempotency_key: self.on.idempotency_key,
            application: self.on.application_id.read("applicationId")?.raw(),
            points: self.points.into_iter().map(point).collect(),
            supplement_days: supplement_days.transpose()?,
            happened_on: self.on.happened_on.map(|date| date.0),
            expected_version: self.on.expected_version,
        })
    }
}

impl ApplicationExtendSupplementInput {
    fn command(self) -> Result<ExtendSupplement, Rejected> {
        Ok(ExtendSupplement {
            days: days(self.days, "days")?,
            note: self.on.note(self.reasons)?,
        })
    }
}
