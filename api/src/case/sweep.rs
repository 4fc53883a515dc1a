//! The sweep: brings about what time has brought, and writes down, once each, what the rules of supervision raise.

use chrono::NaiveDate;
use lianshen_domain::application::Moment;
use lianshen_domain::ids::{ApplicationId, Id as _};
use lianshen_entity::application;
use sea_orm::sea_query::ExprTrait as _;
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use uuid::Uuid;

use super::cards::Announced;
use super::desk::Desk;
use super::hold;
use crate::app::App;
use crate::db;
use crate::error::AppError;

/// How many applications one round takes at most.
const BATCH: u64 = 500;

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
