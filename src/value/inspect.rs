//! Ruby's `inspect`, as Ruby 3.3 writes it.

use core::fmt::{self, Debug, Display, Formatter, Write as _};

use crate::value::{Hash, RubyFloat, RubyString, Value};

impl Display for Value {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nil => f.write_str("nil"),
            Self::Bool(value) => Display::fmt(value, f),
            Self::Integer(value) => Display::fmt(value, f),
            Self::Float(value) => Display::fmt(&RubyFloat(*value), f),
            Self::String(value) => Display::fmt(value, f),
            Self::Array(values) => {
                f.write_char('[')?;
                for (position, value) in values.iter().enumerate() {
                    separate(f, position)?;
                    Display::fmt(value, f)?;
                }
                f.write_char(']')
            }
            Self::Hash(hash) => Display::fmt(hash, f),
        }
    }
}

impl Debug for Value {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Display::fmt(self, f)
    }
}

impl Display for Hash {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_char('{')?;
        for (position, (key, value)) in self.iter().enumerate() {
            separate(f, position)?;
            write!(f, "{key}=>{value}")?;
        }
        f.write_char('}')
    }
}

fn separate(f: &mut Formatter<'_>, position: usize) -> fmt::Result {
    if position == 0 { Ok(()) } else { f.write_str(", ") }
}

impl Display for RubyString {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        for chunk in self.as_bytes().utf8_chunks() {
            let mut chars = chunk.valid().chars().peekable();
            while let Some(char) = chars.next() {
                write_char(f, char, chars.peek().copied())?;
            }
            for byte in chunk.invalid() {
                write!(f, "\\x{byte:02X}")?;
            }
        }
        f.write_char('"')
    }
}

fn write_char(f: &mut Formatter<'_>, char: char, next: Option<char>) -> fmt::Result {
    match char {
        '"' => f.write_str("\\\""),
        '\\' => f.write_str("\\\\"),
        // `#{`, `#$` and `#@` would interpolate.
        '#' if matches!(next, Some('{' | '$' | '@')) => f.write_str("\\#"),
        '\x07' => f.write_str("\\a"),
        '\x08' => f.write_str("\\b"),
        '\t' => f.write_str("\\t"),
        '\n' => f.write_str("\\n"),
        '\x0b' => f.write_str("\\v"),
        '\x0c' => f.write_str("\\f"),
        '\r' => f.write_str("\\r"),
        '\x1b' => f.write_str("\\e"),
        _ if is_printable(char) => f.write_char(char),
        '\0'..='\u{ffff}' => write!(f, "\\u{:04X}", u32::from(char)),
        _ => write!(f, "\\u{{{:X}}}", u32::from(char)),
    }
}

/// Whether Ruby prints the character itself: every assigned one that is not a control (`Cc`) or a
/// line or paragraph separator.
fn is_printable(char: char) -> bool {
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
    use alloc::vec;

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
    fn trees_are_shown_as_ruby_shows_them() {
        let hash: Hash = [(Value::from("a"), Value::from(1)), (Value::Nil, Value::Array(vec![]))]
            .into_iter()
            .collect();
        let tree = Value::Array(vec![hash.into(), Hash::new().into(), true.into(), 1e20.into()]);
        assert_eq!(tree.to_string(), r#"[{"a"=>1, nil=>[]}, {}, true, 1.0e+20]"#);
    }
}
