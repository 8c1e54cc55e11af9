//! The configuration file, key by key; `docs/proxy.md` describes each. Unknown keys are errors.

use std::net::SocketAddr;
use std::path::PathBuf;

use http::{HeaderName, HeaderValue};
use ipnet::IpNet;
use railjar::config::EdgeSettings;
use serde::{Deserialize, Deserializer, de};
use toml::Spanned;

use super::units::{Size, Time};

/// The file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    pub(crate) server: Server,
    #[serde(default)]
    pub(crate) mode: Mode,
    #[serde(default)]
    pub(crate) timeouts: Timeouts,
    #[serde(default)]
    pub(crate) limits: Limits,
    #[serde(default)]
    pub(crate) forwarded: Forwarded,
    #[serde(default)]
    pub(crate) balance: Balance,
    #[serde(default)]
    pub(crate) retry: Retry,
    #[serde(default)]
    pub(crate) health: Health,
    #[serde(default)]
    pub(crate) learn: Learn,
    #[serde(default)]
    pub(crate) log: Log,
    pub(crate) pools: Vec<Pool>,
    /// The library's own: what a cookie is, and who is signed in.
    pub(crate) edge: Option<Spanned<EdgeSettings>>,
}

/// Whether requests are looked into.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Mode {
    /// Classify, and repair.
    #[default]
    Edge,
    /// Only carry requests: what the rest is measured against.
    PassThrough,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Server {
    #[serde(default)]
    pub(crate) listen: Vec<SocketAddr>,
    pub(crate) tls: Option<Spanned<Tls>>,
    pub(crate) admin: Option<SocketAddr>,
    pub(crate) threads: Option<usize>,
    #[serde(default = "thirty_seconds")]
    pub(crate) shutdown_deadline: Time,
}

const fn thirty_seconds() -> Time {
    Time::seconds(30)
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tls {
    pub(crate) listen: Vec<SocketAddr>,
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

/// Declares a table whose keys all have defaults.
macro_rules! table {
    ($(#[$doc:meta])* $name:ident { $($field:ident: $type:ty = $default:expr,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Deserialize)]
        #[serde(deny_unknown_fields, default)]
        pub(crate) struct $name { $(pub(crate) $field: $type,)* }

        impl Default for $name {
            fn default() -> Self {
                Self { $($field: $default,)* }
            }
        }
    };
}

table! {
    /// For each phase of a connection and a request.
    Timeouts {
        header: Time = Time::seconds(10),
        body: Time = Time::seconds(30),
        idle: Time = Time::seconds(75),
        connect: Time = Time::seconds(2),
        response: Time = Time::seconds(60),
        upstream_idle: Time = Time::seconds(15),
    }
}

table! {
    Limits {
        header_bytes: Size = Size::kilobytes(32),
        headers: usize = 100,
        body_bytes: Size = Size::kilobytes(2 << 20),
        connections: usize = 10_000,
        streams: u32 = 100,
        idle_per_upstream: usize = 64,
    }
}

table! {
    /// What is made of the `Forwarded` headers that a request already has.
    Forwarded {
        trusted: Vec<IpNet> = Vec::new(),
        from_trusted: Policy = Policy::Append,
        from_others: Policy = Policy::Replace,
    }
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Policy {
    /// They stay as they are, and missing ones are made.
    Trust,
    /// Ours go behind them.
    Append,
    /// Ours take their place.
    Replace,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Balance {
    #[default]
    RoundRobin,
    LeastConnections,
}

table! { Retry { attempts: usize = 3, } }

table! {
    Health {
        failures: u32 = 3,
        cooldown: Time = Time::seconds(10),
        path: Option<PathAndQuery> = None,
        host: Option<Host> = None,
        interval: Time = Time::seconds(5),
        timeout: Time = Time::seconds(2),
    }
}

table! {
    /// How a pool with `format = "learned"` is asked.
    Learn {
        header: Header = Header(HeaderName::from_static("x-railjar-format")),
        path: Option<PathAndQuery> = None,
    }
}

table! {
    Log {
        format: LogFormat = LogFormat::Text,
        level: Level = Level::Info,
        requests: bool = true,
    }
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LogFormat {
    Text,
    Json,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Level {
    Error,
    Warn,
    Info,
    Debug,
}

/// Servers that write cookies in one format.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Pool {
    pub(crate) name: String,
    pub(crate) servers: Vec<Spanned<String>>,
    /// The name of one of `edge.formats`, or `learned`.
    pub(crate) format: Option<Spanned<String>>,
}

/// Reads a text by a function, and says what was wanted.
macro_rules! from_text {
    ($name:ident, $shape:literal, $parse:expr) => {
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                let parse: fn(&str) -> Option<Self> = $parse;
                parse(&text)
                    .ok_or_else(|| de::Error::invalid_value(de::Unexpected::Str(&text), &$shape))
            }
        }
    };
}

#[derive(Clone, Debug)]
pub(crate) struct PathAndQuery(pub(crate) http::uri::PathAndQuery);

#[derive(Clone, Debug)]
pub(crate) struct Header(pub(crate) HeaderName);

#[derive(Clone, Debug)]
pub(crate) struct Host(pub(crate) HeaderValue);

from_text!(PathAndQuery, "a path, as \"/up\"", |text| {
    text.starts_with('/').then(|| text.parse().ok().map(Self))?
});
from_text!(Header, "a header's name, as \"x-railjar-format\"", |text| text.parse().ok().map(Self));
from_text!(Host, "a host, as \"example.com\"", |text| {
    text.parse::<http::uri::Authority>().ok()?;
    HeaderValue::from_str(text).ok().map(Self)
});
