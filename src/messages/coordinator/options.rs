//! The options of one codec in a coordinator, by their Rails names, and the codec they make.

use super::secret::{GeneratedSecret, SecretGenerator, SecretOptions};
use crate::crypto::{Cipher, Digest};
use crate::encryptor::MessageEncryptor;
use crate::envelope::EnvelopeForm;
use crate::error::ConfigError;
use crate::keys::{SIGN_KEY_LEN, SecretKeyBase};
use crate::rails::Profile;
use crate::serializer::Serializer;
use crate::verifier::MessageVerifier;
use crate::wire::base64::Alphabet;

/// Options of one verifier in [`MessageVerifiers`](super::MessageVerifiers). What is not said is as
/// the app's settings have it.
#[derive(Clone, Debug, Default, PartialEq)]
#[must_use]
pub struct VerifierOptions {
    codec: CodecOptions,
}

/// Options of one encryptor in [`MessageEncryptors`](super::MessageEncryptors). What is not said is
/// as the app's settings have it.
#[derive(Clone, Debug, Default, PartialEq)]
#[must_use]
pub struct EncryptorOptions {
    codec: CodecOptions,
    cipher: Option<Cipher>,
}

#[derive(Clone, Debug, PartialEq)]
struct CodecOptions {
    secret_key_base: Option<SecretKeyBase>,
    secret_generator: Option<SecretGenerator>,
    digest: Digest,
    serializer: Option<Serializer>,
    alphabet: Alphabet,
    form: Option<EnvelopeForm>,
}

impl Default for CodecOptions {
    fn default() -> Self {
        Self {
            secret_key_base: None,
            secret_generator: None,
            digest: Digest::Sha1,
            serializer: None,
            alphabet: Alphabet::Standard,
            form: None,
        }
    }
}

impl CodecOptions {
    fn secret(
        &self,
        salt: &str,
        generator: &SecretGenerator,
        secret_length: usize,
    ) -> Result<GeneratedSecret, ConfigError> {
        let secret_key_base = self.secret_key_base.as_ref();
        let generator = self.secret_generator.as_ref().unwrap_or(generator);
        generator.call(salt, &SecretOptions { secret_key_base, secret_length })
    }

    fn serializer(&self, profile: &Profile) -> Serializer {
        self.serializer.unwrap_or(profile.settings().message_serializer)
    }

    fn form(&self, profile: &Profile) -> EnvelopeForm {
        let default = match profile.settings().use_message_serializer_for_metadata {
            true => EnvelopeForm::Serializer,
            false => EnvelopeForm::Legacy,
        };
        self.form.unwrap_or(default)
    }
}

macro_rules! codec_options {
    ($options:ty) => {
        impl $options {
            /// The defaults.
            pub fn new() -> Self {
                Self::default()
            }

            /// `secret_key_base:`: another than the app's own, for the app's own secret generator.
            pub fn secret_key_base(mut self, secret: &SecretKeyBase) -> Self {
                self.codec.secret_key_base = Some(secret.clone());
                self
            }

            /// `secret_generator:`: another than the coordinator's.
            pub fn secret_generator<S, G>(mut self, generator: G) -> Self
            where
                S: Into<GeneratedSecret>,
                G: Fn(&str, &SecretOptions<'_>) -> Result<S, ConfigError> + Send + Sync + 'static,
            {
                self.codec.secret_generator = Some(SecretGenerator::new(generator));
                self
            }

            /// `digest:` of the HMAC.
            pub fn digest(mut self, digest: Digest) -> Self {
                self.codec.digest = digest;
                self
            }

            /// `serializer:`.
            pub fn serializer(mut self, serializer: Serializer) -> Self {
                self.codec.serializer = Some(serializer);
                self
            }

            /// `url_safe: true`.
            pub fn url_safe(mut self) -> Self {
                self.codec.alphabet = Alphabet::UrlSafe;
                self
            }

            /// `force_legacy_metadata_serializer: true`, or the other form.
            pub fn metadata_form(mut self, form: EnvelopeForm) -> Self {
                self.codec.form = Some(form);
                self
            }
        }
    };
}

codec_options! { VerifierOptions }
codec_options! { EncryptorOptions }

impl VerifierOptions {
    pub(super) fn build(
        &self,
        salt: &str,
        profile: &Profile,
        generator: &SecretGenerator,
    ) -> Result<MessageVerifier, ConfigError> {
        let Self { codec } = self;
        let secret = codec.secret(salt, generator, SIGN_KEY_LEN)?.secret;
        let verifier = MessageVerifier::with_rules(&secret, profile.dialect().messages())
            .digest(codec.digest)
            .serializer(codec.serializer(profile))
            .metadata_form(codec.form(profile));
        Ok(match codec.alphabet {
            Alphabet::Standard => verifier,
            Alphabet::UrlSafe | Alphabet::UrlSafePadded => verifier.url_safe(),
        })
    }
}

impl EncryptorOptions {
    /// `cipher:`.
    pub fn cipher(mut self, cipher: Cipher) -> Self {
        self.cipher = Some(cipher);
        self
    }

    pub(super) fn build(
        &self,
        salt: &str,
        profile: &Profile,
        generator: &SecretGenerator,
    ) -> Result<MessageEncryptor, ConfigError> {
        let Self { codec, cipher } = self;
        // message_encryptor.rb#default_cipher
        let default = match profile.settings().use_authenticated_message_encryption {
            true => Cipher::Aes256Gcm,
            false => Cipher::Aes256Cbc,
        };
        let cipher = cipher.unwrap_or(default);
        let GeneratedSecret { secret, sign_secret } =
            codec.secret(salt, generator, cipher.key_len())?;
        let rules = profile.dialect().messages();
        let mut encryptor = MessageEncryptor::with_rules(&secret, cipher, rules)?
            .digest(codec.digest)
            .serializer(codec.serializer(profile))
            .metadata_form(codec.form(profile));
        if let Some(sign_secret) = sign_secret {
            encryptor = encryptor.sign_secret(&sign_secret);
        }
        Ok(match codec.alphabet {
            Alphabet::Standard => encryptor,
            Alphabet::UrlSafe | Alphabet::UrlSafePadded => encryptor.url_safe(),
        })
    }
}
