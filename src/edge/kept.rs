//! The cookies that the edge looks after.

use alloc::string::String;

use crate::rails::CookieKind;

/// A signed or encrypted cookie of the app: it is opened, and where the server would not read it, it
/// is repaired.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct KeptCookie {
    name: String,
    kind: CookieKind,
    pub(super) path: String,
    pub(super) domain: Option<String>,
    pub(super) caching: Caching,
}

/// Whether a cookie keeps a page out of the cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Caching {
    Matters,
    Ignored,
}

impl KeptCookie {
    /// `cookies.signed[name]`, and the session of an app that only signs it.
    pub fn signed(name: impl Into<String>) -> Self {
        Self::new(name.into(), CookieKind::Signed)
    }

    /// `cookies.encrypted[name]`, and the session of any usual app.
    pub fn encrypted(name: impl Into<String>) -> Self {
        Self::new(name.into(), CookieKind::Encrypted)
    }

    fn new(name: String, kind: CookieKind) -> Self {
        Self { name, kind, path: "/".into(), domain: None, caching: Caching::Matters }
    }

    /// The path that the app sets it for; `/` unless it is said. It only matters where the cookie is
    /// to be expired at the browser.
    pub fn path(self, path: impl Into<String>) -> Self {
        Self { path: path.into(), ..self }
    }

    /// The domain that the app sets it for. It only matters where the cookie is to be expired at the
    /// browser: then that of the domain and that of the host alone both are.
    pub fn domain(self, domain: impl Into<String>) -> Self {
        Self { domain: Some(domain.into()), ..self }
    }

    /// Its value changes no page: with it, a guest's request may still be answered from a cache.
    pub fn ignored_by_cache(self) -> Self {
        Self { caching: Caching::Ignored, ..self }
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Which jar it is in.
    #[must_use]
    pub fn kind(&self) -> CookieKind {
        self.kind
    }
}

/// A cookie of one [`Edge`](super::Edge). [`Edge::cookie_name`](super::Edge::cookie_name) has its
/// name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CookieId(pub(super) usize);

/// A kept cookie with its part in an edge.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub(super) cookie: KeptCookie,
    pub(super) role: Role,
    /// Whether a rule looks at it.
    pub(super) looked_at: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Session,
    Other,
}
