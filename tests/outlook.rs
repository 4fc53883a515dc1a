//! What is foreseen of an application, and who owes what, as those see it who hold the whole together.

use std::sync::Arc;

use lianshen::app::App;
use lianshen::case::{ItemOf, histories_of};
use lianshen::config::Config;
use lianshen_domain::application::{Foresight, History};
use lianshen_domain::item::SpecialProcedureKind;
use serde_json::{Value, json};

use crate::support::world::{Application, Review};
use crate::support::{Answer, Client, TestApp, each_db};

/// What an outlook tells.
const OUTLOOK: &str = "{
  endsOn spare { promised statutory } criticalPath { item { code } }
  cases { case { item { code } } startsOn endsOn basis decidedCases slackWorkdays critical spare { promised statutory } }
  owedActs { kind by departmentCode department { code } case { item { code } } clock dueOn critical }
}";

/// Promised in five days, ten by law.
const FOOD: &str = "SJJ-01-002";
/// Promised in three days.
const SIGN: &str = "CGJ-01-001";
/// Promised in seven, twenty by law; an expert review may suspend it.
const WITH_REVIEW: &str = "FGW-01-002";

/// A restaurant without a licence, with a signboard, that sells tobacco: registration and then food and signboard, and then
/// tobacco.
const RESTAURANT: &[(&str, &str)] = &[
    ("Q1", "N"),
    ("Q2", "N"),
    ("Q4", "Y"),
    ("Q5", "N"),
    ("Q6", "Y"),
];

each_db! {
    /// Accepted on 11 February 2026: the 14th is worked, 15 to 23 are off, the 28th is worked.
    async fn what_comes_one_after_the_other_makes_the_whole_as_long_as_it_is(app: TestApp) {
        app.clock.set_day("2026-02-11");
        let application = app.restaurant(RESTAURANT).await;
        // 14, 25 February and 10 March are the third, the fifth, and ten days after that; the tenth is the fifteenth in all.
        assert_eq!(foreseen(&app, &application).await, [
            "SJJ-01-001 02-11 to 02-11 PROMISE +0* 0/3",
            "CGJ-01-001 02-11 to 02-14 PROMISE +12 0/17",
            "SJJ-01-002 02-11 to 02-25 PROMISE +0* 0/5",
            "YCJ-01-001 02-25 to 03-10 PROMISE +0* 0/10",
            "03-10 by SJJ-01-001 SJJ-01-002 YCJ-01-001, joint 0/30",
        ]);
    }

    async fn a_forecast_is_what_decided_cases_of_the_item_took(app: TestApp) {
        app.clock.set_day("2026-01-05");
        decide_after(&app, FOOD, &[("2026-01-07", 3), ("2026-01-08", 2), ("2026-01-09", 2)]).await;
        app.go_to("2026-01-12");
        let early = app.submit(&[FOOD]).await;
        let told = ask(&app.supervisor(), &early).await;
        assert_eq!(told.number("application.outlook.cases.0.decidedCases"), 7);
        assert_eq!(foreseen(&app, &early).await[0], "SJJ-01-002 01-12 to 01-19 PROMISE +0* 0/5", "seven are too few");
        decide_after(&app, FOOD, &[("2026-01-19", 2)]).await;

        app.go_to("2026-02-11");
        let application = app.restaurant(RESTAURANT).await;
        // Two, two, two, three, three, four, four, five, five days: the one in the middle took three.
        assert_eq!(foreseen(&app, &application).await, [
            "SJJ-01-001 02-11 to 02-11 PROMISE +0* 0/3",
            "CGJ-01-001 02-11 to 02-14 PROMISE +10 0/17",
            "SJJ-01-002 02-11 to 02-14 HISTORY +0* 2/7",
            "YCJ-01-001 02-14 to 03-06 PROMISE +0* 0/10",
            "03-06 by SJJ-01-001 SJJ-01-002 YCJ-01-001, joint 2/32",
        ]);
    }

    /// With a promise of five days from 2 March, and nothing decided before.
    async fn what_has_outrun_everything_is_as_if_it_ended_today(app: TestApp) {
        let application = app.submit(&[FOOD]).await;
        for (day, expected) in [
            ("2026-03-09", "SJJ-01-002 03-02 to 03-09 PROMISE +0* 0/5"),
            ("2026-03-10", "SJJ-01-002 03-02 to 03-10 OVERRUN +0* -1/4"),
            ("2026-03-14", "SJJ-01-002 03-02 to 03-16 OVERRUN +0* -5/0"),
        ] {
            app.go_to(day);
            assert_eq!(foreseen(&app, &application).await[0], expected);
        }
        assert!(foreseen(&app, &application).await[1].ends_with("joint -/-"), "single items promise nothing together");
    }

    /// Ten days from 4 March, told to the applicant: the 18th. Of the seven that are promised two are used by then.
    async fn a_suspension_moves_the_forecast_and_the_promise(app: TestApp) {
        let application = app.submit(&[WITH_REVIEW]).await;
        let case = &application.cases[0];
        app.go_to("2026-03-04");
        app.begin(case, SpecialProcedureKind::ExpertReview, 10, None).await;
        assert_eq!(foreseen(&app, &application).await[0], "FGW-01-002 03-02 to 03-25 PROMISE +0* 0/13");
        assert_eq!(owed(&app, &application).await, ["FGW-01-002 END_PROCEDURE FGW by 03-18 SPECIAL*"]);
        app.go_to("2026-03-20");
        app.end(case, SpecialProcedureKind::ExpertReview, None).await;
        assert_eq!(foreseen(&app, &application).await[0], "FGW-01-002 03-02 to 03-27 PROMISE +0* 0/13");
        assert_eq!(owed(&app, &application).await, ["FGW-01-002 OPINION FGW by 03-25 STEP*"]);
    }

    async fn what_is_owed_from_the_receipt_to_the_closing(app: TestApp) {
        let application = app.receive(&[FOOD, SIGN]).await;
        let clerk = app.clerk();
        assert_eq!(owed(&app, &application).await, ["- ACCEPT WINDOW by 03-09 ACCEPTANCE_CHECK*"]);
        assert_eq!(foreseen(&app, &application).await, ["- by , joint -/-"], "nothing is foreseen yet");

        let wanted = json!({ "points": [{ "text": "平面图", "basis": "办事指南" }] });
        clerk.does("applicationNoticeCorrection", &application.id, wanted).await.done();
        assert_eq!(owed(&app, &application).await, ["- SUPPLEMENT APPLICANT by 03-30 SUPPLEMENT*"]);

        clerk.does("applicationSupplement", &application.id, json!({ "text": "平面图" })).await.done();
        clerk.does("applicationAccept", &application.id, json!({})).await.done();
        let application = app.reread(&application).await;
        assert_eq!(owed(&app, &application).await, [
            "SJJ-01-002 OPINION SJJ by 03-05 STEP*",
            "CGJ-01-001 OPINION CGJ by 03-03 STEP",
        ]);

        let (food, sign) = (application.case(FOOD), application.case(SIGN));
        app.agree(&sign.review).await;
        let asked = json!({ "materials": ["M-PLAN"], "reasons": "平面图不清晰" });
        app.reviewer("SJJ").does("caseAskMaterial", &food.id, asked).await.done();
        // Promise and step stand still; the law does not wait.
        assert_eq!(owed(&app, &application).await, [
            "SJJ-01-002 MATERIAL APPLICANT by 03-16 STATUTORY*",
            "CGJ-01-001 DECISION CGJ by 03-04 STEP",
        ]);

        app.grant(sign).await;
        let brought = json!({ "text": "平面图" });
        app.clerk().does("caseReceiveMaterial", &food.id, brought).await.done();
        app.agree(&food.review).await;
        assert_eq!(owed(&app, &application).await, [
            "SJJ-01-002 DECISION SJJ by 03-04 STEP*",
            "CGJ-01-001 DELIVERY WINDOW by 03-16 DELIVERY",
        ]);

        app.grant(food).await;
        assert_eq!(owed(&app, &application).await, ["- DELIVERY WINDOW by 03-16 DELIVERY*"]);
        assert_eq!(foreseen(&app, &application).await, ["- by , joint -/-"], "all have ended");
        app.deliver(&application).await;
        assert_eq!(owed(&app, &application).await, Vec::<String>::new());
    }

    async fn what_waits_for_another_owes_nothing_until_that_is_granted(app: TestApp) {
        let application = app.restaurant(RESTAURANT).await;
        assert_eq!(owed(&app, &application).await, ["SJJ-01-001 OPINION SJJ by 03-02 STEP*"]);
        let registration = application.case("SJJ-01-001");
        app.agree(&registration.review).await;
        app.grant(registration).await;
        assert_eq!(owed(&app, &application).await, [
            "SJJ-01-002 OPINION SJJ by 03-05 STEP*",
            "CGJ-01-001 OPINION CGJ by 03-03 STEP",
            "SJJ-01-001 DELIVERY WINDOW by 03-16 DELIVERY",
        ]);
        // What was refused takes with it what waited for it, and nothing else.
        let food = app.reread(&application).await;
        let food = food.case(FOOD);
        app.agree(&food.review).await;
        app.refuse(food, "场所不符合要求").await;
        assert_eq!(owed(&app, &application).await, [
            "CGJ-01-001 OPINION CGJ by 03-03 STEP*",
            "SJJ-01-001 DELIVERY WINDOW by 03-16 DELIVERY",
            "SJJ-01-002 DELIVERY WINDOW by 03-16 DELIVERY",
        ]);
        assert_eq!(foreseen(&app, &application).await[1], "03-05 by CGJ-01-001, joint 12/42");
    }

    async fn it_is_for_the_lead_the_supervisor_and_the_window(app: TestApp) {
        let joint = app.restaurant(RESTAURANT).await;
        let single = app.submit(&[FOOD, SIGN]).await;
        let shown = async |client: Client, application: &Application| {
            let told = ask(&client, application).await;
            let seen = told.data("application");
            (!seen.is_null(), seen["outlook"].is_object())
        };
        let lead = || app.lead("SJJ");
        for client in [lead(), app.supervisor(), app.clerk()] {
            assert_eq!(shown(client, &joint).await, (true, true));
        }
        let others = [
            app.lead("CGJ"), app.reviewer("SJJ"), app.decider("SJJ"), app.administrator(),
        ];
        for client in others {
            assert_eq!(shown(client, &joint).await, (true, false), "it tells of other departments");
        }
        for client in [app.as_("clerk-2"), app.lead("JYJ"), app.system(), app.applicant()] {
            assert_eq!(shown(client, &joint).await, (false, false));
        }
        // Nobody leads what was not applied for together.
        assert_eq!(shown(lead(), &single).await, (true, false));
        assert_eq!(shown(app.supervisor(), &single).await, (true, true));
        let mine = app.file_online(&[FOOD]).await;
        assert_eq!(shown(app.applicant(), &mine).await, (true, false));
        assert_eq!(app.nobody().query(&document(), json!({ "id": joint.id })).await.error_code(), "UNAUTHENTICATED");
    }

    /// Who calls, the page, its cases, their courses, and the decided cases of all its items.
    async fn a_list_costs_the_same_with_one_application_and_with_twenty(app: TestApp) {
        let document = format!("query($first: Int) {{ applications(first: $first) {{ nodes {{ id outlook {OUTLOOK} }} }} }}");
        let supervisor = app.supervisor();
        supervisor.token().await;
        app.restaurant(RESTAURANT).await;
        for more in [0, 19] {
            for at in 0..more {
                app.submit(&[[FOOD, SIGN, WITH_REVIEW][at % 3]]).await;
            }
            let mut fewest = usize::MAX;
            // Where the machine is busy with something else a loader may set out before all have asked, and go twice.
            for _ in 0..20 {
                let counted = app.statements();
                let told = supervisor.query(&document, json!({ "first": 20 })).await.ok();
                fewest = fewest.min(counted.list().len());
                assert_eq!(told.list("applications.nodes").len(), more + 1);
                assert!(told.list("applications.nodes").iter().all(|node| node["outlook"]["endsOn"].is_string()));
            }
            assert_eq!(fewest, 5, "with {more} more");
        }
    }

    async fn only_the_newest_decided_cases_are_looked_at(app: TestApp) {
        app.clock.set_day("2026-01-05");
        decide_after(&app, FOOD, &[("2026-01-06", 1), ("2026-01-07", 2), ("2026-01-12", 1)]).await;
        decide_after(&app, SIGN, &[("2026-01-13", 1)]).await;
        // Neither what was refused on receipt nor what was withdrawn is a measure of anything.
        let rest = json!({ "kind": "NOT_COMPETENT", "reasons": "向另一机关申请" });
        let received = app.receive(&[FOOD]).await;
        app.clerk().does("caseRefuseAcceptance", &received.cases[0].id, rest).await.done();
        let withdrawn = app.submit(&[FOOD]).await;
        app.clerk().does("applicationWithdraw", &withdrawn.id, json!({})).await.done();
        // Nor is what was refused, and a month later decided anew.
        let refused = app.submit(&[FOOD]).await;
        let case = &refused.cases[0];
        app.give_opinion(&case.review, "DISAGREE", Some("不符合要求")).await.done();
        app.refuse(case, "面积不足").await;
        let revoked_on = app.clock.today().to_string();
        let document = json!({ "body": "滨澜县人民政府", "documentNumber": "滨政复决〔2026〕3号", "decidedOn": revoked_on,
            "receivedOn": revoked_on, "by": "RECONSIDERATION", "ground": "FACTS" });
        app.decider("SJJ").does("caseReopen", &case.id, document).await.done();
        app.go_to("2026-02-13");
        let reviews = "query Reviews($id: ID!) { case(id: $id) { reviews { id state } } }";
        let told = app.supervisor().query(reviews, json!({ "id": case.id })).await.ok();
        let open = told.list("case.reviews").iter().find(|review| review["state"] == "CLAIMED").unwrap();
        let anew = Review { id: open["id"].as_str().unwrap().to_owned(), ..case.review.clone() };
        app.agree(&anew).await;
        app.grant(case).await;
        let of = |item: &str| ItemOf { region: "320999".to_owned(), item: item.to_owned() };
        for (most, food) in [(1, vec![5]), (2, vec![2, 5]), (50, vec![1, 2, 2, 5])] {
            let program = looking_at(app.program(), most);
            let found = histories_of(&program, &[of(FOOD), of(SIGN), of(WITH_REVIEW)]).await.unwrap();
            assert_eq!(found.len(), 2, "of the third nothing was decided");
            assert_eq!(found[&of(FOOD)], History::of(food));
            assert_eq!(found[&of(SIGN)], History::of([1]));
        }
        let elsewhere = ItemOf { region: "110101".to_owned(), item: FOOD.to_owned() };
        assert!(histories_of(app.program(), &[elsewhere]).await.unwrap().is_empty());
        assert!(histories_of(app.program(), &[]).await.unwrap().is_empty());
    }
}

/// Has so many cases of an item received today and granted on each of these days.
async fn decide_after(app: &TestApp, item: &str, days: &[(&str, usize)]) {
    let mut cases = Vec::new();
    for (day, count) in days {
        for _ in 0..*count {
            cases.push((*day, app.submit(&[item]).await));
        }
    }
    for (day, application) in cases {
        app.go_to(day);
        app.agree(&application.cases[0].review).await;
        app.grant(&application.cases[0]).await;
    }
}

/// The same program, which looks back at so many cases.
fn looking_at(program: &App, history_cases: u32) -> App {
    let outlook = Foresight {
        history_cases,
        least_cases: 1,
        ..Foresight::default()
    };
    let config = Config {
        outlook,
        ..Config::clone(&program.config)
    };
    let mut program = program.clone();
    program.config = Arc::new(config);
    program
}

fn document() -> String {
    format!("query($id: ID!) {{ application(id: $id) {{ id outlook {OUTLOOK} }} }}")
}

async fn ask(client: &Client, application: &Application) -> Answer {
    let asked = json!({ "id": application.id });
    client.query(&document(), asked).await.ok()
}

/// A line a case: item, begin, end, basis, slack, a star if it is critical, and what it has to spare to promise and law; and
/// a line for the whole.
async fn foreseen(app: &TestApp, application: &Application) -> Vec<String> {
    let told = ask(&app.supervisor(), application).await;
    let outlook = told.data("application.outlook");
    let cases = outlook["cases"].as_array().unwrap().iter();
    let mut lines: Vec<String> = cases
        .map(|case| {
            format!(
                "{} {} to {} {} +{}{} {}",
                case["case"]["item"]["code"].as_str().unwrap(),
                short(&case["startsOn"]),
                short(&case["endsOn"]),
                case["basis"].as_str().unwrap(),
                case["slackWorkdays"],
                star(case),
                spare(case),
            )
        })
        .collect();
    let path = told.texts("application.outlook.criticalPath", "item.code");
    lines.push(format!(
        "{} by {}, joint {}",
        short(&outlook["endsOn"]),
        path.join(" "),
        spare(outlook)
    ));
    lines
}

/// A line an act: item, act, by whom, due date and clock, and a star if it is critical.
async fn owed(app: &TestApp, application: &Application) -> Vec<String> {
    let told = ask(&app.supervisor(), application).await;
    let acts = told.list("application.outlook.owedActs").iter();
    acts.map(|act| {
        let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        let code = act["departmentCode"].as_str();
        assert_eq!(act["department"]["code"].as_str(), code);
        assert_eq!(act["by"] == "DEPARTMENT", code.is_some());
        format!(
            "{} {} {} by {} {}{}",
            text(&act["case"]["item"]["code"]),
            text(&act["kind"]),
            code.map_or_else(|| text(&act["by"]), str::to_owned),
            short(&act["dueOn"]),
            text(&act["clock"]),
            star(act),
        )
    })
    .collect()
}

fn short(day: &Value) -> &str {
    day.as_str().map_or("-", |day| &day[5..])
}

fn star(value: &Value) -> &'static str {
    if value["critical"] == true { "*" } else { "" }
}

fn spare(value: &Value) -> String {
    let days = |which: &str| match &value["spare"][which] {
        Value::Null => "-".to_owned(),
        days => days.to_string(),
    };
    format!("{}/{}", days("promised"), days("statutory"))
}
