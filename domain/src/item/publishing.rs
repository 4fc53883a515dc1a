//! What must be true of an item before it may be published.

use std::fmt;

use crate::catalogue::CatalogueView;
use crate::clock::Unit;
use crate::code::Code;
use crate::coded;
use crate::item::{CaseType, ItemVersion, OnlineDepth, ResultKind};
use crate::item_code;

coded! {
    /// A rule that an item or a bundle must keep to be published.
    pub enum PublishingRule {
        /// A name must be given, of at most 200 characters.
        NameGiven = "NAME_GIVEN",
        /// Basic, implementation and handling-item code have 12, 31 and 33 characters and contain one another.
        CodesFit = "CODES_FIT",
        /// The department is in the catalogue.
        DepartmentKnown = "DEPARTMENT_KNOWN",
        /// The promise is not above the statutory limit, when both have the same unit.
        PromiseWithinStatute = "PROMISE_WITHIN_STATUTE",
        /// An item is immediate exactly when its promise is zero.
        ImmediateMeansZero = "IMMEDIATE_MEANS_ZERO",
        /// There are steps, and their days make up the promise.
        StepsMakePromise = "STEPS_MAKE_PROMISE",
        /// An acceptance check of its own has 1 to 5 working days, and a renewal is applied for at least a day and at most a
        /// year before the licence ends.
        OwnLimitsFit = "OWN_LIMITS_FIT",
        /// Nobody has to come to the hall for an item that is handled online the whole way.
        OnlineMeansNoVisit = "ONLINE_MEANS_NO_VISIT",
        /// The name of the result ends in 证 or 照 exactly when the result is a certificate.
        CertificateNamed = "CERTIFICATE_NAMED",
        /// The legal basis is given.
        BasisGiven = "BASIS_GIVEN",
        /// A fee is in the catalogue, with basis and standard.
        FeeFounded = "FEE_FOUNDED",
        /// Every material is in the catalogue, once.
        MaterialKnown = "MATERIAL_KNOWN",
        /// No material is called 其他材料 or 有关材料.
        MaterialNamed = "MATERIAL_NAMED",
        /// The item is for at least one kind of applicant.
        AudienceGiven = "AUDIENCE_GIVEN",
        /// Every predecessor is in the catalogue, and none leads back to the item.
        PredecessorsFit = "PREDECESSORS_FIT",
        /// Every component of a bundle is an item of the catalogue, once.
        ComponentKnown = "COMPONENT_KNOWN",
        /// A component depends only on components of the same bundle.
        DependencyKnown = "DEPENDENCY_KNOWN",
        /// Dependencies do not run in a circle.
        NoCycle = "NO_CYCLE",
        /// Conditions speak of questions and options that the bundle has.
        ConditionFits = "CONDITION_FITS",
        /// Questions and options have names of their own, and every question has options.
        QuestionsFit = "QUESTIONS_FIT",
        /// Joint handling has a joint statutory limit; a package of separate decisions has none (行政许可法 第四十二条).
        JointLimitFits = "JOINT_LIMIT_FITS",
    }
}

/// A rule that is broken, and by what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The rule.
    pub rule: PublishingRule,
    /// What was found instead.
    pub found: String,
}

impl Fault {
    /// A fault against a rule.
    pub fn new(rule: PublishingRule, found: impl Into<String>) -> Self {
        Self {
            rule,
            found: found.into(),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.rule.code(), self.found)
    }
}

/// Everything that forbids publishing an item; empty when it may be published.
pub fn publishing_faults(item: &ItemVersion, catalogue: &dyn CatalogueView) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut demand = |holds: bool, rule: PublishingRule, found: String| {
        if !holds {
            faults.push(Fault::new(rule, found));
        }
    };

    let named = !item.name.trim().is_empty() && item.name.chars().count() <= 200;
    demand(named, PublishingRule::NameGiven, item.name.clone());
    demand(
        codes_fit(item, catalogue),
        PublishingRule::CodesFit,
        format!(
            "{} / {} / {}",
            item.basic_code, item.implementation_code, item.handling_item_code
        ),
    );
    demand(
        catalogue.department(&item.department).is_some(),
        PublishingRule::DepartmentKnown,
        item.department.clone(),
    );
    demand(
        !item.audience.is_empty(),
        PublishingRule::AudienceGiven,
        String::new(),
    );
    demand(
        !item.legal_basis.text.trim().is_empty(),
        PublishingRule::BasisGiven,
        item.legal_basis.text.clone(),
    );
    demand_limits(item, &mut demand);
    demand(
        item.online_depth != OnlineDepth::Full || item.visits_needed == 0,
        PublishingRule::OnlineMeansNoVisit,
        format!("visits {}", item.visits_needed),
    );
    let sounds_like_one = item.result.name.ends_with(['证', '照']);
    demand(
        sounds_like_one == (item.result.kind == ResultKind::Certificate),
        PublishingRule::CertificateNamed,
        format!("{} is {}", item.result.name, item.result.kind.code()),
    );
    if let Some(code) = &item.fee {
        let founded = catalogue
            .fee(code)
            .is_some_and(|fee| !fee.basis.trim().is_empty() && !fee.standards.is_empty());
        demand(founded, PublishingRule::FeeFounded, code.clone());
    }
    for (at, code) in item.materials.iter().enumerate() {
        let material = catalogue.material(code);
        let known = material.is_some() && !item.materials[..at].contains(code);
        demand(known, PublishingRule::MaterialKnown, code.clone());
        if let Some(material) = material {
            let vague = matches!(material.name.trim(), "其他材料" | "有关材料" | "");
            demand(
                !vague,
                PublishingRule::MaterialNamed,
                format!("{code} {}", material.name),
            );
        }
    }
    demand(
        predecessors_fit(item, catalogue),
        PublishingRule::PredecessorsFit,
        item.predecessors.join(", "),
    );
    faults
}

fn demand_limits(item: &ItemVersion, demand: &mut dyn FnMut(bool, PublishingRule, String)) {
    if let Some(statutory) = item
        .statutory
        .filter(|s| s.limit.unit == item.promised.unit)
    {
        demand(
            item.promised.n <= statutory.limit.n,
            PublishingRule::PromiseWithinStatute,
            format!(
                "promised {}, statutory {}",
                item.promised.n, statutory.limit.n
            ),
        );
    }
    demand(
        (item.case_type == CaseType::Immediate) == (item.promised.n == 0),
        PublishingRule::ImmediateMeansZero,
        format!(
            "{} with a promise of {}",
            item.case_type.code(),
            item.promised.n
        ),
    );
    let days: u64 = item.steps.iter().map(|step| u64::from(step.days)).sum();
    demand(
        !item.steps.is_empty() && days == u64::from(item.promised.n),
        PublishingRule::StepsMakePromise,
        format!("steps {days}, promised {}", item.promised.n),
    );
    if let Some(check) = item.acceptance_check {
        let mut days = [Some(check.days), check.online_days].into_iter().flatten();
        demand(
            days.all(|days| (1..=5).contains(&days)),
            PublishingRule::OwnLimitsFit,
            format!("acceptance check {check:?}"),
        );
    }
    if let Some(apply) = item.renewal_apply {
        let most = match apply.unit {
            Unit::Workday | Unit::CalendarDay => 365,
            Unit::Month => 12,
            Unit::Year => 1,
        };
        demand(
            (1..=most).contains(&apply.n),
            PublishingRule::OwnLimitsFit,
            format!("renewal applied for {apply:?} before"),
        );
    }
}

fn codes_fit(item: &ItemVersion, catalogue: &dyn CatalogueView) -> bool {
    item_code::is_basic_code(&item.basic_code)
        && item_code::is_implementation_code(&item.implementation_code)
        && item_code::is_handling_item_code(&item.handling_item_code)
        && item.implementation_code.ends_with(&item.basic_code)
        && item
            .handling_item_code
            .starts_with(&item.implementation_code)
        && catalogue
            .department(&item.department)
            .is_none_or(|department| {
                item.implementation_code
                    .starts_with(&department.credit_code)
            })
}

/// Walks the predecessors of an item; they must all be known, and none may be the item itself.
fn predecessors_fit(item: &ItemVersion, catalogue: &dyn CatalogueView) -> bool {
    let mut seen: Vec<&str> = Vec::new();
    let mut open: Vec<&str> = item.predecessors.iter().map(String::as_str).collect();
    while let Some(code) = open.pop() {
        if code == item.code {
            return false;
        }
        if seen.contains(&code) {
            continue;
        }
        seen.push(code);
        let Some(predecessor) = catalogue.item(code) else {
            return false;
        };
        open.extend(predecessor.predecessors.iter().map(String::as_str));
    }
    true
}

#[cfg(test)]
mod tests;
