//! What a notice does to deadlines that are open: seen before, brought about after, once, and never to what has passed.

use std::collections::HashSet;

use lianshen::case::{self, Recount};
use lianshen::env::Clock as _;
use lianshen_domain::calendar::start_of;
use lianshen_domain::event::EventKind;
use lianshen_entity::{case_, clock, event, review};
use sea_orm::{EntityTrait as _, Set};
use serde_json::{Value, json};

use crate::support::world::{Application, new_key};
use crate::support::{Answer, TestApp, documents, each_db};

const PREVIEW: &str = "query Preview($input: CalendarNoticeAdoptInput!) {
  calendarNoticePreview(input: $input) {
    preview { changedDays { date before after } settledYears moved overdue
      deadlines { number caseId departmentCode clock before after becomesOverdue } }
    userErrors { code message field } } }";

const ADOPT: &str = "mutation Adopt($input: CalendarNoticeAdoptInput!) {
  calendarNoticeAdopt(input: $input) { notice { number } userErrors { code message field } } }";

each_db! {
    async fn a_notice_moves_every_open_deadline_and_says_so_before(app: TestApp) {
        let application = app.submit(&["SJJ-01-002", "CGJ-01-001"]).await;
        let input = local("滨政办〔2026〕1号", &[("2026-03-04", "OFF")]);

        let before = app.written().await;
        let preview = app.administrator().query(PREVIEW, json!({ "input": input })).await.ok();
        crate::support::written::assert_unchanged(&before, &app.written().await, "a preview");
        let seen = "calendarNoticePreview.preview";
        assert_eq!(preview.data(&format!("{seen}.changedDays")), &json!([{ "date": "2026-03-04", "before": "WORKDAY", "after": "HOLIDAY" }]));
        // Both promises, both statutory periods and the steps of examination.
        let listed = moved(&preview);
        assert!(listed.contains(&("PROMISED".to_owned(), "2026-03-09".to_owned(), "2026-03-10".to_owned())), "{listed:?}");
        assert!(listed.contains(&("STATUTORY".to_owned(), "2026-03-16".to_owned(), "2026-03-17".to_owned())), "{listed:?}");
        assert_eq!(preview.number(&format!("{seen}.moved")), i64::try_from(listed.len()).unwrap());
        assert_eq!(preview.number(&format!("{seen}.overdue")), 0);

        app.administrator().act(ADOPT, input).await.done();
        let counted = case::reproject(app.program()).await.unwrap();

        assert_eq!(counted.moved, listed.len() as u64, "as many as were seen before");
        let events = recomputed(&app).await;
        assert_eq!(events.len(), listed.len());
        for event in &events {
            let one = &event.detail;
            assert_eq!(one["notice"], "滨政办〔2026〕1号");
            let told = (one["clock"].as_str().unwrap().to_owned(), one["before"].as_str().unwrap().to_owned(), one["after"].as_str().unwrap().to_owned());
            assert!(listed.contains(&told), "{told:?}");
        }
        kept_is_what_events_give(&app).await;
        let case = &application.cases[0];
        let kept = case_row(&app, &case.id).await;
        assert_eq!(kept.promised_due_on.unwrap().to_string(), "2026-03-10");
        assert_eq!(kept.version, case.version, "nobody acted on it");
        let inbox = app.reviewer("SJJ").query(&documents::INBOX, json!({})).await.ok();
        assert_eq!(inbox.texts("inbox.nodes", "promisedDueOn"), ["2026-03-10"]);

        let again = case::reproject(app.program()).await.unwrap();
        assert_eq!(again.moved, 0, "what has moved does not move again");
        assert_eq!(recomputed(&app).await.len(), listed.len());
    }

    async fn counting_anew_comes_to_an_end(app: TestApp) {
        app.submit(&["SJJ-01-002"]).await;
        app.administrator().act(ADOPT, local("滨政办〔2026〕1号", &[("2026-03-04", "OFF")])).await.done();
        assert!(case::reproject(app.program()).await.unwrap().applications > 0);

        // Another server may have written by the old calendar for a moment; after that everything is settled.
        app.clock.advance(chrono::TimeDelta::seconds(30));
        assert!(case::reproject(app.program()).await.unwrap().applications > 0);
        assert_eq!(case::reproject(app.program()).await.unwrap().applications, 0);
    }

    async fn a_due_date_that_has_passed_never_moves(app: TestApp) {
        let application = app.submit(&["SJJ-01-002"]).await;
        app.clock.set(start_of("2026-03-10".parse().unwrap()));
        assert_eq!(clocks(&app, &application).await, ("YELLOW".to_owned(), "2026-03-09".to_owned(), "2026-03-16".to_owned()));

        app.administrator().act(ADOPT, local("滨政办〔2026〕1号", &[("2026-03-05", "OFF")])).await.done();
        case::reproject(app.program()).await.unwrap();

        // The promise had passed and stays; the statutory period had not.
        assert_eq!(clocks(&app, &application).await, ("YELLOW".to_owned(), "2026-03-09".to_owned(), "2026-03-17".to_owned()));
        assert_eq!(case_row(&app, &application.cases[0].id).await.promised_due_on.unwrap().to_string(), "2026-03-09");
        kept_is_what_events_give(&app).await;
    }

    async fn what_was_decided_keeps_its_dates(app: TestApp) {
        let application = app.submit(&["SJJ-01-002"]).await;
        let case = &application.cases[0];
        app.agree(&case.review).await;
        app.grant(case).await;
        let before = clocks(&app, &application).await;
        app.clock.advance(chrono::TimeDelta::days(1));

        app.administrator().act(ADOPT, local("滨政办〔2026〕1号", &[("2026-03-05", "OFF")])).await.done();
        case::reproject(app.program()).await.unwrap();

        assert_eq!(clocks(&app, &application).await, before);
        kept_is_what_events_give(&app).await;
    }

    /// A make-up day that comes late: 7 March is worked after all, and what was due on the 9th was due on the 7th.
    /// Its clocks stopped today, and what stopped today is counted by the working days of today.
    async fn what_was_closed_on_the_day_of_the_adoption_agrees_with_its_events(app: TestApp) {
        let application = app.submit(&["SJJ-01-002"]).await;
        let case = &application.cases[0];
        app.agree(&case.review).await;
        app.grant(case).await;
        app.deliver(&application).await;
        assert_eq!(app.file(&application).await.text("state"), "CLOSED");
        app.administrator().act(ADOPT, local("滨政办〔2026〕1号", &[("2026-03-04", "OFF")])).await.done();
        case::reproject(app.program()).await.unwrap();
        kept_is_what_events_give(&app).await;
    }

    async fn a_preview_names_what_becomes_overdue(app: TestApp) {
        let application = app.submit(&["SJJ-01-002"]).await;
        app.clock.set(start_of("2026-03-09".parse().unwrap()));

        let input = local("滨政办〔2026〕2号", &[("2026-03-07", "MAKEUP")]);
        let preview = app.administrator().query(PREVIEW, json!({ "input": input })).await.ok();

        let seen = "calendarNoticePreview.preview";
        assert_eq!(preview.number(&format!("{seen}.overdue")), 1, "the promise: {preview}");
        let first = format!("{seen}.deadlines.0");
        assert_eq!(preview.data(&format!("{first}.becomesOverdue")), &json!(true));
        assert_eq!(preview.text(&format!("{first}.departmentCode")), "SJJ");
        assert_eq!(preview.text(&format!("{first}.caseId")), application.cases[0].id);
    }

    async fn only_those_whom_it_binds_are_moved(app: TestApp) {
        app.submit(&["SJJ-01-002", "CGJ-01-001"]).await;
        let mut input = local("滨城管〔2026〕2号", &[("2026-03-04", "OFF")]);
        input["departmentCode"] = json!("CGJ");
        app.administrator().act(ADOPT, input).await.done();

        case::reproject(app.program()).await.unwrap();

        let events = recomputed(&app).await;
        assert!(!events.is_empty());
        assert!(events.iter().all(|event| event.department.as_deref() == Some("CGJ")), "{events:?}");
        kept_is_what_events_give(&app).await;
    }

    async fn a_preview_is_for_who_keeps_the_calendar(app: TestApp) {
        let input = local("滨政办〔2026〕1号", &[("2026-03-04", "OFF")]);
        for client in [app.clerk(), app.decider("SJJ"), app.supervisor(), app.system()] {
            let refused = client.query(PREVIEW, json!({ "input": input })).await.ok();
            assert_eq!(refused.texts("calendarNoticePreview.userErrors", "code"), ["FORBIDDEN"]);
        }
        let taken = json!({ "idempotencyKey": new_key(), "number": "国办发明电〔2026〕99号", "issuer": "国务院办公厅", "issuedOn": "2025-11-04",
            "year": 2026, "national": true, "days": [{ "date": "2026-01-01", "kind": "OFF", "holiday": "元旦" }] });
        let refused = app.administrator().query(PREVIEW, json!({ "input": taken })).await.ok();
        assert_eq!(refused.texts("calendarNoticePreview.userErrors", "code"), ["NOTICE_YEAR_TAKEN"]);
        let mut nobody = local("滨政办〔2026〕1号", &[("2026-03-04", "OFF")]);
        nobody["departmentCode"] = json!("NONE");
        let refused = app.administrator().query(PREVIEW, json!({ "input": nobody })).await.ok();
        assert_eq!(refused.texts("calendarNoticePreview.userErrors", "code"), ["DEPARTMENT_UNKNOWN"], "as adopting it would be");
    }

    /// Trap 19: one that cannot be understood stops none of the others.
    async fn a_poisoned_application_stops_no_other(app: TestApp) {
        let poisoned = app.submit(&["CGJ-01-001"]).await;
        let sound = app.submit(&["SJJ-01-002"]).await;
        let row = case_row(&app, &poisoned.cases[0].id).await;
        let spoilt = case_::ActiveModel { id: Set(row.id), predecessors: Set(json!("nonsense")), ..Default::default() };
        let connection = app.database().await;
        case_::Entity::update(spoilt).exec(&connection).await.unwrap();
        app.administrator().act(ADOPT, local("滨政办〔2026〕1号", &[("2026-03-04", "OFF")])).await.done();

        let counted = case::reproject(app.program()).await.unwrap();

        assert_eq!(counted.failed, 1);
        app.log.forgive("could not be counted anew");
        assert_eq!(case_row(&app, &sound.cases[0].id).await.promised_due_on.unwrap().to_string(), "2026-03-10");

        // It is not forgotten: the notice is settled, and as soon as it can be understood, its dates are right.
        app.clock.advance(chrono::TimeDelta::seconds(30));
        case::reproject(app.program()).await.unwrap();
        app.log.forgive("could not be counted anew");
        assert_eq!(case::reproject(app.program()).await.unwrap().applications, 0);
        let mended = case_::ActiveModel { id: Set(row.id), predecessors: Set(row.predecessors.clone()), ..Default::default() };
        case_::Entity::update(mended).exec(&connection).await.unwrap();
        assert_eq!(case_row(&app, &poisoned.cases[0].id).await.promised_due_on, row.promised_due_on);
        app.sweep().await;
        let promised_due_on = case_row(&app, &poisoned.cases[0].id).await.promised_due_on;
        assert_eq!(promised_due_on, row.promised_due_on.and_then(|on| on.succ_opt()), "Wednesday does not count");
        kept_is_what_events_give(&app).await;
    }

    /// Whoever acts before the round comes by counts by the new calendar, and leaves on record that dates moved.
    async fn an_act_before_the_counting_says_what_the_notice_moved(app: TestApp) {
        let application = app.submit(&["SJJ-01-002", "CGJ-01-001"]).await;
        let other = app.submit(&["SJJ-01-002"]).await;
        let input = local("滨政办〔2026〕1号", &[("2026-03-04", "OFF")]);
        let preview = app.administrator().query(PREVIEW, json!({ "input": input })).await.ok();
        let listed = moved(&preview);
        app.administrator().act(ADOPT, input).await.done();

        let case = &application.cases[0];
        app.agree(&case.review).await;
        let told = recomputed(&app).await;
        assert!(!told.is_empty() && told.len() < listed.len(), "{} of {}", told.len(), listed.len());
        let of_it = told[0].application_id;
        assert!(told.iter().all(|event| event.application_id == of_it), "the other one is not reached yet");
        let kept = case_row(&app, &case.id).await;
        assert_eq!(kept.promised_due_on.unwrap().to_string(), "2026-03-10");

        // Further acts find nothing to move, nor does the round in this application.
        app.grant(case).await;
        assert_eq!(recomputed(&app).await.len(), told.len());
        let counted = case::reproject(app.program()).await.unwrap();
        assert_eq!(counted.moved, (listed.len() - told.len()) as u64);
        let told: HashSet<_> = recomputed(&app).await.into_iter().map(|event| event.application_id).collect();
        assert_eq!(told.len(), 2, "{other:?}");
        kept_is_what_events_give(&app).await;
    }

    /// Nobody at a desk waits for the whole, and whoever acts meanwhile counts by the new calendar already.
    async fn acts_beside_the_counting_lose_nothing(app: TestApp) {
        let mut applications = Vec::new();
        for _ in 0..12 {
            applications.push(app.submit(&["SJJ-01-002"]).await);
        }
        app.administrator().act(ADOPT, local("滨政办〔2026〕1号", &[("2026-03-04", "OFF")])).await.done();

        let agreeing = async {
            for application in &applications {
                app.agree(&application.cases[0].review).await;
            }
        };
        let (counted, ()) = tokio::join!(case::reproject(app.program()), agreeing);
        counted.unwrap();
        case::reproject(app.program()).await.unwrap();

        kept_is_what_events_give(&app).await;
        let rows = case_::Entity::find().all(&app.database().await).await.unwrap();
        assert!(rows.iter().all(|row| row.promised_due_on.unwrap().to_string() == "2026-03-10"));
        let reviews = review::Entity::find().all(&app.database().await).await.unwrap();
        assert!(reviews.iter().all(|row| row.given_at.is_some()));
    }
}

fn local(number: &str, days: &[(&str, &str)]) -> Value {
    let days = days
        .iter()
        .map(|(date, kind)| json!({ "date": date, "kind": kind, "holiday": "防汛" }));
    json!({
        "idempotencyKey": new_key(), "number": number, "issuer": "滨澜县人民政府办公室", "issuedOn": "2026-03-01", "year": 2026,
        "days": days.collect::<Vec<_>>(),
    })
}

fn moved(preview: &Answer) -> Vec<(String, String, String)> {
    let list = preview.list("calendarNoticePreview.preview.deadlines");
    let text = |one: &Value, name: &str| one[name].as_str().unwrap().to_owned();
    list.iter()
        .map(|one| (text(one, "clock"), text(one, "before"), text(one, "after")))
        .collect()
}

async fn recomputed(app: &TestApp) -> Vec<event::Model> {
    let events = event::Entity::find()
        .all(&app.database().await)
        .await
        .unwrap();
    events
        .into_iter()
        .filter(|event| event.kind.0 == EventKind::CalendarRecomputed)
        .collect()
}

async fn case_row(app: &TestApp, id: &str) -> case_::Model {
    let rows = case_::Entity::find()
        .all(&app.database().await)
        .await
        .unwrap();
    let number = app
        .clerk()
        .query(
            "query Number($id: ID!) { case(id: $id) { caseNumber } }",
            json!({ "id": id }),
        )
        .await
        .ok();
    let number = number.text("case.caseNumber");
    rows.into_iter()
        .find(|row| row.case_number == number)
        .unwrap()
}

async fn clocks(app: &TestApp, application: &Application) -> (String, String, String) {
    let answer = app
        .clerk()
        .query(
            &documents::CASE_CLOCKS,
            json!({ "id": application.cases[0].id }),
        )
        .await
        .ok();
    (
        answer.text("case.lamp"),
        answer.text("case.promised.dueOn"),
        answer.text("case.statutory.dueOn"),
    )
}

/// Every due date that a row keeps, made anew from the events.
async fn kept_is_what_events_give(app: &TestApp) {
    let program = app.program();
    program.library.refresh(&program.db).await.unwrap();
    let today = lianshen_domain::calendar::local_date(app.clock.now());
    let snapshot = program.library.present();
    let found = case::recount(&program.db, &snapshot, &program.config, today)
        .await
        .unwrap();
    let kept = clock::Entity::find()
        .all(&app.database().await)
        .await
        .unwrap()
        .len();
    assert_eq!(
        found,
        Recount {
            clocks: kept as u64,
            applications: found.applications,
            faults: Vec::new()
        }
    );
}
