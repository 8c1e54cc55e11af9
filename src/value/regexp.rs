//! Ruby's regular expressions, as source and options.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::string::String;
use core::fmt::{self, Debug, Display, Formatter, Write as _};

use crate::value::{Encoding, RubyString, Value};

/// A Ruby `Regexp`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Regexp {
    /// Its source. The encoding of this string is the expression's.
    pub source: RubyString,
    /// `Regexp#options`: 1 for `i`, 2 for `x`, 4 for `m`, 16 for a fixed encoding, 32 for none.
    pub options: u8,
}

/// Which letter stands for which option, in the order in which Ruby writes them.
const OPTIONS: [(u8, char); 3] = [(4, 'm'), (1, 'i'), (2, 'x')];
const FIXED_ENCODING: u8 = 16;
const NO_ENCODING: u8 = 32;

impl Regexp {
    /// What `Regexp.new` makes of a source without an encoding: of ASCII that stands for ASCII an
    /// expression in US-ASCII, of other bytes one of bytes, and of what only Unicode has (`\u00e9`,
    /// `\p{L}`) one in UTF-8. Properties that bytes have too (`\p{Alpha}`) are UTF-8 here as well, for
    /// that is what they were before they were written.
    pub(crate) fn compiled(source: &[u8]) -> Self {
        let (encoding, options) = match reach(source) {
            Reach::Ascii => (Encoding::US_ASCII, 0),
            Reach::Bytes => (Encoding::BINARY, FIXED_ENCODING),
            Reach::Unicode => (Encoding::UTF_8, FIXED_ENCODING),
        };
        Self { source: RubyString::new(source, encoding), options }
    }

    /// `to_s`: `(?i-mx:ab)`. `None` when the source is not UTF-8.
    pub(crate) fn to_s(&self) -> Option<String> {
        let source = self.source.to_utf8()?;
        let (options, source) = unwrapped(self.options, &source).unwrap_or((self.options, &source));
        let (on, off) = letters(options);
        let dash = if off.is_empty() { "" } else { "-" };
        Some(["(?", &on, dash, &off, ":", &escaped(source), ")"].concat())
    }
}

/// What the characters are that a source names.
enum Reach {
    Ascii,
    Bytes,
    Unicode,
}

/// `rb_reg_preprocess`, as far as it looks for characters beyond ASCII.
fn reach(source: &[u8]) -> Reach {
    if !source.is_ascii() {
        return Reach::Bytes;
    }
    let mut rest = source;
    while let [first, after @ ..] = rest {
        rest = after;
        let (b'\\', [escaped, after @ ..]) = (first, after) else { continue };
        rest = after;
        match escaped {
            b'p' | b'P' => return Reach::Unicode,
            b'u' if names_unicode(after) => return Reach::Unicode,
            b'M' => return Reach::Bytes,
            b'x' if matches!(after, [b'8'..=b'9' | b'a'..=b'f' | b'A'..=b'F', second, ..]
                if second.is_ascii_hexdigit()) =>
            {
                return Reach::Bytes;
            }
            // Octal from 200 on; less is ASCII, or a group.
            b'2' | b'3' if matches!(after, [b'0'..=b'7', b'0'..=b'7', ..]) => return Reach::Bytes,
            _ => {}
        }
    }
    Reach::Ascii
}

/// Whether what follows `\u`, four digits or a list in braces, is a character beyond ASCII.
fn names_unicode(after: &[u8]) -> bool {
    let is_beyond = |digits: &[u8]| {
        let digits = core::str::from_utf8(digits).ok();
        digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()).is_some_and(|it| it > 0x7f)
    };
    match after.strip_prefix(b"{") {
        Some(list) => {
            let list = list.split(|byte| *byte == b'}').next().unwrap_or_default();
            list.split(u8::is_ascii_whitespace).any(is_beyond)
        }
        None => after.get(..4).is_some_and(is_beyond),
    }
}

/// The letters of the options that are on, and of those that are off.
fn letters(options: u8) -> (String, String) {
    let (mut on, mut off) = (String::new(), String::new());
    for (option, letter) in OPTIONS {
        let letters = if options & option == 0 { &mut off } else { &mut on };
        letters.push(letter);
    }
    (on, off)
}

/// The source with each slash behind a backslash.
fn escaped(source: &str) -> String {
    let mut out = String::new();
    let mut escaped = false;
    for char in source.chars() {
        if char == '/' && !escaped {
            out.push('\\');
        }
        escaped = char == '\\' && !escaped;
        out.push(char);
    }
    out
}

/// Bytes that are no text: those over 127 by their number.
fn ascii(source: &[u8]) -> String {
    let mut out = String::new();
    for byte in source {
        match byte {
            0..=127 => out.push(char::from(*byte)),
            // Writing to a `String` does not fail.
            _ => drop(write!(out, "\\x{byte:02X}")),
        }
    }
    out
}

/// The options and the source of an expression that is one group with options, `(?i-mx:ab)`, as
/// `to_s` itself makes them (`rb_reg_str_with_opt`): another would say nothing more.
fn unwrapped(options: u8, source: &str) -> Option<(u8, &str)> {
    let (letters, inside) = source.strip_prefix("(?")?.strip_suffix(')')?.split_once(':')?;
    let (on, off) = letters.split_once('-').unwrap_or((letters, ""));
    let bits = |letters: &str| {
        letters.chars().try_fold(0, |bits, letter| {
            let (bit, _) = OPTIONS.iter().find(|(_, known)| *known == letter)?;
            Some(bits | bit)
        })
    };
    is_whole(inside).then_some(((options | bits(on)?) & !bits(off)?, inside))
}

/// Whether each parenthesis in it has its partner: Ruby compiles it to know.
fn is_whole(source: &str) -> bool {
    let (mut depth, mut brackets, mut escaped) = (0_usize, 0_usize, false);
    for char in source.chars() {
        match char {
            _ if escaped => {}
            '[' => brackets = brackets.saturating_add(1),
            ']' => brackets = brackets.saturating_sub(1),
            '(' if brackets == 0 => depth = depth.saturating_add(1),
            ')' if brackets == 0 => match depth.checked_sub(1) {
                Some(outer) => depth = outer,
                None => return false,
            },
            _ => {}
        }
        escaped = char == '\\' && !escaped;
    }
    depth == 0 && brackets == 0 && !escaped
}

/// `inspect`: `/ab/i`.
impl Display for Regexp {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (on, _) = letters(self.options);
        let source = match self.source.to_utf8() {
            Some(text) if text.is_ascii() || self.source.encoding() != Encoding::BINARY => text,
            _ => Cow::Owned(ascii(self.source.as_bytes())),
        };
        write!(f, "/{}/{on}", escaped(&source))?;
        if self.options & NO_ENCODING != 0 { f.write_char('n') } else { Ok(()) }
    }
}

impl Debug for Regexp {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Display::fmt(self, f)
    }
}

impl From<Regexp> for Value {
    fn from(regexp: Regexp) -> Self {
        Self::Regexp(Box::new(regexp))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_group_with_options_is_not_put_into_another() {
        // Ruby 3.1, `Regexp.new(source, options).to_s`.
        let cases = [
            ("ab+c", 0, "(?-mix:ab+c)"),
            ("a/b", 5, "(?mi-x:a\\/b)"),
            ("(?-mix:ab+c)", 0, "(?-mix:ab+c)"),
            ("(?mix:a.b)", 0, "(?mix:a.b)"),
            ("(?-mix:a)(?-mix:b)", 0, "(?-mix:(?-mix:a)(?-mix:b))"),
            ("(?-mix:(?i-mx:a/b))", 0, "(?-mix:(?i-mx:a\\/b))"),
            ("(?-mix:[)]a)", 0, "(?-mix:[)]a)"),
            ("(?-mix:\\))", 0, "(?-mix:\\))"),
            ("(?i:a)", 2, "(?ix-m:a)"),
            ("(?i-i:b)", 0, "(?-mix:b)"),
            ("(?:x)", 0, "(?-mix:x)"),
        ];
        for (source, options, text) in cases {
            let regexp = Regexp { source: RubyString::from(source), options };
            assert_eq!(regexp.to_s().as_deref(), Some(text));
        }
    }
}
