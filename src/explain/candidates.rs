//! What a message is tried with: secrets, names of verifiers, and the app that should read it.
//! Keys are derived from them as they are needed, and kept.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use super::keys::Keyring;
use crate::cookies::Cookies;
use crate::encryptor::MessageEncryptor;
use crate::error::ConfigError;
use crate::keys::{SecretKeyBase, SecretToken};
use crate::rails::{KeyCache, Profile, Secrets, Strictness};
use crate::secret::Secret;
use crate::verifier::MessageVerifier;

/// The secrets that may have made a message, and the app that should read it. All of it may be
/// missing: then [`explain`](super::explain()) says what the text alone tells.
///
/// The first message that is asked about derives keys, which takes some time; they are kept, so
/// ask about all messages of an app with the same `Candidates`.
///
/// ```
/// use railjar::SecretKeyBase;
/// use railjar::explain::Candidates;
/// use railjar::rails::{Profile, Version};
///
/// let secret = SecretKeyBase::new("the text of secret_key_base")?;
/// let last_year = SecretKeyBase::new("that of last year")?;
/// let mut candidates = Candidates::new()
///     .secret_key_base(&secret)
///     .secret_key_base(&last_year)
///     .name("unsubscribe") // Rails.application.message_verifier("unsubscribe")
///     .app(&Profile::new(Version::V7_1))?;
/// # Ok::<(), railjar::ConfigError>(())
/// ```
#[derive(Default)]
#[must_use]
pub struct Candidates {
    pub(super) bases: Vec<SecretKeyBase>,
    pub(super) token: Option<SecretToken>,
    pub(super) given: Vec<Secret>,
    pub(super) names: Vec<String>,
    pub(super) app: App,
    pub(super) slow_keys: SlowKeys,
    pub(super) keyring: Keyring,
    pub(super) cache: KeyCache,
}

/// Whether the keys that take the longest are tried.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum SlowKeys {
    #[default]
    Tried,
    Skipped,
}

/// Who should read the message.
#[derive(Default)]
pub(super) enum App {
    #[default]
    Unknown,
    Cookies(Box<Jars>),
    Verifier(Box<MessageVerifier>),
    Encryptor(Box<MessageEncryptor>),
}

/// An app's profile with its jars.
pub(super) struct Jars {
    pub(super) profile: Profile,
    pub(super) cookies: Cookies,
    /// The jars as a real server of that version has them, leniency included.
    pub(super) lenient: Cookies,
}

impl Candidates {
    /// No secret, no app.
    pub fn new() -> Self {
        Self::default()
    }

    /// A `secret_key_base`: the app's own first, then older ones.
    pub fn secret_key_base(mut self, secret: &SecretKeyBase) -> Self {
        self.bases.push(secret.clone());
        self
    }

    /// The `secret_token` of Rails 3, from which nothing is derived.
    pub fn secret_token(mut self, secret: &SecretToken) -> Self {
        self.token = Some(secret.clone());
        self
    }

    /// Both secrets of an app.
    pub fn secrets(self, secrets: &Secrets) -> Self {
        let with_base = match &secrets.secret_key_base {
            Some(base) => self.secret_key_base(base),
            None => self,
        };
        match &secrets.secret_token {
            Some(token) => with_base.secret_token(token),
            None => with_base,
        }
    }

    /// A key as it is, with nothing derived: the secret of a `MessageVerifier` or
    /// `MessageEncryptor`, or the `sign_secret` of one.
    pub fn key(mut self, key: &Secret) -> Self {
        self.given.push(key.clone());
        self
    }

    /// The name of a verifier or encryptor of the app's own, which is the salt of its key.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.names.push(name.into());
        self
    }

    /// For cookies alone: no app derives the keys of these with the iterations of a key generator that
    /// was not told how many.
    pub(crate) fn without_slow_keys(self) -> Self {
        Self { slow_keys: SlowKeys::Skipped, ..self }
    }

    /// The app whose cookies these are. Its first secret must have been given before.
    ///
    /// # Errors
    /// As [`Profile::cookies`].
    pub fn app(mut self, profile: &Profile) -> Result<Self, ConfigError> {
        let jars = Jars {
            profile: profile.clone(),
            cookies: self.jars(profile)?,
            lenient: self.jars(&profile.clone().strictness(Strictness::AsRails))?,
        };
        self.app = App::Cookies(Box::new(jars));
        Ok(self)
    }

    /// The verifier that should read the messages.
    pub fn verifier(mut self, verifier: &MessageVerifier) -> Self {
        self.app = App::Verifier(Box::new(verifier.clone()));
        self
    }

    /// The encryptor that should read the messages.
    pub fn encryptor(mut self, encryptor: &MessageEncryptor) -> Self {
        self.app = App::Encryptor(Box::new(encryptor.clone()));
        self
    }

    /// Whether there is nothing to open a message with.
    pub(super) fn is_empty(&self) -> bool {
        let none = self.bases.is_empty() && self.token.is_none() && self.given.is_empty();
        none && matches!(self.app, App::Unknown)
    }

    /// The jars of an app with the first secrets.
    pub(super) fn jars(&mut self, profile: &Profile) -> Result<Cookies, ConfigError> {
        let secrets = Secrets {
            secret_key_base: self.bases.first().cloned(),
            secret_token: self.token.clone(),
        };
        profile.cookies_with_cache(secrets, &mut self.cache)
    }
}

impl core::fmt::Debug for Candidates {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Candidates").finish_non_exhaustive()
    }
}
