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
    /// Ruby's `urlsafe_decode64`: `+` and `/` too.
    UrlSafe,
    /// Ruby's `decode64`: whatever is not in the alphabet is skipped, as is anything after padding.
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
    match decoding {
        Decoding::Strict(Alphabet::Standard) => {
            engine::STANDARD.decode_slice(text, room(out, text)).ok()
        }
        Decoding::Strict(Alphabet::UrlSafePadded) if !text.len().is_multiple_of(4) => None,
        Decoding::Strict(Alphabet::UrlSafe | Alphabet::UrlSafePadded) => {
            engine::URL_SAFE.decode_slice(text, room(out, text)).ok()
        }
        Decoding::UrlSafe => {
            let translated: Vec<u8> = text
                .iter()
                .map(|byte| match byte {
                    b'+' => b'-',
                    b'/' => b'_',
                    other => *other,
                })
                .collect();
            engine::URL_SAFE.decode_slice(&translated, room(out, text)).ok()
        }
        Decoding::Lenient => {
            let kept: Vec<u8> = text
                .iter()
                .copied()
                .take_while(|byte| *byte != b'=')
                .filter(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
                .collect();
            // A lone last character holds fewer than eight bits: Ruby drops it.
            let whole = if kept.len() % 4 == 1 { kept.len().saturating_sub(1) } else { kept.len() };
            FORGIVING_STANDARD.decode_slice(kept.get(..whole)?, room(out, text)).ok()
        }
    }
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
        for refused in ["+/8", "-_9", "-_8 ", "-", "-_8=="] {
            assert_eq!(decoded(refused, URL_SAFE), None, "{refused:?}");
        }
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
