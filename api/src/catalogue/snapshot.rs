//! What is published, in memory.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError, RwLock};

use lianshen_domain::bundle::BundleVersion;
use lianshen_domain::calendar::{Calendar, Calendars};
use lianshen_domain::catalogue::Catalogue;
use lianshen_domain::ids::{BundleVersionId, DepartmentId, ItemVersionId};
use lianshen_domain::item::ItemVersion;

use sea_orm::ConnectionTrait;

use super::store;
use crate::db::Db;
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

/// Everything published in this installation.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// Centres by region.
    pub centres: BTreeMap<String, Centre>,
    /// Every item version that was ever published.
    pub items: HashMap<ItemVersionId, Arc<ItemVersion>>,
    /// Every bundle version that was ever published.
    pub bundles: HashMap<BundleVersionId, Arc<BundleVersion>>,
    /// The working days of everybody.
    pub calendars: Arc<Calendars>,
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
}

impl Library {
    /// Reads everything that is published.
    ///
    /// # Errors
    /// When the database cannot be read, or holds a definition that this version does not understand.
    pub async fn open(db: &Db) -> Result<Self, AppError> {
        Ok(Self {
            present: RwLock::new(Arc::new(store::snapshot(db.reader()).await?)),
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
    /// have published or adopted a moment ago. Costs nothing but then; it is read by the caller's own connection, because
    /// whoever holds one must not wait for another.
    ///
    /// # Errors
    /// As [`Library::open`]; the act must not go on by the old snapshot.
    pub async fn at_least(
        &self,
        db: &impl ConnectionTrait,
        region: &str,
        revision: i64,
    ) -> Result<Arc<Snapshot>, AppError> {
        let present = self.present();
        let known = present.centre(region).map_or(0, |centre| centre.revision);
        if known >= revision {
            return Ok(present);
        }
        Ok(self.put(store::snapshot(db).await?))
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
        if store::revision(db.reader()).await? == self.present().revision() {
            Ok(())
        } else {
            self.refresh(db).await
        }
    }
}
