//! What is said of a request when it is over: one line in the log, and the metrics. Never a header's
//! value, never a query.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use http::{Method, StatusCode, Version, request};
use railjar::edge::SignedIn;
use tokio::time::Instant;
use tracing::info;

use crate::activity::Running;
use crate::client::Client;
use crate::decide::Found;
use crate::metrics::Metrics;

/// A request, while it runs.
pub(crate) struct Record {
    metrics: Arc<Metrics>,
    _running: Running,
    logged: Logged,
    started: Instant,
    client: IpAddr,
    method: Method,
    path: String,
    version: Version,
    pub(crate) upstream: Option<Arc<str>>,
    pub(crate) pool: Option<Arc<str>>,
    pub(crate) attempts: usize,
    pub(crate) found: Found,
    status: StatusCode,
    head: Duration,
    bytes: usize,
    is_said: bool,
}

/// The client went away before there was a response: nginx's number for it, which no RFC has.
const CLIENT_CLOSED: u16 = 499;

/// Whether the log has a line for each request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Logged {
    Yes,
    No,
}

impl Record {
    pub(crate) fn new(
        parts: &request::Parts,
        client: &Client,
        metrics: &Arc<Metrics>,
        logged: Logged,
    ) -> Box<Self> {
        Box::new(Self {
            metrics: Arc::clone(metrics),
            _running: client.activity.begin(),
            logged,
            started: Instant::now(),
            client: client.ip,
            method: parts.method.clone(),
            path: parts.uri.path().to_owned(),
            version: parts.version,
            upstream: None,
            pool: None,
            attempts: 0,
            found: Found::default(),
            status: StatusCode::from_u16(CLIENT_CLOSED).unwrap_or(StatusCode::BAD_REQUEST),
            head: Duration::ZERO,
            bytes: 0,
            is_said: false,
        })
    }

    /// The head of the response goes out.
    pub(crate) fn responds(&mut self, status: StatusCode) {
        self.status = status;
        self.head = self.started.elapsed();
    }

    /// So much of the body went out.
    pub(crate) fn count(&mut self, bytes: usize) {
        self.bytes = self.bytes.saturating_add(bytes);
    }

    /// The response is over: to its end, or not.
    pub(crate) fn end(&mut self, whole: bool) {
        self.is_said = true;
        let whole = whole || self.method == Method::HEAD;
        self.metrics.request(self.status, self.upstream.as_deref(), self.head, whole);
        self.metrics.found(&self.found);
        if self.logged == Logged::No {
            return;
        }
        info!(
            target: "railjar_proxy::request",
            client = %self.client,
            method = %self.method,
            path = self.path,
            version = ?self.version,
            status = self.status.as_u16(),
            verdict = self.found.verdict,
            then = self.found.then,
            scope = self.found.who.as_ref().map(SignedIn::scope),
            refusal = self.found.refusal,
            cacheable = self.found.cacheability,
            repair = self.found.repairs(),
            upstream = self.upstream.as_deref(),
            pool = self.pool.as_deref(),
            attempts = self.attempts,
            head_ms = milliseconds(self.head),
            total_ms = milliseconds(self.started.elapsed()),
            bytes = self.bytes,
            ended = if whole { "whole" } else { "cut" },
            "request"
        );
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        if !self.is_said {
            self.end(false);
        }
    }
}

/// With three places.
fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1_000_000.0).round() / 1000.0
}
