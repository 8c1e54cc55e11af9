//! The sockets that wait for clients. A reload opens new ones before it closes old ones, and keeps
//! those that stay.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout_at};
use tracing::{info, warn};

use crate::admin;
use crate::config::Config;
use crate::connection::serve_connection;
use crate::site::Shared;

/// For how long a handshake that has begun may take when its socket is about to close.
const HANDSHAKE: Duration = Duration::from_millis(100);

/// What is spoken on a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    Plain,
    Tls,
    Admin,
}

/// All of them, by what the configuration says.
#[derive(Default)]
pub(crate) struct Listeners {
    running: HashMap<(SocketAddr, Kind), Running>,
}

struct Running {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

/// A socket that is open, and does not serve yet.
pub(crate) struct Opened(Vec<((SocketAddr, Kind), TcpListener)>);

impl Listeners {
    /// Opens those that `config` has besides those that run.
    ///
    /// # Errors
    /// The address that cannot be had, and why.
    pub(crate) async fn open(&self, config: &Config) -> Result<Opened, (SocketAddr, io::Error)> {
        let mut opened = Vec::new();
        for key in wanted(config) {
            if !self.running.contains_key(&key) {
                let listener = TcpListener::bind(key.0).await.map_err(|error| (key.0, error))?;
                opened.push((key, listener));
            }
        }
        Ok(Opened(opened))
    }

    /// Serves those that were opened, and closes those that `config` no longer has.
    pub(crate) fn serve(&mut self, opened: Opened, config: &Config, shared: &Arc<Shared>) {
        for (key, listener) in opened.0 {
            if let Ok(local) = listener.local_addr() {
                info!(address = %local, kind = ?key.1, "listening");
            }
            let (stop, stopped) = watch::channel(false);
            let accept = accept(listener, key.1, Arc::clone(shared), stopped);
            self.running.insert(key, Running { stop, task: tokio::spawn(accept) });
        }
        let wanted = wanted(config);
        self.running.retain(|key, running| {
            let stays = wanted.contains(key);
            if !stays {
                info!(address = %key.0, kind = ?key.1, "no longer listening");
                running.stop.send_replace(true);
            }
            stays
        });
    }

    /// Closes all that serve clients. What the system has accepted until then is served.
    pub(crate) async fn close(&mut self) {
        for (_, running) in self.running.extract_if(|key, _| key.1 != Kind::Admin) {
            running.stop.send_replace(true);
            // A task that panicked has closed its socket too.
            let _ = running.task.await;
        }
    }
}

fn wanted(config: &Config) -> Vec<(SocketAddr, Kind)> {
    let plain = config.server.listen.iter().map(|address| (*address, Kind::Plain));
    let tls = config.server.tls.iter().flat_map(|tls| &tls.get_ref().listen);
    let tls = tls.map(|address| (*address, Kind::Tls));
    plain.chain(tls).chain(config.server.admin.map(|address| (address, Kind::Admin))).collect()
}

async fn accept(
    listener: TcpListener,
    kind: Kind,
    shared: Arc<Shared>,
    mut stopped: watch::Receiver<bool>,
) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stopped.changed() => break,
        };
        take(accepted, kind, &shared).await;
    }
    // A connection that is there when the socket closes is reset by the system, so that none may be:
    // no handshake begins, and those that have come to their end are asked in.
    if let Err(error) = refuse_handshakes(&listener) {
        warn!(%error, "connections that come in this moment may be reset");
    }
    let end = Instant::now().checked_add(HANDSHAKE).unwrap_or_else(Instant::now);
    while let Ok(accepted) = timeout_at(end, listener.accept()).await {
        take(accepted, kind, &shared).await;
    }
}

/// Has the system take no notice of a client's first packet (SYN). The client sends it again after a
/// second, and meets whoever listens then, or nobody.
#[cfg(target_os = "linux")]
fn refuse_handshakes(listener: &TcpListener) -> io::Result<()> {
    use socket2::{SockFilter, SockRef};
    // In classic BPF: the byte at 13 of the TCP header has the flags, and 2 is SYN (RFC 9293, 3.1).
    const FILTER: [SockFilter; 4] = [
        SockFilter::new(0x30, 0, 0, 13),       // load the byte
        SockFilter::new(0x45, 0, 1, 2),        // skip one if the bit is not set
        SockFilter::new(0x06, 0, 0, 0),        // drop
        SockFilter::new(0x06, 0, 0, u32::MAX), // keep all of it
    ];
    SockRef::from(listener).attach_filter(&FILTER)
}

#[cfg(not(target_os = "linux"))]
fn refuse_handshakes(_: &TcpListener) -> io::Result<()> {
    Ok(())
}

async fn take(accepted: io::Result<(TcpStream, SocketAddr)>, kind: Kind, shared: &Arc<Shared>) {
    let (stream, peer) = match accepted {
        Ok(accepted) => accepted,
        Err(error) => {
            warn!(%error, "a connection could not be accepted");
            // Most often there is no file descriptor left, and one must be given back first.
            return sleep(Duration::from_millis(50)).await;
        }
    };
    let _ = stream.set_nodelay(true);
    let shared = Arc::clone(shared);
    if kind == Kind::Admin {
        tokio::spawn(admin::serve_connection(stream, shared));
        return;
    }
    // The next one waits in the system's queue while there is no room.
    let Ok(room) = Arc::clone(&shared.room).acquire_owned().await else { return };
    let tls = match kind {
        Kind::Tls => match shared.site().tls.clone() {
            Some(tls) => Some(tls),
            None => return,
        },
        _ => None,
    };
    // From here on the end waits for it.
    let running = shared.running();
    tokio::spawn(async move {
        shared.metrics.connections.inc();
        serve_connection(stream, peer, tls, Arc::clone(&shared), running).await;
        shared.metrics.connections.dec();
        drop(room);
    });
}
