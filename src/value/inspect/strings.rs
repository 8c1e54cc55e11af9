//! How Ruby shows a string: what it prints and what it escapes.

use core::fmt::{self, Display, Formatter, Write as _};

use crate::value::{Encoding, RubyString};

impl Display for RubyString {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        match (self.encoding(), self.to_utf8()) {
            (Encoding::UTF_8, _) => {
                for chunk in self.as_bytes().utf8_chunks() {
                    write_chars(f, chunk.valid(), write_char)?;
                    chunk.invalid().iter().try_for_each(|byte| write_byte(f, *byte))?;
                }
            }
            (encoding, Some(text)) if encoding.name().starts_with("UTF-") => {
                write_chars(f, &text, write_escaped)?;
            }
            _ => {
                for chunk in self.as_bytes().chunk_by(|a, b| a.is_ascii() == b.is_ascii()) {
                    match core::str::from_utf8(chunk) {
                        Ok(ascii) if ascii.is_ascii() => write_chars(f, ascii, write_ascii)?,
                        _ => chunk.iter().try_for_each(|byte| write_byte(f, *byte))?,
                    }
                }
            }
        }
        f.write_char('"')
    }
}

type Write = fn(&mut Formatter<'_>, char) -> fmt::Result;

fn write_chars(f: &mut Formatter<'_>, text: &str, write: Write) -> fmt::Result {
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '"' => f.write_str("\\\"")?,
            '\\' => f.write_str("\\\\")?,
            // `#{`, `#$` and `#@` would interpolate.
            '#' if matches!(chars.peek(), Some('{' | '$' | '@')) => f.write_str("\\#")?,
            '\x07' => f.write_str("\\a")?,
            '\x08' => f.write_str("\\b")?,
            '\t' => f.write_str("\\t")?,
            '\n' => f.write_str("\\n")?,
            '\x0b' => f.write_str("\\v")?,
            '\x0c' => f.write_str("\\f")?,
            '\r' => f.write_str("\\r")?,
            '\x1b' => f.write_str("\\e")?,
            _ => write(f, char)?,
        }
    }
    Ok(())
}

/// In UTF-8, whatever is printable is printed.
fn write_char(f: &mut Formatter<'_>, char: char) -> fmt::Result {
    if is_printable(char) { f.write_char(char) } else { write_code_point(f, char) }
}

/// In UTF-16 and UTF-32, only ASCII is.
fn write_escaped(f: &mut Formatter<'_>, char: char) -> fmt::Result {
    if matches!(char, ' '..='~') { f.write_char(char) } else { write_code_point(f, char) }
}

/// Elsewhere, ASCII too, and the rest as bytes.
fn write_ascii(f: &mut Formatter<'_>, char: char) -> fmt::Result {
    if matches!(char, ' '..='~') {
        return f.write_char(char);
    }
    write!(f, "\\x{:02X}", u32::from(char))
}

fn write_byte(f: &mut Formatter<'_>, byte: u8) -> fmt::Result {
    write!(f, "\\x{byte:02X}")
}

fn write_code_point(f: &mut Formatter<'_>, char: char) -> fmt::Result {
    match char {
        '\0'..='\u{ffff}' => write!(f, "\\u{:04X}", u32::from(char)),
        _ => write!(f, "\\u{{{:X}}}", u32::from(char)),
    }
}

/// Whether Ruby prints the character itself: every assigned one that is not a control (`Cc`) or a
/// line or paragraph separator.
pub(in crate::value) fn is_printable(char: char) -> bool {
    match char {
        ' '..='~' => true,
        '\0'..='\u{9f}' | '\u{2028}' | '\u{2029}' => false,
        _ => is_format(char) || is_private(char) || char.is_whitespace() || is_shown_by_rust(char),
    }
}

/// Rust's `Debug` escapes what is unassigned, a format character, private or a space. It also
/// escapes a combining mark at the start of a string, hence the letter before.
fn is_shown_by_rust(char: char) -> bool {
    let mut buffer = [b'a'; 5];
    if let Some(room) = buffer.get_mut(1..) {
        char.encode_utf8(room);
    }
    let text = buffer.get(..=char.len_utf8()).unwrap_or_default();
    let text = core::str::from_utf8(text).unwrap_or_default();
    text.escape_debug().nth(1) == Some(char)
}

/// Private use (`Co`).
fn is_private(char: char) -> bool {
    matches!(
        char,
        '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{ffffd}' | '\u{100000}'..='\u{10fffd}'
    )
}

/// The format characters (`Cf`) of Unicode 15.
fn is_format(char: char) -> bool {
    matches!(
        char,
        '\u{ad}'
            | '\u{600}'..='\u{605}'
            | '\u{61c}'
            | '\u{6dd}'
            | '\u{70f}'
            | '\u{890}'..='\u{891}'
            | '\u{8e2}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2064}'
            | '\u{2066}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{110bd}'
            | '\u{110cd}'
            | '\u{13430}'..='\u{1343f}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0001}'
            | '\u{e0020}'..='\u{e007f}'
    )
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString as _;

    use super::*;

    #[test]
    fn strings_are_escaped_as_ruby_escapes_them() {
        // Ruby 3.1, `p "..."`, except U+0085, which later ones escape.
        let cases: [(&[u8], &str); 12] = [
            (b"\x00\x07\x08\t\n\x0b\x0c\r\x1b\x1f\x7f", r#""\u0000\a\b\t\n\v\f\r\e\u001F\u007F""#),
            ("\u{80}\u{85}".as_bytes(), r#""\u0080\u0085""#),
            ("\u{2028}\u{2029}".as_bytes(), r#""\u2028\u2029""#),
            ("\u{fffe}\u{ffff}\u{10ffff}\u{378}".as_bytes(), r#""\uFFFE\uFFFF\u{10FFFF}\u0378""#),
            ("\u{1fbff}".as_bytes(), r#""\u{1FBFF}""#),
            (
                "\u{a0}\u{ad}\u{200b}\u{feff}\u{e000}\u{3000}".as_bytes(),
                "\"\u{a0}\u{ad}\u{200b}\u{feff}\u{e000}\u{3000}\"",
            ),
            ("\u{301}e\u{301}".as_bytes(), "\"\u{301}e\u{301}\""),
            ("é😀'".as_bytes(), "\"é😀'\""),
            (b"\xff\xc3a\xed\xa0\x80", r#""\xFF\xC3a\xED\xA0\x80""#),
            (b"#{ #$ #@ #a # #", r##""\#{ \#$ \#@ #a # #""##),
            (b"\"\\", r#""\"\\""#),
            (b"", "\"\""),
        ];
        for (bytes, text) in cases {
            assert_eq!(RubyString::from(bytes).to_string(), text);
        }
    }

    #[test]
    fn other_encodings_are_shown_in_ascii() {
        let cases: [(&[u8], &str, &str); 8] = [
            (b"caf\xe9\x01\n", "ISO-8859-1", r#""caf\xE9\x01\n""#),
            ("café".as_bytes(), "ASCII-8BIT", r#""caf\xC3\xA9""#),
            ("café".as_bytes(), "US-ASCII", r#""caf\xC3\xA9""#),
            (b"\0\x01\x7f\x1b", "ASCII-8BIT", r#""\x00\x01\x7F\e""#),
            (b"1#{#", "ASCII-8BIT", r##""1\#{#""##),
            (b"a\0\xe9\0\x3d\xd8\0\xde", "UTF-16LE", r#""a\u00E9\u{1F600}""#),
            (b"\x01\0a\0", "UTF-16LE", r#""\u0001a""#),
            (b"a\0\0", "UTF-16LE", r#""a\x00\x00""#),
        ];
        for (bytes, encoding, text) in cases {
            let encoding = Encoding::from_name(encoding).unwrap();
            assert_eq!(RubyString::new(bytes, encoding).to_string(), text);
        }
    }
}
