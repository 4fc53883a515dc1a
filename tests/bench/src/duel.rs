//! Rounds: the product, its limit, the product, its limit, and what the ratios say.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use lianshen::config::Config;
use lianshen::db::Db;
use lianshen::error::AppError;
use lianshen::server;
use sea_orm::{ConnectionTrait as _, Statement};

use crate::bare::Bare;
use crate::limit::Limits;
use crate::load::{Pace, Reached, load, submit};
use crate::operation::Operation;
use crate::program::Program;
use crate::world::World;

/// How it is measured.
#[derive(Clone, Debug)]
pub struct Terms {
    /// Clients.
    pub clients: usize,
    /// Rounds.
    pub rounds: usize,
    /// How long each contestant has in a round.
    pub time: Duration,
    /// What is measured.
    pub operations: Vec<Operation>,
}

/// A program on a database, with everybody signed in.
pub struct Side {
    program: Program,
    world: Arc<World>,
    database: String,
    watched: Db,
}

/// How long the program may take to number and count what was written.
const PATIENCE: Duration = Duration::from_mins(5);

impl Side {
    /// Starts it.
    ///
    /// # Errors
    /// When it does not start, or the database holds no centre.
    pub async fn start(binary: &Path, database: &str) -> Result<Self, AppError> {
        let program = Program::start(binary, database).await?;
        let world = Arc::new(World::open(database, program.address).await?);
        let mut config = Config::defaults().map_err(AppError::internal)?;
        config.database_url = database.into();
        config.pool = 1;
        Ok(Self {
            program,
            world,
            database: database.to_owned(),
            watched: server::connect(&config, None).await?,
        })
    }

    /// Waits until the program has numbered and counted all that was written, so that who comes next has the machine to
    /// himself.
    ///
    /// # Errors
    /// When it does not come to that.
    pub async fn settle(&self) -> Result<(), AppError> {
        let began = Instant::now();
        let sql = "SELECT (SELECT count(*) FROM event WHERE position IS NULL) \
                   + (SELECT count(*) FROM tally_change)";
        while began.elapsed() < PATIENCE {
            let statement = Statement::from_string(self.watched.engine(), sql);
            let row = self.watched.reader().query_one_raw(statement).await?;
            let left = row.map(|row| row.try_get_by_index::<i64>(0)).transpose()?;
            if left == Some(0) {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Err(AppError::internal("the program does not come to rest"))
    }

    /// One load of it.
    ///
    /// # Errors
    /// When it cannot be reached.
    pub async fn once(
        &self,
        operation: Operation,
        clients: usize,
        pace: Pace,
        time: Duration,
    ) -> Result<Reached, AppError> {
        if matches!(operation, Operation::W2 | Operation::W2Hot) {
            // Enough for the fastest that was ever seen; a load that runs out of reviews ends earlier.
            let count = usize::try_from(time.as_secs().max(1)).unwrap_or(1) * 200;
            let submitted = submit(self.program.address, &self.world, count).await?;
            self.world.lay_in(submitted, operation == Operation::W2Hot);
        }
        self.settle().await?;
        load(
            self.program.address,
            &self.world,
            operation,
            clients,
            pace,
            time,
        )
        .await
    }

    /// The limits of its PostgreSQL.
    ///
    /// # Errors
    /// As [`Limits::prepare`].
    pub async fn limits(&self) -> Result<Limits, AppError> {
        Limits::prepare(&self.database, self.program.address, &self.world).await
    }

    /// The loop on its SQLite.
    ///
    /// # Errors
    /// As [`Bare::prepare`].
    pub async fn bare(&self) -> Result<Bare, AppError> {
        Bare::prepare(&self.database, self.program.address, &self.world).await
    }

    /// Ends it.
    ///
    /// # Errors
    /// When it cannot be ended.
    pub async fn stop(self) -> Result<(), AppError> {
        self.program.stop().await
    }
}

/// What the rounds of an operation said.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Which operation.
    pub operation: Operation,
    /// What was compared with what.
    pub of: &'static str,
    /// What the product reached, in each round.
    pub product: Vec<Reached>,
    /// What the best limit reached, in each round.
    pub limit: Vec<f64>,
    /// Which limit was the best most often.
    pub best: String,
}

impl Outcome {
    /// Product by limit, in each round.
    pub fn ratios(&self) -> Vec<f64> {
        let pairs = self.product.iter().zip(&self.limit);
        pairs
            .map(|(product, limit)| product.rate() / limit.max(1e-9))
            .collect()
    }
}

/// Least, median and most.
pub fn spread(numbers: &[f64]) -> (f64, f64, f64) {
    let mut sorted = numbers.to_vec();
    sorted.sort_by(f64::total_cmp);
    let upper = sorted.len() / 2;
    let lower = sorted.len().saturating_sub(1) / 2;
    match (sorted.first(), sorted.last()) {
        (Some(least), Some(most)) => (*least, f64::midpoint(sorted[lower], sorted[upper]), *most),
        _ => (0.0, 0.0, 0.0),
    }
}

/// The contestants.
pub struct Duel {
    /// On PostgreSQL, with its limits.
    pub postgres: Option<(Side, Limits)>,
    /// On SQLite, with its loop.
    pub sqlite: Option<(Side, Bare)>,
}

impl Duel {
    /// Starts whoever has a database.
    ///
    /// # Errors
    /// When one of them does not start.
    pub async fn start(
        binary: &Path,
        postgres: Option<&str>,
        sqlite: Option<&str>,
    ) -> Result<Self, AppError> {
        let postgres = match postgres {
            Some(database) => {
                let side = Side::start(binary, database).await?;
                let limits = side.limits().await?;
                Some((side, limits))
            }
            None => None,
        };
        let sqlite = match sqlite {
            Some(database) => {
                let side = Side::start(binary, database).await?;
                let bare = side.bare().await?;
                Some((side, bare))
            }
            None => None,
        };
        Ok(Self { postgres, sqlite })
    }

    /// All rounds of an operation.
    ///
    /// # Errors
    /// When somebody fails; an answer that is wrong is only counted.
    pub async fn run(
        &mut self,
        terms: &Terms,
        operation: Operation,
    ) -> Result<Vec<Outcome>, AppError> {
        let blank = |of| Outcome {
            operation,
            of,
            product: Vec::new(),
            limit: Vec::new(),
            best: String::new(),
        };
        let mut on_postgres = blank("PostgreSQL / pgbench");
        let of = if operation.writes() {
            "SQLite / bare loop"
        } else {
            "SQLite / pgbench"
        };
        let mut on_sqlite = blank(of);
        for _ in 0..terms.rounds.max(1) {
            if let Some((side, _)) = &self.sqlite {
                side.settle().await?;
            }
            let mut best = None;
            if let Some((side, limits)) = &self.postgres {
                let reached = side
                    .once(operation, terms.clients, Pace::Closed, terms.time)
                    .await?;
                on_postgres.product.push(reached);
                for variant in limits.variants(operation) {
                    side.settle().await?;
                    let limit = limits.run(variant, terms.clients, terms.time).await?;
                    if best.as_ref().is_none_or(|(rate, _)| limit.rate > *rate) {
                        best = Some((limit.rate, variant.name.clone()));
                    }
                }
                if let Some((rate, name)) = &best {
                    on_postgres.limit.push(*rate);
                    on_postgres.best.clone_from(name);
                }
            }
            if let Some((side, bare)) = &mut self.sqlite {
                let reached = side
                    .once(operation, terms.clients, Pace::Closed, terms.time)
                    .await?;
                on_sqlite.product.push(reached);
                if operation.writes() {
                    side.settle().await?;
                    on_sqlite.limit.push(bare.run(operation, terms.time).await?);
                    "one connection".clone_into(&mut on_sqlite.best);
                } else if let Some((rate, name)) = best {
                    on_sqlite.limit.push(rate);
                    on_sqlite.best = name;
                }
            }
        }
        let both = [on_postgres, on_sqlite].into_iter();
        Ok(both.filter(|outcome| !outcome.product.is_empty()).collect())
    }

    /// Ends it.
    ///
    /// # Errors
    /// When a program cannot be ended.
    pub async fn stop(self) -> Result<(), AppError> {
        if let Some((side, _)) = self.postgres {
            side.stop().await?;
        }
        if let Some((side, _)) = self.sqlite {
            side.stop().await?;
        }
        Ok(())
    }
}
