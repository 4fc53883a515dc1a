//! Sign-in (身份鉴别): who somebody is, for how long that is believed, and who keeps the accounts.

mod account;
mod password;
mod password_rule;
mod recent;
mod refresh;
mod service;
mod store;
mod throttle;
mod token;

use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Duration, Utc};
use lianshen_domain::ids::SessionId;
use lianshen_domain::session::SessionLimits;
use secrecy::{ExposeSecret, SecretString};

pub use account::{
    Account, AccountClose, AccountCreate, AccountResetPassword, account, account_close,
    account_create, account_reset_password, accounts, create_first_administrator, display_names,
    reset_administrator,
};
pub use password::{HashingCost, HashingError, Passwords, Verdict};
pub use password_rule::PasswordRule;
pub use refresh::RefreshToken;
pub use service::{
    SignIn, SignedIn, ask_again, authenticate, authenticate_until, password_change, refresh,
    sign_in, sign_out,
};
pub use store::forget_sessions;
pub(crate) use store::has_department;
pub use throttle::{Budget, Limit, Refused, Throttle, ThrottleLimits};
pub use token::{AccessToken, AccessTokens, BadToken, Bearer, KeyError, SigningKey, TokenError};

use self::recent::Recent;
use self::store::Standing;
use crate::config::Config;
use crate::db::{self, Db};
use crate::env::Env;
use crate::error::AppError;
use crate::gather::Gather;

/// What sign-in needs besides the database: made once, when the program starts.
pub struct Identity {
    passwords: Passwords,
    rule: PasswordRule,
    tokens: AccessTokens,
    throttle: Throttle,
    limits: SessionLimits,
    noted: Mutex<Recent<SessionId, Option<DateTime<Utc>>>>,
    callers: Gather<SessionId, Standing>,
}

impl Identity {
    /// Takes the signing keys from the configuration, or else from the database, where the first start leaves one.
    ///
    /// # Errors
    /// When a key or a cost in the configuration will not do, or the database cannot be used.
    pub async fn open(config: &Config, db: &Db, env: &Env) -> Result<Self, AppError> {
        let keys = if config.signing_keys.is_empty() {
            kept_keys(db, env).await?
        } else {
            config
                .signing_keys
                .iter()
                .map(configured_key)
                .collect::<Result<_, _>>()?
        };
        let lifetime = Duration::minutes(i64::from(config.access_token_minutes));
        let cost = HashingCost {
            memory_kib: config.password_memory_kib,
            passes: config.password_passes,
            ..HashingCost::default()
        };
        let cores = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        Ok(Self {
            passwords: Passwords::new(cost, cores).map_err(AppError::internal)?,
            rule: PasswordRule {
                min: config.password_min_chars,
                ..PasswordRule::default()
            },
            tokens: AccessTokens::new(&keys, ISSUER, AUDIENCE, lifetime)
                .map_err(AppError::internal)?,
            throttle: Throttle::new(ThrottleLimits::default()),
            limits: SessionLimits {
                idle: Duration::minutes(i64::from(config.session_idle_minutes)),
                absolute: Duration::hours(i64::from(config.session_hours)),
            },
            noted: Mutex::new(Recent::new(NOTED)),
            callers: Gather::default(),
        })
    }

    /// Whether this process has yet to note the use of a session, which it does seldom, because each note is a write.
    fn is_to_be_noted(&self, session: SessionId, now: DateTime<Utc>) -> bool {
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        let last = noted.entry(session);
        let due = last.is_none_or(|last| now < last || now >= last + self.limits.note_every());
        if due {
            *last = Some(now);
        }
        due
    }
}

const ISSUER: &str = "lianshen";
const AUDIENCE: &str = "lianshen-api";
/// The name of the key that the first start leaves in the database.
const FIRST_KEY: &str = "first";
/// Sessions whose last note is remembered.
const NOTED: usize = 20_000;

fn configured_key(text: &SecretString) -> Result<SigningKey, AppError> {
    let (kid, secret) = text
        .expose_secret()
        .split_once(':')
        .ok_or_else(|| AppError::internal(KeyError::Name))?;
    SigningKey::new(kid, &SecretString::from(secret.to_owned())).map_err(AppError::internal)
}

async fn kept_keys(db: &Db, env: &Env) -> Result<Vec<SigningKey>, AppError> {
    let mut rows = store::signing_keys(db.reader()).await?;
    if rows.is_empty() {
        let key = SigningKey::random(FIRST_KEY, env.secret()?).map_err(AppError::internal)?;
        let now = env.now();
        rows = db::write(db, async |tx| {
            store::keep_signing_key(&tx, key.kid(), key.to_base64().expose_secret(), now).await?;
            Ok(store::signing_keys(&tx.0).await?)
        })
        .await?;
    }
    let keys = rows
        .into_iter()
        .map(|row| SigningKey::new(&row.kid, &SecretString::from(row.secret)));
    keys.collect::<Result<_, _>>().map_err(AppError::internal)
}

#[cfg(test)]
mod service_tests;
