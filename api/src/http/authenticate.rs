//! Who calls: asked of whoever knows, before anything of a document is looked at.

use std::net::IpAddr;

use async_graphql::Data;
use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use http::{HeaderMap, header::AUTHORIZATION};
use secrecy::SecretString;
use uuid::Uuid;

use super::call::Call;
use crate::graphql::fault::FaultCode;
use lianshen_domain::lang::Lang;

/// Tells callers apart.
pub trait Authenticate: Send + Sync + 'static {
    /// The identity behind a call; a call without a token may have one too, that of a stranger. A socket asks again before
    /// each operation, and while it stays open.
    ///
    /// # Errors
    /// A coded refusal, answered by 401.
    fn authenticate<'a>(
        &'a self,
        call: &'a CallHeaders,
    ) -> BoxFuture<'a, Result<Identity, AuthRefusal>>;
}

/// What is known of a call before its document.
#[derive(Debug)]
pub struct CallHeaders {
    /// The token of `Authorization: Bearer`; none if there is no such header.
    pub bearer: Option<SecretString>,
    /// The language for people.
    pub lang: Lang,
    /// The address that it is counted by.
    pub peer: Option<IpAddr>,
    /// The id of this request.
    pub request_id: Uuid,
    /// Whether it is a socket that introduces itself.
    pub listens: bool,
}

/// A caller.
pub struct Identity {
    /// What resolvers find in their context.
    pub data: Data,
    /// When a socket opened with this identity is closed.
    pub expires_at: Option<DateTime<Utc>>,
}

/// Why a caller is turned away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthRefusal {
    /// The stable code, in `errors[].extensions.code`.
    pub code: FaultCode,
    /// Why, by its own code, in `errors[].extensions.reason`; nothing where the code says it all.
    pub reason: Option<&'static str>,
    /// The sentence for people.
    pub message: String,
}

impl CallHeaders {
    /// Reads the headers of a request.
    ///
    /// # Errors
    /// An `Authorization` that isn't a bearer token is refused and not taken for a stranger's call.
    pub(super) fn of(headers: &HeaderMap, call: Call) -> Result<Self, AuthRefusal> {
        let bearer = match headers.get(AUTHORIZATION) {
            None => None,
            Some(value) => Some(
                value
                    .to_str()
                    .ok()
                    .and_then(bearer)
                    .ok_or_else(|| not_a_bearer(call.lang))?,
            ),
        };
        Ok(Self::with(bearer, call))
    }

    fn with(bearer: Option<SecretString>, call: Call) -> Self {
        Self {
            bearer,
            lang: call.lang,
            peer: call.peer,
            request_id: call.request_id,
            listens: false,
        }
    }

    /// The same of a socket.
    pub(super) fn of_socket(bearer: Option<SecretString>, call: Call) -> Self {
        Self {
            listens: true,
            ..Self::with(bearer, call)
        }
    }
}

/// The token of `Bearer <token>`.
pub(super) fn bearer(value: &str) -> Option<SecretString> {
    let (scheme, token) = value.trim().split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty())
        .then(|| SecretString::from(token.to_owned()))
}

pub(super) fn not_a_bearer(lang: Lang) -> AuthRefusal {
    AuthRefusal {
        code: FaultCode::AuthorizationMalformed,
        reason: None,
        message: lang
            .pick(
                "请使用 Authorization: Bearer 加令牌",
                "Use `Authorization: Bearer` with a token.",
            )
            .to_owned(),
    }
}
