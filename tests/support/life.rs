//! The life of one application, from the guide to the delivery, as those live it who have a part in it. Everything goes
//! over the wire, and after each step it is looked at from inside and by the public's receipt number and code.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::answer::Answer;
use super::app::TestApp;
use super::client::Client;
use super::world::{Application, Case, applicant, new_key};
use super::{documents, seed};

/// One application and how much of its timeline was told.
pub struct Life {
    /// The program in which it lives.
    pub app: TestApp,
    /// It, as it was filed.
    pub application: Application,
    guide: Value,
    told: usize,
}

/// What supervision raises by itself.
const SUPERVISION: [&str; 5] = [
    "DEADLINE_NEAR",
    "PROMISE_OVERDUE",
    "STATUTORY_OVERDUE",
    "CARD_RAISED",
    "CARD_CLEARED",
];

/// How a department works; like what supervision raises, it does not stand in the public's progress.
const INTERNAL: [&str; 9] = [
    "REVIEW_CLAIMED",
    "REVIEW_RELEASED",
    "OPINION_ASKED",
    "OPINION_GIVEN",
    "OPINION_WITHDRAWN",
    "OPINION_TACIT",
    "REVIEW_RETURNED",
    "OPINION_STALE",
    "MEDIATION_",
];

impl Life {
    /// Somebody answers the questions of a bundle (`"Q1=N Q2=Y"`), hands in at the window exactly what the guide lists, and the
    /// clerk takes it in without accepting it yet.
    pub async fn received(app: &TestApp, bundle: &str, answers: &str) -> Self {
        let mut input = asked(app, bundle, answers).await;
        input.1["receiveOnly"] = json!(true);
        Self::filed(app, &app.clerk(), input).await
    }

    /// The same, but the applicant files it online.
    pub async fn online(app: &TestApp, bundle: &str, answers: &str) -> Self {
        let input = asked(app, bundle, answers).await;
        Self::filed(app, &app.applicant(), input).await
    }

    async fn filed(app: &TestApp, who: &Client, (guide, input): (Value, Value)) -> Self {
        refuses_less(who, &input).await;
        let filed = who.act(&documents::SUBMIT, input).await.done();
        let id = filed.text("applicationSubmit.application.id");
        let read = app
            .clerk()
            .query(&documents::APPLICATION_BY_ID, json!({ "id": id }))
            .await
            .ok();
        let life = Self {
            app: app.clone(),
            application: Application::read(&read, "application"),
            guide,
            told: 0,
        };
        life.assert_as_guided().await;
        life
    }

    /// The items, and each material by its code with those that want it, are those of the guide.
    async fn assert_as_guided(&self) {
        let seen = self.seen().await;
        // The guide lists them as the bundle does, the application in the order of their layers.
        let items = codes(&self.guide["items"], "/item/code");
        let layered = self.guide["levels"].as_array().unwrap().iter();
        let layered: Vec<String> = layered.flat_map(|level| codes(level, "/code")).collect();
        assert_eq!(seen.texts("application.cases", "item.code"), layered);
        assert_eq!(BTreeSet::from_iter(layered), BTreeSet::from_iter(items));
        let mut wanted: Vec<(String, Vec<String>)> = Vec::new();
        for material in self.guide["materials"].as_array().unwrap() {
            if material["bySharing"] == json!(false) {
                let code = material["material"]["code"].as_str().unwrap().to_owned();
                wanted.push((code, codes(&material["wantedBy"], "/code")));
            }
        }
        let mut handed: Vec<(String, Vec<String>)> = seen
            .list("application.materials")
            .iter()
            .map(|one| {
                let by = one["wantedBy"].as_array().unwrap().iter();
                let by = by.map(|code| code.as_str().unwrap().to_owned());
                (one["code"].as_str().unwrap().to_owned(), by.collect())
            })
            .collect();
        wanted.sort();
        handed.sort();
        assert_eq!(handed, wanted, "the materials and who wants them");
    }

    /// The application as the supervisor sees it.
    pub async fn seen(&self) -> Answer {
        let id = json!({ "id": self.application.id });
        let seen = self.app.supervisor().query(&documents::LIFE, id).await.ok();
        assert_eq!(
            seen.data("application.timeline.pageInfo.hasNextPage"),
            &json!(false)
        );
        seen
    }

    /// What anybody sees who holds its number and code.
    pub async fn progress(&self) -> Answer {
        let held = json!({
            "receiptNumber": self.application.receipt_number, "queryCode": self.application.query_code,
        });
        let nobody = self.app.nobody();
        nobody.query(&documents::PUBLIC_PROGRESS, held).await.ok()
    }

    /// The morning of a day comes, and the program does what is due by then.
    pub async fn day(&self, day: &str) {
        self.app.sweep_daily_until(day).await;
    }

    /// The case of an item.
    #[track_caller]
    pub fn case(&self, item: &str) -> &Case {
        self.application.case(item)
    }

    /// Somebody does an act on the whole (`application…`).
    pub async fn whole(&self, who: &Client, act: &str, rest: Value) -> Answer {
        who.does(act, &self.application.id, rest).await.done()
    }

    /// The clerk accepts it for all departments at once.
    pub async fn accepted(&self) {
        let clerk = self.app.clerk();
        self.whole(&clerk, "applicationAccept", json!({})).await;
    }

    /// The departments find what is theirs in their inboxes, claim it and agree; with it the examination ends.
    pub async fn examined(&self, items: &str) {
        for item in items.split(", ") {
            let department = &self.case(item).department;
            let review = self.in_inbox_of(department, item).await;
            self.opines(department, &review, "AGREE", None).await.done();
            assert_eq!(self.state_of(item).await, "DECIDING", "{item}");
        }
    }

    /// Each is examined, and granted by the decider of its department.
    pub async fn granted(&self, items: &str) {
        for item in items.split(", ") {
            self.examined(item).await;
            self.app.grant(self.case(item)).await;
        }
    }

    /// A department finds a review on the case of an item in its inbox, and claims it.
    pub async fn in_inbox_of(&self, department: &str, item: &str) -> String {
        let reviewer = self.app.reviewer(department);
        let inbox = reviewer
            .query(&documents::INBOX, json!({ "first": 100 }))
            .await
            .ok();
        let is_it = |node: &&Value| {
            node["case"]["item"]["code"] == item
                && node["case"]["application"]["receiptNumber"] == self.application.receipt_number
        };
        let mut found = inbox.list("inbox.nodes").iter().filter(is_it);
        let review = found
            .next()
            .unwrap_or_else(|| panic!("{item} is not in the inbox of {department}: {inbox}"));
        assert!(found.next().is_none(), "{item} twice: {inbox}");
        let review = review["id"].as_str().unwrap().to_owned();
        let claim = json!({ "reviewId": review });
        let claimed = reviewer.act(&documents::CLAIM, claim).await.done();
        assert_eq!(claimed.text("reviewClaim.review.state"), "CLAIMED");
        review
    }

    /// A department says something, and the review leaves its inbox when that was heard.
    pub async fn opines(
        &self,
        department: &str,
        review: &str,
        opinion: &str,
        reasons: Option<&str>,
    ) -> Answer {
        let input = json!({
            "idempotencyKey": new_key(), "reviewId": review, "opinion": opinion, "reasons": reasons,
        });
        let reviewer = self.app.reviewer(department);
        let said = reviewer.act(&documents::GIVE_OPINION, input).await;
        if said.codes().is_empty() {
            let inbox = reviewer
                .query(&documents::INBOX, json!({ "first": 100 }))
                .await
                .ok();
            let left = inbox.texts("inbox.nodes", "id");
            assert!(!left.iter().any(|id| id == review), "{inbox}");
        }
        said
    }

    /// A department agrees, and names the materials on which it relies.
    pub async fn agrees_relying_on(&self, department: &str, review: &str, materials: &[&str]) {
        let seen = self.seen().await;
        let ids = materials.iter().map(|code| material(&seen, code));
        let input = json!({
            "idempotencyKey": new_key(), "reviewId": review, "opinion": "AGREE", "materialIds": ids.collect::<Vec<_>>(),
        });
        let reviewer = self.app.reviewer(department);
        reviewer.act(&documents::GIVE_OPINION, input).await.done();
    }

    /// The applicant brings another version of a material to the window.
    pub async fn replaces(&self, code: &str) {
        let input = json!({
            "materialId": material(&self.seen().await, code), "originals": 1, "copies": 1,
            "fileName": format!("{code}-2.pdf"), "sha256": "b".repeat(64), "reasons": "原件已更新",
        });
        let clerk = self.app.clerk();
        self.whole(&clerk, "applicationReplaceMaterial", input)
            .await;
    }

    /// A special procedure begins on the case of an item, expected to take so many working days.
    pub async fn suspended(&self, item: &str, procedure: &str, days: u32) {
        let case = self.case(item);
        let begin = json!({
            "procedure": procedure, "expected": { "n": days, "unit": "WORKDAY" },
            "noticeDeliveredOn": self.app.clock.today().to_string(),
        });
        let reviewer = self.app.reviewer(&case.department);
        let begun = reviewer.does("caseBeginSpecialProcedure", &case.id, begin);
        begun.await.done();
        assert_eq!(self.state_of(item).await, "SUSPENDED");
    }

    /// It ends with its result.
    pub async fn resumed(&self, item: &str, procedure: &str) {
        let case = self.case(item);
        let end = json!({ "procedure": procedure, "finding": "合格" });
        let reviewer = self.app.reviewer(&case.department);
        let ended = reviewer.does("caseEndSpecialProcedure", &case.id, end);
        ended.await.done();
    }

    /// The department of an item asks others for their opinions: mandatory ones, or with `?` advisory ones.
    pub async fn asks(&self, item: &str, of: &[&str]) {
        let one = |name: &&str| {
            let part = if name.ends_with('?') {
                "ADVISORY"
            } else {
                "MANDATORY"
            };
            json!({ "departmentCode": name.trim_end_matches('?'), "part": part })
        };
        let case = self.case(item);
        let input = json!({
            "idempotencyKey": new_key(), "caseId": case.id, "question": "请就本部门职责提出意见", "rule": "ALL",
            "opinions": of.iter().map(one).collect::<Vec<_>>(),
        });
        let reviewer = self.app.reviewer(&case.department);
        reviewer.act(&documents::ASK_OPINIONS, input).await.done();
    }

    /// The department of an item asks another one instead of the one that has this review.
    pub async fn replaced(&self, item: &str, review: &str, by: &str) {
        let input = json!({
            "idempotencyKey": new_key(), "reviewId": review, "departmentCode": by, "reasons": "职责已划转",
        });
        let reviewer = self.app.reviewer(&self.case(item).department);
        let replaced = reviewer
            .act(&documents::REPLACE_OPINION, input)
            .await
            .done();
        assert_eq!(replaced.text("reviewReplace.review.state"), "WITHDRAWN");
    }

    /// What contradicts each other on the case of an item, as its own department reads it: `"OPINIONS ZJJ WLJ"`.
    pub async fn conflicts(&self, item: &str) -> Vec<String> {
        let asked = "query Conflicts($id: ID!) { case(id: $id) { conflicts { kind between { department { code } } } } }";
        let case = self.case(item);
        let reviewer = self.app.reviewer(&case.department);
        let told = reviewer.query(asked, json!({ "id": case.id })).await.ok();
        let conflicts = told.list("case.conflicts").iter();
        let one = |conflict: &Value| {
            let between = codes(&conflict["between"], "/department/code");
            format!("{} {}", text(&conflict["kind"]), between.join(" "))
        };
        conflicts.map(one).collect()
    }

    /// The lead opens the mediation of what two departments said on the case of an item.
    pub async fn mediated(&self, lead: &str, item: &str, between: [&str; 2]) -> String {
        let seen = self.seen().await;
        let reviews = of_item(&seen, item)["reviews"].as_array().unwrap();
        let said_by = |department: &str| {
            let mut said = reviews.iter().filter(|review| review["state"] == "GIVEN");
            let of = said.find(|review| review["department"]["code"] == department);
            text(&of.expect(department)["id"]).to_owned()
        };
        let opening =
            json!({ "question": "能否限期整改后同意？", "reviewIds": between.map(said_by) });
        let lead = self.app.lead(lead);
        let opened = lead.does("caseOpenMediation", &self.case(item).id, opening);
        opened.await.done();
        let seen = self.seen().await;
        let all = of_item(&seen, item)["mediations"].as_array().unwrap();
        text(&all.last().unwrap()["id"]).to_owned()
    }

    /// Where the last mediation on the case of an item stands: `"OPEN CENTRE 04-14"`, with `-` once it has ended.
    pub async fn mediation(&self, item: &str) -> String {
        let seen = self.seen().await;
        let all = of_item(&seen, item)["mediations"].as_array().unwrap();
        let last = all.last().expect(item);
        format!(
            "{} {} {}",
            text(&last["state"]),
            text(&last["level"]),
            short(last)
        )
    }

    /// The states of all reviews on the case of an item, the examination first: `"OPEN, CGJ GIVEN"`.
    pub async fn reviews(&self, item: &str) -> String {
        let seen = self.seen().await;
        let reviews = of_item(&seen, item)["reviews"].as_array().unwrap();
        let of = |(at, review): (usize, &Value)| {
            let state = review["state"].as_str().unwrap();
            let department = review["department"]["code"].as_str().unwrap();
            match at {
                0 => state.to_owned(),
                _ => format!("{department} {state}"),
            }
        };
        let all: Vec<String> = reviews.iter().enumerate().map(of).collect();
        all.join(", ")
    }

    /// Where the case of an item stands.
    pub async fn state_of(&self, item: &str) -> String {
        let seen = self.seen().await;
        text(&of_item(&seen, item)["state"]).to_owned()
    }

    /// Where it stands and all its cases do (`"IN_REVIEW: SJJ-01-001 GRANTED, …"`), from inside and for the public.
    #[track_caller]
    pub fn stands(&self, expected: &str) -> impl Future<Output = ()> {
        let caller = std::panic::Location::caller();
        async move {
            let line = |state: &Value, cases: Vec<(String, &Value)>| {
                let cases = cases.into_iter();
                let each = cases.map(|(item, case)| format!("{item} {}", text(&case["state"])));
                format!("{}: {}", text(state), each.collect::<Vec<_>>().join(", "))
            };
            let seen = self.seen().await;
            let cases = seen.list("application.cases").iter();
            let cases = cases.map(|case| (text(&case["item"]["code"]).to_owned(), case));
            let inside = line(seen.data("application.state"), cases.collect());
            assert_eq!(inside, expected, "from {caller}");
            let progress = self.progress().await;
            let cases = progress.list("progress.cases").iter();
            let cases = cases.map(|case| (self.item_named(&case["itemName"]), case));
            let public = line(progress.data("progress.state"), cases.collect());
            assert_eq!(public, expected, "for the public, from {caller}");
        }
    }

    /// The due dates of cases, promised and by law: `"SJJ-01-001 03-02 03-05"`, `-` where there is none; from inside and
    /// for the public.
    #[track_caller]
    pub fn due(&self, expected: &str) -> impl Future<Output = ()> {
        let caller = std::panic::Location::caller();
        async move {
            let seen = self.seen().await;
            let progress = self.progress().await;
            for line in expected.split(", ") {
                let item = line.split(' ').next().unwrap();
                let mut inside = seen.list("application.cases").iter();
                let inside = inside.find(|case| case["item"]["code"] == item);
                let mut public = progress.list("progress.cases").iter();
                let public = public.find(|case| self.item_named(&case["itemName"]) == item);
                for case in [inside.expect(item), public.expect(item)] {
                    let dates = [&case["promised"], &case["statutory"]].map(short);
                    let found = format!("{item} {}", dates.join(" "));
                    assert_eq!(found, line, "from {caller}: {case}");
                }
            }
        }
    }

    /// The due dates of the whole, promised and by law: `"03-23 05-08"`.
    #[track_caller]
    pub fn joint(&self, expected: &str) -> impl Future<Output = ()> {
        let caller = std::panic::Location::caller();
        async move {
            let seen = self.seen().await;
            let both = ["jointPromised", "jointStatutory"];
            let dates = both.map(|which| short(seen.data(&format!("application.{which}"))));
            assert_eq!(dates.join(" "), expected, "from {caller}");
        }
    }

    /// What people did and what came of it since this was asked last, in order: `"CASE_GRANTED SJJ-01-001, …"`; what the public may know of
    /// it stands in its progress in the same order.
    #[track_caller]
    pub fn happened(&mut self, expected: &str) -> impl Future<Output = ()> {
        let caller = std::panic::Location::caller();
        async move {
            let seen = self.seen().await;
            let all = self.told(&seen);
            assert_eq!(all[self.told..].join(", "), expected, "from {caller}");
            self.told = all.len();
            let is_public = |event: &String| !INTERNAL.iter().any(|kind| event.starts_with(kind));
            let public: Vec<String> = all.into_iter().filter(is_public).collect();
            let progress = self.progress().await;
            let told = progress.list("progress.timeline").iter();
            let told: Vec<String> = told.map(|event| self.named(event)).collect();
            assert_eq!(told, public, "for the public, from {caller}");
        }
    }

    /// Everything that people did, and what came of it.
    fn told(&self, seen: &Answer) -> Vec<String> {
        let nodes = seen.list("application.timeline.nodes").iter();
        let of_people = nodes.filter(|event| !SUPERVISION.contains(&text(&event["kind"])));
        of_people.map(|event| self.named(event)).collect()
    }

    fn item_named(&self, name: &Value) -> String {
        let mut items = self.guide["items"].as_array().unwrap().iter();
        let found = items.find(|planned| planned["item"]["name"] == *name);
        text(&found.expect("an item of the guide")["item"]["code"]).to_owned()
    }

    fn named(&self, event: &Value) -> String {
        let kind = text(&event["kind"]);
        let mut cases = self.application.cases.iter();
        match event["caseId"].as_str() {
            None => kind.to_owned(),
            Some(id) => {
                let case = cases.find(|case| case.id == id).expect(id);
                format!("{kind} {}", case.item)
            }
        }
    }

    /// All have ended: on a day the applicant is told, on a later one everything is handed over, and it is closed with this
    /// outcome. Nobody has anything left to do, and everything is sound.
    pub async fn delivered(&self, told_on: &str, on: &str, outcome: &str) {
        let clerk = self.app.clerk();
        assert_eq!(
            self.seen().await.text("application.state"),
            "CONCLUDED",
            "before it is delivered"
        );
        self.day(told_on).await;
        let announced = json!({ "text": "短信告知，A01 窗口领取" });
        self.whole(&clerk, "applicationAnnounceResults", announced)
            .await;
        self.day(on).await;
        self.app.deliver(&self.application).await;
        let (seen, progress) = (self.seen().await, self.progress().await);
        for (answer, of) in [(&seen, "application"), (&progress, "progress")] {
            assert_eq!(answer.text(&format!("{of}.state")), "CLOSED");
            assert_eq!(answer.text(&format!("{of}.outcome")), outcome);
        }
        let all = self.told(&seen);
        let end = [
            "APPLICATION_CONCLUDED",
            "RESULTS_READY",
            "RESULTS_DELIVERED",
            "APPLICATION_CLOSED",
        ];
        assert!(all.ends_with(&end.map(str::to_owned)), "{all:?}");
        let papers = self.app.file(&self.application).await;
        assert_eq!(papers.papers("DELIVERY_RECEIPT").len(), 1);
        for case in &self.application.cases {
            let reviewer = self.app.reviewer(&case.department);
            let inbox = reviewer.query(&documents::INBOX, json!({})).await.ok();
            assert_eq!(inbox.number("inbox.totalCount"), 0, "{inbox}");
        }
        self.app.assert_sound().await;
    }
}

/// Asks the guide as the page of a bundle does, checks what it says against the catalogue, and answers it with the input
/// that it makes.
async fn asked(app: &TestApp, bundle: &str, answers: &str) -> (Value, Value) {
    let answers: Vec<Value> = answers
        .split(' ')
        .map(|answer| {
            let (question, value) = answer.split_once('=').expect("an answer is Q1=Y");
            json!({ "question": question, "value": value })
        })
        .collect();
    let variables = json!({ "bundleCode": bundle, "answers": answers });
    let told = app.nobody().query(&documents::GUIDE, variables).await.ok();
    assert_eq!(told.data("guide.userErrors"), &json!([]));
    let guide = told.data("guide.guide").clone();
    assert_guide(&guide, bundle, &answers);
    let materials: Vec<Value> = codes(&guide["applicantProvides"], "/material/code")
        .into_iter()
        .map(|code| {
            json!({
                "code": code, "originals": 1, "copies": 1, "fileName": format!("{code}.pdf"),
                "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            })
        })
        .collect();
    let input = json!({
        "idempotencyKey": new_key(), "bundleCode": bundle, "answers": answers,
        "applicant": applicant("ENTERPRISE"), "materials": materials,
    });
    (guide, input)
}

/// What the guide says is what the catalogue says of these answers, worked out by others beforehand.
fn assert_guide(guide: &Value, bundle: &str, answers: &[Value]) {
    let catalogue: Value = serde_json::from_str(seed::CATALOGUE).unwrap();
    let bundles = catalogue["bundles"].as_array().unwrap();
    let known = bundles.iter().find(|known| known["code"] == bundle);
    let known = known.expect(bundle);
    let given: BTreeMap<&str, &Value> = answers
        .iter()
        .map(|answer| (text(&answer["question"]), &answer["value"]))
        .collect();
    let mut examples = known["guideExamples"].as_array().unwrap().iter();
    let example = examples.find(|example| example["answers"] == json!(given));
    let expected = &example.expect("the catalogue works these answers out")["expect"];
    let levels = guide["levels"].as_array().unwrap().iter();
    let levels: Vec<Vec<String>> = levels.map(|level| codes(level, "/code")).collect();
    let materials = codes(&guide["materials"], "/material/code");
    let found = json!({
        "items": codes(&guide["items"], "/item/code"), "levels": levels,
        "criticalPathDays": guide["criticalPathDays"], "materials": materials,
        "applicantProvides": codes(&guide["applicantProvides"], "/material/code"),
        "itemsWithFee": codes(&guide["fees"], "/item/code"),
        "siteVisitDepartments": codes(&guide["siteVisitDepartments"], "/code"),
    });
    assert_eq!(&found, expected, "the guide of {bundle}");
    assert_eq!(guide["jointPromised"], known["jointPromised"]);
    // Each material is asked for once, and wanted by every item that lists it.
    let lists = |item: &str| {
        let mut items = catalogue["items"].as_array().unwrap().iter();
        let item = items.find(|known| known["code"] == item).expect("an item");
        item["materials"].as_array().unwrap()
    };
    let items = codes(&guide["items"], "/item/code");
    for material in guide["materials"].as_array().unwrap() {
        let wants = items
            .iter()
            .filter(|item| lists(item).contains(&material["material"]["code"]));
        let wants: Vec<String> = wants.cloned().collect();
        assert_eq!(codes(&material["wantedBy"], "/code"), wants, "{material}");
    }
    let separate: usize = items.iter().map(|item| lists(item).len()).sum();
    assert_eq!(guide["materialsIfSeparate"], json!(separate));
}

/// With any of the required materials left out it is refused, by the name of what is missing.
async fn refuses_less(who: &Client, input: &Value) {
    let mut less = input.clone();
    less["idempotencyKey"] = json!(new_key());
    let missing = less["materials"].as_array_mut().unwrap().remove(0);
    let refused = who.act(&documents::SUBMIT, less).await;
    assert_eq!(
        refused.user_errors("applicationSubmit"),
        ["MATERIAL_MISSING"]
    );
    let said = &refused.messages()[0];
    assert!(said.contains(text(&missing["code"])), "{said}");
}

/// The case of an item.
fn of_item<'a>(seen: &'a Answer, item: &str) -> &'a Value {
    let mut cases = seen.list("application.cases").iter();
    let case = cases.find(|case| case["item"]["code"] == item);
    case.expect(item)
}

/// The identifier of the present version of a material.
fn material(seen: &Answer, code: &str) -> String {
    let mut materials = seen.list("application.materials").iter();
    let found = materials.find(|material| material["code"] == code);
    text(&found.expect(code)["id"]).to_owned()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

/// The texts at a pointer below each entry of a list.
fn codes(list: &Value, pointer: &str) -> Vec<String> {
    let entries = list.as_array().unwrap_or_else(|| panic!("no list: {list}"));
    let code = |entry: &Value| text(entry.pointer(pointer).expect(pointer)).to_owned();
    entries.iter().map(code).collect()
}

/// Month and day on which a clock is due; `-` while it stands still, and where there is none.
fn short(clock: &Value) -> String {
    let due = clock["dueOn"].as_str();
    due.map_or("-".to_owned(), |due| {
        due.strip_prefix("2026-").unwrap_or(due).to_owned()
    })
}
