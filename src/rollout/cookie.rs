//! A cookie that a rollout must not lose.

use alloc::string::String;
use core::time::Duration;

use super::Release;
use crate::cookies::{Cookies, Jar};
use crate::message::Origin;
use crate::rails::CookieKind;

/// The largest size that is looked at, in bytes.
const MOST: usize = 65_536;

/// A cookie whose life through a rollout is followed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Cookie {
    name: String,
    jar: CookieJar,
    lifetime: Duration,
    expiry: Expiry,
    largest: Option<usize>,
}

/// Which jar the app keeps a cookie in, and so who writes it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CookieJar {
    /// The session's: encrypted wherever the app has a `secret_key_base`. It is written again with
    /// all of its options by every page that uses the session.
    Session,
    /// A session that is only signed, as some apps have it for their edge: written again likewise.
    SignedSession,
    /// `cookies.signed`: written when the app says so, and when Rails re-issues what a rotation
    /// opened.
    Signed,
    /// `cookies.encrypted`, likewise.
    Encrypted,
}

impl CookieJar {
    /// Whether pages that use it write it again.
    #[must_use]
    pub fn is_session(self) -> bool {
        matches!(self, Self::Session | Self::SignedSession)
    }

    /// Signed or encrypted.
    #[must_use]
    pub fn kind(self) -> CookieKind {
        match self {
            Self::Session | Self::Encrypted => CookieKind::Encrypted,
            Self::SignedSession | Self::Signed => CookieKind::Signed,
        }
    }
}

/// How a browser knows when to forget a cookie.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Expiry {
    /// When it is closed: the app sets none.
    #[default]
    WithBrowser,
    /// At a time that the app sets: `expires:`, `permanent`, `expire_after`.
    Set,
}

impl Cookie {
    /// The session cookie of any usual app. `lifetime` is how long it may be used after it was last
    /// written: `expire_after`, or, for a session that ends with the browser, as long as people keep
    /// theirs open.
    pub fn session(name: impl Into<String>, lifetime: Duration) -> Self {
        Self::new(name, CookieJar::Session, lifetime)
    }

    /// A cookie in this jar. `lifetime` is how long it may be used after it was last written.
    pub fn new(name: impl Into<String>, jar: CookieJar, lifetime: Duration) -> Self {
        Self { name: name.into(), jar, lifetime, expiry: Expiry::default(), largest: None }
    }

    /// The app sets its expiry.
    pub fn with_expiry(self) -> Self {
        Self { expiry: Expiry::Set, ..self }
    }

    /// The size of the largest there is today, in bytes of its value before it is escaped: whether
    /// it still fits when it is written otherwise is looked at too. (No browser keeps 64 KiB: more is
    /// taken for that.)
    pub fn largest(self, bytes: usize) -> Self {
        Self { largest: Some(bytes.min(MOST)), ..self }
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The jar.
    #[must_use]
    pub fn jar(&self) -> CookieJar {
        self.jar
    }

    /// How long it may be used after it was last written.
    #[must_use]
    pub fn lifetime(&self) -> Duration {
        self.lifetime
    }

    /// How a browser knows when to forget it.
    #[must_use]
    pub fn expiry(&self) -> Expiry {
        self.expiry
    }

    /// The size of the largest there is today, in bytes.
    #[must_use]
    pub fn largest_size(&self) -> Option<usize> {
        self.largest
    }

    /// Signed or encrypted, as this app has it: before there were encrypted cookies, the session was
    /// signed.
    pub(super) fn kind_in(&self, release: &Release) -> CookieKind {
        match self.jar {
            CookieJar::Session if !release.profile.dialect().has_encrypted_cookies() => {
                CookieKind::Signed
            }
            jar => jar.kind(),
        }
    }

    /// This cookie in an app's jars.
    pub(super) fn of<'c>(&'c self, cookies: &'c Cookies) -> Jar<'c> {
        match self.jar {
            CookieJar::Session => cookies.session(&self.name),
            CookieJar::Encrypted => cookies.encrypted(&self.name),
            CookieJar::SignedSession | CookieJar::Signed => cookies.signed(&self.name),
        }
    }

    /// The jars with the rotation of this place in front, for this cookie's jar.
    pub(super) fn promoted(&self, cookies: &Cookies, index: usize) -> Option<(Origin, Cookies)> {
        match self.jar.kind() {
            CookieKind::Signed => cookies.promoted_signed(index),
            CookieKind::Encrypted => cookies.promoted_encrypted(index),
        }
    }
}
