//! What a configuration becomes: all that a request needs, exchanged as a whole by a reload.

use std::path::Path;
use std::sync::Arc;

use arc_swap::ArcSwap;
use tokio::sync::{Semaphore, watch};
use tokio_rustls::TlsAcceptor;

use crate::config::{self, Config, Error, Format};
use crate::decide::Decider;
use crate::metrics::Metrics;
use crate::tls;
use crate::upstream::Upstreams;

/// One state of the configuration.
pub(crate) struct Site {
    pub(crate) config: Config,
    pub(crate) formats: Arc<Vec<Format>>,
    pub(crate) upstreams: Upstreams,
    pub(crate) decider: Decider,
    pub(crate) tls: Option<TlsAcceptor>,
}

impl Site {
    /// Reads the file at `path`. Servers that `before` had keep what is known of them. Needs tokio's
    /// runtime: checks begin.
    ///
    /// # Errors
    /// [`Error`] for what is wrong first. Nothing has changed then.
    pub(crate) fn load(path: &Path, before: Option<&Self>) -> Result<Self, Error> {
        let mut loaded = config::load(path)?;
        let tls = loaded.config.server.tls.as_ref().map(|tls| tls::acceptor(tls.get_ref()));
        let tls = tls.transpose()?;
        let decider = loaded.decider();
        let formats = Arc::new(loaded.formats);
        let before = before.map(|before| &before.upstreams);
        let upstreams = Upstreams::new(&loaded.config, &formats, before);
        Ok(Self { config: loaded.config, formats, upstreams, decider, tls })
    }
}

/// What outlives a configuration.
pub(crate) struct Shared {
    site: ArcSwap<Site>,
    pub(crate) metrics: Arc<Metrics>,
    /// Room for connections; the number is that of the start.
    pub(crate) room: Arc<Semaphore>,
    tunnels: watch::Sender<()>,
    connections: watch::Sender<Running>,
}

/// Whether the proxy is about to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Running {
    On,
    Draining,
}

impl Shared {
    pub(crate) fn new(site: Site) -> Arc<Self> {
        Arc::new(Self {
            room: Arc::new(Semaphore::new(site.config.limits.connections)),
            site: ArcSwap::from_pointee(site),
            metrics: Arc::new(Metrics::new()),
            tunnels: watch::Sender::new(()),
            connections: watch::Sender::new(Running::On),
        })
    }

    pub(crate) fn site(&self) -> Arc<Site> {
        self.site.load_full()
    }

    pub(crate) fn exchange(&self, site: Site) {
        self.site.store(Arc::new(site));
    }

    /// For a connection to keep as long as it lives, and to see when it should end.
    pub(crate) fn running(&self) -> watch::Receiver<Running> {
        self.connections.subscribe()
    }

    pub(crate) fn is_draining(&self) -> bool {
        *self.connections.borrow() == Running::Draining
    }

    /// Asks all connections to end.
    pub(crate) fn drain(&self) {
        self.connections.send_replace(Running::Draining);
    }

    /// Waits until all connections have ended.
    pub(crate) async fn drained(&self) {
        self.connections.closed().await;
    }

    /// Changes when tunnels are to end.
    pub(crate) fn end_of_tunnels(&self) -> watch::Receiver<()> {
        self.tunnels.subscribe()
    }

    /// Ends the tunnels: they would not end by themselves.
    pub(crate) fn close_tunnels(&self) {
        self.tunnels.send_replace(());
    }

    pub(crate) fn open_connections(&self) -> usize {
        self.connections.receiver_count()
    }
}
