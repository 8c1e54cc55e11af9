//! Strings in JSON text: which characters need an escape, and which escape.

use alloc::vec::Vec;

use crate::serializer::json::text::{HexCase, HtmlEscape, JsSeparators, NonAscii, Text};

/// A set of bytes, as bits of the entries of [`CLASSES`].
pub(super) type Class = u8;

/// `"`, `\` and the control characters: escaped in all JSON text, and what ends a clean run when
/// a string is read.
pub(super) const SPECIAL: Class = 1;
/// `<`, `>`, `&`.
const HTML: Class = 2;
/// The first byte of U+2028 and U+2029, and of much else.
const SEPARATOR: Class = 4;
/// All that is not ASCII.
const NON_ASCII: Class = 8;

static CLASSES: [Class; 256] = classes();

#[allow(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    reason = "runs only when compiling, where a mistake is a build error"
)]
const fn classes() -> [Class; 256] {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < classes.len() {
        classes[byte] = match byte as u8 {
            0..0x20 | b'"' | b'\\' => SPECIAL,
            b'<' | b'>' | b'&' => HTML,
            0xe2 => SEPARATOR | NON_ASCII,
            0x80.. => NON_ASCII,
            _ => 0,
        };
        byte += 1;
    }
    classes
}

/// How many bytes come before the first one of `stops`.
pub(super) fn clean_run(bytes: &[u8], stops: Class) -> usize {
    let stops_at = |byte: &u8| {
        let class = CLASSES.get(usize::from(*byte)).copied().unwrap_or(SPECIAL);
        class & stops != 0
    };
    bytes.iter().position(stops_at).unwrap_or(bytes.len())
}

/// Writes `string` in quotes.
pub(super) fn write_string(out: &mut Vec<u8>, string: &str, text: &Text) {
    out.reserve(string.len().saturating_add(2));
    out.push(b'"');
    write_escaped(out, string, text);
    out.push(b'"');
}

/// Writes what stands between the quotes.
pub(crate) fn write_escaped(out: &mut Vec<u8>, string: &str, text: &Text) {
    let stops = stops(text);
    let mut rest = string;
    // Every stop is a whole character or starts one, so cutting there always works.
    while let Some((clean, tail)) = rest.split_at_checked(clean_run(rest.as_bytes(), stops)) {
        out.extend_from_slice(clean.as_bytes());
        let mut chars = tail.chars();
        let Some(stop) = chars.next() else { break };
        write_escape(out, stop, text);
        rest = chars.as_str();
    }
}

fn stops(text: &Text) -> Class {
    let html = match text.html {
        HtmlEscape::None => 0,
        HtmlEscape::LowerHex | HtmlEscape::UpperHex => HTML,
    };
    let beyond_ascii = match (text.non_ascii, text.js_separators) {
        (NonAscii::Truncated, _) => NON_ASCII,
        (NonAscii::Raw, JsSeparators::Escaped) => SEPARATOR,
        (NonAscii::Raw, JsSeparators::Raw) => 0,
    };
    SPECIAL | html | beyond_ascii
}

fn write_escape(out: &mut Vec<u8>, stop: char, text: &Text) {
    match stop {
        '"' => out.extend_from_slice(b"\\\""),
        '\\' => out.extend_from_slice(b"\\\\"),
        '\x08' => out.extend_from_slice(b"\\b"),
        '\t' => out.extend_from_slice(b"\\t"),
        '\n' => out.extend_from_slice(b"\\n"),
        '\x0c' => out.extend_from_slice(b"\\f"),
        '\r' => out.extend_from_slice(b"\\r"),
        '\0'..' ' => write_unicode(out, stop, text.controls),
        '<' | '>' | '&' => match text.html {
            HtmlEscape::UpperHex => write_unicode(out, stop, HexCase::Upper),
            HtmlEscape::None | HtmlEscape::LowerHex => write_unicode(out, stop, HexCase::Lower),
        },
        _ if text.non_ascii == NonAscii::Truncated => write_unicode(out, stop, HexCase::Lower),
        '\u{2028}' | '\u{2029}' => write_unicode(out, stop, HexCase::Lower),
        // Another character with the separators' first byte.
        _ => out.extend_from_slice(stop.encode_utf8(&mut [0; 4]).as_bytes()),
    }
}

/// Writes `\uXXXX` with the low 16 bits of the code point.
fn write_unicode(out: &mut Vec<u8>, char: char, case: HexCase) {
    out.extend_from_slice(b"\\u");
    for shift in [12, 8, 4, 0] {
        let nibble = (u32::from(char) >> shift) & 0xf;
        let digit = char::from_digit(nibble, 16).unwrap_or('0');
        let digit = match case {
            HexCase::Lower => digit,
            HexCase::Upper => digit.to_ascii_uppercase(),
        };
        out.extend_from_slice(digit.encode_utf8(&mut [0; 1]).as_bytes());
    }
}
