//! A wire of our own before the database: it can be cut, held up, and made slow.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// What the wire does with what is said on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weather {
    /// It passes everything on.
    Fair,
    /// It passes everything on after a while.
    Slow(Duration),
    /// It passes nothing on and breaks nothing off, as when a cable is pulled far away.
    Stalled,
    /// It breaks off what there is and lets nobody through.
    Cut,
}

/// The wire.
pub struct Proxy {
    pub address: SocketAddr,
    weather: watch::Sender<Weather>,
}

impl Proxy {
    pub async fn before(database: SocketAddr) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (weather, watching) = watch::channel(Weather::Fair);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let watching = watching.clone();
                tokio::spawn(async move {
                    if *watching.borrow() == Weather::Cut {
                        return;
                    }
                    let Ok(server) = TcpStream::connect(database).await else {
                        return;
                    };
                    for stream in [&client, &server] {
                        let _ = stream.set_nodelay(true);
                    }
                    let (from_client, to_client) = client.into_split();
                    let (from_server, to_server) = server.into_split();
                    tokio::select! {
                        () = pass(from_client, to_server, watching.clone()) => {}
                        () = pass(from_server, to_client, watching.clone()) => {}
                        () = turns_to_cut(watching) => {}
                    }
                });
            }
        });
        Self { address, weather }
    }

    pub fn turn(&self, weather: Weather) {
        self.weather.send_replace(weather);
    }
}

async fn turns_to_cut(mut watching: watch::Receiver<Weather>) {
    let _ = watching.wait_for(|weather| *weather == Weather::Cut).await;
}

async fn pass(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut watching: watch::Receiver<Weather>,
) {
    let mut bytes = vec![0; 64 * 1024];
    while let Ok(count @ 1..) = from.read(&mut bytes).await {
        if watching
            .wait_for(|weather| *weather != Weather::Stalled)
            .await
            .is_err()
        {
            return;
        }
        let weather = *watching.borrow();
        if let Weather::Slow(by) = weather {
            tokio::time::sleep(by).await;
        }
        if to.write_all(&bytes[..count]).await.is_err() {
            return;
        }
    }
}
