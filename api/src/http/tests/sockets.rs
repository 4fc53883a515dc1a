//! Close codes and messages of `graphql-transport-ws`.

use futures_util::SinkExt;
use serde_json::json;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{self, Message, client::IntoClientRequest},
};

use super::*;

pub(super) struct Client(WebSocketStream<MaybeTlsStream<TcpStream>>);

#[derive(Debug, PartialEq)]
pub(super) enum Heard {
    Message(Json),
    Closed(u16, String),
}

impl Heard {
    fn code(&self) -> u16 {
        match self {
            Self::Closed(code, _) => *code,
            Self::Message(message) => panic!("not closed but told {message}"),
        }
    }

    pub(super) fn message(self) -> Json {
        match self {
            Self::Message(message) => message,
            Self::Closed(code, reason) => panic!("closed: {code} {reason}"),
        }
    }
}

impl Client {
    pub(super) async fn open(
        server: &Server,
        headers: &[(&'static str, &str)],
    ) -> Result<Self, tungstenite::Error> {
        let mut request = format!("ws://{}/graphql", server.address)
            .into_client_request()
            .unwrap();
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        Ok(Self(connect_async(request).await?.0))
    }

    async fn new(server: &Server) -> Self {
        Self::open(
            server,
            &[("sec-websocket-protocol", "graphql-transport-ws")],
        )
        .await
        .unwrap()
    }

    async fn known(server: &Server, token: &str) -> Self {
        let mut client = Self::new(server).await;
        client.tell(json!({"type": "connection_init", "payload": {"authorization": format!("Bearer {token}")}})).await;
        assert_eq!(
            client.hear().await,
            Heard::Message(json!({"type": "connection_ack"}))
        );
        client
    }

    pub(super) async fn tell(&mut self, message: Json) {
        self.0
            .send(Message::text(message.to_string()))
            .await
            .unwrap();
    }

    pub(super) async fn subscribe(&mut self, id: &str, query: &str) {
        self.tell(json!({"type": "subscribe", "id": id, "payload": {"query": query}}))
            .await;
    }

    pub(super) async fn hear(&mut self) -> Heard {
        loop {
            match tokio::time::timeout(Duration::from_secs(5), self.0.next())
                .await
                .expect("the server speaks")
            {
                Some(Ok(Message::Text(text))) => {
                    return Heard::Message(serde_json::from_str(&text).unwrap());
                }
                Some(Ok(Message::Close(Some(frame)))) => {
                    return Heard::Closed(frame.code.into(), frame.reason.to_string());
                }
                Some(Ok(_)) => {}
                other => panic!("the line is cut: {other:?}"),
            }
        }
    }

    async fn closed(&mut self) -> u16 {
        loop {
            if let Heard::Closed(code, _) = self.hear().await {
                return code;
            }
        }
    }
}

#[tokio::test]
async fn subscriptions_and_queries_run_and_complete() {
    let server = Server::start().await;
    let mut client = Client::known(&server, "good").await;
    client.subscribe("1", "subscription { count(to: 2) }").await;
    assert_eq!(
        client.hear().await.message(),
        json!({"type": "next", "id": "1", "payload": {"data": {"count": 1}}})
    );
    assert_eq!(
        client.hear().await.message(),
        json!({"type": "next", "id": "1", "payload": {"data": {"count": 2}}})
    );
    assert_eq!(
        client.hear().await.message(),
        json!({"type": "complete", "id": "1"})
    );
    client.subscribe("1", "{ caller lang }").await;
    assert_eq!(
        client.hear().await.message()["payload"],
        json!({"data": {"caller": "good", "lang": "zh-CN"}})
    );
    assert_eq!(client.hear().await.message()["type"], "complete");
    client.tell(json!({"type": "ping"})).await;
    assert_eq!(client.hear().await.message(), json!({"type": "pong"}));
    client
        .tell(json!({"type": "complete", "id": "never begun"}))
        .await;
    client.subscribe("2", "subscription { ticks }").await;
    assert_eq!(client.hear().await.message()["payload"]["data"]["ticks"], 1);
    client.tell(json!({"type": "complete", "id": "2"})).await;
    client.subscribe("2", "subscription { silence }").await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    client.tell(json!({"type": "ping"})).await;
    while client.hear().await.message()["type"] != "pong" {}
    client.tell(json!({"type": "ping"})).await;
    assert_eq!(
        client.hear().await.message()["type"],
        "pong",
        "the completed subscription is silent"
    );
}

#[tokio::test]
async fn invalid_operations_are_answered_by_error() {
    let server = Server::start().await;
    let mut client = Client::known(&server, "good").await;
    let deep = format!("{{nope(v:{}1)}}", "[".repeat(5_000));
    for (query, code) in [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("mutation { act }", "MUTATION_NEEDS_POST"),
        (
            "subscription { a: silence b: silence }",
            "DOCUMENT_TOO_MANY_SUBSCRIPTIONS",
        ),
        ("subscription { refused }", "INPUT_INVALID"),
        ("subscription { boom }", "INTERNAL"),
        ("{ boom }", "INTERNAL"),
        (&deep, "DOCUMENT_TOO_DEEP"),
    ] {
        client.subscribe("x", query).await;
        let message = client.hear().await.message();
        assert_eq!(
            (&message["type"], &message["id"]),
            (&json!("error"), &json!("x")),
            "{query}: {message}"
        );
        assert_eq!(message["payload"][0]["extensions"]["code"], code, "{query}");
        if code == "INTERNAL" {
            assert!(message["payload"][0]["extensions"]["requestId"].is_string());
        }
    }
    assert_eq!(server.acts.0.load(Ordering::SeqCst), 0);
    client.subscribe("x", "subscription { count(to: 1) }").await;
    assert_eq!(client.hear().await.message()["type"], "next");
    server.still_answers().await;
}

#[tokio::test]
async fn broken_rules_close_the_socket() {
    let server = Server::with(accept::Limits::default(), |config| {
        config.socket.init = Duration::from_millis(300);
    })
    .await;
    let mut client = Client::new(&server).await;
    assert_eq!(client.closed().await, 4408, "no init");

    let mut client = Client::new(&server).await;
    client.subscribe("1", "{ lang }").await;
    assert_eq!(client.closed().await, 4401, "subscribe before init");

    let mut client = Client::known(&server, "good").await;
    client.tell(json!({"type": "connection_init"})).await;
    assert_eq!(client.closed().await, 4429, "second init");

    let mut client = Client::known(&server, "good").await;
    client.subscribe("1", "subscription { silence }").await;
    client.subscribe("1", "subscription { silence }").await;
    assert_eq!(
        client.hear().await,
        Heard::Closed(4409, "Subscriber for 1 already exists".to_owned())
    );

    for garbage in [
        "no json",
        "[]",
        "{}",
        r#"{"type":"start"}"#,
        r#"{"type":"subscribe","id":"1"}"#,
        r#"{"type":"subscribe","payload":{"query":"{a}"}}"#,
        r#"{"type":"subscribe","id":"1","payload":{"query":1}}"#,
        r#"{"type":"complete"}"#,
    ] {
        let mut client = Client::known(&server, "good").await;
        client.0.send(Message::text(garbage)).await.unwrap();
        assert_eq!(client.hear().await.code(), 4400, "{garbage}");
    }
    let mut client = Client::known(&server, "good").await;
    client.0.send(Message::binary(vec![1, 2])).await.unwrap();
    assert_eq!(client.hear().await.code(), 4400);

    for authorization in [json!("Bearer expired"), json!("good"), json!(1)] {
        let mut client = Client::new(&server).await;
        client
            .tell(json!({"type": "connection_init", "payload": {"authorization": authorization}}))
            .await;
        assert_eq!(client.hear().await.code(), 4403, "init rejected");
    }

    let mut client = Client::open(&server, &[]).await.unwrap();
    assert_eq!(client.hear().await.code(), 4406, "no sub-protocol");

    let mut client = Client::known(&server, "good").await;
    client
        .0
        .send(Message::text("x".repeat(100_000)))
        .await
        .unwrap();
    assert_eq!(client.hear().await.code(), 1009, "message too big");
    server.still_answers().await;
}

#[tokio::test]
async fn an_unknown_sub_protocol_is_closed_with_4406() {
    let server = Server::start().await;
    let mut stream = server.connect().await;
    let head = format!(
        "GET /graphql HTTP/1.1\r\nhost: {}\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-protocol: graphql-ws\r\n\r\n",
        server.address
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut bytes))
        .await
        .unwrap()
        .unwrap();
    let frame = &bytes[bytes
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .unwrap()
        + 4..];
    assert!(bytes.starts_with(b"HTTP/1.1 101"));
    assert_eq!(
        (frame[0], u16::from_be_bytes([frame[2], frame[3]])),
        (0x88, 4406)
    );
}

#[tokio::test]
async fn pages_of_foreign_origin_may_not_connect() {
    let server = Server::start().await;
    let protocol = ("sec-websocket-protocol", "graphql-transport-ws");
    for (origin, allowed) in [
        ("https://evil.example", false),
        ("null", false),
        ("https://hall.example", true),
        (&*format!("http://{}", server.address), true),
    ] {
        match Client::open(&server, &[protocol, ("origin", origin)]).await {
            Ok(_) => assert!(allowed, "{origin}"),
            Err(tungstenite::Error::Http(response)) => assert_eq!(
                (response.status().as_u16(), allowed),
                (403, false),
                "{origin}"
            ),
            Err(error) => panic!("{error}"),
        }
    }
}

#[tokio::test]
async fn the_number_of_subscriptions_is_bounded() {
    let server = Server::start().await;
    let mut client = Client::known(&server, "good").await;
    for id in 0..21 {
        client
            .subscribe(&id.to_string(), "subscription { silence }")
            .await;
    }
    let message = client.hear().await.message();
    assert_eq!(
        (&message["id"], &message["payload"][0]["extensions"]["code"]),
        (&json!("20"), &json!("TOO_MANY_SUBSCRIPTIONS"))
    );
    client.tell(json!({"type": "complete", "id": "3"})).await;
    client.subscribe("20", "{ lang }").await;
    assert_eq!(client.hear().await.message()["type"], "next");
}

#[tokio::test]
async fn a_socket_ends_with_the_authority_it_was_opened_with() {
    let often = |config: &mut TransportConfig| config.socket.recheck = Duration::from_millis(100);
    let server = Server::with(accept::Limits::default(), often).await;
    let mut brief = Client::known(&server, "brief").await;
    let mut quiet = Client::known(&server, "brief").await;
    let mut withdrawn = Client::known(&server, "withdrawn").await;
    let mut silent = Client::known(&server, "withdrawn").await;
    let begun = Instant::now();
    brief.subscribe("1", "subscription { ticks }").await;
    assert_eq!(brief.closed().await, 4403, "expired while events came");
    assert_eq!(quiet.closed().await, 4403, "expired in silence");
    assert!(begun.elapsed() < Duration::from_secs(2));
    withdrawn.subscribe("1", "subscription { ticks }").await;
    assert_eq!(withdrawn.hear().await.message()["type"], "next");
    server.revoke.cancel();
    assert_eq!(withdrawn.closed().await, 4403, "revoked");
    assert_eq!(silent.closed().await, 4403, "revoked in silence");
}

#[tokio::test]
async fn an_operation_is_not_begun_for_who_is_not_known_any_more() {
    let seldom = |config: &mut TransportConfig| config.socket.recheck = Duration::from_hours(1);
    let server = Server::with(accept::Limits::default(), seldom).await;
    let mut client = Client::known(&server, "withdrawn").await;
    client.subscribe("1", "{ lang }").await;
    assert_eq!(client.hear().await.message()["type"], "next");
    assert_eq!(client.hear().await.message()["type"], "complete");
    server.revoke.cancel();
    client.subscribe("2", "{ lang }").await;
    assert_eq!(client.closed().await, 4403);
}

#[tokio::test]
async fn the_stop_closes_sockets_in_good_order() {
    let server = Server::start().await;
    let mut client = Client::known(&server, "good").await;
    client.subscribe("1", "subscription { ticks }").await;
    assert_eq!(client.hear().await.message()["type"], "next");
    server.shutdown.cancel();
    assert_eq!(client.closed().await, 1001);
    drop(client);
    tokio::time::timeout(Duration::from_secs(3), server.served)
        .await
        .expect("the stop waits for sockets only until they are closed")
        .unwrap()
        .unwrap();
}
