//! Undoes what happens to messages on their way: each step gives the text as it was before, if that
//! is what happened to it. A key that opens the result proves it.

use alloc::vec::Vec;

use super::cause::{Cause, Junk, Missing};
use super::shape::DIGESTS;
use crate::cookies::escape;
use crate::crypto::Digest;
use crate::wire::base64::Alphabet;
use crate::wire::frame::{GCM_IV, GCM_TAG};

/// What may have happened, and what the text was before.
pub(super) type Mended = (Cause, Vec<u8>);

/// Every mended form of `text` by one step, the likeliest first. Each is at most a few bytes longer
/// than `text`, and there are fewer than twenty.
pub(super) fn mend(text: &[u8]) -> Vec<Mended> {
    let mut all = Vec::new();
    let mut push = |cause, mended: Option<Vec<u8>>| {
        all.extend(mended.filter(|mended| *mended != text).map(|mended| (cause, mended)));
    };
    for times in 1..=3 {
        push(Cause::PercentEncoded { times }, unescaped(text, times));
    }
    push(Cause::PlusBecameSpace, with_plus(text));
    for (junk, mended) in without_junk(text) {
        push(Cause::Junk { junk }, Some(mended));
    }
    push(Cause::UpperCaseDigest, lower_case(text));
    let padded = padded(text);
    let is_cut =
        padded.as_ref().is_some_and(|padded| text.ends_with(b"=") && padded.starts_with(text));
    let cut = Cause::Cut { missing: Missing::End, length: text.len() };
    push(if is_cut { cut } else { Cause::PaddingLost }, padded);
    for mended in respelled(text) {
        push(Cause::OtherAlphabet, Some(mended));
    }
    for mended in separated(text) {
        push(Cause::SeparatorLost, Some(mended));
    }
    all
}

fn unescaped(text: &[u8], times: u8) -> Option<Vec<u8>> {
    let mut text = text.to_vec();
    for _ in 0..times {
        if !text.contains(&b'%') {
            return None;
        }
        text = escape::unescape(&text).into_owned();
    }
    Some(text)
}

fn with_plus(text: &[u8]) -> Option<Vec<u8>> {
    // A message never ends in `+`: a space there is one.
    let text = text.trim_ascii_end();
    let plus = |byte: &u8| if *byte == b' ' { b'+' } else { *byte };
    text.contains(&b' ').then(|| text.iter().map(plus).collect())
}

fn without_junk(text: &[u8]) -> Vec<(Junk, Vec<u8>)> {
    let trimmed = text.trim_ascii();
    let joined: Vec<u8> =
        trimmed.iter().copied().filter(|byte| !matches!(byte, b'\n' | b'\r' | b'\t')).collect();
    let mut all = Vec::from([(Junk::Whitespace, joined.clone())]);
    let value = without_name(&joined);
    let bare = until(value, b';');
    let unquoted = without_quotes(bare);
    let junk = match (value.len() != joined.len(), bare.len() != value.len()) {
        (true, _) => Junk::Name,
        (_, true) => Junk::Attributes,
        _ => Junk::Quotes,
    };
    all.push((junk, unquoted.to_vec()));
    all.push((Junk::Bytes, between(unquoted).to_vec()));
    if let Some(at) = memchr::memmem::rfind(trimmed, b"--") {
        all.push((Junk::TrailingPart, trimmed.get(..at).unwrap_or_default().to_vec()));
    }
    if let Some(at) = memchr::memmem::find(trimmed, b"--") {
        let rest = trimmed.get(at..).unwrap_or_default();
        let rest = rest.strip_prefix(b"--").unwrap_or_default();
        all.push((Junk::LeadingPart, rest.to_vec()));
    }
    if let Some(at) = memchr::memmem::find(trimmed, b"---") {
        let mut fewer = trimmed.to_vec();
        fewer.remove(at);
        all.push((Junk::Bytes, fewer));
    }
    all
}

/// Without the name of a header, and `NAME=`.
fn without_name(text: &[u8]) -> &[u8] {
    let header = [&b"set-cookie:"[..], b"cookie:"].into_iter().find_map(|name| {
        let (start, rest) = text.split_at_checked(name.len())?;
        start.eq_ignore_ascii_case(name).then(|| rest.trim_ascii_start())
    });
    let text = header.unwrap_or(text);
    let Some(equals) = memchr::memchr(b'=', text) else { return text };
    let (name, value) = text.split_at_checked(equals).unwrap_or_default();
    let value = value.get(1..).unwrap_or_default();
    let is_name = !name.is_empty() && memchr::memmem::find(name, b"--").is_none();
    // In base64 a `=` is followed by another, by `--`, or by nothing.
    match value.first() {
        Some(b'=' | b'-' | b';') | None => text,
        Some(_) if is_name => value,
        Some(_) => text,
    }
}

fn until(text: &[u8], end: u8) -> &[u8] {
    memchr::memchr(end, text).and_then(|at| text.get(..at)).unwrap_or(text)
}

fn without_quotes(text: &[u8]) -> &[u8] {
    let is_quote = |byte: &u8| matches!(byte, b'"' | b'\'' | b'`' | b' ');
    let start = text.iter().take_while(|byte| is_quote(byte)).count();
    let end = text.iter().rev().take_while(|byte| is_quote(byte)).count();
    text.get(start..text.len().saturating_sub(end)).unwrap_or_default()
}

/// What is between the first and the last character of a message's own.
fn between(text: &[u8]) -> &[u8] {
    let start = text.iter().position(is_own);
    let end = text.iter().rposition(is_own).map(|at| at.saturating_add(1));
    start.zip(end).and_then(|(start, end)| text.get(start..end)).unwrap_or_default()
}

/// Whether messages have this character.
pub(super) fn is_own(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_' | b'=')
}

fn lower_case(text: &[u8]) -> Option<Vec<u8>> {
    let (_, head, digest) = signed(text)?;
    let digest = digest.to_ascii_lowercase();
    Some([head, b"--", &digest].concat())
}

/// `data` and `digest`, whose digits may be in upper case.
fn signed(text: &[u8]) -> Option<(Digest, &[u8], &[u8])> {
    DIGESTS.into_iter().find_map(|digest| {
        let (head, last) = cut(text, digest.hex_len())?;
        let head = head.strip_suffix(b"--")?;
        last.iter().all(u8::is_ascii_hexdigit).then_some((digest, head, last))
    })
}

/// What is base64, then the digest.
type Parts<'t> = (Vec<&'t [u8]>, Option<&'t [u8]>);

/// The parts of a message by their lengths, whatever the alphabet.
pub(super) fn parts(text: &[u8]) -> Option<Parts<'_>> {
    if let Some((_, data, digest)) = signed(text) {
        return Some((Vec::from([data]), Some(digest)));
    }
    [Alphabet::Standard, Alphabet::UrlSafe].into_iter().find_map(|alphabet| {
        let (rest, tag) = cut(text, alphabet.encoded_len(GCM_TAG))?;
        let (rest, iv) = cut(rest.strip_suffix(b"--")?, alphabet.encoded_len(GCM_IV))?;
        Some((Vec::from([rest.strip_suffix(b"--")?, iv, tag]), None))
    })
}

fn joined(parts: impl Iterator<Item = Vec<u8>>, digest: Option<&[u8]>) -> Vec<u8> {
    let parts: Vec<Vec<u8>> = parts.chain(digest.map(<[u8]>::to_vec)).collect();
    parts.join(&b"--"[..])
}

fn pad(part: &[u8]) -> Vec<u8> {
    let mut part = part.to_vec();
    let whole = part.len().div_ceil(4).saturating_mul(4);
    part.resize(whole, b'=');
    part
}

fn padded(text: &[u8]) -> Option<Vec<u8>> {
    let pieces: Vec<&[u8]> = match signed(text) {
        Some((_, data, digest)) => return Some([&pad(data), &b"--"[..], digest].concat()),
        None => pieces(text).collect(),
    };
    (pieces.len() == 3).then(|| joined(pieces.into_iter().map(pad), None))
}

fn pieces(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(text);
    core::iter::from_fn(move || {
        let text = rest?;
        let at = memchr::memmem::find(text, b"--");
        let (piece, after) = match at.and_then(|at| text.split_at_checked(at)) {
            Some((piece, after)) => (piece, after.strip_prefix(b"--")),
            None => (text, None),
        };
        rest = after;
        Some(piece)
    })
}

/// In the other alphabet, with and without padding.
fn respelled(text: &[u8]) -> Vec<Vec<u8>> {
    let Some((parts, digest)) = parts(text) else { return Vec::new() };
    let to = |from: [u8; 2], to: [u8; 2]| {
        let translate = move |byte: &u8| match (*byte, from, to) {
            (byte, [first, _], [to, _]) if byte == first => to,
            (byte, [_, second], [_, to]) if byte == second => to,
            (byte, ..) => byte,
        };
        move |part: &&[u8]| -> Vec<u8> {
            let text = part.iter().map(translate).collect::<Vec<u8>>();
            let end = text.iter().rev().take_while(|byte| **byte == b'=').count();
            text.get(..text.len().saturating_sub(end)).unwrap_or_default().to_vec()
        }
    };
    let standard = to(*b"-_", *b"+/");
    let url_safe = to(*b"+/", *b"-_");
    let pad = |part: Vec<u8>| pad(&part);
    Vec::from([
        joined(parts.iter().map(standard).map(pad), digest),
        joined(parts.iter().map(url_safe), digest),
        joined(parts.iter().map(url_safe).map(pad), digest),
    ])
}

/// With `--` where it must have been.
fn separated(text: &[u8]) -> Vec<Vec<u8>> {
    if memchr::memmem::find(text, b"--").is_some() {
        return Vec::new();
    }
    let mut all = Vec::new();
    for digest in DIGESTS {
        let is_hex = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        // Digits before the digest would be of a longer one.
        if let Some((data, last)) = cut(text, digest.hex_len())
            && last.iter().all(is_hex)
            && !data.iter().all(is_hex)
        {
            all.push([data, b"--", last].concat());
        }
    }
    let gcm = cut(text, Alphabet::Standard.encoded_len(GCM_TAG)).and_then(|(rest, tag)| {
        let (data, iv) = cut(rest, Alphabet::Standard.encoded_len(GCM_IV))?;
        Some([data, b"--", iv, b"--", tag].concat())
    });
    all.extend(gcm.filter(|_| text.ends_with(b"==")));
    all
}

/// Splits off the last `length` bytes.
fn cut(text: &[u8], length: usize) -> Option<(&[u8], &[u8])> {
    text.split_at_checked(text.len().checked_sub(length)?)
}
