//! Extending the joint period.

use async_graphql::{Context, InputObject, Object, Result};
use lianshen_domain::ids::Id as _;
use lianshen_domain::item::ExtensionApprover;
use lianshen_domain::rejected::Rejected;

use super::Application;
use super::act::ApplicationActInput;
use crate::case::{self, ExtendApplication};
use crate::graphql::coded::CodeEnum;
use crate::graphql::limit::days;
use crate::graphql::payload::{act, payloads};

/// An extension of the joint period.
#[derive(InputObject)]
pub struct ApplicationExtendInput {
    /// Which application, and by which key.
    #[graphql(flatten)]
    pub on: ApplicationActInput,
    /// Working days added, from 1 to what the law allows, usually 15.
    pub days: i32,
    /// Who approved it; the bundle says who must.
    pub approved_by: CodeEnum<ExtensionApprover>,
    /// Why, as the applicant is told, at most 4,000 characters.
    pub reasons: String,
}

payloads! {
    application: Application;
    /// What became of an extension of the joint period.
    ApplicationExtendPayload;
}

/// Acts on the joint period.
#[derive(Default)]
pub struct ApplicationExtensionMutation;

#[Object]
impl ApplicationExtensionMutation {
    /// Extends the joint period, once (联合办理延期, 行政许可法 第四十二条第二款), on or before its last day. For the
    /// coordinator of the lead department.
    async fn application_extend(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How long, by whom approved, and why.")] input: ApplicationExtendInput,
    ) -> Result<ApplicationExtendPayload> {
        act!(ctx, input.command(), case::extend_application)
    }
}

impl ApplicationExtendInput {
    fn command(self) -> Result<ExtendApplication, Rejected> {
        Ok(ExtendApplication {
            idempotency_key: self.on.idempotency_key,
            application: self.on.application_id.read("applicationId")?.raw(),
            days: days(self.days, "days")?,
            approver: self.approved_by.0,
            reasons: self.reasons,
            happened_on: self.on.happened_on.map(|date| date.0),
            expected_version: self.on.expected_version,
        })
    }
}
