//! What is published, in memory.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError, RwLock};

use lianshen_domain::bundle::BundleVersion;
use lianshen_domain::calendar::{AdoptedNotice, Calendar, Calendars};
use lianshen_domain::catalogue::{Catalogue, CatalogueView as _};
use lianshen_domain::ids::{BundleVersionId, DepartmentId, ItemVersionId};
use lianshen_domain::item::ItemVersion;

use super::store;
use crate::db::{Db, Reader, Tx};
use crate::error::AppError;

/// One centre with everything it has published.
#[derive(Clone, Debug, Default)]
pub struct Centre {
    /// Division code (行政区划代码).
    pub region: String,
    /// Name of the centre.
    pub name: String,
    /// Name of the region.
    pub region_name: String,
    /// Grows with every publication.
    pub revision: i64,
    /// What is open for applications, by code.
    pub catalogue: Catalogue,
    /// Identifier of the open version of each item, by code.
    pub item_ids: BTreeMap<String, ItemVersionId>,
    /// Identifier of the open version of each bundle, by code.
    pub bundle_ids: BTreeMap<String, BundleVersionId>,
    /// Identifier of each department, by code.
    pub department_ids: BTreeMap<String, DepartmentId>,
}

/// Everything published in this installation. A copy, with other working days, shares the rest.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// Centres by region.
    pub centres: Arc<BTreeMap<String, Centre>>,
    /// Every item version that was ever published.
    pub items: Arc<HashMap<ItemVersionId, Arc<ItemVersion>>>,
    /// Every bundle version that was ever published.
    pub bundles: Arc<HashMap<BundleVersionId, Arc<BundleVersion>>>,
    /// The working days of everybody.
    pub calendars: Arc<Calendars>,
    /// The notices among them by which open clocks may not all have been counted anew yet.
    pub unprojected: Arc<[AdoptedNotice]>,
}

impl Snapshot {
    /// The sum of the revisions of all centres; it grows with every publication anywhere.
    fn revision(&self) -> i64 {
        self.centres.values().map(|centre| centre.revision).sum()
    }

    /// The centre of a region.
    pub fn centre(&self, region: &str) -> Option<&Centre> {
        self.centres.get(region)
    }

    /// Whether the centre of a region has a department.
    pub fn has_department(&self, region: &str, code: &str) -> bool {
        let centre = self.centre(region);
        centre.is_some_and(|centre| centre.catalogue.department(code).is_some())
    }

    /// The working days of a department of a region; of the region as a whole without a department.
    pub fn calendar(&self, region: &str, department: Option<&str>) -> &Arc<Calendar> {
        self.calendars.of(region, department)
    }

    /// The centre of a signed-out visitor: the first, which is the only one in most installations.
    pub fn default_centre(&self) -> Option<&Centre> {
        self.centres.values().next()
    }
}

/// Holds the present snapshot and renews it.
pub struct Library {
    present: RwLock<Arc<Snapshot>>,
    /// Held by who reads for those who act: after a publication all of them want the same.
    reading: tokio::sync::Mutex<()>,
}

impl Library {
    /// Reads everything that is published.
    ///
    /// # Errors
    /// When the database cannot be read, or holds a definition that this version does not understand.
    pub async fn open(db: &Db) -> Result<Self, AppError> {
        Ok(Self {
            present: RwLock::new(Arc::new(store::snapshot(db.reader()).await?)),
            reading: tokio::sync::Mutex::default(),
        })
    }

    /// What is published now.
    pub fn present(&self) -> Arc<Snapshot> {
        self.present
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// What is published, no older than the revision that its centre had when the caller began to act: another server may
    /// have published or adopted a moment ago. Costs nothing but then.
    ///
    /// # Errors
    /// As [`Library::open`]; the act must not go on by the old snapshot.
    pub async fn at_least(
        &self,
        db: &Reader,
        region: &str,
        revision: i64,
    ) -> Result<Arc<Snapshot>, AppError> {
        if let Some(known) = self.known(region, revision) {
            return Ok(known);
        }
        let _reading = self.reading.lock().await;
        match self.known(region, revision) {
            Some(known) => Ok(known),
            None => Ok(self.put(store::snapshot(db).await?)),
        }
    }

    /// The same for who acts in a transaction. What is read there may be what an act before it in the same transaction has
    /// published, and may never be committed: it is for this act, and not kept for others.
    ///
    /// # Errors
    /// As [`Library::at_least`].
    pub async fn at_least_within(
        &self,
        tx: &Tx,
        region: &str,
        revision: i64,
    ) -> Result<Arc<Snapshot>, AppError> {
        match self.known(region, revision) {
            Some(known) => Ok(known),
            None => Ok(Arc::new(store::snapshot(&tx.0).await?)),
        }
    }

    fn known(&self, region: &str, revision: i64) -> Option<Arc<Snapshot>> {
        let present = self.present();
        let known = present.centre(region).map_or(0, |centre| centre.revision);
        (known >= revision).then_some(present)
    }

    /// Reads again what is published.
    ///
    /// # Errors
    /// As [`Library::open`]; the old snapshot then stays.
    pub async fn refresh(&self, db: &Db) -> Result<(), AppError> {
        self.put(store::snapshot(db.reader()).await?);
        Ok(())
    }

    /// Puts a snapshot in place, unless another reader was faster with a newer one.
    fn put(&self, fresh: Snapshot) -> Arc<Snapshot> {
        let mut present = self.present.write().unwrap_or_else(PoisonError::into_inner);
        if fresh.revision() >= present.revision() {
            *present = Arc::new(fresh);
        }
        present.clone()
    }

    /// Reads again if another process has published since.
    ///
    /// # Errors
    /// As [`Library::open`].
    pub async fn follow(&self, db: &Db) -> Result<(), AppError> {
        let known = self.present().revision();
        let stored = store::revision(db.reader()).await?;
        if stored == known {
            return Ok(());
        }
        let fresh = store::snapshot(db.reader()).await?;
        if stored < known {
            // Another database took over, or an earlier one was restored: what was published there is published no more.
            tracing::error!(
                known,
                stored,
                "less is published than was known here: another database took over, or an earlier one was restored"
            );
            *self.present.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(fresh);
        } else {
            self.put(fresh);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use sea_orm::ConnectionTrait as _;

    use super::*;
    use crate::db::{self, scratch::Scratch};

    #[tokio::test]
    async fn what_was_not_committed_is_kept_for_nobody() {
        let scratch = Scratch::new();
        let db = db::connect(&scratch.options()).await.unwrap();
        db.migrate().await.unwrap();
        let put = db::write(&db, async |tx| {
            tx.execute_unprepared(
                "INSERT INTO centre (region, name, region_name, revision) VALUES ('320999', '甲', '乙', 1)",
            )
            .await?;
            Ok(())
        });
        put.await.unwrap();
        let library = Library::open(&db).await.unwrap();
        let revision =
            |snapshot: &Snapshot| snapshot.centre("320999").map(|centre| centre.revision);
        let failed: Result<(), AppError> = db::write(&db, async |tx| {
            tx.execute_unprepared("UPDATE centre SET revision = 2")
                .await?;
            let within = library.at_least_within(&tx, "320999", 2).await?;
            assert_eq!(revision(&within), Some(2));
            Err(AppError::internal("it ends here"))
        })
        .await;
        assert!(failed.is_err());
        assert_eq!(revision(&library.present()), Some(1));

        // More is published, and then less: another database took over that had not all of it.
        for stored in [3, 2] {
            let sql = format!("UPDATE centre SET revision = {stored}");
            let put = db::write(&db, async |tx| {
                tx.execute_unprepared(&sql).await?;
                Ok(())
            });
            put.await.unwrap();
            library.follow(&db).await.unwrap();
            assert_eq!(revision(&library.present()), Some(stored));
        }
        db.close().await;
    }
}
