//! The playground: one page where people try the interface out, served from the program alone.
//!
//! `build.rs` decides which page that is, the full one (`GraphiQL`) or our plain one; both sign in with a demo account
//! and run the [example documents](super::examples).

use axum::Router;
use axum::extract::Path;
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
    IF_NONE_MATCH, REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Serialize;

use super::examples::{self, Example};

include!(concat!(env!("OUT_DIR"), "/playground_assets.rs"));

/// What the page needs to know of the running server.
#[derive(Clone, Default)]
pub struct PlaygroundConfig {
    /// Empty outside of demo mode: the page then only offers to type an account.
    pub demo_accounts: Vec<DemoAccount>,
}

/// An account of the demo data, whose password is no secret.
#[derive(Clone, Serialize)]
pub struct DemoAccount {
    pub name: String,
    pub role: String,
    pub password: String,
}

/// `/playground` and what it loads. To be mounted in demo and development mode only.
pub fn routes(config: PlaygroundConfig) -> Router {
    let examples = examples::embedded().unwrap_or_else(|error| {
        tracing::error!(%error, "the playground opens without examples");
        Vec::new()
    });
    router(&PageConfig {
        graphql: "/graphql",
        demo_accounts: config.demo_accounts,
        examples,
    })
}

fn router(page_config: &PageConfig) -> Router {
    let page_config = serde_json::json!(page_config).to_string();
    Router::new()
        .route("/playground", get(|headers: HeaderMap| async move { serve("index.html", &headers) }))
        .route("/playground/config.json", get(move || async move { configuration(page_config) }))
        .route(
            "/playground/assets/{file}",
            get(|Path(file): Path<String>, headers: HeaderMap| async move { serve(&file, &headers) }),
        )
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PageConfig {
    graphql: &'static str,
    demo_accounts: Vec<DemoAccount>,
    examples: Vec<Example>,
}

/// One file of the page. A file is kept in one form only, the big ones compressed.
struct Asset {
    name: &'static str,
    bytes: &'static [u8],
    gzipped: bool,
    etag: &'static str,
}

/// Nothing is loaded from elsewhere, and nobody may frame the page. `connect-src` covers the WebSocket of the same
/// origin.
const PLAIN_POLICY: &str = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; \
    frame-ancestors 'none'";

/// What `GraphiQL` needs beyond that: its editor (Monaco) writes style elements and style attributes, its style sheet
/// carries fonts and pictures as `data:` addresses. Scripts and workers stay with `'self'`.
const FULL_POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self' data:; \
    img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

fn configuration(json: String) -> Response {
    (
        [
            (CONTENT_TYPE, "application/json"),
            (CACHE_CONTROL, "no-store"),
            (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        ],
        json,
    )
        .into_response()
}

fn serve(name: &str, request: &HeaderMap) -> Response {
    let Some(asset) = ASSETS.iter().find(|asset| asset.name == name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let caching = [
        (ETAG, asset.etag),
        (CACHE_CONTROL, "no-cache"),
        (VARY, "accept-encoding"),
    ];
    if lists(request, &IF_NONE_MATCH, |tag| {
        tag.trim_start_matches("W/") == asset.etag
    }) {
        return (StatusCode::NOT_MODIFIED, caching).into_response();
    }
    if asset.gzipped && !accepts_gzip(request) {
        return (
            StatusCode::NOT_ACCEPTABLE,
            "This file is kept compressed; ask with `Accept-Encoding: gzip`.\n",
        )
            .into_response();
    }
    let headers = [
        (CONTENT_TYPE, content_type(name)),
        (
            CONTENT_SECURITY_POLICY,
            if FULL { FULL_POLICY } else { PLAIN_POLICY },
        ),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
    ];
    let encoding = asset.gzipped.then_some([(CONTENT_ENCODING, "gzip")]);
    match encoding {
        Some(encoding) => (caching, headers, encoding, asset.bytes).into_response(),
        None => (caching, headers, asset.bytes).into_response(),
    }
}

/// A client that says nothing about encodings takes any (RFC 9110, 12.5.3).
fn accepts_gzip(request: &HeaderMap) -> bool {
    !request.contains_key(ACCEPT_ENCODING)
        || lists(request, &ACCEPT_ENCODING, |item| {
            let (coding, weight) = item.split_once(';').unwrap_or((item, ""));
            let refused = weight.trim().trim_start_matches("q=").parse() == Ok(0.0);
            (coding.trim().eq_ignore_ascii_case("gzip") || coding.trim() == "*") && !refused
        })
}

/// Whether one item of a comma-separated header passes the test.
fn lists(
    request: &HeaderMap,
    header: &axum::http::HeaderName,
    passes: impl Fn(&str) -> bool,
) -> bool {
    request
        .get_all(header)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|item| passes(item.trim()))
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("ttf") => "font/ttf",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests;
