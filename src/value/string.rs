//! Ruby's strings: bytes that are usually, not always, UTF-8.

use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::fmt;

use serde::ser::{Serialize, Serializer};

/// A Ruby `String`.
///
/// ```
/// use railjar::value::RubyString;
///
/// assert_eq!(RubyString::from("é").as_str(), Some("é"));
/// assert_eq!(RubyString::from(vec![0xff]).as_str(), None);
/// assert_eq!(RubyString::from(vec![0xff]).to_string(), r#""\xFF""#);
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct RubyString(Repr);

/// Canonical: `Bytes` is used only for what is not UTF-8, so nothing is checked twice.
#[derive(Clone, PartialEq, Eq)]
enum Repr {
    Utf8(String),
    Bytes(Vec<u8>),
}

impl RubyString {
    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Repr::Utf8(text) => text.as_bytes(),
            Repr::Bytes(bytes) => bytes,
        }
    }

    /// The text, if the bytes are valid UTF-8. Costs nothing: it was checked when it was made.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match &self.0 {
            Repr::Utf8(text) => Some(text),
            Repr::Bytes(_) => None,
        }
    }

    /// The bytes, without a copy.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        match self.0 {
            Repr::Utf8(text) => text.into_bytes(),
            Repr::Bytes(bytes) => bytes,
        }
    }
}

impl From<&str> for RubyString {
    fn from(text: &str) -> Self {
        Self(Repr::Utf8(String::from(text)))
    }
}

impl From<String> for RubyString {
    fn from(text: String) -> Self {
        Self(Repr::Utf8(text))
    }
}

impl From<Vec<u8>> for RubyString {
    fn from(bytes: Vec<u8>) -> Self {
        Self(match String::from_utf8(bytes) {
            Ok(text) => Repr::Utf8(text),
            Err(error) => Repr::Bytes(error.into_bytes()),
        })
    }
}

impl From<&[u8]> for RubyString {
    fn from(bytes: &[u8]) -> Self {
        Self::from(Vec::from(bytes))
    }
}

impl Ord for RubyString {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_bytes().cmp(other.as_bytes())
    }
}

impl PartialOrd for RubyString {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq<str> for RubyString {
    fn eq(&self, other: &str) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl fmt::Debug for RubyString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for RubyString {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Repr::Utf8(text) => serializer.serialize_str(text),
            Repr::Bytes(bytes) => serializer.serialize_bytes(bytes),
        }
    }
}
