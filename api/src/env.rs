//! Time, identifiers and secrets: the only place that asks the machine for them.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, SubsecRound as _, TimeDelta, Utc};
use lianshen_domain::application::Moment;
use lianshen_domain::calendar::local_date;
use lianshen_domain::ids::Id;
use rand::TryRng as _;
use rand::rngs::SysRng;
use uuid::{ContextV7, Timestamp, Uuid};

use crate::error::AppError;

/// Where the present instant comes from; tests set it by hand.
pub trait Clock: Send + Sync {
    /// The present instant.
    fn now(&self) -> DateTime<Utc>;
    /// Whether it is meant to tell the time of day, so that another clock may contradict it. Those of tests and stories do not.
    fn tells_time_of_day(&self) -> bool {
        false
    }
}

/// How far the machine's clock may be from that of the database.
pub const TOLERANCE: TimeDelta = TimeDelta::minutes(1);

/// The clock of the machine.
#[derive(Debug, Default)]
pub struct MachineClock;

impl Clock for MachineClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that reads the machine's clock"
    )]
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }

    fn tells_time_of_day(&self) -> bool {
        true
    }
}

/// Sources of what is not in the input.
#[derive(Clone)]
pub struct Env {
    clock: Arc<dyn Clock>,
    order: Arc<Mutex<ContextV7>>,
    /// Whether the clock was contradicted when it was last compared.
    contradicted: Arc<AtomicBool>,
}

impl Env {
    /// An environment on a clock.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            order: Arc::new(Mutex::new(ContextV7::new())),
            contradicted: Arc::default(),
        }
    }

    /// The present instant in whole microseconds, as both databases keep it.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now().trunc_subsecs(6)
    }

    /// Whether the clock is meant to tell the time of day.
    pub fn tells_time_of_day(&self) -> bool {
        self.clock.tells_time_of_day()
    }

    /// By how much the clock is ahead of another that tells the time of day just now, if they are more than a minute apart.
    /// It is remembered until they are compared again.
    pub fn contradicted_by(&self, told: DateTime<Utc>) -> Option<TimeDelta> {
        let ahead = self.now() - told;
        let is_wrong = self.tells_time_of_day() && ahead.abs() > TOLERANCE;
        self.contradicted.store(is_wrong, Ordering::Relaxed);
        is_wrong.then_some(ahead)
    }

    /// Whether another clock contradicted this one when they were last compared: nothing is to be dated by it.
    pub fn is_contradicted(&self) -> bool {
        self.contradicted.load(Ordering::Relaxed)
    }

    /// The present instant and its date in Asia/Shanghai.
    pub fn moment(&self) -> Moment {
        let now = self.now();
        Moment {
            now,
            today: local_date(now),
        }
    }

    /// A new identifier; later ones sort after earlier ones of this process.
    pub fn id<T: Id>(&self) -> T {
        T::new(self.uuid())
    }

    /// A new raw identifier.
    pub fn uuid(&self) -> Uuid {
        let now = self.clock.now();
        let seconds = u64::try_from(now.timestamp()).unwrap_or(0);
        let order = self.order.lock().unwrap_or_else(PoisonError::into_inner);
        Uuid::new_v7(Timestamp::from_unix(
            &*order,
            seconds,
            now.timestamp_subsec_nanos(),
        ))
    }

    /// Bytes that nobody can guess.
    ///
    /// # Errors
    /// When the machine has no randomness to give.
    pub fn secret<const N: usize>(&self) -> Result<[u8; N], AppError> {
        let mut bytes = [0; N];
        SysRng
            .try_fill_bytes(&mut bytes)
            .map_err(AppError::internal)?;
        Ok(bytes)
    }
}
