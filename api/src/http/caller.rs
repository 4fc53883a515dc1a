//! The caller of a request: who is behind its token, and what resolvers find of that in their context.

use std::time::Duration;

use async_graphql::Data;
use futures_util::future::BoxFuture;
use lianshen_domain::code::Code as _;
use lianshen_domain::rejected::Reason;
use secrecy::ExposeSecret as _;

use super::{AuthRefusal, Authenticate, CallHeaders, Identity};
use crate::app::App;
use crate::error::{AppError, Lacking};
use crate::graphql::fault::FaultCode;
use crate::graphql::loaders::loaders;
use crate::graphql::{Sheets, Viewer};
use crate::identity;

/// How long it may take to say who calls.
const PATIENCE: Duration = Duration::from_secs(10);

/// Knows the callers of this program.
pub struct Callers(pub App);

impl Authenticate for Callers {
    fn authenticate<'a>(
        &'a self,
        call: &'a CallHeaders,
    ) -> BoxFuture<'a, Result<Identity, AuthRefusal>> {
        Box::pin(async move {
            let (actor, expires_at) = match &call.bearer {
                None => (None, None),
                Some(token) => {
                    let asked = identity::authenticate_until(&self.0, token.expose_secret());
                    let asked = tokio::time::timeout(PATIENCE, asked).await;
                    let asked = asked.unwrap_or(Err(AppError::Busy(Lacking::Time)));
                    let (actor, expires_at) = asked.map_err(|error| refusal(error, call))?;
                    (Some(actor), Some(expires_at))
                }
            };
            // A socket stays open and is told of what comes; the replica is for what has been.
            let own = if call.listens {
                None
            } else {
                self.0.for_request().await
            };
            let mut data = Data::default();
            data.insert(loaders(own.as_ref().unwrap_or(&self.0), actor.as_ref()));
            if let Some(own) = own {
                data.insert(own);
            }
            data.insert(Viewer {
                actor,
                lang: call.lang,
                request_id: call.request_id,
                peer: call.peer,
                sheets: Sheets::default(),
            });
            Ok(Identity { data, expires_at })
        })
    }
}

/// A token that is not good tells nothing of why.
fn refusal(error: AppError, call: &CallHeaders) -> AuthRefusal {
    let busy = || AuthRefusal {
        code: FaultCode::Busy,
        reason: None,
        message: Reason::Busy.message(call.lang),
    };
    match error {
        AppError::Unauthenticated(_) | AppError::Rejected(_) => AuthRefusal {
            code: FaultCode::Unauthenticated,
            reason: Some(Reason::SessionEnded.code().code()),
            message: Reason::SessionEnded.message(call.lang),
        },
        AppError::Busy(what) | AppError::Unknown(what) => {
            tracing::warn!(request.id = %call.request_id, %what, "too busy to ask who calls");
            busy()
        }
        AppError::Internal(fault) => {
            tracing::error!(request.id = %call.request_id, error = %fault, "cannot ask who calls");
            busy()
        }
    }
}
