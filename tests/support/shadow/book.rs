//! The rules under which a shadow lives.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use lianshen_domain::application::Rules;
use lianshen_domain::bundle::BundleVersion;
use lianshen_domain::calendar::Calendar;
use lianshen_domain::case::Case;
use lianshen_domain::clock::Conventions;
use lianshen_domain::conflict::Opposed;
use lianshen_domain::item::ItemVersion;
use lianshen_domain::mediation::MediationPolicy;
use lianshen_domain::supervision::Thresholds;
use lianshen_domain::visit::VisitPolicy;

use crate::support::{TestApp, seed};

/// What is published and adopted in the sample centre, with the program's conventions.
pub struct Book {
    items: BTreeMap<&'static str, &'static ItemVersion>,
    departments: BTreeSet<&'static str>,
    pub(super) bundle: Option<&'static BundleVersion>,
    calendar: Arc<Calendar>,
    conventions: Conventions,
    thresholds: Thresholds,
    mediation: MediationPolicy,
    /// What absence from a visit means, and by when it is called.
    pub(super) visits: VisitPolicy,
    /// Which conditions exclude each other.
    pub(super) opposed: Opposed,
    pub(super) late_entry_days: u32,
}

impl Book {
    /// The rules of an application for a bundle.
    pub fn of(app: &TestApp, bundle: Option<&str>) -> Self {
        let file = seed::catalogue_file();
        let config = &app.program().config;
        let items = file.items.iter();
        let known = |code: &str| file.bundles.iter().find(|known| known.code == code);
        Self {
            items: items.map(|item| (item.code.as_str(), item)).collect(),
            departments: file
                .departments
                .iter()
                .map(|one| one.code.as_str())
                .collect(),
            bundle: bundle.map(|code| known(code).expect(code)),
            calendar: Arc::new(seed::working_days().clone()),
            conventions: config.conventions.clone(),
            thresholds: config.thresholds.clone(),
            mediation: config.mediation.clone(),
            visits: config.visits.clone(),
            opposed: config.opinions.clone(),
            late_entry_days: config.late_entry_days,
        }
    }

    /// Whether the centre has a department.
    pub(super) fn has_department(&self, code: &str) -> bool {
        self.departments.contains(code)
    }
}

impl Rules for Book {
    fn item(&self, case: &Case) -> Option<&ItemVersion> {
        self.items.get(case.item.as_str()).copied()
    }

    fn bundle(&self) -> Option<&BundleVersion> {
        self.bundle
    }

    fn calendar(&self, _: Option<&str>) -> &Arc<Calendar> {
        &self.calendar
    }

    fn conventions(&self) -> &Conventions {
        &self.conventions
    }

    fn mediation(&self) -> &MediationPolicy {
        &self.mediation
    }

    fn thresholds(&self) -> &Thresholds {
        &self.thresholds
    }
}
