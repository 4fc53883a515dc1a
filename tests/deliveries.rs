//! Results that are handed over before the others are there (行政许可法 第四十四条): each has ten working days of its own.

use futures_util::future::join_all;
use lianshen::case;
use lianshen_domain::clock::ClockKind;
use lianshen_domain::event::EventKind;
use lianshen_entity::{Coded, clock, event};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, QueryFilter as _, Set, Unchanged,
};
use serde_json::{Value, json};

use crate::support::acts::uuid_of;
use crate::support::world::{Application, FOOD_FIRE_SIGN, new_key};
use crate::support::written::assert_unchanged;
use crate::support::{TestApp, each_db};

const FOOD: &str = "SJJ-01-002";
const FIRE: &str = "XFD-01-002";
const SIGN: &str = "CGJ-01-001";

const DELIVER: &str = "applicationDeliver";
const ANNOUNCE: &str = "applicationAnnounceResults";
const FAIL: &str = "applicationFailDelivery";

/// Three departments, of which the first has granted on the 2nd of March.
async fn one_granted(app: &TestApp) -> Application {
    let application = app.restaurant(&FOOD_FIRE_SIGN).await;
    let food = application.case(FOOD);
    app.agree(&food.review).await;
    app.grant(food).await;
    application
}

async fn decided_too(app: &TestApp, application: &Application, items: &[&str]) {
    for item in items {
        let case = application.case(item);
        app.agree(&case.review).await;
        app.grant(case).await;
    }
}

fn to(cases: &[&str]) -> Value {
    json!({ "receivedBy": "王小明", "onlyCaseIds": cases })
}

fn about(cases: &[&str]) -> Value {
    json!({ "text": "短信告知，A01 窗口领取", "onlyCaseIds": cases })
}

/// The periods for delivery: of which case, until when, and when they stopped.
async fn periods(app: &TestApp, of: &Application) -> Vec<String> {
    let mut all = Vec::new();
    let cases = of.cases.iter().map(|case| (&*case.item, &*case.id));
    for (name, id) in cases.chain([("all", &*of.id)]) {
        let rows = app.clock_rows(id).await;
        let delivery = rows.iter().filter(|row| row.kind.0 == ClockKind::Delivery);
        all.extend(delivery.map(|row| {
            let until = row.due_on.unwrap().format("%m-%d");
            let stopped = row
                .stopped_on
                .map(|on| on.format(" stopped %m-%d").to_string());
            assert_eq!(row.department, "", "windows deliver");
            format!("{name} {until}{}", stopped.unwrap_or_default())
        }));
    }
    all
}

/// Makes of the decision what a program wrote that knew one period for all of them.
async fn forget_the_word(app: &TestApp, of: &Application) {
    let db = app.database().await;
    let granted = event::Entity::find()
        .filter(event::Column::ApplicationId.eq(uuid_of(&of.id)))
        .filter(event::Column::Kind.eq(Coded(EventKind::CaseGranted)));
    let granted = granted.one(&db).await.unwrap().unwrap();
    assert_eq!(granted.detail["delivery"], "BY_CASE");
    let mut detail = granted.detail.clone();
    detail.as_object_mut().unwrap().remove("delivery");
    let before = event::ActiveModel {
        id: Unchanged(granted.id),
        detail: Set(detail),
        ..Default::default()
    };
    before.update(&db).await.unwrap();
    let its_clock = clock::Entity::delete_many()
        .filter(clock::Column::SubjectId.eq(granted.case_id.unwrap()))
        .filter(clock::Column::Kind.eq(Coded(ClockKind::Delivery)));
    its_clock.exec(&db).await.unwrap();
}

each_db! {
    async fn one_result_is_handed_over_while_the_others_are_under_review(app: TestApp) {
        let application = one_granted(&app).await;
        let (food, fire) = (application.case(FOOD), application.case(FIRE));
        assert_eq!(periods(&app, &application).await, ["SJJ-01-002 03-16"]);
        app.clock.set_day("2026-03-04");
        let clerk = app.clerk();
        let key = new_key();
        clerk.does_by_key(DELIVER, &key, &application.id, to(&[&food.id])).await.done();
        let written = app.written().await;
        clerk.does_by_key(DELIVER, &key, &application.id, to(&[&food.id])).await.done();
        let other = clerk.does_by_key(DELIVER, &key, &application.id, to(&[&fire.id])).await;
        assert_eq!(other.user_errors(DELIVER), ["IDEMPOTENCY_KEY_REUSED"]);
        assert_unchanged(&written, &app.written().await, "the repetition");
        clerk.does(DELIVER, &application.id, to(&[&food.id])).await.done();

        let file = app.file(&application).await;
        assert_eq!(file.text("state"), "IN_REVIEW");
        assert_eq!(app.reread(&application).await.case(FOOD).state, "CLOSED");
        let receipt = file.paper("DELIVERY_RECEIPT");
        assert_eq!(receipt.lines("CASE").len(), 1, "what was not handed over is not on it");
        assert!(receipt.line("CASE").ends_with("食品经营许可(餐饮服务)"), "{receipt:?}");
        assert_eq!([receipt.line("RECEIVED_BY"), &receipt.issued_on], ["王小明", "2026-03-04"]);
        file.event("CASE_DELIVERED");
        assert_eq!(file.events("RESULTS_DELIVERED").len(), 0);
        assert_eq!(periods(&app, &application).await, ["SJJ-01-002 03-16 stopped 03-04"]);
        // Whoever applied sees it, and the others go on.
        let mine = app.clerk().query(
            "query($id: ID!) { application(id: $id) { timeline(first: 100) { nodes { kind caseId } } } }",
            json!({ "id": application.id }),
        ).await.ok();
        let told = mine.list("application.timeline.nodes").iter().find(|told| told["kind"] == "CASE_DELIVERED");
        assert_eq!(told.unwrap()["caseId"], json!(food.id));

        decided_too(&app, &application, &[FIRE, SIGN]).await;
        assert_eq!(app.file(&application).await.text("state"), "CONCLUDED");
        app.clock.set_day("2026-03-05");
        clerk.does(DELIVER, &application.id, json!({ "receivedBy": "王小明" })).await.done();
        let file = app.file(&application).await;
        assert_eq!([file.text("state"), file.text("outcome")], ["CLOSED", "GRANTED"]);
        let receipts = file.papers("DELIVERY_RECEIPT");
        assert_eq!((receipts.len(), receipts[1].lines("CASE").len()), (2, 2), "the two that were left");
        app.assert_sound().await;
    }

    async fn with_the_last_result_it_closes_and_the_comprehensive_permit_is_issued(app: TestApp) {
        app.publish_second("YJS-001", |bundle: &mut Value| bundle["comprehensivePermit"] = json!(true)).await;
        let [application, withdrawn] = [one_granted(&app).await, one_granted(&app).await];
        let clerk = app.clerk();
        let permits = async |of: &Application| app.file(of).await.papers("COMPREHENSIVE_PERMIT");
        for of in [&application, &withdrawn] {
            clerk.does(DELIVER, &of.id, to(&[&of.case(FOOD).id])).await.done();
            assert_eq!(permits(of).await.len(), 0, "one sheet over all of them, and they are not all there");
        }
        decided_too(&app, &application, &[FIRE, SIGN]).await;
        let rest = to(&[&application.case(SIGN).id, &application.case(FIRE).id, &application.case(FOOD).id]);
        clerk.does(DELIVER, &application.id, rest).await.done();
        let file = app.file(&application).await;
        assert_eq!(file.text("state"), "CLOSED");
        assert_eq!(file.papers("DELIVERY_RECEIPT").len(), 2, "one sheet for two results");
        assert_eq!(permits(&application).await[0].lines("CASE").len(), 3);

        // Where the others come to nothing, what was handed over was all of it.
        clerk.does("applicationWithdraw", &withdrawn.id, json!({})).await.done();
        let file = app.file(&withdrawn).await;
        assert_eq!([file.text("state"), file.text("outcome")], ["CLOSED", "PARTLY_GRANTED"]);
        assert_eq!(permits(&withdrawn).await[0].lines("CASE").len(), 1);
        assert_eq!(file.papers("DELIVERY_RECEIPT").len(), 1);
        app.assert_sound().await;
    }

    /// 行政许可法 第四十四条: within ten working days of the decision, whatever the others are waiting for.
    async fn a_result_that_lies_too_long_is_a_card_for_the_window(app: TestApp) {
        let [told, silent] = [one_granted(&app).await, one_granted(&app).await];
        app.clock.set_day("2026-03-10");
        let clerk = app.clerk();
        let (told_of, lies) = (told.case(FOOD), silent.case(FOOD));
        clerk.does(FAIL, &silent.id, about(&[&lies.id])).await.done();
        clerk.does(ANNOUNCE, &told.id, about(&[&told_of.id])).await.done();
        let written = app.written().await;
        clerk.does(ANNOUNCE, &told.id, about(&[&told_of.id])).await.done();
        let after = app.written().await;
        assert_eq!([&written["event"], &written["document"]], [&after["event"], &after["document"]], "told once");
        assert_eq!(app.file(&told).await.paper("COLLECTION_NOTICE").lines("CASE").len(), 1);
        assert_eq!(app.file(&silent).await.paper("DELIVERY_FAILURE").lines("CASE").len(), 1);
        app.file(&told).await.event("CASE_READY");
        app.file(&silent).await.event("DELIVERY_FAILED");
        assert_eq!(periods(&app, &told).await, ["SJJ-01-002 03-16 stopped 03-10"]);
        assert_eq!(periods(&app, &silent).await, ["SJJ-01-002 03-16"]);

        app.clock.set_day("2026-03-17");
        app.sweep().await;
        let late = ("TIME_08".into(), "YELLOW".into(), "2026-03-17".into());
        assert!(app.cards_on(&silent).await.contains(&late));
        assert!(app.cards_on(&told).await.iter().all(|(rule, ..)| rule != "TIME_08"));
        app.assert_sound().await;
    }

    async fn what_cannot_be_handed_over_is_refused_by_name(app: TestApp) {
        let application = one_granted(&app).await;
        let elsewhere = one_granted(&app).await;
        let (food, fire) = (application.case(FOOD), application.case(FIRE));
        let clerk = app.clerk();
        for act in [DELIVER, ANNOUNCE, FAIL] {
            let of = |cases: &[&str]| if act == DELIVER { to(cases) } else { about(cases) };
            for (cases, code, field) in [
                (vec![], "TEXT_EMPTY", "onlyCaseIds"),
                (vec![&*fire.id], "WRONG_STATE", "onlyCaseIds.0"),
                (vec![&*food.id, &*fire.id], "WRONG_STATE", "onlyCaseIds.1"),
                (vec![&*elsewhere.case(FOOD).id], "NOT_FOUND", "onlyCaseIds.0"),
                (vec![&*food.id, &*food.review.id], "ID_WRONG_KIND", "onlyCaseIds.1"),
            ] {
                let refused = clerk.does(act, &application.id, of(&cases)).await;
                assert_eq!((refused.user_errors(act), refused.fields(act)), (vec![code.to_owned()], vec![field.to_owned()]), "{act} {cases:?}");
            }
            let stranger = app.as_("clerk-2").does(act, &application.id, of(&[&food.id])).await;
            assert_eq!(stranger.user_errors(act), ["NOT_FOUND"], "{act}");
            for person in ["applicant", "reviewer-sjj", "decider-sjj", "lead-sjj", "supervisor", "administrator"] {
                let other = app.as_(person).does(act, &application.id, of(&[&food.id])).await;
                assert_eq!(other.user_errors(act), ["FORBIDDEN"], "{act} {person}");
            }
            let mut early = of(&[&food.id]);
            early["happenedOn"] = json!("2026-03-01");
            assert_eq!(clerk.does(act, &application.id, early).await.user_errors(act), ["ACT_BEFORE_RECEIPT"], "{act}");
            let mut stale = of(&[&food.id]);
            stale["expectedVersion"] = json!(99);
            assert_eq!(clerk.does(act, &application.id, stale).await.user_errors(act), ["CONFLICT"], "{act}");
        }
        let file = app.file(&application).await;
        assert_eq!(app.reread(&application).await.case(FOOD).state, "GRANTED");
        assert_eq!(file.papers("DELIVERY_RECEIPT").len(), 0);
        app.assert_sound().await;
    }

    async fn five_who_hand_over_one_result_at_once_hand_it_over_once(app: TestApp) {
        let application = one_granted(&app).await;
        let food = application.case(FOOD);
        let clerk = app.clerk();
        let all = (0..5).map(|_| clerk.does(DELIVER, &application.id, to(&[&food.id])));
        for answer in join_all(all).await {
            answer.done();
        }
        let file = app.file(&application).await;
        file.event("CASE_DELIVERED");
        file.paper("DELIVERY_RECEIPT");
        app.assert_sound().await;
    }

    /// What is decided without the word has one period with the others, as it had been before.
    async fn decisions_of_before_keep_the_period_that_they_had(app: TestApp) {
        let application = one_granted(&app).await;
        forget_the_word(&app, &application).await;
        app.clock.set_day("2026-03-04");
        decided_too(&app, &application, &[FIRE, SIGN]).await;
        assert_eq!(
            periods(&app, &application).await,
            ["XFD-01-002 03-18", "CGJ-01-001 03-18", "all 03-18"],
        );
        let program = app.program();
        let snapshot = program.library.present();
        let recount = case::recount(&program.db, &snapshot, &program.config, app.clock.today()).await;
        assert_eq!(recount.unwrap().faults, Vec::<String>::new());
    }
}
