//! Looks after one server from beside the requests: its checks, and the probe that tells its format
//! when it (re)starts.

use std::sync::Arc;
use std::time::Duration;

use http::header::{CONNECTION, HOST, USER_AGENT};
use http::{HeaderName, HeaderValue, Request, Response};
use hyper::body::Incoming;
use tokio::time::{sleep, timeout};
use tracing::{info, warn};

use super::learn::Epoch;
use super::server::{self, Server};
use super::{Member, Written, send};
use crate::body::RequestBody;
use crate::config::{Config, Format};

/// The task of one server.
pub(super) struct Watch {
    server: Arc<Server>,
    formats: Arc<Vec<Format>>,
    header: HeaderName,
    host: HeaderValue,
    check: Option<http::uri::PathAndQuery>,
    probe: Option<http::uri::PathAndQuery>,
    interval: Duration,
    timeout: Duration,
}

/// How long to wait before a server that did not answer a probe is probed again.
const AGAIN: Duration = Duration::from_millis(200);

/// How long to wait before a server that may have been restarted is looked at: many requests may
/// say so at once.
const AT_ONCE: Duration = Duration::from_millis(20);

impl Watch {
    pub(super) fn new(config: &Config, member: &Member, formats: &Arc<Vec<Format>>) -> Self {
        let learned = member.written == Written::Learned;
        let address = HeaderValue::from_str(member.server.address());
        let host = config.health.host.as_ref().map(|host| host.0.clone()).or(address.ok());
        Self {
            server: Arc::clone(&member.server),
            formats: Arc::clone(formats),
            header: config.learn.header.0.clone(),
            host: host.unwrap_or(HeaderValue::from_static("localhost")),
            check: config.health.path.as_ref().map(|path| path.0.clone()),
            probe: config.learn.path.as_ref().filter(|_| learned).map(|path| path.0.clone()),
            interval: config.health.interval.0,
            timeout: config.health.timeout.0,
        }
    }

    pub(super) async fn run(self) {
        loop {
            if let Some(path) = &self.check {
                let response = self.ask(path).await;
                let healthy = |response: &Response<Incoming>| {
                    response.status().is_success() || response.status().is_redirection()
                };
                self.server.checked(response.as_ref().is_some_and(healthy));
            }
            // Again and again: a server that nobody talked to may have been restarted unseen.
            let epoch = self.server.learned().epoch();
            if let Some(path) = &self.probe
                && self.ask(path).await.is_some()
            {
                self.server.learned().probed(epoch);
            }
            let silent = self.probe.is_some() && !self.is_known();
            tokio::select! {
                () = sleep(if silent { AGAIN.min(self.interval) } else { self.interval }) => {}
                () = self.server.suspected.notified() => sleep(AT_ONCE).await,
            }
            self.server.prune();
        }
    }

    fn is_known(&self) -> bool {
        self.server.learned().format(&self.formats).is_some()
    }

    /// Asks over a connection of its own, which shows whether the server takes any.
    async fn ask(&self, path: &http::uri::PathAndQuery) -> Option<Response<Incoming>> {
        let request = Request::get(path.as_str())
            .header(HOST, &self.host)
            .header(USER_AGENT, "railjar-proxy")
            .header(CONNECTION, "close")
            .body(RequestBody::EMPTY)
            .ok()?;
        let settings: Arc<server::Settings> = self.server.settings();
        let epoch = self.server.learned().epoch();
        let exchange = async {
            let mut connection = send::connect(&self.server, &settings).await.ok()?;
            connection.send_request(request).await.ok()
        };
        let response = timeout(self.timeout, exchange).await.ok().flatten()?;
        if let Some(header) = response.headers().get(&self.header) {
            take(&self.server, header, epoch, &self.formats);
        }
        Some(response)
    }
}

/// Takes what a server says of itself, and logs news.
pub(crate) fn take(server: &Server, header: &HeaderValue, epoch: Epoch, formats: &[Format]) {
    if !server.learned().said(header, epoch, formats) {
        return;
    }
    let format = server.learned().format(formats).and_then(|index| formats.get(index));
    match format {
        Some(format) => {
            info!(upstream = server.address(), format = format.name, "upstream said its format");
        }
        None => warn!(
            upstream = server.address(),
            said = header.to_str().unwrap_or(""),
            "upstream said a format that fits none of the configuration, or more than one"
        ),
    }
}

/// Takes the format that a server's cookie is written in, and logs news.
pub(crate) fn take_written(server: &Server, index: usize, epoch: Epoch, formats: &[Format]) {
    if server.learned().wrote(index, epoch, formats)
        && let Some(format) = formats.get(index)
    {
        info!(upstream = server.address(), format = format.name, "upstream showed its format");
    }
}
