//! Visits: departments come together at the site or at a table, and nobody else learns what they say there.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::acts::word;
use crate::support::world::{Application, input_for_bundle, new_key};
use crate::support::written::assert_unchanged;
use crate::support::{Answer, Client, TestApp, documents, each_db};

const CALL: &str = "mutation Call($input: ApplicationCallVisitInput!) { applicationCallVisit(input: $input) {
  application { id version visits { id number state version } } userErrors { code message field } } }";

const FIELDS: &str = "id number version kind state beginsAt place convener { code }
  parts { departmentCode persons againBecause attendance conclusion signed opinion } because record
  defects { number text departments { code } state dueOn overdue mendedOn mendedBy { code } finding }";

/// Ten o'clock of 4 March in Shanghai; the clock of the tests begins at nine o'clock of the 2nd.
const WEDNESDAY: &str = "2026-03-04T02:00:00Z";

fn act(name: &str) -> String {
    let input = format!("{}{}Input", name[..1].to_uppercase(), &name[1..]);
    format!(
        "mutation Act($input: {input}!) {{ {name}(input: $input) {{ visit {{ {FIELDS} }} userErrors {{ code message field }} }} }}"
    )
}

/// Does an act on a visit; `rest` is what its input says beside.
async fn does(who: &Client, name: &str, visit: &str, rest: Value) -> Answer {
    let mut input = json!({ "idempotencyKey": new_key(), "visitId": visit });
    let fields = rest.as_object().cloned().unwrap_or_default();
    input.as_object_mut().unwrap().extend(fields);
    who.act(&act(name), input).await
}

/// 联合验收, filed online and accepted: ZRZY and ZJJ, which leads, must visit the site, and XFD and WJW are asked for opinions.
async fn completion(app: &TestApp) -> Application {
    let input = input_for_bundle("YJS-006", &[("Q1", "Y")]);
    let filed = app.applicant().act(&documents::SUBMIT, input).await.done();
    let id = filed.text("applicationSubmit.application.id");
    app.clerk()
        .does("applicationAccept", &id, json!({}))
        .await
        .done();
    let read = app
        .clerk()
        .query(&documents::APPLICATION_BY_ID, json!({ "id": id }))
        .await
        .ok();
    let application = Application::read(&read, "application");
    let ask = "mutation Ask($input: CaseAskOpinionsInput!) { caseAskOpinions(input: $input) { userErrors { code } } }";
    let opinion = |code: &str| json!({ "departmentCode": code, "part": "ADVISORY" });
    let input = json!({ "idempotencyKey": new_key(), "caseId": application.case("ZJJ-01-003").id, "question": "消防是否合格？",
        "rule": "ALL", "opinions": [opinion("XFD"), opinion("WJW")] });
    app.reviewer("ZJJ").act(ask, input).await.done();
    application
}

/// `ZJJ: 张三 李四`, or a department that names nobody yet.
fn departments(of: &[&str]) -> Value {
    let one = |words: &&str| {
        let (code, persons) = words.split_once(':').unwrap_or((words, ""));
        json!({ "departmentCode": code, "persons": persons.split_whitespace().collect::<Vec<_>>() })
    };
    of.iter().map(one).collect()
}

fn calling(application: &Application, kind: &str, of: &[&str]) -> Value {
    json!({ "idempotencyKey": new_key(), "applicationId": application.id, "kind": kind, "beginsAt": WEDNESDAY,
        "place": "滨江路 8 号工地", "departments": departments(of) })
}

/// The lead calls it; answers its identifier.
async fn call(app: &TestApp, application: &Application, kind: &str, of: &[&str]) -> String {
    let called = app
        .lead("ZJJ")
        .act(CALL, calling(application, kind, of))
        .await
        .done();
    let visits = called.list("applicationCallVisit.application.visits");
    visits.last().unwrap()["id"].as_str().unwrap().to_owned()
}

fn line(code: &str, conclusion: Option<&str>) -> Value {
    json!({ "departmentCode": code, "present": conclusion.is_some(), "conclusion": conclusion })
}

async fn seen(who: &Client, application: &Application) -> Answer {
    let visits = format!(
        "query Visits($id: ID!) {{ application(id: $id) {{ visits {{ {FIELDS} }} timeline(first: 100) {{ nodes {{ kind departmentCode
          detail {{ name value }} }} }} }} }}"
    );
    who.query(&visits, json!({ "id": application.id }))
        .await
        .ok()
}

/// What happened to visits, with the department that it was told of.
fn events(answer: &Answer) -> Vec<String> {
    let nodes = answer.list("application.timeline.nodes").iter();
    let told = nodes.map(|event| {
        let department = event["departmentCode"].as_str().unwrap_or("");
        format!("{} {department}", event["kind"].as_str().unwrap())
            .trim_end()
            .to_owned()
    });
    told.filter(|told| told.starts_with("VISIT") || told.starts_with("DEFECT"))
        .collect()
}

async fn owed(app: &TestApp, application: &Application) -> Vec<String> {
    let asked = "query Owed($id: ID!) { application(id: $id) { outlook { owedActs { kind departmentCode } } } }";
    let told = app
        .supervisor()
        .query(asked, json!({ "id": application.id }))
        .await
        .ok();
    let acts = told.list("application.outlook.owedActs").iter();
    let calls = acts.filter(|act| act["kind"] == "CALL_VISIT");
    calls
        .map(|act| act["departmentCode"].as_str().unwrap().to_owned())
        .collect()
}

each_db! {
    async fn a_site_is_visited_together_and_what_is_wrong_is_followed_to_its_end(app: TestApp) {
        let application = completion(&app).await;
        assert_eq!(owed(&app, &application).await, ["ZJJ"], "two must visit the site, so the lead owes the call");
        let visit = call(&app, &application, "SITE_VISIT", &["ZJJ: 张三 李四", "ZRZY", "XFD: 孙七 周八"]).await;
        assert_eq!(owed(&app, &application).await, Vec::<String>::new());

        let named = json!({ "persons": ["王五", "赵六"] });
        let mine = does(&app.reviewer("ZRZY"), "visitNamePersons", &visit, named.clone()).await.done();
        assert_eq!(mine.data("visitNamePersons.visit.parts.1.persons"), &json!(["王五", "赵六"]));
        does(&app.reviewer("ZRZY"), "visitNamePersons", &visit, named).await.done();
        let for_other = json!({ "departmentCode": "XFD", "persons": ["孙七", "吴九"] });
        does(&app.lead("ZJJ"), "visitNamePersons", &visit, for_other).await.done();

        let record = json!({ "record": "到现场查看，形成一致记录。", "lines": [line("ZJJ", Some("消防设施完好")), line("XFD", None)],
            "defects": [{ "text": "东侧围墙越界", "departmentCodes": ["ZRZY", "ZJJ"], "mendBy": "2026-03-10" }] });
        let early = does(&app.lead("ZJJ"), "visitRecord", &visit, record.clone()).await;
        assert_eq!(early.user_errors("visitRecord"), ["VISIT_NOT_BEGUN"]);
        assert!(early.to_string().contains("2026-03-04 10:00"), "{early}");

        app.clock.set_day("2026-03-05");
        let missing = does(&app.lead("ZJJ"), "visitRecord", &visit, record.clone()).await;
        assert_eq!(missing.user_errors("visitRecord"), ["CONCLUSION_MISSING"]);
        assert!(missing.to_string().contains("ZRZY"), "{missing}");
        does(&app.decider("ZRZY"), "visitConclude", &visit, json!({ "conclusion": "围墙越界，其余符合规划" })).await.done();
        let held = does(&app.lead("ZJJ"), "visitRecord", &visit, record).await.done();
        assert_eq!(held.data("visitRecord.visit.parts"), &json!([
            { "departmentCode": "ZJJ", "persons": ["张三", "李四"], "againBecause": null, "attendance": "PRESENT",
              "conclusion": "消防设施完好", "signed": false, "opinion": null },
            { "departmentCode": "ZRZY", "persons": ["王五", "赵六"], "againBecause": null, "attendance": "PRESENT",
              "conclusion": "围墙越界，其余符合规划", "signed": true, "opinion": null },
            { "departmentCode": "XFD", "persons": ["孙七", "吴九"], "againBecause": null, "attendance": "ABSENT",
              "conclusion": null, "signed": null, "opinion": null },
        ]));

        // Each line is there for those who were called, the lead, the window and the supervisor, and for nobody else.
        for who in [app.reviewer("ZJJ"), app.decider("ZRZY"), app.reviewer("XFD"), app.lead("ZJJ"), app.clerk(), app.supervisor()] {
            let told = seen(&who, &application).await;
            assert_eq!(told.text("application.visits.0.record"), "到现场查看，形成一致记录。");
            assert_eq!(told.text("application.visits.0.parts.1.conclusion"), "围墙越界，其余符合规划");
            assert_eq!(told.text("application.visits.0.defects.0.state"), "OPEN");
        }
        for who in [app.reviewer("WJW"), app.administrator()] {
            let told = seen(&who, &application).await;
            let visit = told.data("application.visits.0");
            assert_eq!((&visit["record"], &visit["defects"], visit["place"].as_str()), (&Value::Null, &json!([]), Some("滨江路 8 号工地")));
            let part = json!({ "departmentCode": "XFD", "persons": [], "againBecause": null, "attendance": null, "conclusion": null,
                "signed": null, "opinion": null });
            assert_eq!(visit["parts"][2], part);
        }
        let told = seen(&app.applicant(), &application).await;
        let shown = told.data("application.visits.0");
        assert_eq!((&shown["beginsAt"], &shown["place"], &shown["state"]), (&json!("2026-03-04T02:00:00.000000Z"), &json!("滨江路 8 号工地"), &json!("HELD")));
        assert_eq!((&shown["parts"], &shown["record"], &shown["defects"], &shown["convener"]), (&json!([]), &Value::Null, &json!([]), &Value::Null));
        assert_eq!(events(&told), ["VISIT_CALLED", "VISIT_HELD"]);
        assert!(!told.to_string().contains("XFD"), "{told}");
        assert_eq!(seen(&app.reviewer("CGJ"), &application).await.data("application"), &Value::Null);

        app.clock.set_day("2026-03-11");
        let late = seen(&app.reviewer("ZRZY"), &application).await;
        assert_eq!(late.data("application.visits.0.defects.0.overdue"), &json!(true));
        let mend = json!({ "number": 1, "finding": "围墙已退让" });
        let stranger = does(&app.reviewer("XFD"), "visitMendDefect", &visit, mend.clone()).await;
        assert_eq!(stranger.user_errors("visitMendDefect"), ["DEPARTMENT_TAKES_NO_PART"]);
        let mended = does(&app.reviewer("ZRZY"), "visitMendDefect", &visit, mend.clone()).await.done();
        assert_eq!(mended.data("visitMendDefect.visit.defects"), &json!([{ "number": 1, "text": "东侧围墙越界",
            "departments": [{ "code": "ZRZY" }, { "code": "ZJJ" }], "state": "MENDED", "dueOn": "2026-03-10", "overdue": false,
            "mendedOn": "2026-03-11", "mendedBy": { "code": "ZRZY" }, "finding": "围墙已退让" }]));
        let again = does(&app.reviewer("ZJJ"), "visitMendDefect", &visit, mend).await;
        assert_eq!(again.user_errors("visitMendDefect"), ["WRONG_STATE"]);
        let own = seen(&app.reviewer("ZRZY"), &application).await;
        assert_eq!(events(&own), ["VISIT_CALLED", "VISIT_TOLD ZRZY", "VISIT_PERSONS_NAMED ZRZY", "VISIT_CONCLUDED ZRZY", "VISIT_HELD",
            "DEFECT_MENDED ZRZY"]);
        app.assert_sound().await;
    }

    async fn what_cannot_be_called_is_refused_with_its_place_and_nothing_is_written(app: TestApp) {
        let application = completion(&app).await;
        let lead = app.lead("ZJJ");
        lead.token().await;
        let before = app.written().await;
        let base = |of: &[&str]| calling(&application, "SITE_VISIT", of);
        let with = |field: &str, value: Value| {
            let mut input = base(&["ZJJ", "ZRZY"]);
            input[field] = value;
            input
        };
        for (input, code, field) in [
            (base(&["ZJJ: 张三", "ZRZY"]), "TWO_PERSONS_NEEDED", "departments.0.persons"),
            (base(&["ZJJ", "ZRZY: 王五 王五"]), "PERSON_TWICE", "departments.1.persons.1"),
            (base(&["ZJJ"]), "DEPARTMENTS_TOO_FEW", "departments"),
            (base(&["ZJJ", "ZJJ"]), "DEPARTMENT_TWICE", "departments.1.departmentCode"),
            (base(&["ZJJ", "CGJ"]), "DEPARTMENT_TAKES_NO_PART", "departments.1.departmentCode"),
            (with("beginsAt", json!("2026-03-01T02:00:00Z")), "VISIT_IN_PAST", "beginsAt"),
            (with("beginsAt", json!("2026-03-02T06:00:00Z")), "VISIT_NOTICE_SHORT", "beginsAt"),
            (with("beginsAt", json!("2028-03-02T06:00:00Z")), "DATE_OUT_OF_RANGE", "beginsAt"),
            (with("place", json!("  ")), "TEXT_EMPTY", "place"),
            (with("expectedVersion", json!(999)), "CONFLICT", "expectedVersion"),
            (with("applicationId", json!("case:1")), "ID_MALFORMED", "applicationId"),
        ] {
            let refused = lead.act(CALL, input.clone()).await;
            assert_eq!(refused.user_errors("applicationCallVisit"), [code], "{input}");
            assert_eq!(refused.fields("applicationCallVisit"), [field], "{input}");
        }
        // Whoever does not lead calls nobody; to whom it is not shown it does not exist.
        for (who, code) in [
            (app.reviewer("ZJJ"), "FORBIDDEN"),
            (app.decider("ZRZY"), "NOT_YOURS"),
            (app.lead("ZRZY"), "NOT_YOURS"),
            (app.lead("CGJ"), "NOT_FOUND"),
        ] {
            let refused = who.act(CALL, base(&["ZJJ", "ZRZY"])).await;
            assert_eq!(refused.user_errors("applicationCallVisit"), [code]);
        }
        for who in [app.clerk(), app.applicant(), app.supervisor(), app.system()] {
            let refused = who.act(CALL, base(&["ZJJ", "ZRZY"])).await;
            assert!(refused.to_string().contains("FORBIDDEN"), "{refused}");
        }
        assert_unchanged(&before, &app.written().await, "what cannot be called");

        let visit = call(&app, &application, "SITE_VISIT", &["ZJJ: 张三 李四", "ZRZY"]).await;
        let before = app.written().await;
        let again = lead.act(CALL, base(&["ZJJ", "XFD"])).await;
        assert_eq!(again.user_errors("applicationCallVisit"), ["VISIT_OPEN"]);
        let move_to = |at: &str, why: &str| json!({ "beginsAt": at, "reasons": why });
        for (who, name, rest, code) in [
            (&lead, "visitMove", move_to("2026-03-02T02:00:00Z", "下雨"), "VISIT_NOTICE_SHORT"),
            (&lead, "visitMove", move_to("2026-03-05T02:00:00Z", " "), "REASONS_REQUIRED"),
            (&lead, "visitCancel", json!({ "reasons": "" }), "REASONS_REQUIRED"),
            (&lead, "visitMendDefect", json!({ "number": 1, "finding": "无" }), "WRONG_STATE"),
            (&lead, "visitNamePersons", json!({ "departmentCode": "XFD", "persons": ["甲", "乙"] }), "DEPARTMENT_TAKES_NO_PART"),
            (&app.reviewer("ZRZY"), "visitNamePersons", json!({ "persons": ["甲"] }), "TWO_PERSONS_NEEDED"),
            (&app.reviewer("ZRZY"), "visitConclude", json!({ "conclusion": "合格" }), "VISIT_NOT_BEGUN"),
            (&app.reviewer("ZRZY"), "visitCancel", json!({ "reasons": "无" }), "NOT_YOURS"),
            (&app.reviewer("XFD"), "visitConclude", json!({ "conclusion": "合格" }), "NOT_YOURS"),
            (&app.reviewer("CGJ"), "visitNamePersons", json!({ "persons": ["甲", "乙"] }), "NOT_FOUND"),
        ] {
            let refused = does(who, name, &visit, rest).await;
            assert_eq!(refused.user_errors(name), [code], "{name}");
        }
        assert_unchanged(&before, &app.written().await, "what cannot be done");
        app.assert_sound().await;
    }

    /// It was called and did not come yet; its opinion is not wanted any more, so all of it is gone for it.
    async fn who_is_not_asked_any_more_does_nothing_at_a_visit_to_which_it_was_called(app: TestApp) {
        let application = completion(&app).await;
        let visit = call(&app, &application, "SITE_VISIT", &["ZJJ: 张三 李四", "XFD"]).await;
        let xfd = app.reviewer("XFD");
        does(&xfd, "visitNamePersons", &visit, json!({ "persons": ["孙七", "周八"] })).await.done();
        let asked = "query Asked($id: ID!) { case(id: $id) { reviews { id department { code } } } }";
        let asked = app.supervisor().query(asked, json!({ "id": application.case("ZJJ-01-003").id })).await.ok();
        let review = asked.list("case.reviews").iter().find(|review| review["department"]["code"] == "XFD").unwrap()["id"].clone();
        let withdraw = json!({ "idempotencyKey": new_key(), "reviewId": review, "reasons": "误送" });
        app.reviewer("ZJJ").act(&documents::WITHDRAW_OPINION, withdraw).await.done();
        assert_eq!(seen(&xfd, &application).await.data("application"), &Value::Null);

        let absent = "visit:00000000-0000-7000-8000-000000000000";
        let before = app.written().await;
        for who in [&xfd, &app.decider("XFD"), &app.lead("XFD")] {
            for (name, rest) in [
                ("visitNamePersons", json!({ "persons": ["孙七", "吴九"] })),
                ("visitConclude", json!({ "conclusion": "合格" })),
                ("visitMendDefect", json!({ "number": 1, "finding": "已整改" })),
                ("visitCancel", json!({ "reasons": "无" })),
            ] {
                let refused = does(who, name, &visit, rest.clone()).await;
                let unknown = does(who, name, absent, rest).await;
                assert_eq!(refused.data(name), unknown.data(name), "{name}: as if it did not exist");
                assert_eq!(refused.data(name)["visit"], Value::Null, "{name}");
            }
            let refused = does(who, "visitConclude", &visit, json!({ "conclusion": "合格" })).await;
            assert_eq!(refused.user_errors("visitConclude"), ["NOT_FOUND"]);
        }
        assert_unchanged(&before, &app.written().await, "what is done by nobody whom it concerns");
        // Who is called and sees it goes on.
        does(&app.reviewer("ZJJ"), "visitNamePersons", &visit, json!({ "persons": ["张三", "王二"] })).await.done();
        app.assert_sound().await;
    }

    async fn a_position_at_a_meeting_is_an_opinion_where_it_names_a_review(app: TestApp) {
        let application = completion(&app).await;
        let review = application.case("ZRZY-07-001").review.id.clone();
        // The centre may call, too.
        let input = calling(&application, "MEETING", &["ZJJ", "ZRZY"]);
        let called = app.administrator().act(CALL, input).await.done();
        let visit = called.text("applicationCallVisit.application.visits.0.id");
        let moved = json!({ "beginsAt": "2026-03-05T02:00:00Z", "place": "中心 302 会议室", "reasons": "会议室占用" });
        does(&app.lead("ZJJ"), "visitMove", &visit, moved).await.done();
        app.clock.set_day("2026-03-06");

        let says = |review: &str, opinion: &str| json!({ "conclusion": "同意通过", "position": { "reviewId": review, "opinion": opinion } });
        let other = application.case("ZJJ-01-003").review.id.clone();
        let before = app.written().await;
        let refused = does(&app.reviewer("ZRZY"), "visitConclude", &visit, says(&other, "AGREE")).await;
        assert_eq!(refused.user_errors("visitConclude"), ["NOT_YOURS"]);
        let refused = does(&app.decider("ZRZY"), "visitConclude", &visit, says(&review, "AGREE")).await;
        assert_eq!(refused.user_errors("visitConclude"), ["FORBIDDEN"]);
        assert_unchanged(&before, &app.written().await, "an opinion that cannot be given");
        does(&app.reviewer("ZRZY"), "visitConclude", &visit, says(&review, "AGREE")).await.done();

        let asked = "query Review($id: ID!) { review(id: $id) { state opinion reasons case { state } } }";
        let given = app.reviewer("ZRZY").query(asked, json!({ "id": review })).await.ok();
        assert_eq!(given.data("review"), &json!({ "state": "GIVEN", "opinion": "AGREE", "reasons": "同意通过", "case": { "state": "DECIDING" } }));
        for told in app.file(&application).await.events("OPINION_GIVEN") {
            assert_eq!(word(&told, "digest").map(str::len), Some(64), "each is signed: {told}");
        }
        let late = does(&app.lead("ZJJ"), "visitCancel", &visit, json!({ "reasons": "不再需要" })).await;
        assert_eq!(late.user_errors("visitCancel"), ["CONCLUSION_TWICE"], "somebody has spoken at it");

        let record = json!({ "record": "会议纪要", "lines": [line("ZJJ", Some("同意"))] });
        let held = does(&app.administrator(), "visitRecord", &visit, record).await.done();
        assert_eq!(held.data("visitRecord.visit.parts.1.opinion"), &json!("AGREE"));
        assert_eq!(held.data("visitRecord.visit.parts.0.opinion"), &Value::Null, "what the minutes report is no opinion");
        app.grant(application.case("ZRZY-07-001")).await;
        app.assert_sound().await;
    }

    async fn where_nobody_leads_the_department_calls_and_the_site_is_seen_twice_for_a_reason(app: TestApp) {
        let application = app.submit(&["SJJ-01-002", "WJW-01-001"]).await;
        let reviewer = app.reviewer("SJJ");
        let called = reviewer.act(CALL, calling(&application, "SITE_VISIT", &["SJJ: 甲 乙", "WJW: 丙 丁"])).await.done();
        let visit = called.text("applicationCallVisit.application.visits.0.id");
        app.clock.set_day("2026-03-05");
        let record = json!({ "record": "已查看", "lines": [line("SJJ", Some("需整改")), line("WJW", Some("合格"))] });
        does(&reviewer, "visitRecord", &visit, record).await.done();
        let mut again = calling(&application, "SITE_VISIT", &["WJW: 丙 丁", "SJJ: 甲 乙"]);
        again["beginsAt"] = json!("2026-03-09T02:00:00Z");
        again["departments"][0]["reasons"] = json!("复核排水");
        let bare = reviewer.act(CALL, again.clone()).await;
        assert_eq!(bare.user_errors("applicationCallVisit"), ["REASONS_REQUIRED"]);
        assert_eq!(bare.fields("applicationCallVisit"), ["departments.1.reasons"]);
        again["idempotencyKey"] = json!(new_key());
        again["departments"][1]["reasons"] = json!("整改后复查");
        reviewer.act(CALL, again).await.done();
        let told = seen(&reviewer, &application).await;
        assert_eq!(told.text("application.visits.1.parts.1.againBecause"), "整改后复查");
        let second = told.text("application.visits.1.id");
        let cancel = json!({ "reasons": "照片已足够" });
        does(&reviewer, "visitCancel", &second, cancel.clone()).await.done();
        does(&reviewer, "visitCancel", &second, cancel).await.done();
        let told = seen(&app.supervisor(), &application).await;
        assert_eq!((told.text("application.visits.1.state"), told.text("application.visits.1.because")),
            ("CANCELLED".to_owned(), "照片已足够".to_owned()));
        assert_eq!(events(&told).iter().filter(|told| *told == "VISIT_CANCELLED").count(), 1);
        let node = "query Node($id: ID!) { node(id: $id) { ... on Visit { number application { id } } } }";
        let found = app.supervisor().query(node, json!({ "id": second })).await.ok();
        assert_eq!(found.data("node"), &json!({ "number": 2, "application": { "id": application.id } }));
        app.assert_sound().await;
    }

    /// Under one key it is called once; of many records at once one is made, and of many calls one.
    async fn of_many_who_act_at_once_one_wins(app: TestApp) {
        let application = completion(&app).await;
        let lead = app.lead("ZJJ");
        let input = calling(&application, "SITE_VISIT", &["ZJJ: 张三 李四", "ZRZY: 王五 赵六"]);
        lead.act(CALL, input.clone()).await.done();
        let same = lead.act(CALL, input).await.done();
        let visits = same.list("applicationCallVisit.application.visits");
        assert_eq!(visits.len(), 1);
        let visit = visits[0]["id"].as_str().unwrap().to_owned();
        app.clock.set_day("2026-03-05");
        let record = |n: usize| json!({ "record": format!("记录 {n}"), "lines": [line("ZJJ", Some("合格")), line("ZRZY", None)] });
        let records = (0..6).map(async |n| does(&app.lead("ZJJ"), "visitRecord", &visit, record(n)).await);
        let answers = join_all(records).await;
        let refused: Vec<Vec<String>> = answers.iter().map(|answer| answer.user_errors("visitRecord")).collect();
        assert_eq!(refused.iter().filter(|codes| codes.is_empty()).count(), 1, "{refused:?}");
        assert!(refused.iter().flatten().all(|code| code == "WRONG_STATE"), "{refused:?}");
        let calls = (0..4).map(async |_| {
            let input = json!({ "beginsAt": "2026-03-09T02:00:00Z" });
            let mut again = calling(&application, "MEETING", &["ZJJ", "ZRZY"]);
            again["beginsAt"] = input["beginsAt"].clone();
            app.lead("ZJJ").act(CALL, again).await
        });
        let answers = join_all(calls).await;
        let called = answers.iter().filter(|answer| answer.user_errors("applicationCallVisit").is_empty());
        assert_eq!(called.count(), 1);
        let told = seen(&app.supervisor(), &application).await;
        assert_eq!(told.list("application.visits").len(), 2);
        assert_eq!(events(&told).iter().filter(|told| *told == "VISIT_HELD").count(), 1);
        app.assert_sound().await;
    }
}

mod governed {
    //! Where a centre has decided otherwise.

    use super::*;
    use crate::support::log::Log;

    each_db! { on seeded
        async fn absence_consents_to_the_record_where_the_centre_says_so_and_is_no_opinion(database: TestDatabase) {
            let (app, server) = TestApp::start_with(database, &Log::default(), false, |config| {
                config.visits.absence_consent = true;
                config.visits.notice_workdays = 2;
            })
            .await;
            let application = completion(&app).await;
            let mut short = calling(&application, "MEETING", &["ZJJ", "ZRZY"]);
            short["beginsAt"] = json!("2026-03-03T02:00:00Z");
            let refused = app.lead("ZJJ").act(CALL, short).await;
            assert_eq!(refused.user_errors("applicationCallVisit"), ["VISIT_NOTICE_SHORT"]);
            assert!(refused.to_string().contains("2026-03-04"), "{refused}");
            let visit = call(&app, &application, "MEETING", &["ZJJ", "ZRZY"]).await;
            app.clock.set_day("2026-03-05");
            let record = json!({ "record": "会议纪要", "lines": [line("ZJJ", Some("同意")), line("ZRZY", None)] });
            let held = does(&app.lead("ZJJ"), "visitRecord", &visit, record).await.done();
            let part = held.data("visitRecord.visit.parts.1");
            assert_eq!((&part["attendance"], &part["conclusion"], &part["opinion"]), (&json!("ABSENT_CONSENTS"), &Value::Null, &Value::Null));
            let read = app.reread(&application).await;
            assert_eq!(read.case("ZRZY-07-001").review.state, "OPEN", "its opinion is still owed");
            app.assert_sound().await;
            server.stop().await;
        }
    }
}
