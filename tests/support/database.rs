//! A database of its own for every test, copied from one that was migrated and seeded once.
//!
//! SQLite: the bytes of a finished file. PostgreSQL: `CREATE DATABASE … TEMPLATE …` on the server that
//! `LIANSHEN_TEST_POSTGRES_URL` names, or else on a throw-away cluster that `tests/postgres` starts once and
//! that goes with this process. A PostgreSQL that is not there fails the test: it does not skip it.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use lianshen::db::{self, Db, DbOptions};
use sea_orm::{ConnectionTrait as _, Database as Connection, QueryResult, Statement};

use super::seed;

/// Which database a test runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// One test's own database. It goes when the test is over.
pub struct TestDatabase {
    url: String,
    place: Place,
}

enum Place {
    Folder(Folder),
    Server {
        name: String,
    },
    /// On a server that goes with the test.
    Elsewhere,
}

impl TestDatabase {
    /// A copy of the seeded template.
    pub async fn seeded(engine: Engine) -> Self {
        match engine {
            Engine::Sqlite => {
                let bytes = sqlite_template();
                let database = Self::empty(engine).await;
                std::fs::write(database.file(), bytes).unwrap();
                database
            }
            Engine::Postgres => Self::on_server(Some(postgres_template())).await,
        }
    }

    /// A database without any table.
    pub async fn empty(engine: Engine) -> Self {
        match engine {
            Engine::Sqlite => {
                let folder = Folder::new();
                let url = format!("sqlite:{}", folder.0.join("lianshen.db").display());
                Self {
                    url,
                    place: Place::Folder(folder),
                }
            }
            Engine::Postgres => Self::on_server(None).await,
        }
    }

    /// One with all tables and the seed, on a server of the test's own.
    pub async fn planted(url: &str) -> Self {
        let db = open(url).await;
        db.migrate().await.unwrap();
        seed::plant(&db).await;
        db.close().await;
        let url = url.to_owned();
        Self {
            url,
            place: Place::Elsewhere,
        }
    }

    async fn on_server(template: Option<&str>) -> Self {
        let name = next_name();
        let template = template.unwrap_or("template0");
        administer(&format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
        Self {
            url: url_of(&name),
            place: Place::Server { name },
        }
    }

    /// How the program reaches it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Opens it as the program does.
    pub async fn open(&self) -> Db {
        open(&self.url).await
    }

    /// Removes it; whoever still holds a connection loses it.
    pub async fn remove(self) {
        if let Place::Server { name } = &self.place {
            administer(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
        }
    }

    fn file(&self) -> PathBuf {
        match &self.place {
            Place::Folder(folder) => folder.0.join("lianshen.db"),
            Place::Server { .. } | Place::Elsewhere => panic!("{} is no file", self.url),
        }
    }
}

/// Runs to its end what a test that is not yet in a runtime needs first.
pub fn block_on<T: Send>(future: impl Future<Output = T> + Send) -> T {
    // On a thread of its own: the caller may be inside a runtime already.
    std::thread::scope(|scope| {
        let runtime = || {
            tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap()
        };
        scope
            .spawn(move || runtime().block_on(future))
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// Opens a database as the program does.
pub async fn open(url: &str) -> Db {
    let acquire_timeout = Duration::from_secs(30);
    db::connect(&DbOptions {
        url: url.to_owned(),
        pool: 4,
        acquire_timeout,
        observer: None,
        replica: None,
    })
    .await
    .unwrap()
}

/// Sessions of PostgreSQL that stand in a transaction with which nobody goes on. Between two statements every transaction
/// stands still, so one counts when it is found at the same step again.
pub async fn transactions_left_open(db: &Db) -> Vec<String> {
    let ask = async || -> Vec<String> {
        let left = "SELECT pid || ' ' || state || ' since ' || state_change AS left_open \
                    FROM pg_stat_activity \
                    WHERE datname = current_database() AND state LIKE 'idle in transaction%'";
        let left = Statement::from_string(db.engine(), left);
        let rows = db.reader().query_all_raw(left).await.unwrap();
        let text = |row: &QueryResult| row.try_get("", "left_open").unwrap();
        rows.iter().map(text).collect()
    };
    let before = ask().await;
    if before.is_empty() {
        return before;
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    let after = ask().await;
    before
        .into_iter()
        .filter(|left| after.contains(left))
        .collect()
}

/// The bytes of a SQLite file with all tables and the seed.
fn sqlite_template() -> &'static [u8] {
    static TEMPLATE: OnceLock<Vec<u8>> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        block_on(async {
            let database = TestDatabase::empty(Engine::Sqlite).await;
            let db = database.open().await;
            db.migrate().await.unwrap();
            seed::plant(&db).await;
            // The last one to leave writes the log back into the file.
            db.close().await;
            std::fs::read(database.file()).unwrap()
        })
    })
}

/// The name of a PostgreSQL database with all tables and the seed.
fn postgres_template() -> &'static str {
    static TEMPLATE: OnceLock<String> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        block_on(async {
            let name = next_name();
            administer(&format!("CREATE DATABASE {name} TEMPLATE template0")).await;
            let db = open(&url_of(&name)).await;
            db.migrate().await.unwrap();
            seed::plant(&db).await;
            db.close().await;
            name
        })
    })
}

/// A name that no other test of this machine uses.
fn next_name() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!(
        "lianshen_test_{}_{}",
        std::process::id(),
        NEXT.fetch_add(1, Ordering::Relaxed)
    )
}

async fn administer(statement: &str) {
    let connection = Connection::connect(server())
        .await
        .expect("the PostgreSQL server for tests cannot be reached");
    connection.execute_unprepared(statement).await.unwrap();
    connection.close().await.unwrap();
}

/// The server's URL, for another database.
fn url_of(database: &str) -> String {
    let server = server();
    let (address, options) = server
        .split_once('?')
        .map_or((server, ""), |(address, options)| (address, options));
    let authority_at = address.find("://").expect("a URL has a scheme") + 3;
    let end = address[authority_at..]
        .find('/')
        .map_or(address.len(), |slash| authority_at + slash);
    let question = if options.is_empty() { "" } else { "?" };
    format!("{}/{database}{question}{options}", &address[..end])
}

/// The URL of the server: the one that was named, or one that is started now.
fn server() -> &'static str {
    static SERVER: OnceLock<String> = OnceLock::new();
    SERVER.get_or_init(|| setting("LIANSHEN_TEST_POSTGRES_URL").unwrap_or_else(start_server))
}

fn start_server() -> String {
    assert!(
        setting("LIANSHEN_TEST_POSTGRES").as_deref() != Some("skip"),
        "LIANSHEN_TEST_POSTGRES=skip is set: leave these tests out with `cargo test -- --skip postgres::`"
    );
    let folder = Folder::new();
    let started = Command::new(SCRIPT)
        .args([
            "start".as_ref(),
            folder.0.as_os_str(),
            std::process::id().to_string().as_ref(),
        ])
        .stderr(Stdio::inherit())
        .output()
        .unwrap_or_else(|error| panic!("{SCRIPT} cannot be run: {error}"));
    // The script's own watcher takes the folder away when this process has gone.
    std::mem::forget(folder);
    match started.status.code() {
        Some(0) => String::from_utf8(started.stdout).unwrap().trim().to_owned(),
        Some(3) => panic!(
            "\n\n    PostgreSQL 15 or later is not installed, so half of the tests cannot run.\n    \
             Install it (Debian: apt install postgresql), name a server in LIANSHEN_TEST_POSTGRES_URL,\n    \
             or leave PostgreSQL out: LIANSHEN_TEST_POSTGRES=skip cargo test -- --skip postgres::\n"
        ),
        _ => panic!("{SCRIPT} did not start PostgreSQL; see above"),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the tests' own settings are not those of the program"
)]
fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// A primary and its streaming standby, on clusters of their own.
pub struct Pair {
    folder: Folder,
    /// The primary.
    pub primary: String,
    /// The standby.
    pub standby: String,
}

impl Pair {
    /// Starts both.
    pub fn start() -> Self {
        let folder = Folder::new();
        let id = std::process::id().to_string();
        let started = Command::new(SCRIPT)
            .args(["pair".as_ref(), folder.0.as_os_str(), id.as_ref()])
            .stderr(Stdio::inherit())
            .output()
            .unwrap_or_else(|error| panic!("{SCRIPT} cannot be run: {error}"));
        assert!(started.status.success(), "there is no standby; see above");
        let urls = String::from_utf8(started.stdout).unwrap();
        let mut urls = urls.lines().map(str::to_owned);
        Self {
            primary: urls.next().unwrap(),
            standby: urls.next().unwrap(),
            folder,
        }
    }

    /// Stops the standby.
    pub fn halt(&self) {
        self.run("halt");
    }

    fn run(&self, order: &str) {
        let done = Command::new(SCRIPT).arg(order).arg(&self.folder.0).status();
        assert!(done.unwrap().success(), "{order}");
    }
}

impl Drop for Pair {
    fn drop(&mut self) {
        self.run("stop");
    }
}

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/postgres");

/// A folder that goes when it is dropped; in memory where there is room, because every commit is synced.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        static ROOT: OnceLock<PathBuf> = OnceLock::new();
        let root = ROOT.get_or_init(|| {
            let memory = Path::new("/dev/shm");
            let probe = memory.join(format!("lianshen-tests.{}.probe", std::process::id()));
            let writable =
                std::fs::write(&probe, "").is_ok() && std::fs::remove_file(&probe).is_ok();
            let root = if writable {
                memory.to_owned()
            } else {
                std::env::temp_dir()
            };
            sweep(&root);
            root
        });
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder = root.join(format!("lianshen-tests.{}.{number}", std::process::id()));
        std::fs::create_dir(&folder).unwrap();
        Self(folder)
    }
}

/// Takes away what runs that were killed left behind; the name holds their process.
fn sweep(root: &Path) {
    for entry in std::fs::read_dir(root).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let process = name
            .strip_prefix("lianshen-tests.")
            .and_then(|rest| rest.split('.').next());
        if let Some(process) = process
            && process.parse::<u32>().is_ok()
            && Path::new("/proc/self").exists()
            && !Path::new("/proc").join(process).exists()
        {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
