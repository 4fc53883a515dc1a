//! One connection to the program: requests over plain HTTP, kept alive.

use std::io;
use std::net::SocketAddr;

use memchr::memmem::find;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// A kept connection.
pub struct Wire {
    stream: TcpStream,
    buffer: Vec<u8>,
    request: Vec<u8>,
    body: std::ops::Range<usize>,
}

impl Wire {
    /// Connects.
    ///
    /// # Errors
    /// When nobody listens.
    pub async fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: Vec::with_capacity(64 * 1024),
            request: Vec::with_capacity(4 * 1024),
            body: 0..0,
        })
    }

    /// Posts a body to the API and answers the status and the body of the answer.
    ///
    /// # Errors
    /// When the connection breaks, or what comes is no HTTP.
    pub async fn post(&mut self, token: Option<&str>, body: &[u8]) -> io::Result<(u16, &[u8])> {
        let request = &mut self.request;
        request.clear();
        request.extend_from_slice(
            b"POST /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n\
              accept: application/graphql-response+json\r\ncontent-length: ",
        );
        request.extend_from_slice(body.len().to_string().as_bytes());
        if let Some(token) = token {
            request.extend_from_slice(b"\r\nauthorization: Bearer ");
            request.extend_from_slice(token.as_bytes());
        }
        request.extend_from_slice(b"\r\n\r\n");
        request.extend_from_slice(body);
        self.stream.write_all(request).await?;
        let status = self.read().await?;
        Ok((status, &self.buffer[self.body.clone()]))
    }

    /// The body of the last answer.
    pub fn body(&self) -> &[u8] {
        &self.buffer[self.body.clone()]
    }

    async fn read(&mut self) -> io::Result<u16> {
        let broken = |what: &str| io::Error::other(what.to_owned());
        self.buffer.clear();
        let head = loop {
            if let Some(at) = find(&self.buffer, b"\r\n\r\n") {
                break at + 4;
            }
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(broken("the program closed the connection"));
            }
        };
        let text = std::str::from_utf8(&self.buffer[..head])
            .map_err(|_| broken("the head of the answer is no text"))?;
        let status = text
            .get(9..12)
            .and_then(|status| status.parse().ok())
            .ok_or_else(|| broken("the answer has no status"))?;
        let length: usize = text
            .lines()
            .filter_map(|line| line.split_once(':'))
            .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
            .and_then(|(_, value)| value.trim().parse().ok())
            .ok_or_else(|| broken("the answer has no length"))?;
        while self.buffer.len() < head + length {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(broken("the program closed the connection"));
            }
        }
        self.body = head..head + length;
        Ok(status)
    }
}
