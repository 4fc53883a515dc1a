//! Who applies, as far as the reader may know, and what they answered.

use std::borrow::Cow;

use async_graphql::{Context, Object, Result, SimpleObject};
use lianshen_domain::actor::{Actor, Role};
use lianshen_domain::applicant::{ApplicantKind, masked_id_number, masked_name, masked_phone};

use super::Application;
use crate::graphql::coded::CodeEnum;
use crate::graphql::context::Ctx;

/// Who applies.
pub struct Applicant(pub(super) Application);

/// An answer that was given to a question of the bundle.
#[derive(SimpleObject)]
pub struct Answer {
    /// Id of the question.
    pub question: String,
    /// The value that was chosen.
    pub value: String,
}

impl Applicant {
    /// The fields that need no more than is read of an application in lists.
    pub(in crate::graphql) const HEAD: &[&str] = &["__typename", "kind", "name"];

    fn is_person(&self) -> bool {
        self.0.read.applicant_kind().0 == ApplicantKind::NaturalPerson
    }
}

/// Who applies, as far as you may know (申请人). Numbers are always masked.
#[Object]
impl Applicant {
    /// What kind of person or body.
    async fn kind(&self) -> CodeEnum<ApplicantKind> {
        self.0.read.applicant_kind().0.into()
    }

    /// Name; of a person masked for those who need not know it.
    async fn name(&self, ctx: &Context<'_>) -> Result<Cow<'_, str>> {
        let name = self.0.read.applicant_name();
        let is_hidden = self.is_person() && !knows_applicant(Ctx::of(ctx)?.actor()?);
        Ok(if is_hidden {
            masked_name(name).into()
        } else {
            name.into()
        })
    }

    /// Identity number or credit code; of a person masked.
    async fn id_number(&self, ctx: &Context<'_>) -> Result<Cow<'_, str>> {
        let number = &self.0.row(ctx).await?.applicant_number;
        Ok(if self.is_person() {
            masked_id_number(number).into()
        } else {
            number.into()
        })
    }

    /// Telephone number, masked.
    async fn phone(&self, ctx: &Context<'_>) -> Result<String> {
        Ok(masked_phone(&self.0.row(ctx).await?.applicant_phone))
    }
}

/// Whether the actor deals with the applicant in person, and so may see the name.
fn knows_applicant(actor: &Actor) -> bool {
    actor.role != Role::CentreAdministrator
}
