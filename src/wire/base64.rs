//! Base64 in both alphabets, by Ruby's rules: `strict_encode64`, `strict_decode64`,
//! `urlsafe_encode64(padding: false)`, `urlsafe_decode64` and the lenient `decode64` of old
//! versions. The `base64` crate does the work; its vector kernels with the `simd` feature.

use alloc::vec::Vec;

use base64::Engine;
use base64::engine::general_purpose::GeneralPurposeConfig;
use base64::engine::{DecodePaddingMode, GeneralPurpose};

/// The two alphabets of RFC 4648, with the padding that is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Alphabet {
    /// `+` and `/`, padded.
    Standard,
    /// `-` and `_`, without padding.
    UrlSafe,
    /// `-` and `_`, padded: `GlobalID::Verifier`, and Rails' own CSRF tokens for a while.
    UrlSafePadded,
}

impl Alphabet {
    pub(crate) fn other(self) -> Self {
        match self {
            Self::Standard => Self::UrlSafe,
            Self::UrlSafe | Self::UrlSafePadded => Self::Standard,
        }
    }

    /// The length of the text that Rails writes for `bytes` bytes, which must be few (a tag, an IV).
    pub(crate) const fn encoded_len(self, bytes: usize) -> usize {
        match self {
            Self::Standard | Self::UrlSafePadded => bytes.div_ceil(3).saturating_mul(4),
            Self::UrlSafe => bytes.saturating_mul(4).div_ceil(3),
        }
    }
}

/// What a reader puts up with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decoding {
    /// Only what Rails writes: the alphabet, its padding, no spare bits. Padding is optional in the
    /// URL-safe alphabet, as `GlobalID` writes it.
    Strict(Alphabet),
    /// The URL-safe alphabet without any padding, so that one text alone stands for some bytes.
    UnpaddedUrlSafe,
    /// Ruby's `urlsafe_decode64`: `+` and `/` too.
    UrlSafe,
    /// Ruby's `decode64`: whatever is not in the alphabet is skipped, padding ends the text.
    Lenient,
}

const CANONICAL: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::RequireCanonical);
const UNPADDED: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_encode_padding(false)
    .with_decode_padding_mode(DecodePaddingMode::Indifferent);
const FORGIVING: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_allow_trailing_bits(true)
    .with_decode_padding_mode(DecodePaddingMode::Indifferent);

static FORGIVING_STANDARD: GeneralPurpose =
    GeneralPurpose::new(&base64::alphabet::STANDARD, FORGIVING);

#[cfg(all(feature = "simd", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod engine {
    use std::sync::LazyLock;

    use base64::engine::Simd;

    // Not state: which kernel this processor has is found once, as `std` itself caches it.
    pub(super) static STANDARD: LazyLock<Simd> = LazyLock::new(|| Simd::standard(super::CANONICAL));
    pub(super) static URL_SAFE: LazyLock<Simd> = LazyLock::new(|| Simd::url_safe(super::UNPADDED));
}

#[cfg(not(all(feature = "simd", any(target_arch = "x86_64", target_arch = "aarch64"))))]
mod engine {
    use base64::engine::GeneralPurpose;

    pub(super) static STANDARD: GeneralPurpose =
        GeneralPurpose::new(&base64::alphabet::STANDARD, super::CANONICAL);
    pub(super) static URL_SAFE: GeneralPurpose =
        GeneralPurpose::new(&base64::alphabet::URL_SAFE, super::UNPADDED);
}

/// Appends the text of `bytes`.
pub(crate) fn encode(out: &mut Vec<u8>, bytes: &[u8], alphabet: Alphabet) {
    let start = out.len();
    let room = bytes.len().div_ceil(3).saturating_mul(4);
    out.resize(start.saturating_add(room), 0);
    let written = out.get_mut(start..).and_then(|out| match alphabet {
        Alphabet::Standard => engine::STANDARD.encode_slice(bytes, out).ok(),
        Alphabet::UrlSafe | Alphabet::UrlSafePadded => {
            engine::URL_SAFE.encode_slice(bytes, out).ok()
        }
    });
    let written = written.unwrap_or(0);
    out.truncate(start.saturating_add(written));
    if alphabet == Alphabet::UrlSafePadded {
        let padded = written.div_ceil(4).saturating_mul(4);
        out.resize(start.saturating_add(padded), b'=');
    }
}

/// Decodes `text` into the front of `out`, which grows as needed and never shrinks, so that a warm
/// buffer is not touched twice. Returns the number of bytes, or `None` for text that Ruby refuses.
pub(crate) fn decode(out: &mut Vec<u8>, text: &[u8], decoding: Decoding) -> Option<usize> {
    decode_into(room(out, text), text, decoding)
}

fn decode_into(out: &mut [u8], text: &[u8], decoding: Decoding) -> Option<usize> {
    match decoding {
        Decoding::Strict(Alphabet::Standard) => engine::STANDARD.decode_slice(text, out).ok(),
        Decoding::Strict(Alphabet::UrlSafe) => url_safe(out, text),
        Decoding::Strict(Alphabet::UrlSafePadded) if !text.len().is_multiple_of(4) => None,
        Decoding::Strict(Alphabet::UrlSafePadded) => url_safe(out, text),
        Decoding::UnpaddedUrlSafe if text.ends_with(b"=") => None,
        Decoding::UnpaddedUrlSafe => url_safe(out, text),
        // What Rails writes is tried first, for the rest takes a copy of the text.
        Decoding::UrlSafe => url_safe(out, text).or_else(|| {
            text.iter().any(|byte| matches!(byte, b'+' | b'/')).then(|| mixed(out, text)).flatten()
        }),
        Decoding::Lenient => {
            engine::STANDARD.decode_slice(text, out).ok().or_else(|| lenient(out, text))
        }
    }
}

/// Padding may be left out, but not in part: Ruby adds it only where there is none.
fn url_safe(out: &mut [u8], text: &[u8]) -> Option<usize> {
    if text.ends_with(b"=") && !text.len().is_multiple_of(4) {
        return None;
    }
    engine::URL_SAFE.decode_slice(text, out).ok()
}

/// URL-safe text that may hold characters of the other alphabet.
#[cold]
fn mixed(out: &mut [u8], text: &[u8]) -> Option<usize> {
    let translated: Vec<u8> = text
        .iter()
        .map(|byte| match byte {
            b'+' => b'-',
            b'/' => b'_',
            other => *other,
        })
        .collect();
    url_safe(out, &translated)
}

#[cold]
fn lenient(out: &mut [u8], text: &[u8]) -> Option<usize> {
    let kept = lenient_characters(text);
    // A lone last character holds fewer than eight bits: Ruby drops it.
    let whole = if kept.len() % 4 == 1 { kept.len().saturating_sub(1) } else { kept.len() };
    FORGIVING_STANDARD.decode_slice(kept.get(..whole)?, out).ok()
}

/// What `unpack("m")` heeds (Ruby's `pack.c`): a `=` ends the text as the third or fourth character
/// of its group, where padding belongs, and is skipped like any other stranger as the first or second.
fn lenient_characters(text: &[u8]) -> Vec<u8> {
    let mut kept = Vec::with_capacity(text.len());
    for byte in text {
        match byte {
            b'=' if kept.len() % 4 >= 2 => break,
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' => kept.push(*byte),
            _ => {}
        }
    }
    kept
}

/// Decodes the text of exactly `N` bytes (a tag, an IV) to where they are used.
pub(crate) fn decode_exact<const N: usize>(
    out: &mut [u8; N],
    text: &[u8],
    decoding: Decoding,
) -> Option<()> {
    (decode_into(out, text, decoding)? == N).then_some(())
}

/// At least as many bytes at the front of `out` as `text` can stand for.
fn room<'a>(out: &'a mut Vec<u8>, text: &[u8]) -> &'a mut [u8] {
    let most = text.len().div_ceil(4).saturating_mul(3);
    if out.len() < most {
        out.resize(most, 0);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const STANDARD: Decoding = Decoding::Strict(Alphabet::Standard);
    const URL_SAFE: Decoding = Decoding::Strict(Alphabet::UrlSafe);
    const URL_SAFE_PADDED: Decoding = Decoding::Strict(Alphabet::UrlSafePadded);

    fn decoded(text: &str, decoding: Decoding) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        let length = decode(&mut out, text.as_bytes(), decoding)?;
        out.truncate(length);
        Some(out)
    }

    #[test]
    fn strict_takes_only_what_rails_writes() {
        assert_eq!(decoded("AQI=", STANDARD), Some([1, 2].into()));
        assert_eq!(decoded("", STANDARD), Some([].into()));
        for refused in ["AQI", "AQI==", "AQJ=", "AQ I=", "AQI=\n", "AQI=AQI=", "-_8=", "A", "===="]
        {
            assert_eq!(decoded(refused, STANDARD), None, "{refused:?}");
        }
        assert_eq!(decoded("-_8", URL_SAFE), Some([0xfb, 0xff].into()));
        assert_eq!(decoded("-_8=", URL_SAFE), Some([0xfb, 0xff].into()));
        assert_eq!(decoded("3g==", URL_SAFE), Some([0xde].into()));
        for refused in ["+/8", "-_9", "-_8 ", "-", "-_8==", "3g=", "=", "====", "A===", "AAAA===="]
        {
            assert_eq!(decoded(refused, URL_SAFE), None, "{refused:?}");
        }
        assert_eq!(decoded("-_8", Decoding::UnpaddedUrlSafe), Some([0xfb, 0xff].into()));
        assert_eq!(decoded("-_8=", Decoding::UnpaddedUrlSafe), None);
        assert_eq!(decoded("-_8=", URL_SAFE_PADDED), Some([0xfb, 0xff].into()));
        for refused in ["-_8", "+/8=", "-_8==", "-_9=", "-_8=\n", "===="] {
            assert_eq!(decoded(refused, URL_SAFE_PADDED), None, "{refused:?}");
        }
    }

    #[test]
    fn leniency_is_rubys() {
        assert_eq!(decoded("+/8", Decoding::UrlSafe), Some([0xfb, 0xff].into()));
        assert_eq!(decoded("AQ\nI", Decoding::Lenient), Some([1, 2].into()));
        assert_eq!(decoded("AQJ=", Decoding::Lenient), Some([1, 2].into()));
        assert_eq!(decoded("AQI=AQI=", Decoding::Lenient), Some([1, 2].into()));
        assert_eq!(decoded("A", Decoding::Lenient), Some([].into()));
        // As Ruby 3.1 answers.
        assert_eq!(decoded("=AQI", Decoding::Lenient), Some([1, 2].into()));
        assert_eq!(decoded("A=QI", Decoding::Lenient), Some([1, 2].into()));
        assert_eq!(decoded("AQ=I", Decoding::Lenient), Some([1].into()));
        assert_eq!(decoded("AQID=AQI=", Decoding::Lenient), Some([1, 2, 3, 1, 2].into()));
    }

    #[test]
    fn lengths_of_texts_are_known_beforehand() {
        for length in 0..64 {
            for alphabet in [Alphabet::Standard, Alphabet::UrlSafe, Alphabet::UrlSafePadded] {
                let mut out = Vec::new();
                encode(&mut out, &alloc::vec![7; length], alphabet);
                assert_eq!(out.len(), alphabet.encoded_len(length));
                assert_eq!(
                    decoded(core::str::from_utf8(&out).unwrap(), Decoding::Strict(alphabet)),
                    Some(alloc::vec![7; length])
                );
            }
        }
    }
}
