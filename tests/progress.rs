//! Progress without an account: what it reads, and that it is the same however much is asked for.

use serde_json::{Value, json};

use crate::support::each_db;
use crate::support::world::FOOD_FIRE_SIGN;

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
