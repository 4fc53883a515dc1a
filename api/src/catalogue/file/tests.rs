use lianshen_domain::applicant::ApplicantKind;
use lianshen_domain::bundle::Answers;
use lianshen_domain::clock::Unit;
use lianshen_domain::guide::{Guide, MergedMaterial, guide, guide_for_items};
use lianshen_domain::item::{CaseType, PublishingRule};
use lianshen_domain::rejected::{Reason, Rejected};
use lianshen_domain::submission::{BundleChoice, Plan, SubmissionRequest, check};
use serde_json::{Value, json};

use super::*;

const SAMPLE: &str = include_str!("../../../data/sample-catalogue.json");

fn sample() -> CatalogueFile {
    parse(SAMPLE).unwrap()
}

fn written() -> Value {
    serde_json::from_str(SAMPLE).unwrap()
}

fn list(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap()
}

fn codes<'a>(materials: impl Iterator<Item = &'a MergedMaterial>) -> Vec<&'a str> {
    materials
        .map(|material| material.material.as_str())
        .collect()
}

fn answers(written: &Value) -> Answers {
    let pairs = written.as_object().unwrap().iter();
    Answers(
        pairs
            .map(|(question, value)| (question.clone(), value.as_str().unwrap().to_owned()))
            .collect(),
    )
}

/// A guide in the words of the file's examples.
fn as_example(guide: &Guide) -> Value {
    json!({
        "items": guide.items.iter().map(|item| &item.item).collect::<Vec<_>>(),
        "levels": guide.layers(),
        "criticalPathDays": guide.critical_path_days,
        "materials": codes(guide.materials.iter()),
        "applicantProvides": codes(guide.applicant_provides()),
        "itemsWithFee": guide.fees.iter().map(|fee| &fee.item).collect::<Vec<_>>(),
        "siteVisitDepartments": guide.site_visit_departments,
    })
}

#[test]
fn every_guide_example_comes_out_exactly() {
    let (file, written) = (sample(), written());
    let catalogue = file.catalogue();
    let mut compared = 0;
    for (bundle, written) in file.bundles.iter().zip(list(&written["bundles"])) {
        for example in list(&written["guideExamples"]) {
            let guide = guide(bundle, &catalogue, &answers(&example["answers"])).unwrap();
            assert_eq!(
                as_example(&guide),
                example["expect"],
                "{} {}",
                bundle.code,
                example["answers"]
            );
            compared += 1;
        }
    }
    assert_eq!(compared, 12);
}

/// The bundle with all its components, whatever the answers.
fn unconditional(bundle: &BundleVersion) -> BundleVersion {
    let mut bundle = bundle.clone();
    for component in &mut bundle.components {
        component.include_when = None;
    }
    bundle
}

#[test]
fn every_bundle_saves_the_expected_materials() {
    let (file, written) = (sample(), written());
    let catalogue = file.catalogue();
    for (bundle, written) in file.bundles.iter().zip(list(&written["bundles"])) {
        let guide = guide(&unconditional(bundle), &catalogue, &Answers::default()).unwrap();
        let counted = json!({
            "materialsIfSeparate": guide.materials_if_separate,
            "materialsMerged": guide.materials.len(),
            "materialsApplicantMustProvide": guide.applicant_provides().count(),
            "obtainedBySharing": guide.obtained_by_sharing().count(),
        });
        assert_eq!(counted, written["expect"], "{}", bundle.code);
        assert_eq!(
            json!(codes(guide.materials.iter())),
            written["mergedMaterials"],
            "{}",
            bundle.code
        );
    }
}

#[test]
fn the_aggregates_are_as_expected() {
    let (file, written) = (sample(), written());
    let expected = &written["expectedAggregates"];
    let comparable: Vec<(f64, f64)> = file
        .items
        .iter()
        .filter_map(|item| {
            item.statutory
                .map(|statutory| (statutory.limit, item.promised))
        })
        .filter(|(statutory, _)| statutory.unit == Unit::Workday && statutory.n > 0)
        .map(|(statutory, promised)| (f64::from(statutory.n), f64::from(promised.n)))
        .collect();
    let count = |n: usize| f64::from(u32::try_from(n).unwrap());
    let immediate = file
        .items
        .iter()
        .filter(|item| item.case_type == CaseType::Immediate)
        .count();
    let all = count(comparable.len());
    let statutory: f64 = comparable.iter().map(|(statutory, _)| statutory).sum();
    let promised: f64 = comparable.iter().map(|(_, promised)| promised).sum();
    let ratios: f64 = comparable
        .iter()
        .map(|(statutory, promised)| (statutory - promised) / statutory)
        .sum();
    let departments: BTreeSet<&String> = file.items.iter().map(|item| &item.department).collect();
    let with_fee = file.items.iter().filter(|item| item.fee.is_some()).count();
    for (name, counted) in [
        ("departments", count(file.departments.len())),
        ("departmentsWithItems", count(departments.len())),
        ("items", count(file.items.len())),
        ("immediateItems", count(immediate)),
        (
            "immediateItemRatePct",
            count(immediate) * 100.0 / count(file.items.len()),
        ),
        ("comparableItems", all),
        ("meanStatutory", statutory / all),
        ("meanPromised", promised / all),
        (
            "speedUpRatioOfMeansPct",
            (statutory - promised) * 100.0 / statutory,
        ),
        ("speedUpMeanOfRatiosPct", ratios * 100.0 / all),
        ("itemsWithFee", count(with_fee)),
        ("bundles", count(file.bundles.len())),
        ("materialsInPool", count(file.materials.len())),
    ] {
        let expected = expected[name].as_f64().unwrap();
        assert!(
            (counted - expected).abs() <= 0.005 + 1e-9,
            "{name}: {counted}, expected {expected}"
        );
    }
}

#[test]
fn the_sample_breaks_just_these_publishing_rules() {
    let faults: Vec<(String, PublishingRule)> = sample()
        .faults()
        .into_iter()
        .map(|(code, fault)| (code, fault.rule))
        .collect();
    let expected = [
        // Photograph and fingerprints are taken at the window, yet the file says FULL.
        ("GAJ-07-001", PublishingRule::OnlineMeansNoVisit),
        ("GAJ-01-002", PublishingRule::OnlineMeansNoVisit),
        // Certificates whose name ends in 书.
        ("MZJ-01-001", PublishingRule::CertificateNamed),
        ("MZJ-01-002", PublishingRule::CertificateNamed),
        ("ZRZY-07-002", PublishingRule::CertificateNamed),
    ];
    let mut expected: Vec<_> = expected
        .map(|(code, rule)| (code.to_owned(), rule))
        .to_vec();
    let mut faults = faults;
    expected.sort();
    faults.sort();
    assert_eq!(faults, expected);
}

#[test]
fn everything_survives_the_way_into_a_row_and_back() {
    let file = sample();
    for item in &file.items {
        let row = serde_json::to_string(item).unwrap();
        assert_eq!(serde_json::from_str::<ItemVersion>(&row).unwrap(), *item);
    }
    for bundle in &file.bundles {
        let row = serde_json::to_value(bundle).unwrap();
        assert_eq!(
            serde_json::from_value::<BundleVersion>(row).unwrap(),
            *bundle
        );
    }
    let rows = serde_json::to_string(&(&file.departments, &file.materials, &file.fees)).unwrap();
    let back: (Vec<Department>, Vec<Material>, Vec<Fee>) = serde_json::from_str(&rows).unwrap();
    assert_eq!(back, (file.departments, file.materials, file.fees));
}

#[test]
fn errors_say_where() {
    let changed = |pointer: &str, value: Value| {
        let mut file = written();
        *file.pointer_mut(pointer).unwrap() = value;
        parse(&file.to_string()).unwrap_err().to_string()
    };
    assert_eq!(
        changed("/items/3/type", json!("99")),
        "items.3.type: \"99\" is not a known ItemType; known are 01, 02, 03, 04, 05, 06, 07, 08, 09, 10, 20"
    );
    assert_eq!(
        changed("/items/0/audience/0", json!("7")),
        "items.0.audience.0: \"7\" is not a known ApplicantKind; known are 1, 2, 3, 4, 5, 6"
    );
    assert_eq!(
        changed("/materials/2/source", json!("BANK")),
        "materials.2.source: \"BANK\" is not a known MaterialSource; known are APPLICANT, GOV, INTERMEDIARY"
    );
    assert_eq!(
        changed("/items/1/code", json!("FGW-01-001")),
        "items.1.code: the code \"FGW-01-001\" stands twice"
    );
    assert_eq!(
        changed("/schemaVersion", json!(2)),
        "the catalogue file has schemaVersion 2, this program reads 1"
    );
    let unit = changed("/items/0/promised/unit", json!("WEEK"));
    for said in [
        "unknown Unit \"WEEK\", known are WORKDAY, ",
        " at line 1 column ",
    ] {
        assert!(unit.contains(said), "{unit}");
    }
    let condition = changed("/bundles/0/components/0/includeWhen", json!({"any": []}));
    assert!(
        condition.contains("a condition has `q` and `in`, or `all`"),
        "{condition}"
    );
    assert!(condition.contains("at line"), "{condition}");
    assert!(
        parse("[")
            .unwrap_err()
            .to_string()
            .contains("line 1 column 1")
    );
}

/// Left out, a check before acceptance means five days; mistyped, it would mean the same. So it is everywhere.
#[test]
fn a_key_that_nobody_knows_is_named_with_its_place_and_those_that_exist() {
    let item = "/items/0";
    let places = [
        ("", "`schemaVersion`, `region`"),
        ("/region", "`code`, `name`, `centre`"),
        ("/departments/0", "`hallWindow`"),
        ("/materials/0", "`sharedFrom`"),
        ("/fees/0", "`payeeKind`"),
        ("/fees/0/standard/0", "`case`, `amount`, `unit`"),
        ("/fees/0/waiver/0", "`rule` or `basis`"),
        (item, "`acceptanceCheck`, `renewalApply`"),
        ("/items/0/promised", "`n` or `unit`"),
        ("/items/0/acceptanceCheck", "`days` or `onlineDays`"),
        ("/items/0/steps/0", "`name` or `days`"),
        ("/items/0/result", "`validMonths`"),
        ("/items/0/statutory", "`n`, `unit`, `anchor`"),
        ("/items/0/extension", "`n`, `unit`, `approver`"),
        ("/items/0/specialProcedures/0", "`reason`, `legalBasis`"),
        ("/bundles/0", "`tacitConsent`"),
        ("/bundles/0/jointPromised", "`n` or `unit`"),
        ("/bundles/0/jointStatutory", "`n`, `unit`, `extension`"),
        ("/bundles/0/jointStatutory/extension", "`n` or `approver`"),
        ("/bundles/0/questions/0", "`id`, `text`, `options`"),
        ("/bundles/0/questions/0/options/0", "`value` or `label`"),
        ("/bundles/0/components/0", "`includeWhen`"),
        ("/bundles/0/tacitConsent", "`policy`, `days`, `note`"),
    ];
    let mut complete = written();
    let parts = [
        ("acceptanceCheck", json!({ "days": 3, "onlineDays": 1 })),
        (
            "statutory",
            json!({ "n": 20, "unit": "WORKDAY", "anchor": "ACCEPTED" }),
        ),
        (
            "extension",
            json!({ "n": 10, "unit": "WORKDAY", "approver": "AGENCY_HEAD" }),
        ),
        (
            "specialProcedures",
            json!([{ "reason": "EXPERT_REVIEW", "legalBasis": "第四十五条", "days": 5, "unit": "WORKDAY" }]),
        ),
        ("steps", json!([{ "name": "审查", "days": 1 }])),
    ];
    for (key, value) in parts {
        complete["items"][0][key] = value;
    }
    complete["bundles"][0]["jointStatutory"] = json!({ "n": 45, "unit": "CALENDAR_DAY", "extension": { "n": 15, "approver": "LOCAL_GOVERNMENT_HEAD" } });
    complete["fees"][0]["waiver"] = json!([{ "rule": "免收", "basis": "财综" }]);
    parse(&complete.to_string()).unwrap();
    for (place, known) in places {
        let mut file = complete.clone();
        let Some(Value::Object(entry)) = file.pointer_mut(place) else {
            panic!("{place} is not there");
        };
        entry.insert("mistyped".to_owned(), json!(1));
        let refused = parse(&file.to_string()).unwrap_err().to_string();
        for said in ["unknown field `mistyped`", known, " at line 1 column "] {
            assert!(refused.contains(said), "{place}: {refused}");
        }
    }
}

fn submitted(
    file: &CatalogueFile,
    items: &[&str],
    materials: &[&str],
    answers: Option<&[(&str, &str)]>,
) -> Result<Plan, Vec<Rejected>> {
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    let request = SubmissionRequest {
        bundle: answers.map(|pairs| BundleChoice {
            bundle: "YJS-001".to_owned(),
            answers: Answers(
                pairs
                    .iter()
                    .map(|(q, v)| ((*q).to_owned(), (*v).to_owned()))
                    .collect(),
            ),
        }),
        items: owned(items),
        applicant_kind: ApplicantKind::Enterprise,
        materials: owned(materials),
    };
    check(&request, &file.catalogue())
}

const RESTAURANT: &[(&str, &str)] = &[
    ("Q1", "N"),
    ("Q2", "Y"),
    ("Q3", "P"),
    ("Q4", "Y"),
    ("Q5", "N"),
    ("Q6", "Y"),
];

#[test]
fn a_restaurant_is_planned_by_layers() {
    // Neither shared materials nor those that may follow have to be handed in.
    let materials = [
        "M-APP",
        "M-ARTICLES",
        "M-SITE",
        "M-FIRE-P",
        "M-PLAN",
        "M-AD",
    ];
    let plan = submitted(&sample(), &[], &materials, Some(RESTAURANT)).unwrap();
    let items: Vec<_> = plan
        .items
        .iter()
        .map(|item| (item.item.as_str(), item.layer, item.predecessors.join(" ")))
        .collect();
    assert_eq!(
        items,
        [
            ("SJJ-01-001", 0, String::new()),
            ("XFD-01-001", 1, "SJJ-01-001".to_owned()),
            ("CGJ-01-001", 1, "SJJ-01-001".to_owned()),
            ("SJJ-01-002", 1, "SJJ-01-001".to_owned()),
            ("YCJ-01-001", 2, "SJJ-01-001 SJJ-01-002".to_owned()),
        ]
    );
    let plan_of_rooms = plan
        .materials
        .iter()
        .find(|material| material.material == "M-PLAN")
        .unwrap();
    assert!(
        plan_of_rooms.wanted_by.contains(&"SJJ-01-002".to_owned()),
        "{plan_of_rooms:?}"
    );
}

#[test]
fn a_shared_material_may_be_handed_in_all_the_same() {
    let materials = [
        "M-APP",
        "M-ARTICLES",
        "M-SITE",
        "M-FIRE-P",
        "M-PLAN",
        "M-AD",
        "M-ID",
        "M-HEALTH",
    ];
    assert!(submitted(&sample(), &[], &materials, Some(RESTAURANT)).is_ok());
}

#[test]
fn a_restaurant_with_many_faults_hears_of_all_of_them() {
    let faults = submitted(
        &sample(),
        &["XFD-01-001", "XFD-01-002", "XFD-01-001"],
        &["M-APP", "M-APP"],
        Some(RESTAURANT),
    )
    .unwrap_err();
    let item = |code: &str| code.to_owned();
    assert_eq!(
        faults,
        [
            Reason::ItemTwice { item: item("XFD-01-001") }.at("items.2"),
            Reason::ItemExcluded { item: item("XFD-01-002") }.at("items.1"),
            Reason::ItemMissing { item: item("SJJ-01-001") }.at("items"),
            Reason::MaterialTwice { material: item("M-APP") }.at("materials.1.code"),
            Reason::MaterialMissing { materials: "章程 (M-ARTICLES)；经营场所使用证明(产权证或租赁合同) (M-SITE)；公众聚集场所消防安全告知承诺书 (M-FIRE-P)".to_owned() }.at("materials"),
        ]
    );
}

#[test]
fn unlisted_materials_are_refused_item_by_item() {
    let faults = submitted(&sample(), &["FGW-10-001"], &["M-PROJ", "M-TEST"], None).unwrap_err();
    assert_eq!(
        faults,
        [Reason::MaterialNotListed {
            material: "M-TEST".to_owned()
        }
        .at("materials.1.code")]
    );
    assert!(submitted(&sample(), &["FGW-10-001"], &["M-PROJ"], None).is_ok());
}

#[test]
fn items_without_a_bundle_all_begin_at_once() {
    let file = sample();
    let guide = guide_for_items(&["SJJ-01-002", "SJJ-01-001"], &file.catalogue()).unwrap();
    assert_eq!(guide.layers(), [["SJJ-01-002", "SJJ-01-001"]]);
}
