//! An app's keys and verifiers, from its settings and its secret. Mirrors `Rails::Application`:
//! `key_generator`, `message_verifiers`, `message_verifier` (`rails/application.rb`), and what
//! `active_record/railtie.rb` adds to them.

use super::coordinator::{MessageVerifiers, VerifierOptions};
use super::signed_id;
use crate::error::ConfigError;
use crate::keys::{KeyGenerator, SIGN_KEY_LEN, SecretKeyBase};
use crate::rails::{Feature, LegacySignedIdVerifier, Profile, Secrets};
use crate::secret::Secret;
use crate::verifier::MessageVerifier;

impl Profile {
    /// `Rails.application.key_generator`, which every key of the app comes from.
    #[must_use]
    pub fn key_generator(&self, secret: &SecretKeyBase) -> KeyGenerator {
        let settings = self.settings();
        KeyGenerator::new(secret.expose().clone())
            .digest(settings.key_generator_hash_digest_class)
            .iterations(settings.key_generator_iterations)
    }

    /// `Rails.application.message_verifier(name)` (4.1 and later): a verifier with a key of its
    /// own, derived here. Keep it and share it.
    ///
    /// ```
    /// use railjar::rails::{Profile, Version};
    /// use railjar::{Expected, Metadata, SecretKeyBase, Timestamp};
    ///
    /// let now = Timestamp::from_unix_seconds(1_750_000_000);
    /// let secret = SecretKeyBase::new("the text of secret_key_base")?;
    /// let verifier = Profile::new(Version::V7_1).message_verifier(&secret, "unsubscribe")?;
    ///
    /// let message = verifier.seal(&42, &Metadata::none().purpose("newsletter"))?;
    /// let opened = verifier.open(message.as_bytes(), Expected::Purpose("newsletter"), now)?;
    /// assert_eq!(opened.deserialize::<u64>()?, 42);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`ConfigError::MissingSecret`], and [`ConfigError::NotInThisVersion`] before 4.1 or for a
    /// setting that this Rails does not have.
    pub fn message_verifier(
        &self,
        secrets: impl Into<Secrets>,
        name: &str,
    ) -> Result<MessageVerifier, ConfigError> {
        self.dialect().require(Feature::MessageVerifier)?;
        self.application_verifiers(secrets.into())?.get(name)
    }

    /// `Rails.application.message_verifiers` (7.1 and later): verifiers by their salts, with
    /// rotations that all of them share. The app's defaults are in it already.
    ///
    /// ```
    /// use railjar::messages::VerifierOptions;
    /// use railjar::rails::{Profile, Version};
    /// use railjar::{Digest, SecretKeyBase};
    ///
    /// let (old, new) = (SecretKeyBase::new("last year's")?, SecretKeyBase::new("this year's")?);
    /// let verifiers = Profile::new(Version::V8_0)
    ///     .message_verifiers(&new)?
    ///     .rotate(VerifierOptions::new().secret_key_base(&old)); // still read what it signed
    /// let verifier = verifiers.get("unsubscribe")?;
    /// # Ok::<(), railjar::ConfigError>(())
    /// ```
    ///
    /// # Errors
    /// As [`message_verifier`](Self::message_verifier), before 7.1.
    pub fn message_verifiers(
        &self,
        secrets: impl Into<Secrets>,
    ) -> Result<MessageVerifiers, ConfigError> {
        self.dialect().require(Feature::Coordinators)?;
        self.application_verifiers(secrets.into())
    }

    /// The coordinator that every version's verifiers are built with, also where the app has no
    /// say in it yet.
    pub(super) fn application_verifiers(
        &self,
        secrets: Secrets,
    ) -> Result<MessageVerifiers, ConfigError> {
        self.check_version()?;
        // An app without any secret is told here, not at its first message.
        self.application_secret(&secrets, None)?;
        let profile = self.clone();
        let verifiers = MessageVerifiers::unchecked(self, move |salt, options| {
            match profile.application_secret(&secrets, options.secret_key_base())? {
                Master::Derives(base) => {
                    profile.key_generator(base).generate_key(salt.as_bytes(), SIGN_KEY_LEN)
                }
                Master::IsTheKey(key) => Ok(key.clone()),
            }
        });
        Ok(self.with_legacy_signed_ids(verifiers.rotate_defaults()))
    }

    fn application_secret<'s>(
        &self,
        secrets: &'s Secrets,
        other: Option<&'s SecretKeyBase>,
    ) -> Result<Master<'s>, ConfigError> {
        let token =
            secrets.secret_token.as_ref().filter(|_| self.dialect().has_legacy_key_generator());
        match (other.or(secrets.secret_key_base.as_ref()), token) {
            (Some(base), _) => Ok(Master::Derives(base)),
            (None, Some(token)) => Ok(Master::IsTheKey(token.expose())),
            (None, None) => Err(ConfigError::MissingSecret),
        }
    }

    fn with_legacy_signed_ids(&self, verifiers: MessageVerifiers) -> MessageVerifiers {
        if !self.dialect().coordinates_signed_ids() {
            return verifiers;
        }
        let legacy = signed_id::legacy_options(self);
        let for_signed_ids = move |salt: &str| -> Option<VerifierOptions> {
            (salt == signed_id::SALT).then(|| legacy.clone())
        };
        match self.settings().use_legacy_signed_id_verifier {
            LegacySignedIdVerifier::GenerateAndVerify => verifiers.prepend_with(for_signed_ids),
            LegacySignedIdVerifier::Verify => verifiers.rotate_with(for_signed_ids),
            LegacySignedIdVerifier::Off => verifiers,
        }
    }
}

/// What stands at the beginning of an app's keys.
enum Master<'s> {
    Derives(&'s SecretKeyBase),
    /// `ActiveSupport::LegacyKeyGenerator`.
    IsTheKey(&'s Secret),
}
