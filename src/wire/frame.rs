//! Messages cut into their parts. The parts' lengths are known, so a message is cut from the right
//! and every length is checked before any primitive sees it (Rails 7.1:
//! `message_verifier.rb#separator_index_for`, `message_encryptor.rb#extract_parts`).
//!
//! `Cut::Left` is what Rails up to 7.0 did instead: `split("--")`, with further parts ignored.

use super::base64::Alphabet;

const SEPARATOR: &[u8] = b"--";

/// Bytes in the IV and the tag of AES-GCM.
pub(crate) const GCM_IV: usize = 12;
pub(crate) const GCM_TAG: usize = 16;
/// Bytes in the IV of AES-CBC.
pub(crate) const CBC_IV: usize = 16;

/// How a message is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// From the right by known lengths: nothing may be left over.
    Right,
    /// At each `--` from the left; parts beyond the last that is needed are ignored.
    Left,
}

/// `data--digest`: base64 text, and the hexadecimal digest of that text.
#[derive(Clone, Copy)]
pub(crate) struct Signed<'a> {
    pub(crate) text: &'a [u8],
    pub(crate) digest: &'a [u8],
}

impl<'a> Signed<'a> {
    /// `hex_len` is the number of characters in a digest.
    pub(crate) fn cut(message: &'a [u8], hex_len: usize, cut: Cut) -> Option<Self> {
        let (text, digest) = match cut {
            Cut::Right => cut_last(message, hex_len)?,
            Cut::Left => {
                let (text, rest) = split_once(message)?;
                (text, split_once(rest).map_or(rest, |(digest, _ignored)| digest))
            }
        };
        // Rails takes blank data for no message at all.
        (!text.is_empty() && digest.len() == hex_len).then_some(Self { text, digest })
    }
}

/// `ciphertext--iv--tag`, each in base64.
#[derive(Clone, Copy)]
pub(crate) struct Gcm<'a> {
    pub(crate) ciphertext: &'a [u8],
    pub(crate) iv: &'a [u8],
    pub(crate) tag: &'a [u8],
    /// What follows after the tag; nothing, when cut from the right.
    rest: Option<&'a [u8]>,
}

impl<'a> Gcm<'a> {
    pub(crate) fn cut(message: &'a [u8], alphabet: Alphabet, cut: Cut) -> Option<Self> {
        let (iv_len, tag_len) = (alphabet.encoded_len(GCM_IV), alphabet.encoded_len(GCM_TAG));
        let (ciphertext, iv, tag, rest) = match cut {
            Cut::Right => {
                let (rest, tag) = cut_last(message, tag_len)?;
                let (ciphertext, iv) = cut_last(rest, iv_len)?;
                (ciphertext, iv, tag, None)
            }
            Cut::Left => {
                let (ciphertext, rest) = split_once(message)?;
                let (iv, rest) = split_once(rest)?;
                match split_once(rest) {
                    Some((tag, rest)) => (ciphertext, iv, tag, Some(rest)),
                    None => (ciphertext, iv, rest, None),
                }
            }
        };
        (iv.len() == iv_len && tag.len() == tag_len).then_some(Self { ciphertext, iv, tag, rest })
    }

    /// The parts after the tag.
    pub(crate) fn ignored(&self) -> impl Iterator<Item = &'a [u8]> {
        let mut rest = self.rest;
        core::iter::from_fn(move || {
            let (part, after) = match split_once(rest?) {
                Some((part, after)) => (part, Some(after)),
                None => (rest?, None),
            };
            rest = after;
            Some(part)
        })
    }
}

/// `ciphertext--iv`, each in base64: what is inside the signed frame of an AES-CBC message.
#[derive(Clone, Copy)]
pub(crate) struct Cbc<'a> {
    pub(crate) ciphertext: &'a [u8],
    pub(crate) iv: &'a [u8],
}

impl<'a> Cbc<'a> {
    pub(crate) fn cut(inner: &'a [u8], alphabet: Alphabet) -> Option<Self> {
        let (ciphertext, iv) = cut_last(inner, alphabet.encoded_len(CBC_IV))?;
        Some(Self { ciphertext, iv })
    }
}

/// Splits off the last `length` bytes and the separator before them.
fn cut_last(message: &[u8], length: usize) -> Option<(&[u8], &[u8])> {
    let (head, last) = message.split_at_checked(message.len().checked_sub(length)?)?;
    Some((head.strip_suffix(SEPARATOR)?, last))
}

fn split_once(message: &[u8]) -> Option<(&[u8], &[u8])> {
    memchr::memchr_iter(b'-', message).find_map(|at| {
        let (head, rest) = message.split_at_checked(at)?;
        Some((head, rest.strip_prefix(SEPARATOR)?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signed_is_cut_from_the_right() {
        let signed = Signed::cut(b"a--b--0011", 4, Cut::Right).unwrap();
        assert_eq!((signed.text, signed.digest), (&b"a--b"[..], &b"0011"[..]));
        for refused in [&b""[..], b"--", b"0011", b"--0011", b"a-0011", b"a--011", b"-0011"] {
            assert!(Signed::cut(refused, 4, Cut::Right).is_none(), "{refused:?}");
        }
    }

    #[test]
    fn old_rails_ignored_what_came_after() {
        let signed = Signed::cut(b"a--0011--junk", 4, Cut::Left).unwrap();
        assert_eq!((signed.text, signed.digest), (&b"a"[..], &b"0011"[..]));
        assert!(Signed::cut(b"a---0011", 4, Cut::Left).is_none());
        let message = b"YQ==--AAAAAAAAAAAAAAAA--AAAAAAAAAAAAAAAAAAAAAA==--junk";
        assert!(Gcm::cut(message, Alphabet::Standard, Cut::Left).is_some());
        assert!(Gcm::cut(message, Alphabet::Standard, Cut::Right).is_none());
    }

    #[test]
    fn url_safe_ciphertext_may_hold_separators() {
        let gcm = Gcm::cut(
            b"a--b--AAAAAAAAAAAAAAAA--AAAAAAAAAAAAAAAAAAAAAA",
            Alphabet::UrlSafe,
            Cut::Right,
        )
        .unwrap();
        assert_eq!(gcm.ciphertext, b"a--b");
        assert_eq!(
            Cbc::cut(b"x--AAAAAAAAAAAAAAAAAAAAAA==", Alphabet::Standard).unwrap().iv.len(),
            24
        );
    }
}
