//! The secret generator of a coordinator: its block, as Rails calls it.

use alloc::sync::Arc;
use core::fmt;

use crate::error::ConfigError;
use crate::keys::SecretKeyBase;
use crate::secret::Secret;

/// What a secret generator is told besides the salt: Rails' `secret_generator_options`.
#[derive(Clone, Copy, Debug)]
pub struct SecretOptions<'a> {
    pub(super) secret_key_base: Option<&'a SecretKeyBase>,
    pub(super) secret_length: usize,
}

impl SecretOptions<'_> {
    /// `secret_key_base:`, where the options name another than the app's own.
    #[must_use]
    pub fn secret_key_base(&self) -> Option<&SecretKeyBase> {
        self.secret_key_base
    }

    /// `secret_length:` in bytes: the key length of an encryptor's cipher; for verifiers 64, which
    /// is what a key generator gives by itself.
    #[must_use]
    pub fn secret_length(&self) -> usize {
        self.secret_length
    }
}

/// What a secret generator makes: one secret, or two for an encryptor.
#[derive(Clone, Debug)]
pub struct GeneratedSecret {
    pub(super) secret: Secret,
    pub(super) sign_secret: Option<Secret>,
}

impl From<Secret> for GeneratedSecret {
    fn from(secret: Secret) -> Self {
        Self { secret, sign_secret: None }
    }
}

impl From<(Secret, Secret)> for GeneratedSecret {
    fn from((secret, sign_secret): (Secret, Secret)) -> Self {
        Self { secret, sign_secret: Some(sign_secret) }
    }
}

type Generate =
    dyn Fn(&str, &SecretOptions<'_>) -> Result<GeneratedSecret, ConfigError> + Send + Sync;

/// Two are equal when they are one and the same, as with Ruby's blocks.
#[derive(Clone)]
pub(super) struct SecretGenerator(Arc<Generate>);

impl SecretGenerator {
    pub(super) fn new<S, G>(generate: G) -> Self
    where
        S: Into<GeneratedSecret>,
        G: Fn(&str, &SecretOptions<'_>) -> Result<S, ConfigError> + Send + Sync + 'static,
    {
        Self(Arc::new(move |salt, options| generate(salt, options).map(Into::into)))
    }

    pub(super) fn call(
        &self,
        salt: &str,
        options: &SecretOptions<'_>,
    ) -> Result<GeneratedSecret, ConfigError> {
        (self.0)(salt, options)
    }
}

impl PartialEq for SecretGenerator {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for SecretGenerator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretGenerator")
    }
}
