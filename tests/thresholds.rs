//! The rules of supervision by the configuration of the centre, and with several servers on one database.

use std::time::Duration;

use lianshen::config::Config;
use lianshen::db;
use lianshen_domain::clock::CardModel;
use lianshen_domain::supervision::TimeRule;
use lianshen_entity::case_;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use serde_json::{Value, json};

use crate::support::cards::{card_line, raw};
use crate::support::clock::ManualClock;
use crate::support::log::Log;
use crate::support::world::Case;
use crate::support::written::assert_unchanged;
use crate::support::{TestApp, TestDatabase, documents, each_db};

/// Promised in five working days, ten by law.
const ITEM: &str = "SJJ-01-002";

/// What is raised on one that nobody looks at from Monday, 2 March 2026.
const NEGLECTED: &[&str] = &[
    "TIME_01 ALERT 2026-03-06",
    "TIME_05 YELLOW 2026-03-06",
    "TIME_02 YELLOW 2026-03-10",
    "TIME_03 ALERT 2026-03-13",
    "TIME_10 RED 2026-03-13",
    "TIME_04 RED 2026-03-17",
];

each_db! {
    on seeded

    /// Yellow warns, red says that it passed; lamps, inbox and counts say the same.
    async fn where_colours_warn_cards_and_lamps_follow(database: TestDatabase) {
        let (app, server) = start(database, |config| {
            config.thresholds.card_model = CardModel::WarningColours;
        }).await;
        let application = app.submit(&[ITEM]).await;
        for (day, lamp, counts) in [
            ("2026-03-05", "GREEN", [0, 0, 0]),
            ("2026-03-06", "YELLOW", [0, 1, 0]),
            ("2026-03-09", "YELLOW", [0, 1, 0]),
            ("2026-03-10", "RED", [0, 0, 1]),
            ("2026-03-17", "RED", [0, 0, 1]),
        ] {
            app.sweep_daily_until(day).await;
            let id = json!({ "id": application.cases[0].id });
            let told = app.clerk().query(&documents::CASE_CLOCKS, id).await.ok();
            assert_eq!(told.text("case.lamp"), lamp, "{day}");
            let reviewer = app.reviewer("SJJ");
            let inbox = reviewer.query(&documents::INBOX, json!({ "filter": { "lamp": lamp } })).await.ok();
            assert_eq!(inbox.texts("inbox.nodes", "lamp"), [lamp], "{day}");
            let told = reviewer.query(&documents::INBOX_COUNTS, json!({})).await.ok();
            let told = ["alert", "yellow", "red"].map(|name| told.number(&format!("inboxCounts.{name}")));
            assert_eq!(told, counts, "{day}");
        }
        assert_eq!(
            app.cards().await,
            [
                "TIME_01 YELLOW 2026-03-06",
                "TIME_05 RED 2026-03-06",
                "TIME_02 RED 2026-03-10",
                "TIME_03 YELLOW 2026-03-13",
                "TIME_10 RED 2026-03-13",
                "TIME_04 RED 2026-03-17",
            ]
        );
        app.agree(&application.cases[0].review).await;
        app.grant(&application.cases[0]).await;
        let left: Vec<String> = app.cards().await.into_iter().filter(|line| line.contains("until")).collect();
        assert_eq!(left, ["TIME_01 YELLOW 2026-03-06 until 2026-03-17", "TIME_03 YELLOW 2026-03-13 until 2026-03-17"]);
        app.assert_announced_once().await;
        server.stop().await;
    }

    async fn a_warning_colour_ends_with_a_case_that_is_in_time(database: TestDatabase) {
        let (app, server) = start(database, |config| {
            config.thresholds.card_model = CardModel::WarningColours;
        }).await;
        let application = app.submit(&[ITEM]).await;
        app.sweep_daily_until("2026-03-09").await;
        app.agree(&application.cases[0].review).await;
        app.grant(&application.cases[0]).await;
        app.go_to("2026-12-01");
        let told = app.clerk().query(&documents::CASE_CLOCKS, json!({ "id": application.cases[0].id })).await.ok();
        assert_eq!(told.text("case.lamp"), "GREEN");
        server.stop().await;
    }

    async fn other_thresholds_move_cards_and_lamps(database: TestDatabase) {
        let (app, server) = start(database, |config| {
            let thresholds = &mut config.thresholds;
            thresholds.promise_charged_percent = 40;
            thresholds.statutory_left_percent = 50;
            thresholds.still_open_after = 1;
            thresholds.off = vec![TimeRule::StepPassed];
            thresholds.grace = [(TimeRule::PromisePassed, 2)].into();
        }).await;
        let application = app.submit(&[ITEM]).await;
        for (day, lamp) in [("2026-03-03", "GREEN"), ("2026-03-04", "ALERT"), ("2026-03-10", "YELLOW")] {
            app.sweep_daily_until(day).await;
            let id = json!({ "id": application.cases[0].id });
            let told = app.clerk().query(&documents::CASE_CLOCKS, id).await.ok();
            assert_eq!(told.text("case.lamp"), lamp, "{day}: grace is for cards, the lamp says what is");
        }
        app.sweep_daily_until("2026-03-31").await;
        assert_eq!(
            app.cards().await,
            [
                "TIME_01 ALERT 2026-03-04",
                "TIME_03 ALERT 2026-03-09",
                "TIME_10 RED 2026-03-11",
                "TIME_02 YELLOW 2026-03-12",
                "TIME_04 RED 2026-03-17",
            ]
        );
        app.assert_announced_once().await;
        server.stop().await;
    }

    /// A rule that is switched off raises no more; what it raised stays. Switched on again it speaks of what is still so.
    async fn a_rule_that_is_switched_off_keeps_its_memory(database: TestDatabase) {
        let (app, server) = start(database, |_| {}).await;
        let application = app.submit(&[ITEM]).await;
        let decided = app.submit(&[ITEM]).await;
        app.sweep_daily_until("2026-03-06").await;
        server.stop().await;

        let off = |config: &mut Config| {
            config.thresholds.off = vec![TimeRule::StepPassed, TimeRule::PromisePassed];
        };
        let (app, server) = start(database, off).await;
        app.go_to("2026-03-11");
        app.agree(&decided.cases[0].review).await;
        app.grant(&decided.cases[0]).await;
        app.sweep().await;
        let rules = |app: TestApp, application: String| async move {
            let rows = app.card_rows().await;
            let own = rows.iter().filter(|card| card.application_id == raw(&application));
            own.map(|card| lianshen_domain::code::Code::code(card.rule.0)).collect::<Vec<_>>()
        };
        assert_eq!(rules(app.clone(), application.id.clone()).await, ["TIME_01", "TIME_05"]);
        server.stop().await;

        let (app, server) = start(database, |_| {}).await;
        app.go_to("2026-03-13");
        app.sweep().await;
        app.go_to("2026-03-27");
        app.sweep().await;
        assert_eq!(
            rules(app.clone(), application.id.clone()).await,
            ["TIME_01", "TIME_05", "TIME_02", "TIME_03", "TIME_10", "TIME_04"]
        );
        assert_eq!(rules(app.clone(), decided.id.clone()).await, ["TIME_01", "TIME_05", "TIME_08"], "its clocks had stopped");
        app.assert_announced_once().await;
        server.stop().await;
    }

    /// A centre that wants to be warned sooner is warned of what is open at once, and once; and no more when it wants that
    /// no longer. Nobody acts on any of it meanwhile.
    async fn changed_thresholds_hold_for_what_is_open(database: TestDatabase) {
        let (app, server) = start(database, |_| {}).await;
        let application = app.submit(&[ITEM]).await;
        app.submit(&["CGJ-01-001"]).await;
        assert_eq!(app.sweep().await.changed, 0);
        assert_eq!(near(&app, &application.cases[0]).await, ("GREEN".to_owned(), 0));
        server.stop().await;

        let (app, server) = start(database, |config| {
            config.thresholds.promise_days_left = 10;
            config.thresholds.statutory_days_left = 15;
        }).await;
        assert_eq!(near(&app, &application.cases[0]).await, ("GREEN".to_owned(), 0), "nobody has looked yet");
        let (one, other) = tokio::join!(app.sweep(), app.sweep());
        assert_eq!((one.failed, other.failed), (0, 0));
        assert_eq!(one.changed + other.changed, app.card_rows().await.len() as u64);
        assert_eq!(near(&app, &application.cases[0]).await, ("ALERT".to_owned(), 2));
        assert!(app.cards().await.contains(&"TIME_03 ALERT 2026-03-02".to_owned()), "{:?}", app.cards().await);
        let again = app.written().await;
        assert_eq!(app.sweep().await.changed, 0);
        assert_unchanged(&again, &app.written().await, "a second look");
        server.stop().await;

        let (app, server) = start(database, |_| {}).await;
        app.sweep().await;
        assert_eq!(near(&app, &application.cases[0]).await, ("GREEN".to_owned(), 0));
        assert!(app.cards().await.iter().all(|card| card.ends_with("until 2026-03-02")), "{:?}", app.cards().await);
        app.sweep_daily_until("2026-03-06").await;
        assert_eq!(near(&app, &application.cases[0]).await.0, "ALERT", "as it was to be from the beginning");
        app.assert_announced_once().await;
        server.stop().await;
    }

    /// Of one server, since SQLite has no more; what two do stands in `servers.rs`.
    async fn two_sweeps_at_once_announce_each_once(database: TestDatabase) {
        let (app, server) = start(database, |_| {}).await;
        for _ in 0..8 {
            app.submit(&[ITEM]).await;
        }
        for day in ["2026-03-06", "2026-03-13", "2026-03-31"] {
            app.go_to(day);
            let (left, right) = tokio::join!(app.sweep(), app.sweep());
            assert_eq!((left.failed, right.failed), (0, 0));
        }
        assert_eq!(app.card_rows().await.len(), 8 * 6);
        app.assert_announced_once().await;
        server.stop().await;
    }

    /// Trap 19: a row that nobody can read.
    async fn a_poisoned_application_stops_no_other(database: TestDatabase) {
        let (app, server) = start(database, |_| {}).await;
        let poisoned = app.submit(&[ITEM]).await;
        let others = [app.submit(&[ITEM]).await, app.submit(&[ITEM]).await];
        set_predecessors(&app, &poisoned.cases[0], json!("poison")).await;
        app.go_to("2026-03-31");

        let report = lianshen::case::sweep(app.program()).await.unwrap();
        assert_eq!((report.changed, report.failed), (12, 1));
        let report = lianshen::case::sweep(app.program()).await.unwrap();
        assert_eq!((report.changed, report.failed), (0, 1), "it is tried again");
        let about = others.map(|application| raw(&application.id));
        assert!(app.card_rows().await.iter().all(|card| about.contains(&card.application_id)));

        set_predecessors(&app, &poisoned.cases[0], json!([])).await;
        app.go_to("2026-04-08");
        let report = app.sweep().await;
        assert_eq!((report.changed, report.failed), (6, 0));
        let healed = app.card_rows().await.into_iter().filter(|card| card.application_id == raw(&poisoned.id));
        let healed: Vec<_> = healed.map(|card| card_line(&card)).collect();
        assert_eq!(healed, NEGLECTED, "each dated to its own day");
        app.assert_announced_once().await;
        server.stop().await;
    }

    /// Trap 14: an engine that nobody calls. Here nobody calls it but the program itself; a listener is told.
    async fn the_program_sweeps_by_itself_and_tells_who_listens(database: TestDatabase) {
        let configure = |config: &mut Config| config.sweep_seconds = 1;
        let (app, server) = TestApp::start_with(database, &Log::default(), true, configure).await;
        let application = app.submit(&[ITEM]).await;
        // Two minutes before midnight, so that nobody's session ends meanwhile.
        let midnight = lianshen_domain::calendar::start_of("2026-03-10".parse().unwrap());
        app.clock.set(midnight - chrono::TimeDelta::minutes(2));
        let events = json!({ "id": application.id });
        let mut window = app.clerk().subscribe(&documents::APPLICATION_EVENTS, events).await;
        let mut inbox = app.reviewer("SJJ").subscribe(&documents::INBOX_CHANGED, json!({})).await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        app.clock.advance(chrono::TimeDelta::minutes(3));
        let mut kinds = Vec::new();
        while !kinds.contains(&"PROMISE_OVERDUE".to_owned()) {
            let told = window.next_within(Duration::from_secs(20)).await.expect("the window is told");
            kinds.push(told["applicationEvents"]["event"]["kind"].as_str().unwrap_or_default().to_owned());
        }
        assert!(inbox.next_within(Duration::from_secs(20)).await.is_some(), "the department is told");
        server.stop().await;
    }
}

async fn start(
    database: &TestDatabase,
    configure: impl FnOnce(&mut Config),
) -> (TestApp, lianshen::server::Running) {
    let started = TestApp::start_with(database, &Log::default(), false, configure).await;
    started.0.clock.set(ManualClock::start());
    started
}

/// The lamp of a case, and how many open cases the dashboard says are near their end.
async fn near(app: &TestApp, case: &Case) -> (String, i64) {
    let id = json!({ "id": case.id });
    let told = app.clerk().query(&documents::CASE_CLOCKS, id).await.ok();
    let supervisor = app.supervisor();
    let counts = supervisor.query(&documents::DASHBOARD, json!({})).await;
    let counts = counts.ok();
    (
        told.text("case.lamp"),
        counts.number("dashboard.total.open.deadlines.near"),
    )
}

async fn set_predecessors(app: &TestApp, case: &Case, predecessors: Value) {
    let (db, id) = (&app.program().db, raw(&case.id));
    let written = db::write(db, async |tx| {
        case_::Entity::update_many()
            .col_expr(
                case_::Column::Predecessors,
                Expr::value(predecessors.clone()),
            )
            .filter(case_::Column::Id.eq(id))
            .exec(&**tx)
            .await?;
        Ok(())
    });
    written.await.unwrap();
}
