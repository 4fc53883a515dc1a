//! HTTP: how connections are accepted and how GraphQL travels over them.

pub mod accept;
mod authenticate;
mod call;
pub mod caller;
mod client;
mod envelope;
pub mod examples;
mod frame;
mod graphql;
mod head;
pub mod health;
mod media;
mod origin;
mod outcome;
mod patience;
pub mod playground;
mod websocket;

#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use async_graphql::Executor;
use axum::{Router, routing::get};
use chrono::{DateTime, Utc};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::config::Net;

pub use authenticate::{AuthRefusal, Authenticate, CallHeaders, Identity};
pub use call::Call;
pub use frame::framed;

/// Where request ids come from.
pub type MintId = Arc<dyn Fn() -> Uuid + Send + Sync>;

/// Where the time comes from.
pub type Now = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// What the transports need from outside.
#[derive(Clone)]
pub struct TransportConfig {
    /// Mints request ids.
    pub mint_id: MintId,
    /// Tells the time; used for the expiry of what a socket was opened with.
    pub now: Now,
    /// Cancelled when the program stops: sockets are then closed with 1001.
    pub shutdown: CancellationToken,
    /// Origins besides our own host whose pages may open sockets, as `https://hall.example`.
    pub origins: Vec<String>,
    /// The nets of the proxies that are believed when they name whom they ask for.
    pub trusted_proxies: Arc<[Net]>,
    /// The largest request body in bytes.
    pub body_bytes: usize,
    /// How long a request body may take to arrive.
    pub body_timeout: Duration,
    /// The bounds of a socket.
    pub socket: SocketLimits,
}

impl TransportConfig {
    /// The usual bounds.
    pub fn new(mint_id: MintId, now: Now, shutdown: CancellationToken) -> Self {
        Self {
            mint_id,
            now,
            shutdown,
            origins: Vec::new(),
            trusted_proxies: Arc::default(),
            body_bytes: 256 * 1024,
            body_timeout: Duration::from_secs(10),
            socket: SocketLimits::default(),
        }
    }
}

/// The bounds of a socket.
#[derive(Clone, Copy, Debug)]
pub struct SocketLimits {
    /// How long a client may take to send `connection_init`.
    pub init: Duration,
    /// Operations that may run on one socket at the same time.
    pub subscriptions: usize,
    /// The largest message in bytes.
    pub message_bytes: usize,
    /// How long a client may take to take a message from us.
    pub send: Duration,
    /// How often a quiet client is pinged; it's given up after three pings without a sound.
    pub ping: Duration,
    /// How often it is asked again who is at the other end, also when nothing is said.
    pub recheck: Duration,
}

impl Default for SocketLimits {
    fn default() -> Self {
        Self {
            init: Duration::from_secs(3),
            subscriptions: 20,
            message_bytes: 64 * 1024,
            send: Duration::from_secs(10),
            ping: Duration::from_secs(20),
            recheck: Duration::from_secs(4),
        }
    }
}

/// `/graphql`: POST, GET and WebSocket in front of one executor.
///
/// The executor's schema must have been built by [`crate::graphql::Served`]: the limits of a document stand there, and
/// without its mark no answer would carry `data`.
pub fn routes<E: Executor>(
    executor: E,
    authenticate: Arc<dyn Authenticate>,
    config: TransportConfig,
) -> Router {
    let (mint_id, trusted_proxies) = (config.mint_id.clone(), config.trusted_proxies.clone());
    let door = Arc::new(graphql::Door {
        executor,
        authenticate,
        config,
    });
    let router = Router::new()
        .route("/graphql", get(graphql::get::<E>).post(graphql::post::<E>))
        .with_state(door);
    framed(router, mint_id, trusted_proxies)
}
