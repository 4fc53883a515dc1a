//! Whether the bundles of a centre can keep what they promise, by the calendars of its departments.

use chrono::NaiveDate;
use lianshen_domain::bundle::{Allowance, Budgeted, BundleVersion, Misfit};

use super::{Centre, Snapshot};

/// The days from `first` on, `days` of them, from which a bundle cannot keep its joint limits.
pub fn misfits(
    snapshot: &Snapshot,
    centre: &Centre,
    bundle: &BundleVersion,
    allowance: Allowance,
    (first, days): (NaiveDate, u32),
) -> Vec<Misfit> {
    let calendar = |department: Option<&str>| &**snapshot.calendar(&centre.region, department);
    let budgeted = Budgeted {
        bundle,
        catalogue: &centre.catalogue,
        allowance,
        calendar: &calendar,
    };
    budgeted.misfits(first, days)
}
