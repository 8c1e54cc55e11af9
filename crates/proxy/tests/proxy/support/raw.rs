//! A client of HTTP/1.1 that sends what it is told.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Longer than anything that a test waits for.
const PATIENCE: Duration = Duration::from_secs(5);

pub(crate) struct Client<S = TcpStream> {
    stream: S,
    buffer: Vec<u8>,
}

/// A response.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Reply {
    /// The value of a header, by its name in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers(name).next()
    }

    pub(crate) fn headers(&self, name: &str) -> impl Iterator<Item = &str> {
        let pairs = self.head.lines().filter_map(|line| line.split_once(": "));
        pairs.filter(move |(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

impl Client {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        Self::over(TcpStream::connect(address).await.unwrap())
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Client<S> {
    pub(crate) fn over(stream: S) -> Self {
        Self { stream, buffer: Vec::new() }
    }

    pub(crate) async fn send(&mut self, text: &str) {
        self.stream.write_all(text.as_bytes()).await.unwrap();
    }

    /// As [`send`](Self::send), to a proxy that may have closed already.
    pub(crate) async fn try_send(&mut self, text: &str) {
        let _ = self.stream.write_all(text.as_bytes()).await;
    }

    pub(crate) async fn get(&mut self, path: &str) -> Reply {
        self.ask(&format!("GET {path} HTTP/1.1\r\nHost: example.com\r\n\r\n")).await
    }

    /// Sends a request and reads the reply.
    pub(crate) async fn ask(&mut self, request: &str) -> Reply {
        self.send(request).await;
        self.reply().await
    }

    /// The next response, 100 Continue apart.
    pub(crate) async fn reply(&mut self) -> Reply {
        let reply = self.try_reply().await;
        reply.unwrap_or_else(|| panic!("it ended: {:?}", String::from_utf8_lossy(&self.buffer)))
    }

    /// The next response, or none if the connection ends in it.
    pub(crate) async fn try_reply(&mut self) -> Option<Reply> {
        let head = self.until(b"\r\n\r\n").await?;
        let head = String::from_utf8(head).unwrap();
        let status: u16 = head.split(' ').nth(1).unwrap().parse().unwrap();
        if status == 100 {
            return Box::pin(self.try_reply()).await;
        }
        let mut reply = Reply { status, head, body: String::new() };
        let body = if reply.header("transfer-encoding") == Some("chunked") {
            self.chunks().await?
        } else if let Some(length) = reply.header("content-length") {
            let length = length.parse().unwrap();
            self.exactly(length).await?
        } else {
            Vec::new()
        };
        reply.body = String::from_utf8(body).unwrap();
        Some(reply)
    }

    async fn chunks(&mut self) -> Option<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let chunk = self.chunk().await?;
            if chunk.is_empty() {
                // Trailers, if there are any, up to the empty line.
                while self.until(b"\r\n").await? != b"\r\n" {}
                return Some(body);
            }
            body.extend(chunk);
        }
    }

    /// The next chunk; empty for the last.
    pub(crate) async fn chunk(&mut self) -> Option<Vec<u8>> {
        let line = String::from_utf8(self.until(b"\r\n").await?).unwrap();
        let length = usize::from_str_radix(line.trim(), 16).unwrap();
        if length == 0 {
            return Some(Vec::new());
        }
        let chunk = self.exactly(length).await?;
        self.exactly(2).await?;
        Some(chunk)
    }

    pub(crate) async fn until(&mut self, end: &[u8]) -> Option<Vec<u8>> {
        loop {
            let found = self.buffer.windows(end.len()).position(|window| window == end);
            if let Some(at) = found {
                return Some(self.buffer.drain(..at + end.len()).collect());
            }
            self.read().await?;
        }
    }

    pub(crate) async fn exactly(&mut self, length: usize) -> Option<Vec<u8>> {
        while self.buffer.len() < length {
            self.read().await?;
        }
        Some(self.buffer.drain(..length).collect())
    }

    /// None at the end, or when the connection is cut.
    async fn read(&mut self) -> Option<()> {
        let read = timeout(PATIENCE, self.stream.read_buf(&mut self.buffer)).await;
        match read.expect("nothing came") {
            Ok(0) | Err(_) => None,
            Ok(_) => Some(()),
        }
    }

    /// Everything until the end.
    pub(crate) async fn rest(&mut self) -> String {
        while self.read().await.is_some() {}
        String::from_utf8_lossy(&std::mem::take(&mut self.buffer)).into_owned()
    }
}
