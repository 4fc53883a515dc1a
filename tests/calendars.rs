//! Calendars as numbered notices: adopted, replaced and refused; national, of a region, of a department.

use lianshen::calendar::{self, NoticeAdopt};
use lianshen::case;
use lianshen::catalogue::Library;
use lianshen::db;
use lianshen::env::Clock as _;
use lianshen_domain::calendar::{Notice, NoticeDay, NoticeDayKind, Scope, start_of};
use lianshen_domain::event::EventKind;
use lianshen_entity::{Coded, centre, event};
use sea_orm::{ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _};
use serde_json::{Value, json};

use crate::support::world::{Application, new_key};
use crate::support::{Answer, TestApp, documents, each_db, seed};

const ADOPT: &str = "mutation Adopt($input: CalendarNoticeAdoptInput!) {
  calendarNoticeAdopt(input: $input) {
    notice { number year region departmentCode replaces supersededAt days { date kind holiday } }
    userErrors { code message field } } }";

const DAYS: &str = "query Days($from: Date!, $to: Date!, $departmentCode: String) {
  calendarDays(from: $from, to: $to, departmentCode: $departmentCode) {
    date kind worked holiday noticeNumber provisional } }";

const NOTICES: &str = "query Notices($year: Int) {
  calendarNotices(year: $year) { number issuer issuedOn year region departmentCode replaces adoptedAt supersededAt
    days { date kind holiday } } }";

const PAPERS: &str = "query Papers($id: ID!) {
  application(id: $id) { documents { kind lines { label value } } } }";

const CLOCK: &str = "query Clock($id: ID!) { case(id: $id) { promised { dueOn provisional } } }";

const LATE: &str =
    "query Late($id: ID!) { case(id: $id) { lamp promised { dueOn remaining overdue } } }";

each_db! {
    async fn two_departments_with_notices_of_their_own_get_two_due_dates(app: TestApp) {
        let application = app.submit(&["SJJ-01-002", "CGJ-01-001"]).await;
        assert_eq!(due(&app, &application).await, ["2026-03-09", "2026-03-05"]);
        let papers = app.clerk().query(PAPERS, json!({ "id": application.id })).await.ok();
        assert!(papers.to_string().contains("2026-03-09") && !papers.to_string().contains("暂定"), "{papers}");

        adopt(&app, local("滨政办〔2026〕1号", &[("2026-03-04", "OFF")])).await.done();
        assert_eq!(due(&app, &application).await, ["2026-03-10", "2026-03-06"]);

        let mut of_department = local("滨城管〔2026〕2号", &[("2026-03-05", "OFF")]);
        of_department["departmentCode"] = json!("CGJ");
        adopt(&app, of_department).await.done();
        assert_eq!(due(&app, &application).await, ["2026-03-10", "2026-03-09"]);

        let later = app.submit(&["SJJ-01-002", "CGJ-01-001"]).await;
        assert_eq!(due(&app, &later).await, ["2026-03-10", "2026-03-09"], "new clocks are set by the same calendars");

        let said = |department: Option<&'static str>| {
            let app = app.clone();
            async move {
                let asked = json!({ "from": "2026-03-05", "to": "2026-03-05", "departmentCode": department });
                let day = app.nobody().query(DAYS, asked).await.ok();
                (day.text("calendarDays.0.kind"), day.text("calendarDays.0.noticeNumber"))
            }
        };
        assert_eq!(said(Some("CGJ")).await, ("HOLIDAY".to_owned(), "滨城管〔2026〕2号".to_owned()));
        assert_eq!(said(None).await, ("WORKDAY".to_owned(), "国办发明电〔2025〕7号".to_owned()));
    }

    /// Two cases promised until 9 March, which nobody decides in time; one is decided after the notice, and entered as if before.
    async fn a_notice_after_the_due_date_heals_no_breach_and_gives_its_days_off(app: TestApp) {
        let application = app.submit(&["SJJ-01-002"]).await;
        let other = app.submit(&["SJJ-01-002"]).await;
        app.agree(&application.cases[0].review).await.done();
        app.clock.set_day("2026-03-12");
        app.sweep().await;
        let stands = async |application: &Application| {
            let said = app.clerk().query(LATE, json!({ "id": application.cases[0].id })).await.ok();
            let promised = said.data("case.promised");
            json!([promised["dueOn"], promised["remaining"], promised["overdue"], said.data("case.lamp")])
        };
        assert_eq!(stands(&application).await, json!(["2026-03-09", -3, true, "YELLOW"]));

        adopt(&app, local("滨政办〔2026〕1号", &[("2026-03-09", "OFF"), ("2026-03-10", "OFF")])).await.done();
        case::reproject(app.program()).await.unwrap();
        app.assert_sound().await;
        for application in [&application, &other] {
            assert_eq!(stands(application).await, json!(["2026-03-09", -2, true, "YELLOW"]), "the 11th and the 12th");
        }

        let late = json!({ "decision": "GRANT", "happenedOn": "2026-03-09" });
        app.decider("SJJ").does("caseDecide", &application.cases[0].id, late).await.done();
        assert_eq!(stands(&application).await, json!(["2026-03-09", -2, true, "YELLOW"]), "late on record stays late");
        app.assert_sound().await;
    }

    async fn a_year_is_provisional_until_its_notice_comes(app: TestApp) {
        app.clock.set(start_of("2026-12-28".parse().unwrap()));
        let application = app.submit(&["SJJ-01-002"]).await;
        let promised = |answer: &Answer| (answer.text("case.promised.dueOn"), answer.data("case.promised.provisional").clone());
        let before = clock(&app, &application.cases[0].id).await;
        assert_eq!(promised(&before), ("2027-01-04".to_owned(), json!(true)));
        let papers = app.clerk().query(PAPERS, json!({ "id": application.id })).await.ok();
        assert!(papers.to_string().contains("2027-01-04（暂定："), "the receipt says so, too: {papers}");

        adopt(&app, local("滨政办〔2026〕9号", &[("2027-01-11", "OFF")])).await.done();
        let still = clock(&app, &application.cases[0].id).await;
        assert_eq!(promised(&still), ("2027-01-04".to_owned(), json!(true)), "a local notice does not settle a year");

        adopt(&app, national("国办发明电〔2026〕9号", &[("2027-01-01", "OFF")])).await.done();
        let after = clock(&app, &application.cases[0].id).await;
        assert_eq!(promised(&after), ("2027-01-05".to_owned(), json!(false)));
        let days = app.nobody().query(DAYS, json!({ "from": "2026-12-31", "to": "2027-01-03" })).await.ok();
        assert_eq!(days.texts("calendarDays", "kind"), ["WORKDAY", "HOLIDAY", "WEEKEND", "WEEKEND"]);
        assert!(days.list("calendarDays").iter().all(|day| day["provisional"] == json!(false)));
    }

    async fn every_bad_notice_is_refused_by_its_code_and_nothing_is_written(app: TestApp) {
        adopt(&app, local("滨政办〔2026〕1号", &[("2026-03-04", "OFF"), ("2026-03-07", "MAKEUP")])).await.done();
        let before = app.written().await;
        let with = |mut input: Value, name: &str, value: Value| {
            input[name] = value;
            input
        };
        let good = || national("国办发明电〔2026〕9号", &[("2027-01-01", "OFF")]);
        let local = |days: &[(&str, &str)]| local("滨政办〔2026〕2号", days);
        for (input, code, field) in [
            (national("国办发明电〔2026〕9号", &[("2026-01-05", "OFF")]), "NOTICE_YEAR_TAKEN", "year"),
            (national("国办发明电〔2025〕7号", &[("2027-01-01", "OFF")]), "NOTICE_NUMBER_TAKEN", "number"),
            (with(good(), "replaces", json!("国办发明电〔2025〕7号")), "NOTICE_REPLACES_UNKNOWN", "replaces"),
            (with(good(), "days", json!([])), "NOTICE_EMPTY", "days"),
            (with(good(), "number", json!(" ")), "TEXT_EMPTY", "number"),
            (with(good(), "departmentCode", json!("SJJ")), "NOTICE_REGION_INVALID", "departmentCode"),
            (local(&[("2026-03-05", "OFF"), ("2027-03-05", "OFF")]), "NOTICE_DAY_OF_OTHER_YEAR", "days.1.date"),
            (local(&[("2026-03-05", "OFF"), ("2026-03-05", "OFF")]), "NOTICE_DAY_TWICE", "days.1.date"),
            (local(&[("2026-03-14", "OFF"), ("2026-03-14", "MAKEUP")]), "NOTICE_OFF_AND_MAKEUP", "days.1.date"),
            (local(&[("2026-03-05", "MAKEUP")]), "NOTICE_MAKEUP_ON_WEEKDAY", "days.0.date"),
            (local(&[("2026-03-07", "OFF")]), "NOTICE_DAYS_DISAGREE", "days.0.date"),
            (with(local(&[("2026-03-05", "OFF")]), "departmentCode", json!("NONE")), "DEPARTMENT_UNKNOWN", "departmentCode"),
        ] {
            let answer = adopt(&app, input).await;
            assert_eq!(answer.user_errors("calendarNoticeAdopt"), [code], "{answer}");
            assert_eq!(answer.fields("calendarNoticeAdopt"), [field], "{answer}");
            let cites = answer.messages()[0].contains("第") || !code.starts_with("NOTICE");
            assert!(cites, "{code} names no article: {answer}");
        }
        crate::support::written::assert_unchanged(&before, &app.written().await, "refused notices");
    }

    async fn an_amended_notice_replaces_the_former_one(app: TestApp) {
        adopt(&app, national("国办发明电〔2026〕9号", &[("2027-02-08", "OFF")])).await.done();
        app.clock.advance(chrono::TimeDelta::hours(1));
        let mut amended = national("国办发明电〔2027〕1号", &[("2027-02-08", "OFF"), ("2027-02-09", "OFF")]);
        amended["replaces"] = json!("国办发明电〔2026〕9号");

        let answer = adopt(&app, amended).await.done();

        assert_eq!(answer.text("calendarNoticeAdopt.notice.replaces"), "国办发明电〔2026〕9号");
        let notices = app.nobody().query(NOTICES, json!({ "year": 2027 })).await.ok();
        assert_eq!(notices.texts("calendarNotices", "number").len(), 2, "{notices}");
        for notice in notices.list("calendarNotices") {
            assert_eq!(notice["supersededAt"].is_null(), notice["number"] == json!("国办发明电〔2027〕1号"), "{notice}");
        }
        let day = app.nobody().query(DAYS, json!({ "from": "2027-02-09", "to": "2027-02-09" })).await.ok();
        assert_eq!(day.text("calendarDays.0.kind"), "HOLIDAY");
        let stored = Library::open(&app.program().db).await.unwrap().present();
        let then = stored.calendars.as_adopted_at(app.clock.now() - chrono::TimeDelta::minutes(1));
        assert!(then.national().is_workday("2027-02-09".parse().unwrap()), "as it was known before");
    }

    async fn the_same_notice_again_changes_nothing(app: TestApp) {
        let notice = local("滨政办〔2026〕1号", &[("2026-03-04", "OFF")]);
        adopt(&app, notice.clone()).await.done();
        let repeated = adopt(&app, notice.clone()).await.done();
        assert_eq!(repeated.text("calendarNoticeAdopt.notice.number"), "滨政办〔2026〕1号");
        assert_eq!(entered(&app, "滨政办〔2026〕1号").await.len(), 1);

        let mut other = with_new_key(notice);
        assert_eq!(adopt(&app, other.clone()).await.done().text("calendarNoticeAdopt.notice.number"), "滨政办〔2026〕1号");
        other["days"] = json!([day("2026-03-05", "OFF")]);
        let reused = adopt(&app, other.clone()).await;
        assert_eq!(reused.user_errors("calendarNoticeAdopt"), ["IDEMPOTENCY_KEY_REUSED"]);
        let rewritten = adopt(&app, with_new_key(other)).await;
        assert_eq!(rewritten.user_errors("calendarNoticeAdopt"), ["NOTICE_NUMBER_TAKEN"]);
        assert_eq!(entered(&app, "滨政办〔2026〕1号").await.len(), 1);

        let file = calendar::parse(include_str!("../api/data/holidays-cn.json")).unwrap();
        let adoption = calendar::adopt(&app.program().db, &app.program().env, &file).await.unwrap();
        assert_eq!((adoption.adopted.len(), adoption.superseded.len()), (0, 0));
    }

    async fn an_adoption_is_entered_in_the_ledger_and_kept_from_applicants(app: TestApp) {
        let mut notice = local("滨城管〔2026〕2号", &[("2026-03-05", "OFF")]);
        notice["departmentCode"] = json!("CGJ");

        adopt(&app, notice).await.done();

        let entries = entered(&app, "滨城管〔2026〕2号").await;
        let entry = &entries[0];
        assert_eq!((entries.len(), entry.region.as_str(), entry.public), (1, region(), false));
        assert_eq!(entry.department.as_deref(), Some("CGJ"));
        assert_eq!(entry.detail, json!({ "number": "滨城管〔2026〕2号", "year": "2026" }));
        assert!(entry.actor.is_some());
        let seeded = entered(&app, "国办发明电〔2025〕7号").await;
        assert_eq!((seeded.len(), seeded[0].actor), (1, None), "the command line has no account");
    }

    async fn only_the_centre_s_administrator_adopts_and_everybody_reads(app: TestApp) {
        let notice = || with_new_key(local("滨政办〔2026〕1号", &[("2026-03-04", "OFF")]));
        for client in [app.applicant(), app.clerk(), app.reviewer("SJJ"), app.decider("SJJ"), app.supervisor(), app.system()] {
            let answer = client.act(ADOPT, notice()).await;
            assert_eq!(answer.user_errors("calendarNoticeAdopt"), ["FORBIDDEN"]);
        }
        assert_eq!(app.nobody().act(ADOPT, notice()).await.error_code(), "UNAUTHENTICATED");
        for client in [app.nobody(), app.applicant(), app.system()] {
            let notices = client.query(NOTICES, json!({})).await.ok();
            assert_eq!(notices.texts("calendarNotices", "number"), ["国办发明电〔2025〕7号"]);
            assert!(notices.list("calendarNotices.0.days").len() > 20);
        }
        let too_long = app.nobody().query(DAYS, json!({ "from": "2026-01-01", "to": "2027-02-05" })).await;
        assert_eq!(too_long.error_code(), "DATE_OUT_OF_RANGE");
        let backwards = app.nobody().query(DAYS, json!({ "from": "2026-01-02", "to": "2026-01-01" })).await;
        assert_eq!(backwards.error_code(), "DATE_OUT_OF_RANGE");
        let nowhere = json!({ "from": "2026-01-01", "to": "2026-01-02", "departmentCode": "sjj" });
        let nowhere = app.nobody().query(DAYS, nowhere).await;
        assert_eq!(nowhere.error_code(), "DEPARTMENT_UNKNOWN");
        let longest = app.nobody().query(DAYS, json!({ "from": "2026-01-01", "to": "2027-02-04" })).await.ok();
        assert_eq!(longest.list("calendarDays").len(), 400);
        assert!(longest.list("calendarDays").iter().all(|day| {
            day["provisional"] == json!(day["date"].as_str().unwrap().starts_with("2027"))
        }));
    }

    async fn what_would_hold_for_another_centre_is_not_for_one_of_them_to_adopt(app: TestApp) {
        let (near, far) = (region().to_owned(), "320998");
        let row = centre::Model { region: far.to_owned(), name: "邻县".into(), region_name: "邻县".into(), revision: 0 };
        let program = app.program();
        let added = db::write(&program.db, async |tx| {
            centre::Entity::insert(row.clone().into_active_model()).exec_without_returning(&**tx).await?;
            Ok(())
        });
        added.await.unwrap();

        let refused = adopt(&app, national("国办发明电〔2026〕9号", &[("2027-01-01", "OFF")])).await;
        assert_eq!(refused.user_errors("calendarNoticeAdopt"), ["NOTICE_OF_OTHERS"]);
        assert!(refused.messages()[0].contains("lianshen calendar import"), "{refused}");
        adopt(&app, local("滨政办〔2026〕1号", &[("2026-03-04", "OFF")])).await.done();

        // The city's notice reaches both centres, and is of neither; the command line adopts it.
        let city = Notice {
            number: "市政办〔2026〕5号".into(),
            issuer: "市人民政府办公室".into(),
            issued_on: "2026-02-01".parse().unwrap(),
            year: 2026,
            scope: Scope::of(Some("320900"), None).unwrap(),
            replaces: None,
            days: vec![NoticeDay { date: "2026-03-11".parse().unwrap(), holiday: "市庆".into(), kind: NoticeDayKind::Off }],
        };
        let administrator = administrator(&app).await;
        let command = NoticeAdopt { idempotency_key: new_key(), notice: city.clone() };
        assert!(calendar::adopt_for_centre(program, &administrator, command).await.is_err());
        let follower = Library::open(&program.db).await.unwrap();
        let before = calendar::preview(&program.db, &program.env, std::slice::from_ref(&city)).await.unwrap();
        assert_eq!(entered(&app, "市政办〔2026〕5号").await.len(), 0, "a preview writes nothing");
        assert!(!before.after.of(far, None).is_workday("2026-03-11".parse().unwrap()));

        calendar::adopt(&program.db, &program.env, &[city]).await.unwrap();

        let entries = entered(&app, "市政办〔2026〕5号").await;
        let mut regions: Vec<_> = entries.iter().map(|entry| entry.region.as_str()).collect();
        regions.sort_unstable();
        assert_eq!(regions, [far, &near]);
        follower.follow(&program.db).await.unwrap();
        let followed = follower.present();
        for region in [far, &near] {
            assert!(!followed.calendar(region, None).is_workday("2026-03-11".parse().unwrap()), "{region}");
        }
        assert!(followed.calendar("110000", None).is_workday("2026-03-11".parse().unwrap()));
    }

    async fn a_notice_that_holds_for_nobody_is_named_before_it_is_adopted(app: TestApp) {
        let listed = |place: &str| {
            let file = format!(r#"{{ "notices": [{{ "year": 2026, "number": "滨政办〔2026〕7号", "issuer": "滨澜县人民政府办公室",
                "issuedOn": "2026-02-02", {place}
                "holidays": [{{ "name": "县庆", "offDates": ["2026-03-04"], "makeupWorkDates": [] }}] }}] }}"#);
            calendar::parse(&file).unwrap()
        };
        for (place, said) in [
            (r#""region": "320998","#, "滨政办〔2026〕7号: there is no centre in region 320998; there are centres in: 320999"),
            (r#""region": "320999", "department": "CGG","#, "滨政办〔2026〕7号: region 320999 has no department CGG; it has: CGJ, CZJ, FGW"),
        ] {
            let misplaced = calendar::misplaced(&app.program().db, &listed(place)).await.unwrap();
            assert!(misplaced.len() == 1 && misplaced[0].starts_with(said), "{misplaced:?}");
        }
        for place in ["", r#""region": "320000","#, r#""region": "320999","#, r#""region": "320999", "department": "CGJ","#] {
            let misplaced = calendar::misplaced(&app.program().db, &listed(place)).await.unwrap();
            assert_eq!(misplaced, Vec::<String>::new(), "{place}");
        }
    }

    async fn of_two_contradicting_notices_at_once_one_is_adopted(app: TestApp) {
        for (round, saturday) in ["2026-03-14", "2026-03-21", "2026-03-28", "2026-04-11", "2026-04-18"].iter().enumerate() {
            let numbers = [format!("滨政办〔2026〕{round}1号"), format!("滨政办〔2026〕{round}2号")];
            let off = local(&numbers[0], &[(saturday, "OFF")]);
            let worked = local(&numbers[1], &[(saturday, "MAKEUP")]);

            let (one, other) = tokio::join!(adopt(&app, off), adopt(&app, worked));

            let refusals = [one, other].map(|answer| answer.user_errors("calendarNoticeAdopt")).concat();
            assert_eq!(refusals, ["NOTICE_DAYS_DISAGREE"]);
            let adopted = [entered(&app, &numbers[0]).await, entered(&app, &numbers[1]).await].concat();
            assert_eq!(adopted.len(), 1);
        }
        Library::open(&app.program().db).await.unwrap();
    }
}

fn region() -> &'static str {
    &seed::catalogue_file().region.code
}

fn day(date: &str, kind: &str) -> Value {
    json!({ "date": date, "kind": kind, "holiday": "调休" })
}

/// A notice of the centre's own region, for the year of its first day.
fn local(number: &str, days: &[(&str, &str)]) -> Value {
    json!({
        "idempotencyKey": new_key(),
        "number": number,
        "issuer": "滨澜县人民政府办公室",
        "issuedOn": "2026-02-02",
        "year": days[0].0[..4].parse::<i32>().unwrap(),
        "days": days.iter().map(|(date, kind)| day(date, kind)).collect::<Vec<_>>(),
    })
}

fn national(number: &str, days: &[(&str, &str)]) -> Value {
    let mut notice = local(number, days);
    notice["national"] = json!(true);
    notice["issuer"] = json!("国务院办公厅");
    notice
}

fn with_new_key(mut input: Value) -> Value {
    input["idempotencyKey"] = json!(new_key());
    input
}

async fn adopt(app: &TestApp, input: Value) -> Answer {
    app.administrator().act(ADOPT, input).await
}

async fn clock(app: &TestApp, case: &str) -> Answer {
    app.clerk().query(CLOCK, json!({ "id": case })).await.ok()
}

/// The promised due dates of the cases of SJJ and CGJ.
async fn due(app: &TestApp, application: &Application) -> [String; 2] {
    let due_of = async |item: &str| {
        let shown = clock(app, &application.case(item).id).await;
        shown.text("case.promised.dueOn")
    };
    [due_of("SJJ-01-002").await, due_of("CGJ-01-001").await]
}

/// What the ledger says of the adoption of a notice.
async fn entered(app: &TestApp, number: &str) -> Vec<event::Model> {
    let all = event::Entity::find()
        .filter(event::Column::Kind.eq(Coded(EventKind::CalendarAdopted)))
        .all(app.program().db.reader())
        .await
        .unwrap();
    all.into_iter()
        .filter(|entry| entry.detail["number"] == json!(number))
        .collect()
}

/// The administrator, as the program knows them once they have signed in.
async fn administrator(app: &TestApp) -> lianshen_domain::actor::Actor {
    use lianshen_domain::ids::{AccountId, Id as _, SessionId};
    use lianshen_entity::{account, session};
    app.administrator()
        .query(&documents::ME, json!({}))
        .await
        .ok();
    let reader = app.program().db.reader();
    let row = account::Entity::find()
        .filter(account::Column::Name.eq("administrator"))
        .one(reader)
        .await
        .unwrap()
        .unwrap();
    let session = session::Entity::find()
        .filter(session::Column::AccountId.eq(row.id))
        .one(reader)
        .await
        .unwrap()
        .unwrap();
    lianshen_domain::actor::Actor {
        account: AccountId::new(row.id),
        session: SessionId::new(session.id),
        role: row.role.0,
        region: row.region,
        department: None,
        window: None,
        display_name: row.display_name,
    }
}
