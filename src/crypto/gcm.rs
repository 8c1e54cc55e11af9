//! AES-GCM (NIST SP 800-38D) as Rails uses it from 5.1: a 12-byte initialization vector, a 16-byte
//! tag, no additional data (`ActiveSupport::MessageEncryptor#encrypt`).

use core::fmt;

use aes_gcm::aead::consts::{U12, U16};
use aes_gcm::aead::{AeadInOut, KeyInit as _};
use aes_gcm::aes::{Aes128Enc, Aes192Enc, Aes256Enc};
use aes_gcm::{AesGcm, Tag};

use crate::crypto::{Checked, Cipher};
use crate::error::ConfigError;

/// A key ready for use: the key schedule and the GHASH key are computed. Wiped when dropped.
#[derive(Clone)]
pub(crate) struct GcmKey(Schedule);

/// GCM only ever encrypts blocks, so the decrypting half of the key schedule is left out.
#[derive(Clone)]
enum Schedule {
    Aes128(AesGcm<Aes128Enc, U12>),
    Aes192(AesGcm<Aes192Enc, U12>),
    Aes256(AesGcm<Aes256Enc, U12>),
}

impl GcmKey {
    /// # Errors
    /// [`ConfigError::KeyLength`], or [`ConfigError::UnknownName`] if `cipher` is not a GCM one.
    pub(crate) fn new(cipher: Cipher, key: &[u8]) -> Result<Self, ConfigError> {
        let schedule = match cipher {
            Cipher::Aes128Gcm => AesGcm::new_from_slice(key).map(Schedule::Aes128),
            Cipher::Aes192Gcm => AesGcm::new_from_slice(key).map(Schedule::Aes192),
            Cipher::Aes256Gcm => AesGcm::new_from_slice(key).map(Schedule::Aes256),
            _ => return Err(ConfigError::UnknownName { what: "GCM cipher" }),
        };
        schedule.map(Self).map_err(|_| cipher.key_length_error(key))
    }

    /// Decrypts in place if the tag is right. If not, the buffer still holds the ciphertext, so that
    /// another key can be tried on it.
    pub(crate) fn open(&self, buffer: &mut [u8], iv: &[u8; 12], tag: &[u8; 16]) -> Option<Checked> {
        // The crate checks the tag before it decrypts; a test below holds it to that.
        let opened = match &self.0 {
            Schedule::Aes128(aead) => open(aead, buffer, iv, tag),
            Schedule::Aes192(aead) => open(aead, buffer, iv, tag),
            Schedule::Aes256(aead) => open(aead, buffer, iv, tag),
        };
        opened.ok().map(|()| Checked::assertion())
    }

    /// Encrypts in place and returns the tag. An `iv` must never be used twice under one key.
    pub(crate) fn seal(&self, buffer: &mut [u8], iv: &[u8; 12]) -> [u8; 16] {
        let tag = match &self.0 {
            Schedule::Aes128(aead) => seal(aead, buffer, iv),
            Schedule::Aes192(aead) => seal(aead, buffer, iv),
            Schedule::Aes256(aead) => seal(aead, buffer, iv),
        };
        tag.map_or_else(
            |_| {
                // Over GCM's limit of 64 GiB, which no message reaches; the plaintext must not leave
                // here all the same.
                buffer.fill(0);
                [0; 16]
            },
            Into::into,
        )
    }
}

fn open<A: AeadInOut<NonceSize = U12, TagSize = U16>>(
    aead: &A,
    buffer: &mut [u8],
    iv: &[u8; 12],
    tag: &[u8; 16],
) -> Result<(), aes_gcm::Error> {
    aead.decrypt_inout_detached(iv.into(), b"", buffer.into(), tag.into())
}

fn seal<A: AeadInOut<NonceSize = U12, TagSize = U16>>(
    aead: &A,
    buffer: &mut [u8],
    iv: &[u8; 12],
) -> Result<Tag, aes_gcm::Error> {
    aead.encrypt_inout_detached(iv.into(), b"", buffer.into())
}

impl fmt::Debug for GcmKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GcmKey([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;
    use crate::crypto::tests::hex;

    /// The GCM specification's test cases 1 to 3, 7 to 9 and 13 to 15: those of SP 800-38D's
    /// validation with a 96-bit vector and no additional data, all three key lengths.
    #[test]
    fn specification_vectors() {
        let zeros = "00".repeat(16);
        let key = "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308";
        let text = "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72\
                    1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255";
        let iv = "cafebabefacedbaddecaf888";
        let iv0 = "000000000000000000000000";
        let zero_key = "00".repeat(32);
        let cases = [
            (Cipher::Aes128Gcm, &*zero_key, iv0, "", "", "58e2fccefa7e3061367f1d57a4e7455a"),
            (
                Cipher::Aes128Gcm,
                &zero_key,
                iv0,
                &zeros,
                "0388dace60b6a392f328c2b971b2fe78",
                "ab6e47d42cec13bdf53a67b21257bddf",
            ),
            (
                Cipher::Aes128Gcm,
                key,
                iv,
                text,
                "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e\
                 21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091473f5985",
                "4d5c2af327cd64a62cf35abd2ba6fab4",
            ),
            (Cipher::Aes192Gcm, &zero_key, iv0, "", "", "cd33b28ac773f74ba00ed1f312572435"),
            (
                Cipher::Aes192Gcm,
                &zero_key,
                iv0,
                &zeros,
                "98e7247c07f0fe411c267e4384b0f600",
                "2ff58d80033927ab8ef4d4587514f0fb",
            ),
            (
                Cipher::Aes192Gcm,
                key,
                iv,
                text,
                "3980ca0b3c00e841eb06fac4872a2757859e1ceaa6efd984628593b40ca1e19c\
                 7d773d00c144c525ac619d18c84a3f4718e2448b2fe324d9ccda2710acade256",
                "9924a7c8587336bfb118024db8674a14",
            ),
            (Cipher::Aes256Gcm, &zero_key, iv0, "", "", "530f8afbc74536b9a963b4f1c4cb738b"),
            (
                Cipher::Aes256Gcm,
                &zero_key,
                iv0,
                &zeros,
                "cea7403d4d606b6e074ec5d3baf39d18",
                "d0d1c8a799996bf0265b98b5d48ab919",
            ),
            (
                Cipher::Aes256Gcm,
                key,
                iv,
                text,
                "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa\
                 8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad",
                "b094dac5d93471bdec1a502270e3cc6c",
            ),
        ];
        for (cipher, key, iv, plain, sealed, tag) in cases {
            let gcm = GcmKey::new(cipher, &hex(key)[..cipher.key_len()]).unwrap();
            let (iv, tag) = (hex(iv).try_into().unwrap(), hex(tag).try_into().unwrap());
            let mut buffer = hex(plain);
            assert_eq!(gcm.seal(&mut buffer, &iv), tag);
            assert_eq!(buffer, hex(sealed));
            assert!(gcm.open(&mut buffer, &iv, &tag).is_some());
            assert_eq!(buffer, hex(plain));
        }
    }

    #[test]
    fn a_refused_buffer_still_holds_the_ciphertext() {
        let [right, wrong] = [1, 2].map(|k| GcmKey::new(Cipher::Aes256Gcm, &[k; 32]).unwrap());
        let iv = [7; 12];
        // Every number of blocks that the parallel backends treat differently.
        for len in [0, 1, 15, 16, 17, 128, 400, 1000, 3000] {
            let plain: Vec<u8> = (0..=255).cycle().take(len).collect();
            let mut sealed = plain.clone();
            let tag = right.seal(&mut sealed, &iv);

            let mut buffer = sealed.clone();
            assert!(wrong.open(&mut buffer, &iv, &tag).is_none());
            assert!(right.open(&mut buffer, &[8; 12], &tag).is_none());
            for byte in 0..16 {
                let mut changed = tag;
                changed[byte] ^= 0x80;
                assert!(right.open(&mut buffer, &iv, &changed).is_none());
            }
            assert_eq!(buffer, sealed);

            assert!(right.open(&mut buffer, &iv, &tag).is_some());
            assert_eq!(buffer, plain);
        }
    }

    #[test]
    fn any_flipped_bit_of_the_ciphertext_is_refused() {
        let gcm = GcmKey::new(Cipher::Aes128Gcm, &[3; 16]).unwrap();
        let mut buffer = [9; 40];
        let tag = gcm.seal(&mut buffer, &[0; 12]);
        for bit in 0..buffer.len() * 8 {
            buffer[bit / 8] ^= 1 << (bit % 8);
            assert!(gcm.open(&mut buffer, &[0; 12], &tag).is_none());
            buffer[bit / 8] ^= 1 << (bit % 8);
        }
        assert!(gcm.open(&mut buffer[..39], &[0; 12], &tag).is_none());
        assert!(gcm.open(&mut buffer, &[0; 12], &tag).is_some());
    }

    #[test]
    fn keys_must_fit_the_cipher() {
        for len in [0, 15, 16, 24, 31, 33, 64] {
            let error = ConfigError::KeyLength { expected: 32, actual: len };
            let key = Vec::from_iter(core::iter::repeat_n(0, len));
            assert_eq!(GcmKey::new(Cipher::Aes256Gcm, &key).unwrap_err(), error);
        }
        assert!(GcmKey::new(Cipher::Aes256Cbc, &[0; 32]).is_err());
    }

    /// Fails to compile if a `zeroize` feature gets lost in the manifest.
    #[test]
    fn keys_are_wiped() {
        fn wiped<T: zeroize::ZeroizeOnDrop>() {}
        wiped::<AesGcm<Aes128Enc, U12>>();
        wiped::<AesGcm<Aes192Enc, U12>>();
        wiped::<AesGcm<Aes256Enc, U12>>();
    }
}
