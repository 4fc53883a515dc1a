//! Refusals that are revoked on reconsideration or by a court (行政复议法 第六十四条, 行政诉讼法 第七十条、第七十一条): the case is
//! examined and decided anew, within a period of its own, and what had ended because of it goes on.

use chrono::TimeDelta;
use futures_util::future::join;
use lianshen::case;
use lianshen::env::Clock as _;
use lianshen_domain::event::EventKind;
use serde_json::{Value, json};

use crate::support::acts::word;
use crate::support::life::Life;
use crate::support::whole::Whole;
use crate::support::world::{Application, Case, new_key};
use crate::support::written::assert_unchanged;
use crate::support::{Answer, Client, TestApp, documents, each_db};

const REOPEN: &str = "caseReopen";

/// Promised in five days, ten by law; SJJ answers for it.
const ITEM: &str = "SJJ-01-002";

const FORMER: &str = "query Former($id: ID!) { case(id: $id) { version result formerDecisions {
  result reasons decidedOn revokedBy documentNumber revokedOn receivedOn by ground withinDays note } } }";

const ADOPT: &str = "mutation Adopt($input: CalendarNoticeAdoptInput!) {
  calendarNoticeAdopt(input: $input) { notice { number } userErrors { code } } }";

/// What must not work: what is wrong with it, by whom, on which case, what is sent, the code, and the field.
type Wrong<'a> = (&'a str, Client, &'a Case, Value, &'a str, &'a [&'a str]);

/// What a reconsideration says that revoked a refusal for its facts; received on the day of its date.
fn document(on: &str) -> Value {
    json!({
        "body": "滨澜县人民政府", "documentNumber": "滨政复决〔2026〕3号", "decidedOn": on, "receivedOn": on,
        "by": "RECONSIDERATION", "ground": "FACTS",
    })
}

/// The same, saying something else.
fn but(on: &str, other: Value) -> Value {
    let mut said = document(on);
    let other = other.as_object().cloned().unwrap();
    said.as_object_mut().unwrap().extend(other);
    said
}

/// Everything is whole, the rows are what the events give, and the tally is what the rows give.
async fn assert_sound(app: &TestApp, application: &Application) {
    for case in &application.cases {
        app.assert_now_is_now(&app.supervisor(), &case.id).await;
    }
    app.assert_sound().await;
    let counted = case::recount_tally(&app.program().db).await.unwrap();
    assert_eq!(counted.faults, Vec::<String>::new());
}

/// The review by which a case is examined now.
async fn examination(app: &TestApp, case: &Case) -> String {
    let asked = "query Reviews($id: ID!) { case(id: $id) { reviews { id state } } }";
    let told = app
        .supervisor()
        .query(asked, json!({ "id": case.id }))
        .await
        .ok();
    let mut reviews = told.list("case.reviews").iter();
    let open = reviews.find(|review| review["state"] == "CLAIMED");
    open.unwrap_or_else(|| panic!("nobody examines it: {told}"))["id"]
        .as_str()
        .unwrap()
        .to_owned()
}

/// It is examined once more by who did so before.
async fn examines(app: &TestApp, case: &Case, opinion: &str) {
    let mut review = case.review.clone();
    review.id = examination(app, case).await;
    let reasons = (opinion == "DISAGREE").then_some("仍不符合要求");
    app.give_opinion(&review, opinion, reasons).await.done();
}

/// A case that was refused on the first day for these reasons.
async fn refused(app: &TestApp, reasons: &str) -> (Application, Case) {
    let application = app.submit(&[ITEM]).await;
    let case = application.case(ITEM).clone();
    app.give_opinion(&case.review, "DISAGREE", Some("不符合要求"))
        .await
        .done();
    app.refuse(&case, reasons).await;
    (application, case)
}

async fn former(who: &Client, case: &Case) -> Answer {
    who.query(FORMER, json!({ "id": case.id })).await.ok()
}

each_db! {
    /// 工程建设项目联合验收. The planning check is refused on 23 September and the two behind it end with it; a month after the
    /// delivery the refusal is revoked.
    async fn a_refusal_is_revoked_after_the_delivery_and_all_that_had_ended_with_it_is_granted(app: TestApp) {
        app.clock.set_day("2026-09-21");
        let mut life = Life::received(&app, "YJS-006", "Q1=Y").await;
        life.accepted().await;
        life.day("2026-09-23").await;
        let review = life.in_inbox_of("ZRZY", "ZRZY-07-001").await;
        life.opines("ZRZY", &review, "DISAGREE", Some("建筑高度超过许可")).await.done();
        app.refuse(life.case("ZRZY-07-001"), "建筑高度超过许可").await;
        life.day("2026-09-29").await;
        life.granted("ZJJ-01-003").await;
        life.delivered("2026-09-30", "2026-10-08", "PARTLY_GRANTED").await;
        life.happened("APPLICATION_RECEIVED, APPLICATION_ACCEPTED, CASE_PASSED ZRZY-07-001, CASE_STARTED ZRZY-07-001, \
            CASE_PASSED ZJJ-01-003, CASE_STARTED ZJJ-01-003, CASE_PASSED ZJJ-10-001, CASE_PASSED ZRZY-07-002, \
            REVIEW_CLAIMED ZRZY-07-001, OPINION_GIVEN ZRZY-07-001, CASE_REFUSED ZRZY-07-001, \
            CASE_TERMINATED ZJJ-10-001, CASE_TERMINATED ZRZY-07-002, REVIEW_CLAIMED ZJJ-01-003, \
            OPINION_GIVEN ZJJ-01-003, CASE_GRANTED ZJJ-01-003, APPLICATION_CONCLUDED, RESULTS_READY, \
            RESULTS_DELIVERED, APPLICATION_CLOSED").await;

        life.day("2026-11-02").await;
        let before = app.clock.now();
        app.clock.advance(TimeDelta::hours(1));
        let planning = life.case("ZRZY-07-001").clone();
        let said = but("2026-11-02", json!({ "decidedOn": "2026-10-30", "withinDays": 10, "note": "请重新核实建筑高度" }));
        let key = new_key();
        let decider = app.decider("ZRZY");
        let reopened = decider.does_by_key(REOPEN, &key, &planning.id, said.clone()).await.done();
        assert_eq!(reopened.text("caseReopen.case.state"), "IN_REVIEW");
        assert!(reopened.data("caseReopen.case.result").is_null());
        life.happened("CASE_REOPENED ZRZY-07-001, REVIEW_RETURNED ZRZY-07-001, CASE_RESTORED ZJJ-10-001, \
            CASE_RESTORED ZRZY-07-002, APPLICATION_REOPENED").await;
        life.stands("IN_REVIEW: ZRZY-07-001 IN_REVIEW, ZJJ-01-003 CLOSED, ZJJ-10-001 AWAITING_PREDECESSOR, \
            ZRZY-07-002 AWAITING_PREDECESSOR").await;
        // Ten working days from 3 November; nothing was promised, and the joint clocks stand as they stopped.
        life.due("ZRZY-07-001 - 11-16, ZJJ-01-003 09-29 10-19, ZJJ-10-001 - -").await;
        life.joint("10-12 11-30").await;
        assert_eq!(life.reviews("ZRZY-07-001").await, "RETURNED, ZRZY CLAIMED");
        assert_eq!(life.reviews("ZJJ-10-001").await, "WAITING");
        assert_sound(&app, &life.application).await;

        // The same again, under the same key, is the same; under another it is refused, because it is open.
        let written = app.written().await;
        decider.does_by_key(REOPEN, &key, &planning.id, said.clone()).await.done();
        let twice = decider.does(REOPEN, &planning.id, said).await;
        assert_eq!(twice.user_errors(REOPEN), ["NOT_REFUSED"]);
        assert_unchanged(&written, &app.written().await, "opened already");

        // The papers: the refusal stays, and the applicant is told of the new period.
        let file = app.file(&life.application).await;
        assert_eq!(file.paper("REFUSAL_DECISION").line("REASONS"), "建筑高度超过许可");
        let notice = file.paper("REOPENING_NOTICE");
        assert_eq!(notice.line("REVOKED_BY"), "滨澜县人民政府 滨政复决〔2026〕3号（2026-10-30）");
        assert_eq!(notice.line("REASONS"), "主要事实不清、证据不足");
        assert_eq!(notice.line("BASIS"), "《行政复议法》第六十四条");
        assert_eq!((notice.line("NEW_DECISION_DUE"), &*notice.issued_on), ("2026-11-16", "2026-11-02"));
        let event = file.event("CASE_REOPENED");
        assert_eq!((word(&event, "ground"), word(&event, "days"), word(&event, "unit")),
            (Some("FACTS"), Some("10"), Some("WORKDAY")));
        let told = former(&decider, &planning).await;
        assert_eq!(told.data("case.formerDecisions"), &json!([{
            "result": "REFUSED", "reasons": "建筑高度超过许可", "decidedOn": "2026-09-23", "revokedBy": "滨澜县人民政府",
            "documentNumber": "滨政复决〔2026〕3号", "revokedOn": "2026-10-30", "receivedOn": "2026-11-02",
            "by": "RECONSIDERATION", "ground": "FACTS", "withinDays": 10, "note": "请重新核实建筑高度",
        }]));
        assert_eq!(former(&app.clerk(), &planning).await.list("case.formerDecisions").len(), 1, "the window has the paper");

        // It was not so before, and is known since.
        let then = app.supervisor().known(&planning.id, before).await;
        assert_eq!((then.text("case.asOf.state"), then.text("case.asOf.result")), ("CLOSED".into(), "REFUSED".into()));
        assert_eq!(then.text("case.asOf.statutory.dueOn"), "2026-10-26");
        assert_eq!(then.text("case.application.asOf.outcome"), "PARTLY_GRANTED");

        // A holiday that comes meanwhile moves the date as it moves any other.
        let notice = json!({
            "idempotencyKey": new_key(), "number": "滨政办〔2026〕9号", "issuer": "滨澜县人民政府办公室", "issuedOn": "2026-11-02",
            "year": 2026, "days": [{ "date": "2026-11-11", "kind": "OFF", "holiday": "县庆" }],
        });
        app.administrator().act(ADOPT, notice).await.done();
        assert!(case::reproject(app.program()).await.unwrap().moved >= 1);
        life.due("ZRZY-07-001 - 11-17").await;
        assert_sound(&app, &life.application).await;

        // The department owes it, by that clock.
        let outlook = "query Outlook($id: ID!) { application(id: $id) { outlook { owedActs { kind departmentCode clock dueOn } } } }";
        let owed = app.supervisor().query(outlook, json!({ "id": life.application.id })).await.ok();
        assert_eq!(owed.data("application.outlook.owedActs"), &json!([
            { "kind": "OPINION", "departmentCode": "ZRZY", "clock": "REDECISION", "dueOn": "2026-11-17" }]));

        life.day("2026-11-04").await;
        life.granted("ZRZY-07-001").await;
        life.happened("CALENDAR_RECOMPUTED ZRZY-07-001, OPINION_GIVEN ZRZY-07-001, \
            CASE_GRANTED ZRZY-07-001, CASE_STARTED ZJJ-10-001").await;
        // At once, or within fifteen calendar days.
        life.due("ZRZY-07-001 - 11-17, ZJJ-10-001 11-04 11-19, ZRZY-07-002 - -").await;
        life.granted("ZJJ-10-001").await;
        // Three and thirty working days without the 11th.
        life.due("ZRZY-07-002 11-09 12-17").await;
        life.day("2026-11-06").await;
        life.granted("ZRZY-07-002").await;
        life.stands("CONCLUDED: ZRZY-07-001 GRANTED, ZJJ-01-003 CLOSED, ZJJ-10-001 GRANTED, ZRZY-07-002 GRANTED").await;
        assert_sound(&app, &life.application).await;

        // What is decided anew is delivered anew, and nothing else.
        let ready = json!({ "text": "短信告知，A01 窗口领取" });
        life.whole(&app.clerk(), "applicationAnnounceResults", ready).await;
        life.day("2026-11-09").await;
        app.deliver(&life.application).await;
        life.stands("CLOSED: ZRZY-07-001 CLOSED, ZJJ-01-003 CLOSED, ZJJ-10-001 CLOSED, ZRZY-07-002 CLOSED").await;
        let file = app.file(&life.application).await;
        assert_eq!(file.text("outcome"), "GRANTED");
        let receipts = file.papers("DELIVERY_RECEIPT");
        let cases: Vec<usize> = receipts.iter().map(|receipt| receipt.lines("CASE").len()).collect();
        assert_eq!(cases, [4, 3], "what was delivered stays delivered");
        assert!(receipts[1].lines("CASE").iter().all(|line| !line.contains("特殊建设工程消防验收")), "{receipts:?}");
        assert_eq!(file.papers("COLLECTION_NOTICE").len(), 2);
        assert_eq!(file.papers("REFUSAL_DECISION").len(), 1);
        let cards = app.cards_on(&life.application).await;
        assert!(cards.iter().all(|card| card.1 != "RED" && card.0 != "TIME_02"), "no period passed: {cards:?}");
        let mut delivery = Vec::new();
        for case in &life.application.cases {
            let rows = app.clock_rows(&case.id).await;
            let of_kind = rows.iter().filter(|row| row.kind.0 == lianshen_domain::clock::ClockKind::Delivery);
            delivery.extend(of_kind.map(|row| (row.anchor_on.to_string(), row.stopped_on.unwrap().to_string())));
        }
        delivery.sort();
        let delivery: Vec<String> = delivery.iter().map(|(from, until)| format!("{from} to {until}")).collect();
        assert_eq!(delivery, [
            "2026-09-23 to 2026-09-30",
            "2026-09-29 to 2026-09-30",
            "2026-11-04 to 2026-11-06",
            "2026-11-04 to 2026-11-06",
            "2026-11-06 to 2026-11-06",
        ]);
        assert_sound(&app, &life.application).await;
    }

    /// Ten working days by the item, from 9 March on to the 20th; then it is red.
    async fn a_new_decision_that_does_not_come_is_late_by_its_own_clock(app: TestApp) {
        let (application, case) = refused(&app, "面积不足").await;
        app.deliver(&application).await;
        app.sweep_daily_until("2026-03-06").await;
        let dates = "query Dates($id: ID!) { review(id: $id) { lamp promisedDueOn statutoryDueOn } }";
        let given = app.reviewer("SJJ").query(dates, json!({ "id": case.review.id })).await.ok();
        app.decider("SJJ").does(REOPEN, &case.id, document("2026-03-06")).await.done();
        let set_aside = app.reviewer("SJJ").query(dates, json!({ "id": case.review.id })).await.ok();
        assert_eq!(given.data("review"), &json!({ "lamp": "GREEN", "promisedDueOn": "2026-03-09", "statutoryDueOn": "2026-03-16" }));
        assert_eq!(set_aside.data("review"), given.data("review"), "what was given keeps the dates by which it was");
        let [promised, statutory] = app.due(&case).await;
        assert_eq!((promised, statutory.as_deref()), (None, Some("2026-03-20")));
        let inbox = "query Inbox { inbox(first: 5) { nodes { lamp promisedDueOn case { statutory { dueOn } } } } }";
        let seen = app.reviewer("SJJ").query(inbox, json!({})).await.ok();
        assert_eq!(seen.data("inbox.nodes"), &json!([
            { "lamp": "GREEN", "promisedDueOn": null, "case": { "statutory": { "dueOn": "2026-03-20" } } }]));
        // The one that is due sooner comes first.
        let other = app.submit(&[ITEM]).await;
        let order = app.reviewer("SJJ").query("query Order { inbox(first: 5) { nodes { case { id } } } }", json!({})).await.ok();
        assert_eq!(order.texts("inbox.nodes", "case.id"), [other.cases[0].id.clone(), case.id.clone()]);
        app.agree(&other.cases[0].review).await;
        app.grant(&other.cases[0]).await;

        app.sweep_daily_until("2026-03-20").await;
        assert_eq!(app.cards_on(&application).await.iter().filter(|card| card.1 == "RED").count(), 0);
        assert_sound(&app, &application).await;
        app.sweep_daily_until("2026-03-23").await;
        let cards = app.cards_on(&application).await;
        assert!(cards.contains(&("TIME_04".into(), "RED".into(), "2026-03-23".into())), "{cards:?}");
        assert!(!cards.iter().any(|card| card.0 == "TIME_02"), "nothing was promised: {cards:?}");
        assert_eq!(app.clocks(&case).await.text("case.lamp"), "RED");
        assert_sound(&app, &application).await;
        examines(&app, &case, "AGREE").await;
        app.grant(&case).await;
        app.deliver(&application).await;
        app.sweep_daily_until("2026-04-30").await;
        assert_eq!(app.clocks(&case).await.text("case.lamp"), "RED", "what was late stays late");
        assert_sound(&app, &application).await;
    }

    async fn the_same_reasons_are_refused_unless_only_the_procedure_was_at_fault(app: TestApp) {
        let (application, case) = refused(&app, "经营场所面积不足 20 平方米").await;
        let decider = app.decider("SJJ");
        decider.does(REOPEN, &case.id, document("2026-03-02")).await.done();
        examines(&app, &case, "DISAGREE").await;
        let before = app.written().await;
        for same in ["经营场所面积不足 20 平方米", "  经营场所面积不足\n20　平方米  ", "经营场所，面积不足２０平方米。"] {
            let again = app.decide(&case, "REFUSE", Some(same)).await;
            assert_eq!(again.user_errors("caseDecide"), ["SAME_DECISION"], "{same}");
            assert_eq!(again.fields("caseDecide"), ["reasons"]);
            assert!(again.messages()[0].contains("滨政复决〔2026〕3号"), "{again}");
        }
        assert_unchanged(&before, &app.written().await, "the same decision");
        app.refuse(&case, "经营场所不具备排烟条件").await;
        assert_eq!(app.file(&application).await.papers("REFUSAL_DECISION").len(), 2);

        // By a court, for the procedure alone: then the same may be decided again.
        let court = but("2026-03-02", json!({ "by": "COURT", "ground": "PROCEDURE", "body": "滨澜县人民法院",
            "documentNumber": "（2026）苏0999行初7号" }));
        decider.does(REOPEN, &case.id, court).await.done();
        let notices = app.file(&application).await.papers("REOPENING_NOTICE");
        assert_eq!(notices[1].line("BASIS"), "《行政诉讼法》第七十条、第七十一条");
        examines(&app, &case, "DISAGREE").await;
        let first = app.decide(&case, "REFUSE", Some("经营场所面积不足 20 平方米")).await;
        assert_eq!(first.user_errors("caseDecide"), ["SAME_DECISION"], "the first one was revoked for its facts");
        app.refuse(&case, "经营场所不具备排烟条件").await;
        let told = former(&decider, &case).await;
        assert_eq!(told.texts("case.formerDecisions", "reasons"), ["经营场所面积不足 20 平方米", "经营场所不具备排烟条件"]);
        assert_eq!(told.text("case.result"), "REFUSED");
        app.deliver(&application).await;
        assert_sound(&app, &application).await;
    }

    /// Two opinions that nobody waits for any more when the case is refused, one in time, the other a day too late: each keeps
    /// its lamp while the case is open again, and afterwards.
    async fn what_was_asked_in_vain_keeps_its_lamp_when_the_case_is_opened_again(app: TestApp) {
        let filed = [app.submit(&[ITEM]).await, app.submit(&[ITEM]).await];
        let mut asked = Vec::new();
        for application in &filed {
            let case = &application.cases[0];
            let ask = json!({ "idempotencyKey": new_key(), "caseId": case.id, "question": "是否符合规划？", "rule": "ALL",
                "opinions": [{ "departmentCode": "XFD", "part": "ADVISORY" }] });
            let told = app.reviewer("SJJ").act(&documents::ASK_OPINIONS, ask).await.done();
            asked.push(told.text("caseAskOpinions.case.reviews.1.id"));
            app.give_opinion(&case.review, "DISAGREE", Some("不符合要求")).await.done();
        }
        app.go_to("2026-03-09");
        app.refuse(&filed[0].cases[0], "面积不足").await;
        app.go_to("2026-03-10");
        app.refuse(&filed[1].cases[0], "面积不足").await;
        app.go_to("2026-03-11");
        for application in &filed {
            app.decider("SJJ").does(REOPEN, &application.cases[0].id, document("2026-03-11")).await.done();
        }
        let lamp = "query Lamp($id: ID!) { review(id: $id) { state lamp } }";
        for day in ["2026-03-11", "2026-03-17", "2026-04-20"] {
            app.go_to(day);
            for (review, expected) in asked.iter().zip(["GREEN", "YELLOW"]) {
                let told = app.supervisor().query(lamp, json!({ "id": review })).await.ok();
                let told = (told.text("review.state"), told.text("review.lamp"));
                assert_eq!(told, ("CANCELLED".to_owned(), expected.to_owned()), "{day}");
            }
            app.assert_found_by_lamp().await;
        }
        for application in &filed {
            let case = &application.cases[0];
            examines(&app, case, "AGREE").await;
            app.grant(case).await;
            assert_sound(&app, application).await;
        }
        for (review, expected) in asked.iter().zip(["GREEN", "YELLOW"]) {
            let told = app.supervisor().query(lamp, json!({ "id": review })).await.ok();
            assert_eq!(told.text("review.lamp"), expected);
        }
        app.assert_found_by_lamp().await;
    }

    async fn what_cannot_be_opened_is_refused_with_a_code_and_nothing_is_written(app: TestApp) {
        let granted = app.submit(&[ITEM]).await.cases[0].clone();
        app.agree(&granted.review).await;
        let open = app.submit(&[ITEM]).await.cases[0].clone();
        app.grant(&granted).await;
        let gone = app.submit(&[ITEM]).await.cases[0].clone();
        app.decider("SJJ").does("caseTerminate", &gone.id, json!({ "reasons": "申请人已注销" })).await.done();
        let (_, case) = refused(&app, "面积不足").await;
        let version = former(&app.decider("SJJ"), &case).await.number("case.version");
        app.clock.set_day("2026-03-09");
        let on = "2026-03-09";
        let sjj = || app.decider("SJJ");
        let cases: Vec<Wrong<'_>> = vec![
            ("granted", sjj(), &granted, document(on), "NOT_REFUSED", &[]),
            ("not decided", sjj(), &open, document(on), "NOT_REFUSED", &[]),
            ("terminated", sjj(), &gone, document(on), "NOT_REFUSED", &[]),
            ("another department", app.decider("ZJJ"), &case, document(on), "NOT_FOUND", &[]),
            ("a date to come", sjj(), &case, but(on, json!({ "receivedOn": "2026-03-10" })), "ACT_IN_FUTURE", &["receivedOn"]),
            ("a document to come", sjj(), &case, but(on, json!({ "decidedOn": "2026-03-10" })), "ACT_IN_FUTURE", &["decidedOn"]),
            ("received before its date", sjj(), &case, but(on, json!({ "receivedOn": "2026-03-06" })), "ACT_OUT_OF_ORDER", &["receivedOn"]),
            ("before the refusal", sjj(), &case, but(on, json!({ "decidedOn": "2026-03-01" })), "ACT_OUT_OF_ORDER", &["decidedOn"]),
            ("received before the receipt", sjj(), &case,
                but("2026-02-27", json!({})), "ACT_BEFORE_RECEIPT", &["receivedOn"]),
            ("no days", sjj(), &case, but(on, json!({ "withinDays": 0 })), "NUMBER_OUT_OF_RANGE", &["withinDays"]),
            ("too many days", sjj(), &case, but(on, json!({ "withinDays": 201 })), "NUMBER_OUT_OF_RANGE", &["withinDays"]),
            ("fewer than none", sjj(), &case, but(on, json!({ "withinDays": -1 })), "NUMBER_OUT_OF_RANGE", &["withinDays"]),
            ("by nobody", sjj(), &case, but(on, json!({ "body": "  " })), "TEXT_EMPTY", &["body"]),
            ("without number", sjj(), &case, but(on, json!({ "documentNumber": "" })), "TEXT_EMPTY", &["documentNumber"]),
            ("a long name", sjj(), &case, but(on, json!({ "body": "县".repeat(101) })), "TEXT_TOO_LONG", &["body"]),
            ("a long note", sjj(), &case, but(on, json!({ "note": "详".repeat(4_001) })), "TEXT_TOO_LONG", &["note"]),
            ("of another version", sjj(), &case, but(on, json!({ "expectedVersion": version - 1 })), "CONFLICT", &[]),
        ];
        let before = app.written().await;
        for (what, who, case, said, code, field) in cases {
            let answer = who.does(REOPEN, &case.id, said).await;
            assert_eq!(answer.user_errors(REOPEN), [code], "{what}: {answer}");
            if !field.is_empty() {
                assert_eq!(answer.fields(REOPEN), field, "{what}");
            }
        }
        for who in [app.reviewer("SJJ"), app.clerk(), app.supervisor(), app.lead("SJJ"), app.administrator(), app.applicant()] {
            let answer = who.does(REOPEN, &case.id, document(on)).await;
            assert_eq!(answer.user_errors(REOPEN), ["FORBIDDEN"]);
        }
        assert_eq!(app.nobody().does(REOPEN, &case.id, document(on)).await.error_code(), "UNAUTHENTICATED");
        assert_unchanged(&before, &app.written().await, "nothing that was refused");

        // Of this version it is opened; another department is told that it goes on, and not why it had ended.
        let said = but(on, json!({ "expectedVersion": version, "withinDays": 200, "decidedOn": "2026-03-02" }));
        sjj().does(REOPEN, &case.id, said).await.done();
        assert_eq!(former(&app.supervisor(), &case).await.list("case.formerDecisions").len(), 1);
        app.assert_sound().await;
    }

    async fn two_who_open_it_at_once_open_it_once(app: TestApp) {
        for _ in 0..4 {
            let (application, case) = refused(&app, "面积不足").await;
            let (decider, said) = (app.decider("SJJ"), document("2026-03-02"));
            decider.token().await;
            let both = join(decider.does(REOPEN, &case.id, said.clone()), decider.does(REOPEN, &case.id, said.clone())).await;
            let mut codes = [both.0.codes(), both.1.codes()];
            codes.sort();
            assert_eq!(codes, [vec![], vec!["NOT_REFUSED".to_owned()]]);
            let whole = Whole::assert(&app.program().db).await;
            let id = crate::support::acts::uuid_of(&application.id);
            for kind in [EventKind::CaseReopened, EventKind::ApplicationReopened] {
                assert_eq!(whole.count(id, kind), 1, "{kind:?}");
            }
        }
        app.assert_sound().await;
    }
}
