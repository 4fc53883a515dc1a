//! Cards: what the rules of supervision raise, each occurrence once, with its evidence.

use lianshen_domain::code::Code as _;
use lianshen_domain::event::{EventKind, Happening};
use lianshen_domain::ids::{CaseId, Id as _};
use lianshen_domain::supervision::{Occurrence, TimeRule, agenda};
use lianshen_entity::{Coded, card};
use sea_orm::sea_query::OnConflict;
use sea_orm::{EntityTrait as _, IntoActiveModel as _};

use super::desk::Desk;
use crate::db::Tx;
use crate::error::AppError;

impl Desk<'_> {
    /// Raises everything that is due by today and was not raised before; answers how much.
    pub(super) async fn raise(&mut self, tx: &Tx) -> Result<u64, AppError> {
        let clocks = self.clocks();
        let (swept, today) = (self.row().swept_through, self.at.today);
        let thresholds = &self.app.config.thresholds;
        let all = agenda(&clocks, thresholds);
        let due: Vec<Occurrence> = all
            .into_iter()
            .filter(|one| one.on <= today && swept.is_none_or(|swept| one.on > swept))
            .collect();
        let mut raised = 0;
        for occurrence in due {
            if self.write_card(tx, &occurrence).await? {
                self.note_by_time(happening(self, &occurrence));
                raised += 1;
            }
        }
        self.set_swept_through(today);
        Ok(raised)
    }

    /// Writes a card unless it is there.
    async fn write_card(&self, tx: &Tx, one: &Occurrence) -> Result<bool, AppError> {
        let application = self.file.application.id.raw();
        let department = one.case.and_then(|id| self.case(id).ok());
        let row = card::Model {
            id: self.app.env.uuid(),
            subject_id: one.case.map_or(application, CaseId::raw),
            rule: Coded(one.rule),
            occurrence: one.occurrence.clone(),
            application_id: application,
            case_id: one.case.map(CaseId::raw),
            region: self.row().region.clone(),
            department: department.map_or(String::new(), |case| case.department.clone()),
            level: Coded(one.level),
            raised_on: one.on,
            raised_at: self.at.now,
            cleared_on: None,
            evidence: serde_json::to_value(&one.evidence).map_err(AppError::internal)?,
        };
        let once = OnConflict::columns([
            card::Column::SubjectId,
            card::Column::Rule,
            card::Column::Occurrence,
        ])
        .do_nothing()
        .to_owned();
        let written = card::Entity::insert_many([row.into_active_model()])
            .on_conflict(once)
            .exec_without_returning(&tx.0)
            .await?;
        Ok(written == 1)
    }
}

/// The event of a card: three of the rules had a name of their own from the beginning.
fn happening(desk: &Desk<'_>, one: &Occurrence) -> Happening {
    let kind = match one.rule {
        TimeRule::PromiseNear | TimeRule::StatutoryNear => EventKind::DeadlineNear,
        TimeRule::PromisePassed => EventKind::PromiseOverdue,
        TimeRule::StatutoryPassed => EventKind::StatutoryOverdue,
        _ => EventKind::CardRaised,
    };
    let case = one.case.and_then(|id| desk.case(id).ok());
    let mut detail = vec![
        ("rule", one.rule.code().to_owned()),
        ("level", one.level.code().to_owned()),
        ("clock", one.evidence.clock.code().to_owned()),
        ("on", one.on.to_string()),
    ];
    if let Some(due) = one.evidence.due_on {
        detail.push(("due", due.to_string()));
    }
    if let Some(case) = case {
        detail.push(("item", case.item.clone()));
    }
    Happening {
        kind,
        case: one.case,
        review: None,
        department: case.map(|case| case.department.clone()),
        detail,
        on: Some(one.on),
    }
}
