//! Access tokens: short-lived, signed, and silent about rights.
//!
//! A token says which account acts in which session; what the account may do is read from the database
//! at each request, so that a right that was withdrawn does not live on in a token.

use std::collections::HashSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Duration, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use lianshen_domain::ids::{AccountId, Id, SessionId};
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::env::TOLERANCE;

/// A key that signs access tokens (HMAC with SHA-256).
#[derive(Clone, Debug)]
pub struct SigningKey {
    kid: String,
    secret: SecretSlice<u8>,
}

impl SigningKey {
    /// A key as it stands in configuration: a name of letters, digits, `-` and `_`, and at least 32 bytes in base64.
    ///
    /// # Errors
    /// `Name` or `Secret` when either is not so.
    pub fn new(kid: &str, base64: &SecretString) -> Result<Self, KeyError> {
        let named = (1..=64).contains(&kid.len())
            && kid
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        if !named {
            return Err(KeyError::Name);
        }
        let bytes = STANDARD
            .decode(base64.expose_secret())
            .map_err(|_| KeyError::Secret)?;
        if bytes.len() < LEAST_SECRET {
            return Err(KeyError::Secret);
        }
        Ok(Self {
            kid: kid.to_owned(),
            secret: bytes.into(),
        })
    }

    /// A new key of random bytes under the given name.
    ///
    /// # Errors
    /// `Name` when the name will not do.
    pub fn random(kid: &str, random: [u8; LEAST_SECRET]) -> Result<Self, KeyError> {
        let text = STANDARD.encode(random);
        Self::new(kid, &SecretString::from(text))
    }

    /// The name of the key, as tokens carry it.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The secret in base64, to keep it where only the program reads.
    pub fn to_base64(&self) -> SecretString {
        SecretString::from(STANDARD.encode(self.secret.expose_secret()))
    }
}

/// Why keys cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The name is empty, too long, or holds other characters.
    #[error("the name of a signing key must be 1 to 64 letters, digits, `-` or `_`")]
    Name,
    /// The secret is not base64 or too short.
    #[error("a signing key must be at least {LEAST_SECRET} bytes in base64")]
    Secret,
    /// There is no key at all.
    #[error("there is no signing key")]
    None,
    /// Two keys have the same name.
    #[error("two signing keys have the same name")]
    Twice,
}

/// Why access tokens cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The keys will not do.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The library failed to sign.
    #[error("an access token could not be signed: {0}")]
    Sign(#[from] jsonwebtoken::errors::Error),
    /// The program does not accept its own tokens.
    #[error("the self-test of access tokens failed: {0}")]
    SelfTest(BadToken),
    /// The time given cannot be told in a token.
    #[error("the time is out of range")]
    Time,
}

/// Why a token is not accepted; safe to log, because it holds nothing of the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadToken {
    /// It is not a token, or far too long.
    #[error("not a token")]
    Malformed,
    /// Its header is not exactly the one that we write.
    #[error("header is not ours")]
    Header,
    /// It names a key that we do not have.
    #[error("unknown key")]
    Key,
    /// The signature, or who it was made by or for, is wrong.
    #[error("signature, issuer or audience is wrong")]
    Signature,
    /// A claim is missing or has the wrong type.
    #[error("a claim is missing or malformed")]
    Claims,
    /// Its time has passed.
    #[error("expired")]
    Expired,
    /// Its time has not come.
    #[error("not yet valid")]
    NotYet,
}

/// A token as it is handed to the client.
#[derive(Clone, Debug)]
pub struct AccessToken {
    /// The token itself.
    pub text: SecretString,
    /// The second from which it no longer counts.
    pub expires_at: DateTime<Utc>,
}

/// What an accepted token says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bearer {
    /// The account that signed in.
    pub account: AccountId,
    /// The session that it signed in to.
    pub session: SessionId,
    /// The id of the token itself.
    pub token: Uuid,
    /// When the token ends; whoever holds a connection open for it must close it then.
    pub expires_at: DateTime<Utc>,
}

/// Makes and reads access tokens.
pub struct AccessTokens {
    keys: Vec<Key>,
    validation: Validation,
    issuer: String,
    audience: String,
    lifetime: Duration,
}

impl AccessTokens {
    /// How much later than its end a token still counts.
    pub const LEEWAY: Duration = Duration::seconds(5);
    /// How much earlier than its beginning. Only we sign tokens, and two servers that are both ready may be so far apart: whoever
    /// was given one by the server that is ahead is not to be sent away by the other.
    pub const EARLY: Duration = Duration::seconds(2 * TOLERANCE.num_seconds());

    /// Takes the keys, newest first: the first signs, all verify; and how long a token counts. Signs and reads a token before it answers,
    /// so that a program that cannot do either does not start.
    ///
    /// # Errors
    /// `Key` when there is none, or two of one name; `Sign` and `SelfTest` when the library does not work.
    pub fn new(
        keys: &[SigningKey],
        issuer: &str,
        audience: &str,
        lifetime: Duration,
    ) -> Result<Self, TokenError> {
        if keys.is_empty() {
            return Err(KeyError::None.into());
        }
        let mut names = HashSet::new();
        if !keys.iter().all(|key| names.insert(&key.kid)) {
            return Err(KeyError::Twice.into());
        }
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
        validation.set_issuer(&[issuer]);
        validation.set_audience(&[audience]);
        // The library would ask the system clock; `verify` compares with the time it is given.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        let tokens = Self {
            keys: keys.iter().map(Key::new).collect(),
            validation,
            issuer: issuer.to_owned(),
            audience: audience.to_owned(),
            lifetime,
        };
        tokens.self_test()?;
        Ok(tokens)
    }

    /// Signs a token for a session; `token` becomes its id.
    ///
    /// # Errors
    /// `Sign` when the library fails, `Time` when `now` is beyond what a date can hold.
    pub fn issue(
        &self,
        account: AccountId,
        session: SessionId,
        token: Uuid,
        now: DateTime<Utc>,
    ) -> Result<AccessToken, TokenError> {
        let key = self.keys.first().ok_or(KeyError::None)?;
        let issued = now.timestamp();
        let exp = issued + self.lifetime.num_seconds();
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: self.audience.clone(),
            sub: account.raw(),
            sid: session.raw(),
            jti: token,
            iat: issued,
            nbf: issued,
            exp,
        };
        let text = jsonwebtoken::encode(&key.header(), &claims, &key.signing)?;
        Ok(AccessToken {
            text: SecretString::from(text),
            expires_at: DateTime::from_timestamp(exp, 0).ok_or(TokenError::Time)?,
        })
    }

    /// Reads a token. It must have been signed by one of our keys, for us, and be in its time.
    ///
    /// This says who the token was made for; whether that session still stands is for the database to say.
    ///
    /// # Errors
    /// The reason why it is not accepted.
    pub fn verify(&self, text: &str, now: DateTime<Utc>) -> Result<Bearer, BadToken> {
        if text.len() > LONGEST_TOKEN {
            return Err(BadToken::Malformed);
        }
        let header = jsonwebtoken::decode_header(text).map_err(|_| BadToken::Malformed)?;
        let kid = header.kid.as_deref().ok_or(BadToken::Header)?;
        let key = self
            .keys
            .iter()
            .find(|key| key.kid == kid)
            .ok_or(BadToken::Key)?;
        // Equality leaves no room for `jwk`, `jku`, `x5u`, `crit`, another `typ` or another algorithm.
        if header != key.header() {
            return Err(BadToken::Header);
        }
        let claims = jsonwebtoken::decode::<Claims>(text, &key.verifying, &self.validation)
            .map_err(|error| reason(&error))?
            .claims;
        let at = now.timestamp();
        let latest = at.saturating_add(Self::EARLY.num_seconds());
        if claims.nbf > latest || claims.iat > latest {
            return Err(BadToken::NotYet);
        }
        if claims.exp < at.saturating_sub(Self::LEEWAY.num_seconds()) {
            return Err(BadToken::Expired);
        }
        Ok(Bearer {
            account: AccountId::new(claims.sub),
            session: SessionId::new(claims.sid),
            token: claims.jti,
            expires_at: DateTime::from_timestamp(claims.exp, 0).ok_or(BadToken::Claims)?,
        })
    }

    /// Keyed digests (HMAC-SHA-256) of a text, one for each key, newest first.
    ///
    /// The text must hold a `:`, which no signed part of a token can, so that no digest is ever a signature.
    ///
    /// # Errors
    /// When the library fails.
    pub(super) fn seals(&self, text: &str) -> Result<Vec<String>, TokenError> {
        debug_assert!(text.contains(':'), "a seal must not double as a signature");
        let seal =
            |key: &Key| jsonwebtoken::crypto::sign(text.as_bytes(), &key.signing, Algorithm::HS256);
        Ok(self.keys.iter().map(seal).collect::<Result<_, _>>()?)
    }

    fn self_test(&self) -> Result<(), TokenError> {
        let now = DateTime::UNIX_EPOCH;
        let account = AccountId::new(Uuid::from_u128(1));
        let session = SessionId::new(Uuid::from_u128(2));
        let token = self.issue(account, session, Uuid::from_u128(3), now)?;
        let bearer = self
            .verify(token.text.expose_secret(), now)
            .map_err(TokenError::SelfTest)?;
        if bearer.account != account || bearer.session != session {
            return Err(TokenError::SelfTest(BadToken::Claims));
        }
        Ok(())
    }
}

/// 256 bits, as long as the hash.
const LEAST_SECRET: usize = 32;
/// Ours are about 500 characters; nothing longer is worth decoding.
const LONGEST_TOKEN: usize = 2048;
/// The type of an access token (RFC 9068), which no other token of ours has.
const TYPE: &str = "at+jwt";

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: Uuid,
    sid: Uuid,
    jti: Uuid,
    iat: i64,
    nbf: i64,
    exp: i64,
}

struct Key {
    kid: String,
    signing: EncodingKey,
    verifying: DecodingKey,
}

impl Key {
    fn new(key: &SigningKey) -> Self {
        let secret = key.secret.expose_secret();
        Self {
            kid: key.kid.clone(),
            signing: EncodingKey::from_secret(secret),
            verifying: DecodingKey::from_secret(secret),
        }
    }

    fn header(&self) -> Header {
        let mut header = Header::new(Algorithm::HS256);
        header.typ = Some(TYPE.to_owned());
        header.kid = Some(self.kid.clone());
        header
    }
}

fn reason(error: &jsonwebtoken::errors::Error) -> BadToken {
    use jsonwebtoken::errors::ErrorKind;
    match error.kind() {
        ErrorKind::InvalidSignature
        | ErrorKind::InvalidIssuer
        | ErrorKind::InvalidAudience
        | ErrorKind::InvalidAlgorithm => BadToken::Signature,
        _ => BadToken::Claims,
    }
}

#[cfg(test)]
#[path = "token_vectors.rs"]
mod tests;
