//! Which versions of Rails write cookies like one that was opened, with which `load_defaults`, and
//! by which settings an app would be told to.

use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use super::found::{Contents, Found};
use super::recipe::{KeySource, UsedFor};
use crate::crypto::{Cipher, Digest};
use crate::envelope::EnvelopeForm;
use crate::keys::{RAILS_ITERATIONS, salt};
use crate::message::Matched;
use crate::rails::{CookieKind, Profile, Version};
use crate::serializer::Format;

/// The apps whose own cookies look like the one that was found, as far as their defaults go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Looks {
    /// The versions, oldest first.
    pub versions: Vec<Version>,
    /// What they said by `config.load_defaults`; `None` for an app that never says it.
    pub load_defaults: Vec<Option<Version>>,
}

impl Found {
    /// The apps whose own cookies look so. None for what is no cookie, and for a cookie whose app
    /// has changed a default.
    #[must_use]
    pub fn looks(&self) -> Looks {
        let mut looks = Looks::default();
        let Ok(contents) = &self.contents else { return looks };
        let Some(kind) = self.kind() else { return looks };
        for version in Version::ALL {
            let newer = Version::ALL.into_iter().filter(|it| version.can_load_defaults(*it));
            for defaults in core::iter::once(None).chain(newer.map(Some)) {
                let profile = match defaults {
                    None => Profile::without_defaults(version),
                    Some(defaults) => match Profile::load_defaults(version, defaults) {
                        Ok(profile) => profile,
                        Err(_) => continue,
                    },
                };
                if !self.looks_like(kind, contents, &profile) {
                    continue;
                }
                if !looks.versions.contains(&version) {
                    looks.versions.push(version);
                }
                if !looks.load_defaults.contains(&defaults) {
                    looks.load_defaults.push(defaults);
                }
            }
        }
        looks.load_defaults.sort();
        looks
    }

    /// The jar that it is from.
    #[must_use]
    pub fn kind(&self) -> Option<CookieKind> {
        match self.recipe.used_for {
            UsedFor::SignedCookies => Some(CookieKind::Signed),
            UsedFor::EncryptedCookies => Some(CookieKind::Encrypted),
            _ => None,
        }
    }

    fn looks_like(&self, kind: CookieKind, contents: &Contents, profile: &Profile) -> bool {
        let Some(own) = profile.recipe(kind, Matched::Primary) else { return false };
        let (version, settings) = (profile.version(), profile.settings());
        let key = match &self.recipe.key {
            KeySource::Derived { digest, iterations, .. } => {
                version > Version::V3_2
                    && Some(*digest) == own.key_digest
                    && *iterations == RAILS_ITERATIONS
                    && self.custom_salt().is_none()
            }
            KeySource::SecretToken => version == Version::V3_2 && kind == CookieKind::Signed,
            KeySource::Given { .. } => false,
        };
        let format = match contents.format {
            Format::Json => version >= Version::V4_1,
            Format::MessagePack => version >= Version::V7_1,
            _ => true,
        };
        let metadata = settings.use_cookies_with_metadata;
        let envelope = match (contents.envelope, &contents.purpose) {
            (EnvelopeForm::Legacy, Some(_)) => metadata,
            (EnvelopeForm::Legacy, None) if version == Version::V5_2 => {
                settings.use_authenticated_cookie_encryption
            }
            (EnvelopeForm::Legacy, None) => version >= Version::V6_0 && !metadata,
            _ => !metadata,
        };
        let same = (own.cipher, own.digest) == (self.recipe.cipher, self.recipe.digest);
        key && format && envelope && same
    }

    /// The salt, if it is not Rails' own.
    pub(super) fn custom_salt(&self) -> Option<&str> {
        let KeySource::Derived { salt, .. } = &self.recipe.key else { return None };
        let rails = [
            salt::SIGNED_COOKIE,
            salt::ENCRYPTED_COOKIE,
            salt::ENCRYPTED_SIGNED_COOKIE,
            salt::AUTHENTICATED_ENCRYPTED_COOKIE,
        ];
        (!rails.contains(&salt.as_str())).then_some(salt)
    }

    /// The settings of a [`Profile`] that writes such cookies, by their names in a settings file.
    /// Empty for what is no cookie.
    #[must_use]
    pub fn settings(&self) -> Vec<(&'static str, String)> {
        let (Some(kind), Ok(contents)) = (self.kind(), &self.contents) else { return Vec::new() };
        let mut settings = Vec::new();
        let mut set =
            |name, value: &dyn core::fmt::Display| settings.push((name, value.to_string()));
        if let KeySource::Derived { digest, iterations, .. } = &self.recipe.key {
            set("key_generator_hash_digest_class", &digest.name());
            if *iterations != RAILS_ITERATIONS {
                set("key_generator_iterations", iterations);
            }
        }
        let authenticated = self.recipe.cipher.is_some_and(Cipher::is_authenticated);
        if kind == CookieKind::Encrypted {
            set("use_authenticated_cookie_encryption", &authenticated);
        }
        if let Some(cipher) = self.recipe.cipher
            && !matches!(cipher, Cipher::Aes256Gcm | Cipher::Aes256Cbc)
        {
            set("encrypted_cookie_cipher", &cipher.name());
        }
        if let Some(digest) = self.recipe.digest.filter(|digest| *digest != Digest::Sha1) {
            let name = match kind {
                CookieKind::Signed => "signed_cookie_digest",
                CookieKind::Encrypted => "cookies_digest",
            };
            set(name, &digest.name());
        }
        if let Some(salt) = self.custom_salt() {
            set(salt_setting(kind, authenticated), &salt);
        }
        let serializer = match contents.format {
            Format::Bytes => None,
            format => Some(format.name()),
        };
        if let Some(serializer) = serializer {
            set("cookies_serializer", &serializer);
        }
        if contents.envelope == EnvelopeForm::Legacy {
            set("use_cookies_with_metadata", &contents.purpose.is_some());
        }
        settings
    }
}

/// The setting of the salt that a cookie's own HMAC or cipher has.
pub(super) fn salt_setting(kind: CookieKind, authenticated: bool) -> &'static str {
    match (kind, authenticated) {
        (CookieKind::Signed, _) => "signed_cookie_salt",
        (CookieKind::Encrypted, true) => "authenticated_encrypted_cookie_salt",
        (CookieKind::Encrypted, false) => "encrypted_signed_cookie_salt",
    }
}

impl Looks {
    /// Whether no app writes so by its defaults alone.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.versions.is_empty()
    }
}

/// In words: `load_defaults 7.0 or later, on Rails 7.0 or later`.
impl core::fmt::Display for Looks {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let (Some(first), Some(last)) = (self.versions.first(), self.versions.last()) else {
            return f.write_str("no Rails by its defaults alone");
        };
        let set: Vec<Version> = self.load_defaults.iter().filter_map(|it| *it).collect();
        let is_unset = self.load_defaults.contains(&None);
        let defaults = match (set.first(), set.last()) {
            (Some(first), Some(last)) => {
                let set = format!("load_defaults {}", span(*first, *last));
                let unset = if is_unset { " or none" } else { "" };
                Some(format!("{set}{unset}, on "))
            }
            // Before 5.1 there is nothing to say.
            _ if *last >= Version::V5_1 => Some("without load_defaults, on ".to_string()),
            _ => None,
        };
        write!(f, "{}Rails {}", defaults.unwrap_or_default(), span(*first, *last))
    }
}

fn span(first: Version, last: Version) -> String {
    if first == last {
        first.to_string()
    } else if last == Version::NEWEST {
        format!("{first} or later")
    } else {
        format!("{first} to {last}")
    }
}
