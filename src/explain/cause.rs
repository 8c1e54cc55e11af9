//! The one thing that is wrong with a message, by a name that does not change.

use alloc::string::String;
use core::num::NonZeroU32;

use super::foreign::Foreign;
use super::recipe::UsedFor;
use crate::crypto::{Cipher, Digest};
use crate::error::SerializationError;
use crate::rails::CookieKind;
use crate::serializer::Format;
use crate::time::Timestamp;

/// Why a message is refused. [`docs/explain.md`](https://github.com/railjar/railjar/blob/main/docs/explain.md)
/// has a row for each: what happens, why, and how to mend it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cause {
    /// There is no text.
    Empty,
    /// Each `+` has become a space: it was sent without being escaped.
    PlusBecameSpace,
    /// It is still percent-encoded.
    PercentEncoded {
        /// How often.
        times: u8,
    },
    /// A piece of it is missing.
    Cut {
        /// Which.
        missing: Missing,
        /// What is left, in bytes.
        length: usize,
    },
    /// It carries what is no part of it.
    Junk {
        /// What.
        junk: Junk,
    },
    /// Its base64 is spelled in the alphabet that this reader does not expect.
    OtherAlphabet,
    /// The `=` at the end of its base64 were taken off.
    PaddingLost,
    /// The `--` between its parts were taken out.
    SeparatorLost,
    /// Its digest is in upper case.
    UpperCaseDigest,
    /// Only the first part is there, with a whole value in it: the signature was lost, or it was
    /// never signed.
    Unsigned,
    /// It is no message of Rails'.
    NotRails {
        /// What it seems to be.
        foreign: Foreign,
    },
    /// It has the shape of a message, but none of the secrets made it; or it was changed since.
    NoKeyFits,
    /// It is in the app's other jar.
    OtherJar {
        /// Which.
        jar: CookieKind,
    },
    /// It is another kind of message than the one that is looked for.
    OtherUse {
        /// What it is.
        used_for: UsedFor,
    },
    /// It was signed with another digest than this reader's.
    OtherDigest {
        /// With which.
        digest: Digest,
    },
    /// Its key was derived with another digest than this app's.
    OtherKeyDigest {
        /// With which.
        digest: Digest,
    },
    /// Its key was derived with other iterations than this app's.
    OtherIterations {
        /// With how many.
        iterations: NonZeroU32,
    },
    /// It was encrypted with another cipher than this reader's.
    OtherCipher {
        /// With which.
        cipher: Cipher,
    },
    /// Its key was derived with another salt than this app's.
    OtherSalt {
        /// With which.
        salt: String,
    },
    /// An older secret made it, one that the app does not read.
    OtherSecret,
    /// A key of the app made it, but more than one setting is another.
    OtherRecipe,
    /// This version of Rails takes it, but no Rails writes it so; a strict reader refuses it.
    OnlyLeniency,
    /// It has expired.
    Expired {
        /// When.
        at: Timestamp,
    },
    /// It was issued as another cookie.
    OtherCookieName {
        /// Under which name.
        name: String,
    },
    /// It was issued for another purpose.
    OtherPurpose {
        /// For which; `None` for none.
        purpose: Option<String>,
    },
    /// Its metadata cannot be read.
    MalformedMetadata,
    /// Its metadata is in the form of Rails 7.1, which older versions do not know.
    NewerEnvelope,
    /// Its value is an envelope again.
    DoubleWrapped,
    /// Its envelope is not written as Rails writes it, and from 7.1 on not taken for one.
    ForeignEnvelope,
    /// Its value is in a format that the reader's serializer does not read.
    SerializerNotAllowed {
        /// In which.
        format: Format,
    },
    /// Its value is not well-formed.
    MalformedValue {
        /// What was found.
        error: SerializationError,
    },
}

/// A piece of a message that is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Missing {
    /// The beginning.
    Start,
    /// The end.
    End,
}

/// What a message may carry besides itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Junk {
    /// Spaces or newlines.
    Whitespace,
    /// Quotation marks.
    Quotes,
    /// `NAME=` in front, or the name of a header.
    Name,
    /// `; path=/` and what else follows a cookie in a header.
    Attributes,
    /// A part before it, joined by `--`.
    LeadingPart,
    /// A part after it, joined by `--`.
    TrailingPart,
    /// Anything else.
    Bytes,
}

impl Cause {
    /// Its name, for machines: one of the words in `docs/explain.md`, which do not change.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::PlusBecameSpace => "plus-became-space",
            Self::PercentEncoded { .. } => "percent-encoded",
            Self::Cut { .. } => "cut",
            Self::Junk { .. } => "junk",
            Self::OtherAlphabet => "other-alphabet",
            Self::PaddingLost => "padding-lost",
            Self::SeparatorLost => "separator-lost",
            Self::UpperCaseDigest => "upper-case-digest",
            Self::Unsigned => "unsigned",
            Self::NotRails { .. } => "not-rails",
            Self::NoKeyFits => "no-key-fits",
            Self::OtherJar { .. } => "other-jar",
            Self::OtherUse { .. } => "other-use",
            Self::OtherDigest { .. } => "other-digest",
            Self::OtherKeyDigest { .. } => "other-key-digest",
            Self::OtherIterations { .. } => "other-iterations",
            Self::OtherCipher { .. } => "other-cipher",
            Self::OtherSalt { .. } => "other-salt",
            Self::OtherSecret => "other-secret",
            Self::OtherRecipe => "other-recipe",
            Self::OnlyLeniency => "only-leniency",
            Self::Expired { .. } => "expired",
            Self::OtherCookieName { .. } => "other-cookie-name",
            Self::OtherPurpose { .. } => "other-purpose",
            Self::MalformedMetadata => "malformed-metadata",
            Self::NewerEnvelope => "newer-envelope",
            Self::DoubleWrapped => "double-wrapped",
            Self::ForeignEnvelope => "foreign-envelope",
            Self::SerializerNotAllowed { .. } => "serializer-not-allowed",
            Self::MalformedValue { .. } => "malformed-value",
        }
    }
}

impl Junk {
    /// Its name, for machines.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Whitespace => "whitespace",
            Self::Quotes => "quotes",
            Self::Name => "name",
            Self::Attributes => "attributes",
            Self::LeadingPart => "leading-part",
            Self::TrailingPart => "trailing-part",
            Self::Bytes => "bytes",
        }
    }
}
