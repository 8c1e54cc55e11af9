//! Base64 a second time, by the letter of Ruby's `pack.c`, character by character and without a
//! table: unlike any code that it is compared with.

/// The character of a number under 64.
fn character(number: u32, url_safe: bool) -> u8 {
    let plus_slash = if url_safe { [b'-', b'_'] } else { [b'+', b'/'] };
    let base = |first: u8, from: u32| u32::from(first) + number - from;
    let character = match number {
        0..=25 => base(b'A', 0),
        26..=51 => base(b'a', 26),
        52..=61 => base(b'0', 52),
        _ => u32::from(plus_slash[(number == 63) as usize]),
    };
    u8::try_from(character).expect("ASCII")
}

/// The number of a character of the standard alphabet.
fn number(character: u8) -> Option<u32> {
    let number = match character {
        b'A'..=b'Z' => character - b'A',
        b'a'..=b'z' => character - b'a' + 26,
        b'0'..=b'9' => character - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    };
    Some(u32::from(number))
}

/// `[text].pack("m0")`, and the same URL-safe without padding.
pub fn encode(bytes: &[u8]) -> [Vec<u8>; 2] {
    [false, true].map(|url_safe| {
        let mut text = Vec::new();
        for group in bytes.chunks(3) {
            let bits = group.iter().fold(0, |bits, byte| bits << 8 | u32::from(*byte));
            let bits = bits << (8 * (3 - group.len()));
            for place in 0..4 {
                if place <= group.len() {
                    text.push(character(bits >> (18 - 6 * place) & 63, url_safe));
                } else if !url_safe {
                    text.push(b'=');
                }
            }
        }
        text
    })
}

/// The bytes of characters without padding, and whether the bits left over are zero.
fn undo(characters: &[u8]) -> Option<(Vec<u8>, bool)> {
    let mut out = Vec::new();
    let (mut bits, mut count) = (0_u32, 0);
    for character in characters {
        bits = bits << 6 | number(*character)?;
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push(u8::try_from(bits >> count).expect("eight bits"));
            bits &= (1 << count) - 1;
        }
    }
    Some((out, bits == 0))
}

/// `text.unpack1("m0")`.
pub fn strict(text: &[u8]) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(4) {
        return None;
    }
    let padding = text.iter().rev().take_while(|byte| **byte == b'=').count();
    let (bytes, clean) = undo(&text[..text.len() - padding])?;
    (padding <= 2 && clean).then_some(bytes)
}

/// `Base64.urlsafe_decode64(text)`, which takes the other alphabet as well.
pub fn ruby_url_safe(text: &[u8]) -> Option<Vec<u8>> {
    let mut text: Vec<u8> = text
        .iter()
        .map(|byte| match byte {
            b'-' => b'+',
            b'_' => b'/',
            other => *other,
        })
        .collect();
    while !text.ends_with(b"=") && !text.len().is_multiple_of(4) {
        text.push(b'=');
        if !text.len().is_multiple_of(4) {
            text.push(b'=');
        }
        if !text.len().is_multiple_of(4) {
            return None;
        }
    }
    strict(&text)
}

/// The same without the other alphabet.
pub fn url_safe(text: &[u8]) -> Option<Vec<u8>> {
    if text.iter().any(|byte| matches!(byte, b'+' | b'/')) {
        return None;
    }
    ruby_url_safe(text)
}

/// `text.unpack1("m")`: one group of four after another.
pub fn lenient(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = text.iter().copied().peekable();
    loop {
        let mut group = Vec::new();
        while group.len() < 4 {
            match rest.next() {
                Some(b'=') if group.len() >= 2 => break,
                Some(byte) if number(byte).is_some() => group.push(byte),
                Some(_) => {}
                None => break,
            }
        }
        let (bytes, _) = undo(&group).unwrap_or_default();
        out.extend(bytes);
        if group.len() < 4 {
            return out;
        }
    }
}
