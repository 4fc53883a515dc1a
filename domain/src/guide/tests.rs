use proptest::prelude::*;

use super::*;
use crate::catalogue::Catalogue;
use crate::catalogue::county::{bundle, component, county, item, owned};
use crate::item::ItemVersion;

fn answers(pairs: &[(&str, &str)]) -> Answers {
    Answers(
        pairs
            .iter()
            .map(|(q, v)| ((*q).to_owned(), (*v).to_owned()))
            .collect(),
    )
}

fn guide_of(pairs: &[(&str, &str)]) -> Result<Guide, Rejected> {
    let county = county();
    guide(county.bundle("B").unwrap(), &county, &answers(pairs))
}

#[test]
fn items_keep_the_order_of_the_bundle_and_begin_by_layers() {
    let guide = guide_of(&[("Q1", "Y"), ("Q2", "Y")]).unwrap();
    let items: Vec<&str> = guide.items.iter().map(|item| item.item.as_str()).collect();
    assert_eq!(items, ["C", "A", "B", "D"]);
    assert_eq!(guide.layers(), vec![vec!["A", "D"], vec!["B"], vec!["C"]]);
    assert_eq!(guide.items[0].predecessors, ["B"]);
    assert_eq!(guide.critical_path_days, 3 + 5 + 7);
    assert_eq!(
        guide.fees,
        [GuideFee {
            item: "D".to_owned(),
            fee: "F".to_owned()
        }]
    );
    assert_eq!(guide.site_visit_departments, ["D"]);
}

#[test]
fn what_depends_on_an_excluded_item_need_not_wait() {
    for pairs in [&[("Q1", "N")] as &[_], &[]] {
        let guide = guide_of(pairs).unwrap();
        assert_eq!(guide.layers(), [["C", "A"]], "{pairs:?}");
        assert_eq!(guide.critical_path_days, 7);
    }
}

#[test]
fn materials_are_merged_and_know_who_wants_them() {
    let guide = guide_of(&[("Q1", "Y")]).unwrap();
    let merged: Vec<(&str, String)> = guide
        .materials
        .iter()
        .map(|material| (material.material.as_str(), material.wanted_by.join(" ")))
        .collect();
    assert_eq!(
        merged,
        [
            ("M-LATER", "C".to_owned()),
            ("M-FORM", "C A B".to_owned()),
            ("M-GOV", "A".to_owned()),
            ("M-PLAN", "B".to_owned()),
        ]
    );
    assert_eq!(guide.materials_if_separate, 6);
    assert_eq!(
        guide
            .obtained_by_sharing()
            .map(|m| m.material.as_str())
            .collect::<Vec<_>>(),
        ["M-GOV"]
    );
    assert_eq!(guide.applicant_provides().count(), 3);
}

#[test]
fn answers_must_fit_the_questions() {
    let question = || "Q1".to_owned();
    assert_eq!(
        guide_of(&[("Q9", "Y")]),
        Err(Reason::QuestionUnknown {
            question: "Q9".to_owned()
        }
        .at("answers.0.question"))
    );
    assert_eq!(
        guide_of(&[("Q2", "Y"), ("Q1", "X")]),
        Err(Reason::AnswerUnknown {
            question: question()
        }
        .at("answers.1.value"))
    );
    assert_eq!(
        guide_of(&[("Q1", "Y"), ("Q1", "N")]),
        Err(Reason::AnswerUnknown {
            question: question()
        }
        .at("answers.1.value"))
    );
}

#[test]
fn a_circle_is_refused_and_not_walked() {
    let county = county();
    let circle = bundle(vec![
        component("A", &["B"], None),
        component("B", &["A"], None),
    ]);
    assert_eq!(
        guide(&circle, &county, &Answers::default()),
        Err(Reason::BundleNotPublished {
            bundle: "B".to_owned()
        }
        .at("bundle"))
    );
}

#[test]
fn an_unpublished_component_is_refused() {
    let stale = bundle(vec![component("Z", &[], None)]);
    assert_eq!(
        guide(&stale, &county(), &Answers::default()),
        Err(Reason::ItemNotPublished {
            item: "Z".to_owned()
        }
        .at("items"))
    );
}

#[test]
fn items_by_themselves_wait_for_their_predecessors_only() {
    let mut county = county();
    county.add_item(ItemVersion {
        predecessors: owned(&["A", "Z"]),
        ..item("E", 2, &["M-FORM"])
    });
    let guide = guide_for_items(&["E", "C", "A"], &county).unwrap();
    assert_eq!(guide.layers(), vec![vec!["C", "A"], vec!["E"]]);
    assert_eq!(guide.critical_path_days, 7);
    assert_eq!(
        guide_for_items(&["A", "A"], &county),
        Err(Reason::ItemTwice {
            item: "A".to_owned()
        }
        .at("items.1"))
    );
    assert_eq!(
        guide_for_items(&["A", "Z"], &county),
        Err(Reason::ItemNotPublished {
            item: "Z".to_owned()
        }
        .at("items.1"))
    );
}

/// A county of `days.len()` items and a bundle over them with these links and conditions.
fn any_bundle(
    days: &[u32],
    edges: &[(usize, usize)],
    asked: &[bool],
) -> (Catalogue, BundleVersion) {
    let mut county = county();
    let mut components = Vec::new();
    for (at, days) in days.iter().enumerate() {
        let code = format!("I{at}");
        county.add_item(item(&code, *days, &["M-FORM"]));
        let after: Vec<String> = edges
            .iter()
            .filter(|(to, _)| *to == at)
            .map(|(_, from)| format!("I{from}"))
            .collect();
        let after: Vec<&str> = after.iter().map(String::as_str).collect();
        let question = format!("Q{}", at % 5);
        components.push(component(
            &code,
            &after,
            asked[at].then_some(question.as_str()),
        ));
    }
    (county, bundle(components))
}

proptest! {
    #[test]
    fn included_predecessors_come_in_earlier_layers(
        days in prop::collection::vec(0_u32..60, 1..9),
        edges in prop::collection::vec((0_usize..9, 0_usize..9), 0..14),
        asked in prop::collection::vec(any::<bool>(), 9),
        given in prop::collection::vec(("Q[0-5]", "[YNX]"), 0..5),
    ) {
        let (county, bundle) = any_bundle(&days, &edges, &asked);
        let has_circle = crate::bundle::publishing_faults(&bundle, &county)
            .iter()
            .any(|fault| fault.rule == crate::item::PublishingRule::NoCycle);
        match guide(&bundle, &county, &Answers(given)) {
            Ok(guide) => {
                let layer = |code: &str| guide.items.iter().find(|item| item.item == code).map(|item| item.layer);
                for item in &guide.items {
                    let latest = item.predecessors.iter().map(|code| layer(code).unwrap() + 1).max();
                    prop_assert_eq!(item.layer, latest.unwrap_or(0));
                    let component = bundle.components.iter().find(|component| component.item == item.item).unwrap();
                    let included = component.depends_on.iter().filter(|code| layer(code).is_some());
                    prop_assert!(included.into_iter().all(|code| item.predecessors.contains(code)));
                }
                prop_assert!(guide.critical_path_days <= days.iter().sum());
                prop_assert_eq!(guide.layers().concat().len(), guide.items.len());
            }
            Err(fault) => {
                let about_answers = fault.field[0] == "answers";
                prop_assert!(about_answers || has_circle, "{fault:?}");
            }
        }
    }
}
