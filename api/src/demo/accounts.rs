//! Everybody who works at the sample centre, and one who applies there.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;

use lianshen_domain::actor::{Actor, Role};
use lianshen_domain::code::Code as _;
use lianshen_domain::event::{EventKind, Happening};
use lianshen_domain::ids::{AccountId, Id as _, SessionId};
use lianshen_domain::session::SessionEnd;
use lianshen_entity::{Coded, account, session};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _};
use secrecy::SecretString;

use crate::app::App;
use crate::catalogue::file::CatalogueFile;
use crate::db::{self, Db};
use crate::error::AppError;
use crate::http::playground::DemoAccount;
use crate::identity::{HashingCost, Passwords};
use crate::ledger::{self, Entry};

/// The password of every account of the demonstration. It is printed, and is no secret.
pub const PASSWORD: &str = "binlan-county-320999";

/// The department whose lead coordinator the demonstration has: most bundles are led by it.
const LEAD: &str = "SJJ";
/// The one window.
const WINDOW: &str = "A01";

/// Somebody with an account.
struct Person {
    name: String,
    title: String,
    role: Role,
    department: Option<String>,
    window: Option<String>,
}

impl Person {
    fn display_name(&self) -> String {
        format!("{}(演示)", self.title)
    }
}

/// Everybody: one for each role, and a reviewer and a decider for each department that answers for items.
fn people(file: &CatalogueFile) -> Vec<Person> {
    let person = |name: &str, title: &str, role| Person {
        name: name.to_owned(),
        title: title.to_owned(),
        role,
        department: None,
        window: None,
    };
    let mut people = vec![
        Person {
            window: Some(WINDOW.to_owned()),
            ..person("clerk", "窗口人员", Role::WindowClerk)
        },
        person("applicant", "申请人", Role::Applicant),
        Person {
            department: Some(LEAD.to_owned()),
            ..person("lead", "牵头协调人员", Role::LeadCoordinator)
        },
        person("centre", "中心管理员", Role::CentreAdministrator),
        person("supervisor", "监察人员", Role::Supervisor),
        person("system", "系统管理员", Role::SystemAdministrator),
    ];
    let with_items: BTreeSet<&str> = file
        .items
        .iter()
        .map(|item| item.department.as_str())
        .collect();
    for department in &file.departments {
        if !with_items.contains(department.code.as_str()) {
            continue;
        }
        for (word, title, role) in [
            ("reviewer", "审查人员", Role::Reviewer),
            ("decider", "决定人员", Role::Decider),
        ] {
            let name = format!("{word}-{}", department.code.to_lowercase());
            let title = format!("{}{title}", department.short_name);
            people.push(Person {
                department: Some(department.code.clone()),
                ..person(&name, &title, role)
            });
        }
    }
    people
}

/// The accounts as the playground offers them.
pub(super) fn offered(file: &CatalogueFile) -> Vec<DemoAccount> {
    let offered = people(file).into_iter().map(|person| DemoAccount {
        name: person.name,
        role: format!("{} {}", person.title, person.role.code()),
        password: PASSWORD.to_owned(),
    });
    offered.collect()
}

/// Whether the demonstration's accounts stand in the database already.
///
/// # Errors
/// When other accounts stand there: a password that everybody knows must not come into somebody's real database.
pub(super) async fn stand(db: &Db, file: &CatalogueFile) -> Result<bool, AppError> {
    let accounts = account::Entity::find().all(db.reader()).await?;
    if accounts.is_empty() {
        return Ok(false);
    }
    let people = people(file);
    let is_ours = people.iter().all(|person| {
        accounts.iter().any(|account| {
            account.name == person.name && account.display_name == person.display_name()
        })
    });
    if is_ours {
        Ok(true)
    } else {
        Err(AppError::internal(
            "this database holds accounts that are not the demonstration's; give the demonstration one of its own",
        ))
    }
}

/// The people of the demonstration while their applications are made, each signed in.
pub(super) struct Cast(BTreeMap<String, Actor>);

impl Cast {
    /// Opens all accounts, and a session for each. All have one hash: each would take as long as a sign-in.
    ///
    /// # Errors
    /// When the database refuses.
    pub(super) async fn open(app: &App, file: &CatalogueFile) -> Result<Self, AppError> {
        let cost = HashingCost {
            memory_kib: app.config.password_memory_kib,
            passes: app.config.password_passes,
            ..HashingCost::default()
        };
        let passwords = Passwords::new(cost, NonZeroUsize::MIN).map_err(AppError::internal)?;
        let hash = passwords
            .hash(SecretString::from(PASSWORD))
            .await
            .map_err(AppError::internal)?;
        let region = &file.region.code;
        let now = app.env.now();
        let actors: Vec<(String, Actor)> = people(file)
            .into_iter()
            .map(|person| {
                let display_name = person.display_name();
                let actor = Actor {
                    account: app.env.id::<AccountId>(),
                    session: app.env.id::<SessionId>(),
                    role: person.role,
                    region: region.clone(),
                    department: person.department,
                    window: person.window,
                    display_name,
                };
                (person.name, actor)
            })
            .collect();
        db::write(&app.db, async |tx| {
            let rows = actors.iter().map(|(name, actor)| account::Model {
                id: actor.account.raw(),
                region: region.clone(),
                name: name.clone(),
                display_name: actor.display_name.clone(),
                role: Coded(actor.role),
                department: actor.department.clone(),
                window: actor.window.clone(),
                password_hash: hash.clone(),
                created_at: now,
                closed_at: None,
                version: 1,
            });
            account::Entity::insert_many(rows.map(account::Model::into_active_model))
                .exec_without_returning(&tx.0)
                .await?;
            let rows = actors.iter().map(|(_, actor)| session::Model {
                id: actor.session.raw(),
                account_id: actor.account.raw(),
                // No token has this digest: nobody can go on with the session.
                refresh_hash: actor.session.wire(),
                previous_hash: None,
                rotated_at: now,
                created_at: now,
                last_seen_at: now,
                expires_at: now,
                ended_at: None,
                end_reason: None,
            });
            session::Entity::insert_many(rows.map(session::Model::into_active_model))
                .exec_without_returning(&tx.0)
                .await?;
            let opened: Vec<Happening> = actors
                .iter()
                .map(|(_, actor)| {
                    Happening::of_application(EventKind::AccountCreated)
                        .with("account", actor.account.wire())
                        .with("role", actor.role.code())
                })
                .collect();
            let entry = Entry {
                region,
                application: None,
                actor: None,
                happened_at: now,
            };
            ledger::append(&tx, &app.env, entry, &opened).await
        })
        .await?;
        Ok(Self(actors.into_iter().collect()))
    }

    /// Who has the account.
    ///
    /// # Errors
    /// When nobody has.
    pub(super) fn named(&self, name: &str) -> Result<&Actor, AppError> {
        let found = self.0.get(name);
        found.ok_or_else(|| AppError::internal(format!("the demonstration has no {name}")))
    }

    /// The reviewer of a department.
    ///
    /// # Errors
    /// When the department has none.
    pub(super) fn reviewer(&self, department: &str) -> Result<&Actor, AppError> {
        self.named(&format!("reviewer-{}", department.to_lowercase()))
    }

    /// The decider of a department.
    ///
    /// # Errors
    /// When the department has none.
    pub(super) fn decider(&self, department: &str) -> Result<&Actor, AppError> {
        self.named(&format!("decider-{}", department.to_lowercase()))
    }

    /// Signs everybody out.
    ///
    /// # Errors
    /// When the database refuses.
    pub(super) async fn leave(self, app: &App) -> Result<(), AppError> {
        let now = app.env.now();
        let ids: Vec<_> = self.0.values().map(|actor| actor.session.raw()).collect();
        db::write(&app.db, async |tx| {
            session::Entity::update_many()
                .col_expr(session::Column::EndedAt, Expr::value(now))
                .col_expr(
                    session::Column::EndReason,
                    Expr::value(SessionEnd::SignedOut.code()),
                )
                .filter(session::Column::Id.is_in(ids.iter().copied()))
                .exec(&tx.0)
                .await?;
            Ok(())
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use lianshen_domain::account::folded_name;

    use super::super::CATALOGUE;
    use super::*;
    use crate::catalogue;
    use crate::identity::PasswordRule;

    #[test]
    fn the_accounts_are_such_as_the_program_itself_would_open() {
        let file = catalogue::file::parse(CATALOGUE).unwrap();
        let people = people(&file);
        let names: BTreeSet<&str> = people.iter().map(|person| person.name.as_str()).collect();
        assert_eq!(names.len(), people.len());
        for person in &people {
            assert_eq!(folded_name(&person.name).unwrap(), person.name);
            let password = SecretString::from(PASSWORD);
            PasswordRule::default()
                .check(&password, &person.name)
                .unwrap();
            assert_eq!(person.role.has_department(), person.department.is_some());
            assert_eq!(person.role.has_window(), person.window.is_some());
        }
        for role in Role::ALL {
            assert!(people.iter().any(|person| person.role == *role), "{role:?}");
        }
    }
}
