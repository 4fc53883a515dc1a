//! What a round of the sweep costs, when nothing is due and when something is.

use std::sync::Arc;
use std::time::{Duration, Instant};

use lianshen::app::App;
use lianshen::config::Config;
use lianshen::env::{Env, MachineClock};
use lianshen::error::AppError;
use lianshen::{case, server};
use sea_orm::{ConnectionTrait as _, DbBackend, Statement};

use crate::centre::REGION;

/// What it costs.
#[derive(Clone, Debug)]
pub struct Swept {
    /// Reviews in the database.
    pub reviews: i64,
    /// The median of rounds when nothing is due.
    pub nothing: Duration,
    /// How many were due, and how long the round took.
    pub due: Vec<(u64, Duration)>,
}

/// Sweeps, in this process, as the loop of the program does.
///
/// # Errors
/// When an application cannot be swept.
pub async fn measure(database: &str) -> Result<Swept, AppError> {
    let mut config = Config::defaults().map_err(AppError::internal)?;
    config.database_url = database.into();
    let db = server::open_database(&config, None, false).await?;
    let app = server::open_app(config, Env::new(Arc::new(MachineClock)), db).await?;
    // What has come due since the centre was grown is none of what is measured.
    expect_all(case::sweep(&app).await?)?;
    let mut rounds = Vec::new();
    for _ in 0..51 {
        let began = Instant::now();
        expect_all(case::sweep(&app).await?)?;
        rounds.push(began.elapsed());
    }
    rounds.sort_unstable();
    let nothing = rounds[rounds.len() / 2];
    let mut due = Vec::new();
    for wanted in [10_u64, 100, 1_000] {
        let count = make_due(&app, wanted).await?;
        let began = Instant::now();
        expect_all(case::sweep(&app).await?)?;
        due.push((count, began.elapsed()));
    }
    let reviews = count(&app).await?;
    app.db.close().await;
    Ok(Swept {
        reviews,
        nothing,
        due,
    })
}

fn expect_all(report: case::SweepReport) -> Result<(), AppError> {
    if report.failed == 0 {
        return Ok(());
    }
    Err(AppError::internal(format!(
        "{} applications could not be swept",
        report.failed
    )))
}

/// Makes some of those that are under way due today, as a notice or a deadline would.
async fn make_due(app: &App, wanted: u64) -> Result<u64, AppError> {
    let today = app.env.moment().today;
    let sql = format!(
        "UPDATE application SET sweep_on = '{today}' WHERE id IN \
         (SELECT id FROM application WHERE sweep_on > '{today}' AND region = '{REGION}' LIMIT {wanted})"
    );
    let statement = Statement::from_string(app.db.engine(), sql);
    let done = lianshen::db::write(&app.db, async |tx| {
        Ok(tx.execute_raw(statement.clone()).await?.rows_affected())
    });
    done.await
}

async fn count(app: &App) -> Result<i64, AppError> {
    let sql = match app.db.engine() {
        DbBackend::Postgres => {
            "SELECT reltuples::bigint AS count FROM pg_class WHERE oid = 'review'::regclass"
        }
        _ => "SELECT count(*) AS count FROM review",
    };
    let statement = Statement::from_string(app.db.engine(), sql);
    let row = app.db.reader().query_one_raw(statement).await?;
    row.map_or(Ok(0), |row| Ok(row.try_get("", "count")?))
}
