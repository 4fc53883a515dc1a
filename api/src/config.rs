//! Configuration: the only reader of the environment.
//!
//! Values come, later ones winning, from the defaults below, from the file that `--config` or
//! `LIANSHEN_CONFIG` names, and from `LIANSHEN_*` variables; two underscores lead into a table.

mod bounds;
mod discreet;
mod layers;
mod net;
mod sharing;

use std::collections::HashSet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;

use chrono::NaiveDate;
use figment::Figment;
use figment::providers::{Env, Format as _, Serialized, Toml};
use lianshen_domain::application::Foresight;
use lianshen_domain::bundle::Allowance;
use lianshen_domain::clock::{Conventions, FormerConventions};
use lianshen_domain::conflict::Opposed;
use lianshen_domain::mediation::MediationPolicy;
use lianshen_domain::supervision::Thresholds;
use lianshen_domain::visit::VisitPolicy;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};

use self::discreet::discreet;
use self::layers::Layer;
pub use net::Net;
pub use sharing::Sharing;

/// All settings. Every key has a default; `lianshen doctor` says what it thinks of them.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where to listen. Loopback unless told otherwise.
    pub listen: SocketAddr,
    /// `sqlite:PATH` or `postgres://…`.
    pub database_url: SecretString,
    /// A streaming standby of that PostgreSQL, to read from; none when empty.
    pub replica_url: SecretString,
    /// Milliseconds that a request waits for the standby to catch up before it reads from the primary.
    pub replica_wait_milliseconds: u64,
    /// Connections to the database for reading; on PostgreSQL as many again for acts.
    pub pool: u32,
    /// Seconds a request waits for a connection before it is told to come back.
    pub acquire_timeout_seconds: u64,
    /// Whether the schema answers introspection; off outside demonstration and development.
    pub introspection: bool,
    /// Whether the playground is served; off outside demonstration and development.
    pub playground: bool,
    /// Origins, besides our own host, whose pages may open a WebSocket.
    pub allowed_origins: Vec<String>,
    /// Keys that sign access tokens, newest first, as `kid:base64`; kept in the database when empty.
    pub signing_keys: Vec<SecretString>,
    /// Minutes that an access token is good for.
    pub access_token_minutes: u32,
    /// Minutes without a request after which a session ends.
    pub session_idle_minutes: u32,
    /// Hours after which a session ends in any case.
    pub session_hours: u32,
    /// Memory of one password hash, KiB (Argon2id).
    pub password_memory_kib: u32,
    /// Passes of one password hash (Argon2id).
    pub password_passes: u32,
    /// Fewest characters of a password.
    pub password_min_chars: usize,
    /// Open connections in all.
    pub max_connections: usize,
    /// Connections from one address.
    pub max_connections_per_peer: usize,
    /// Proxies that are believed when they say in `X-Forwarded-For` whom they ask for; nobody is when empty.
    pub trusted_proxies: Vec<Net>,
    /// Seconds for which a server that was told to end says so at `/readyz` and still answers.
    pub farewell_seconds: u64,
    /// Seconds between two sweeps for deadlines.
    pub sweep_seconds: u64,
    /// What the law leaves open, decided for this installation; a table `[conventions]`.
    pub conventions: Conventions,
    /// What was decided otherwise before; tables `[[former_conventions]]`.
    pub former_conventions: Vec<FormerConventions>,
    /// Thresholds of the rules of supervision; a table `[thresholds]`.
    pub thresholds: Thresholds,
    /// Days of a bundle beside those of its departments; a table `[bundles]`.
    pub bundles: Allowance,
    /// How far forecasts look back; a table `[outlook]`.
    pub outlook: Foresight,
    /// Conditions of opinions that exclude each other; a table `[opinions]`.
    pub opinions: Opposed,
    /// How long each level has for a mediation, and whom the government has named; a table `[mediation]`.
    pub mediation: MediationPolicy,
    /// How visits are called, and what absence means; a table `[visits]`.
    pub visits: VisitPolicy,
    /// Whom this centre asks for shared materials; a table `[sharing]`.
    pub sharing: Sharing,
    /// Calendar days that an entry after the fact (补录) may go back.
    pub late_entry_days: u32,
    /// Days for which a command is remembered, so that it is not done twice when it is repeated with its idempotency key.
    pub keep_idempotency_days: u32,
    /// Days for which a session is kept after its end.
    pub keep_sessions_days: u32,
    /// `json` or `text`.
    pub log_format: LogFormat,
    /// What is logged, e.g. `info` or `info,lianshen=debug`.
    pub log: String,
}

/// The form of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// For people.
    Text,
}

/// The defaults, in the form in which a file would give them.
#[derive(Serialize)]
struct Defaults {
    listen: SocketAddr,
    database_url: &'static str,
    replica_url: &'static str,
    replica_wait_milliseconds: u64,
    pool: u32,
    acquire_timeout_seconds: u64,
    introspection: bool,
    playground: bool,
    allowed_origins: Vec<String>,
    signing_keys: Vec<String>,
    access_token_minutes: u32,
    session_idle_minutes: u32,
    session_hours: u32,
    password_memory_kib: u32,
    password_passes: u32,
    password_min_chars: usize,
    max_connections: usize,
    max_connections_per_peer: usize,
    trusted_proxies: Vec<&'static str>,
    farewell_seconds: u64,
    sweep_seconds: u64,
    conventions: Conventions,
    former_conventions: Vec<FormerConventions>,
    thresholds: Thresholds,
    bundles: Allowance,
    outlook: Foresight,
    opinions: Opposed,
    mediation: MediationPolicy,
    visits: VisitPolicy,
    sharing: sharing::Defaults,
    late_entry_days: u32,
    keep_idempotency_days: u32,
    keep_sessions_days: u32,
    log_format: LogFormat,
    log: &'static str,
}

impl Default for Defaults {
    fn default() -> Self {
        Self {
            listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 4000),
            database_url: "sqlite:lianshen.db",
            replica_url: "",
            replica_wait_milliseconds: 10,
            pool: 8,
            acquire_timeout_seconds: 3,
            introspection: false,
            playground: false,
            allowed_origins: Vec::new(),
            signing_keys: Vec::new(),
            access_token_minutes: 10,
            session_idle_minutes: 30,
            session_hours: 12,
            password_memory_kib: 19_456,
            password_passes: 2,
            password_min_chars: 12,
            max_connections: 4_096,
            max_connections_per_peer: 512,
            trusted_proxies: Vec::new(),
            farewell_seconds: 0,
            sweep_seconds: 30,
            conventions: Conventions::default(),
            former_conventions: Vec::new(),
            thresholds: Thresholds::default(),
            bundles: Allowance::default(),
            outlook: Foresight::default(),
            opinions: Opposed::default(),
            mediation: MediationPolicy::default(),
            visits: VisitPolicy::default(),
            sharing: sharing::Defaults::default(),
            late_entry_days: 30,
            keep_idempotency_days: 400,
            keep_sessions_days: 400,
            log_format: LogFormat::Json,
            log: "info,sqlx=warn",
        }
    }
}

impl Config {
    /// Reads the configuration.
    ///
    /// # Errors
    /// Names every key that is wrong, where it came from and what may stand there, and repeats nothing that may be a secret.
    pub fn load(file: Option<&Path>) -> Result<Self, Box<figment::Error>> {
        let mut layers = vec![Layer::of(&Serialized::defaults(Defaults::default()))];
        let named = file
            .map(Path::to_owned)
            .or_else(|| Env::var("LIANSHEN_CONFIG").map(Into::into));
        if let Some(named) = named {
            layers.push(Layer::of(&Toml::file_exact(named)));
        }
        layers.push(Layer::of(
            &Env::prefixed("LIANSHEN_")
                // Settings of the build and of the tests, not of the program.
                .ignore(&[
                    "config",
                    "playground_build",
                    "tests",
                    "canary_seed",
                    "canary_queries",
                    "crowd_seed",
                    "model_seed",
                    "model_lives",
                    "test_postgres_url",
                    "test_postgres",
                ])
                // A key of a table, as in LIANSHEN_THRESHOLDS__CARD_MODEL.
                .split("__"),
        ));
        // A token is text as it stands there, also one that looks like a number.
        let token = Env::var("LIANSHEN_SHARING__TOKEN").filter(|token| !token.starts_with('"'));
        if let Some(token) = token {
            layers.push(Layer::of(&Serialized::default("sharing.token", token)));
        }
        let (read, mut errors) = layers::read::<Self>(layers);
        match read {
            Some(config) if errors.is_empty() => Ok(config),
            read => {
                let beyond = read.map_or_else(Vec::new, |config| config.out_of_bounds());
                let beyond = beyond.into_iter().filter(|fault| !rests_on(fault, &errors));
                let beyond: Vec<_> = beyond.map(figment::Error::from).collect();
                errors.extend(beyond);
                Err(Box::new(discreet(errors)))
            }
        }
    }

    /// What no centre may decide so: the setting, what it is, and what it may be.
    pub fn out_of_bounds(&self) -> Vec<String> {
        // On every machine that this is compiled for, a `usize` fits.
        let (all, of_peer, chars) = (
            self.max_connections as u64,
            self.max_connections_per_peer as u64,
            self.password_min_chars as u64,
        );
        let numbers = [
            ("pool", self.pool.into()),
            ("acquire_timeout_seconds", self.acquire_timeout_seconds),
            ("access_token_minutes", self.access_token_minutes.into()),
            ("session_idle_minutes", self.session_idle_minutes.into()),
            ("session_hours", self.session_hours.into()),
            ("password_memory_kib", self.password_memory_kib.into()),
            ("password_passes", self.password_passes.into()),
            ("password_min_chars", chars),
            ("max_connections", all),
            ("max_connections_per_peer", of_peer),
            ("sweep_seconds", self.sweep_seconds),
            ("farewell_seconds", self.farewell_seconds),
            ("replica_wait_milliseconds", self.replica_wait_milliseconds),
            ("late_entry_days", self.late_entry_days.into()),
            ("keep_idempotency_days", self.keep_idempotency_days.into()),
            ("keep_sessions_days", self.keep_sessions_days.into()),
        ];
        let numbers = numbers.into_iter();
        let beyond = numbers.filter_map(|(key, n)| bounds::beyond(key, n));
        let replica = self.replica_url.expose_secret();
        let on_postgres = self.database_url.expose_secret().starts_with("postgres");
        let alone = (!replica.is_empty() && !on_postgres)
            .then(|| "replica_url is set, and only PostgreSQL has a replica".to_owned());
        beyond
            .chain(alone)
            .chain(
                self.allowed_origins
                    .iter()
                    .filter_map(|origin| net::origin_fault(origin)),
            )
            .chain(self.faults_of_conventions())
            .chain(self.thresholds.faults())
            .chain(self.bundles.faults())
            .chain(self.opinions.faults())
            .chain(self.mediation.faults())
            .chain(self.visits.faults())
            .chain(self.sharing.faults())
            .chain(self.outlook.faults())
            .collect()
    }

    /// The conventions by which an application counts that was received on a day.
    pub fn conventions_on(&self, received_on: NaiveDate) -> &Conventions {
        FormerConventions::in_force(&self.former_conventions, &self.conventions, received_on)
    }

    fn faults_of_conventions(&self) -> Vec<String> {
        let of = |at: String, conventions: &Conventions| {
            let faults = conventions.faults().into_iter();
            faults.map(move |fault| format!("{at}{fault}"))
        };
        let mut faults: Vec<String> = of("conventions.".to_owned(), &self.conventions).collect();
        let mut days = HashSet::new();
        for former in &self.former_conventions {
            let until = former.until;
            let at = format!("former_conventions until {until}: ");
            faults.extend(of(at, &former.conventions));
            if !days.insert(until) {
                faults.push(format!(
                    "former_conventions has two entries until {until}; keep one of them"
                ));
            }
        }
        faults
    }

    /// The defaults alone, for tests and tools that set what they need.
    ///
    /// # Errors
    /// Never, unless the defaults themselves are broken.
    pub fn defaults() -> Result<Self, Box<figment::Error>> {
        Figment::from(Serialized::defaults(Defaults::default()))
            .extract()
            .map_err(Box::new)
    }
}

/// Settings whose bounds are made by another one.
const BOUND_BY: [(&str, &str); 2] = [
    ("replica_url", "database_url"),
    ("outlook.least_cases", "outlook.history_cases"),
];

/// Whether a fault may be none as soon as what else is wrong is mended.
fn rests_on(fault: &str, errors: &[figment::Error]) -> bool {
    BOUND_BY.iter().any(|(key, by)| {
        fault.starts_with(key) && errors.iter().any(|error| error.path.join(".") == *by)
    })
}

#[cfg(test)]
#[expect(
    clippy::result_large_err,
    reason = "the jail of figment wants its own error"
)]
mod tests;
