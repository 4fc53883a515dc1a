//! Loads: as fast as so many clients can, or at a fixed rate whatever the answers take.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use lianshen::error::AppError;
use rand::SeedableRng as _;
use rand::rngs::SmallRng;

use crate::operation::{Client, Operation};
use crate::world::{Submitted, World};

/// What a load reached.
#[derive(Clone, Debug)]
pub struct Reached {
    /// Latencies in microseconds.
    pub latency: Histogram<u64>,
    /// Answers that were not what they should be.
    pub failed: u64,
    /// The first of them.
    pub fault: Option<String>,
    /// How long it took.
    pub took: Duration,
}

impl Reached {
    fn new() -> Result<Self, AppError> {
        // A microsecond to a minute, to three digits.
        let latency = Histogram::new_with_bounds(1, 60_000_000, 3);
        Ok(Self {
            latency: latency.map_err(AppError::internal)?,
            failed: 0,
            fault: None,
            took: Duration::ZERO,
        })
    }

    fn note(&mut self, latency: Duration, outcome: Result<bool, AppError>) -> bool {
        match outcome {
            Ok(true) => {
                let micros = u64::try_from(latency.as_micros()).unwrap_or(u64::MAX);
                self.latency.saturating_record(micros.max(1));
                true
            }
            Ok(false) => false,
            Err(error) => {
                self.failed += 1;
                self.fault.get_or_insert_with(|| error.to_string());
                true
            }
        }
    }

    fn add(&mut self, other: &Self) -> Result<(), AppError> {
        self.latency
            .add(&other.latency)
            .map_err(AppError::internal)?;
        self.failed += other.failed;
        if self.fault.is_none() {
            self.fault.clone_from(&other.fault);
        }
        Ok(())
    }

    /// How many a second.
    #[expect(clippy::cast_precision_loss, reason = "counts of a run are small")]
    pub fn rate(&self) -> f64 {
        self.latency.len() as f64 / self.took.as_secs_f64().max(1e-9)
    }

    /// A quantile of the latency in milliseconds.
    #[expect(clippy::cast_precision_loss, reason = "a latency is small")]
    pub fn milliseconds(&self, quantile: f64) -> f64 {
        self.latency.value_at_quantile(quantile) as f64 / 1_000.0
    }
}

/// How a load goes on.
#[derive(Clone, Copy, Debug)]
pub enum Pace {
    /// Each client asks again as soon as it is answered.
    Closed,
    /// So many a second; latencies count from when each should have been sent.
    Fixed(f64),
}

/// Loads the program.
///
/// # Errors
/// When it cannot be reached.
pub async fn load(
    address: SocketAddr,
    world: &Arc<World>,
    operation: Operation,
    clients: usize,
    pace: Pace,
    time: Duration,
) -> Result<Reached, AppError> {
    let mut opened = Vec::new();
    for seed in 0..clients {
        let random = SmallRng::seed_from_u64(world.number() + seed as u64);
        opened.push(Client::open(address, world.clone(), random).await?);
    }
    let sent = Arc::new(AtomicU64::new(0));
    let began = Instant::now();
    let tasks: Vec<_> = opened
        .into_iter()
        .map(|mut client| {
            let sent = sent.clone();
            tokio::spawn(async move {
                let mut reached = Reached::new()?;
                while began.elapsed() < time {
                    let from = match pace {
                        Pace::Closed => Instant::now(),
                        Pace::Fixed(rate) => {
                            let nth = sent.fetch_add(1, Ordering::Relaxed);
                            #[expect(
                                clippy::cast_precision_loss,
                                reason = "counts of a run are small"
                            )]
                            let due = began + Duration::from_secs_f64(nth as f64 / rate);
                            if due.duration_since(began) >= time {
                                break;
                            }
                            tokio::time::sleep_until(due.into()).await;
                            due
                        }
                    };
                    let outcome = client.once(operation).await;
                    let is_broken = outcome.is_err();
                    if !reached.note(from.elapsed(), outcome) {
                        break;
                    }
                    if is_broken && reached.failed > 20 {
                        break;
                    }
                }
                Ok::<_, AppError>(reached)
            })
        })
        .collect();
    let mut all = Reached::new()?;
    for task in tasks {
        all.add(&task.await.map_err(AppError::internal)??)?;
    }
    all.took = began.elapsed();
    Ok(all)
}

/// Submits so many applications, unmeasured, for acts that need them.
///
/// # Errors
/// When one is refused.
pub async fn submit(
    address: SocketAddr,
    world: &Arc<World>,
    count: usize,
) -> Result<Vec<Submitted>, AppError> {
    const CLIENTS: usize = 16;
    let left = Arc::new(AtomicU64::new(count as u64));
    let tasks = (0..CLIENTS).map(|seed| {
        let (world, left) = (world.clone(), left.clone());
        tokio::spawn(async move {
            let random = SmallRng::seed_from_u64(world.number() + seed as u64);
            let mut client = Client::open(address, world, random).await?;
            let mut submitted = Vec::new();
            let one_less = |left: u64| left.checked_sub(1);
            while left
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less)
                .is_ok()
            {
                submitted.push(client.submit().await?);
            }
            Ok::<_, AppError>(submitted)
        })
    });
    let mut all = Vec::new();
    for task in tasks.collect::<Vec<_>>() {
        all.extend(task.await.map_err(AppError::internal)??);
    }
    Ok(all)
}
