//! The servers behind the proxy: what each is known to be, its connections, and which one is asked
//! next.

mod balance;
mod health;
mod learn;
mod pool;
mod send;
mod server;
mod watch;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use tokio::task::JoinSet;

pub(crate) use self::learn::Epoch;
pub(crate) use self::send::{Failure, Reached, Unreached};
pub(crate) use self::server::{Lease, Server};
pub(crate) use self::watch::{take, take_written};
use crate::config::{self, Config, Format};

/// All servers of all pools. They share the requests.
pub(crate) struct Upstreams {
    members: Vec<Member>,
    balance: config::Balance,
    health: config::Health,
    next: AtomicUsize,
    /// Whether servers are asked for their format beside the requests.
    probes: bool,
    /// Checks end with the configuration that asked for them.
    _watches: JoinSet<()>,
}

/// A server's place in a configuration.
pub(crate) struct Member {
    pub(crate) pool: Arc<str>,
    pub(crate) server: Arc<Server>,
    written: Written,
}

/// How it is known what a server writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Written {
    /// The place in the list of formats.
    As(usize),
    Learned,
}

impl Upstreams {
    /// Servers that `before` had stay the same ones, with what is known of them.
    pub(crate) fn new(config: &Config, formats: &Arc<Vec<Format>>, before: Option<&Self>) -> Self {
        let known: HashMap<&str, &Arc<Server>> = before
            .iter()
            .flat_map(|before| &before.members)
            .map(|member| (member.server.address(), &member.server))
            .collect();
        let settings = Arc::new(server::Settings::new(config));
        let mut members = Vec::new();
        let mut watches = JoinSet::new();
        for pool in &config.pools {
            let name: Arc<str> = Arc::from(pool.name.as_str());
            let written = pool.format.as_ref().and_then(|format| {
                formats.iter().position(|known| known.name == *format.get_ref())
            });
            let written = written.map_or(Written::Learned, Written::As);
            for address in &pool.servers {
                let server = match known.get(address.get_ref().as_str()) {
                    Some(server) => Arc::clone(server),
                    None => Arc::new(Server::new(address.get_ref())),
                };
                server.reload(&settings, formats);
                let member = Member { pool: Arc::clone(&name), server, written };
                let watch = watch::Watch::new(config, &member, formats);
                watches.spawn(watch.run());
                members.push(member);
            }
        }
        Self {
            members,
            balance: config.balance,
            health: config.health.clone(),
            next: AtomicUsize::new(0),
            probes: config.learn.path.is_some(),
            _watches: watches,
        }
    }

    pub(crate) fn members(&self) -> &[Member] {
        &self.members
    }

    pub(crate) fn is_up(&self, member: &Member) -> bool {
        member.server.health().is_up(&self.health)
    }

    /// Up, and not waiting for the answer to its first probe since it (re)started: before that no
    /// cookie can be sealed for it.
    fn is_ready(&self, member: &Member) -> bool {
        let awaited = self.probes && member.is_learned() && !member.server.learned().has_answered();
        self.is_up(member) && !awaited
    }
}

impl Member {
    /// The place of the format that the server writes, if that is known.
    pub(crate) fn format(&self, formats: &[Format]) -> Option<usize> {
        match self.written {
            Written::As(index) => Some(index),
            Written::Learned => self.server.learned().format(formats),
        }
    }

    pub(crate) fn is_learned(&self) -> bool {
        self.written == Written::Learned
    }
}
