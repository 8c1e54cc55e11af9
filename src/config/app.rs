//! The settings file of an app: its version, its `load_defaults`, its settings, its rotations, and
//! where its secrets stand.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::num::NonZeroU32;

use serde::{Deserialize, Deserializer, de};

use super::{SecretReference, Settings, named};
use crate::crypto::{Cipher, Digest};
use crate::error::ConfigError;
use crate::keys::{SecretKeyBase, SecretToken};
use crate::rails::{Profile, Rotation, Secrets, Strictness, Version};
use crate::secret::Secret;

/// A settings file. Unknown keys are errors, at every level.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct App {
    /// The version of Rails.
    #[serde(deserialize_with = "version")]
    pub rails: Version,
    /// `config.load_defaults`; absent, that of the version itself.
    #[serde(default)]
    pub load_defaults: LoadDefaults,
    /// Whether to take what this Rails takes, or only what Rails writes.
    #[serde(default, deserialize_with = "strictness")]
    pub strictness: Strictness,
    /// Where the secrets are.
    #[serde(default)]
    pub secrets: SecretReferences,
    /// Settings over the defaults.
    #[serde(default)]
    pub settings: Settings,
    /// What is also read, in order.
    #[serde(default)]
    pub rotations: Vec<RotationEntry>,
    /// The app's cookies.
    #[serde(default)]
    pub cookies: AppCookies,
}

/// `config.load_defaults`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum LoadDefaults {
    /// Of the app's own version, as a new app has it; none before 5.1.
    #[default]
    Own,
    /// Never said: `"none"`.
    None,
    /// Of this version.
    Of(Version),
}

/// Where the app's secrets are.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct SecretReferences {
    /// `secret_key_base`.
    pub secret_key_base: Option<SecretReference>,
    /// `secret_token`, of Rails 3 and of the upgrade path in 4.0 to 5.2.
    pub secret_token: Option<SecretReference>,
}

/// The app's cookies.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct AppCookies {
    /// The session cookie.
    pub session: Option<SessionCookie>,
}

/// `config.session_store :cookie_store, key: …`.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct SessionCookie {
    /// The cookie's name: `key:` in Rails.
    pub name: String,
}

/// Which cookies a rotation is for.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum RotationFor {
    /// `cookies_rotations.rotate :signed`.
    Signed,
    /// `cookies_rotations.rotate :encrypted`.
    Encrypted,
    /// Both of them.
    #[default]
    Both,
}

/// A rotation: what differs from the settings of today, by the names of [`Rotation`].
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the rest are methods of `rails::Rotation`, described there")]
pub struct RotationEntry {
    /// Which cookies it is for.
    #[serde(rename = "for")]
    pub cookies: RotationFor,
    /// Another `secret_key_base`.
    pub secret_key_base: Option<SecretReference>,
    /// A key as it is, nothing derived.
    pub key: Option<SecretReference>,
    /// The HMAC key beside it, of AES-CBC cookies.
    pub sign_key: Option<SecretReference>,
    #[serde(deserialize_with = "named")]
    pub digest: Option<Digest>,
    #[serde(deserialize_with = "named", alias = "cipher")]
    pub encrypted_cookie_cipher: Option<Cipher>,
    pub use_authenticated_cookie_encryption: Option<bool>,
    #[serde(deserialize_with = "named")]
    pub key_generator_hash_digest_class: Option<Digest>,
    pub key_generator_iterations: Option<NonZeroU32>,
    pub signed_cookie_salt: Option<String>,
    pub encrypted_cookie_salt: Option<String>,
    pub encrypted_signed_cookie_salt: Option<String>,
    pub authenticated_encrypted_cookie_salt: Option<String>,
}

impl App {
    /// The profile. `fetch` fetches the secrets of rotations: the text that stands where the
    /// reference points.
    ///
    /// # Errors
    /// What `fetch` fails with, and [`ConfigError`] for a `load_defaults` that the version does not
    /// take or a secret that cannot be one.
    pub fn profile<E: From<ConfigError>>(
        &self,
        fetch: &mut impl FnMut(&SecretReference) -> Result<Secret, E>,
    ) -> Result<Profile, E> {
        let profile = match self.load_defaults {
            LoadDefaults::Own => Profile::new(self.rails),
            LoadDefaults::None => Profile::without_defaults(self.rails),
            LoadDefaults::Of(defaults) => Profile::load_defaults(self.rails, defaults)?,
        };
        let mut profile = self.settings.clone().apply(profile.strictness(self.strictness));
        for entry in &self.rotations {
            let rotation = entry.rotation(fetch)?;
            profile = match entry.cookies {
                RotationFor::Signed => profile.rotate_signed(rotation),
                RotationFor::Encrypted => profile.rotate_encrypted(rotation),
                RotationFor::Both => profile.rotate(rotation),
            };
        }
        Ok(profile)
    }

    /// The app's secrets, fetched by `fetch`.
    ///
    /// # Errors
    /// As [`profile`](Self::profile).
    pub fn secrets<E: From<ConfigError>>(
        &self,
        fetch: &mut impl FnMut(&SecretReference) -> Result<Secret, E>,
    ) -> Result<Secrets, E> {
        let mut secrets = Secrets::new();
        if let Some(reference) = &self.secrets.secret_key_base {
            let secret = reference.fetch(fetch)?;
            secrets = secrets.secret_key_base(&SecretKeyBase::new(secret.expose())?);
        }
        if let Some(reference) = &self.secrets.secret_token {
            let secret = reference.fetch(fetch)?;
            secrets = secrets.secret_token(&SecretToken::new(secret.expose())?);
        }
        Ok(secrets)
    }
}

impl RotationEntry {
    fn rotation<E: From<ConfigError>>(
        &self,
        fetch: &mut impl FnMut(&SecretReference) -> Result<Secret, E>,
    ) -> Result<Rotation, E> {
        let mut rotation = Rotation::new();
        if let Some(reference) = &self.secret_key_base {
            let secret = reference.fetch(fetch)?;
            rotation = rotation.secret_key_base(&SecretKeyBase::new(secret.expose())?);
        }
        match (&self.key, &self.sign_key) {
            (Some(key), None) => rotation = rotation.key(&key.fetch(fetch)?),
            (Some(key), Some(sign_key)) => {
                rotation = rotation.keys(&key.fetch(fetch)?, &sign_key.fetch(fetch)?);
            }
            (None, Some(_)) => return Err(ConfigError::MissingSecret.into()),
            (None, None) => {}
        }
        macro_rules! apply {
            ($($setting:ident)*) => {
                $(if let Some(value) = self.$setting.clone() {
                    rotation = rotation.$setting(value);
                })*
            };
        }
        apply! {
            digest encrypted_cookie_cipher use_authenticated_cookie_encryption
            key_generator_hash_digest_class key_generator_iterations signed_cookie_salt
            encrypted_cookie_salt encrypted_signed_cookie_salt authenticated_encrypted_cookie_salt
        }
        Ok(rotation)
    }
}

impl<'de> Deserialize<'de> for LoadDefaults {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Numbered(|text: &str| match text {
            "none" => Ok(Self::None),
            _ => Version::from_name(text).map(Self::Of),
        }))
    }
}

fn version<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Version, D::Error> {
    deserializer.deserialize_any(Numbered(Version::from_name))
}

/// Reads a version, which must stand in quotes: 7.10 would be the number 7.1.
struct Numbered<F>(F);

impl<T, F: FnOnce(&str) -> Result<T, ConfigError>> de::Visitor<'_> for Numbered<F> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a version of Rails in quotes, as \"7.1\"")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        (self.0)(text).map_err(E::custom)
    }
}

fn strictness<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Strictness, D::Error> {
    #[derive(Deserialize)]
    #[serde(rename_all = "kebab-case")]
    enum Named {
        Strict,
        AsRails,
    }

    Ok(match Named::deserialize(deserializer)? {
        Named::Strict => Strictness::Strict,
        Named::AsRails => Strictness::AsRails,
    })
}
