//! A database of its own for a test of inner parts: a file of SQLite in a folder that goes with it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Db, DbOptions, connect};

/// A folder for a database, and whatever else a test writes.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    /// An empty folder.
    pub(crate) fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("lianshen-{:016x}", rand::random::<u64>()));
        std::fs::create_dir(&folder).unwrap();
        Self(folder)
    }

    /// The folder.
    pub(crate) fn folder(&self) -> &Path {
        &self.0
    }

    /// The file of the database, which is not there yet.
    pub(crate) fn file(&self) -> PathBuf {
        self.0.join("lianshen.db")
    }

    /// Its URL.
    pub(crate) fn url(&self) -> String {
        format!("sqlite:{}", self.file().display())
    }

    /// How to reach it.
    pub(crate) fn options(&self) -> DbOptions {
        DbOptions {
            url: self.url(),
            pool: 2,
            acquire_timeout: Duration::from_secs(5),
            observer: None,
            replica: None,
        }
    }

    /// Makes it, with all tables.
    pub(crate) async fn open(&self) -> Db {
        self.open_with(&self.options()).await
    }

    /// The same, reached otherwise.
    pub(crate) async fn open_with(&self, options: &DbOptions) -> Db {
        let db = connect(options).await.unwrap();
        db.migrate().await.unwrap();
        db
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
