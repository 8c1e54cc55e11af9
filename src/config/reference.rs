//! Where a secret stands. A settings file refers to its secrets and never holds one.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::Fingerprint;
use crate::error::ConfigError;
use crate::secret::Secret;

/// A reference to a secret: `{ env = "NAME" }`, `{ file = "PATH" }`, `{ credentials = "FOLDER" }` or
/// `{ stdin = true }`, with `encoding = "hex"` where the text found there is hexadecimal, and
/// `fingerprint = "…"` where only one secret is the right one; or that fingerprint alone.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SecretReference {
    /// Where it is.
    pub source: Source,
    /// How it is written there.
    pub encoding: Encoding,
    pub(in crate::config) fingerprint: Option<Fingerprint>,
}

impl SecretReference {
    /// Which secret it must be, if that is said. For whoever compares apps it stands for the secret.
    #[must_use]
    pub fn fingerprint(&self) -> Option<&Fingerprint> {
        self.fingerprint.as_ref()
    }

    /// The same place, with this fingerprint: for a secret that is fetched from elsewhere than the
    /// settings say, and must be the same.
    #[must_use]
    pub fn with_fingerprint(self, fingerprint: Option<Fingerprint>) -> Self {
        Self { fingerprint, ..self }
    }

    /// Fetches, decodes, and checks that it is the secret whose fingerprint was given.
    ///
    /// # Errors
    /// What `fetch` fails with, what [`Encoding::decode`] refuses, [`ConfigError::OtherSecret`],
    /// and [`ConfigError::FingerprintAlone`] where nothing says where the secret is.
    pub fn fetch<E: From<ConfigError>>(
        &self,
        fetch: &mut impl FnMut(&Self) -> Result<Secret, E>,
    ) -> Result<Secret, E> {
        if self.source == Source::Unknown {
            return Err(ConfigError::FingerprintAlone.into());
        }
        let secret = self.encoding.decode(&fetch(self)?)?;
        match &self.fingerprint {
            Some(fingerprint) if *fingerprint != Fingerprint::of(&secret) => {
                Err(ConfigError::OtherSecret.into())
            }
            _ => Ok(secret),
        }
    }
}

/// A place to fetch a secret from.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// An environment variable.
    Env(String),
    /// A file; a relative path starts at the settings file's folder.
    File(String),
    /// A Rails app's encrypted credentials.
    Credentials(Credentials),
    /// Standard input.
    Stdin,
    /// Not said: of the secret, only the fingerprint is known.
    Unknown,
}

/// A secret in a Rails app's encrypted credentials:
/// `{ credentials = "config", environment = "production", name = "old.secret_key_base" }`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Credentials {
    /// The app's `config` folder, with `credentials.yml.enc` and `master.key`; a relative path
    /// starts at the settings file's folder.
    pub folder: String,
    /// Of which environment, where there is `credentials/ENVIRONMENT.yml.enc`; absent, of that
    /// which the process runs in.
    pub environment: Option<String>,
    /// What it is called in the YAML, a dot before each level; absent, `secret_key_base`.
    pub name: Option<String>,
}

/// How the text of a secret is to be understood.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Encoding {
    /// The bytes are the secret, as Rails takes `secret_key_base`.
    #[default]
    Text,
    /// Hexadecimal digits, in either case.
    Hex,
}

impl Encoding {
    /// The secret that `text` spells.
    ///
    /// # Errors
    /// [`ConfigError::NotHexadecimal`] for other text under [`Hex`](Self::Hex).
    pub fn decode(self, text: &Secret) -> Result<Secret, ConfigError> {
        match self {
            Self::Text => Ok(text.clone()),
            Self::Hex => {
                from_hex(text.expose()).map(Secret::new).ok_or(ConfigError::NotHexadecimal)
            }
        }
    }
}

fn from_hex(text: &[u8]) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let pairs = text.chunks(2).map(|pair| match *pair {
        [high, low] => Some(digit(high)? << 4 | digit(low)?),
        _ => None,
    });
    pairs.collect()
}

const SHAPE: &str = "a reference to a secret: { env = \"NAME\" }, { file = \"PATH\" }, \
                     { credentials = \"FOLDER\" } or { stdin = true }";

impl<'de> Deserialize<'de> for SecretReference {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(References)
    }
}

struct References;

impl<'de> Visitor<'de> for References {
    type Value = SecretReference;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(SHAPE)
    }

    /// What stands here is most likely the secret, so it is not quoted.
    fn visit_str<E: de::Error>(self, _secret: &str) -> Result<Self::Value, E> {
        Err(E::custom(format_args!(
            "a secret must not stand in this file, which is read, copied and committed; \
             give {SHAPE}"
        )))
    }

    fn visit_i64<E: de::Error>(self, _secret: i64) -> Result<Self::Value, E> {
        self.visit_str("")
    }

    fn visit_u64<E: de::Error>(self, _secret: u64) -> Result<Self::Value, E> {
        self.visit_str("")
    }

    fn visit_f64<E: de::Error>(self, _secret: f64) -> Result<Self::Value, E> {
        self.visit_str("")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut sources = Vec::new();
        let mut encoding = Encoding::default();
        let (mut environment, mut name, mut fingerprint) = (None, None, None);
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "env" => sources.push(Source::Env(map.next_value()?)),
                "file" => sources.push(Source::File(map.next_value()?)),
                "credentials" => sources.push(Source::Credentials(Credentials {
                    folder: map.next_value()?,
                    environment: None,
                    name: None,
                })),
                "environment" => environment = map.next_value()?,
                "name" => name = map.next_value()?,
                "stdin" => match map.next_value()? {
                    true => sources.push(Source::Stdin),
                    false => return Err(de::Error::custom("stdin can only be true")),
                },
                "encoding" => encoding = map.next_value()?,
                "fingerprint" => fingerprint = Some(map.next_value()?),
                // Not quoted: a secret may have slipped in here.
                _ => return Err(de::Error::custom(format_args!("unknown key in {SHAPE}"))),
            }
        }
        if sources.is_empty() && fingerprint.is_some() {
            sources.push(Source::Unknown);
        }
        match <[Source; 1]>::try_from(sources) {
            Ok([Source::Credentials(Credentials { folder, .. })]) => {
                let source = Source::Credentials(Credentials { folder, environment, name });
                Ok(SecretReference { source, encoding, fingerprint })
            }
            Ok(_) if environment.is_some() || name.is_some() => Err(de::Error::custom(
                "environment and name belong to { credentials = \"FOLDER\" }",
            )),
            Ok([source]) => Ok(SecretReference { source, encoding, fingerprint }),
            Err(_) => Err(de::Error::custom(format_args!("give exactly one source, as {SHAPE}"))),
        }
    }
}
