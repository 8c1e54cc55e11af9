//! What a text tells that no key opens: mended in shape, something else, or a piece of a message.

use super::cause::{Cause, Missing};
use super::foreign::{Foreign, is_json};
use super::mend::{Mended, is_own, parts};
use super::shape::{DIGESTS, Shape, ShapeKind, cbc, data, decode};
use crate::cookies::escape;
use crate::serializer::Format;
use crate::wire::base64::{Alphabet, Decoding};
use crate::wire::frame::GCM_TAG;

/// Why the text is none that could be opened; `None` where it has the shape of a message.
pub(super) fn of_text(
    wire: &[u8],
    shape: &Shape,
    mended: &[Mended],
) -> (Option<Cause>, Option<Shape>) {
    if wire.trim_ascii().is_empty() {
        return (Some(Cause::Empty), None);
    }
    if shape.is_message() {
        return (None, None);
    }
    if let Some(foreign) = Foreign::of(wire).or_else(|| Foreign::of(&escape::unescape(wire))) {
        return (Some(Cause::NotRails { foreign }), None);
    }
    for (cause, text) in mended {
        let shape = Shape::of(text);
        // Anything that ends in `==` can be cut into the lengths of an AES-GCM message.
        let is_guess = *cause == Cause::SeparatorLost && shape.kind == ShapeKind::EncryptedGcm;
        if !is_guess {
            return (Some(cause.clone()), Some(shape));
        }
    }
    (Some(of_piece(wire)), None)
}

fn of_piece(wire: &[u8]) -> Cause {
    let cut = |missing| Cause::Cut { missing, length: wire.len() };
    let unknown = Cause::NotRails { foreign: Foreign::Unknown };
    if !wire.iter().all(is_own) {
        return unknown;
    }
    let Some(at) = memchr::memmem::rfind(wire, b"--") else {
        return of_part(wire.strip_suffix(b"-").unwrap_or(wire)).unwrap_or(cut(Missing::End));
    };
    let (before, last) = wire.split_at_checked(at).unwrap_or_default();
    let last = last.strip_prefix(b"--").unwrap_or_default();
    let first = memchr::memmem::find(before, b"--").and_then(|at| before.get(..at));
    let is_base64 = |part| data(part).is_some_and(|(data, _)| !data.is_empty());
    if parts(wire).is_some() {
        // All of it is there, but its base64 is none.
        return Cause::NoKeyFits;
    }
    let is_short = |most: usize| last.len() < most;
    let is_digest = last.iter().all(u8::is_ascii_hexdigit) && is_short(128);
    match is_base64(first.unwrap_or(before)) && (is_digest || is_short(24)) {
        true => cut(Missing::End),
        false => unknown,
    }
}

/// A text without `--`: the first part of a message, or the last, or something else. `None` for
/// one that is cut within its base64.
fn of_part(part: &[u8]) -> Option<Cause> {
    let start = Cause::Cut { missing: Missing::Start, length: part.len() };
    let is_hex = part.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if is_hex && DIGESTS.iter().any(|digest| digest.hex_len() == part.len()) {
        return Some(start);
    }
    let spellings = [Alphabet::Standard, Alphabet::UrlSafe].map(Decoding::Strict);
    let Some(bytes) = spellings.into_iter().find_map(|it| decode(part, it)) else {
        // A short word is no beginning of anything.
        let is_word = part.len() < 16;
        return is_word.then_some(Cause::NotRails { foreign: Foreign::Unknown });
    };
    if bytes.len() == GCM_TAG && part.ends_with(b"==") {
        return Some(start);
    }
    if bytes.len() < 12 {
        return Some(Cause::NotRails { foreign: Foreign::Unknown });
    }
    let is_rails = bytes.starts_with(b"{\"_rails\":") || cbc(&bytes).is_some();
    match Format::detect(&bytes) {
        _ if is_rails => None,
        Some(Format::Json) => is_json(&bytes).then_some(Cause::Unsigned),
        Some(_) => None,
        None => {
            let is_text = core::str::from_utf8(&bytes)
                .is_ok_and(|text| text.chars().all(|char| !char.is_control()));
            is_text.then_some(Cause::NotRails { foreign: Foreign::Base64 })
        }
    }
}
