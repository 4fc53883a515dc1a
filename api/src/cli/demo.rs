//! The demonstration: a sample centre to look around in.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use secrecy::SecretString;

use super::{Demo, say};
use crate::config::{Config, LogFormat};
use crate::db::Hold;
use crate::demo::Planted;
use crate::env::{Env, MachineClock};
use crate::error::AppError;
use crate::server::{self, Server};
use crate::{demo, telemetry};

/// The only file that is ever made anew.
const FILE: &str = "lianshen-demo.db";
/// The department whose accounts are printed.
const SHOWN: &str = "-sjj";

/// Where the demonstration keeps its data.
#[derive(Debug, PartialEq, Eq)]
enum Place {
    /// A database of somebody else, used as it is.
    Url(String),
    /// Our own file in this folder.
    Folder(PathBuf),
}

/// Serves the sample centre until told to end.
pub(super) async fn run(mut config: Config, asked: Demo) -> Result<ExitCode, AppError> {
    config.log_format = LogFormat::Text;
    config.introspection = true;
    config.playground = true;
    if let Some(listen) = asked.listen {
        config.listen = listen;
    }
    // What is printed below shall not drown, unless somebody asked for a log.
    if config.log == Config::defaults().map_err(AppError::internal)?.log {
        "warn".clone_into(&mut config.log);
    }
    telemetry::start_log(&config)?;
    if !config.listen.ip().is_loopback() {
        tracing::warn!("the demonstration can be reached from outside; it is not protected");
    }
    let hold = make_ready(&mut config, &place(&asked.database), asked.keep)?;
    let env = Env::new(Arc::new(MachineClock));
    let db = server::open_database(&config, None, true).await?;
    let planted = demo::plant(&config, &db, env.now()).await?;
    db.close().await;

    let running = Server::builder(config)
        .env(env)
        .holding(hold)
        .demo_accounts(planted.accounts.clone())
        .start()
        .await?;
    say(welcome(&planted, running.addr))?;
    running.until_signal().await?;
    Ok(ExitCode::SUCCESS)
}

/// Names the database, and unless it is kept removes that of the last time. A demonstration that still runs here does not lose
/// its database to the next one: nothing is removed where nobody could be answered, or another serves.
fn make_ready(config: &mut Config, place: &Place, keep: bool) -> Result<Option<Hold>, AppError> {
    config.database_url = SecretString::from(match place {
        Place::Url(url) => url.clone(),
        Place::Folder(folder) => {
            free(config)?;
            find(folder)?
        }
    });
    let hold = server::hold(config, true)?;
    if let Place::Folder(folder) = place
        && !keep
    {
        clear(folder)?;
    }
    Ok(hold)
}

/// What a newcomer needs to begin: where to go, as whom, and what to try first.
fn welcome(planted: &Planted, addr: SocketAddr) -> String {
    let accounts = &planted.accounts;
    // One department stands for all.
    let shown = accounts
        .iter()
        .filter(|account| !account.name.contains('-') || account.name.ends_with(SHOWN));
    let signs_in = shown.map(|account| format!("    {:<14}{}\n", account.name, account.role));
    let departments = accounts
        .iter()
        .filter_map(|account| account.name.strip_prefix("reviewer-"));
    format!(
        "
{centre} · 演示,数据均为虚构 / demonstration, all data is fictional

  演练场 playground    http://{addr}/playground
  密码   password      {password}    (所有账号 / every account)
  账号   accounts
{accounts}    其他部门 other departments: reviewer-X, decider-X; X = {departments}

  先试 try first
    打开演练场,依次运行示例:办事指南、受理、收件箱、审查意见、决定、送达、进度查询。
    Open the playground and run the examples from the first to the last: guide, submission, inbox, opinion,
    decision, delivery, progress.
",
        centre = planted.centre,
        password = demo::PASSWORD,
        accounts = signs_in.collect::<String>(),
        departments = departments.collect::<Vec<_>>().join(" "),
    )
}

fn place(asked: &str) -> Place {
    // Of another scheme, too: it is refused by its name, and no folder is called so.
    let schemes = ["sqlite:", "postgres:", "postgresql:"];
    if asked.contains("://") || schemes.iter().any(|scheme| asked.starts_with(scheme)) {
        Place::Url(asked.to_owned())
    } else {
        Place::Folder(PathBuf::from(asked))
    }
}

fn free(config: &Config) -> Result<(), AppError> {
    let listen = config.listen;
    TcpListener::bind(listen)
        .map(drop)
        .map_err(|error| server::cannot_listen(listen, &error))
}

/// Makes the folder, and answers the URL of the database there.
fn find(folder: &Path) -> Result<String, AppError> {
    std::fs::create_dir_all(folder).map_err(|error| failed(folder, &error))?;
    Ok(sqlite_url(&folder.join(FILE)))
}

/// Removes the database of the last time.
fn clear(folder: &Path) -> Result<(), AppError> {
    for end in ["", "-wal", "-shm"] {
        let part = folder.join(format!("{FILE}{end}"));
        match std::fs::remove_file(&part) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(failed(&part, &error));
            }
            _ => {}
        }
    }
    Ok(())
}

fn failed(path: &Path, error: &std::io::Error) -> AppError {
    AppError::internal(format!("{}: {error}", path.display()))
}

/// The URL of a file. A question mark would begin the options, and a percent sign an escape.
pub(super) fn sqlite_url(file: &Path) -> String {
    let path = file.to_string_lossy();
    format!("sqlite:{}", path.replace('%', "%25").replace('?', "%3F"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::scratch::Scratch;

    #[test]
    fn a_url_is_used_as_it_is_and_all_else_is_a_folder() {
        for url in [
            "sqlite:a.db",
            "postgres://a@b/c",
            "postgresql://a@b/c",
            "sqlite://x",
            "mysql://a@b/c",
        ] {
            assert_eq!(place(url), Place::Url(url.to_owned()));
        }
        assert_eq!(place("./sandbox"), Place::Folder("./sandbox".into()));
        assert_eq!(place("sqlite"), Place::Folder("sqlite".into()));
    }

    #[test]
    fn the_database_of_a_demonstration_that_runs_is_not_removed() {
        let scratch = Scratch::new();
        let place = Place::Folder(scratch.folder().to_owned());
        let file = scratch.folder().join(FILE);
        let mut config = Config::defaults().unwrap();
        config.listen = ([127, 0, 0, 1], 0).into();
        let first = make_ready(&mut config, &place, false).unwrap();
        std::fs::write(&file, "x").unwrap();

        for keep in [false, true] {
            let refused = make_ready(&mut config, &place, keep).unwrap_err();
            let said = "served by another lianshen already";
            assert!(refused.to_string().contains(said), "{refused}");
            assert!(file.exists());
        }

        drop(first);
        make_ready(&mut config, &place, true).unwrap();
        assert!(file.exists());
        make_ready(&mut config, &place, false).unwrap();
        assert!(!file.exists());
    }

    #[test]
    fn only_our_own_file_is_made_anew() {
        let scratch = Scratch::new();
        let folder = scratch.folder().join("demo?%");
        let url = find(&folder).unwrap();
        assert!(url.ends_with("%3F%25/lianshen-demo.db"), "{url}");
        let (ours, other) = (folder.join(FILE), folder.join("lianshen.db"));
        for file in [&ours, &other] {
            std::fs::write(file, "x").unwrap();
        }
        find(&folder).unwrap();
        assert!(ours.exists());
        clear(&folder).unwrap();
        assert!(!ours.exists());
        assert!(other.exists());
    }
}
