//! Whether a shared cache may answer.

/// Whether a request may be answered from a shared cache, and what the server answers be kept there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cacheability {
    /// It may, as far as the cookies that the edge keeps go. What else a page depends on (other
    /// cookies, headers, `Cache-Control`) is the cache's to know.
    Cacheable,
    /// It may not.
    NotCacheable(Reason),
}

/// Why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// The session has a key that is not listed as harmless.
    SessionKey,
    /// The session has a CSRF token: the page may show one, which is good for this session alone.
    CsrfToken,
    /// The session has a flash: the next page shows it, and takes it away.
    Flash,
    /// There is another cookie that is kept: what it holds may change the page, or sign somebody in.
    Cookie,
    /// The response sets a cookie.
    SetCookie,
    /// There is a cookie that nobody can read.
    Unreadable,
    /// Somebody is signed in.
    SignedIn,
    /// The request's method is not GET or HEAD.
    Method,
}

impl Cacheability {
    /// Whether it may.
    #[must_use]
    pub fn is_cacheable(self) -> bool {
        self == Self::Cacheable
    }

    /// `"cacheable"`, or the [reason's name](Reason::name).
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Cacheable => "cacheable",
            Self::NotCacheable(reason) => reason.name(),
        }
    }
}

impl Reason {
    /// In one or two words: these do not change.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::SessionKey => "session-key",
            Self::CsrfToken => "csrf-token",
            Self::Flash => "flash",
            Self::Cookie => "cookie",
            Self::SetCookie => "set-cookie",
            Self::Unreadable => "unreadable",
            Self::SignedIn => "signed-in",
            Self::Method => "method",
        }
    }
}
