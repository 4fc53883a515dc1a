use proptest::prelude::*;

use super::*;
use crate::catalogue::county::{county, item, owned};
use crate::item::ItemVersion;

fn pairs(answers: &[(&str, &str)]) -> Answers {
    Answers(
        answers
            .iter()
            .map(|(q, v)| ((*q).to_owned(), (*v).to_owned()))
            .collect(),
    )
}

fn of_bundle(answers: &[(&str, &str)], items: &[&str], materials: &[&str]) -> SubmissionRequest {
    let answers = pairs(answers);
    let bundle = Some(BundleChoice {
        bundle: "B".to_owned(),
        answers,
    });
    SubmissionRequest {
        bundle,
        ..of_items(items, materials)
    }
}

fn of_items(items: &[&str], materials: &[&str]) -> SubmissionRequest {
    SubmissionRequest {
        bundle: None,
        items: owned(items),
        applicant_kind: ApplicantKind::Enterprise,
        materials: owned(materials),
    }
}

fn planned(request: &SubmissionRequest) -> Vec<(String, usize, String)> {
    let plan = check(request, &county()).unwrap();
    plan.items
        .into_iter()
        .map(|item| (item.item, item.layer, item.predecessors.join(" ")))
        .collect()
}

fn line(item: &str, layer: usize, predecessors: &str) -> (String, usize, String) {
    (item.to_owned(), layer, predecessors.to_owned())
}

fn refused(request: &SubmissionRequest) -> Vec<Rejected> {
    check(request, &county()).unwrap_err()
}

#[test]
fn a_bundle_without_items_means_all_of_its_guide() {
    let request = of_bundle(&[("Q1", "Y")], &[], &["M-FORM", "M-PLAN"]);
    assert_eq!(
        planned(&request),
        [line("A", 0, ""), line("B", 1, "A"), line("C", 2, "B")]
    );
}

#[test]
fn items_beside_a_bundle_are_a_choice_from_its_guide() {
    let request = of_bundle(
        &[("Q1", "Y"), ("Q2", "Y")],
        &["B", "A"],
        &["M-FORM", "M-PLAN"],
    );
    assert_eq!(planned(&request), [line("A", 0, ""), line("B", 1, "A")]);
    let plan = check(&request, &county()).unwrap();
    let form = plan
        .materials
        .iter()
        .find(|material| material.material == "M-FORM")
        .unwrap();
    assert_eq!(form.wanted_by, ["A", "B"]);
}

#[test]
fn what_an_item_waits_for_must_be_chosen_with_it() {
    let missing = |code: &str| {
        Reason::ItemMissing {
            item: code.to_owned(),
        }
        .at("items")
    };
    let materials = ["M-FORM", "M-PLAN"];
    assert_eq!(
        refused(&of_bundle(&[("Q1", "Y")], &["C"], &materials)),
        [missing("A"), missing("B")]
    );
    // When the answers exclude B, C waits for nothing.
    assert_eq!(
        planned(&of_bundle(&[("Q1", "N")], &["C"], &["M-FORM"])),
        [line("C", 0, "")]
    );
}

#[test]
fn materials_of_missing_items_are_asked_for_at_once() {
    let faults = refused(&of_bundle(&[("Q1", "Y")], &["C"], &[]));
    let materials = "材料M-FORM (M-FORM)；材料M-PLAN (M-PLAN)".to_owned();
    assert_eq!(
        faults.last(),
        Some(&Reason::MaterialMissing { materials }.at("materials"))
    );
}

#[test]
fn faults_of_bundle_and_answers_hide_what_would_follow() {
    let mut request = of_bundle(&[], &["A", "A"], &[]);
    if let Some(choice) = &mut request.bundle {
        choice.bundle = "X".to_owned();
    }
    let twice = Reason::ItemTwice {
        item: "A".to_owned(),
    }
    .at("items.1");
    assert_eq!(
        refused(&request),
        [
            twice,
            Reason::BundleNotPublished {
                bundle: "X".to_owned()
            }
            .at("bundle")
        ]
    );
    let q = |id: &str| id.to_owned();
    assert_eq!(
        refused(&of_bundle(&[("Q9", "Y"), ("Q1", "?")], &[], &[])),
        [
            Reason::QuestionUnknown { question: q("Q9") }.at("answers.0.question"),
            Reason::AnswerUnknown { question: q("Q1") }.at("answers.1.value"),
        ]
    );
}

#[test]
fn nothing_asked_for_is_a_fault_of_its_own() {
    assert_eq!(
        refused(&of_items(&[], &["M-FORM"])),
        [Reason::NoItems.at("items")]
    );
    let mut county = county();
    let only_if = crate::catalogue::county::component("A", &[], Some("Q1"));
    county.add_bundle(crate::catalogue::county::bundle(vec![only_if]));
    assert_eq!(
        check(&of_bundle(&[], &[], &[]), &county),
        Err(vec![Reason::NoItems.at("items")])
    );
}

#[test]
fn all_faults_of_items_and_materials_come_at_once() {
    let faults = refused(&of_items(
        &["A", "Z", "A", "B"],
        &["M-LATER", "M-FORM", "M-FORM"],
    ));
    assert_eq!(
        faults,
        [
            Reason::ItemTwice {
                item: "A".to_owned()
            }
            .at("items.2"),
            Reason::ItemNotPublished {
                item: "Z".to_owned()
            }
            .at("items.1"),
            // M-LATER may be on the list of the unpublished item, so nothing is said of it yet.
            Reason::MaterialTwice {
                material: "M-FORM".to_owned()
            }
            .at("materials.2.code"),
            Reason::MaterialMissing {
                materials: "材料M-PLAN (M-PLAN)".to_owned()
            }
            .at("materials"),
        ]
    );
    assert_eq!(
        refused(&of_items(&["A"], &["M-FORM", "M-LATER"])),
        [Reason::MaterialNotListed {
            material: "M-LATER".to_owned()
        }
        .at("materials.1.code")]
    );
}

#[test]
fn shared_and_later_materials_may_but_need_not_be_handed_in() {
    for materials in [&["M-FORM"] as &[_], &["M-FORM", "M-GOV", "M-LATER"]] {
        assert!(
            check(&of_items(&["A", "C"], materials), &county()).is_ok(),
            "{materials:?}"
        );
    }
}

#[test]
fn an_item_is_for_certain_applicants_only() {
    let mut request = of_items(&["C", "A"], &["M-FORM"]);
    request.applicant_kind = ApplicantKind::Agency;
    let not_for = |code: &str, path: &str| {
        Reason::ItemNotForApplicant {
            item: code.to_owned(),
        }
        .at(path)
    };
    assert_eq!(
        refused(&request),
        [not_for("C", "items.0"), not_for("A", "items.1")]
    );
    let mut request = of_bundle(&[("Q2", "Y")], &[], &["M-FORM"]);
    request.applicant_kind = ApplicantKind::Agency;
    assert_eq!(
        refused(&request),
        ["C", "A", "D"].map(|code| not_for(code, "applicant.kind"))
    );
}

#[test]
fn a_founder_may_ask_for_what_the_new_body_gets() {
    let mut county = county();
    county.add_item(ItemVersion {
        audience: vec![ApplicantKind::Enterprise],
        ..county.item("B").unwrap().clone()
    });
    let founder = |request: SubmissionRequest| SubmissionRequest {
        applicant_kind: ApplicantKind::NaturalPerson,
        ..request
    };
    let not_for = |path: &str| {
        let item = "B".to_owned();
        Reason::ItemNotForApplicant { item }.at(path)
    };

    let bundle = founder(of_bundle(&[("Q1", "Y")], &[], &["M-FORM", "M-PLAN"]));
    assert_eq!(check(&bundle, &county).unwrap().items.len(), 3);

    let single = founder(of_items(&["A", "B"], &["M-FORM", "M-PLAN"]));
    assert_eq!(check(&single, &county).unwrap_err(), [not_for("items.1")]);
}

#[test]
fn predecessors_of_single_items_bind_only_if_chosen() {
    let mut county = county();
    county.add_item(ItemVersion {
        predecessors: owned(&["A"]),
        ..item("E", 1, &[])
    });
    let alone = check(&of_items(&["E"], &[]), &county).unwrap();
    assert_eq!(
        (alone.items[0].layer, alone.items[0].predecessors.len()),
        (0, 0)
    );
    let both = check(&of_items(&["E", "A"], &["M-FORM"]), &county).unwrap();
    let order: Vec<&str> = both.items.iter().map(|item| item.item.as_str()).collect();
    assert_eq!(order, ["A", "E"]);
}

#[test]
fn endless_lists_are_refused_before_they_are_read() {
    let request = of_items(&["A"; ITEMS_MAX + 1], &["M-FORM"; MATERIALS_MAX + 1]);
    assert_eq!(
        refused(&request),
        [
            Reason::ListTooLong { max: ITEMS_MAX }.at("items"),
            Reason::ListTooLong { max: MATERIALS_MAX }.at("materials"),
        ]
    );
}

proptest! {
    #[test]
    fn a_plan_is_complete_and_a_refusal_says_why(
        beside_bundle in any::<bool>(),
        answers in prop::collection::vec(("Q[0-5]", "[YNX]"), 0..4),
        items in prop::collection::vec("[A-E]", 0..5),
        materials in prop::collection::vec("M-(FORM|PLAN|LATER|GOV|ODD)", 0..5),
    ) {
        let bundle = beside_bundle.then(|| BundleChoice { bundle: "B".to_owned(), answers: Answers(answers) });
        let request = SubmissionRequest { bundle, items, applicant_kind: ApplicantKind::Enterprise, materials };
        match check(&request, &county()) {
            Ok(plan) => {
                // What is previewed is what is filed.
                let preview = chosen_guide(request.bundle.as_ref(), &request.items, &county()).unwrap();
                prop_assert_eq!(preview.items.len(), plan.items.len());
                prop_assert_eq!(&preview.materials, &plan.materials);
                for (at, item) in plan.items.iter().enumerate() {
                    let before: Vec<&String> = plan.items[..at].iter().map(|earlier| &earlier.item).collect();
                    prop_assert!(item.predecessors.iter().all(|code| before.contains(&code)));
                    prop_assert!(request.items.is_empty() || request.items.contains(&item.item));
                }
                prop_assert!(request.items.is_empty() || request.items.len() == plan.items.len());
                prop_assert!(request.materials.iter().all(|code| plan.materials.iter().any(|m| m.material == *code)));
            }
            Err(faults) => prop_assert!(!faults.is_empty()),
        }
    }
}
