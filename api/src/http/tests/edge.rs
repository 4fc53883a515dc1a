//! Where calls come from behind proxies, and what the head of a request must be.

use serde_json::json;

use super::sockets::Client;
use super::*;

/// A server that believes proxies of these nets.
async fn behind(nets: &[&str]) -> Server {
    let nets: Vec<_> = nets.iter().map(|net| net.parse().unwrap()).collect();
    Server::with(accept::Limits::default(), |config| {
        config.trusted_proxies = nets.into();
    })
    .await
}

async fn counted(server: &Server, headers: &[&str]) -> Json {
    let reply = server.post(json!({"query": "{ peer }"}), headers).await;
    reply.json()["data"]["peer"].clone()
}

#[tokio::test]
async fn only_a_trusted_proxy_says_where_a_call_comes_from() {
    let forged = "x-forwarded-for: 198.51.100.7";
    let server = Server::start().await;
    assert_eq!(counted(&server, &[forged]).await, "127.0.0.1");
    let elsewhere = behind(&["10.0.0.0/8"]).await;
    assert_eq!(counted(&elsewhere, &[forged]).await, "127.0.0.1");

    let server = behind(&["127.0.0.1", "10.0.0.0/8"]).await;
    assert_eq!(counted(&server, &[]).await, "127.0.0.1");
    let two = [
        "x-forwarded-for: 192.0.2.1, 198.51.100.7",
        "x-forwarded-for: 10.0.0.2",
    ];
    assert_eq!(counted(&server, &two).await, "198.51.100.7");
    let garbage = "x-forwarded-for: 198.51.100.7, <script>";
    assert_eq!(counted(&server, &[garbage]).await, "127.0.0.1");
}

#[tokio::test]
async fn a_socket_comes_from_where_its_proxy_says() {
    let server = behind(&["127.0.0.1"]).await;
    let headers = [
        ("sec-websocket-protocol", "graphql-transport-ws"),
        ("x-forwarded-for", "192.0.2.1, 198.51.100.7"),
    ];
    let mut client = Client::open(&server, &headers).await.unwrap();
    client.tell(json!({"type": "connection_init"})).await;
    assert_eq!(client.hear().await.message()["type"], "connection_ack");
    client.subscribe("1", "{ peer }").await;
    assert_eq!(
        client.hear().await.message()["payload"]["data"]["peer"],
        "198.51.100.7"
    );
}

#[tokio::test]
async fn connections_of_a_trusted_proxy_count_in_all_only() {
    for (trusted, status) in [("10.0.0.1", 503), ("127.0.0.0/8", 200)] {
        let limits = accept::Limits {
            connections_per_peer: 2,
            trusted_proxies: [trusted.parse().unwrap()].into(),
            ..accept::Limits::default()
        };
        let server = Server::with(limits, |_| {}).await;
        let held = [server.connect().await, server.connect().await];
        tokio::time::sleep(Duration::from_millis(100)).await;
        let request = b"GET /graphql?query=%7Blang%7D HTTP/1.1\r\nhost: x\r\n\r\n";
        assert_eq!(server.raw(request).await.status, status, "{trusted}");
        drop(held);
    }
}

#[tokio::test]
async fn what_may_stand_in_a_head_once_stands_there_once() {
    let server = Server::start().await;
    let ask = |line: &str, fields: &str| {
        let head =
            format!("GET /graphql?query=%7Blang%7D {line}\r\n{fields}connection: close\r\n\r\n");
        let server = &server;
        async move { server.raw(head.as_bytes()).await }
    };
    for (line, fields) in [
        ("HTTP/1.1", ""),
        ("HTTP/1.1", "host: a\r\nhost: b\r\n"),
        ("HTTP/1.1", "host: a\r\nhost: a\r\n"),
        ("HTTP/1.0", "host: a\r\nhost: a\r\n"),
        ("HTTP/1.1", "host: a b\r\n"),
        ("HTTP/1.1", "host: me@a\r\n"),
        ("HTTP/1.1", "host: \r\n"),
        (
            "HTTP/1.1",
            "host: a\r\nauthorization: Bearer good\r\nauthorization: Bearer good\r\n",
        ),
    ] {
        let reply = ask(line, fields).await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (400, "REQUEST_MALFORMED"),
            "{line} {fields}"
        );
        assert!(reply.header("x-request-id").is_some());
    }
    for (line, fields) in [
        ("HTTP/1.0", ""),
        ("HTTP/1.1", "host: [::1]:4000\r\n"),
        (
            "HTTP/1.1",
            "host: hall_1.example.gov.cn\r\nauthorization: Bearer good\r\n",
        ),
    ] {
        let reply = ask(line, fields).await;
        assert_eq!(reply.status, 200, "{line} {fields} {}", reply.body);
    }
}

#[tokio::test]
async fn a_head_has_thirty_two_kibibytes() {
    let server = Server::start().await;
    let of_length = |length: usize| {
        let start =
            "GET /graphql?query=%7Blang%7D HTTP/1.1\r\nhost: x\r\nconnection: close\r\nx-pad: ";
        let pad = "a".repeat(length - start.len() - 4);
        format!("{start}{pad}\r\n\r\n")
    };
    let most = server.raw(of_length(32 * 1024).as_bytes()).await;
    assert_eq!(most.status, 200, "{}", most.body);
    for length in [32 * 1024 + 1, 40 * 1024, 60 * 1024] {
        let reply = server.raw(of_length(length).as_bytes()).await;
        assert_eq!(reply.status, 431, "{length}");
        assert_eq!(reply.header("connection").as_deref(), Some("close"));
        // What is longer than the buffer is refused by the parser, which says no more.
        if !reply.body.is_empty() {
            assert_eq!(reply.code(), "REQUEST_HEAD_TOO_LARGE");
        }
    }
    server.still_answers().await;
}
