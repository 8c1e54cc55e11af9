//! Ruby's strings: bytes that are usually, not always, UTF-8, and say what they are.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::fmt;

use crate::value::Encoding;

/// A Ruby `String`: bytes and the encoding that they claim, which need not be true.
///
/// Strings are equal as Ruby's are: the same bytes, and the same encoding unless all are ASCII.
///
/// A clone is the same string, as a second reference to one is in Ruby: it costs nothing, and
/// Marshal writes it as a link to the first.
///
/// ```
/// use railjar::value::{Encoding, RubyString};
///
/// assert_eq!(RubyString::from("é").as_str(), Some("é"));
/// assert_eq!(RubyString::from(vec![0xff]).as_str(), None);
/// assert_eq!(RubyString::from(vec![0xff]).to_string(), r#""\xFF""#);
/// assert_ne!(RubyString::new("é".as_bytes(), Encoding::BINARY), RubyString::from("é"));
/// assert_eq!(RubyString::new(b"caf\xe9", Encoding::ISO_8859_1).to_utf8().unwrap(), "café");
/// ```
#[derive(Clone)]
pub struct RubyString(Repr);

/// Canonical: `Bytes` is used only for what [`as_str`](RubyString::as_str) refuses, so nothing is
/// checked twice.
#[derive(Clone)]
enum Repr {
    Text(Encoding, Arc<str>),
    Bytes(Encoding, Arc<[u8]>),
}

impl RubyString {
    /// Bytes in an encoding. They need not be valid in it.
    #[must_use]
    // Returned from a call, it would be read before its bytes are stored: a twentieth of reading.
    #[inline(always)]
    pub fn new(bytes: &[u8], encoding: Encoding) -> Self {
        Self(match text(bytes, encoding) {
            Some(text) => Repr::Text(encoding, Arc::from(text)),
            None => Repr::Bytes(encoding, Arc::from(bytes)),
        })
    }

    /// The bytes.
    #[must_use]
    #[inline]
    pub fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Repr::Text(_, text) => text.as_bytes(),
            Repr::Bytes(_, bytes) => bytes,
        }
    }

    /// What the string says its bytes are.
    #[must_use]
    pub fn encoding(&self) -> Encoding {
        match &self.0 {
            Repr::Text(encoding, _) | Repr::Bytes(encoding, _) => *encoding,
        }
    }

    /// The text, if the bytes are valid UTF-8 and the encoding is UTF-8, US-ASCII or binary; of
    /// another encoding only what is all ASCII. Costs nothing: it was checked when it was made.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match &self.0 {
            Repr::Text(_, text) => Some(text),
            Repr::Bytes(..) => None,
        }
    }

    /// The text, converted where the encoding is ISO-8859-1, UTF-16 or UTF-32 (in either byte
    /// order); `None` for what is invalid or in another encoding.
    #[must_use]
    pub fn to_utf8(&self) -> Option<Cow<'_, str>> {
        let (encoding, bytes) = match &self.0 {
            Repr::Text(_, text) => return Some(Cow::Borrowed(text)),
            Repr::Bytes(encoding, bytes) => (*encoding, bytes),
        };
        let pairs = || bytes.chunks(2).map(<[u8; 2]>::try_from);
        let quads = || bytes.chunks(4).map(<[u8; 4]>::try_from);
        let text: Option<String> = match encoding.name() {
            "ISO-8859-1" => Some(bytes.iter().copied().map(char::from).collect()),
            "UTF-16LE" => utf16(pairs().map(|pair| pair.ok().map(u16::from_le_bytes))),
            "UTF-16BE" => utf16(pairs().map(|pair| pair.ok().map(u16::from_be_bytes))),
            "UTF-32LE" => quads().map(|q| char::from_u32(u32::from_le_bytes(q.ok()?))).collect(),
            "UTF-32BE" => quads().map(|q| char::from_u32(u32::from_be_bytes(q.ok()?))).collect(),
            _ => None,
        };
        text.map(Cow::Owned)
    }

    /// The bytes, copied out.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.as_bytes().to_vec()
    }

    /// The same bytes under another name.
    pub(crate) fn with_encoding(self, encoding: Encoding) -> Self {
        if encoding == self.encoding() { self } else { Self::new(self.as_bytes(), encoding) }
    }

    /// Where the bytes lie, if another clone of this string exists: one address is one string.
    pub(crate) fn shared_address(&self) -> Option<usize> {
        let (owners, address) = match &self.0 {
            Repr::Text(_, text) => (Arc::strong_count(text), text.as_ptr().addr()),
            Repr::Bytes(_, bytes) => (Arc::strong_count(bytes), bytes.as_ptr().addr()),
        };
        (owners > 1).then_some(address)
    }

    /// What besides the bytes tells strings apart.
    fn distinction(&self) -> Option<Encoding> {
        let encoding = self.encoding();
        (!encoding.is_ascii_compatible() || !self.as_bytes().is_ascii()).then_some(encoding)
    }
}

fn text(bytes: &[u8], encoding: Encoding) -> Option<&str> {
    let is_text =
        encoding.is_utf8_or_bytes() || (encoding.is_ascii_compatible() && bytes.is_ascii());
    if is_text { core::str::from_utf8(bytes).ok() } else { None }
}

fn utf16(units: impl Iterator<Item = Option<u16>>) -> Option<String> {
    let units: Option<Vec<u16>> = units.collect();
    String::from_utf16(&units?).ok()
}

impl From<&str> for RubyString {
    fn from(text: &str) -> Self {
        Self(Repr::Text(Encoding::UTF_8, Arc::from(text)))
    }
}

impl From<String> for RubyString {
    fn from(text: String) -> Self {
        Self(Repr::Text(Encoding::UTF_8, Arc::from(text)))
    }
}

/// A string that says it is UTF-8.
impl From<Vec<u8>> for RubyString {
    fn from(bytes: Vec<u8>) -> Self {
        Self::from(bytes.as_slice())
    }
}

/// A string that says it is UTF-8.
impl From<&[u8]> for RubyString {
    fn from(bytes: &[u8]) -> Self {
        Self::new(bytes, Encoding::UTF_8)
    }
}

impl Ord for RubyString {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_bytes().cmp(other.as_bytes()).then_with(|| {
            if self.encoding() == other.encoding() {
                return Ordering::Equal;
            }
            self.distinction().cmp(&other.distinction())
        })
    }
}

impl PartialOrd for RubyString {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for RubyString {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
            && (self.encoding() == other.encoding() || self.distinction() == other.distinction())
    }
}

impl Eq for RubyString {}

impl PartialEq<str> for RubyString {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == Some(other)
    }
}

impl fmt::Debug for RubyString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
