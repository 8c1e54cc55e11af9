//! Secrets to keys: Rails' `KeyGenerator`, and every salt and length that Rails uses with it.
//! Mirrors `active_support/key_generator.rb`, `rails/application.rb#key_generator` and the salts in
//! `action_dispatch/railtie.rb`.

use alloc::vec::Vec;
use core::num::NonZeroU32;

use crate::crypto::{Digest, pbkdf2};
use crate::error::ConfigError;
use crate::secret::Secret;

/// The salts of Rails' own keys. Each is a setting that an app may change, but few do.
pub mod salt {
    /// `signed_cookie_salt`: the key of `cookies.signed`, 64 bytes.
    pub const SIGNED_COOKIE: &str = "signed cookie";
    /// `encrypted_cookie_salt`: the cipher key of AES-CBC cookies.
    pub const ENCRYPTED_COOKIE: &str = "encrypted cookie";
    /// `encrypted_signed_cookie_salt`: the HMAC key of AES-CBC cookies, 64 bytes.
    pub const ENCRYPTED_SIGNED_COOKIE: &str = "signed encrypted cookie";
    /// `authenticated_encrypted_cookie_salt`: the key of AES-GCM cookies.
    pub const AUTHENTICATED_ENCRYPTED_COOKIE: &str = "authenticated encrypted cookie";
}

/// The length in bytes of a key for HMAC, and of any key whose length is not asked for.
pub const SIGN_KEY_LEN: usize = 64;

/// The iterations that `Rails.application.key_generator` uses, in every version.
pub const RAILS_ITERATIONS: NonZeroU32 = NonZeroU32::new(1000).unwrap();

/// The iterations of an `ActiveSupport::KeyGenerator` that was not told how many.
pub const DEFAULT_ITERATIONS: NonZeroU32 = NonZeroU32::new(65_536).unwrap();

/// The longest key that is derived, in bytes: far beyond any that Rails asks for, and a bound on
/// the work that a settings file can cause.
const LONGEST_KEY: usize = 4096;

/// An app's `secret_key_base`: the text as it stands in its configuration (Rails does not decode
/// the hexadecimal).
///
/// ```
/// use railjar::SecretKeyBase;
///
/// let secret = SecretKeyBase::new("0f8d…the text of secret_key_base, as it is")?;
/// assert_eq!(format!("{secret:?}"), "SecretKeyBase([redacted])");
/// # Ok::<(), railjar::ConfigError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct SecretKeyBase(Secret);

impl SecretKeyBase {
    /// Takes the bytes as they are. A newline at the end, as a file may have, would count.
    ///
    /// # Errors
    /// [`ConfigError::SecretTooShort`] when `bytes` is empty.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Result<Self, ConfigError> {
        Ok(Self(at_least(1, bytes)?))
    }

    /// The secret bytes.
    #[must_use]
    pub fn expose(&self) -> &Secret {
        &self.0
    }
}

/// An app's `secret_token`, of Rails 3 and of the upgrade path in 4.0 to 5.2: the HMAC key itself,
/// with nothing derived.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretToken(Secret);

impl SecretToken {
    /// Takes the bytes as they are.
    ///
    /// # Errors
    /// [`ConfigError::SecretTooShort`] under 30 bytes, as Rails raises.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Result<Self, ConfigError> {
        Ok(Self(at_least(30, bytes)?))
    }

    /// The secret bytes.
    #[must_use]
    pub fn expose(&self) -> &Secret {
        &self.0
    }
}

fn at_least(minimum: usize, bytes: impl Into<Vec<u8>>) -> Result<Secret, ConfigError> {
    let secret = Secret::new(bytes);
    if secret.expose().len() < minimum {
        return Err(ConfigError::SecretTooShort { minimum });
    }
    Ok(secret)
}

impl core::fmt::Debug for SecretKeyBase {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("SecretKeyBase([redacted])")
    }
}

impl core::fmt::Debug for SecretToken {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("SecretToken([redacted])")
    }
}

/// `ActiveSupport::KeyGenerator`: PBKDF2-HMAC over one secret.
///
/// ```
/// use railjar::{Digest, KeyGenerator, Secret};
///
/// let generator = KeyGenerator::new(Secret::new(*b"secret"))
///     .digest(Digest::Sha256)                  // hash_digest_class of load_defaults 7.0
///     .iterations(railjar::keys::RAILS_ITERATIONS);
/// let key = generator.generate_key(b"signed cookie", 64)?;
/// assert_eq!(key.expose().len(), 64);
/// # Ok::<(), railjar::ConfigError>(())
/// ```
#[derive(Clone, Debug)]
pub struct KeyGenerator {
    secret: Secret,
    digest: Digest,
    iterations: NonZeroU32,
}

impl KeyGenerator {
    /// SHA-1 and [`DEFAULT_ITERATIONS`], as `ActiveSupport::KeyGenerator.new(secret)`.
    #[must_use]
    pub fn new(secret: Secret) -> Self {
        Self { secret, digest: Digest::Sha1, iterations: DEFAULT_ITERATIONS }
    }

    /// The digest inside PBKDF2: `hash_digest_class`.
    #[must_use]
    pub fn digest(self, digest: Digest) -> Self {
        Self { digest, ..self }
    }

    /// The iterations of PBKDF2.
    #[must_use]
    pub fn iterations(self, iterations: NonZeroU32) -> Self {
        Self { iterations, ..self }
    }

    /// Derives `length` bytes; Rails' default length is [`SIGN_KEY_LEN`].
    ///
    /// # Errors
    /// [`ConfigError::Derivation`] when `length` is zero or over 4096.
    pub fn generate_key(&self, salt: &[u8], length: usize) -> Result<Secret, ConfigError> {
        if length == 0 || length > LONGEST_KEY {
            return Err(ConfigError::Derivation);
        }
        Ok(pbkdf2::derive(self.digest, self.secret.expose(), salt, self.iterations, length))
    }
}
