//! The primitives: HMAC, AES-GCM, AES-CBC under HMAC, PBKDF2; and [`Authentic`], the proof that a
//! tag has checked. Bytes and keys in, bytes out: nothing here knows of purposes, cookies or
//! serializers.

use md5::Md5;
use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha384, Sha512};

use crate::error::ConfigError;
use crate::secret::Secret;

mod authentic;
pub(crate) mod cbc;
pub(crate) mod gcm;
pub(crate) mod hmac;
pub(crate) mod pbkdf2;

pub use self::authentic::Authentic;
pub(crate) use self::authentic::Checked;

/// A digest that Rails can be configured with, for signing and for deriving keys.
///
/// Rails hands the name to OpenSSL, which knows more of them; these are the ones that Rails names
/// itself or that its apps are known to use. Hence `#[non_exhaustive]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
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

impl Digest {
    /// The name as Rails' settings write it: `"SHA1"`, `"SHA256"`, …
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
            Self::Sha384 => "SHA384",
            Self::Sha512 => "SHA512",
        }
    }

    /// Reads a name as OpenSSL does: in any case, and the SHAs with or without a hyphen.
    ///
    /// (Up to Rails 6.1 the name had to be a Ruby constant, so only `"SHA256"` worked there.)
    ///
    /// # Errors
    /// [`ConfigError::UnknownName`] for any other name.
    ///
    /// ```
    /// use railjar::Digest;
    ///
    /// assert_eq!(Digest::from_name("sha-256")?, Digest::Sha256);
    /// assert_eq!(Digest::Sha256.name(), "SHA256");
    /// # Ok::<(), railjar::ConfigError>(())
    /// ```
    pub fn from_name(name: &str) -> Result<Self, ConfigError> {
        match name.to_ascii_lowercase().as_str() {
            "md5" => Ok(Self::Md5),
            "sha1" | "sha-1" => Ok(Self::Sha1),
            "sha256" | "sha-256" => Ok(Self::Sha256),
            "sha384" | "sha-384" => Ok(Self::Sha384),
            "sha512" | "sha-512" => Ok(Self::Sha512),
            _ => Err(ConfigError::UnknownName { what: "digest" }),
        }
    }

    /// The length of its output in bytes: 20 for SHA-1.
    #[must_use]
    pub const fn output_len(self) -> usize {
        match self {
            Self::Md5 => 16,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    /// The length of its output in hexadecimal digits, as a signed message carries it: 40 for
    /// SHA-1.
    #[must_use]
    pub const fn hex_len(self) -> usize {
        self.output_len().saturating_mul(2)
    }

    /// The digest of `bytes`, as `OpenSSL::Digest.digest` gives it: some apps' own secret
    /// generators are made of it. It stretches nothing, so `bytes` must be a good secret already.
    ///
    /// ```
    /// use railjar::Digest;
    ///
    /// let secret = Digest::Sha512.digest(b"a long random secret, and the salt");
    /// assert_eq!(secret.expose().len(), Digest::Sha512.output_len());
    /// ```
    #[must_use]
    pub fn digest(self, bytes: &[u8]) -> Secret {
        match self {
            Self::Md5 => Secret::new(Md5::digest(bytes).as_slice()),
            Self::Sha1 => Secret::new(Sha1::digest(bytes).as_slice()),
            Self::Sha256 => Secret::new(Sha256::digest(bytes).as_slice()),
            Self::Sha384 => Secret::new(Sha384::digest(bytes).as_slice()),
            Self::Sha512 => Secret::new(Sha512::digest(bytes).as_slice()),
        }
    }
}

/// A cipher that Rails can be configured with.
///
/// As with [`Digest`], OpenSSL knows more; these are the ones that Rails has defaulted to, with the
/// other key lengths of AES. Hence `#[non_exhaustive]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
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

impl Cipher {
    /// The name as Rails' settings write it: `"aes-256-gcm"`, …
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Aes128Cbc => "aes-128-cbc",
            Self::Aes192Cbc => "aes-192-cbc",
            Self::Aes256Cbc => "aes-256-cbc",
            Self::Aes128Gcm => "aes-128-gcm",
            Self::Aes192Gcm => "aes-192-gcm",
            Self::Aes256Gcm => "aes-256-gcm",
        }
    }

    /// Reads a name, in any case as OpenSSL does.
    ///
    /// # Errors
    /// [`ConfigError::UnknownName`] for any other name.
    ///
    /// ```
    /// use railjar::Cipher;
    ///
    /// let cipher = Cipher::from_name("AES-256-GCM")?;
    /// assert_eq!((cipher.key_len(), cipher.iv_len()), (32, 12));
    /// # Ok::<(), railjar::ConfigError>(())
    /// ```
    pub fn from_name(name: &str) -> Result<Self, ConfigError> {
        match name.to_ascii_lowercase().as_str() {
            "aes-128-cbc" => Ok(Self::Aes128Cbc),
            "aes-192-cbc" => Ok(Self::Aes192Cbc),
            "aes-256-cbc" => Ok(Self::Aes256Cbc),
            "aes-128-gcm" => Ok(Self::Aes128Gcm),
            "aes-192-gcm" => Ok(Self::Aes192Gcm),
            "aes-256-gcm" => Ok(Self::Aes256Gcm),
            _ => Err(ConfigError::UnknownName { what: "cipher" }),
        }
    }

    /// The length of its key in bytes.
    #[must_use]
    pub const fn key_len(self) -> usize {
        match self {
            Self::Aes128Cbc | Self::Aes128Gcm => 16,
            Self::Aes192Cbc | Self::Aes192Gcm => 24,
            Self::Aes256Cbc | Self::Aes256Gcm => 32,
        }
    }

    /// The length of its initialization vector in bytes, as Rails draws it.
    #[must_use]
    pub const fn iv_len(self) -> usize {
        if self.is_authenticated() { 12 } else { 16 }
    }

    /// Whether the cipher authenticates by itself (GCM), or needs an HMAC around it (CBC).
    #[must_use]
    pub const fn is_authenticated(self) -> bool {
        matches!(self, Self::Aes128Gcm | Self::Aes192Gcm | Self::Aes256Gcm)
    }

    /// What a key constructor answers to a key that does not fit.
    fn key_length_error(self, key: &[u8]) -> ConfigError {
        ConfigError::KeyLength { expected: self.key_len(), actual: key.len() }
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    /// Bytes from the hexadecimal text in which standards print their vectors.
    pub(super) fn hex(text: &str) -> Vec<u8> {
        let pairs = text.as_bytes().chunks(2);
        pairs.map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
    }

    /// Of `"abc"`: RFC 1321, A.5; FIPS 180-4's examples.
    #[test]
    fn digests_are_those_of_the_standards() {
        for (digest, start) in [
            (Digest::Md5, "900150983cd24fb0"),
            (Digest::Sha1, "a9993e364706816a"),
            (Digest::Sha256, "ba7816bf8f01cfea"),
            (Digest::Sha384, "cb00753f45a35e8b"),
            (Digest::Sha512, "ddaf35a193617aba"),
        ] {
            let hash = digest.digest(b"abc");
            assert_eq!(hash.expose().len(), digest.output_len());
            assert!(hash.expose().starts_with(&hex(start)), "{digest:?}");
        }
    }

    #[test]
    fn names_are_read_as_openssl_reads_them() {
        for digest in [Digest::Md5, Digest::Sha1, Digest::Sha256, Digest::Sha384, Digest::Sha512] {
            assert_eq!(Digest::from_name(digest.name()), Ok(digest));
            assert_eq!(Digest::from_name(&digest.name().to_lowercase()), Ok(digest));
            assert_eq!(digest.hex_len(), 2 * digest.output_len());
        }
        assert_eq!(Digest::from_name("Sha-384"), Ok(Digest::Sha384));
        for wrong in ["", "MD-5", "SHA_256", "SHA-", "-SHA1", "S-HA1", "SHA256 ", "SHA3-256"] {
            let unknown = ConfigError::UnknownName { what: "digest" };
            assert_eq!(Digest::from_name(wrong), Err(unknown), "{wrong}");
        }

        for name in ["aes-128-cbc", "aes-192-cbc", "aes-256-cbc", "aes-128-gcm", "aes-192-gcm"] {
            assert_eq!(Cipher::from_name(&name.to_uppercase()).map(Cipher::name), Ok(name));
        }
        assert!(Cipher::from_name("aes_256_gcm").is_err());
        assert!(Cipher::from_name("aes-256-ctr").is_err());
    }
}
