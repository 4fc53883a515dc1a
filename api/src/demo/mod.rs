//! The demonstration: the sample county with its catalogue, an account for everybody, and applications in every state.

mod accounts;
mod applications;
mod stories;

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};

pub use accounts::PASSWORD;

use self::accounts::Cast;
use self::applications::StoryClock;
use crate::catalogue::file::CatalogueFile;
use crate::config::Config;
use crate::db::Db;
use crate::env::Env;
use crate::error::AppError;
use crate::http::playground::DemoAccount;
use crate::{calendar, catalogue, ledger, server};

const CATALOGUE: &str = include_str!("../../data/sample-catalogue.json");
const HOLIDAYS: &str = include_str!("../../data/holidays-cn.json");

/// The centre was there before its first application.
const FOUNDED: Duration = Duration::days(120);

/// What stands in the database now.
pub struct Planted {
    /// Name of the centre.
    pub centre: String,
    /// Everybody who may sign in.
    pub accounts: Vec<DemoAccount>,
}

/// Puts the sample county into a migrated database, so that it looks on the day of `now` as on any other. A database
/// that has it already keeps what is there.
///
/// # Errors
/// When the database holds accounts of others, or fails.
pub async fn plant(config: &Config, db: &Db, now: DateTime<Utc>) -> Result<Planted, AppError> {
    let file = catalogue::file::parse(CATALOGUE).map_err(AppError::internal)?;
    if !accounts::stand(db, &file).await? {
        Box::pin(plant_anew(config, db, &file, now)).await?;
    }
    Ok(Planted {
        accounts: accounts::offered(&file),
        centre: file.region.centre,
    })
}

async fn plant_anew(
    config: &Config,
    db: &Db,
    file: &CatalogueFile,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    let clock = Arc::new(StoryClock::new(now - FOUNDED));
    let env = Env::new(clock.clone());
    catalogue::publish(db, &env, file).await?;
    let notices = calendar::parse(HOLIDAYS).map_err(AppError::internal)?;
    calendar::adopt(db, &env, &notices).await?;

    let app = server::open_app(config.clone(), env, db.clone()).await?;
    let cast = Cast::open(&app, file).await?;
    Box::pin(applications::play(&app, &clock, &cast, now)).await?;
    cast.leave(&app).await?;
    ledger::sequence_all(db, &app.env, app.env.uuid()).await
}
