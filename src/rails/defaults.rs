//! The settings that decide how an app's cookies and messages look, and what each `load_defaults`
//! sets them to: one table, version by version, as in `rails/application/configuration.rb`.

use alloc::string::{String, ToString as _};
use core::num::NonZeroU32;

use super::Version;
use crate::crypto::{Cipher, Digest};
use crate::error::ConfigError;
use crate::keys::{RAILS_ITERATIONS, salt};
use crate::serializer::Serializer;

/// `cookies_same_site_protection`: the `SameSite` attribute of a cookie that does not set its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are the attribute's values")]
pub enum SameSite {
    None,
    Lax,
    Strict,
}

impl SameSite {
    /// By its name as Rails' symbol or as the attribute's value, in any case.
    ///
    /// # Errors
    /// [`ConfigError::UnknownName`] for any other text.
    pub fn from_name(name: &str) -> Result<Self, ConfigError> {
        let known = [("none", Self::None), ("lax", Self::Lax), ("strict", Self::Strict)];
        let found = known.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        let unknown = ConfigError::UnknownName { what: "SameSite protection" };
        found.map(|(_, same_site)| same_site).ok_or(unknown)
    }
}

/// `use_legacy_signed_id_verifier`: which options signed ids are written and read with, besides
/// those of the app's other verifiers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum LegacySignedIdVerifier {
    /// `:generate_and_verify`: written as up to 8.0.
    #[default]
    GenerateAndVerify,
    /// `:verify`: read as up to 8.0, written as all messages of the app.
    Verify,
    /// `false`.
    Off,
}

impl LegacySignedIdVerifier {
    /// By its name as Rails' symbol, or `"false"`.
    ///
    /// # Errors
    /// [`ConfigError::UnknownName`] for any other text.
    pub fn from_name(name: &str) -> Result<Self, ConfigError> {
        match name {
            "generate_and_verify" => Ok(Self::GenerateAndVerify),
            "verify" => Ok(Self::Verify),
            "false" => Ok(Self::Off),
            _ => Err(ConfigError::UnknownName { what: "use of the legacy signed id verifier" }),
        }
    }
}

/// An app's settings, by their Rails names. What is not set has Rails' own default for the version
/// and its `load_defaults`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Settings {
    /// `config.action_dispatch.cookies_serializer`.
    pub cookies_serializer: Serializer,
    /// `config.action_dispatch.cookies_digest` (4.2 and later; from 5.2 on only for reading
    /// AES-CBC cookies).
    pub cookies_digest: Option<Digest>,
    /// `config.action_dispatch.signed_cookie_digest` (5.2 and later).
    pub signed_cookie_digest: Option<Digest>,
    /// `config.action_dispatch.encrypted_cookie_cipher` (5.2 and later).
    pub encrypted_cookie_cipher: Option<Cipher>,
    /// `config.action_dispatch.use_authenticated_cookie_encryption` (5.2 and later).
    pub use_authenticated_cookie_encryption: bool,
    /// `config.action_dispatch.use_cookies_with_metadata` (6.0 and later).
    pub use_cookies_with_metadata: bool,
    /// `config.action_dispatch.cookies_same_site_protection` (6.1 and later).
    pub cookies_same_site_protection: Option<SameSite>,
    /// `config.action_dispatch.signed_cookie_salt`.
    pub signed_cookie_salt: String,
    /// `config.action_dispatch.encrypted_cookie_salt`.
    pub encrypted_cookie_salt: String,
    /// `config.action_dispatch.encrypted_signed_cookie_salt`.
    pub encrypted_signed_cookie_salt: String,
    /// `config.action_dispatch.authenticated_encrypted_cookie_salt` (5.2 and later).
    pub authenticated_encrypted_cookie_salt: String,
    /// `config.active_support.key_generator_hash_digest_class` (7.0 and later).
    pub key_generator_hash_digest_class: Digest,
    /// The iterations of `Rails.application.key_generator`: 1000, unless the app builds its own.
    pub key_generator_iterations: NonZeroU32,
    /// `config.active_support.use_authenticated_message_encryption` (5.2 and later).
    pub use_authenticated_message_encryption: bool,
    /// `config.active_support.message_serializer` (7.1 and later).
    pub message_serializer: Serializer,
    /// `config.active_support.use_message_serializer_for_metadata` (7.1 and later).
    pub use_message_serializer_for_metadata: bool,
    /// `config.active_support.escape_js_separators_in_json` (8.1 and later).
    pub escape_js_separators_in_json: bool,
    /// `config.active_support.escape_html_entities_in_json`.
    pub escape_html_entities_in_json: bool,
    /// `config.action_controller.per_form_csrf_tokens` (5.0 and later).
    pub per_form_csrf_tokens: bool,
    /// `config.action_controller.urlsafe_csrf_tokens` (5.2 to 7.0; later versions always do so).
    pub urlsafe_csrf_tokens: bool,
    /// `config.active_record.use_legacy_signed_id_verifier` (8.1 and later).
    pub use_legacy_signed_id_verifier: LegacySignedIdVerifier,
}

/// One line of the table: the `load_defaults` that sets it, the setting, and to what.
type Row = (Version, fn(&mut Settings));

/// What each `load_defaults` sets, in Rails' order; a later one includes all before it.
const TABLE: [Row; 12] = [
    (Version::V5_0, |settings| settings.per_form_csrf_tokens = true),
    (Version::V5_0, |settings| settings.urlsafe_csrf_tokens = false),
    (Version::V5_2, |settings| settings.use_authenticated_cookie_encryption = true),
    (Version::V5_2, |settings| settings.use_authenticated_message_encryption = true),
    (Version::V6_0, |settings| settings.use_cookies_with_metadata = true),
    (Version::V6_1, |settings| settings.cookies_same_site_protection = Some(SameSite::Lax)),
    (Version::V6_1, |settings| settings.urlsafe_csrf_tokens = true),
    (Version::V7_0, |settings| settings.key_generator_hash_digest_class = Digest::Sha256),
    (Version::V7_0, |settings| settings.cookies_serializer = Serializer::Json),
    (Version::V7_1, |settings| settings.message_serializer = Serializer::JsonAllowMarshal),
    (Version::V7_1, |settings| settings.use_message_serializer_for_metadata = true),
    (Version::V8_1, |settings| settings.escape_js_separators_in_json = false),
];

impl Settings {
    /// Those of an app that says `config.load_defaults` with `defaults`, or never says it.
    pub(crate) fn new(version: Version, defaults: Option<Version>) -> Self {
        let mut settings = Self::without_defaults(version);
        for (since, set) in TABLE {
            if defaults.is_some_and(|defaults| defaults >= since) {
                set(&mut settings);
            }
        }
        settings
    }

    fn without_defaults(version: Version) -> Self {
        Self {
            cookies_serializer: Serializer::Marshal,
            cookies_digest: None,
            signed_cookie_digest: None,
            encrypted_cookie_cipher: None,
            use_authenticated_cookie_encryption: false,
            use_cookies_with_metadata: false,
            cookies_same_site_protection: None,
            signed_cookie_salt: salt::SIGNED_COOKIE.to_string(),
            encrypted_cookie_salt: salt::ENCRYPTED_COOKIE.to_string(),
            encrypted_signed_cookie_salt: salt::ENCRYPTED_SIGNED_COOKIE.to_string(),
            authenticated_encrypted_cookie_salt: salt::AUTHENTICATED_ENCRYPTED_COOKIE.to_string(),
            key_generator_hash_digest_class: Digest::Sha1,
            key_generator_iterations: RAILS_ITERATIONS,
            use_authenticated_message_encryption: false,
            // 7.1 made the default a symbol, which reads more than the module that it was before.
            message_serializer: if version < Version::V7_1 {
                Serializer::MarshalModule
            } else {
                Serializer::Marshal
            },
            use_message_serializer_for_metadata: false,
            escape_js_separators_in_json: true,
            // `active_support/json/encoding.rb`: off in 3.2 itself, on since.
            escape_html_entities_in_json: version > Version::V3_2,
            per_form_csrf_tokens: false,
            // 7.0 made it the default, which older `load_defaults` take back.
            urlsafe_csrf_tokens: version >= Version::V7_0,
            use_legacy_signed_id_verifier: LegacySignedIdVerifier::default(),
        }
    }
}
