//! A database of the first version, with work under way, brought up to this one.

use std::collections::BTreeMap;

use lianshen::app::App;
use lianshen::case::{self, SweepReport};
use lianshen::config::Config;
use lianshen::db::{self, Db};
use lianshen::env::{Clock as _, Env};
use lianshen::ledger::{self, Entry};
use lianshen::server::open_app;
use lianshen::tally;
use lianshen_domain::calendar::{local_date, start_of};
use lianshen_domain::clock::Standing;
use lianshen_domain::event::{EventKind, Happening};
use lianshen_domain::ids::{ApplicationId, CaseId, Id as _};
use lianshen_entity::{Coded, application, case_, clock, event};
use lianshen_migration::{Migrator, MigratorTrait as _};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, Database, EntityTrait as _, PaginatorTrait as _,
    QueryFilter as _, Statement,
};
use serde_json::json;
use uuid::Uuid;

use crate::support::TestApp;
use crate::support::cards::{card_line, raw};
use crate::support::database::open;
use crate::support::each_db;
use crate::support::world::Application;

each_db! {
    async fn what_was_under_way_gets_its_clocks_from_its_events(app: TestApp) {
        let open_one = app.submit(&["SJJ-01-002", "CGJ-01-001"]).await;
        app.restaurant(&[("Q1", "Y"), ("Q2", "N"), ("Q4", "Y"), ("Q5", "Y"), ("Q6", "Y")]).await;
        let decided = app.submit(&["CGJ-01-001"]).await;
        app.agree(&decided.cases[0].review).await;
        app.grant(&decided.cases[0]).await;
        app.agree(&open_one.cases[1].review).await;
        let before = dates(&open(&app.database_url).await).await;
        assert!(before.len() > 5);

        let anew = by_way_of_the_first_version(&app).await;
        assert!(clock::Entity::find().all(anew.db.reader()).await.unwrap().is_empty());
        let swept = case::sweep(&anew).await.unwrap();
        assert_eq!(swept.failed, 0);

        let snapshot = anew.library.present();
        let today = local_date(app.clock.now());
        let found = case::recount(&anew.db, &snapshot, &anew.config, today).await.unwrap();
        assert_eq!(found.faults, Vec::<String>::new());
        assert!(found.clocks > 15, "{found:?}");
        assert_eq!(dates(&anew.db).await, before, "no due date moved by it");
        // The cases that were there were counted by the migration, the clocks and cards since by the sweep.
        let counted = case::recount_tally(&anew.db).await.unwrap();
        assert_eq!(counted.faults, Vec::<String>::new());
        assert!(counted.rows >= 5, "{counted:?}");
        anew.db.close().await;
    }

    /// The former versions called all in time or late that was not voided. Some of it was folded in, and some was not.
    async fn what_ended_without_a_decision_is_no_longer_in_time(app: TestApp) {
        let program = app.program();
        for round in 1..=2 {
            let [decided, withdrawn] = [app.submit(&["SJJ-01-002"]).await, app.submit(&["SJJ-01-002"]).await];
            app.agree(&decided.cases[0].review).await;
            app.grant(&decided.cases[0]).await;
            app.clerk().does("applicationWithdraw", &withdrawn.id, json!({})).await.done();
            if round == 1 {
                tally::fold(&program.db, &program.env, Uuid::from_u128(1)).await.unwrap();
            }
        }
        let connection = app.database().await;

        Migrator::down(&connection, Some(since("_ended_in"))).await.unwrap();

        let kept = "SELECT CAST(sum(n) AS bigint) AS n FROM tally WHERE topic = 'ENDED_IN' AND code = 'IN_TIME'";
        let kept = Statement::from_string(connection.get_database_backend(), kept);
        let kept = connection.query_one_raw(kept).await.unwrap().unwrap();
        assert_eq!(kept.try_get::<i64>("", "n").unwrap(), 3, "with the change that is not folded in: four");

        Migrator::up(&connection, None).await.unwrap();

        connection.close().await.unwrap();
        assert_eq!(case::recount_tally(&program.db).await.unwrap().faults, Vec::<String>::new());
        tally::fold(&program.db, &program.env, Uuid::from_u128(1)).await.unwrap();
        assert_eq!(case::recount_tally(&program.db).await.unwrap().faults, Vec::<String>::new());
    }

    /// What ended before is counted alike with suspensions and without; the sweep looks at it again and finds what only they kept
    /// in time. It raises nothing, and but the version it moves no other column.
    async fn what_was_suspended_before_is_judged_without_its_suspensions(app: TestApp) {
        // Promised in seven days.
        let [suspended, plain] = [app.submit(&["FGW-01-002"]).await, app.submit(&["FGW-01-002"]).await];
        let withdrawn = app.submit(&["FGW-01-002"]).await;
        let reviewer = app.reviewer("FGW");
        for application in [&suspended, &withdrawn] {
            let begin = json!({ "procedure": "EXPERT_REVIEW", "expected": { "n": 10, "unit": "WORKDAY" },
                "noticeDeliveredOn": app.clock.today() });
            reviewer.does("caseBeginSpecialProcedure", &application.cases[0].id, begin).await.done();
        }
        app.sweep_daily_until("2026-03-13").await;
        for application in [&suspended, &withdrawn] {
            let end = json!({ "procedure": "EXPERT_REVIEW", "finding": "完成" });
            reviewer.does("caseEndSpecialProcedure", &application.cases[0].id, end).await.done();
        }
        app.clerk().does("applicationWithdraw", &withdrawn.id, json!({})).await.done();
        for application in [&suspended, &plain] {
            app.agree(&application.cases[0].review).await;
            app.grant(&application.cases[0]).await;
            app.deliver(application).await;
        }
        app.sweep().await;
        let program = app.program();
        let read = async || {
            let rows = case_::Entity::find().all(program.db.reader()).await.unwrap();
            let rows = rows.into_iter().map(|row| (row.id, case_::Model { version: 0, ..row }));
            rows.collect::<BTreeMap<_, _>>()
        };
        let told = async || {
            let events = event::Entity::find().count(program.db.reader()).await.unwrap();
            (app.card_rows().await.len(), events)
        };
        let (before, told_before) = (read().await, told().await);
        for application in [&suspended, &withdrawn] {
            let kept = before[&raw(&application.cases[0].id)].standing_unsuspended;
            assert_eq!(kept, Some(Coded(Standing::PromisePassed)));
        }
        let connection = app.database().await;

        Migrator::down(&connection, Some(since("_unsuspended"))).await.unwrap();
        Migrator::up(&connection, None).await.unwrap();

        connection.close().await.unwrap();
        assert!(read().await.values().all(|row| row.standing_unsuspended.is_none()));
        let faults = async || {
            let (snapshot, today) = (program.library.present(), app.clock.today());
            let clocks = case::recount(&program.db, &snapshot, &program.config, today).await.unwrap();
            [clocks.faults, case::recount_tally(&program.db).await.unwrap().faults].concat()
        };
        assert_eq!(faults().await, Vec::<String>::new(), "it is due to be looked at");
        assert_eq!(case::sweep(program).await.unwrap(), SweepReport::default());
        assert_eq!(read().await, before);
        assert_eq!(told().await, told_before);
        assert_eq!(faults().await, Vec::<String>::new());
    }

    async fn what_was_announced_is_not_announced_again(app: TestApp) {
        // Both are promised in five days, and ten by law. The first version had announced what one of them brought by then.
        let [told, untold] = [app.submit(&["SJJ-01-002"]).await, app.submit(&["SJJ-01-002"]).await];
        for (kind, on) in [(EventKind::DeadlineNear, "2026-03-06"), (EventKind::PromiseOverdue, "2026-03-10")] {
            app.go_to(on);
            announce_as_before(&app, &told, kind, on).await;
        }
        app.go_to("2026-03-17");

        let anew = by_way_of_the_first_version(&app).await;
        let swept = case::sweep(&anew).await.unwrap();
        let cards = app.card_rows().await;
        let of = |application: &Application| -> Vec<String> {
            let id = raw(&application.cases[0].id);
            cards.iter().filter(|card| card.subject_id == id).map(card_line).collect()
        };
        let all = [
            "TIME_01 ALERT 2026-03-06",
            "TIME_05 YELLOW 2026-03-06",
            "TIME_02 YELLOW 2026-03-10",
            "TIME_03 ALERT 2026-03-13",
            "TIME_10 RED 2026-03-13",
            "TIME_04 RED 2026-03-17",
        ];
        assert_eq!(of(&told), all);
        assert_eq!(of(&untold), all);
        assert_eq!((swept.changed, swept.failed), (10, 0), "what had been told is not told again");
        let announced = |kind: EventKind| event::Entity::find().filter(event::Column::Kind.eq(Coded(kind))).count(anew.db.reader());
        // One was told before, one is told now, and of each the statutory limit came near since.
        assert_eq!(announced(EventKind::DeadlineNear).await.unwrap(), 4);
        assert_eq!(announced(EventKind::PromiseOverdue).await.unwrap(), 2);
        assert_eq!(case::sweep(&anew).await.unwrap().changed, 0);
        anew.db.close().await;
    }
}

/// How many migrations there are since one, with it.
fn since(name: &str) -> u32 {
    let all = Migrator::migrations();
    let later = all.iter().skip_while(|one| !one.name().ends_with(name));
    u32::try_from(later.count()).unwrap()
}

/// What the sweep of the first version wrote.
async fn announce_as_before(app: &TestApp, application: &Application, kind: EventKind, on: &str) {
    let case = &application.cases[0];
    let happening = Happening {
        case: Some(CaseId::new(raw(&case.id))),
        department: Some(case.department.clone()),
        ..Happening::of_application(kind)
    };
    let happening = happening
        .with("item", case.item.clone())
        .with("on", on.to_owned());
    let program = app.program();
    db::write(&program.db, async |tx| {
        let entry = Entry {
            region: "320999",
            application: Some(ApplicationId::new(raw(&application.id))),
            actor: None,
            happened_at: start_of(on.parse().unwrap()),
        };
        ledger::append(&tx, &program.env, entry, std::slice::from_ref(&happening)).await
    })
    .await
    .unwrap();
}

/// The same program after its tables were those of the first version, and were brought up again.
async fn by_way_of_the_first_version(app: &TestApp) -> App {
    let is_sqlite = app.database_url.starts_with("sqlite");
    let mode = if is_sqlite { "?mode=rwc" } else { "" };
    let connection = Database::connect(format!("{}{mode}", app.database_url))
        .await
        .unwrap();
    let later = u32::try_from(Migrator::migrations().len()).unwrap() - 1;
    Migrator::down(&connection, Some(later)).await.unwrap();
    connection
        .execute_unprepared("UPDATE case_ SET lamp_changes_on = NULL")
        .await
        .unwrap();
    Migrator::up(&connection, None).await.unwrap();
    connection.close().await.unwrap();
    let (config, env) = (Config::defaults().unwrap(), Env::new(app.clock.clone()));
    open_app(config, env, open(&app.database_url).await)
        .await
        .unwrap()
}

/// Every due date that a row keeps.
async fn dates(db: &Db) -> Vec<(String, Option<chrono::NaiveDate>, Option<chrono::NaiveDate>)> {
    let cases = case_::Entity::find().all(db.reader()).await.unwrap();
    let cases = cases
        .into_iter()
        .map(|row| (row.case_number, row.promised_due_on, row.statutory_due_on));
    let wholes = application::Entity::find().all(db.reader()).await.unwrap();
    let wholes = wholes.into_iter().map(|row| {
        (
            row.receipt_number,
            row.joint_promised_due_on,
            row.joint_statutory_due_on,
        )
    });
    let mut all: Vec<_> = cases.chain(wholes).collect();
    all.sort();
    all
}
