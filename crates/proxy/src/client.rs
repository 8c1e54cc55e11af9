//! The other end of a connection, as far as its requests need to know.

use std::net::IpAddr;
use std::sync::Arc;

use crate::activity::Activity;

/// A client.
pub(crate) struct Client {
    pub(crate) ip: IpAddr,
    pub(crate) transport: Transport,
    pub(crate) activity: Arc<Activity>,
}

/// How it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transport {
    Plain,
    Tls,
}

impl Client {
    pub(crate) fn scheme(&self) -> &'static str {
        match self.transport {
            Transport::Plain => "http",
            Transport::Tls => "https",
        }
    }
}
