//! What stands in every test's database before it begins: the sample centre with its catalogue and the
//! holidays, and accounts for every role and department.

use std::num::NonZeroUsize;
use std::sync::{Arc, OnceLock};

use super::app::TestApp;
use super::clock::ManualClock;
use chrono::NaiveDate;
use lianshen::catalogue::file::CatalogueFile;
use lianshen::db::{self, Db};
use lianshen::env::Env;
use lianshen::identity::{HashingCost, Passwords};
use lianshen::{calendar, catalogue};
use lianshen_domain::actor::Role;
use lianshen_domain::calendar::{Calendar, start_of};
use lianshen_entity::{Coded, account};
use sea_orm::{EntityTrait as _, IntoActiveModel as _};
use serde_json::{Value, json};

/// The password of every account.
pub const PASSWORD: &str = "Correct-Horse-7-Battery";

/// The catalogue file of the sample centre.
pub const CATALOGUE: &str = include_str!("../../api/data/sample-catalogue.json");
const HOLIDAYS: &str = include_str!("../../api/data/holidays-cn.json");

/// The sample centre.
pub fn catalogue_file() -> &'static CatalogueFile {
    static FILE: OnceLock<CatalogueFile> = OnceLock::new();
    FILE.get_or_init(|| catalogue::file::parse(CATALOGUE).unwrap())
}

impl TestApp {
    /// Publishes a catalogue over the one that is there, for instance the sample with something changed.
    pub async fn publish(&self, catalogue: &Value) -> CatalogueFile {
        let file = catalogue::file::parse(&catalogue.to_string()).unwrap();
        let program = self.program();
        catalogue::publish(&program.db, &program.env, &file)
            .await
            .unwrap();
        program.library.refresh(&program.db).await.unwrap();
        file
    }

    /// Publishes the second version of a bundle of the sample, in which something is changed.
    pub async fn publish_second(&self, bundle: &str, change: impl FnOnce(&mut Value)) {
        let mut file: Value = serde_json::from_str(CATALOGUE).unwrap();
        let mut bundles = file["bundles"].as_array_mut().unwrap().iter_mut();
        let bundle = bundles.find(|known| known["code"] == bundle).unwrap();
        bundle["version"] = json!(2);
        change(bundle);
        self.publish(&file).await;
    }
}

/// The working days.
pub fn working_days() -> &'static Calendar {
    static DAYS: OnceLock<Calendar> = OnceLock::new();
    DAYS.get_or_init(|| Calendar::try_new(&calendar::parse(HOLIDAYS).unwrap()).unwrap())
}

/// Writes it all.
pub async fn plant(db: &Db) {
    let env = Env::new(Arc::new(ManualClock::new()));
    catalogue::publish(db, &env, catalogue_file())
        .await
        .unwrap();
    // Long before anything is received: a test may play in any year that the notices cover.
    let founding = ManualClock::new();
    founding.set(start_of(
        NaiveDate::from_ymd_opt(2022, 12, 1).expect("it is a date"),
    ));
    let founding = Env::new(Arc::new(founding));
    calendar::adopt(db, &founding, &calendar::parse(HOLIDAYS).unwrap())
        .await
        .unwrap();
    // One hash for all: it takes as long as signing in does.
    let passwords = Passwords::new(HashingCost::default(), NonZeroUsize::MIN).unwrap();
    let hash = passwords.hash(PASSWORD.to_owned().into()).await.unwrap();
    let rows = accounts(&env, &hash);
    let written = db::write(db, async |tx| {
        let rows = rows.iter().cloned().map(account::Model::into_active_model);
        account::Entity::insert_many(rows)
            .exec_without_returning(&**tx)
            .await?;
        Ok(())
    });
    written.await.unwrap();
}

/// Names are `role`, `role-department` or `role-department-2`, all in small letters.
fn accounts(env: &Env, hash: &str) -> Vec<account::Model> {
    let account =
        |name: &str, role: Role, department: Option<&str>, window: Option<&str>| account::Model {
            id: env.uuid(),
            region: catalogue_file().region.code.clone(),
            name: name.to_lowercase(),
            display_name: format!("测试 {name}"),
            role: Coded(role),
            department: department.map(str::to_owned),
            window: window.map(str::to_owned),
            password_hash: hash.to_owned(),
            created_at: env.now(),
            closed_at: None,
            version: 1,
        };
    let mut accounts = vec![
        account("applicant", Role::Applicant, None, None),
        account("applicant-2", Role::Applicant, None, None),
        account("clerk", Role::WindowClerk, None, Some("A01")),
        account("clerk-2", Role::WindowClerk, None, Some("A02")),
        account("administrator", Role::CentreAdministrator, None, None),
        account("supervisor", Role::Supervisor, None, None),
        account("system", Role::SystemAdministrator, None, None),
    ];
    for department in &catalogue_file().departments {
        let code = Some(department.code.as_str());
        for (word, role) in [
            ("reviewer", Role::Reviewer),
            ("decider", Role::Decider),
            ("lead", Role::LeadCoordinator),
        ] {
            accounts.push(account(
                &format!("{word}-{}", department.code),
                role,
                code,
                None,
            ));
            accounts.push(account(
                &format!("{word}-{}-2", department.code),
                role,
                code,
                None,
            ));
        }
    }
    accounts
}
