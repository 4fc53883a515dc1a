//! Shared materials: asked of whoever holds them, never demanded of the applicant.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use futures_util::future::{join, join_all};
use lianshen::exchange::{Asking, Post};
use lianshen::server::Running;
use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::instrument::WithSubscriber as _;

use crate::not_understood::write_later;
use crate::support::exchange::Exchange;
use crate::support::log::Log;
use crate::support::world::{Application, CREDIT_CODE, ID_NUMBER, input_for_items, new_key};
use crate::support::{Answer, Client, TestApp, TestDatabase, each_db};

/// Wants M-BL of SJJ, M-ID of GAJ and M-HEALTH of WJW.
const FOOD: &str = "SJJ-01-002";
/// Wants M-BL of SJJ.
const SIGN: &str = "CGJ-01-001";

const TOKEN: &str = "the-token-of-the-exchange";
const ADD: &str = "applicationAddMaterial";

const SEEN: &str = "query Seen($id: ID!) { application(id: $id) { version
  sharingRequests { code name askedOf { code } wantedBy state mayBeProvided attempts problem nextAt endedAt material { code bySharing } }
  materials { code name version bySharing fileName sha256 wantedBy }
  timeline(first: 100) { nodes { kind } } } }";

/// The program, connected to an exchange.
struct Connected {
    app: TestApp,
    exchange: Exchange,
    asking: Asking,
    running: Running,
    log: Log,
}

impl Connected {
    async fn to(database: &TestDatabase, jobs: bool) -> Self {
        let exchange = Exchange::start().await;
        let log = Log::default();
        let (app, running) = TestApp::start_with(database, &log, jobs, |config| {
            config.sharing.url.clone_from(&exchange.url);
            config.sharing.token = TOKEN.into();
            config.sharing.attempts = 3;
        })
        .await;
        let post = Post::of(&app.program().config.sharing).unwrap();
        Self {
            asking: Asking::of(Arc::new(post.unwrap()), CancellationToken::new()),
            app,
            exchange,
            running,
            log,
        }
    }

    async fn round(&self) {
        let round = self.asking.round(self.app.program());
        round.with_subscriber(self.log.dispatch()).await.unwrap();
    }

    /// Codes of the materials that somebody was asked for since the last look.
    fn asked(&self) -> Vec<String> {
        let asked = self.exchange.asked().into_iter();
        let code =
            |(_, question): (String, Value)| question["material"].as_str().unwrap().to_owned();
        asked.map(code).collect()
    }

    async fn end(self) {
        self.app.assert_sound().await;
        self.running.stop().await;
        self.log.assert_clean(&[CREDIT_CODE, ID_NUMBER, TOKEN]);
    }
}

async fn seen(who: &Client, of: &Application) -> Answer {
    who.query(SEEN, json!({ "id": of.id })).await.ok()
}

/// What became of each request: `CODE STATE attempts problem`.
fn requests(seen: &Answer) -> Vec<String> {
    let rows = seen.list("application.sharingRequests").iter();
    let line = |row: &Value| {
        let text = |field: &str| row[field].as_str().unwrap_or("-").to_owned();
        format!(
            "{} {} {} {}",
            text("code"),
            text("state"),
            row["attempts"],
            text("problem")
        )
    };
    rows.map(line).collect()
}

fn shared(seen: &Answer) -> Vec<String> {
    let rows = seen.list("application.materials").iter();
    let rows = rows.filter(|row| row["bySharing"] == json!(true));
    rows.map(|row| row["code"].as_str().unwrap().to_owned())
        .collect()
}

async fn add(who: &Client, of: &Application, code: &str) -> Answer {
    who.does(ADD, &of.id, json!({ "materialCode": code, "copies": 1 }))
        .await
}

fn told(seen: &Answer, kind: &str) -> usize {
    let kinds = seen.texts("application.timeline.nodes", "kind");
    kinds.iter().filter(|told| *told == kind).count()
}

each_db! { on seeded
    async fn what_others_hold_is_asked_of_them_for_the_cases_that_want_it(database: TestDatabase) {
        let centre = Connected::to(database, false).await;
        let (app, exchange) = (&centre.app, &centre.exchange);
        exchange.holds("M-BL");
        exchange.answers("M-HEALTH", 503, "");
        let of = app.submit(&[FOOD, SIGN]).await;
        assert_eq!(requests(&seen(&app.clerk(), &of).await), ["M-BL OPEN 0 -", "M-ID OPEN 0 -", "M-HEALTH OPEN 0 -"]);
        assert_eq!(centre.asked(), [""; 0], "nothing waits for another system");

        centre.round().await;
        let asked = exchange.asked();
        let questions: Vec<&Value> = asked.iter().map(|(_, question)| question).collect();
        assert!(asked.iter().all(|(token, _)| token == &format!("Bearer {TOKEN}")));
        assert_eq!(questions.iter().map(|one| one["material"].clone()).collect::<Vec<_>>(), ["M-BL", "M-HEALTH", "M-ID"]);
        let items = |one: &Value| -> Vec<Value> { one["purpose"].as_array().unwrap().iter().map(|of| of["item"].clone()).collect() };
        assert_eq!(items(questions[0]), [FOOD, SIGN], "both cases want the licence");
        assert_eq!(items(questions[1]), [FOOD]);
        assert_eq!(questions[0]["receiptNumber"], of.receipt_number);
        assert_eq!(questions[0]["applicant"], json!({ "kind": "ENTERPRISE", "name": "滨澜县小明餐饮有限公司", "idNumber": CREDIT_CODE }));
        assert_eq!((&questions[0]["askedOf"], &questions[1]["askedOf"]), (&json!("SJJ"), &json!("WJW")));

        let all = seen(&app.clerk(), &of).await;
        assert_eq!(requests(&all), ["M-BL FETCHED 1 -", "M-ID NOT_HELD 1 -", "M-HEALTH OPEN 1 UNREACHABLE"]);
        assert_eq!(all.data("application.sharingRequests.0.material"), &json!({ "code": "M-BL", "bySharing": true }));
        assert_eq!(all.data("application.sharingRequests.2.nextAt"), &json!("2026-03-02T01:01:00.000000Z"));
        let may: Vec<bool> = all.list("application.sharingRequests").iter().map(|row| row["mayBeProvided"].as_bool().unwrap()).collect();
        assert_eq!(may, [false, true, true]);
        let licence = all.list("application.materials").iter().find(|row| row["code"] == "M-BL").unwrap();
        assert_eq!((&licence["fileName"], &licence["sha256"], &licence["version"]), (&json!("M-BL.ofd"), &json!("a".repeat(64)), &json!(1)));
        assert_eq!((told(&all, "MATERIAL_FETCHED"), told(&all, "MATERIAL_NOT_FETCHED")), (1, 1));

        // A department knows of what its own items want.
        let sign = seen(&app.reviewer("CGJ"), &of).await;
        assert_eq!((requests(&sign), shared(&sign)), (vec!["M-BL FETCHED 1 -".to_owned()], vec!["M-BL".to_owned()]));
        let stranger = app.reviewer("WJW").query(SEEN, json!({ "id": of.id })).await.ok();
        assert_eq!(stranger.data("application"), &Value::Null);

        // Nothing is asked before its time, and in the end nobody is asked any more.
        centre.round().await;
        assert_eq!(centre.asked(), [""; 0]);
        for minutes in [1, 2] {
            app.clock.advance(TimeDelta::minutes(minutes));
            centre.round().await;
            assert_eq!(centre.asked(), ["M-HEALTH"]);
        }
        app.clock.advance(TimeDelta::days(1));
        centre.round().await;
        assert_eq!(centre.asked(), [""; 0]);
        let all = seen(&app.clerk(), &of).await;
        assert_eq!(requests(&all)[2], "M-HEALTH GIVEN_UP 3 UNREACHABLE");
        assert_eq!(told(&all, "MATERIAL_NOT_FETCHED"), 2);
        centre.end().await;
    }

    async fn who_is_asked_is_not_asked_again_at_once_because_nobody_can_write_it_down(database: TestDatabase) {
        let centre = Connected::to(database, false).await;
        let app = &centre.app;
        let of = app.submit(&[SIGN]).await;
        write_later(app, &of).await;
        centre.round().await;
        assert_eq!(centre.asked(), ["M-BL"]);
        let ask = "query Asked($id: ID!) { application(id: $id) { sharingRequests { code state attempts problem } } }";
        let attempts = async || requests(&app.clerk().query(ask, json!({ "id": of.id })).await.ok());
        assert_eq!(attempts().await, ["M-BL OPEN 1 -"]);
        centre.round().await;
        assert_eq!(centre.asked(), [""; 0]);
        app.clock.advance(TimeDelta::minutes(1));
        centre.round().await;
        assert_eq!((centre.asked(), attempts().await), (vec!["M-BL".to_owned()], vec!["M-BL OPEN 2 -".to_owned()]));
        // As a program that understands it goes on.
        app.database().await.execute_unprepared("DELETE FROM event WHERE kind = 'WRITTEN_LATER'").await.unwrap();
        app.clock.advance(TimeDelta::minutes(2));
        centre.round().await;
        assert_eq!(attempts().await, ["M-BL NOT_HELD 3 -"]);
        centre.end().await;
    }

    async fn what_did_not_come_may_be_handed_in_and_need_not(database: TestDatabase) {
        let centre = Connected::to(database, false).await;
        let app = &centre.app;
        let of = app.submit(&[FOOD]).await;
        // Handed in before anybody was asked: nobody is.
        add(&app.clerk(), &of, "M-HEALTH").await.done();
        centre.round().await;
        assert_eq!(centre.asked(), ["M-BL", "M-ID"]);
        let all = seen(&app.clerk(), &of).await;
        assert_eq!(requests(&all), ["M-BL NOT_HELD 1 -", "M-ID NOT_HELD 1 -", "M-HEALTH PROVIDED 0 -"]);
        assert_eq!(shared(&all), [""; 0]);
        // After that, as well; and once.
        add(&app.clerk(), &of, "M-ID").await.done();
        for (code, refusal) in [("M-ID", "MATERIAL_THERE"), ("M-LAND", "MATERIAL_NOT_LISTED"), ("nonsense", "MATERIAL_NOT_LISTED")] {
            let refused = add(&app.clerk(), &of, code).await;
            assert_eq!((refused.user_errors(ADD), refused.fields(ADD)), (vec![refusal.to_owned()], vec!["materialCode".to_owned()]), "{code}");
        }
        let odd = json!({ "materialCode": "M-BL", "copies": -1, "sha256": "zz" });
        assert_eq!(app.clerk().does(ADD, &of.id, odd).await.user_errors(ADD), ["NUMBER_OUT_OF_RANGE", "DIGEST_INVALID"]);
        let key = json!({ "idempotencyKey": new_key(), "materialCode": "M-BL", "originals": 1 });
        for _ in 0..2 {
            app.clerk().does(ADD, &of.id, key.clone()).await.done();
        }
        let old = json!({ "materialCode": "M-BL", "expectedVersion": 1 });
        assert_eq!(app.clerk().does(ADD, &of.id, old).await.user_errors(ADD), ["CONFLICT"]);
        for (who, refusal) in [("clerk-2", "NOT_FOUND"), ("applicant", "NOT_FOUND")] {
            assert_eq!(add(&app.as_(who), &of, "M-BL").await.user_errors(ADD), [refusal], "{who}");
        }
        for who in ["reviewer-sjj", "decider-sjj", "lead-sjj", "supervisor", "administrator"] {
            assert_eq!(add(&app.as_(who), &of, "M-BL").await.user_errors(ADD), ["FORBIDDEN"], "{who}");
        }
        // The case is decided without any of it having been asked for.
        let of = app.reread(&of).await;
        app.agree(&of.case(FOOD).review).await;
        app.grant(of.case(FOOD)).await;
        let late = add(&app.clerk(), &of, "M-PLAN").await;
        assert_eq!(late.user_errors(ADD), ["MATERIAL_THERE"]);
        let all = seen(&app.clerk(), &of).await;
        assert_eq!(told(&all, "MATERIAL_ADDED"), 3);
        centre.end().await;
    }

    async fn what_cannot_be_understood_is_nothing_and_says_why(database: TestDatabase) {
        let centre = Connected::to(database, false).await;
        let (app, exchange) = (&centre.app, &centre.exchange);
        let long = format!("{{\"held\":true,\"fileName\":\"{}\"}}", "x".repeat(70_000));
        for (status, body, problem) in [
            (200, "no JSON".to_owned(), "GARBLED"),
            (200, "{}".to_owned(), "GARBLED"),
            (200, long, "GARBLED"),
            (200, json!({ "held": true, "sha256": "12" }).to_string(), "GARBLED"),
            (200, json!({ "held": true, "copies": 1_000 }).to_string(), "GARBLED"),
            (204, String::new(), "GARBLED"),
            (302, String::new(), "GARBLED"),
            (400, String::new(), "REFUSED"),
            (403, String::new(), "REFUSED"),
            (429, String::new(), "UNREACHABLE"),
            (500, "<html>".to_owned(), "UNREACHABLE"),
        ] {
            exchange.answers("M-BL", status, body);
            let of = app.submit(&[SIGN]).await;
            centre.round().await;
            let all = seen(&app.clerk(), &of).await;
            assert_eq!(requests(&all), [format!("M-BL OPEN 1 {problem}")], "{status}");
            assert_eq!(shared(&all), [""; 0], "{status}");
        }
        // What one of them answers at last counts for itself.
        exchange.holds("M-BL");
        app.clock.advance(TimeDelta::minutes(1));
        centre.round().await;
        assert_eq!(centre.asked().len(), 22);
        centre.end().await;
    }

    async fn nobody_is_asked_about_whom_nothing_is_decided_any_more(database: TestDatabase) {
        let centre = Connected::to(database, false).await;
        let app = &centre.app;
        centre.exchange.holds("M-BL");
        let of = app.submit(&[SIGN]).await;
        app.agree(&of.case(SIGN).review).await;
        app.grant(of.case(SIGN)).await;
        centre.round().await;
        assert_eq!(centre.asked(), [""; 0]);
        let all = seen(&app.clerk(), &of).await;
        assert_eq!(requests(&all), ["M-BL NOT_NEEDED 0 -"]);
        assert_eq!(add(&app.clerk(), &of, "M-BL").await.user_errors(ADD), ["ALREADY_DECIDED"]);
        centre.end().await;
    }

    /// The case is decided while somebody is asked: what comes then is not taken, and nobody is asked again.
    async fn what_comes_too_late_is_left_where_it_was(database: TestDatabase) {
        let centre = Connected::to(database, false).await;
        let app = &centre.app;
        centre.exchange.holds("M-BL");
        let of = app.submit(&[SIGN]).await;
        app.agree(&of.case(SIGN).review).await;
        let held_back = centre.exchange.hold_back().await;
        let decides = async {
            centre.exchange.wait_for_a_question().await;
            app.grant(of.case(SIGN)).await;
            drop(held_back);
        };
        join(centre.round(), decides).await;
        let all = seen(&app.clerk(), &of).await;
        assert_eq!((requests(&all), shared(&all)), (vec!["M-BL NOT_NEEDED 1 -".to_owned()], vec![]));
        assert_eq!((told(&all, "MATERIAL_FETCHED"), told(&all, "MATERIAL_NOT_FETCHED")), (0, 0));
        assert_eq!(centre.asked(), ["M-BL"]);
        centre.round().await;
        assert_eq!(centre.asked(), [""; 0]);
        centre.end().await;
    }

    /// A round ends, however much is due, so that one in which nobody answers is not cut off.
    async fn a_round_asks_for_so_many_and_the_next_one_for_the_rest(database: TestDatabase) {
        let centre = Connected::to(database, false).await;
        for _ in 0..14 {
            centre.app.submit(&[FOOD]).await;
        }
        centre.round().await;
        assert_eq!(centre.asked().len(), 40);
        centre.round().await;
        assert_eq!(centre.asked().len(), 2);
        centre.round().await;
        assert_eq!(centre.asked().len(), 0);
        centre.end().await;
    }

    /// Two servers ask for the same, and the applicant hands it in: one of them was first, and there is one of it.
    async fn however_many_come_with_it_there_is_one(database: TestDatabase) {
        let centre = Connected::to(database, false).await;
        let app = &centre.app;
        centre.exchange.holds("M-BL");
        for _ in 0..8 {
            let of = app.submit(&[SIGN]).await;
            let clerk = app.clerk();
            let (_, added) = join(join_all([centre.round(), centre.round()]), add(&clerk, &of, "M-BL")).await;
            let all = seen(&clerk, &of).await;
            let there = all.texts("application.materials", "code").iter().filter(|code| *code == "M-BL").count();
            let fetched = shared(&all).len();
            assert_eq!((there, told(&all, "MATERIAL_FETCHED")), (1, fetched), "{all}");
            let was_first = added.user_errors(ADD).is_empty();
            assert_eq!((was_first, told(&all, "MATERIAL_ADDED")), (fetched == 0, 1 - fetched), "{all}");
        }
        centre.end().await;
    }

    async fn what_is_had_by_sharing_is_demanded_of_nobody(database: TestDatabase) {
        let centre = Connected::to(database, false).await;
        let app = &centre.app;
        let mut input = input_for_items(&[FOOD]);
        input["receiveOnly"] = json!(true);
        let of = app.submit_input(input).await;
        let point = |code| json!({ "points": [{ "text": "缺少", "basis": "申请须知第三条", "materialCode": code }] });
        let case = of.case(FOOD);
        let refused = app.reviewer("SJJ").does("caseReportMissing", &case.id, point("M-HEALTH")).await;
        assert_eq!((refused.user_errors("caseReportMissing"), refused.fields("caseReportMissing")),
            (vec!["MATERIAL_SHARED".to_owned()], vec!["points.0.materialCode".to_owned()]));
        let accepted = app.submit(&[FOOD]).await;
        let ask = json!({ "materials": ["M-PLAN", "M-ID"], "reasons": "需核对" });
        let refused = app.reviewer("SJJ").does("caseAskMaterial", &accepted.case(FOOD).id, ask).await;
        assert_eq!((refused.user_errors("caseAskMaterial"), refused.fields("caseAskMaterial")),
            (vec!["MATERIAL_SHARED".to_owned()], vec!["materials.1".to_owned()]));
        centre.end().await;
    }

    /// Operators are told once that nobody answers, and once that somebody does again; and no more than that.
    async fn a_failing_exchange_shows_in_the_log(database: TestDatabase) {
        let centre = Connected::to(database, false).await;
        let lines = || -> Vec<String> {
            let lines = centre.log.lines().into_iter();
            lines.filter(|line| line.contains("the exchange")).collect()
        };
        centre.exchange.answers("M-BL", 503, "");
        centre.app.submit(&[SIGN]).await;
        centre.round().await;
        centre.app.clock.advance(TimeDelta::minutes(1));
        centre.round().await;
        let told = lines();
        assert!(told.len() == 1 && told[0].starts_with("WARN") && told[0].contains("UNREACHABLE"), "{told:?}");
        centre.exchange.holds("M-BL");
        centre.app.clock.advance(TimeDelta::minutes(2));
        centre.round().await;
        let told = lines();
        assert!(told.len() == 2 && told[1].starts_with("INFO"), "{told:?}");
        centre.end().await;
    }

    /// An exchange that takes questions and does not answer keeps nobody who stops the program waiting.
    async fn the_end_waits_for_no_answer(database: TestDatabase) {
        let centre = Connected::to(database, true).await;
        let held_back = centre.exchange.hold_back().await;
        let of = centre.app.submit(&[SIGN]).await;
        centre.exchange.wait_for_a_question().await;
        let began = Instant::now();
        let Connected { app, running, .. } = centre;
        assert_eq!(requests(&seen(&app.clerk(), &of).await), ["M-BL OPEN 0 -"]);
        running.stop().await;
        assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
        drop(held_back);
    }

    /// By the loop, as a centre runs it; and without an exchange nobody is asked, and nothing is late for it.
    async fn the_loop_asks_where_the_centre_is_connected(database: TestDatabase) {
        let centre = Connected::to(database, true).await;
        centre.exchange.holds("M-BL");
        let of = centre.app.submit(&[SIGN]).await;
        let began = Instant::now();
        while requests(&seen(&centre.app.clerk(), &of).await) != ["M-BL FETCHED 1 -"] {
            assert!(began.elapsed() < Duration::from_secs(60), "nobody asks");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        centre.end().await;
        let log = Log::default();
        let (app, running) = TestApp::start(database, &log, false).await;
        let of = app.submit(&[SIGN]).await;
        assert_eq!(requests(&seen(&app.clerk(), &of).await), [""; 0]);
        running.stop().await;
        let refused = TestApp::try_start(database, &log, true, |config| {
            config.sharing.url = "https://exchange.example/share".to_owned();
            config.sharing.ca_file = "/nowhere/ca.pem".to_owned();
        });
        let refused = refused.await.err().expect("nobody could be trusted").to_string();
        assert!(refused.contains("/nowhere/ca.pem"), "{refused}");
    }
}
