//! Traps into which other systems fell when several departments work on one application, each by the name of what would
//! be wrong. Traps of one clock stand in `domain/src/clock/tests`.
//!
//! | trap | test |
//! | --- | --- |
//! | 3 | `a_suspension_is_no_flag_it_moves_its_own_dates_and_the_joint_ones_and_no_others` |
//! | 7 | `while_one_case_stands_still_no_date_is_shown_as_due_and_what_remains_is_exact` |
//! | 11 | `closed_in_time_is_green_for_ever_and_closed_late_keeps_its_colour` |
//! | 14 | `a_bundle_with_a_period_yields_joint_cards_with_no_other_call` |
//! | 15 | `whom_nobody_asks_any_more_is_not_counted_and_completion_is_what_the_opinions_say`, `three_of_five_opinions_are_enough_and_nobody_waits_for_the_others`, `a_department_that_disagrees_leaves_nothing_stuck` |
//! | 16 | `a_tacit_rule_that_is_switched_off_keeps_what_it_brought_about_and_says_why` |
//! | 18 | `what_another_department_thinks_is_hidden_on_every_path_to_it` |
//! | 19 | `thresholds::a_poisoned_application_stops_no_other`, `notices::a_poisoned_application_stops_no_other` |
//! | 20 | `any_later_act_keeps_the_extended_joint_dates` |
//! | 22 | `an_overdue_bundle_and_an_overdue_opinion_can_be_finished_and_stay_late_on_record` |
//! | 24 | `a_day_on_which_two_cases_stand_still_is_left_out_of_the_joint_clock_once` |

use serde_json::{Value, json};

use crate::support::life::Life;
use crate::support::world::{input_for_bundle, new_key};
use crate::support::{Answer, Client, TestApp, documents, each_db};

/// Four cases at once, of which three list an expert review, and one that waits; Monday, 2 March 2026.
const PROJECT: (&str, &str) = ("YJS-004", "Q1=H Q2=N Q3=Y Q4=T Q5=Y");
const EXPERTS: &str = "EXPERT_REVIEW";

async fn project(app: &TestApp) -> Life {
    let life = Life::received(app, PROJECT.0, PROJECT.1).await;
    life.accepted().await;
    life
}

/// Somebody asks others on the case of an item: how many must answer, and whom.
async fn ask(life: &Life, item: &str, at_least: Option<u32>, of: &[&str]) -> Vec<String> {
    let case = life.case(item);
    let wanted = of
        .iter()
        .map(|department| json!({ "departmentCode": department, "part": "MANDATORY" }));
    let input = json!({
        "idempotencyKey": new_key(), "caseId": case.id, "question": "请提出意见", "atLeast": at_least,
        "rule": if at_least.is_some() { "AT_LEAST" } else { "ALL" }, "opinions": wanted.collect::<Vec<_>>(),
    });
    let reviewer = life.app.reviewer(&case.department);
    let asked = reviewer.act(&documents::ASK_OPINIONS, input).await.done();
    let ids = asked.texts("caseAskOpinions.case.reviews", "id");
    ids[ids.len() - of.len()..].to_vec()
}

/// The departments that are waited for.
async fn awaited(life: &Life, item: &str) -> Vec<String> {
    let asked = "query Awaited($id: ID!) { case(id: $id) { awaitedOpinions { code } } }";
    let told = life
        .app
        .supervisor()
        .query(asked, json!({ "id": life.case(item).id }))
        .await
        .ok();
    told.texts("case.awaitedOpinions", "code")
}

/// The joint lamp, as it stood at an instant.
async fn joint_lamp(app: &TestApp, life: &Life, at: &str) -> String {
    let asked =
        "query Lamp($id: ID!, $at: DateTime!) { application(id: $id) { asOf(at: $at) { lamp } } }";
    let variables = json!({ "id": life.application.id, "at": format!("{at}T10:00:00Z") });
    app.supervisor()
        .query(asked, variables)
        .await
        .ok()
        .text("application.asOf.lamp")
}

each_db! {
    async fn a_suspension_is_no_flag_it_moves_its_own_dates_and_the_joint_ones_and_no_others(app: TestApp) {
        let life = project(&app).await;
        life.due("FGW-01-001 03-12 03-30, SLJ-01-002 03-09 03-30, STHJ-01-001 03-16 04-01, SLJ-01-001 03-23 05-08").await;
        life.joint("03-23 05-08").await;
        life.day("2026-03-04").await;
        life.suspended("SLJ-01-002", EXPERTS, 5).await;
        life.day("2026-03-10").await;
        life.resumed("SLJ-01-002", EXPERTS).await;
        // Not charged: the 5th, the 6th, the 9th and the 10th.
        life.due("FGW-01-001 03-12 03-30, SLJ-01-002 03-13 04-03, STHJ-01-001 03-16 04-01, SLJ-01-001 03-23 05-08").await;
        life.joint("03-27 05-13").await;
        app.assert_sound().await;
    }

    async fn while_one_case_stands_still_no_date_is_shown_as_due_and_what_remains_is_exact(app: TestApp) {
        let life = project(&app).await;
        life.day("2026-03-04").await;
        life.suspended("SLJ-01-002", EXPERTS, 5).await;
        life.day("2026-03-06").await;
        life.due("SLJ-01-002 - -").await;
        life.joint("- -").await;
        // Two days were charged; were it resumed today, the 5th and the 6th would not have been.
        let case = app.clocks(life.case("SLJ-01-002")).await;
        let shown = |clock: &Value| (clock["state"].clone(), clock["remaining"].clone(), clock["projectedOn"].clone());
        let stands = |days: i64, projected: &str| (json!("SUSPENDED"), json!(days), json!(projected));
        assert_eq!(shown(case.data("case.promised")), stands(3, "2026-03-11"));
        assert_eq!(shown(case.data("case.statutory")), stands(18, "2026-04-01"));
        let file = app.file(&life.application).await;
        assert_eq!(shown(file.data("jointPromised")), stands(13, "2026-03-25"));
        assert_eq!(shown(file.data("jointStatutory")), stands(43, "2026-05-11"));
    }

    async fn closed_in_time_is_green_for_ever_and_closed_late_keeps_its_colour(app: TestApp) {
        let [early, late] = [project(&app).await, project(&app).await];
        let all = "FGW-01-001, SLJ-01-002, STHJ-01-001, SLJ-01-001, ZRZY-01-001";
        early.granted(all).await;
        app.deliver(&early.application).await;
        app.clock.set_day("2026-03-24");
        app.sweep().await;
        late.granted(all).await;
        app.deliver(&late.application).await;
        app.clock.set_day("2026-09-01");
        app.sweep().await;
        for (life, lamps) in [(&early, ["GREEN", "GREEN"]), (&late, ["ALERT", "YELLOW"])] {
            // On the last day of the promise, and half a year later.
            assert_eq!([joint_lamp(&app, life, "2026-03-23").await, joint_lamp(&app, life, "2026-08-31").await], lamps);
        }
    }

    async fn a_bundle_with_a_period_yields_joint_cards_with_no_other_call(app: TestApp) {
        let life = project(&app).await;
        app.sweep_daily_until("2026-05-11").await;
        let asked = "query Cards($id: ID!) { application(id: $id) { cards { rule level raisedOn case { id } } } }";
        let told = app.supervisor().query(asked, json!({ "id": life.application.id })).await.ok();
        let joint = told.list("application.cards").iter().filter(|card| card["case"].is_null());
        let joint: Vec<String> = joint
            .map(|card| ["rule", "level", "raisedOn"].map(|field| card[field].as_str().unwrap().to_owned()).join(" "))
            .collect();
        // Promised until 23 March, by law until 8 May.
        let expected = ["TIME_01 ALERT 2026-03-20", "TIME_02 YELLOW 2026-03-24", "TIME_03 ALERT 2026-04-29", "TIME_04 RED 2026-05-09"];
        assert_eq!(joint, expected);
    }

    async fn whom_nobody_asks_any_more_is_not_counted_and_completion_is_what_the_opinions_say(app: TestApp) {
        let life = project(&app).await;
        let item = "SLJ-01-002";
        let reviews = ask(&life, item, None, &["CGJ", "XFD", "WJW"]).await;
        assert_eq!(awaited(&life, item).await, ["CGJ", "XFD", "WJW"]);
        life.opines("CGJ", &reviews[0], "AGREE", None).await.done();
        let reviewer = app.reviewer("SLJ");
        let back = json!({ "idempotencyKey": new_key(), "reviewId": reviews[1], "reasons": "误送" });
        reviewer.act(&documents::WITHDRAW_OPINION, back).await.done();
        assert_eq!(awaited(&life, item).await, ["WJW"]);
        let given = reviewer.act(&documents::WITHDRAW_OPINION, json!({ "idempotencyKey": new_key(), "reviewId": reviews[0], "reasons": "误送" })).await;
        assert_eq!(given.user_errors("reviewWithdraw"), ["ALREADY_DECIDED"], "what was said was said");
        life.replaced(item, &reviews[2], "ZJJ").await;
        assert_eq!(awaited(&life, item).await, ["ZJJ"]);
        let own = life.in_inbox_of("SLJ", item).await;
        let early = life.opines("SLJ", &own, "AGREE", None).await;
        assert_eq!(early.user_errors("reviewGiveOpinion"), ["OPINIONS_OUTSTANDING"]);
        let instead = life.in_inbox_of("ZJJ", item).await;
        life.opines("ZJJ", &instead, "AGREE", None).await.done();
        assert_eq!(awaited(&life, item).await, Vec::<String>::new());
        life.granted(item).await;
        assert_eq!(life.reviews(item).await, "GIVEN, CGJ GIVEN, XFD WITHDRAWN, WJW WITHDRAWN, ZJJ GIVEN");
        app.assert_sound().await;
    }

    async fn three_of_five_opinions_are_enough_and_nobody_waits_for_the_others(app: TestApp) {
        let life = project(&app).await;
        let item = "SLJ-01-002";
        let five = ["CGJ", "XFD", "WJW", "ZJJ", "CZJ"];
        let reviews = ask(&life, item, Some(3), &five).await;
        let own = life.in_inbox_of("SLJ", item).await;
        for (department, review) in five.iter().zip(&reviews).take(3) {
            let early = life.opines("SLJ", &own, "AGREE", None).await;
            assert_eq!(early.user_errors("reviewGiveOpinion"), ["OPINIONS_OUTSTANDING"]);
            life.opines(department, review, "AGREE", None).await.done();
        }
        assert_eq!(awaited(&life, item).await, Vec::<String>::new());
        life.granted(item).await;
        assert_eq!(life.reviews(item).await, "GIVEN, CGJ GIVEN, XFD GIVEN, WJW GIVEN, ZJJ CANCELLED, CZJ CANCELLED");
        app.assert_sound().await;
    }

    async fn a_department_that_disagrees_leaves_nothing_stuck(app: TestApp) {
        let life = project(&app).await;
        let item = "SLJ-01-002";
        let reviews = ask(&life, item, None, &["CGJ", "XFD"]).await;
        life.opines("CGJ", &reviews[0], "DISAGREE", Some("与规划不符")).await.done();
        assert_eq!(awaited(&life, item).await, ["XFD"]);
        life.opines("XFD", &reviews[1], "DISAGREE", Some("无消防通道")).await.done();
        life.examined(item).await;
        app.refuse(life.case(item), "两部门不同意").await;
        life.stands("IN_REVIEW: FGW-01-001 IN_REVIEW, SLJ-01-002 REFUSED, STHJ-01-001 IN_REVIEW, SLJ-01-001 IN_REVIEW, \
            ZRZY-01-001 AWAITING_PREDECESSOR").await;
        life.granted("FGW-01-001, STHJ-01-001, SLJ-01-001, ZRZY-01-001").await;
        life.delivered("2026-03-03", "2026-03-04", "PARTLY_GRANTED").await;
    }

    async fn a_tacit_rule_that_is_switched_off_keeps_what_it_brought_about_and_says_why(app: TestApp) {
        let item = "SLJ-01-002";
        let [passed, open] = [project(&app).await, project(&app).await];
        ask(&passed, item, None, &["CZJ"]).await;
        app.sweep_daily_until("2026-03-10").await;
        ask(&open, item, None, &["CZJ"]).await;
        publish_without_silence(&app).await;
        let answers = [("Q1", "H"), ("Q2", "N"), ("Q3", "Y"), ("Q4", "T"), ("Q5", "Y")];
        let later = app.submit_input(input_for_bundle(PROJECT.0, &answers)).await;
        let case = later.case(item);
        let input = json!({ "idempotencyKey": new_key(), "caseId": case.id, "question": "请提出意见", "rule": "ALL",
            "opinions": [{ "departmentCode": "CZJ", "part": "MANDATORY" }] });
        app.reviewer("SLJ").act(&documents::ASK_OPINIONS, input).await.done();
        app.sweep_daily_until("2026-03-20").await;

        // What passed stays passed, and what was filed under the rule keeps it.
        assert_eq!(passed.reviews(item).await, "OPEN, CZJ TACIT");
        assert_eq!(open.reviews(item).await, "OPEN, CZJ TACIT");
        for (life, on) in [(&passed, "2026-03-10"), (&open, "2026-03-18")] {
            let silence = app.file(&life.application).await.event("OPINION_TACIT");
            assert!(silence["actorRole"].is_null(), "nobody signed it: {silence}");
            // The morning after the last of its five working days.
            assert_eq!(silence["happenedAt"], json!(format!("{on}T01:00:00.000000Z")));
            let asked = "query Why($id: ID!) { application(id: $id) { bundle { version tacitConsent { policy } } } }";
            let told = app.supervisor().query(asked, json!({ "id": life.application.id })).await.ok();
            assert_eq!(told.data("application.bundle"), &json!({ "version": 1, "tacitConsent": { "policy": "OPINION_ONLY" } }));
        }
        let seen = app.supervisor().query(&documents::LIFE, json!({ "id": later.id })).await.ok();
        let mut cases = seen.list("application.cases").iter();
        let case = cases.find(|case| case["item"]["code"] == item).unwrap();
        assert_eq!(case["reviews"][1]["state"], "OPEN", "what was filed afterwards has no such rule");
        app.assert_sound().await;
    }

    async fn what_another_department_thinks_is_hidden_on_every_path_to_it(app: TestApp) {
        let life = project(&app).await;
        let (item, secret) = ("SLJ-01-002", "涉及未公开的防洪评价");
        let reviews = ask(&life, item, None, &["CGJ", "XFD"]).await;
        life.opines("CGJ", &reviews[0], "DISAGREE", Some(secret)).await.done();
        let paths = Paths { application: &life.application.id, receipt: &life.application.receipt_number,
            case: &life.case(item).id, review: &reviews[0] };
        // Who asked and who said it read it on the same paths that are closed to all others.
        for (who, reads) in [
            (app.reviewer("SLJ"), true), (app.decider("SLJ"), true), (app.reviewer("CGJ"), true), (app.supervisor(), true),
            (app.reviewer("XFD"), false), (app.reviewer("STHJ"), false), (app.decider("FGW"), false), (app.clerk(), false),
            (app.administrator(), false), (app.reviewer("JYJ"), false), (app.applicant(), false),
        ] {
            for (path, answer) in paths.walk(&who).await {
                let told = answer.body.to_string().contains(secret);
                assert_eq!(told, reads, "{path}: {answer}");
            }
        }
        assert!(!app.nobody().query(&documents::PUBLIC_PROGRESS, json!({
            "receiptNumber": life.application.receipt_number, "queryCode": life.application.query_code,
        })).await.body.to_string().contains(secret));
        // Taken back, it is closed to whom nobody asks any more, too.
        let back = json!({ "idempotencyKey": new_key(), "reviewId": reviews[1], "reasons": "误送" });
        app.reviewer("SLJ").act(&documents::WITHDRAW_OPINION, back).await.done();
        for (path, answer) in paths.walk(&app.reviewer("XFD")).await {
            let fields = answer.body["data"].as_object().unwrap().values();
            for field in fields {
                let nothing = field.is_null() || field["nodes"] == json!([]);
                assert!(nothing, "{path}: {answer}");
            }
        }
    }

    async fn any_later_act_keeps_the_extended_joint_dates(app: TestApp) {
        let life = project(&app).await;
        let more = json!({ "days": 15, "approvedBy": "LOCAL_GOVERNMENT_HEAD", "reasons": "涉及多个部门" });
        life.whole(&app.lead("FGW"), "applicationExtend", more).await;
        let extended = "04-14 05-28";
        life.joint(extended).await;
        let reviews = ask(&life, "SLJ-01-002", None, &["CGJ"]).await;
        life.joint(extended).await;
        life.opines("CGJ", &reviews[0], "AGREE", None).await.done();
        life.granted("SLJ-01-002").await;
        life.joint(extended).await;
        let only = json!({ "onlyCaseId": life.case("STHJ-01-001").id });
        life.whole(&app.clerk(), "applicationWithdraw", only).await;
        life.joint(extended).await;
        life.day("2026-03-05").await;
        life.granted("FGW-01-001, SLJ-01-001, ZRZY-01-001").await;
        life.joint(extended).await;
        life.delivered("2026-03-06", "2026-03-09", "PARTLY_GRANTED").await;
        life.joint(extended).await;
    }

    async fn an_overdue_bundle_and_an_overdue_opinion_can_be_finished_and_stay_late_on_record(app: TestApp) {
        let life = project(&app).await;
        // Environment is protected: silence says nothing there.
        let item = "STHJ-01-001";
        let review = ask(&life, item, None, &["CZJ"]).await.remove(0);
        app.clock.set_day("2026-06-01");
        app.sweep().await;
        life.opines("CZJ", &review, "AGREE", None).await.done();
        life.granted("FGW-01-001, SLJ-01-002, STHJ-01-001, SLJ-01-001, ZRZY-01-001").await;
        life.delivered("2026-06-02", "2026-06-03", "GRANTED").await;
        app.clock.set_day("2026-09-01");
        let file = app.file(&life.application).await;
        for clock in ["jointPromised", "jointStatutory"] {
            assert_eq!((&file.data(clock)["state"], &file.data(clock)["overdue"]), (&json!("STOPPED"), &json!(true)));
        }
        assert_eq!(joint_lamp(&app, &life, "2026-08-31").await, "RED");
        // Later than the law allows the whole case, the opinion is late by it, too.
        let lamp = "query Lamp($id: ID!) { review(id: $id) { lamp } }";
        let told = app.supervisor().query(lamp, json!({ "id": review })).await.ok();
        assert_eq!(told.text("review.lamp"), "RED");
        let cards = app.cards_on(&life.application).await;
        for rule in ["TIME_02", "TIME_04", "TIME_09"] {
            assert!(cards.iter().any(|(known, ..)| known == rule), "{rule}: {cards:?}");
        }
    }

    async fn a_day_on_which_two_cases_stand_still_is_left_out_of_the_joint_clock_once(app: TestApp) {
        let life = project(&app).await;
        life.day("2026-03-04").await;
        life.suspended("SLJ-01-002", EXPERTS, 5).await;
        life.day("2026-03-06").await;
        life.suspended("STHJ-01-001", EXPERTS, 5).await;
        life.day("2026-03-10").await;
        life.resumed("SLJ-01-002", EXPERTS).await;
        life.joint("- -").await;
        life.day("2026-03-12").await;
        life.resumed("STHJ-01-001", EXPERTS).await;
        // The 5th and the 6th, the 9th to the 12th: six working days, and a weekend that was none before.
        life.joint("03-31 05-15").await;
        app.assert_sound().await;
    }
}

/// The ways to an opinion.
struct Paths<'a> {
    application: &'a str,
    receipt: &'a str,
    case: &'a str,
    review: &'a str,
}

impl Paths<'_> {
    async fn walk(&self, who: &Client) -> Vec<(&'static str, Answer)> {
        let mut all = Vec::new();
        for (path, id) in [
            (
                "application(id: $id) { cases { reviews { opinion reasons } } }",
                self.application,
            ),
            (
                "applicationByReceipt(receiptNumber: $id) { cases { reviews { reasons } } }",
                self.receipt,
            ),
            ("case(id: $id) { reviews { reasons } }", self.case),
            (
                "case(id: $id) { application { cases { reviews { reasons } } } }",
                self.case,
            ),
            ("review(id: $id) { reasons }", self.review),
            (
                "review(id: $id) { case { reviews { reasons } } }",
                self.review,
            ),
            (
                "node(id: $id) { ... on Review { reasons case { application { cases { reviews { reasons } } } } } }",
                self.review,
            ),
            (
                "node(id: $id) { ... on Case { reviews { reasons } } }",
                self.case,
            ),
            (
                "node(id: $id) { ... on Application { cases { reviews { reasons } } } }",
                self.application,
            ),
        ] {
            let kind = if path.starts_with("applicationByReceipt") {
                "String"
            } else {
                "ID"
            };
            let document = format!("query Path($id: {kind}!) {{ {path} }}");
            all.push((path, who.query(&document, json!({ "id": id })).await));
        }
        for path in [
            "applications(first: 100) { nodes { cases { reviews { reasons } } } }",
            "cases(first: 100) { nodes { reviews { reasons } } }",
        ] {
            all.push((
                path,
                who.query(&format!("query {{ {path} }}"), json!({})).await,
            ));
        }
        all
    }
}

/// The bundle once more, in a version in which silence says nothing.
async fn publish_without_silence(app: &TestApp) {
    let without = |bundle: &mut Value| bundle["tacitConsent"] = json!({ "policy": "OFF" });
    app.publish_second(PROJECT.0, without).await;
}
