//! Mediation: a conflict between two opinions is settled, or climbs from level to level, and nobody else learns of it.

use futures_util::future::join_all;
use lianshen::case;
use lianshen::env::Clock as _;
use lianshen_domain::calendar::local_date;
use lianshen_domain::event::EventKind;
use lianshen_entity::{Coded, event};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, Set};
use serde_json::{Value, json};

use crate::support::acts::word;
use crate::support::cards::card_line;
use crate::support::world::{Application, Case, input_for_bundle, new_key};
use crate::support::written::assert_unchanged;
use crate::support::{Answer, Client, TestApp, documents, each_db};

const FIELDS: &str = "id number version kind state level heldBy { code } dueOn overdue
  parties { departmentCode reviewId } categories question levels { level department { code } reachedOn because }
  positions { departmentCode text } settlement minority { code } minorityView endedOn";

const OPEN: &str =
    "mutation Open($input: CaseOpenMediationInput!) { caseOpenMediation(input: $input) {
  case { version mediations { id state } } userErrors { code message field } } }";

/// The case that is disputed: ZRZY handles it, and ZJJ leads the whole.
const ITEM: &str = "ZRZY-07-001";

fn act(name: &str) -> String {
    let input = format!("{}{}Input", name[..1].to_uppercase(), &name[1..]);
    format!(
        "mutation Act($input: {input}!) {{ {name}(input: $input) {{ mediation {{ {FIELDS} }} userErrors {{ code message field }} }} }}"
    )
}

/// Does an act on a mediation; `rest` is what its input says beside.
async fn does(who: &Client, name: &str, mediation: &str, rest: Value) -> Answer {
    let mut input = json!({ "idempotencyKey": new_key(), "mediationId": mediation });
    let fields = rest.as_object().cloned().unwrap_or_default();
    input.as_object_mut().unwrap().extend(fields);
    who.act(&act(name), input).await
}

async fn asked(app: &TestApp, case: &Case, of: &[&str]) -> Vec<String> {
    let one = |words: &&str| {
        let article = words.ends_with('!').then_some("某条例 第八条");
        json!({ "departmentCode": words.trim_end_matches('!'), "part": "MANDATORY", "vetoArticle": article })
    };
    let opinions: Vec<Value> = of.iter().map(one).collect();
    let input = json!({ "idempotencyKey": new_key(), "caseId": case.id, "question": "消防是否合格？", "rule": "ALL", "opinions": opinions });
    let asking = app.reviewer(&case.department);
    let asked = asking.act(&documents::ASK_OPINIONS, input).await.done();
    let reviews = asked.list("caseAskOpinions.case.reviews");
    let ids = reviews
        .iter()
        .map(|review| review["id"].as_str().unwrap().to_owned());
    ids.skip(reviews.len() - of.len()).collect()
}

async fn opine(app: &TestApp, department: &str, review: &str, opinion: &str) {
    let reasons = (opinion == "DISAGREE").then_some("疏散通道不符合规范");
    let input = json!({ "idempotencyKey": new_key(), "reviewId": review, "opinion": opinion, "reasons": reasons });
    let reviewer = app.reviewer(department);
    reviewer.act(&documents::GIVE_OPINION, input).await.done();
}

/// 联合验收, accepted; ZRZY agrees to its case, where XFD, which was asked, does not. Answers the two reviews.
async fn disputed(app: &TestApp, asking: &[&str]) -> (Application, [String; 2]) {
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
    let case = application.case(ITEM);
    let reviews = asked(app, case, asking).await;
    opine(app, "XFD", &reviews[0], "DISAGREE").await;
    for (other, review) in asking.iter().zip(&reviews).skip(1) {
        opine(app, other, review, "AGREE").await;
    }
    app.agree(&case.review).await;
    let pair = [case.review.id.clone(), reviews[0].clone()];
    (application, pair)
}

fn opening(case: &Case, between: &[String]) -> Value {
    json!({ "idempotencyKey": new_key(), "caseId": case.id, "reviewIds": between, "question": "疏散通道是否可以整改后使用？" })
}

/// The lead opens it; answers its identifier.
async fn open(app: &TestApp, application: &Application, between: &[String]) -> String {
    let lead = app.lead("ZJJ");
    let opened = lead
        .act(OPEN, opening(application.case(ITEM), between))
        .await
        .done();
    let all = opened.list("caseOpenMediation.case.mediations");
    all.last().unwrap()["id"].as_str().unwrap().to_owned()
}

async fn seen(who: &Client, application: &Application) -> Answer {
    let asked = format!(
        "query Mediations($id: ID!) {{ application(id: $id) {{ cases {{ caseNumber state mediations {{ {FIELDS} }} clocks {{ kind ordinal
          deadline {{ dueOn state }} }} }} timeline(first: 100) {{ nodes {{ kind departmentCode detail {{ name value }} happenedAt }} }} }} }}"
    );
    who.query(&asked, json!({ "id": application.id }))
        .await
        .ok()
}

fn all(answer: &Answer) -> Vec<Value> {
    let cases = answer.list("application.cases").iter();
    cases
        .flat_map(|case| case["mediations"].as_array().unwrap().clone())
        .collect()
}

/// The clocks of inner work that somebody is told moved, with the departments that they bind; of others everybody is told.
async fn moved_for(who: &Client, application: &Application) -> Vec<String> {
    let asked = "query Moved($id: ID!) { application(id: $id) { timeline(first: 100) { nodes { kind departmentCode
      detail { name value } } } } }";
    let told = who.query(asked, json!({ "id": application.id })).await.ok();
    moved(told.list("application.timeline.nodes"))
}

/// The same for whoever holds receipt number and query code.
async fn moved_in_public(app: &TestApp, application: &Application) -> Vec<String> {
    let asked = "query Moved($receipt: String!, $code: String!) { progress(receiptNumber: $receipt, queryCode: $code) {
      timeline { kind departmentCode detail { name value } } } }";
    let held = json!({ "receipt": application.receipt_number, "code": application.query_code });
    let told = app.nobody().query(asked, held).await.ok();
    moved(told.list("progress.timeline"))
}

fn moved(events: &[Value]) -> Vec<String> {
    let moved = events
        .iter()
        .filter(|event| event["kind"] == "CALENDAR_RECOMPUTED");
    let told: Vec<String> = moved
        .map(|event| {
            let clock = word(event, "clock").unwrap();
            format!(
                "{clock} {}",
                event["departmentCode"].as_str().unwrap_or("-")
            )
        })
        .collect();
    assert!(told.contains(&"PROMISED ZRZY".to_owned()), "{told:?}");
    let mut inner: Vec<String> = told
        .into_iter()
        .filter(|told| told.starts_with("OPINION") || told.starts_with("MEDIATION"))
        .collect();
    inner.sort();
    inner
}

/// Lays the events of a notice into the database as former versions wrote them: all of them public, and with no word of what
/// they are about.
async fn as_formerly_written(app: &TestApp) {
    let connection = app.database().await;
    let kind = Coded(EventKind::CalendarRecomputed);
    let found = event::Entity::find().filter(event::Column::Kind.eq(kind));
    for row in found.all(&connection).await.unwrap() {
        let mut detail = row.detail.clone();
        for name in ["asked", "mediation"] {
            detail.as_object_mut().unwrap().remove(name);
        }
        let former = event::ActiveModel {
            id: Set(row.id),
            public: Set(true),
            detail: Set(detail),
            ..Default::default()
        };
        event::Entity::update(former)
            .exec(&connection)
            .await
            .unwrap();
    }
}

/// What happened: `MEDIATION_CLIMBED ZRZY CENTRE 2026-04-09`.
fn events(answer: &Answer) -> Vec<String> {
    let nodes = answer.list("application.timeline.nodes").iter();
    let told = nodes.filter(|event| event["kind"].as_str().unwrap().starts_with("MEDIATION"));
    told.map(|event| {
        let words = event["detail"].as_array().unwrap().iter();
        let level = words
            .filter(|word| word["name"] == "level")
            .map(|word| word["value"].as_str().unwrap())
            .next();
        format!(
            "{} {} {} {}",
            event["kind"].as_str().unwrap(),
            event["departmentCode"].as_str().unwrap_or("-"),
            level.unwrap_or("-"),
            local_date(event["happenedAt"].as_str().unwrap().parse().unwrap()),
        )
    })
    .collect()
}

async fn owed(who: &Client, application: &Application) -> Vec<String> {
    let asked = "query Owed($id: ID!) { application(id: $id) { outlook { owedActs { kind by departmentCode clock dueOn } } } }";
    let told = who.query(asked, json!({ "id": application.id })).await.ok();
    let acts = told.list("application.outlook.owedActs").iter();
    let mediations = acts.filter(|act| act["kind"] == "MEDIATE");
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    mediations
        .map(|act| {
            format!(
                "{} {} {} {}",
                text(&act["by"]),
                text(&act["departmentCode"]),
                text(&act["clock"]),
                text(&act["dueOn"])
            )
        })
        .collect()
}

each_db! {
    async fn a_conflict_is_settled_by_the_lead_and_then_the_case_goes_on(app: TestApp) {
        let (application, pair) = disputed(&app, &["XFD"]).await;
        let case = application.case(ITEM);
        let mediation = open(&app, &application, &pair).await;
        assert_eq!(owed(&app.supervisor(), &application).await, ["DEPARTMENT ZJJ MEDIATION 2026-03-05"]);
        assert_eq!(owed(&app.clerk(), &application).await, Vec::<String>::new());

        let position = |text: &str| json!({ "position": text });
        does(&app.reviewer("XFD"), "mediationTakePosition", &mediation, position("须先整改")).await.done();
        does(&app.reviewer("XFD"), "mediationTakePosition", &mediation, position("须先整改")).await.done();
        does(&app.decider("ZRZY"), "mediationTakePosition", &mediation, position("可以限期整改")).await.done();
        let told = does(&app.decider("XFD"), "mediationTakePosition", &mediation, position("限期五日")).await.done();
        assert_eq!(told.data("mediationTakePosition.mediation.positions"), &json!([
            { "departmentCode": "XFD", "text": "须先整改" }, { "departmentCode": "ZRZY", "text": "可以限期整改" },
            { "departmentCode": "XFD", "text": "限期五日" }]));

        // A grant would make it moot; its clocks run on, and it may be refused.
        let before = app.written().await;
        let refused = app.decide(case, "GRANT", Some("已协调")).await;
        assert_eq!(refused.user_errors("caseDecide"), ["MEDIATION_OPEN"]);
        assert_unchanged(&before, &app.written().await, "a grant while it is open");

        let settle = json!({ "settlement": "限期五日整改，消防复查后同意" });
        let done = does(&app.lead("ZJJ"), "mediationSettle", &mediation, settle.clone()).await.done();
        let shown = done.data("mediationSettle.mediation");
        assert_eq!((&shown["state"], &shown["settlement"], &shown["endedOn"], &shown["dueOn"]),
            (&json!("SETTLED"), &json!("限期五日整改，消防复查后同意"), &json!("2026-03-02"), &Value::Null));
        does(&app.lead("ZJJ"), "mediationSettle", &mediation, settle).await.done();
        assert_eq!(owed(&app.supervisor(), &application).await, Vec::<String>::new());

        // No opinion changes by it: the department is asked once more.
        let reasons = app.decide(case, "GRANT", None).await;
        assert_eq!(reasons.user_errors("caseDecide"), ["REASONS_REQUIRED"]);
        let again = asked(&app, case, &["XFD"]).await;
        opine(&app, "XFD", &again[0], "AGREE").await;
        app.decide(case, "GRANT", None).await.done();
        let told = seen(&app.lead("ZJJ"), &application).await;
        assert_eq!(events(&told), [
            "MEDIATION_OPENED ZRZY LEAD 2026-03-02", "MEDIATION_TOLD XFD LEAD 2026-03-02", "MEDIATION_TOLD ZJJ LEAD 2026-03-02",
            "MEDIATION_POSITION_TAKEN XFD - 2026-03-02", "MEDIATION_POSITION_TAKEN ZRZY - 2026-03-02",
            "MEDIATION_POSITION_TAKEN XFD - 2026-03-02",
            "MEDIATION_SETTLED ZRZY LEAD 2026-03-02", "MEDIATION_TOLD XFD LEAD 2026-03-02", "MEDIATION_TOLD ZJJ LEAD 2026-03-02",
        ]);
        app.assert_sound().await;
    }

    /// What was asked of nobody, of one case alone, of two that agree, or of another's own licence.
    async fn what_cannot_be_mediated_is_refused_and_nothing_is_written(app: TestApp) {
        let (application, pair) = disputed(&app, &["XFD", "WJW"]).await;
        let case = application.case(ITEM);
        let lead = app.lead("ZJJ");
        lead.token().await;
        let read = app.lead("ZJJ").query("query R($id: ID!) { case(id: $id) { reviews { id } } }", json!({ "id": case.id })).await.ok();
        let agreeing = read.list("case.reviews")[2]["id"].as_str().unwrap().to_owned();
        let licence = application.case("ZJJ-01-003").review.id.clone();
        let before = app.written().await;
        let with = |field: &str, value: Value| {
            let mut input = opening(case, &pair);
            input[field] = value;
            input
        };
        let absent = "review:00000000-0000-7000-8000-000000000000";
        for (input, code, field) in [
            (opening(case, &[pair[0].clone(), agreeing]), "NO_CONFLICT", "reviewIds"),
            (opening(case, &pair[..1]), "NO_CONFLICT", "reviewIds"),
            (opening(case, &[pair[0].clone(), pair[0].clone()]), "NO_CONFLICT", "reviewIds"),
            (opening(case, &[pair[0].clone(), licence]), "OTHER_LICENCE", "reviewIds.1"),
            (with("reviewIds", json!([pair[0], absent])), "NOT_FOUND", "reviewIds.1"),
            (with("reviewIds", json!([case.id, pair[1]])), "ID_WRONG_KIND", "reviewIds.0"),
            (with("question", json!(" ")), "TEXT_EMPTY", "question"),
            (with("question", json!("问".repeat(4_001))), "TEXT_TOO_LONG", "question"),
            (with("expectedVersion", json!(999)), "CONFLICT", "expectedVersion"),
        ] {
            let refused = lead.act(OPEN, input.clone()).await;
            assert_eq!(refused.user_errors("caseOpenMediation"), [code], "{input}");
            assert_eq!(refused.fields("caseOpenMediation"), [field], "{input}");
        }
        let waits = lead.act(OPEN, opening(application.case("ZJJ-10-001"), &pair)).await;
        assert_eq!(waits.user_errors("caseOpenMediation"), ["AWAITS_PREDECESSOR"]);
        // Whoever does not lead opens none; to whom the case is not shown it does not exist.
        for (who, code) in [
            (app.decider("ZRZY"), "NOT_YOURS"),
            (app.lead("ZRZY"), "NOT_YOURS"),
            (app.administrator(), "NOT_YOURS"),
            (app.lead("CGJ"), "NOT_FOUND"),
        ] {
            let refused = who.act(OPEN, opening(case, &pair)).await;
            assert_eq!(refused.user_errors("caseOpenMediation"), [code]);
        }
        for who in [app.reviewer("ZRZY"), app.clerk(), app.applicant(), app.supervisor(), app.system()] {
            let refused = who.act(OPEN, opening(case, &pair)).await;
            assert!(refused.to_string().contains("FORBIDDEN"), "{refused}");
        }
        assert_unchanged(&before, &app.written().await, "what cannot be mediated");

        let mediation = open(&app, &application, &pair).await;
        let before = app.written().await;
        let again = lead.act(OPEN, opening(case, &[pair[1].clone(), pair[0].clone()])).await;
        assert_eq!(again.user_errors("caseOpenMediation"), ["MEDIATION_OPEN"]);
        let why = |department: Value| json!({ "reasons": "双方不能一致", "departmentCode": department });
        for (who, name, rest, code) in [
            (app.lead("ZJJ"), "mediationClimb", json!({ "reasons": " " }), "REASONS_REQUIRED"),
            (app.lead("ZJJ"), "mediationClimb", why(json!("FGW")), "NOT_TO_BE_NAMED"),
            (app.lead("ZJJ"), "mediationClimb", why(json!("NOBODY")), "DEPARTMENT_UNKNOWN"),
            (app.lead("ZJJ"), "mediationRecordMinority", json!({ "departmentCode": "WJW", "view": "无" }), "NOT_A_PARTY"),
            (app.lead("ZJJ"), "mediationSettle", json!({ "settlement": "" }), "TEXT_EMPTY"),
            (app.lead("ZJJ"), "mediationSettle", json!({ "settlement": "好", "expectedVersion": 7 }), "CONFLICT"),
            (app.administrator(), "mediationSettle", json!({ "settlement": "好" }), "MEDIATION_ELSEWHERE"),
            (app.decider("ZRZY"), "mediationSettle", json!({ "settlement": "好" }), "MEDIATION_ELSEWHERE"),
            (app.decider("WJW"), "mediationSettle", json!({ "settlement": "好" }), "NOT_FOUND"),
            (app.decider("FGW"), "mediationSettle", json!({ "settlement": "好" }), "NOT_FOUND"),
            (app.reviewer("WJW"), "mediationTakePosition", json!({ "position": "好" }), "NOT_FOUND"),
            (app.lead("ZJJ"), "mediationTakePosition", json!({ "position": "好" }), "NOT_A_PARTY"),
            (app.reviewer("XFD"), "mediationTakePosition", json!({ "position": "好".repeat(4_001) }), "TEXT_TOO_LONG"),
            (app.reviewer("XFD"), "mediationSettle", json!({ "settlement": "好" }), "FORBIDDEN"),
            (app.administrator(), "mediationTakePosition", json!({ "position": "好" }), "FORBIDDEN"),
            (app.supervisor(), "mediationSettle", json!({ "settlement": "好" }), "FORBIDDEN"),
            (app.clerk(), "mediationClimb", json!({ "reasons": "好" }), "FORBIDDEN"),
        ] {
            let refused = does(&who, name, &mediation, rest).await;
            assert!(refused.to_string().contains(code), "{name}: {refused}");
        }
        assert_unchanged(&before, &app.written().await, "what cannot be done");

        // What the administrator may not do at the level of the lead, and whom the centre may not name.
        does(&app.lead("ZJJ"), "mediationClimb", &mediation, json!({ "reasons": "双方不能一致" })).await.done();
        let before = app.written().await;
        for (who, name, rest, code) in [
            (app.lead("ZJJ"), "mediationSettle", json!({ "settlement": "好" }), "MEDIATION_ELSEWHERE"),
            (app.administrator(), "mediationClimb", why(json!("XFD")), "NOT_TO_BE_NAMED"),
            (app.administrator(), "mediationClimb", why(json!("ZRZY")), "NOT_TO_BE_NAMED"),
        ] {
            let refused = does(&who, name, &mediation, rest).await;
            assert_eq!(refused.user_errors(name), [code], "{refused}");
        }
        assert_unchanged(&before, &app.written().await, "what is at another level");
        app.assert_sound().await;
    }

    async fn the_view_of_a_minority_stands_on_record_and_the_grant_gives_reasons(app: TestApp) {
        let (application, pair) = disputed(&app, &["XFD"]).await;
        let case = application.case(ITEM);
        let mediation = open(&app, &application, &pair).await;
        let up = json!({ "reasons": "双方不能一致" });
        let climbed = does(&app.lead("ZJJ"), "mediationClimb", &mediation, up).await.done();
        assert_eq!(climbed.data("mediationClimb.mediation.levels"), &json!([
            { "level": "LEAD", "department": { "code": "ZJJ" }, "reachedOn": "2026-03-02", "because": null },
            { "level": "CENTRE", "department": null, "reachedOn": "2026-03-02", "because": "双方不能一致" }]));
        let minority = json!({ "departmentCode": "XFD", "view": "疏散宽度不足，不应同意" });
        let done = does(&app.administrator(), "mediationRecordMinority", &mediation, minority).await.done();
        let shown = done.data("mediationRecordMinority.mediation");
        assert_eq!((&shown["state"], &shown["minority"], &shown["minorityView"], &shown["settlement"]),
            (&json!("MINORITY_VIEW"), &json!({ "code": "XFD" }), &json!("疏散宽度不足，不应同意"), &Value::Null));
        let late = does(&app.reviewer("XFD"), "mediationTakePosition", &mediation, json!({ "position": "补充" })).await;
        assert_eq!(late.user_errors("mediationTakePosition"), ["WRONG_STATE"]);
        let bare = app.decide(case, "GRANT", None).await;
        assert_eq!(bare.user_errors("caseDecide"), ["REASONS_REQUIRED"]);
        app.decide(case, "GRANT", Some("宽度经现场复核满足现行规范")).await.done();
        assert_eq!(events(&seen(&app.reviewer("XFD"), &application).await), [
            "MEDIATION_TOLD XFD LEAD 2026-03-02", "MEDIATION_TOLD XFD CENTRE 2026-03-02", "MEDIATION_TOLD XFD CENTRE 2026-03-02"]);
        app.assert_sound().await;
    }

    /// No mediation lifts a veto, and with the end of the case there is nothing left to settle.
    async fn a_veto_stays_a_veto_and_what_ends_closes_what_is_open(app: TestApp) {
        let (application, pair) = disputed(&app, &["XFD!"]).await;
        let case = application.case(ITEM);
        let mediation = open(&app, &application, &pair).await;
        let view = json!({ "departmentCode": "ZRZY", "view": "应当同意" });
        does(&app.lead("ZJJ"), "mediationRecordMinority", &mediation, view).await.done();
        let vetoed = app.decide(case, "GRANT", Some("已协调")).await;
        assert_eq!(vetoed.user_errors("caseDecide"), ["VETOED"]);

        let second = open(&app, &application, &pair).await;
        app.decide(case, "REFUSE", Some("消防不合格")).await.done();
        let told = seen(&app.lead("ZJJ"), &application).await;
        let all = all(&told);
        assert_eq!((all.len(), &all[1]["id"], &all[1]["state"], &all[1]["endedOn"]), (2, &json!(second), &json!("CLOSED"), &json!("2026-03-02")));
        let closed = events(&told).into_iter().filter(|event| event.starts_with("MEDIATION_CLOSED"));
        assert_eq!(closed.collect::<Vec<_>>(), ["MEDIATION_CLOSED ZRZY LEAD 2026-03-02"]);
        let late = does(&app.lead("ZJJ"), "mediationSettle", &second, json!({ "settlement": "好" })).await;
        assert_eq!(late.user_errors("mediationSettle"), ["WRONG_STATE"]);
        app.assert_sound().await;
    }

    /// The applicant takes everything back while it is open.
    async fn a_withdrawal_closes_it(app: TestApp) {
        let (application, pair) = disputed(&app, &["XFD"]).await;
        open(&app, &application, &pair).await;
        app.applicant().does("applicationWithdraw", &application.id, json!({})).await.done();
        let told = seen(&app.supervisor(), &application).await;
        assert_eq!(all(&told)[0]["state"], "CLOSED");
        let told = seen(&app.applicant(), &application).await.to_string();
        assert!(!told.contains("MEDIATION"), "{told}");
        app.assert_sound().await;
    }

    async fn where_nobody_leads_who_decides_opens_it_and_only_those_concerned_learn_of_it(app: TestApp) {
        let application = app.submit(&["SJJ-01-002"]).await;
        let case = &application.cases[0];
        let reviews = asked(&app, case, &["XFD", "CGJ"]).await;
        opine(&app, "XFD", &reviews[0], "AGREE").await;
        opine(&app, "CGJ", &reviews[1], "DISAGREE").await;
        // Two that were asked contradict each other; the department of the case is no party.
        let refused = app.lead("SJJ").act(OPEN, opening(case, &reviews)).await;
        assert_eq!(refused.user_errors("caseOpenMediation"), ["FORBIDDEN"]);
        let opened = app.decider("SJJ").act(OPEN, opening(case, &reviews)).await.done();
        let mediation = opened.text("caseOpenMediation.case.mediations.0.id");
        does(&app.reviewer("CGJ"), "mediationTakePosition", &mediation, json!({ "position": "占道，不同意" })).await.done();

        for who in [app.reviewer("SJJ"), app.decider("SJJ"), app.reviewer("XFD"), app.decider("CGJ"), app.supervisor()] {
            let told = all(&seen(&who, &application).await);
            assert_eq!((&told[0]["state"], &told[0]["heldBy"]), (&json!("OPEN"), &json!({ "code": "SJJ" })));
            assert_eq!((&told[0]["question"], &told[0]["positions"]),
                (&json!("疏散通道是否可以整改后使用？"), &json!([{ "departmentCode": "CGJ", "text": "占道，不同意" }])));
        }
        let centre = seen(&app.administrator(), &application).await;
        let told = all(&centre);
        assert_eq!((&told[0]["state"], &told[0]["level"], &told[0]["dueOn"]), (&json!("OPEN"), &json!("LEAD"), &json!("2026-03-05")));
        assert_eq!((&told[0]["question"], &told[0]["positions"], &told[0]["categories"]), (&Value::Null, &json!([]), &json!([])));
        let told = seen(&app.clerk(), &application).await;
        assert!(!told.to_string().contains("MEDIATION") && all(&told).is_empty(), "{told}");
        // One of the two knows of it by the mediation, and not by the clocks of the case.
        let told = seen(&app.reviewer("CGJ"), &application).await;
        let clocks = |told: &Answer| told.list("application.cases")[0]["clocks"].to_string();
        assert!(!clocks(&told).contains("MEDIATION") && clocks(&centre).contains("MEDIATION"));
        // Nor by what they were at an instant of the past; and the applicant does not learn who was asked for an opinion.
        let kinds_then = async |who: Client| {
            let known = "query Known($id: ID!, $at: DateTime!) { application(id: $id) { asOf(at: $at) { cases { clocks { kind } } }
              cases { clocks { kind } asOf(at: $at) { clocks { kind } } } } }";
            let at = app.clock.now();
            who.query(known, json!({ "id": application.id, "at": at })).await.ok().data("application").to_string()
        };
        for (who, mediation, opinion) in [
            (app.administrator(), 3, 6), (app.decider("SJJ"), 3, 6), (app.reviewer("CGJ"), 0, 6), (app.clerk(), 0, 6), (app.applicant(), 0, 0),
        ] {
            let told = kinds_then(who).await;
            let count = |kind: &str| told.matches(&format!("\"{kind}\"")).count();
            assert_eq!((count("MEDIATION"), count("OPINION")), (mediation, opinion), "{told}");
        }
        let node = "query Node($id: ID!) { node(id: $id) { ... on Mediation { number case { id } } } }";
        let found = app.decider("CGJ").query(node, json!({ "id": mediation })).await.ok();
        assert_eq!(found.data("node"), &json!({ "number": 1, "case": { "id": case.id } }));
        for who in [app.clerk(), app.applicant(), app.decider("WJW")] {
            let hidden = who.query(node, json!({ "id": mediation })).await.ok();
            assert_eq!(hidden.data("node"), &Value::Null);
        }
        // What two others think of it is settled by who decides.
        let settled = does(&app.decider("SJJ"), "mediationSettle", &mediation, json!({ "settlement": "不占道经营" })).await.done();
        assert_eq!(settled.text("mediationSettle.mediation.state"), "SETTLED");
        app.assert_sound().await;
    }

    /// That a notice moves the dates of it is told to those who take part. Former versions wrote it as public, and what they wrote
    /// stays as it was.
    async fn a_notice_tells_nobody_else_of_it_or_of_what_departments_ask_of_each_other(app: TestApp) {
        let (application, pair) = disputed(&app, &["XFD"]).await;
        asked(&app, application.case(ITEM), &["WJW"]).await;
        asked(&app, application.case("ZJJ-01-003"), &["CGJ"]).await;
        open(&app, &application, &pair).await;
        let notice = json!({ "idempotencyKey": new_key(), "number": "滨政办〔2026〕1号", "issuer": "滨澜县人民政府办公室",
            "issuedOn": "2026-03-01", "year": 2026, "days": [{ "date": "2026-03-04", "kind": "OFF", "holiday": "防汛" }] });
        let adopt = "mutation Adopt($input: CalendarNoticeAdoptInput!) { calendarNoticeAdopt(input: $input) { userErrors { code } } }";
        app.administrator().act(adopt, notice).await.done();
        case::reproject(app.program()).await.unwrap();
        app.assert_sound().await;

        let (mediation, of_wjw, of_cgj) = ("MEDIATION ZJJ", "OPINION WJW", "OPINION CGJ");
        let all: &[&str] = &[mediation, of_cgj, of_wjw];
        let as_written = [
            (app.supervisor(), all), (app.lead("ZJJ"), all), (app.administrator(), all),
            // It handles the case, and asks.
            (app.reviewer("ZRZY"), &[mediation, of_wjw]), (app.decider("ZRZY"), &[mediation, of_wjw]),
            // It holds the level, and asks on its own case.
            (app.reviewer("ZJJ"), &[mediation, of_cgj]),
            // One of the two; those that are asked.
            (app.reviewer("XFD"), &[mediation]), (app.reviewer("WJW"), &[of_wjw]), (app.reviewer("CGJ"), &[of_cgj]),
            (app.clerk(), &[]), (app.applicant(), &[]),
        ];
        for (who, expected) in &as_written {
            assert_eq!(moved_for(who, &application).await, *expected);
        }
        assert_eq!(moved_in_public(&app, &application).await, Vec::<String>::new());

        as_formerly_written(&app).await;
        for (who, expected) in &as_written {
            // Which mediation it was nobody wrote down then, so of the two neither is told.
            let is_party = *expected == [mediation];
            let expected = if is_party { &[] } else { *expected };
            assert_eq!(moved_for(who, &application).await, expected);
        }
        assert_eq!(moved_in_public(&app, &application).await, Vec::<String>::new());
    }

    /// Under one key it is opened once; of many who open, settle and pass up at once, one wins each.
    async fn of_many_who_act_at_once_one_wins(app: TestApp) {
        let (application, pair) = disputed(&app, &["XFD"]).await;
        let case = application.case(ITEM);
        let lead = app.lead("ZJJ");
        lead.token().await;
        let opens = (0..4).map(async |_| app.lead("ZJJ").act(OPEN, opening(case, &pair)).await);
        let answers = join_all(opens).await;
        let refused: Vec<Vec<String>> = answers.iter().map(|answer| answer.user_errors("caseOpenMediation")).collect();
        assert_eq!(refused.iter().filter(|codes| codes.is_empty()).count(), 1, "{refused:?}");
        assert!(refused.iter().flatten().all(|code| code == "MEDIATION_OPEN"), "{refused:?}");
        let mediation = all(&seen(&lead, &application).await)[0]["id"].as_str().unwrap().to_owned();

        let acts = (0..6).map(async |n| {
            let (name, rest) = if n % 2 == 0 {
                ("mediationSettle", json!({ "settlement": format!("一致 {n}") }))
            } else {
                ("mediationClimb", json!({ "reasons": format!("不能一致 {n}") }))
            };
            (name, does(&app.lead("ZJJ"), name, &mediation, rest).await)
        });
        let answers = join_all(acts).await;
        let refused: Vec<Vec<String>> = answers.iter().map(|(name, answer)| answer.user_errors(name)).collect();
        assert_eq!(refused.iter().filter(|codes| codes.is_empty()).count(), 1, "{refused:?}");
        assert!(refused.iter().flatten().all(|code| code == "WRONG_STATE" || code == "MEDIATION_ELSEWHERE"), "{refused:?}");
        let told = all(&seen(&lead, &application).await);
        let ended = told[0]["state"] == "SETTLED";
        assert_eq!(told[0]["levels"].as_array().unwrap().len(), if ended { 1 } else { 2 });

        // The same request with the same key changes nothing more.
        let who = if ended { app.lead("ZJJ") } else { app.administrator() };
        if !ended {
            let input = json!({ "idempotencyKey": new_key(), "mediationId": mediation, "settlement": "一致" });
            who.act(&act("mediationSettle"), input.clone()).await.done();
            let before = app.written().await;
            who.act(&act("mediationSettle"), input).await.done();
            assert_unchanged(&before, &app.written().await, "the same once more");
        }
        let input = opening(case, &pair);
        lead.act(OPEN, input.clone()).await.done();
        let before = app.written().await;
        lead.act(OPEN, input).await.done();
        assert_unchanged(&before, &app.written().await, "the same opening once more");
        assert_eq!(all(&seen(&lead, &application).await).len(), 2);
        app.assert_sound().await;
    }
}

mod governed {
    //! Where the government has named a department.

    use super::*;
    use crate::support::log::Log;

    /// Over Qingming (4 to 6 April 2026): each level has three working days, and on the day after them it climbs, which is the
    /// first of the next.
    const LEVELS: [(&str, &str, &str); 4] = [
        ("LEAD", "2026-04-02", "2026-04-08"),
        ("CENTRE", "2026-04-09", "2026-04-13"),
        ("NAMED_DEPARTMENT", "2026-04-14", "2026-04-16"),
        ("GOVERNMENT_HEAD", "2026-04-17", "2026-04-21"),
    ];

    each_db! { on seeded
        async fn it_climbs_by_time_through_all_levels_over_a_holiday(database: TestDatabase) {
            let (app, server) = TestApp::start_with(database, &Log::default(), false, |config| {
                config.mediation.named_department = "FGW".to_owned();
            })
            .await;
            app.clock.set_day("2026-04-02");
            let (application, pair) = disputed(&app, &["XFD"]).await;
            let mediation = open(&app, &application, &pair).await;
            let fgw = app.decider("FGW");
            let state = async |who: &Client| all(&seen(who, &application).await).remove(0);
            for (at, (level, since, due)) in LEVELS.iter().enumerate() {
                let shown = state(&app.supervisor()).await;
                assert_eq!((&shown["level"], &shown["dueOn"], &shown["overdue"]), (&json!(level), &json!(due), &json!(false)));
                assert_eq!(shown["levels"][at]["reachedOn"], *since);
                let named = fgw.query("query A($id: ID!) { application(id: $id) { id } }", json!({ "id": application.id })).await.ok();
                assert_eq!(named.data("application").is_null(), at < 2, "{level}");
                let who = ["DEPARTMENT ZJJ", "CENTRE -", "DEPARTMENT FGW", "CENTRE -"][at];
                assert_eq!(owed(&app.lead("ZJJ"), &application).await, [format!("{who} MEDIATION {due}")]);
                // On its last day it stays.
                app.sweep_daily_until(due).await;
                assert_eq!(state(&app.supervisor()).await["level"], *level);
                let next = LEVELS.get(at + 1).map_or("2026-04-22", |(_, next, _)| next);
                app.sweep_daily_until(next).await;
            }
            let shown = state(&app.supervisor()).await;
            assert_eq!((&shown["level"], &shown["state"], &shown["overdue"]), (&json!("GOVERNMENT_HEAD"), &json!("OPEN"), &json!(true)));
            app.sweep_daily_until("2026-05-08").await;
            // The levels below climbed in time; above the last there is nobody, so it is late.
            let late = app.card_rows().await.into_iter().filter(|card| card.evidence["clock"] == "MEDIATION");
            assert_eq!(late.map(|card| card_line(&card)).collect::<Vec<_>>(), ["TIME_05 YELLOW 2026-04-22"]);
            // Nor does the window learn of it by that card.
            let known = "query Known($id: ID!) { application(id: $id) { cards { evidence { clock } } cases { cards { evidence { clock } } }
              timeline(last: 100) { totalCount nodes { kind detail { value } } } } }";
            let cards = async |who: Client| who.query(known, json!({ "id": application.id })).await.ok().data("application").to_string();
            for (who, is_told) in [(app.supervisor(), true), (app.administrator(), true), (app.clerk(), false)] {
                let told = cards(who).await;
                assert_eq!(told.contains("MEDIATION"), is_told, "{told}");
            }
            assert!(cards(app.clerk()).await.contains("evidence"), "it knows of the others");
            let told = seen(&app.supervisor(), &application).await;
            assert_eq!(all(&told)[0]["levels"].as_array().unwrap().len(), 4, "it climbs no further");
            let climbed = events(&told).into_iter().filter(|event| event.starts_with("MEDIATION_CLIMBED"));
            assert_eq!(climbed.collect::<Vec<_>>(), [
                "MEDIATION_CLIMBED ZRZY CENTRE 2026-04-09", "MEDIATION_CLIMBED ZRZY NAMED_DEPARTMENT 2026-04-14",
                "MEDIATION_CLIMBED ZRZY GOVERNMENT_HEAD 2026-04-17"]);
            // The clocks of the case ran on.
            let clocks = told.list("application.cases")[0]["clocks"].as_array().unwrap().clone();
            assert!(clocks.iter().all(|clock| clock["deadline"]["state"] != "SUSPENDED"), "{clocks:?}");
            let dues = clocks.iter().filter(|clock| clock["kind"] == "MEDIATION").map(|clock| clock["deadline"]["dueOn"].clone());
            assert_eq!(dues.collect::<Vec<_>>(), LEVELS.map(|(_, _, due)| json!(due)));
            // Who was named sees it still; who holds no level any more settles nothing.
            assert_eq!(state(&fgw).await["question"], "疏散通道是否可以整改后使用？");
            let late = does(&fgw, "mediationSettle", &mediation, json!({ "settlement": "好" })).await;
            assert_eq!(late.user_errors("mediationSettle"), ["MEDIATION_ELSEWHERE"]);
            let top = does(&app.administrator(), "mediationClimb", &mediation, json!({ "reasons": "好" })).await;
            assert_eq!(top.user_errors("mediationClimb"), ["MEDIATION_AT_TOP"]);
            does(&app.administrator(), "mediationSettle", &mediation, json!({ "settlement": "政府负责人决定：整改后同意" })).await.done();
            app.assert_sound().await;
            server.stop().await;
        }

        /// Who mistypes the code names nobody: a level at which nobody could act would let its days pass.
        async fn a_department_that_the_centre_does_not_have_was_not_named(database: TestDatabase) {
            let (app, server) = TestApp::start_with(database, &Log::default(), false, |config| {
                config.mediation.named_department = "fgw".to_owned();
            })
            .await;
            app.clock.set_day("2026-04-02");
            let (application, pair) = disputed(&app, &["XFD"]).await;
            let by_hand = open(&app, &application, &pair).await;
            let climb = json!({ "reasons": "本级协调不成" });
            does(&app.lead("ZJJ"), "mediationClimb", &by_hand, climb.clone()).await.done();
            does(&app.administrator(), "mediationClimb", &by_hand, climb).await.done();
            let (other, pair) = disputed(&app, &["XFD"]).await;
            open(&app, &other, &pair).await;
            app.sweep_daily_until("2026-04-16").await;
            for application in [&application, &other] {
                let told = seen(&app.supervisor(), application).await;
                assert_eq!(all(&told)[0]["level"], "GOVERNMENT_HEAD");
            }
            app.assert_sound().await;
            server.stop().await;
        }

        /// Nobody looked for weeks; each step is dated to its own day all the same, and whoever acts first finds it there.
        async fn what_was_missed_is_dated_to_its_own_days(database: TestDatabase) {
            let (app, server) = TestApp::start_with(database, &Log::default(), false, |config| {
                // A party decides nothing about itself: the level is left out.
                config.mediation.named_department = "XFD".to_owned();
            })
            .await;
            app.clock.set_day("2026-04-02");
            let (application, pair) = disputed(&app, &["XFD"]).await;
            let mediation = open(&app, &application, &pair).await;
            app.clock.set_day("2026-05-07");
            let settle = json!({ "settlement": "好", "expectedVersion": 1 });
            let refused = does(&app.lead("ZJJ"), "mediationSettle", &mediation, settle).await;
            assert_eq!(refused.user_errors("mediationSettle"), ["CONFLICT"]);
            let refused = does(&app.lead("ZJJ"), "mediationSettle", &mediation, json!({ "settlement": "好" })).await;
            assert_eq!(refused.user_errors("mediationSettle"), ["MEDIATION_ELSEWHERE"]);
            does(&app.administrator(), "mediationSettle", &mediation, json!({ "settlement": "好" })).await.done();
            let told = seen(&app.supervisor(), &application).await;
            let levels = all(&told)[0]["levels"].as_array().unwrap().clone();
            let reached = levels.iter().map(|level| format!("{} {}", level["level"].as_str().unwrap(), level["reachedOn"].as_str().unwrap()));
            assert_eq!(reached.collect::<Vec<_>>(), ["LEAD 2026-04-02", "CENTRE 2026-04-09", "GOVERNMENT_HEAD 2026-04-14"]);
            assert_eq!(all(&told)[0]["endedOn"], "2026-05-07");
            app.assert_sound().await;
            server.stop().await;
        }
    }
}
