//! What opening a message gives.

use alloc::borrow::Cow;

use serde::Deserialize;

use crate::crypto::Authentic;
use crate::envelope::EnvelopeForm;
use crate::error::SerializationError;
use crate::serializer::marshal::{self, Limits};
use crate::serializer::{Format, Reissue, json, message_pack};
use crate::time::Timestamp;
use crate::value::{RubyString, Value};

/// An opened message: authentic, not expired, issued for this purpose. Its value is still
/// serialized; [`deserialize`](Self::deserialize) and [`to_value`](Self::to_value) read it.
///
/// Only opening makes one: its fields are private, and it has no constructor.
///
/// ```compile_fail,E0451
/// # fn forge(opened: railjar::Opened<'static>) {
/// let forged = railjar::Opened { purpose: None, ..opened };
/// # }
/// ```
///
/// ```compile_fail,E0277
/// let forged: railjar::Opened = serde_json::from_str("{}").unwrap();
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Opened<'a> {
    pub(crate) payload: Authentic<'a>,
    pub(crate) format: Format,
    pub(crate) syntax: json::Syntax,
    pub(crate) extensions: message_pack::Extensions,
    pub(crate) envelope: EnvelopeForm,
    pub(crate) purpose: Option<Cow<'a, str>>,
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) matched: Matched,
    pub(crate) reissue: Reissue,
}

/// Which recipe of a list opened a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Matched {
    /// The one that also writes.
    Primary,
    /// One that only reads.
    Rotation {
        /// Its place among the rotations, from 0, the automatic ones after the configured.
        index: usize,
        /// Where it comes from.
        origin: Origin,
    },
}

/// Where a rotation comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Origin {
    /// The app's own list (`cookies_rotations`, `rotate`).
    Configured,
    /// Rails reads AES-CBC cookies while it writes AES-GCM (5.2 and later).
    LegacyCbc,
    /// Rails reads AES-GCM cookies while it still writes AES-CBC (6.1 and later).
    PrepareUpgrade,
    /// Rails reads what `secret_token` signed (4.0 to 5.2).
    SecretToken,
}

impl Matched {
    /// Whether a recipe that only reads opened it.
    #[must_use]
    pub fn is_rotation(self) -> bool {
        self != Self::Primary
    }
}

impl Origin {
    /// `"configured"`, `"legacy-cbc"`, `"prepare-upgrade"` or `"secret-token"`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Configured => "configured",
            Self::LegacyCbc => "legacy-cbc",
            Self::PrepareUpgrade => "prepare-upgrade",
            Self::SecretToken => "secret-token",
        }
    }
}

impl<'a> Opened<'a> {
    /// The serialized value, without its envelope.
    #[must_use]
    pub fn payload(&self) -> &Authentic<'a> {
        &self.payload
    }

    /// What the payload is serialized as.
    #[must_use]
    pub fn format(&self) -> Format {
        self.format
    }

    /// The form of metadata that the message carried.
    #[must_use]
    pub fn envelope(&self) -> EnvelopeForm {
        self.envelope
    }

    /// The purpose that the message carried.
    #[must_use]
    pub fn purpose(&self) -> Option<&str> {
        self.purpose.as_deref()
    }

    /// The expiry that the message carried. It is in the future: an expired message does not open.
    #[must_use]
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.expires_at
    }

    /// Which recipe opened it.
    #[must_use]
    pub fn matched(&self) -> Matched {
        self.matched
    }

    /// Whether this Rails would write the cookie again: a rotation opened it, or it is in another
    /// format than the serializer writes. Reading never writes; the caller decides.
    #[must_use]
    pub fn must_reissue(&self) -> bool {
        self.reissue == Reissue::Rewrite
    }

    /// Reads the value into a type of yours, straight from the serialized bytes; it may borrow from
    /// them. Of Marshal and MessagePack, [`marshal::from_slice`] and
    /// [`message_pack::from_slice`] say what is given as what.
    ///
    /// # Errors
    /// [`SerializationError::Unsupported`] for raw bytes;
    /// [`Malformed`](SerializationError::Malformed) (in Marshal and MessagePack
    /// [`MalformedPart`](SerializationError::MalformedPart)),
    /// [`TooDeep`](SerializationError::TooDeep) and [`TooLarge`](SerializationError::TooLarge) for
    /// bytes that are not in that format or beyond its limits;
    /// [`UnknownExtension`](SerializationError::UnknownExtension) in MessagePack;
    /// [`Mismatch`](SerializationError::Mismatch) when the value is not a `T`.
    pub fn deserialize<'de, T: Deserialize<'de>>(&'de self) -> Result<T, SerializationError> {
        self.deserialize_within(self.limits())
    }

    /// As [`deserialize`](Self::deserialize), with limits of your own for Marshal and MessagePack. JSON has one
    /// limit, [`json::MAX_NESTING`].
    ///
    /// # Errors
    /// As [`deserialize`](Self::deserialize).
    pub fn deserialize_within<'de, T: Deserialize<'de>>(
        &'de self,
        limits: &Limits,
    ) -> Result<T, SerializationError> {
        let bytes = self.payload.as_bytes();
        match self.format {
            Format::Json => json::deserialize(bytes),
            Format::Marshal => marshal::from_slice_with(bytes, limits, self.syntax.into()),
            Format::MessagePack => message_pack::from_slice(bytes, &self.extensions, limits),
            _ => Err(SerializationError::Unsupported),
        }
    }

    /// Reads the value into the Ruby-faithful tree. Raw bytes are a string.
    ///
    /// # Errors
    /// As [`deserialize`](Self::deserialize), but there is no type to mismatch.
    pub fn to_value(&self) -> Result<Value, SerializationError> {
        self.to_value_within(self.limits())
    }

    /// As [`to_value`](Self::to_value), with limits of your own for Marshal and MessagePack.
    ///
    /// # Errors
    /// As [`to_value`](Self::to_value).
    pub fn to_value_within(&self, limits: &Limits) -> Result<Value, SerializationError> {
        let bytes = self.payload.as_bytes();
        match self.format {
            Format::Bytes => Ok(Value::String(RubyString::from(bytes))),
            Format::Json => json::read(bytes, self.syntax),
            Format::Marshal => marshal::read_with(bytes, limits, self.syntax.into()),
            Format::MessagePack => message_pack::read(bytes, &self.extensions, limits),
        }
    }

    fn limits(&self) -> &'static Limits {
        match self.format {
            Format::MessagePack => &message_pack::LIMITS,
            _ => &Limits::DEFAULT,
        }
    }

    /// The same, borrowing from nothing.
    pub fn into_owned(self) -> Opened<'static> {
        Opened {
            payload: self.payload.into_owned(),
            format: self.format,
            syntax: self.syntax,
            extensions: self.extensions,
            envelope: self.envelope,
            purpose: self.purpose.map(|purpose| Cow::Owned(purpose.into_owned())),
            expires_at: self.expires_at,
            matched: self.matched,
            reissue: self.reissue,
        }
    }
}
