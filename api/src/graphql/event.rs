//! Events: the lines of a timeline.

use async_graphql::{ID, Object, SimpleObject};
use lianshen_domain::actor::{Actor, Role};
use lianshen_domain::event::EventKind;
use lianshen_domain::ids::{CaseId, EventId, Id as _, ReviewId};

use super::coded::CodeEnum;
use super::scalars::DateTime;
use crate::case::EventRow;

/// Something that happened, with the time it happened and the time it was entered. It is never changed.
pub struct Event {
    row: EventRow,
    staff: bool,
}

/// A word that says more about an event.
#[derive(SimpleObject)]
pub struct EventDetail {
    /// What it says, e.g. `item`, `opinion`, `outcome`.
    pub name: String,
    /// The code or text.
    pub value: String,
}

impl Event {
    /// An event as the actor may see it; `None` is a visitor.
    pub fn of(row: EventRow, actor: Option<&Actor>) -> Self {
        let staff = actor.is_some_and(|actor| actor.role != Role::Applicant);
        Self { row, staff }
    }

    /// Its identifier.
    pub fn key(&self) -> EventId {
        EventId::new(self.row.id)
    }
}

/// Something that happened (时间轴上的一条记录). It is never changed and never removed.
#[Object]
impl Event {
    /// Identifier; later events sort after earlier ones.
    async fn id(&self) -> ID {
        ID(self.key().wire())
    }

    /// What happened.
    async fn kind(&self) -> CodeEnum<EventKind> {
        self.row.kind.0.into()
    }

    /// When it happened.
    async fn happened_at(&self) -> DateTime {
        DateTime(self.row.happened_at)
    }

    /// When it was entered; later than `happenedAt` when it was entered after the fact (补录).
    async fn entered_at(&self) -> DateTime {
        DateTime(self.row.entered_at)
    }

    /// Code of the department whose work it concerns; null for the application as a whole.
    async fn department_code(&self) -> Option<&str> {
        self.row.department.as_deref()
    }

    /// The case that it concerns.
    async fn case_id(&self) -> Option<ID> {
        self.row.case_id.map(|id| ID(CaseId::new(id).wire()))
    }

    /// The review that it concerns. Not for applicants.
    async fn review_id(&self) -> Option<ID> {
        self.row
            .review_id
            .filter(|_| self.staff)
            .map(|id| ID(ReviewId::new(id).wire()))
    }

    /// The role of who acted; null when time did, and for applicants.
    async fn actor_role(&self) -> Option<CodeEnum<Role>> {
        self.row
            .actor_role
            .filter(|_| self.staff)
            .map(|role| role.0.into())
    }

    /// Words that say more.
    async fn detail(&self) -> Vec<EventDetail> {
        let words = self.row.detail.as_object().into_iter().flatten();
        words
            .map(|(name, value)| EventDetail {
                name: name.clone(),
                value: value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned),
            })
            .collect()
    }

    /// Its place in the ledger of the whole installation; null for a moment after the act. Staff only.
    async fn position(&self) -> Option<i64> {
        self.row.position.filter(|_| self.staff)
    }
}
