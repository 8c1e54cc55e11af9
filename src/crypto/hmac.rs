//! HMAC (RFC 2104) over text, compared as lower-case hexadecimal text: what
//! `ActiveSupport::MessageVerifier` signs with. A [`MacKey`] keeps the two states that every MAC
//! under one key starts from, so that a MAC costs only its own blocks.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

use ::hmac::digest::Key;
use ::hmac::{EagerHash, Hmac, KeyInit as _, Mac as _};
use md5::Md5;
use sha1::Sha1;
use sha2::{Sha256, Sha384, Sha512};
use subtle::{Choice, ConstantTimeEq as _};
use zeroize::Zeroizing;

use crate::crypto::{Checked, Digest};

mod words;

use self::words::Words;

/// A secret, ready to sign and to verify under one digest. Wiped when dropped.
#[derive(Clone)]
pub(crate) struct MacKey {
    digest: Digest,
    state: State,
}

/// SHA-1 and SHA-256 are Rails' own choices and go straight to the compression functions; the
/// rest, which few apps choose, through the `hmac` crate. `Box` only evens out the sizes.
#[derive(Clone)]
enum State {
    Md5(Box<Hmac<Md5>>),
    Sha1(Words<5>),
    Sha256(Words<8>),
    Sha384(Box<Hmac<Sha384>>),
    Sha512(Box<Hmac<Sha512>>),
}

impl MacKey {
    /// `secret` is any number of bytes, taken as they are.
    pub(crate) fn new(digest: Digest, secret: &[u8]) -> Self {
        let state = match digest {
            Digest::Md5 => State::Md5(Box::new(Hmac::new(&block_key::<Md5>(secret)))),
            Digest::Sha1 => State::Sha1(Words::sha1(block_key::<Sha1>(secret).as_ref())),
            Digest::Sha256 => State::Sha256(Words::sha256(block_key::<Sha256>(secret).as_ref())),
            Digest::Sha384 => State::Sha384(Box::new(Hmac::new(&block_key::<Sha384>(secret)))),
            Digest::Sha512 => State::Sha512(Box::new(Hmac::new(&block_key::<Sha512>(secret)))),
        };
        Self { digest, state }
    }

    /// The digest that this key signs with.
    pub(crate) const fn digest(&self) -> Digest {
        self.digest
    }

    /// The MAC of `data`.
    pub(crate) fn tag(&self, data: &[u8]) -> Tag {
        match &self.state {
            State::Md5(mac) => chained(mac, data),
            State::Sha1(words) => Tag::of(words.mac(data).map(u32::to_be_bytes).as_flattened()),
            State::Sha256(words) => Tag::of(words.mac(data).map(u32::to_be_bytes).as_flattened()),
            State::Sha384(mac) => chained(mac, data),
            State::Sha512(mac) => chained(mac, data),
        }
    }

    /// Appends the MAC of `data` in lower-case hexadecimal.
    pub(crate) fn write_hex(&self, data: &[u8], out: &mut Vec<u8>) {
        for digits in self.tag(data).hex() {
            out.extend_from_slice(&digits.to_be_bytes());
        }
    }

    /// Whether `hex` is the MAC of `data`, compared in constant time and as text, which is how
    /// Rails does it: upper-case digits are refused.
    pub(crate) fn verify_hex(&self, data: &[u8], hex: &[u8]) -> Option<Checked> {
        // The length is no secret: it is the digest's.
        if hex.len() != self.digest.hex_len() {
            return None;
        }
        let tag = self.tag(data);
        let pairs = tag.hex().zip(hex.as_chunks().0);
        let same = pairs.fold(Choice::from(1), |same, (ours, theirs)| {
            same & ours.ct_eq(&u64::from_be_bytes(*theirs))
        });
        bool::from(same).then(Checked::assertion)
    }
}

impl fmt::Debug for MacKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MacKey({}, [redacted])", self.digest.name())
    }
}

/// A MAC of up to 64 bytes.
#[derive(Clone)]
pub(crate) struct Tag {
    bytes: [u8; 64],
    len: usize,
}

impl Tag {
    fn of(mac: &[u8]) -> Self {
        let mut bytes = [0; 64];
        if let Some(head) = bytes.get_mut(..mac.len()) {
            head.copy_from_slice(mac);
        }
        Self { bytes, len: mac.len() }
    }

    /// The MAC, as many bytes as its digest has.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }

    /// Its lower-case hexadecimal digits, eight at a time: the length of every digest is a multiple
    /// of four bytes.
    fn hex(&self) -> impl Iterator<Item = u64> {
        self.as_bytes().as_chunks().0.iter().map(|bytes| hex_digits(u32::from_be_bytes(*bytes)))
    }
}

/// The eight digits of `word`, the first in the highest byte. Without a table, so that no memory
/// access depends on the MAC.
fn hex_digits(word: u32) -> u64 {
    // One nibble into each byte.
    let spread = u64::from(word);
    let spread = (spread << 16 | spread) & 0x0000_ffff_0000_ffff;
    let spread = (spread << 8 | spread) & 0x00ff_00ff_00ff_00ff;
    let nibbles = (spread << 4 | spread) & 0x0f0f_0f0f_0f0f_0f0f;
    // Six more carries from 10 on; then comes the distance between `9` and `a`. No byte overflows.
    let letters = (nibbles.wrapping_add(0x0606_0606_0606_0606) >> 4) & 0x0101_0101_0101_0101;
    let shift = letters.wrapping_mul(u64::from(b'a' - b'0' - 10));
    nibbles.wrapping_add(0x3030_3030_3030_3030).wrapping_add(shift)
}

/// The key as one block, RFC 2104 section 2: padded with zeros, and hashed first if longer.
fn block_key<D: EagerHash>(secret: &[u8]) -> Zeroizing<Key<Hmac<D>>> {
    let mut block = Zeroizing::new(Key::<Hmac<D>>::default());
    if secret.len() > block.len() {
        return block_key::<D>(&Zeroizing::new(D::digest(secret)));
    }
    for (to, from) in block.iter_mut().zip(secret) {
        *to = *from;
    }
    block
}

/// The MAC of `data` that starts from a copy of the keyed states.
fn chained<D: EagerHash>(mac: &Hmac<D>, data: &[u8]) -> Tag {
    Tag::of(&mac.clone().chain_update(data).finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use alloc::{format, vec};

    use super::*;
    use crate::crypto::tests::hex;

    const DIGESTS: [Digest; 5] =
        [Digest::Md5, Digest::Sha1, Digest::Sha256, Digest::Sha384, Digest::Sha512];

    /// RFC 2202 (MD5, SHA-1) and RFC 4231 (SHA-2): test cases 1, 2 and one whose key is longer
    /// than a block (6 and 7).
    #[test]
    fn rfc_vectors() {
        let what: &[u8] = b"what do ya want for nothing?";
        let long: &[u8] = b"Test Using Larger Than Block-Size Key - Hash Key First";
        let longer = b"This is a test using a larger than block-size key and a larger than \
            block-size data. The key needs to be hashed before being used by the HMAC algorithm.";
        let cases: [(Digest, &[u8], &[u8], &str); 15] = [
            (Digest::Md5, &[0x0b; 16], b"Hi There", "9294727a3638bb1c13f48ef8158bfc9d"),
            (Digest::Md5, b"Jefe", what, "750c783e6ab0b503eaa86e310a5db738"),
            (Digest::Md5, &[0xaa; 80], long, "6b1ab7fe4bd7bf8f0b62e6ce61b9d0cd"),
            (Digest::Sha1, &[0x0b; 20], b"Hi There", "b617318655057264e28bc0b6fb378c8ef146be00"),
            (Digest::Sha1, b"Jefe", what, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"),
            (Digest::Sha1, &[0xaa; 80], long, "aa4ae5e15272d00e95705637ce8a3b55ed402112"),
            (
                Digest::Sha256,
                &[0x0b; 20],
                b"Hi There",
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
            ),
            (
                Digest::Sha256,
                b"Jefe",
                what,
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
            (
                Digest::Sha256,
                &[0xaa; 131],
                longer,
                "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
            ),
            (
                Digest::Sha384,
                &[0x0b; 20],
                b"Hi There",
                "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59cfaea9ea9076ede7f4af152e8b2fa9cb6",
            ),
            (
                Digest::Sha384,
                b"Jefe",
                what,
                "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649",
            ),
            (
                Digest::Sha384,
                &[0xaa; 131],
                longer,
                "6617178e941f020d351e2f254e8fd32c602420feb0b8fb9adccebb82461e99c5a678cc31e799176d3860e6110c46523e",
            ),
            (
                Digest::Sha512,
                &[0x0b; 20],
                b"Hi There",
                "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cdedaa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854",
            ),
            (
                Digest::Sha512,
                b"Jefe",
                what,
                "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
            ),
            (
                Digest::Sha512,
                &[0xaa; 131],
                longer,
                "e37b6a775dc87dbaa4dfa9f96e5e3ffddebd71f8867289865df5a32d20cdc944b6022cac3c4982b10d5eeb55c3e4de15134676fb6de0446065c97440fa8c6a58",
            ),
        ];
        for (digest, key, data, mac) in cases {
            assert_eq!(MacKey::new(digest, key).tag(data).as_bytes(), hex(mac), "{digest:?}");
        }
    }

    /// The padding turns into a second block at 56 bytes, and a full block at 64.
    #[test]
    fn own_padding_agrees_with_the_crate_at_every_length() {
        let data: Vec<u8> = (0..=255).cycle().take(300).collect();
        for len in 0..data.len() {
            let (secret, data) = (&data[len..], &data[..len]);
            let sha1 = chained(&Hmac::<Sha1>::new(&block_key::<Sha1>(secret)), data);
            let sha256 = chained(&Hmac::<Sha256>::new(&block_key::<Sha256>(secret)), data);
            assert_eq!(MacKey::new(Digest::Sha1, secret).tag(data).as_bytes(), sha1.as_bytes());
            assert_eq!(MacKey::new(Digest::Sha256, secret).tag(data).as_bytes(), sha256.as_bytes());
        }
    }

    #[test]
    fn only_the_exact_text_verifies() {
        for digest in DIGESTS {
            let key = MacKey::new(digest, b"secret");
            let mut text = vec![];
            key.write_hex(b"data", &mut text);
            assert_eq!(text.len(), digest.hex_len());
            assert!(text.iter().all(|digit| b"0123456789abcdef".contains(digit)));
            assert_eq!(hex(str::from_utf8(&text).unwrap()), key.tag(b"data").as_bytes());
            assert!(key.verify_hex(b"data", &text).is_some());

            assert!(key.verify_hex(b"dat", &text).is_none());
            assert!(MacKey::new(digest, b"other").verify_hex(b"data", &text).is_none());
            assert!(key.verify_hex(b"data", &text.to_ascii_uppercase()).is_none());
            for len in 0..text.len() {
                assert!(key.verify_hex(b"data", &text[..len]).is_none());
            }
            assert!(key.verify_hex(b"data", &[&text[..], b"0"].concat()).is_none());
            for bit in 0..text.len() * 8 {
                text[bit / 8] ^= 1 << (bit % 8);
                assert!(key.verify_hex(b"data", &text).is_none());
                text[bit / 8] ^= 1 << (bit % 8);
            }
        }
    }

    #[test]
    fn secrets_of_any_length_are_keys() {
        for digest in DIGESTS {
            for len in [0, 1, 63, 64, 65, 127, 128, 129, 1000] {
                let secret = vec![b'k'; len];
                let key = MacKey::new(digest, &secret);
                assert_eq!(key.tag(b"").as_bytes().len(), digest.output_len());
                // RFC 2104: short keys are padded with zeros, so these two are the same key.
                if len < 64 {
                    let padded = MacKey::new(digest, &[secret, vec![0]].concat());
                    assert_eq!(key.tag(b"x").as_bytes(), padded.tag(b"x").as_bytes());
                }
            }
        }
    }

    #[test]
    fn debug_is_redacted() {
        let key = MacKey::new(Digest::Sha1, b"hunter2");
        assert_eq!(format!("{key:?}"), "MacKey(SHA1, [redacted])");
    }

    /// Fails to compile if a `zeroize` feature gets lost in the manifest.
    #[test]
    fn keys_are_wiped() {
        fn wiped<T: zeroize::ZeroizeOnDrop>() {}
        // `Hmac` has no marker of its own; it is made of these and of a block buffer that is wiped.
        wiped::<md5::block_api::Md5Core>();
        wiped::<sha2::block_api::Sha512VarCore>();
    }
}
