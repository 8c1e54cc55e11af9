//! Where the transport meets the library's decision: headers in, headers out. Nothing here knows a
//! format, a key or a rule.

mod found;

use std::borrow::Cow;
use std::cell::RefCell;
use std::time::{SystemTime, UNIX_EPOCH};

use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use railjar::edge::{CookieHeader, Edge, FormatId, RequestDecision, RequestHead, Upstream};
use railjar::entropy::{Buffered, SystemEntropy};
use railjar::{Scratch, Timestamp};

pub(crate) use self::found::Found;
use crate::config::{Format, Loaded};

/// Decides, or passes everything through.
pub(crate) struct Decider {
    edge: Option<Edge>,
    /// The edge's names for the formats of the configuration, in its order.
    formats: Vec<FormatId>,
    /// The headers that it may set.
    headers: Vec<HeaderName>,
}

/// What was decided about a request, for its response.
pub(crate) type Decided = Option<RequestDecision>;

thread_local! {
    /// Buffers that stay warm: nothing is awaited while they are in use.
    static BUFFERS: RefCell<(Scratch, Buffered<SystemEntropy>)> =
        RefCell::new((Scratch::new(), Buffered::new(SystemEntropy)));
}

impl Decider {
    pub(crate) fn new(edge: Option<Edge>, formats: &[Format]) -> Self {
        let known = formats.iter().filter_map(|format| edge.as_ref()?.format(&format.name));
        let names = edge.iter().flat_map(Edge::header_names);
        let headers = names.filter_map(|name| HeaderName::from_bytes(name.as_bytes()).ok());
        Self { formats: known.collect(), headers: headers.collect(), edge }
    }

    /// Makes a request's headers into those for a server that reads `format`, if that is known.
    pub(crate) fn request(
        &self,
        method: &Method,
        headers: &mut HeaderMap,
        format: Option<usize>,
    ) -> (Decided, Found) {
        let Some(edge) = &self.edge else { return (None, Found::default()) };
        let owned = |name: &&HeaderName| edge.owns(name.as_str().as_bytes());
        let names: Vec<HeaderName> = headers.keys().filter(owned).cloned().collect();
        names.iter().for_each(|name| drop(headers.remove(name)));
        let decision = BUFFERS.with_borrow_mut(|(scratch, entropy)| {
            let cookie = headers.get(COOKIE).map_or(&b""[..], HeaderValue::as_bytes);
            let head = RequestHead { method: method.as_str().as_bytes(), cookie };
            edge.request_in(scratch, head, self.upstream(format), now(), entropy)
        });
        match decision.cookie() {
            CookieHeader::Untouched => {}
            CookieHeader::Replace(bytes) => match HeaderValue::from_bytes(bytes) {
                Ok(cookie) => drop(headers.insert(COOKIE, sensitive(cookie))),
                Err(_) => drop(headers.remove(COOKIE)),
            },
            CookieHeader::Remove => drop(headers.remove(COOKIE)),
        }
        for (name, value) in edge.headers(&decision) {
            let mut known = self.headers.iter();
            let name = known.find(|known| known.as_str().eq_ignore_ascii_case(name));
            let value = match value {
                Cow::Borrowed(word) => Ok(HeaderValue::from_static(word)),
                Cow::Owned(text) => HeaderValue::try_from(text),
            };
            if let (Some(name), Ok(value)) = (name, value) {
                headers.insert(name, value);
            }
        }
        let found = Found::of_request(edge, &decision);
        (Some(decision), found)
    }

    /// Makes a response's headers into those for the browser, and adds what is found to `found`.
    /// `decided` is that of its request.
    pub(crate) fn response(
        &self,
        decided: &Decided,
        headers: &mut HeaderMap,
        format: Option<usize>,
        found: &mut Found,
    ) {
        let (Some(edge), Some(request)) = (&self.edge, decided) else { return };
        let decision = BUFFERS.with_borrow_mut(|(scratch, entropy)| {
            let set = headers.get_all(SET_COOKIE).into_iter().map(HeaderValue::as_bytes);
            edge.response_in(scratch, request, set, self.upstream(format), now(), entropy)
        });
        if let Some(all) = decision.set_cookies() {
            headers.remove(SET_COOKIE);
            for bytes in all {
                if let Ok(cookie) = HeaderValue::from_bytes(bytes) {
                    headers.append(SET_COOKIE, sensitive(cookie));
                }
            }
        }
        found.add_response(edge, &decision);
    }

    /// The place of the one format in which the cookies of a response are written, if any shows it.
    pub(crate) fn written(&self, headers: &HeaderMap) -> Option<usize> {
        let edge = self.edge.as_ref()?;
        headers.get_all(SET_COOKIE).into_iter().find_map(|cookie| {
            match edge.set_by(cookie.as_bytes(), now()).as_slice() {
                [id] => self.formats.iter().position(|known| known == id),
                _ => None,
            }
        })
    }

    fn upstream(&self, format: Option<usize>) -> Upstream {
        let id = format.and_then(|index| self.formats.get(index));
        id.map_or(Upstream::Unknown, |id| Upstream::Known(*id))
    }
}

impl Loaded {
    /// The decision that this configuration asks for.
    pub(crate) fn decider(&mut self) -> Decider {
        Decider::new(self.edge.take(), &self.formats)
    }
}

/// Its `Debug` shows nothing.
fn sensitive(mut value: HeaderValue) -> HeaderValue {
    value.set_sensitive(true);
    value
}

/// Now. A clock before 1970 is taken for 1970.
fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs())
        .ok()
        .and_then(|seconds| Timestamp::from_unix(seconds, since.subsec_nanos()))
        .unwrap_or(Timestamp::from_unix_seconds(0))
}
