//! The centre that grows: ten departments with twenty items each, four bundles, and everybody who works there.

use std::num::NonZeroUsize;

use chrono::{DateTime, Utc};
use lianshen::catalogue::file::CatalogueFile;
use lianshen::db::{self, Db};
use lianshen::env::Env;
use lianshen::error::AppError;
use lianshen::identity::{HashingCost, Passwords};
use lianshen::{calendar, catalogue};
use lianshen_domain::actor::{Actor, Role};
use lianshen_domain::applicant::ApplicantKind;
use lianshen_domain::bundle::{
    BundleVersion, Component, ComponentMode, JointStatutory, LegalMode, TacitConsent, TacitPolicy,
};
use lianshen_domain::clock::{Anchor, Limit};
use lianshen_domain::ids::{AccountId, Id as _, SessionId};
use lianshen_domain::item::{
    CaseType, ItemResult, ItemVersion, OnlineDepth, ResultKind, SpecialProcedure,
    SpecialProcedureKind, StatutoryLimit, Step,
};
use lianshen_entity::{Coded, account, session};
use sea_orm::{EntityTrait as _, IntoActiveModel as _};

/// The password of every account. It stands in databases that are made for measuring and nowhere else.
pub const PASSWORD: &str = "Measured-Twice-7-Cut-Once";
/// Division code of the centre.
pub const REGION: &str = "320999";
/// How many departments there are.
pub const DEPARTMENTS: usize = 10;
/// How many items each of them has.
pub const ITEMS_EACH: usize = 20;
/// How many windows there are, each with its clerk.
pub const WINDOWS: usize = 8;
/// How many reviewers a department has, and how many deciders.
pub const REVIEWERS: usize = 4;
/// How many bundles there are; each has an item of five departments.
pub const BUNDLES: usize = 4;

const CATALOGUE: &str = include_str!("../../../api/data/sample-catalogue.json");
/// The holiday notices that the centre adopts.
pub const HOLIDAYS: &str = include_str!("../../../api/data/holidays-cn.json");

/// What the centre publishes, made of the sample catalogue: its departments, materials and kinds of item.
///
/// # Errors
/// When the sample is not what this is made of.
pub fn published() -> Result<CatalogueFile, AppError> {
    let sample = catalogue::file::parse(CATALOGUE).map_err(AppError::internal)?;
    let moulds: Vec<&ItemVersion> = sample
        .items
        .iter()
        .filter(|item| item.case_type == CaseType::Promised && !item.notification_and_promise)
        .collect();
    let mut departments = Vec::new();
    let mut items = Vec::new();
    for department in &sample.departments {
        let own: Vec<&&ItemVersion> = moulds
            .iter()
            .filter(|item| item.department == department.code)
            .collect();
        if own.is_empty() || departments.len() == DEPARTMENTS {
            continue;
        }
        let place = departments.len();
        for number in 0..ITEMS_EACH {
            items.push(item(
                own[number % own.len()],
                &department.credit_code,
                place,
                number,
            ));
        }
        departments.push(department.clone());
    }
    let codes: Vec<&str> = departments
        .iter()
        .map(|department| department.code.as_str())
        .collect();
    if codes.len() < DEPARTMENTS {
        return Err(AppError::internal("the sample has too few departments"));
    }
    let bundles = (0..BUNDLES).map(|number| bundle(&codes, number)).collect();
    Ok(CatalogueFile {
        region: sample.region.clone(),
        departments,
        materials: sample.materials.clone(),
        fees: Vec::new(),
        items,
        bundles,
    })
}

/// The code of an item, by the place of its department and its number there.
pub fn item_code(department: &str, number: usize) -> String {
    format!("{department}-01-{:03}", number + 1)
}

/// The code of a bundle.
pub fn bundle_code(number: usize) -> String {
    format!("YJS-{:03}", number + 1)
}

fn item(mould: &ItemVersion, credit_code: &str, place: usize, number: usize) -> ItemVersion {
    let basic_code = format!("99{place:02}{number:03}01000");
    let implementation_code = format!("{credit_code}4{basic_code}");
    // Five to twelve working days, so that not everything falls due at once.
    let days = u32::try_from(5 + (place + number) % 8).unwrap_or(5);
    let step = |name: &str, days| Step {
        name: name.to_owned(),
        days,
    };
    ItemVersion {
        code: item_code(&mould.department, number),
        name: format!("{}(第{}类)", mould.name, number + 1),
        handling_item_code: format!("{implementation_code}01"),
        basic_code,
        implementation_code,
        audience: vec![ApplicantKind::NaturalPerson, ApplicantKind::Enterprise],
        statutory: Some(StatutoryLimit {
            limit: Limit::workdays(20),
            anchor: Anchor::Accepted,
        }),
        promised: Limit::workdays(days),
        steps: vec![step("受理", 0), step("审查", days - 2), step("决定", 2)],
        special_procedures: vec![SpecialProcedure {
            kind: SpecialProcedureKind::ExpertReview,
            legal_basis: "行政许可法 第四十五条".to_owned(),
            limit: Limit::workdays(10),
        }],
        result: ItemResult {
            name: "审批决定书".to_owned(),
            kind: ResultKind::ApprovalDocument,
            valid_months: None,
        },
        fee: None,
        predecessors: Vec::new(),
        visits_needed: 0,
        online_depth: OnlineDepth::Full,
        ..mould.clone()
    }
}

/// Five departments that begin at once.
fn bundle(departments: &[&str], number: usize) -> BundleVersion {
    let of = |place: usize| departments[place % departments.len()];
    let components = (0..5).map(|at| Component {
        item: item_code(of(number * 3 + at), number * 4 + at),
        mode: ComponentMode::Parallel,
        depends_on: Vec::new(),
        include_when: None,
        opinion_days: None,
        tacit_eligible: false,
    });
    BundleVersion {
        code: bundle_code(number),
        name: format!("一件事(第{}套)", number + 1),
        version: 1,
        stage: None,
        lead_department: of(number * 3).to_owned(),
        joint_promised: Limit::workdays(15),
        legal_mode: LegalMode::Art26Joint,
        joint_statutory: Some(JointStatutory {
            limit: Limit::workdays(45),
            extension: None,
        }),
        questions: Vec::new(),
        components: components.collect(),
        joint_site_visit: false,
        comprehensive_permit: false,
        tacit_consent: TacitConsent {
            policy: TacitPolicy::Off,
            days: None,
            note: None,
        },
        note: None,
    }
}

/// Everybody who works there, signed in for as long as the lives are played.
pub struct Staff(Vec<(String, Actor)>);

impl Staff {
    /// Who has the account.
    ///
    /// # Errors
    /// When nobody has.
    pub fn named(&self, name: &str) -> Result<&Actor, AppError> {
        let found = self.0.iter().find(|(known, _)| known == name);
        found
            .map(|(_, actor)| actor)
            .ok_or_else(|| AppError::internal(format!("nobody is named {name}")))
    }
}

/// Names of the accounts.
pub mod names {
    /// The clerk of a window, from 0.
    pub fn clerk(window: usize) -> String {
        format!("clerk-{}", window + 1)
    }

    /// A reviewer of a department, from 0.
    pub fn reviewer(department: &str, number: usize) -> String {
        format!("reviewer-{}-{}", department.to_lowercase(), number + 1)
    }

    /// A decider of a department.
    pub fn decider(department: &str) -> String {
        format!("decider-{}", department.to_lowercase())
    }

    /// Who reads everything.
    pub const SUPERVISOR: &str = "supervisor";
}

/// The name of a window, from 0.
pub fn window(number: usize) -> String {
    format!("A{:02}", number + 1)
}

fn people(file: &CatalogueFile) -> Vec<(String, Role, Option<String>, Option<String>)> {
    let mut people = vec![
        (names::SUPERVISOR.to_owned(), Role::Supervisor, None, None),
        ("system".to_owned(), Role::SystemAdministrator, None, None),
    ];
    for number in 0..WINDOWS {
        let window = Some(window(number));
        people.push((names::clerk(number), Role::WindowClerk, None, window));
    }
    for department in &file.departments {
        let code = &department.code;
        for number in 0..REVIEWERS {
            let name = names::reviewer(code, number);
            people.push((name, Role::Reviewer, Some(code.clone()), None));
        }
        people.push((
            names::decider(code),
            Role::Decider,
            Some(code.clone()),
            None,
        ));
    }
    people
}

/// Founds the centre in a migrated database, through the product's own code: catalogue, calendars, accounts.
///
/// # Errors
/// When the catalogue breaks a rule of publishing, or the database fails.
pub async fn found(db: &Db, env: &Env, since: DateTime<Utc>) -> Result<Staff, AppError> {
    let file = published()?;
    if let Some((code, fault)) = file.faults().first() {
        return Err(AppError::internal(format!("{code}: {fault:?}")));
    }
    catalogue::publish(db, env, &file).await?;
    let notices = calendar::parse(HOLIDAYS).map_err(AppError::internal)?;
    calendar::adopt(db, env, &notices).await?;
    // One hash for all: it takes as long as signing in does.
    let passwords = Passwords::new(HashingCost::default(), NonZeroUsize::MIN);
    let passwords = passwords.map_err(AppError::internal)?;
    let hash = passwords.hash(PASSWORD.to_owned().into()).await;
    let hash = hash.map_err(AppError::internal)?;
    let actors: Vec<(String, Actor)> = people(&file)
        .into_iter()
        .map(|(name, role, department, window)| {
            let actor = Actor {
                account: env.id::<AccountId>(),
                session: env.id::<SessionId>(),
                role,
                region: REGION.to_owned(),
                department,
                window,
                display_name: format!("测量 {name}"),
            };
            (name, actor)
        })
        .collect();
    let accounts = actors.iter().map(|(name, actor)| account::Model {
        id: actor.account.raw(),
        region: REGION.to_owned(),
        name: name.clone(),
        display_name: actor.display_name.clone(),
        role: Coded(actor.role),
        department: actor.department.clone(),
        window: actor.window.clone(),
        password_hash: hash.clone(),
        created_at: since,
        closed_at: None,
        version: 1,
    });
    let sessions = actors.iter().map(|(_, actor)| session::Model {
        id: actor.session.raw(),
        account_id: actor.account.raw(),
        // No token has this digest: nobody can go on with the session.
        refresh_hash: actor.session.wire(),
        previous_hash: None,
        rotated_at: since,
        created_at: since,
        last_seen_at: since,
        expires_at: since,
        ended_at: None,
        end_reason: None,
    });
    let accounts: Vec<_> = accounts.map(account::Model::into_active_model).collect();
    let sessions: Vec<_> = sessions.map(session::Model::into_active_model).collect();
    db::write(db, async |tx| {
        account::Entity::insert_many(accounts.clone())
            .exec_without_returning(&**tx)
            .await?;
        session::Entity::insert_many(sessions.clone())
            .exec_without_returning(&**tx)
            .await?;
        Ok(())
    })
    .await?;
    Ok(Staff(actors))
}
