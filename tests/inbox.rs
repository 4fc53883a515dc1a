//! What a page of the inbox reads: no more of cases and applications than is shown, and the same whoever reads it.

use serde_json::{Value, json};

use crate::support::each_db;
use crate::support::world::FOOD_FIRE_SIGN;

/// All that lists show of a case and its application, and nothing more.
const HEADS: &str = "query { inbox(first: 50) { nodes { id state lamp promisedDueOn ...heads } } }
  fragment heads on Review { case {
    __typename id caseNumber version itemName state item { code } department { code }
    application {
      __typename id receiptNumber version state receivedAt bundle { code } leadDepartment { code }
      applicant { kind name idNumber phone }
    } } }";

/// The same, and of each something that is not in the heads.
const ROWS: &str = "query { inbox(first: 50) { edges { node { id state lamp promisedDueOn case {
    __typename id caseNumber version itemName state item { code } department { code } startedOn
    application {
      __typename id receiptNumber version state receivedAt bundle { code } leadDepartment { code }
      applicant { kind name idNumber phone } channel
    } } } } } }";

each_db! {
    async fn a_page_reads_what_it_shows_in_one_statement_and_shows_the_same(app: TestApp) {
        app.restaurant(&FOOD_FIRE_SIGN).await;
        app.submit(&["SJJ-01-002"]).await;
        let mut people = 0;
        for reader in [app.reviewer("SJJ"), app.lead("SJJ"), app.supervisor()] {
            reader.query("{ __typename }", json!({})).await.ok();

            let counted = app.statements();
            let heads = reader.query(HEADS, json!({})).await.ok();
            // Who calls, and the page.
            counted.assert(2);
            assert!(!counted.list()[1].contains("\"answers\""), "{:?}", counted.list());

            let counted = app.statements();
            let rows = reader.query(ROWS, json!({})).await.ok();
            counted.assert(2);

            let heads = heads.list("inbox.nodes").to_vec();
            let rows: Vec<Value> = rows.list("inbox.edges").iter().map(|edge| without_more(&edge["node"])).collect();
            assert_eq!(heads, rows);
            people += heads.len();
        }
        assert!(people >= 6, "there was something to compare");
    }
}

/// A review without what only [`ROWS`] asks for, which is there.
fn without_more(review: &Value) -> Value {
    let mut review = review.clone();
    let case = review["case"].as_object_mut().expect("a case");
    assert!(case.remove("startedOn").is_some());
    let application = case["application"].as_object_mut().expect("an application");
    assert_eq!(application.remove("channel"), Some(json!("WINDOW")));
    review
}
