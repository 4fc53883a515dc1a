//! What stands round every request and answer: its id, its span, its headers, and a net for panics.

use std::{net::SocketAddr, panic::AssertUnwindSafe, sync::Arc};

use axum::{
    Router,
    extract::{ConnectInfo, Request, State},
    middleware::{Next, from_fn_with_state},
    response::Response,
};
use futures_util::FutureExt;
use http::{
    HeaderValue, StatusCode,
    header::{ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_LANGUAGE, X_CONTENT_TYPE_OPTIONS},
};
use tower_http::catch_panic::CatchPanicLayer;
use tracing::Instrument;

use super::{MintId, call::Call, client::client, head, media::Media, outcome};
use crate::config::Net;
use lianshen_domain::lang::Lang;

/// Puts the frame round a router. Request ids are ours: one that a client sends is not taken over; where a call comes from
/// is what the other end of its connection is, unless that is a trusted proxy.
pub fn framed(router: Router, mint_id: MintId, trusted_proxies: Arc<[Net]>) -> Router {
    // The outer layer catches a panic of the frame itself, where there is no request id to answer with.
    router
        .layer(from_fn_with_state((mint_id, trusted_proxies), frame))
        .layer(CatchPanicLayer::custom(|_| {
            let mut response = Response::new(axum::body::Body::empty());
            *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
            response
        }))
}

async fn frame(
    State((mint_id, trusted)): State<(MintId, Arc<[Net]>)>,
    mut request: Request,
    next: Next,
) -> Response {
    let peer = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map(|peer| client(peer.0.ip(), request.headers(), &trusted));
    let languages = request
        .headers()
        .get(ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok());
    let call = Call {
        request_id: mint_id(),
        lang: Lang::negotiate(languages),
        peer,
    };
    request.extensions_mut().insert(call);
    let span = tracing::info_span!("request", request_id = %call.request_id, method = %request.method(), path = request.uri().path());

    let served = async {
        match head::fault(&request) {
            Some((phase, refusal)) => outcome::refused(phase, Media::Json, refusal, call),
            None => next.run(request).await,
        }
    };
    let mut response = AssertUnwindSafe(served)
        .catch_unwind()
        .instrument(span.clone())
        .await
        .unwrap_or_else(|_| {
            span.in_scope(|| tracing::error!("a handler panicked"));
            outcome::broken(call)
        });

    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&call.request_id.to_string()) {
        headers.insert("x-request-id", id);
    }
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    headers
        .entry(CONTENT_LANGUAGE)
        .or_insert(HeaderValue::from_static(call.lang.tag()));
    response
}
