//! What the tests stand on: a database and a program of their own, people who speak to it, and its clock.

pub mod acts;
pub mod answer;
pub mod app;
pub mod cards;
pub mod client;
pub mod clock;
pub mod database;
pub mod deed;
pub mod documents;
pub mod error_table;
pub mod exchange;
pub mod known;
pub mod life;
pub mod log;
pub mod procedures;
pub mod seed;
pub mod shadow;
pub mod statements;
pub mod whole;
pub mod world;
pub mod written;

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::runtime::{Builder, Runtime};

pub use answer::Answer;
pub use app::TestApp;
pub use client::Client;
pub use database::{Engine, Pair, TestDatabase};
use log::Log;

/// Makes of each function one test on SQLite and one on PostgreSQL, `sqlite::name` and `postgres::name`:
///
/// ```ignore
/// each_db! {
///     async fn the_last_grant_concludes(app: TestApp) { … }
/// }
/// ```
///
/// The argument is a started program ([`TestApp`]), without the loops that run beside the requests; `with jobs` lets
/// them run. `on postgres` gives a seeded database to tests of what SQLite does not have, several servers. `on empty` gives a database without tables instead, and `on seeded` one that is ready, but no program yet.
/// One block a file.
macro_rules! each_db {
    (on empty $($(#[doc = $doc:literal])* async fn $name:ident($database:ident: TestDatabase) $body:block)+) => {
        $($(#[doc = $doc])* async fn $name($database: &$crate::support::TestDatabase) $body)+
        $crate::support::each_db!(@tests on_empty $($name)+);
    };
    (on seeded $($(#[doc = $doc:literal])* async fn $name:ident($database:ident: TestDatabase) $body:block)+) => {
        $($(#[doc = $doc])* async fn $name($database: &$crate::support::TestDatabase) $body)+
        $crate::support::each_db!(@tests on_seeded $($name)+);
    };
    (on postgres $($(#[doc = $doc:literal])* async fn $name:ident($database:ident: TestDatabase) $body:block)+) => {
        $($(#[doc = $doc])* async fn $name($database: &$crate::support::TestDatabase) $body)+
        mod postgres {
            $(#[test] fn $name() {
                $crate::support::on_seeded($crate::support::Engine::Postgres, super::$name);
            })+
        }
    };
    (with jobs $($(#[doc = $doc:literal])* async fn $name:ident($app:ident: TestApp) $body:block)+) => {
        $($(#[doc = $doc])* async fn $name($app: $crate::support::TestApp) $body)+
        $crate::support::each_db!(@tests with_jobs $($name)+);
    };
    ($($(#[doc = $doc:literal])* async fn $name:ident($app:ident: TestApp) $body:block)+) => {
        $($(#[doc = $doc])* async fn $name($app: $crate::support::TestApp) $body)+
        $crate::support::each_db!(@tests with_app $($name)+);
    };
    (@tests $run:ident $($name:ident)+) => {
        mod sqlite {
            $(#[test] fn $name() {
                $crate::support::$run($crate::support::Engine::Sqlite, super::$name);
            })+
        }
        mod postgres {
            $(#[test] fn $name() {
                $crate::support::$run($crate::support::Engine::Postgres, super::$name);
            })+
        }
    };
}
pub(crate) use each_db;

/// Runs a test against a program on a seeded database.
pub fn with_app<F: Future<Output = ()>>(engine: Engine, test: impl FnOnce(TestApp) -> F) {
    with_program(engine, false, test);
}

/// The same, and the loops of the program run too.
pub fn with_jobs<F: Future<Output = ()>>(engine: Engine, test: impl FnOnce(TestApp) -> F) {
    with_program(engine, true, test);
}

fn with_program<F: Future<Output = ()>>(
    engine: Engine,
    jobs: bool,
    test: impl FnOnce(TestApp) -> F,
) {
    let log = Log::default();
    runtime(&log).block_on(async {
        let database = TestDatabase::seeded(engine).await;
        let (app, server) = TestApp::start(&database, &log, jobs).await;
        let outcome = AssertUnwindSafe(test(app)).catch_unwind().await;
        let stopped = tokio::time::timeout(Duration::from_secs(20), server.stop()).await;
        let counted = recounted(&database, outcome.is_ok()).await;
        database.remove().await;
        if let Err(panic) = outcome {
            eprintln!("the program's log:\n  {}", log.lines().join("\n  "));
            std::panic::resume_unwind(panic);
        }
        stopped.expect("the program does not stop");
        assert_eq!(
            counted,
            Vec::<String>::new(),
            "the tally is not what the rows give"
        );
        log.assert_clean(&[
            seed::PASSWORD,
            world::ID_NUMBER,
            world::CREDIT_CODE,
            world::PHONE,
        ]);
    });
}

/// Whatever a test has done: at its end the tally is what the rows give. Names what is not.
async fn recounted(database: &TestDatabase, is_asked: bool) -> Vec<String> {
    if !is_asked {
        return Vec::new();
    }
    let db = database.open().await;
    let found = lianshen::case::recount_tally(&db).await;
    db.close().await;
    found.unwrap().faults
}

/// Runs a test on an empty database.
pub fn on_empty(engine: Engine, test: impl AsyncFnOnce(&TestDatabase)) {
    on_database(TestDatabase::empty(engine), test);
}

/// Runs a test on a seeded database; it starts its programs itself.
pub fn on_seeded(engine: Engine, test: impl AsyncFnOnce(&TestDatabase)) {
    on_database(TestDatabase::seeded(engine), test);
}

/// Runs a test on a primary and its standby, which go with it.
pub fn on_pair(test: impl AsyncFnOnce(&Pair)) {
    let pair = Pair::start();
    runtime(&Log::default()).block_on(test(&pair));
}

fn on_database(
    database: impl Future<Output = TestDatabase>,
    test: impl AsyncFnOnce(&TestDatabase),
) {
    runtime(&Log::default()).block_on(async {
        let database = database.await;
        let outcome = AssertUnwindSafe(test(&database)).catch_unwind().await;
        database.remove().await;
        outcome.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    });
}

/// A runtime of the test's own, so that everything that its program says lands in its log, and all of it ends with it.
fn runtime(log: &Log) -> Runtime {
    let dispatch = log.dispatch();
    // Never taken back: the threads belong to this runtime and end with it; the test's thread does nothing after.
    std::mem::forget(tracing::dispatcher::set_default(&dispatch));
    let listen = move || std::mem::forget(tracing::dispatcher::set_default(&dispatch));
    Builder::new_multi_thread()
        .worker_threads(2)
        .on_thread_start(listen)
        .enable_all()
        .build()
        .unwrap()
}

/// A number that whoever runs the tests has set for one of them.
#[expect(
    clippy::disallowed_methods,
    reason = "the tests' own settings are not those of the program"
)]
pub fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}
