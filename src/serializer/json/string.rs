//! Strings as they stand in JSON text.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use crate::serializer::json::escape::{SPECIAL, clean_run};
use crate::value::RubyString;

/// The inside of a string, between its quotes, which the cursor has found well-formed.
#[derive(Clone, Copy)]
pub(crate) struct RawString<'a> {
    bytes: &'a [u8],
    /// The same bytes, when they are UTF-8 (always, in the strict syntax).
    utf8: Option<&'a str>,
    escaped: bool,
}

impl<'a> RawString<'a> {
    /// `escaped` tells whether there is any backslash.
    pub(super) fn new(bytes: &'a [u8], escaped: bool) -> Self {
        Self { bytes, utf8: core::str::from_utf8(bytes).ok(), escaped }
    }

    pub(super) fn is_utf8(self) -> bool {
        self.utf8.is_some()
    }

    /// The text; `None` when it is not UTF-8, which only the Ruby syntax lets through.
    pub(crate) fn to_text(self) -> Option<Cow<'a, str>> {
        match self.utf8 {
            Some(text) if !self.escaped => Some(Cow::Borrowed(text)),
            _ => String::from_utf8(self.unescape()).ok().map(Cow::Owned),
        }
    }

    /// Whether the text is `other`.
    pub(crate) fn is(self, other: &str) -> bool {
        if self.escaped {
            // No escape is shorter than what it stands for.
            self.bytes.len() > other.len() && self.unescape() == other.as_bytes()
        } else {
            self.bytes == other.as_bytes()
        }
    }

    pub(super) fn to_ruby(self) -> RubyString {
        match self.utf8 {
            Some(text) if !self.escaped => RubyString::from(text),
            _ if !self.escaped => RubyString::from(self.bytes),
            _ => RubyString::from(self.unescape()),
        }
    }

    fn unescape(self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.bytes.len());
        let mut rest = self.bytes;
        while let Some((clean, tail)) = rest.split_at_checked(clean_run(rest, SPECIAL)) {
            out.extend_from_slice(clean);
            let [b'\\', escape, tail @ ..] = tail else {
                break;
            };
            rest = tail;
            match escape {
                b'b' => out.push(0x08),
                b'f' => out.push(0x0c),
                b'n' => out.push(b'\n'),
                b'r' => out.push(b'\r'),
                b't' => out.push(b'\t'),
                b'u' => {
                    let Some((char, tail)) = unicode_escape(rest) else {
                        break;
                    };
                    out.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
                    rest = tail;
                }
                // `"`, `\`, `/`; and in the Ruby syntax any other, which stands for itself.
                other => out.push(*other),
            }
        }
        out
    }
}

/// Reads what follows `\u`: four hex digits, and where these are the first half of a surrogate
/// pair, `\u` and the second half. `None` for anything else: a half alone is no character.
pub(super) fn unicode_escape(bytes: &[u8]) -> Option<(char, &[u8])> {
    let (unit, rest) = code_unit(bytes)?;
    if let Some(char) = char::from_u32(u32::from(unit)) {
        return Some((char, rest));
    }
    let (second, rest) = code_unit(rest.strip_prefix(b"\\u")?)?;
    let char = char::decode_utf16([unit, second]).next()?.ok()?;
    Some((char, rest))
}

fn code_unit(bytes: &[u8]) -> Option<(u16, &[u8])> {
    let (digits, rest) = bytes.split_at_checked(4)?;
    let mut unit: u16 = 0;
    for digit in digits {
        let digit = u16::try_from(char::from(*digit).to_digit(16)?).ok()?;
        unit = (unit << 4) | digit;
    }
    Some((unit, rest))
}
