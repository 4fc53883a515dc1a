//! The limit of writing on SQLite: one connection that does the same statements in a loop, and nothing else.
//!
//! It goes through the same driver as the product, whose thread takes each statement some microseconds.

use std::net::SocketAddr;
use std::str::FromStr as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use lianshen::config::Config;
use lianshen::error::AppError;
use lianshen::server;
use sea_orm::DbBackend;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions as _};

use crate::operation::Operation;
use crate::replay::{Change, Naming, Watcher, Writer};
use crate::sample;
use crate::world::World;

/// The loop.
pub struct Bare {
    db: SqliteConnection,
    submit: Vec<String>,
    opinions: Vec<Vec<String>>,
    life: Vec<Vec<String>>,
    lives: Vec<[u8; 12]>,
    next: u64,
}

const NAMING: Naming = Naming {
    known: "?1",
    made: "?2",
};

impl Bare {
    /// Reads what the product writes, and prepares the same.
    ///
    /// # Errors
    /// When the program refuses an act, or the database cannot be opened.
    pub async fn prepare(
        database: &str,
        address: SocketAddr,
        world: &Arc<World>,
    ) -> Result<Self, AppError> {
        let mut config = Config::defaults().map_err(AppError::internal)?;
        config.database_url = database.into();
        config.pool = 1;
        let product = server::connect(&config, None).await?;
        let mut watcher = Watcher::new(&product).await?;
        let sample = sample::live(&mut watcher, address, world).await?;
        let mut writer = Writer::new(DbBackend::Sqlite, &watcher.tables);
        let mut write = |act: &Change| {
            let mut statements = writer.statements(act, NAMING, "(SELECT 1) one");
            statements.push(
                "INSERT INTO idempotency (account_id, key, request_hash, result, created_at) \
                 SELECT id, hex(?2) || '-' || ?3, printf('%064d', 0), json_object('application', hex(?2)), \
                 '2026-01-01T00:00:00+00:00' FROM account WHERE name = 'supervisor'"
                    .to_owned(),
            );
            statements
        };
        let submit = write(&sample.submitted);
        let opinions: Vec<Vec<String>> = sample.opinions.iter().map(&mut write).collect();
        let mut life = vec![submit.clone()];
        life.extend(opinions.iter().cloned());
        life.extend(sample.decisions.iter().map(&mut write));
        life.push(write(&sample.delivered));
        product.close().await;
        let options = SqliteConnectOptions::from_str(database)
            .map_err(AppError::internal)?
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            // Whoever waits this way may have to wait long: the program's own writers wake each other.
            .busy_timeout(Duration::from_mins(1))
            .statement_cache_capacity(500)
            .disable_statement_logging();
        Ok(Self {
            db: options.connect().await.map_err(AppError::internal)?,
            submit,
            opinions,
            life,
            lives: Vec::new(),
            next: rand::random::<u64>() >> 24,
        })
    }

    /// How often a second it does an operation.
    ///
    /// # Errors
    /// When the database refuses a statement.
    pub async fn run(&mut self, operation: Operation, time: Duration) -> Result<f64, AppError> {
        while operation != Operation::W1 && operation != Operation::W3 && self.lives.len() < 200 {
            self.submit().await?;
        }
        let began = Instant::now();
        let mut done = 0_u32;
        while began.elapsed() < time {
            match operation {
                Operation::W1 => self.submit().await?,
                Operation::W3 => {
                    let stem = self.stem();
                    let acts = self.life.clone();
                    for (nth, act) in acts.iter().enumerate() {
                        self.transaction(act, stem, stem, nth).await?;
                    }
                }
                _ => {
                    let at = usize::try_from(done).unwrap_or(0);
                    let most = if operation == Operation::W2Hot {
                        3
                    } else {
                        self.lives.len()
                    };
                    let life = self.lives[at % most];
                    let stem = self.stem();
                    let act = self.opinions[at % self.opinions.len()].clone();
                    self.transaction(&act, life, stem, 0).await?;
                }
            }
            done += 1;
        }
        Ok(f64::from(done) / began.elapsed().as_secs_f64())
    }

    async fn submit(&mut self) -> Result<(), AppError> {
        let stem = self.stem();
        let act = self.submit.clone();
        self.transaction(&act, stem, stem, 0).await?;
        self.lives.push(stem);
        Ok(())
    }

    fn stem(&mut self) -> [u8; 12] {
        self.next += 1;
        let mut stem = [0xfe; 12];
        stem[4..].copy_from_slice(&self.next.to_be_bytes());
        stem
    }

    async fn transaction(
        &mut self,
        statements: &[String],
        known: [u8; 12],
        made: [u8; 12],
        nth: usize,
    ) -> Result<(), AppError> {
        self.run_one("BEGIN IMMEDIATE").await?;
        for statement in statements {
            let mut query = sqlx::query(AssertSqlSafe(statement.as_str()));
            // As many as it names: the driver refuses more.
            if statement.contains("?1") || statement.contains("?2") || statement.contains("?3") {
                query = query.bind(known.to_vec());
            }
            if statement.contains("?2") || statement.contains("?3") {
                query = query.bind(made.to_vec());
            }
            if statement.contains("?3") {
                query = query.bind(i64::try_from(nth).unwrap_or(0));
            }
            query
                .execute(&mut self.db)
                .await
                .map_err(AppError::internal)?;
        }
        self.run_one("COMMIT").await
    }

    async fn run_one(&mut self, sql: &'static str) -> Result<(), AppError> {
        sqlx::query(sql)
            .execute(&mut self.db)
            .await
            .map(|_| ())
            .map_err(AppError::internal)
    }
}
