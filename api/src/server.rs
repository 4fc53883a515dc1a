//! The running server: database, catalogue, loops, routes, and an end in good order.
//!
//! The command line and the tests start it alike:
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use lianshen::{config::Config, server::Server};
//!
//! let running = Server::builder(Config::load(None)?).start().await?;
//! println!("listening on {}", running.addr);
//! running.stop().await;
//! # Ok(())
//! # }
//! ```

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use metrics_exporter_prometheus::PrometheusHandle;
use secrecy::ExposeSecret as _;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::catalogue::Library;
use crate::config::{Config, Net};
use crate::db::{self, Db, DbOptions, Hold, Observer};
use crate::env::{Env, MachineClock};
use crate::error::AppError;
use crate::exchange::{Asking, Post};
use crate::graphql;
use crate::http::accept::{self, Limits};
use crate::http::playground::{DemoAccount, PlaygroundConfig};
use crate::http::{self, health};
use crate::identity::Identity;
use crate::jobs::{Jobs, Rounds, Sweep};
use crate::pulse::Pulse;
use crate::rounds;
use crate::telemetry;

/// How long all of the end may take, after the farewell.
const END: Duration = Duration::from_secs(10);
/// How much of it connections get, so that the rest can still be put away.
const DRAIN: Duration = Duration::from_secs(7);

/// Starts servers; see [`Server::builder`].
#[derive(Debug)]
pub struct Server;

impl Server {
    /// A server of this configuration: on the machine's clock, with loops, on a database that is up to date.
    pub fn builder(config: Config) -> Builder {
        Builder {
            config,
            env: Env::new(Arc::new(MachineClock)),
            observer: None,
            sweep: Arc::new(|app| Box::pin(rounds::sweep(app))),
            nightly: Arc::new(|app| Box::pin(rounds::nightly(app))),
            jobs: true,
            migrate: false,
            hold: None,
            demo_accounts: Vec::new(),
        }
    }
}

/// What a server is started with.
pub struct Builder {
    config: Config,
    env: Env,
    observer: Option<Observer>,
    sweep: Sweep,
    nightly: Sweep,
    jobs: bool,
    migrate: bool,
    hold: Option<Hold>,
    demo_accounts: Vec<DemoAccount>,
}

impl Builder {
    /// Takes time, ids and secrets from there.
    #[must_use]
    pub fn env(mut self, env: Env) -> Self {
        self.env = env;
        self
    }

    /// Is told of every statement, besides the metrics.
    #[must_use]
    pub fn observer(mut self, observer: Observer) -> Self {
        self.observer = Some(observer);
        self
    }

    /// Sweeps for deadlines with this instead.
    #[must_use]
    pub fn sweep(mut self, sweep: Sweep) -> Self {
        self.sweep = sweep;
        self
    }

    /// Whether the background loops run.
    #[must_use]
    pub fn jobs(mut self, jobs: bool) -> Self {
        self.jobs = jobs;
        self
    }

    /// Whether the tables are brought up to date first; otherwise tables that are not are an error.
    #[must_use]
    pub fn migrate(mut self, migrate: bool) -> Self {
        self.migrate = migrate;
        self
    }

    /// What holds the SQLite file already, from before it was made ready.
    #[must_use]
    pub fn holding(mut self, hold: Option<Hold>) -> Self {
        self.hold = hold;
        self
    }

    /// Accounts that the playground offers, in the demonstration and nowhere else.
    #[must_use]
    pub fn demo_accounts(mut self, accounts: Vec<DemoAccount>) -> Self {
        self.demo_accounts = accounts;
        self
    }

    /// Opens everything and listens.
    ///
    /// # Errors
    /// When a setting is out of its bounds, the database, a key or the address cannot be used, migrations are pending, or
    /// another program serves the SQLite file.
    pub async fn start(self) -> Result<Running, AppError> {
        // A clock that is counted by what nobody may decide is worse than none.
        let faults = self.config.out_of_bounds();
        if !faults.is_empty() {
            return Err(AppError::internal(faults.join("; ")));
        }
        let metrics = telemetry::metrics()?;
        let listen = self.config.listen;
        let listener = TcpListener::bind(listen)
            .await
            .map_err(|error| cannot_listen(listen, &error))?;
        let addr = listener.local_addr().map_err(AppError::internal)?;

        let hold = match self.hold {
            Some(hold) => Some(hold),
            None => hold(&self.config, self.migrate)?,
        };
        let observer = telemetry::statement_observer(self.observer);
        let db = open_database(&self.config, Some(observer), self.migrate).await?;
        let app = open_app(self.config, self.env, db).await?;

        let pulse = Arc::new(Pulse::default());
        let shutdown = CancellationToken::new();
        let jobs = if self.jobs {
            let rounds = Rounds {
                sweep: self.sweep,
                nightly: self.nightly,
                sharing: sharing(&app.config, &shutdown)?,
            };
            let jobs = Jobs::start(&app, &pulse, rounds, shutdown.clone()).await?;
            jobs.keep_metrics(metrics.clone());
            Some(jobs)
        } else {
            None
        };
        let router = routes(&app, metrics, &pulse, self.demo_accounts, &shutdown);
        let limits = limits(&app.config);
        let serving = tokio::spawn(accept::serve(listener, router, limits, shutdown.clone()));
        tracing::info!(%addr, engine = ?app.db.engine(), "serving");
        Ok(Running {
            addr,
            app,
            pulse,
            shutdown,
            serving,
            jobs,
            _hold: hold,
        })
    }
}

/// Holds the SQLite file that the configuration names, for who serves it; nothing on PostgreSQL, where many may.
///
/// # Errors
/// When another program serves it, or `migrate` is off and there is no such file.
pub(crate) fn hold(config: &Config, migrate: bool) -> Result<Option<Hold>, AppError> {
    let file = expect_file(config, migrate)?;
    file.map(|file| Hold::take(&file)).transpose()
}

/// The SQLite file. A name that was mistyped must not become an empty database, unless one was to be made.
fn expect_file(config: &Config, migrate: bool) -> Result<Option<PathBuf>, AppError> {
    let file = db::file_of(config.database_url.expose_secret())?;
    match &file {
        Some(file) if !migrate && !file.exists() => Err(AppError::internal(format!(
            "there is no file {}: run `lianshen migrate` first, or name the right file in database_url",
            file.display()
        ))),
        _ => Ok(file),
    }
}

/// Opens the database that the configuration names.
///
/// # Errors
/// When it cannot be used, or `migrate` is off and migrations are pending or there is no such file.
pub async fn open_database(
    config: &Config,
    observer: Option<Observer>,
    migrate: bool,
) -> Result<Db, AppError> {
    expect_file(config, migrate)?;
    let db = connect(config, observer).await?;
    if migrate {
        db.migrate().await?;
    } else {
        let pending = db.pending_migrations().await?;
        if !pending.is_empty() {
            return Err(AppError::internal(format!(
                "the database lacks {} migration(s): run `lianshen migrate` first",
                pending.len()
            )));
        }
    }
    Ok(db)
}

/// Why nobody can be answered there, and what to do.
pub(crate) fn cannot_listen(listen: SocketAddr, error: &std::io::Error) -> AppError {
    AppError::internal(format!(
        "cannot listen on {listen}: {error}; end what listens there, or name another address: `listen` in the settings, \
         LIANSHEN_LISTEN, or `--listen` for the demonstration"
    ))
}

/// Connects to the database that the configuration names, in whatever state its tables are. A SQLite file that is not there
/// is made.
///
/// # Errors
/// When it cannot be reached, or is set up to lose acknowledged work.
pub async fn connect(config: &Config, observer: Option<Observer>) -> Result<Db, AppError> {
    let options = DbOptions {
        url: config.database_url.expose_secret().to_owned(),
        pool: config.pool,
        acquire_timeout: Duration::from_secs(config.acquire_timeout_seconds),
        observer,
        replica: Some(config.replica_url.expose_secret())
            .filter(|url| !url.is_empty())
            .map(|url| {
                let wait = Duration::from_millis(config.replica_wait_milliseconds);
                (url.to_owned(), wait)
            }),
    };
    db::connect(&options).await
}

/// Puts together what every use case shares.
///
/// # Errors
/// When the catalogue cannot be read, or a signing key will not do.
pub async fn open_app(config: Config, env: Env, db: Db) -> Result<App, AppError> {
    let library = Arc::new(Library::open(&db).await?);
    let identity = Arc::new(Identity::open(&config, &db, &env).await?);
    Ok(App::new(db, env, Arc::new(config), library, identity))
}

/// The round that asks for shared materials, until it is told to stop; none where the centre is connected to nobody.
fn sharing(config: &Config, stop: &CancellationToken) -> Result<Option<Sweep>, AppError> {
    let Some(post) = Post::of(&config.sharing)? else {
        return Ok(None);
    };
    let asking = Arc::new(Asking::of(Arc::new(post), stop.clone()));
    Ok(Some(Arc::new(move |app| {
        let asking = asking.clone();
        Box::pin(async move { asking.round(&app).await })
    })))
}

/// All that is served.
fn routes(
    app: &App,
    metrics: PrometheusHandle,
    pulse: &Arc<Pulse>,
    demo_accounts: Vec<DemoAccount>,
    shutdown: &CancellationToken,
) -> Router {
    let (ids, clock) = (app.env.clone(), app.env.clone());
    let mint_id: http::MintId = Arc::new(move || ids.uuid());
    let now: http::Now = Arc::new(move || clock.now());
    let mut transport = http::TransportConfig::new(mint_id.clone(), now, shutdown.clone());
    transport.origins.clone_from(&app.config.allowed_origins);
    let trusted_proxies: Arc<[Net]> = app.config.trusted_proxies.as_slice().into();
    transport.trusted_proxies = trusted_proxies.clone();
    let schema = graphql::schema(app.clone(), graphql::ExecutionLimits::default());
    let callers = Arc::new(http::caller::Callers(app.clone()));
    let mut beside = health::routes(app.clone(), metrics, pulse.clone());
    if app.config.playground {
        beside = beside.merge(http::playground::routes(PlaygroundConfig { demo_accounts }));
    }
    http::routes(schema, callers, transport).merge(http::framed(beside, mint_id, trusted_proxies))
}

/// The bounds of connections that the configuration sets.
fn limits(config: &Config) -> Limits {
    Limits {
        connections: config.max_connections,
        connections_per_peer: config.max_connections_per_peer,
        trusted_proxies: config.trusted_proxies.as_slice().into(),
        farewell: Duration::from_secs(config.farewell_seconds),
        drain: DRAIN,
        ..Limits::default()
    }
}

/// A server that runs. Dropping it does not stop it; [`Running::stop`] does.
pub struct Running {
    /// Where it listens.
    pub addr: SocketAddr,
    /// What its use cases share.
    pub app: App,
    pulse: Arc<Pulse>,
    shutdown: CancellationToken,
    serving: JoinHandle<std::io::Result<()>>,
    jobs: Option<Jobs>,
    /// Let go of last.
    _hold: Option<Hold>,
}

impl Running {
    /// Cancelled when the end begins.
    pub fn shutdown(&self) -> CancellationToken {
        self.shutdown.clone()
    }

    /// Serves until the process is told to end, and ends in good order.
    ///
    /// # Errors
    /// When the process cannot listen for signals, or no longer for connections.
    pub async fn until_signal(mut self) -> Result<(), AppError> {
        let mut terminate =
            tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())
                .map_err(AppError::internal)?;
        let served = tokio::select! {
            _ = terminate.recv() => {
                tracing::info!("told to end by SIGTERM");
                Ok(())
            }
            pressed = tokio::signal::ctrl_c() => {
                pressed.map_err(AppError::internal)?;
                tracing::info!("told to end by the keyboard");
                Ok(())
            }
            served = &mut self.serving => {
                tracing::error!(?served, "no longer accepting connections");
                Err(AppError::internal("connections were no longer accepted"))
            }
        };
        self.stop().await;
        served
    }

    /// Ends in good order within ten seconds after the farewell: not ready, leases given back, no new connections, what
    /// runs finishes, sockets and database close.
    pub async fn stop(self) {
        self.pulse.close();
        self.shutdown.cancel();
        let end = Duration::from_secs(self.app.config.farewell_seconds) + END;
        let orderly = async {
            if let Some(jobs) = &self.jobs {
                jobs.give_back(&self.app).await;
            }
            if !self.serving.is_finished() {
                let _ = self.serving.await;
            }
            if let Some(jobs) = &self.jobs {
                jobs.ended().await;
                // Again, if a round that was just beginning took one.
                jobs.give_back(&self.app).await;
            }
            self.app.finish().await;
            self.app.db.clone().close().await;
        };
        if tokio::time::timeout(end, orderly).await.is_err() {
            tracing::warn!(
                "cutting work that did not end in time; its transactions are rolled back"
            );
        } else {
            tracing::info!("ended");
        }
    }
}

#[cfg(test)]
#[path = "server_tests.rs"]
mod tests;
