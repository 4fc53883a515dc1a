//! What a case and a review are read from: with what they belong to in one statement, no more than is shown, and the same
//! however much is asked for.

use serde_json::json;

use crate::contract::Contract;
use crate::support::answer::without_more;
use crate::support::world::{Case, FOOD_FIRE_SIGN, new_key};
use crate::support::{TestApp, each_db};

/// What lists show of a case and its application.
const HEADS: &str = "fragment heads on Case {
    __typename id caseNumber version itemName state result closingKind item { code } department { code }
    application {
      __typename id receiptNumber version state outcome receivedAt receivedOn acceptedOn bundle { code }
      leadDepartment { code } applicant { __typename kind name }
    } }";

/// The ways from a case, and the types that they lead to.
const FROM_CASE: [(&str, &str, &str); 4] = [
    ("Case", "", ""),
    ("Application", "application { ", " }"),
    ("Applicant", "application { applicant { ", " } }"),
    ("Review", "reviews { ", " }"),
];

/// The ways from a review.
const FROM_REVIEW: [(&str, &str, &str); 3] = [
    ("Review", "", ""),
    ("Case", "case { ", " }"),
    ("Application", "case { application { ", " } }"),
];

/// What heads do not hold, of any of the three.
const UNSHOWN: [&str; 7] = [
    "\"answers\"",
    "\"applicant_number\"",
    "\"applicant_phone\"",
    "\"result_reasons\"",
    "\"reasons\"",
    "\"draft\"",
    "\"search_text\"",
];

#[track_caller]
fn assert_unshown(statement: &str) {
    for unshown in UNSHOWN {
        assert!(!statement.contains(unshown), "{unshown}: {statement}");
    }
}

/// A granted case, one whose opinion is given, one that was withdrawn, and their reviews.
async fn in_full_swing(app: &TestApp) -> [(String, String); 3] {
    let application = app.restaurant(&FOOD_FIRE_SIGN).await;
    let food = application.case("SJJ-01-002");
    app.agree(&food.review).await.done();
    app.grant(food).await.done();
    let given = application.case("CGJ-01-001");
    app.agree(&given.review).await.done();
    let withdrawn = app.file_online(&["SJJ-01-002"]).await;
    let (clerk, applicant) = (app.clerk(), app.applicant());
    clerk
        .does("applicationAccept", &withdrawn.id, json!({}))
        .await
        .done();
    applicant
        .does("applicationWithdraw", &withdrawn.id, json!({}))
        .await
        .done();
    let ids = |case: &Case| (case.id.clone(), case.review.id.clone());
    [ids(food), ids(given), ids(&withdrawn.cases[0])]
}

each_db! {
    async fn cases_and_reviews_come_with_what_they_belong_to_in_one_statement(app: TestApp) {
        let [(case, review), ..] = in_full_swing(&app).await;
        let shown = format!("query One($case: ID!, $review: ID!, $first: Int!, $all: Boolean!) {{
            case(id: $case) @skip(if: $all) {{ ...heads }}
            review(id: $review) @include(if: $all) {{ id version state opinion case {{ ...heads }} }}
            cases(first: $first) @include(if: $all) {{ nodes {{ ...heads }} }} }} {HEADS}");
        for reader in [app.clerk(), app.decider("SJJ"), app.lead("SJJ"), app.supervisor()] {
            reader.query("{ __typename }", json!({})).await.ok();
            for (all, roots) in [(false, 1), (true, 2)] {
                let counted = app.statements();
                let asked = json!({ "case": case, "review": review, "first": 50, "all": all });
                reader.query(shown.as_str(), asked).await.ok();
                // Who calls, and one for each.
                counted.assert(1 + roots);
                counted.list()[1..].iter().for_each(|statement| assert_unshown(statement));
            }
        }
    }

    async fn an_act_reads_for_its_answer_what_that_shows_and_answers_what_is_read_afterwards(app: TestApp) {
        let application = app.submit(&["SJJ-01-002"]).await;
        let case = &application.cases[0];
        let (reviewer, decider) = (app.reviewer("SJJ"), app.decider("SJJ"));
        let shows = format!("query Again($case: ID!) {{ case(id: $case) {{ ...heads }} }} {HEADS}");

        let opinion = format!("mutation Opinion($input: ReviewGiveOpinionInput!) {{ reviewGiveOpinion(input: $input) {{
            review {{ id case {{ ...heads }} }} userErrors {{ code }} }} }} {HEADS}");
        reviewer.query("{ __typename }", json!({})).await.ok();
        let counted = app.statements();
        let input = json!({ "idempotencyKey": new_key(), "reviewId": case.review.id, "opinion": "AGREE" });
        let given = reviewer.query(opinion.as_str(), json!({ "input": input })).await.done();
        assert_unshown(counted.list().last().expect("a statement"));
        let again = reviewer.query(shows.as_str(), json!({ "case": case.id })).await.ok();
        assert_eq!(given.data("reviewGiveOpinion.review.case"), again.data("case"));

        let decision = format!("mutation Decision($input: CaseDecideInput!) {{ caseDecide(input: $input) {{
            case {{ ...heads }} userErrors {{ code }} }} }} {HEADS}");
        decider.query("{ __typename }", json!({})).await.ok();
        let counted = app.statements();
        let input = json!({ "idempotencyKey": new_key(), "caseId": case.id, "decision": "GRANT" });
        let decided = decider.query(decision.as_str(), json!({ "input": input })).await.done();
        assert_unshown(counted.list().last().expect("a statement"));
        let again = decider.query(shows.as_str(), json!({ "case": case.id })).await.ok();
        assert_eq!(decided.data("caseDecide.case"), again.data("case"));
        assert_eq!(again.text("case.application.state"), "CONCLUDED");
    }

    async fn a_field_of_a_case_does_not_bring_all_of_its_application(app: TestApp) {
        let [(case, _), ..] = in_full_swing(&app).await;
        let clerk = app.clerk();
        clerk.query("{ __typename }", json!({})).await.ok();
        let counted = app.statements();
        let shown = "query One($id: ID!) {
            case(id: $id) { id startedOn application { id receiptNumber } }
            cases(first: 50) { nodes { id startedOn } } }";
        clerk.query(shown, json!({ "id": case })).await.ok();
        counted.assert(3);
        for statement in &counted.list()[1..] {
            assert!(statement.contains("\"result_reasons\""), "{statement}");
            for unshown in ["\"answers\"", "\"applicant_number\"", "\"applicant_phone\""] {
                assert!(!statement.contains(unshown), "{unshown}: {statement}");
            }
        }
    }

    /// Due dates are made of case and application, which are read once.
    async fn a_page_of_cases_with_due_dates_is_read_in_one_statement(app: TestApp) {
        app.submit(&["SJJ-01-002"]).await;
        app.submit(&["SJJ-01-002"]).await;
        let decider = app.decider("SJJ");
        decider.query("{ __typename }", json!({})).await.ok();
        let counted = app.statements();
        let shown = "query Due { cases(first: 20) { nodes { id promised { dueOn } statutory { dueOn } } } }";
        let page = decider.query(shown, json!({})).await.ok();
        // Who calls, and the page.
        counted.assert(2);
        let due = page.texts("cases.nodes", "promised.dueOn");
        assert_eq!(due.len(), 2, "{due:?}");
    }

    /// Under two names, in fragments, and said twice: what is asked for anywhere is read.
    async fn an_act_answers_all_that_is_asked_for_in_whatever_way(app: TestApp) {
        let application = app.submit(&["SJJ-01-002"]).await;
        let case = &application.cases[0];
        let document = "mutation Opinion($input: ReviewGiveOpinionInput!) { reviewGiveOpinion(input: $input) {
            review { id }
            again: review { ...why case { id application { id applicant { phone } } } }
            review { case { id startedOn } }
            userErrors { code } } }
          fragment why on Review { reasons case { predecessors { id } } }";
        let input = json!({
            "idempotencyKey": new_key(), "reviewId": case.review.id, "opinion": "DISAGREE", "reasons": "不符合要求。",
        });
        let given = app.reviewer("SJJ").query(document, json!({ "input": input })).await.done();
        assert_eq!(given.text("reviewGiveOpinion.again.reasons"), "不符合要求。");
        assert!(given.data("reviewGiveOpinion.again.case.predecessors").is_array());
        assert!(given.data("reviewGiveOpinion.review.case.startedOn").is_string());
        assert!(given.data("reviewGiveOpinion.again.case.application.applicant.phone").is_string());
    }

    /// By itself, with something that heads do not hold, as a node, and in a list.
    async fn each_field_is_the_same_whatever_is_asked_for_beside_it(app: TestApp) {
        let some = in_full_swing(&app).await;
        let contract = Contract::read(include_str!("../schema.graphql"));
        let (cases, reviews): (Vec<_>, Vec<_>) = some.into_iter().unzip();
        let list = |shown: &str| format!("list: cases(first: 50) {{ edges {{ node {{ {shown} more: id }} }} }}");
        for reader in [app.clerk(), app.reviewer("CGJ"), app.decider("SJJ"), app.lead("SJJ"), app.supervisor()] {
            for (noun, more, ways, ids) in [
                ("Case", "startedOn", &FROM_CASE[..], &cases),
                ("Review", "reasons", &FROM_REVIEW[..], &reviews),
            ] {
                let (root, is_listed) = (noun.to_lowercase(), noun == "Case");
                for (of, before, after) in ways {
                    let (mut answered, mut listed) = (0, 0);
                    for shown in contract.asked_plainly(of, before, after) {
                        let list = if is_listed { list(&shown) } else { String::new() };
                        let document = format!(
                            "query Asked($id: ID!) {{
                               alone: {root}(id: $id) {{ {shown} }}
                               rows: {root}(id: $id) {{ {shown} more: {more} }}
                               node: node(id: $id) {{ ... on {noun} {{ {shown} }} }}
                               {list}
                             }}"
                        );
                        for id in ids {
                            let answer = reader.query(document.as_str(), json!({ "id": id })).await.ok();
                            let alone = answer.data("alone");
                            assert_eq!(&without_more(answer.data("rows")), alone, "{shown}");
                            assert_eq!(answer.data("node"), alone, "{shown}");
                            let lines = if is_listed { answer.list("list.edges") } else { &[] };
                            for edge in lines.iter().filter(|edge| edge["node"]["more"] == *id) {
                                assert_eq!(&without_more(&edge["node"]), alone, "{shown}");
                                listed += 1;
                            }
                            answered += usize::from(!alone.is_null());
                        }
                    }
                    assert!(answered > 0, "{of}");
                    assert!(!is_listed || listed >= answered, "{of}: {answered}, {listed}");
                }
            }
        }
    }
}
