//! Whether the bundles of a centre can keep what they promise, by the calendars of its departments.

use chrono::NaiveDate;
use lianshen_domain::bundle::{Budgeted, BundleVersion, Misfit};

use super::{Centre, Snapshot};
use crate::config::Config;

/// The days from `first` on, `days` of them, from which a bundle cannot keep its joint limits.
pub fn misfits(
    snapshot: &Snapshot,
    centre: &Centre,
    bundle: &BundleVersion,
    config: &Config,
    (first, days): (NaiveDate, u32),
) -> Vec<Misfit> {
    let calendar = |department: Option<&str>| &**snapshot.calendar(&centre.region, department);
    let budgeted = Budgeted {
        bundle,
        catalogue: &centre.catalogue,
        allowance: config.bundles,
        conventions: config.conventions_on(first),
        calendar: &calendar,
    };
    budgeted.misfits(first, days)
}
