//! Definitions of materials.

use async_graphql::Object;
use lianshen_domain::item::{Material, MaterialForm, MaterialKind, MaterialSource, Necessity};

use super::{Department, Published};
use crate::graphql::coded::CodeEnum;

/// The definition of a material (申请材料): what is to be handed in, not what was.
pub struct MaterialDefinition {
    published: Published,
    material: Material,
}

impl MaterialDefinition {
    pub(super) fn new(published: Published, material: Material) -> Self {
        Self {
            published,
            material,
        }
    }
}

/// The definition of a material (申请材料): what is to be handed in, not what was.
#[Object]
impl MaterialDefinition {
    /// Short code, e.g. `M-APP`.
    async fn code(&self) -> &str {
        &self.material.code
    }

    /// What it is.
    async fn name(&self) -> &str {
        &self.material.name
    }

    /// Kind (材料类型).
    async fn kind(&self) -> CodeEnum<MaterialKind> {
        self.material.kind.into()
    }

    /// Who makes it (来源渠道).
    async fn source(&self) -> CodeEnum<MaterialSource> {
        self.material.source.into()
    }

    /// Whether it must be handed in (材料必要性).
    async fn necessity(&self) -> CodeEnum<Necessity> {
        self.material.necessity.into()
    }

    /// On paper, electronic, or either (材料形式).
    async fn form(&self) -> CodeEnum<MaterialForm> {
        self.material.form.into()
    }

    /// How many originals (原件份数).
    async fn originals(&self) -> u32 {
        self.material.originals
    }

    /// How many copies (复印件份数).
    async fn copies(&self) -> u32 {
        self.material.copies
    }

    /// Whether the centre obtains it by itself. It may be handed in, but is never demanded.
    async fn by_sharing(&self) -> bool {
        self.material.is_obtained_by_sharing()
    }

    /// The department from which the centre has it by sharing; null if there is none.
    async fn shared_from(&self) -> Option<Department> {
        let code = self.material.shared_from.as_deref()?;
        self.published.department(code)
    }

    /// What else there is to say.
    async fn note(&self) -> Option<&str> {
        self.material.note.as_deref()
    }
}
