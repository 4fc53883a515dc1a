//! What the loops of a server do in a round: the sweep for deadlines, and what is done once a night.

use chrono::{DateTime, TimeDelta, Utc};

use crate::app::App;
use crate::case;
use crate::error::AppError;
use crate::idempotency;
use crate::identity;
use crate::tally;
use crate::telemetry;

/// One round of the sweep for deadlines. An application that fails is left for the next round; the others go on.
///
/// # Errors
/// When the database refuses.
pub async fn sweep(app: App) -> Result<(), AppError> {
    let counted = case::reproject(&app).await?;
    if counted.moved > 0 {
        tracing::info!(
            clocks.moved = counted.moved,
            "an adopted notice moved due dates"
        );
    }
    let report = case::sweep(&app).await?;
    metrics::counter!(telemetry::LAMPS_CHANGED).increment(report.changed + report.cleared);
    telemetry::left_out("sweep", report.failed);
    Ok(())
}

/// What is done once a night: every kept date and number is counted again, and what was kept for a time goes when it is over.
///
/// # Errors
/// When the database refuses.
pub async fn nightly(app: App) -> Result<(), AppError> {
    let counted = recount(&app).await;
    put_away(&app).await?;
    counted
}

/// Counts every kept due date again; one that differs is a fault of ours, and is told until it is mended.
async fn recount(app: &App) -> Result<(), AppError> {
    // What a notice is about to move is no fault.
    case::reproject(app).await?;
    let snapshot = app.library.present();
    let today = app.env.moment().today;
    let found = case::recount(&app.db, &snapshot, &app.config, today).await?;
    metrics::counter!(telemetry::CLOCK_FAULTS).increment(found.faults.len() as u64);
    for fault in &found.faults {
        tracing::error!(fault, "a kept due date is not what the events give");
    }
    tracing::info!(
        applications = found.applications,
        clocks = found.clocks,
        faults = found.faults.len(),
        "counted every due date again"
    );
    recount_tally(app).await
}

/// Counts cases and cards again; where the tally differs, which is a fault of ours or of whoever changed rows by hand, it
/// is told and put right.
async fn recount_tally(app: &App) -> Result<(), AppError> {
    let found = case::recount_tally(&app.db).await?;
    metrics::counter!(telemetry::TALLY_FAULTS).increment(found.faults.len() as u64);
    for fault in &found.faults {
        tracing::error!(
            fault,
            "the tally was not what the rows give, and is put right"
        );
    }
    tally::mend(&app.db, &app.env, &found).await?;
    tracing::info!(
        rows = found.rows,
        faults = found.faults.len(),
        "counted every case and card again"
    );
    Ok(())
}

/// Deletes remembered commands and sessions whose time is over. Nothing of an application, and no event, is among them.
async fn put_away(app: &App) -> Result<(), AppError> {
    let before = |days: u32| -> DateTime<Utc> { app.env.now() - TimeDelta::days(days.into()) };
    let keys = before(app.config.keep_idempotency_days);
    let keys = idempotency::forget(&app.db, keys).await?;
    let sessions = before(app.config.keep_sessions_days);
    let sessions = identity::forget_sessions(&app.db, sessions).await?;
    if keys + sessions > 0 {
        tracing::info!(
            keys,
            sessions,
            "put away remembered commands and sessions whose time was over"
        );
    }
    Ok(())
}
