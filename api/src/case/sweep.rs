//! The sweep: brings about what time has brought, and writes down, once each, what the rules of supervision raise.

use chrono::NaiveDate;
use lianshen_domain::application::{ApplicationState, Moment};
use lianshen_domain::ids::{ApplicationId, Id as _};
use lianshen_domain::supervision::Thresholds;
use lianshen_entity::{Coded, application};
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::cards::Announced;
use super::desk::Desk;
use super::hold;
use crate::app::App;
use crate::db;
use crate::error::AppError;
use crate::lease;
use crate::pulse;

/// How many applications one round takes at most.
const BATCH: u64 = 500;

/// Where it stands by which thresholds the sweep looked last.
const THRESHOLDS: &str = "thresholds";

/// What a sweep did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SweepReport {
    /// What was raised.
    pub changed: u64,
    /// Warnings whose cause was gone.
    pub cleared: u64,
    /// Applications that could not be swept; the others were all the same.
    pub failed: u64,
}

/// Looks at every application for which time has brought something by today. Costs what is due, not what is there.
///
/// # Errors
/// When the due applications cannot be read; one that fails is counted and left for the next round.
pub async fn sweep(app: &App) -> Result<SweepReport, AppError> {
    use application::Column;
    let at = app.env.moment();
    follow_thresholds(app, at.today).await?;
    let mut report = SweepReport::default();
    let mut last: Option<(NaiveDate, Uuid)> = None;
    loop {
        let mut find = application::Entity::find()
            .select_only()
            .columns([Column::SweepOn, Column::Id])
            .filter(Column::SweepOn.lte(at.today))
            .order_by_asc(Column::SweepOn)
            .order_by_asc(Column::Id)
            .limit(BATCH);
        if let Some((on, id)) = last {
            let later = Column::SweepOn.gt(on);
            find = find.filter(later.or(Column::SweepOn.eq(on).and(Column::Id.gt(id))));
        }
        let due: Vec<(NaiveDate, Uuid)> = find.into_tuple().all(app.db.reader()).await?;
        for (_, id) in &due {
            pulse::at_work();
            // In a task of its own: not even one that panics stops the others.
            let (own, id) = (app.clone(), ApplicationId::new(*id));
            let swept = tokio::spawn(async move { sweep_one(&own, id, at).await }).await;
            match swept.map_err(AppError::internal).flatten() {
                Ok(announced) => {
                    report.changed += announced.raised;
                    report.cleared += announced.cleared;
                }
                Err(error) => {
                    report.failed += 1;
                    tracing::error!(application.id = %id.raw(), error = %error, "The sweep could not look at an application.");
                }
            }
        }
        match due.last() {
            Some(next) if due.len() as u64 == BATCH => last = Some(*next),
            _ => return Ok(report),
        }
    }
}

async fn sweep_one(app: &App, id: ApplicationId, at: Moment) -> Result<Announced, AppError> {
    db::write(&app.db, async |tx| {
        let Some(held) = hold::due(&tx, id, at.today).await? else {
            return Ok(Announced::default());
        };
        let desk = Desk::take(app, &tx, held, None, at).await?;
        desk.clear(&tx).await
    })
    .await
}

/// Has every open application looked at again when the thresholds are others than those by which the sweep looked last: its
/// lamp and the day of its next look hang on them. Where they are the same, which is nearly always, it reads one row.
async fn follow_thresholds(app: &App, today: NaiveDate) -> Result<(), AppError> {
    let mark = mark_of(&app.config.thresholds)?;
    let noted = lease::holder(&app.db, THRESHOLDS).await?;
    if noted == Some(mark) {
        return Ok(());
    }
    // A new database holds nothing that was looked at by others, and of one from before this was noted nobody knows by which.
    if noted.is_some() {
        let applications = look_again(app, today).await?;
        tracing::info!(
            applications,
            "the thresholds have changed, and every open application is looked at again"
        );
    }
    // Only now: whoever is killed before begins anew, and a second look raises nothing twice.
    db::write(&app.db, async |tx| {
        lease::turn(&tx, THRESHOLDS, mark, app.env.now()).await
    })
    .await
}

/// Makes every open application due today, a batch at a time, so that nobody at a desk waits for the whole. Answers how many.
async fn look_again(app: &App, today: NaiveDate) -> Result<u64, AppError> {
    use application::Column;
    let mut made = 0;
    let mut last = Uuid::nil();
    loop {
        pulse::at_work();
        let open: Vec<Uuid> = application::Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(Column::State.ne(Coded(ApplicationState::Closed)))
            .filter(Column::Id.gt(last))
            .order_by_asc(Column::Id)
            .limit(BATCH)
            .into_tuple()
            .all(app.db.reader())
            .await?;
        let Some(end) = open.last() else {
            return Ok(made);
        };
        last = *end;
        made += make_due(app, &open, today).await?;
    }
}

/// Makes applications due that the sweep was to look at later, or not at all. Answers how many.
///
/// # Errors
/// When the database refuses.
pub(super) async fn make_due(app: &App, ids: &[Uuid], today: NaiveDate) -> Result<u64, AppError> {
    use application::Column;
    let is_later = Column::SweepOn.gt(today).or(Column::SweepOn.is_null());
    db::write(&app.db, async |tx| {
        let done = application::Entity::update_many()
            .col_expr(Column::SweepOn, Expr::value(today))
            .filter(Column::Id.is_in(ids.iter().copied()))
            .filter(is_later.clone())
            .exec(&tx.0)
            .await?;
        Ok(done.rows_affected)
    })
    .await
}

/// What tells thresholds from others, as short as the name of a holder.
fn mark_of(thresholds: &Thresholds) -> Result<Uuid, AppError> {
    let written = serde_json::to_vec(thresholds).map_err(AppError::internal)?;
    let full: [u8; 32] = Sha256::digest(written).into();
    let mut short = [0; 16];
    short.copy_from_slice(&full[..16]);
    Ok(uuid::Builder::from_custom_bytes(short).into_uuid())
}
