//! What people do about joint visits.

use chrono::{DateTime, Utc};
use lianshen_domain::actor::Action;
use lianshen_domain::application::{CallVisit, Called};
use lianshen_domain::code::Code as _;
use lianshen_domain::ids::{Id as _, ReviewId, VisitId};
use lianshen_domain::review::OpinionKind;
use lianshen_domain::visit::{FoundDefect, Record, RecordLine};
use serde_json::{Value, json};

use super::{REASONS, Reach};

/// Something that is done about a visit, once it was called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AtVisit {
    Move(DateTime<Utc>),
    Cancel,
    /// Who comes for one's own department, or for another one.
    Name(Option<String>, Vec<String>),
    /// The opinion that the conclusion is, if it is one.
    Conclude(Option<(ReviewId, OpinionKind)>),
    Record(Record),
    Mend(u32),
}

impl AtVisit {
    /// The name of the mutation.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Move(_) => "visitMove",
            Self::Cancel => "visitCancel",
            Self::Name(..) => "visitNamePersons",
            Self::Conclude(_) => "visitConclude",
            Self::Record(_) => "visitRecord",
            Self::Mend(_) => "visitMendDefect",
        }
    }

    pub(super) fn right(&self, visit: VisitId, own: Option<&str>) -> (Action, Reach) {
        let is_own = match self {
            Self::Name(of, _) => of.is_none() || of.as_deref() == own,
            Self::Conclude(_) | Self::Mend(_) => true,
            Self::Move(_) | Self::Cancel | Self::Record(_) => false,
        };
        if is_own {
            (Action::TakePart, Reach::Called(visit))
        } else {
            (Action::Convene, Reach::Convener)
        }
    }

    pub(super) fn words(&self) -> Value {
        match self {
            Self::Move(begins_at) => {
                json!({ "beginsAt": begins_at.to_rfc3339(), "reasons": REASONS })
            }
            Self::Cancel => json!({ "reasons": REASONS }),
            Self::Name(of, persons) => json!({ "departmentCode": of, "persons": persons }),
            Self::Conclude(opinion) => {
                let position = opinion.map(
                    |(review, kind)| json!({ "reviewId": review.wire(), "opinion": kind.code() }),
                );
                json!({ "conclusion": REASONS, "position": position })
            }
            Self::Record(record) => {
                let line = |line: &RecordLine| json!({ "departmentCode": line.department, "present": line.present, "conclusion": line.conclusion });
                let defect = |found: &FoundDefect| json!({ "text": found.text, "departmentCodes": found.departments, "mendBy": found.due_on.to_string() });
                json!({
                    "record": record.text, "lines": record.lines.iter().map(line).collect::<Vec<_>>(),
                    "defects": record.defects.iter().map(defect).collect::<Vec<_>>(),
                })
            }
            Self::Mend(number) => json!({ "number": number, "finding": REASONS }),
        }
    }
}

/// What the call of a visit says.
pub(super) fn calling(call: &CallVisit) -> Value {
    let one = |called: &Called| json!({ "departmentCode": called.department, "persons": called.persons, "reasons": called.again_because });
    json!({
        "kind": call.kind.code(), "beginsAt": call.begins_at.to_rfc3339(), "place": call.place,
        "departments": call.departments.iter().map(one).collect::<Vec<_>>(),
    })
}
