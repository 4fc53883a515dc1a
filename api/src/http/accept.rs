//! The accept loop: bounds silent, dripping and numerous connections, and ends in good order.
//!
//! `axum::serve` has none of these bounds: hundreds of silent connections held it for as long as they liked.

use std::{
    collections::HashMap,
    convert::Infallible,
    io,
    net::{IpAddr, SocketAddr},
    pin::pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{Router, body::Body, extract::ConnectInfo};
use http::{HeaderValue, StatusCode, header};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::{
    sync::CancellationToken,
    task::{TaskTracker, task_tracker::TaskTrackerToken},
};
use tower::ServiceExt;

use super::{head, patience::Patient};
use crate::config::Net;

/// The bounds of connections.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Open connections in all, sockets included.
    pub connections: usize,
    /// Open connections from one address. A whole hall may stand behind one.
    pub connections_per_peer: usize,
    /// The nets of proxies, through which everybody may come: their connections count in all only.
    pub trusted_proxies: Arc<[Net]>,
    /// How long a new connection may say nothing.
    pub first_byte: Duration,
    /// How long the head of a request may take, and how long a kept connection may idle between requests.
    pub header: Duration,
    /// The largest head of a request in bytes.
    pub header_bytes: usize,
    /// How long a client may take nothing of its answer.
    pub write: Duration,
    /// How long connections are still accepted after the stop was asked for, until a balancer has noticed.
    pub farewell: Duration,
    /// How long running requests may take after that.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 2_048,
            connections_per_peer: 512,
            trusted_proxies: Arc::default(),
            first_byte: Duration::from_secs(5),
            header: Duration::from_secs(15),
            header_bytes: head::BYTES,
            write: Duration::from_secs(30),
            farewell: Duration::ZERO,
            drain: Duration::from_secs(10),
        }
    }
}

/// Held as long as a connection counts. It lies in the extensions of every request, so that a socket can keep it after
/// the HTTP connection has become one.
#[derive(Clone)]
pub struct ConnectionPermit {
    _held: Arc<Held>,
}

/// Serves until `shutdown` is cancelled. From then on every answer asks its client to go elsewhere (`Connection: close`);
/// after the farewell no connection is accepted any more, running requests are finished, and what is still open after
/// the drain is cut.
///
/// # Errors
/// Only if the address of the listener cannot be read; a failing `accept` is waited out.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    shutdown: CancellationToken,
) -> io::Result<()> {
    let address = listener.local_addr()?;
    tracing::info!(%address, "accepting connections");
    serve_from(listener, router, limits, shutdown).await;
    Ok(())
}

/// Where connections come from; a test lets it fail.
pub(super) trait Source: Send {
    fn accept(&mut self) -> impl Future<Output = io::Result<(TcpStream, SocketAddr)>> + Send;
}

impl Source for TcpListener {
    async fn accept(&mut self) -> io::Result<(TcpStream, SocketAddr)> {
        TcpListener::accept(self).await
    }
}

pub(super) async fn serve_from(
    mut source: impl Source,
    router: Router,
    limits: Limits,
    shutdown: CancellationToken,
) {
    let crowd = Arc::new(Crowd::default());
    let tracker = TaskTracker::new();
    let (closed, cut) = (CancellationToken::new(), CancellationToken::new());
    let mut farewell = pin!(async {
        shutdown.cancelled().await;
        tokio::time::sleep(limits.farewell).await;
    });
    loop {
        let accepted = tokio::select! {
            () = &mut farewell => break,
            accepted = source.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            // One connection died before it was taken; the next one is not concerned.
            Err(error) if concerns_one_connection(&error) => continue,
            Err(error) => {
                // Out of file descriptors or memory: others close their connections meanwhile.
                tracing::warn!(%error, "cannot accept connections");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let Some(permit) = crowd.admit(peer.ip(), &limits, tracker.token()) else {
            turn_away(&stream);
            continue;
        };
        let connection = converse(
            stream,
            peer,
            router.clone(),
            limits.clone(),
            permit,
            (shutdown.clone(), closed.clone()),
        );
        let cut = cut.clone();
        tracker.spawn(async move {
            tokio::select! {
                () = cut.cancelled() => {}
                () = connection => {}
            }
        });
    }
    drop(source);
    closed.cancel();
    tracker.close();
    if tokio::time::timeout(limits.drain, tracker.wait())
        .await
        .is_err()
    {
        tracing::warn!(
            open = crowd.total.load(Ordering::Relaxed),
            "cutting connections that did not end in time"
        );
        cut.cancel();
    }
}

async fn converse(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    limits: Limits,
    permit: ConnectionPermit,
    (shutdown, closed): (CancellationToken, CancellationToken),
) {
    let mut first = [0];
    let spoken = tokio::select! {
        () = closed.cancelled() => return,
        spoken = tokio::time::timeout(limits.first_byte, stream.peek(&mut first)) => spoken,
    };
    if !matches!(spoken, Ok(Ok(1..))) {
        return;
    }
    // Answers are small and complete; waiting for more to send only adds delay.
    drop(stream.set_nodelay(true));
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        request.extensions_mut().insert(permit.clone());
        let (router, shutdown) = (router.clone(), shutdown.clone());
        async move {
            let mut answer = router
                .oneshot(request.map(Body::new))
                .await
                .unwrap_or_else(|never| match never {});
            // What has become a socket is no longer ours to close.
            if shutdown.is_cancelled() && answer.status() != StatusCode::SWITCHING_PROTOCOLS {
                let close = HeaderValue::from_static("close");
                answer.headers_mut().insert(header::CONNECTION, close);
            }
            Ok::<_, Infallible>(answer)
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header)
        .max_buf_size(limits.header_bytes)
        .serve_connection(TokioIo::new(Patient::new(stream, limits.write)), service)
        .with_upgrades();
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = closed.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}

fn concerns_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::Interrupted
    )
}

/// Tells a client that we are full, if it can be told without waiting.
fn turn_away(stream: &TcpStream) {
    const FULL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
    if let Err(error) = stream.try_write(FULL) {
        tracing::debug!(%error, "a refused client could not be told");
    }
}

/// Who is connected.
#[derive(Default)]
struct Crowd {
    total: AtomicUsize,
    peers: Mutex<HashMap<IpAddr, usize>>,
}

impl Crowd {
    fn admit(
        self: &Arc<Self>,
        peer: IpAddr,
        limits: &Limits,
        tracked: TaskTrackerToken,
    ) -> Option<ConnectionPermit> {
        // The same client over IPv4 and mapped IPv6 is one.
        let peer = peer.to_canonical();
        let mut peers = self.peers.lock().unwrap_or_else(PoisonError::into_inner);
        let of_peer = peers.get(&peer).copied().unwrap_or_default();
        let is_proxy = limits.trusted_proxies.iter().any(|net| net.holds(peer));
        if self.total.load(Ordering::Relaxed) >= limits.connections
            || (of_peer >= limits.connections_per_peer && !is_proxy)
        {
            return None;
        }
        peers.insert(peer, of_peer + 1);
        self.total.fetch_add(1, Ordering::Relaxed);
        Some(ConnectionPermit {
            _held: Arc::new(Held {
                crowd: self.clone(),
                peer,
                _tracked: tracked,
            }),
        })
    }
}

struct Held {
    crowd: Arc<Crowd>,
    peer: IpAddr,
    _tracked: TaskTrackerToken,
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut peers = self
            .crowd
            .peers
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = peers.get_mut(&self.peer) {
            *count -= 1;
            if *count == 0 {
                peers.remove(&self.peer);
            }
        }
        self.crowd.total.fetch_sub(1, Ordering::Relaxed);
    }
}
