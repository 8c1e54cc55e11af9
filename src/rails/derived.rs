//! The keys of an app's cookies, each derived once: the recipes of one app share most of theirs.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::num::NonZeroU32;

use super::Settings;
use crate::crypto::Digest;
use crate::error::ConfigError;
use crate::keys::{KeyGenerator, SecretKeyBase};
use crate::secret::Secret;

/// What a derived key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyUse {
    /// The HMAC of signed cookies.
    SignedCookies,
    /// The AES-GCM cipher of encrypted cookies.
    AuthenticatedEncryptedCookies,
    /// The AES-CBC cipher of encrypted cookies.
    EncryptedCookies,
    /// The HMAC of AES-CBC cookies.
    EncryptedSignedCookies,
}

impl KeyUse {
    /// In a few words.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::SignedCookies => "signed cookies, HMAC",
            Self::AuthenticatedEncryptedCookies => "encrypted cookies, AES-GCM",
            Self::EncryptedCookies => "encrypted cookies, AES-CBC",
            Self::EncryptedSignedCookies => "encrypted cookies, HMAC of AES-CBC",
        }
    }

    fn salt(self, settings: &Settings) -> &str {
        match self {
            Self::SignedCookies => &settings.signed_cookie_salt,
            Self::AuthenticatedEncryptedCookies => &settings.authenticated_encrypted_cookie_salt,
            Self::EncryptedCookies => &settings.encrypted_cookie_salt,
            Self::EncryptedSignedCookies => &settings.encrypted_signed_cookie_salt,
        }
    }
}

/// A key that an app derives from a `secret_key_base`, and how. See
/// [`Profile::keys`](super::Profile::keys).
#[derive(Clone, PartialEq, Eq)]
pub struct DerivedKey {
    purpose: KeyUse,
    base: Secret,
    digest: Digest,
    iterations: NonZeroU32,
    salt: String,
    length: usize,
    key: Secret,
}

impl DerivedKey {
    /// What it is for.
    #[must_use]
    pub fn purpose(&self) -> KeyUse {
        self.purpose
    }

    /// The salt of the derivation.
    #[must_use]
    pub fn salt(&self) -> &str {
        &self.salt
    }

    /// The digest inside the key generator.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The iterations of the key generator.
    #[must_use]
    pub fn iterations(&self) -> NonZeroU32 {
        self.iterations
    }

    /// The key itself; its length is that of [`Secret::expose`].
    #[must_use]
    pub fn key(&self) -> &Secret {
        &self.key
    }

    /// Whether it is derived from `base`, and not from the secret of a rotation.
    #[must_use]
    pub fn is_derived_from(&self, base: &SecretKeyBase) -> bool {
        self.base == *base.expose()
    }
}

impl fmt::Debug for DerivedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DerivedKey")
            .field("purpose", &self.purpose)
            .field("salt", &self.salt)
            .field("digest", &self.digest)
            .field("iterations", &self.iterations)
            .finish_non_exhaustive()
    }
}

/// Keys that were derived, kept for the next app: Rails' `CachingKeyGenerator`, over more than one
/// secret. Deriving a key takes as long as opening hundreds of cookies.
///
/// It holds a few hundred keys, and starts again from none when that is too little.
///
/// ```
/// use railjar::SecretKeyBase;
/// use railjar::rails::{KeyCache, Profile, Version};
///
/// let secret = SecretKeyBase::new("the secret")?;
/// let mut cache = KeyCache::default();
/// for version in [Version::V7_0, Version::V7_1, Version::V8_0] {
///     let cookies = Profile::new(version).cookies_with_cache(&secret, &mut cache)?;
/// }
/// # Ok::<(), railjar::ConfigError>(())
/// ```
#[derive(Default)]
pub struct KeyCache(Derived);

/// The most keys that are carried over from one app to the next.
const MOST: usize = 256;

impl KeyCache {
    pub(super) fn derived(&mut self) -> &mut Derived {
        if self.0.0.len() > MOST {
            self.0 = Derived::default();
        }
        &mut self.0
    }
}

impl fmt::Debug for KeyCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyCache").finish_non_exhaustive()
    }
}

/// All keys of one app so far.
#[derive(Default)]
pub(super) struct Derived(Vec<DerivedKey>);

impl Derived {
    pub(super) fn key(
        &mut self,
        base: &SecretKeyBase,
        settings: &Settings,
        purpose: KeyUse,
        length: usize,
    ) -> Result<Secret, ConfigError> {
        let (digest, salt) = (settings.key_generator_hash_digest_class, purpose.salt(settings));
        let iterations = settings.key_generator_iterations;
        let base = base.expose();
        let known = self.0.iter().find(|known| {
            (known.length, known.digest, known.iterations) == (length, digest, iterations)
                && (known.salt.as_str(), known.purpose) == (salt, purpose)
                && known.base == *base
        });
        if let Some(known) = known {
            return Ok(known.key.clone());
        }
        let generator = KeyGenerator::new(base.clone()).digest(digest).iterations(iterations);
        let key = generator.generate_key(salt.as_bytes(), length)?;
        let (base, salt) = (base.clone(), salt.into());
        let derived =
            DerivedKey { purpose, base, digest, iterations, salt, length, key: key.clone() };
        self.0.push(derived);
        Ok(key)
    }

    pub(super) fn into_keys(self) -> Vec<DerivedKey> {
        self.0
    }
}
