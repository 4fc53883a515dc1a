//! Progress without an account: what it reads, and that it is the same however much is asked for.

use serde_json::{Value, json};

use crate::support::each_db;
use crate::support::world::{FOOD_FIRE_SIGN, absent_receipt_number};

/// No clock, and no word about what happened.
const PLAIN: &str = "query Plain($receiptNumber: String!, $queryCode: String!) {
  progress(receiptNumber: $receiptNumber, queryCode: $queryCode) {
    receiptNumber state outcome receivedOn acceptedOn
    cases { caseNumber itemName departmentName state result }
    timeline { id kind happenedAt enteredAt departmentCode caseId reviewId actorRole position }
  } }";

/// The same with both.
const ALL: &str = "query All($receiptNumber: String!, $queryCode: String!) {
  progress(receiptNumber: $receiptNumber, queryCode: $queryCode) {
    receiptNumber state outcome receivedOn acceptedOn
    cases { caseNumber itemName departmentName state result promised { dueOn } }
    timeline { id kind happenedAt enteredAt departmentCode caseId reviewId actorRole position detail { name value } }
  } }";

const TIMELINE: &str = "query Timeline($id: ID!) {
  application(id: $id) { timeline(first: 100) { nodes { id detail { name value } } } } }";

each_db! {
    async fn it_reads_what_it_shows_and_shows_the_same(app: TestApp) {
        let application = app.restaurant(&FOOD_FIRE_SIGN).await;
        let food = application.case("SJJ-01-002");
        app.agree(&food.review).await.done();
        app.grant(food).await.done();
        let held = json!({ "receiptNumber": application.receipt_number, "queryCode": application.query_code });

        let counted = app.statements();
        let plain = app.nobody().query(PLAIN, held.clone()).await.ok();
        // The application with its cases and what happened.
        counted.assert(1);
        for statement in counted.list() {
            for unshown in ["applicant_", "\"answers\"", "\"detail\"", "\"actor", "\"review_id\"", "\"hash\""] {
                assert!(!statement.contains(unshown), "{unshown}: {statement}");
            }
        }
        let all = app.nobody().query(ALL, held).await.ok();
        assert_eq!(plain.list("progress.cases").len(), application.cases.len());
        assert!(plain.list("progress.cases").iter().any(|case| case["result"] == "GRANTED"));
        assert_eq!(plain.data("progress"), &without_more(all.data("progress")));

        // No officer is named, and no words are missing that others see.
        let seen = app.supervisor().query(TIMELINE, json!({ "id": application.id })).await.ok();
        let events = all.list("progress.timeline");
        assert!(events.len() >= 5, "{events:?}");
        for event in events {
            for hidden in ["reviewId", "actorRole", "position"] {
                assert_eq!(event[hidden], Value::Null, "{hidden}");
            }
            let known = seen.list("application.timeline.nodes").iter().find(|known| known["id"] == event["id"]);
            assert_eq!(event["detail"], known.expect("a supervisor sees it")["detail"]);
        }
        assert!(events.iter().any(|event| event["detail"] != json!([])), "some have words");
    }

    /// And nothing of what happened is read for who does not hold the code.
    async fn a_wrong_number_and_a_wrong_code_are_one_answer(app: TestApp) {
        let application = app.submit(&["SJJ-01-002"]).await;
        let (number, code) = (&application.receipt_number, &application.query_code);
        let counted = app.statements();
        let right = app.nobody().query(ALL, json!({ "receiptNumber": number, "queryCode": format!(" {} ", code.to_lowercase()) })).await.ok();
        assert!(!right.list("progress.timeline").is_empty());
        counted.assert(1);
        assert!(counted.list()[0].contains("\"application\".\"query_code\" = "), "{:?}", counted.list());

        let absent = absent_receipt_number();
        let wrong = app.nobody().query(ALL, json!({ "receiptNumber": absent, "queryCode": code })).await.ok();
        assert_eq!(wrong.data("progress"), &Value::Null);
        let half = &code[..code.len() - 1];
        for odd in ["AAAAAAAAAA", "", "\0", &format!("{code}\0"), &format!("{code}0"), half] {
            let asked = json!({ "receiptNumber": number, "queryCode": odd });
            let counted = app.statements();
            let refused = app.nobody().query(ALL, asked).await;
            assert_eq!((refused.status, &refused.body), (wrong.status, &wrong.body), "{odd:?}");
            assert!(counted.list().len() <= 1);
            app.nobody().query(ALL, json!({ "receiptNumber": number, "queryCode": code })).await.ok();
        }
    }
}

/// Progress without what only [`ALL`] asks for, which is there.
fn without_more(progress: &Value) -> Value {
    let mut progress = progress.clone();
    for case in progress["cases"].as_array_mut().expect("cases") {
        let promised = case
            .as_object_mut()
            .and_then(|case| case.remove("promised"));
        assert!(promised.expect("it was asked for")["dueOn"].is_string());
    }
    for event in progress["timeline"].as_array_mut().expect("events") {
        assert!(
            event
                .as_object_mut()
                .and_then(|event| event.remove("detail"))
                .is_some()
        );
    }
    progress
}
