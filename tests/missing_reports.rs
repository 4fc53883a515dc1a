//! The one correction notice of a joint application: what each department misses, told once, and nobody asks later.

use futures_util::future::{join, join_all};
use lianshen_entity::missing_report;
use sea_orm::EntityTrait as _;
use serde_json::{Value, json};

use crate::support::world::{Application, FOOD_FIRE_SIGN, input_for_bundle, new_key};
use crate::support::written::{Written, assert_unchanged};
use crate::support::{Answer, Client, TestApp, documents, each_db, seed};

const FOOD: &str = "SJJ-01-002";
const FIRE: &str = "XFD-01-002";
const SIGN: &str = "CGJ-01-001";

const REPORT: &str = "caseReportMissing";
const COMPLETE: &str = "caseReportComplete";
const SEND: &str = "applicationSendMergedNotice";
const BY_HAND: &str = "applicationNoticeCorrection";

/// Received on Monday, 2 March 2026: departments report until the 5th, the check runs until the 9th.
async fn received(app: &TestApp) -> Application {
    let mut input = input_for_bundle("YJS-001", &FOOD_FIRE_SIGN);
    input["receiveOnly"] = json!(true);
    app.submit_input(input).await
}

fn point(text: &str, material: Option<&str>) -> Value {
    json!({ "text": text, "basis": "申请须知第三条", "materialCode": material })
}

fn points(points: &[Value]) -> Value {
    json!({ "points": points })
}

async fn report(app: &TestApp, of: &Application, item: &str, missing: &[Value]) -> Answer {
    let case = of.case(item);
    let reviewer = app.reviewer(&case.department);
    reviewer.does(REPORT, &case.id, points(missing)).await
}

async fn complete(app: &TestApp, of: &Application, item: &str) -> Answer {
    let case = of.case(item);
    let reviewer = app.reviewer(&case.department);
    reviewer.does(COMPLETE, &case.id, json!({})).await
}

async fn send(app: &TestApp, of: &Application) -> Answer {
    app.lead("SJJ").does(SEND, &of.id, json!({})).await
}

async fn seen(who: &Client, of: &Application) -> Answer {
    const SEEN: &str = "query Seen($id: ID!) { application(id: $id) {
      state missingPoints { text basis materialCode wantedBy { departmentCode itemCode department { name } } }
      cases { item { code } missingReport { state dueOn reportedAt reportedBy { code } points { text materialCode } } }
      documents { kind lines { label value } }
      cards { rule level department { code } }
      timeline(first: 100) { nodes { kind departmentCode } } } }";
    who.query(SEEN, json!({ "id": of.id })).await.ok()
}

/// What a reader learns of the cases: `item STATE point point`.
fn reports(seen: &Answer) -> Vec<String> {
    let cases = seen.list("application.cases").iter();
    let line = |case: &Value| {
        let report = &case["missingReport"];
        let item = case["item"]["code"].as_str().unwrap();
        let said = report["points"].as_array().into_iter().flatten();
        let said = said.map(|point| format!(" {}", point["text"].as_str().unwrap()));
        let state = report["state"].as_str().unwrap_or("unseen");
        format!("{item} {state}{}", said.collect::<String>())
    };
    let mut lines: Vec<String> = cases.map(line).collect();
    lines.sort();
    lines
}

/// Each point with who wants it.
fn merged(seen: &Answer) -> Vec<String> {
    let points = seen.list("application.missingPoints").iter();
    let line = |point: &Value| {
        let wanted = point["wantedBy"].as_array().unwrap().iter();
        let wanted = wanted.map(|wish| format!(" {}", wish["departmentCode"].as_str().unwrap()));
        format!(
            "{}{}",
            point["text"].as_str().unwrap(),
            wanted.collect::<String>()
        )
    };
    points.map(line).collect()
}

/// The cards of MAT-02 that the supervisor reads: level, department, case or not.
async fn cards(app: &TestApp) -> Vec<String> {
    const CARDS: &str = "{ cards(first: 20, filter: { rule: MAT_02 }) { nodes {
      rule ruleName level raisedOn department { code } case { id } evidence { clock } } } }";
    let read = app.supervisor().query(CARDS, json!({})).await.ok();
    let cards = read.list("cards.nodes").iter();
    let line = |card: &Value| {
        assert_eq!(card["ruleName"], "违反一次性告知");
        assert_eq!(card["evidence"]["clock"], "ACCEPTANCE_CHECK");
        let word = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        let of = if card["case"].is_null() {
            "whole"
        } else {
            "case"
        };
        format!(
            "{} {} {of}",
            word(&card["level"]),
            word(&card["department"]["code"])
        )
    };
    let mut lines: Vec<String> = cards.map(line).collect();
    lines.sort();
    lines
}

fn kinds(seen: &Answer) -> Vec<String> {
    let nodes = seen.list("application.timeline.nodes").iter();
    let kinds = nodes.map(|event| event["kind"].as_str().unwrap().to_owned());
    kinds.collect()
}

/// Which departments owe a report, and until when.
async fn owed_reports(app: &TestApp, of: &Application) -> Vec<String> {
    const OWED: &str = "query Owed($id: ID!) { application(id: $id) { outlook { owedActs { kind departmentCode dueOn } } } }";
    let told = app
        .supervisor()
        .query(OWED, json!({ "id": of.id }))
        .await
        .ok();
    let acts = told.list("application.outlook.owedActs").iter();
    let reports = acts.filter(|act| act["kind"] == "REPORT");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let mut lines: Vec<String> = reports
        .map(|act| format!("{} {}", text(&act["departmentCode"]), text(&act["dueOn"])))
        .collect();
    lines.sort();
    lines
}

each_db! {
    /// An act sets two days for the sign; then all of the application have two, and nobody reports on the third.
    async fn reports_are_due_with_the_item_that_has_the_fewest_days(app: TestApp) {
        let mut file: Value = serde_json::from_str(seed::CATALOGUE).unwrap();
        let mut items = file["items"].as_array_mut().unwrap().iter_mut();
        let sign = items.find(|item| item["code"] == SIGN).unwrap();
        sign["version"] = json!(2);
        sign["acceptanceCheck"] = json!({ "days": 2 });
        app.publish(&file).await;
        let of = received(&app).await;

        let told = seen(&app.reviewer("XFD"), &of).await;
        let fire = told.list("application.cases").iter().find(|case| case["item"]["code"] == FIRE).unwrap();
        assert_eq!(fire["missingReport"]["dueOn"], "2026-03-04");
        let owed = owed_reports(&app, &of).await;
        assert!(owed.len() == 3 && owed.iter().all(|act| act.contains("2026-03-04")), "{owed:?}");
        app.clock.set_day("2026-03-04");
        complete(&app, &of, FIRE).await.done();
        app.clock.set_day("2026-03-05");
        app.sweep().await;
        assert_eq!(seen(&app.clerk(), &of).await.text("application.state"), "IN_REVIEW");
        let late = report(&app, &of, FOOD, &[point("平面图", None)]).await;
        assert_eq!(late.user_errors(REPORT).len(), 1, "{late}");
        app.assert_sound().await;
    }

    async fn two_departments_miss_something_and_the_lead_tells_it_once(app: TestApp) {
        let of = received(&app).await;
        let plan = point("经营场所平面图", Some("M-PLAN"));
        let all = [plan, point("操作流程", Some("M-FLOW"))];
        let done = report(&app, &of, FOOD, &all).await.done();
        assert_eq!(done.text("caseReportMissing.case.state"), "RECEIVED");
        let outstanding = send(&app, &of).await;
        assert_eq!(outstanding.user_errors(SEND), ["REPORTS_OUTSTANDING"]);
        assert!(outstanding.messages()[0].contains("XFD") && outstanding.messages()[0].contains("CGJ"), "{outstanding}");
        let by_hand = app.clerk().does(BY_HAND, &of.id, json!({ "points": [{ "text": "印章", "basis": "须知" }] })).await;
        assert_eq!(by_hand.user_errors(BY_HAND), ["REPORTS_OUTSTANDING"], "it would take from them what they may still say");
        assert_eq!(owed_reports(&app, &of).await, ["CGJ 2026-03-05", "XFD 2026-03-05"]);
        app.clock.set_day("2026-03-03");
        report(&app, &of, FIRE, &[point("平面图应标明消防设施", Some("M-PLAN"))]).await.done();
        complete(&app, &of, SIGN).await.done();
        assert_eq!(owed_reports(&app, &of).await, [""; 0]);

        // Nobody accepts what a department misses, and nobody tells it by hand.
        let clerk = app.clerk();
        let accept = clerk.does("applicationAccept", &of.id, json!({})).await;
        assert_eq!(accept.user_errors("applicationAccept"), ["MISSING_REPORTED"]);
        let by_hand = clerk.does(BY_HAND, &of.id, json!({ "points": [{ "text": "印章", "basis": "须知" }] })).await;
        assert_eq!(by_hand.user_errors(BY_HAND), ["MISSING_REPORTED"]);
        let window = clerk.does(SEND, &of.id, json!({})).await;
        assert_eq!(window.user_errors(SEND), ["LEAD_SENDS_NOTICE"]);

        let own = json!({ "points": [{ "text": "申请表缺章", "basis": "须知第一条" }], "supplementDays": 10 });
        let done = app.lead("SJJ").does(SEND, &of.id, own).await.done();
        assert_eq!(done.text("applicationSendMergedNotice.application.state"), "CORRECTION");
        let file = app.file(&of).await;
        let papers = file.data("documents").as_array().unwrap();
        let notice = papers.iter().find(|paper| paper["kind"] == "CORRECTION_NOTICE").unwrap();
        let said = notice["lines"].as_array().unwrap().iter().filter(|line| {
            ["MISSING_POINT", "WANTED_BY", "SUPPLEMENT_BY"].contains(&line["label"].as_str().unwrap())
        });
        let said: Vec<&str> = said.map(|line| line["value"].as_str().unwrap()).collect();
        assert_eq!(said.len(), 7, "{said:?}");
        assert_eq!(said[0], "经营场所平面图；平面图应标明消防设施（申请须知第三条）");
        assert!(said[1].contains("市场监督") && said[1].contains("消防") && said[1].contains('、'), "{}", said[1]);
        assert_eq!((said[2], said[4]), ("操作流程（申请须知第三条）", "申请表缺章（须知第一条）"));
        assert_eq!(said[6], "2026-03-17");
        let clocks = app.clock_rows(&of.id).await;
        let stopped: Vec<bool> = clocks.iter().map(|row| row.stopped_on.is_some()).collect();
        assert_eq!(stopped, [true, false], "the check stopped, the supplement runs");

        let applicant = json!({ "text": "平面图、操作流程" });
        app.clock.set_day("2026-03-05");
        clerk.does("applicationSupplement", &of.id, applicant).await.done();
        complete(&app, &of, FIRE).await.done();
        clerk.does("applicationAccept", &of.id, json!({})).await.done();
        let told = kinds(&seen(&app.supervisor(), &of).await);
        let told: Vec<&str> = told.iter().map(String::as_str).filter(|kind| kind.contains("REPORTED") || kind.contains("NOTICED")).collect();
        assert_eq!(told, ["MISSING_REPORTED", "MISSING_REPORTED", "COMPLETENESS_REPORTED", "CORRECTION_NOTICED", "COMPLETENESS_REPORTED"]);
        assert_eq!(cards(&app).await, Vec::<String>::new());
        app.assert_sound().await;
    }

    async fn who_reports_too_late_is_refused_and_gets_one_red_card(app: TestApp) {
        let of = received(&app).await;
        report(&app, &of, FOOD, &[point("平面图", Some("M-PLAN"))]).await.done();
        app.clock.set_day("2026-03-06");
        app.reviewer("CGJ").token().await;
        let before = app.written().await;
        let key = new_key();
        let case = of.case(SIGN);
        let wanted = points(&[point("招牌效果图", None)]);
        let cgj = app.reviewer("CGJ");
        for _ in 0..2 {
            let late = cgj.does_by_key(REPORT, &key, &case.id, wanted.clone()).await;
            assert_eq!(late.user_errors(REPORT), ["REPORT_TOO_LATE"]);
            assert!(late.messages()[0].contains("2026-03-05"), "{late}");
        }
        assert_eq!(cards(&app).await, ["RED CGJ case"]);
        assert_unchanged(&without_events(before), &without_events(app.written().await), "the refusal but its record");
        assert_eq!(app.reread(&of).await.version, of.version + 1, "the one report that was in time");
        // After the notice it is refused again, and there is still one.
        send(&app, &of).await.done();
        let late = cgj.does(REPORT, &case.id, wanted.clone()).await;
        assert_eq!(late.user_errors(REPORT), ["REPORT_TOO_LATE"]);
        app.clerk().does("applicationSupplement", &of.id, json!({ "text": "平面图" })).await.done();
        let beyond = cgj.does(REPORT, &case.id, wanted.clone()).await;
        assert_eq!(beyond.user_errors(REPORT), ["POINT_NOT_IN_NOTICE"]);
        assert_eq!(beyond.fields(REPORT), ["points.0"]);
        app.clerk().does("applicationAccept", &of.id, json!({})).await.done();
        let late = cgj.does(REPORT, &case.id, wanted).await;
        assert_eq!(late.user_errors(REPORT), ["REPORT_TOO_LATE"]);
        assert_eq!(cards(&app).await, ["RED CGJ case"]);

        let told = seen(&app.supervisor(), &of).await;
        let raised = told.list("application.timeline.nodes").iter();
        let raised = raised.filter(|event| event["kind"] == "CARD_RAISED" && event["departmentCode"] == "CGJ");
        assert_eq!(raised.count(), 1, "{told}");
        app.assert_announced_once().await;
        app.sweep().await;
        assert_eq!(cards(&app).await, ["RED CGJ case"], "the sweep raises nothing more, and clears nothing");
        // The department is told of its own card, others are not.
        let own = seen(&cgj, &of).await;
        assert_eq!(own.data("application.cards"), &json!([{ "rule": "MAT_02", "level": "RED", "department": { "code": "CGJ" } }]));
        assert_eq!(seen(&app.reviewer("XFD"), &of).await.data("application.cards"), &json!([]));
        app.assert_sound().await;
    }

    async fn a_second_notice_is_refused_and_raises_a_card_if_it_wants_more(app: TestApp) {
        let of = app.receive(&[FOOD]).await;
        let clerk = app.clerk();
        let told = json!({ "points": [{ "text": "平面图", "basis": "须知" }] });
        let more = json!({ "points": [{ "text": "平面图", "basis": "须知" }, { "text": "租赁合同", "basis": "须知" }] });
        clerk.does(BY_HAND, &of.id, told.clone()).await.done();
        clerk.does("applicationSupplement", &of.id, json!({ "text": "平面图" })).await.done();
        let again = clerk.does(BY_HAND, &of.id, told).await;
        assert_eq!(again.user_errors(BY_HAND), ["CORRECTION_TWICE"]);
        assert_eq!(cards(&app).await, Vec::<String>::new(), "it wants nothing new");
        for _ in 0..2 {
            let again = clerk.does(BY_HAND, &of.id, more.clone()).await;
            assert_eq!(again.user_errors(BY_HAND), ["CORRECTION_TWICE"]);
        }
        assert_eq!(cards(&app).await, ["RED - whole"]);
        let stale = json!({ "points": more["points"], "expectedVersion": 99 });
        let stale = clerk.does(BY_HAND, &of.id, stale).await;
        assert_eq!(stale.user_errors(BY_HAND), ["CONFLICT"]);
        app.assert_announced_once().await;
        app.assert_sound().await;
    }

    async fn where_nobody_leads_the_window_sends_what_the_department_reported(app: TestApp) {
        let of = app.receive(&[FOOD]).await;
        let clerk = app.clerk();
        let empty = clerk.does(SEND, &of.id, json!({})).await;
        assert_eq!(empty.user_errors(SEND), ["REPORTS_OUTSTANDING"]);
        complete(&app, &of, FOOD).await.done();
        let empty = clerk.does(SEND, &of.id, json!({})).await;
        assert_eq!((empty.user_errors(SEND), empty.fields(SEND)), (vec!["CORRECTION_EMPTY".to_owned()], vec!["points".to_owned()]));
        report(&app, &of, FOOD, &[point("平面图", Some("M-PLAN"))]).await.done();
        let stranger = app.lead("SJJ").does(SEND, &of.id, json!({})).await;
        assert_eq!(stranger.user_errors(SEND), ["FORBIDDEN"], "nobody leads");
        // Mended at the window: the department takes it back, and it is accepted without a notice.
        clerk.does("applicationCorrectOnTheSpot", &of.id, json!({ "text": "补交平面图" })).await.done();
        let accept = clerk.does("applicationAccept", &of.id, json!({})).await;
        assert_eq!(accept.user_errors("applicationAccept"), ["MISSING_REPORTED"]);
        app.clock.set_day("2026-03-09");
        complete(&app, &of, FOOD).await.done();
        clerk.does("applicationAccept", &of.id, json!({})).await.done();
        let complete = complete(&app, &of, FOOD).await;
        assert_eq!(complete.user_errors(COMPLETE), ["WRONG_STATE"]);
        assert_eq!(cards(&app).await, Vec::<String>::new());

        let silent = app.receive(&[FOOD]).await;
        app.clock.set_day("2026-03-13");
        let empty = clerk.does(SEND, &silent.id, json!({})).await;
        assert_eq!(empty.user_errors(SEND), ["CORRECTION_EMPTY"], "the silent miss nothing");
        let own = json!({ "points": [{ "text": "平面图", "basis": "须知" }] });
        clerk.does(SEND, &silent.id, own).await.done();
        app.assert_sound().await;
    }

    async fn what_cannot_be_reported_is_refused_and_leaves_nothing(app: TestApp) {
        let of = received(&app).await;
        let case = of.case(FOOD);
        let sjj = app.reviewer("SJJ");
        let written = app.written().await;
        let refused = async |who: &Client, rest: Value| {
            let answer = who.does(REPORT, &case.id, rest).await;
            (answer.user_errors(REPORT).join(" "), answer.fields(REPORT).join(" "))
        };
        let pair = |code: &str, field: &str| (code.to_owned(), field.to_owned());
        assert_eq!(refused(&sjj, points(&[])).await, pair("CORRECTION_EMPTY", "points"));
        let unlisted = points(&[point("x", Some("M-PLAN")), point("y", Some("M-AD"))]);
        assert_eq!(refused(&sjj, unlisted).await, pair("MATERIAL_NOT_LISTED", "points.1.materialCode"));
        assert_eq!(refused(&sjj, points(&[point(" ", None)])).await.1, "points.0.text");
        let many: Vec<Value> = (0..101).map(|_| point("x", None)).collect();
        assert_eq!(refused(&sjj, points(&many)).await, pair("LIST_TOO_LONG", "points"));
        let stale = json!({ "points": [point("x", None)], "expectedVersion": 7 });
        assert_eq!(refused(&sjj, stale).await.0, "CONFLICT");
        let good = || points(&[point("x", None)]);
        assert_eq!(refused(&app.reviewer("XFD"), good()).await.0, "NOT_YOURS", "of another department");
        for who in [app.clerk(), app.applicant(), app.supervisor(), app.administrator()] {
            assert_eq!(refused(&who, good()).await.0, "FORBIDDEN");
        }
        for who in [app.reviewer("SJJ"), app.applicant(), app.supervisor()] {
            assert_eq!(who.does(SEND, &of.id, json!({})).await.user_errors(SEND), ["FORBIDDEN"]);
        }
        assert_unchanged(&written, &app.written().await, "what was refused");

        let key = new_key();
        let first = sjj.does_by_key(REPORT, &key, &case.id, good()).await.done();
        let written = app.written().await;
        let again = sjj.does_by_key(REPORT, &key, &case.id, good()).await.done();
        assert_eq!(again.body, first.body);
        assert_unchanged(&written, &app.written().await, "the repetition");
        let other = sjj.does_by_key(REPORT, &key, &case.id, points(&[point("y", None)])).await;
        assert_eq!(other.user_errors(REPORT), ["IDEMPOTENCY_KEY_REUSED"]);
        let version = app.reread(&of).await.case(FOOD).version;
        assert!(version > case.version, "who looked before does not report over it");
        app.assert_sound().await;
    }

    async fn departments_do_not_read_each_other_and_the_applicant_reads_the_notice(app: TestApp) {
        let filed = app.applicant().act(&documents::SUBMIT, input_for_bundle("YJS-001", &FOOD_FIRE_SIGN)).await.done();
        let id = filed.text("applicationSubmit.application.id");
        let read = app.clerk().query(&documents::APPLICATION_BY_ID, json!({ "id": id })).await.ok();
        let of = Application::read(&read, "application");
        report(&app, &of, FOOD, &[point("平面图", Some("M-PLAN"))]).await.done();
        report(&app, &of, FIRE, &[point("疏散图", None)]).await.done();

        let all = ["CGJ-01-001 AWAITED", "SJJ-01-002 MISSING 平面图", "XFD-01-002 MISSING 疏散图"];
        let points = ["疏散图 XFD", "平面图 SJJ"];
        for who in [app.lead("SJJ"), app.clerk(), app.supervisor()] {
            let seen = seen(&who, &of).await;
            assert_eq!((reports(&seen), merged(&seen)), (all.map(str::to_owned).to_vec(), points.map(str::to_owned).to_vec()));
        }
        let fire = seen(&app.reviewer("XFD"), &of).await;
        assert_eq!(reports(&fire), ["CGJ-01-001 unseen", "SJJ-01-002 unseen", "XFD-01-002 MISSING 疏散图"]);
        assert_eq!(merged(&fire), Vec::<String>::new());
        let own = fire.list("application.cases").iter().find(|case| case["item"]["code"] == FIRE).unwrap();
        assert_eq!((&own["missingReport"]["dueOn"], &own["missingReport"]["reportedBy"]["code"]), (&json!("2026-03-05"), &json!("XFD")));
        let told = kinds(&fire);
        assert_eq!(told.iter().filter(|kind| *kind == "MISSING_REPORTED").count(), 1, "its own: {told:?}");
        for who in [app.applicant(), app.administrator()] {
            let seen = seen(&who, &of).await;
            assert_eq!(merged(&seen), Vec::<String>::new());
            assert!(reports(&seen).iter().all(|line| line.ends_with("unseen")), "{seen}");
            assert!(!kinds(&seen).iter().any(|kind| kind.contains("REPORTED")), "{seen}");
            assert!(!seen.body.to_string().contains("疏散图"), "{seen}");
        }
        app.clock.set_day("2026-03-06");
        send(&app, &of).await.done();
        let told = seen(&app.applicant(), &of).await;
        assert_eq!(merged(&told), Vec::<String>::new());
        let papers = told.list("application.documents").iter().filter(|paper| paper["kind"] == "CORRECTION_NOTICE");
        assert!(papers.map(Value::to_string).any(|paper| paper.contains("疏散图") && paper.contains("WANTED_BY")));
        assert_eq!(merged(&seen(&app.supervisor(), &of).await), points);
    }

    async fn two_sends_at_once_are_one_notice(app: TestApp) {
        for _ in 0..4 {
            let of = received(&app).await;
            report(&app, &of, FOOD, &[point("平面图", None)]).await.done();
            complete(&app, &of, FIRE).await.done();
            complete(&app, &of, SIGN).await.done();
            let lead = app.lead("SJJ");
            lead.token().await;
            let answers = join_all((0..4).map(|_| lead.does(SEND, &of.id, json!({})))).await;
            let sent = answers.iter().filter(|answer| answer.user_errors(SEND).is_empty()).count();
            assert_eq!(sent, 1);
            assert_eq!(app.file(&of).await.papers("CORRECTION_NOTICE").len(), 1);
        }
        assert_eq!(cards(&app).await, Vec::<String>::new(), "none of them wanted more");
        app.assert_sound().await;
    }

    async fn a_report_against_the_notice_is_in_it_or_is_refused(app: TestApp) {
        let mut refused = 0;
        for _ in 0..6 {
            app.clock.set_day("2026-03-02");
            let of = received(&app).await;
            report(&app, &of, FOOD, &[point("平面图", None)]).await.done();
            complete(&app, &of, FIRE).await.done();
            complete(&app, &of, SIGN).await.done();
            let (lead, fire) = (app.lead("SJJ"), app.reviewer("XFD"));
            join(lead.token(), fire.token()).await;
            let wanted = points(&[point("疏散图", None)]);
            let id = of.case(FIRE).id.clone();
            let (sent, reported) = join(lead.does(SEND, &of.id, json!({})), fire.does(REPORT, &id, wanted)).await;
            sent.done();
            let is_refused = reported.user_errors(REPORT) == ["REPORT_TOO_LATE"];
            let told = merged(&seen(&app.supervisor(), &of).await);
            assert_eq!(told.contains(&"疏散图 XFD".to_owned()), !is_refused, "{reported}: {told:?}");
            refused += usize::from(is_refused);
        }
        assert_eq!(cards(&app).await.len(), refused);
        app.assert_sound().await;
    }

    async fn a_report_is_kept_once_a_case_and_replaced_until_the_notice(app: TestApp) {
        let of = received(&app).await;
        report(&app, &of, FOOD, &[point("平面图", None), point("流程图", None)]).await.done();
        report(&app, &of, FOOD, &[point("流程图", None)]).await.done();
        complete(&app, &of, FOOD).await.done();
        report(&app, &of, FOOD, &[point("健康证明", None)]).await.done();
        let rows = missing_report::Entity::find().all(app.program().db.reader()).await.unwrap();
        assert_eq!((rows.len(), rows[0].round), (1, 1));
        assert_eq!(reports(&seen(&app.supervisor(), &of).await)[1], "SJJ-01-002 MISSING 健康证明");
        // Later it may take back, and name nothing more.
        app.clock.set_day("2026-03-09");
        complete(&app, &of, FOOD).await.done();
        let late = report(&app, &of, FOOD, &[point("健康证明", None)]).await;
        assert_eq!(late.user_errors(REPORT), ["REPORT_TOO_LATE"]);
        app.clock.set_day("2026-03-10");
        app.sweep().await;
        assert_eq!(app.file(&of).await.text("acceptanceKind"), "DEEMED", "silence accepts as ever");
        app.assert_sound().await;
    }
}

/// All that was written but events, and up to where an application was swept: what is refused leaves its record and nothing else.
fn without_events(mut written: Written) -> Written {
    written.remove("event");
    written.remove("application");
    written
}
