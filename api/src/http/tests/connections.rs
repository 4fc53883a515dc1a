//! Connections that are silent, slow or many, and the stop.

use super::*;

fn short() -> accept::Limits {
    accept::Limits {
        first_byte: Duration::from_millis(300),
        header: Duration::from_millis(600),
        drain: Duration::from_secs(2),
        ..accept::Limits::default()
    }
}

/// How long the server keeps a connection on which nothing more is said.
async fn closed_within(mut stream: TcpStream, patience: Duration) -> Duration {
    let begun = Instant::now();
    let mut rest = Vec::new();
    tokio::time::timeout(patience, stream.read_to_end(&mut rest))
        .await
        .expect("the server closes the connection")
        .ok();
    begun.elapsed()
}

#[tokio::test]
async fn silent_and_dripping_connections_are_closed() {
    let server = Server::with(short(), |config| {
        config.body_timeout = Duration::from_millis(500);
    })
    .await;
    let silent = server.connect().await;
    let (mut dripping, mut idle, mut body) = (
        server.connect().await,
        server.connect().await,
        server.connect().await,
    );
    idle.write_all(b"GET /graphql?query=%7Blang%7D HTTP/1.1\r\nhost: x\r\n\r\n")
        .await
        .unwrap();
    body.write_all(b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{").await.unwrap();
    let drip = tokio::spawn(async move {
        let begun = Instant::now();
        for byte in b"GET /graphql HTTP/1.1\r\nhost: x\r\nx-drip: "
            .iter()
            .chain(std::iter::repeat(&b'a'))
        {
            let heard = tokio::time::timeout(Duration::from_millis(50), dripping.readable())
                .await
                .is_ok();
            if (heard && matches!(dripping.try_read(&mut [0; 64]), Ok(0) | Err(_)))
                || dripping.write_all(&[*byte]).await.is_err()
            {
                break;
            }
            assert!(
                begun.elapsed() < Duration::from_secs(5),
                "the dripping connection is held"
            );
        }
    });
    let patience = Duration::from_secs(3);
    assert!(closed_within(silent, patience).await >= Duration::from_millis(200));
    assert!(closed_within(idle, patience).await < Duration::from_secs(2));
    let reply = read_reply(&mut body).await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (408, "REQUEST_TIMEOUT")
    );
    drip.await.unwrap();
    server.still_answers().await;
}

#[tokio::test]
async fn connections_are_counted_in_all_and_per_peer() {
    for limits in [
        accept::Limits {
            connections_per_peer: 3,
            ..short()
        },
        accept::Limits {
            connections: 3,
            ..short()
        },
    ] {
        let limits = accept::Limits {
            first_byte: Duration::from_secs(5),
            ..limits
        };
        let server = Server::with(limits, |_| {}).await;
        let held = [
            server.connect().await,
            server.connect().await,
            server.connect().await,
        ];
        tokio::time::sleep(Duration::from_millis(100)).await;
        let reply = read_reply(&mut server.connect().await).await;
        assert_eq!(
            (reply.status, reply.header("retry-after").as_deref()),
            (503, Some("1"))
        );
        drop(held);
        tokio::time::sleep(Duration::from_millis(100)).await;
        server.still_answers().await;
    }
}

#[tokio::test]
async fn the_stop_finishes_what_runs_and_takes_nothing_new() {
    let server = Server::with(short(), |_| {}).await;
    let idle = server.connect().await;
    let mut running = server.connect().await;
    let body = r#"{"query":"{ slow(millis: 500) }"}"#;
    running.write_all(format!("POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}", body.len()).as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    server.shutdown.cancel();
    let reply = read_reply(&mut running).await;
    assert_eq!(reply.json(), serde_json::json!({"data": {"slow": true}}));
    assert_eq!(reply.header("connection").as_deref(), Some("close"));
    server.served.await.unwrap().unwrap();
    assert!(TcpStream::connect(server.address).await.is_err());
    drop(idle);
}

#[tokio::test]
async fn who_leaves_sends_its_clients_elsewhere_before_it_closes() {
    const ASK: &[u8] = b"GET /graphql?query=%7Blang%7D HTTP/1.1\r\nhost: x\r\n\r\n";
    let limits = accept::Limits {
        first_byte: Duration::from_secs(5),
        header: Duration::from_secs(5),
        farewell: Duration::from_secs(4),
        ..short()
    };
    let server = Server::with(limits, |_| {}).await;
    let mut kept = server.connect().await;
    kept.write_all(ASK).await.unwrap();
    let reply = read_reply(&mut kept).await;
    assert_eq!((reply.status, reply.header("connection")), (200, None));
    server.shutdown.cancel();
    let mut late = server.connect().await;
    for stream in [&mut kept, &mut late] {
        stream.write_all(ASK).await.unwrap();
        let reply = read_reply(stream).await;
        assert_eq!(
            (reply.status, reply.header("connection").as_deref()),
            (200, Some("close"))
        );
        assert_eq!(stream.read(&mut [0]).await.unwrap(), 0, "and closes");
    }
    server.served.await.unwrap().unwrap();
    assert!(TcpStream::connect(server.address).await.is_err());
}

#[tokio::test]
async fn the_stop_does_not_wait_for_ever() {
    let server = Server::with(
        accept::Limits {
            drain: Duration::from_millis(300),
            ..short()
        },
        |_| {},
    )
    .await;
    let mut running = server.connect().await;
    let body = r#"{"query":"{ slow(millis: 60000) }"}"#;
    running.write_all(format!("POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}", body.len()).as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    server.shutdown.cancel();
    tokio::time::timeout(Duration::from_secs(2), server.served)
        .await
        .expect("the drain ends")
        .unwrap()
        .unwrap();
}

#[tokio::test]
async fn a_client_that_does_not_listen_is_given_up() {
    let limits = accept::Limits {
        write: Duration::from_millis(500),
        connections: 1,
        ..accept::Limits::default()
    };
    let server = Server::with(limits, |_| {}).await;
    let mut deaf = server.connect().await;
    deaf.write_all(b"GET /graphql?query=%7Blarge%7D HTTP/1.1\r\nhost: x\r\n\r\n")
        .await
        .unwrap();
    // It is being answered, and so has the only place.
    deaf.read_exact(&mut [0]).await.unwrap();
    // Its place is free again, although it is still there.
    let free = async {
        while !is_answered(&server).await {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), free)
        .await
        .expect("the place of who does not listen is given to the next");
    drop(deaf);
}

/// Whether there is a place for one more.
async fn is_answered(server: &Server) -> bool {
    const ASK: &[u8] =
        b"GET /graphql?query=%7Blang%7D HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    let mut stream = server.connect().await;
    let mut reply = Vec::new();
    // Who is sent away may find the connection closed before the request has gone out.
    stream.write_all(ASK).await.is_ok()
        && stream.read_to_end(&mut reply).await.is_ok()
        && reply.starts_with(b"HTTP/1.1 200 ")
}

/// A listener that has run out of file descriptors a few times, and has seen connections die.
struct Starved {
    listener: TcpListener,
    errors: Vec<i32>,
}

impl accept::Source for Starved {
    async fn accept(&mut self) -> std::io::Result<(TcpStream, SocketAddr)> {
        match self.errors.pop() {
            Some(error) => Err(std::io::Error::from_raw_os_error(error)),
            None => self.listener.accept().await,
        }
    }
}

#[tokio::test]
async fn the_loop_outlives_a_lack_of_file_descriptors() {
    const ENFILE: i32 = 23;
    const EMFILE: i32 = 24;
    const ECONNABORTED: i32 = 103;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let source = Starved {
        listener,
        errors: vec![EMFILE, ENFILE, ECONNABORTED, EMFILE],
    };
    let router = axum::Router::new().route("/", axum::routing::get(|| async { "here" }));
    let shutdown = CancellationToken::new();
    let begun = Instant::now();
    let served = tokio::spawn(accept::serve_from(
        source,
        router,
        short(),
        shutdown.clone(),
    ));
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream
        .write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        .await
        .unwrap();
    assert_eq!(read_reply(&mut stream).await.body, "here");
    assert!(
        begun.elapsed() >= Duration::from_millis(300),
        "a lack of descriptors is waited out and not spun on"
    );
    shutdown.cancel();
    served.await.unwrap();
}
