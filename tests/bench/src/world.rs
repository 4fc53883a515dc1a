//! What a load asks about, and by whom: targets drawn from the database, and people who have signed in.

use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicU64, Ordering};

use lianshen::catalogue::file::CatalogueFile;
use lianshen::config::Config;
use lianshen::error::AppError;
use lianshen::server;
use lianshen_domain::bundle::Answers;
use lianshen_domain::catalogue::CatalogueView as _;
use lianshen_domain::guide::guide;
use sea_orm::{ConnectionTrait as _, DbBackend, Statement};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::centre::{self, names};
use crate::wire::Wire;

/// An application to ask about.
#[derive(Clone, Debug)]
pub struct Target {
    /// Its id, as the API writes it.
    pub id: String,
    /// The same, as the database does.
    pub raw: Uuid,
    /// Its receipt number.
    pub receipt: String,
    /// Its query code.
    pub query_code: String,
    /// The clerk whose window has it.
    pub clerk: usize,
}

/// A review that waits for an opinion.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// Its id.
    pub review: String,
    /// Its case.
    pub case: String,
    /// Its department.
    pub department: usize,
}

/// An application that was submitted, with its reviews.
#[derive(Clone, Debug)]
pub struct Submitted {
    /// Its id.
    pub application: String,
    /// Its reviews.
    pub reviews: Vec<Waiting>,
    /// The window.
    pub clerk: usize,
}

/// What a load knows.
pub struct World {
    /// Applications, in no order.
    pub targets: Vec<Target>,
    /// Codes of the departments.
    pub departments: Vec<String>,
    /// Materials that an applicant hands in for each bundle.
    pub materials: Vec<Value>,
    /// Reviews that wait for an opinion, made for this.
    pub waiting: Mutex<VecDeque<Waiting>>,
    tokens: HashMap<String, String>,
    next: AtomicU64,
    run: String,
}

/// How many applications are drawn.
const TARGETS: u64 = 20_000;

impl World {
    /// Draws targets and signs everybody in.
    ///
    /// # Errors
    /// When the database holds no grown centre, or the program lets nobody in.
    pub async fn open(database: &str, address: SocketAddr) -> Result<Self, AppError> {
        let file = centre::published()?;
        let departments: Vec<String> = file
            .departments
            .iter()
            .map(|department| department.code.clone())
            .collect();
        let mut world = Self {
            targets: draw(database).await?,
            materials: materials(&file)?,
            departments,
            waiting: Mutex::default(),
            tokens: HashMap::new(),
            next: AtomicU64::new(0),
            run: format!("{:x}", rand::random::<u64>()),
        };
        if world.targets.is_empty() {
            return Err(AppError::internal(
                "there are no applications; generate a centre first",
            ));
        }
        let mut people = vec![names::SUPERVISOR.to_owned()];
        people.extend((0..centre::WINDOWS).map(names::clerk));
        for department in &world.departments {
            people.push(names::reviewer(department, 0));
            people.push(names::decider(department));
        }
        let mut wire = Wire::open(address).await.map_err(AppError::internal)?;
        for name in people {
            let token = sign_in(&mut wire, &name).await?;
            world.tokens.insert(name, token);
        }
        Ok(world)
    }

    /// The token of somebody.
    pub fn token(&self, name: &str) -> Option<&str> {
        self.tokens.get(name).map(String::as_str)
    }

    /// A number that no other act of this load has.
    pub fn number(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    /// A key that no other act has, of any load.
    pub fn key(&self) -> String {
        format!("{}-{}", self.run, self.number())
    }

    /// The next review that waits for an opinion.
    pub fn next_waiting(&self) -> Option<Waiting> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.pop_front()
    }

    /// Lays reviews of applications in store: one of each application after the other, or all of one together.
    pub fn lay_in(&self, submitted: Vec<Submitted>, together: bool) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.clear();
        if together {
            waiting.extend(submitted.into_iter().flat_map(|one| one.reviews));
            return;
        }
        let most = submitted.iter().map(|one| one.reviews.len()).max();
        for nth in 0..most.unwrap_or(0) {
            waiting.extend(
                submitted
                    .iter()
                    .filter_map(|one| one.reviews.get(nth).cloned()),
            );
        }
    }

    /// How many reviews wait.
    pub fn waiting(&self) -> usize {
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.len()
    }

    /// The place of a department.
    pub fn department(&self, code: &str) -> Option<usize> {
        self.departments.iter().position(|known| known == code)
    }
}

/// What an applicant hands in for each bundle.
///
/// # Errors
/// When there is no such bundle.
pub fn materials(file: &CatalogueFile) -> Result<Vec<Value>, AppError> {
    let catalogue = file.catalogue();
    let materials = (0..centre::BUNDLES).map(|number| {
        let bundle = catalogue.bundle(&centre::bundle_code(number));
        let bundle = bundle.ok_or_else(|| AppError::internal("there is no such bundle"))?;
        let guide = guide(bundle, &catalogue, &Answers::default()).map_err(AppError::from)?;
        let provided = guide.applicant_provides();
        Ok(provided
            .map(|material| json!({ "code": material.material, "originals": 1, "copies": 1 }))
            .collect())
    });
    materials.collect()
}

async fn sign_in(wire: &mut Wire, name: &str) -> Result<String, AppError> {
    let body = json!({
        "query": "mutation SignIn($input: SessionSignInInput!) { sessionSignIn(input: $input) { \
                  session { accessToken } userErrors { code message } } }",
        "variables": { "input": { "accountName": name, "password": centre::PASSWORD } },
    });
    let (_, answer) = wire
        .post(None, body.to_string().as_bytes())
        .await
        .map_err(AppError::internal)?;
    let answer: Value = serde_json::from_slice(answer).map_err(AppError::internal)?;
    let token = answer["data"]["sessionSignIn"]["session"]["accessToken"].as_str();
    token.map(str::to_owned).ok_or_else(|| {
        AppError::internal(format!(
            "{name} cannot sign in: {}",
            answer["data"]["sessionSignIn"]["userErrors"]
        ))
    })
}

/// Draws applications to ask about.
///
/// # Errors
/// When the database cannot be read.
pub async fn draw(database: &str) -> Result<Vec<Target>, AppError> {
    // PostgreSQL gives up what takes five seconds, so a large table is drawn from in parts.
    let mut targets = targets(database, |engine| match engine {
        DbBackend::Postgres => format!(
            "SELECT id, receipt_number, query_code, \"window\" FROM application \
             TABLESAMPLE BERNOULLI ((SELECT least(100, greatest(0.01, 150.0 * {TARGETS} / greatest(reltuples, 1))) \
             FROM pg_class WHERE oid = 'application'::regclass)) WHERE region = '{}' LIMIT {TARGETS}",
            centre::REGION
        ),
        _ => format!(
            "SELECT id, receipt_number, query_code, \"window\" FROM application WHERE rowid IN \
             (SELECT rowid FROM application WHERE region = '{}' ORDER BY random() LIMIT {TARGETS})",
            centre::REGION
        ),
    })
    .await?;
    use rand::seq::SliceRandom as _;
    targets.shuffle(&mut rand::rng());
    Ok(targets)
}

/// The application in the middle of all by how much has happened to it: of a centre as it was grown the same life each time,
/// for what is compared with itself.
///
/// # Errors
/// When the database cannot be read, or holds none.
pub async fn middle(database: &str) -> Result<Target, AppError> {
    let region = centre::REGION;
    let sql = format!(
        "SELECT id, receipt_number, query_code, \"window\" FROM application WHERE region = '{region}' \
         ORDER BY (SELECT count(*) FROM event WHERE event.application_id = application.id), receipt_number LIMIT 1 \
         OFFSET (SELECT count(*) FROM application WHERE region = '{region}') / 2"
    );
    let found = targets(database, |_| sql).await?.pop();
    found.ok_or_else(|| AppError::internal("there are no applications"))
}

async fn targets(
    database: &str,
    sql: impl FnOnce(DbBackend) -> String,
) -> Result<Vec<Target>, AppError> {
    let mut config = Config::defaults().map_err(AppError::internal)?;
    config.database_url = database.into();
    config.pool = 1;
    let db = server::connect(&config, None).await?;
    let statement = Statement::from_string(db.engine(), sql(db.engine()));
    let rows = db.reader().query_all_raw(statement).await?;
    let targets = rows.iter().map(|row| {
        let window: Option<String> = row.try_get("", "window")?;
        let clerk = window.and_then(|window| window.get(1..)?.parse::<usize>().ok());
        let raw: Uuid = row.try_get("", "id")?;
        Ok(Target {
            id: format!("application:{raw}"),
            raw,
            receipt: row.try_get("", "receipt_number")?,
            query_code: row.try_get("", "query_code")?,
            clerk: clerk.unwrap_or(1).saturating_sub(1),
        })
    });
    let targets = targets.collect::<Result<_, AppError>>();
    db.close().await;
    targets
}
