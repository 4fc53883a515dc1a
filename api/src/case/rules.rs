//! What stands behind the clocks: the published items and bundles, the adopted calendar, the conventions of the centre.

use std::sync::Arc;

use chrono::NaiveDate;
use lianshen_domain::application::Rules;
use lianshen_domain::bundle::BundleVersion;
use lianshen_domain::calendar::Calendar;
use lianshen_domain::case::Case;
use lianshen_domain::clock::{Clock, Conventions};
use lianshen_domain::ids::{BundleVersionId, Id as _};
use lianshen_domain::item::ItemVersion;
use lianshen_domain::mediation::MediationPolicy;
use lianshen_domain::supervision::Thresholds;
use lianshen_entity::application;

use crate::catalogue::Snapshot;
use crate::config::Config;

/// The rules of one application.
pub struct RuleBook {
    snapshot: Arc<Snapshot>,
    region: String,
    bundle: Option<Arc<BundleVersion>>,
    config: Arc<Config>,
    received_on: NaiveDate,
}

impl RuleBook {
    /// The rules by what is published and adopted now.
    pub fn of(
        config: &Arc<Config>,
        snapshot: Arc<Snapshot>,
        application: &application::Model,
    ) -> Self {
        let bundle = application.bundle_version_id.map(BundleVersionId::new);
        let received_on = application.received_on;
        Self::new(config, snapshot, (&application.region, received_on), bundle)
    }

    pub(super) fn new(
        config: &Arc<Config>,
        snapshot: Arc<Snapshot>,
        (region, received_on): (&str, NaiveDate),
        id: Option<BundleVersionId>,
    ) -> Self {
        Self {
            bundle: id.and_then(|id| snapshot.bundles.get(&id)).cloned(),
            snapshot,
            region: region.to_owned(),
            config: Arc::clone(config),
            received_on,
        }
    }
}

impl Rules for RuleBook {
    fn item(&self, case: &Case) -> Option<&ItemVersion> {
        self.snapshot
            .items
            .get(&case.item_version)
            .map(AsRef::as_ref)
    }

    fn bundle(&self) -> Option<&BundleVersion> {
        self.bundle.as_deref()
    }

    fn calendar(&self, department: Option<&str>) -> &Arc<Calendar> {
        self.snapshot.calendar(&self.region, department)
    }

    fn calendar_of(
        &self,
        department: Option<&str>,
        clock: &Clock,
        known_from: NaiveDate,
    ) -> Arc<Calendar> {
        let calendars = &self.snapshot.calendars;
        let known = (known_from, clock.stopped_on);
        calendars.of_period(&self.region, department, known, |calendar| {
            clock.due_on(calendar)
        })
    }

    fn conventions(&self) -> &Conventions {
        self.config.conventions_on(self.received_on)
    }

    fn mediation(&self) -> &MediationPolicy {
        &self.config.mediation
    }

    fn named_for_conflicts(&self) -> Option<&str> {
        // Who mistyped the code has named nobody: a level that nobody can act at would let its days pass.
        let named = self.config.mediation.named();
        named.filter(|code| self.snapshot.has_department(&self.region, code))
    }

    fn thresholds(&self) -> &Thresholds {
        &self.config.thresholds
    }
}
