//! The `_rails` envelope: a value together with its purpose and its expiry, inside what is signed
//! or encrypted. Mirrors `active_support/messages/metadata.rb` (7.1) and
//! `active_support/messages/metadata.rb` before it, whose readers differ.

mod inspect;
mod read;
mod tree;
mod write;

pub(crate) use self::inspect::inspect;
pub(crate) use self::read::{Contents, Place, PurposeAt, unwrap};
pub(crate) use self::write::wrap;

use crate::error::{ContentError, SealError};
use crate::time::Timestamp;

/// What a message is sealed with, besides its value.
///
/// ```
/// use railjar::{Metadata, Timestamp};
///
/// let now = Timestamp::from_unix_seconds(1_750_000_000);
/// let metadata = Metadata::none().purpose("login").expires_at(now.plus_seconds(3600));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct Metadata<'a> {
    pub(crate) purpose: Option<Purpose<'a>>,
    pub(crate) expires_at: Option<Timestamp>,
}

impl<'a> Metadata<'a> {
    /// Neither purpose nor expiry: no envelope is written.
    pub fn none() -> Self {
        Self::default()
    }

    /// Binds the message to a purpose; it opens only where the same is expected. An empty purpose
    /// is written, as Rails writes it, but opens where none is expected.
    pub fn purpose(self, purpose: &'a str) -> Self {
        Self { purpose: Some(Purpose::Text(purpose)), ..self }
    }

    /// Binds the message to a cookie's name.
    pub(crate) fn cookie(self, name: &'a str) -> Self {
        Self { purpose: Some(Purpose::Cookie(name)), ..self }
    }

    /// From this instant on the message does not open. Written with milliseconds, the rest dropped;
    /// with nanoseconds in the form of MessagePack's own.
    pub fn expires_at(self, at: Timestamp) -> Self {
        Self { expires_at: Some(at), ..self }
    }

    pub(crate) fn is_none(&self) -> bool {
        self.purpose.is_none() && self.expires_at.is_none()
    }

    /// The expiry as text, if there is one.
    pub(crate) fn expiry(&self) -> Result<Option<[u8; 24]>, SealError> {
        self.expires_at.map(|at| at.iso8601().ok_or(SealError::ExpiryOutOfRange)).transpose()
    }
}

/// A purpose, written without joining it from its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose<'a> {
    Text(&'a str),
    /// `cookie.NAME`.
    Cookie(&'a str),
}

impl<'a> Purpose<'a> {
    /// Two pieces that make it up.
    fn parts(self) -> (&'static str, &'a str) {
        match self {
            Self::Text(purpose) => ("", purpose),
            Self::Cookie(name) => ("cookie.", name),
        }
    }

    fn matches(self, carried: &str) -> bool {
        match self {
            Self::Text(text) => carried == text,
            Self::Cookie(name) => carried.strip_prefix("cookie.") == Some(name),
        }
    }
}

/// Which purpose a reader takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Expected<'a> {
    /// None: a message that was issued for a purpose is refused.
    NoPurpose,
    /// Exactly this one.
    Purpose(&'a str),
    /// This cookie's, or none: how Rails 6.0 and later read `cookies.signed` and
    /// `cookies.encrypted`. A cookie that was copied from one with metadata is refused, one that
    /// was written without metadata is taken.
    CookieOrNone(&'a str),
}

impl<'a> From<&'a str> for Expected<'a> {
    fn from(purpose: &'a str) -> Self {
        Self::Purpose(purpose)
    }
}

impl Expected<'_> {
    /// What an envelope with this purpose (empty for none) is to this reader.
    fn check(self, carried: &str) -> Result<(), ContentError> {
        let matches = match self {
            Self::NoPurpose => carried.is_empty(),
            Self::Purpose(purpose) => Purpose::Text(purpose).matches(carried),
            Self::CookieOrNone(name) => {
                carried.is_empty() || Purpose::Cookie(name).matches(carried)
            }
        };
        if matches { Ok(()) } else { Err(ContentError::PurposeMismatch) }
    }

    /// What a message without an envelope is to this reader.
    fn check_absent(self) -> Result<(), ContentError> {
        match self {
            Self::NoPurpose | Self::CookieOrNone(_) | Self::Purpose("") => Ok(()),
            Self::Purpose(_) => Err(ContentError::MissingMetadata),
        }
    }
}

/// How a version finds the envelope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Detection {
    /// Up to 5.1 there is none.
    None,
    /// 5.2 to 7.0: any JSON object with the key `_rails`.
    Parsed,
    /// From 7.1: the legacy form by its first bytes; the new one in what the serializer reads.
    Prefixed,
    /// From 7.1, where the codec's serializer is the null one, as under every cookie jar: the
    /// legacy form alone, by its first bytes.
    PrefixedLegacy,
}

impl Detection {
    /// The same for a codec that handles bytes.
    pub(crate) fn of_bytes(self) -> Self {
        match self {
            Self::Prefixed => Self::PrefixedLegacy,
            other => other,
        }
    }
}

/// The form of metadata that a message carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EnvelopeForm {
    /// None: the value alone.
    None,
    /// JSON around the serialized value in base64: every cookie, and messages up to 7.0.
    Legacy,
    /// An ordinary value in the message's own serializer: 7.1 and later, where
    /// `use_message_serializer_for_metadata` is on.
    Serializer,
}

impl EnvelopeForm {
    /// `"none"`, `"legacy"` or `"serializer"`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Legacy => "legacy",
            Self::Serializer => "serializer",
        }
    }
}
