//! Licences after the delivery: one sheet over all of them, and the sheet without the one that ended.

use serde_json::{Value, json};

use crate::support::world::{Application, FOOD_FIRE_SIGN, new_key};
use crate::support::{Client, TestApp, documents, each_db};

const FOOD: &str = "SJJ-01-002";
const FIRE: &str = "XFD-01-002";
const SIGN: &str = "CGJ-01-001";

const END: &str = "caseEndLicence";

const SEEN: &str = "query Seen($id: ID!) { application(id: $id) { state outcome
  bundle { comprehensivePermit }
  cases { item { code } state result licenceEnd { how on } }
  documents { kind issuedOn lines { label value } }
  timeline(first: 100) { nodes { kind } } } }";

/// The bundle once more, with one sheet over its licences.
async fn with_permit(app: &TestApp) {
    let with_permit = |bundle: &mut Value| bundle["comprehensivePermit"] = json!(true);
    app.publish_second("YJS-001", with_permit).await;
}

async fn decided(app: &TestApp, refused: &[&str]) -> Application {
    let application = app.restaurant(&FOOD_FIRE_SIGN).await;
    for case in &application.cases {
        app.agree(&case.review).await;
        if refused.contains(&&*case.item) {
            app.refuse(case, "不符合条件").await;
        } else {
            app.grant(case).await;
        }
    }
    application
}

/// The licences on each comprehensive permit, in the order in which they were issued.
async fn permits(app: &TestApp, of: &Application) -> Vec<Vec<String>> {
    let seen = app.clerk().query(SEEN, json!({ "id": of.id })).await.ok();
    let papers = seen.list("application.documents").iter();
    let permits = papers.filter(|paper| paper["kind"] == "COMPREHENSIVE_PERMIT");
    let lines = |paper: &Value, label: &str| -> Vec<String> {
        let lines = paper["lines"].as_array().unwrap().iter();
        let lines = lines.filter(|line| line["label"] == label);
        lines
            .map(|line| line["value"].as_str().unwrap().to_owned())
            .collect()
    };
    permits
        .map(|paper| {
            let cases = lines(paper, "CASE");
            if cases.is_empty() {
                lines(paper, "RESULT")
            } else {
                cases
            }
        })
        .collect()
}

async fn end(who: &Client, case: &str, how: &str, on: Option<&str>) -> crate::support::Answer {
    who.does(
        END,
        case,
        json!({ "how": how, "reasons": "经营者申请注销", "happenedOn": on }),
    )
    .await
}

each_db! {
    async fn one_sheet_shows_the_licences_and_is_issued_anew_without_the_one_that_ended(app: TestApp) {
        with_permit(&app).await;
        let application = decided(&app, &[SIGN]).await;
        assert_eq!(permits(&app, &application).await.len(), 0, "it comes with the delivery");
        app.deliver(&application).await;
        let first = permits(&app, &application).await;
        assert_eq!((first.len(), first[0].len()), (1, 2), "{first:?}");
let named = |end: &str| first[0].iter().any(|line| line.ends_with(end));
        assert!(named("市场监督管理局）") && named("消防救援大队）"), "each stays its department's own: {first:?}");

        let (food, fire, sign) = (application.case(FOOD), application.case(FIRE), application.case(SIGN));
        app.clock.set_day("2026-06-01");
        let xfd = app.decider("XFD");
        let early = end(&xfd, &fire.id, "DEREGISTERED", Some("2026-02-27")).await;
        assert_eq!(early.user_errors(END).len(), 1, "{early}");
        let future = end(&xfd, &fire.id, "DEREGISTERED", Some("2026-06-02")).await;
        assert_eq!(future.user_errors(END), ["ACT_IN_FUTURE"]);
        let key = json!({ "idempotencyKey": new_key(), "how": "DEREGISTERED", "reasons": "经营者申请注销" });
        for _ in 0..2 {
            xfd.does(END, &fire.id, key.clone()).await.done();
        }
        assert_eq!(end(&xfd, &fire.id, "EXPIRED", None).await.user_errors(END), ["LICENCE_ENDED"]);
        let second = permits(&app, &application).await;
        assert_eq!((second.len(), &second[1]), (2, &first[0][1..].to_vec()), "without it");

        // The last one ends, and nothing is left.
        end(&app.decider("SJJ"), &food.id, "REVOKED", None).await.done();
        let last = permits(&app, &application).await;
        assert_eq!(last[2], ["所载许可均已失效，本综合许可凭证同时失效。"]);

        // What was refused has no licence; another department is told whose this one is.
        assert_eq!(end(&app.decider("CGJ"), &sign.id, "EXPIRED", None).await.user_errors(END), ["NOT_A_LICENCE"]);
        assert_eq!(end(&app.decider("CGJ"), &food.id, "EXPIRED", None).await.user_errors(END), ["NOT_YOURS"]);
        for who in ["clerk", "reviewer-sjj", "applicant", "supervisor"] {
            assert_eq!(end(&app.as_(who), &food.id, "EXPIRED", None).await.user_errors(END), ["FORBIDDEN"], "{who}");
        }
        let empty = json!({ "how": "EXPIRED", "reasons": " " });
        assert_eq!(app.decider("SJJ").does(END, &food.id, empty).await.user_errors(END), ["REASONS_REQUIRED"]);

        // What was decided stays decided.
        let seen = app.clerk().query(SEEN, json!({ "id": application.id })).await.ok();
        let of = |item: &str| seen.list("application.cases").iter().find(|case| case["item"]["code"] == item).unwrap();
        assert_eq!((&of(FIRE)["result"], &of(FIRE)["licenceEnd"]), (&json!("GRANTED"), &json!({ "how": "DEREGISTERED", "on": "2026-06-01" })));
        assert_eq!(of(SIGN)["licenceEnd"], Value::Null);
        assert_eq!((seen.text("application.state"), seen.text("application.outcome")), ("CLOSED".to_owned(), "PARTLY_GRANTED".to_owned()));
        let kinds = seen.texts("application.timeline.nodes", "kind");
        let told = |kind: &str| kinds.iter().filter(|told| *told == kind).count();
        assert_eq!((told("LICENCE_ENDED"), told("PERMIT_ISSUED")), (2, 3));
        app.assert_sound().await;
    }

    async fn a_licence_of_a_record_that_is_void_is_on_the_sheet_no_more(app: TestApp) {
        with_permit(&app).await;
        let application = decided(&app, &[]).await;
        app.deliver(&application).await;
        let first = permits(&app, &application).await;
        let (fire, sign) = (application.case(FIRE), application.case(SIGN));
        app.clerk().does("caseAskVoid", &fire.id, json!({ "reasons": "重复登记" })).await.done();
        assert_eq!(permits(&app, &application).await.len(), 1, "asking changes nothing");
        app.decider("XFD").does("caseConfirmVoid", &fire.id, json!({})).await.done();
        let all = permits(&app, &application).await;
        let others = first[0].iter().filter(|line| !line.ends_with("消防救援大队）"));
        let others: Vec<String> = others.cloned().collect();
        assert_eq!((all.len(), all[1].len(), &all[1]), (2, 2, &others), "without it");
        let seen = app.clerk().query(SEEN, json!({ "id": application.id })).await.ok();
        let kinds = seen.texts("application.timeline.nodes", "kind");
        assert_eq!(kinds.iter().filter(|kind| *kind == "PERMIT_ISSUED").count(), 2);

        // A void record is no licence that could end; of the others each still can.
        let none = end(&app.decider("XFD"), &fire.id, "EXPIRED", None).await;
        assert_eq!(none.user_errors(END), ["NOT_A_LICENCE"]);
        end(&app.decider("CGJ"), &sign.id, "EXPIRED", None).await.done();
        assert_eq!(permits(&app, &application).await[2].len(), 1);
        app.assert_sound().await;
    }

    async fn a_bundle_without_one_delivers_as_before(app: TestApp) {
        let application = decided(&app, &[]).await;
        let food = application.case(FOOD);
        // Granted, and not delivered yet: the end is on record all the same.
        end(&app.decider("SJJ"), &food.id, "WITHDRAWN", None).await.done();
        app.deliver(&application).await;
        assert_eq!(permits(&app, &application).await.len(), 0);
        let read = app.clerk().query(&documents::APPLICATION_BY_ID, json!({ "id": application.id })).await.ok();
        assert_eq!(read.text("application.state"), "CLOSED");
        app.assert_sound().await;
    }

    async fn two_who_end_one_at_once_end_it_once(app: TestApp) {
        with_permit(&app).await;
        let application = decided(&app, &[]).await;
        app.deliver(&application).await;
        let (food, sign) = (application.case(FOOD), application.case(SIGN));
        let (sjj, cgj) = (app.decider("SJJ"), app.decider("CGJ"));
        let (one, two, other) = tokio::join!(
            end(&sjj, &food.id, "EXPIRED", None),
            end(&sjj, &food.id, "REVOKED", None),
            end(&cgj, &sign.id, "EXPIRED", None)
        );
        other.done();
        let mut codes = [one, two].map(|answer| answer.user_errors(END).join(" "));
        codes.sort();
        assert_eq!(codes, ["", "LICENCE_ENDED"]);
        let all = permits(&app, &application).await;
        assert_eq!(all.iter().map(Vec::len).collect::<Vec<_>>(), [3, 2, 1], "each says what stood then");
        app.assert_sound().await;
    }
}
