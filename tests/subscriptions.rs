//! Being told: what changes is announced to those who may see it, and to nobody else.

use std::time::Duration;

use serde_json::json;

use crate::support::seed::PASSWORD;
use crate::support::world::new_key;
use crate::support::{Client, documents, each_db};

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

        let begin = json!({ "procedure": "INSPECTION", "expected": { "n": 5, "unit": "WORKDAY" }, "noticeDeliveredOn": app.clock.today() });
        app.reviewer("ZJJ").does("caseBeginSpecialProcedure", &case.id, begin).await.done();
        app.decider("ZJJ").does("caseTerminate", &case.id, json!({ "reasons": "申请人已注销" })).await.done();

        let mut told = Vec::new();
        while told.last().is_none_or(|kind| kind != "CASE_TERMINATED") {
            let change = asked.next_within(Duration::from_secs(10)).await.expect("it is not told");
            told.push(change["inboxChanged"]["kind"].as_str().unwrap().to_owned());
        }
        assert!(told.iter().any(|kind| kind == "SPECIAL_PROCEDURE_BEGUN"), "{told:?}");
        assert_eq!(elsewhere.next_within(Duration::from_millis(500)).await, None, "nobody asked there");
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
