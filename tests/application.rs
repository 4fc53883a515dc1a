//! What an application with its cases is read from: no more of them and their reviews than is shown, and the same however
//! much is asked for.

use serde_json::json;

use crate::contract::Contract;
use crate::support::answer::without_more;
use crate::support::world::{FOOD_FIRE_SIGN, new_key};
use crate::support::{TestApp, documents, each_db};

/// All that lists show of an application, its cases and their reviews, and nothing more.
const HEADS: &str = "query Heads($id: ID!) { application(id: $id) { ...application } }
  fragment application on Application {
    __typename id receiptNumber version state outcome receivedAt receivedOn acceptedOn bundle { code }
    leadDepartment { code } applicant { __typename kind name } ...cases }
  fragment cases on Application { cases {
    __typename id caseNumber version itemName state result closingKind item { code } department { code }
    application { id applicant { name } }
    reviews { __typename id version state department { code } opinion claimedBy givenAt promisedDaysLeft case { id } }
  } }";

/// The same of a list.
const LIST: &str = "query List { applications(first: 20) { nodes { id cases {
    id itemName state result item { code } reviews { id state opinion }
  } } } }";

/// What none of it holds.
const UNSHOWN: [&str; 9] = [
    "\"answers\"",
    "\"query_code\"",
    "\"applicant_number\"",
    "\"applicant_phone\"",
    "\"predecessors\"",
    "\"result_reasons\"",
    "\"reasons\"",
    "\"draft\"",
    "\"search_text\"",
];

/// The ways from an application, and the types that they lead to.
const WAYS: [(&str, &str, &str); 6] = [
    ("Application", "", ""),
    ("Applicant", "applicant { ", " }"),
    ("Case", "cases { ", " }"),
    ("Review", "cases { reviews { ", " } }"),
    ("Application", "cases { application { ", " } }"),
    ("Case", "cases { reviews { case { ", " } } }"),
];

#[track_caller]
fn assert_unshown(statement: &str) {
    for unshown in UNSHOWN {
        assert!(!statement.contains(unshown), "{unshown}: {statement}");
    }
}

/// One with opinions of all kinds, on which one case was granted and its lead has asked another department.
async fn in_full_swing(app: &TestApp) -> String {
    let application = app.restaurant(&FOOD_FIRE_SIGN).await;
    let food = application.case("SJJ-01-002");
    let asked = json!({
        "idempotencyKey": new_key(), "caseId": food.id, "question": "该场所是否符合规划？", "rule": "ALL",
        "opinions": [{ "departmentCode": "ZJJ", "part": "ADVISORY" }],
    });
    let reviewer = app.reviewer("SJJ");
    reviewer.act(&documents::ASK_OPINIONS, asked).await.done();
    app.agree(&food.review).await.done();
    app.grant(food).await.done();
    application.id
}

/// One whose reviews were cancelled.
async fn withdrawn(app: &TestApp) -> String {
    let application = app.file_online(&["SJJ-01-002"]).await;
    let accepted = app.clerk();
    accepted
        .does("applicationAccept", &application.id, json!({}))
        .await
        .done();
    app.applicant()
        .does("applicationWithdraw", &application.id, json!({}))
        .await
        .done();
    application.id
}

each_db! {
    async fn it_is_read_in_one_statement_that_holds_what_is_shown(app: TestApp) {
        let id = in_full_swing(&app).await;
        for reader in [app.clerk(), app.reviewer("SJJ"), app.lead("SJJ"), app.supervisor()] {
            reader.query("{ __typename }", json!({})).await.ok();
            let counted = app.statements();
            let heads = reader.query(HEADS, json!({ "id": id })).await.ok();
            // Who calls, the application, and whose name it is that claimed a review.
            let most = if heads.body.to_string().contains("\"claimedBy\":\"") { 3 } else { 2 };
            counted.assert(most);
            assert_unshown(&counted.list()[1]);
            assert!(heads.list("application.cases").len() > 1);
        }
    }

    async fn the_cases_of_a_list_are_read_in_one_statement_that_holds_what_is_shown(app: TestApp) {
        let clerk = app.clerk();
        for more in [1, 5] {
            for _ in 0..more {
                app.restaurant(&FOOD_FIRE_SIGN).await;
            }
            clerk.query("{ __typename }", json!({})).await.ok();
            let counted = app.statements();
            let list = clerk.query(LIST, json!({})).await.ok();
            // Who calls, the applications, and their cases with their reviews; of several applications those of whom a busy
            // machine kept waiting come a little later: not to be counted.
            if more == 1 {
                counted.assert(3);
            }
            counted.list()[2..].iter().for_each(|statement| assert_unshown(statement));
            for application in list.list("applications.nodes") {
                assert!(!application["cases"][0]["reviews"].as_array().expect("a list").is_empty());
            }
        }
    }

    /// By itself; where no more of it is read than lists show, if that will do; where all of it is read; and in a list.
    async fn each_field_is_the_same_whatever_is_asked_for_beside_it(app: TestApp) {
        let ids = [in_full_swing(&app).await, withdrawn(&app).await];
        let contract = Contract::read(include_str!("../schema.graphql"));
        for reader in [app.clerk(), app.reviewer("CGJ"), app.lead("SJJ"), app.supervisor()] {
            for (noun, before, after) in WAYS {
                let mut asked = 0;
                for shown in contract.asked_plainly(noun, before, after) {
                    let document = format!(
                        "query Asked($id: ID!) {{
                           alone: application(id: $id) {{ {shown} }}
                           heads: application(id: $id) {{ {shown} more: cases {{ id }} }}
                           rows: application(id: $id) {{ {shown} more: cases {{ startedOn reviews {{ reasons }} }} }}
                           list: applications(first: 5) {{ nodes {{ {shown} more: id }} }}
                         }}"
                    );
                    for id in &ids {
                        let answer = reader.query(document.as_str(), json!({ "id": id })).await.ok();
                        let alone = answer.data("alone");
                        for beside in ["heads", "rows"] {
                            assert_eq!(&without_more(answer.data(beside)), alone, "{beside}: {shown}");
                        }
                        let list = answer.list("list.nodes").iter();
                        for listed in list.filter(|listed| listed["more"] == *id) {
                            assert_eq!(&without_more(listed), alone, "{shown}");
                        }
                        asked += usize::from(!alone.is_null());
                    }
                }
                assert!(asked > 0, "{noun}");
            }
        }
    }
}
