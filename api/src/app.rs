//! What every use case shares: database, time, catalogue, settings.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use crate::catalogue::Library;
use crate::config::Config;
use crate::db::Db;
use crate::env::Env;
use crate::error::{AppError, Lacking};
use crate::feed::Feed;
use crate::gather::Gather;
use crate::identity::{Budget, Identity, Throttle, ThrottleLimits};

/// The running program. Cheap to clone.
#[derive(Clone)]
pub struct App {
    /// The database.
    pub db: Db,
    /// Time, ids, secrets.
    pub env: Env,
    /// Settings.
    pub config: Arc<Config>,
    /// What is published.
    pub library: Arc<Library>,
    /// Passwords, tokens, limits of attempts.
    pub identity: Arc<Identity>,
    /// What is numbered, as it happens.
    pub feed: Feed,
    /// Which departments have reviews of a case; all who listen want to know it at the same moment.
    pub(crate) reviewing: Arc<Gather<Uuid, Vec<String>>>,
    /// Attempts to guess query codes.
    pub progress_attempts: Arc<Throttle>,
    /// Use cases under way.
    pub(crate) tasks: TaskTracker,
}

/// Query codes have fifty bits, and each receipt its own budget; nobody guesses one by trying many receipts. So whoever
/// sits behind one address, or asks at all, is not stopped by what others try.
const OF_QUERY_CODES: ThrottleLimits = ThrottleLimits {
    address: Budget {
        burst: 6_000,
        per_minute: 6_000,
    },
    global: Budget {
        burst: 60_000,
        per_minute: 60_000,
    },
    ..ThrottleLimits::DEFAULT
};

impl App {
    /// Puts the parts together.
    pub fn new(
        db: Db,
        env: Env,
        config: Arc<Config>,
        library: Arc<Library>,
        identity: Arc<Identity>,
    ) -> Self {
        let tasks = TaskTracker::new();
        Self {
            db,
            env,
            config,
            library,
            identity,
            feed: Feed::default(),
            reviewing: Arc::default(),
            progress_attempts: Arc::new(Throttle::new(OF_QUERY_CODES)),
            tasks,
        }
    }

    /// The same program for one request that begins now, if it may read elsewhere: see [`Db::for_request`].
    pub async fn for_request(&self) -> Option<Self> {
        let db = self.db.for_request().await?;
        Some(Self { db, ..self.clone() })
    }

    /// Runs a use case in a task of its own, so that a client that hangs up cannot stop it half way.
    ///
    /// # Errors
    /// What the use case answers.
    pub async fn run<T: Send + 'static>(
        &self,
        use_case: impl Future<Output = Result<T, AppError>> + Send + 'static,
    ) -> Result<T, AppError> {
        // Behind a pointer, so that what a task is made of is compiled once for each kind of answer, and not for each use case.
        let use_case: BoxFuture<'static, Result<T, AppError>> = Box::pin(use_case);
        self.tasks
            .spawn(use_case)
            .await
            .map_err(AppError::internal)?
    }

    /// Runs an act: a use case whose day the law counts by. A server whose clock is known to be wrong does none, for it would
    /// date it wrongly; another one may.
    ///
    /// # Errors
    /// What the act answers; busy where the clock is wrong.
    pub async fn act<T: Send + 'static>(
        &self,
        act: impl Future<Output = Result<T, AppError>> + Send + 'static,
    ) -> Result<T, AppError> {
        if self.env.is_contradicted() {
            return Err(AppError::Busy(Lacking::Clock));
        }
        self.run(act).await
    }

    /// Waits for the use cases that are under way.
    pub async fn finish(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }
}
