//! Finds `NAME=VALUE` in a line of any log: a `Cookie` or `Set-Cookie` header in quotes, in JSON, in
//! JSON that stands in JSON. One pass over the line for each name.

use alloc::vec::Vec;

use memchr::memmem::Finder;

use super::auditor::Direction;

/// A cookie in a line.
pub(super) struct Found<'l> {
    /// Its value as the line spells it.
    pub(super) text: &'l [u8],
    /// Whether it has escapes of JSON or of a web server, which [`unescape_in`] undoes.
    pub(super) is_escaped: bool,
    pub(super) direction: Direction,
}

/// The cookies whose name `finder` looks for, in their order. Those without a value are none: that
/// is how a cookie is deleted.
pub(super) fn cookies<'l>(line: &'l [u8], finder: &Finder<'_>) -> impl Iterator<Item = Found<'l>> {
    let mut from = 0_usize;
    core::iter::from_fn(move || {
        loop {
            let start = from.saturating_add(finder.find(line.get(from..)?)?);
            let end = start.saturating_add(finder.needle().len().max(1));
            from = end;
            let (before, after) = (line.get(..start)?, line.get(end..)?);
            let Some(value) = after_equals(after).filter(|_| is_boundary(before)) else { continue };
            let (length, is_escaped) = value_length(value);
            let (text, rest) = value.split_at_checked(length)?;
            from = line.len().saturating_sub(rest.len());
            if text.is_empty() {
                continue;
            }
            let is_written = follows_set_cookie(before) || precedes_attribute(rest);
            let direction = if is_written { Direction::Written } else { Direction::Sent };
            return Some(Found { text, is_escaped, direction });
        }
    })
}

/// Undoes the escapes of a value.
pub(super) fn unescape_in<'o>(out: &'o mut Vec<u8>, text: &[u8]) -> &'o [u8] {
    out.clear();
    let mut rest = text;
    while let Some((kept, tail)) =
        memchr::memchr(b'\\', rest).and_then(|at| rest.split_at_checked(at))
    {
        out.extend_from_slice(kept);
        let Some((byte, length)) = escape(tail) else { break };
        out.push(byte);
        rest = tail.get(length..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
    out
}

/// What follows `=`, however that is spelled.
fn after_equals(text: &[u8]) -> Option<&[u8]> {
    match text.first()? {
        b'=' => text.get(1..),
        b'\\' => {
            let (byte, length) = escape(text)?;
            text.get(length..).filter(|_| byte == b'=')
        }
        _ => None,
    }
}

/// An escape and its length: `\u003d`, `\/`, and `\x3D` as web servers write it, each with more
/// backslashes where JSON stands in JSON.
fn escape(text: &[u8]) -> Option<(u8, usize)> {
    let slashes = text.iter().take_while(|byte| **byte == b'\\').count();
    let (byte, length) = match text.get(slashes..)? {
        [b'u', b'0', b'0', high, low, ..] => (hex(*high, *low)?, 5),
        [b'x', high, low, ..] => (hex(*high, *low)?, 3),
        [b'/', ..] => (b'/', 1),
        _ => return None,
    };
    (slashes > 0).then_some((byte, slashes.saturating_add(length)))
}

fn hex(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|it| u8::try_from(it).ok());
    Some(digit(high)? << 4 | digit(low)?)
}

/// Whether what stands before a name ends another thing: else it is the end of a longer name, or a
/// parameter of a URL.
fn is_boundary(before: &[u8]) -> bool {
    match before {
        [] => true,
        [.., byte] if ends_a_thing(*byte) => true,
        // The last of `\n`, and of `\u0022`.
        [.., b'\\', b'n' | b'r' | b't'] => true,
        [.., b'\\', b'u', b'0', b'0', high, low] | [.., b'\\', b'x', high, low] => {
            hex(*high, *low).is_some_and(ends_a_thing)
        }
        _ => false,
    }
}

fn ends_a_thing(byte: u8) -> bool {
    matches!(
        byte,
        0..=b' '
            | b'"'
            | b'\''
            | b';'
            | b','
            | b':'
            | b'='
            | b'['
            | b'{'
            | b'('
            | b'<'
            | b'>'
            | b'|'
    )
}

/// The length of the value at the beginning of `text`, and whether it has escapes.
fn value_length(text: &[u8]) -> (usize, bool) {
    let (mut length, mut is_escaped) = (0_usize, false);
    loop {
        let rest = text.get(length..).unwrap_or_default();
        let run = run(rest);
        length = length.saturating_add(run);
        match rest.get(run..).and_then(escape) {
            Some((byte, escape)) if is_in_value(byte) => {
                length = length.saturating_add(escape);
                is_escaped = true;
            }
            _ => return (length, is_escaped),
        }
    }
}

/// How many bytes from the beginning may be in a value. Most are, so that whole chunks are asked at
/// once: a third of the time that a line takes would be spent here, byte by byte.
fn run(text: &[u8]) -> usize {
    const CHUNK: usize = 32;
    let (chunks, _) = text.as_chunks::<CHUNK>();
    let are_all = |chunk: &&[u8; CHUNK]| chunk.iter().fold(true, |all, it| all & is_in_value(*it));
    let whole = chunks.iter().take_while(are_all).count().saturating_mul(CHUNK);
    let rest = text.get(whole..).unwrap_or_default();
    let rest = rest.iter().take_while(|byte| is_in_value(**byte)).count();
    whole.saturating_add(rest)
}

/// What may stand in a message, escaped or not, and in what else programs take for a token. Without
/// branches, for the chunks.
fn is_in_value(byte: u8) -> bool {
    let is_letter = (byte | 0x20).wrapping_sub(b'a') < 26;
    // `-`, `.`, `/`, the digits, `:`.
    let is_number = byte.wrapping_sub(b'-') < 14;
    let is_mark = (byte == b'%') | (byte == b'=') | (byte == b'+') | (byte == b'_');
    let is_rare =
        (byte == b'*') | (byte == b'~') | (byte == b'!') | (byte == b'$') | (byte == b'@');
    is_letter | is_number | is_mark | is_rare
}

/// Whether the name is the first thing after `Set-Cookie`.
fn follows_set_cookie(before: &[u8]) -> bool {
    const FIELD: &[u8] = b"set-cookie";
    let is_between = |byte: &u8| matches!(byte, b':' | b' ' | b'"' | b'\'' | b'[' | b'=' | b'\\');
    let between = before.iter().rev().take(8).take_while(|byte| is_between(byte)).count();
    let end = before.len().saturating_sub(between);
    let field = before.get(end.saturating_sub(FIELD.len())..end).unwrap_or_default();
    let is_alike = |(a, b): (&u8, &u8)| a.eq_ignore_ascii_case(b) || (*a, *b) == (b'_', b'-');
    between > 0 && field.len() == FIELD.len() && field.iter().zip(FIELD).all(is_alike)
}

/// Whether an attribute of `Set-Cookie` follows, which no browser sends.
fn precedes_attribute(rest: &[u8]) -> bool {
    const ATTRIBUTES: [&[u8]; 8] = [
        b"path",
        b"expires",
        b"max-age",
        b"domain",
        b"httponly",
        b"secure",
        b"samesite",
        b"partitioned",
    ];
    let Some(rest) = rest.strip_prefix(b";") else { return false };
    let spaces = rest.iter().take_while(|byte| **byte == b' ').count();
    let rest = rest.get(spaces..).unwrap_or_default();
    ATTRIBUTES.iter().any(|name| {
        let (start, end) = (rest.get(..name.len()), rest.get(name.len()));
        start.is_some_and(|start| start.eq_ignore_ascii_case(name))
            && end.is_none_or(|end| {
                !matches!(end, b'-' | b'_' | b'.') && !end.is_ascii_alphanumeric()
            })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;
    use alloc::vec;

    fn found(line: &str) -> Vec<(Direction, String)> {
        let finder = Finder::new("_s");
        let text = |found: &Found<'_>| match found.is_escaped {
            true => unescape_in(&mut Vec::new(), found.text).to_vec(),
            false => found.text.to_vec(),
        };
        cookies(line.as_bytes(), &finder)
            .map(|it| (it.direction, String::from_utf8(text(&it)).unwrap()))
            .collect()
    }

    fn sent(value: &str) -> Vec<(Direction, String)> {
        vec![(Direction::Sent, value.into())]
    }

    #[test]
    fn a_cookie_is_found_wherever_a_log_has_it() {
        for line in [
            "_s=a%2B--b; x=1",
            "1.2.3.4 - - [x] \"GET /?q=1 HTTP/1.1\" 200 1 \"-\" \"UA\" \"t=1; _s=a%2B--b\"",
            "Cookie: _s=a%2B--b",
            "cookie:_s=a%2B--b",
            "cookie=_s=a%2B--b status=200",
            "-H 'Cookie: _s=a%2B--b'",
            r#"{"cookie":"t=1; _s=a%2B--b; u=2"}"#,
            r#"{"cookie":"t\u003d1; _s\u003da%2B--b; u\u003d2"}"#,
            r#"{"cookie":"t=1\u003b_s=a%2B--b\u0022"}"#,
            r#"{"log":"{\"cookie\":\"_s\\u003da%2B--b\"}\n"}"#,
            r#"{"log":"x\t_s=a%2B--b\n"}"#,
            r#""t=1; \x22_s\x3Da%2B--b\x22""#,
        ] {
            assert_eq!(found(line), sent("a%2B--b"), "{line}");
        }
        let raw = r#"{"cookie":"_s=a\u002Bb\/c\u003D\u003d--d"}"#;
        assert_eq!(found(raw), sent("a+b/c==--d"));
    }

    #[test]
    fn what_only_looks_like_it_is_none() {
        for line in [
            "",
            "_s",
            "_s=",
            "_s=; path=/",
            "my_s=a",
            "GET /?_s=a",
            "/a&_s=a",
            "_s2=a",
            "_s: a",
            "%5F_s=a",
            r"_s\",
            r"_s\u003",
            r"a\u0041_s=1",
            "_s\u{e9}=a",
        ] {
            assert_eq!(found(line), [], "{line}");
        }
        assert_eq!(found("my_s=a; _s=b"), sent("b"));
        assert_eq!(found("_s_s=a; _s=b"), sent("b"));
    }

    #[test]
    fn what_the_app_writes_is_told_apart() {
        for line in [
            "Set-Cookie: _s=a--b",
            "_s=a--b; path=/; HttpOnly",
            "_s=a--b;Secure",
            "_s=a--b; SameSite=Lax",
            r#""set_cookie":["_s=a--b"]"#,
        ] {
            assert_eq!(found(line), [(Direction::Written, "a--b".into())], "{line}");
        }
        assert_eq!(found("_s=a--b; path-finder=1"), sent("a--b"));
        let both = found("\"_s=a; b=1\" \"_s=c; path=/\"");
        assert_eq!(both, [(Direction::Sent, "a".into()), (Direction::Written, "c".into())]);
    }

    #[test]
    fn values_end_where_they_end() {
        for byte in 0..=u8::MAX {
            let in_value = byte.is_ascii_alphanumeric() || b"-./:%=+_*~!$@".contains(&byte);
            assert_eq!(is_in_value(byte), in_value, "{byte}");
        }
        for length in 0..100 {
            let mut text = vec![b'a'; length];
            assert_eq!(run(&text), length);
            text.extend(b";aaaa");
            assert_eq!(run(&text), length);
        }
    }

    /// One pass each: a quadratic reader would need minutes for these.
    #[test]
    fn a_mebibyte_of_anything_is_read_in_one_pass() {
        for unit in ["_s", "_s=", "_s=a;", "_s=\\", "\\", "_s=\\u003d", "=", "_s=a; ", "a"] {
            let line: Vec<u8> = unit.bytes().cycle().take(1 << 20).collect();
            let finder = Finder::new("_s");
            assert!(cookies(&line, &finder).count() <= 1 << 20);
        }
    }
}
