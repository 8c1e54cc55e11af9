//! The signed and the encrypted cookie jars, by name. Mirrors
//! `action_dispatch/middleware/cookies.rb`, and for the session
//! `action_dispatch/middleware/session/cookie_store.rb`.
//!
//! Values come and go as the jars of Rails see them, percent-decoded: [`header`] reads a `Cookie:`
//! header, [`set_cookie`] writes.

pub mod escape;
pub mod header;
mod jar;
pub mod name;
pub mod overflow;
pub mod set_cookie;

use alloc::borrow::Cow;

pub use self::header::RackCookies;
pub use self::jar::{Jar, SealedCookie};
pub use self::name::CookieName;
pub use self::overflow::Overflow;
pub use self::set_cookie::{SetCookie, SetCookieName};

use crate::message::Origin;
use crate::rotation::RotationList;

/// The cookie jars of one app, with all keys derived. Made by
/// [`Profile::cookies`](crate::rails::Profile::cookies); cheap to share between threads.
///
/// ```
/// # #[cfg(feature = "getrandom")] {
/// use railjar::entropy::SystemEntropy;
/// use railjar::rails::{Profile, Version};
/// use railjar::{SecretKeyBase, Timestamp};
///
/// let now = Timestamp::from_unix_seconds(1_750_000_000);
/// let cookies = Profile::new(Version::V7_1).cookies(&SecretKeyBase::new("the secret")?)?;
/// let prefs = cookies.encrypted("prefs");
///
/// let sealed = prefs.seal(&["dark", "compact"], Some(now.plus_seconds(3600)), &mut SystemEntropy)?;
/// assert!(sealed.set_cookie_pair()?.starts_with("prefs="));
///
/// let opened = prefs.open(sealed.as_bytes(), now)?;
/// assert_eq!(opened.deserialize::<Vec<String>>()?, ["dark", "compact"]);
/// // A cookie is good for its own name only.
/// assert!(cookies.encrypted("admin").open(sealed.as_bytes(), now).is_err());
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Cookies {
    signed: RotationList,
    encrypted: Option<RotationList>,
    rules: CookieRules,
}

/// How the cookies of one app are read and written, besides their keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CookieRules {
    /// Whether `cookie.NAME` is looked for.
    pub(crate) reads_purpose: PurposeRule,
    /// Whether `cookie.NAME` is written.
    pub(crate) writes_purpose: PurposeRule,
    /// Whether the expiry is written into the value.
    pub(crate) expiry: ExpiryRule,
    pub(crate) overflow: Overflow,
    pub(crate) header: RackCookies,
    pub(crate) set_cookie_name: SetCookieName,
}

/// Whether a cookie is bound to its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PurposeRule {
    Without,
    CookieName,
}

/// Whether the expiry stands in the value as well as in the attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ExpiryRule {
    AttributeOnly,
    Embedded,
}

impl Cookies {
    pub(crate) fn new(
        signed: RotationList,
        encrypted: Option<RotationList>,
        rules: CookieRules,
    ) -> Self {
        Self { signed, encrypted, rules }
    }

    /// `cookies.signed[name]`.
    #[must_use]
    pub fn signed<'c>(&'c self, name: &'c str) -> Jar<'c> {
        Jar::new(Some(&self.signed), name, &self.rules)
    }

    /// `cookies.encrypted[name]`. Rails 3.2, and any app without a `secret_key_base`, has none: the
    /// jar then opens nothing and seals nothing.
    #[must_use]
    pub fn encrypted<'c>(&'c self, name: &'c str) -> Jar<'c> {
        Jar::new(self.encrypted.as_ref(), name, &self.rules)
    }

    /// The jar that the session cookie lives in (`signed_or_encrypted`): encrypted wherever the app
    /// has a `secret_key_base`, and signed in Rails 3.2.
    #[must_use]
    pub fn session<'c>(&'c self, name: &'c str) -> Jar<'c> {
        Jar::new(self.encrypted.as_ref().or(Some(&self.signed)), name, &self.rules)
    }

    /// The value of a cookie in a `Cookie:` header as this app's Rack reads it: percent-decoded,
    /// the first of duplicates. Several headers count as one, joined by `"; "`.
    #[must_use]
    pub fn find<'h>(&self, header: &'h [u8], name: &str) -> Option<Cow<'h, [u8]>> {
        header::find(header, name.as_bytes(), self.rules.header)
    }

    /// The same jars, but signing with the rotation of this place; and where that one comes from.
    pub(crate) fn promoted_signed(&self, index: usize) -> Option<(Origin, Self)> {
        let (origin, signed) = self.signed.promoted(index)?;
        Some((origin, Self { signed, ..self.clone() }))
    }

    /// The same jars, but encrypting with the rotation of this place; and where that one comes from.
    pub(crate) fn promoted_encrypted(&self, index: usize) -> Option<(Origin, Self)> {
        let (origin, encrypted) = self.encrypted.as_ref()?.promoted(index)?;
        Some((origin, Self { encrypted: Some(encrypted), ..self.clone() }))
    }

    /// Which Rack reads this app's `Cookie` headers.
    pub(crate) fn rack(&self) -> RackCookies {
        self.rules.header
    }

    /// How this app's Rack writes a cookie's name: for a `Set-Cookie` header without a sealed value,
    /// as one that deletes a cookie.
    #[must_use]
    pub fn set_cookie_name(&self) -> SetCookieName {
        self.rules.set_cookie_name
    }
}

impl core::fmt::Debug for Cookies {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Cookies").field("rules", &self.rules).finish_non_exhaustive()
    }
}
