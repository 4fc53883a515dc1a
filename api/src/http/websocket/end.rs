//! Why a socket is closed, by the codes of the protocol.

use lianshen_domain::code::Code as _;

use crate::graphql::fault::FaultCode;
use crate::http::AuthRefusal;

/// Why a socket is closed.
#[derive(Debug)]
pub(super) struct End {
    pub(super) code: u16,
    pub(super) reason: String,
}

impl End {
    pub(super) fn new(code: u16, reason: impl Into<String>) -> Self {
        Self {
            code,
            reason: reason.into(),
        }
    }

    /// Who is turned away asks with other tokens; who could not be asked about keeps the session.
    pub(super) fn of(refusal: &AuthRefusal) -> Self {
        match refusal.code {
            FaultCode::Busy => Self::later(),
            code => Self::new(4403, code.code()),
        }
    }

    pub(super) fn garbage(reason: impl Into<String>) -> Self {
        Self::new(4400, reason)
    }

    pub(super) fn forbidden() -> Self {
        Self::new(4403, "Forbidden")
    }

    /// Nobody can say just now who asks.
    pub(super) fn later() -> Self {
        Self::new(1013, "Try again later")
    }

    /// The other side is gone; there is nobody to tell.
    pub(super) fn gone() -> Self {
        Self::new(0, "")
    }
}
