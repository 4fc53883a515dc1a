//! One run: a database, the program on it, people at the counters, and what was found.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use lianshen::db::Db;
use lianshen::env::{Clock as _, MachineClock};
use lianshen_domain::event::EventKind;
use lianshen_entity::{application, event, lease};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, Database, EntityTrait as _, PaginatorTrait as _,
    QueryFilter as _,
};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::checker::{NOT_HELD, Truth, Violation, check};
use super::hall::Hall;
use super::journal::{Ending, Entry, Journal, Sums};
use super::lives;
use super::program::{Program, Recipe};
use super::store::Engine;
use crate::support::database::open;
use crate::support::documents;

/// How many people act at once.
const CLIENTS: u64 = 5;
/// How many applications are read through the API at each rest.
const READ: usize = 12;
/// How long loops may take to do what is left when nobody acts.
const PATIENCE: Duration = Duration::from_secs(20);

/// What a run is made with.
pub struct Settings {
    pub engine: Engine,
    pub folder: PathBuf,
    pub program: Option<PathBuf>,
    pub seed: u64,
}

/// A run under way.
pub struct Stage {
    pub name: &'static str,
    pub folder: PathBuf,
    /// The database, by the straight way.
    pub url: String,
    pub recipe: Recipe,
    pub hall: Arc<Hall>,
    pub program: Program,
    clients: JoinSet<()>,
    pub report: Report,
}

/// What came of it.
#[derive(Default)]
pub struct Report {
    pub faults: usize,
    pub checks: usize,
    pub sums: Sums,
    pub told_to_come_back: i64,
    /// The longest time from the end of a fault until everything had its answer.
    pub recovery: Duration,
    pub refusals: Vec<String>,
    pub violations: Vec<Violation>,
    pub applications: usize,
    pub events: usize,
}

impl Report {
    /// Takes in what came of another run.
    pub fn add(&mut self, other: Self) {
        self.faults += other.faults;
        self.checks += other.checks;
        self.sums.add(other.sums);
        self.told_to_come_back += other.told_to_come_back;
        self.recovery = self.recovery.max(other.recovery);
        self.refusals.extend(other.refusals);
        self.violations.extend(other.violations);
        self.applications += other.applications;
        self.events += other.events;
    }
}

impl Stage {
    /// Makes a database, starts the program on it, and lets people in. `before` may put something between the two.
    pub async fn open(
        settings: &Settings,
        name: &'static str,
        with: impl AsyncFnOnce(&mut Recipe),
    ) -> Self {
        Self::open_in(settings, &settings.folder, name, with).await
    }

    /// The same, with the database of an SQLite run in this folder.
    pub async fn open_in(
        settings: &Settings,
        place: &Path,
        name: &'static str,
        with: impl AsyncFnOnce(&mut Recipe),
    ) -> Self {
        let folder = settings.folder.join(name);
        std::fs::create_dir_all(&folder).unwrap();
        let data = place.join(format!("{name}-data"));
        std::fs::create_dir_all(&data).unwrap();
        let url = settings.engine.database(&data).await;
        let mut recipe = Recipe {
            program: settings.program.clone(),
            url: url.clone(),
            log: folder.join("program.log"),
            with_clock: false,
            is_limited: false,
        };
        with(&mut recipe).await;
        let program = Program::start(&recipe, None).await;
        let journal = Journal::begin(&folder.join("journal.jsonl")).unwrap();
        let hall = Hall::open(program.address, journal);
        let mut clients = JoinSet::new();
        for client in 0..CLIENTS {
            clients.spawn(lives::serve(
                hall.clone(),
                settings.seed.wrapping_mul(31).wrapping_add(client),
            ));
        }
        let stage = Self {
            name,
            folder: data,
            url,
            recipe,
            hall,
            program,
            clients,
            report: Report::default(),
        };
        // Until the first act was acknowledged there is no load to speak of.
        stage.work(1).await;
        stage
    }

    /// Waits until so many more acts were acknowledged.
    pub async fn work(&self, acts: usize) {
        let began = Instant::now();
        let wanted = self.hall.journal.sums().acknowledged + acts;
        while self.hall.journal.sums().acknowledged < wanted && began.elapsed() < PATIENCE {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Starts the program again at the same place, after it was killed. The minute for which a lease of the dead stands on
    /// PostgreSQL is taken to have passed meanwhile.
    pub async fn start_again(&mut self) {
        if self.is_on_postgres() {
            let db = Database::connect(&self.url).await.unwrap();
            let passed = db.execute_unprepared("UPDATE lease SET until = now()");
            passed.await.unwrap();
            db.close().await.unwrap();
        }
        let at = (!self.recipe.with_clock).then_some(self.program.address);
        self.program = Program::start(&self.recipe, at).await;
        self.hall.turn_to(self.program.address);
    }

    /// Notes something that must not be.
    pub fn violation(&mut self, name: &'static str, what: impl Into<String>) {
        self.report.violations.push(Violation {
            name,
            what: what.into(),
        });
    }

    /// The fault is over: waits until everything that was sent has its answer, and examines everything.
    pub async fn examine(&mut self) {
        let began = Instant::now();
        let hall = self.hall.clone();
        let _rest = hall.rest().await;
        self.report.recovery = self.report.recovery.max(began.elapsed());
        self.report.faults += 1;
        if !self.program.is_alive() {
            self.violation("program-died", "it has ended of itself");
            return;
        }
        let db = open(&self.url).await;
        self.wait_for_loops(&db).await;
        let told = self.told(READ).await;
        // Whoever asked may have had to sign in for it, which is an event, too.
        self.wait_for_loops(&db).await;
        let journal = hall.journal.read();
        let found = check(&db, &self.truth(&journal, &told)).await;
        self.report.violations.extend(found);
        self.report.checks += 1;
        self.report.applications = application::Entity::find()
            .count(db.reader())
            .await
            .unwrap()
            .try_into()
            .unwrap();
        self.report.events = event::Entity::find()
            .count(db.reader())
            .await
            .unwrap()
            .try_into()
            .unwrap();
        db.close().await;
    }

    fn is_on_postgres(&self) -> bool {
        self.url.starts_with("postgres")
    }

    /// What the database is held against, when it is the one that the program serves.
    pub fn truth<'a>(&self, journal: &'a [Entry], told: &'a [Value]) -> Truth<'a> {
        Truth {
            journal,
            is_complete: true,
            told,
            now: self.lease_time(),
            today: self.hall.today(),
            is_served: true,
        }
    }

    /// What time it is for who holds a lease.
    fn lease_time(&self) -> DateTime<Utc> {
        let ahead = self
            .hall
            .seconds_ahead
            .load(std::sync::atomic::Ordering::Relaxed);
        // Leases on PostgreSQL go by the clock of the database, which nobody turns.
        let ahead = if self.is_on_postgres() { 0 } else { ahead };
        MachineClock.now() + TimeDelta::seconds(ahead)
    }

    /// Waits until the loops have done what is left, when nobody acts.
    pub async fn come_to_rest(&self) {
        let db = open(&self.url).await;
        self.wait_for_loops(&db).await;
        db.close().await;
    }

    /// The loops get the time to number what happened, to look at what is due, and to take their turn by a clock that has just
    /// been turned.
    async fn wait_for_loops(&self, db: &Db) {
        let began = Instant::now();
        let today = self.hall.today();
        while began.elapsed() < PATIENCE {
            let waiting = event::Entity::find().filter(event::Column::Position.is_null());
            let due = application::Entity::find().filter(application::Column::SweepOn.lte(today));
            let waiting = waiting.count(db.reader()).await.unwrap();
            let late = lease::Entity::find()
                .filter(lease::Column::Name.is_not_in(NOT_HELD.iter().copied()))
                .filter(lease::Column::Until.lt(self.lease_time()));
            let late = late.count(db.reader()).await.unwrap();
            if late == 0 && waiting == 0 && due.count(db.reader()).await.unwrap() == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// What the API says of the latest applications.
    pub async fn told(&self, most: usize) -> Vec<Value> {
        let entries = self.hall.journal.read();
        let filed = entries.iter().rev().filter(|entry| {
            entry.act.leaves.contains(&EventKind::ApplicationReceived)
                && entry.ending == Some(Ending::Acknowledged)
        });
        let mut told = Vec::new();
        for id in filed.filter_map(|entry| entry.act.subject).take(most) {
            let asked = json!({ "id": format!("application:{id}") });
            if let Some(answer) = self
                .hall
                .ask("supervisor", &documents::APPLICATION_BY_ID, asked)
                .await
            {
                told.push(answer.data("application").clone());
            }
        }
        told
    }

    /// Lets everybody finish, examines everything once more, and ends the program in good order.
    pub async fn close(mut self) -> Report {
        self.hall.close();
        while self.clients.join_next().await.is_some() {}
        self.examine().await;
        // That was no fault.
        self.report.faults -= 1;
        if self.program.is_alive() {
            self.program.end().await;
        }
        let journal = &self.hall.journal;
        let mut report = self.report;
        report.sums = journal.sums();
        report.told_to_come_back = self
            .hall
            .told_to_come_back
            .load(std::sync::atomic::Ordering::Relaxed);
        report.refusals = journal
            .refusals()
            .iter()
            .map(|(code, times)| format!("{code} {times}"))
            .collect();
        for fault in journal.faults() {
            report.violations.push(Violation {
                name: "wrong-answer",
                what: fault,
            });
        }
        if report.sums.never > 0 {
            let what = format!("{} acts", report.sums.never);
            report.violations.push(Violation {
                name: "never-answered",
                what,
            });
        }
        report
    }
}
