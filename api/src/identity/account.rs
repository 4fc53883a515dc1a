//! Keeping accounts: the work of the system administrator, who sees no business.

use chrono::{DateTime, Utc};
use lianshen_domain::account::NewAccount;
use lianshen_domain::actor::{Action, Actor, Role, may};
use lianshen_domain::code::Code as _;
use lianshen_domain::event::{EventKind, Happening};
use lianshen_domain::ids::{AccountId, Id as _};
use lianshen_domain::rejected::{Reason, expect_version};
use lianshen_domain::session::SessionEnd;
use lianshen_entity::{Coded, account};
use secrecy::SecretString;

use super::service::{append, hashing_failed, still_signed_in};
use super::store;
use crate::app::App;
use crate::db::{self, Tx};
use crate::error::AppError;
use crate::ledger::{self, Entry};

/// An account, without its password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// Division code of its centre.
    pub region: String,
    /// The name to sign in with.
    pub name: String,
    /// The name shown inside the centre.
    pub display_name: String,
    /// Its role.
    pub role: Role,
    /// The code of its department, if its role has one.
    pub department: Option<String>,
    /// Its window, if its role has one.
    pub window: Option<String>,
    /// When it was opened.
    pub created_at: DateTime<Utc>,
    /// When it was closed.
    pub closed_at: Option<DateTime<Utc>>,
    /// Grows with each change.
    pub version: i64,
}

impl From<account::Model> for Account {
    fn from(row: account::Model) -> Self {
        Self {
            id: AccountId::new(row.id),
            region: row.region,
            name: row.name,
            display_name: row.display_name,
            role: row.role.0,
            department: row.department,
            window: row.window,
            created_at: row.created_at,
            closed_at: row.closed_at,
            version: row.version,
        }
    }
}

/// Asks for an account.
#[derive(Clone, Debug)]
pub struct AccountCreate {
    /// Who it is for.
    pub account: NewAccount,
    /// Its first password.
    pub password: SecretString,
}

/// Asks to close an account.
#[derive(Clone, Copy, Debug)]
pub struct AccountClose {
    /// Which.
    pub account: AccountId,
    /// The version that the actor saw; `None` to close it whatever changed.
    pub expected_version: Option<i64>,
}

/// Opens an account at the actor's centre.
///
/// # Errors
/// `Forbidden`; everything that is wrong with the account; `AccountNameTaken`.
pub async fn account_create(
    app: &App,
    actor: &Actor,
    asked: AccountCreate,
) -> Result<Account, AppError> {
    may(actor, Action::KeepAccounts)?;
    let row = prepare(app, &actor.region, asked).await?;
    db::write(&app.db, async |tx| {
        still_signed_in(&tx, app, actor, row.created_at).await?;
        check_department(&tx, &row).await?;
        store::add_account(&tx, row.clone()).await?;
        append(&tx, app, actor, row.created_at, &[created(&row)]).await
    })
    .await?;
    Ok(row.into())
}

/// Closes an account and ends its sessions. Closing it again changes nothing.
///
/// # Errors
/// `Forbidden`, `NotFound`, `OwnAccount`, `Conflict`.
pub async fn account_close(
    app: &App,
    actor: &Actor,
    asked: AccountClose,
) -> Result<Account, AppError> {
    may(actor, Action::KeepAccounts)?;
    if asked.account == actor.account {
        return Err(Reason::OwnAccount.into());
    }
    db::write(&app.db, async |tx| {
        // Both are locked, always in this order, lest two administrators close each other at the same moment.
        for id in [
            actor.account.min(asked.account),
            actor.account.max(asked.account),
        ] {
            store::lock_account(&tx, id).await?;
        }
        let now = app.env.now();
        still_signed_in(&tx, app, actor, now).await?;
        let row = store::account_in(&tx.0, &actor.region, asked.account)
            .await?
            .ok_or(Reason::NotFound)?;
        if row.closed_at.is_some() {
            return Ok(row.into());
        }
        expect_version(asked.expected_version, row.version, "account")?;
        if !store::close_account(&tx, asked.account, row.version, now).await? {
            return Err(AppError::Busy("transaction"));
        }
        store::end_sessions(&tx, asked.account, None, SessionEnd::AccountClosed, now).await?;
        let closed = Happening::of_application(EventKind::AccountClosed)
            .with("account", asked.account.wire());
        append(&tx, app, actor, now, &[closed]).await?;
        Ok(account::Model {
            closed_at: Some(now),
            version: row.version + 1,
            ..row
        }
        .into())
    })
    .await
}

/// One account: one's own, or, for who keeps them, any of the centre.
///
/// # Errors
/// `NotFound`.
pub async fn account(app: &App, actor: &Actor, id: AccountId) -> Result<Account, AppError> {
    if id != actor.account && may(actor, Action::KeepAccounts).is_err() {
        return Err(Reason::NotFound.into());
    }
    let row = store::account_in(app.db.reader(), &actor.region, id).await?;
    Ok(row.ok_or(Reason::NotFound)?.into())
}

/// The accounts of the centre by name, those after the name `after`, at most `limit`.
///
/// # Errors
/// `Forbidden`.
pub async fn accounts(
    app: &App,
    actor: &Actor,
    after: Option<&str>,
    limit: u64,
) -> Result<Vec<Account>, AppError> {
    may(actor, Action::KeepAccounts)?;
    let rows = store::accounts_in(app.db.reader(), &actor.region, after, limit).await?;
    Ok(rows.into_iter().map(Account::from).collect())
}

/// The names by which the centre shows accounts; only those of the actor's own centre.
///
/// # Errors
/// When the database cannot be read.
pub async fn display_names(
    app: &App,
    actor: &Actor,
    ids: &[AccountId],
) -> Result<Vec<(AccountId, String)>, AppError> {
    let rows = store::accounts_of(app.db.reader(), &actor.region, ids).await?;
    Ok(rows
        .into_iter()
        .map(|row| (AccountId::new(row.id), row.display_name))
        .collect())
}

/// Opens the first account of a centre, from the command line: whoever can run it holds the database anyway.
///
/// # Errors
/// `Forbidden` when the centre has a system administrator, who is then to be asked; otherwise as `account_create`.
pub async fn create_first_administrator(
    app: &App,
    region: &str,
    asked: AccountCreate,
) -> Result<Account, AppError> {
    let account = NewAccount {
        role: Role::SystemAdministrator,
        department: None,
        window: None,
        ..asked.account
    };
    let row = prepare(app, region, AccountCreate { account, ..asked }).await?;
    db::write(&app.db, async |tx| {
        if store::has_open_administrator(&tx, region).await? {
            return Err(Reason::Forbidden.into());
        }
        store::add_account(&tx, row.clone()).await?;
        let entry = Entry {
            region,
            application: None,
            actor: None,
            happened_at: row.created_at,
        };
        ledger::append(&tx, &app.env, entry, &[created(&row)]).await
    })
    .await?;
    Ok(row.into())
}

/// Checks what was asked for and hashes the password: all that is done before the transaction.
async fn prepare(
    app: &App,
    region: &str,
    asked: AccountCreate,
) -> Result<account::Model, AppError> {
    let account = NewAccount::try_new(asked.account)?;
    let rule = &app.identity.rule;
    rule.check(&asked.password, &account.name)
        .map_err(|reason| reason.at("password"))?;
    let password_hash = app
        .identity
        .passwords
        .hash(asked.password)
        .await
        .map_err(hashing_failed)?;
    Ok(account::Model {
        id: app.env.id::<AccountId>().raw(),
        region: region.to_owned(),
        name: account.name,
        display_name: account.display_name,
        role: Coded(account.role),
        department: account.department,
        window: account.window,
        password_hash,
        created_at: app.env.now(),
        closed_at: None,
        version: 1,
    })
}

async fn check_department(tx: &Tx, row: &account::Model) -> Result<(), AppError> {
    if let Some(code) = &row.department
        && !store::has_department(tx, &row.region, code).await?
    {
        return Err(Reason::NotFound.at("department").into());
    }
    Ok(())
}

fn created(row: &account::Model) -> Happening {
    Happening::of_application(EventKind::AccountCreated)
        .with("account", AccountId::new(row.id).wire())
        .with("role", row.role.0.code())
}
