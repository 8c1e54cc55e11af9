//! Counters for Prometheus. Labels are words of ours and addresses of servers: few, and nobody
//! outside can add one.

use std::borrow::Cow;
use std::time::Duration;

use http::StatusCode;
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use crate::decide::Found;
use crate::site::Site;

/// All that is counted.
pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<Request, Counter>,
    latency: Family<Upstream, Histogram>,
    cut: Counter,
    retries: Counter,
    pub(crate) connections: Gauge,
    verdicts: Family<Word, Counter>,
    cacheabilities: Family<Word, Counter>,
    refusals: Family<Word, Counter>,
    events: Family<Word, Counter>,
    recipes: Family<Recipe, Counter>,
    reloads: Family<Word, Counter>,
    up: Family<Upstream, Gauge>,
    waiting: Family<Upstream, Gauge>,
    in_flight: Family<Upstream, Gauge>,
    formats: Family<Writes, Gauge>,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Request {
    status: u16,
    upstream: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Upstream {
    upstream: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Word {
    kind: &'static str,
}

/// Which recipe of which format opened a cookie.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub(crate) struct Recipe {
    pub(crate) cookie: String,
    pub(crate) format: String,
    pub(crate) recipe: Cow<'static, str>,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Writes {
    upstream: String,
    format: String,
    known: Known,
}

#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq, EncodeLabelValue)]
#[expect(non_camel_case_types, reason = "label values are written as they stand here")]
enum Known {
    configured,
    learned,
    unknown,
}

/// Seconds: from what a cached page takes to what nobody waits for.
const BUCKETS: [f64; 13] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0];

impl Metrics {
    pub(crate) fn new() -> Self {
        let histogram: fn() -> Histogram = || Histogram::new(BUCKETS);
        let mut metrics = Self {
            registry: Registry::with_prefix("railjar"),
            requests: Family::default(),
            latency: Family::new_with_constructor(histogram),
            cut: Counter::default(),
            retries: Counter::default(),
            connections: Gauge::default(),
            verdicts: Family::default(),
            cacheabilities: Family::default(),
            refusals: Family::default(),
            events: Family::default(),
            recipes: Family::default(),
            reloads: Family::default(),
            up: Family::default(),
            waiting: Family::default(),
            in_flight: Family::default(),
            formats: Family::default(),
        };
        metrics.register();
        metrics
    }

    fn register(&mut self) {
        let registry = &mut self.registry;
        macro_rules! register {
            ($($name:literal $field:ident $help:literal)*) => {
                $(registry.register($name, $help, self.$field.clone());)*
            };
        }
        register! {
            "requests" requests "Requests by status and upstream; none where the proxy answered"
            "request_seconds" latency "Time until the head of the response went out"
            "responses_cut" cut "Responses that did not reach their end"
            "retries" retries "Attempts after the first"
            "connections" connections "Connections of clients"
            "verdicts" verdicts "Requests by who they are from"
            "cacheability" cacheabilities "Requests that a cache may answer, or why not"
            "refusals" refusals "Unreadable cookies by the kind of refusal"
            "events" events "What was seen and done: repairs, twins, hints"
            "opened" recipes "Cookies by the recipe that opened them"
            "reloads" reloads "Reloads of the configuration"
            "upstream_up" up "Whether an upstream is asked"
            "upstream_idle_connections" waiting "Connections that wait for a request"
            "upstream_requests" in_flight "Requests that run"
            "upstream_format" formats "Which format an upstream is known to write"
        }
    }

    pub(crate) fn request(
        &self,
        status: StatusCode,
        upstream: Option<&str>,
        head: Duration,
        whole: bool,
    ) {
        let upstream = upstream.unwrap_or("none").to_owned();
        let request = Request { status: status.as_u16(), upstream: upstream.clone() };
        self.requests.get_or_create(&request).inc();
        self.latency.get_or_create(&Upstream { upstream }).observe(head.as_secs_f64());
        if !whole {
            self.cut.inc();
        }
    }

    pub(crate) fn found(&self, found: &Found) {
        let count = |family: &Family<Word, Counter>, kind: Option<&'static str>| {
            if let Some(kind) = kind {
                family.get_or_create(&Word { kind }).inc();
            }
        };
        count(&self.verdicts, found.verdict);
        count(&self.cacheabilities, found.cacheability);
        found.refusals.iter().for_each(|kind| count(&self.refusals, Some(kind)));
        found.events.iter().for_each(|kind| count(&self.events, Some(kind)));
        for recipe in &found.recipes {
            self.recipes.get_or_create(recipe).inc();
        }
    }

    pub(crate) fn retried(&self) {
        self.retries.inc();
    }

    pub(crate) fn reloaded(&self, kind: &'static str) {
        self.reloads.get_or_create(&Word { kind }).inc();
    }

    /// All of it as OpenMetrics text, with the state of the upstreams as it is now.
    pub(crate) fn text(&self, site: &Site) -> String {
        self.up.clear();
        self.waiting.clear();
        self.in_flight.clear();
        self.formats.clear();
        let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        for member in site.upstreams.members() {
            let upstream = Upstream { upstream: member.server.address().to_owned() };
            self.up.get_or_create(&upstream).set(i64::from(site.upstreams.is_up(member)));
            self.waiting.get_or_create(&upstream).set(number(member.server.waiting()));
            self.in_flight.get_or_create(&upstream).set(number(member.server.in_flight()));
            let format = member.format(&site.formats).and_then(|index| site.formats.get(index));
            let known = match (member.is_learned(), format) {
                (false, Some(_)) => Known::configured,
                (true, Some(_)) => Known::learned,
                (_, None) => Known::unknown,
            };
            let format = format.map_or(String::new(), |format| format.name.clone());
            let writes = Writes { upstream: upstream.upstream, format, known };
            self.formats.get_or_create(&writes).set(1);
        }
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}
