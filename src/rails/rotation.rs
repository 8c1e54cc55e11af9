//! A rotation: what an app wrote before, as a patch over what it writes now. Mirrors
//! `config.action_dispatch.cookies_rotations` and `messages/rotation_configuration.rb`.

use alloc::string::String;
use core::num::NonZeroU32;

use super::Settings;
use crate::crypto::{Cipher, Digest};
use crate::keys::SecretKeyBase;
use crate::secret::Secret;

/// How this app's cookies were made before: what differs from its settings of today. Whatever is
/// not said is as today, so that `Rotation::new().key_generator_hash_digest_class(Digest::Sha1)` is
/// the whole of what an upgrade to the defaults of Rails 7.0 needs.
///
/// ```
/// use railjar::rails::{Profile, Rotation, Version};
/// use railjar::{Digest, SecretKeyBase};
///
/// let old = SecretKeyBase::new("the secret of last year")?;
/// let profile = Profile::new(Version::V7_1)
///     .rotate(Rotation::new().key_generator_hash_digest_class(Digest::Sha1))
///     .rotate(Rotation::new().secret_key_base(&old));
/// # Ok::<(), railjar::ConfigError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct Rotation {
    secret_key_base: Option<SecretKeyBase>,
    keys: Option<Keys>,
    digest: Option<Digest>,
    encrypted_cookie_cipher: Option<Cipher>,
    use_authenticated_cookie_encryption: Option<bool>,
    key_generator_hash_digest_class: Option<Digest>,
    key_generator_iterations: Option<NonZeroU32>,
    signed_cookie_salt: Option<String>,
    encrypted_cookie_salt: Option<String>,
    encrypted_signed_cookie_salt: Option<String>,
    authenticated_encrypted_cookie_salt: Option<String>,
}

/// Keys that are given instead of derived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Keys {
    pub(crate) secret: Secret,
    pub(crate) sign_secret: Option<Secret>,
}

/// Which cookies a rotation is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    Signed,
    Encrypted,
    Both,
}

impl Rotation {
    /// Nothing changed yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Another `secret_key_base`, from which the keys are derived as today.
    pub fn secret_key_base(self, secret: &SecretKeyBase) -> Self {
        Self { secret_key_base: Some(secret.clone()), ..self }
    }

    /// A key as it is, nothing derived, as in Rails' `rotate :signed, key`: the key of signed
    /// cookies, or the cipher's.
    pub fn key(self, secret: &Secret) -> Self {
        Self { keys: Some(Keys { secret: secret.clone(), sign_secret: None }), ..self }
    }

    /// Two keys as they are, as in Rails' `rotate :encrypted, key, sign_key`: the cipher's, and
    /// that of the HMAC of AES-CBC cookies.
    pub fn keys(self, secret: &Secret, sign_secret: &Secret) -> Self {
        let sign_secret = Some(sign_secret.clone());
        Self { keys: Some(Keys { secret: secret.clone(), sign_secret }), ..self }
    }

    /// Another digest of the HMAC, as in Rails' `rotate :signed, digest: "SHA1"`: that of signed
    /// cookies, and of encrypted ones under AES-CBC.
    pub fn digest(self, digest: Digest) -> Self {
        Self { digest: Some(digest), ..self }
    }

    /// Another cipher.
    pub fn encrypted_cookie_cipher(self, cipher: Cipher) -> Self {
        Self { encrypted_cookie_cipher: Some(cipher), ..self }
    }

    /// Whether encrypted cookies were AES-GCM (with the authenticated salt) or AES-CBC (with the
    /// other two).
    pub fn use_authenticated_cookie_encryption(self, authenticated: bool) -> Self {
        Self { use_authenticated_cookie_encryption: Some(authenticated), ..self }
    }

    /// Another digest inside the key generator.
    pub fn key_generator_hash_digest_class(self, digest: Digest) -> Self {
        Self { key_generator_hash_digest_class: Some(digest), ..self }
    }

    /// Other iterations of the key generator.
    pub fn key_generator_iterations(self, iterations: NonZeroU32) -> Self {
        Self { key_generator_iterations: Some(iterations), ..self }
    }

    /// Another `signed_cookie_salt`.
    pub fn signed_cookie_salt(self, salt: impl Into<String>) -> Self {
        Self { signed_cookie_salt: Some(salt.into()), ..self }
    }

    /// Another `encrypted_cookie_salt`.
    pub fn encrypted_cookie_salt(self, salt: impl Into<String>) -> Self {
        Self { encrypted_cookie_salt: Some(salt.into()), ..self }
    }

    /// Another `encrypted_signed_cookie_salt`.
    pub fn encrypted_signed_cookie_salt(self, salt: impl Into<String>) -> Self {
        Self { encrypted_signed_cookie_salt: Some(salt.into()), ..self }
    }

    /// Another `authenticated_encrypted_cookie_salt`.
    pub fn authenticated_encrypted_cookie_salt(self, salt: impl Into<String>) -> Self {
        Self { authenticated_encrypted_cookie_salt: Some(salt.into()), ..self }
    }

    /// The settings of today with this rotation's over them.
    pub(crate) fn patch(&self, today: &Settings) -> Settings {
        let today = today.clone();
        Settings {
            encrypted_cookie_cipher: self.encrypted_cookie_cipher.or(today.encrypted_cookie_cipher),
            use_authenticated_cookie_encryption: self
                .use_authenticated_cookie_encryption
                .unwrap_or(today.use_authenticated_cookie_encryption),
            key_generator_hash_digest_class: self
                .key_generator_hash_digest_class
                .unwrap_or(today.key_generator_hash_digest_class),
            key_generator_iterations: self
                .key_generator_iterations
                .unwrap_or(today.key_generator_iterations),
            signed_cookie_salt: or(&self.signed_cookie_salt, today.signed_cookie_salt),
            encrypted_cookie_salt: or(&self.encrypted_cookie_salt, today.encrypted_cookie_salt),
            encrypted_signed_cookie_salt: or(
                &self.encrypted_signed_cookie_salt,
                today.encrypted_signed_cookie_salt,
            ),
            authenticated_encrypted_cookie_salt: or(
                &self.authenticated_encrypted_cookie_salt,
                today.authenticated_encrypted_cookie_salt,
            ),
            ..today
        }
    }

    pub(crate) fn old_secret(&self) -> Option<&SecretKeyBase> {
        self.secret_key_base.as_ref()
    }

    pub(crate) fn given_keys(&self) -> Option<&Keys> {
        self.keys.as_ref()
    }

    pub(crate) fn old_digest(&self) -> Option<Digest> {
        self.digest
    }

    /// The cipher of given keys: Rails takes the option as it is.
    pub(crate) fn old_cipher(&self) -> Option<Cipher> {
        self.encrypted_cookie_cipher
    }
}

fn or(patch: &Option<String>, today: String) -> String {
    patch.clone().unwrap_or(today)
}
