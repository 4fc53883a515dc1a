//! Acts on applications.

use async_graphql::{Context, InputObject, Object, Result};
use lianshen_domain::actor::Actor;
use lianshen_domain::applicant::{self, ApplicantKind};
use lianshen_domain::ids::{ApplicationId, CaseId, Id as _};
use lianshen_domain::rejected::Rejected;
use uuid::Uuid;

use super::Application;
use crate::app::App;
use crate::case::{self, Accept, Deliver, Submit};
use crate::error::AppError;
use crate::graphql::catalogue::AnswerInput;
use crate::graphql::catalogue::guide::by_argument;
use crate::graphql::coded::CodeEnum;
use crate::graphql::ids::{NodeId, read_all};
use crate::graphql::material::SheetsInput;
use crate::graphql::payload::{act, acted, payloads};
use crate::graphql::scalars::Date;

/// Who applies.
#[derive(InputObject)]
pub struct ApplicantInput {
    /// What kind of person or body.
    pub kind: CodeEnum<ApplicantKind>,
    /// Full name, at most 100 characters.
    pub name: String,
    /// Citizen identity number of a person, unified social credit code of a body; the check digit is verified.
    pub id_number: String,
    /// Telephone number.
    pub phone: String,
    /// Who acts for the applicant, if somebody does.
    pub agent: Option<AgentInput>,
}

/// Who acts for the applicant (代理人).
#[derive(InputObject)]
pub struct AgentInput {
    /// Full name.
    pub name: String,
    /// Citizen identity number.
    pub id_number: String,
    /// Telephone number.
    pub phone: String,
}

/// A material of the one set.
#[derive(InputObject)]
pub struct MaterialInput {
    /// Code of its definition, from the guide.
    pub code: String,
    /// What is handed in.
    #[graphql(flatten)]
    pub sheets: SheetsInput,
}

/// One application: one applicant, one set of materials, one item or several.
#[derive(InputObject)]
pub struct ApplicationSubmitInput {
    /// Chosen by you; repeating the request with the same key files once.
    pub idempotency_key: String,
    /// Code of a bundle (一件事); its answers choose the items.
    pub bundle_code: Option<String>,
    /// Answers to the questions of the bundle, at most 50.
    pub answers: Option<Vec<AnswerInput>>,
    /// Codes of items, at most 50. Beside a bundle, none means all that the answers call for.
    pub item_codes: Option<Vec<String>>,
    /// Who applies.
    pub applicant: ApplicantInput,
    /// The one set of materials, at most 200.
    pub materials: Vec<MaterialInput>,
    /// At a window: only receive now, and accept later. Otherwise complete material is accepted in the same act.
    #[graphql(default = false)]
    pub receive_only: bool,
    /// The licence that is to be renewed, if this is a renewal (延续) of one item.
    pub renewal: Option<RenewalInput>,
}

/// The licence that is to be renewed (行政许可法 第五十条).
#[derive(InputObject)]
pub struct RenewalInput {
    /// Number of the licence, at most 100 characters.
    pub certificate: String,
    /// Its last day. Applied for early enough, it is renewed by silence on the day after.
    pub expires_on: Date,
}

/// Which application is accepted.
#[derive(InputObject)]
pub struct ApplicationAcceptInput {
    /// Chosen by you; repeating the request with the same key accepts once.
    pub idempotency_key: String,
    /// The application.
    pub application_id: NodeId<ApplicationId>,
    /// Codes of materials that may follow (容缺受理): it is then accepted on condition that they do in time. None for an
    /// ordinary acceptance.
    pub missing_materials: Option<Vec<String>>,
    /// The day of acceptance, if you enter it after the fact (补录).
    pub happened_on: Option<Date>,
    /// The version that you looked at; another one is a `CONFLICT`.
    pub expected_version: Option<i64>,
}

/// To whom the results are handed over.
#[derive(InputObject)]
pub struct ApplicationDeliverInput {
    /// Chosen by you; repeating the request with the same key delivers once.
    pub idempotency_key: String,
    /// The application.
    pub application_id: NodeId<ApplicationId>,
    /// Name of the person who signs for the results.
    pub received_by: String,
    /// The cases whose results are handed over, whether the others have any yet or not (单件送达); all at once if absent
    /// (统一出件).
    pub only_case_ids: Option<Vec<NodeId<CaseId>>>,
    /// The day of the delivery, if you enter it after the fact (补录).
    pub happened_on: Option<Date>,
    /// The version that you looked at; another one is a `CONFLICT`.
    pub expected_version: Option<i64>,
}

/// What every act on an application says.
#[derive(InputObject)]
pub struct ApplicationActInput {
    /// Chosen by you; repeating the request with the same key acts once.
    pub idempotency_key: String,
    /// The application.
    pub application_id: NodeId<ApplicationId>,
    /// The day of the act, if you enter it after the fact (补录). It never heals a breach, and is not for applicants.
    pub happened_on: Option<Date>,
    /// The version that you looked at; another one is a `CONFLICT`.
    pub expected_version: Option<i64>,
}

payloads! {
    application: Application;
    /// What became of a submission.
    ApplicationSubmitPayload;
    /// What became of an acceptance.
    ApplicationAcceptPayload;
    /// What became of a delivery.
    ApplicationDeliverPayload;
}

/// Acts on applications.
#[derive(Default)]
pub struct ApplicationMutation;

#[Object]
impl ApplicationMutation {
    /// Files one application (提交申请). At a window it is received, checked and accepted in one act, with one receipt,
    /// and goes to every department concerned at once; online it is received and waits for a clerk.
    async fn application_submit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The application.")] input: ApplicationSubmitInput,
    ) -> Result<ApplicationSubmitPayload> {
        let command = submit_of(input);
        let act = async move |app: App, actor: Actor| {
            let submitted = case::submit(&app, &actor, command).await;
            submitted.map_err(|error| match error {
                AppError::Rejected(faults) => {
                    AppError::Rejected(faults.into_iter().map(by_argument).collect())
                }
                error => error,
            })
        };
        Box::pin(acted(ctx, Ok(act))).await.map(Into::into)
    }

    /// Accepts a received application (受理): one receipt for all its cases, and all clocks of the first layer begin.
    /// For clerks.
    async fn application_accept(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which application.")] input: ApplicationAcceptInput,
    ) -> Result<ApplicationAcceptPayload> {
        act!(ctx, input.command(), case::accept)
    }

    /// Hands over all results at the window and closes the application (统一出件), or those of some cases, each of which has
    /// ten working days of its own (行政许可法 第四十四条); with the last of them it closes. For clerks.
    async fn application_deliver(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which application, and to whom.")] input: ApplicationDeliverInput,
    ) -> Result<ApplicationDeliverPayload> {
        act!(ctx, input.command(), case::deliver)
    }
}

impl ApplicationAcceptInput {
    fn command(self) -> Result<Accept, Rejected> {
        Ok(Accept {
            idempotency_key: self.idempotency_key,
            application: self.application_id.read("applicationId")?.raw(),
            missing_materials: self.missing_materials.unwrap_or_default(),
            happened_on: self.happened_on.map(|date| date.0),
            expected_version: self.expected_version,
        })
    }
}

impl ApplicationDeliverInput {
    fn command(self) -> Result<Deliver, Rejected> {
        Ok(Deliver {
            idempotency_key: self.idempotency_key,
            application: self.application_id.read("applicationId")?.raw(),
            only_cases: only_cases(self.only_case_ids)?,
            received_by: self.received_by,
            happened_on: self.happened_on.map(|date| date.0),
            expected_version: self.expected_version,
        })
    }
}

/// The cases that an act at the end of an application is about, if not about all.
pub(super) fn only_cases(
    named: Option<Vec<NodeId<CaseId>>>,
) -> Result<Option<Vec<Uuid>>, Rejected> {
    let named = named.map(|ids| read_all(ids, "onlyCaseIds")).transpose()?;
    Ok(named.map(|ids| ids.into_iter().map(CaseId::raw).collect()))
}

fn submit_of(input: ApplicationSubmitInput) -> Submit {
    let ApplicantInput {
        kind,
        name,
        id_number,
        phone,
        agent,
    } = input.applicant;
    let agent = agent.map(
        |AgentInput {
             name,
             id_number,
             phone,
         }| applicant::Agent {
            name,
            id_number,
            phone,
        },
    );
    let material = |material: MaterialInput| material.sheets.of(material.code);
    Submit {
        idempotency_key: input.idempotency_key,
        bundle: input.bundle_code,
        answers: AnswerInput::all(input.answers.unwrap_or_default()).0,
        items: input.item_codes.unwrap_or_default(),
        applicant: applicant::Applicant {
            kind: kind.0,
            name,
            id_number,
            phone,
            agent,
        },
        materials: input.materials.into_iter().map(material).collect(),
        receive_only: input.receive_only,
        renewal: input.renewal.map(|renewal| case::RenewalOf {
            certificate: renewal.certificate,
            expires_on: renewal.expires_on.0,
        }),
    }
}
