//! What opening a message gives.

use alloc::borrow::Cow;

use serde::Deserialize;

use crate::crypto::Authentic;
use crate::envelope::EnvelopeForm;
use crate::error::SerializationError;
use crate::serializer::{Format, Reissue, json};
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
    /// them.
    ///
    /// # Errors
    /// [`SerializationError::Unsupported`] for Marshal, MessagePack and raw bytes;
    /// [`Malformed`](SerializationError::Malformed) and
    /// [`TooDeep`](SerializationError::TooDeep) for text that is not JSON;
    /// [`Mismatch`](SerializationError::Mismatch) when the value is not a `T`.
    pub fn deserialize<'de, T: Deserialize<'de>>(&'de self) -> Result<T, SerializationError> {
        match self.format {
            Format::Json => json::deserialize(self.payload.as_bytes()),
            _ => Err(SerializationError::Unsupported),
        }
    }

    /// Reads the value into the Ruby-faithful tree. Raw bytes are a string.
    ///
    /// # Errors
    /// As [`deserialize`](Self::deserialize), but there is no type to mismatch.
    pub fn to_value(&self) -> Result<Value, SerializationError> {
        match self.format {
            Format::Bytes => Ok(Value::String(RubyString::from(self.payload.as_bytes()))),
            Format::Json => json::read(self.payload.as_bytes(), self.syntax),
            _ => Err(SerializationError::Unsupported),
        }
    }

    /// The same, borrowing from nothing.
    pub fn into_owned(self) -> Opened<'static> {
        Opened {
            payload: self.payload.into_owned(),
            format: self.format,
            syntax: self.syntax,
            envelope: self.envelope,
            purpose: self.purpose.map(|purpose| Cow::Owned(purpose.into_owned())),
            expires_at: self.expires_at,
            matched: self.matched,
            reissue: self.reissue,
        }
    }
}
