//! Grows a centre: plays some hundred lives on a small database, and stamps their copies into the one that is measured.

use std::path::PathBuf;
use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Instant;

use chrono::{DateTime, Duration, NaiveDate, Utc};
use lianshen::config::Config;
use lianshen::env::{Env, MachineClock};
use lianshen::error::AppError;
use lianshen::{case, ledger, server, tally};
use lianshen_domain::ids::Id as _;
use sqlx::postgres::PgConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Row as _};

use crate::centre;
use crate::life::{self, LifeClock, Lives};
use crate::sink::{self, Bound, BoundSink, Copied, CopySink};
use crate::stamp::{Sink, Stamp};
use crate::template::{self, BASE, Cell, Part, Shared, TABLES, Table, Template};

/// What is to be grown.
#[derive(Clone, Debug)]
pub struct Growth {
    /// The database: migrated or empty, and without applications.
    pub url: String,
    /// How many applications.
    pub applications: u64,
    /// How many of a thousand are under way.
    pub open_permille: u64,
    /// How many lives are played; fewer where there are fewer applications.
    pub lives: Lives,
    /// The same seed grows the same centre on the same day.
    pub seed: u64,
}

impl Growth {
    /// The usual centre.
    pub fn of(url: &str, applications: u64) -> Self {
        let most = usize::try_from(applications / 5).unwrap_or(usize::MAX);
        Self {
            url: url.to_owned(),
            applications,
            open_permille: 8,
            lives: Lives {
                ended: most.clamp(8, 490),
                open: most.clamp(4, 40),
            },
            seed: 7,
        }
    }
}

/// What has grown.
#[derive(Clone, Copy, Debug, Default)]
pub struct Grown {
    /// Applications.
    pub applications: u64,
    /// Rows of all tables.
    pub rows: u64,
    /// Events, all of them chained.
    pub events: i64,
    /// How long the lives were played.
    pub played: std::time::Duration,
    /// How long the copies took, indexes included.
    pub stamped: std::time::Duration,
}

/// How many applications are written in one transaction.
const PART: u64 = 500;
/// The centre was there before its first application.
const FOUNDED: Duration = Duration::days(800);

/// Grows a centre.
///
/// # Errors
/// When the database holds applications, or anything that is written is refused.
pub async fn grow(growth: &Growth) -> Result<Grown, AppError> {
    let mut config = Config::defaults().map_err(AppError::internal)?;
    config.database_url = growth.url.as_str().into();
    let db = server::open_database(&config, None, true).await?;
    let began = Instant::now();
    let today = Env::new(Arc::new(MachineClock)).moment().today;
    let played = Played::new(growth, today).await?;
    let mut grown = Grown {
        played: began.elapsed(),
        ..Grown::default()
    };
    let began = Instant::now();
    db.close().await;
    let plan = shares(&played.templates, growth);
    let target = if growth.url.starts_with("postgres") {
        Target::Postgres(
            PgConnection::connect(&growth.url)
                .await
                .map_err(AppError::internal)?,
        )
    } else {
        let options = SqliteConnectOptions::from_str(&growth.url).map_err(AppError::internal)?;
        // Nobody loses anything here: what fails is grown again.
        let options = options
            .pragma("synchronous", "OFF")
            .pragma("foreign_keys", "OFF")
            .pragma("cache_size", "-65536")
            .disable_statement_logging();
        Target::Sqlite(options.connect().await.map_err(AppError::internal)?)
    };
    let stamp = fill(target, played, plan, growth).await?;
    grown.applications = stamp.copies;
    grown.rows = stamp.rows;
    grown.stamped = began.elapsed();

    // The tables are as the product left them; let it see for itself, and count what there is.
    let db = server::open_database(&config, None, false).await?;
    let env = Env::new(Arc::new(MachineClock));
    let uncounted = case::recount_tally(&db).await?;
    tally::mend(&db, &env, &uncounted).await?;
    tally::fold(&db, &env, env.uuid()).await?;
    grown.events = ledger::last_position(&db).await?;
    db.close().await;
    Ok(grown)
}

/// The lives, played and cut.
struct Played {
    base_tables: Vec<Table>,
    base: Vec<Vec<Vec<Cell>>>,
    tables: Vec<Table>,
    templates: Vec<Template>,
}

impl Played {
    async fn new(growth: &Growth, today: NaiveDate) -> Result<Self, AppError> {
        let folder = Folder::new(growth.seed)?;
        let url = format!("sqlite:{}", folder.0.join("lives.db").display());
        let mut config = Config::defaults().map_err(AppError::internal)?;
        config.database_url = url.as_str().into();
        let db = server::open_database(&config, None, true).await?;
        let clock = Arc::new(LifeClock::new(
            lianshen_domain::calendar::start_of(today) - FOUNDED,
        ));
        let env = Env::new(clock.clone());
        let staff = centre::found(&db, &env, env.now()).await?;
        let app = server::open_app(config, env, db).await?;
        let snapshot = app.library.present();
        let calendar = snapshot.calendar(centre::REGION, None);
        let file = centre::published()?;
        let lives = life::plan(&file, calendar, today, growth.lives, growth.seed)?;
        let played = life::play(&app, &clock, &staff, &lives, today).await?;
        app.db.clone().close().await;

        let options = SqliteConnectOptions::from_str(&url).map_err(AppError::internal)?;
        let options = options.disable_statement_logging();
        let mut db = options.connect().await.map_err(AppError::internal)?;
        let base_tables = template::tables(&mut db, &BASE).await?;
        let shared = Shared::read(&mut db, &base_tables).await?;
        let base = template::base(&mut db, &base_tables, &shared).await?;
        let tables = template::tables(&mut db, &TABLES).await?;
        let mut templates = Vec::new();
        for (number, (life, id)) in lives.iter().zip(played).enumerate() {
            let cut = template::cut(&mut db, &tables, &shared, id.raw(), (number, life), today);
            templates.push(cut.await?);
        }
        db.close().await.map_err(AppError::internal)?;
        Ok(Self {
            base_tables,
            base,
            tables,
            templates,
        })
    }
}

/// A folder that goes with whoever made it.
struct Folder(PathBuf);

impl Folder {
    fn new(seed: u64) -> Result<Self, AppError> {
        let mut folder = std::env::temp_dir();
        // In memory where that is to be had: the lives are played as fast as the core allows.
        if std::path::Path::new("/dev/shm").is_dir() {
            folder = PathBuf::from("/dev/shm");
        }
        let name = format!(
            "lianshen-bench-{}-{seed}-{:x}",
            std::process::id(),
            rand::random::<u64>()
        );
        let folder = folder.join(name);
        std::fs::create_dir_all(&folder).map_err(AppError::internal)?;
        Ok(Self(folder))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// How often each template is copied: by weight, those under way beside those that have ended.
fn shares(templates: &[Template], growth: &Growth) -> Vec<u64> {
    let open = (growth.applications * growth.open_permille / 1_000)
        .max(templates.iter().filter(|one| !one.has_ended).count() as u64);
    let mut shares = vec![0; templates.len()];
    for (has_ended, wanted) in [(false, open), (true, growth.applications - open)] {
        let of_group = || {
            let all = templates.iter().enumerate();
            all.filter(move |(_, one)| one.has_ended == has_ended)
        };
        let total: u64 = of_group().map(|(_, one)| u64::from(one.weight)).sum();
        let (mut seen, mut given) = (0, 0);
        for (at, one) in of_group() {
            seen += u64::from(one.weight);
            let by_now = wanted * seen / total.max(1);
            shares[at] = by_now - given;
            given = by_now;
        }
    }
    shares
}

enum Target {
    Postgres(PgConnection),
    Sqlite(SqliteConnection),
}

/// A part of the rows, on its way.
enum Load {
    Copied(Copied),
    Bound(Bound),
}

/// What stands in the way of many rows, and is made again when they are there.
struct Aside {
    again: Vec<String>,
}

impl Target {
    /// Refuses a database that is in use.
    async fn expect_empty(&mut self) -> Result<(), AppError> {
        let sql = "SELECT (SELECT count(*) FROM (SELECT 1 FROM application LIMIT 1) a) \
                   + (SELECT count(*) FROM (SELECT 1 FROM account LIMIT 1) b)";
        let rows: i64 = match self {
            Self::Postgres(db) => sqlx::query_scalar(sql).fetch_one(db).await,
            Self::Sqlite(db) => sqlx::query_scalar(sql).fetch_one(db).await,
        }
        .map_err(AppError::internal)?;
        if rows == 0 {
            return Ok(());
        }
        Err(AppError::internal(
            "the database holds accounts or applications; a centre is grown in an empty one",
        ))
    }

    async fn put_aside(&mut self) -> Result<Aside, AppError> {
        let names: Vec<String> = TABLES.iter().map(|name| format!("'{name}'")).collect();
        let names = names.join(", ");
        let sql = match self {
            Self::Postgres(_) => format!(
                "SELECT 'ALTER TABLE ' || conrelid::regclass || ' DROP CONSTRAINT ' || conname, \
                 'ALTER TABLE ' || conrelid::regclass || ' ADD CONSTRAINT ' || conname || ' ' || \
                 pg_get_constraintdef(oid) FROM pg_constraint \
                 WHERE contype = 'f' AND conrelid::regclass::text IN ({names}) \
                 UNION ALL SELECT 'DROP INDEX ' || indexname, indexdef FROM pg_indexes \
                 WHERE tablename IN ({names}) AND NOT EXISTS \
                 (SELECT 1 FROM pg_constraint WHERE conname = indexname)"
            ),
            Self::Sqlite(_) => format!(
                "SELECT 'DROP INDEX ' || name, sql FROM sqlite_master \
                 WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ({names})"
            ),
        };
        let pairs: Vec<(String, String)> = match self {
            Self::Postgres(db) => {
                let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(&mut *db).await;
                let rows = rows.map_err(AppError::internal)?;
                rows.iter().map(|row| (row.get(0), row.get(1))).collect()
            }
            Self::Sqlite(db) => {
                let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(&mut *db).await;
                let rows = rows.map_err(AppError::internal)?;
                rows.iter().map(|row| (row.get(0), row.get(1))).collect()
            }
        };
        for (first, _) in &pairs {
            self.run(first).await?;
        }
        // Foreign keys last: they are checked by the indexes.
        let mut again: Vec<String> = pairs.into_iter().map(|(_, again)| again).collect();
        again.sort_by_key(|sql| sql.starts_with("ALTER"));
        Ok(Aside { again })
    }

    async fn put_back(&mut self, aside: Aside) -> Result<(), AppError> {
        if matches!(self, Self::Postgres(_)) {
            self.run("SET maintenance_work_mem = '256MB'").await?;
        }
        for sql in aside.again {
            self.run(&sql).await?;
        }
        match self {
            Self::Postgres(_) => {
                self.run("VACUUM ANALYZE").await?;
                self.run("CHECKPOINT").await
            }
            Self::Sqlite(_) => {
                self.run("ANALYZE").await?;
                self.run("PRAGMA wal_checkpoint(TRUNCATE)").await
            }
        }
    }

    async fn run(&mut self, sql: &str) -> Result<(), AppError> {
        let sql = AssertSqlSafe(sql.to_owned());
        let done = match self {
            Self::Postgres(db) => sqlx::raw_sql(sql).execute(db).await.map(|_| ()),
            Self::Sqlite(db) => sqlx::raw_sql(sql).execute(db).await.map(|_| ()),
        };
        done.map_err(AppError::internal)
    }

    fn empty(&self, tables: usize) -> Load {
        match self {
            Self::Postgres(_) => Load::Copied(Copied::new(tables)),
            Self::Sqlite(_) => Load::Bound(Bound::new(tables)),
        }
    }

    async fn write(&mut self, tables: &[Table], load: Load) -> Result<(), AppError> {
        match (self, load) {
            (Self::Postgres(db), Load::Copied(copied)) => sink::copy_in(db, tables, &copied).await,
            (Self::Sqlite(db), Load::Bound(bound)) => sink::insert(db, tables, bound).await,
            _ => Err(AppError::internal("rows of another database")),
        }
    }

    async fn close(self) -> Result<(), AppError> {
        match self {
            Self::Postgres(db) => db.close().await,
            Self::Sqlite(db) => db.close().await,
        }
        .map_err(AppError::internal)
    }
}

async fn fill(
    mut target: Target,
    played: Played,
    plan: Vec<u64>,
    growth: &Growth,
) -> Result<Stamp, AppError> {
    target.expect_empty().await?;
    let mut load = target.empty(played.base_tables.len());
    write_base(&played.base, &mut load);
    target.write(&played.base_tables, load).await?;
    let aside = target.put_aside().await?;

    let Played {
        tables, templates, ..
    } = played;
    let width = tables.len();
    let kind = target.empty(width);
    let (sender, mut receiver) = tokio::sync::mpsc::channel::<Load>(2);
    let seed = growth.seed;
    // One core stamps while the other writes; few parts are under way, so memory stays small.
    let stamping = tokio::task::spawn_blocking(move || {
        let mut stamp = Stamp::new(seed, 0, String::new());
        let mut load = fresh(&kind, width);
        for (template, copies) in templates.iter().zip(plan) {
            for _ in 0..copies {
                match &mut load {
                    Load::Copied(copied) => stamp.copy(template, &mut CopySink::new(copied))?,
                    Load::Bound(bound) => stamp.copy(template, &mut BoundSink::new(bound))?,
                }
                if stamp.copies.is_multiple_of(PART) {
                    let full = std::mem::replace(&mut load, fresh(&kind, width));
                    if sender.blocking_send(full).is_err() {
                        return Err(AppError::internal("nobody writes what is stamped"));
                    }
                }
            }
        }
        let _ = sender.blocking_send(load);
        Ok(stamp)
    });
    while let Some(load) = receiver.recv().await {
        target.write(&tables, load).await?;
    }
    drop(receiver);
    let stamp = stamping.await.map_err(AppError::internal)??;

    let serial = Table {
        name: "serial".to_owned(),
        columns: vec![
            ("key".to_owned(), template::Kind::Text),
            ("value".to_owned(), template::Kind::Number),
        ],
    };
    let mut load = target.empty(1);
    for (name, last) in stamp.series() {
        match &mut load {
            Load::Copied(copied) => write_serial(&mut CopySink::new(copied), name, last),
            Load::Bound(bound) => write_serial(&mut BoundSink::new(bound), name, last),
        }
    }
    target.write(std::slice::from_ref(&serial), load).await?;
    target.put_back(aside).await?;
    target.close().await?;
    Ok(stamp)
}

fn fresh(like: &Load, tables: usize) -> Load {
    match like {
        Load::Copied(_) => Load::Copied(Copied::new(tables)),
        Load::Bound(_) => Load::Bound(Bound::new(tables)),
    }
}

fn write_serial(sink: &mut impl Sink, name: &str, last: i64) {
    sink.begin(0);
    sink.text(name);
    sink.number(last);
    sink.end();
}

fn write_base(base: &[Vec<Vec<Cell>>], load: &mut Load) {
    match load {
        Load::Copied(copied) => write_rows(base, &mut CopySink::new(copied)),
        Load::Bound(bound) => write_rows(base, &mut BoundSink::new(bound)),
    }
}

fn write_rows(base: &[Vec<Vec<Cell>>], sink: &mut impl Sink) {
    let plain = |parts: &[Part]| -> String {
        let plain = parts.iter().map(|part| match part {
            Part::Plain(text) => text.as_str(),
            Part::Slot(_) => "",
        });
        plain.collect()
    };
    for (table, rows) in base.iter().enumerate() {
        for row in rows {
            sink.begin(table);
            for cell in row {
                match cell {
                    Cell::Number(number) => sink.number(*number),
                    Cell::Flag(flag) => sink.flag(*flag),
                    Cell::Date(date) => sink.date(*date),
                    Cell::Instant(at, _) => sink.instant(*at),
                    Cell::Shared(id) => sink.id(*id),
                    Cell::Text(parts) => sink.text(&plain(parts)),
                    _ => sink.null(),
                }
            }
            sink.end();
        }
    }
}

/// The instant of the machine, for reports.
pub fn now() -> DateTime<Utc> {
    Env::new(Arc::new(MachineClock)).now()
}
