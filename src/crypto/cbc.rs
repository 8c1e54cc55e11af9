//! AES-CBC (NIST SP 800-38A) with PKCS#7 padding: the cipher of `ActiveSupport::MessageEncryptor`
//! by default up to Rails 5.1. It authenticates nothing by itself, so opening takes the proof that
//! the HMAC around it has checked; a padding oracle never gets to ask.

use alloc::vec::Vec;
use core::fmt;

use aes::{Aes128, Aes192, Aes256};
use cbc::cipher::array::Array;
use cbc::cipher::block_padding::{Error as Padding, Pkcs7};
use cbc::cipher::consts::U16;
use cbc::cipher::{
    BlockCipherDecrypt, BlockCipherEncrypt, BlockModeDecrypt as _, BlockModeEncrypt as _,
    BlockSizeUser, InnerIvInit as _, KeyInit as _,
};
use cbc::{Decryptor, Encryptor};

use crate::crypto::{Checked, Cipher};
use crate::error::ConfigError;

/// A key ready for use: both key schedules are computed. Wiped when dropped.
#[derive(Clone)]
pub(crate) struct CbcKey(Schedule);

#[derive(Clone)]
enum Schedule {
    Aes128(Aes128),
    Aes192(Aes192),
    Aes256(Aes256),
}

impl CbcKey {
    /// # Errors
    /// [`ConfigError::KeyLength`], or [`ConfigError::UnknownName`] if `cipher` is not a CBC one.
    pub(crate) fn new(cipher: Cipher, key: &[u8]) -> Result<Self, ConfigError> {
        let schedule = match cipher {
            Cipher::Aes128Cbc => Aes128::new_from_slice(key).map(Schedule::Aes128),
            Cipher::Aes192Cbc => Aes192::new_from_slice(key).map(Schedule::Aes192),
            Cipher::Aes256Cbc => Aes256::new_from_slice(key).map(Schedule::Aes256),
            _ => return Err(ConfigError::UnknownName { what: "CBC cipher" }),
        };
        schedule.map(Self).map_err(|_| cipher.key_length_error(key))
    }

    /// Decrypts in place and returns how many of the bytes are plaintext. `None` if the length is
    /// not that of a ciphertext or the padding is wrong (the buffer is then spoilt).
    ///
    /// The proof stays with the caller, who vouches for the plaintext with it.
    pub(crate) fn open(&self, _: &Checked, buffer: &mut [u8], iv: &[u8; 16]) -> Option<usize> {
        let plain = match &self.0 {
            Schedule::Aes128(aes) => decrypt(aes, buffer, iv),
            Schedule::Aes192(aes) => decrypt(aes, buffer, iv),
            Schedule::Aes256(aes) => decrypt(aes, buffer, iv),
        };
        plain.ok()
    }

    /// Pads and encrypts in place. `iv` must be unpredictable.
    pub(crate) fn seal(&self, buffer: &mut Vec<u8>, iv: &[u8; 16]) {
        let [low, ..] = buffer.len().to_le_bytes();
        let padding = 16_u8.wrapping_sub(low % 16);
        buffer.extend(core::iter::repeat_n(padding, usize::from(padding)));
        match &self.0 {
            Schedule::Aes128(aes) => encrypt(aes, buffer, iv),
            Schedule::Aes192(aes) => encrypt(aes, buffer, iv),
            Schedule::Aes256(aes) => encrypt(aes, buffer, iv),
        }
    }
}

fn decrypt<A>(aes: &A, buffer: &mut [u8], iv: &[u8; 16]) -> Result<usize, Padding>
where
    A: BlockCipherDecrypt + BlockSizeUser<BlockSize = U16>,
{
    let mode = Decryptor::inner_iv_init(aes, iv.into());
    mode.decrypt_padded::<Pkcs7>(buffer).map(<[u8]>::len)
}

fn encrypt<A>(aes: &A, buffer: &mut [u8], iv: &[u8; 16])
where
    A: BlockCipherEncrypt + BlockSizeUser<BlockSize = U16>,
{
    let (blocks, _none) = Array::slice_as_chunks_mut(buffer);
    Encryptor::inner_iv_init(aes, iv.into()).encrypt_blocks(blocks);
}

impl fmt::Debug for CbcKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CbcKey([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;
    use crate::crypto::tests::hex;

    const CIPHERS: [Cipher; 3] = [Cipher::Aes128Cbc, Cipher::Aes192Cbc, Cipher::Aes256Cbc];

    fn checked() -> Checked {
        Checked::assertion()
    }

    /// SP 800-38A, F.2.1, F.2.3 and F.2.5. The standard does not pad: its four blocks are ours
    /// before the padding's.
    #[test]
    fn specification_vectors() {
        let keys = [
            "2b7e151628aed2a6abf7158809cf4f3c",
            "8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b",
            "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
        ];
        let sealed = [
            "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2\
             73bed6b8e3c1743b7116e69e222295163ff1caa1681fac09120eca307586e1a7",
            "4f021db243bc633d7178183a9fa071e8b4d9ada9ad7dedf4e5e738763f69145a\
             571b242012fb7ae07fa9baac3df102e008b0e27988598881d920a9e64f5615cd",
            "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d\
             39f23369a9d9bacfa530e26304231461b2eb05e2c39be9fcda6c19078c6a9d1b",
        ];
        let plain = hex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51\
             30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710");
        let iv = *b"\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f";
        for ((cipher, key), sealed) in CIPHERS.into_iter().zip(keys).zip(sealed) {
            let cbc = CbcKey::new(cipher, &hex(key)).unwrap();
            let mut buffer = plain.clone();
            cbc.seal(&mut buffer, &iv);
            assert_eq!(buffer[..64], hex(sealed));
            assert_eq!(buffer.len(), 80);
            assert_eq!(cbc.open(&checked(), &mut buffer, &iv), Some(64));
            assert_eq!(buffer[..64], plain);
        }
    }

    #[test]
    fn every_length_round_trips() {
        let cbc = CbcKey::new(Cipher::Aes256Cbc, &[1; 32]).unwrap();
        for len in 0..300 {
            let mut buffer = vec![0x42; len];
            cbc.seal(&mut buffer, &[2; 16]);
            assert_eq!(buffer.len(), (len / 16 + 1) * 16);
            assert_eq!(cbc.open(&checked(), &mut buffer, &[2; 16]), Some(len));
            assert!(buffer[..len].iter().all(|&byte| byte == 0x42));
        }
    }

    #[test]
    fn what_is_no_ciphertext_is_refused() {
        for cipher in CIPHERS {
            let cbc = CbcKey::new(cipher, &vec![1; cipher.key_len()]).unwrap();
            for len in (0..100).filter(|len| len % 16 != 0 || *len == 0) {
                assert_eq!(cbc.open(&checked(), &mut vec![7; len], &[0; 16]), None, "{len}");
            }
        }
    }

    #[test]
    fn wrong_padding_is_refused() {
        let cbc = CbcKey::new(Cipher::Aes128Cbc, &[1; 16]).unwrap();
        let refused = |plain: &[u8; 16]| {
            // Two blocks: what was padded, less the block of padding.
            let mut buffer = [[b'x'; 16], *plain].concat();
            cbc.seal(&mut buffer, &[0; 16]);
            cbc.open(&checked(), &mut buffer[..32], &[0; 16]).is_none()
        };
        assert!(refused(&[0; 16]));
        assert!(refused(&[17; 16]));
        assert!(refused(&[255; 16]));
        assert!(refused(b"0123456789abcd\x03\x03"));
        assert!(refused(b"0123456789abcd\x01\x02"));
        assert!(!refused(b"0123456789abcd\x02\x02"));
        assert!(!refused(&[16; 16]));
    }

    #[test]
    fn keys_must_fit_the_cipher() {
        let error = ConfigError::KeyLength { expected: 32, actual: 64 };
        assert_eq!(CbcKey::new(Cipher::Aes256Cbc, &[0; 64]).unwrap_err(), error);
        assert!(CbcKey::new(Cipher::Aes128Cbc, &[]).is_err());
        assert!(CbcKey::new(Cipher::Aes256Gcm, &[0; 32]).is_err());
    }

    /// Fails to compile if a `zeroize` feature gets lost in the manifest.
    #[test]
    fn keys_are_wiped() {
        fn wiped<T: zeroize::ZeroizeOnDrop>() {}
        wiped::<Aes128>();
        wiped::<Aes192>();
        wiped::<Aes256>();
    }
}
