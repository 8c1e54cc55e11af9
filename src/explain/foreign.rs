//! What looks like a cookie of something else: told by the text alone, as each format announces
//! itself.

use core::fmt;

use super::shape::decode;
use crate::serializer::json::Syntax;
use crate::serializer::json::scan::Span;
use crate::wire::base64::{Alphabet, Decoding};

/// What a text is that is no message of Rails'.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Foreign {
    /// A JSON Web Token: three parts (or five) with dots, the first with `"alg"`.
    Jwt,
    /// `Rack::Session::Cookie` of Rack 1: base64 in lines of sixty, then `--` and a digest.
    RackSession,
    /// A session of Flask, or another text signed by itsdangerous.
    Flask,
    /// A value signed by Django.
    Django,
    /// A cookie signed by Express' cookie-parser, as connect.sid is.
    Express,
    /// A cookie encrypted by Laravel.
    Laravel,
    /// A session of Phoenix, or another `Plug.Crypto` message.
    Phoenix,
    /// JSON, neither signed nor encrypted.
    Json,
    /// Base64 of a text, neither signed nor encrypted.
    Base64,
    /// Anything else.
    Unknown,
}

impl Foreign {
    /// What `text` announces itself as; `None` for what may yet be a message of Rails'.
    pub(super) fn of(text: &[u8]) -> Option<Self> {
        let text = text.trim_ascii();
        if is_json(text) && matches!(text.first(), Some(b'{' | b'[')) {
            return Some(Self::Json);
        }
        if text.starts_with(b"SFMyNTY.") || text.starts_with(b"QTEyOEdDTQ.") {
            return Some(Self::Phoenix);
        }
        if let Some(rest) = text.strip_prefix(b"s:") {
            let dot = rest.iter().rposition(|byte| *byte == b'.')?;
            // SHA-256 in base64 without its padding.
            return (rest.len().saturating_sub(dot) == 44).then_some(Self::Express);
        }
        if is_rack_session(text) {
            return Some(Self::RackSession);
        }
        if let Some(dotted) = dotted(text) {
            return Some(dotted);
        }
        if last_of(text, b':', 3).is_some_and(|length| matches!(length, 27 | 43)) {
            return Some(Self::Django);
        }
        let json = json_inside(text)?;
        let has = |key: &[u8]| memchr::memmem::find(&json, key).is_some();
        (has(b"\"iv\":") && has(b"\"mac\":")).then_some(Self::Laravel)
    }

    /// What it is called.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Jwt => "a JSON Web Token",
            Self::RackSession => "a Rack::Session::Cookie",
            Self::Flask => "a session of Flask (itsdangerous)",
            Self::Django => "a value signed by Django",
            Self::Express => "a cookie signed by Express",
            Self::Laravel => "a cookie of Laravel",
            Self::Phoenix => "a session of Phoenix",
            Self::Json => "plain JSON",
            Self::Base64 => "plain base64",
            Self::Unknown => "no form of message that is known here",
        }
    }
}

impl fmt::Display for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

pub(super) fn is_json(text: &[u8]) -> bool {
    Span::document(text, Syntax::Strict).is_ok()
}

/// The JSON that a piece of base64 holds, of either alphabet.
fn json_inside(text: &[u8]) -> Option<alloc::vec::Vec<u8>> {
    let spellings = [Alphabet::Standard, Alphabet::UrlSafe].map(Decoding::Strict);
    let decoded = spellings.into_iter().find_map(|spelling| decode(text, spelling))?;
    is_json(&decoded).then_some(decoded)
}

/// Parts with dots between them.
fn dotted(text: &[u8]) -> Option<Foreign> {
    let first = text.split(|byte| *byte == b'.').next()?;
    let header = json_inside(first);
    let is_header =
        header.as_ref().is_some_and(|header| memchr::memmem::find(header, b"\"alg\"").is_some());
    let dots = text.iter().filter(|byte| **byte == b'.').count();
    if is_header && matches!(dots, 2 | 4) {
        return Some(Foreign::Jwt);
    }
    // Compressed values begin with a dot. SHA-1 or SHA-512 in base64 without its padding.
    let is_value = header.is_some() || text.starts_with(b".");
    let length = last_of(text.strip_prefix(b".").unwrap_or(text), b'.', 3)?;
    (is_value && matches!(length, 27 | 86)).then_some(Foreign::Flask)
}

/// The length of the last of so many parts.
fn last_of(text: &[u8], separator: u8, parts: usize) -> Option<usize> {
    let mut count: usize = 0;
    let mut last: &[u8] = b"";
    for part in text.split(|byte| *byte == separator) {
        count = count.saturating_add(1);
        last = part;
    }
    (count == parts).then_some(last.len())
}

/// `[data].pack("m") + "--" + digest`, whose base64 has a newline after each sixty characters.
fn is_rack_session(text: &[u8]) -> bool {
    let Some(at) = memchr::memmem::find(text, b"\n--") else { return false };
    let (data, digest) = text.split_at_checked(at).unwrap_or_default();
    let is_hex = digest
        .get(3..)
        .is_some_and(|digest| !digest.is_empty() && digest.iter().all(u8::is_ascii_hexdigit));
    is_hex && data.split(|byte| *byte == b'\n').rev().skip(1).all(|line| line.len() == 60)
}
