//! The limit: the same operations as scripts of `pgbench`, on the same tables in the same run.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use lianshen::config::Config;
use lianshen::db::{self, Db};
use lianshen::error::AppError;
use lianshen::server;
use sea_orm::{ConnectionTrait as _, DbBackend};
use uuid::Uuid;

use crate::centre::REGION;
use crate::operation::Operation;
use crate::program::output;
use crate::replay::{Naming, Watcher, Writer};
use crate::sample::{self, Sample};
use crate::world::World;

/// Scripts of one way to do an operation; each client draws one of them each time.
#[derive(Clone, Debug)]
pub struct Variant {
    /// What is particular about it.
    pub name: String,
    /// The files.
    pub scripts: Vec<PathBuf>,
}

/// What `pgbench` reached.
#[derive(Clone, Debug)]
pub struct Limit {
    /// Transactions a second.
    pub rate: f64,
    /// Average latency in milliseconds.
    pub average: f64,
}

/// All scripts, ready to run.
pub struct Limits {
    database: String,
    pgbench: PathBuf,
    folder: PathBuf,
    variants: BTreeMap<Operation, Vec<Variant>>,
}

/// A new stem of identifiers: the millisecond, and chance.
const STEM: &str = "lpad(to_hex((extract(epoch FROM now()) * 1000)::bigint), 12, '0') \
                    || lpad(to_hex(:r::bigint), 12, '0')";
const CHANCE: &str = "\\set r random(0, 281474976710655)\n";

impl Limits {
    /// Reads what the product writes, and writes the scripts.
    ///
    /// # Errors
    /// When the database is no PostgreSQL, or `pgbench` is not installed beside it.
    pub async fn prepare(
        database: &str,
        address: SocketAddr,
        world: &Arc<World>,
    ) -> Result<Self, AppError> {
        let mut config = Config::defaults().map_err(AppError::internal)?;
        config.database_url = database.into();
        config.pool = 2;
        let db = server::connect(&config, None).await?;
        if db.engine() != DbBackend::Postgres {
            return Err(AppError::internal("pgbench measures PostgreSQL only"));
        }
        let folder = std::env::temp_dir().join(format!("lianshen-limits-{}", std::process::id()));
        std::fs::create_dir_all(&folder).map_err(AppError::internal)?;
        let mut limits = Self {
            database: database.to_owned(),
            pgbench: find_pgbench().await?,
            folder,
            variants: BTreeMap::new(),
        };
        limits.targets(&db, world).await?;
        limits.reads(world)?;
        let mut watcher = Watcher::new(&db).await?;
        let sample = sample::live(&mut watcher, address, world).await?;
        limits.writes(&watcher, &sample)?;
        limits.lives(&db).await?;
        db.close().await;
        Ok(limits)
    }

    /// The ways to do an operation.
    pub fn variants(&self, operation: Operation) -> &[Variant] {
        self.variants.get(&operation).map_or(&[], Vec::as_slice)
    }

    /// Runs a variant for a time.
    ///
    /// # Errors
    /// When `pgbench` fails, or a transaction of it did.
    pub async fn run(
        &self,
        variant: &Variant,
        clients: usize,
        time: Duration,
    ) -> Result<Limit, AppError> {
        let mut pgbench = Command::new(&self.pgbench);
        pgbench
            .args(["-n", "-M", "prepared", "-j", "2"])
            .args(["-c", &clients.to_string()])
            .args(["-T", &time.as_secs().max(1).to_string()]);
        for script in &variant.scripts {
            pgbench.arg("-f").arg(script);
        }
        // The whole URL would show the password to everybody on this machine.
        let (url, password) = without_password(&self.database);
        pgbench
            .arg(url)
            .env("PGPASSWORD", password)
            // Planned once: what the first five rounds of planning cost is none of the limit.
            .env("PGOPTIONS", "-c plan_cache_mode=force_generic_plan")
            .env("PGAPPNAME", "pgbench");
        let output = output(pgbench).await?;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let number = |before: &str| {
            let rest = said.split_once(before)?.1;
            rest.split_whitespace().next()?.parse::<f64>().ok()
        };
        match (
            output.status.success(),
            number("tps = "),
            number("latency average = "),
        ) {
            (true, Some(rate), Some(average)) => Ok(Limit { rate, average }),
            _ => {
                let fault = String::from_utf8_lossy(&output.stderr);
                let fault: String = fault.chars().take(2_000).collect();
                Err(AppError::internal(format!(
                    "pgbench {}: {fault}",
                    variant.name
                )))
            }
        }
    }

    fn script(
        &mut self,
        operation: Operation,
        name: &str,
        texts: &[String],
    ) -> Result<(), AppError> {
        let mut scripts = Vec::new();
        for (nth, text) in texts.iter().enumerate() {
            let file = self.folder.join(format!("{operation}-{name}-{nth}.sql"));
            std::fs::write(&file, text).map_err(AppError::internal)?;
            scripts.push(file);
        }
        self.variants.entry(operation).or_default().push(Variant {
            name: name.to_owned(),
            scripts,
        });
        Ok(())
    }

    /// The same targets that the load asks about, numbered, so that a script can draw one.
    async fn targets(&self, db: &Db, world: &World) -> Result<(), AppError> {
        let mut sql = "DROP SCHEMA IF EXISTS bench CASCADE; CREATE SCHEMA bench; \
            CREATE SEQUENCE bench.position CACHE 1000; \
            SELECT setval('bench.position', 1 - least(0, (SELECT min(position) FROM event \
            WHERE position IS NOT NULL))); \
            CREATE TABLE bench.target (n int PRIMARY KEY, id uuid NOT NULL, receipt text NOT NULL); \
            CREATE TABLE bench.life (n int PRIMARY KEY, p text NOT NULL);"
            .to_owned();
        for (nth, part) in world.targets.chunks(1_000).enumerate() {
            let rows: Vec<String> = (nth * 1_000..)
                .zip(part)
                .map(|(n, target)| format!("({}, '{}', '{}')", n + 1, target.raw, target.receipt))
                .collect();
            sql.push_str(&format!(
                "INSERT INTO bench.target VALUES {};",
                rows.join(", ")
            ));
        }
        sql.push_str("ANALYZE bench.target");
        prepare(db, &sql).await
    }

    fn reads(&mut self, world: &World) -> Result<(), AppError> {
        let draw = format!("\\set n random(1, {})\n", world.targets.len());
        let departments: Vec<String> = world
            .departments
            .iter()
            .map(|code| format!("'{code}'"))
            .collect();
        let columns = "a.id, a.receipt_number, a.state, a.outcome, a.version, a.received_on, a.accepted_on, \
            c.id, c.case_number, c.item_name, c.state, c.result, c.version, c.item, c.department, \
            r.id, r.state, r.opinion, r.version, r.department";
        for (name, join) in [
            ("join by case", "r.case_id = c.id"),
            (
                "join by application",
                "r.application_id = a.id AND r.case_id = c.id",
            ),
        ] {
            self.script(
                Operation::R1,
                name,
                &[format!(
                    "{draw}SELECT {columns} FROM application a JOIN case_ c ON c.application_id = a.id \
                     JOIN review r ON {join} WHERE a.id = (SELECT id FROM bench.target WHERE n = :n) \
                     ORDER BY c.ordinal;\n"
                )],
            )?;
        }
        self.script(
            Operation::R1,
            "three statements in one go",
            &[format!(
                "{draw}\\startpipeline\n\
                 SELECT * FROM application WHERE id = (SELECT id FROM bench.target WHERE n = :n);\n\
                 SELECT * FROM case_ WHERE application_id = (SELECT id FROM bench.target WHERE n = :n) ORDER BY ordinal;\n\
                 SELECT * FROM review WHERE application_id = (SELECT id FROM bench.target WHERE n = :n);\n\
                 \\endpipeline\n"
            )],
        )?;
        let inbox = |columns: &str| {
            format!(
                "\\set d random(1, {})\nSELECT {columns} FROM review r JOIN case_ c ON c.id = r.case_id \
                 JOIN application a ON a.id = c.application_id WHERE r.region = '{REGION}' \
                 AND r.department = (ARRAY[{}])[:d] AND r.state IN ('WAITING', 'OPEN', 'CLAIMED') \
                 ORDER BY r.sort_on, r.id LIMIT 51;\n",
                departments.len(),
                departments.join(", ")
            )
        };
        self.script(
            Operation::R2,
            "join",
            &[inbox(
                "r.id, r.state, r.sort_on, r.promised_due_on, r.statutory_due_on, r.alert_on, \
                 c.id, c.case_number, c.item_name, c.state, a.receipt_number, a.applicant_name, a.bundle",
            )],
        )?;
        self.script(
            Operation::R3,
            "the aggregate that the tally replaces",
            &[AGGREGATE.replace("REGION", REGION)],
        )?;
        let progress = |application: &str| {
            format!(
                "{draw}\\startpipeline\n\
                 SELECT {application} FROM application WHERE receipt_number = (SELECT receipt FROM bench.target WHERE n = :n);\n\
                 SELECT item_name, department, state, result FROM case_ WHERE application_id = (SELECT id FROM bench.target WHERE n = :n) ORDER BY ordinal;\n\
                 SELECT kind, happened_at, department FROM event WHERE application_id = (SELECT id FROM bench.target WHERE n = :n) AND public ORDER BY id;\n\
                 \\endpipeline\n"
            )
        };
        self.script(
            Operation::R4,
            "three statements in one go",
            &[progress("id, state, outcome, received_on, query_code")],
        )?;
        self.script(
            Operation::R4,
            "one join",
            &[format!(
                "{draw}SELECT a.state, a.outcome, a.received_on, a.query_code, NULL::text, NULL::timestamptz FROM application a \
                 WHERE receipt_number = (SELECT receipt FROM bench.target WHERE n = :n) \
                 UNION ALL SELECT state, result, NULL, item_name, department, NULL FROM case_ \
                 WHERE application_id = (SELECT id FROM bench.target WHERE n = :n) \
                 UNION ALL SELECT kind, department, NULL, NULL, NULL, happened_at FROM event \
                 WHERE application_id = (SELECT id FROM bench.target WHERE n = :n) AND public;\n"
            )],
        )
    }

    fn writes(&mut self, watcher: &Watcher<'_>, sample: &Sample) -> Result<(), AppError> {
        let new = Naming {
            known: "p.p",
            made: "p.p",
        };
        let mut writer = Writer::new(DbBackend::Postgres, &watcher.tables);
        let from_new = format!("(SELECT {STEM} AS p) p");
        let with_p = writer.statements(&sample.submitted, new, "p");
        self.script(
            Operation::W1,
            "one statement",
            &[format!(
                "{CHANCE}{}",
                chained(&[("p", STEM)], &with_p, &idempotency("p.p", "p", 0))
            )],
        )?;
        let mut writer = Writer::new(DbBackend::Postgres, &watcher.tables);
        let single = writer.statements(&sample.submitted, new, &from_new);
        self.script(
            Operation::W1,
            "one transaction, rows together",
            &[format!(
                "{CHANCE}{}",
                pipelined(&single, &idempotency("p.p", &from_new, 0))
            )],
        )?;

        // A life: its stem is drawn once, and every act is one statement.
        let mut writer = Writer::new(DbBackend::Postgres, &watcher.tables);
        let mut life = format!("{CHANCE}SELECT {STEM} AS p \\gset\n");
        let acts = std::iter::once(&sample.submitted)
            .chain(&sample.opinions)
            .chain(&sample.decisions)
            .chain(std::iter::once(&sample.delivered));
        for (nth, act) in acts.enumerate() {
            let statements = writer.statements(act, new, "p");
            life.push_str(&chained(
                &[("p", ":p::text")],
                &statements,
                &idempotency("p.p", "p", nth),
            ));
        }
        self.script(Operation::W3, "one statement an act", &[life])?;

        for (operation, lives) in [(Operation::W2, ":lives"), (Operation::W2Hot, "3")] {
            let mut one = Vec::new();
            let mut several = Vec::new();
            for nth in 0..sample.opinions.len() {
                let (chain, parts) = opinion(watcher, sample, nth, lives);
                one.push(chain);
                several.push(parts);
            }
            self.script(operation, "one statement", &one)?;
            self.script(operation, "one transaction, rows together", &several)?;
        }
        Ok(())
    }

    /// Lets the limit file applications of its own, on which its opinions are given.
    async fn lives(&mut self, db: &Db) -> Result<(), AppError> {
        let file = self
            .variants(Operation::W1)
            .first()
            .cloned()
            .ok_or_else(|| AppError::internal("there is no script of W1"))?;
        self.run(&file, 8, Duration::from_secs(3)).await?;
        let lives = "INSERT INTO bench.life SELECT row_number() OVER (), substr(receipt_number, 2) FROM application a \
             WHERE receipt_number >= 'B' AND receipt_number < 'C' AND NOT EXISTS \
             (SELECT 1 FROM case_ c WHERE c.application_id = a.id AND c.result IS NOT NULL); \
             ANALYZE bench.life";
        prepare(db, lives).await?;
        let count = sea_orm::Statement::from_string(
            DbBackend::Postgres,
            "SELECT count(*) AS count FROM bench.life",
        );
        let row = db.reader().query_one_raw(count).await?;
        let lives: i64 = match row {
            Some(row) => row.try_get("", "count")?,
            None => 0,
        };
        for variant in self.variants.values().flatten() {
            for script in &variant.scripts {
                let text = std::fs::read_to_string(script).map_err(AppError::internal)?;
                let text = text.replace(":lives", &lives.max(1).to_string());
                std::fs::write(script, text).map_err(AppError::internal)?;
            }
        }
        Ok(())
    }
}

impl Drop for Limits {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// What the dashboard says, read from the cases and cards themselves.
const AGGREGATE: &str = "WITH day AS (SELECT (now() AT TIME ZONE 'Asia/Shanghai')::date AS today), \
    counted AS (SELECT department, \
    count(*) FILTER (WHERE result IS NULL) AS open, \
    count(*) FILTER (WHERE state = 'IN_REVIEW') AS in_review, \
    count(*) FILTER (WHERE state = 'SUSPENDED') AS suspended, \
    count(*) FILTER (WHERE state = 'DECIDING') AS deciding, \
    count(*) FILTER (WHERE result IS NULL AND alert_on <= today AND NOT coalesce(promised_due_on < today, false) \
    AND NOT coalesce(statutory_due_on < today, false)) AS near, \
    count(*) FILTER (WHERE result IS NULL AND promised_due_on < today \
    AND NOT coalesce(statutory_due_on < today, false)) AS promise_passed, \
    count(*) FILTER (WHERE result IS NULL AND statutory_due_on < today) AS statute_passed, \
    count(*) FILTER (WHERE result <> 'VOID' AND result_on >= date_trunc('month', today)) AS concluded, \
    count(*) FILTER (WHERE result <> 'VOID' AND result_on >= date_trunc('month', today) AND started_on IS NOT NULL \
    AND NOT coalesce(promised_due_on < coalesce(stopped_on, result_on), false) \
    AND NOT coalesce(statutory_due_on < coalesce(stopped_on, result_on), false)) AS in_time, \
    count(*) FILTER (WHERE result <> 'VOID' AND result_on >= date_trunc('month', today) \
    AND promised_due_on < coalesce(stopped_on, result_on) \
    AND NOT coalesce(statutory_due_on < coalesce(stopped_on, result_on), false)) AS after_promise, \
    count(*) FILTER (WHERE result <> 'VOID' AND result_on >= date_trunc('month', today) \
    AND statutory_due_on < coalesce(stopped_on, result_on)) AS after_statute \
    FROM case_, day WHERE region = 'REGION' GROUP BY department), \
    carded AS (SELECT department, \
    count(*) FILTER (WHERE level = 'ALERT' AND raised_on >= date_trunc('month', today)) AS alert, \
    count(*) FILTER (WHERE level = 'YELLOW' AND raised_on >= date_trunc('month', today)) AS yellow, \
    count(*) FILTER (WHERE level = 'RED' AND raised_on >= date_trunc('month', today)) AS red, \
    count(*) FILTER (WHERE level = 'ALERT' AND cleared_on IS NULL) AS standing \
    FROM card, day WHERE region = 'REGION' GROUP BY department) \
    SELECT * FROM counted LEFT JOIN carded USING (department) ORDER BY department;\n";

/// The two ways to give the n-th opinion on an application that the limit has filed.
fn opinion(watcher: &Watcher<'_>, sample: &Sample, nth: usize, lives: &str) -> (String, String) {
    let naming = Naming {
        known: "p.p",
        made: "q.q",
    };
    let write = |from: &str| {
        let mut writer = Writer::new(DbBackend::Postgres, &watcher.tables);
        // Only so that it knows what was there.
        writer.statements(&sample.submitted, naming, "p");
        writer.statements(&sample.opinions[nth], naming, from)
    };
    let draw = format!("\\set n random(1, {lives})\n{CHANCE}");
    let known = "(SELECT p FROM bench.life WHERE n = :n)";
    let chain = chained(
        &[("p", known), ("q", STEM)],
        &write("p, q"),
        &idempotency("q.q", "q", 0),
    );
    let from = format!("(SELECT {known} AS p) p, (SELECT {STEM} AS q) q");
    let from_new = format!("(SELECT {STEM} AS q) q");
    let parts = pipelined(&write(&from), &idempotency("q.q", &from_new, 0));
    (format!("{draw}{chain}"), format!("{draw}{parts}"))
}

/// The row that remembers the command.
fn idempotency(stem: &str, from: &str, nth: usize) -> String {
    format!(
        "INSERT INTO idempotency (account_id, key, request_hash, result, created_at) \
         SELECT (SELECT id FROM account WHERE name = 'supervisor'), {stem} || '-{nth}', '{}', \
         json_build_object('application', {stem}), now() FROM {from}",
        "0".repeat(64)
    )
}

/// All of it as one statement: each part is an expression before the last.
fn chained(stems: &[(&str, &str)], statements: &[String], last: &str) -> String {
    let mut parts: Vec<String> = stems
        .iter()
        .map(|(name, stem)| format!("{name} AS MATERIALIZED (SELECT {stem} AS {name})"))
        .collect();
    let named = statements
        .iter()
        .enumerate()
        .map(|(nth, statement)| format!("s{nth} AS ({statement})"));
    parts.extend(named);
    format!("WITH {} {last};\n", parts.join(", "))
}

/// All of it as one transaction whose statements are sent together.
fn pipelined(statements: &[String], last: &str) -> String {
    let statements: String = statements
        .iter()
        .map(|statement| format!("{statement};\n"))
        .collect();
    format!("\\startpipeline\nBEGIN;\n{statements}{last};\nCOMMIT;\n\\endpipeline\n")
}

/// The URL without its password, and the password.
fn without_password(url: &str) -> (String, String) {
    let parts = url
        .split_once("://")
        .and_then(|(scheme, rest)| Some((scheme, rest.rsplit_once('@')?)));
    let Some((scheme, (who, place))) = parts else {
        return (url.to_owned(), String::new());
    };
    let (user, password) = who.split_once(':').unwrap_or((who, ""));
    (format!("{scheme}://{user}@{place}"), password.to_owned())
}

async fn find_pgbench() -> Result<PathBuf, AppError> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../postgres");
    let mut find = Command::new(script);
    find.arg("find");
    let found = output(find).await?;
    let folder = String::from_utf8_lossy(&found.stdout).trim().to_owned();
    let pgbench = Path::new(&folder).join("pgbench");
    if pgbench.is_file() {
        Ok(pgbench)
    } else {
        Err(AppError::internal("pgbench is not installed"))
    }
}

/// The raw identifier in the wire form of one.
///
/// # Errors
/// When it is none.
pub fn raw(wire: &str) -> Result<Uuid, AppError> {
    let raw = wire.split_once(':').map(|(_, raw)| raw);
    raw.and_then(|raw| Uuid::try_parse(raw).ok())
        .ok_or_else(|| AppError::internal(format!("{wire} is no identifier")))
}

/// Does what the limit needs done before it runs.
async fn prepare(db: &Db, sql: &str) -> Result<(), AppError> {
    db::write(db, async |tx| {
        tx.execute_unprepared(sql).await?;
        Ok(())
    })
    .await
}
