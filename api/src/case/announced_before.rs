//! What a version without cards had announced: one event a case and colour. Each is one occurrence of today's rules, so its
//! card is written and nobody is told a second time.

use chrono::{DateTime, Utc};
use lianshen_domain::event::EventKind;
use lianshen_domain::ids::{CaseId, Id as _};
use lianshen_domain::supervision::Occurrence;
use lianshen_entity::{Coded, event};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _};
use uuid::Uuid;

use super::cards::event_of;
use crate::db::Tx;
use crate::error::AppError;

/// Announcements that no card stands for yet, the first first.
pub(super) struct AnnouncedBefore(Vec<(Option<CaseId>, EventKind, DateTime<Utc>)>);

impl AnnouncedBefore {
    /// Nothing: every application that came in under rules with cards.
    pub(super) fn nothing() -> Self {
        Self(Vec::new())
    }

    /// For an application that this version has never swept.
    pub(super) async fn of(tx: &Tx, application: Uuid) -> Result<Self, AppError> {
        let kinds = [
            EventKind::DeadlineNear,
            EventKind::PromiseOverdue,
            EventKind::StatutoryOverdue,
        ];
        let rows = event::Entity::find()
            .filter(event::Column::ApplicationId.eq(application))
            .filter(event::Column::Kind.is_in(kinds.map(Coded)))
            .order_by_asc(event::Column::HappenedAt)
            .all(&tx.0)
            .await?;
        let without_card = rows
            .into_iter()
            .filter(|row| row.detail.get("rule").is_none());
        let announced =
            without_card.map(|row| (row.case_id.map(CaseId::new), row.kind.0, row.entered_at));
        Ok(Self(announced.collect()))
    }

    /// When an occurrence was announced. Each announcement stands for one: that which came first.
    pub(super) fn take(&mut self, one: &Occurrence) -> Option<DateTime<Utc>> {
        let kind = event_of(one.key.rule);
        let at = self
            .0
            .iter()
            .position(|(case, announced, _)| (*case, *announced) == (one.key.case, kind))?;
        Some(self.0.remove(at).2)
    }
}
