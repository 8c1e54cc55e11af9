//! Settings as text: the serde shapes of what stands in a file or a request, in Rails' own names,
//! and the way from there to a [`Profile`] with its secrets.
//!
//! No secret is ever part of a file: it says where each one stands ([`SecretReference`]), and whoever
//! reads the file fetches it.

mod app;
mod duration;
mod edge;
mod fingerprint;
mod fleet;
mod nearest;
mod reference;
mod rollout;

use alloc::string::String;
use core::fmt;
use core::num::NonZeroU32;
use core::str::FromStr;

use serde::{Deserialize, Deserializer, de};

use crate::crypto::{Cipher, Digest};
use crate::error::ConfigError;
use crate::rails::{LegacySignedIdVerifier, Profile, SameSite, Version};
use crate::serializer::Serializer;

pub use self::app::{
    App, AppCookies, LoadDefaults, RotationEntry, RotationFor, SecretReferences, SessionCookie,
};
pub use self::edge::{
    CookieInCache, EdgeCookie, EdgeHeaders, EdgeHint, EdgePolicies, EdgeSettings, SignedInRule,
};
pub use self::fingerprint::Fingerprint;
pub use self::fleet::FleetSettings;
pub use self::nearest::nearest;
pub use self::reference::{Credentials, Encoding, SecretReference, Source};
pub use self::rollout::{
    Allowance, AppPlace, DeploySettings, ReaderSettings, RolloutCookie, RolloutSettings,
    StageReader, StageSettings,
};

/// An app's settings by their Rails names; what is absent or null keeps its default. An unknown
/// name is an error, with the known ones listed.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each is a field of `rails::Settings`, described there")]
pub struct Settings {
    #[serde(deserialize_with = "named")]
    pub cookies_serializer: Option<Serializer>,
    #[serde(deserialize_with = "named")]
    pub cookies_digest: Option<Digest>,
    #[serde(deserialize_with = "named")]
    pub signed_cookie_digest: Option<Digest>,
    #[serde(deserialize_with = "named")]
    pub encrypted_cookie_cipher: Option<Cipher>,
    pub use_authenticated_cookie_encryption: Option<bool>,
    pub use_cookies_with_metadata: Option<bool>,
    #[serde(deserialize_with = "named")]
    pub cookies_same_site_protection: Option<SameSite>,
    pub signed_cookie_salt: Option<String>,
    pub encrypted_cookie_salt: Option<String>,
    pub encrypted_signed_cookie_salt: Option<String>,
    pub authenticated_encrypted_cookie_salt: Option<String>,
    #[serde(deserialize_with = "named", alias = "key_generator_digest")]
    pub key_generator_hash_digest_class: Option<Digest>,
    pub key_generator_iterations: Option<NonZeroU32>,
    pub use_authenticated_message_encryption: Option<bool>,
    #[serde(deserialize_with = "named")]
    pub message_serializer: Option<Serializer>,
    pub use_message_serializer_for_metadata: Option<bool>,
    pub escape_js_separators_in_json: Option<bool>,
    pub escape_html_entities_in_json: Option<bool>,
    pub per_form_csrf_tokens: Option<bool>,
    pub urlsafe_csrf_tokens: Option<bool>,
    #[serde(deserialize_with = "named")]
    pub use_legacy_signed_id_verifier: Option<LegacySignedIdVerifier>,
}

impl Settings {
    /// Puts these settings over those that `profile` has.
    pub fn apply(self, profile: Profile) -> Profile {
        let mut profile = profile;
        macro_rules! apply {
            ($($setting:ident)*) => {
                $(if let Some(value) = self.$setting {
                    profile = profile.$setting(value);
                })*
            };
        }
        apply! {
            cookies_serializer cookies_digest signed_cookie_digest encrypted_cookie_cipher
            use_authenticated_cookie_encryption use_cookies_with_metadata
            signed_cookie_salt encrypted_cookie_salt encrypted_signed_cookie_salt
            authenticated_encrypted_cookie_salt key_generator_hash_digest_class
            key_generator_iterations use_authenticated_message_encryption message_serializer
            use_message_serializer_for_metadata escape_js_separators_in_json
            escape_html_entities_in_json per_form_csrf_tokens urlsafe_csrf_tokens
            use_legacy_signed_id_verifier
        }
        if let Some(same_site) = self.cookies_same_site_protection {
            profile = profile.cookies_same_site_protection(Some(same_site));
        }
        profile
    }
}

/// What stands in text by its name. `FromStr` goes by the same names.
trait Named: Sized {
    fn named(name: &str) -> Result<Self, ConfigError>;
}

macro_rules! by_name {
    ($($type:ty)*) => {
        $(
            impl Named for $type {
                fn named(name: &str) -> Result<Self, ConfigError> {
                    Self::from_name(name)
                }
            }

            impl FromStr for $type {
                type Err = ConfigError;

                fn from_str(name: &str) -> Result<Self, ConfigError> {
                    Self::from_name(name)
                }
            }
        )*
    };
}

by_name! { Cipher Digest LegacySignedIdVerifier SameSite Serializer Version }

/// A name or null. Symbols may keep their colon: `":json"`.
fn named<'de, D: Deserializer<'de>, T: Named>(deserializer: D) -> Result<Option<T>, D::Error> {
    struct Names<T>(core::marker::PhantomData<T>);

    impl<T: Named> de::Visitor<'_> for Names<T> {
        type Value = Option<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a name in quotes")
        }

        fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
            Ok(None)
        }

        /// `false` is a name too: of `use_legacy_signed_id_verifier`.
        fn visit_bool<E: de::Error>(self, value: bool) -> Result<Self::Value, E> {
            self.visit_str(if value { "true" } else { "false" })
        }

        fn visit_str<E: de::Error>(self, name: &str) -> Result<Self::Value, E> {
            let name = name.strip_prefix(':').unwrap_or(name);
            T::named(name).map(Some).map_err(E::custom)
        }
    }

    deserializer.deserialize_any(Names(core::marker::PhantomData))
}
