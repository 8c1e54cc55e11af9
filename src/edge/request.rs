//! The way in: a request's cookies, read once, judged, and given the form that the server reads.

use alloc::vec::Vec;
use core::fmt;

use crate::cookies::header::{self, RackCookies};
use crate::edge::Edge;
use crate::edge::cacheability::{Cacheability, Reason};
use crate::edge::event::{Event, Twin};
use crate::edge::format::{FormatId, Upstream};
use crate::edge::hint::HintId;
use crate::edge::kept::{CookieId, Kept};
use crate::edge::policy::{Lossy, Rotated, Unreadable};
use crate::edge::read::{Found, Seen};
use crate::edge::reseal::{Reseal, Way};
use crate::edge::rewrite::{CookieHeader, Edits};
use crate::edge::verdict::{SignedIn, Verdict};
use crate::entropy::Entropy;
use crate::error::{FormatError, OpenError};
use crate::message::Scratch;
use crate::time::Timestamp;

/// Of so many cookies of one name each is tried. Who sends more is no browser.
const MAX_TWINS: usize = 8;

/// What the edge looks at of a request.
#[derive(Clone, Copy)]
pub struct RequestHead<'h> {
    /// The method: `GET`.
    pub method: &'h [u8],
    /// The value of the `Cookie` header, empty if there is none. Several lines count as one, joined
    /// in their order by `"; "`.
    pub cookie: &'h [u8],
}

// Cookies stay out of logs.
impl fmt::Debug for RequestHead<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestHead").finish_non_exhaustive()
    }
}

/// What to do with a request. Keep it for the response: [`Edge::response`] goes on from it.
#[derive(Clone, Debug)]
#[must_use]
pub struct RequestDecision {
    verdict: Verdict,
    signed_in: Vec<SignedIn>,
    cacheability: Cacheability,
    cookie: CookieHeader,
    events: Vec<Event>,
    /// What each kept cookie said, and whether each hint came.
    pub(super) seen: Vec<Seen>,
    pub(super) hints: Vec<bool>,
    /// The cookies that the browser is to forget.
    pub(super) expire: Vec<CookieId>,
}

impl RequestDecision {
    /// Who sent it.
    #[must_use]
    pub fn verdict(&self) -> &Verdict {
        &self.verdict
    }

    /// All who are signed in, in several scopes perhaps; the first is the verdict's.
    #[must_use]
    pub fn signed_in(&self) -> &[SignedIn] {
        &self.signed_in
    }

    /// Whether a shared cache may answer it.
    #[must_use]
    pub fn cacheability(&self) -> Cacheability {
        self.cacheability
    }

    /// The `Cookie` header for the server.
    pub fn cookie(&self) -> &CookieHeader {
        &self.cookie
    }

    /// What was seen and done, in order.
    #[must_use]
    pub fn events(&self) -> &[Event] {
        &self.events
    }
}

impl Edge {
    /// Decides on a request that goes to `upstream`. The method changes nothing about the cookies:
    /// a form that is posted to the wrong server is repaired like a page that is fetched from it.
    ///
    /// `entropy` is asked where an encrypted cookie is sealed again.
    pub fn request(
        &self,
        head: RequestHead<'_>,
        upstream: Upstream,
        now: Timestamp,
        entropy: &mut impl Entropy,
    ) -> RequestDecision {
        self.request_in(&mut Scratch::new(), head, upstream, now, entropy)
    }

    /// As [`request`](Self::request), in the caller's buffers.
    pub fn request_in(
        &self,
        scratch: &mut Scratch,
        head: RequestHead<'_>,
        upstream: Upstream,
        now: Timestamp,
        entropy: &mut impl Entropy,
    ) -> RequestDecision {
        let target = self.first(upstream);
        let header = head.cookie;
        let mut racks = self.racks(target);
        let rack = racks.next().unwrap_or(RackCookies::SinceRack2_2);
        let mut pass = Pass::new(self, scratch, header, rack, target, now, entropy);
        let mut seen: Vec<Seen> = pass.cookies();
        // Nobody knows which Rack reads the header: what any of them sees counts.
        for rack in racks {
            pass.rack = rack;
            let events = pass.events.len();
            let also = pass.cookies();
            pass.events.truncate(events);
            seen = seen.into_iter().zip(also).map(|(a, b)| a.safer(b)).collect();
        }
        pass.rack = rack;
        let (verdict, signed_in) = self.judge(&seen);
        let hints = pass.hints(&seen, &signed_in);
        let Pass { edits, events, expire, .. } = pass;
        let reason = match head.method {
            b"GET" | b"HEAD" => Self::uncacheable(&seen, &signed_in),
            _ => Some(Reason::Method),
        };
        let cookie = match target {
            Some(_) => edits.apply(header, rack),
            None => CookieHeader::Untouched,
        };
        let cacheability = reason.map_or(Cacheability::Cacheable, Cacheability::NotCacheable);
        RequestDecision { verdict, signed_in, cacheability, cookie, events, seen, hints, expire }
    }

    /// The Racks that may read the header, each once.
    fn racks(&self, target: Option<FormatId>) -> impl Iterator<Item = RackCookies> {
        let of = |at: usize| self.formats.get(at).map(|format| format.cookies().rack());
        let range = match target {
            Some(FormatId(at)) => at..at.saturating_add(1),
            None => 0..self.formats.len(),
        };
        let is_new = move |at: &usize| (0..*at).all(|before| of(before) != of(*at));
        let only = target.is_some();
        range.filter(move |at| only || is_new(at)).filter_map(of)
    }
}

/// One pass over the cookies of a request.
struct Pass<'p, E> {
    edge: &'p Edge,
    scratch: &'p mut Scratch,
    header: &'p [u8],
    rack: RackCookies,
    /// The format that the server reads; without it nothing is changed.
    target: Option<FormatId>,
    now: Timestamp,
    entropy: &'p mut E,
    edits: Edits,
    events: Vec<Event>,
    expire: Vec<CookieId>,
}

impl<'p, E: Entropy> Pass<'p, E> {
    fn new(
        edge: &'p Edge,
        scratch: &'p mut Scratch,
        header: &'p [u8],
        rack: RackCookies,
        target: Option<FormatId>,
        now: Timestamp,
        entropy: &'p mut E,
    ) -> Self {
        let (edits, events, expire) = (Edits::default(), Vec::new(), Vec::new());
        Self { edge, scratch, header, rack, target, now, entropy, edits, events, expire }
    }

    fn cookies(&mut self) -> Vec<Seen> {
        let edge = self.edge;
        let each = edge.kept.iter().enumerate();
        each.map(|(at, kept)| self.cookie(CookieId(at), kept)).collect()
    }

    /// The first cookie of the name that anybody can read.
    fn cookie(&mut self, cookie: CookieId, kept: &Kept) -> Seen {
        let mut unread: Vec<usize> = Vec::new();
        let mut first_refusal = None;
        let mut found = None;
        let name = kept.cookie.name().as_bytes();
        let mut named = header::pieces(self.header, self.rack)
            .enumerate()
            .filter(|(_, piece)| piece.pair.is_named(name));
        for (at, piece) in named.by_ref().take(MAX_TWINS) {
            // A cookie without `=` is one that nobody can read.
            let read = match piece.pair.value() {
                Some(value) => self.read(kept, &value),
                None => Err(FormatError::Malformed.into()),
            };
            match read {
                Ok(read) => {
                    found = Some((at, read));
                    break;
                }
                Err(error) => {
                    first_refusal.get_or_insert(error);
                    unread.push(at);
                }
            }
        }
        let rest = named.map(|(at, _)| at);
        match (found, first_refusal) {
            (Some((at, found)), _) => {
                if !unread.is_empty() {
                    self.events.push(Event::Twin { cookie, kept: Twin::Later });
                } else if { rest }.next().is_some() {
                    self.events.push(Event::Twin { cookie, kept: Twin::First });
                }
                unread.into_iter().for_each(|twin| self.edits.remove(twin));
                self.events.push(found.event(cookie));
                self.repair(cookie, kept, at, &found);
                Seen::Read(found.facts)
            }
            (None, Some(refusal)) => {
                unread.extend(rest);
                self.unreadable(cookie, refusal, &unread);
                Seen::Unreadable(refusal)
            }
            (None, None) => Seen::Absent,
        }
    }

    fn read(&mut self, kept: &Kept, value: &[u8]) -> Result<Found, OpenError> {
        let rotated = self.edge.policies.rotated == Rotated::Reseal;
        let target = self.target;
        self.edge.read(self.scratch, kept, value, target, self.now, |by, _, opened| {
            target.is_some_and(|target| by != target || rotated && opened.must_reissue())
        })
    }

    fn repair(&mut self, cookie: CookieId, kept: &Kept, at: usize, found: &Found) {
        let (Some(to), Some(opened)) = (self.target, &found.opened) else { return };
        let what = Reseal { cookie, kept, opened, from: found.by, to, way: Way::ToServer };
        match self.edge.reseal(self.scratch, &what, self.entropy, &mut self.events) {
            Some(wire) => self.edits.replace(at, wire.as_bytes()),
            None if found.by != to && self.edge.policies.lossy == Lossy::Strip => {
                self.edits.remove(at);
            }
            None => {}
        }
    }

    fn unreadable(&mut self, cookie: CookieId, refusal: OpenError, all: &[usize]) {
        if all.len() > 1 {
            self.events.push(Event::Twin { cookie, kept: Twin::None });
        }
        self.events.push(Event::Unreadable { cookie, refusal });
        let policy = self.edge.policies.unreadable;
        if self.target.is_some() && policy != Unreadable::Pass {
            all.iter().for_each(|at| self.edits.remove(*at));
            if policy == Unreadable::Expire {
                self.expire.push(cookie);
            }
        }
    }

    /// Whether each hint came. The server is shown what is true, if that is known.
    fn hints(&mut self, seen: &[Seen], signed_in: &[SignedIn]) -> Vec<bool> {
        let edge = self.edge;
        let is_settled = edge.is_settled(seen);
        let mut present = Vec::with_capacity(edge.hints.len());
        for (at, hint) in edge.hints.iter().enumerate() {
            let pieces = header::pieces(self.header, self.rack).enumerate();
            let mut named = pieces.filter(|(_, piece)| piece.pair.is_named(hint.name().as_bytes()));
            let wanted = hint.tells_of(signed_in);
            let first = named.next();
            present.push(first.is_some());
            match first {
                None if wanted => {
                    self.edits.add(&hint.pair());
                    self.changed(Event::HintAdded { hint: HintId(at) });
                }
                Some((first, _)) if !wanted && is_settled => {
                    self.edits.remove(first);
                    named.for_each(|(twin, _)| self.edits.remove(twin));
                    self.changed(Event::HintRemoved { hint: HintId(at) });
                }
                _ => {}
            }
        }
        present
    }

    /// Tells of a change, if it is made.
    fn changed(&mut self, event: Event) {
        if self.target.is_some() {
            self.events.push(event);
        }
    }
}
