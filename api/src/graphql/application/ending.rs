//! The end of an application: withdrawn by the applicant, or its results ready, and not always delivered at once.

use async_graphql::{Context, InputObject, Object, Result};
use lianshen_domain::ids::{CaseId, Id as _};
use lianshen_domain::rejected::Rejected;

use super::Application;
use super::act::{ApplicationActInput, only_cases};
use crate::case::{self, DeliveryNote, Withdraw};
use crate::graphql::ids::NodeId;
use crate::graphql::payload::{act, payloads};

/// What is withdrawn.
#[derive(InputObject)]
pub struct ApplicationWithdrawInput {
    /// Which application, and by which key.
    #[graphql(flatten)]
    pub on: ApplicationActInput,
    /// One case of it; all that have not ended if absent.
    pub only_case_id: Option<NodeId<CaseId>>,
}

/// How the applicant was told.
#[derive(InputObject)]
pub struct ApplicationAnnounceResultsInput {
    /// Which application, and by which key.
    #[graphql(flatten)]
    pub on: ApplicationActInput,
    /// By which means, and where the results wait, at most 500 characters.
    pub text: String,
    /// The cases whose results are ready, whatever becomes of the others; all if absent.
    pub only_case_ids: Option<Vec<NodeId<CaseId>>>,
}

/// An attempt to deliver that failed.
#[derive(InputObject)]
pub struct ApplicationFailDeliveryInput {
    /// Which application, and by which key.
    #[graphql(flatten)]
    pub on: ApplicationActInput,
    /// Why it failed, at most 500 characters.
    pub text: String,
    /// The cases whose results were to be handed over; all if absent.
    pub only_case_ids: Option<Vec<NodeId<CaseId>>>,
}

payloads! {
    application: Application;
    /// What became of a withdrawal.
    ApplicationWithdrawPayload;
    /// What became of telling that the results are ready.
    ApplicationAnnounceResultsPayload;
    /// What became of the record of a failed delivery.
    ApplicationFailDeliveryPayload;
}

/// Acts at the end of an application.
#[derive(Default)]
pub struct ApplicationEndingMutation;

#[Object]
impl ApplicationEndingMutation {
    /// Withdraws an application, or one case of it (撤回); what depends on it ends with it. For the applicant, and for the
    /// clerk on the applicant's behalf.
    async fn application_withdraw(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is withdrawn.")] input: ApplicationWithdrawInput,
    ) -> Result<ApplicationWithdrawPayload> {
        act!(ctx, input.command(), case::withdraw)
    }

    /// Tells the applicant that the results are ready (通知领取), or those of some cases before the others; their periods for
    /// delivery stop (行政许可法 第四十四条). The same again changes nothing. For clerks.
    async fn application_announce_results(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How the applicant was told.")] input: ApplicationAnnounceResultsInput,
    ) -> Result<ApplicationAnnounceResultsPayload> {
        act!(
            ctx,
            input.on.delivery(input.text, input.only_case_ids),
            case::announce_results
        )
    }

    /// Records an attempt to deliver that failed (送达未果); the periods for delivery run on. For clerks.
    async fn application_fail_delivery(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Why it failed.")] input: ApplicationFailDeliveryInput,
    ) -> Result<ApplicationFailDeliveryPayload> {
        act!(
            ctx,
            input.on.delivery(input.text, input.only_case_ids),
            case::fail_delivery
        )
    }
}

impl ApplicationActInput {
    fn delivery(
        self,
        text: String,
        only: Option<Vec<NodeId<CaseId>>>,
    ) -> Result<DeliveryNote, Rejected> {
        Ok(DeliveryNote {
            idempotency_key: self.idempotency_key,
            application: self.application_id.read("applicationId")?.raw(),
            only_cases: only_cases(only)?,
            text,
            happened_on: self.happened_on.map(|date| date.0),
            expected_version: self.expected_version,
        })
    }
}

impl ApplicationWithdrawInput {
    fn command(self) -> Result<Withdraw, Rejected> {
        let only = self.only_case_id.map(|id| id.read("onlyCaseId"));
        Ok(Withdraw {
            idempotency_key: self.on.idempotency_key,
            application: self.on.application_id.read("applicationId")?.raw(),
            case: only.transpose()?.map(CaseId::raw),
            happened_on: self.on.happened_on.map(|date| date.0),
            expected_version: self.on.expected_version,
        })
    }
}
