//! Materials as handed in, and another version of one.

use async_graphql::{Context, ID, InputObject, Object, Result};
use lianshen_domain::ids::{ApplicationId, Id as _, MaterialId};
use lianshen_domain::rejected::Rejected;

use super::Ctx;
use super::application::Application;
use super::ids::NodeId;
use super::payload::{act, payloads};
use super::scalars::DateTime;
use crate::case::{self, HandedIn, MaterialRow, ReplaceMaterial};

/// A material of the one set (一套材料) that was handed in.
pub struct Material(pub MaterialRow);

/// A material (材料) of the one set that was handed in, shown to the departments whose items want it.
#[Object]
impl Material {
    /// Identifier.
    async fn id(&self) -> ID {
        ID(MaterialId::new(self.0.id).wire())
    }

    /// Code of its definition in the catalogue.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// Name, as it was when handed in.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Originals on paper.
    async fn originals(&self) -> i32 {
        self.0.originals
    }

    /// Copies on paper.
    async fn copies(&self) -> i32 {
        self.0.copies
    }

    /// Name of the electronic file, if there is one.
    async fn file_name(&self) -> Option<&str> {
        self.0.file_name.as_deref()
    }

    /// SHA-256 of the electronic file, hexadecimal.
    async fn sha256(&self) -> Option<&str> {
        self.0.sha256.as_deref()
    }

    /// Codes of the items of this application that want it.
    async fn wanted_by(&self, ctx: &Context<'_>) -> Result<Vec<String>> {
        Ctx::of(ctx)?.kept(&self.0.wanted_by)
    }

    /// Whether it was had by sharing; otherwise the applicant handed it in.
    async fn by_sharing(&self) -> bool {
        self.0.by_sharing
    }

    /// The n-th that was handed in under this code, from 1.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// When a newer version took its place; null for the present one.
    async fn replaced_at(&self) -> Option<DateTime> {
        self.0.replaced_at.map(DateTime)
    }

    /// Why a newer version took its place.
    async fn replaced_because(&self) -> Option<&str> {
        self.0.replaced_because.as_deref()
    }

    /// When it was handed in.
    async fn received_at(&self) -> DateTime {
        DateTime(self.0.received_at)
    }
}

/// A material as it is handed in, on paper or as a file.
#[derive(InputObject)]
pub struct SheetsInput {
    /// Originals on paper, 0 to 100.
    #[graphql(default)]
    pub originals: i32,
    /// Copies on paper, 0 to 100.
    #[graphql(default)]
    pub copies: i32,
    /// Name of the electronic file, at most 200 characters.
    pub file_name: Option<String>,
    /// SHA-256 of the electronic file, 64 hexadecimal digits.
    pub sha256: Option<String>,
}

impl SheetsInput {
    /// The same, of a material.
    pub(super) fn of(self, code: String) -> HandedIn {
        HandedIn {
            code,
            originals: self.originals,
            copies: self.copies,
            file_name: self.file_name,
            sha256: self.sha256,
        }
    }
}

/// Another version of a material.
#[derive(InputObject)]
pub struct ApplicationReplaceMaterialInput {
    /// Chosen by you; repeating the request with the same key acts once.
    pub idempotency_key: String,
    /// The application.
    pub application_id: NodeId<ApplicationId>,
    /// The version that is replaced; one that was replaced before is `MATERIAL_STALE`.
    pub material_id: NodeId<MaterialId>,
    /// What takes its place.
    #[graphql(flatten)]
    pub sheets: SheetsInput,
    /// Why, at most 4,000 characters.
    pub reasons: String,
    /// The version of the application that you looked at; another one is a `CONFLICT`.
    pub expected_version: Option<i64>,
}

payloads! {
    application: Application;
    /// What became of another version of a material.
    ApplicationReplaceMaterialPayload;
}

/// Acts on materials.
#[derive(Default)]
pub struct MaterialMutation;

#[Object]
impl MaterialMutation {
    /// Hands in another version of a material (替换材料), as long as a case that wants it is open. Exactly the opinions that
    /// relied on the former version are `STALE`; their departments are asked once more, each with a period of its own, and
    /// no other opinion is touched. For the applicant, and for the clerk on the applicant's behalf.
    async fn application_replace_material(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, by what, and why.")] input: ApplicationReplaceMaterialInput,
    ) -> Result<ApplicationReplaceMaterialPayload> {
        act!(ctx, input.command(), case::replace_material)
    }
}

impl ApplicationReplaceMaterialInput {
    fn command(self) -> Result<ReplaceMaterial, Rejected> {
        Ok(ReplaceMaterial {
            idempotency_key: self.idempotency_key,
            application: self.application_id.read("applicationId")?.raw(),
            material: self.material_id.read("materialId")?.raw(),
            originals: self.sheets.originals,
            copies: self.sheets.copies,
            file_name: self.sheets.file_name,
            sha256: self.sheets.sha256,
            reasons: self.reasons,
            expected_version: self.expected_version,
        })
    }
}
