//! The acts that move the clocks of a case: special procedures, extension, material asked for after acceptance; what is
//! entered after the fact; and the traps into which other programs fell.

use lianshen_domain::clock::{Boundary, ClockKind, Conventions, FormerConventions};
use serde_json::{Value, json};

use crate::support::acts::word;
use crate::support::log::Log;
use crate::support::world::{Case, new_key};
use crate::support::written::assert_unchanged;
use crate::support::{TestApp, documents, each_db};

/// 5 working days promised, 20 by law, +10; lists an inspection.
const DRAINAGE: &str = "ZJJ-01-004";
/// 15 promised, 45 by law; lists a hearing and an expert review; may not be extended.
const WATER: &str = "SLJ-01-001";
/// 5 promised, 10 by law, +5; lists no special procedure.
const FOOD: &str = "SJJ-01-002";
/// A bundle whose first layer is at work at once.
const RESTAURANT: &[(&str, &str)] = &[
    ("Q1", "Y"),
    ("Q2", "N"),
    ("Q4", "Y"),
    ("Q5", "Y"),
    ("Q6", "N"),
];

const BEGIN: &str = "caseBeginSpecialProcedure";
const RENOTIFY: &str = "caseRenotifySpecialProcedure";
const END: &str = "caseEndSpecialProcedure";
const EXTEND: &str = "caseExtend";
const ASK: &str = "caseAskMaterial";
const RECEIVE: &str = "caseReceiveMaterial";

fn begin(procedure: &str, days: i64, told: &str) -> Value {
    json!({ "procedure": procedure, "expected": { "n": days, "unit": "WORKDAY" }, "noticeDeliveredOn": told })
}

fn end(procedure: &str) -> Value {
    json!({ "procedure": procedure, "finding": "符合要求" })
}

fn more(days: i64) -> Value {
    json!({ "days": days, "approvedBy": "AGENCY_HEAD", "reasons": "案情复杂" })
}

fn on(mut rest: Value, day: &str) -> Value {
    rest["happenedOn"] = json!(day);
    rest
}

fn dates(promised: &str, statutory: &str) -> [Option<String>; 2] {
    [Some(promised.to_owned()), Some(statutory.to_owned())]
}

/// Working days after a day.
fn later(app: &TestApp, day: &str, days: u32) -> String {
    app.calendar()
        .add_workdays(day.parse().unwrap(), days)
        .to_string()
}

/// A refusal by its one code, and the field that it points to.
#[track_caller]
fn refused(answer: &crate::support::Answer, act: &str, code: &str, field: &str) {
    assert_eq!(answer.user_errors(act), [code], "{act}: {answer}");
    assert_eq!(answer.fields(act), [field], "{act}: {answer}");
}

each_db! {
    /// What has a date comes first, what stands still next, and last what has not begun, page by page.
    async fn what_stands_still_lies_in_the_inbox_before_what_has_not_begun(app: TestApp) {
        let waits = app.receive(&[DRAINAGE]).await;
        let still = app.submit(&[DRAINAGE]).await;
        let runs = app.submit(&[DRAINAGE]).await;
        let reviewer = app.reviewer("ZJJ");
        reviewer.does(BEGIN, &still.cases[0].id, begin("INSPECTION", 5, "2026-03-02")).await.done();

        let inbox = "query Order($after: String) { inbox(first: 1, after: $after) { pageInfo { endCursor } nodes { case { id } } } }";
        let (mut found, mut after) = (Vec::new(), Value::Null);
        for _ in 0..3 {
            let page = reviewer.query(inbox, json!({ "after": after })).await.ok();
            found.extend(page.texts("inbox.nodes", "case.id"));
            after = page.data("inbox.pageInfo.endCursor").clone();
        }
        assert_eq!(found, [&runs, &still, &waits].map(|of| of.cases[0].id.clone()));
    }

    /// Traps 3 and 7: a procedure moves exactly the clocks that it may lawfully stop, by exactly its uncounted days, and
    /// while it goes on there is no due date anywhere, but an exact remainder.
    async fn a_special_procedure_moves_both_periods_by_its_uncounted_days(app: TestApp) {
        let application = app.submit(&[DRAINAGE]).await;
        let case = &application.cases[0];
        let reviewer = app.reviewer("ZJJ");
        assert_eq!(app.due(case).await, dates("2026-03-09", "2026-03-30"));
        app.clock.set_day("2026-03-04");

        let begun = reviewer.does(BEGIN, &case.id, begin("INSPECTION", 5, "2026-03-03")).await.done();

        assert_eq!(begun.text("caseBeginSpecialProcedure.case.state"), "SUSPENDED");
        let file = app.file(&application).await;
        let notice = file.paper("SPECIAL_PROCEDURE_NOTICE");
        assert_eq!(
            [notice.line("SPECIAL_PROCEDURE"), notice.line("STARTS_ON"), notice.line("EXPECTED_TIME")],
            ["检验", "2026-03-04", "5 工作日"]
        );
        assert!(notice.line("BASIS").contains("第四十五条") && notice.number.contains("特告"));
        let event = file.event("SPECIAL_PROCEDURE_BEGUN");
        assert_eq!((word(&event, "reason"), word(&event, "days")), (Some("INSPECTION"), Some("5")));
        app.clock.set_day("2026-03-06");
        let clocks = app.clocks(case).await;
        for (which, remaining) in [("promised", 3), ("statutory", 18)] {
            let clock = clocks.data(&format!("case.{which}"));
            assert_eq!((&clock["dueOn"], &clock["state"], &clock["remaining"]), (&Value::Null, &json!("SUSPENDED"), &json!(remaining)));
        }
        assert_eq!(clocks.text("case.promised.projectedOn"), "2026-03-11", "three days after today");
        let row = app.case_row(case).await;
        assert_eq!((row.promised_due_on, row.statutory_due_on, row.alert_on), (None, None, None));
        let kept = app.clock_rows(&case.id).await;
        let is_still = kept.iter().filter(|row| row.due_on.is_none()).count();
        assert!(is_still >= 2, "promised and statutory stand still: {kept:?}");
        let inbox = reviewer.query(&documents::INBOX, json!({})).await.ok();
        assert_eq!(inbox.data("inbox.nodes.0.promisedDueOn"), &Value::Null);
        assert_eq!(inbox.text("inbox.nodes.0.lamp"), "OFF", "no clock runs towards a date");
        let procedure = clocks.data("case.specialProcedures.0").clone();
        assert_eq!(procedure["endedOn"], Value::Null);
        // However long it takes, nothing comes due meanwhile.
        app.clock.set_day("2026-03-11");
        app.sweep().await;
        assert!(app.cards_on(&application).await.is_empty());

        let ended = reviewer.does(END, &case.id, end("INSPECTION")).await.done();

        assert_eq!(ended.text("caseEndSpecialProcedure.case.state"), "IN_REVIEW");
        // Not charged: the 5th to the 11th, five working days.
        let moved = [later(&app, "2026-03-09", 5), later(&app, "2026-03-30", 5)];
        assert_eq!(moved, ["2026-03-16", "2026-04-07"], "over 清明");
        assert_eq!(app.due(case).await, moved.clone().map(Some));
        let row = app.case_row(case).await;
        assert_eq!([row.promised_due_on, row.statutory_due_on].map(|on| on.unwrap().to_string()), moved);
        assert_eq!(row.standing_unsuspended, None, "nothing has ended yet");
        let inbox = reviewer.query(&documents::INBOX, json!({})).await.ok();
        assert_eq!(inbox.text("inbox.nodes.0.promisedDueOn"), "2026-03-16");
        let file = app.file(&application).await;
        let result = file.paper("SPECIAL_PROCEDURE_RESULT");
        assert_eq!(
            [result.line("RESULT"), result.line("ENDED_ON"), result.line("PROMISED_DUE")],
            ["符合要求", "2026-03-11", "2026-03-16"]
        );
        let clocks = app.clocks(case).await;
        assert_eq!(*clocks.data("case.specialProcedures"), json!([{
            "kind": "INSPECTION", "basis": "行政许可法 第四十五条(现场勘验、检测)", "noticeDeliveredOn": "2026-03-03",
            "startedOn": "2026-03-04", "expected": { "n": 5, "unit": "WORKDAY" }, "endedOn": "2026-03-11",
        }]));
        app.agree(&case.review).await;
        app.grant(case).await;
        app.assert_sound().await;
    }

    async fn procedures_of_two_kinds_overlap_and_no_day_is_excluded_twice(app: TestApp) {
        let application = app.submit(&[WATER]).await;
        let case = &application.cases[0];
        let reviewer = app.reviewer("SLJ");
        let before = app.due(case).await.map(Option::unwrap);
        app.clock.set_day("2026-03-03");
        reviewer.does(BEGIN, &case.id, begin("HEARING", 15, "2026-03-03")).await.done();
        let again = reviewer.does(BEGIN, &case.id, begin("HEARING", 15, "2026-03-03")).await;
        refused(&again, BEGIN, "PROCEDURE_OPEN", "procedure");
        app.clock.set_day("2026-03-05");
        reviewer.does(BEGIN, &case.id, begin("EXPERT_REVIEW", 10, "2026-03-04")).await.done();
        app.clock.set_day("2026-03-06");
        let ended = reviewer.does(END, &case.id, end("HEARING")).await.done();
        assert_eq!(ended.text("caseEndSpecialProcedure.case.state"), "SUSPENDED", "the other one goes on");
        app.clock.set_day("2026-03-10");
        let ended = reviewer.does(END, &case.id, end("EXPERT_REVIEW")).await.done();
        assert_eq!(ended.text("caseEndSpecialProcedure.case.state"), "IN_REVIEW");
        // The 4th to the 10th: five working days, of which three belong to both.
        assert_eq!(app.due(case).await, before.map(|day| Some(later(&app, &day, 5))));
        // The same kind once more, later, is another procedure: the third of this case.
        app.clock.set_day("2026-03-12");
        assert!(app.cards_on(&application).await.is_empty());
        reviewer.does(BEGIN, &case.id, begin("HEARING", 15, "2026-03-12")).await.done();
        let third = [("FLOW_04".to_owned(), "RED".to_owned(), "2026-03-12".to_owned())];
        assert_eq!(app.cards_on(&application).await, third, "with the act, before any sweep");
        app.sweep().await;
        assert_eq!(app.cards_on(&application).await, third, "once");
        reviewer.does(END, &case.id, end("HEARING")).await.done();
        assert_eq!(app.clocks(case).await.list("case.specialProcedures").len(), 3);
        app.assert_sound().await;
    }

    /// 行政许可法 Art. 46 and 47: only who has asked for a hearing waits for it.
    async fn the_days_to_hold_a_hearing_run_only_where_somebody_asked_for_it(app: TestApp) {
        let application = app.submit(&[WATER]).await;
        let case = &application.cases[0];
        let reviewer = app.reviewer("SLJ");
        let of_own_motion = |procedure| {
            let mut begun = begin(procedure, 15, "2026-03-02");
            begun["ofOwnMotion"] = json!(true);
            begun
        };
        let held = async || {
            let rows = app.clock_rows(&case.id).await;
            rows.iter().filter(|row| row.kind.0 == ClockKind::HearingHold).count()
        };
        let other = reviewer.does(BEGIN, &case.id, of_own_motion("EXPERT_REVIEW")).await;
        refused(&other, BEGIN, "OWN_MOTION_NO_HEARING", "ofOwnMotion");

        reviewer.does(BEGIN, &case.id, of_own_motion("HEARING")).await.done();

        let shown = reviewer
            .query("query($id: ID!) { case(id: $id) { specialProcedures { kind ofOwnMotion } promised { state } } }", json!({ "id": case.id }))
            .await
            .ok();
        assert_eq!(shown.data("case.specialProcedures.0"), &json!({ "kind": "HEARING", "ofOwnMotion": true }));
        assert_eq!(shown.text("case.promised.state"), "SUSPENDED", "its time is not charged either");
        assert_eq!(held().await, 0);
        app.clock.set_day("2026-03-04");
        reviewer.does(END, &case.id, end("HEARING")).await.done();
        reviewer.does(BEGIN, &case.id, begin("HEARING", 15, "2026-03-04")).await.done();
        assert_eq!(held().await, 1);
        app.assert_sound().await;
    }

    async fn a_procedure_that_takes_longer_is_told_again_or_carded(app: TestApp) {
        let application = app.submit(&[WATER, DRAINAGE]).await;
        let [water, drainage] = [WATER, DRAINAGE].map(|item| application.case(item));
        app.reviewer("SLJ").does(BEGIN, &water.id, begin("HEARING", 3, "2026-03-02")).await.done();
        app.reviewer("ZJJ").does(BEGIN, &drainage.id, begin("INSPECTION", 3, "2026-03-02")).await.done();
        app.clock.set_day("2026-03-05");
        let longer = json!({ "procedure": "HEARING", "expected": { "n": 8, "unit": "WORKDAY" }, "reasons": "当事人申请延期" });
        app.reviewer("SLJ").does(RENOTIFY, &water.id, longer.clone()).await.done();
        let file = app.file(&application).await;
        let notice = &file.papers("SPECIAL_PROCEDURE_NOTICE")[2];
        assert_eq!([notice.line("REASONS"), notice.line("STARTS_ON"), notice.line("EXPECTED_TIME")], ["当事人申请延期", "2026-03-02", "8 工作日"]);
        file.event("SPECIAL_PROCEDURE_RENOTIFIED");
        assert_eq!(app.clocks(water).await.number("case.specialProcedures.0.expected.n"), 8);
        app.clock.set_day("2026-03-06");
        app.sweep().await;
        let cards = app.cards_on(&application).await;
        assert_eq!(cards, [("TIME_07".to_owned(), "YELLOW".to_owned(), "2026-03-06".to_owned())], "only the one not told of");
        let none = app.reviewer("ZJJ").does(RENOTIFY, &drainage.id, longer).await;
        refused(&none, RENOTIFY, "PROCEDURE_NOT_OPEN", "procedure");
        app.assert_sound().await;
    }

    async fn a_procedure_begins_and_ends_only_as_the_law_allows(app: TestApp) {
        let application = app.submit(&[DRAINAGE, FOOD]).await;
        let [case, food] = [DRAINAGE, FOOD].map(|item| application.case(item));
        let decider = app.decider("ZJJ");
        app.clock.set_day("2026-03-04");
        decider.token().await;
        app.decider("SJJ").token().await;
        let told = "2026-03-04";
        let before = app.written().await;
        let unlisted = decider.does(BEGIN, &case.id, begin("HEARING", 5, told)).await;
        refused(&unlisted, BEGIN, "PROCEDURE_NOT_LISTED", "procedure");
        let unlisted = app.decider("SJJ").does(BEGIN, &food.id, begin("INSPECTION", 5, told)).await;
        refused(&unlisted, BEGIN, "PROCEDURE_NOT_LISTED", "procedure");
        for (n, field) in [(0, "expected.n"), (-3, "expected.n"), (3_651, "expected.n")] {
            refused(&decider.does(BEGIN, &case.id, begin("INSPECTION", n, told)).await, BEGIN, "NUMBER_OUT_OF_RANGE", field);
        }
        for (rest, code, field) in [
            (begin("INSPECTION", 5, "2026-03-05"), "PROCEDURE_NOTICE_LATE", "noticeDeliveredOn"),
            (begin("INSPECTION", 5, "2026-02-27"), "ACT_BEFORE_RECEIPT", "noticeDeliveredOn"),
            (on(begin("INSPECTION", 5, told), "2026-03-05"), "ACT_IN_FUTURE", "happenedOn"),
            (on(begin("INSPECTION", 5, told), "2026-03-01"), "ACT_BEFORE_RECEIPT", "happenedOn"),
        ] {
            refused(&decider.does(BEGIN, &case.id, rest).await, BEGIN, code, field);
        }
        refused(&decider.does(END, &case.id, end("INSPECTION")).await, END, "PROCEDURE_NOT_OPEN", "procedure");
        let stale = { let mut rest = begin("INSPECTION", 5, told); rest["expectedVersion"] = json!(case.version + 7); rest };
        refused(&decider.does(BEGIN, &case.id, stale).await, BEGIN, "CONFLICT", "expectedVersion");
        assert_unchanged(&before, &app.written().await, "what was refused");

        let key = new_key();
        let first = decider.does_by_key(BEGIN, &key, &case.id, begin("INSPECTION", 5, told)).await.done();
        let written = app.written().await;
        let again = decider.does_by_key(BEGIN, &key, &case.id, begin("INSPECTION", 5, told)).await.done();
        assert_eq!(first.body, again.body);
        assert_unchanged(&written, &app.written().await, "the repetition");
        let early = decider.does(END, &case.id, on(end("INSPECTION"), "2026-03-03")).await;
        refused(&early, END, "ACT_OUT_OF_ORDER", "happenedOn");
        let blank = decider.does(END, &case.id, json!({ "procedure": "INSPECTION", "finding": " " })).await;
        refused(&blank, END, "TEXT_EMPTY", "finding");
        // Nothing is said or decided while the clocks stand still.
        let opinion = app.give_opinion(&case.review, "AGREE", None).await;
        assert_eq!(opinion.user_errors("reviewGiveOpinion"), ["WRONG_STATE"]);
        let decision = app.decide(case, "GRANT", None).await;
        assert_eq!(decision.user_errors("caseDecide"), ["WRONG_STATE"]);
        assert!(decision.messages()[0].contains("“特别程序”"), "{decision}");
        app.assert_sound().await;
    }

    async fn a_decision_waits_for_a_procedure_that_began_after_the_opinion(app: TestApp) {
        let application = app.submit(&[DRAINAGE]).await;
        let case = &application.cases[0];
        app.agree(&case.review).await;
        app.decider("ZJJ").does(BEGIN, &case.id, begin("INSPECTION", 5, "2026-03-02")).await.done();
        let decision = app.decide(case, "GRANT", None).await;
        assert_eq!(decision.user_errors("caseDecide"), ["WRONG_STATE"]);
        app.clock.set_day("2026-03-05");
        let ended = app.decider("ZJJ").does(END, &case.id, end("INSPECTION")).await.done();
        assert_eq!(ended.text("caseEndSpecialProcedure.case.state"), "DECIDING", "the opinion is there");
        let input = json!({ "idempotencyKey": new_key(), "caseId": case.id, "decision": "GRANT", "happenedOn": "2026-03-04" });
        let early = app.decider("ZJJ").act(&documents::DECIDE, input).await;
        refused(&early, "caseDecide", "ACT_OUT_OF_ORDER", "happenedOn");
        app.grant(case).await;
        app.assert_sound().await;
    }

    async fn nothing_stops_a_period_that_has_passed(app: TestApp) {
        let application = app.submit(&[DRAINAGE]).await;
        let case = &application.cases[0];
        app.clock.set_day("2026-03-31");
        let decider = app.decider("ZJJ");
        let late = decider.does(BEGIN, &case.id, begin("INSPECTION", 5, "2026-03-30")).await;
        assert_eq!(late.user_errors(BEGIN), ["PERIOD_PASSED"]);
        let dated_back = decider.does(BEGIN, &case.id, on(begin("INSPECTION", 5, "2026-03-20"), "2026-03-23")).await;
        assert_eq!(dated_back.user_errors(BEGIN), ["PERIOD_PASSED"], "however it is dated");
        let late = decider.does(EXTEND, &case.id, on(more(10), "2026-03-27")).await;
        assert_eq!(late.user_errors(EXTEND), ["EXTENSION_LATE"]);
        assert_eq!(app.due(case).await, dates("2026-03-09", "2026-03-30"));
    }

    /// Between the promise and the period of the law only the latter can still be stopped.
    async fn a_procedure_after_the_promise_moves_only_the_statutory_period(app: TestApp) {
        let application = app.submit(&[DRAINAGE]).await;
        let case = &application.cases[0];
        app.clock.set_day("2026-03-12");
        app.reviewer("ZJJ").does(BEGIN, &case.id, begin("INSPECTION", 5, "2026-03-12")).await.done();
        let clocks = app.clocks(case).await;
        assert_eq!([clocks.text("case.promised.state"), clocks.text("case.statutory.state")], ["OVERDUE", "SUSPENDED"]);
        app.clock.set_day("2026-03-17");
        app.reviewer("ZJJ").does(END, &case.id, end("INSPECTION")).await.done();
        let law = later(&app, "2026-03-30", 3);
        assert_eq!(app.due(case).await, dates("2026-03-09", &law));
        app.assert_sound().await;
    }

    /// Trap 3, too: the extension is no flag, the dates are others.
    async fn an_extension_moves_both_periods_once(app: TestApp) {
        let application = app.submit(&[DRAINAGE]).await;
        let case = &application.cases[0];
        let decider = app.decider("ZJJ");
        app.clock.set_day("2026-03-09");
        decider.token().await;
        let before = app.written().await;
        for (rest, code, field) in [
            (json!({ "days": 10, "approvedBy": "LOCAL_GOVERNMENT_HEAD", "reasons": "x" }), "EXTENSION_APPROVER", "approvedBy"),
            (more(11), "EXTENSION_TOO_LONG", "days"),
            (more(0), "EXTENSION_TOO_LONG", "days"),
            (more(-1), "NUMBER_OUT_OF_RANGE", "days"),
            (json!({ "days": 5, "approvedBy": "AGENCY_HEAD", "reasons": " " }), "REASONS_REQUIRED", "reasons"),
            (on(more(5), "2026-03-10"), "ACT_IN_FUTURE", "happenedOn"),
        ] {
            refused(&decider.does(EXTEND, &case.id, rest).await, EXTEND, code, field);
        }
        assert_unchanged(&before, &app.written().await, "what was refused");

        decider.does(EXTEND, &case.id, more(4)).await.done();

        let moved = [later(&app, "2026-03-09", 4), later(&app, "2026-03-30", 4)];
        assert_eq!(app.due(case).await, moved.clone().map(Some));
        let row = app.case_row(case).await;
        assert_eq!([row.promised_due_on, row.statutory_due_on].map(|on| on.unwrap().to_string()), moved);
        let file = app.file(&application).await;
        let notice = file.paper("EXTENSION_NOTICE");
        assert_eq!(
            [notice.line("EXTENDED_BY"), notice.line("APPROVER"), notice.line("REASONS"), notice.line("STATUTORY_DUE")],
            ["4 工作日", "本行政机关负责人", "案情复杂", &moved[1]]
        );
        assert_eq!(word(&file.event("CASE_EXTENDED"), "approver"), Some("AGENCY_HEAD"));
        let inbox = app.reviewer("ZJJ").query(&documents::INBOX, json!({})).await.ok();
        assert_eq!(inbox.text("inbox.nodes.0.promisedDueOn"), moved[0]);
        let twice = decider.does(EXTEND, &case.id, more(1)).await;
        assert_eq!(twice.user_errors(EXTEND), ["EXTENSION_TWICE"]);
        app.assert_sound().await;
    }

    async fn an_extension_after_the_promise_moves_only_the_statutory_period(app: TestApp) {
        let application = app.submit(&[DRAINAGE]).await;
        let case = &application.cases[0];
        app.clock.set_day("2026-03-30");
        app.decider("ZJJ").does(EXTEND, &case.id, more(10)).await.done();
        assert_eq!(app.due(case).await, dates("2026-03-09", &later(&app, "2026-03-30", 10)));
        assert_eq!(app.clocks(case).await.text("case.lamp"), "YELLOW");
        app.assert_sound().await;
    }

    async fn what_no_law_allows_to_extend_is_not_extended(app: TestApp) {
        let application = app.submit(&[WATER]).await;
        let refused = app.decider("SLJ").does(EXTEND, &application.cases[0].id, more(5)).await;
        assert_eq!(refused.user_errors(EXTEND), ["EXTENSION_NOT_ALLOWED"]);
        assert!(refused.messages()[0].contains(WATER), "{refused}");
    }

    async fn the_joint_period_is_extended_by_the_government(app: TestApp) {
        let application = app.restaurant(RESTAURANT).await;
        let act = "applicationExtend";
        let more = |days: i64, by: &str| json!({ "days": days, "approvedBy": by, "reasons": "涉及多个部门" });
        let head = "LOCAL_GOVERNMENT_HEAD";
        let lead = app.lead("SJJ");
        let before = app.file(&application).await;
        let [promised, statutory] = ["jointPromised.dueOn", "jointStatutory.dueOn"].map(|field| before.text(field));
        refused(&lead.does(act, &application.id, more(15, "AGENCY_HEAD")).await, act, "EXTENSION_APPROVER", "approvedBy");
        refused(&lead.does(act, &application.id, more(16, head)).await, act, "EXTENSION_TOO_LONG", "days");
        refused(&lead.does(act, &application.id, more(0, head)).await, act, "EXTENSION_TOO_LONG", "days");
        refused(&lead.does(act, &application.id, on(more(5, head), "2026-02-27")).await, act, "ACT_BEFORE_RECEIPT", "happenedOn");
        let other = app.lead("CGJ").does(act, &application.id, more(5, head)).await;
        assert_eq!(other.user_errors(act), ["NOT_YOURS"], "not the lead of this one");
        assert!(other.messages()[0].contains("SJJ"), "{other}");
        for person in ["decider-sjj", "reviewer-sjj", "clerk", "applicant", "supervisor", "administrator"] {
            let other = app.as_(person).does(act, &application.id, more(5, head)).await;
            assert_eq!(other.user_errors(act), ["FORBIDDEN"], "{person}");
        }
        let stale = { let mut rest = more(5, head); rest["expectedVersion"] = json!(99); rest };
        refused(&lead.does(act, &application.id, stale).await, act, "CONFLICT", "expectedVersion");

        let key = new_key();
        let first = lead.does_by_key(act, &key, &application.id, more(5, head)).await.done();
        assert_eq!(lead.does_by_key(act, &key, &application.id, more(5, head)).await.done().body, first.body);

        let file = app.file(&application).await;
        assert_eq!(file.text("jointStatutory.dueOn"), later(&app, &statutory, 5));
        assert_eq!(file.text("jointPromised.dueOn"), later(&app, &promised, 5));
        let notice = file.paper("EXTENSION_NOTICE");
        assert_eq!([notice.line("APPROVER"), notice.line("STATUTORY_DUE")], ["本级人民政府负责人", &later(&app, &statutory, 5)]);
        file.event("APPLICATION_EXTENDED");
        let twice = lead.does(act, &application.id, more(5, head)).await;
        assert_eq!(twice.user_errors(act), ["EXTENSION_TWICE"]);
        app.assert_sound().await;
    }

    async fn the_joint_period_is_not_extended_when_it_has_passed_nor_without_one(app: TestApp) {
        let single = app.submit(&[FOOD]).await;
        let joint = app.restaurant(RESTAURANT).await;
        let act = "applicationExtend";
        let more = json!({ "days": 5, "approvedBy": "LOCAL_GOVERNMENT_HEAD", "reasons": "x" });
        let none = app.lead("SJJ").does(act, &single.id, more.clone()).await;
        assert_eq!(none.user_errors(act), ["FORBIDDEN"], "nobody leads it");
        let due = app.file(&joint).await.text("jointStatutory.dueOn");
        app.clock.set_day(&due);
        app.advance_workdays(1);
        let late = app.lead("SJJ").does(act, &joint.id, more).await;
        assert_eq!(late.user_errors(act), ["EXTENSION_LATE"]);
        assert!(late.messages()[0].contains(&due), "{late}");
    }

    /// Trap 20: whatever is done to the case afterwards, the extended dates stay.
    async fn any_later_act_keeps_the_extended_dates(app: TestApp) {
        let application = app.submit(&[DRAINAGE]).await;
        let case = &application.cases[0];
        app.decider("ZJJ").does(EXTEND, &case.id, more(10)).await.done();
        let extended = dates(&later(&app, "2026-03-09", 10), &later(&app, "2026-03-30", 10));
        assert_eq!(app.due(case).await, extended);
        let review = json!({ "reviewId": case.review.id });
        app.reviewer("ZJJ").act(&documents::CLAIM, review.clone()).await.done();
        app.reviewer("ZJJ").act(&documents::RELEASE, review).await.done();
        assert_eq!(app.due(case).await, extended, "after it was claimed and released");
        app.reviewer("ZJJ").does(BEGIN, &case.id, begin("INSPECTION", 5, "2026-03-02")).await.done();
        app.reviewer("ZJJ").does(END, &case.id, end("INSPECTION")).await.done();
        assert_eq!(app.due(case).await, extended, "after a procedure of no day");
        app.clerk().does("caseAskVoid", &case.id, json!({ "reasons": "疑似重复" })).await.done();
        assert_eq!(app.due(case).await, extended, "after a question");
        app.sweep().await;
        app.agree(&case.review).await;
        assert_eq!(app.due(case).await, extended, "after the opinion");
        app.clock.set_day("2026-03-20");
        app.sweep().await;
        app.grant(case).await;
        app.deliver(&application).await;
        assert_eq!(app.due(case).await, extended, "after all");
        let row = app.case_row(case).await;
        assert_eq!([row.promised_due_on, row.statutory_due_on].map(|on| on.map(|on| on.to_string())), extended);
        app.assert_sound().await;
    }

    async fn waiting_for_material_pauses_only_the_promise_and_only_once(app: TestApp) {
        let application = app.submit(&[FOOD]).await;
        let case = &application.cases[0];
        let reviewer = app.reviewer("SJJ");
        app.clock.set_day("2026-03-04");
        let ask = |codes: &[&str]| json!({ "materials": codes, "reasons": "流程图不清晰" });
        refused(&reviewer.does(ASK, &case.id, ask(&[])).await, ASK, "CORRECTION_EMPTY", "materials");
        refused(&reviewer.does(ASK, &case.id, ask(&["M-FLOW", "M-NAME"])).await, ASK, "MATERIAL_NOT_LISTED", "materials.1");
        let blank = json!({ "materials": ["M-FLOW"], "reasons": "" });
        refused(&reviewer.does(ASK, &case.id, blank).await, ASK, "REASONS_REQUIRED", "reasons");
        let none = app.clerk().does(RECEIVE, &case.id, json!({ "text": "x" })).await;
        assert_eq!(none.user_errors(RECEIVE), ["MATERIAL_NOT_ASKED"]);

        reviewer.does(ASK, &case.id, ask(&["M-FLOW"])).await.done();

        let clocks = app.clocks(case).await;
        assert_eq!(clocks.text("case.state"), "IN_REVIEW");
        assert_eq!([clocks.text("case.promised.state"), clocks.text("case.statutory.state")], ["SUSPENDED", "RUNNING"]);
        assert_eq!(clocks.text("case.statutory.dueOn"), "2026-03-16");
        let file = app.file(&application).await;
        let request = file.paper("MATERIAL_REQUEST");
        assert_eq!([request.line("MISSING_MATERIAL"), request.line("REASONS")], ["操作流程及设备设施清单", "流程图不清晰"]);
        file.event("MATERIAL_ASKED");
        let twice = reviewer.does(ASK, &case.id, ask(&["M-SYS"])).await;
        assert_eq!(twice.user_errors(ASK), ["MATERIAL_ASKED_TWICE"]);
        app.clock.set_day("2026-03-11");
        let early = app.clerk().does(RECEIVE, &case.id, json!({ "text": "流程图", "happenedOn": "2026-03-03" })).await;
        refused(&early, RECEIVE, "ACT_OUT_OF_ORDER", "happenedOn");

        app.clerk().does(RECEIVE, &case.id, json!({ "text": "流程图" })).await.done();

        // Not charged to the promise: the 5th to the 11th.
        assert_eq!(app.due(case).await, dates(&later(&app, "2026-03-09", 5), "2026-03-16"));
        let file = app.file(&application).await;
        assert_eq!(file.paper("SUPPLEMENT_RECEIPT").line("MATERIAL"), "流程图");
        file.event("MATERIAL_RECEIVED");
        let twice = reviewer.does(ASK, &case.id, ask(&["M-SYS"])).await;
        assert_eq!(twice.user_errors(ASK), ["MATERIAL_ASKED_TWICE"]);
        let again = app.clerk().does(RECEIVE, &case.id, json!({ "text": "x" })).await;
        assert_eq!(again.user_errors(RECEIVE), ["MATERIAL_NOT_ASKED"]);
        app.assert_sound().await;
    }

    /// What is entered after the period had ended leaves the due date and the breach as they are.
    async fn what_is_entered_after_the_fact_is_marked_and_heals_nothing(app: TestApp) {
        let application = app.submit(&[DRAINAGE]).await;
        let case = &application.cases[0];
        app.agree(&case.review).await;
        // The promise passed on the 9th; on the 11th a suspension of the 4th is entered.
        app.clock.set_day("2026-03-11");
        app.sweep().await;
        let cards = app.cards_on(&application).await;
        assert!(cards.contains(&("TIME_02".into(), "YELLOW".into(), "2026-03-10".into())), "{cards:?}");
        let reviewer = app.reviewer("ZJJ").does(BEGIN, &case.id, on(begin("INSPECTION", 5, "2026-03-04"), "2026-03-04")).await;
        refused(&reviewer, BEGIN, "LATE_ENTRY_FORBIDDEN", "happenedOn");
        let decider = app.decider("ZJJ");
        decider.does(BEGIN, &case.id, on(begin("INSPECTION", 5, "2026-03-04"), "2026-03-04")).await.done();
        let event = app.file(&application).await.event("SPECIAL_PROCEDURE_BEGUN");
        assert_eq!([&event["happenedAt"], &event["enteredAt"]], ["2026-03-03T16:00:00.000000Z", "2026-03-11T01:00:00.000000Z"]);
        decider.does(END, &case.id, on(end("INSPECTION"), "2026-03-09")).await.done();
        let clocks = app.clocks(case).await;
        assert_eq!(clocks.text("case.promised.dueOn"), "2026-03-09");
        assert_eq!([clocks.text("case.promised.state"), clocks.text("case.lamp")], ["OVERDUE", "YELLOW"]);

        // The period of the law has passed, too, when a decision of the 16th is entered.
        app.clock.set_day("2026-04-13");
        app.sweep().await;
        let due = app.due(case).await;
        let input = json!({ "idempotencyKey": new_key(), "caseId": case.id, "decision": "GRANT", "happenedOn": "2026-03-16" });
        decider.act(&documents::DECIDE, input).await.done();
        assert_eq!(app.due(case).await, due);
        let clocks = app.clocks(case).await;
        assert_eq!([clocks.data("case.promised.overdue"), clocks.data("case.statutory.overdue")], [&json!(true), &json!(true)]);
        assert_eq!(clocks.text("case.lamp"), "RED");
        let file = app.file(&application).await;
        let decision = file.paper("GRANT_DECISION");
        assert_eq!([decision.line("DATE"), decision.line("ENTERED_ON")], ["2026-03-16", "2026-04-13"]);
        let row = app.case_row(case).await;
        assert_eq!(row.result_on.unwrap().to_string(), "2026-03-16");
        assert_eq!(row.stopped_on.unwrap().to_string(), "2026-04-13");
        app.deliver(&application).await;
        app.clock.set_day("2026-09-01");
        assert_eq!(app.clocks(case).await.text("case.lamp"), "RED", "closing changes nothing of it");
        app.assert_sound().await;
    }

    async fn what_is_entered_after_the_fact_in_time_counts_from_its_day(app: TestApp) {
        let application = app.submit(&[DRAINAGE]).await;
        let case = &application.cases[0];
        app.clock.set_day("2026-03-06");
        app.decider("ZJJ").does(BEGIN, &case.id, on(begin("INSPECTION", 5, "2026-03-03"), "2026-03-03")).await.done();
        app.decider("ZJJ").does(END, &case.id, on(end("INSPECTION"), "2026-03-05")).await.done();
        // The 4th and the 5th.
        assert_eq!(app.due(case).await, dates("2026-03-11", "2026-04-01"));
        app.assert_sound().await;
    }

    /// Trap 14: an item with a period yields a lamp and a card, with no call but the submission.
    async fn an_item_with_a_period_yields_a_lamp_and_cards_by_itself(app: TestApp) {
        let application = app.submit(&[FOOD]).await;
        let case = &application.cases[0];
        for (day, lamp, card) in [
            ("2026-03-05", "GREEN", None),
            ("2026-03-06", "ALERT", Some(("TIME_01", "ALERT"))),
            ("2026-03-10", "YELLOW", Some(("TIME_02", "YELLOW"))),
            ("2026-03-17", "RED", Some(("TIME_04", "RED"))),
        ] {
            app.clock.set_day(day);
            app.sweep().await;
            assert_eq!(app.clocks(case).await.text("case.lamp"), lamp, "on {day}");
            let cards = app.cards_on(&application).await;
            if let Some((rule, level)) = card {
                assert!(cards.contains(&(rule.into(), level.into(), day.into())), "on {day}: {cards:?}");
            }
        }
        let cards = app.cards_on(&application).await;
        app.sweep().await;
        assert_eq!(app.cards_on(&application).await, cards, "each once");
    }

    /// Trap 22: what is overdue can always be completed, and the breach stays on record.
    async fn overdue_work_can_be_completed_and_the_breach_stays(app: TestApp) {
        let application = app.submit(&[FOOD]).await;
        let case = &application.cases[0];
        app.clock.set_day("2026-06-01");
        app.sweep().await;
        let review = json!({ "reviewId": case.review.id });
        app.reviewer("SJJ").act(&documents::CLAIM, review).await.done();
        app.agree(&case.review).await;
        app.grant(case).await;
        app.clock.set_day("2026-07-01");
        app.sweep().await;
        app.deliver(&application).await;
        let file = app.file(&application).await;
        assert_eq!([file.text("state"), file.text("outcome")], ["CLOSED", "GRANTED"]);
        let clocks = app.clocks(case).await;
        assert_eq!([clocks.text("case.lamp"), clocks.text("case.statutory.state")], ["RED", "STOPPED"]);
        assert_eq!(clocks.data("case.statutory.overdue"), &json!(true));
        let cards = app.cards_on(&application).await;
        for rule in ["TIME_02", "TIME_04", "TIME_08"] {
            assert!(cards.iter().any(|(known, ..)| known == rule), "{rule}: {cards:?}");
        }
        app.assert_sound().await;
    }

    async fn nobody_else_moves_the_clocks_of_a_case(app: TestApp) {
        let application = app.submit(&[DRAINAGE]).await;
        let case = &application.cases[0];
        let ask = json!({ "materials": ["M-APP"], "reasons": "x" });
        let renotify = json!({ "procedure": "INSPECTION", "expected": { "n": 5, "unit": "WORKDAY" }, "reasons": "x" });
        let acts: [(&str, Value, &[&str]); 6] = [
            (BEGIN, begin("INSPECTION", 5, "2026-03-02"), &["reviewer", "decider"]),
            (RENOTIFY, renotify, &["reviewer", "decider"]),
            (END, end("INSPECTION"), &["reviewer", "decider"]),
            (EXTEND, more(5), &["decider"]),
            (ASK, ask, &["reviewer", "decider"]),
            (RECEIVE, json!({ "text": "x" }), &["clerk", "applicant"]),
        ];
        for (act, rest, who) in &acts {
            for role in ["reviewer", "decider", "lead"] {
                let other = app.as_(&format!("{role}-sjj")).does(act, &case.id, rest.clone()).await;
                let code = if who.contains(&role) { "NOT_FOUND" } else { "FORBIDDEN" };
                assert_eq!(other.user_errors(act), [code], "{act} by a {role} of another department");
            }
            for person in ["clerk-2", "applicant-2", "administrator", "supervisor", "system"] {
                let other = app.as_(person).does(act, &case.id, rest.clone()).await;
                let role = person.trim_end_matches("-2");
                let code = if who.contains(&role) { "NOT_FOUND" } else { "FORBIDDEN" };
                assert_eq!(other.user_errors(act), [code], "{act} by {person}");
            }
            let nobody = app.nobody().does(act, &case.id, rest.clone()).await;
            assert_eq!(nobody.error_code(), "UNAUTHENTICATED");
        }
        assert_eq!(app.due(case).await, dates("2026-03-09", "2026-03-30"));
        assert_eq!(app.file(&application).await.0.list("application.documents").len(), 1);
    }

    async fn before_acceptance_and_after_the_end_no_clock_is_moved(app: TestApp) {
        let received = app.receive(&[DRAINAGE]).await;
        let done = app.submit(&[DRAINAGE]).await;
        app.agree(&done.cases[0].review).await;
        app.grant(&done.cases[0]).await;
        let ask = json!({ "materials": ["M-APP"], "reasons": "x" });
        let acts = [(BEGIN, begin("INSPECTION", 5, "2026-03-02")), (END, end("INSPECTION")), (EXTEND, more(5)), (ASK, ask)];
        for (act, rest) in acts {
            let refuse = async |case: &Case| app.decider("ZJJ").does(act, &case.id, rest.clone()).await.user_errors(act);
            assert_eq!(refuse(&received.cases[0]).await, ["WRONG_STATE"], "{act}");
            assert_eq!(refuse(&done.cases[0]).await, ["ALREADY_DECIDED"], "{act}");
        }
    }
}

mod governed {
    //! Where a centre has decided otherwise.

    use super::*;

    each_db! { on seeded
        async fn a_procedure_ends_by_itself_at_the_notified_time_where_the_centre_says_so(database: TestDatabase) {
            let (app, server) = TestApp::start_with(database, &Log::default(), false, |config| {
                config.conventions.cap_exclusion_at_notified_duration = true;
            })
            .await;
            let application = app.submit(&[DRAINAGE]).await;
            let case = &application.cases[0];
            app.reviewer("ZJJ").does(BEGIN, &case.id, begin("INSPECTION", 3, "2026-03-02")).await.done();
            app.clock.set_day("2026-03-05");
            app.sweep().await;
            assert_eq!(app.clocks(case).await.text("case.state"), "SUSPENDED", "its last day");

            // Days later, after an outage: dated to the last day of what was told.
            app.clock.set_day("2026-03-10");
            app.sweep().await;

            let clocks = app.clocks(case).await;
            assert_eq!([clocks.text("case.state"), clocks.text("case.specialProcedures.0.endedOn")], ["IN_REVIEW", "2026-03-05"]);
            // Not charged: the 3rd, the 4th and the 5th.
            assert_eq!(app.due(case).await, dates("2026-03-12", "2026-04-02"));
            let file = app.file(&application).await;
            assert!(file.event("SPECIAL_PROCEDURE_ENDED")["actorRole"].is_null());
            let result = file.paper("SPECIAL_PROCEDURE_RESULT");
            assert_eq!([&*result.issued_on, result.line("SIGNER")], ["2026-03-05", "系统（依法自动生成）"]);
            let before = app.written().await;
            app.sweep().await;
            assert_unchanged(&before, &app.written().await, "the second sweep");
            let again = app.reviewer("ZJJ").does(END, &case.id, end("INSPECTION")).await;
            assert_eq!(again.user_errors(END), ["PROCEDURE_NOT_OPEN"]);
            app.assert_sound().await;
            server.stop().await;
        }

        /// Of three days that begin on the third the fifth is the last; on the next one the case is under review again, before
        /// anything else is done to it.
        async fn a_procedure_of_which_the_first_day_counts_ends_a_day_sooner(database: TestDatabase) {
            let (app, server) = TestApp::start_with(database, &Log::default(), false, |config| {
                config.conventions.cap_exclusion_at_notified_duration = true;
                config.conventions.suspension_boundary = Boundary::Inclusive;
            })
            .await;
            let application = app.submit(&[DRAINAGE]).await;
            let case = &application.cases[0];
            app.clock.set_day("2026-03-03");
            app.reviewer("ZJJ").does(BEGIN, &case.id, begin("INSPECTION", 3, "2026-03-03")).await.done();
            app.clock.set_day("2026-03-05");
            app.sweep().await;
            assert_eq!(app.clocks(case).await.text("case.state"), "SUSPENDED", "its last day");

            app.clock.set_day("2026-03-06");
            app.agree(&case.review).await;

            let clocks = app.clocks(case).await;
            assert_eq!([clocks.text("case.state"), clocks.text("case.specialProcedures.0.endedOn")], ["DECIDING", "2026-03-05"]);
            app.assert_sound().await;
            server.stop().await;
        }

        /// A centre that decides otherwise moves no date that somebody was told, and whoever comes later counts by the new.
        async fn what_was_received_before_a_change_counts_by_what_was_decided_then(database: TestDatabase) {
            let (app, server) = TestApp::start_with(database, &Log::default(), false, |config| {
                config.conventions.suspension_boundary = Boundary::Inclusive;
            })
            .await;
            let former = app.submit(&[DRAINAGE]).await;
            let former = &former.cases[0];
            app.clock.set_day("2026-03-04");
            app.reviewer("ZJJ").does(BEGIN, &former.id, begin("INSPECTION", 5, "2026-03-03")).await.done();
            server.stop().await;

            let (app, server) = TestApp::start_with(database, &Log::default(), false, |config| {
                let conventions = std::mem::take(&mut config.conventions);
                let conventions = Conventions { suspension_boundary: Boundary::Inclusive, ..conventions };
                let until = "2026-03-05".parse().unwrap();
                config.former_conventions = vec![FormerConventions { until, conventions }];
            })
            .await;
            app.clock.set_day("2026-03-06");
            let later = app.submit(&[DRAINAGE]).await;
            let later = &later.cases[0];
            app.clock.set_day("2026-03-10");
            app.reviewer("ZJJ").does(BEGIN, &later.id, begin("INSPECTION", 5, "2026-03-09")).await.done();
            app.clock.set_day("2026-03-11");
            for case in [former, later] {
                app.reviewer("ZJJ").does(END, &case.id, end("INSPECTION")).await.done();
            }

            // Not charged of the former: the 4th to the 11th, six days; of the later: the 11th alone.
            assert_eq!(app.due(former).await, dates("2026-03-17", "2026-04-08"));
            assert_eq!(app.due(later).await, dates("2026-03-16", "2026-04-07"));
            app.assert_sound().await;
            let what_was_decided = app.program().config.conventions_on("2026-03-05".parse().unwrap());
            assert_eq!(what_was_decided.suspension_boundary, Boundary::Inclusive);
            server.stop().await;
        }
    }
}
