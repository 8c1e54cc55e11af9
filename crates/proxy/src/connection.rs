//! One client's connection, from its first byte to its last: the protocol, the requests on it, and
//! the times after which it has to do something.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tracing::debug;

use crate::activity::{Activity, Doing};
use crate::client::{Client, Transport};
use crate::config::{Limits, Timeouts};
use crate::service::serve;
use crate::site::{Running, Shared};
use crate::socket::{Protocol, Socket};
use crate::tls::H2;

/// What hyper has room for without allocating.
const HEADERS: usize = 100;

/// What RFC 9110, 15.5.9 has for a request that does not come.
const SLOW_HEAD: &[u8] =
    b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

/// For how long a connection without a request is kept when the proxy is about to end: one that was
/// just made has its request under way.
const GRACE: Duration = Duration::from_millis(300);

/// Serves a plain connection, or one over TLS where `tls` is there.
pub(crate) async fn serve_connection(
    stream: TcpStream,
    peer: SocketAddr,
    tls: Option<TlsAcceptor>,
    shared: Arc<Shared>,
    running: watch::Receiver<Running>,
) {
    let activity = Activity::new();
    let ip = peer.ip().to_canonical();
    let transport = if tls.is_some() { Transport::Tls } else { Transport::Plain };
    let client = Arc::new(Client { ip, transport, activity: Arc::clone(&activity) });
    let site = shared.site();
    let connection = Connection {
        client,
        running,
        timeouts: site.config.timeouts.clone(),
        limits: site.config.limits.clone(),
        shared,
    };
    drop(site);
    let ended = match tls {
        None => connection.plain(Socket::new(stream, activity)).await,
        Some(tls) => Box::pin(connection.over_tls(stream, activity, &tls)).await,
    };
    if let Err(error) = ended {
        debug!(client = %peer, %error, "connection ended");
    }
}

/// A connection and the rules of the moment at which it came.
struct Connection {
    client: Arc<Client>,
    shared: Arc<Shared>,
    running: watch::Receiver<Running>,
    timeouts: Timeouts,
    limits: Limits,
}

/// How a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Over,
    SlowHead,
}

impl Connection {
    async fn plain<S>(self, mut socket: Socket<S>) -> io::Result<()>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let mut running = self.running.clone();
        let draining = async {
            let _ = running.wait_for(|running| *running == Running::Draining).await;
            sleep(GRACE).await;
        };
        let protocol = tokio::select! {
            protocol = timeout(self.timeouts.header.0, socket.protocol()) => protocol,
            () = draining => return Ok(()),
        };
        match protocol {
            Ok(protocol) => match protocol? {
                // In boxes, so that an idle connection takes the room of its own protocol only.
                Protocol::Http1 => Box::pin(self.http1(socket)).await,
                Protocol::Http2 => Box::pin(self.http2(socket)).await,
            },
            Err(_) => socket.write_all(SLOW_HEAD).await,
        }
    }

    async fn over_tls(
        self,
        stream: TcpStream,
        activity: Arc<Activity>,
        tls: &TlsAcceptor,
    ) -> io::Result<()> {
        let stream = timeout(self.timeouts.header.0, tls.accept(stream)).await??;
        let is_h2 = stream.get_ref().1.alpn_protocol() == Some(H2);
        let socket = Socket::new(stream, activity);
        match is_h2 {
            true => Box::pin(self.http2(socket)).await,
            false => self.plain(socket).await,
        }
    }

    async fn http1<S>(mut self, socket: Socket<S>) -> io::Result<()>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let (client, shared) = (Arc::clone(&self.client), Arc::clone(&self.shared));
        let service =
            service_fn(move |request| serve(request, Arc::clone(&client), Arc::clone(&shared)));
        let bytes = self.limits.header_bytes.as_usize();
        let mut builder = http1::Builder::new();
        if self.limits.headers != HEADERS {
            builder.max_headers(self.limits.headers);
        }
        let mut connection = builder
            // `drive` knows idle from slow.
            .header_read_timeout(None)
            .timer(TokioTimer::new())
            .max_header_size(bytes)
            .max_buf_size(bytes.max(1 << 16))
            .serve_connection(TokioIo::new(socket), service)
            .with_upgrades();
        let end = self
            .drive(Pin::new(&mut connection), Protocol::Http1, |it| it.graceful_shutdown())
            .await;
        match (end.map_err(io::Error::other)?, connection.into_parts()) {
            (End::SlowHead, Some(parts)) => parts.io.into_inner().write_all(SLOW_HEAD).await,
            _ => Ok(()),
        }
    }

    async fn http2<S>(mut self, socket: Socket<S>) -> io::Result<()>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let (client, shared) = (Arc::clone(&self.client), Arc::clone(&self.shared));
        let service =
            service_fn(move |request| serve(request, Arc::clone(&client), Arc::clone(&shared)));
        let bytes = u32::try_from(self.limits.header_bytes.0).unwrap_or(u32::MAX);
        let mut connection = http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .max_header_list_size(bytes)
            .max_concurrent_streams(self.limits.streams)
            .keep_alive_interval(self.timeouts.idle.0)
            .keep_alive_timeout(self.timeouts.header.0)
            .serve_connection(TokioIo::new(socket), service);
        let end = self
            .drive(Pin::new(&mut connection), Protocol::Http2, |it| it.graceful_shutdown())
            .await;
        end.map(drop).map_err(io::Error::other)
    }

    /// Runs a connection to its end: its own, that of the proxy, or that of our patience. `finish`
    /// lets it end when its requests have.
    async fn drive<C: Future<Output = hyper::Result<()>>>(
        &mut self,
        mut connection: Pin<&mut C>,
        protocol: Protocol,
        finish: impl Fn(Pin<&mut C>),
    ) -> hyper::Result<End> {
        let mut wait = self.timeouts.header.0;
        let mut draining = Draining::No;
        loop {
            // A request of which a part has come is still answered.
            let comes = matches!(self.client.activity.doing(), Doing::Head(_));
            if *self.running.borrow_and_update() == Running::Draining && draining != Draining::Said
            {
                draining = if comes { Draining::Soon } else { Draining::Said };
                match draining {
                    Draining::Said => finish(connection.as_mut()),
                    _ => wait = wait.min(Duration::from_millis(20)),
                }
            }
            tokio::select! {
                biased;
                ended = connection.as_mut() => return ended.map(|_| End::Over),
                Ok(()) = self.running.changed() => {}
                () = sleep(wait) => match self.judge(protocol) {
                    Judgement::Wait(longer) => wait = longer,
                    Judgement::Close => {
                        finish(connection.as_mut());
                        // What does not end now is ended by the next look at it.
                        wait = self.timeouts.header.0;
                    }
                    Judgement::End(end) => return Ok(end),
                }
            }
        }
    }

    fn judge(&self, protocol: Protocol) -> Judgement {
        let Timeouts { header, body, idle, .. } = &self.timeouts;
        let left = |since: tokio::time::Instant, limit: Duration| {
            limit.checked_sub(since.elapsed()).filter(|left| !left.is_zero())
        };
        // A head may begin at any moment, so that no look is further away than its limit.
        let soon = |wait: Duration| Judgement::Wait(wait.min(header.0).min(body.0));
        match (self.client.activity.doing(), protocol) {
            (Doing::Requests, _) => soon(header.0),
            (Doing::Stuck(since), _) => left(since, body.0).map_or(Judgement::End(End::Over), soon),
            (Doing::Head(since), Protocol::Http1) => {
                left(since, header.0).map_or(Judgement::End(End::SlowHead), soon)
            }
            // In HTTP/2 other frames may come in, too.
            (Doing::Idle(since) | Doing::Head(since), _) => {
                left(since, idle.0).map_or(Judgement::Close, soon)
            }
        }
    }
}

/// Whether a connection was asked to end because the proxy does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Draining {
    No,
    /// When the request that comes in has come.
    Soon,
    Said,
}

/// What to do with a connection.
enum Judgement {
    /// Look again after this.
    Wait(Duration),
    /// Let it end when its requests have.
    Close,
    /// End it now.
    End(End),
}
