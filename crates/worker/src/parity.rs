//! What was decided about any header, as text: the same code, run in the Worker and natively, must
//! answer the same. The entropy is known, so that what is sealed again can be compared as well.

use std::collections::HashMap;
use std::fmt::Write as _;

use railjar::config::{EdgeSettings, SecretReference, Source};
use railjar::edge::{CookieHeader, Edge, RequestHead, Upstream};
use railjar::entropy::{Entropy, EntropyUnavailable};
use railjar::{ConfigError, Secret, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use web_sys::{Request, Response};

use crate::Result as JsResult;

/// The route: lines are posted there, and answers come back.
pub const PATH: &str = "/railjar/parity";

/// Answers each line, be it a question or an edge that the next questions are for.
#[must_use]
pub fn answers(lines: &str) -> String {
    let mut edge = None;
    let mut answers = String::new();
    for line in lines.lines() {
        let answer = match serde_json::from_str(line) {
            Err(error) => json!({ "malformed": error.to_string() }),
            Ok(Line::Edge { edge: settings, secret_bytes }) => {
                match build(&settings, &secret_bytes) {
                    Err(error) => {
                        edge = None;
                        json!({ "refused": error.to_string() })
                    }
                    Ok(built) => {
                        edge = Some(built);
                        json!({ "edge": "built" })
                    }
                }
            }
            Ok(Line::Question(question)) => match &edge {
                None => json!({ "refused": "there is no edge" }),
                Some(edge) => question.answer(edge),
            },
        };
        let _ = writeln!(answers, "{answer}");
    }
    answers
}

pub(crate) async fn respond(request: &Request) -> JsResult<Response> {
    let lines = request.text()?.await?.as_string().unwrap_or_default();
    Response::new_with_opt_str(Some(&answers(&lines)))
}

/// By the names that the edge refers to.
type Secrets = HashMap<String, Bytes>;

#[derive(Deserialize)]
#[serde(untagged)]
enum Line {
    Edge { edge: Box<EdgeSettings>, secret_bytes: Secrets },
    Question(Question),
}

#[derive(Deserialize)]
struct Question {
    method: String,
    cookie: Bytes,
    /// A format's name, or null.
    upstream: Option<String>,
    now: String,
    set_cookies: Vec<Bytes>,
}

fn build(settings: &EdgeSettings, secrets: &Secrets) -> Result<Edge, ConfigError> {
    settings.edge(&mut |reference: &SecretReference| match &reference.source {
        Source::Env(name) => {
            secrets.get(name).map(|bytes| Secret::new(&*bytes.0)).ok_or(ConfigError::MissingSecret)
        }
        _ => Err(ConfigError::MissingSecret),
    })
}

impl Question {
    fn answer(&self, edge: &Edge) -> Value {
        let Some(now) = Timestamp::parse(&self.now) else { return json!({ "malformed": "now" }) };
        let upstream = self.upstream.as_deref().and_then(|name| edge.format(name));
        let upstream = upstream.map_or(Upstream::Unknown, Upstream::Known);
        let head = RequestHead { method: self.method.as_bytes(), cookie: &self.cookie.0 };
        let request = edge.request(head, upstream, now, &mut Counting(1));
        let set = || self.set_cookies.iter().map(|bytes| &*bytes.0);
        let response = edge.response(&request, set(), upstream, now, &mut Counting(2));
        let kept = |bytes: &[u8]| serde_json::to_value(Bytes(bytes.to_vec())).unwrap_or_default();
        json!({
            "verdict": request.verdict().name(),
            "why": format!("{:?}", request.verdict()),
            "who": request.signed_in().iter().map(|who| [Some(who.scope()), who.user()]).collect::<Vec<_>>(),
            "headers": edge.headers(&request).collect::<Vec<_>>(),
            "cacheability": request.cacheability().name(),
            "cookie": match request.cookie() {
                CookieHeader::Untouched => json!("untouched"),
                CookieHeader::Remove => json!("removed"),
                CookieHeader::Replace(bytes) => json!([kept(bytes)]),
            },
            "events": format!("{:?}", request.events()),
            "then": {
                "why": format!("{:?}", response.verdict()),
                "cacheability": response.cacheability().name(),
                "set_cookies": response.set_cookies()
                    .map(|all| all.iter().map(|bytes| kept(bytes)).collect::<Vec<_>>()),
                "events": format!("{:?}", response.events()),
                "set_by": set().map(|bytes| format!("{:?}", edge.set_by(bytes, now))).collect::<Vec<_>>(),
            },
        })
    }
}

/// Bytes as a text of characters up to U+00FF.
struct Bytes(Vec<u8>);

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes: Result<_, _> = text.chars().map(|char| u8::try_from(u32::from(char))).collect();
        bytes.map(Self).map_err(serde::de::Error::custom)
    }
}

impl Serialize for Bytes {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0.iter().map(|byte| char::from(*byte)).collect::<String>())
    }
}

/// Another byte each time.
struct Counting(u8);

impl Entropy for Counting {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), EntropyUnavailable> {
        for byte in out {
            self.0 = self.0.wrapping_add(1);
            *byte = self.0;
        }
        Ok(())
    }
}
