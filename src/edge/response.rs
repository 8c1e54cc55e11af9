//! The way back: what the server sets, in the form that browsers should hold, and the login hints in
//! step with who is then signed in.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::cookies::{SetCookie, SetCookieName, escape};
use crate::edge::Edge;
use crate::edge::attributes::{deletion, is_expired};
use crate::edge::cacheability::{Cacheability, Reason};
use crate::edge::event::Event;
use crate::edge::format::{FormatId, Upstream};
use crate::edge::hint::HintId;
use crate::edge::kept::{CookieId, Kept};
use crate::edge::read::Seen;
use crate::edge::request::RequestDecision;
use crate::edge::reseal::{Reseal, Way};
use crate::edge::verdict::Verdict;
use crate::entropy::Entropy;
use crate::message::Scratch;
use crate::time::Timestamp;

/// What to do with a response.
#[derive(Clone)]
#[must_use]
pub struct ResponseDecision {
    verdict: Verdict,
    cacheability: Cacheability,
    set_cookies: Option<Vec<Vec<u8>>>,
    events: Vec<Event>,
}

impl ResponseDecision {
    /// Who is there once the browser has taken this response in.
    #[must_use]
    pub fn verdict(&self) -> &Verdict {
        &self.verdict
    }

    /// Whether a shared cache may keep the response, as far as cookies go.
    #[must_use]
    pub fn cacheability(&self) -> Cacheability {
        self.cacheability
    }

    /// The values of all `Set-Cookie` headers, in the place of those that the server sent. `None`
    /// where these stay as they are.
    #[must_use]
    pub fn set_cookies(&self) -> Option<&[Vec<u8>]> {
        self.set_cookies.as_deref()
    }

    /// What was seen and done, in order.
    #[must_use]
    pub fn events(&self) -> &[Event] {
        &self.events
    }
}

// Cookies stay out of logs.
impl fmt::Debug for ResponseDecision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseDecision")
            .field("verdict", &self.verdict)
            .field("cacheability", &self.cacheability)
            .field("events", &self.events)
            .finish_non_exhaustive()
    }
}

impl Edge {
    /// Decides on the response to a request, by the values of its `Set-Cookie` headers in their
    /// order. `upstream` is the format of the server that answered; what it was learned from may be
    /// this very response.
    ///
    /// `entropy` is asked where an encrypted cookie is sealed again.
    pub fn response<'h>(
        &self,
        request: &RequestDecision,
        set_cookies: impl IntoIterator<Item = &'h [u8]>,
        upstream: Upstream,
        now: Timestamp,
        entropy: &mut impl Entropy,
    ) -> ResponseDecision {
        self.response_in(&mut Scratch::new(), request, set_cookies, upstream, now, entropy)
    }

    /// As [`response`](Self::response), in the caller's buffers.
    pub fn response_in<'h>(
        &self,
        scratch: &mut Scratch,
        request: &RequestDecision,
        set_cookies: impl IntoIterator<Item = &'h [u8]>,
        upstream: Upstream,
        now: Timestamp,
        entropy: &mut impl Entropy,
    ) -> ResponseDecision {
        let mut pass = Pass {
            edge: self,
            scratch,
            upstream,
            now,
            entropy,
            seen: Cow::Borrowed(&request.seen),
            hints: request.hints.iter().map(|had| HintState { had: *had, set: None }).collect(),
            headers: Vec::new(),
            changed: false,
            events: Vec::new(),
        };
        // What the server sets comes after, and so counts where it sets the same cookie.
        for cookie in &request.expire {
            pass.expire(*cookie);
        }
        for header in set_cookies {
            pass.set_cookie(header);
        }
        let (verdict, signed_in) = match &pass.seen {
            // Nothing is set that a rule could look at.
            Cow::Borrowed(_) => (request.verdict().clone(), Cow::Borrowed(request.signed_in())),
            Cow::Owned(seen) => {
                let (verdict, signed_in) = self.judge(seen);
                (verdict, Cow::Owned(signed_in))
            }
        };
        for at in 0..self.hints.len() {
            pass.hint(HintId(at), &signed_in);
        }
        let Pass { seen, headers, changed, events, .. } = pass;
        let mut set_cookies = headers.into_iter().filter_map(|header| header.bytes).peekable();
        let reason = match request.cacheability() {
            Cacheability::NotCacheable(reason) => Some(reason),
            Cacheability::Cacheable => Self::uncacheable(&seen, &signed_in)
                .max(set_cookies.peek().map(|_| Reason::SetCookie)),
        };
        let cacheability = reason.map_or(Cacheability::Cacheable, Cacheability::NotCacheable);
        let set_cookies = changed.then(|| set_cookies.map(Cow::into_owned).collect());
        ResponseDecision { verdict, cacheability, set_cookies, events }
    }

    /// The kept cookie that a `Set-Cookie` sets.
    pub(super) fn kept_of(
        &self,
        cookie: &SetCookie<'_>,
        upstream: Upstream,
    ) -> Option<(CookieId, &Kept)> {
        let name = cookie.name(self.names(upstream));
        let mut each = self.kept.iter().enumerate();
        let (at, kept) = each.find(|(_, kept)| *kept.cookie.name().as_bytes() == *name)?;
        Some((CookieId(at), kept))
    }

    fn names(&self, upstream: Upstream) -> SetCookieName {
        let format = self.first(upstream).and_then(|FormatId(at)| self.formats.get(at));
        format.map_or(SetCookieName::Escaped, |format| format.cookies().set_cookie_name())
    }
}

/// One pass over the `Set-Cookie` headers of a response.
struct Pass<'p, 'h, E> {
    edge: &'p Edge,
    scratch: &'p mut Scratch,
    upstream: Upstream,
    now: Timestamp,
    entropy: &'p mut E,
    /// What each kept cookie says at the browser from here on.
    seen: Cow<'p, [Seen]>,
    hints: Vec<HintState>,
    headers: Vec<Header<'h>>,
    changed: bool,
    events: Vec<Event>,
}

struct Header<'h> {
    hint: Option<HintId>,
    /// `None` for one that is dropped.
    bytes: Option<Cow<'h, [u8]>>,
}

/// What becomes of a hint at the browser.
struct HintState {
    /// Whether it came with the request.
    had: bool,
    /// Whether the server sets it, or deletes it.
    set: Option<bool>,
}

impl<'h, E: Entropy> Pass<'_, 'h, E> {
    fn push(&mut self, hint: Option<HintId>, bytes: Cow<'h, [u8]>) {
        self.headers.push(Header { hint, bytes: Some(bytes) });
    }

    fn add(&mut self, header: String) {
        self.changed = true;
        self.push(None, Cow::Owned(header.into_bytes()));
    }

    /// Has the browser forget a cookie, be it the host's or the domain's.
    fn expire(&mut self, id: CookieId) {
        let Some(kept) = self.edge.kept.get(id.0) else { return };
        let name = escape::escape(kept.cookie.name().as_bytes());
        let path = &kept.cookie.path;
        self.add(deletion(&name, path, None));
        if let Some(domain) = &kept.cookie.domain {
            self.add(deletion(&name, path, Some(domain)));
        }
        self.see(id, Seen::Absent);
    }

    fn see(&mut self, id: CookieId, now: Seen) {
        if let Some(seen) = self.seen.to_mut().get_mut(id.0) {
            *seen = now;
        }
    }

    fn set_cookie(&mut self, header: &'h [u8]) {
        let Some(cookie) = SetCookie::parse(header) else { return self.push(None, header.into()) };
        let value = cookie.value();
        let is_deleted = value.is_empty() || is_expired(header, self.now);
        if let Some((id, kept)) = self.edge.kept_of(&cookie, self.upstream) {
            if is_deleted {
                self.events.push(Event::Deleted { cookie: id });
                self.see(id, Seen::Absent);
            } else if let Some(wire) = self.kept(id, kept, &value) {
                self.changed = true;
                return self.push(None, cookie.replace_value(wire.as_bytes()).into());
            }
            return self.push(None, header.into());
        }
        let name = cookie.name(self.edge.names(self.upstream));
        let mut hints = self.edge.hints.iter().zip(&mut self.hints).enumerate();
        let hint = hints.find(|(_, (hint, _))| *hint.name().as_bytes() == *name);
        let hint = hint.map(|(at, (_, state))| {
            state.set = Some(!is_deleted);
            HintId(at)
        });
        self.push(hint, header.into());
    }

    /// Looks at a kept cookie that is set; gives its value in the format for browsers, if that is
    /// another.
    fn kept(&mut self, id: CookieId, kept: &Kept, value: &[u8]) -> Option<String> {
        let server = self.edge.first(self.upstream);
        let to = self.edge.browser_format.filter(|_| server.is_some());
        let read = self.edge.read(
            self.scratch,
            kept,
            value,
            to.or(server),
            self.now,
            |by, jar, opened| to.is_some_and(|to| by != to || !jar.may_have_written(opened)),
        );
        let found = match read {
            Ok(found) => found,
            Err(refusal) => {
                self.events.push(Event::Unreadable { cookie: id, refusal });
                self.see(id, Seen::Unreadable(refusal));
                return None;
            }
        };
        self.events.push(found.event(id));
        self.see(id, Seen::Read(found.facts));
        let (to, opened) = (to?, found.opened.as_ref()?);
        let what = Reseal { cookie: id, kept, opened, from: found.by, to, way: Way::ToBrowser };
        self.edge.reseal(self.scratch, &what, self.entropy, &mut self.events)
    }

    /// Puts a hint in step with who is signed in now.
    fn hint(&mut self, id: HintId, signed_in: &[crate::edge::SignedIn]) {
        let (Some(hint), Some(state)) = (self.edge.hints.get(id.0), self.hints.get(id.0)) else {
            return;
        };
        let (had, set) = (state.had, state.set);
        let wanted = hint.tells_of(signed_in);
        if wanted && set != Some(true) {
            if self.drop_headers(id) {
                self.events.push(Event::HintKept { hint: id });
            }
            if !had {
                self.add(hint.set());
                self.events.push(Event::HintAdded { hint: id });
            }
        } else if !wanted && self.edge.is_settled(&self.seen) {
            let dropped = set == Some(true) && self.drop_headers(id);
            if had && set != Some(false) {
                self.add(hint.delete());
            }
            if dropped || had && set != Some(false) {
                self.events.push(Event::HintRemoved { hint: id });
            }
        }
    }

    /// Drops what the server says of a hint; whether it said something.
    fn drop_headers(&mut self, id: HintId) -> bool {
        let mut any = false;
        for header in self.headers.iter_mut().filter(|header| header.hint == Some(id)) {
            header.bytes = None;
            any = true;
        }
        self.changed |= any;
        any
    }
}
