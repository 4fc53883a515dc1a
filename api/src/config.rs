//! Configuration: the only reader of the environment.
//!
//! Values come, later ones winning, from the defaults below, from the file that `--config` or
//! `LIANSHEN_CONFIG` names, and from `LIANSHEN_*` variables; two underscores lead into a table.

mod sharing;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;

use figment::Figment;
use figment::providers::{Env, Format as _, Serialized, Toml};
use lianshen_domain::application::Foresight;
use lianshen_domain::bundle::Allowance;
use lianshen_domain::clock::Conventions;
use lianshen_domain::conflict::Opposed;
use lianshen_domain::mediation::MediationPolicy;
use lianshen_domain::supervision::Thresholds;
use lianshen_domain::visit::VisitPolicy;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};

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
    /// Connections to the database: readers on SQLite, all on PostgreSQL.
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
    /// Connections to the server: all, and from one address.
    pub max_connections: usize,
    /// Connections from one address.
    pub max_connections_per_peer: usize,
    /// Seconds for which a server that was told to end says so at `/readyz` and still answers.
    pub farewell_seconds: u64,
    /// Seconds between two sweeps for deadlines.
    pub sweep_seconds: u64,
    /// What the law leaves open, decided for this installation; a table `[conventions]`.
    pub conventions: Conventions,
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
    farewell_seconds: u64,
    sweep_seconds: u64,
    conventions: Conventions,
    thresholds: Thresholds,
    bundles: Allowance,
    outlook: Foresight,
    opinions: Opposed,
    mediation: MediationPolicy,
    visits: VisitPolicy,
    sharing: sharing::Defaults,
    late_entry_days: u32,
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
            farewell_seconds: 0,
            sweep_seconds: 30,
            conventions: Conventions::default(),
            thresholds: Thresholds::default(),
            bundles: Allowance::default(),
            outlook: Foresight::default(),
            opinions: Opposed::default(),
            mediation: MediationPolicy::default(),
            visits: VisitPolicy::default(),
            sharing: sharing::Defaults::default(),
            late_entry_days: 30,
            log_format: LogFormat::Json,
            log: "info,sqlx=warn",
        }
    }
}

impl Config {
    /// Reads the configuration.
    ///
    /// # Errors
    /// Names the key that is wrong and where it came from.
    pub fn load(file: Option<&Path>) -> Result<Self, Box<figment::Error>> {
        let mut figment = Figment::from(Serialized::defaults(Defaults::default()));
        let named = file
            .map(Path::to_owned)
            .or_else(|| Env::var("LIANSHEN_CONFIG").map(Into::into));
        if let Some(named) = named {
            figment = figment.merge(Toml::file_exact(named));
        }
        figment
            // Settings of the build and of the tests, not of the program.
            .merge(
                Env::prefixed("LIANSHEN_")
                    .ignore(&[
                        "config",
                        "playground_build",
                        "tests",
                        "canary_seed",
                        "canary_queries",
                        "test_postgres_url",
                        "test_postgres",
                    ])
                    // A key of a table, as in LIANSHEN_THRESHOLDS__CARD_MODEL.
                    .split("__"),
            )
            .extract()
            .map_err(Box::new)
    }

    /// What no centre may decide so: the setting, what it is, and what it may be.
    pub fn out_of_bounds(&self) -> Vec<String> {
        let late = (self.late_entry_days > 365).then(|| {
            let days = self.late_entry_days;
            format!("late_entry_days is {days}, and may be 0 to 365")
        });
        let farewell = (self.farewell_seconds > 60).then(|| {
            let seconds = self.farewell_seconds;
            format!("farewell_seconds is {seconds}, and may be 0 to 60")
        });
        let wait = (self.replica_wait_milliseconds > 400).then(|| {
            let wait = self.replica_wait_milliseconds;
            format!("replica_wait_milliseconds is {wait}, and may be 0 to 400")
        });
        let replica = self.replica_url.expose_secret();
        let on_postgres = self.database_url.expose_secret().starts_with("postgres");
        let alone = (!replica.is_empty() && !on_postgres)
            .then(|| "replica_url is set, and only PostgreSQL has a replica".to_owned());
        late.into_iter()
            .chain(farewell)
            .chain(wait)
            .chain(alone)
            .chain(self.conventions.faults())
            .chain(self.thresholds.faults())
            .chain(self.bundles.faults())
            .chain(self.opinions.faults())
            .chain(self.mediation.faults())
            .chain(self.visits.faults())
            .chain(self.sharing.faults())
            .chain(self.outlook.faults())
            .collect()
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

#[cfg(test)]
#[expect(
    clippy::result_large_err,
    reason = "the jail of figment wants its own error"
)]
mod tests {
    use figment::Jail;
    use lianshen_domain::clock::CardModel;
    use lianshen_domain::supervision::TimeRule;

    use super::*;

    /// Reads variables and a file, in an environment of its own.
    fn read(variables: &[(&str, &str)], file: &str) -> Result<Config, String> {
        let mut read = Err(String::new());
        Jail::expect_with(|jail| {
            jail.clear_env();
            for (name, value) in variables {
                jail.set_env(name, value);
            }
            jail.create_file("lianshen.toml", file)?;
            let loaded = Config::load(Some(Path::new("lianshen.toml")));
            read = loaded.map_err(|error| error.to_string());
            Ok(())
        });
        read
    }

    #[test]
    fn variables_reach_into_the_tables_and_win_over_the_file() {
        let file = "late_entry_days = 5\n[thresholds]\nstill_open_after = 9\npromise_days_left = 2\n\
                    [thresholds.grace]\nTIME_02 = 1\n";
        let config = read(
            &[
                ("LIANSHEN_THRESHOLDS__CARD_MODEL", "WARNING_COLOURS"),
                ("LIANSHEN_THRESHOLDS__STILL_OPEN_AFTER", "4"),
                ("LIANSHEN_THRESHOLDS__OFF", "[TIME_05, TIME_08]"),
                ("LIANSHEN_THRESHOLDS__GRACE__TIME_08", "2"),
                ("LIANSHEN_CONVENTIONS__ACCEPTANCE_CHECK_DAYS", "3"),
                ("LIANSHEN_CONVENTIONS__RENEWAL_APPLY__N", "60"),
                ("LIANSHEN_OUTLOOK__DIGEST_AT", "07:15"),
                ("LIANSHEN_OUTLOOK__LEAST_CASES", "3"),
                ("LIANSHEN_SWEEP_SECONDS", "10"),
                ("LIANSHEN_ALLOWED_ORIGINS", "[\"https://a.example\"]"),
                ("LIANSHEN_TEST_POSTGRES", "skip"),
            ],
            file,
        )
        .unwrap();
        let thresholds = &config.thresholds;
        assert_eq!(thresholds.card_model, CardModel::WarningColours);
        assert_eq!(
            (thresholds.still_open_after, thresholds.promise_days_left),
            (4, 2)
        );
        assert_eq!(
            thresholds.off,
            [TimeRule::StepPassed, TimeRule::DeliveryPassed]
        );
        let grace = [(TimeRule::PromisePassed, 1), (TimeRule::DeliveryPassed, 2)];
        assert_eq!(thresholds.grace, grace.into());
        assert_eq!(config.conventions.acceptance_check_days, 3);
        assert_eq!(config.conventions.renewal_apply.n, 60);
        assert_eq!(config.outlook.digest_at.to_string(), "07:15:00");
        assert_eq!(
            (config.outlook.least_cases, config.outlook.history_cases),
            (3, 50)
        );
        assert_eq!((config.late_entry_days, config.sweep_seconds), (5, 10));
        assert_eq!(config.allowed_origins, ["https://a.example"]);
    }

    #[test]
    fn what_is_not_known_is_refused_by_name() {
        for (name, value, named) in [
            ("LIANSHEN_THRESHOLDS__CARD_MODELL", "x", "card_modell"),
            ("LIANSHEN_THRESHOLDS__CARD_MODEL", "PINK", "PINK"),
            ("LIANSHEN_THRESHOLDS__GRACE__TIME_99", "1", "time_99"),
            ("LIANSHEN_CONVENTIONS__SUPPLEMENT", "1", "supplement"),
            ("LIANSHEN_OUTLOOK__DIGEST_AT", "25:00", "25:00"),
            ("LIANSHEN_OUTLOOK__DIGEST_AT", "8 Uhr", "write it as 08:30"),
            ("LIANSHEN_SWEEP", "1", "sweep"),
            ("LIANSHEN_LATE_ENTRY_DAYS", "-1", "LATE_ENTRY_DAYS"),
        ] {
            let error = read(&[(name, value)], "").unwrap_err();
            assert!(error.contains(named), "{name}: {error}");
        }
        assert!(
            read(&[], "[thresholds]\nof = []")
                .unwrap_err()
                .contains("of")
        );
        let defaults = read(&[], "").unwrap();
        assert_eq!(defaults.thresholds, Thresholds::default());
        assert_eq!(defaults.conventions, Conventions::default());
    }
}
