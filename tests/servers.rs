//! Two servers on one PostgreSQL: what one does, the other knows, and nothing is done twice.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::join_all;
use lianshen::case::Accept;
use lianshen::config::Config;
use lianshen::db::{Db, News};
use lianshen::env::Env;
use lianshen::server::{Running, Server};
use lianshen::{bell, case, catalogue, lease};
use lianshen_entity::{application, lease as lease_row};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, DbBackend, EntityTrait as _, QueryFilter as _,
    Statement,
};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::support::clock::Ahead;
use crate::support::log::Log;
use crate::support::whole::Whole;
use crate::support::world::{Application, input_for_items, new_key};
use crate::support::{Answer, Client, TestApp, TestDatabase, documents, each_db, seed};

const ADOPT: &str = "mutation Adopt($input: CalendarNoticeAdoptInput!) {
  calendarNoticeAdopt(input: $input) { userErrors { code message field } } }";
const PROMISED: &str =
    "query Promised($id: ID!) { case(id: $id) { promised { dueOn } item { version } } }";

/// Longer than any of it takes, so that a slow machine fails nothing.
const PATIENCE: Duration = Duration::from_secs(20);

each_db! {
    on postgres

    async fn two_that_sweep_at_once_raise_everything_once(database: TestDatabase) {
        let two = Two::start(database, false).await;
        for _ in 0..12 {
            two.a.submit(&["SJJ-01-002", "CGJ-01-001"]).await;
        }
        two.advance_days(120);

        let (one, other) = tokio::join!(case::sweep(two.a.program()), case::sweep(two.b.program()));

        let (one, other) = (one.unwrap(), other.unwrap());
        assert_eq!((one.failed, other.failed), (0, 0));
        let cards = two.a.card_rows().await.len();
        assert!(cards >= 12 * 2 * 3, "only {cards}");
        assert_eq!(one.changed + other.changed, cards as u64, "each was raised by one of them");
        two.a.assert_announced_once().await;
        Whole::assert(&two.a.program().db).await;
        for server in [&two.a, &two.b] {
            assert_eq!(case::sweep(server.program()).await.unwrap().changed, 0);
        }
        two.stop().await;
    }

    async fn one_whose_clock_is_wrong_is_not_ready(database: TestDatabase) {
        for (ahead, not_ready) in [(0, "[]"), (86_400, r#"["clock"]"#), (-86_400, r#"["clock"]"#)] {
            let mut config = Config::defaults().unwrap();
            config.listen = ([127, 0, 0, 1], 0).into();
            config.database_url = database.url().into();
            let clock = Ahead(chrono::Duration::seconds(ahead));
            let server = Server::builder(config).env(Env::new(Arc::new(clock))).jobs(false);
            let running = server.start().await.unwrap();
            let ready = ready(running.addr).await;
            assert!(ready.ends_with(&format!(r#""notReady":{not_ready}}}"#)), "{ahead}: {ready}");
            // Nor does it date an act for whoever comes past the balancer; it may be repeated elsewhere.
            let there = TestApp::elsewhere(database, running.addr).clerk();
            let answer = there.act(&documents::SUBMIT, input_for_items(&["SJJ-01-002"])).await;
            if ahead == 0 {
                answer.done();
            } else {
                assert_eq!(answer.codes(), ["BUSY"], "{ahead}: {answer}");
            }
            running.stop().await;
        }
    }

    async fn what_is_done_at_one_is_told_at_the_other(database: TestDatabase) {
        let two = Two::start(database, true).await;
        let at_b = two.b.reviewer("SJJ");
        let mut changes = at_b.subscribe(&documents::INBOX_CHANGED, json!({})).await;
        // The subscription stands once the program has answered something sent after it.
        tokio::time::sleep(Duration::from_millis(300)).await;

        two.a.submit(&["SJJ-01-002"]).await;

        assert!(changes.next_within(PATIENCE).await.is_some(), "it was not told at the other server");
        let inbox = at_b.query(&documents::INBOX, json!({})).await.ok();
        assert_eq!(inbox.list("inbox.nodes").len(), 1, "{inbox}");
        two.stop().await;
    }

    /// Without a loop that looks by itself: only the bell can have woken who waits here.
    async fn the_bell_is_heard_and_heard_again_after_the_wire_was_cut(database: TestDatabase) {
        let (a, running) = TestApp::start(database, &Log::default(), true).await;
        let (b, stop) = (database.open().await, CancellationToken::new());
        let ear = (b.clone(), stop.clone());
        let begun = heard(&b, News::Committed);
        let listening = tokio::spawn(async move { bell::listen(&ear.0, Uuid::from_u128(7), &ear.1).await });
        begun.await;

        let numbered = heard(&b, News::Committed);
        a.submit(&["SJJ-01-002"]).await;
        numbered.await;

        let published = heard(&b, News::Published);
        adopt(&a, "滨政办〔2026〕1号", "2026-03-04").await;
        published.await;

        let again = heard(&b, News::Published);
        let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                   WHERE datname = current_database() AND query LIKE 'LISTEN%'";
        let cut = Statement::from_string(DbBackend::Postgres, cut);
        b.reader().query_all_raw(cut).await.unwrap();
        // What may have rung meanwhile is looked for.
        again.await;
        let published = heard(&b, News::Published);
        adopt(&a, "滨政办〔2026〕2号", "2026-03-05").await;
        published.await;

        stop.cancel();
        listening.await.unwrap();
        b.close().await;
        running.stop().await;
    }

    async fn who_is_shut_out_at_one_is_shut_out_at_the_other(database: TestDatabase) {
        let two = Two::start(database, false).await;
        let clerk = two.a.clerk();
        let token = clerk.token().await.unwrap();
        let at_b = Client::bearer(&two.b, &token);
        at_b.query(&documents::ME, json!({})).await.ok();
        clerk.query(&documents::SIGN_OUT, json!({})).await.done();
        assert_eq!(at_b.query(&documents::ME, json!({})).await.error_code(), "UNAUTHENTICATED");
        let refused = at_b.act(&documents::SUBMIT, input_for_items(&["SJJ-01-002"])).await;
        assert_eq!(refused.error_code(), "UNAUTHENTICATED");

        let token = two.a.reviewer("SJJ").token().await.unwrap();
        let reviewer = Client::bearer(&two.b, &token);
        let me = reviewer.query(&documents::ME, json!({})).await.ok().text("me.id");
        two.a.system().act(&documents::ACCOUNT_CLOSE, json!({ "accountId": me })).await.done();
        assert_eq!(reviewer.query(&documents::ME, json!({})).await.error_code(), "UNAUTHENTICATED");
        two.stop().await;
    }

    /// Neither loops nor a bell: the act itself finds out that its server knows something older.
    async fn an_act_decides_by_what_another_server_adopted_before_it(database: TestDatabase) {
        let two = Two::start(database, false).await;
        let before = two.b.submit(&["SJJ-01-002"]).await;
        assert_eq!(promised(&two.b, &before).await, "2026-03-09");
        let waiting = two.b.receive(&["SJJ-01-002"]).await;
        let row = application::Entity::find().filter(application::Column::ReceiptNumber.eq(&waiting.receipt_number));
        let row = row.one(two.b.program().db.reader()).await.unwrap().unwrap();
        let clerk = two.b.actor("clerk").await;
        let known = revision(&two.b);

        adopt(&two.a, "滨政办〔2026〕1号", "2026-03-04").await;

        // Of somebody whom the server that was told nothing had asked for a name before: an acceptance begins.
        assert_eq!(revision(&two.b), known, "B has not looked");
        let command = Accept {
            idempotency_key: new_key(), application: row.id, missing_materials: Vec::new(), happened_on: None, expected_version: None,
        };
        case::accept(two.b.program(), &clerk, command).await.unwrap();
        assert_eq!(revision(&two.b), known, "what was read within the transaction was for this act alone");
        assert_eq!(promised(&two.a, &waiting).await, "2026-03-10");

        // And what is only shown is not older than the question, either.
        adopt(&two.a, "滨政办〔2026〕2号", "2026-03-05").await;
        assert_eq!(revision(&two.b), known, "B has not looked");
        assert_eq!(promised(&two.b, &waiting).await, "2026-03-11");
        assert_eq!(revision(&two.b), known + 2);
        let after = two.b.submit(&["SJJ-01-002"]).await;
        assert_eq!(promised(&two.a, &after).await, "2026-03-11");
        two.stop().await;
    }

    async fn an_act_decides_by_what_another_server_published_before_it(database: TestDatabase) {
        let two = Two::start(database, false).await;
        let program = two.a.program();
        let mut file = seed::catalogue_file().clone();
        let item = file.items.iter_mut().find(|item| item.code == "SJJ-01-002").unwrap();
        item.version += 1;
        item.promised.n += 2;
        let version = i64::from(item.version);
        catalogue::publish(&program.db, &program.env, &file).await.unwrap();

        let application = two.b.submit(&["SJJ-01-002"]).await;

        let shown = two.a.clerk().query(PROMISED, json!({ "id": application.cases[0].id })).await.ok();
        assert_eq!(shown.number("case.item.version"), version);
        assert_eq!(shown.text("case.promised.dueOn"), "2026-03-11");

        // What was not published when B last looked may be applied for at B at once.
        let mut file = file.clone();
        let item = file.items.iter_mut().find(|item| item.code == "CGJ-01-001").unwrap();
        item.code = "CGJ-01-999".to_owned();
        catalogue::publish(&program.db, &program.env, &file).await.unwrap();
        let mut input = input_for_items(&["CGJ-01-001"]);
        input["itemCodes"] = json!(["CGJ-01-999"]);
        two.b.clerk().act(&documents::SUBMIT, input).await.done();
        two.stop().await;
    }

    async fn one_of_them_sweeps_and_leaves_it_to_the_other_when_it_stops(database: TestDatabase) {
        let two = Two::start(database, true).await;
        let sweeper = holder(&two.b, "sweep").await;
        // Both have gone round by now, and one has it.
        tokio::time::sleep(Duration::from_secs(2)).await;
        assert_eq!(holder(&two.b, "sweep").await, sweeper);
        let db = two.a.program().db.clone();
        let third = Uuid::from_u128(3);
        assert!(lease::take(&db, &two.a.program().env, "sweep", third).await.unwrap().is_none());

        let env = two.a.program().env.clone();
        two.stop().await;

        let db = database.open().await;
        let taken = lease::take(&db, &env, "sweep", third).await.unwrap();
        assert!(taken.is_some(), "it was given back");
        db.close().await;
    }

    /// Acts go on through two servers, of which one after the other is stopped in order and started again.
    async fn a_rolling_restart_is_seen_by_nobody_who_asks_again(database: TestDatabase) {
        const CLERKS: usize = 6;
        let Two { a, b, mut running } = Two::start(database, true).await;
        let addresses = [a.address(), b.address()];
        a.clerk().token().await;
        let is_over = Arc::new(AtomicBool::default());
        let (acts, tries) = (Arc::new(AtomicUsize::default()), Arc::new(AtomicUsize::default()));
        let clerks = (0..CLERKS).map(|clerk| {
            let (a, is_over) = (a.clone(), is_over.clone());
            let (acts, tries) = (acts.clone(), tries.clone());
            tokio::spawn(async move {
                let servers = addresses.map(|address| a.moved_to(address).clerk());
                let mut turn = clerk;
                while !is_over.load(Ordering::Relaxed) {
                    let input = input_for_items(&["SJJ-01-002"]);
                    let answer = until_done(&servers, &mut turn, &input, &tries).await;
                    assert!(answer.user_errors("applicationSubmit").is_empty(), "{answer}");
                    acts.fetch_add(1, Ordering::Relaxed);
                }
            })
        });
        let clerks: Vec<_> = clerks.collect();
        for address in addresses {
            go_on(&acts).await;
            running.remove(0).stop().await;
            go_on(&acts).await;
            let log = Log::default();
            let again = TestApp::start_with(database, &log, true, |config| config.listen = address);
            running.push(again.await.1);
            go_on(&acts).await;
        }
        is_over.store(true, Ordering::Relaxed);
        for clerk in join_all(clerks).await {
            clerk.unwrap();
        }
        let db = database.open().await;
        let whole = Whole::assert(&db).await;
        db.close().await;
        let acts = acts.load(Ordering::Relaxed);
        assert_eq!((whole.applications.len(), whole.keys.len()), (acts, acts), "each happened once");
        assert!(tries.load(Ordering::Relaxed) > acts, "nobody noticed anything, and nothing was tried");
        Two { a, b, running }.stop().await;
    }
}

/// Two servers, and a clock for each.
struct Two {
    a: TestApp,
    b: TestApp,
    running: Vec<Running>,
}

impl Two {
    async fn start(database: &TestDatabase, jobs: bool) -> Self {
        let log = Log::default();
        let ((a, one), (b, other)) = tokio::join!(
            TestApp::start(database, &log, jobs),
            TestApp::start(database, &log, jobs)
        );
        Self {
            a,
            b,
            running: vec![one, other],
        }
    }

    fn advance_days(&self, days: i64) {
        for server in [&self.a, &self.b] {
            server.clock.advance(chrono::TimeDelta::days(days));
        }
    }

    async fn stop(self) {
        for running in self.running {
            running.stop().await;
        }
    }
}

/// Resolves when there is news from here on.
fn heard(db: &Db, news: News) -> impl Future<Output = ()> + use<> {
    let db = db.clone();
    let mut waiting = Box::pin(async move { db.news(news).await });
    // It listens once it was asked.
    assert!(waiting.as_mut().now_or_never().is_none());
    async move {
        let heard = tokio::time::timeout(PATIENCE, waiting).await;
        heard.unwrap_or_else(|_| panic!("no news: {news:?}"));
    }
}

async fn adopt(app: &TestApp, number: &str, day_off: &str) {
    let input = json!({
        "idempotencyKey": new_key(), "number": number, "issuer": "滨澜县人民政府办公室", "issuedOn": "2026-02-02",
        "year": 2026, "days": [{ "date": day_off, "kind": "OFF", "holiday": "县庆" }],
    });
    app.administrator().act(ADOPT, input).await.done();
}

fn revision(app: &TestApp) -> i64 {
    let region = &seed::catalogue_file().region.code;
    let present = app.program().library.present();
    present.centre(region).unwrap().revision
}

async fn promised(app: &TestApp, application: &Application) -> String {
    let clerk = app.clerk();
    let shown = clerk.query(PROMISED, json!({ "id": application.cases[0].id }));
    shown.await.ok().text("case.promised.dueOn")
}

/// Who has a lease, once somebody has.
async fn holder(app: &TestApp, name: &str) -> Uuid {
    let began = Instant::now();
    loop {
        let row = lease_row::Entity::find_by_id(name)
            .one(app.program().db.reader())
            .await
            .unwrap();
        if let Some(row) = row {
            return row.holder;
        }
        assert!(began.elapsed() < PATIENCE, "nobody has taken {name}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Waits until some more acts were acknowledged.
async fn go_on(acts: &AtomicUsize) {
    let (before, began) = (acts.load(Ordering::Relaxed), Instant::now());
    while acts.load(Ordering::Relaxed) < before + 8 {
        assert!(began.elapsed() < PATIENCE * 3, "the acts have stopped");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// As a client should: what was not answered, or answered by "busy", is asked again with the same key, elsewhere.
async fn until_done(
    servers: &[Client; 2],
    turn: &mut usize,
    input: &Value,
    tries: &AtomicUsize,
) -> Answer {
    for _ in 0..400 {
        *turn += 1;
        tries.fetch_add(1, Ordering::Relaxed);
        let answer = servers[*turn % 2]
            .attempt(&documents::SUBMIT, input.clone())
            .await;
        match answer {
            Some(answer) if answer.status != 503 && answer.codes() != ["BUSY"] => return answer,
            _ => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
    panic!("no server answers");
}

/// What `/readyz` answers.
async fn ready(address: SocketAddr) -> String {
    let mut wire = TcpStream::connect(address).await.unwrap();
    let asked = "GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    wire.write_all(asked.as_bytes()).await.unwrap();
    let mut answer = String::new();
    wire.read_to_string(&mut answer).await.unwrap();
    answer
}
