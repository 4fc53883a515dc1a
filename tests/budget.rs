//! What acts and pages cost in statements: fixed, whatever there is in the database.
//!
//! Counted are, for an act, the use case's own statements from the first after `BEGIN` to the last before `COMMIT`,
//! and these two, which no observer sees. Before it stands one statement that says who calls, and after it one that
//! reads what is answered; more only for what the caller asks to see of it. For a page everything is counted,
//! including who calls.

use sea_orm::DbBackend;
use serde_json::json;

use crate::support::statements::Counted;
use crate::support::world::{Application, input_for_items, items_for_enterprises, new_key};
use crate::support::{TestApp, documents, each_db};

/// Who calls.
const CALLER: usize = 1;
/// The row that is answered.
const ANSWER: usize = 1;
/// `BEGIN` and `COMMIT`.
const TRANSACTION: usize = 2;

/// Acts whose answers ask for nothing beyond the row.
const SUBMIT: &str = "mutation($input: ApplicationSubmitInput!) {
  applicationSubmit(input: $input) { application { id } userErrors { code message field } } }";
const DELIVER: &str = "mutation($input: ApplicationDeliverInput!) {
  applicationDeliver(input: $input) { application { id } userErrors { code message field } } }";

/// A row of an inbox as a reviewer's desk shows it.
const INBOX: &str = "query($first: Int) { inbox(first: $first) {
  totalCount pageInfo { hasNextPage endCursor }
  nodes {
    id state lamp promisedDueOn statutoryDueOn promisedDaysLeft statutoryDaysLeft claimedByMe version
    case {
      id caseNumber state
      item { code name } department { code name }
      promised { dueOn remaining } statutory { dueOn remaining }
      application { id receiptNumber state applicant { name kind } }
    }
  } } }";

/// Everything that an application has.
const EVERYTHING: &str = "query($id: ID!) { application(id: $id) {
  id receiptNumber state outcome version applicant { name } jointPromised { dueOn }
  cases {
    id caseNumber state result version
    item { code name } department { code name }
    promised { dueOn } statutory { dueOn }
    reviews { id state opinion reasons department { code } }
  }
  materials { id code name wantedBy }
  documents { id kind number lines { label value } }
  timeline(first: 100) { totalCount nodes { id kind happenedAt detail { name value } } }
} }";

each_db! {
    async fn submitting_costs_the_same_for_one_item_and_for_fifty(app: TestApp) {
        let clerk = app.clerk();
        clerk.act(SUBMIT, input_for_items(&["SJJ-01-002"])).await.done();
        // What holds no number is written by itself where others wait for their numbers.
        let expected = if app.program().db.engine() == DbBackend::Postgres { 7 } else { 6 };

        for items in [1, 5, 20, 50] {
            let input = input_for_items(&items_for_enterprises(items));
            let counted = app.statements();
            clerk.act(SUBMIT, input).await.done();
            assert_act(&counted, expected);
        }
    }

    async fn an_opinion_costs_the_same_beside_one_case_and_beside_fifty(app: TestApp) {
        for items in [1, 20, 50] {
            let application = app.submit(&items_for_enterprises(items)).await;
            let review = &application.cases[0].review;
            app.reviewer(&review.department).query("{ __typename }", json!({})).await.ok();
            // What is due is the sweep's; an act that comes before it does its work.
            app.sweep().await;

            let counted = app.statements();
            app.agree(review).await;
            assert_act(&counted, 5);
        }
    }

    async fn a_decision_costs_the_same_beside_one_case_and_beside_fifty(app: TestApp) {
        for items in [1, 20, 50] {
            let application = app.submit(&items_for_enterprises(items)).await;
            let case = &application.cases[0];
            app.agree(&case.review).await;
            app.decider(&case.department).query("{ __typename }", json!({})).await.ok();
            app.sweep().await;

            let counted = app.statements();
            app.grant(case).await;
            assert_act(&counted, 8);
        }
    }

    async fn a_delivery_costs_the_same_for_one_case_and_for_twenty(app: TestApp) {
        for items in [1, 20] {
            let application = app.submit(&items_for_enterprises(items)).await;
            finish(&app, &application).await;

            let counted = app.statements();
            let input = json!({ "idempotencyKey": new_key(), "applicationId": application.id, "receivedBy": "王小明" });
            app.clerk().act(DELIVER, input).await.done();
            assert_act(&counted, 8);
        }
    }

    async fn a_page_of_the_inbox_costs_the_same_with_five_rows_and_with_fifty(app: TestApp) {
        let reviewer = app.reviewer("SJJ");
        reviewer.query("{ __typename }", json!({})).await.ok();
        let mut there = 0;
        for rows in [5, 50] {
            for _ in there..rows {
                app.submit(&["SJJ-01-002"]).await;
            }
            there = rows;

            let counted = app.statements();
            let page = reviewer.query(INBOX, json!({ "first": 50 })).await.ok();

            // The rows with their cases and applications, and how many there are in all.
            counted.assert(CALLER + 2);
            assert_eq!(page.list("inbox.nodes").len(), rows);
            for node in page.list("inbox.nodes") {
                let case = &node["case"];
                assert_eq!(case["item"]["code"], "SJJ-01-002");
                assert_eq!(case["department"]["code"], "SJJ");
                assert!(case["application"]["applicant"]["name"].is_string(), "{node}");
                assert!(case["promised"]["dueOn"].is_string() && case["statutory"]["dueOn"].is_string(), "{node}");
            }
        }
    }

    async fn an_application_with_everything_in_it_costs_the_same_for_one_case_and_for_twenty(app: TestApp) {
        let readers = [app.clerk(), app.supervisor()];
        for reader in &readers {
            reader.query("{ __typename }", json!({})).await.ok();
        }
        for items in [1, 20] {
            let input = input_for_items(&items_for_enterprises(items));
            let handed_in = input["materials"].as_array().unwrap().len();
            let application = app.submit_input(input).await;
            finish(&app, &application).await;

            for reader in &readers {
                let counted = app.statements();
                let seen = reader.query(EVERYTHING, json!({ "id": application.id })).await.ok();

                // Who calls; the application with its cases and their reviews; materials; documents; events.
                counted.assert(CALLER + 4);
                assert_eq!(seen.list("application.cases").len(), items);
                assert_eq!(seen.list("application.documents").len(), items + 1);
                assert_eq!(seen.list("application.materials").len(), handed_in);
                assert!(seen.list("application.timeline.nodes").len() > items * 2, "{seen}");
            }

            // The names of who claimed what are one statement more, and one only.
            let counted = app.statements();
            let names = "query($id: ID!) { application(id: $id) { cases { reviews { claimedBy } } } }";
            readers[1].query(names, json!({ "id": application.id })).await.ok();
            counted.assert(CALLER + 2);
        }
    }
}

/// Fails unless an act cost so much, with its transaction.
#[track_caller]
fn assert_act(counted: &Counted, expected: usize) {
    counted.assert(CALLER + expected - TRANSACTION + ANSWER);
}

/// Takes all reviews, gives all opinions, grants everything.
async fn finish(app: &TestApp, application: &Application) {
    for case in &application.cases {
        let reviewer = app.reviewer(&case.review.department);
        reviewer
            .act(&documents::CLAIM, json!({ "reviewId": case.review.id }))
            .await
            .done();
        app.agree(&case.review).await;
        app.grant(case).await;
    }
}
