//! Who applies, as far as the reader may know, and what they answered.

use async_graphql::SimpleObject;
use lianshen_domain::actor::{Actor, Role};
use lianshen_domain::applicant::{ApplicantKind, masked_id_number, masked_name, masked_phone};

use crate::case::ApplicationRead;
use crate::graphql::coded::CodeEnum;

/// Who applies, as far as you may know (申请人). Numbers are always masked.
#[derive(SimpleObject)]
pub struct Applicant {
    /// What kind of person or body.
    pub kind: CodeEnum<ApplicantKind>,
    /// Name; of a person masked for those who need not know it.
    pub name: String,
    /// Identity number or credit code; of a person masked.
    pub id_number: String,
    /// Telephone number, masked.
    pub phone: String,
}

/// An answer that was given to a question of the bundle.
#[derive(SimpleObject)]
pub struct Answer {
    /// Id of the question.
    pub question: String,
    /// The value that was chosen.
    pub value: String,
}

impl Applicant {
    /// The applicant, as the actor may know it.
    pub(super) fn of(application: &ApplicationRead, actor: &Actor) -> Self {
        let kind = application.applicant_kind().0;
        let (name, number) = (application.applicant_name(), application.applicant_number());
        let is_person = kind == ApplicantKind::NaturalPerson;
        let is_hidden = is_person && !knows_applicant(actor);
        Self {
            kind: kind.into(),
            name: if is_hidden {
                masked_name(name)
            } else {
                name.clone()
            },
            id_number: if is_person {
                masked_id_number(number)
            } else {
                number.clone()
            },
            phone: masked_phone(application.applicant_phone()),
        }
    }
}

/// Whether the actor deals with the applicant in person, and so may see the name.
fn knows_applicant(actor: &Actor) -> bool {
    actor.role != Role::CentreAdministrator
}
