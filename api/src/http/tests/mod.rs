//! The transports over real connections on loopback, with a small schema of their own.

mod clients;
mod connections;
mod edge;
mod hostile;
mod protocol;
mod sockets;

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use async_graphql::{
    Context, Data, Error, Object, Schema, Subscription,
    futures_util::{Stream, StreamExt, stream},
};
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::BoxFuture;
use secrecy::ExposeSecret;
use serde_json::Value as Json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{
    AuthRefusal, Authenticate, Call, CallHeaders, Identity, TransportConfig, accept, outcome,
    routes,
};
use crate::graphql::fault::FaultCode;
use crate::graphql::{DocumentLimits, Served};
use lianshen_domain::code::Code as _;
use lianshen_domain::lang::Lang;

/// Who the small schema believes to be asked by.
struct Caller(String);

pub(super) struct Query;

#[Object]
impl Query {
    async fn echo(&self, text: String) -> String {
        text
    }
    async fn number(&self, value: i32) -> i32 {
        value
    }
    async fn lang(&self, ctx: &Context<'_>) -> &'static str {
        ctx.data_unchecked::<Lang>().tag()
    }
    async fn request_id(&self, ctx: &Context<'_>) -> String {
        ctx.data_unchecked::<Call>().request_id.to_string()
    }
    /// The address that the call is counted by.
    async fn peer(&self, ctx: &Context<'_>) -> Option<String> {
        let peer = ctx.data_unchecked::<Call>().peer;
        peer.map(|peer| peer.to_string())
    }
    async fn caller(&self, ctx: &Context<'_>) -> String {
        ctx.data_unchecked::<Caller>().0.clone()
    }
    async fn fault(&self) -> Option<Result<i32, Error>> {
        let error = outcome::coded(FaultCode::Internal, "something broke");
        Some(Err(Error {
            message: error.message,
            source: None,
            extensions: error.extensions,
        }))
    }
    /// Can do nothing just now, and leaves no hole where it stands.
    async fn busy(&self, code: String) -> Result<i32, Error> {
        let error = outcome::coded(FaultCode::from_code(&code).unwrap(), "later");
        std::future::ready(Err(Error {
            message: error.message,
            source: None,
            extensions: error.extensions,
        }))
        .await
    }
    async fn boom(&self) -> i32 {
        assert!(!std::hint::black_box(true), "a resolver panics in a test");
        1
    }
    async fn slow(&self, millis: u64) -> bool {
        tokio::time::sleep(Duration::from_millis(millis)).await;
        true
    }
    async fn unlaid(&self, ctx: &Context<'_>) -> Option<Result<bool, Error>> {
        Some(ctx.data::<std::net::TcpListener>().map(|_| true))
    }
    async fn large(&self) -> String {
        "长".repeat(10_000_000)
    }
    async fn again(&self) -> Query {
        Query
    }
}

#[derive(Clone, Default)]
pub(super) struct Acts(Arc<AtomicU64>);

pub(super) struct Mutation(Acts);

#[Object]
impl Mutation {
    async fn act(&self) -> u64 {
        self.0.0.fetch_add(1, Ordering::SeqCst) + 1
    }
}

pub(super) struct Events;

#[Subscription]
impl Events {
    async fn count(&self, to: i32) -> impl Stream<Item = i32> {
        stream::iter(1..=to)
    }
    async fn ticks(&self) -> impl Stream<Item = i32> {
        stream::iter(1..).then(|n| async move {
            tokio::time::sleep(Duration::from_millis(20)).await;
            n
        })
    }
    async fn silence(&self) -> impl Stream<Item = i32> {
        stream::pending()
    }
    async fn refused(&self) -> Result<stream::Empty<i32>, Error> {
        let error = outcome::coded(FaultCode::InputInvalid, "not yours");
        std::future::ready(Err(Error {
            message: error.message,
            source: None,
            extensions: error.extensions,
        }))
        .await
    }
    async fn boom(&self) -> impl Stream<Item = i32> {
        stream::iter(0..1).map(|_| panic!("a stream panics in a test"))
    }
}

/// Knows the tokens `good`, `brief` (for 400 ms) and `withdrawn` (until [`Server::revoke`] is cancelled); of `unknown` it
/// cannot say just now whose it is.
struct Register {
    now: super::Now,
    revoke: CancellationToken,
}

impl Authenticate for Register {
    fn authenticate<'a>(
        &'a self,
        call: &'a CallHeaders,
    ) -> BoxFuture<'a, Result<Identity, AuthRefusal>> {
        Box::pin(async move {
            let token = call
                .bearer
                .as_ref()
                .map_or("stranger", |token| token.expose_secret());
            let expires_at = match token {
                "good" | "stranger" => None,
                "brief" => Some((self.now)() + TimeDelta::milliseconds(400)),
                "withdrawn" if !self.revoke.is_cancelled() => None,
                "asked too soon" => {
                    return Err(AuthRefusal {
                        code: FaultCode::Busy,
                        reason: None,
                        message: call.lang.pick("系统忙", "busy").to_owned(),
                    });
                }
                _ => {
                    return Err(AuthRefusal {
                        code: FaultCode::Unauthenticated,
                        reason: Some("SESSION_ENDED"),
                        message: call.lang.pick("令牌无效", "invalid token").to_owned(),
                    });
                }
            };
            let mut data = Data::default();
            data.insert(Caller(token.to_owned()));
            Ok(Identity { data, expires_at })
        })
    }
}

/// The small schema, served on loopback.
struct Server {
    address: SocketAddr,
    shutdown: CancellationToken,
    revoke: CancellationToken,
    acts: Acts,
    served: JoinHandle<std::io::Result<()>>,
}

struct Reply {
    status: u16,
    head: String,
    body: String,
}

impl Reply {
    fn json(&self) -> Json {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.body))
    }

    fn code(&self) -> String {
        self.json()["errors"][0]["extensions"]["code"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    fn header(&self, name: &str) -> Option<String> {
        self.head.lines().find_map(|line| {
            line.split_once(": ")
                .filter(|(key, _)| key.eq_ignore_ascii_case(name))
                .map(|(_, value)| value.to_owned())
        })
    }
}

impl Server {
    async fn start() -> Self {
        Self::with(accept::Limits::default(), |_| {}).await
    }

    async fn with(limits: accept::Limits, adjust: impl FnOnce(&mut TransportConfig)) -> Self {
        let begun = Instant::now();
        let epoch = DateTime::<Utc>::from_timestamp(1_800_000_000, 0).unwrap();
        let now: super::Now =
            Arc::new(move || epoch + TimeDelta::from_std(begun.elapsed()).unwrap());
        let ids = AtomicU64::new(1);
        let mint_id: super::MintId =
            Arc::new(move || Uuid::from_u128(ids.fetch_add(1, Ordering::SeqCst).into()));
        let (shutdown, revoke, acts) = (
            CancellationToken::new(),
            CancellationToken::new(),
            Acts::default(),
        );
        let mut config = TransportConfig::new(mint_id, now.clone(), shutdown.clone());
        config.origins = vec!["https://hall.example".to_owned()];
        adjust(&mut config);
        let schema = Served::new(DocumentLimits::default(), || {
            Schema::build(Query, Mutation(acts.clone()), Events)
        });
        let router = routes(
            schema,
            Arc::new(Register {
                now,
                revoke: revoke.clone(),
            }),
            config,
        );
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let served = tokio::spawn(accept::serve(listener, router, limits, shutdown.clone()));
        Self {
            address,
            shutdown,
            revoke,
            acts,
            served,
        }
    }

    fn url(&self) -> String {
        format!("http://{}/graphql", self.address)
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Sends a request as it stands and reads the reply to the end of the connection.
    async fn raw(&self, request: &[u8]) -> Reply {
        let mut stream = self.connect().await;
        stream.write_all(request).await.unwrap();
        read_reply(&mut stream).await
    }

    async fn request(&self, line: &str, headers: &[&str], body: &str) -> Reply {
        let mut head = format!(
            "{line} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncontent-length: {}\r\n",
            self.address,
            body.len()
        );
        for header in headers {
            head = head + header + "\r\n";
        }
        self.raw(format!("{head}\r\n{body}").as_bytes()).await
    }

    async fn post(&self, envelope: Json, headers: &[&str]) -> Reply {
        let headers = [&["content-type: application/json"], headers].concat();
        self.request("POST /graphql", &headers, &envelope.to_string())
            .await
    }

    async fn ask(&self, query: &str) -> Reply {
        self.post(
            serde_json::json!({"query": query}),
            &["accept: application/graphql-response+json"],
        )
        .await
    }

    /// An ordinary question still gets its ordinary answer.
    async fn still_answers(&self) {
        let reply = tokio::time::timeout(Duration::from_secs(5), self.ask("{ number(value: 7) }"))
            .await
            .expect("the server answers in time");
        assert_eq!(
            (reply.status, reply.json()),
            (200, serde_json::json!({"data": {"number": 7}}))
        );
    }
}

async fn read_reply(stream: &mut TcpStream) -> Reply {
    let mut bytes = Vec::new();
    let mut part = vec![0; 16 * 1024];
    loop {
        match stream.read(&mut part).await {
            Ok(0) | Err(_) => break,
            Ok(count) => bytes.extend_from_slice(&part[..count]),
        }
        // A reply to a request whose body we're still sending ends by its length.
        let text = String::from_utf8_lossy(&bytes);
        if let Some((head, body)) = text.split_once("\r\n\r\n")
            && head
                .to_ascii_lowercase()
                .lines()
                .any(|line| line == format!("content-length: {}", body.len()))
        {
            break;
        }
    }
    let text = String::from_utf8(bytes).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok())
        .unwrap_or_default();
    Reply {
        status,
        head: head.to_owned(),
        body: body.to_owned(),
    }
}
