//! `kill -9` between any two statements of an act, and a restart: what was acknowledged is there, nothing is half
//! there, and whoever asks again with the same key is told the truth.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::time::Duration;

use chrono::TimeDelta;
use lianshen_domain::event::EventKind;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use uuid::Uuid;

use crate::support::clock::ManualClock;
use crate::support::whole::Whole;
use crate::support::world::{input_for_bundle, input_for_items, new_key};
use crate::support::{TestApp, TestDatabase, documents, each_db};

/// Six cases of six departments.
const SIX: &[&str] = &[
    "SJJ-01-002",
    "CGJ-01-001",
    "ZJJ-01-004",
    "YCJ-01-001",
    "WJW-01-001",
    "XFD-01-002",
];

/// 开办餐饮店 with everything: six cases in three layers.
const EVERYTHING: &[(&str, &str)] = &[
    ("Q1", "N"),
    ("Q2", "Y"),
    ("Q3", "P"),
    ("Q4", "Y"),
    ("Q5", "Y"),
    ("Q6", "Y"),
];

each_db! {
    on seeded

    async fn a_submission_that_is_killed_is_there_or_it_is_not(database: TestDatabase) {
        let mut life = Life::begin(database).await;
        for at in 1.. {
            let input = if at % 2 == 0 { input_for_bundle("YJS-001", EVERYTHING) } else { input_for_items(SIX) };
            let act = Act { who: "clerk", document: &documents::SUBMIT, input };
            let survived = act.killed_after(at, &mut life, database).await;

            let whole = whole(database).await;
            assert_eq!((whole.applications.len(), whole.keys.len()), (at, at), "filed once, at {at}");
            assert_eq!(whole.cases.len(), 6 * at);
            if survived {
                // Who calls, four of its own (all that it writes is one), and the answer's; on PostgreSQL one more, for what
                // is written before numbers are taken.
                let places = if database.url().starts_with("sqlite") { 6 } else { 7 };
                assert_eq!(at - 1, places, "places to die at");
                break;
            }
        }
        life.end().await;
    }

    async fn an_opinion_that_is_killed_is_there_or_it_is_not(database: TestDatabase) {
        let mut life = Life::begin(database).await;
        for at in 1.. {
            let application = life.app.submit(&["SJJ-01-002"]).await;
            let review = &application.cases[0].review;
            let input = json!({ "idempotencyKey": new_key(), "reviewId": review.id, "opinion": "AGREE" });
            let act = Act { who: "reviewer-sjj", document: &documents::GIVE_OPINION, input };
            let survived = act.killed_after(at, &mut life, database).await;

            assert_eq!(count(&whole(database).await, EventKind::OpinionGiven), at, "given once, at {at}");
            if survived {
                assert_eq!(at - 1, 5, "places to die at");
                break;
            }
        }
        life.end().await;
    }

    /// Each is the last of its application, so that it also concludes; every other one is a refusal.
    async fn a_decision_that_is_killed_is_there_or_it_is_not(database: TestDatabase) {
        let mut life = Life::begin(database).await;
        for at in 1.. {
            let application = life.app.submit(&["SJJ-01-002"]).await;
            let case = &application.cases[0];
            life.app.agree(&case.review).await;
            let decision = if at % 2 == 0 { "GRANT" } else { "REFUSE" };
            let input = json!({ "idempotencyKey": new_key(), "caseId": case.id, "decision": decision, "reasons": "理由" });
            let act = Act { who: "decider-sjj", document: &documents::DECIDE, input };
            let survived = act.killed_after(at, &mut life, database).await;

            assert_eq!(count(&whole(database).await, EventKind::ApplicationConcluded), at, "concluded once, at {at}");
            if survived {
                assert_eq!(at - 1, 8, "places to die at");
                break;
            }
        }
        life.end().await;
    }

    async fn a_delivery_that_is_killed_is_there_or_it_is_not(database: TestDatabase) {
        let mut life = Life::begin(database).await;
        for at in 1.. {
            let application = life.app.submit(&["SJJ-01-002"]).await;
            life.app.agree(&application.cases[0].review).await;
            life.app.grant(&application.cases[0]).await;
            let input = json!({ "idempotencyKey": new_key(), "applicationId": application.id, "receivedBy": "王小明" });
            let act = Act { who: "clerk", document: &documents::DELIVER, input };
            let survived = act.killed_after(at, &mut life, database).await;

            assert_eq!(count(&whole(database).await, EventKind::ApplicationClosed), at, "closed once, at {at}");
            if survived {
                assert_eq!(at - 1, 8, "places to die at");
                break;
            }
        }
        life.end().await;
    }

    /// Here death comes a moment later, while the COMMIT is on its way: either outcome is good, half of one never.
    async fn a_commit_that_is_killed_is_there_or_it_is_not(database: TestDatabase) {
        let mut life = Life::begin(database).await;
        for round in 0..12 {
            let (clerk, input) = (life.app.clerk(), input_for_items(&["SJJ-01-002"]));
            clerk.token().await;
            // The eleventh statement is the last before COMMIT.
            assert_eq!(life.order("die 11 soon").await, "armed");
            let answer = clerk.attempt(&documents::SUBMIT, input.clone()).await;
            life.restart(database).await;

            let there = whole(database).await.applications.len();
            assert!(there == round || there == round + 1, "{there} in round {round}");
            if answer.is_some() {
                assert_eq!(there, round + 1, "acknowledged, and lost");
            }
            life.app.clerk().act(&documents::SUBMIT, input).await.done();
            assert_eq!(whole(database).await.applications.len(), round + 1, "filed once, in round {round}");
        }
        life.end().await;
    }

    async fn a_sweep_that_is_killed_repeats_nothing(database: TestDatabase) {
        let mut life = Life::begin(database).await;
        life.app.submit(&SIX[..3]).await;
        life.end().await;
        // Every promise has passed by then, and what the law allows.
        let later = (ManualClock::start() + TimeDelta::days(120)).to_rfc3339();
        let mut deaths = 0;
        let complete = loop {
            let mut life = Life::start(database, &later).await;
            // A little further into the sweep each time, until it meets none of its own statements any more.
            life.order(&format!("die {}", 1 + deaths % 20)).await;
            let survived = life.try_order("sweep").await.is_some();
            life.end().await;
            let lamps = lamps(&whole(database).await);
            assert!(lamps.values().all(|times| *times == 1), "after {deaths} deaths: {lamps:?}");
            if survived {
                break lamps;
            }
            deaths += 1;
            assert!(deaths < 100, "the sweep never comes to an end");
        };
        assert!(deaths > 5, "it died only {deaths} times");
        assert_eq!(complete.len(), 18, "three cases: near, passed, the step and still open");

        let mut life = Life::start(database, &later).await;
        for _ in 0..2 {
            assert_eq!(life.order("sweep").await, "0");
        }
        life.end().await;
        assert_eq!(lamps(&whole(database).await), complete);
    }
}

/// A mutation to be killed.
struct Act<'a> {
    who: &'a str,
    document: &'a str,
    input: Value,
}

impl Act<'_> {
    /// Dies after so many statements, restarts, and repeats with the same key; answers whether the first attempt was
    /// over before.
    async fn killed_after(
        self,
        statements: usize,
        life: &mut Life,
        database: &TestDatabase,
    ) -> bool {
        let Self {
            who,
            document,
            input,
        } = self;
        let client = life.app.as_(who);
        client.token().await;
        assert_eq!(life.order(&format!("die {statements}")).await, "armed");
        let first = client.attempt(document, input.clone()).await;
        life.restart(database).await;

        let client = life.app.as_(who);
        let again = client.act(document, input.clone()).await.done();
        if let Some(first) = &first {
            assert_eq!(first.body, again.body, "what was told, and what is so");
        }
        let third = client.act(document, input).await.done();
        assert_eq!(third.body, again.body, "the repetition, and its repetition");
        first.is_some()
    }
}

/// The program in a process of its own, from its start to its death.
struct Life {
    app: TestApp,
    process: Child,
    orders: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
    /// How many lives came before.
    lives: i64,
}

impl Life {
    /// The first, on the day on which all tests begin.
    async fn begin(database: &TestDatabase) -> Self {
        Self::start(database, &ManualClock::start().to_rfc3339()).await
    }

    async fn start(database: &TestDatabase, instant: &str) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_lianshen-under-test"))
            .args([database.url(), instant])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let orders = process.stdin.take().unwrap();
        let mut answers = BufReader::new(process.stdout.take().unwrap()).lines();
        let address = tokio::time::timeout(Duration::from_secs(30), answers.next_line()).await;
        let address = address.expect("the program does not start").unwrap();
        let address = address
            .expect("the program died at its start")
            .parse()
            .unwrap();
        Self {
            app: TestApp::elsewhere(database, address),
            process,
            orders,
            answers,
            lives: 0,
        }
    }

    /// Whatever became of this life, it ends, and the next begins; people keep their tokens.
    async fn restart(&mut self, database: &TestDatabase) {
        let next = Self::start_after(self, database).await;
        *self = next;
    }

    async fn start_after(&mut self, database: &TestDatabase) -> Self {
        self.end().await;
        // Time has gone on meanwhile: what was written in another life came before.
        let lives = self.lives + 1;
        let now = ManualClock::start() + TimeDelta::seconds(lives);
        let mut next = Self::start(database, &now.to_rfc3339()).await;
        next.lives = lives;
        next.app = self.app.moved_to(next.app.address());
        next
    }

    /// By `kill -9`, if it is not dead already.
    async fn end(&mut self) {
        self.process.kill().await.unwrap();
    }

    /// What it answers to an order.
    async fn order(&mut self, order: &str) -> String {
        self.try_order(order).await.expect("the program died")
    }

    /// The same, `None` if it dies over it.
    async fn try_order(&mut self, order: &str) -> Option<String> {
        self.orders
            .write_all(format!("{order}\n").as_bytes())
            .await
            .ok()?;
        let answer = tokio::time::timeout(Duration::from_secs(30), self.answers.next_line()).await;
        answer.expect("the program does not answer").ok().flatten()
    }
}

async fn whole(database: &TestDatabase) -> Whole {
    let db = database.open().await;
    let whole = Whole::assert(&db).await;
    db.close().await;
    whole
}

fn count(whole: &Whole, kind: EventKind) -> usize {
    whole
        .events
        .iter()
        .filter(|event| event.kind.0 == kind)
        .count()
}

/// How often each rule was announced of each case.
fn lamps(whole: &Whole) -> BTreeMap<(Uuid, String), usize> {
    let mut lamps = BTreeMap::new();
    let raised = whole
        .events
        .iter()
        .filter(|event| EventKind::OF_SUPERVISION.contains(&event.kind.0));
    for event in raised {
        let rule = event.detail["rule"].as_str().unwrap().to_owned();
        *lamps.entry((event.case_id.unwrap(), rule)).or_default() += 1;
    }
    lamps
}
