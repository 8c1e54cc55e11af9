//! Sends one request to one server, and says how far it came where there is no response.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use http::header::CONNECTION;
use http::{Request, Response, Version};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep_until, timeout};
use tracing::debug;

use super::pool::Connection;
use super::server::{Lease, Server, Settings};
use crate::body::{Broken, Progress, RequestBody};
use crate::headers;

/// A connection to a server, held for one request. What is known of the server is as of now.
pub(crate) struct Reached {
    connection: Connection,
    /// Whether the connection had waited for this request.
    had_waited: bool,
    settings: Arc<Settings>,
    lease: Lease,
}

/// No connection, so that nothing was sent.
pub(crate) enum Unreached {
    Refused,
    Timeout,
}

/// No response. The request comes back where no byte of it went out.
pub(crate) enum Failure {
    /// A connection that had waited was closed before the request went out.
    Stale(Box<Request<RequestBody>>),
    /// The connection broke after the request, or a part of it, went out.
    Broken,
    /// The same on a connection that had waited: the server may have closed it at that moment.
    BrokenReused,
    /// What came was no HTTP.
    Invalid,
    ResponseTimeout,
    /// The client's own body did not come.
    Client(Broken),
}

impl Reached {
    /// A connection that waits, or a new one.
    pub(crate) async fn reach(server: &Arc<Server>) -> Result<Self, Unreached> {
        let settings = server.settings();
        let lease = Lease::new(server);
        if let Some(connection) = server.reused(&settings) {
            return Ok(Self { connection, had_waited: true, settings, lease });
        }
        // Another one: that none was left may have begun another epoch.
        drop(lease);
        let lease = Lease::new(server);
        match timeout(settings.connect, connect(server, &settings)).await {
            Ok(Ok(connection)) => Ok(Self { connection, had_waited: false, settings, lease }),
            Ok(Err(error)) => {
                debug!(upstream = server.address(), %error, "no connection");
                server.failed();
                server.suspect();
                Err(Unreached::Refused)
            }
            Err(_) => {
                server.failed();
                Err(Unreached::Timeout)
            }
        }
    }

    /// Sends a request. `progress` is that of its body.
    pub(crate) async fn send(
        mut self,
        request: Request<RequestBody>,
        progress: &Progress,
    ) -> Result<(Response<Incoming>, Lease), Failure> {
        let response = self.exchange(request, progress).await;
        let server = self.lease.server();
        match &response {
            Ok(response) => {
                server.answered();
                if stays_open(response) {
                    self.lease.hold(self.connection);
                }
            }
            Err(Failure::Client(_)) => {}
            Err(Failure::Stale(_) | Failure::Broken) if self.had_waited => server.suspect(),
            Err(Failure::Broken) => {
                server.failed();
                server.suspect();
            }
            Err(_) => server.failed(),
        }
        match response {
            Err(Failure::Broken) if self.had_waited => Err(Failure::BrokenReused),
            response => response.map(|response| (response, self.lease)),
        }
    }

    async fn exchange(
        &mut self,
        request: Request<RequestBody>,
        progress: &Progress,
    ) -> Result<Response<Incoming>, Failure> {
        let response = self.connection.try_send_request(request);
        tokio::select! {
            response = response => response.map_err(|mut error| {
                if let Some(request) = error.take_message() {
                    return Failure::Stale(Box::new(request));
                }
                if let Some(broken) = progress.broken() {
                    return Failure::Client(broken);
                }
                let error = error.into_error();
                debug!(upstream = self.lease.server().address(), %error, "no response");
                match error.is_parse() {
                    true => Failure::Invalid,
                    false => Failure::Broken,
                }
            }),
            () = silence(progress, self.settings.response) => Err(Failure::ResponseTimeout),
        }
    }
}

/// Ends when nothing was sent to the server for `longest`.
async fn silence(progress: &Progress, longest: Duration) {
    let mut until = Instant::now().checked_add(longest);
    while let Some(at) = until {
        sleep_until(at).await;
        until = progress.moved().checked_add(longest).filter(|at| *at > Instant::now());
    }
}

/// Whether the server said that it takes another request on this connection.
fn stays_open(response: &Response<Incoming>) -> bool {
    response.version() == Version::HTTP_11
        && !headers::tokens(response.headers(), &CONNECTION).any(|token| token == "close")
}

pub(super) async fn connect(server: &Server, settings: &Settings) -> io::Result<Connection> {
    let stream = TcpStream::connect(server.address()).await?;
    stream.set_nodelay(true)?;
    let handshake = http1::Builder::new()
        .max_headers(256)
        // What an app sends back may be longer than what it takes: it sets cookies.
        .max_buf_size(settings.header_bytes.saturating_mul(2).max(1 << 16))
        .handshake(TokioIo::new(stream));
    let (sender, connection) = handshake.await.map_err(io::Error::other)?;
    tokio::spawn(async move {
        if let Err(error) = connection.with_upgrades().await {
            debug!(%error, "upstream connection ended");
        }
    });
    Ok(sender)
}
