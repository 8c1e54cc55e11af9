//! What an opened message holds, whether or not its reader would take it.

use alloc::borrow::Cow;
use alloc::string::String;

use super::recipe::{Recipe, Spelling};
use super::search::Unlocked;
use super::shape::all_formats;
use crate::envelope::{EnvelopeForm, inspect};
use crate::error::{OpenError, SerializationError};
use crate::message::{Matched, Opened};
use crate::serializer::{Format, Reissue};
use crate::time::Timestamp;

/// A message that one of the candidates' keys made.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Found {
    /// How it was made.
    pub recipe: Recipe,
    /// What is in it.
    ///
    /// # Errors
    /// Where its metadata or its base64 cannot be read, although its tag is right.
    pub contents: Result<Contents, OpenError>,
}

/// What is in an authentic message. The value itself is not: [`Cookies`](crate::Cookies) and its
/// like open it, if it may be opened.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Contents {
    /// The form of its metadata.
    pub envelope: EnvelopeForm,
    /// The purpose that it was issued for.
    pub purpose: Option<String>,
    /// Its expiry, which may have passed.
    pub expires_at: Option<Timestamp>,
    /// What its value is serialized as.
    pub format: Format,
    /// The length of the serialized value in bytes.
    pub payload_len: usize,
    /// Whether the value can be read.
    ///
    /// # Errors
    /// What is wrong with it.
    pub value: Result<(), SerializationError>,
    pub(super) wrapping: Wrapping,
}

/// How the value lies in its envelope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wrapping {
    /// As Rails writes it.
    Rails,
    /// In an envelope that Rails 7.1 and later do not take for one: they go by its first bytes.
    Foreign,
    /// In an envelope inside another.
    Double,
}

impl Found {
    pub(super) fn of(unlocked: Unlocked) -> Self {
        let recipe = unlocked.recipe.clone();
        Self { recipe, contents: Contents::of(unlocked) }
    }

    /// The cookie that it was issued for.
    #[must_use]
    pub fn cookie_name(&self) -> Option<&str> {
        self.contents.as_ref().ok()?.cookie_name()
    }
}

impl Contents {
    fn of(unlocked: Unlocked) -> Result<Self, OpenError> {
        let Unlocked { recipe, plain, proof } = unlocked;
        if recipe.spelling == Spelling::Broken {
            return Err(SerializationError::Malformed { offset: 0 }.into());
        }
        let serialization = all_formats();
        let inspected = inspect(&plain, &serialization)?;
        let detected = Format::detect(&inspected.payload);
        let payload_len = inspected.payload.len();
        let wrapping = match inspected.payload.starts_with(b"{\"_rails\":{") {
            true => Wrapping::Double,
            false if inspected.is_canonical => Wrapping::Rails,
            false => Wrapping::Foreign,
        };
        let opened = Opened {
            payload: proof.vouch(inspected.payload),
            // What announces itself as nothing is read as JSON by every JSON serializer.
            format: detected.unwrap_or(Format::Json),
            syntax: serialization.syntax,
            extensions: serialization.extensions,
            envelope: inspected.form,
            purpose: inspected.purpose.as_deref().map(Cow::Borrowed),
            expires_at: inspected.expires_at,
            matched: Matched::Primary,
            reissue: Reissue::Keep,
        };
        let read = opened.to_value().map(|_| ());
        let (format, value) = match (detected, read) {
            (Some(format), read) => (format, read),
            (None, Ok(())) => (Format::Json, Ok(())),
            (None, Err(_)) => (Format::Bytes, Ok(())),
        };
        Ok(Self {
            envelope: inspected.form,
            purpose: inspected.purpose.clone(),
            expires_at: inspected.expires_at,
            format,
            payload_len,
            value,
            wrapping,
        })
    }

    /// The cookie that it was issued for.
    #[must_use]
    pub fn cookie_name(&self) -> Option<&str> {
        self.purpose.as_deref()?.strip_prefix("cookie.")
    }
}

impl core::fmt::Debug for Contents {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Contents")
            .field("envelope", &self.envelope)
            .field("format", &self.format)
            .finish_non_exhaustive()
    }
}
