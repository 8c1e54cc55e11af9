//! Settings and secrets to keys and recipes. Mirrors the constructors of the jars in
//! `action_dispatch/middleware/cookies.rb`: `SignedKeyRotatingCookieJar` and
//! `EncryptedKeyRotatingCookieJar`.

use super::derived::{Derived, KeyUse};
use super::dialect::{EmbeddedExpiry, SecretTokenDigest, SignedDigest};
use super::rotation::{Keys, Scope};
use super::{Dialect, Profile, Rotation, Secrets, Settings};
use crate::cookies::{CookieRules, Cookies, ExpiryRule, PurposeRule};
use crate::crypto::cbc::CbcKey;
use crate::crypto::gcm::GcmKey;
use crate::crypto::hmac::MacKey;
use crate::crypto::{Cipher, Digest};
use crate::envelope::EnvelopeForm;
use crate::error::ConfigError;
use crate::keys::{SIGN_KEY_LEN, SecretKeyBase};
use crate::message::Origin;
use crate::message::lock::Lock;
use crate::rotation::{Recipe, RotationList};
use crate::secret::Secret;
use crate::wire::base64::Alphabet;

/// The jars. Keys that `derived` has are taken from there; the others are put there.
pub(super) fn cookies(
    profile: &Profile,
    secrets: &Secrets,
    derived: &mut Derived,
) -> Result<Cookies, ConfigError> {
    Jars { profile, dialect: profile.dialect(), secrets, derived }.build()
}

impl Dialect {
    pub(crate) fn signed_digest(&self, settings: &Settings) -> Digest {
        match self.cookies.signed_digest {
            SignedDigest::Sha1 => Digest::Sha1,
            SignedDigest::CookiesDigest => settings.cookies_digest.unwrap_or(Digest::Sha1),
            SignedDigest::SignedCookieDigest => {
                settings.signed_cookie_digest.unwrap_or(Digest::Sha1)
            }
        }
    }

    /// The digest of the HMAC of AES-CBC cookies that an app writes.
    pub(crate) fn cbc_digest(&self, settings: &Settings) -> Digest {
        match self.cookies.signed_digest {
            SignedDigest::CookiesDigest => settings.cookies_digest.unwrap_or(Digest::Sha1),
            SignedDigest::Sha1 | SignedDigest::SignedCookieDigest => Digest::Sha1,
        }
    }
}

/// An app's jars under construction.
struct Jars<'p> {
    profile: &'p Profile,
    dialect: Dialect,
    secrets: &'p Secrets,
    derived: &'p mut Derived,
}

impl<'p> Jars<'p> {
    fn build(mut self) -> Result<Cookies, ConfigError> {
        let settings = self.profile.settings();
        let behaviour = &self.dialect.cookies;
        let embeds_expiry = match behaviour.expiry {
            EmbeddedExpiry::Never => false,
            EmbeddedExpiry::WithAuthenticatedEncryption => {
                settings.use_authenticated_cookie_encryption
            }
            EmbeddedExpiry::Always => true,
        };
        let rules = CookieRules {
            reads_purpose: behaviour.purpose,
            writes_purpose: if settings.use_cookies_with_metadata {
                behaviour.purpose
            } else {
                PurposeRule::Without
            },
            expiry: if embeds_expiry { ExpiryRule::Embedded } else { ExpiryRule::AttributeOnly },
            overflow: behaviour.overflow,
            header: behaviour.header,
            set_cookie_name: behaviour.set_cookie_name,
        };
        let signed = self.signed()?;
        let encrypted = match self.encrypted_secret() {
            Some(secret) => Some(self.encrypted(secret)?),
            None => None,
        };
        Ok(Cookies::new(signed, encrypted, rules))
    }

    /// The secret of encrypted cookies, which came with 4.0.
    fn encrypted_secret(&self) -> Option<&'p SecretKeyBase> {
        self.secrets.secret_key_base.as_ref().filter(|_| self.dialect.has_encrypted_cookies())
    }

    fn signed(&mut self) -> Result<RotationList, ConfigError> {
        let settings = self.profile.settings();
        let digest = self.dialect.signed_digest(settings);
        let token = self.secrets.secret_token.as_ref();
        let derives = self.dialect.has_encrypted_cookies();
        let secret = match (self.secrets.secret_key_base.as_ref(), token) {
            (Some(base), _) if derives => self.signed_key(base, settings)?,
            (_, Some(token)) => token.expose().clone(),
            _ => return Err(ConfigError::MissingSecret),
        };
        let mut list = RotationList::new(self.recipe(self.sign(digest, &secret)));
        for rotation in self.profile.rotations(Scope::Signed) {
            let patched = rotation.patch(settings);
            let secret = match rotation.given_keys() {
                Some(Keys { secret, .. }) => secret.clone(),
                None => {
                    let base = self.base_of(rotation)?;
                    self.signed_key(base, &patched)?
                }
            };
            let digest = rotation.old_digest().unwrap_or(digest);
            list.push(self.recipe(self.sign(digest, &secret)), Origin::Configured);
        }
        if let (Some(token), Some(_)) = (token, &self.secrets.secret_key_base)
            && let Some(rule) = self.dialect.cookies.automatic.secret_token
        {
            let digest = match rule {
                SecretTokenDigest::Sha1 => Digest::Sha1,
                SecretTokenDigest::Inherited => digest,
            };
            list.push(self.recipe(self.sign(digest, token.expose())), Origin::SecretToken);
        }
        Ok(list)
    }

    fn encrypted(&mut self, base: &SecretKeyBase) -> Result<RotationList, ConfigError> {
        let settings = self.profile.settings();
        let primary = self.encrypted_lock(base, settings, self.dialect.cbc_digest(settings))?;
        let mut list = RotationList::new(self.recipe(primary));
        for rotation in self.profile.rotations(Scope::Encrypted) {
            let patched = rotation.patch(settings);
            let digest = rotation.old_digest().unwrap_or_else(|| self.dialect.cbc_digest(settings));
            let lock = match rotation.given_keys() {
                Some(keys) => self.given(keys, rotation.old_cipher(), settings, digest)?,
                None => {
                    let base = self.base_of(rotation)?;
                    self.encrypted_lock(base, &patched, digest)?
                }
            };
            list.push(self.recipe(lock), Origin::Configured);
        }
        self.automatic(&mut list, base, settings)?;
        Ok(list)
    }

    /// The rotations that Rails adds by itself, last.
    fn automatic(
        &mut self,
        list: &mut RotationList,
        base: &SecretKeyBase,
        settings: &Settings,
    ) -> Result<(), ConfigError> {
        let automatic = self.dialect.cookies.automatic;
        let legacy_digest = settings.cookies_digest.unwrap_or(Digest::Sha1);
        let has_cbc_salts = !settings.encrypted_cookie_salt.is_empty()
            && !settings.encrypted_signed_cookie_salt.is_empty();
        let other = |authenticated| Settings {
            use_authenticated_cookie_encryption: authenticated,
            ..settings.clone()
        };
        if settings.use_authenticated_cookie_encryption {
            if automatic.legacy_cbc && has_cbc_salts {
                let lock = self.encrypted_lock(base, &other(false), legacy_digest)?;
                list.push(self.recipe(lock), Origin::LegacyCbc);
            }
        } else if automatic.prepare_upgrade
            && !settings.authenticated_encrypted_cookie_salt.is_empty()
        {
            let lock = self.encrypted_lock(base, &other(true), Digest::Sha1)?;
            list.push(self.recipe(lock), Origin::PrepareUpgrade);
        }
        if let (Some(token), Some(rule)) = (&self.secrets.secret_token, automatic.secret_token) {
            let digest = match rule {
                SecretTokenDigest::Sha1 => Digest::Sha1,
                SecretTokenDigest::Inherited => legacy_digest,
            };
            list.push(self.recipe(self.sign(digest, token.expose())), Origin::SecretToken);
        }
        Ok(())
    }

    fn base_of(&self, rotation: &'p Rotation) -> Result<&'p SecretKeyBase, ConfigError> {
        let today = self.secrets.secret_key_base.as_ref();
        rotation.old_secret().or(today).ok_or(ConfigError::MissingSecret)
    }

    fn encrypted_lock(
        &mut self,
        base: &SecretKeyBase,
        settings: &Settings,
        digest: Digest,
    ) -> Result<Lock, ConfigError> {
        let keys = self.encrypted_keys(base, settings)?;
        self.lock(&keys, cipher_of(settings), digest)
    }

    fn signed_key(
        &mut self,
        base: &SecretKeyBase,
        settings: &Settings,
    ) -> Result<Secret, ConfigError> {
        self.derived.key(base, settings, KeyUse::SignedCookies, SIGN_KEY_LEN)
    }

    fn encrypted_keys(
        &mut self,
        base: &SecretKeyBase,
        settings: &Settings,
    ) -> Result<Keys, ConfigError> {
        let length = cipher_of(settings).key_len();
        if settings.use_authenticated_cookie_encryption {
            let used = KeyUse::AuthenticatedEncryptedCookies;
            let secret = self.derived.key(base, settings, used, length)?;
            return Ok(Keys { secret, sign_secret: None });
        }
        let secret = self.derived.key(base, settings, KeyUse::EncryptedCookies, length)?;
        let used = KeyUse::EncryptedSignedCookies;
        let sign_secret = Some(self.derived.key(base, settings, used, SIGN_KEY_LEN)?);
        Ok(Keys { secret, sign_secret })
    }

    /// Keys as a rotation gives them. The cipher is the primary's where none is said.
    fn given(
        &self,
        keys: &Keys,
        cipher: Option<Cipher>,
        settings: &Settings,
        digest: Digest,
    ) -> Result<Lock, ConfigError> {
        self.lock(keys, cipher.unwrap_or_else(|| cipher_of(settings)), digest)
    }

    fn lock(&self, keys: &Keys, cipher: Cipher, digest: Digest) -> Result<Lock, ConfigError> {
        let Keys { secret, sign_secret } = keys;
        let rules = self.dialect.messages;
        Ok(if cipher.is_authenticated() {
            Lock::Gcm {
                key: GcmKey::new(cipher, secret.expose())?,
                framing: rules.gcm(Alphabet::Standard),
            }
        } else {
            let sign_secret = sign_secret.as_ref().unwrap_or(secret);
            Lock::Cbc {
                mac: MacKey::new(digest, sign_secret.expose()),
                key: CbcKey::new(cipher, secret.expose())?,
                framing: rules.cbc(Alphabet::Standard),
            }
        })
    }

    fn sign(&self, digest: Digest, secret: &Secret) -> Lock {
        let framing = self.dialect.messages.signed(Alphabet::Standard);
        Lock::Signed { mac: MacKey::new(digest, secret.expose()), framing }
    }

    fn recipe(&self, lock: Lock) -> Recipe {
        let serializer = self.profile.settings().cookies_serializer;
        Recipe {
            lock,
            serialization: self.dialect.cookie_serialization(serializer),
            detection: self.dialect.messages.detection.of_bytes(),
            form: EnvelopeForm::Legacy,
            enclosed: Alphabet::Standard,
        }
    }
}

pub(crate) fn cipher_of(settings: &Settings) -> Cipher {
    if settings.use_authenticated_cookie_encryption {
        settings.encrypted_cookie_cipher.unwrap_or(Cipher::Aes256Gcm)
    } else {
        Cipher::Aes256Cbc
    }
}
