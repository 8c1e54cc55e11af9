//! What opened a message, as data and in words: which key, how it was derived, what it was used
//! with. No key and no secret is in it.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::{String, ToString as _};
use core::fmt;
use core::num::NonZeroU32;

use crate::crypto::{Cipher, Digest};
use crate::keys::RAILS_ITERATIONS;
use crate::messages::salt as message_salt;

/// How a message was made, as far as opening it tells.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Recipe {
    /// What the key is for in Rails.
    pub used_for: UsedFor,
    /// The cipher; `None` for a message that is only signed.
    pub cipher: Option<Cipher>,
    /// The digest of the HMAC; `None` under AES-GCM, which has none.
    pub digest: Option<Digest>,
    /// Where the key comes from.
    pub key: KeySource,
    /// How the base64 is spelled.
    pub spelling: Spelling,
}

/// Where a key comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeySource {
    /// Derived from a `secret_key_base`.
    Derived {
        /// Which of the candidates' secrets: 0 is the app's own, the rest are the older ones, in
        /// the order in which they were given.
        secret: usize,
        /// The digest inside the key generator.
        digest: Digest,
        /// Its iterations.
        iterations: NonZeroU32,
        /// Its salt.
        salt: String,
    },
    /// The `secret_token`, as it is.
    SecretToken,
    /// A key that was given as it is.
    Given {
        /// Its place among those given.
        index: usize,
    },
}

/// What Rails uses a key for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UsedFor {
    /// `cookies.signed`.
    SignedCookies,
    /// `cookies.encrypted`.
    EncryptedCookies,
    /// Active Record's signed ids.
    SignedIds,
    /// `generates_token_for`.
    TokensFor,
    /// Active Storage's URLs.
    ActiveStorage,
    /// Signed global ids.
    SignedGlobalIds,
    /// A verifier or an encryptor of the app's own, by its name.
    Named(String),
    /// Unknown: the key was given as it is.
    Unknown,
}

/// How base64 is spelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Spelling {
    /// With `+` and `/`, or nothing in it tells.
    Standard,
    /// With `-` and `_`, or without its padding.
    UrlSafe,
    /// It is no base64 that any Rails writes.
    Broken,
}

impl UsedFor {
    /// What a message's key of this salt is for.
    pub(super) fn of_salt(salt: &str) -> Self {
        match salt {
            message_salt::SIGNED_ID => Self::SignedIds,
            message_salt::TOKEN_FOR => Self::TokensFor,
            message_salt::ACTIVE_STORAGE => Self::ActiveStorage,
            message_salt::SIGNED_GLOBAL_IDS => Self::SignedGlobalIds,
            name => Self::Named(name.to_string()),
        }
    }

    /// Whether it is a jar of cookies.
    #[must_use]
    pub fn is_cookie(&self) -> bool {
        matches!(self, Self::SignedCookies | Self::EncryptedCookies)
    }

    /// As a noun: `"a signed cookie"`.
    #[must_use]
    pub fn noun(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::SignedCookies => "a signed cookie",
            Self::EncryptedCookies => "an encrypted cookie",
            Self::SignedIds => "a signed id of Active Record",
            Self::TokensFor => "a token of generates_token_for",
            Self::ActiveStorage => "a message of Active Storage",
            Self::SignedGlobalIds => "a signed global id",
            Self::Named(name) => return Cow::Owned(format!("a message of {name:?}")),
            Self::Unknown => "a message",
        })
    }
}

impl Recipe {
    /// Whether the app's own `secret_key_base` made it, and no older one.
    #[must_use]
    pub fn is_current_secret(&self) -> bool {
        matches!(self.key, KeySource::Derived { secret: 0, .. } | KeySource::SecretToken)
    }

    /// The digest inside the key generator; `None` for a key that was not derived.
    #[must_use]
    pub fn key_digest(&self) -> Option<Digest> {
        match self.key {
            KeySource::Derived { digest, .. } => Some(digest),
            _ => None,
        }
    }
}

/// In words: `AES-256-GCM, key derived by SHA256 from secret_key_base with the salt "…"`.
impl fmt::Display for Recipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(cipher) = self.cipher {
            write!(f, "{}, ", cipher.name().to_uppercase())?;
        }
        if let Some(digest) = self.digest {
            write!(f, "HMAC {}, ", digest.name())?;
        }
        self.key.fmt(f)?;
        if self.spelling == Spelling::UrlSafe {
            f.write_str(", URL-safe")?;
        }
        Ok(())
    }
}

impl fmt::Display for KeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Derived { secret, digest, iterations, salt } => {
                write!(f, "key derived by {} from ", digest.name())?;
                match secret {
                    0 => f.write_str("secret_key_base")?,
                    old => write!(f, "older secret {old}")?,
                }
                write!(f, " with the salt {salt:?}")?;
                if *iterations != RAILS_ITERATIONS {
                    write!(f, " in {iterations} iterations")?;
                }
                Ok(())
            }
            Self::SecretToken => f.write_str("key is secret_token as it is"),
            Self::Given { index } => {
                write!(f, "key given as it is, number {}", index.saturating_add(1))
            }
        }
    }
}
