//! What people do in the mediation of a conflict.

use lianshen_domain::actor::Action;
use lianshen_domain::ids::MediationId;
use serde_json::{Value, json};

use super::{REASONS, Reach};

/// Something that is done in a mediation, once it was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InMediation {
    TakePosition(&'static str),
    Settle,
    /// The department that keeps its view.
    Minority(String),
    /// The department that is named, if one is.
    Climb(Option<String>),
}

impl InMediation {
    /// The name of the mutation.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::TakePosition(_) => "mediationTakePosition",
            Self::Settle => "mediationSettle",
            Self::Minority(_) => "mediationRecordMinority",
            Self::Climb(_) => "mediationClimb",
        }
    }

    pub(super) fn right(&self, mediation: MediationId) -> (Action, Reach) {
        let action = match self {
            Self::TakePosition(_) => Action::TakePart,
            Self::Settle | Self::Minority(_) | Self::Climb(_) => Action::Mediate,
        };
        (action, Reach::Mediation(mediation))
    }

    pub(super) fn words(&self) -> Value {
        match self {
            Self::TakePosition(text) => json!({ "position": text }),
            Self::Settle => json!({ "settlement": REASONS }),
            Self::Minority(department) => json!({ "departmentCode": department, "view": REASONS }),
            Self::Climb(named) => json!({ "departmentCode": named, "reasons": REASONS }),
        }
    }
}
