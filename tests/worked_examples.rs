//! The worked examples of deadlines, played as cases through the public interface, on their own days.
//!
//! The examples were computed independently of this program. Each that describes a case is filed, acted on and read here
//! as people do it; all of them share one centre, whose clock goes through their days in order.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use lianshen::catalogue;
use lianshen_domain::applicant::ApplicantKind;
use lianshen_domain::clock::{Boundary, JointPolicy};
use lianshen_domain::code::Code as _;
use lianshen_domain::item::{ItemVersion, SpecialProcedureKind};
use serde_json::{Value, json};

use crate::support::log::Log;
use crate::support::world::{Application, Case, input_for_bundle, input_for_items, new_key};
use crate::support::{Answer, TestApp, documents, each_db, seed};

/// Examples of kind CLOCK that describe no case of a centre, each with its reason.
const NO_CASES: &[(&str, &str)] = &[("DL-36", "a disclosure request is no application")];

/// The bundle that the joint example is played with, and answers by which it does not conclude by itself.
const BUNDLE: &str = "YJS-001";
const ANSWERS: &[(&str, &str)] = &[
    ("Q1", "Y"),
    ("Q2", "N"),
    ("Q4", "Y"),
    ("Q5", "N"),
    ("Q6", "N"),
];

each_db! { on seeded
    async fn every_example_that_is_a_case_comes_out_as_computed(database: TestDatabase) {
        let seen = play(database, Boundary::default()).await;
        assert_eq!(seen, 24, "of the examples of kind CLOCK, one is no case, and one of another convention");
    }

    async fn the_joint_example_comes_out_where_any_component_stops_it(database: TestDatabase) {
        play_joint(database, JointPolicy::Any).await;
    }

    async fn the_joint_example_comes_out_where_all_components_stop_it(database: TestDatabase) {
        play_joint(database, JointPolicy::All).await;
    }

    async fn the_joint_example_comes_out_where_nothing_stops_it(database: TestDatabase) {
        play_joint(database, JointPolicy::None).await;
    }

    async fn the_example_of_another_convention_comes_out_as_computed(database: TestDatabase) {
        assert_eq!(play(database, Boundary::Exclusive).await, 1);
    }
}

/// The examples of a convention; a new one that this test does not know fails it.
fn examples(boundary: Boundary) -> Vec<Value> {
    let text = include_str!("../domain/testdata/deadline-examples.json");
    let file: Value = serde_json::from_str(text).unwrap();
    let all = file["examples"].as_array().unwrap().iter();
    let mut clocks: Vec<Value> = all.filter(|one| one["kind"] == "CLOCK").cloned().collect();
    assert_eq!(clocks.len(), 26, "the file has other examples than it had");
    clocks.retain(|one| !NO_CASES.iter().any(|(id, _)| one["id"] == *id));
    clocks.retain(|one| one["input"]["config"]["suspensionBoundary"] == boundary.code());
    clocks
}

/// What is done on a day; readings come last.
#[derive(Clone, Debug)]
enum Step {
    Event(usize, Value),
    Reading(usize),
}

async fn play(database: &crate::support::TestDatabase, boundary: Boundary) -> usize {
    let (app, server) = TestApp::start_with(database, &Log::default(), false, |config| {
        config.conventions.suspension_boundary = boundary;
        // The law lets nobody enter an act a year late, but these have no today of their own.
        config.late_entry_days = 0;
    })
    .await;
    let catalogue = publish(&app).await;
    let examples = examples(boundary);
    let mut days: BTreeMap<NaiveDate, Vec<Step>> = BTreeMap::new();
    for (at, example) in examples.iter().enumerate() {
        for event in example["input"]["events"].as_array().unwrap() {
            days.entry(date(&event["date"]))
                .or_default()
                .push(Step::Event(at, event.clone()));
        }
    }
    for (at, example) in examples.iter().enumerate() {
        days.entry(date(&example["input"]["asOf"]))
            .or_default()
            .push(Step::Reading(at));
    }
    let mut played: BTreeMap<usize, Played> = BTreeMap::new();
    for (day, steps) in days {
        app.clock.set_day(&day.to_string());
        app.sweep().await;
        for step in steps {
            match step {
                Step::Event(at, event) => {
                    let (example, now) = (&examples[at], played.remove(&at));
                    let next = Player {
                        app: &app,
                        catalogue: &catalogue,
                        example,
                    }
                    .act(now, &event)
                    .await;
                    played.insert(at, next);
                }
                Step::Reading(at) => read(&app, &examples[at], &played[&at]).await,
            }
        }
    }
    app.assert_sound().await;
    server.stop().await;
    examples.len()
}

/// The sample catalogue, with what no item and no bundle of it has: an item done on the spot that the law gives twenty
/// days, and a joint promise of twenty.
async fn publish(app: &TestApp) -> catalogue::file::CatalogueFile {
    let mut file: Value = serde_json::from_str(seed::CATALOGUE).unwrap();
    let items = file["items"].as_array_mut().unwrap();
    let changed = items
        .iter_mut()
        .find(|item| item["code"] == "CGJ-01-003")
        .unwrap();
    changed["version"] = json!(2);
    changed["caseType"] = json!("1");
    changed["promised"]["n"] = json!(0);
    for step in changed["steps"].as_array_mut().unwrap() {
        step["days"] = json!(0);
    }
    let bundles = file["bundles"].as_array_mut().unwrap();
    let changed = bundles
        .iter_mut()
        .find(|bundle| bundle["code"] == BUNDLE)
        .unwrap();
    changed["version"] = json!(2);
    changed["jointPromised"]["n"] = json!(20);
    let file = app.publish(&file).await;
    let (faults, known) = (file.faults(), seed::catalogue_file().faults());
    assert_eq!(
        faults, known,
        "the altered items may be published as those of the sample"
    );
    file
}

/// An example as far as it was played.
struct Played {
    application: Application,
    /// The case that is looked at; of the joint example the whole.
    case: Option<Case>,
    /// Which special procedure is open.
    procedure: Option<SpecialProcedureKind>,
    accepted: bool,
}

struct Player<'a> {
    app: &'a TestApp,
    catalogue: &'a catalogue::file::CatalogueFile,
    example: &'a Value,
}

impl Player<'_> {
    fn id(&self) -> &str {
        text(&self.example["id"])
    }

    fn has(&self, kind: &str) -> bool {
        let events = self.example["input"]["events"].as_array().unwrap();
        events.iter().any(|event| event["type"] == kind)
    }

    fn is_joint(&self) -> bool {
        let law = self.example["law"].as_array().unwrap();
        law.iter().any(|article| text(article).contains("42(2)"))
    }

    /// An item of exactly these limits, that lists the procedures and allows the extension of the example.
    fn item(&self) -> &ItemVersion {
        let input = &self.example["input"];
        let events = input["events"].as_array().unwrap();
        let reasons = events.iter().filter(|event| event["type"] == "SUSPEND");
        let reasons: Vec<SpecialProcedureKind> = reasons
            .filter_map(|event| SpecialProcedureKind::from_code(text(&event["reason"])))
            .collect();
        let longest = events
            .iter()
            .filter_map(|event| event["days"].as_u64())
            .max()
            .unwrap_or(0);
        let fits = |item: &&ItemVersion| {
            let promised = json!({ "n": item.promised.n, "unit": item.promised.unit.code() });
            let statutory = item.statutory.map(|statutory| {
                (
                    json!({ "n": statutory.limit.n, "unit": statutory.limit.unit.code() }),
                    statutory.anchor.code(),
                )
            });
            // From receipt or acceptance is one where both are on one day.
            let is_anchored = |anchor: &str| {
                text(&input["anchor"]) == anchor || (self.has("RECEIVED") && self.has("ACCEPTED"))
            };
            promised == input["promised"]
                && statutory.is_some_and(|(limit, anchor)| {
                    limit == input["statutory"] && is_anchored(anchor)
                })
                && item.audience.contains(&ApplicantKind::Enterprise)
                && item.predecessors.is_empty()
                && reasons.iter().all(|kind| {
                    item.special_procedures
                        .iter()
                        .any(|listed| listed.kind == *kind)
                })
                && item
                    .extension
                    .map_or(0, |extension| u64::from(extension.limit.n))
                    >= longest
        };
        let found = self.catalogue.items.iter().find(fits);
        found.unwrap_or_else(|| {
            panic!(
                "{}: no item of the catalogue fits; add one to `publish`",
                self.id()
            )
        })
    }

    async fn act(&self, played: Option<Played>, event: &Value) -> Played {
        let (app, kind) = (self.app, text(&event["type"]));
        let Some(mut now) = played else {
            return self.file(kind).await;
        };
        let id = now
            .case
            .as_ref()
            .map(|case| case.id.clone())
            .unwrap_or_default();
        let department = now
            .case
            .as_ref()
            .map(|case| case.department.clone())
            .unwrap_or_default();
        match kind {
            "ACCEPTED" => {
                app.clerk()
                    .does("applicationAccept", &now.application.id, json!({}))
                    .await
                    .done();
                now.accepted = true;
            }
            "SUSPEND" if event["reason"] == "APPLICANT_SUPPLEMENT" => {
                let rest = json!({ "materials": [self.item().materials[0]], "reasons": "不清晰" });
                app.reviewer(&department)
                    .does("caseAskMaterial", &id, rest)
                    .await
                    .done();
            }
            "SUSPEND" => {
                let procedure = SpecialProcedureKind::from_code(text(&event["reason"]))
                    .expect("a known reason");
                let rest = json!({
                    "procedure": procedure.code(),
                    "expected": { "n": event["notifiedDays"].as_u64().unwrap_or(10), "unit": "WORKDAY" },
                    "noticeDeliveredOn": event["date"],
                });
                app.reviewer(&department)
                    .does("caseBeginSpecialProcedure", &id, rest)
                    .await
                    .done();
                now.procedure = Some(procedure);
            }
            "RESUME" => match now.procedure.take() {
                Some(procedure) => {
                    let rest = json!({ "procedure": procedure.code(), "finding": "已完成" });
                    app.reviewer(&department)
                        .does("caseEndSpecialProcedure", &id, rest)
                        .await
                        .done();
                }
                None => {
                    app.clerk()
                        .does("caseReceiveMaterial", &id, json!({ "text": "已补充" }))
                        .await
                        .done();
                }
            },
            "EXTEND" => {
                let rest = json!({ "days": event["days"], "approvedBy": event["approvedBy"], "reasons": "案情复杂" });
                if now.case.is_some() {
                    app.decider(&department)
                        .does("caseExtend", &id, rest)
                        .await
                        .done();
                } else {
                    app.lead("SJJ")
                        .does("applicationExtend", &now.application.id, rest)
                        .await
                        .done();
                }
            }
            "CORRECTION_NOTICE" => {
                let rest = json!({ "points": [{ "text": "缺签字", "basis": "办事指南" }] });
                let late = app
                    .clerk()
                    .does("applicationNoticeCorrection", &now.application.id, rest)
                    .await;
                assert_eq!(
                    late.user_errors("applicationNoticeCorrection"),
                    ["DEEMED_ACCEPTED"],
                    "{}",
                    self.id()
                );
            }
            "DECIDED" => {
                let case = now.case.as_ref().expect("a case is decided");
                app.agree(&case.review).await;
                app.grant(case).await;
            }
            "TERMINATED" if event["reason"] == "WITHDRAWN" => {
                app.clerk()
                    .does("applicationWithdraw", &now.application.id, json!({}))
                    .await
                    .done();
            }
            unknown => panic!(
                "{}: the test does not know how to play {unknown}",
                self.id()
            ),
        }
        now
    }

    /// The first event: silence is kept online, everything else comes to the window.
    async fn file(&self, kind: &str) -> Played {
        let app = self.app;
        let accepted = kind == "ACCEPTED";
        assert!(
            accepted || kind == "RECEIVED",
            "{} begins with {kind}",
            self.id()
        );
        let (mut input, item) = if self.is_joint() {
            (input_for_bundle(BUNDLE, ANSWERS), None)
        } else {
            let item = self.item();
            (input_for_items(&[&item.code]), Some(item.code.clone()))
        };
        input["idempotencyKey"] = json!(new_key());
        let application = if self.has("ACCEPTED") {
            input["receiveOnly"] = json!(!accepted);
            app.submit_input(input).await
        } else {
            let done = app.applicant().act(&documents::SUBMIT, input).await.done();
            let id = json!({ "id": done.text("applicationSubmit.application.id") });
            let read = app
                .clerk()
                .query(&documents::APPLICATION_BY_ID, id)
                .await
                .ok();
            Application::read(&read, "application")
        };
        let case = item.map(|item| application.case(&item).clone());
        Played {
            application,
            case,
            procedure: None,
            accepted,
        }
    }
}

/// Plays the example of a bundle: every component begins, stands still and is decided on its own days.
async fn play_joint(database: &crate::support::TestDatabase, policy: JointPolicy) {
    let (app, server) = TestApp::start_with(database, &Log::default(), false, |config| {
        config.conventions.joint_suspension_policy = policy;
    })
    .await;
    let text_of = include_str!("../domain/testdata/deadline-examples.json");
    let file: Value = serde_json::from_str(text_of).unwrap();
    let mut all = file["examples"].as_array().unwrap().iter();
    let example = all.find(|one| one["kind"] == "JOINT").unwrap();
    assert!(
        all.all(|one| one["kind"] != "JOINT"),
        "this plays only the first"
    );
    publish_joint(&app).await;

    let components = example["input"]["components"].as_array().unwrap();
    let mut days: BTreeMap<NaiveDate, Vec<(&str, usize)>> = BTreeMap::new();
    for (at, component) in components.iter().enumerate() {
        for pair in component["suspensions"].as_array().unwrap() {
            days.entry(date(&pair[0])).or_default().push(("begin", at));
            days.entry(date(&pair[1])).or_default().push(("end", at));
        }
        let decided = days.entry(date(&component["decidedOn"]));
        decided.or_default().push(("decide", at));
    }
    app.clock
        .set_day(text(&example["input"]["unifiedAcceptedOn"]));
    let application = app
        .submit_input(input_for_bundle(BUNDLE, JOINT_ANSWERS))
        .await;
    let cases = JOINT_ITEMS.map(|item| application.case(item).clone());
    for (day, deeds) in days {
        app.clock.set_day(&day.to_string());
        app.sweep().await;
        for (deed, at) in deeds {
            let case = &cases[at];
            let decider = app.decider(&case.department);
            let procedure = SpecialProcedureKind::Inspection.code();
            match deed {
                "begin" => {
                    let rest = json!({
                        "procedure": procedure, "expected": { "n": 5, "unit": "WORKDAY" },
                        "noticeDeliveredOn": day.to_string(),
                    });
                    decider
                        .does("caseBeginSpecialProcedure", &case.id, rest)
                        .await
                        .done();
                }
                "end" => {
                    let rest = json!({ "procedure": procedure, "finding": "合格" });
                    decider
                        .does("caseEndSpecialProcedure", &case.id, rest)
                        .await
                        .done();
                }
                _ => {
                    app.agree(&case.review).await;
                    app.grant(case).await;
                }
            }
        }
    }

    let name = policy.code();
    for (case, component) in cases.iter().zip(components) {
        let read = app.clocks(case).await;
        let started_on = json!(app.case_row(case).await.started_on);
        let expect = &component["expect"];
        let said = [
            read.data("case.promised.dueOn"),
            read.data("case.statutory.dueOn"),
            &started_on,
            read.data("case.promised.overdue"),
        ];
        let wanted = [
            &expect["promisedDue"],
            &expect["statutoryDue"],
            &component["clockStartsOn"],
            &json!(expect["onTime"] != true),
        ];
        assert_eq!(said, wanted, "{name} {}", component["code"]);
    }
    let whole = app.file(&application).await.0;
    let expect = &example["expect"][name];
    for (path, wanted) in [
        ("jointPromised", "promisedDue"),
        ("jointStatutory", "statutoryDue"),
    ] {
        let said = whole.data(&format!("application.{path}.dueOn"));
        if !expect[wanted].is_null() {
            assert_eq!(said, &expect[wanted], "{name} {path}");
        }
    }
    assert!(
        expect["statutoryDue"].is_string(),
        "{name} is not in the example"
    );
    app.assert_sound().await;
    server.stop().await;
}

/// The components of the joint example among the items of the bundle, in its order, and the answers that choose them.
const JOINT_ITEMS: [&str; 4] = ["XFD-01-002", "CGJ-01-001", "ZJJ-01-004", "SJJ-01-002"];
const JOINT_ANSWERS: &[(&str, &str)] = &[
    ("Q1", "Y"),
    ("Q2", "Y"),
    ("Q3", "I"),
    ("Q4", "Y"),
    ("Q5", "Y"),
    ("Q6", "N"),
];

/// The sample catalogue with the limits of the joint example, whose last item waits for the first and the third.
async fn publish_joint(app: &TestApp) {
    let mut file: Value = serde_json::from_str(seed::CATALOGUE).unwrap();
    for item in file["items"].as_array_mut().unwrap() {
        if JOINT_ITEMS.contains(&text(&item["code"])) {
            item["version"] = json!(2);
            item["statutory"]["n"] = json!(20);
            item["specialProcedures"] = json!([{
                "reason": "INSPECTION", "legalBasis": "行政许可法 第四十五条", "days": 5, "unit": "WORKDAY",
            }]);
        }
    }
    let mut bundles = file["bundles"].as_array_mut().unwrap().iter_mut();
    let bundle = bundles.find(|bundle| bundle["code"] == BUNDLE).unwrap();
    bundle["version"] = json!(2);
    for component in bundle["components"].as_array_mut().unwrap() {
        if component["item"] == JOINT_ITEMS[3] {
            component["dependsOn"] = json!(["SJJ-01-001", JOINT_ITEMS[0], JOINT_ITEMS[2]]);
        }
    }
    // What it expects of the guide is of the sample.
    bundle["guideExamples"] = json!([]);
    app.publish(&file).await;
}

/// Reads the clocks on the day of the reading and compares them with what was computed.
async fn read(app: &TestApp, example: &Value, played: &Played) {
    let expect = &example["expect"];
    let name = text(&example["id"]);
    let (answer, paths): (Answer, [&str; 2]) = match &played.case {
        Some(case) => (app.clocks(case).await, ["case.promised", "case.statutory"]),
        None => (
            app.file(&played.application).await.0,
            ["application.jointPromised", "application.jointStatutory"],
        ),
    };
    for (which, path) in ["promised", "statutory"].into_iter().zip(paths) {
        compare(
            &format!("{name} {which}"),
            answer.data(path),
            &expect[which],
        );
    }
    let file = app.file(&played.application).await;
    if expect["deemedAccepted"] == true {
        assert!(!played.accepted);
        assert_eq!(
            [
                file.text("acceptedOn"),
                file.text("acceptanceKind"),
                file.text("establishedOn")
            ],
            [
                text(&expect["anchorDate"]),
                "DEEMED",
                text(&expect["deemedAcceptanceEstablishedOn"])
            ],
            "{name}"
        );
        file.paper("DEEMED_ACCEPTANCE_NOTICE");
    } else {
        assert_eq!(
            file.text("acceptedOn"),
            text(&expect["anchorDate"]),
            "{name}"
        );
    }
    // The rows say what the interface says.
    if let Some(case) = &played.case {
        let row = app.case_row(case).await;
        let kept =
            [row.promised_due_on, row.statutory_due_on].map(|on| on.map(|on| on.to_string()));
        let due =
            ["promised", "statutory"].map(|which| expect[which]["due"].as_str().map(str::to_owned));
        assert_eq!(kept, due, "{name}: the rows");
        let provisional = ["promised", "statutory"]
            .iter()
            .any(|which| expect[*which]["provisional"] == true);
        assert_eq!(row.provisional, provisional, "{name}: the rows");
    }
}

fn compare(name: &str, said: &Value, expected: &Value) {
    for (field, wanted) in [
        ("dueOn", "due"),
        ("remaining", "remaining"),
        ("remainingUnit", "remainingUnit"),
        ("state", "state"),
    ] {
        assert_eq!(said[field], expected[wanted], "{name} {wanted}");
    }
    let overdue_by = expected["overdueWorkdays"].as_i64().unwrap_or(0);
    assert_eq!(said["overdue"], json!(overdue_by > 0), "{name} overdue");
    assert_eq!(
        (-said["remaining"].as_i64().unwrap()).max(0),
        overdue_by,
        "{name} overdue by"
    );
    assert_eq!(
        said["provisional"],
        json!(expected["provisional"] == true),
        "{name} provisional"
    );
    let projected = expected["projectedDueIfResumedOnAsOf"]
        .as_str()
        .or(expected["due"].as_str());
    assert_eq!(said["projectedOn"].as_str(), projected, "{name} projection");
    if let Some(elapsed) = expected["elapsedWorkdays"].as_i64() {
        assert_eq!(said["elapsed"], json!(elapsed), "{name} elapsed");
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

fn date(value: &Value) -> NaiveDate {
    text(value).parse().unwrap()
}
