//! Where the transport meets the library's decision: headers in, headers out. Nothing here knows a
//! format, a key or a rule.

use std::borrow::Cow;
use std::cell::RefCell;

use js_sys::Date;
use railjar::edge::{Cacheability, CookieHeader, RequestDecision, RequestHead};
use railjar::entropy::{Buffered, SystemEntropy};
use railjar::{Scratch, Timestamp};
use wasm_bindgen::{JsCast as _, intern};
use web_sys::{Headers, Response, ResponseInit};
use worker_sys::ext::HeadersExt as _;

use crate::Result;
use crate::log;
use crate::site::Site;

/// The headers that are looked at.
pub(crate) const COOKIE: &str = "cookie";
pub(crate) const SET_COOKIE: &str = "set-cookie";

/// One request, from the decision on it to its response. The clock stands still meanwhile, as the
/// runtime's own does but for I/O.
pub(crate) struct Visit<'s> {
    site: &'s Site,
    decision: RequestDecision,
    now: Timestamp,
}

thread_local! {
    /// Buffers that stay warm: nothing is awaited while they are in use.
    static BUFFERS: RefCell<(Scratch, Buffered<SystemEntropy>)> =
        RefCell::new((Scratch::new(), Buffered::new(SystemEntropy)));
}

impl<'s> Visit<'s> {
    /// Decides on a request, and makes its headers into those for the origin.
    pub(crate) fn request(site: &'s Site, method: &str, headers: &Headers) -> Result<Self> {
        for spelling in &site.spellings {
            headers.delete(spelling)?;
        }
        let now = now();
        let cookie = headers.get(COOKIE)?.unwrap_or_default();
        let head = RequestHead { method: method.as_bytes(), cookie: cookie.as_bytes() };
        let decision = BUFFERS.with_borrow_mut(|(scratch, entropy)| {
            site.edge.request_in(scratch, head, site.origin, now, entropy)
        });
        match decision.cookie() {
            CookieHeader::Untouched => {}
            CookieHeader::Replace(bytes) => {
                headers.set(COOKIE, &String::from_utf8_lossy(bytes))?;
            }
            CookieHeader::Remove => headers.delete(COOKIE)?,
        }
        for (name, value) in site.edge.headers(&decision) {
            match value {
                Cow::Borrowed(word) => headers.set(name, intern(word))?,
                Cow::Owned(text) => headers.set(name, &text)?,
            }
        }
        log::request(&site.edge, &decision);
        Ok(Self { site, decision, now })
    }

    /// Whether a shared cache may answer.
    pub(crate) fn cacheability(&self) -> Cacheability {
        self.decision.cacheability()
    }

    /// The response as the browser gets it, and whether a shared cache may keep it.
    pub(crate) fn response(&self, response: Response) -> Result<(Response, Cacheability)> {
        let Self { site, decision, now } = self;
        let set: Vec<String> = response
            .headers()
            .get_all(SET_COOKIE)
            .iter()
            .filter_map(|set| set.as_string())
            .collect();
        let after = BUFFERS.with_borrow_mut(|(scratch, entropy)| {
            let set = set.iter().map(String::as_bytes);
            site.edge.response_in(scratch, decision, set, site.origin, *now, entropy)
        });
        log::response(&site.edge, &after);
        let Some(cookies) = after.set_cookies() else {
            return Ok((response, after.cacheability()));
        };
        let response = with_own_headers(&response)?;
        let headers = response.headers();
        headers.delete(SET_COOKIE)?;
        for cookie in cookies {
            headers.append(SET_COOKIE, &String::from_utf8_lossy(cookie))?;
        }
        Ok((response, after.cacheability()))
    }
}

/// The same response with headers that may be changed: a fetched one's may not. Its status, its
/// WebSocket and its encoding are taken from where it is given as the options.
fn with_own_headers(response: &Response) -> Result<Response> {
    let init: &ResponseInit = response.unchecked_ref();
    let body = response.body();
    Response::new_with_opt_readable_stream_and_init(body.as_ref(), init)
}

/// Now, in whole milliseconds.
#[expect(clippy::cast_possible_truncation, reason = "a clock's milliseconds fit for long")]
fn now() -> Timestamp {
    Timestamp::from_unix_millis(Date::now() as i64)
}
