//! Why something was not read or not written. Texts are fixed, and hold nothing of a cookie.

use std::fmt;

use railjar::entropy::EntropyUnavailable;
use railjar::{ConfigError, OpenError, SealError, SerializationError};

/// A cookie is there, and cannot be read. That is no guest: who sent it may well be signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreadable(OpenError);

impl Unreadable {
    /// Why, as the library says it: for a log.
    #[must_use]
    pub fn error(self) -> OpenError {
        self.0
    }
}

impl From<OpenError> for Unreadable {
    fn from(error: OpenError) -> Self {
        Self(error)
    }
}

impl From<SerializationError> for Unreadable {
    fn from(error: SerializationError) -> Self {
        Self(error.into())
    }
}

/// Why there is no session to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SessionRefusal {
    /// The request has no session cookie.
    Absent,
    /// It has one that cannot be read.
    Unreadable(Unreadable),
    /// This request was never given an app.
    MissingApp(MissingApp),
}

/// An extractor was used without a [`RailsApp`](crate::RailsApp): add a
/// [`RailsLayer`](crate::RailsLayer) to the router.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MissingApp;

/// Why a cookie was not written.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WriteError {
    /// It could not be sealed; [`SealError::CookieOverflow`] if it has over 4096 bytes.
    Seal(SealError),
    /// The cookie's name is none that the app's Rack writes.
    Name(ConfigError),
    /// The expiry is outside the years that a calendar has.
    Expiry,
    /// An attribute holds what cannot stand in a header.
    Attribute,
    /// The session's `_csrf_token` is none of this app's version.
    CsrfToken,
}

impl From<SealError> for WriteError {
    fn from(error: SealError) -> Self {
        Self::Seal(error)
    }
}

impl From<EntropyUnavailable> for WriteError {
    fn from(_: EntropyUnavailable) -> Self {
        Self::Seal(SealError::Entropy)
    }
}

impl From<ConfigError> for WriteError {
    fn from(error: ConfigError) -> Self {
        Self::Name(error)
    }
}

impl From<Unreadable> for SessionRefusal {
    fn from(error: Unreadable) -> Self {
        Self::Unreadable(error)
    }
}

impl From<MissingApp> for SessionRefusal {
    fn from(error: MissingApp) -> Self {
        Self::MissingApp(error)
    }
}

impl From<std::convert::Infallible> for MissingApp {
    fn from(never: std::convert::Infallible) -> Self {
        match never {}
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the cookie cannot be read: {}", self.0)
    }
}

impl fmt::Display for SessionRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => f.write_str("the request has no session"),
            Self::Unreadable(error) => write!(f, "the request has a session, but {error}"),
            Self::MissingApp(error) => error.fmt(f),
        }
    }
}

impl fmt::Display for MissingApp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no Rails app is known for this request: add a RailsLayer to the router")
    }
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Seal(error) => error.fmt(f),
            Self::Name(error) => error.fmt(f),
            Self::Expiry => f.write_str("the cookie's expiry is outside the calendar"),
            Self::Attribute => f.write_str("an attribute of the cookie cannot stand in a header"),
            Self::CsrfToken => f.write_str("the session's _csrf_token is none of this app"),
        }
    }
}

impl std::error::Error for Unreadable {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

impl std::error::Error for SessionRefusal {}
impl std::error::Error for MissingApp {}
impl std::error::Error for WriteError {}
