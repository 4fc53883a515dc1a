//! Every clock of a case, explained day by day; and what would become of it.

use lianshen::env::Clock as _;
use lianshen_domain::calendar::start_of;
use lianshen_domain::item::SpecialProcedureKind;
use serde_json::{Value, json};

use crate::support::written::assert_unchanged;
use crate::support::{Answer, TestApp, each_db};

const CLOCKS: &str = "query Clocks($id: ID!) { case(id: $id) { clocks { ...Which } application { clocks { ...Which } } } }
  fragment Which on Clock { kind ordinal name label article law { act year } starts stops onLapse
    deadline { anchorOn dueOn remaining state provisional } }";

const LEDGER: &str = "query Ledger($id: ID!, $first: Int, $from: Date) { case(id: $id) {
  promised { dayCount days(first: $first, from: $from) { date rule kind ordinal remaining notice holiday article provisional
    suspension { startedOn endedOn procedure reason number } } whyOverdue sheet }
  statutory { whyOverdue } } }";

const WHAT_IF: &str = "query WhatIf($id: ID!, $acts: [WhatIfActInput!]!) { case(id: $id) { whatIf(acts: $acts) {
  moves { caseId kind ordinal name before after daysMoved unit becomesOverdue } userErrors { code message field } } } }";

const TESTING: SpecialProcedureKind = SpecialProcedureKind::Testing;

each_db! {
    async fn every_clock_that_was_started_is_there_with_its_law(app: TestApp) {
        let application = app.submit(&["WJW-01-001"]).await;
        let case = application.case("WJW-01-001");
        app.begin(case, TESTING, 5, None).await;

        let clocks = app.clerk().query(CLOCKS, json!({ "id": case.id })).await.ok();

        let kinds = clocks.texts("case.clocks", "kind");
        assert_eq!(&kinds[..2], ["PROMISED", "STATUTORY"]);
        assert!(kinds.contains(&"SPECIAL".to_owned()) && kinds.contains(&"STEP".to_owned()), "{kinds:?}");
        assert_eq!(clocks.texts("case.clocks", "label")[..2], ["promisedDue", "statutoryDue"]);
        assert_eq!(clocks.texts("case.clocks", "deadline.state")[..2], ["SUSPENDED", "SUSPENDED"]);
        assert_eq!(clocks.text("case.clocks.1.article"), "《行政许可法》第四十二条第一款、第四十五条");
        assert_eq!(clocks.number("case.clocks.1.law.year"), 2019);
        assert_eq!(clocks.text("case.clocks.1.name"), "法定办结时限");
        assert_eq!(clocks.texts("case.application.clocks", "kind"), ["ACCEPTANCE_CHECK"]);
        assert_eq!(clocks.text("case.application.clocks.0.onLapse"), "DEEMED_ACCEPTED");
        assert_eq!(clocks.text("case.application.clocks.0.deadline.state"), "STOPPED");

        app.end(case, TESTING, None).await;
        app.agree(&case.review).await;
        app.grant(case).await;
        let after = app.clerk().query(CLOCKS, json!({ "id": case.id })).await.ok();
        assert_eq!(after.texts("case.application.clocks", "label"), ["acceptanceCheckDue"]);
        let clocks = after.list("case.clocks").iter();
        let delivery: Vec<_> = clocks.filter(|clock| clock["label"] == "deliverBy").collect();
        assert_eq!(delivery.len(), 1, "{after}");
        assert_eq!(delivery[0]["deadline"]["dueOn"], "2026-03-16");
    }

    /// Received on Monday 2 March, promised within 5 working days; suspended from the 4th to the 10th.
    async fn each_day_has_its_reason(app: TestApp) {
        let application = app.submit(&["WJW-01-001"]).await;
        let case = application.case("WJW-01-001");
        go_to(&app, "2026-03-04");
        app.begin(case, TESTING, 5, None).await;
        go_to(&app, "2026-03-10");
        app.end(case, TESTING, None).await;
        go_to(&app, "2026-03-24");

        let ledger = ledger(&app, &case.id, json!({})).await;

        let rules: Vec<(String, String)> = ledger.texts("case.promised.days", "date").into_iter()
            .zip(ledger.texts("case.promised.days", "rule")).collect();
        let expected = [("2026-03-02", "ANCHOR"), ("2026-03-03", "COUNTED"), ("2026-03-04", "COUNTED"), ("2026-03-05", "SUSPENDED"),
            ("2026-03-06", "SUSPENDED"), ("2026-03-07", "SUSPENDED"), ("2026-03-08", "SUSPENDED"), ("2026-03-09", "SUSPENDED"),
            ("2026-03-10", "SUSPENDED"), ("2026-03-11", "COUNTED"), ("2026-03-12", "COUNTED"), ("2026-03-13", "COUNTED"),
            ("2026-03-14", "OVERDUE_REST"), ("2026-03-15", "OVERDUE_REST"), ("2026-03-16", "OVERDUE"), ("2026-03-17", "OVERDUE"),
            ("2026-03-18", "OVERDUE"), ("2026-03-19", "OVERDUE"), ("2026-03-20", "OVERDUE"), ("2026-03-21", "OVERDUE_REST"),
            ("2026-03-22", "OVERDUE_REST"), ("2026-03-23", "OVERDUE"), ("2026-03-24", "OVERDUE")];
        assert_eq!(rules, expected.map(|(day, rule)| (day.to_owned(), rule.to_owned())));
        assert_eq!(ledger.number("case.promised.dayCount"), 23);
        let counted = ledger.list("case.promised.days").iter().filter(|day| day["ordinal"].is_number()).count();
        assert_eq!(counted, 5, "as many as were promised");
        let suspended = &ledger.list("case.promised.days")[3]["suspension"];
        assert_eq!(*suspended, json!({ "startedOn": "2026-03-04", "endedOn": "2026-03-10", "procedure": "TESTING", "reason": "TESTING", "number": 1 }));
        assert!(ledger.text("case.promised.days.3.article").contains("第四十五条"));
        let why = ledger.text("case.promised.whyOverdue");
        assert!(why.contains("2026-03-13") && why.contains("逾期 7 个工作日") && why.contains("2026-03-04 至 2026-03-10 中止"), "{why}");
        assert!(ledger.data("case.statutory.whyOverdue").is_null(), "the law's period is not over");

        let page = self::ledger(&app, &case.id, json!({ "first": 2, "from": "2026-03-10" })).await;
        assert_eq!(page.texts("case.promised.days", "date"), ["2026-03-10", "2026-03-11"]);
    }

    /// What came too late is named with the reason why it counts for nothing.
    async fn late_acts_are_named_and_do_not_count(app: TestApp) {
        let application = app.submit(&["WJW-01-001"]).await;
        let case = application.case("WJW-01-001");
        go_to(&app, "2026-03-12");
        app.begin(case, TESTING, 3, Some("2026-03-04")).await;
        app.extend(case, 5, None).await;

        let ledger = ledger(&app, &case.id, json!({})).await;
        let why = ledger.text("case.promised.whyOverdue");
        assert!(why.contains("自 2026-03-04 起中止（2026-03-12 补录，已届满）"), "{why}");
        assert!(why.contains("2026-03-12 批准延期 5 个工作日（届满之后）") && why.contains("使期限顺延的中止、延期：无"), "{why}");
        let english = app.clerk().in_english().query(LEDGER, json!({ "id": case.id })).await.ok();
        let why = english.text("case.promised.whyOverdue");
        assert!(why.contains("entered on 2026-03-12, after the due date") && why.contains("over by 3 working days"), "{why}");
    }

    /// Traps 8 and 10: a Saturday that is worked, and holidays of one year only; the sheet reads in both languages.
    async fn the_sheet_can_be_printed_in_both_languages(app: TestApp) {
        go_to(&app, "2026-09-30");
        let application = app.submit(&["WJW-01-001"]).await;
        let case = application.case("WJW-01-001");
        let zh = ledger(&app, &case.id, json!({})).await;
        let en = app.clerk().in_english().query(LEDGER, json!({ "id": case.id })).await.ok();

        let (zh_sheet, en_sheet) = (zh.text("case.promised.sheet"), en.text("case.promised.sheet"));
        assert!(zh_sheet.contains("截止日：2026-10-13") && zh_sheet.contains("国庆节"), "{zh_sheet}");
        assert!(en_sheet.contains("Due: 2026-10-13") && en_sheet.contains("make-up working day"), "{en_sheet}");
        let makeup = zh.list("case.promised.days").iter().find(|day| day["date"] == json!("2026-10-10")).unwrap();
        assert_eq!((&makeup["rule"], &makeup["ordinal"], &makeup["notice"]), (&json!("MAKEUP"), &json!(3), &json!("国办发明电〔2025〕7号")));
    }

    /// The applicant sees every day of the own case; nobody sees a foreign one.
    async fn who_sees_the_case_sees_its_clocks_and_nobody_else(app: TestApp) {
        let application = app.submit(&["WJW-01-001"]).await;
        let case = application.case("WJW-01-001");
        let clerk = app.clerk().query(CLOCKS, json!({ "id": case.id })).await.ok();
        assert!(clerk.list("case.clocks").len() >= 2);
        assert!(app.reviewer("CGJ").query(CLOCKS, json!({ "id": case.id })).await.ok().data("case").is_null());
        assert!(app.applicant().query(CLOCKS, json!({ "id": case.id })).await.ok().data("case").is_null());
        let asked = json!({ "id": case.id, "acts": [silence(1)] });
        assert!(app.applicant().query(WHAT_IF, asked).await.ok().data("case").is_null());
    }

    /// Who calls, the application, its course, its cases: the same for one case and for three. Fields that ask within a tenth of a
    /// millisecond are read together; on a busy machine that takes some tries.
    async fn clocks_cost_the_same_for_one_case_and_for_three(app: TestApp) {
        const OF_THE_WHOLE: &str = "query Whole($id: ID!) { application(id: $id) { clocks { kind deadline { dueOn sheet } } } }";
        const OF_CASES: &str =
            "query Cases($id: ID!) { application(id: $id) { cases { clocks { kind deadline { dueOn whyOverdue } } } } }";
        for items in [&["WJW-01-001"][..], &["WJW-01-001", "SJJ-01-002", "CGJ-01-001"]] {
            let application = app.submit(items).await;
            let clerk = app.clerk();
            clerk.token().await;
            for (document, statements) in [(OF_THE_WHOLE, 4), (OF_CASES, 3)] {
                let mut fewest = usize::MAX;
                for _ in 0..20 {
                    let counted = app.statements();
                    clerk.query(document, json!({ "id": application.id })).await.ok();
                    fewest = fewest.min(counted.list().len());
                }
                assert_eq!(fewest, statements, "{document}");
            }
        }
    }

    async fn what_if_moves_the_clocks_that_the_act_would_move_and_writes_nothing(app: TestApp) {
        let application = app.submit(&["WJW-01-001"]).await;
        let case = application.case("WJW-01-001");
        let before = app.written().await;

        // Ten working days from 4 March: the 5th through the 18th are excluded.
        let testing = json!({ "kind": "PROCEDURE", "procedure": "TESTING", "on": "2026-03-04", "days": 10 });
        let answer = what_if(&app, &case.id, std::slice::from_ref(&testing)).await.ok();
        assert_eq!(moved(&answer, "PROMISED"), ("2026-03-09".into(), "2026-03-23".into(), 10, false));
        assert_eq!(moved(&answer, "STATUTORY"), ("2026-03-30".into(), "2026-04-14".into(), 10, false));

        let short = json!({ "kind": "PROCEDURE", "procedure": "TESTING", "on": "2026-03-04", "days": 10, "until": "2026-03-06" });
        let answer = what_if(&app, &case.id, &[short]).await.ok();
        assert_eq!(moved(&answer, "PROMISED"), ("2026-03-09".into(), "2026-03-11".into(), 2, false));

        let extension = json!({ "kind": "EXTENSION", "on": "2026-03-05", "days": 5 });
        let answer = what_if(&app, &case.id, &[extension, testing]).await.ok();
        assert_eq!(moved(&answer, "PROMISED"), ("2026-03-09".into(), "2026-03-30".into(), 15, false));

        // An extension that comes after the promise moves the law's period alone.
        let late = json!({ "kind": "EXTENSION", "on": "2026-03-11", "days": 5 });
        let answer = what_if(&app, &case.id, &[late]).await.ok();
        assert_eq!(answer.texts("case.whatIf.moves", "kind"), ["STATUTORY"]);

        let reviewer = json!({ "kind": "REVIEWER", "on": "2026-03-06", "days": 5 });
        let answer = what_if(&app, &case.id, &[reviewer]).await.ok();
        let opinion = by_kind(&answer, "OPINION");
        assert_eq!((&opinion["before"], &opinion["after"]), (&Value::Null, &json!("2026-03-13")));
        assert!(moved(&answer, "PROMISED").3, "the opinion would come after the promise");

        let answer = what_if(&app, &case.id, &[silence(5)]).await.ok();
        assert!(answer.list("case.whatIf.moves").iter().all(|one| one["kind"] != json!("PROMISED")), "due on that very day: {answer}");
        let answer = what_if(&app, &case.id, &[silence(6)]).await.ok();
        assert_eq!(moved(&answer, "PROMISED"), ("2026-03-09".into(), "2026-03-09".into(), 0, true));
        assert_unchanged(&before, &app.written().await, "what would be");
    }

    async fn what_if_moves_the_joint_clock_with_its_component(app: TestApp) {
        let application = app.restaurant(crate::two_centres::EVERYTHING).await;
        let first = application.case("SJJ-01-001");
        app.agree(&first.review).await;
        app.grant(first).await;
        let building = application.case("ZJJ-01-004");
        let inspection = json!({ "kind": "PROCEDURE", "procedure": "INSPECTION", "on": "2026-03-03", "days": 5 });

        let answer = what_if_by(&app.decider("ZJJ"), &building.id, &[inspection]).await.ok();

        assert_eq!(moved(&answer, "JOINT").2, 5);
        assert_eq!(moved(&answer, "JOINT_PROMISED").2, 5);
        assert!(by_kind(&answer, "JOINT")["caseId"].is_null());
        assert_eq!(by_kind(&answer, "PROMISED")["caseId"], json!(building.id));
    }

    async fn what_cannot_be_done_cannot_be_wondered_about(app: TestApp) {
        let application = app.submit(&["WJW-01-001"]).await;
        let case = application.case("WJW-01-001");
        let extension = |days: i32| json!({ "kind": "EXTENSION", "days": days });
        let procedure = |name: Value| json!({ "kind": "PROCEDURE", "procedure": name, "days": 5 });
        for (acts, code, field) in [
            (vec![procedure(json!("HEARING"))], "PROCEDURE_NOT_LISTED", "acts.0.procedure"),
            (vec![procedure(Value::Null)], "CODE_UNKNOWN", "acts.0.procedure"),
            (vec![extension(11)], "EXTENSION_TOO_LONG", "acts.0.days"),
            (vec![extension(5), extension(5)], "EXTENSION_TWICE", "acts.1"),
            (vec![silence(0)], "NUMBER_OUT_OF_RANGE", "acts.0.days"),
            (vec![silence(-1)], "NUMBER_OUT_OF_RANGE", "acts.0.days"),
            (vec![silence(3_651)], "NUMBER_OUT_OF_RANGE", "acts.0.days"),
            (vec![silence(1); 51], "LIST_TOO_LONG", "acts"),
            (vec![json!({ "kind": "PROCEDURE", "procedure": "TESTING", "on": "2026-02-27", "days": 5 })], "ACT_BEFORE_RECEIPT", "acts.0.on"),
        ] {
            let answer = what_if(&app, &case.id, &acts).await.ok();
            let codes = answer.texts("case.whatIf.userErrors", "code");
            assert_eq!(codes, [code], "{answer}");
            let place: Vec<_> = answer.list("case.whatIf.userErrors.0.field").iter().filter_map(Value::as_str).collect();
            assert_eq!(place.join("."), field, "{answer}");
            assert!(answer.data("case.whatIf.moves").is_null());
        }
        app.agree(&case.review).await;
        app.grant(case).await;
        let answer = what_if(&app, &case.id, &[silence(1)]).await.ok();
        assert_eq!(answer.texts("case.whatIf.userErrors", "code"), ["ALREADY_DECIDED"]);
    }
}

fn go_to(app: &TestApp, day: &str) {
    app.clock
        .set(start_of(day.parse().unwrap()).max(app.clock.now()));
}

fn silence(days: i32) -> Value {
    json!({ "kind": "SILENCE", "days": days })
}

async fn ledger(app: &TestApp, case: &str, more: Value) -> Answer {
    let mut asked = json!({ "id": case });
    for (name, value) in more.as_object().unwrap() {
        asked[name] = value.clone();
    }
    app.clerk().query(LEDGER, asked).await.ok()
}

async fn what_if(app: &TestApp, case: &str, acts: &[Value]) -> Answer {
    what_if_by(&app.decider("WJW"), case, acts).await
}

async fn what_if_by(client: &crate::support::Client, case: &str, acts: &[Value]) -> Answer {
    client
        .query(WHAT_IF, json!({ "id": case, "acts": acts }))
        .await
}

#[track_caller]
fn by_kind<'a>(answer: &'a Answer, kind: &str) -> &'a Value {
    let mut moves = answer.list("case.whatIf.moves").iter();
    let found = moves.find(|one| one["kind"] == json!(kind));
    found.unwrap_or_else(|| panic!("{kind} does not move: {answer}"))
}

/// Before, after, days moved, whether it becomes overdue.
#[track_caller]
fn moved(answer: &Answer, kind: &str) -> (String, String, i64, bool) {
    let one = by_kind(answer, kind);
    let text = |name: &str| one[name].as_str().unwrap_or_default().to_owned();
    (
        text("before"),
        text("after"),
        one["daysMoved"].as_i64().unwrap(),
        one["becomesOverdue"].as_bool().unwrap(),
    )
}
