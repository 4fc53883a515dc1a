//! Whether a database is what the product would have made of it: the chain of the ledger, every due date, and every
//! count.

use std::sync::Arc;

use lianshen::catalogue::Library;
use lianshen::config::Config;
use lianshen::db::Db;
use lianshen::env::{Env, MachineClock};
use lianshen::error::AppError;
use lianshen::ledger::{self, Audit};
use lianshen::{case, server};

/// What was found.
#[derive(Debug)]
pub struct Soundness {
    /// The last position of the ledger, which was walked from its beginning.
    pub audit: Audit,
    /// Applications and clocks that were made anew from their events.
    pub counted: case::Recount,
    /// Counts that are not those of the rows.
    pub miscounted: Vec<String>,
    /// Opinions that are not as they were signed.
    pub missigned: Vec<String>,
    /// Serial numbers that are not the last ones that were given.
    pub serials: Vec<String>,
}

impl Soundness {
    /// Whether nothing is wrong.
    pub fn is_sound(&self) -> bool {
        matches!(self.audit, Audit::Sound(_))
            && self.counted.faults.is_empty()
            && self.miscounted.is_empty()
            && self.missigned.is_empty()
            && self.serials.is_empty()
    }
}

/// Examines a database as `lianshen audit verify` and `lianshen doctor --deep` do.
///
/// # Errors
/// When it cannot be read.
pub async fn examine(url: &str) -> Result<Soundness, AppError> {
    let mut config = Config::defaults().map_err(AppError::internal)?;
    config.database_url = url.into();
    let db = server::open_database(&config, None, false).await?;
    let snapshot = Library::open(&db).await?.present();
    let today = Env::new(Arc::new(MachineClock)).moment().today;
    let audit = ledger::verify(&db).await?;
    let counted = case::recount(&db, &snapshot, &Arc::new(config), today).await?;
    let miscounted = case::recount_tally(&db).await?.faults;
    let missigned = case::verify_signatures(&db).await?.faults;
    let serials = serials(&db).await?;
    db.close().await;
    Ok(Soundness {
        audit,
        counted,
        miscounted,
        missigned,
        serials,
    })
}

/// The numbers that were given to applications, compared with the series that gives the next ones.
async fn serials(db: &Db) -> Result<Vec<String>, AppError> {
    use sea_orm::{ConnectionTrait as _, Statement};
    let sql = "SELECT wanted.key AS series FROM \
        (SELECT 'receipt:' || region || ':' || received_on AS key, count(*) AS value FROM application GROUP BY 1 \
         UNION ALL SELECT 'accepted:' || region || ':' || item, max(accepted_seq) FROM case_ \
         WHERE accepted_seq IS NOT NULL GROUP BY 1) wanted \
        LEFT JOIN serial ON serial.key = wanted.key AND serial.value = wanted.value WHERE serial.key IS NULL";
    let rows = db
        .reader()
        .query_all_raw(Statement::from_string(db.engine(), sql))
        .await?;
    rows.iter()
        .map(|row| Ok(row.try_get("", "series")?))
        .collect()
}
