//! Being told: what changes is announced to those who may see it, and to nobody else.

use std::time::Duration;

use lianshen::case;
use serde_json::json;

use crate::support::client::Subscription;
use crate::support::seed::PASSWORD;
use crate::support::world::new_key;
use crate::support::{Client, documents, each_db};

const KINDS: &str = "subscription { inboxChanged { kind reviews { state } } }";

/// What is told until something of a kind was told so many times.
async fn told_through(listener: &mut Subscription, last: &str, times: usize) -> Vec<String> {
    let mut told: Vec<String> = Vec::new();
    while told.iter().filter(|kind| *kind == last).count() < times {
        let change = listener.next_within(Duration::from_secs(10)).await;
        let change = change.unwrap_or_else(|| panic!("no {last} after {told:?}"));
        told.push(change["inboxChanged"]["kind"].as_str().unwrap().to_owned());
    }
    told
}

each_db! {
    with jobs

    async fn an_inbox_that_changes_says_so(app: TestApp) {
        let reviewer = app.reviewer("SJJ");
        let mut changes = reviewer.subscribe(&documents::INBOX_CHANGED, json!({})).await;
        let mut elsewhere = app.reviewer("CGJ").subscribe(&documents::INBOX_CHANGED, json!({})).await;
        // The subscription stands once the program has answered something sent after it.
        tokio::time::sleep(Duration::from_millis(300)).await;

        app.submit(&["SJJ-01-002"]).await;

        assert!(changes.next_within(Duration::from_secs(10)).await.is_some(), "no change was announced");
        assert_eq!(elsewhere.next_within(Duration::from_millis(500)).await, None, "another department's change");
    }

    async fn who_is_asked_is_told_when_the_case_stands_still_goes_on_and_ends(app: TestApp) {
        let application = app.submit(&["ZJJ-01-004"]).await;
        let case = &application.cases[0];
        let ask = json!({
            "idempotencyKey": new_key(), "caseId": case.id, "question": "该场所是否符合规划？", "rule": "ALL",
            "opinions": [{ "departmentCode": "CGJ", "part": "ADVISORY" }],
        });
        app.reviewer("ZJJ").act(&documents::ASK_OPINIONS, ask).await.done();
        let mut asked = app.reviewer("CGJ").subscribe("subscription { inboxChanged { kind } }", json!({})).await;
        let mut elsewhere = app.reviewer("SJJ").subscribe(&documents::INBOX_CHANGED, json!({})).await;
        tokio::time::sleep(Duration::from_millis(300)).await;

        let more = json!({ "days": 3, "approvedBy": "AGENCY_HEAD", "reasons": "案情复杂" });
        app.decider("ZJJ").does("caseExtend", &case.id, more).await.done();
        let begin = json!({ "procedure": "INSPECTION", "expected": { "n": 5, "unit": "WORKDAY" }, "noticeDeliveredOn": app.clock.today() });
        app.reviewer("ZJJ").does("caseBeginSpecialProcedure", &case.id, begin).await.done();
        app.decider("ZJJ").does("caseTerminate", &case.id, json!({ "reasons": "申请人已注销" })).await.done();

        let told = told_through(&mut asked, "CASE_TERMINATED", 1).await;
        for kind in ["CASE_EXTENDED", "SPECIAL_PROCEDURE_BEGUN"] {
            assert!(told.iter().any(|one| one == kind), "{told:?}");
        }
        assert_eq!(elsewhere.next_within(Duration::from_millis(500)).await, None, "nobody asked there");
    }

    /// Who has begun to read a material that is no longer in force must learn it, as must who counts on a date.
    async fn who_is_at_work_is_told_of_new_materials_and_of_dates_that_move(app: TestApp) {
        let application = app.submit(&["ZJJ-01-004"]).await;
        let ask = json!({
            "idempotencyKey": new_key(), "caseId": application.cases[0].id, "question": "该场所是否符合规划？", "rule": "ALL",
            "opinions": [{ "departmentCode": "CGJ", "part": "ADVISORY", "days": 5 }],
        });
        app.reviewer("ZJJ").act(&documents::ASK_OPINIONS, ask).await.done();
        let materials = "query Materials($id: ID!) { application(id: $id) { materials { id } } }";
        let materials = app.supervisor().query(materials, json!({ "id": application.id })).await.ok();
        let mut asked = app.reviewer("CGJ").subscribe("subscription { inboxChanged { kind } }", json!({})).await;
        let mut elsewhere = app.reviewer("SJJ").subscribe(&documents::INBOX_CHANGED, json!({})).await;
        tokio::time::sleep(Duration::from_millis(300)).await;

        let other = json!({
            "materialId": materials.texts("application.materials", "id")[0], "originals": 1, "copies": 1,
            "fileName": "新版.pdf", "sha256": "b".repeat(64), "reasons": "更正笔误",
        });
        app.clerk().does("applicationReplaceMaterial", &application.id, other).await.done();
        let adopt = "mutation Adopt($input: CalendarNoticeAdoptInput!) { calendarNoticeAdopt(input: $input) { userErrors { code field message } } }";
        let notice = json!({
            "idempotencyKey": new_key(), "number": "滨政办〔2026〕3号", "issuer": "滨澜县人民政府办公室", "issuedOn": "2026-02-02",
            "year": 2026, "days": [{ "date": "2026-03-04", "kind": "OFF", "holiday": "县庆" }],
        });
        app.administrator().act(adopt, notice).await.done();
        case::reproject(app.program()).await.unwrap();

        // Of its own opinion, and of the promise and the statutory period of the case.
        let told = told_through(&mut asked, "CALENDAR_RECOMPUTED", 3).await;
        assert!(told.iter().any(|kind| kind == "MATERIAL_REPLACED"), "{told:?}");
        assert_eq!(elsewhere.next_within(Duration::from_millis(500)).await, None, "nobody asked there");
    }

    async fn an_inbox_tells_of_what_comes_before_acceptance(app: TestApp) {
        let mut changes = app.reviewer("SJJ").subscribe(KINDS, json!({})).await;
        let mut all = app.supervisor().subscribe(KINDS, json!({})).await;
        let mut elsewhere = app.reviewer("CGJ").subscribe(KINDS, json!({})).await;
        tokio::time::sleep(Duration::from_millis(300)).await;

        let filed = app.file_online(&["SJJ-01-002"]).await;
        let points = json!({ "points": [{ "text": "租赁合同未签字", "basis": "办事指南 受理条件二" }] });
        app.clerk().does("applicationNoticeCorrection", &filed.id, points).await.done();
        app.applicant().does("applicationSupplement", &filed.id, json!({ "text": "租赁合同" })).await.done();

        for listener in [&mut changes, &mut all] {
            for expected in ["APPLICATION_RECEIVED", "CORRECTION_NOTICED", "SUPPLEMENTED"] {
                let told = listener.next_within(Duration::from_secs(10)).await.expect("it is not told");
                assert_eq!(told["inboxChanged"], json!({ "kind": expected, "reviews": [{ "state": "WAITING" }] }));
            }
        }
        assert_eq!(elsewhere.next_within(Duration::from_millis(500)).await, None, "nothing waits there");
        let inbox = app.reviewer("SJJ").query(&documents::INBOX, json!({})).await.ok();
        assert_eq!(inbox.texts("inbox.nodes", "state"), ["WAITING"]);
    }

    /// The row is gone, and with it the application: no more is told than that.
    async fn who_is_not_asked_any_more_is_told_that_the_inbox_holds_one_less(app: TestApp) {
        let application = app.submit(&["ZJJ-01-004"]).await;
        let case = &application.cases[0];
        let ask = json!({
            "idempotencyKey": new_key(), "caseId": case.id, "question": "该场所是否符合规划？", "rule": "ALL",
            "opinions": [{ "departmentCode": "CGJ", "part": "ADVISORY" }, { "departmentCode": "SJJ", "part": "ADVISORY" }],
        });
        app.reviewer("ZJJ").act(&documents::ASK_OPINIONS, ask).await.done();
        let inbox = app.reviewer("CGJ").query(&documents::INBOX, json!({})).await.ok();
        let [review] = inbox.list("inbox.nodes") else { panic!("{inbox}") };
        let mut asked = app.reviewer("CGJ").subscribe(KINDS, json!({})).await;
        let mut asking = app.reviewer("ZJJ").subscribe(KINDS, json!({})).await;
        let mut beside = app.reviewer("SJJ").subscribe(KINDS, json!({})).await;
        tokio::time::sleep(Duration::from_millis(300)).await;

        let withdraw = json!({ "idempotencyKey": new_key(), "reviewId": review["id"], "reasons": "误送" });
        app.reviewer("ZJJ").act(&documents::WITHDRAW_OPINION, withdraw).await.done();

        // What happened before may be told late.
        let told_of = async |listener: &mut Subscription| loop {
            let told = listener.next_within(Duration::from_secs(10)).await.expect("it is not told");
            if told["inboxChanged"]["kind"] == "OPINION_WITHDRAWN" {
                return told["inboxChanged"]["reviews"].as_array().unwrap().len();
            }
        };
        assert_eq!(told_of(&mut asked).await, 0, "it sees no review of the case any more");
        assert_eq!(told_of(&mut asking).await, 3);
        while let Some(told) = beside.next_within(Duration::from_millis(500)).await {
            assert_ne!(told["inboxChanged"]["kind"], "OPINION_WITHDRAWN", "another department's");
        }
        let read = "query Read($id: ID!) { application(id: $id) { id } }";
        let gone = app.reviewer("CGJ").query(read, json!({ "id": application.id })).await.ok();
        assert!(gone.data("application").is_null());
    }

    /// A session ends while its sockets are open: one that asks learns nothing more, and one that is silent is closed.
    async fn a_socket_ends_with_its_session(app: TestApp) {
        let input = json!({ "accountName": "supervisor", "password": PASSWORD });
        let signed_in = app.nobody().act(documents::SIGN_IN, input).await.done();
        let session = Client::bearer(&app, &signed_in.text("sessionSignIn.session.accessToken"));
        let (mut asking, mut silent) = (session.open_socket().await, session.open_socket().await);
        let ask = |id: &str| json!({ "id": id, "type": "subscribe", "payload": { "query": "{ me { role } }" } });
        asking.send(ask("1")).await;
        let told = asking.next_within(Duration::from_secs(5)).await.expect("no answer");
        assert_eq!(told["payload"]["data"]["me"]["role"], "SUPERVISOR", "{told}");
        assert_eq!(asking.next_within(Duration::from_secs(5)).await.expect("no end")["type"], "complete");

        session.query("mutation { sessionSignOut { userErrors { code } } }", json!({})).await.ok();

        asking.send(ask("2")).await;
        assert_eq!(asking.next_within(Duration::from_secs(5)).await, Some(json!(4403)));
        assert_eq!(silent.next_within(Duration::from_secs(10)).await, Some(json!(4403)));
    }

    async fn who_has_no_inbox_is_told_so(app: TestApp) {
        for client in [app.clerk(), app.applicant(), app.system()] {
            let mut changes = client.subscribe(&documents::INBOX_CHANGED, json!({})).await;
            let end = changes.end_within(Duration::from_secs(5)).await.expect("no answer");
            assert!(end.to_string().contains("FORBIDDEN"), "{end}");
        }
    }

    async fn an_application_tells_its_story_to_those_who_may_hear_it(app: TestApp) {
        let application = app.submit(&["SJJ-01-002", "CGJ-01-001"]).await;
        let id = json!({ "id": application.id });
        let mut at_the_window = app.clerk().subscribe(&documents::APPLICATION_EVENTS, id.clone()).await;
        let mut at_another_office = app.reviewer("CGJ").subscribe(&documents::APPLICATION_EVENTS, id.clone()).await;
        let mut of_a_stranger = app.as_("clerk-2").subscribe(&documents::APPLICATION_EVENTS, id).await;
        let refused = of_a_stranger.end_within(Duration::from_secs(5)).await.expect("no answer");
        assert!(refused.to_string().contains("NOT_FOUND"), "{refused}");
        tokio::time::sleep(Duration::from_millis(300)).await;
        let food = application.case("SJJ-01-002");

        app.agree(&food.review).await;
        app.grant(food).await;

        // What the department thought is its own; what it decided is for everybody. What was done before may be
        // told late, because events are numbered after they were written.
        for listener in [&mut at_the_window, &mut at_another_office] {
            let mut kinds = Vec::new();
            while kinds.last().is_none_or(|kind| kind != "CASE_GRANTED") {
                let told = listener.next_within(Duration::from_secs(10)).await;
                let told = told.unwrap_or_else(|| panic!("the grant was not told, only {kinds:?}"));
                kinds.push(told["applicationEvents"]["event"]["kind"].as_str().unwrap().to_owned());
            }
            assert!(!kinds.iter().any(|kind| kind.starts_with("OPINION") || kind.starts_with("REVIEW")), "{kinds:?}");
            assert_eq!(listener.next_within(Duration::from_millis(300)).await, None);
        }
    }
}
