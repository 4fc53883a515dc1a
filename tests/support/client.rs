//! One person's program at the other end of the wire: HTTP and WebSocket on the loopback, nothing else.

use std::collections::HashMap;
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::{SinkExt as _, StreamExt as _};
use http::header::{ACCEPT, ACCEPT_LANGUAGE, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Method, Request};
use http_body_util::{BodyExt as _, Full};
use lianshen::env::Clock as _;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::answer::Answer;
use super::app::TestApp;
use super::documents;
use super::error_table::expect_told;
use super::seed::PASSWORD;

/// Access tokens by account, with the time of the sign-in.
pub type Tokens = HashMap<String, (DateTime<Utc>, String)>;

/// Shorter than an access token lives, so that no test is cut off by having moved the clock a little.
const FRESH: TimeDelta = TimeDelta::minutes(9);

/// Speaks for one account, or for nobody.
#[derive(Clone)]
pub struct Client {
    app: TestApp,
    who: Who,
    language: &'static str,
    forwarded_for: Option<&'static str>,
}

#[derive(Clone)]
enum Who {
    Nobody,
    Account(String),
    Bearer(String),
}

impl Client {
    /// Somebody who is not signed in.
    pub fn nobody(app: &TestApp) -> Self {
        Self {
            app: app.clone(),
            who: Who::Nobody,
            language: "zh-CN",
            forwarded_for: None,
        }
    }

    /// The owner of an account; signs in when it first says something.
    pub fn account(app: &TestApp, name: &str) -> Self {
        Self {
            who: Who::Account(name.to_owned()),
            ..Self::nobody(app)
        }
    }

    /// Whoever shows this token, or something that is none.
    pub fn bearer(app: &TestApp, token: &str) -> Self {
        Self {
            who: Who::Bearer(token.to_owned()),
            ..Self::nobody(app)
        }
    }

    /// The same person, reading English.
    pub fn in_english(self) -> Self {
        Self {
            language: "en",
            ..self
        }
    }

    /// The same person, with a header that names addresses (`X-Forwarded-For`), as a proxy writes it.
    pub fn forwarded_for(self, addresses: &'static str) -> Self {
        Self {
            forwarded_for: Some(addresses),
            ..self
        }
    }

    /// Runs an operation.
    pub async fn query(&self, document: &str, variables: Value) -> Answer {
        self.post(&json!({ "query": document, "variables": variables }))
            .await
    }

    /// Runs a mutation of one field and one argument `input`; the documents name it so.
    pub async fn act(&self, document: &str, input: Value) -> Answer {
        self.query(document, json!({ "input": input })).await
    }

    /// Posts a request that may be none.
    pub async fn post(&self, body: &Value) -> Answer {
        self.send(Method::POST, "/graphql", body.to_string().into_bytes())
            .await
    }

    /// Runs a mutation as [`Client::act`]; `None` when the program dies over it.
    pub async fn attempt(&self, document: &str, input: Value) -> Option<Answer> {
        let body = json!({ "query": document, "variables": { "input": input } });
        let body = body.to_string().into_bytes();
        self.try_send(Method::POST, "/graphql", body).await.ok()
    }

    /// Sends anything anywhere.
    pub async fn send(&self, method: Method, path: &str, body: Vec<u8>) -> Answer {
        let answer = self.try_send(method, path, body).await;
        answer.expect("the program does not answer")
    }

    async fn try_send(
        &self,
        method: Method,
        path: &str,
        body: Vec<u8>,
    ) -> Result<Answer, Box<dyn std::error::Error>> {
        let mut request = Request::new(Full::new(Bytes::from(body)));
        *request.method_mut() = method;
        *request.uri_mut() = format!("http://{}{path}", self.app.address())
            .parse()
            .unwrap();
        let headers = request.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(
            ACCEPT,
            HeaderValue::from_static("application/graphql-response+json"),
        );
        headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static(self.language));
        if let Some(addresses) = self.forwarded_for {
            headers.insert("x-forwarded-for", HeaderValue::from_static(addresses));
        }
        if let Some(token) = self.token().await {
            headers.insert(
                AUTHORIZATION,
                HeaderValue::from_str(&format!("Bearer {token}")).unwrap(),
            );
        }
        let response = self.app.http().request(request).await?;
        let (head, body) = response.into_parts();
        let body = body.collect().await?.to_bytes();
        let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
        expect_told(&body);
        Ok(Answer {
            status: head.status,
            headers: head.headers,
            body,
        })
    }

    /// Opens a socket of its own and subscribes on it.
    pub async fn subscribe(&self, document: &str, variables: Value) -> Subscription {
        let mut socket = self.open_socket().await;
        let payload = json!({ "query": document, "variables": variables });
        socket
            .send(json!({ "id": "1", "type": "subscribe", "payload": payload }))
            .await;
        Subscription { socket }
    }

    /// Opens a socket and introduces itself.
    pub async fn open_socket(&self) -> Socket {
        let mut request = format!("ws://{}/graphql", self.app.address())
            .into_client_request()
            .unwrap();
        let headers = request.headers_mut();
        headers.insert(
            "sec-websocket-protocol",
            HeaderValue::from_static("graphql-transport-ws"),
        );
        headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static(self.language));
        let (stream, _) = connect_async(request)
            .await
            .expect("the program opens no socket");
        let mut socket = Socket { stream };
        let payload = match self.token().await {
            Some(token) => json!({ "authorization": format!("Bearer {token}") }),
            None => Value::Null,
        };
        socket
            .send(json!({ "type": "connection_init", "payload": payload }))
            .await;
        let hello = socket.next_within(Duration::from_secs(5)).await;
        assert_eq!(
            hello.as_ref().map(|hello| &hello["type"]),
            Some(&json!("connection_ack")),
            "{hello:?}"
        );
        socket
    }

    /// The access token, fresh.
    pub async fn token(&self) -> Option<String> {
        let name = match &self.who {
            Who::Nobody => return None,
            Who::Bearer(token) => return Some(token.clone()),
            Who::Account(name) => name,
        };
        let mut tokens = self.app.tokens().lock().await;
        let now = self.app.clock.now();
        if let Some((since, token)) = tokens.get(name)
            && now - *since < FRESH
        {
            return Some(token.clone());
        }
        let input = json!({ "accountName": name, "password": PASSWORD });
        let signed_in = Box::pin(Self::nobody(&self.app).act(documents::SIGN_IN, input))
            .await
            .done();
        let token = signed_in.text("sessionSignIn.session.accessToken");
        tokens.insert(name.clone(), (now, token.clone()));
        Some(token)
    }
}

/// A connection that speaks `graphql-transport-ws`.
pub struct Socket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Socket {
    /// Sends a message.
    pub async fn send(&mut self, message: Value) {
        self.stream
            .send(Message::text(message.to_string()))
            .await
            .expect("the socket takes no message");
    }

    /// The next message but pings; `None` if none comes in time, a number instead when the socket was closed.
    pub async fn next_within(&mut self, patience: Duration) -> Option<Value> {
        let next = async {
            loop {
                match self.stream.next().await {
                    Some(Ok(Message::Text(text))) => {
                        let message: Value =
                            serde_json::from_str(&text).expect("a message is JSON");
                        if message["type"] == "ping" {
                            self.send(json!({ "type": "pong" })).await;
                        } else if message["type"] != "pong" {
                            return message;
                        }
                    }
                    Some(Ok(Message::Close(frame))) => {
                        return frame.map_or(Value::Null, |frame| u16::from(frame.code).into());
                    }
                    Some(Ok(_)) => {}
                    Some(Err(error)) => panic!("the socket broke: {error}"),
                    None => return Value::Null,
                }
            }
        };
        tokio::time::timeout(patience, next).await.ok()
    }
}

/// A running subscription.
pub struct Subscription {
    socket: Socket,
}

impl Subscription {
    /// The next event's `data`; `None` if nothing comes in time.
    pub async fn next_within(&mut self, patience: Duration) -> Option<Value> {
        let message = self.socket.next_within(patience).await?;
        assert_eq!(message["type"], "next", "no event: {message}");
        assert!(
            message["payload"].get("errors").is_none(),
            "an event with errors: {message}"
        );
        Some(message["payload"]["data"].clone())
    }

    /// How the subscription ended: the message that ended it, or the code that closed the socket.
    pub async fn end_within(&mut self, patience: Duration) -> Option<Value> {
        let message = self.socket.next_within(patience).await?;
        assert_ne!(
            message["type"], "next",
            "an event instead of the end: {message}"
        );
        Some(message)
    }
}
