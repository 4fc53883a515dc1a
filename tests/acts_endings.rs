//! Other ends: withdrawn, terminated, voided by two persons, renewed by silence; and delivery that takes its time.

use lianshen_domain::clock::ClockKind;
use serde_json::{Value, json};

use crate::support::acts::word;
use crate::support::world::{Application, input_for_items, new_key};
use crate::support::written::assert_unchanged;
use crate::support::{Client, TestApp, documents, each_db};

const FOOD: &str = "SJJ-01-002";
const TOBACCO: &str = "YCJ-01-001";
/// Registration first, then all others.
const FROM_SCRATCH: &[(&str, &str)] = &[
    ("Q1", "N"),
    ("Q2", "N"),
    ("Q4", "Y"),
    ("Q5", "N"),
    ("Q6", "Y"),
];

const WITHDRAW: &str = "applicationWithdraw";
const TERMINATE: &str = "caseTerminate";
const ASK_VOID: &str = "caseAskVoid";
const CONFIRM_VOID: &str = "caseConfirmVoid";
const ANNOUNCE: &str = "applicationAnnounceResults";
const FAIL: &str = "applicationFailDelivery";

fn because(reasons: &str) -> Value {
    json!({ "reasons": reasons })
}

async fn granted(app: &TestApp, item: &str) -> Application {
    let application = app.submit(&[item]).await;
    app.agree(&application.cases[0].review).await;
    app.grant(&application.cases[0]).await;
    application
}

fn renewal(expires_on: &str) -> Value {
    let mut input = input_for_items(&[FOOD]);
    input["renewal"] = json!({ "certificate": "JY23209990000001", "expiresOn": expires_on });
    input
}

each_db! {
    async fn the_applicant_withdraws_all_of_it(app: TestApp) {
        let filed = app.file_online(&[FOOD, TOBACCO]).await;
        app.clerk().does("applicationAccept", &filed.id, json!({})).await.done();
        app.clock.set_day("2026-03-04");
        let stranger = app.as_("applicant-2").does(WITHDRAW, &filed.id, json!({})).await;
        assert_eq!(stranger.user_errors(WITHDRAW), ["NOT_FOUND"]);
        for person in ["reviewer-sjj", "decider-sjj", "lead-sjj", "supervisor", "administrator", "system"] {
            let other = app.as_(person).does(WITHDRAW, &filed.id, json!({})).await;
            assert_eq!(other.user_errors(WITHDRAW), ["FORBIDDEN"], "{person}");
        }
        let other = app.as_("clerk-2").does(WITHDRAW, &filed.id, json!({})).await;
        assert_eq!(other.user_errors(WITHDRAW), ["NOT_FOUND"]);
        let stale = app.applicant().does(WITHDRAW, &filed.id, json!({ "expectedVersion": 99 })).await;
        assert_eq!(stale.user_errors(WITHDRAW), ["CONFLICT"]);

        let key = new_key();
        let done = app.applicant().does_by_key(WITHDRAW, &key, &filed.id, json!({})).await.done();
        let written = app.written().await;
        let again = app.applicant().does_by_key(WITHDRAW, &key, &filed.id, json!({})).await.done();
        assert_eq!(done.body, again.body);
        assert_unchanged(&written, &app.written().await, "the repetition");

        let file = app.file(&filed).await;
        assert_eq!([file.text("state"), file.text("outcome")], ["CLOSED", "WITHDRAWN"]);
        assert_eq!([file.data("cases.0.closingKind"), file.data("cases.1.closingKind")], [6, 6]);
        assert_eq!(file.papers("TERMINATION_NOTICE").len(), 2);
        assert_eq!(file.papers("TERMINATION_NOTICE")[0].line("REASONS"), "申请人撤回申请。");
        assert_eq!(file.text("cases.0.reviews.0.state"), "CANCELLED");
        // The clocks stand where they stopped, and it is no breach.
        app.clock.set_day("2026-06-30");
        app.sweep().await;
        let clocks = app.clocks(&filed.cases[0]).await;
        assert_eq!((clocks.text("case.promised.state"), clocks.number("case.promised.remaining")), ("STOPPED".into(), 3));
        assert_eq!(clocks.text("case.lamp"), "GREEN");
        assert_eq!(app.cards_on(&filed).await, []);
        let nothing = app.applicant().does(WITHDRAW, &filed.id, json!({})).await;
        assert_eq!(nothing.user_errors(WITHDRAW), ["WRONG_STATE"]);
        app.assert_sound().await;
    }

    async fn one_case_is_withdrawn_and_what_depends_on_it_ends(app: TestApp) {
        let application = app.restaurant(FROM_SCRATCH).await;
        let elsewhere = app.submit(&[FOOD]).await;
        let alien = app.clerk().does(WITHDRAW, &application.id, json!({ "onlyCaseId": elsewhere.cases[0].id })).await;
        assert_eq!(alien.user_errors(WITHDRAW), ["NOT_FOUND"], "a case of another application");
        let first = application.case("SJJ-01-001");
        app.agree(&first.review).await;
        app.grant(first).await;
        let decided = app.clerk().does(WITHDRAW, &application.id, json!({ "onlyCaseId": first.id })).await;
        assert_eq!(decided.user_errors(WITHDRAW), ["ALREADY_DECIDED"]);

        let food = application.case(FOOD);
        app.clerk().does(WITHDRAW, &application.id, json!({ "onlyCaseId": food.id })).await.done();

        let now = app.reread(&application).await;
        let states: Vec<_> = now.cases.iter().map(|case| (case.item.as_str(), case.state.as_str())).collect();
        assert_eq!(states, [
            ("SJJ-01-001", "GRANTED"),
            ("CGJ-01-001", "IN_REVIEW"),
            (FOOD, "WITHDRAWN"),
            (TOBACCO, "TERMINATED"),
        ]);
        let file = app.file(&application).await;
        let reasons: Vec<_> = file.papers("TERMINATION_NOTICE").iter().map(|paper| paper.line("REASONS").to_owned()).collect();
        assert_eq!(reasons, ["申请人撤回申请。", "前置事项未获准予。"]);
        let sign = application.case("CGJ-01-001");
        app.agree(&sign.review).await;
        app.grant(sign).await;
        let file = app.file(&application).await;
        assert_eq!([file.text("state"), file.text("outcome")], ["CONCLUDED", "PARTLY_GRANTED"]);
        app.clerk().does(ANNOUNCE, &application.id, json!({ "text": "短信告知" })).await.done();
        app.deliver(&application).await;
        let file = app.file(&application).await;
        for kind in ["COLLECTION_NOTICE", "DELIVERY_RECEIPT"] {
            let named = file.paper(kind).lines("CASE").join("; ");
            assert!(named.contains("企业设立登记") && !named.contains("食品经营许可"), "of what was withdrawn nothing is handed over: {named}");
        }
        app.assert_sound().await;
    }

    async fn what_was_only_received_is_withdrawn_too(app: TestApp) {
        let filed = app.file_online(&[FOOD, TOBACCO]).await;
        app.applicant().does(WITHDRAW, &filed.id, json!({ "onlyCaseId": filed.cases[1].id })).await.done();
        app.clerk().does("applicationAccept", &filed.id, json!({})).await.done();
        let now = app.reread(&filed).await;
        assert_eq!([&*now.cases[0].state, &*now.cases[1].state], ["IN_REVIEW", "WITHDRAWN"]);
        app.assert_sound().await;
        let other = app.file_online(&[FOOD]).await;
        app.applicant().does(WITHDRAW, &other.id, json!({})).await.done();
        app.clock.set_day("2026-03-20");
        app.sweep().await;
        let file = app.file(&other).await;
        assert_eq!(file.data("acceptedOn"), &Value::Null, "silence accepts nothing that is withdrawn");
        assert_eq!(file.paper("RECEIPT").line("SIGNER"), "系统（依法自动生成）", "no applicant signs for the centre");
        let nothing = app.clerk().does("applicationDeliver", &other.id, json!({ "receivedBy": "王五" })).await;
        assert_eq!(nothing.user_errors("applicationDeliver"), ["WRONG_STATE"]);
        app.assert_sound().await;
    }

    async fn a_withdrawal_is_not_dated_before_what_happened(app: TestApp) {
        let application = app.submit(&["ZJJ-01-004"]).await;
        let case = &application.cases[0];
        app.clock.set_day("2026-03-05");
        let begin = json!({ "procedure": "INSPECTION", "expected": { "n": 5, "unit": "WORKDAY" }, "noticeDeliveredOn": "2026-03-05" });
        app.reviewer("ZJJ").does("caseBeginSpecialProcedure", &case.id, begin).await.done();
        app.clock.set_day("2026-03-06");
        for (day, code) in [("2026-03-04", "ACT_OUT_OF_ORDER"), ("2026-03-09", "ACT_IN_FUTURE"), ("2026-02-27", "ACT_BEFORE_RECEIPT")] {
            let refused = app.clerk().does(WITHDRAW, &application.id, json!({ "happenedOn": day })).await;
            assert_eq!(refused.user_errors(WITHDRAW), [code], "{day}");
        }
        app.clerk().does(WITHDRAW, &application.id, json!({ "happenedOn": "2026-03-05" })).await.done();
        assert_eq!(app.file(&application).await.paper("TERMINATION_NOTICE").line("ENTERED_ON"), "2026-03-06");
        assert_eq!(app.clocks(case).await.text("case.promised.state"), "STOPPED");
        app.assert_sound().await;
    }

    async fn a_decider_terminates_a_case_with_reasons(app: TestApp) {
        let application = app.submit(&[FOOD]).await;
        let case = &application.cases[0];
        let decider = app.decider("SJJ");
        let blank = decider.does(TERMINATE, &case.id, because(" ")).await;
        assert_eq!((blank.user_errors(TERMINATE), blank.fields(TERMINATE)), (vec!["REASONS_REQUIRED".to_owned()], vec!["reasons".to_owned()]));
        let other = app.decider("CGJ").does(TERMINATE, &case.id, because("x")).await;
        assert_eq!(other.user_errors(TERMINATE), ["NOT_FOUND"]);
        for person in ["reviewer-sjj", "clerk", "applicant", "lead-sjj", "supervisor"] {
            let other = app.as_(person).does(TERMINATE, &case.id, because("x")).await;
            assert_eq!(other.user_errors(TERMINATE), ["FORBIDDEN"], "{person}");
        }
        let stale = decider.does(TERMINATE, &case.id, json!({ "reasons": "x", "expectedVersion": 99 })).await;
        assert_eq!(stale.user_errors(TERMINATE), ["CONFLICT"]);

        let done = decider.does(TERMINATE, &case.id, because("申请人已注销")).await.done();

        assert_eq!(done.text("caseTerminate.case.result"), "TERMINATED");
        let file = app.file(&application).await;
        assert_eq!([file.text("state"), file.text("outcome")], ["CLOSED", "TERMINATED"]);
        assert_eq!(file.paper("TERMINATION_NOTICE").line("REASONS"), "申请人已注销");
        file.event("CASE_TERMINATED");
        let again = decider.does(TERMINATE, &case.id, because("x")).await;
        assert_eq!(again.user_errors(TERMINATE), ["ALREADY_DECIDED"]);
        app.assert_sound().await;
    }

    async fn a_record_is_voided_by_two_persons(app: TestApp) {
        let application = app.submit(&[FOOD, TOBACCO]).await;
        let case = &application.cases[0];
        let unasked = app.decider("SJJ").does(CONFIRM_VOID, &case.id, json!({})).await;
        assert_eq!(unasked.user_errors(CONFIRM_VOID), ["VOID_NOT_ASKED"]);
        let blank = app.clerk().does(ASK_VOID, &case.id, because("")).await;
        assert_eq!(blank.user_errors(ASK_VOID), ["REASONS_REQUIRED"]);
        for person in ["reviewer-sjj", "applicant", "lead-sjj", "supervisor", "system"] {
            for (act, rest) in [(ASK_VOID, because("x")), (CONFIRM_VOID, json!({}))] {
                assert_eq!(app.as_(person).does(act, &case.id, rest).await.user_errors(act), ["FORBIDDEN"], "{act} by {person}");
            }
        }
        for person in ["clerk-2", "decider-cgj"] {
            for (act, rest) in [(ASK_VOID, because("x")), (CONFIRM_VOID, json!({}))] {
                assert_eq!(app.as_(person).does(act, &case.id, rest).await.user_errors(act), ["NOT_FOUND"], "{act} by {person}");
            }
        }

        app.clerk().does(ASK_VOID, &case.id, because("重复登记")).await.done();
        assert_eq!(app.reread(&application).await.cases[0].state, "IN_REVIEW", "asking changes nothing");
        let same = app.clerk().does(CONFIRM_VOID, &case.id, json!({})).await;
        assert_eq!(same.user_errors(CONFIRM_VOID), ["SECOND_PERSON_NEEDED"]);
        let done = app.decider("SJJ").does(CONFIRM_VOID, &case.id, json!({})).await.done();

        assert_eq!([done.text("caseConfirmVoid.case.state"), done.text("caseConfirmVoid.case.result")], ["VOID", "VOID"]);
        assert_eq!(done.number("caseConfirmVoid.case.closingKind"), 2);
        let file = app.file(&application).await;
        let papers = file.papers("VOID_RECORD");
        assert_eq!([papers[0].line("REASONS"), papers[1].line("SECOND_PERSON")], ["重复登记", "测试 decider-SJJ"]);
        file.event("VOID_ASKED");
        file.event("CASE_VOIDED");
        for (act, rest) in [(ASK_VOID, because("x")), (CONFIRM_VOID, json!({}))] {
            assert_eq!(app.as_("decider-sjj-2").does(act, &case.id, rest).await.user_errors(act), ["ALREADY_DECIDED"]);
        }
        // What is left of the application goes its way.
        app.agree(&application.cases[1].review).await;
        app.grant(&application.cases[1]).await;
        let file = app.file(&application).await;
        assert_eq!([file.text("state"), file.text("outcome")], ["CONCLUDED", "GRANTED"]);
        app.assert_sound().await;
    }

    async fn the_applicant_reads_of_a_void_record_once_it_is_confirmed(app: TestApp) {
        let filed = app.file_online(&[FOOD, TOBACCO]).await;
        app.clerk().does("applicationAccept", &filed.id, json!({})).await.done();
        let case = &filed.cases[0];
        app.decider("SJJ").does(ASK_VOID, &case.id, because("疑似冒用身份，正在核实")).await.done();
        let read = async |who: Client| {
            let told = who.query(&documents::FILE, json!({ "id": filed.id })).await.ok();
            let records = told.list("application.documents").iter().filter(|paper| paper["kind"] == "VOID_RECORD");
            (records.count(), told.to_string().contains("疑似冒用身份"))
        };
        assert_eq!(read(app.applicant()).await, (0, false), "it is not void yet");
        // Who may have to confirm it reads why.
        for who in [app.clerk(), app.decider("SJJ"), app.supervisor()] {
            assert_eq!(read(who).await, (1, true));
        }
        let acceptance = app.applicant().query(&documents::FILE, json!({ "id": filed.id })).await.ok();
        assert!(acceptance.texts("application.documents", "kind").contains(&"ACCEPTANCE_NOTICE".to_owned()), "{acceptance}");

        app.clerk().does(CONFIRM_VOID, &case.id, json!({})).await.done();
        for who in [app.applicant(), app.clerk()] {
            assert_eq!(read(who).await, (2, true), "the asking, and that it was confirmed");
        }
        app.assert_sound().await;
    }

    async fn a_decision_that_is_void_leaves_nothing_to_deliver(app: TestApp) {
        let application = granted(&app, FOOD).await;
        let case = &application.cases[0];
        app.decider("SJJ").does(ASK_VOID, &case.id, because("误操作")).await.done();
        app.as_("decider-sjj-2").does(CONFIRM_VOID, &case.id, json!({})).await.done();
        let file = app.file(&application).await;
        assert_eq!([file.text("state"), file.text("outcome")], ["CLOSED", "TERMINATED"]);
        // The record stays: the decision that was void is still among the papers.
        file.paper("GRANT_DECISION");
        app.clock.set_day("2026-05-01");
        app.sweep().await;
        let cards = app.cards_on(&application).await;
        assert!(cards.iter().all(|(rule, ..)| rule != "TIME_08"), "no delivery is due: {cards:?}");
        app.assert_sound().await;
    }

    async fn a_delivered_decision_that_is_void_later_stays_delivered_on_record(app: TestApp) {
        let application = granted(&app, FOOD).await;
        let case = &application.cases[0];
        app.deliver(&application).await;
        app.decider("SJJ").does(ASK_VOID, &case.id, because("误操作")).await.done();
        app.as_("decider-sjj-2").does(CONFIRM_VOID, &case.id, json!({})).await.done();
        let file = app.file(&application).await;
        assert_eq!([file.text("state"), file.text("cases.0.result")], ["CLOSED", "VOID"]);
        file.event("RESULTS_DELIVERED");
        file.paper("DELIVERY_RECEIPT");
        app.assert_sound().await;
    }

    /// 行政许可法 第四十四条: delivered, or ready and told of, within ten working days of the decision.
    async fn telling_that_results_are_ready_stops_the_period_for_delivery(app: TestApp) {
        let [told, silent] = [granted(&app, FOOD).await, granted(&app, TOBACCO).await];
        let text = json!({ "text": "短信告知，A01 窗口领取" });
        app.clock.set_day("2026-03-05");
        let key = new_key();
        app.clerk().does_by_key(ANNOUNCE, &key, &told.id, text.clone()).await.done();
        let written = app.written().await;
        app.clerk().does_by_key(ANNOUNCE, &key, &told.id, text.clone()).await.done();
        app.clerk().does(ANNOUNCE, &told.id, text.clone()).await.done();
        let after = app.written().await;
        assert_eq!([&written["event"], &written["document"]], [&after["event"], &after["document"]], "told once");
        app.clerk().does(FAIL, &silent.id, json!({ "text": "电话无人接听" })).await.done();
        let file = app.file(&told).await;
        assert_eq!(file.paper("COLLECTION_NOTICE").line("ATTEMPT"), "短信告知，A01 窗口领取");
        file.event("RESULTS_READY");
        let failed = app.file(&silent).await;
        assert_eq!(failed.paper("DELIVERY_FAILURE").line("ATTEMPT"), "电话无人接听");
        failed.event("DELIVERY_FAILED");
        app.clerk().does(FAIL, &silent.id, json!({ "text": "地址不符" })).await.done();
        assert_eq!(app.file(&silent).await.papers("DELIVERY_FAILURE").len(), 2, "every attempt");

        app.clock.set_day("2026-03-17");
        app.sweep().await;
        assert!(app.cards_on(&told).await.iter().all(|(rule, ..)| rule != "TIME_08"));
        assert!(app.cards_on(&silent).await.contains(&("TIME_08".into(), "YELLOW".into(), "2026-03-17".into())));
        app.deliver(&told).await;
        app.deliver(&silent).await;
        let late = app.clerk().does(ANNOUNCE, &told.id, text).await;
        assert_eq!(late.user_errors(ANNOUNCE), ["WRONG_STATE"]);
        app.assert_sound().await;
    }

    async fn only_results_that_are_there_are_announced_and_only_by_their_window(app: TestApp) {
        let open = app.submit(&[FOOD]).await;
        let done = granted(&app, TOBACCO).await;
        app.clock.set_day("2026-03-04");
        for act in [ANNOUNCE, FAIL] {
            let text = json!({ "text": "x" });
            assert_eq!(app.clerk().does(act, &open.id, text.clone()).await.user_errors(act), ["WRONG_STATE"]);
            assert_eq!(app.as_("clerk-2").does(act, &done.id, text.clone()).await.user_errors(act), ["NOT_FOUND"]);
            for person in ["applicant", "reviewer-ycj", "decider-ycj", "lead-ycj", "supervisor", "administrator"] {
                assert_eq!(app.as_(person).does(act, &done.id, text.clone()).await.user_errors(act), ["FORBIDDEN"], "{person}");
            }
            let empty = app.clerk().does(act, &done.id, json!({ "text": "" })).await;
            assert_eq!((empty.user_errors(act), empty.fields(act)), (vec!["TEXT_EMPTY".to_owned()], vec!["text".to_owned()]));
            let long = app.clerk().does(act, &done.id, json!({ "text": "长".repeat(501) })).await;
            assert_eq!(long.user_errors(act), ["TEXT_TOO_LONG"]);
            let stale = app.clerk().does(act, &done.id, json!({ "text": "x", "expectedVersion": 99 })).await;
            assert_eq!(stale.user_errors(act), ["CONFLICT"]);
            let future = app.clerk().does(act, &done.id, json!({ "text": "x", "happenedOn": "2026-03-05" })).await;
            assert_eq!(future.user_errors(act), ["ACT_IN_FUTURE"]);
        }
        let input = json!({
            "idempotencyKey": new_key(), "applicationId": done.id, "receivedBy": "王小明", "happenedOn": "2026-03-01",
        });
        let early = app.clerk().act(&documents::DELIVER, input).await;
        assert_eq!(early.user_errors("applicationDeliver"), ["ACT_BEFORE_RECEIPT"]);
    }

    /// 行政许可法 第五十条第二款.
    async fn silence_renews_a_licence_that_was_to_be_renewed_in_time(app: TestApp) {
        let application = app.submit_input(renewal("2026-04-01")).await;
        let file = app.file(&application).await;
        assert_eq!(*file.data("renewal"), json!({ "certificate": "JY23209990000001", "expiresOn": "2026-04-01", "inTime": true }));
        let few = "query($id: ID!) { application(id: $id) { renewal { certificate expiresOn } } }";
        let seen = app.administrator().query(few, json!({ "id": application.id })).await.ok();
        assert_eq!(
            *seen.data("application.renewal"),
            json!({ "certificate": null, "expiresOn": "2026-04-01" }),
            "who sees deadlines and no contents"
        );
        app.clock.set_day("2026-04-01");
        app.sweep().await;
        assert_eq!(app.file(&application).await.text("state"), "IN_REVIEW", "its last day");

        app.clock.set_day("2026-04-13");
        app.sweep().await;

        let file = app.file(&application).await;
        assert_eq!([file.text("state"), file.text("outcome")], ["CONCLUDED", "GRANTED"]);
        assert_eq!(file.text("cases.0.result"), "RENEWED");
        assert_eq!(file.data("cases.0.closingKind"), 0);
        assert_eq!(file.papers("GRANT_DECISION").len(), 0, "never shown as a signed decision");
        let notice = file.paper("RENEWAL_NOTICE");
        assert_eq!([&*notice.issued_on, notice.line("SIGNER")], ["2026-04-02", "系统（依法自动生成）"]);
        assert!(notice.line("VALID_UNTIL").contains("JY23209990000001"));
        let event = file.event("CASE_RENEWED");
        assert!(event["actorRole"].is_null());
        assert_eq!(word(&event, "result"), Some("RENEWED"));
        assert_eq!(event["happenedAt"], "2026-04-01T16:00:00.000000Z");
        let row = app.case_row(&application.cases[0]).await;
        assert_eq!((row.result_by, row.result_on.unwrap().to_string()), (None, "2026-04-02".to_owned()));
        // The department was late, and stays so.
        assert_eq!(app.clocks(&application.cases[0]).await.text("case.lamp"), "RED");
        let late = app.decide(&application.cases[0], "REFUSE", Some("场所不符")).await;
        assert_eq!(late.user_errors("caseDecide"), ["ALREADY_DECIDED"]);
        let before = app.written().await;
        assert_eq!(app.sweep().await.changed, 0);
        assert_unchanged(&before, &app.written().await, "the second sweep");
        app.deliver(&application).await;
        app.assert_sound().await;
    }

    async fn a_refusal_that_was_revoked_in_time_and_entered_too_late_decided_nothing(app: TestApp) {
        let application = app.submit_input(renewal("2026-04-01")).await;
        app.give_opinion(&application.cases[0].review, "DISAGREE", Some("x")).await.done();
        app.refuse(&application.cases[0], "场所不符合要求").await;
        app.clock.set_day("2026-04-08");
        let said = json!({
            "body": "滨澜县人民政府", "documentNumber": "滨政复决〔2026〕3号", "decidedOn": "2026-03-30",
            "receivedOn": "2026-03-30", "by": "RECONSIDERATION", "ground": "FACTS",
        });
        app.decider("SJJ").does("caseReopen", &application.cases[0].id, said).await.done();
        // Nobody has to act on it again.
        app.sweep().await;
        let file = app.file(&application).await;
        assert_eq!([file.text("state"), file.text("cases.0.result")], ["CONCLUDED", "RENEWED"]);
        let row = app.case_row(&application.cases[0]).await;
        assert_eq!(row.result_on.unwrap().to_string(), "2026-04-02");
        app.assert_sound().await;
    }

    async fn a_renewal_that_is_decided_or_was_applied_for_late_is_an_ordinary_one(app: TestApp) {
        let decided = app.submit_input(renewal("2026-04-01")).await;
        app.give_opinion(&decided.cases[0].review, "DISAGREE", Some("x")).await.done();
        app.refuse(&decided.cases[0], "场所不符合要求").await;
        // Thirty days before the 31st of March is the 1st: the 2nd is too late.
        let late = app.submit_input(renewal("2026-03-31")).await;
        assert_eq!(app.file(&late).await.data("renewal.inTime"), &json!(false));
        app.clock.set_day("2026-04-20");
        app.sweep().await;
        assert_eq!(app.file(&decided).await.text("outcome"), "REFUSED");
        assert_eq!(app.file(&late).await.text("state"), "IN_REVIEW");
        let clocks = app.clock_rows(&late.cases[0].id).await;
        assert!(clocks.iter().all(|row| row.kind.0 != ClockKind::RenewalDecide), "{clocks:?}");
        app.assert_sound().await;
    }

    async fn a_renewal_is_of_one_licence_that_is_still_valid(app: TestApp) {
        for (expires_on, items, code, field) in [
            ("2026-03-01", vec![FOOD], "RENEWAL_EXPIRED", "renewal.expiresOn"),
            ("2026-06-01", vec![FOOD, TOBACCO], "RENEWAL_ONE_ITEM", "renewal"),
        ] {
            let mut input = input_for_items(&items);
            input["renewal"] = json!({ "certificate": "JY1", "expiresOn": expires_on });
            let refused = app.clerk().act(&documents::SUBMIT, input).await;
            assert_eq!(refused.user_errors("applicationSubmit"), [code]);
            assert_eq!(refused.fields("applicationSubmit"), [field]);
        }
        let mut input = renewal("2026-06-01");
        input["renewal"]["certificate"] = json!("  ");
        let refused = app.clerk().act(&documents::SUBMIT, input).await;
        assert_eq!(refused.user_errors("applicationSubmit"), ["TEXT_EMPTY"]);
        assert_eq!(refused.fields("applicationSubmit"), ["renewal.certificate"]);
    }
}
