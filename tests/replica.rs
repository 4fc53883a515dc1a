//! A read replica, with a real streaming standby: it is read from when it has everything, and nobody reads less than what
//! was acknowledged.

use std::time::Duration;

use lianshen::server::Running;
use sea_orm::{ConnectionTrait as _, Database, DatabaseConnection, DbBackend, Statement};
use serde_json::json;
use tokio::time::Instant;

use crate::support::log::Log;
use crate::support::{Pair, TestApp, TestDatabase, documents};

/// Longer than any of it takes, so that a slow machine fails nothing.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the standby did last for the program, of what an inbox reads.
const ANSWERED: &str = "SELECT count(*) AS n FROM pg_stat_activity \
     WHERE application_name = 'lianshen' AND query LIKE '%FROM \"review\"%' AND pid <> pg_backend_pid()";

mod postgres {
    #[test]
    fn a_replica_is_read_from_and_nobody_reads_less_than_was_acknowledged() {
        crate::support::on_pair(super::reads);
    }
}

async fn reads(pair: &Pair) {
    let database = TestDatabase::planted(&pair.primary).await;
    let refused = start(&database, &pair.primary).await.err();
    let refused = refused.expect("the primary is no standby of itself");
    assert!(refused.contains("replica_url"), "{refused}");

    let (app, running) = start(&database, &pair.standby).await.unwrap();
    let db = &app.program().db;
    let replica = db.of_replica().expect("one is named");
    assert!(replica.is_standby().await.unwrap() && !db.is_standby().await.unwrap());
    assert_eq!(replica.pending_migrations().await.unwrap(), [""; 0]);
    let standby = Database::connect(&pair.standby).await.unwrap();
    let reviewer = app.reviewer("SJJ");
    let inbox = async || {
        let shown = reviewer.query(&documents::INBOX, json!({})).await.ok();
        shown.number("inbox.totalCount")
    };

    // As long as nothing is behind, it is the standby that answers.
    app.submit(&["SJJ-01-002"]).await;
    let began = Instant::now();
    while number(&standby, ANSWERED).await == 0 {
        assert_eq!(inbox().await, 1);
        assert!(began.elapsed() < PATIENCE, "the standby is never read from");
    }

    // While it stands still, what was acknowledged is read all the same, also by who did not write it.
    run(&standby, "SELECT pg_wal_replay_pause()").await;
    let began = Instant::now();
    while number(
        &standby,
        "SELECT count(*) AS n FROM (SELECT 1 WHERE pg_get_wal_replay_pause_state() = 'paused') one",
    )
    .await
        == 0
    {
        assert!(began.elapsed() < PATIENCE, "it does not stand still");
    }
    for count in 2..5 {
        app.submit(&["SJJ-01-002"]).await;
        assert_eq!(inbox().await, count, "an acknowledged act is not seen");
    }
    let applications = "SELECT count(*) AS n FROM application";
    assert_eq!(number(&standby, applications).await, 1, "it stands still");
    run(&standby, "SELECT pg_wal_replay_resume()").await;
    let began = Instant::now();
    while number(&standby, applications).await < 4 {
        assert!(began.elapsed() < PATIENCE, "it does not go on");
    }
    assert_eq!(inbox().await, 4);

    // It goes away: the primary is read, and what comes is seen. A question under way may be told to ask again.
    standby.close().await.unwrap();
    pair.halt();
    app.submit(&["SJJ-01-002"]).await;
    let began = Instant::now();
    loop {
        let shown = reviewer.query(&documents::INBOX, json!({})).await;
        if shown.codes().is_empty() {
            assert_eq!(shown.ok().number("inbox.totalCount"), 5);
            break;
        }
        assert_eq!(shown.codes(), ["BUSY"], "{shown}");
        assert!(began.elapsed() < PATIENCE, "nobody answers");
    }
    running.stop().await;
}

async fn start(database: &TestDatabase, replica: &str) -> Result<(TestApp, Running), String> {
    TestApp::try_start(database, &Log::default(), false, |config| {
        config.replica_url = replica.to_owned().into();
    })
    .await
    .map_err(|error| error.to_string())
}

async fn run(db: &DatabaseConnection, sql: &str) {
    db.execute_unprepared(sql).await.unwrap();
}

async fn number(db: &DatabaseConnection, sql: &str) -> i64 {
    let question = Statement::from_string(DbBackend::Postgres, sql);
    let row = db.query_one_raw(question).await.unwrap().unwrap();
    row.try_get("", "n").unwrap()
}
