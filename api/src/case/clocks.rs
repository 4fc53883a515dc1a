//! The clocks of a case and of a joint application, made from what happened.

use chrono::NaiveDate;
use lianshen_domain::application::ClockSetter;
use lianshen_domain::bundle::BundleVersion;
use lianshen_domain::case::{Case, CaseDates};
use lianshen_domain::clock::{Anchor, Clock, LampDates};
use lianshen_domain::item::ItemVersion;

use crate::catalogue::Snapshot;

/// The promised and the statutory clock of a case that started on a day.
pub fn case_clocks(
    item: &ItemVersion,
    received_on: NaiveDate,
    started_on: NaiveDate,
) -> (Clock, Option<Clock>) {
    let promised = Clock::new(started_on, item.promised);
    let statutory = item.statutory.as_ref().map(|statutory| {
        let anchor = match statutory.anchor {
            Anchor::Accepted => started_on,
            Anchor::Received => received_on,
        };
        Clock::new(anchor, statutory.limit)
    });
    (promised, statutory)
}

/// The promised and the statutory joint clock of an application that was accepted on a day.
pub fn joint_clocks(bundle: &BundleVersion, accepted_on: NaiveDate) -> (Clock, Option<Clock>) {
    let promised = Clock::new(accepted_on, bundle.joint_promised);
    let statutory = bundle
        .joint_statutory
        .as_ref()
        .map(|statutory| Clock::new(accepted_on, statutory.limit));
    (promised, statutory)
}

/// Sets clocks by the published items and the calendars of the region and of each case's department.
pub(super) struct Clocks<'a> {
    /// What is published.
    pub(super) snapshot: &'a Snapshot,
    /// Division code of the centre.
    pub(super) region: &'a str,
    /// The bundle of the application, if it has one.
    pub(super) bundle: Option<&'a BundleVersion>,
}

impl ClockSetter for Clocks<'_> {
    fn case_dates(&self, case: &Case, received_on: NaiveDate, today: NaiveDate) -> CaseDates {
        let calendar = self.snapshot.calendar(self.region, Some(&case.department));
        let Some(item) = self.snapshot.items.get(&case.item_version) else {
            return CaseDates {
                started_on: today,
                lamp: LampDates::default(),
                provisional: true,
            };
        };
        let (promised, statutory) = case_clocks(item, received_on, today);
        let mut clocks = [Some(&promised), statutory.as_ref()].into_iter().flatten();
        CaseDates {
            started_on: today,
            lamp: LampDates::of(Some(&promised), statutory.as_ref(), calendar),
            provisional: clocks.any(|clock| clock.deadline(calendar, today).provisional),
        }
    }

    fn joint_dates(&self, today: NaiveDate) -> LampDates {
        let Some(bundle) = self.bundle else {
            return LampDates::default();
        };
        let (promised, statutory) = joint_clocks(bundle, today);
        let calendar = self.snapshot.calendar(self.region, None);
        LampDates::of(Some(&promised), statutory.as_ref(), calendar)
    }
}
