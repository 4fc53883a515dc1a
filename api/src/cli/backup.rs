//! A backup of the SQLite file while the program serves.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::str::FromStr as _;

use secrecy::{ExposeSecret as _, SecretString};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};

use super::commands::unreadable;
use super::demo::sqlite_url;
use super::say;
use crate::config::Config;
use crate::db;
use crate::error::AppError;
use crate::ledger::{self, Audit};
use crate::server;

/// Writes a copy that was examined to a file that is not there yet.
///
/// The copy stands under another name until it is complete, on the disk and can be worked with: whatever bears the name
/// of a backup is one. A ledger that is broken in the database is so in the copy, which is kept all the same: then more
/// than ever.
pub(super) async fn run(config: &Config, to: &Path) -> Result<ExitCode, AppError> {
    let url = config.database_url.expose_secret();
    let file = db::file_of(url)?.ok_or_else(|| AppError::internal(ELSEWHERE))?;
    if !file.exists() {
        let file = file.display();
        return Err(AppError::internal(format!("there is no file {file}")));
    }
    let part = Part::begin(to)?;
    copy(url, &part.path).await?;
    let audit = examine(config, &part.path).await?;
    part.keep_as(to).map_err(|error| named(to, &error))?;
    let bytes = fs::metadata(to).map_err(|error| named(to, &error))?.len();
    say(format_args!("{}: {bytes} bytes", to.display()))?;
    match audit {
        Audit::Sound(position) => {
            say(format_args!(
                "sound: every page, all migrations, and the ledger up to position {position}"
            ))?;
            Ok(ExitCode::SUCCESS)
        }
        Audit::Unreadable(position, why) => {
            say(format_args!(
                "{}, as in the database itself",
                unreadable(position, &why)
            ))?;
            Ok(ExitCode::FAILURE)
        }
        Audit::Broken(position) => {
            say(format_args!(
                "BROKEN at position {position}, as in the database itself: the entry is missing or was changed"
            ))?;
            Ok(ExitCode::FAILURE)
        }
    }
}

const ELSEWHERE: &str = "this database is PostgreSQL's, which makes its own backups: \
    `pg_dump -Fc -f lianshen.dump URL` for what it holds now, `pg_basebackup` and archived WAL to return to any moment \
    (docs/operations.md); nothing was written";

/// A copy under way; it goes when it does not become a backup.
struct Part {
    path: PathBuf,
}

impl Part {
    /// Makes an empty file for it, which only its owner may read: it will hold personal data and keys.
    fn begin(to: &Path) -> Result<Self, AppError> {
        if to.symlink_metadata().is_ok() {
            return Err(AppError::internal(format!(
                "{} is there already, and no backup overwrites anything: choose another name",
                to.display()
            )));
        }
        let (Some(name), folder) = (to.file_name(), folder_of(to)) else {
            let to = to.display();
            return Err(AppError::internal(format!("{to} names no file")));
        };
        if !folder.is_dir() {
            let folder = folder.display();
            return Err(AppError::internal(format!("there is no folder {folder}")));
        }
        let mut hidden = std::ffi::OsString::from(".");
        hidden.push(name);
        hidden.push(format!(".{:016x}.part", rand::random::<u64>()));
        let path = folder.join(hidden);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true).mode(0o600);
        options.open(&path).map_err(|error| named(&path, &error))?;
        Ok(Self { path })
    }

    /// Puts it on the disk and gives it its name, unless somebody has taken that meanwhile.
    fn keep_as(self, to: &Path) -> io::Result<()> {
        File::open(&self.path)?.sync_all()?;
        match fs::hard_link(&self.path, to) {
            // Not every file system can name a file twice.
            Err(error) if error.kind() != ErrorKind::AlreadyExists && !to.exists() => {
                fs::rename(&self.path, to)?;
            }
            linked => linked?,
        }
        File::open(folder_of(to))?.sync_all()
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        for end in ["", "-wal", "-shm"] {
            let mut path = self.path.clone().into_os_string();
            path.push(end);
            let _ = fs::remove_file(path);
        }
    }
}

/// What the file holds at one moment, also when others write meanwhile.
async fn copy(url: &str, part: &Path) -> Result<(), AppError> {
    let name = part.to_str().map(str::to_owned);
    let name = name.ok_or_else(|| {
        AppError::internal(format!(
            "{}: SQLite takes file names in UTF-8 only; nothing was written",
            part.display()
        ))
    })?;
    let from = SqliteConnectOptions::from_str(url).map_err(AppError::internal)?;
    let reading = from.create_if_missing(false).disable_statement_logging();
    let mut live = reading.connect().await.map_err(AppError::internal)?;
    let copied = sqlx::query("VACUUM INTO ?")
        .bind(name)
        .execute(&mut live)
        .await;
    copied.map_err(|error| AppError::internal(format!("the copy cannot be made: {error}")))?;
    live.close().await.map_err(AppError::internal)
}

/// Fails unless the copy is one that the program can go on with; answers what became of the ledger.
async fn examine(config: &Config, part: &Path) -> Result<Audit, AppError> {
    let url = sqlite_url(part);
    let unsound = |what: String| AppError::internal(format!("{what}; nothing was kept"));
    let mut found = db::damage(&url, true).await?;
    if !found.is_empty() {
        found.truncate(3);
        return Err(unsound(format!(
            "the copy is damaged: {}",
            found.join("; ")
        )));
    }
    let of_copy = Config {
        database_url: SecretString::from(url),
        pool: 1,
        ..config.clone()
    };
    let db = server::connect(&of_copy, None).await?;
    let pending = db.pending_migrations().await?.len();
    if pending > 0 {
        return Err(unsound(format!(
            "this program is newer than the tables, {pending} migrations have not run: back up with the program that \
             they belong to, before it is replaced"
        )));
    }
    let audit = ledger::verify(&db).await?;
    // The last to leave writes the log back into the file.
    db.close().await;
    Ok(audit)
}

fn folder_of(file: &Path) -> &Path {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

fn named(path: &Path, error: &io::Error) -> AppError {
    AppError::internal(format!("{}: {error}", path.display()))
}
