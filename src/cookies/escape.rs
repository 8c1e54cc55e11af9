//! The percent form in which Rack writes and reads cookies: Ruby's `URI.encode_www_form_component`
//! and `URI.decode_www_form_component` (`rack/utils.rb#escape`, `#unescape`), alike in every Rack.
//!
//! It is not RFC 3986: a space is `+`, so a `+` that was never escaped is read as a space. That is
//! how a raw base64 cookie gets lost.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

/// Appends `value` to `out` as Rack writes it: ASCII letters, digits and `*-._` stay, a space
/// becomes `+`, every other byte becomes `%XX` in upper-case hex (`~` too).
pub fn escape_into(out: &mut Vec<u8>, value: &[u8]) {
    // What base64 escapes to, mostly.
    out.reserve(value.len().saturating_add(value.len() / 8));
    let mut rest = value;
    while let Some(at) = rest.iter().position(|&byte| !stays(byte)) {
        let (kept, tail) = rest.split_at(at);
        out.extend_from_slice(kept);
        let Some((&byte, tail)) = tail.split_first() else {
            break;
        };
        match byte {
            b' ' => out.push(b'+'),
            _ => out.extend_from_slice(&[b'%', hex_digit(byte >> 4), hex_digit(byte & 0x0f)]),
        }
        rest = tail;
    }
    out.extend_from_slice(rest);
}

/// `value` as Rack writes it (see [`escape_into`]). The result is ASCII.
///
/// ```
/// assert_eq!(railjar::cookies::escape::escape(b"ab+/c== ~"), "ab%2B%2Fc%3D%3D+%7E");
/// ```
#[must_use]
pub fn escape(value: &[u8]) -> String {
    let mut out = Vec::new();
    escape_into(&mut out, value);
    // ASCII by construction, so the conversion cannot fail.
    String::from_utf8(out).unwrap_or_default()
}

/// `text` as Rack reads it: `+` is a space, `%XX` (hex in either case) is a byte. The result is any
/// bytes, UTF-8 or not.
///
/// One `%` that two hex digits do not follow leaves the *whole* text as it is, `+` and good escapes
/// included: Ruby raises there, and Rack then takes the raw text.
///
/// Borrowed where there is nothing to change.
///
/// ```
/// # use railjar::cookies::escape::unescape;
/// assert_eq!(*unescape(b"a+b%2Bc%3d"), *b"a b+c=");
/// assert_eq!(*unescape(b"a+b%2Bc%zz"), *b"a+b%2Bc%zz");
/// ```
#[must_use]
pub fn unescape(text: &[u8]) -> Cow<'_, [u8]> {
    if is_literal(text) {
        return Cow::Borrowed(text);
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((clean, tail)) = next_special(rest).and_then(|at| rest.split_at_checked(at)) {
        out.extend_from_slice(clean);
        let mut unescaped = Unescaped(tail);
        match unescaped.next().flatten() {
            Some(byte) => out.push(byte),
            None => return Cow::Borrowed(text),
        }
        rest = unescaped.0;
    }
    out.extend_from_slice(rest);
    Cow::Owned(out)
}

/// As [`unescape`], in the caller's buffer; what stays as it is is copied a run at a time.
pub(crate) fn unescape_in<'t>(buffer: &'t mut Vec<u8>, text: &'t [u8]) -> &'t [u8] {
    buffer.clear();
    let mut rest = text;
    while let Some((kept, tail)) =
        memchr::memchr2(b'%', b'+', rest).and_then(|at| rest.split_at_checked(at))
    {
        buffer.extend_from_slice(kept);
        let mut escape = Unescaped(tail);
        match escape.next() {
            Some(Some(byte)) => buffer.push(byte),
            _ => return text,
        }
        rest = escape.0;
    }
    buffer.extend_from_slice(rest);
    buffer
}

/// Whether [`unescape`]`(text)` is `plain`, without building it.
pub(super) fn unescapes_to(text: &[u8], plain: &[u8]) -> bool {
    if is_literal(text) {
        return text == plain;
    }
    let mut expected = plain.iter();
    let mut equal = true;
    for byte in Unescaped(text) {
        match byte {
            Some(byte) => equal &= expected.next() == Some(&byte),
            None => return text == plain,
        }
    }
    equal && expected.next().is_none()
}

/// Whether reading changes nothing in `text`.
fn is_literal(text: &[u8]) -> bool {
    next_special(text).is_none()
}

/// Where the first byte stands that is not read as itself.
fn next_special(text: &[u8]) -> Option<usize> {
    memchr::memchr2(b'%', b'+', text)
}

/// The bytes of a text as they are read; `None` for a bad escape.
struct Unescaped<'t>(&'t [u8]);

impl Iterator for Unescaped<'_> {
    type Item = Option<u8>;

    fn next(&mut self) -> Option<Option<u8>> {
        let (byte, rest) = match self.0 {
            [] => return None,
            [b'%', high, low, rest @ ..] => (hex_value(*high).zip(hex_value(*low)), rest),
            [b'%', rest @ ..] => (None, rest),
            [b'+', rest @ ..] => (Some((0x2, 0x0)), rest),
            [byte, rest @ ..] => (Some((byte >> 4, byte & 0x0f)), rest),
        };
        self.0 = rest;
        Some(byte.map(|(high, low)| high << 4 | low))
    }
}

/// Looked up, for every byte of every cookie that is written goes through here.
fn stays(byte: u8) -> bool {
    const STAYS: [bool; 256] = {
        let mut table = [false; 256];
        let (mut left, mut byte): (&mut [bool], u8) = (&mut table, 0);
        while let Some((stays, rest)) = left.split_first_mut() {
            *stays = matches!(byte, b'*' | b'-' | b'.' | b'_') || byte.is_ascii_alphanumeric();
            (left, byte) = (rest, byte.wrapping_add(1));
        }
        table
    };
    STAYS.get(usize::from(byte)).is_some_and(|stays| *stays)
}

fn hex_digit(nibble: u8) -> u8 {
    match nibble {
        0..=9 => b'0' | nibble,
        // `A` is 0x41: the letters count from 1.
        _ => 0x40 | nibble.wrapping_sub(9),
    }
}

fn hex_value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit & 0x0f),
        b'a'..=b'f' | b'A'..=b'F' => Some((digit & 0x0f).wrapping_add(9)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_every_byte_as_ruby_does() {
        for byte in 0..=u8::MAX {
            let expected = match byte {
                b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => char::from(byte).into(),
                b'*' | b'-' | b'.' | b'_' => char::from(byte).into(),
                b' ' => "+".into(),
                _ => alloc::format!("%{byte:02X}"),
            };
            assert_eq!(escape(&[byte]), expected);
        }
    }

    #[test]
    fn reads_either_case_of_hex_and_any_byte() {
        assert_eq!(*unescape(b"%2b%2B%fF%C3%A9"), *b"++\xff\xc3\xa9");
    }

    #[test]
    fn one_bad_escape_leaves_the_whole_text() {
        // As rack 2.2.22 on Ruby 3.1 answers.
        for text in ["%", "%4", "%zz", "a%2", "%%41", "%41%zz", "a+b%", "%g0", "%0g", "%+1"] {
            assert_eq!(unescape(text.as_bytes()), Cow::Borrowed(text.as_bytes()), "{text}");
            assert!(unescapes_to(text.as_bytes(), text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn borrows_what_it_need_not_change() {
        assert!(matches!(unescape(b"abc--123"), Cow::Borrowed(_)));
        assert!(matches!(unescape(b"abc%3D"), Cow::Owned(_)));
    }

    #[test]
    fn comparing_agrees_with_reading() {
        for (text, plain, equal) in [
            ("a%5Bb%5D", "a[b]", true),
            ("a+b", "a b", true),
            ("a%5Bb%5D", "a[b", false),
            ("a%5Bb", "a[b]", false),
            ("a+b%", "a b%", false),
            ("", "", true),
        ] {
            assert_eq!(unescapes_to(text.as_bytes(), plain.as_bytes()), equal, "{text} {plain}");
            assert_eq!(*unescape(text.as_bytes()) == *plain.as_bytes(), equal, "{text} {plain}");
            let read = unescape(text.as_bytes());
            assert_eq!(*unescape_in(&mut Vec::new(), text.as_bytes()), *read, "{text}");
        }
    }
}
