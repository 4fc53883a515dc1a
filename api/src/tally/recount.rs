//! Counting again: the whole tally is made anew from the rows and compared with what is kept.

use std::collections::BTreeMap;

use lianshen_domain::code::Code as _;
use lianshen_domain::tally::{Counted, Differences};
use lianshen_entity::lease as lease_row;
use sea_orm::{ConnectionTrait, EntityTrait as _};
use uuid::Uuid;

use super::store::{self, change_row};
use crate::db::{self, Db, Snapshot, Writes};
use crate::env::Env;
use crate::error::{AppError, Lacking};
use crate::lease;

/// The turn of those who mend.
const MENDING: &str = "tally mended";

/// The tally as the rows make it, while they are read.
#[derive(Debug, Default)]
pub struct Recount {
    rows: u64,
    /// By region.
    counted: BTreeMap<String, Differences>,
}

/// What counting again found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Cases and cards that were read.
    pub rows: u64,
    /// What is to be added to what is kept, by region.
    missing: BTreeMap<String, Differences>,
    /// What differs: region, department, what is counted, what is kept and what the rows give.
    pub faults: Vec<String>,
    /// How often the tally had been mended before.
    mended: i64,
}

impl Recount {
    /// Counts rows of a department, all of one kind.
    pub fn add(&mut self, (region, department): (&str, &str), counts: &[Counted]) {
        self.rows += 1;
        if let Some(known) = self.counted.get_mut(region) {
            known.add(department, counts, 1);
        } else {
            let mut first = Differences::default();
            first.add(department, counts, 1);
            self.counted.insert(region.to_owned(), first);
        }
    }

    /// Compares it with what is kept. All must have been read in the same snapshot: then it is exact, whoever acts meanwhile.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn compare(self, snapshot: &Snapshot) -> Result<Found, AppError> {
        let mut found = Found {
            rows: self.rows,
            missing: self.counted,
            faults: Vec::new(),
            mended: turns(&**snapshot).await?,
        };
        let mut kept = BTreeMap::new();
        for (region, key, n) in store::all(&**snapshot).await? {
            let missing = found.missing.entry(region.clone()).or_default();
            missing.add_to(key.clone(), -n);
            kept.insert((region, key), n);
        }
        for (region, missing) in &found.missing {
            for (key, n) in missing.iter() {
                let kept = kept.get(&(region.clone(), key.clone())).copied();
                let kept = kept.unwrap_or_default();
                let (topic, code, day) = key.counted.parts();
                found.faults.push(format!(
                    "{region} {} {} {code} {day}: kept {kept}, rows give {}",
                    key.department,
                    topic.code(),
                    kept + n
                ));
            }
        }
        Ok(found)
    }
}

/// Puts the tally right by what counting again found, as a change like any other: what was done since is in it.
///
/// # Errors
/// When the database refuses; busy when somebody else has mended it since it was counted, and nothing was written.
pub async fn mend(db: &Db, env: &Env, found: &Found) -> Result<(), AppError> {
    if found.faults.is_empty() {
        return Ok(());
    }
    let now = env.now();
    db::write(db, async |tx| {
        lease::turn(&tx, MENDING, Uuid::nil(), now).await?;
        if turns(&tx.0).await? != found.mended + 1 {
            return Err(AppError::Busy(Lacking::Lease));
        }
        let mut writes = Writes::default();
        let missing = found.missing.iter();
        let missing = missing.filter(|(_, missing)| !missing.is_empty());
        writes.insert(missing.map(|(region, missing)| change_row(region, missing)));
        writes.send(&tx).await
    })
    .await
}

async fn turns(db: &impl ConnectionTrait) -> Result<i64, AppError> {
    let row = lease_row::Entity::find_by_id(MENDING).one(db).await?;
    Ok(row.map_or(0, |row| row.fence))
}
