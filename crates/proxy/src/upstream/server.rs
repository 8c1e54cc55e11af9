//! One server, by its address: it outlives reloads.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::sync::Notify;
use tracing::{info, warn};

use super::health::Health;
use super::learn::{Epoch, Learned};
use super::pool::{Closed, Connection, Pool};
use crate::config::{self, Config, Format};

/// A server, and what is known of it.
pub(crate) struct Server {
    address: Arc<str>,
    settings: ArcSwap<Settings>,
    pool: Pool,
    health: Health,
    learned: Learned,
    in_flight: AtomicUsize,
    /// It may have been restarted.
    pub(super) suspected: Notify,
}

/// What the configuration of the day says about all servers.
pub(super) struct Settings {
    pub(super) health: config::Health,
    pub(super) connect: Duration,
    pub(super) response: Duration,
    pub(super) idle: Duration,
    pub(super) most_idle: usize,
    pub(super) header_bytes: usize,
}

impl Settings {
    pub(super) fn new(config: &Config) -> Self {
        Self {
            health: config.health.clone(),
            connect: config.timeouts.connect.0,
            response: config.timeouts.response.0,
            idle: config.timeouts.upstream_idle.0,
            most_idle: config.limits.idle_per_upstream,
            header_bytes: config.limits.header_bytes.as_usize(),
        }
    }

    fn none() -> Self {
        Self {
            health: config::Health::default(),
            connect: Duration::ZERO,
            response: Duration::ZERO,
            idle: Duration::ZERO,
            most_idle: 0,
            header_bytes: 0,
        }
    }
}

impl Server {
    pub(super) fn new(address: &str) -> Self {
        Self {
            address: Arc::from(address),
            settings: ArcSwap::from_pointee(Settings::none()),
            pool: Pool::default(),
            health: Health::default(),
            learned: Learned::default(),
            in_flight: AtomicUsize::new(0),
            suspected: Notify::new(),
        }
    }

    pub(super) fn reload(&self, settings: &Arc<Settings>, formats: &[Format]) {
        self.settings.store(Arc::clone(settings));
        self.learned.again(formats);
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    pub(crate) fn label(&self) -> Arc<str> {
        Arc::clone(&self.address)
    }

    pub(crate) fn health(&self) -> &Health {
        &self.health
    }

    pub(crate) fn learned(&self) -> &Learned {
        &self.learned
    }

    pub(crate) fn in_flight(&self) -> usize {
        self.in_flight.load(Ordering::Relaxed)
    }

    pub(crate) fn waiting(&self) -> usize {
        self.pool.len()
    }

    pub(super) fn settings(&self) -> Arc<Settings> {
        self.settings.load_full()
    }

    /// A connection that waited.
    pub(super) fn reused(&self, settings: &Settings) -> Option<Connection> {
        let (connection, closed) = self.pool.take(settings.idle);
        if closed == Closed::ByServer && connection.is_none() {
            self.suspect();
        }
        connection
    }

    pub(super) fn prune(&self) {
        self.pool.prune(self.settings.load().idle);
    }

    pub(super) fn answered(&self) {
        self.health.answered();
    }

    /// A request got no response, or not all of it.
    pub(super) fn failed(&self) {
        if self.health.failed(&self.settings.load().health) {
            warn!(upstream = self.address(), "upstream rests: too many failures in a row");
        }
    }

    /// Nobody listens, or a connection broke: what comes back may run another version.
    pub(super) fn suspect(&self) {
        self.learned.forget();
        self.pool.clear();
        self.suspected.notify_one();
    }

    /// A check was made.
    pub(super) fn checked(&self, passed: bool) {
        if !self.health.checked(passed) {
            return;
        }
        match passed {
            true => info!(upstream = self.address(), "upstream is up: its check passed"),
            false => {
                warn!(upstream = self.address(), "upstream is down: its check failed");
                self.suspect();
            }
        }
    }
}

/// A request's hold on a server and a connection, until its response is over.
pub(crate) struct Lease {
    server: Arc<Server>,
    epoch: Epoch,
    connection: Option<Connection>,
}

impl Lease {
    pub(super) fn new(server: &Arc<Server>) -> Self {
        server.in_flight.fetch_add(1, Ordering::Relaxed);
        Self { server: Arc::clone(server), epoch: server.learned.epoch(), connection: None }
    }

    pub(super) fn server(&self) -> &Server {
        &self.server
    }

    /// The epoch of the server in which the request began.
    pub(crate) fn epoch(&self) -> Epoch {
        self.epoch
    }

    pub(super) fn hold(&mut self, connection: Connection) {
        self.connection = Some(connection);
    }

    /// The response was read to its end: another request may use the connection.
    pub(crate) fn give_back(&mut self) {
        // Where the server may have been restarted since, the connection is to the one before.
        if let Some(connection) = self.connection.take()
            && self.epoch == self.server.learned.epoch()
        {
            self.server.pool.put(connection, self.server.settings.load().most_idle);
        }
    }

    /// The response broke off.
    pub(crate) fn failed(&self) {
        self.server.failed();
        self.server.suspect();
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.server.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}
