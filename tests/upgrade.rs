//! A database of the first version, with work under way, brought up to this one.

use lianshen::case;
use lianshen::config::Config;
use lianshen::db::Db;
use lianshen::env::{Clock as _, Env};
use lianshen::server::open_app;
use lianshen_domain::calendar::local_date;
use lianshen_entity::{application, case_, clock};
use lianshen_migration::{Migrator, MigratorTrait as _};
use sea_orm::{ConnectionTrait as _, Database, EntityTrait as _};

use crate::support::database::open;
use crate::support::each_db;

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

        // Back to the tables of the first version, and forth again.
        let mode = if app.database_url.starts_with("sqlite") { "?mode=rwc" } else { "" };
        let connection = Database::connect(format!("{}{mode}", app.database_url)).await.unwrap();
        let later = u32::try_from(Migrator::migrations().len()).unwrap() - 1;
        Migrator::down(&connection, Some(later)).await.unwrap();
        connection.execute_unprepared("UPDATE case_ SET lamp_changes_on = NULL").await.unwrap();
        Migrator::up(&connection, None).await.unwrap();
        connection.close().await.unwrap();

        let (config, env) = (Config::defaults().unwrap(), Env::new(app.clock.clone()));
        let anew = open_app(config, env, open(&app.database_url).await).await.unwrap();
        assert!(clock::Entity::find().all(anew.db.reader()).await.unwrap().is_empty());
        let swept = case::sweep(&anew).await.unwrap();
        assert_eq!(swept.failed, 0);

        let snapshot = anew.library.present();
        let today = local_date(app.clock.now());
        let found = case::recount(&anew.db, &snapshot, &anew.config, today).await.unwrap();
        assert_eq!(found.faults, Vec::<String>::new());
        assert!(found.clocks > 15, "{found:?}");
        assert_eq!(dates(&anew.db).await, before, "no due date moved by it");
        anew.db.close().await;
    }
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
