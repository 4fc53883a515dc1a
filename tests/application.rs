//! What an application is read from: no more of it, its cases and their reviews than is shown, and the same however much is
//! asked for.

use serde_json::json;

use crate::contract::{Contract, name_of, needs_arguments};
use crate::support::each_db;
use crate::support::world::FOOD_FIRE_SIGN;

/// All that lists show of an application, its cases and their reviews, and nothing more.
const HEADS: &str = "query Heads($id: ID!) { application(id: $id) {
    __typename id receiptNumber version state outcome receivedAt receivedOn acceptedOn bundle { code }
    leadDepartment { code } applicant { __typename kind name } ...cases } }
  fragment cases on Application { cases {
    __typename id caseNumber version itemName state result closingKind item { code } department { code }
    reviews { __typename id version state department { code } opinion claimedBy givenAt lamp promisedDaysLeft }
  } }";

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
const WAYS: [(&str, &str, &str); 4] = [
    ("Application", "", ""),
    ("Applicant", "applicant { ", " }"),
    ("Case", "cases { ", " }"),
    ("Review", "cases { reviews { ", " } }"),
];

each_db! {
    async fn it_is_read_in_one_statement_that_holds_what_is_shown(app: TestApp) {
        let application = app.restaurant(&FOOD_FIRE_SIGN).await;
        for reader in [app.clerk(), app.reviewer("SJJ"), app.lead("SJJ"), app.supervisor()] {
            reader.query("{ __typename }", json!({})).await.ok();
            let counted = app.statements();
            let heads = reader.query(HEADS, json!({ "id": application.id })).await.ok();
            // Who calls, and the application.
            counted.assert(2);
            for unshown in UNSHOWN {
                assert!(!counted.list()[1].contains(unshown), "{unshown}: {:?}", counted.list());
            }
            assert_eq!(heads.list("application.cases").len(), application.cases.len());
        }
    }

    /// Alone, beside something for which all is read, and in a list.
    async fn each_field_is_the_same_whatever_is_asked_for_beside_it(app: TestApp) {
        let application = app.restaurant(&FOOD_FIRE_SIGN).await;
        let food = application.case("SJJ-01-002");
        app.agree(&food.review).await.done();
        app.grant(food).await.done();
        let contract = Contract::read(include_str!("../schema.graphql"));
        let mut fields = 0;
        for reader in [app.clerk(), app.supervisor()] {
            for (noun, before, after) in WAYS {
                for field in contract.fields(noun) {
                    if needs_arguments(field) {
                        continue;
                    }
                    let name = &field.name.node;
                    let below = if contract.is_leaf(name_of(&field.ty.node)) { "" } else { " { __typename }" };
                    let shown = format!("{before}{name}{below}{after}");
                    let asked = format!(
                        "query Asked($id: ID!) {{
                           alone: application(id: $id) {{ {shown} }}
                           beside: application(id: $id) {{ {shown} more: channel beyond: cases {{ startedOn reviews {{ reasons }} }} }}
                           list: applications(first: 5) {{ nodes {{ {shown} }} }}
                         }}"
                    );
                    let answer = reader.query(asked.as_str(), json!({ "id": application.id })).await.ok();
                    let mut beside = answer.data("beside").clone();
                    for more in ["more", "beyond"] {
                        assert!(beside.as_object_mut().is_some_and(|all| all.remove(more).is_some()));
                    }
                    assert_eq!(answer.data("alone"), &beside, "{noun}.{name}");
                    assert_eq!(answer.list("list.nodes"), [beside], "{noun}.{name}");
                    fields += 1;
                }
            }
        }
        assert!(fields > 120, "{fields}");
    }
}
