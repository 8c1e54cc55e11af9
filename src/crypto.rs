//! The primitives: HMAC, AES-GCM, AES-CBC under HMAC, PBKDF2; and [`Authentic`], the proof that a
//! tag has checked.

use alloc::borrow::Cow;

/// A digest that Rails can be configured with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Digest {
    /// MD5.
    Md5,
    /// SHA-1: the default of Rails' message verifiers in every version.
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

/// A cipher that Rails can be configured with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cipher {
    /// `aes-128-cbc`.
    Aes128Cbc,
    /// `aes-192-cbc`.
    Aes192Cbc,
    /// `aes-256-cbc`: the default up to Rails 5.1.
    Aes256Cbc,
    /// `aes-128-gcm`.
    Aes128Gcm,
    /// `aes-192-gcm`.
    Aes192Gcm,
    /// `aes-256-gcm`: the default of `load_defaults` 5.2 and later.
    Aes256Gcm,
}

/// Bytes whose tag has checked.
#[derive(Clone)]
pub struct Authentic<'a>(Cow<'a, [u8]>);
