//! Events: the lines of a timeline.

use async_graphql::{Context, ID, Object, Result, SimpleObject};
use lianshen_domain::actor::{Actor, Role};
use lianshen_domain::event::EventKind;
use lianshen_domain::ids::{CaseId, EventId, Id as _, ReviewId};
use serde_json::Value;
use uuid::Uuid;

use super::coded::CodeEnum;
use super::context::Ctx;
use super::scalars::DateTime;
use crate::case::{EventLine, EventRow, may_see_inner_work};
use crate::error::AppError;

/// Something that happened, with the time it happened and the time it was entered. It is never changed.
pub struct Event {
    shown: EventLine,
    /// Nothing where nobody asked for it.
    detail: Option<Value>,
    /// Nothing for applicants and visitors.
    inner: Option<Inner>,
}

/// What staff sees beside.
struct Inner {
    review_id: Option<Uuid>,
    actor_role: Option<Role>,
    position: Option<i64>,
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
    /// An event as the actor may see it.
    pub fn of(mut row: EventRow, actor: &Actor) -> Self {
        let inner = may_see_inner_work(actor).then(|| Inner {
            review_id: row.review_id,
            actor_role: row.actor_role.map(|role| role.0),
            position: row.position,
        });
        Self {
            detail: Some(std::mem::take(&mut row.detail)),
            shown: row.into(),
            inner,
        }
    }

    /// A public event as anybody may see it.
    pub fn public(shown: EventLine, detail: Option<Value>) -> Self {
        Self {
            shown,
            detail,
            inner: None,
        }
    }

    /// Its identifier.
    pub fn key(&self) -> EventId {
        EventId::new(self.shown.id)
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
        self.shown.kind.0.into()
    }

    /// When it happened.
    async fn happened_at(&self) -> DateTime {
        DateTime(self.shown.happened_at)
    }

    /// When it was entered; later than `happenedAt` when it was entered after the fact (补录).
    async fn entered_at(&self) -> DateTime {
        DateTime(self.shown.entered_at)
    }

    /// Code of the department whose work it concerns; null for the application as a whole.
    async fn department_code(&self) -> Option<&str> {
        self.shown.department.as_deref()
    }

    /// The case that it concerns.
    async fn case_id(&self) -> Option<ID> {
        self.shown.case_id.map(|id| ID(CaseId::new(id).wire()))
    }

    /// The review that it concerns. Not for applicants.
    async fn review_id(&self) -> Option<ID> {
        let id = self.inner.as_ref()?.review_id?;
        Some(ID(ReviewId::new(id).wire()))
    }

    /// The role of who acted; null when time did, and for applicants.
    async fn actor_role(&self) -> Option<CodeEnum<Role>> {
        self.inner.as_ref()?.actor_role.map(CodeEnum::from)
    }

    /// Words that say more.
    async fn detail(&self, ctx: &Context<'_>) -> Result<Vec<EventDetail>> {
        let Some(detail) = &self.detail else {
            let unread = AppError::internal("the detail of an event was not read");
            return Err(Ctx::of(ctx)?.fail(unread));
        };
        let words = detail.as_object().into_iter().flatten();
        let word = |(name, value): (&String, &Value)| EventDetail {
            name: name.clone(),
            value: value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned),
        };
        Ok(words.map(word).collect())
    }

    /// Its place in the ledger of the whole installation; null for a moment after the act. Staff only.
    async fn position(&self) -> Option<i64> {
        self.inner.as_ref()?.position
    }
}
