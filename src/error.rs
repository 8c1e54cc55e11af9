//! The three families of error: what strangers send ([`OpenError`]), what cannot be written
//! ([`SealError`]), and what our caller got wrong ([`ConfigError`]).
//!
//! Texts are fixed: no error holds or shows a byte of a secret, a key, a tag or a message.

use alloc::borrow::Cow;
use core::fmt;

/// Why a message was not opened. The three kinds are Rails' own
/// (`active_support/messages/codec.rb`: `:invalid_message_format`,
/// `:invalid_message_serialization`, `:invalid_message_content`).
///
/// The first two let the next rotation try; [`Content`](Self::Content) is final.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OpenError {
    /// No key of the list made this message.
    Format(FormatError),
    /// The message is authentic, but its value is not one that this serializer reads.
    Serialization(SerializationError),
    /// The message is authentic, but was not issued for this use, or no longer is.
    Content(ContentError),
}

/// What [`OpenError::Format`] tells. Deliberately little: a wrong tag, bad padding and bad base64
/// are one value, so that an answer teaches a forger nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FormatError {
    /// The text has not the shape of any message that this reader's recipes write (parts, lengths,
    /// separators): what anyone can see without a key.
    Malformed,
    /// The shape is right, but no key made it: changed, made with another secret, or cut.
    BadSignature,
}

/// Why the serialized value of an authentic message cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SerializationError {
    /// The bytes are in a format that this serializer does not read, as Rails would not
    /// (Marshal under `:json`, say), or that this version of the crate does not.
    Unsupported,
    /// The bytes are not well-formed. `offset` counts bytes from the start of the serialized value.
    Malformed {
        /// Where reading stopped.
        offset: usize,
    },
    /// The bytes are not well-formed, and this is what was being read.
    MalformedPart {
        /// Where reading stopped, in bytes from the start of the serialized value.
        offset: usize,
        /// What was expected there: `"a string"`, `"a link"`, …
        part: &'static str,
    },
    /// Arrays and hashes are nested deeper than the limit.
    TooDeep,
    /// The value is larger than the limit.
    TooLarge {
        /// Where reading stopped, in bytes from the start of the serialized value.
        offset: usize,
        /// Of what there is too much: `"a string"`, `"memory"`, …
        part: &'static str,
    },
    /// The value is well-formed but not of the type asked for.
    Mismatch,
    /// A MessagePack extension of a type that this version of Rails does not have, or of the one
    /// that stands for what it cannot serialize.
    UnknownExtension {
        /// Where it begins, in bytes from the start of the serialized value.
        offset: usize,
    },
}

/// Why an authentic message is refused all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ContentError {
    /// Its expiry is now or in the past.
    Expired,
    /// It was issued for another purpose (another cookie name, say), or for one where none was
    /// expected.
    PurposeMismatch,
    /// A purpose was expected, but it carries no metadata at all.
    MissingMetadata,
    /// It carries metadata that cannot be read: an expiry that is not an ISO 8601 time, say. Rails
    /// raises here; nothing unreadable is ever taken for absent.
    MalformedMetadata,
}

/// Why a message was not written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SealError {
    /// The cookie would be longer than Rails allows (`ActionDispatch::Cookies::CookieOverflow`).
    CookieOverflow {
        /// The size that counts under this version's rule, in bytes.
        size: usize,
    },
    /// The source of entropy failed; an initialization vector cannot be made without it.
    Entropy,
    /// The value cannot be said in this serializer (a NaN under Rails 4.1's JSON, bytes that are
    /// not UTF-8 in JSON).
    Unrepresentable,
    /// Arrays and hashes are nested deeper than the limit.
    TooDeep,
    /// The null serializer writes no values; serialized bytes can be sealed as they are.
    UnsupportedSerializer,
    /// The app has no secret that this kind of cookie could be made with: encrypted cookies need a
    /// `secret_key_base`, and Rails 4.0 or later.
    NoSecret,
    /// The expiry is outside the years 0 to 9999, which ISO 8601 as Rails writes it can say.
    ExpiryOutOfRange,
}

/// What our caller got wrong: a setting that does not exist in that Rails, a key of the wrong length.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigError {
    /// The secret is empty, or shorter than Rails itself accepts.
    SecretTooShort {
        /// The fewest bytes that are accepted.
        minimum: usize,
    },
    /// A key has not the length that its cipher needs.
    KeyLength {
        /// The cipher's key length in bytes.
        expected: usize,
        /// The length that was given, in bytes.
        actual: usize,
    },
    /// No secret was given that this version can derive its keys from.
    MissingSecret,
    /// The iteration count or the length of a derivation is zero, or the length is over the limit.
    Derivation,
    /// A name that no Rails version knows (a digest, a cipher, a serializer, a version).
    UnknownName {
        /// What was being named: `"digest"`, `"cipher"`, …
        what: &'static str,
    },
    /// The setting does not exist in this version of Rails.
    NotInThisVersion {
        /// The setting, by its Rails name.
        setting: Cow<'static, str>,
    },
    /// A cookie name that cannot stand in a header.
    CookieName,
    /// A key that should be written in hexadecimal is not.
    NotHexadecimal,
    /// The secret is not the one whose fingerprint the settings give.
    OtherSecret,
    /// Of a secret that is needed, the settings have the fingerprint alone.
    FingerprintAlone,
    /// A coordinator has no options for this salt: nothing was rotated in, not even the defaults.
    NoOptions,
    /// Two things have one name: two formats, or a cookie that is to be kept in two kinds.
    Twice {
        /// What was named twice: `"format"`, `"cookie"`, …
        what: &'static str,
    },
    /// A text that cannot stand where it is wanted: an attribute with a line break, say.
    Invalid {
        /// What was to be said: `"header name"`, `"path"`, …
        what: &'static str,
    },
    /// Something is missing that another setting needs.
    Missing {
        /// What is needed: `"format"`, `"session"`, …
        what: &'static str,
    },
}

impl OpenError {
    /// The kind, as one word for machines: `"format"`, `"serialization"` or `"content"`.
    #[must_use]
    pub fn kind(self) -> &'static str {
        match self {
            Self::Format(_) => "format",
            Self::Serialization(_) => "serialization",
            Self::Content(_) => "content",
        }
    }

    /// The reason, as one word for machines. These words do not change:
    ///
    /// * format: `"malformed"`, `"bad-signature"`;
    /// * serialization: `"unsupported-serialization"`, `"malformed-serialization"`, `"too-deep"`,
    ///   `"too-large"`, `"unknown-extension"`, `"type-mismatch"`;
    /// * content: `"expired"`, `"purpose-mismatch"`, `"missing-metadata"`,
    ///   `"malformed-metadata"`.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::Format(FormatError::Malformed) => "malformed",
            Self::Format(FormatError::BadSignature) => "bad-signature",
            Self::Serialization(SerializationError::Unsupported) => "unsupported-serialization",
            Self::Serialization(
                SerializationError::Malformed { .. } | SerializationError::MalformedPart { .. },
            ) => "malformed-serialization",
            Self::Serialization(SerializationError::TooDeep) => "too-deep",
            Self::Serialization(SerializationError::TooLarge { .. }) => "too-large",
            Self::Serialization(SerializationError::Mismatch) => "type-mismatch",
            Self::Serialization(SerializationError::UnknownExtension { .. }) => "unknown-extension",
            Self::Content(ContentError::Expired) => "expired",
            Self::Content(ContentError::PurposeMismatch) => "purpose-mismatch",
            Self::Content(ContentError::MissingMetadata) => "missing-metadata",
            Self::Content(ContentError::MalformedMetadata) => "malformed-metadata",
        }
    }
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Format(error) => error.fmt(f),
            Self::Serialization(error) => error.fmt(f),
            Self::Content(error) => error.fmt(f),
        }
    }
}

impl fmt::Display for FormatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "not in the form of a Rails message that these settings can read",
            Self::BadSignature => "not made with any of these keys, or changed since",
        })
    }
}

impl fmt::Display for SerializationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsupported => {
                f.write_str("the value is in a format that this serializer does not read")
            }
            Self::Malformed { offset } => {
                write!(f, "the serialized value is malformed at byte {offset}")
            }
            Self::MalformedPart { offset, part } => {
                write!(f, "the serialized value is malformed at byte {offset}, in {part}")
            }
            Self::TooDeep => f.write_str("the value is nested too deeply"),
            Self::TooLarge { offset, part } => {
                write!(f, "the serialized value is too large at byte {offset}: {part}")
            }
            Self::Mismatch => f.write_str("the value is not of the type asked for"),
            Self::UnknownExtension { offset } => {
                write!(f, "the serialized value has an extension at byte {offset} that is unknown")
            }
        }
    }
}

impl fmt::Display for ContentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Expired => "the message has expired",
            Self::PurposeMismatch => "the message was issued for another purpose",
            Self::MissingMetadata => "the message has no metadata, but a purpose was expected",
            Self::MalformedMetadata => "the message's metadata cannot be read",
        })
    }
}

impl fmt::Display for SealError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CookieOverflow { size } => {
                write!(f, "the cookie would have {size} bytes, over the limit of 4096")
            }
            Self::Entropy => f.write_str("the source of entropy failed"),
            Self::Unrepresentable => f.write_str("the value cannot be said in this serializer"),
            Self::TooDeep => f.write_str("the value is nested too deeply"),
            Self::UnsupportedSerializer => {
                f.write_str("values cannot be written in this serializer, only serialized bytes")
            }
            Self::NoSecret => f.write_str("the app has no secret for this kind of cookie"),
            Self::ExpiryOutOfRange => f.write_str("the expiry is outside the years 0 to 9999"),
        }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SecretTooShort { minimum } => {
                write!(f, "the secret is shorter than {minimum} bytes")
            }
            Self::KeyLength { expected, actual } => {
                write!(f, "the cipher's key must have {expected} bytes, not {actual}")
            }
            Self::MissingSecret => f.write_str("no secret that this version can use was given"),
            Self::Derivation => {
                f.write_str("the iterations or the length of the derivation are out of range")
            }
            Self::UnknownName { what } => write!(f, "unknown {what}"),
            Self::NotInThisVersion { setting } => {
                write!(f, "{setting} does not exist in this version of Rails")
            }
            Self::CookieName => f.write_str("the cookie name cannot stand in a header"),
            Self::NotHexadecimal => f.write_str("the key is not written in hexadecimal"),
            Self::OtherSecret => f.write_str(
                "the secret is not the one of the app that these settings are of: its fingerprint \
                 is another",
            ),
            Self::FingerprintAlone => {
                f.write_str("the settings have only the fingerprint of a secret that is needed")
            }
            Self::NoOptions => f.write_str("no options have been configured for this salt"),
            Self::Twice { what } => write!(f, "there are two of this name: {what}"),
            Self::Invalid { what } => write!(f, "not valid in a header: {what}"),
            Self::Missing { what } => write!(f, "missing: {what}"),
        }
    }
}

impl core::error::Error for OpenError {}
impl core::error::Error for FormatError {}
impl core::error::Error for SerializationError {}
impl core::error::Error for ContentError {}
impl core::error::Error for SealError {}
impl core::error::Error for ConfigError {}

impl From<FormatError> for OpenError {
    fn from(error: FormatError) -> Self {
        Self::Format(error)
    }
}

impl From<SerializationError> for OpenError {
    fn from(error: SerializationError) -> Self {
        Self::Serialization(error)
    }
}

impl From<ContentError> for OpenError {
    fn from(error: ContentError) -> Self {
        Self::Content(error)
    }
}
