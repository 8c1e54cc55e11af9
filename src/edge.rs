//! The edge: what stands in front of Rails and knows its cookies. From the `Cookie` header of a
//! request, and the format that the server reads, to who is there, whether a cache may answer, and
//! the cookies as that server reads them; from the `Set-Cookie` headers of the response to what the
//! browser is to keep. There is no transport here and no clock: a proxy or a worker brings both.
//!
//! Rails has no such part. What it mirrors is what servers in two states do to one cookie: each
//! reads what its own `cookies_rotations` allow, and takes the rest for nobody.

mod attributes;
mod builder;
mod cacheability;
mod event;
mod format;
mod headers;
mod hint;
mod kept;
mod policy;
mod read;
mod request;
mod reseal;
mod response;
mod rewrite;
mod rule;
mod verdict;

use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::fmt;

use crate::cookies::escape;
use crate::cookies::{Jar, SetCookie};
use crate::message::Scratch;
use crate::time::Timestamp;

pub use self::builder::EdgeBuilder;
pub use self::cacheability::{Cacheability, Reason};
pub use self::event::{Event, Twin};
pub use self::format::{Format, FormatId, Upstream};
pub use self::headers::Headers;
pub use self::hint::{Hint, HintId};
pub use self::kept::{CookieId, KeptCookie};
pub use self::policy::{Lossy, Policies, Rotated, Unreadable};
pub use self::request::{RequestDecision, RequestHead};
pub use self::response::ResponseDecision;
pub use self::rewrite::CookieHeader;
pub use self::rule::Rule;
pub use self::verdict::{SignedIn, Verdict};

use self::kept::Kept;

/// An edge, ready to decide. Built once, from jars whose keys are derived; `Send`, `Sync`, and
/// without any state of its own.
///
/// ```
/// # #[cfg(feature = "getrandom")] {
/// use railjar::edge::{CookieHeader, Edge, Format, KeptCookie, RequestHead, Rule, Upstream, Verdict};
/// use railjar::entropy::SystemEntropy;
/// use railjar::rails::{Profile, Strictness, Version};
/// use railjar::{SecretKeyBase, Session, Timestamp, Value};
///
/// let secret = SecretKeyBase::new("the secret")?;
/// let app = |version| Profile::new(version).strictness(Strictness::AsRails).cookies(&secret);
/// let (old, new) = (app(Version::V6_1)?, app(Version::V7_2)?);
/// let edge = Edge::builder()
///     .format(Format::new("old", old.clone()))
///     .format(Format::new("new", new.clone()))
///     .session(KeptCookie::encrypted("_app_session"))
///     .rule(Rule::devise())
///     .build()?;
///
/// // Somebody logged in on a server that runs the new version …
/// let now = Timestamp::from_unix_seconds(1_750_000_000);
/// let mut session = Session::new(&mut SystemEntropy)?;
/// let user = vec![Value::from(vec![Value::from(42)]), Value::from("$2a$12$salt")];
/// session.insert("warden.user.user.key", user);
/// let cookie = new.session("_app_session").seal(&session, None, &mut SystemEntropy)?;
/// let header = format!("theme=dark; {}", cookie.set_cookie_pair()?);
///
/// // … and the next request goes to one that runs the old.
/// let upstream = Upstream::Known(edge.format("old").ok_or("no such format")?);
/// let head = RequestHead { method: b"GET", cookie: header.as_bytes() };
/// let decision = edge.request(head, upstream, now, &mut SystemEntropy);
/// assert_eq!(decision.verdict().name(), "signed-in");
/// assert_eq!(decision.verdict().signed_in().and_then(|who| who.user()), Some("42"));
/// let CookieHeader::Replace(header) = decision.cookie() else { return Err("not repaired".into()) };
///
/// let value = old.find(header, "_app_session").ok_or("no session")?;
/// assert!(old.session("_app_session").open(&value, now).is_ok());
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Edge {
    formats: Vec<Format>,
    kept: Vec<Kept>,
    rules: Vec<Rule>,
    hints: Vec<Hint>,
    policies: Policies,
    headers: Headers,
    browser_format: Option<FormatId>,
}

impl Edge {
    /// An edge with nothing in it yet.
    pub fn builder() -> EdgeBuilder {
        EdgeBuilder::default()
    }

    /// The format of this name.
    #[must_use]
    pub fn format(&self, name: &str) -> Option<FormatId> {
        self.formats.iter().position(|format| format.name() == name).map(FormatId)
    }

    /// All formats, in the order in which they were given.
    #[must_use]
    pub fn formats(&self) -> impl ExactSizeIterator<Item = (FormatId, &Format)> {
        self.formats.iter().enumerate().map(|(at, format)| (FormatId(at), format))
    }

    /// The format's name; empty for one of another edge that this one does not have.
    #[must_use]
    pub fn format_name(&self, id: FormatId) -> &str {
        self.formats.get(id.0).map_or("", Format::name)
    }

    /// The cookie's name.
    #[must_use]
    pub fn cookie_name(&self, id: CookieId) -> &str {
        self.kept.get(id.0).map_or("", |kept| kept.cookie.name())
    }

    /// The hint's name.
    #[must_use]
    pub fn hint_name(&self, id: HintId) -> &str {
        self.hints.get(id.0).map_or("", Hint::name)
    }

    /// The request headers to set for the server: name, and value in visible ASCII. Whatever
    /// [`owns`](Self::owns) names must be taken out of the request before.
    pub fn headers<'d>(
        &'d self,
        decision: &'d RequestDecision,
    ) -> impl Iterator<Item = (&'d str, Cow<'static, str>)> {
        let Headers { verdict, scope, user, cache } = &self.headers;
        let who = decision.verdict().signed_in();
        let scope = scope.as_deref().zip(who.map(SignedIn::scope));
        let user = user.as_deref().zip(who.and_then(SignedIn::user));
        let escaped =
            |(name, text): (&'d str, &str)| (name, Cow::Owned(escape::escape(text.as_bytes())));
        let cache = cache.as_deref().map(|name| (name, decision.cacheability().name()));
        let words = core::iter::once((&**verdict, decision.verdict().name())).chain(cache);
        let texts = scope.into_iter().chain(user);
        words.map(|(name, word)| (name, Cow::Borrowed(word))).chain(texts.map(escaped))
    }

    /// The names of the request headers that [`headers`](Self::headers) may have.
    pub fn header_names(&self) -> impl Iterator<Item = &str> {
        self.headers.names()
    }

    /// Whether a request header of this name, sent from outside, must be taken out: it is one that
    /// the edge sets, or arrives at the app as one (`x_railjar_verdict`).
    #[must_use]
    pub fn owns(&self, header_name: &[u8]) -> bool {
        self.headers.names().any(|name| headers::is_same(name.as_bytes(), header_name))
    }

    /// The formats in which a server may have written this value of a kept cookie: percent-decoded,
    /// made by the format's first recipe, in its serializer, with its metadata. Several, where they
    /// are made alike; none for a cookie that is not kept or that nobody reads.
    #[must_use]
    pub fn written_by(&self, name: &str, value: &[u8], now: Timestamp) -> Vec<FormatId> {
        let Some(kept) = self.kept.iter().find(|kept| kept.cookie.name() == name) else {
            return Vec::new();
        };
        let mut scratch = Scratch::new();
        let wrote = |format: &Format, scratch: &mut Scratch| {
            let jar = format.jar(kept);
            jar.open_in(scratch, value, now)
                .is_ok_and(|opened| jar.may_have_written(&opened) && !read::is_wrapped(&opened))
        };
        let formats = self.formats();
        formats.filter(|(_, format)| wrote(format, &mut scratch)).map(|(id, _)| id).collect()
    }

    /// As [`written_by`](Self::written_by), of a whole `Set-Cookie` header as a server sent it.
    #[must_use]
    pub fn set_by(&self, set_cookie: &[u8], now: Timestamp) -> Vec<FormatId> {
        let Some(cookie) = SetCookie::parse(set_cookie) else { return Vec::new() };
        match self.kept_of(&cookie, Upstream::Unknown) {
            Some((_, kept)) => self.written_by(kept.cookie.name(), &cookie.value(), now),
            None => Vec::new(),
        }
    }

    fn jar<'e>(&'e self, id: FormatId, kept: &'e Kept) -> Option<Jar<'e>> {
        self.formats.get(id.0).map(|format| format.jar(kept))
    }
}

// Formats hold keys.
impl fmt::Debug for Edge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Edge")
            .field("formats", &self.formats)
            .field("kept", &self.kept)
            .field("rules", &self.rules)
            .field("hints", &self.hints)
            .finish_non_exhaustive()
    }
}
