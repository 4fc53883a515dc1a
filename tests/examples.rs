//! The example documents of the playground, run as they stand, in their order, on the sample county.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use lianshen::demo::PASSWORD;
use lianshen::http::examples::{self, Example};
use serde_json::{Value, json};

use crate::demo::plant;
use crate::support::clock::ManualClock;
use crate::support::log::Log;
use crate::support::{Answer, Client, TestApp, documents, each_db};

const PATIENCE: Duration = Duration::from_secs(10);

each_db! { on empty
    async fn the_walkthrough_is_what_it_says(database: TestDatabase) {
        plant(database, ManualClock::start()).await;
        let (app, server) = TestApp::start(database, &Log::default(), true).await;
        let mut walk = Walk::new(app);
        let answers = walk.through().await;

        guide(&answers["01-guide"]);
        submission(&answers["03-submit"]);
        inbox(&answers);
        departments(&answers);
        end(&answers);
        own(&answers);
        walk.live(&answers["17-timeline"]).await;
        server.stop().await;
    }

    async fn the_walkthrough_can_be_gone_again(database: TestDatabase) {
        plant(database, ManualClock::start()).await;
        let (app, server) = TestApp::start(database, &Log::default(), true).await;
        let first = Walk::new(app.clone()).through().await;
        let mut walk = Walk::new(app);
        let second = walk.through().await;

        let receipt = |answers: &Answers| answers["03-submit"].text("applicationSubmit.application.receiptNumber");
        assert_ne!(receipt(&first), receipt(&second));
        // One example by itself, sent once more, answers the same.
        let again = walk.run(&example("03-submit")).await.done();
        assert_eq!(again.text("applicationSubmit.application.receiptNumber"), receipt(&second));
        server.stop().await;
    }
}

type Answers = BTreeMap<String, Answer>;

/// Somebody who goes through the examples.
struct Walk {
    app: TestApp,
    clients: HashMap<String, Client>,
    kept: BTreeMap<String, Value>,
}

impl Walk {
    fn new(app: TestApp) -> Self {
        Self {
            app,
            clients: HashMap::new(),
            kept: BTreeMap::new(),
        }
    }

    /// Runs all queries and mutations; none may be answered with an error or refused.
    async fn through(&mut self) -> Answers {
        let mut answers = Answers::new();
        for example in examples::embedded().unwrap() {
            if !example.document.starts_with("subscription") {
                answers.insert(example.name.clone(), self.run(&example).await.done());
            }
        }
        answers
    }

    async fn run(&mut self, example: &Example) -> Answer {
        let client = self.client(example).await;
        let variables = self.variables(example);
        let answer = client.query(&example.document, variables).await;
        for keep in &example.keeps {
            let found = keep.find(&answer.body);
            let found =
                found.unwrap_or_else(|| panic!("{}: no {} in {answer}", example.name, keep.name));
            self.kept.insert(keep.name.clone(), found.clone());
        }
        answer
    }

    fn variables(&self, example: &Example) -> Value {
        let filled = example.fill(&self.kept);
        let filled =
            filled.unwrap_or_else(|missing| panic!("{}: nothing kept {missing}", example.name));
        filled.unwrap_or(Value::Null)
    }

    async fn client(&mut self, example: &Example) -> Client {
        let Some(name) = &example.account else {
            return self.app.nobody();
        };
        if let Some(client) = self.clients.get(name) {
            return client.clone();
        }
        let input = json!({ "accountName": name, "password": PASSWORD });
        let signed_in = self
            .app
            .nobody()
            .act(documents::SIGN_IN, input)
            .await
            .done();
        let client = Client::bearer(
            &self.app,
            &signed_in.text("sessionSignIn.session.accessToken"),
        );
        self.clients.insert(name.clone(), client.clone());
        client
    }

    /// The two subscriptions.
    async fn live(&mut self, timeline: &Answer) {
        let example = example("20-live-timeline");
        let mut live = self
            .client(&example)
            .await
            .subscribe(&example.document, self.variables(&example))
            .await;
        let mut told = Vec::new();
        let kinds = timeline.texts("application.timeline.nodes", "kind");
        while told.len() + 1 < kinds.len() {
            let event = live
                .next_within(PATIENCE)
                .await
                .expect("what was missed is told");
            told.push(
                event["applicationEvents"]["event"]["kind"]
                    .as_str()
                    .unwrap()
                    .to_owned(),
            );
        }
        assert_eq!(told, kinds[1..]);

        let example = self::example("21-live-inbox");
        let mut live = self
            .client(&example)
            .await
            .subscribe(&example.document, self.variables(&example))
            .await;
        // A subscription is not acknowledged: what happens before the server has taken it, it does not tell.
        let mut receipts = Vec::new();
        let change = loop {
            self.run(&self::example("02-latest")).await.done();
            let submitted = self.run(&self::example("03-submit")).await.done();
            receipts.push(submitted.text("applicationSubmit.application.receiptNumber"));
            if let Some(change) = live.next_within(Duration::from_secs(2)).await {
                break change;
            }
            assert!(receipts.len() < 5, "the inbox does not change");
        };
        let review = &change["inboxChanged"]["reviews"][0];
        let receipt = review["case"]["application"]["receiptNumber"]
            .as_str()
            .unwrap();
        assert!(
            receipts.iter().any(|submitted| submitted == receipt),
            "{change}"
        );
    }
}

fn example(name: &str) -> Example {
    let found = examples::embedded()
        .unwrap()
        .into_iter()
        .find(|example| example.name == name);
    found.unwrap_or_else(|| panic!("there is no example {name}"))
}

fn guide(answer: &Answer) {
    assert_eq!(
        answer.texts("guide.guide.items", "item.code"),
        ["CGJ-01-001", "SJJ-01-002", "YCJ-01-001"]
    );
    let layers: Vec<_> = answer
        .list("guide.guide.items")
        .iter()
        .map(|item| &item["layer"])
        .collect();
    assert_eq!(layers, [0, 0, 1]);
    // 5 days for the food licence, then 10 for the tobacco licence.
    assert_eq!(answer.number("guide.guide.criticalPathDays"), 15);
    assert_eq!(answer.number("guide.guide.materialsIfSeparate"), 15);
    assert_eq!(answer.list("guide.guide.applicantProvides").len(), 6);
    assert_eq!(answer.list("guide.guide.obtainedBySharing").len(), 3);
}

fn submission(answer: &Answer) {
    assert_eq!(
        answer.text("applicationSubmit.application.state"),
        "IN_REVIEW"
    );
    let receipt = answer.text("applicationSubmit.application.receiptNumber");
    assert!(receipt.starts_with("32099920260302"), "{receipt}");
    assert!(
        !answer
            .text("applicationSubmit.application.queryCode")
            .is_empty()
    );
    let states = answer.texts("applicationSubmit.application.cases", "state");
    assert_eq!(states, ["IN_REVIEW", "IN_REVIEW", "AWAITING_PREDECESSOR"]);
}

fn inbox(answers: &Answers) {
    let (first, next) = (&answers["04-inbox"], &answers["05-inbox-next-page"]);
    assert_eq!(first.text("inbox.nodes.0.lamp"), "RED");
    let mut due = first.texts("inbox.nodes", "promisedDueOn");
    assert_eq!(due.len(), 5);
    let here = next
        .list("inbox.nodes")
        .iter()
        .filter_map(|review| review["promisedDueOn"].as_str());
    due.extend(here.map(str::to_owned));
    assert!(due.len() > 5 && due.is_sorted(), "{due:?}");
    assert_eq!(first.number("inboxCounts.red"), 1);

    let search = &answers["06-inbox-search"];
    assert_eq!(
        search.texts("byText.nodes", "case.application.applicant.name"),
        ["云上小厨餐饮店(虚构)"]
    );
    assert_eq!(search.texts("red.nodes", "lamp"), ["RED"]);
    for review in search.list("foodLicences.nodes") {
        assert_eq!(
            (&review["state"], &review["case"]["itemName"]),
            (&json!("OPEN"), &json!("食品经营许可(餐饮服务)"))
        );
    }
    assert!(search.number("foodLicences.totalCount") > 0);
    assert!(search.number("pharmacies.totalCount") > 0);
}

fn departments(answers: &Answers) {
    assert_eq!(
        answers["07-claim"].data("reviewClaim.review.claimedByMe"),
        &json!(true)
    );
    let open = &answers["08-open-case"];
    assert_eq!(
        open.list("case.application.materials").len(),
        2,
        "those that this item wants"
    );
    assert_eq!(open.list("case.application.cases").len(), 3);
    for (name, opinion) in [
        ("09-agree", "AGREE"),
        ("10-disagree", "DISAGREE"),
        ("13-agree-to-forward", "AGREE_TO_FORWARD"),
    ] {
        assert_eq!(
            answers[name].text("reviewGiveOpinion.review.opinion"),
            opinion
        );
        assert_eq!(
            answers[name].text("reviewGiveOpinion.review.case.state"),
            "DECIDING"
        );
    }
    let granted = &answers["11-grant"];
    assert_eq!(granted.text("caseDecide.case.result"), "GRANTED");
    let states = granted.texts("caseDecide.case.application.cases", "state");
    assert_eq!(
        states,
        ["DECIDING", "GRANTED", "IN_REVIEW"],
        "the last one has started"
    );
    assert_eq!(
        answers["12-refuse"].text("caseDecide.case.state"),
        "REFUSED"
    );
    let last = &answers["14-grant-last"];
    assert_eq!(last.text("caseDecide.case.application.state"), "CONCLUDED");
    assert_eq!(
        last.text("caseDecide.case.application.outcome"),
        "PARTLY_GRANTED"
    );
}

fn end(answers: &Answers) {
    assert_eq!(
        answers["15-deliver"].text("applicationDeliver.application.state"),
        "CLOSED"
    );
    assert_eq!(answers["16-progress"].text("progress.state"), "CLOSED");
    let kinds = answers["17-timeline"].texts("application.timeline.nodes", "kind");
    assert_eq!(
        kinds.first().map(String::as_str),
        Some("APPLICATION_RECEIVED")
    );
    assert_eq!(kinds.last().map(String::as_str), Some("APPLICATION_CLOSED"));
    for kind in [
        "APPLICATION_ACCEPTED",
        "REVIEW_CLAIMED",
        "OPINION_GIVEN",
        "CASE_GRANTED",
        "CASE_REFUSED",
    ] {
        assert!(
            kinds.iter().any(|told| told == kind),
            "no {kind} in {kinds:?}"
        );
    }
}

fn own(answers: &Answers) {
    assert_eq!(
        answers["18-file-online"].text("applicationSubmit.application.state"),
        "RECEIVED"
    );
    let mine = &answers["19-my-applications"];
    assert_eq!(mine.number("applications.totalCount"), 4);
    assert_eq!(mine.data("somebodyElses"), &Value::Null);
}
