//! What the commands do.

use std::io::BufRead as _;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use lianshen_domain::account::NewAccount;
use lianshen_domain::actor::Role;
use lianshen_domain::rejected::Reason;
use lianshen_entity::event;
use sea_orm::{ColumnTrait as _, EntityTrait as _, PaginatorTrait as _, QueryFilter as _};
use secrecy::SecretString;

use super::{AccountCreate, AccountResetPassword, say};
use crate::catalogue::Library;
use crate::config::Config;
use crate::env::{Env, MachineClock};
use crate::error::AppError;
use crate::ledger::{self, Audit, Mark, Walked};
use crate::server::{self, Server};
use crate::{identity, telemetry};

/// Serves until told to end.
pub(super) async fn serve(config: Config, migrate: bool) -> Result<ExitCode, AppError> {
    telemetry::start_log(&config)?;
    let running = Server::builder(config).migrate(migrate).start().await?;
    running.until_signal().await?;
    Ok(ExitCode::SUCCESS)
}

/// Brings the tables up to date.
pub(super) async fn migrate(config: &Config) -> Result<ExitCode, AppError> {
    let db = server::connect(config, None).await?;
    let pending = db.pending_migrations().await?;
    db.migrate().await?;
    db.close().await;
    if pending.is_empty() {
        say("The tables are up to date; nothing was changed.")?;
    }
    for name in pending {
        say(format_args!("done  {name}"))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Opens the first account of a centre.
pub(super) async fn account_create(
    config: Config,
    asked: AccountCreate,
) -> Result<ExitCode, AppError> {
    let db = server::open_database(&config, None, false).await?;
    let published = Library::open(&db).await?.present();
    if published.centre(&asked.region).is_none() {
        return Err(AppError::internal(format!(
            "there is no centre with division code {}: import its catalogue first",
            asked.region
        )));
    }
    let app = server::open_app(config, machine(), db).await?;
    let password = new_password(asked.password_stdin)?;
    let account = NewAccount {
        name: asked.name,
        display_name: asked.display_name,
        role: Role::SystemAdministrator,
        department: None,
        window: None,
    };
    let wanted = identity::AccountCreate { account, password };
    let opened = identity::create_first_administrator(&app, &asked.region, wanted).await;
    let opened = opened.map_err(|error| match error {
        AppError::Rejected(all) if all.iter().any(|one| one.reason == Reason::Forbidden) => {
            AppError::internal(
                "the centre has a system administrator, who opens the other accounts",
            )
        }
        other => other,
    })?;
    app.db.close().await;
    say(format_args!(
        "{} may now sign in and open the other accounts.",
        opened.name
    ))?;
    Ok(ExitCode::SUCCESS)
}

/// Gives a system administrator another password.
pub(super) async fn account_reset_password(
    config: Config,
    asked: AccountResetPassword,
) -> Result<ExitCode, AppError> {
    let db = server::open_database(&config, None, false).await?;
    let app = server::open_app(config, machine(), db).await?;
    let password = new_password(asked.password_stdin)?;
    let reset = identity::reset_administrator(&app, &asked.region, &asked.name, password).await;
    let reset = reset.map_err(|error| match error {
        AppError::Rejected(all) if all.iter().any(|one| one.reason == Reason::NotFound) => {
            AppError::internal(format!(
                "centre {} has no system administrator of this name; other accounts are given another password by the \
                 system administrator",
                asked.region
            ))
        }
        other => other,
    })?;
    app.db.close().await;
    say(format_args!(
        "{} may now sign in with the new password.",
        reset.name
    ))?;
    Ok(ExitCode::SUCCESS)
}

/// A password that nobody else reads.
fn new_password(from_stdin: bool) -> Result<SecretString, AppError> {
    if from_stdin {
        first_line()
    } else {
        typed_twice()
    }
}

fn first_line() -> Result<SecretString, AppError> {
    let mut line = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut line)
        .map_err(AppError::internal)?;
    Ok(SecretString::from(line.trim_end_matches(['\r', '\n'])))
}

fn typed_twice() -> Result<SecretString, AppError> {
    let ask = |prompt| {
        rpassword::prompt_password(prompt).map_err(|error| {
            AppError::internal(format!(
                "no password can be asked for here ({error}); use --password-stdin"
            ))
        })
    };
    let first = ask("Password: ")?;
    if first == ask("Once more: ")? {
        Ok(SecretString::from(first))
    } else {
        Err(AppError::internal("the two passwords are not the same"))
    }
}

/// Walks the chain of the ledger, through an entry that was noted before.
pub(super) async fn audit_verify(
    config: &Config,
    noted: Option<&Mark>,
) -> Result<ExitCode, AppError> {
    let db = server::open_database(config, None, false).await?;
    let walked = ledger::walk(&db, noted).await?;
    let waiting = event::Entity::find()
        .filter(event::Column::Position.is_null())
        .count(db.reader())
        .await?;
    let lost = ledger::without_number(&db).await?;
    db.close().await;
    let waiting = waiting.saturating_sub(lost.len() as u64);
    if waiting > 0 {
        say(format_args!(
            "{waiting} entries wait for their number; a running server gives it within a second"
        ))?;
    }
    let faults = faults_of(&walked, &lost);
    for fault in &faults {
        say(fault)?;
    }
    let is_failure = !faults.is_empty();
    if let Some(last) = walked.last.filter(|_| walked.strayed.is_none()) {
        let (position, whole) = (last.position, "none missing, none changed");
        if is_failure {
            say(format_args!(
                "the chain itself is whole: {position} entries, {whole}"
            ))?;
        } else {
            say(format_args!("sound: {position} entries, {whole}"))?;
        }
        say(format_args!("last entry: {last}"))?;
    } else if !is_failure {
        say("sound: 0 entries, none missing, none changed")?;
    }
    Ok(if is_failure {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

fn faults_of(walked: &Walked, lost: &[String]) -> Vec<String> {
    let of_chain = match &walked.audit {
        Audit::Broken(position) => Some(format!(
            "BROKEN at position {position}: the entry is missing or was changed"
        )),
        Audit::Unreadable(position, why) => Some(unreadable(*position, why)),
        Audit::Sound(_) => None,
    };
    let strayed = walked.strayed.map(|position| {
        format!(
            "NOT THE SAME LEDGER at position {position}: it was cut before, or written anew; the noted entry is not in it"
        )
    });
    let lost = lost.first().map(|why| {
        let entries = lost.len();
        format!(
            "UNREADABLE and without a number: {entries} entries, which somebody changed ({why})"
        )
    });
    of_chain.into_iter().chain(strayed).chain(lost).collect()
}

/// What is said of an entry that cannot be read.
pub(super) fn unreadable(position: i64, why: &str) -> String {
    format!(
        "UNREADABLE at position {position}: somebody changed the entry, or a newer lianshen wrote it ({why})"
    )
}

/// The text of a file.
pub(super) fn text_of(file: &Path) -> Result<String, AppError> {
    std::fs::read_to_string(file)
        .map_err(|error| AppError::internal(format!("{}: {error}", file.display())))
}

/// The environment of a command: the machine's own.
pub(super) fn machine() -> Env {
    Env::new(Arc::new(MachineClock))
}
