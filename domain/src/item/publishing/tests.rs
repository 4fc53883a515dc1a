use super::*;
use crate::catalogue::Catalogue;
use crate::catalogue::county::{county, fee, item, material, owned, workdays};
use crate::clock::{Limit, Unit};
use crate::item::{AcceptanceCheck, Fee, Material, MaterialSource, Necessity};

/// What a test spoils.
type Change = fn(&mut ItemVersion);

fn rules(item: &ItemVersion, catalogue: &Catalogue) -> Vec<PublishingRule> {
    publishing_faults(item, catalogue)
        .into_iter()
        .map(|fault| fault.rule)
        .collect()
}

#[test]
fn the_items_of_the_county_may_be_published() {
    let county = county();
    for item in county.items() {
        assert_eq!(rules(item, &county), [], "{}", item.code);
    }
}

#[test]
fn each_rule_is_checked() {
    let mut county = county();
    let vague = material("M-ETC", Necessity::Optional, MaterialSource::Applicant);
    county.add_material(Material {
        name: "有关材料".to_owned(),
        ..vague
    });
    county.add_fee(Fee {
        standards: Vec::new(),
        ..fee("F-FREE")
    });
    county.add_fee(Fee {
        basis: " ".to_owned(),
        ..fee("F-BARE")
    });
    let broken: [(PublishingRule, Change); 28] = [
        (PublishingRule::NameGiven, |i| i.name = String::new()),
        (PublishingRule::NameGiven, |i| i.name = "事".repeat(201)),
        (PublishingRule::CodesFit, |i| {
            i.basic_code = "990104001".to_owned();
        }),
        (PublishingRule::CodesFit, |i| {
            i.basic_code = "990104001001".to_owned();
        }),
        (PublishingRule::CodesFit, |i| {
            i.handling_item_code.push('1');
        }),
        (PublishingRule::DepartmentKnown, |i| {
            i.department = "X".to_owned();
        }),
        (PublishingRule::AudienceGiven, |i| i.audience.clear()),
        (PublishingRule::BasisGiven, |i| {
            i.legal_basis.text = "\u{3000}".to_owned();
        }),
        (PublishingRule::PromiseWithinStatute, |i| {
            i.promised = workdays(21);
            i.steps[0].days = 21;
        }),
        (PublishingRule::ImmediateMeansZero, |i| {
            i.case_type = CaseType::Immediate;
        }),
        (PublishingRule::ImmediateMeansZero, |i| {
            i.promised = workdays(0);
            i.steps[0].days = 0;
        }),
        (PublishingRule::StepsMakePromise, |i| i.steps[0].days = 4),
        (PublishingRule::StepsMakePromise, |i| i.steps.clear()),
        (PublishingRule::OwnLimitsFit, |i| {
            i.acceptance_check = Some(check(0, None));
        }),
        (PublishingRule::OwnLimitsFit, |i| {
            i.acceptance_check = Some(check(6, None));
        }),
        (PublishingRule::OwnLimitsFit, |i| {
            i.acceptance_check = Some(check(3, Some(6)));
        }),
        (PublishingRule::OwnLimitsFit, |i| {
            i.renewal_apply = Some(workdays(0));
        }),
        (PublishingRule::OwnLimitsFit, |i| {
            let unit = Unit::Month;
            i.renewal_apply = Some(Limit { n: 13, unit });
        }),
        (PublishingRule::OnlineMeansNoVisit, |i| i.visits_needed = 1),
        (PublishingRule::CertificateNamed, |i| {
            i.result.name = "登记证书".to_owned();
        }),
        (PublishingRule::CertificateNamed, |i| {
            i.result.kind = ResultKind::ApprovalDocument;
        }),
        (PublishingRule::FeeFounded, |i| {
            i.fee = Some("F-FREE".to_owned());
        }),
        (PublishingRule::FeeFounded, |i| {
            i.fee = Some("F-BARE".to_owned());
        }),
        (PublishingRule::FeeFounded, |i| {
            i.fee = Some("F-NONE".to_owned());
        }),
        (PublishingRule::MaterialKnown, |i| {
            i.materials = owned(&["M-NONE"]);
        }),
        (PublishingRule::MaterialNamed, |i| {
            i.materials = owned(&["M-ETC"]);
        }),
        (PublishingRule::PredecessorsFit, |i| {
            i.predecessors = owned(&["Z"]);
        }),
        (PublishingRule::PredecessorsFit, |i| {
            i.predecessors = owned(&["X"]);
        }),
    ];
    for (rule, break_it) in broken {
        let mut item = item("X", 5, &["M-FORM"]);
        break_it(&mut item);
        assert_eq!(rules(&item, &county), [rule], "{item:?}");
    }
}

fn check(days: u32, online_days: Option<u32>) -> AcceptanceCheck {
    AcceptanceCheck { days, online_days }
}

#[test]
fn limits_of_its_own_may_be_published() {
    let mut item = item("X", 5, &[]);
    item.acceptance_check = Some(check(2, Some(1)));
    for (n, unit) in [
        (30, Unit::Workday),
        (365, Unit::CalendarDay),
        (6, Unit::Month),
        (1, Unit::Year),
    ] {
        item.renewal_apply = Some(Limit { n, unit });
        assert_eq!(rules(&item, &county()), [], "{n} {unit:?}");
    }
}

#[test]
fn limits_of_different_units_are_not_compared() {
    let mut item = item("X", 5, &[]);
    let short = Limit {
        n: 3,
        unit: Unit::CalendarDay,
    };
    item.statutory = item.statutory.map(|statutory| crate::item::StatutoryLimit {
        limit: short,
        ..statutory
    });
    assert_eq!(rules(&item, &county()), []);
}

#[test]
fn predecessors_in_a_circle_are_found_and_left() {
    let mut county = county();
    let after = |code: &str, other: &str| ItemVersion {
        predecessors: owned(&[other]),
        ..item(code, 5, &[])
    };
    county.add_item(after("X", "Y"));
    county.add_item(after("Y", "X"));
    for code in ["X", "Y"] {
        assert_eq!(
            rules(county.item(code).unwrap(), &county),
            [PublishingRule::PredecessorsFit]
        );
    }
    // An item that only leads into the circle is not to blame, and the walk comes to an end.
    assert_eq!(rules(&after("W", "X"), &county), []);
}
