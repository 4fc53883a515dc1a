//! Before acceptance: the one correction notice, the supplement, not accepting, accepting on condition; and silence.

use lianshen_domain::clock::ClockKind;
use lianshen_domain::code::Code as _;
use lianshen_domain::event::EventKind;
use serde_json::{Value, json};

use crate::support::acts::{uuid_of, word};
use crate::support::log::Log;
use crate::support::whole::Whole;
use crate::support::world::{Application, input_for_bundle, input_for_items, new_key};
use crate::support::written::assert_unchanged;
use crate::support::{TestApp, documents, each_db, seed};

const ITEM: &str = "SJJ-01-002";
const OTHER: &str = "CGJ-01-001";

fn points() -> Value {
    json!({ "points": [
        { "text": "平面图未标注操作间", "basis": "食品经营许可管理办法 第十二条" },
        { "text": "申请书未签字", "basis": "办事指南 受理条件二" },
    ] })
}

fn with(mut rest: Value, name: &str, value: Value) -> Value {
    rest[name] = value;
    rest
}

/// An application for items, received without some of the materials.
async fn receive_without(app: &TestApp, items: &[&str], missing: &[&str]) -> Application {
    let mut input = input_for_items(items);
    input["receiveOnly"] = json!(true);
    let handed_in = input["materials"].as_array_mut().unwrap();
    handed_in.retain(|one| !missing.contains(&one["code"].as_str().unwrap()));
    app.submit_input(input).await
}

/// How the wait of a conditional acceptance stands.
async fn waits(app: &TestApp, of: &Application) -> String {
    let rows = app.clock_rows(&of.id).await;
    let kind = ClockKind::ConditionalSupplement;
    let wait = rows.iter().find(|row| row.kind.0 == kind).unwrap();
    match wait.stopped_on {
        Some(on) => format!("stopped {on}"),
        None => format!("until {}", wait.due_on.unwrap()),
    }
}

/// A registration and a food licence that waits for it, received.
async fn from_scratch(app: &TestApp) -> Application {
    let answers = [
        ("Q1", "N"),
        ("Q2", "N"),
        ("Q4", "N"),
        ("Q5", "N"),
        ("Q6", "N"),
    ];
    let mut input = input_for_bundle("YJS-001", &answers);
    input["receiveOnly"] = json!(true);
    app.submit_input(input).await
}

each_db! {
    /// Received on Monday, 2 March 2026; an act sets fewer days than five for one of two items.
    async fn an_item_may_have_limits_of_its_own(app: TestApp) {
        let mut file: Value = serde_json::from_str(seed::CATALOGUE).unwrap();
        let mut items = file["items"].as_array_mut().unwrap().iter_mut();
        let item = items.find(|item| item["code"] == ITEM).unwrap();
        item["version"] = json!(2);
        item["acceptanceCheck"] = json!({ "days": 3, "onlineDays": 1 });
        item["renewalApply"] = json!({ "n": 30, "unit": "WORKDAY" });
        app.publish(&file).await;
        let limits = "query($code: String!) { item(code: $code) {
          acceptanceCheck { days onlineDays } renewalApply { n unit } } }";
        let shown = app.nobody().query(limits, json!({ "code": ITEM })).await.ok();
        assert_eq!(shown.data("item"), &json!({
            "acceptanceCheck": { "days": 3, "onlineDays": 1 }, "renewalApply": { "n": 30, "unit": "WORKDAY" },
        }));
        let shown = app.nobody().query(limits, json!({ "code": OTHER })).await.ok();
        assert_eq!(shown.data("item"), &json!({ "acceptanceCheck": null, "renewalApply": null }));

        let check = async |application: &Application| {
            let kept = app.clock_rows(&application.id).await;
            let told = "query($id: ID!) { application(id: $id) { clocks { kind deadline { dueOn } } } }";
            let told = app.supervisor().query(told, json!({ "id": application.id })).await.ok();
            let due = kept.iter().find(|row| row.kind.0 == ClockKind::AcceptanceCheck).unwrap().due_on.unwrap();
            assert_eq!(told.text("application.clocks.0.deadline.dueOn"), due.to_string());
            due.to_string()
        };
        let [window, both] = [app.receive(&[ITEM]).await, app.receive(&[OTHER, ITEM]).await];
        let [online, other] = [app.file_online(&[ITEM]).await, app.file_online(&[OTHER]).await];
        assert_eq!(check(&window).await, "2026-03-05");
        assert_eq!(check(&both).await, "2026-03-05");
        assert_eq!(check(&online).await, "2026-03-03");
        assert_eq!(check(&other).await, "2026-03-09");

        app.clock.set_day("2026-03-04");
        app.sweep().await;
        let states = [&window, &both, &online, &other].map(|application| app.file(application));
        let states = futures_util::future::join_all(states).await;
        let states: Vec<String> = states.iter().map(|file| file.text("state").to_owned()).collect();
        assert_eq!(states, ["RECEIVED", "RECEIVED", "IN_REVIEW", "RECEIVED"]);

        // Thirty working days before the 15th of April are the 3rd of March, and thirty calendar days are the 16th.
        for (item, expires_on, in_time) in [(ITEM, "2026-04-15", false), (ITEM, "2026-04-16", true), (OTHER, "2026-04-15", true)] {
            let mut input = input_for_items(&[item]);
            input["renewal"] = json!({ "certificate": "JY23209990000001", "expiresOn": expires_on });
            let renewed = app.submit_input(input).await;
            assert_eq!(app.file(&renewed).await.data("renewal.inTime"), &json!(in_time), "{item} {expires_on}");
        }
        app.assert_sound().await;
    }

    /// Received on Monday, 2 March 2026: the check runs until the 9th.
    async fn one_notice_tells_everything_and_stops_the_check(app: TestApp) {
        let received = app.receive(&[ITEM]).await;
        app.clock.set_day("2026-03-04");
        let wanted = with(points(), "supplementDays", json!(10));

        let done = app.clerk().does("applicationNoticeCorrection", &received.id, wanted).await.done();

        assert_eq!(done.text("applicationNoticeCorrection.application.state"), "CORRECTION");
        assert_eq!(done.text("applicationNoticeCorrection.application.cases.0.state"), "CORRECTION");
        let file = app.file(&received).await;
        let notice = file.paper("CORRECTION_NOTICE");
        assert_eq!(notice.issued_on, "2026-03-04");
        assert!(notice.line("MISSING_POINT").contains("平面图") && notice.line("MISSING_POINT").contains("第十二条"));
        assert_eq!(notice.line("SUPPLEMENT_BY"), "2026-03-18");
        assert!(notice.line("CONSEQUENCE").contains("视为撤回"));
        assert!(notice.number.contains("许补"));
        let event = file.event("CORRECTION_NOTICED");
        assert_eq!((word(&event, "points"), word(&event, "days")), (Some("2"), Some("10")));
        assert_eq!(event["actorRole"], "WINDOW_CLERK");
        let clocks = app.clock_rows(&received.id).await;
        let kept: Vec<_> =
            clocks.iter().map(|row| (row.kind.0.code(), row.due_on.unwrap().to_string(), row.stopped_on.is_some())).collect();
        assert_eq!(kept, [("ACCEPTANCE_CHECK", "2026-03-09".into(), true), ("SUPPLEMENT", "2026-03-18".into(), false)]);

        // Long after the five days: what was told in time is not silence.
        app.clock.set_day("2026-03-17");
        app.sweep().await;
        assert_eq!(app.file(&received).await.text("state"), "CORRECTION");
        app.assert_sound().await;
    }

    async fn a_notice_comes_once_with_at_least_one_point(app: TestApp) {
        let received = app.receive(&[ITEM]).await;
        let clerk = app.clerk();
        let notice = async |rest: Value| clerk.does("applicationNoticeCorrection", &received.id, rest).await;
        let before = app.written().await;
        let empty = notice(json!({ "points": [] })).await;
        assert_eq!(empty.user_errors("applicationNoticeCorrection"), ["CORRECTION_EMPTY"]);
        assert_eq!(empty.fields("applicationNoticeCorrection"), ["points"]);
        let blank = notice(json!({ "points": [{ "text": " ", "basis": "x" }, { "text": "x", "basis": "" }] })).await;
        assert_eq!(blank.fields("applicationNoticeCorrection"), ["points.0.text", "points.1.basis"]);
        let many: Vec<_> = (0..101).map(|_| json!({ "text": "x", "basis": "y" })).collect();
        let many = notice(json!({ "points": many })).await;
        assert_eq!(many.user_errors("applicationNoticeCorrection"), ["LIST_TOO_LONG"]);
        for days in [0, -1, 3_651] {
            let refused = notice(with(points(), "supplementDays", json!(days))).await;
            assert_eq!(refused.user_errors("applicationNoticeCorrection"), ["NUMBER_OUT_OF_RANGE"], "{days}");
            assert_eq!(refused.fields("applicationNoticeCorrection"), ["supplementDays"]);
        }
        let stale = notice(with(points(), "expectedVersion", json!(received.version + 1))).await;
        assert_eq!(stale.user_errors("applicationNoticeCorrection"), ["CONFLICT"]);
        assert_unchanged(&before, &app.written().await, "what was refused");

        let key = new_key();
        let act = "applicationNoticeCorrection";
        let first = clerk.does_by_key(act, &key, &received.id, points()).await.done();
        let written = app.written().await;
        let again = clerk.does_by_key(act, &key, &received.id, points()).await.done();
        assert_eq!(again.body, first.body);
        assert_unchanged(&written, &app.written().await, "the repetition");
        let other = with(points(), "supplementDays", json!(3));
        let reused = clerk.does_by_key(act, &key, &received.id, other).await;
        assert_eq!(reused.user_errors(act), ["IDEMPOTENCY_KEY_REUSED"]);

        let twice = notice(points()).await;
        assert_eq!(twice.user_errors(act), ["CORRECTION_TWICE"], "a supplement is awaited");
        clerk.does("applicationSupplement", &received.id, json!({ "text": "平面图" })).await.done();
        let twice = notice(points()).await;
        assert_eq!(twice.user_errors(act), ["CORRECTION_TWICE"]);
        app.assert_sound().await;
    }

    async fn a_notice_after_five_days_of_silence_has_no_effect(app: TestApp) {
        let received = app.receive(&[ITEM]).await;
        app.clock.set_day("2026-03-10");
        app.clerk().token().await;
        let before = app.written().await;

        let late = app.clerk().does("applicationNoticeCorrection", &received.id, points()).await;
        assert_eq!(late.user_errors("applicationNoticeCorrection"), ["DEEMED_ACCEPTED"]);
        assert!(late.messages()[0].contains("2026-03-02"), "{late}");
        // Even one that claims to have been given in time, and one that was looked at in another version.
        for rest in [with(points(), "happenedOn", json!("2026-03-06")), with(points(), "expectedVersion", json!(99))] {
            let late = app.clerk().does("applicationNoticeCorrection", &received.id, rest).await;
            assert_eq!(late.user_errors("applicationNoticeCorrection"), ["DEEMED_ACCEPTED"]);
        }
        let accept = app.clerk().does("applicationAccept", &received.id, json!({})).await;
        assert_eq!(accept.user_errors("applicationAccept"), ["DEEMED_ACCEPTED"]);
        let spot = app.clerk().does("applicationCorrectOnTheSpot", &received.id, json!({ "text": "x" })).await;
        assert_eq!(spot.user_errors("applicationCorrectOnTheSpot"), ["DEEMED_ACCEPTED"]);
        let rest = json!({ "kind": "NOT_COMPETENT", "reasons": "x" });
        let refuse = app.clerk().does("caseRefuseAcceptance", &received.cases[0].id, rest).await;
        assert_eq!(refuse.user_errors("caseRefuseAcceptance"), ["DEEMED_ACCEPTED"]);
        assert_unchanged(&before, &app.written().await, "what came too late");

        app.sweep().await;
        assert_eq!(app.file(&received).await.text("acceptedOn"), "2026-03-02");
        app.assert_sound().await;
    }

    async fn a_supplement_begins_the_check_anew(app: TestApp) {
        let filed = app.file_online(&[ITEM]).await;
        app.clock.set_day("2026-03-03");
        app.clerk().does("applicationNoticeCorrection", &filed.id, points()).await.done();
        app.clock.set_day("2026-03-06");

        let done = app.applicant().does("applicationSupplement", &filed.id, json!({ "text": "平面图、申请书" })).await.done();

        assert_eq!(done.text("applicationSupplement.application.state"), "RECEIVED");
        let file = app.file(&filed).await;
        assert_eq!(file.paper("SUPPLEMENT_RECEIPT").line("MATERIAL"), "平面图、申请书");
        assert_eq!(file.event("SUPPLEMENTED")["actorRole"], "APPLICANT");
        let checks = app.clock_rows(&filed.id).await;
        let checks: Vec<_> = checks.iter().filter(|row| row.kind.0.code() == "ACCEPTANCE_CHECK").collect();
        assert_eq!(checks.len(), 2);
        assert_eq!(checks.iter().filter_map(|row| row.due_on).max().unwrap().to_string(), "2026-03-13");

        app.clock.set_day("2026-03-13");
        app.sweep().await;
        assert_eq!(app.file(&filed).await.text("state"), "RECEIVED", "the fifth day is in time");
        app.clock.set_day("2026-03-14");
        app.sweep().await;
        let file = app.file(&filed).await;
        assert_eq!(
            [file.text("acceptedOn"), file.text("acceptanceKind"), file.text("establishedOn")],
            ["2026-03-06", "DEEMED", "2026-03-14"]
        );
        // Five and ten working days from the supplement.
        assert_eq!(app.due(&filed.cases[0]).await, [Some("2026-03-13".into()), Some("2026-03-20".into())]);
        app.assert_sound().await;
    }

    async fn the_time_for_a_supplement_is_extended_once(app: TestApp) {
        let received = app.receive(&[ITEM]).await;
        let act = "applicationExtendSupplement";
        let more = |days: i64| json!({ "days": days, "reasons": "申请人出差" });
        let early = app.clerk().does(act, &received.id, more(5)).await;
        assert_eq!(early.user_errors(act), ["WRONG_STATE"]);
        let notice = with(points(), "supplementDays", json!(3));
        app.clerk().does("applicationNoticeCorrection", &received.id, notice).await.done();
        for (rest, code, field) in [
            (more(0), "NUMBER_OUT_OF_RANGE", "days"),
            (more(3_651), "NUMBER_OUT_OF_RANGE", "days"),
            (more(-5), "NUMBER_OUT_OF_RANGE", "days"),
            (json!({ "days": 5, "reasons": " " }), "REASONS_REQUIRED", "reasons"),
        ] {
            let refused = app.clerk().does(act, &received.id, rest).await;
            assert_eq!((refused.user_errors(act), refused.fields(act)), (vec![code.to_owned()], vec![field.to_owned()]));
        }

        app.clerk().does(act, &received.id, more(5)).await.done();

        let file = app.file(&received).await;
        assert_eq!(file.paper("SUPPLEMENT_EXTENSION").line("SUPPLEMENT_BY"), "2026-03-12");
        assert_eq!(word(&file.event("SUPPLEMENT_EXTENDED"), "days"), Some("5"));
        let again = app.clerk().does(act, &received.id, more(5)).await;
        assert_eq!(again.user_errors(act), ["SUPPLEMENT_EXTENDED_TWICE"]);
        app.clock.set_day("2026-03-12");
        app.sweep().await;
        app.clerk().does("applicationSupplement", &received.id, json!({ "text": "平面图" })).await.done();
        app.assert_sound().await;
    }

    async fn what_is_never_supplemented_is_treated_as_withdrawn(app: TestApp) {
        let received = app.receive(&[ITEM, "YCJ-01-001"]).await;
        let notice = with(points(), "supplementDays", json!(5));
        app.clerk().does("applicationNoticeCorrection", &received.id, notice).await.done();
        app.clock.set_day("2026-03-10");

        // The day after the last, whether the sweep has come by or not.
        let late = app.clerk().does("applicationSupplement", &received.id, json!({ "text": "平面图" })).await;
        assert_eq!(late.user_errors("applicationSupplement"), ["SUPPLEMENT_LATE"]);
        assert!(late.messages()[0].contains("2026-03-09"), "{late}");
        app.clock.set_day("2026-03-20");
        app.sweep().await;
        let late = app.clerk().does("applicationSupplement", &received.id, json!({ "text": "平面图" })).await;
        assert_eq!(late.user_errors("applicationSupplement"), ["SUPPLEMENT_LATE"]);

        let file = app.file(&received).await;
        assert_eq!([file.text("state"), file.text("outcome")], ["CLOSED", "WITHDRAWN"]);
        assert_eq!(file.text("cases.0.result"), "NOT_SUPPLEMENTED");
        assert_eq!(file.data("cases.0.closingKind"), 5);
        let papers = file.papers("TERMINATION_NOTICE");
        assert_eq!(papers.len(), 2);
        assert_eq!(papers[0].issued_on, "2026-03-10", "dated to the day on which it lapsed, not to the sweep");
        assert_eq!(papers[0].line("SIGNER"), "系统（依法自动生成）");
        assert!(file.events("CASE_WITHDRAWN")[0]["actorRole"].is_null());
        let before = app.written().await;
        assert_eq!(app.sweep().await.changed, 0);
        assert_unchanged(&before, &app.written().await, "the second sweep");
        app.assert_sound().await;
    }

    async fn silence_accepts_online_applications_once_and_any_window_may_go_on(app: TestApp) {
        let filed = app.file_online(&[ITEM]).await;
        app.clock.set_day("2026-03-09");
        app.sweep().await;
        assert_eq!(app.file(&filed).await.text("state"), "RECEIVED");

        // Twelve days without the program; then one sweep.
        app.clock.set_day("2026-03-21");
        app.sweep().await;

        let file = app.file(&filed).await;
        assert_eq!(
            [file.text("state"), file.text("acceptedOn"), file.text("acceptanceKind"), file.text("establishedOn")],
            ["IN_REVIEW", "2026-03-02", "DEEMED", "2026-03-10"]
        );
        let notice = file.paper("DEEMED_ACCEPTANCE_NOTICE");
        assert_eq!(
            [&*notice.issued_on, notice.line("DATE"), notice.line("ESTABLISHED_ON"), notice.line("SIGNER")],
            ["2026-03-02", "2026-03-02", "2026-03-10", "系统（依法自动生成）"]
        );
        assert!(notice.line("PROMISED_DUE").ends_with("2026-03-09"));
        let event = file.event("APPLICATION_ACCEPTED");
        assert!(event["actorRole"].is_null());
        assert_eq!(word(&event, "kind"), Some("DEEMED"));
        assert!(event["enteredAt"].as_str() > event["happenedAt"].as_str());
        assert_eq!(app.due(&filed.cases[0]).await, [Some("2026-03-09".into()), Some("2026-03-16".into())]);
        let cards = app.cards_on(&filed).await;
        let is_raised = |rule: &str, level: &str, on: &str| {
            cards.iter().any(|(known, grave, day)| (&**known, &**grave, &**day) == (rule, level, on))
        };
        assert!(is_raised("TIME_06", "ALERT", "2026-03-06") && is_raised("TIME_06", "YELLOW", "2026-03-10"), "{cards:?}");
        assert!(is_raised("TIME_02", "YELLOW", "2026-03-10") && is_raised("TIME_04", "RED", "2026-03-17"), "{cards:?}");
        let inbox = app.reviewer("SJJ").query(&documents::INBOX, json!({})).await.ok();
        assert_eq!(inbox.texts("inbox.nodes", "lamp"), ["RED"]);

        let before = app.written().await;
        assert_eq!(app.sweep().await.changed, 0);
        assert_unchanged(&before, &app.written().await, "the second sweep");

        // Nobody accepted it at a window, so any of the centre can go on with it, and then has it.
        assert_eq!(file.data("window"), &Value::Null);
        app.agree(&filed.cases[0].review).await;
        app.grant(&filed.cases[0]).await;
        let text = json!({ "text": "电话告知" });
        let second = app.as_("clerk-2");
        second.does("applicationAnnounceResults", &filed.id, text.clone()).await.done();
        assert_eq!(app.file(&filed).await.text("window"), "A02");
        let first = app.clerk().does("applicationFailDelivery", &filed.id, text).await;
        assert_eq!(first.user_errors("applicationFailDelivery"), ["NOT_FOUND"]);
        let received_by = json!({ "receivedBy": "王小明" });
        let first = app.clerk().does("applicationDeliver", &filed.id, received_by.clone()).await;
        assert_eq!(first.user_errors("applicationDeliver"), ["NOT_FOUND"]);
        second.does("applicationDeliver", &filed.id, received_by).await.done();
        app.assert_sound().await;
        let whole = Whole::assert(&app.program().db).await;
        assert_eq!(whole.count(uuid_of(&filed.id), EventKind::ApplicationAccepted), 1);
    }

    async fn what_was_received_at_a_window_stays_there_when_silence_accepts_it(app: TestApp) {
        let received = app.receive(&[ITEM]).await;
        app.clock.set_day("2026-03-10");
        assert!(app.sweep().await.changed > 0);
        assert_eq!(app.file(&received).await.text("window"), "A01");
        app.agree(&received.cases[0].review).await;
        app.grant(&received.cases[0]).await;
        let text = json!({ "text": "电话告知" });
        let other = app.as_("clerk-2").does("applicationAnnounceResults", &received.id, text).await;
        assert_eq!(other.user_errors("applicationAnnounceResults"), ["NOT_FOUND"]);
        app.deliver(&received).await;
        app.assert_sound().await;
    }

    async fn what_is_corrected_on_the_spot_is_no_notice(app: TestApp) {
        let received = app.receive(&[ITEM]).await;
        let act = "applicationCorrectOnTheSpot";
        let done = app.clerk().does(act, &received.id, json!({ "text": "补填电话" })).await.done();
        assert_eq!(done.text("applicationCorrectOnTheSpot.application.state"), "RECEIVED");
        let file = app.file(&received).await;
        assert_eq!(file.paper("ON_THE_SPOT_CORRECTION").line("CORRECTED"), "补填电话");
        file.event("CORRECTED_ON_THE_SPOT");
        let empty = app.clerk().does(act, &received.id, json!({ "text": "" })).await;
        assert_eq!((empty.user_errors(act), empty.fields(act)), (vec!["TEXT_EMPTY".to_owned()], vec!["text".to_owned()]));
        // The one notice is still to be had.
        app.clerk().does("applicationNoticeCorrection", &received.id, points()).await.done();
        let waiting = app.clerk().does(act, &received.id, json!({ "text": "x" })).await;
        assert_eq!(waiting.user_errors(act), ["WRONG_STATE"]);
        app.assert_sound().await;
    }

    async fn acceptance_on_condition_waits_for_what_may_follow(app: TestApp) {
        let received = receive_without(&app, &[ITEM], &["M-FLOW", "M-SYS"]).await;
        let act = "applicationAccept";
        let accept = async |codes: Value| {
            app.clerk().does(act, &received.id, json!({ "missingMaterials": codes })).await
        };
        let refused = accept(json!(["M-APP", "M-NAME", "M-FLOW"])).await;
        assert_eq!(refused.user_errors(act), ["MATERIAL_NOT_DEFERRABLE", "MATERIAL_NOT_LISTED"]);
        assert_eq!(refused.fields(act), ["missingMaterials.0", "missingMaterials.1"]);

        accept(json!(["M-FLOW", "M-SYS"])).await.done();

        let file = app.file(&received).await;
        assert_eq!([file.text("state"), file.text("acceptanceKind")], ["IN_REVIEW", "CONDITIONAL"]);
        assert_eq!(file.data("establishedOn"), &Value::Null);
        let notice = file.paper("CONDITIONAL_ACCEPTANCE_NOTICE");
        assert_eq!([notice.line("MISSING_MATERIAL"), notice.line("SUPPLEMENT_BY")], ["操作流程及设备设施清单", "2026-03-09"]);
        assert_eq!(word(&file.event("APPLICATION_ACCEPTED"), "missing"), Some("M-FLOW,M-SYS"));

        app.clock.set_day("2026-03-09");
        let hand_in = "applicationHandInMissing";
        let done = app.clerk().does(hand_in, &received.id, json!({ "text": "流程图、制度" })).await.done();
        assert_eq!(done.text("applicationHandInMissing.application.state"), "IN_REVIEW");
        let file = app.file(&received).await;
        assert_eq!(file.paper("SUPPLEMENT_RECEIPT").line("MATERIAL"), "流程图、制度");
        file.event("MISSING_MATERIAL_RECEIVED");
        let again = app.clerk().does(hand_in, &received.id, json!({ "text": "x" })).await;
        assert_eq!(again.user_errors(hand_in), ["MATERIAL_NOT_ASKED"]);
        app.clock.set_day("2026-03-20");
        app.sweep().await;
        assert_eq!(app.file(&received).await.text("state"), "IN_REVIEW");
        app.assert_sound().await;
    }

    async fn what_lies_with_the_application_is_not_waited_for(app: TestApp) {
        let all_there = app.receive(&[ITEM]).await;
        let act = "applicationAccept";
        let accept = async |received: &Application, codes: Value| {
            app.clerk().does(act, &received.id, json!({ "missingMaterials": codes })).await
        };
        let there = accept(&all_there, json!(["M-FLOW"])).await;
        let refused = (vec!["MATERIAL_THERE".to_owned()], vec!["missingMaterials.0".to_owned()]);
        assert_eq!((there.user_errors(act), there.fields(act)), refused);

        let received = receive_without(&app, &[ITEM], &["M-FLOW", "M-SYS"]).await;
        accept(&received, json!(["M-FLOW", "M-SYS"])).await.done();
        app.clock.set_day("2026-03-03");
        let add = async |code: &str| {
            let handed_in = json!({ "materialCode": code, "copies": 1 });
            app.clerk().does("applicationAddMaterial", &received.id, handed_in).await.done()
        };
        add("M-FLOW").await;
        assert_eq!(app.file(&received).await.events("MISSING_MATERIAL_RECEIVED").len(), 0, "one is still to come");
        app.clock.set_day("2026-03-04");
        add("M-SYS").await;
        let file = app.file(&received).await;
        assert_eq!(file.papers("SUPPLEMENT_RECEIPT").len(), 2);
        file.event("MISSING_MATERIAL_RECEIVED");
        assert_eq!(waits(&app, &received).await, "stopped 2026-03-04");
        let again = app.clerk().does("applicationHandInMissing", &received.id, json!({ "text": "x" })).await;
        assert_eq!(again.user_errors("applicationHandInMissing"), ["MATERIAL_NOT_ASKED"]);
        app.clock.set_day("2026-03-20");
        app.sweep().await;
        assert_eq!(app.file(&received).await.text("state"), "IN_REVIEW");
        app.assert_sound().await;
    }

    async fn what_no_case_wants_any_more_is_not_waited_for(app: TestApp) {
        let received = receive_without(&app, &[ITEM, "YCJ-01-001"], &["M-FLOW"]).await;
        let missing = json!({ "missingMaterials": ["M-FLOW"] });
        app.clerk().does("applicationAccept", &received.id, missing).await.done();
        assert_eq!(waits(&app, &received).await, "until 2026-03-09");
        app.clock.set_day("2026-03-04");
        let wanting = json!({ "onlyCaseId": received.case(ITEM).id });
        app.clerk().does("applicationWithdraw", &received.id, wanting).await.done();
        let file = app.file(&received).await;
        file.event("MISSING_MATERIAL_NOT_NEEDED");
        assert_eq!(file.events("MISSING_MATERIAL_RECEIVED").len(), 0, "it never came");
        assert_eq!(waits(&app, &received).await, "stopped 2026-03-04");
        app.clock.set_day("2026-03-20");
        app.sweep().await;
        let now = app.reread(&received).await;
        assert_eq!(now.case("YCJ-01-001").state, "IN_REVIEW");
        app.assert_sound().await;
    }

    async fn acceptance_on_condition_is_revoked_when_nothing_follows(app: TestApp) {
        let received = receive_without(&app, &[ITEM], &["M-FLOW"]).await;
        let missing = json!({ "missingMaterials": ["M-FLOW"] });
        app.clerk().does("applicationAccept", &received.id, missing).await.done();
        app.clock.set_day("2026-03-12");
        let late = app.clerk().does("applicationHandInMissing", &received.id, json!({ "text": "流程图" })).await;
        assert_eq!(late.user_errors("applicationHandInMissing"), ["WRONG_STATE"]);
        app.sweep().await;
        let file = app.file(&received).await;
        assert_eq!([file.text("state"), file.text("outcome")], ["CLOSED", "TERMINATED"]);
        assert_eq!(file.text("cases.0.result"), "ACCEPTANCE_REVOKED");
        assert_eq!(file.data("cases.0.closingKind"), 6);
        assert_eq!(file.text("cases.0.reviews.0.state"), "CANCELLED");
        assert_eq!(file.paper("ACCEPTANCE_REVOCATION").issued_on, "2026-03-10");
        // It ended on the 10th, one day after the promise and before the period of the law: no lamp goes on after that.
        app.clock.set_day("2026-06-01");
        let clocks = app.clocks(&received.cases[0]).await;
        assert_eq!(clocks.text("case.statutory.state"), "STOPPED");
        app.assert_sound().await;
    }

    async fn what_is_not_for_the_agency_is_not_accepted(app: TestApp) {
        let received = app.receive(&[ITEM, "YCJ-01-001"]).await;
        let act = "caseRefuseAcceptance";
        let clerk = app.clerk();
        let blank = clerk.does(act, &received.cases[0].id, json!({ "kind": "NOT_COMPETENT", "reasons": "\n" })).await;
        assert_eq!((blank.user_errors(act), blank.fields(act)), (vec!["REASONS_REQUIRED".to_owned()], vec!["reasons".to_owned()]));
        let rest = json!({ "kind": "NOT_COMPETENT", "reasons": "属于市级权限", "competentAgency": "滨澜市市场监督管理局" });
        let done = clerk.does(act, &received.cases[0].id, rest.clone()).await.done();
        assert_eq!(done.text("caseRefuseAcceptance.case.state"), "NOT_COMPETENT");
        assert_eq!(done.number("caseRefuseAcceptance.case.closingKind"), 1);
        let file = app.file(&received).await;
        let decision = file.paper("NOT_COMPETENT_DECISION");
        assert_eq!([decision.line("REASONS"), decision.line("COMPETENT_AGENCY")], ["属于市级权限", "滨澜市市场监督管理局"]);
        file.event("CASE_NOT_COMPETENT");
        let again = clerk.does(act, &received.cases[0].id, rest).await;
        assert_eq!(again.user_errors(act), ["ALREADY_DECIDED"]);

        // The other one is accepted all the same, and numbered alone.
        clerk.does("applicationAccept", &received.id, json!({})).await.done();
        let accepted = clerk.does(act, &received.cases[1].id, json!({ "kind": "NOT_REQUIRED", "reasons": "x" })).await;
        assert_eq!(accepted.user_errors(act), ["WRONG_STATE"]);
        let named = app.file(&received).await.paper("ACCEPTANCE_NOTICE").lines("CASE").join("; ");
        assert!(named.ends_with("烟草专卖零售许可") && !named.contains(';'), "what was not accepted is not on it: {named}");
        assert_eq!(app.due(&received.cases[1]).await[0].as_deref(), Some("2026-03-16"));
        app.agree(&received.cases[1].review).await;
        app.grant(&received.cases[1]).await;
        let file = app.file(&received).await;
        assert_eq!([file.text("state"), file.text("outcome")], ["CONCLUDED", "PARTLY_GRANTED"]);
        app.assert_sound().await;
    }

    async fn the_competent_agency_stands_on_the_decision_and_not_on_what_ends_with_it(app: TestApp) {
        let received = from_scratch(&app).await;
        let first = received.case("SJJ-01-001");
        let rest = json!({ "kind": "NOT_COMPETENT", "reasons": "属于市级权限", "competentAgency": "滨澜市市场监督管理局" });
        app.clerk().does("caseRefuseAcceptance", &first.id, rest).await.done();
        let file = app.file(&received).await;
        assert_eq!(file.paper("NOT_COMPETENT_DECISION").lines("COMPETENT_AGENCY"), ["滨澜市市场监督管理局"]);
        let ended_with_it = file.papers("TERMINATION_NOTICE");
        assert!(!ended_with_it.is_empty());
        for notice in ended_with_it {
            assert_eq!(notice.lines("COMPETENT_AGENCY"), [""; 0], "{notice:?}");
        }
        app.assert_sound().await;
    }

    async fn what_needs_no_approval_stands_before_nothing(app: TestApp) {
        let received = from_scratch(&app).await;
        let first = received.case("SJJ-01-001");
        let rest = json!({ "kind": "NOT_REQUIRED", "reasons": "已经登记" });
        let done = app.clerk().does("caseRefuseAcceptance", &first.id, rest).await.done();
        assert_eq!(done.text("caseRefuseAcceptance.case.result"), "NOT_REQUIRED");
        app.clerk().does("applicationAccept", &received.id, json!({})).await.done();
        let now = app.reread(&received).await;
        assert_eq!(now.case(ITEM).state, "IN_REVIEW", "it waits for nothing any more");
        app.assert_sound().await;
    }

    async fn an_application_of_which_nothing_is_accepted_closes(app: TestApp) {
        let received = app.receive(&[ITEM]).await;
        let rest = json!({ "kind": "NOT_REQUIRED", "reasons": "无需许可" });
        app.clerk().does("caseRefuseAcceptance", &received.cases[0].id, rest).await.done();
        let file = app.file(&received).await;
        assert_eq!([file.text("state"), file.text("outcome")], ["CLOSED", "NOT_ACCEPTED"]);
        file.paper("NOT_REQUIRED_NOTICE");
        app.clock.set_day("2026-04-01");
        let before = app.written().await;
        app.sweep().await;
        assert_unchanged(&before, &app.written().await, "the sweep over what is closed");
        app.assert_sound().await;
    }

    async fn an_act_is_dated_to_a_day_that_can_be(app: TestApp) {
        let received = app.receive(&[ITEM]).await;
        app.clock.set_day("2026-03-04");
        let act = "applicationNoticeCorrection";
        let on = async |day: &str| {
            let rest = with(points(), "happenedOn", json!(day));
            app.clerk().does(act, &received.id, rest).await
        };
        for (day, code) in [("2026-03-05", "ACT_IN_FUTURE"), ("2026-03-01", "ACT_BEFORE_RECEIPT"), ("2026-01-05", "LATE_ENTRY_TOO_OLD")] {
            let refused = on(day).await;
            assert_eq!((refused.user_errors(act), refused.fields(act)), (vec![code.to_owned()], vec!["happenedOn".to_owned()]));
        }
        on("2026-03-03").await.done();
        let file = app.file(&received).await;
        let event = file.event("CORRECTION_NOTICED");
        assert_eq!(event["happenedAt"], "2026-03-02T16:00:00.000000Z", "the beginning of the 3rd in Shanghai");
        assert_eq!(event["enteredAt"], "2026-03-04T01:00:00.000000Z");
        let notice = file.paper("CORRECTION_NOTICE");
        assert_eq!([&*notice.issued_on, notice.line("ENTERED_ON")], ["2026-03-03", "2026-03-04"]);
        // Before what it answers to.
        let supplement = "applicationSupplement";
        let rest = json!({ "text": "x", "happenedOn": "2026-03-02" });
        let early = app.clerk().does(supplement, &received.id, rest).await;
        assert_eq!((early.user_errors(supplement), early.fields(supplement)), (vec!["ACT_OUT_OF_ORDER".to_owned()], vec!["happenedOn".to_owned()]));
        app.clerk().does(supplement, &received.id, json!({ "text": "x" })).await.done();
        let early = app.clerk().does("applicationAccept", &received.id, json!({ "happenedOn": "2026-03-03" })).await;
        assert_eq!(early.user_errors("applicationAccept"), ["ACT_OUT_OF_ORDER"], "before the supplement");
        app.assert_sound().await;
    }

    /// What was entered so late that the period which it began is over already: the next sweep brings about what followed.
    async fn what_an_entry_after_the_fact_makes_lapse_comes_with_the_next_sweep(app: TestApp) {
        let act = "applicationSupplement";
        let accepted = app.receive(&[ITEM]).await;
        let ended = app.receive(&[OTHER]).await;
        app.clock.set_day("2026-03-04");
        app.clerk().does("applicationNoticeCorrection", &accepted.id, points()).await.done();
        // Three days from the receipt, entered on the last day of the check.
        app.clock.set_day("2026-03-09");
        let notice = with(with(points(), "supplementDays", json!(3)), "happenedOn", json!("2026-03-02"));
        app.clerk().does("applicationNoticeCorrection", &ended.id, notice).await.done();
        app.sweep().await;
        assert_eq!(app.file(&ended).await.text("state"), "CLOSED");
        let told = app.file(&ended).await;
        assert_eq!(told.text("cases.0.result"), "NOT_SUPPLEMENTED");
        // Five days from the supplement of the tenth are over on the seventeenth.
        app.clock.set_day("2026-03-20");
        app.clerk().does(act, &accepted.id, json!({ "text": "x", "happenedOn": "2026-03-10" })).await.done();
        app.sweep().await;
        let file = app.file(&accepted).await;
        assert_eq!([file.text("state"), file.text("acceptedOn")], ["IN_REVIEW", "2026-03-10"]);
        // And no sweep goes round in circles for it.
        let report = app.sweep().await;
        assert_eq!((report.changed, report.cleared), (0, 0));
        app.assert_sound().await;
    }

    async fn the_applicant_enters_nothing_after_the_fact(app: TestApp) {
        let filed = app.file_online(&[ITEM]).await;
        app.clerk().does("applicationNoticeCorrection", &filed.id, points()).await.done();
        app.clock.set_day("2026-03-04");
        let act = "applicationSupplement";
        let late = app.applicant().does(act, &filed.id, json!({ "text": "x", "happenedOn": "2026-03-03" })).await;
        assert_eq!((late.user_errors(act), late.fields(act)), (vec!["LATE_ENTRY_FORBIDDEN".to_owned()], vec!["happenedOn".to_owned()]));
        app.applicant().does(act, &filed.id, json!({ "text": "x", "happenedOn": "2026-03-04" })).await.done();
    }

    async fn nobody_else_acts_before_acceptance(app: TestApp) {
        let received = app.receive(&[ITEM]).await;
        let acts: [(&str, Value); 4] = [
            ("applicationNoticeCorrection", points()),
            ("applicationExtendSupplement", json!({ "days": 5, "reasons": "x" })),
            ("applicationCorrectOnTheSpot", json!({ "text": "x" })),
            ("caseRefuseAcceptance", json!({ "kind": "NOT_REQUIRED", "reasons": "x" })),
        ];
        let for_applicants: [(&str, Value); 2] =
            [("applicationSupplement", json!({ "text": "x" })), ("applicationHandInMissing", json!({ "text": "x" }))];
        let before = app.written().await;
        for (act, rest) in acts.iter().chain(&for_applicants) {
            let id = if act.starts_with("case") { &received.cases[0].id } else { &received.id };
            for person in ["reviewer-sjj", "decider-sjj", "lead-sjj", "administrator", "supervisor", "system"] {
                let refused = app.as_(person).does(act, id, rest.clone()).await;
                assert_eq!(refused.user_errors(act), ["FORBIDDEN"], "{act} by {person}");
            }
            let elsewhere = app.as_("clerk-2").does(act, id, rest.clone()).await;
            assert_eq!(elsewhere.user_errors(act), ["NOT_FOUND"], "{act} at another window");
            let stranger = app.as_("applicant-2").does(act, id, rest.clone()).await;
            let code = if for_applicants.iter().any(|(known, _)| known == act) { "NOT_FOUND" } else { "FORBIDDEN" };
            assert_eq!(stranger.user_errors(act), [code], "{act} by another applicant");
            let nobody = app.nobody().does(act, id, rest.clone()).await;
            assert_eq!(nobody.error_code(), "UNAUTHENTICATED");
        }
        let after = app.written().await;
        assert_eq!(before["application"], after["application"]);
        assert_eq!(before["document"], after["document"]);
        assert_eq!(before["idempotency"], after["idempotency"]);
    }
}

mod governed {
    //! Where a centre has decided otherwise.

    use super::*;
    use chrono::TimeDelta;
    use lianshen_domain::calendar::start_of;
    use lianshen_domain::clock::{Conventions, FormerConventions, Unsupplemented};

    each_db! { on seeded
        async fn what_is_never_supplemented_is_refused_where_the_centre_says_so(database: TestDatabase) {
            let (app, server) = TestApp::start_with(database, &Log::default(), false, |config| {
                config.conventions.unsupplemented = Unsupplemented::Refused;
            })
            .await;
            let received: Application = app.receive(&[ITEM]).await;
            let notice = with(points(), "supplementDays", json!(5));
            app.clerk().does("applicationNoticeCorrection", &received.id, notice).await.done();
            app.clock.set_day("2026-03-11");
            app.sweep().await;
            let file = app.file(&received).await;
            assert!(file.paper("CORRECTION_NOTICE").line("CONSEQUENCE").contains("不予许可"));
            assert_eq!([file.text("state"), file.text("outcome")], ["CONCLUDED", "REFUSED"]);
            assert_eq!(file.data("cases.0.closingKind"), 1);
            let decision = file.paper("REFUSAL_DECISION");
            assert_eq!(decision.issued_on, "2026-03-10");
            assert!(decision.line("REASONS").contains("未补正") && decision.line("REMEDIES").contains("行政复议"));
            // A refusal is delivered as any other.
            app.deliver(&received).await;
            app.assert_sound().await;
            server.stop().await;
        }

        /// The centre closes at six from 2 March 2026 on; what came before that day does not know of it.
        async fn what_comes_after_closing_time_counts_from_the_next_day(database: TestDatabase) {
            let (app, server) = TestApp::start_with(database, &Log::default(), false, |config| {
                config.conventions.after_hours_rolls_forward = true;
                config.conventions.closing_time = "18:00:00".parse().unwrap();
                config.former_conventions = vec![FormerConventions {
                    until: "2026-03-01".parse().unwrap(),
                    conventions: Conventions::default(),
                }];
            })
            .await;
            let check = async |of: &Application| {
                let told = "query($id: ID!) { application(id: $id) { clocks { kind deadline { anchorOn dueOn state } } } }";
                let told = app.supervisor().query(told, json!({ "id": of.id })).await.ok();
                let mut all = told.list("application.clocks").iter();
                all.rfind(|clock| clock["kind"] == "ACCEPTANCE_CHECK").unwrap()["deadline"].clone()
            };
            let at = |day: &str, minute: i64| {
                let day = start_of(day.parse().unwrap());
                app.clock.set(day + TimeDelta::minutes(minute));
            };
            let six = 18 * 60;
            at("2026-03-01", six + 30);
            let before = app.file_online(&[ITEM]).await;
            assert_eq!(check(&before).await["anchorOn"], "2026-03-01");
            at("2026-03-02", six - 1);
            let by_day = app.file_online(&[ITEM]).await;
            assert_eq!(check(&by_day).await, json!({ "anchorOn": "2026-03-02", "dueOn": "2026-03-09", "state": "RUNNING" }));
            at("2026-03-02", six);
            let [silent, accepted] = [app.file_online(&[ITEM]).await, app.file_online(&[ITEM]).await];
            assert_eq!(check(&silent).await, json!({ "anchorOn": "2026-03-03", "dueOn": "2026-03-10", "state": "NOT_STARTED" }));
            let file = app.file(&silent).await;
            assert_eq!(file.text("receivedOn"), "2026-03-02", "it came when it came");
            let receipt = file.paper("RECEIPT");
            assert_eq!([receipt.line("DATE"), receipt.line("COUNTS_ON")], ["2026-03-02", "2026-03-03"]);
            assert_eq!(word(&file.event("APPLICATION_RECEIVED"), "countsOn"), Some("2026-03-03"));
            let file = app.file(&by_day).await;
            assert_eq!(file.paper("RECEIPT").lines("COUNTS_ON"), [""; 0]);
            assert_eq!(word(&file.event("APPLICATION_RECEIVED"), "countsOn"), None);

            // Nobody has to wait for the next day.
            at("2026-03-02", six + 60);
            app.clerk().does("applicationAccept", &accepted.id, json!({})).await.done();
            assert_eq!(app.file(&accepted).await.text("acceptedOn"), "2026-03-02");
            assert_eq!(app.due(&accepted.cases[0]).await, [Some("2026-03-09".into()), Some("2026-03-16".into())]);
            let case = &app.reread(&accepted).await.cases[0];
            app.agree(&case.review).await.done();
            app.grant(case).await.done();

            app.clock.set_day("2026-03-10");
            app.sweep().await;
            assert_eq!(app.file(&by_day).await.text("acceptedOn"), "2026-03-02");
            assert_eq!(app.file(&silent).await.text("state"), "RECEIVED", "the fifth day is in time");
            app.clock.set_day("2026-03-11");
            app.sweep().await;
            let file = app.file(&silent).await;
            assert_eq!([file.text("acceptedOn"), file.text("establishedOn")], ["2026-03-03", "2026-03-11"]);
            assert_eq!(file.paper("DEEMED_ACCEPTANCE_NOTICE").line("DATE"), "2026-03-03");
            app.assert_sound().await;
            server.stop().await;
        }

        async fn a_supplement_in_the_last_evening_is_in_time_and_counts_from_the_next_day(database: TestDatabase) {
            let (app, server) = TestApp::start_with(database, &Log::default(), false, |config| {
                config.conventions.after_hours_rolls_forward = true;
            })
            .await;
            let received = app.receive(&[ITEM]).await;
            let notice = with(points(), "supplementDays", json!(3));
            app.clerk().does("applicationNoticeCorrection", &received.id, notice).await.done();
            app.clock.set(start_of("2026-03-05".parse().unwrap()) + TimeDelta::hours(23));
            app.clerk().does("applicationSupplement", &received.id, json!({ "text": "平面图" })).await.done();
            let file = app.file(&received).await;
            let receipt = file.paper("SUPPLEMENT_RECEIPT");
            assert_eq!([receipt.line("DATE"), receipt.line("COUNTS_ON")], ["2026-03-05", "2026-03-06"]);
            let check = app.clock_rows(&received.id).await;
            let last = check.iter().filter(|row| row.kind.0 == ClockKind::AcceptanceCheck).map(|row| row.anchor_on).max();
            assert_eq!(last.unwrap().to_string(), "2026-03-06");

            // After acceptance, the promise waits as long for material that was asked for.
            app.clerk().does("applicationAccept", &received.id, json!({})).await.done();
            app.clock.set_day("2026-03-09");
            let ask = json!({ "materials": ["M-APP"], "reasons": "签字不清晰" });
            app.reviewer("SJJ").does("caseAskMaterial", &received.cases[0].id, ask).await.done();
            app.clock.set(start_of("2026-03-10".parse().unwrap()) + TimeDelta::hours(20));
            let handed_in = json!({ "text": "申请书" });
            app.clerk().does("caseReceiveMaterial", &received.cases[0].id, handed_in).await.done();
            let file = app.file(&received).await;
            assert_eq!(word(&file.event("MATERIAL_RECEIVED"), "countsOn"), Some("2026-03-11"));
            app.assert_sound().await;
            server.stop().await;
        }
    }
}
