use std::io::ErrorKind;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::{DateTime, Utc};
use lianshen_domain::event::{EventKind, Happening};
use secrecy::SecretString;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::*;
use crate::case;
use crate::db::scratch::Scratch;
use crate::env::Clock;
use crate::error::Lacking;
use crate::jobs::once_a_day;
use crate::ledger::{self, Entry};
use crate::tally;

struct Still;

impl Clock for Still {
    fn now(&self) -> DateTime<Utc> {
        "2026-11-23T01:00:00Z".parse().unwrap()
    }
}

/// A server on a database that goes with it.
fn server(scratch: &Scratch) -> Builder {
    let mut config = Config::defaults().unwrap();
    config.listen = ([127, 0, 0, 1], 0).into();
    config.database_url = SecretString::from(scratch.url());
    Server::builder(config)
        .env(Env::new(Arc::new(Still)))
        .migrate(true)
}

#[tokio::test]
async fn what_nobody_may_decide_so_is_not_served() {
    let scratch = Scratch::new();
    let mut server = server(&scratch);
    server.config.conventions.acceptance_check_days = 9;
    server.config.sweep_seconds = 0;
    let refused = server.start().await.err().expect("it does not start");
    for said in [
        "conventions.acceptance_check_days is 9, and may be 1 to 5",
        "sweep_seconds is 0, and may be 1 to 300",
    ] {
        assert!(refused.to_string().contains(said), "{refused}");
    }
}

#[tokio::test]
async fn a_file_that_is_not_there_is_made_only_by_who_may_migrate() {
    let scratch = Scratch::new();
    let refused = server(&scratch).migrate(false).start().await;
    let refused = refused.err().expect("it does not start").to_string();
    let said = format!("there is no file {}", scratch.file().display());
    assert!(refused.contains(&said), "{refused}");
    assert!(!scratch.file().exists());
    server(&scratch).start().await.unwrap().stop().await;
    assert!(scratch.file().exists());
}

/// A second one would sweep and number beside the first, which knows of nobody else.
#[tokio::test]
async fn a_sqlite_file_has_one_server_and_others_beside_it_that_look() {
    let scratch = Scratch::new();
    let first = server(&scratch).start().await.unwrap();
    append_event(&first.app).await;
    let refused = server(&scratch).start().await.err();
    let refused = refused.expect("it does not start").to_string();
    assert!(
        refused.contains("served by another lianshen already"),
        "{refused}"
    );
    let answer = get(first.addr, "/readyz").await.unwrap();
    assert!(answer.contains("200 OK"), "{answer}");

    let mut config = Config::defaults().unwrap();
    config.database_url = SecretString::from(scratch.url());
    let beside = open_database(&config, None, false).await.unwrap();
    assert!(ledger::verify(&beside).await.is_ok());
    beside.close().await;

    first.stop().await;
    server(&scratch).start().await.unwrap().stop().await;
}

async fn get(addr: SocketAddr, path: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(addr).await?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: hall\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}

async fn append_event(app: &App) {
    let happening = Happening::of_application(EventKind::AccountCreated);
    crate::db::write(&app.db, async |tx| {
        let entry = Entry {
            region: "330100",
            application: None,
            actor: None,
            happened_at: app.env.now(),
        };
        ledger::append(&tx, &app.env, entry, std::slice::from_ref(&happening)).await
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn serves_feeds_and_ends() {
    let scratch = Scratch::new();
    let statements = Arc::new(AtomicUsize::new(0));
    let counted = statements.clone();
    let running = server(&scratch)
        .observer(Arc::new(move |_, _, _| {
            counted.fetch_add(1, Ordering::Relaxed);
        }))
        .start()
        .await
        .unwrap();
    let addr = running.addr;
    assert!(get(addr, "/healthz").await.unwrap().contains("200 OK"));
    let ready = get(addr, "/readyz").await.unwrap();
    assert!(ready.contains(r#"{"ready":true,"notReady":[]}"#), "{ready}");

    let mut listener = running.app.feed.subscribe();
    append_event(&running.app).await;
    let heard = tokio::time::timeout(Duration::from_secs(5), listener.recv()).await;
    assert_eq!(heard.unwrap().unwrap().position, Some(1));
    assert_eq!(
        ledger::verify(&running.app.db).await.unwrap(),
        ledger::Audit::Sound(1)
    );

    let figures = get(addr, "/metrics").await.unwrap();
    assert!(
        figures.contains("\nlianshen_clock_faults_total 0"),
        "{figures}"
    );
    assert!(figures.contains(r#"lianshen_job_lag_seconds{job="sequencer"}"#));
    assert!(figures.contains("lianshen_db_statement_seconds_bucket"));
    assert!(statements.load(Ordering::Relaxed) > 5);

    running.stop().await;
    let refused = get(addr, "/healthz").await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
}

#[tokio::test]
async fn who_leaves_is_not_ready_first_and_answers_until_then() {
    let scratch = Scratch::new();
    let mut server = server(&scratch);
    server.config.farewell_seconds = 4;
    let running = server.start().await.unwrap();
    let addr = running.addr;
    let before = get(addr, "/readyz").await.unwrap();
    assert!(before.contains("200 OK"), "{before}");
    let stopping = tokio::spawn(running.stop());
    let mut ready = before;
    while ready.contains("200 OK") {
        ready = get(addr, "/readyz").await.unwrap();
    }
    assert!(
        ready.contains("503") && ready.contains("closing"),
        "{ready}"
    );
    let alive = get(addr, "/healthz").await.unwrap();
    assert!(alive.contains("200 OK"), "{alive}");
    stopping.await.unwrap();
    let refused = get(addr, "/healthz").await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
}

#[tokio::test]
async fn what_is_done_once_a_day_is_not_done_again_by_the_next_server() {
    let scratch = Scratch::new();
    let running = server(&scratch).jobs(false).start().await.unwrap();
    let (app, done) = (&running.app, Arc::new(AtomicUsize::default()));
    let counted = done.clone();
    let work: Sweep = Arc::new(move |_| {
        let round = counted.fetch_add(1, Ordering::Relaxed);
        Box::pin(async move {
            match round {
                0 => Err(AppError::Busy(Lacking::Connection)),
                _ => Ok(()),
            }
        })
    });
    let today = app.env.moment().today;
    let server = uuid::Uuid::from_u128;
    // What failed is not done.
    assert!(once_a_day(app, server(1), today, &work).await.is_err());
    for holder in [1, 2, 3, 1] {
        assert!(once_a_day(app, server(holder), today, &work).await.unwrap());
    }
    assert_eq!(done.load(Ordering::Relaxed), 2);
    let tomorrow = today.succ_opt().unwrap();
    for holder in [3, 1] {
        assert!(
            once_a_day(app, server(holder), tomorrow, &work)
                .await
                .unwrap()
        );
    }
    assert_eq!(done.load(Ordering::Relaxed), 3);
    running.stop().await;
}

#[tokio::test]
async fn without_loops_nothing_is_numbered() {
    let scratch = Scratch::new();
    let running = server(&scratch).jobs(false).start().await.unwrap();
    append_event(&running.app).await;
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert_eq!(ledger::last_position(&running.app.db).await.unwrap(), 0);
    running.stop().await;
}

#[tokio::test]
async fn a_sweep_that_fails_and_panics_is_tried_again() {
    let scratch = Scratch::new();
    let rounds = Arc::new(Mutex::new(0));
    let counted = rounds.clone();
    let mut server = server(&scratch).sweep(Arc::new(move |_| {
        let rounds = counted.clone();
        Box::pin(async move {
            let round = {
                let mut rounds = rounds.lock().unwrap();
                *rounds += 1;
                *rounds
            };
            match round {
                1 => Err(AppError::Busy(Lacking::Connection)),
                2 => panic!("a fault of the sweep"),
                _ => Ok(()),
            }
        })
    }));
    server.config.sweep_seconds = 1;
    let running = server.start().await.unwrap();
    tokio::time::sleep(Duration::from_secs(8)).await;
    assert!(*rounds.lock().unwrap() >= 3);
    running.stop().await;
}

#[tokio::test]
async fn tables_that_are_not_up_to_date_are_refused() {
    let scratch = Scratch::new();
    let refused = server(&scratch).migrate(false).start().await.err().unwrap();
    assert!(
        refused.to_string().contains("lianshen migrate"),
        "{refused}"
    );
}

#[tokio::test]
async fn what_is_not_ready_is_named_and_no_more() {
    let scratch = Scratch::new();
    let running = server(&scratch).start().await.unwrap();
    running.app.db.clone().close().await;
    let answer = get(running.addr, "/readyz").await.unwrap();
    assert!(answer.contains("503"), "{answer}");
    assert!(
        answer.contains(r#"{"ready":false,"notReady":["database"]}"#),
        "{answer}"
    );
    running.stop().await;
}

/// Limits the pages that the file may have: of the one connection that writes.
async fn bound_pages(db: &Db, pages: u32) {
    use sea_orm::ConnectionTrait as _;
    crate::db::write(db, async |tx| {
        tx.execute_unprepared(&format!("PRAGMA max_page_count = {pages}"))
            .await?;
        Ok(())
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn where_nothing_can_be_written_nobody_is_ready_until_something_can() {
    use sea_orm::ConnectionTrait as _;
    let scratch = Scratch::new();
    let running = server(&scratch).jobs(false).start().await.unwrap();
    let db = &running.app.db;
    let grow = async || {
        crate::db::write(db, async |tx| {
            tx.execute_unprepared("CREATE TABLE large AS SELECT zeroblob(1000000) AS bytes")
                .await?;
            tx.execute_unprepared("DROP TABLE large").await?;
            Ok(())
        })
        .await
    };
    bound_pages(db, 1).await;

    let refused = grow().await.unwrap_err();

    assert!(
        matches!(refused, AppError::Busy(Lacking::Disk)),
        "{refused}"
    );
    let answer = get(running.addr, "/readyz").await.unwrap();
    assert!(answer.contains("503"), "{answer}");
    assert!(
        answer.contains(r#"{"ready":false,"notReady":["writing"]}"#),
        "{answer}"
    );

    bound_pages(db, 1_000_000).await;
    grow().await.unwrap();

    let answer = get(running.addr, "/readyz").await.unwrap();
    assert!(
        answer.contains(r#"{"ready":true,"notReady":[]}"#),
        "{answer}"
    );
    running.stop().await;
}

/// A count of what is not there, as nobody but a hand in the database leaves it.
async fn damage_the_tally(app: &App) {
    use sea_orm::ConnectionTrait as _;
    crate::db::write(&app.db, async |tx| {
        tx.execute_unprepared(
            "INSERT INTO tally (region, topic, day, department, code, n) \
             VALUES ('330100', 'OPEN', '0001-01-01', 'SJJ', 'DECIDING', 3)",
        )
        .await?;
        Ok(())
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn what_the_night_finds_miscounted_it_puts_right() {
    let scratch = Scratch::new();
    let running = server(&scratch).jobs(false).start().await.unwrap();
    let app = &running.app;
    damage_the_tally(app).await;
    let found = case::recount_tally(&app.db).await.unwrap();
    assert_eq!(
        found.faults,
        ["330100 SJJ OPEN DECIDING 0001-01-01: kept 3, rows give 0"]
    );

    rounds::nightly(app.clone()).await.unwrap();

    let found = case::recount_tally(&app.db).await.unwrap();
    assert_eq!(found.faults, Vec::<String>::new());
    tally::fold(&app.db, &app.env, app.env.uuid())
        .await
        .unwrap();
    let found = case::recount_tally(&app.db).await.unwrap();
    assert_eq!(found.faults, Vec::<String>::new());
    running.stop().await;
}
