//! What differs between versions in the messages that are not cookies: which of them exist, how
//! CSRF tokens are made, how encrypted files are read.

use super::{Dialect, up_to};
use crate::error::ConfigError;
use crate::rails::Version;
use crate::wire::base64::Alphabet;

/// How one version makes and reads what is no cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OtherMessages {
    /// The alphabet of signed ids.
    pub(crate) signed_ids: Alphabet,
    /// What stands in a form's `authenticity_token`.
    pub(crate) csrf_token: CsrfToken,
    /// How CSRF tokens are spelled.
    pub(crate) csrf_text: CsrfText,
    /// How a new session's `_csrf_token` is spelled where tokens are URL-safe.
    pub(crate) csrf_session_token: Alphabet,
    /// What becomes of a form's action in a token for that form alone.
    pub(crate) action_path: ActionPath,
    /// What an encrypted file may have around its message.
    pub(crate) encrypted_file: Stripping,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CsrfToken {
    /// Up to 4.1: the session's own text.
    Plain,
    /// 4.2 to 5.1: the session's token under a mask.
    MaskedReal,
    /// From 5.2: a MAC under the session's token, under a mask.
    MaskedMac,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CsrfText {
    /// Up to 5.1: the standard alphabet, strictly.
    Standard,
    /// 5.2 to 7.0: `urlsafe_csrf_tokens` decides; both are read.
    AsConfigured,
    /// From 7.1.
    UrlSafe,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ActionPath {
    /// Up to 7.1: an action's path is taken as it is.
    FromRoot,
    /// From 7.2: one that does not begin with a slash goes on from the page's own path.
    FromPage,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stripping {
    /// Up to 7.1: nothing, not even a newline at its end.
    Nothing,
    /// From 7.2: what `String#strip` removes.
    Whitespace,
}

impl OtherMessages {
    pub(super) fn of(version: Version) -> Self {
        use Version::{V4_1, V5_1, V6_1, V7_0, V7_1};

        Self {
            // active_record/signed_id.rb: `url_safe: true` (7.2)
            signed_ids: up_to(version, &[(V7_1, Alphabet::Standard)], Alphabet::UrlSafe),
            // request_forgery_protection.rb: `form_authenticity_token`,
            // `masked_authenticity_token` (4.2), `global_csrf_token` (5.2)
            csrf_token: up_to(
                version,
                &[(V4_1, CsrfToken::Plain), (V5_1, CsrfToken::MaskedReal)],
                CsrfToken::MaskedMac,
            ),
            // `encode_csrf_token`, `decode_csrf_token` (5.2)
            csrf_text: up_to(
                version,
                &[(V5_1, CsrfText::Standard), (V7_0, CsrfText::AsConfigured)],
                CsrfText::UrlSafe,
            ),
            // `generate_csrf_token`: up to 6.1 `urlsafe_base64(32, padding: false)`, where the
            // hash counts as true and so pads
            csrf_session_token: up_to(
                version,
                &[(V6_1, Alphabet::UrlSafePadded)],
                Alphabet::UrlSafe,
            ),
            // `normalize_relative_action_path` (7.2)
            action_path: up_to(version, &[(V7_1, ActionPath::FromRoot)], ActionPath::FromPage),
            // encrypted_file.rb#read: `binread.strip` (7.2)
            encrypted_file: up_to(version, &[(V7_1, Stripping::Nothing)], Stripping::Whitespace),
        }
    }
}

/// What came with some version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Feature {
    /// `Rails.application.message_verifier`
    MessageVerifier,
    /// `ActiveSupport::MessageVerifiers` and `MessageEncryptors`
    Coordinators,
    /// The gem `globalid`
    GlobalIds,
    /// `Rails.application.credentials`
    Credentials,
    ActiveStorage,
    SignedIds,
    /// `generates_token_for`
    TokensFor,
}

impl Dialect {
    /// # Errors
    /// [`ConfigError::NotInThisVersion`] before the version that brought `feature`.
    pub(crate) fn require(&self, feature: Feature) -> Result<(), ConfigError> {
        let (since, name) = match feature {
            Feature::MessageVerifier => (Version::V4_1, "message_verifier"),
            Feature::GlobalIds => (Version::V4_2, "SignedGlobalID"),
            Feature::Credentials => (Version::V5_2, "credentials"),
            Feature::ActiveStorage => (Version::V5_2, "ActiveStorage"),
            Feature::SignedIds => (Version::V6_1, "signed_id"),
            Feature::Coordinators => (Version::V7_1, "message_verifiers"),
            Feature::TokensFor => (Version::V7_1, "generates_token_for"),
        };
        if self.version < since {
            return Err(ConfigError::NotInThisVersion { setting: name.into() });
        }
        Ok(())
    }

    /// Whether signed ids come from the app's coordinator of verifiers, under
    /// `use_legacy_signed_id_verifier` (`active_record/railtie.rb`, 8.1).
    pub(crate) fn coordinates_signed_ids(&self) -> bool {
        self.version >= Version::V8_1
    }

    /// Whether an app without a `secret_key_base` uses its `secret_token` for every key
    /// (`ActiveSupport::LegacyKeyGenerator`, 4.0 to 5.2).
    pub(crate) fn has_legacy_key_generator(&self) -> bool {
        self.cookies.automatic.secret_token.is_some()
    }
}
