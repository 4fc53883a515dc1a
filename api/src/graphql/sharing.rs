//! Requests for shared materials, and what an applicant hands in of their own accord.

use std::sync::Arc;

use async_graphql::{Context, InputObject, Object, Result};
use lianshen_domain::ids::{ApplicationId, Id as _};
use lianshen_domain::rejected::Rejected;
use lianshen_domain::sharing::{SharingProblem, SharingState};

use super::application::Application;
use super::catalogue::{Department, department};
use super::coded::CodeEnum;
use super::context::Ctx;
use super::ids::NodeId;
use super::loaders::{Loaders, MaterialsOf, SharingOf};
use super::material::{Material, SheetsInput};
use super::payload::{act, payloads};
use super::scalars::DateTime;
use crate::case::{self, AddMaterial, SharingRow};

/// A request for a shared material.
pub struct SharingRequest(SharingRow);

/// A request for a material that the government holds already (数据共享请求). It is asked of whoever holds it, and never
/// demanded of the applicant (国务院令第716号 第七条).
#[Object]
impl SharingRequest {
    /// Code of the material.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// Name of the material, as it was on receipt.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The department that holds it; null where the archive of whoever issued it is asked.
    async fn asked_of(&self, ctx: &Context<'_>) -> Result<Option<Department>> {
        department(ctx, &self.0.region, self.0.asked_of.as_deref())
    }

    /// Codes of the items of this application that want it.
    async fn wanted_by(&self, ctx: &Context<'_>) -> Result<Vec<String>> {
        Ctx::of(ctx)?.kept(&self.0.wanted_by)
    }

    /// How it stands.
    async fn state(&self) -> CodeEnum<SharingState> {
        self.0.state.0.into()
    }

    /// Whether the applicant may hand it in by `applicationAddMaterial`. Nobody has to.
    async fn may_be_provided(&self) -> bool {
        use SharingState::{GivenUp, NotHeld, Open};
        matches!(self.0.state.0, Open | NotHeld | GivenUp)
    }

    /// How often somebody was asked.
    async fn attempts(&self) -> i32 {
        self.0.attempts
    }

    /// Why no usable answer came last; null where one came, or nobody was asked yet.
    async fn problem(&self) -> Option<CodeEnum<SharingProblem>> {
        self.0.problem.map(|problem| problem.0.into())
    }

    /// When somebody is asked next; null when it is over.
    async fn next_at(&self) -> Option<DateTime> {
        self.0.next_at.map(DateTime)
    }

    /// When it was over; null while it is open.
    async fn ended_at(&self) -> Option<DateTime> {
        self.0.ended_at.map(DateTime)
    }

    /// What came; null where nothing did.
    async fn material(&self, ctx: &Context<'_>) -> Result<Option<Material>> {
        let Some(id) = self.0.material_id else {
            return Ok(None);
        };
        let of = MaterialsOf(ApplicationId::new(self.0.application_id));
        let loaded = ctx.data::<Loaders>()?.load_one(of).await;
        let rows = Ctx::of(ctx)?.loaded(loaded)?.unwrap_or_default();
        let found = rows.iter().find(|row| row.id == id);
        Ok(found.cloned().map(Material))
    }
}

/// The requests of an application that the caller may know of.
pub(super) async fn requests_of(
    ctx: &Context<'_>,
    id: ApplicationId,
) -> Result<Vec<SharingRequest>> {
    let loaded = ctx.data::<Loaders>()?.load_one(SharingOf(id)).await;
    let rows: Arc<Vec<SharingRow>> = Ctx::of(ctx)?.loaded(loaded)?.unwrap_or_default();
    Ok(rows.iter().cloned().map(SharingRequest).collect())
}

/// A listed material that is not there yet.
#[derive(InputObject)]
pub struct ApplicationAddMaterialInput {
    /// Chosen by you; repeating the request with the same key acts once.
    pub idempotency_key: String,
    /// The application.
    pub application_id: NodeId<ApplicationId>,
    /// Code of the material, on the list of an item of this application; one that is there already is `MATERIAL_THERE`.
    pub material_code: String,
    /// What is handed in.
    #[graphql(flatten)]
    pub sheets: SheetsInput,
    /// The version of the application that you looked at; another one is a `CONFLICT`.
    pub expected_version: Option<i64>,
}

payloads! {
    application: Application;
    /// What became of a material that was handed in.
    ApplicationAddMaterialPayload;
}

/// Acts on materials that are not there.
#[derive(Default)]
pub struct SharingMutation;

#[Object]
impl SharingMutation {
    /// Hands in a listed material that is not there yet (补充提供材料), e.g. one that could not be had by sharing, as long as a
    /// case that wants it is open. Opinions that were given without it stay. For the applicant, and for the clerk on the
    /// applicant's behalf; nobody can be made to.
    async fn application_add_material(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and to what.")] input: ApplicationAddMaterialInput,
    ) -> Result<ApplicationAddMaterialPayload> {
        act!(ctx, input.command(), case::add_material)
    }
}

impl ApplicationAddMaterialInput {
    fn command(self) -> Result<AddMaterial, Rejected> {
        Ok(AddMaterial {
            idempotency_key: self.idempotency_key,
            application: self.application_id.read("applicationId")?.raw(),
            handed_in: self.sheets.of(self.material_code),
            expected_version: self.expected_version,
        })
    }
}
