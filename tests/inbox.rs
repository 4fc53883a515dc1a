//! What a page of the inbox reads: no more of reviews, cases and applications than is shown, and the same whoever reads it.

use serde_json::{Value, json};

use crate::contract::Contract;
use crate::support::each_db;
use crate::support::world::FOOD_FIRE_SIGN;

/// All that lists show of a case and its application, and nothing more.
const HEADS: &str = "query { inbox(first: 50) { nodes { id state lamp promisedDueOn ...heads } } }
  fragment heads on Review { case {
    __typename id caseNumber version itemName state result closingKind item { code } department { code }
    application {
      __typename id receiptNumber version state outcome receivedAt receivedOn acceptedOn bundle { code }
      leadDepartment { code } applicant { __typename kind name }
    } } }";

/// The same, and of each something that is not in the heads.
const ROWS: &str = "query { inbox(first: 50) { edges { node { id state lamp promisedDueOn case {
    __typename id caseNumber version itemName state result closingKind item { code } department { code }
    startedOn
    application {
      __typename id receiptNumber version state outcome receivedAt receivedOn acceptedOn bundle { code }
      leadDepartment { code } applicant { __typename kind name idNumber phone }
    } } } } } }";

/// Of a case, no more than lists show; but the lamp of what was cancelled is that of its case.
const LAMPS: &str = "query Lamps($first: Int, $states: [ReviewState!]) {
  inbox(first: $first, filter: { states: $states }) { nodes { id lamp case { caseNumber } } } }";

/// The same, with something of the case that lists do not show.
const LAMPS_OF_ROWS: &str = "query Lamps($first: Int, $states: [ReviewState!]) {
  inbox(first: $first, filter: { states: $states }) { nodes { id lamp case { caseNumber startedOn } } } }";

/// The ways from a review of a page, and the types that they lead to.
const WAYS: [(&str, &str, &str); 4] = [
    ("Review", "", ""),
    ("Case", "case { ", " }"),
    ("Application", "case { application { ", " } }"),
    ("Applicant", "case { application { applicant { ", " } } }"),
];

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
            for unshown in ["\"answers\"", "\"applicant_number\"", "\"applicant_phone\"", "\"result_reasons\"", "\"reasons\"", "\"draft\"", "\"search_text\""] {
                assert!(!counted.list()[1].contains(unshown), "{unshown}: {:?}", counted.list());
            }

            let counted = app.statements();
            let rows = reader.query(ROWS, json!({})).await.ok();
            counted.assert(2);

            let heads = heads.list("inbox.nodes").to_vec();
            let rows: Vec<Value> = rows.list("inbox.edges").iter().map(|edge| without_rows(&edge["node"])).collect();
            assert_eq!(heads, rows);
            people += heads.len();
        }
        assert!(people >= 6, "there was something to compare");
    }

    /// Whatever a page is asked for alone is what the review says when all of it is read, as a node is.
    async fn a_page_reads_enough_for_each_field(app: TestApp) {
        let application = app.restaurant(&FOOD_FIRE_SIGN).await;
        app.agree(&application.case("SJJ-01-002").review).await;
        let contract = Contract::read(include_str!("../schema.graphql"));
        let reviewer = app.reviewer("SJJ");
        let asked = json!({ "states": ["WAITING", "OPEN", "CLAIMED", "GIVEN"] });
        for (noun, before, after) in WAYS {
            let shown = contract.asked_plainly(noun, before, after);
            assert!(shown.len() >= 4, "{noun}: {shown:?}");
            for shown in shown {
                let page = format!(
                    "query Page($states: [ReviewState!]) {{ inbox(first: 50, filter: {{ states: $states }}) {{ nodes {{ id {shown} }} }} }}"
                );
                let page = reviewer.query(page.as_str(), asked.clone()).await.ok();
                let lines = page.list("inbox.nodes");
                assert!(!lines.is_empty());
                for line in lines {
                    let alone = format!("query One($id: ID!) {{ node(id: $id) {{ ... on Review {{ id {shown} }} }} }}");
                    let alone = reviewer.query(alone.as_str(), json!({ "id": line["id"] })).await.ok();
                    assert_eq!(line, alone.data("node"), "{shown}");
                }
            }
        }
    }

    async fn what_a_page_did_not_read_is_read_when_a_line_needs_it(app: TestApp) {
        // One is withdrawn in time, the other when its time was over.
        let [early, late] = [app.file_online(&["SJJ-01-002"]).await, app.file_online(&["SJJ-01-002"]).await];
        for filed in [&early, &late] {
            app.clerk().does("applicationAccept", &filed.id, json!({})).await.done();
        }
        app.applicant().does("applicationWithdraw", &early.id, json!({})).await.done();
        app.advance_workdays(15);
        app.applicant().does("applicationWithdraw", &late.id, json!({})).await.done();
        let reviewer = app.reviewer("SJJ");
        reviewer.query("{ __typename }", json!({})).await.ok();
        let cancelled = |first: u32| json!({ "first": first, "states": ["CANCELLED"] });

        let counted = app.statements();
        reviewer.query(LAMPS, cancelled(1)).await.ok();
        // Who calls, the page, and the case of its line. (Of several lines the cases come together, or those of whom a busy
        // machine kept waiting a little later: not to be counted.)
        counted.assert(3);

        let counted = app.statements();
        let rows = reviewer.query(LAMPS_OF_ROWS, cancelled(50)).await.ok();
        counted.assert(2);

        let heads = reviewer.query(LAMPS, cancelled(50)).await.ok();

        let mut lamps = heads.texts("inbox.nodes", "lamp");
        assert_eq!(lamps, rows.texts("inbox.nodes", "lamp"));
        lamps.sort_unstable();
        assert_eq!(lamps, ["GREEN", "RED"]);
    }
}

/// A review without what only [`ROWS`] asks for, which is there.
fn without_rows(review: &Value) -> Value {
    let mut review = review.clone();
    let case = review["case"].as_object_mut().expect("a case");
    assert!(case.remove("startedOn").is_some());
    let application = case["application"].as_object_mut().expect("an application");
    let applicant = application["applicant"]
        .as_object_mut()
        .expect("an applicant");
    for number in ["idNumber", "phone"] {
        assert!(applicant.remove(number).is_some_and(|it| it.is_string()));
    }
    review
}
