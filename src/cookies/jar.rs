//! One jar, for one cookie name.

use alloc::string::String;
use alloc::vec::Vec;

use serde::Serialize;

use super::{CookieName, CookieRules, ExpiryRule, PurposeRule, SetCookieName};
use crate::entropy::Entropy;
use crate::envelope::{Expected, Metadata};
use crate::error::{ConfigError, FormatError, OpenError, SealError};
use crate::message::{Matched, Opened, Scratch};
use crate::rotation::RotationList;
use crate::serializer::Format;
use crate::time::Timestamp;

/// A signed or encrypted cookie, by its name: a view of [`Cookies`](super::Cookies) that costs
/// nothing to make.
#[derive(Clone, Copy)]
pub struct Jar<'c> {
    list: Option<&'c RotationList>,
    name: &'c str,
    rules: &'c CookieRules,
}

impl<'c> Jar<'c> {
    pub(super) fn new(
        list: Option<&'c RotationList>,
        name: &'c str,
        rules: &'c CookieRules,
    ) -> Self {
        Self { list, name, rules }
    }

    /// The cookie's name.
    #[must_use]
    pub fn name(&self) -> &'c str {
        self.name
    }

    /// Opens the cookie's value, percent-decoded, as it was at `now`.
    ///
    /// # Errors
    /// [`OpenError`]: no key made it, its value is in a format that the serializer does not read,
    /// it has expired, or it was issued for another name. Rails' jar gives nil for most of these.
    pub fn open(&self, value: &[u8], now: Timestamp) -> Result<Opened<'static>, OpenError> {
        self.open_in(&mut Scratch::new(), value, now).map(Opened::into_owned)
    }

    /// As [`open`](Self::open), in the caller's buffers.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_in<'s>(
        &self,
        scratch: &'s mut Scratch,
        value: &[u8],
        now: Timestamp,
    ) -> Result<Opened<'s>, OpenError> {
        let expected = match self.rules.reads_purpose {
            PurposeRule::Without => Expected::NoPurpose,
            PurposeRule::CookieName => Expected::CookieOrNone(self.name),
        };
        let list = self.list.ok_or(FormatError::Malformed)?;
        list.open_in(scratch, value, expected, now)
    }

    /// Serializes a value and writes the cookie, which expires where `expires` says. The
    /// `Set-Cookie` attribute is the caller's to write; what Rails embeds of it is embedded.
    ///
    /// `entropy` is not asked for a signed cookie.
    ///
    /// # Errors
    /// [`SealError::CookieOverflow`] over 4096 bytes, by this version's way of counting; and what
    /// [`MessageEncryptor::seal`](crate::MessageEncryptor::seal) refuses.
    pub fn seal<T: Serialize + ?Sized>(
        &self,
        value: &T,
        expires: Option<Timestamp>,
        entropy: &mut impl Entropy,
    ) -> Result<SealedCookie<'c>, SealError> {
        let mut scratch = Scratch::new();
        let list = self.list.ok_or(SealError::NoSecret)?;
        let wire = list.seal_in(&mut scratch, value, &self.metadata(expires), entropy)?;
        self.check(wire)?;
        Ok(self.sealed(wire))
    }

    /// Writes a cookie around an already serialized value.
    ///
    /// # Errors
    /// As [`seal`](Self::seal).
    pub fn seal_payload(
        &self,
        payload: &[u8],
        expires: Option<Timestamp>,
        entropy: &mut impl Entropy,
    ) -> Result<SealedCookie<'c>, SealError> {
        let mut scratch = Scratch::new();
        let wire = self.seal_payload_in(&mut scratch, payload, expires, entropy)?;
        Ok(self.sealed(wire))
    }

    /// As [`seal_payload`](Self::seal_payload), in the caller's buffers: the cookie's value, not
    /// yet escaped.
    ///
    /// # Errors
    /// As [`seal`](Self::seal).
    pub fn seal_payload_in<'s>(
        &self,
        scratch: &'s mut Scratch,
        payload: &[u8],
        expires: Option<Timestamp>,
        entropy: &mut impl Entropy,
    ) -> Result<&'s str, SealError> {
        let list = self.list.ok_or(SealError::NoSecret)?;
        let wire = list.seal_payload_in(scratch, payload, &self.metadata(expires), entropy)?;
        self.check(wire)?;
        Ok(wire)
    }

    /// A value as this app's cookies serialize it: the payload that
    /// [`seal_payload`](Self::seal_payload) takes.
    ///
    /// # Errors
    /// As [`seal`](Self::seal), but nothing overflows yet.
    pub fn serialize<T: Serialize + ?Sized>(&self, value: &T) -> Result<Vec<u8>, SealError> {
        self.list.ok_or(SealError::NoSecret)?.serialize(value)
    }

    /// The exact bytes that sealing `payload` would sign or encrypt: the payload in its envelope,
    /// if it gets one.
    ///
    /// # Errors
    /// As [`seal`](Self::seal), but nothing overflows yet.
    pub fn plain(&self, payload: &[u8], expires: Option<Timestamp>) -> Result<Vec<u8>, SealError> {
        self.list.ok_or(SealError::NoSecret)?.plain(payload, &self.metadata(expires))
    }

    /// As [`seal_payload_in`](Self::seal_payload_in), of any size: the limit is one of what browsers
    /// keep, and a server reads what is longer.
    pub(crate) fn reseal_in<'s>(
        &self,
        scratch: &'s mut Scratch,
        payload: &[u8],
        expires: Option<Timestamp>,
        entropy: &mut impl Entropy,
    ) -> Result<&'s str, SealError> {
        let list = self.list.ok_or(SealError::NoSecret)?;
        list.seal_payload_in(scratch, payload, &self.metadata(expires), entropy)
    }

    /// Refuses a value that is too long for this version, as sealing does.
    pub(crate) fn check_size(&self, wire: &str) -> Result<(), SealError> {
        self.check(wire)
    }

    /// Whether what stands in the cookie says when it expires, and not the attribute alone.
    pub(crate) fn embeds_expiry(&self) -> bool {
        self.rules.expiry == ExpiryRule::Embedded
    }

    /// Whether this jar would read `payload` as the format that it is in.
    pub(crate) fn reads(&self, payload: &[u8], format: Format) -> bool {
        self.list.is_some_and(|list| list.primary_reads(payload) == Some(format))
    }

    /// Every recipe that may open its cookies, in order; none where the app has no such jar.
    pub(crate) fn recipes(&self) -> impl Iterator<Item = Matched> {
        self.list.map(RotationList::all).unwrap_or_default().into_iter()
    }

    /// The format of the values that this jar writes.
    pub(crate) fn writes(&self) -> Option<Format> {
        self.list.map(RotationList::writes)
    }

    /// Whether this jar itself may have made what it has opened: its first recipe, in the format and
    /// with the purpose that it writes.
    pub(crate) fn may_have_written(&self, opened: &Opened<'_>) -> bool {
        let binds = self.rules.writes_purpose == PurposeRule::CookieName;
        opened.matched() == Matched::Primary
            && Some(opened.format()) == self.writes()
            && opened.purpose().is_some() == binds
            && (opened.expires_at().is_none() || self.embeds_expiry())
    }

    fn metadata(&self, expires: Option<Timestamp>) -> Metadata<'c> {
        let metadata = match self.rules.writes_purpose {
            PurposeRule::Without => Metadata::none(),
            PurposeRule::CookieName => Metadata::none().cookie(self.name),
        };
        match (self.rules.expiry, expires) {
            (ExpiryRule::Embedded, Some(at)) => metadata.expires_at(at),
            _ => metadata,
        }
    }

    fn check(&self, wire: &str) -> Result<(), SealError> {
        self.rules.overflow.check(self.name, wire.as_bytes())
    }

    fn sealed(&self, wire: &str) -> SealedCookie<'c> {
        SealedCookie {
            name: self.name,
            wire: wire.into(),
            set_cookie_name: self.rules.set_cookie_name,
        }
    }
}

impl core::fmt::Debug for Jar<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Jar").field("name", &self.name).finish_non_exhaustive()
    }
}

/// A cookie to be sent.
#[derive(Clone, PartialEq, Eq)]
#[must_use]
pub struct SealedCookie<'c> {
    name: &'c str,
    wire: String,
    set_cookie_name: SetCookieName,
}

impl SealedCookie<'_> {
    /// The value as the jar sees it, not escaped: what [`Jar::open`] takes.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.wire
    }

    /// The bytes of [`as_str`](Self::as_str).
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.wire.as_bytes()
    }

    /// The value as it stands in `Set-Cookie`, escaped as Rack does.
    #[must_use]
    pub fn set_cookie_value(&self) -> String {
        super::escape::escape(self.wire.as_bytes())
    }

    /// `name=value` as it stands at the beginning of `Set-Cookie`; the attributes follow after
    /// `"; "`.
    ///
    /// # Errors
    /// [`ConfigError::CookieName`] for a name that this app's Rack refuses.
    pub fn set_cookie_pair(&self) -> Result<String, ConfigError> {
        self.set_cookie_name.pair(&CookieName::new(self.name)?, self.as_bytes())
    }
}

// Whoever has the value is logged in: it stays out of logs.
impl core::fmt::Debug for SealedCookie<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("SealedCookie").field("name", &self.name).finish_non_exhaustive()
    }
}
