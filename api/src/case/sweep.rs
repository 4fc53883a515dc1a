//! The sweep for deadlines: writes down, once each, that a limit is near or has passed.

use chrono::NaiveDate;
use lianshen_domain::calendar::start_of;
use lianshen_domain::clock::{Lamp, LampDates};
use lianshen_domain::event::{EventKind, Happening};
use lianshen_domain::ids::{ApplicationId, CaseId, Id as _};
use lianshen_entity::case_;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use uuid::Uuid;

use crate::app::App;
use crate::db;
use crate::error::AppError;
use crate::ledger::{self, Entry};

/// How many cases one round takes at most.
const BATCH: u64 = 500;

/// What a sweep did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SweepReport {
    /// Lamps that changed.
    pub changed: u64,
    /// Cases that could not be swept; the others were all the same.
    pub failed: u64,
}

/// Looks at every case whose lamp has changed by today. Costs what is due, not what is there.
///
/// # Errors
/// When the due cases cannot be read; a case that fails is counted and left for the next round.
pub async fn sweep(app: &App) -> Result<SweepReport, AppError> {
    let today = app.env.moment().today;
    let mut report = SweepReport::default();
    let mut last: Option<(NaiveDate, Uuid)> = None;
    loop {
        let mut find = case_::Entity::find()
            .select_only()
            .columns([case_::Column::LampChangesOn, case_::Column::Id])
            .filter(case_::Column::LampChangesOn.lte(today))
            .order_by_asc(case_::Column::LampChangesOn)
            .order_by_asc(case_::Column::Id)
            .limit(BATCH);
        if let Some((on, id)) = last {
            let later = case_::Column::LampChangesOn.gt(on);
            find = find.filter(
                later.or(case_::Column::LampChangesOn
                    .eq(on)
                    .and(case_::Column::Id.gt(id))),
            );
        }
        let due: Vec<(NaiveDate, Uuid)> = find.into_tuple().all(app.db.reader()).await?;
        for (_, id) in &due {
            match sweep_case(app, CaseId::new(*id), today).await {
                Ok(changed) => report.changed += changed,
                Err(error) => {
                    report.failed += 1;
                    tracing::error!(case.id = %id, error = %error, "The sweep could not look at a case.");
                }
            }
        }
        match due.last() {
            Some(next) if due.len() as u64 == BATCH => last = Some(*next),
            _ => return Ok(report),
        }
    }
}

/// Writes the changes of one lamp, each dated to the day on which it came, and plans the next.
async fn sweep_case(app: &App, id: CaseId, today: NaiveDate) -> Result<u64, AppError> {
    db::write(&app.db, async |tx| {
        let row = case_::Entity::find_by_id(id.raw())
            .lock_exclusive()
            .one(&tx.0)
            .await?;
        let Some(row) = row else { return Ok(0) };
        let Some(mut on) = row.lamp_changes_on.filter(|on| *on <= today) else {
            return Ok(0);
        };
        let dates = LampDates {
            alert_on: row.alert_on,
            promised_due_on: row.promised_due_on,
            statutory_due_on: row.statutory_due_on,
        };
        let mut changed = 0;
        let next = loop {
            if let Some(kind) = announced(dates.lamp(on)) {
                let happening = Happening {
                    kind,
                    case: Some(id),
                    review: None,
                    department: Some(row.department.clone()),
                    detail: vec![("item", row.item.clone()), ("on", on.to_string())],
                };
                let application = Some(ApplicationId::new(row.application_id));
                let entry = Entry {
                    region: &row.region,
                    application,
                    actor: None,
                    happened_at: start_of(on),
                };
                ledger::append(&tx, &app.env, entry, &[happening]).await?;
                changed += 1;
            }
            match dates.next_change_after(on) {
                Some(next) if next <= today => on = next,
                next => break next,
            }
        };
        case_::Entity::update_many()
            .col_expr(case_::Column::LampChangesOn, Expr::value(next))
            .filter(case_::Column::Id.eq(id.raw()))
            .filter(case_::Column::LampChangesOn.eq(row.lamp_changes_on))
            .exec(&tx.0)
            .await?;
        Ok(changed)
    })
    .await
}

/// What is written down when a lamp comes to a colour.
fn announced(lamp: Lamp) -> Option<EventKind> {
    match lamp {
        Lamp::Off | Lamp::Green => None,
        Lamp::Alert => Some(EventKind::DeadlineNear),
        Lamp::Yellow => Some(EventKind::PromiseOverdue),
        Lamp::Red => Some(EventKind::StatutoryOverdue),
    }
}
