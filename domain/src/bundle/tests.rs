use super::*;
use crate::catalogue::Catalogue;
use crate::catalogue::county::{bundle, component, county, owned, question, workdays};

/// What a test spoils.
type Change = fn(&mut BundleVersion);

fn rules(bundle: &BundleVersion, catalogue: &Catalogue) -> Vec<PublishingRule> {
    publishing_faults(bundle, catalogue)
        .into_iter()
        .map(|fault| fault.rule)
        .collect()
}

#[test]
fn the_bundle_of_the_county_may_be_published() {
    let county = county();
    assert_eq!(rules(county.bundle("B").unwrap(), &county), []);
}

#[test]
fn each_rule_is_checked() {
    let county = county();
    let good = || {
        bundle(vec![
            component("A", &[], None),
            component("B", &["A"], Some("Q1")),
        ])
    };
    let broken: [(PublishingRule, Change); 11] = [
        (PublishingRule::NameGiven, |b| b.name = "  ".to_owned()),
        (PublishingRule::DepartmentKnown, |b| {
            b.lead_department = "X".to_owned();
        }),
        (PublishingRule::JointLimitFits, |b| {
            b.joint_statutory = None;
        }),
        (PublishingRule::JointLimitFits, |b| {
            b.legal_mode = LegalMode::ServicePackage;
        }),
        (PublishingRule::PromiseWithinStatute, |b| {
            b.joint_promised = workdays(46);
        }),
        (PublishingRule::QuestionsFit, |b| {
            b.questions.push(question("Q1"));
        }),
        (PublishingRule::ComponentKnown, |b| {
            b.components.push(component("A", &[], None));
        }),
        (PublishingRule::ComponentKnown, |b| b.components.clear()),
        (PublishingRule::DependencyKnown, |b| {
            b.components[0].depends_on = owned(&["D"]);
        }),
        (PublishingRule::NoCycle, |b| {
            b.components[0].depends_on = owned(&["B"]);
        }),
        (PublishingRule::ConditionFits, |b| {
            b.components[1] = component("B", &["A"], Some("Q9"));
        }),
    ];
    assert_eq!(rules(&good(), &county), []);
    for (rule, break_it) in broken {
        let mut bundle = good();
        break_it(&mut bundle);
        assert_eq!(rules(&bundle, &county), [rule]);
    }
}

#[test]
fn an_item_that_waits_for_itself_is_a_circle() {
    let county = county();
    assert_eq!(
        rules(&bundle(vec![component("A", &["A"], None)]), &county),
        [PublishingRule::NoCycle]
    );
}

#[test]
fn the_grammar_of_conditions() {
    let read = |text: &str| serde_json::from_str::<Option<Condition>>(text);
    let answers = Answers(vec![
        ("Q1".to_owned(), "Y".to_owned()),
        ("Q2".to_owned(), "N".to_owned()),
    ]);
    for (text, holds) in [
        ("null", true),
        (r#"{"q":"Q1","in":["Y"]}"#, true),
        (r#"{"q":"Q1","in":["N","Y"]}"#, true),
        (r#"{"q":"Q2","in":["Y"]}"#, false),
        (r#"{"q":"Q3","in":["Y"]}"#, false),
        (r#"{"all":[]}"#, true),
        (
            r#"{"all":[{"q":"Q1","in":["Y"]},{"all":[{"q":"Q2","in":["N"]}]}]}"#,
            true,
        ),
        (
            r#"{"all":[{"q":"Q1","in":["Y"]},{"q":"Q3","in":["N"]}]}"#,
            false,
        ),
    ] {
        let include_when = read(text).unwrap();
        assert_eq!(serde_json::to_string(&include_when).unwrap(), text);
        let component = Component {
            include_when,
            ..component("A", &[], None)
        };
        assert_eq!(component.is_needed(&answers), holds, "{text}");
    }
    for text in [
        r#"{"any":[]}"#,
        r#"{"q":"Q1"}"#,
        r#"{"q":"Q1","in":["Y"],"all":[]}"#,
        "[]",
        r#""Q1""#,
    ] {
        assert!(read(text).is_err(), "{text}");
    }
}
