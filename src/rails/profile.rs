//! An app: its version, its `load_defaults`, its settings, its rotations.

use alloc::string::String;
use alloc::vec::Vec;
use core::num::NonZeroU32;

use super::derived::{Derived, DerivedKey, KeyCache};
use super::rotation::Scope;
use super::{
    CookieKind, Dialect, LegacySignedIdVerifier, RecipeSummary, Rotation, SameSite, Settings,
    Strictness, Version, resolve,
};
use crate::cookies::Cookies;
use crate::crypto::{Cipher, Digest};
use crate::error::ConfigError;
use crate::keys::{SecretKeyBase, SecretToken};
use crate::message::Matched;
use crate::serializer::Serializer;

/// A Rails app as far as its cookies go, in Rails' own names.
///
/// ```
/// use railjar::rails::{Profile, Rotation, Version};
/// use railjar::{Digest, SecretKeyBase, Timestamp};
///
/// let secret = SecretKeyBase::new("the text of secret_key_base")?;
/// let cookies = Profile::new(Version::V7_1) // Rails 7.1 with its load_defaults
///     .rotate(Rotation::new().key_generator_hash_digest_class(Digest::Sha1)) // read what 6.1 wrote
///     .cookies(&secret)?; // the keys are derived here, once
///
/// let now = Timestamp::from_unix_seconds(1_750_000_000);
/// assert!(cookies.encrypted("_app_session").open(b"not a cookie", now).is_err());
/// # Ok::<(), railjar::ConfigError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Profile {
    version: Version,
    settings: Settings,
    rotations: Vec<(Scope, Rotation)>,
    strictness: Strictness,
}

/// The secrets of an app. Most have a `secret_key_base` alone.
///
/// ```compile_fail,E0277
/// let written = serde_json::to_string(&railjar::rails::Secrets::new());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct Secrets {
    pub(crate) secret_key_base: Option<SecretKeyBase>,
    pub(crate) secret_token: Option<SecretToken>,
}

impl Secrets {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The `secret_key_base`.
    pub fn secret_key_base(self, secret: &SecretKeyBase) -> Self {
        Self { secret_key_base: Some(secret.clone()), ..self }
    }

    /// The `secret_token` of Rails 3, which 4.0 to 5.2 can still read.
    pub fn secret_token(self, secret: &SecretToken) -> Self {
        Self { secret_token: Some(secret.clone()), ..self }
    }
}

impl From<&SecretKeyBase> for Secrets {
    fn from(secret: &SecretKeyBase) -> Self {
        Self::new().secret_key_base(secret)
    }
}

impl From<&SecretToken> for Secrets {
    fn from(secret: &SecretToken) -> Self {
        Self::new().secret_token(secret)
    }
}

impl From<&Self> for Secrets {
    fn from(secrets: &Self) -> Self {
        secrets.clone()
    }
}

impl Profile {
    /// A new app of this version: with its own `load_defaults`, from 5.1 on.
    pub fn new(version: Version) -> Self {
        let defaults = version.can_load_defaults(version).then_some(version);
        Self::with_settings(version, Settings::new(version, defaults))
    }

    /// An app that never says `config.load_defaults`, as those that were upgraded from before 5.1.
    pub fn without_defaults(version: Version) -> Self {
        Self::with_settings(version, Settings::new(version, None))
    }

    /// An app of `version` that says `config.load_defaults` with an older one.
    ///
    /// # Errors
    /// [`ConfigError::NotInThisVersion`] where that Rails would raise.
    pub fn load_defaults(version: Version, defaults: Version) -> Result<Self, ConfigError> {
        if !version.can_load_defaults(defaults) {
            return Err(ConfigError::NotInThisVersion { setting: "load_defaults".into() });
        }
        Ok(Self::with_settings(version, Settings::new(version, Some(defaults))))
    }

    /// An app with these very settings.
    pub(crate) fn of(version: Version, settings: Settings) -> Self {
        Self::with_settings(version, settings)
    }

    /// The same settings and rotations in another version.
    pub(crate) fn on(self, version: Version) -> Self {
        Self { version, ..self }
    }

    fn with_settings(version: Version, settings: Settings) -> Self {
        Self { version, settings, rotations: Vec::new(), strictness: Strictness::default() }
    }

    /// The version.
    #[must_use]
    pub fn version(&self) -> Version {
        self.version
    }

    /// The settings as they stand.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// How this app behaves: its version's dialect, strict unless
    /// [`strictness`](Self::strictness) says otherwise, with its settings of JSON's text.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        let dialect = self.version.dialect();
        let dialect = match self.strictness {
            Strictness::Strict => dialect.strict(),
            Strictness::AsRails => dialect,
        };
        dialect.with_settings(&self.settings)
    }

    /// Whether to take what this Rails takes, or only what Rails writes.
    pub fn strictness(self, strictness: Strictness) -> Self {
        Self { strictness, ..self }
    }

    /// Also reads signed and encrypted cookies that were made with `rotation`.
    pub fn rotate(self, rotation: Rotation) -> Self {
        self.rotate_scope(Scope::Both, rotation)
    }

    /// Also reads signed cookies that were made with `rotation`: `cookies_rotations.rotate :signed`.
    pub fn rotate_signed(self, rotation: Rotation) -> Self {
        self.rotate_scope(Scope::Signed, rotation)
    }

    /// Also reads encrypted cookies that were made with `rotation`:
    /// `cookies_rotations.rotate :encrypted`.
    pub fn rotate_encrypted(self, rotation: Rotation) -> Self {
        self.rotate_scope(Scope::Encrypted, rotation)
    }

    fn rotate_scope(mut self, scope: Scope, rotation: Rotation) -> Self {
        self.rotations.push((scope, rotation));
        self
    }

    /// The cookie jars: derives all keys, once. Keep the result and share it.
    ///
    /// # Errors
    /// [`ConfigError::MissingSecret`], [`ConfigError::KeyLength`] for a rotation's own key, and
    /// [`ConfigError::NotInThisVersion`] for a setting that this Rails does not have.
    pub fn cookies(&self, secrets: impl Into<Secrets>) -> Result<Cookies, ConfigError> {
        self.check_version()?;
        resolve::cookies(self, &secrets.into(), &mut Derived::default())
    }

    /// As [`cookies`](Self::cookies), but for keys that `cache` has already: for whoever makes the
    /// jars of several apps or settings with the same secret.
    ///
    /// # Errors
    /// As [`cookies`](Self::cookies).
    pub fn cookies_with_cache(
        &self,
        secrets: impl Into<Secrets>,
        cache: &mut KeyCache,
    ) -> Result<Cookies, ConfigError> {
        self.check_version()?;
        resolve::cookies(self, &secrets.into(), cache.derived())
    }

    /// Every key that [`cookies`](Self::cookies) derives, each once: those that write first, then
    /// those of the rotations, Rails' own included. Keys that are given and not derived (a
    /// rotation's, a `secret_token`) are not among them.
    ///
    /// # Errors
    /// As [`cookies`](Self::cookies).
    pub fn keys(&self, secrets: impl Into<Secrets>) -> Result<Vec<DerivedKey>, ConfigError> {
        self.check_version()?;
        let mut derived = Derived::default();
        resolve::cookies(self, &secrets.into(), &mut derived)?;
        Ok(derived.into_keys())
    }

    /// What the recipe that opened one of this app's cookies is made of; `None` for a rotation
    /// that it does not have.
    #[must_use]
    pub fn recipe(&self, kind: CookieKind, matched: Matched) -> Option<RecipeSummary> {
        RecipeSummary::of(self, kind, matched)
    }

    pub(crate) fn rotations(&self, scope: Scope) -> impl Iterator<Item = &Rotation> {
        let wanted = move |(of, _): &&(Scope, Rotation)| *of == scope || *of == Scope::Both;
        self.rotations.iter().filter(wanted).map(|(_, rotation)| rotation)
    }

    /// Where a rotation that is for both kinds of cookies stands among those for the other kind;
    /// nothing where it is for this kind alone.
    pub(crate) fn counterpart(&self, scope: Scope, index: usize) -> Option<usize> {
        let is_for = |of: Scope, scope: Scope| of == scope || of == Scope::Both;
        let mut own = self.rotations.iter().enumerate().filter(|(_, (of, _))| is_for(*of, scope));
        let (place, (Scope::Both, _)) = own.nth(index)? else { return None };
        let other = match scope {
            Scope::Signed => Scope::Encrypted,
            Scope::Encrypted | Scope::Both => Scope::Signed,
        };
        let before = self.rotations.get(..place)?.iter();
        Some(before.filter(|(of, _)| is_for(*of, other)).count())
    }

    /// A setting that came with a later version than the app's means that the profile is not the
    /// app's. Rotations are for any version: before 5.2 Rails had none, but who reads its cookies
    /// may.
    pub(crate) fn check_version(&self) -> Result<(), ConfigError> {
        let Self { version, settings, .. } = self;
        let plain = Settings::new(*version, None);
        let checks = [
            (
                Version::V4_1,
                "cookies_serializer",
                settings.cookies_serializer != plain.cookies_serializer,
            ),
            (Version::V4_2, "cookies_digest", settings.cookies_digest.is_some()),
            (Version::V5_2, "signed_cookie_digest", settings.signed_cookie_digest.is_some()),
            (Version::V5_2, "encrypted_cookie_cipher", settings.encrypted_cookie_cipher.is_some()),
            (
                Version::V5_2,
                "use_authenticated_cookie_encryption",
                settings.use_authenticated_cookie_encryption,
            ),
            (
                Version::V5_2,
                "use_authenticated_message_encryption",
                settings.use_authenticated_message_encryption,
            ),
            (Version::V6_0, "use_cookies_with_metadata", settings.use_cookies_with_metadata),
            (
                Version::V6_1,
                "cookies_same_site_protection",
                settings.cookies_same_site_protection.is_some(),
            ),
            (
                Version::V7_0,
                "key_generator_hash_digest_class",
                settings.key_generator_hash_digest_class != Digest::Sha1,
            ),
            (
                Version::V5_2,
                "authenticated_encrypted_cookie_salt",
                settings.authenticated_encrypted_cookie_salt
                    != plain.authenticated_encrypted_cookie_salt,
            ),
            (
                Version::V7_1,
                "message_serializer",
                settings.message_serializer != plain.message_serializer,
            ),
            (
                Version::V7_1,
                "use_message_serializer_for_metadata",
                settings.use_message_serializer_for_metadata,
            ),
            (Version::V8_1, "escape_js_separators_in_json", !settings.escape_js_separators_in_json),
            (Version::V5_0, "per_form_csrf_tokens", settings.per_form_csrf_tokens),
            (Version::V5_2, "urlsafe_csrf_tokens", settings.urlsafe_csrf_tokens),
            (
                Version::V8_1,
                "use_legacy_signed_id_verifier",
                settings.use_legacy_signed_id_verifier != plain.use_legacy_signed_id_verifier,
            ),
        ];
        let wrong = checks.into_iter().find(|(since, _, set)| *set && version < since);
        match wrong {
            None => Ok(()),
            Some((_, setting, _)) => Err(ConfigError::NotInThisVersion { setting: setting.into() }),
        }
    }
}

/// A builder method for each setting, by its Rails name.
macro_rules! settings {
    ($($name:ident: $type:ty => $set:expr,)*) => {
        impl Profile {
            $(
                #[doc = concat!("Sets [`", stringify!($name), "`](Settings::", stringify!($name), ").")]
                pub fn $name(mut self, $name: $type) -> Self {
                    self.settings.$name = $set($name);
                    self
                }
            )*
        }
    };
}

settings! {
    cookies_serializer: Serializer => core::convert::identity,
    cookies_digest: Digest => Some,
    signed_cookie_digest: Digest => Some,
    encrypted_cookie_cipher: Cipher => Some,
    use_authenticated_cookie_encryption: bool => core::convert::identity,
    use_cookies_with_metadata: bool => core::convert::identity,
    cookies_same_site_protection: Option<SameSite> => core::convert::identity,
    signed_cookie_salt: impl Into<String> => Into::into,
    encrypted_cookie_salt: impl Into<String> => Into::into,
    encrypted_signed_cookie_salt: impl Into<String> => Into::into,
    authenticated_encrypted_cookie_salt: impl Into<String> => Into::into,
    key_generator_hash_digest_class: Digest => core::convert::identity,
    key_generator_iterations: NonZeroU32 => core::convert::identity,
    use_authenticated_message_encryption: bool => core::convert::identity,
    message_serializer: Serializer => core::convert::identity,
    use_message_serializer_for_metadata: bool => core::convert::identity,
    escape_js_separators_in_json: bool => core::convert::identity,
    escape_html_entities_in_json: bool => core::convert::identity,
    per_form_csrf_tokens: bool => core::convert::identity,
    urlsafe_csrf_tokens: bool => core::convert::identity,
    use_legacy_signed_id_verifier: LegacySignedIdVerifier => core::convert::identity,
}
