//! Keeping accounts: the work of the system administrator, who sees no business.

use chrono::{DateTime, Utc};
use lianshen_domain::account::{NewAccount, folded_name};
use lianshen_domain::actor::{Action, Actor, Role, may};
use lianshen_domain::code::Code as _;
use lianshen_domain::event::{EventKind, Happening};
use lianshen_domain::ids::{AccountId, Id as _};
use lianshen_domain::rejected::{Reason, Word, expect_version};
use lianshen_domain::session::SessionEnd;
use lianshen_entity::{Coded, account};
use secrecy::SecretString;

use super::service::{append, hashing_failed, still_signed_in};
use super::store;
use crate::app::App;
use crate::db::{self, Tx};
use crate::error::{AppError, Lacking};
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

/// Asks for another password of an account whose person has forgotten theirs.
#[derive(Clone, Debug)]
pub struct AccountResetPassword {
    /// Which.
    pub account: AccountId,
    /// The password that its person is told.
    pub password: SecretString,
    /// The version that the actor saw; `None` to reset it whatever changed.
    pub expected_version: Option<i64>,
}

/// What somebody else changed, as a conflict names it.
const ACCOUNT: Word = Word::new("账户", "account");

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
        let (row, now) = locked(&tx, app, actor, asked.account).await?;
        if row.closed_at.is_some() {
            return Ok(row.into());
        }
        expect_version(asked.expected_version, row.version, ACCOUNT)?;
        if !store::close_account(&tx, asked.account, row.version, now).await? {
            return Err(AppError::Busy(Lacking::Transaction));
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

/// Gives an account another password in the place of a forgotten one, ends its sessions, and forgets the attempts that were
/// made on it. The new password is known to the actor: whoever is told it changes it.
///
/// # Errors
/// `Forbidden`, `NotFound`, `OwnAccount`, `AccountClosed`, `PasswordTooWeak`, `Conflict`.
pub async fn account_reset_password(
    app: &App,
    actor: &Actor,
    asked: AccountResetPassword,
) -> Result<Account, AppError> {
    may(actor, Action::KeepAccounts)?;
    if asked.account == actor.account {
        return Err(Reason::OwnAccount.into());
    }
    let row = store::account_in(app.db.reader(), &actor.region, asked.account).await?;
    let row = row.ok_or(Reason::NotFound)?;
    let hash = checked_hash(app, asked.password, &row.name).await?;
    let account = db::write(&app.db, async |tx| {
        let (row, now) = locked(&tx, app, actor, asked.account).await?;
        expect_version(asked.expected_version, row.version, ACCOUNT)?;
        let row = set_password(&tx, row, &hash, now).await?;
        append(&tx, app, actor, now, &[password_reset(&row)]).await?;
        Ok(Account::from(row))
    })
    .await?;
    app.identity.throttle.forgive(&account.name);
    Ok(account)
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

/// Gives a system administrator another password, from the command line, where no other could do it.
///
/// # Errors
/// `NotFound` when the centre has no system administrator of this name, `AccountClosed`, `PasswordTooWeak`.
pub async fn reset_administrator(
    app: &App,
    region: &str,
    name: &str,
    password: SecretString,
) -> Result<Account, AppError> {
    let found = store::account_named(app.db.reader(), &folded_name(name)?).await?;
    let administers =
        |row: &account::Model| row.region == region && row.role.0 == Role::SystemAdministrator;
    let row = found.filter(administers).ok_or(Reason::NotFound)?;
    let id = AccountId::new(row.id);
    let hash = checked_hash(app, password, &row.name).await?;
    db::write(&app.db, async |tx| {
        let row = store::lock_account(&tx, id)
            .await?
            .ok_or(Reason::NotFound)?;
        let now = app.env.now();
        let row = set_password(&tx, row, &hash, now).await?;
        let entry = Entry {
            region,
            application: None,
            actor: None,
            happened_at: now,
        };
        ledger::append(&tx, &app.env, entry, &[password_reset(&row)]).await?;
        Ok(row.into())
    })
    .await
}

/// An account of the actor's centre, locked with the actor's own, whose session is asked for again; and what time it is.
async fn locked(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    account: AccountId,
) -> Result<(account::Model, DateTime<Utc>), AppError> {
    // Both are locked, always in this order, lest two administrators close each other at the same moment.
    for id in [actor.account.min(account), actor.account.max(account)] {
        store::lock_account(tx, id).await?;
    }
    let now = app.env.now();
    still_signed_in(tx, app, actor, now).await?;
    let row = store::account_in(&tx.0, &actor.region, account).await?;
    Ok((row.ok_or(Reason::NotFound)?, now))
}

/// Gives a locked account another password and ends its sessions.
async fn set_password(
    tx: &Tx,
    row: account::Model,
    hash: &str,
    now: DateTime<Utc>,
) -> Result<account::Model, AppError> {
    let id = AccountId::new(row.id);
    if row.closed_at.is_some() {
        return Err(Reason::AccountClosed.at("accountId").into());
    }
    if !store::reset_password(tx, id, row.version, hash).await? {
        return Err(AppError::Busy(Lacking::Transaction));
    }
    store::end_sessions(tx, id, None, SessionEnd::PasswordChanged, now).await?;
    Ok(account::Model {
        version: row.version + 1,
        ..row
    })
}

/// Checks a password for the account of this name, and hashes it.
async fn checked_hash(app: &App, password: SecretString, name: &str) -> Result<String, AppError> {
    let identity = &app.identity;
    identity
        .rule
        .check(&password, name)
        .map_err(|reason| reason.at("password"))?;
    let hash = identity.passwords.hash(password).await;
    hash.map_err(hashing_failed)
}

/// Checks what was asked for and hashes the password: all that is done before the transaction.
async fn prepare(
    app: &App,
    region: &str,
    asked: AccountCreate,
) -> Result<account::Model, AppError> {
    let account = NewAccount::try_new(asked.account)?;
    let password_hash = checked_hash(app, asked.password, &account.name).await?;
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
        && !store::has_department(&tx.0, &row.region, code).await?
    {
        let department = code.clone();
        return Err(Reason::DepartmentUnknown { department }
            .at("departmentCode")
            .into());
    }
    Ok(())
}

fn created(row: &account::Model) -> Happening {
    Happening::of_application(EventKind::AccountCreated)
        .with("account", AccountId::new(row.id).wire())
        .with("role", row.role.0.code())
}

fn password_reset(row: &account::Model) -> Happening {
    Happening::of_application(EventKind::PasswordReset)
        .with("account", AccountId::new(row.id).wire())
}
