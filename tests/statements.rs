//! What operations ask of the database, counted. A number that grows with the data is a failure; one that grows with a
//! change of the program is a question: is it worth it? Then the number here is changed, too.

use sea_orm::DbBackend;
use serde_json::{Value, json};

use crate::support::world::{input_for_items, new_key};
use crate::support::{Client, TestApp, documents, each_db};

/// Six departments at once.
const SIX: &[&str] = &[
    "SJJ-01-002",
    "CGJ-01-001",
    "ZJJ-01-004",
    "YCJ-01-001",
    "WJW-01-001",
    "XFD-01-002",
];

each_db! {
    /// One asks who calls, one reads the page with all that it shows, one counts the whole.
    async fn lists_cost_three_statements_at_one_row_and_at_twenty(app: TestApp) {
        let lists: [(Client, &str); 3] = [
            (app.reviewer("SJJ"), &documents::INBOX),
            (app.clerk(), &documents::APPLICATIONS),
            (app.decider("SJJ"), &documents::CASES),
        ];
        app.submit(&["SJJ-01-002"]).await;
        for (client, document) in &lists {
            cost(&app, client, document, json!({ "first": 20 }), 3).await;
        }
        for _ in 0..19 {
            app.submit(&["SJJ-01-002"]).await;
        }
        for (client, document) in &lists {
            cost(&app, client, document, json!({ "first": 20 }), 3).await;
        }
    }

    async fn an_application_costs_two_statements_with_one_case_and_with_six(app: TestApp) {
        let small = app.submit(&["SJJ-01-002"]).await;
        let large = app.submit(SIX).await;
        for client in [app.clerk(), app.reviewer("SJJ"), app.lead("SJJ"), app.supervisor()] {
            for application in [&small, &large] {
                cost(&app, &client, &documents::APPLICATION_BY_ID, json!({ "id": application.id }), 2).await;
            }
        }
    }

    /// On PostgreSQL one more, so that as few rows as can be are written while the others wait for their numbers.
    async fn a_submission_costs_six_statements_with_one_item_and_with_six(app: TestApp) {
        let expected = if app.program().db.engine() == DbBackend::Postgres { 7 } else { 6 };
        for items in [&SIX[..1], SIX] {
            let input = json!({ "input": input_for_items(items) });
            cost(&app, &app.clerk(), &documents::SUBMIT, input, expected).await;
        }
    }

    async fn what_holds_no_number_is_written_before_numbers_are_taken_where_others_wait_for_them(app: TestApp) {
        let clerk = app.clerk();
        clerk.token().await;
        let counted = app.statements();
        let input = json!({ "input": input_for_items(SIX) });
        clerk.query(&documents::SUBMIT, input).await.done();

        let list = counted.list();
        let at = |words: &str| list.iter().position(|statement| statement.contains(words)).unwrap();
        let ahead = app.program().db.engine() == DbBackend::Postgres;
        for table in ["material", "clock", "event"] {
            let words = format!("INSERT INTO \"{table}\"");
            assert_eq!(at(&words) < at("INSERT INTO \"serial\""), ahead, "{list:#?}");
        }
        assert!(at("INSERT INTO \"application\"") > at("INSERT INTO \"serial\""), "{list:#?}");
    }

    async fn acts_cost_the_same_in_a_small_application_and_in_a_large_one(app: TestApp) {
        let (reviewer, decider) = (app.reviewer("SJJ"), app.decider("SJJ"));
        for items in [&SIX[..1], SIX] {
            let application = app.submit(items).await;
            app.sweep().await;
            let case = application.case("SJJ-01-002");
            let review = &case.review.id;
            cost(&app, &reviewer, &documents::CLAIM, json!({ "input": { "reviewId": review } }), 4).await;
            let opinion = json!({ "idempotencyKey": new_key(), "reviewId": review, "opinion": "AGREE" });
            cost(&app, &reviewer, &documents::GIVE_OPINION, json!({ "input": opinion }), 5).await;
            let decision = json!({ "idempotencyKey": new_key(), "caseId": case.id, "decision": "GRANT" });
            cost(&app, &decider, &documents::DECIDE, json!({ "input": decision }), 8).await;
        }
    }
}

/// Runs an operation that does what it is asked, and fails unless it took exactly so many statements.
///
/// `BEGIN` and `COMMIT` are not seen: a write makes two round trips more.
async fn cost(app: &TestApp, client: &Client, document: &str, variables: Value, expected: usize) {
    client.token().await;
    let counted = app.statements();
    client.query(document, variables).await.done();
    counted.assert(expected);
}
