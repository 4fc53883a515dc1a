//! The end of a licence.

use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use lianshen_domain::application::LicenceEndKind;
use lianshen_domain::rejected::Rejected;

use super::Case;
use super::act::CaseActInput;
use crate::case::{self, EndLicence};
use crate::graphql::coded::CodeEnum;
use crate::graphql::payload::{act, payloads};
use crate::graphql::scalars::Date;

/// How and when a licence ended (许可失效).
#[derive(SimpleObject)]
pub struct LicenceEnd {
    /// Why it is no more.
    pub how: CodeEnum<LicenceEndKind>,
    /// The first day without it.
    pub on: Date,
}

/// How and when the licence of a case ended. What nobody has granted has not ended.
pub(super) async fn end_of(ctx: &Context<'_>, case: &Case) -> Result<Option<LicenceEnd>> {
    if case.row(ctx).await?.result.is_none() {
        return Ok(None);
    }
    let course = case.course(ctx).await?.unwrap_or_default();
    let ended = course.licence_end(case.key());
    Ok(ended.map(|(how, on)| LicenceEnd {
        how: how.into(),
        on: Date(on),
    }))
}

/// A licence that is no more.
#[derive(InputObject)]
pub struct CaseEndLicenceInput {
    /// Which case granted it, and by which key; `happenedOn` is the first day without it.
    #[graphql(flatten)]
    pub on: CaseActInput,
    /// Why it is no more.
    pub how: CodeEnum<LicenceEndKind>,
    /// What happened, at most 4,000 characters.
    pub reasons: String,
}

payloads! {
    case: Case;
    /// What became of the end of a licence.
    CaseEndLicencePayload;
}

/// Acts on licences that were granted.
#[derive(Default)]
pub struct CaseLicenceMutation;

#[Object]
impl CaseLicenceMutation {
    /// Records that a licence is no more (许可失效): expired, given up, withdrawn, revoked or taken away. The decision stays on
    /// record, and a comprehensive permit is issued anew without it. For deciders of the department.
    async fn case_end_licence(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, how and why.")] input: CaseEndLicenceInput,
    ) -> Result<CaseEndLicencePayload> {
        act!(ctx, input.command(), case::end_licence)
    }
}

impl CaseEndLicenceInput {
    fn command(self) -> Result<EndLicence, Rejected> {
        Ok(EndLicence {
            on: self.on.read()?,
            how: self.how.0,
            reasons: self.reasons,
        })
    }
}
