//! Reading one cookie: which format opens it, and what it says.

use alloc::vec::Vec;

use crate::cookies::Jar;
use crate::edge::cacheability::Reason;
use crate::edge::event::Event;
use crate::edge::format::{FormatId, Upstream};
use crate::edge::kept::{Caching, CookieId, Kept, Role};
use crate::edge::verdict::{SignedIn, Verdict};
use crate::edge::{Edge, Rule};
use crate::error::{ContentError, FormatError, OpenError, SerializationError};
use crate::message::{Matched, Opened, Scratch};
use crate::messages::Flash;
use crate::session::Session;
use crate::time::Timestamp;

/// How the metadata of Rails 5.2 and later begins (`messages/metadata.rb`).
const ENVELOPE: &[u8] = br#"{"_rails":{"message":"#;
const CSRF_TOKEN: &str = "_csrf_token";

/// What a kept cookie said.
#[derive(Clone, Debug)]
pub(super) enum Seen {
    Absent,
    Read(Facts),
    Unreadable(OpenError),
}

/// What stands in a cookie that was opened.
#[derive(Clone, Debug)]
pub(super) struct Facts {
    pub(super) signed_in: Vec<SignedIn>,
    /// Why a page for it may not come from a cache.
    uncacheable: Option<Reason>,
}

/// A cookie that a format has opened.
pub(super) struct Found {
    pub(super) by: FormatId,
    pub(super) matched: Matched,
    pub(super) facts: Facts,
    /// It, if it is to be sealed again.
    pub(super) opened: Option<Opened<'static>>,
}

/// Whether a reader that knows no metadata took them for the value.
pub(super) fn is_wrapped(opened: &Opened<'_>) -> bool {
    opened.payload().as_bytes().starts_with(ENVELOPE)
}

impl Found {
    pub(super) fn event(&self, cookie: CookieId) -> Event {
        Event::Opened { cookie, by: self.by, matched: self.matched }
    }
}

impl Edge {
    /// Reads a value, percent-decoded, with `first` and then every other format. `wants` says
    /// whether it is to be kept for sealing.
    ///
    /// What a format refuses for its content is refused, even if another would not look: an expired
    /// cookie has expired.
    pub(super) fn read(
        &self,
        scratch: &mut Scratch,
        kept: &Kept,
        value: &[u8],
        first: Option<FormatId>,
        now: Timestamp,
        wants: impl Fn(FormatId, &Jar<'_>, &Opened<'_>) -> bool,
    ) -> Result<Found, OpenError> {
        let mut refusal = OpenError::Format(FormatError::Malformed);
        let others = self.formats().map(|(id, _)| id).filter(|id| Some(*id) != first);
        for id in first.into_iter().chain(others) {
            let Some(jar) = self.jar(id, kept) else { continue };
            let opened = match jar.open_in(scratch, value, now) {
                Ok(opened) => opened,
                Err(error @ OpenError::Content(_)) => return Err(error),
                Err(error) => {
                    refusal = more_telling(refusal, error);
                    continue;
                }
            };
            if is_wrapped(&opened) {
                let error = OpenError::Content(ContentError::MalformedMetadata);
                refusal = more_telling(refusal, error);
                continue;
            }
            match self.facts(kept, &opened) {
                Ok(facts) => {
                    let matched = opened.matched();
                    let opened = wants(id, &jar, &opened).then(|| opened.into_owned());
                    return Ok(Found { by: id, matched, facts, opened });
                }
                Err(error) => refusal = more_telling(refusal, error.into()),
            }
        }
        Err(refusal)
    }

    fn facts(&self, kept: &Kept, opened: &Opened<'_>) -> Result<Facts, SerializationError> {
        let mut signed_in = Vec::new();
        let uncacheable = match kept.role {
            Role::Session => {
                let session = Session::read(opened)?;
                self.rules.iter().for_each(|rule| rule.in_session(&session, &mut signed_in));
                self.what_pages_show(&session)
            }
            Role::Other => {
                if kept.looked_at {
                    let (name, value) = (kept.cookie.name(), opened.to_value()?);
                    let find = |rule: &Rule| rule.in_cookie(name, &value, &mut signed_in);
                    self.rules.iter().for_each(find);
                }
                (kept.cookie.caching == Caching::Matters).then_some(Reason::Cookie)
            }
        };
        Ok(Facts { signed_in, uncacheable })
    }

    fn what_pages_show(&self, session: &Session) -> Option<Reason> {
        let harmless = &self.policies.harmless_session_keys;
        let held = session.as_hash().iter().filter(|(_, value)| !value.is_nil());
        let reasons = held.filter_map(|(key, _)| match key.as_str() {
            Some(key) if harmless.iter().any(|harmless| harmless == key) => None,
            Some(Flash::KEY) => Some(Reason::Flash),
            Some(CSRF_TOKEN) => Some(Reason::CsrfToken),
            _ => Some(Reason::SessionKey),
        });
        reasons.max()
    }

    /// What the cookies prove together.
    pub(super) fn judge(&self, seen: &[Seen]) -> (Verdict, Vec<SignedIn>) {
        let looked_at = || {
            let both = self.kept.iter().zip(seen);
            both.filter(|(kept, _)| kept.looked_at).map(|(_, seen)| seen)
        };
        let mut signed_in = Vec::new();
        let (mut refusal, mut any) = (None, false);
        for seen in looked_at() {
            match seen {
                Seen::Absent => {}
                Seen::Read(facts) => {
                    any = true;
                    signed_in.extend(facts.signed_in.iter().cloned());
                }
                Seen::Unreadable(error) => refusal = refusal.or(Some(*error)),
            }
        }
        let verdict = match (signed_in.first(), refusal) {
            (Some(who), _) => Verdict::SignedIn(who.clone()),
            (None, Some(refusal)) => Verdict::Unreadable(refusal),
            (None, None) if any => Verdict::Guest,
            (None, None) => Verdict::Absent,
        };
        (verdict, signed_in)
    }

    /// Whether everything that a rule looks at could be read, so that who is not found is not there.
    pub(super) fn is_settled(&self, seen: &[Seen]) -> bool {
        let mut both = self.kept.iter().zip(seen);
        !both.any(|(kept, seen)| kept.looked_at && matches!(seen, Seen::Unreadable(_)))
    }

    /// The highest reason why no cache may answer, of the cookies alone.
    pub(super) fn uncacheable(seen: &[Seen], signed_in: &[SignedIn]) -> Option<Reason> {
        let of_cookies = seen.iter().filter_map(|seen| match seen {
            Seen::Absent => None,
            Seen::Read(facts) => facts.uncacheable,
            Seen::Unreadable(_) => Some(Reason::Unreadable),
        });
        of_cookies.chain((!signed_in.is_empty()).then_some(Reason::SignedIn)).max()
    }

    /// Which format to try first.
    pub(super) fn first(&self, upstream: Upstream) -> Option<FormatId> {
        upstream.known().filter(|id| id.0 < self.formats.len())
    }
}

impl Seen {
    /// The safer of what two readers of one header see.
    pub(super) fn safer(self, other: Self) -> Self {
        let rank = |seen: &Self| match seen {
            Self::Absent => 0,
            Self::Read(facts) if facts.signed_in.is_empty() => 1,
            Self::Unreadable(_) => 2,
            Self::Read(_) => 3,
        };
        if rank(&other) > rank(&self) { other } else { self }
    }
}

/// Of two refusals the one that knows more: of a key that fits, rather than of one that does not.
fn more_telling(first: OpenError, second: OpenError) -> OpenError {
    let rank = |error: OpenError| match error {
        OpenError::Format(FormatError::Malformed) => 0,
        OpenError::Format(_) => 1,
        OpenError::Serialization(_) => 2,
        OpenError::Content(_) => 3,
    };
    if rank(second) > rank(first) { second } else { first }
}
