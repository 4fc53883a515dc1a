//! A database of the harness's own, ready for work; PostgreSQL in a cluster of its own, which can be restarted and killed.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use lianshen::db::Db;
use sea_orm::{ConnectionTrait as _, Database as Connection};

use super::program::run;
use crate::support::database::open;
use crate::support::seed;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/postgres");

/// A PostgreSQL that may be treated badly.
pub struct Cluster {
    folder: PathBuf,
    url: String,
}

impl Cluster {
    pub async fn start(folder: &Path) -> Self {
        let pid = std::process::id().to_string();
        let url = run(SCRIPT, &["start", &folder.display().to_string(), &pid]).await;
        Self {
            folder: folder.to_owned(),
            url,
        }
    }

    /// Stops it without a checkpoint and without asking its sessions, and starts it again.
    pub async fn restart(&self) {
        self.script("restart").await;
    }

    /// By `kill -9`; it is down until it is restarted.
    pub async fn crash(&self) {
        self.script("crash").await;
    }

    pub async fn stop(self) {
        self.script("stop").await;
    }

    async fn script(&self, command: &str) {
        run(SCRIPT, &[command, &self.folder.display().to_string()]).await;
    }

    /// A new database, seeded; the first one is made and the others are copies of it.
    async fn database(&self) -> String {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        if number == 0 {
            self.administer("CREATE DATABASE template_of_all TEMPLATE template0")
                .await;
            plant(&self.url_of("template_of_all")).await;
        }
        let name = format!("survival_{number}");
        self.administer(&format!("CREATE DATABASE {name} TEMPLATE template_of_all"))
            .await;
        self.url_of(&name)
    }

    async fn administer(&self, statement: &str) {
        let connection = Connection::connect(&self.url).await.unwrap();
        connection.execute_unprepared(statement).await.unwrap();
        connection.close().await.unwrap();
    }

    fn url_of(&self, name: &str) -> String {
        let (server, _) = self.url.rsplit_once('/').expect("a URL names a database");
        format!("{server}/{name}")
    }
}

/// Where databases are made.
pub enum Engine {
    Sqlite,
    Postgres(Cluster),
}

impl Engine {
    /// A new database for a run in this folder, seeded.
    pub async fn database(&self, folder: &Path) -> String {
        match self {
            Self::Sqlite => {
                let url = url_of_file(&folder.join("lianshen.db"));
                plant(&url).await;
                url
            }
            Self::Postgres(cluster) => cluster.database().await,
        }
    }

    pub fn cluster(&self) -> Option<&Cluster> {
        match self {
            Self::Sqlite => None,
            Self::Postgres(cluster) => Some(cluster),
        }
    }
}

pub fn url_of_file(file: &Path) -> String {
    format!("sqlite:{}", file.display())
}

async fn plant(url: &str) {
    let db: Db = open(url).await;
    db.migrate().await.unwrap();
    seed::plant(&db).await;
    db.close().await;
}
