//! Signed ids of records. Mirrors `active_record/signed_id.rb`.

use alloc::string::String;

use serde::Serialize;

use super::coordinator::VerifierOptions;
use crate::crypto::Digest;
use crate::envelope::{Expected, Metadata};
use crate::error::{ConfigError, OpenError, SealError};
use crate::message::Opened;
use crate::rails::{Feature, Profile, Secrets};
use crate::serializer::Serializer;
use crate::time::Timestamp;
use crate::verifier::MessageVerifier;
use crate::wire::base64::Alphabet;

pub(crate) const SALT: &str = "active_record/signed_id";

/// `record.signed_id` and `Model.find_signed` (6.1 and later): ids that may be given to people.
/// They are signed, not secret.
///
/// ```
/// use railjar::messages::signed_id_purpose;
/// use railjar::rails::{Profile, Version};
/// use railjar::{SecretKeyBase, Timestamp};
///
/// let now = Timestamp::from_unix_seconds(1_750_000_000);
/// let secret = SecretKeyBase::new("the text of secret_key_base")?;
/// let signed_ids = Profile::new(Version::V8_0).signed_ids(&secret)?;
///
/// let purpose = signed_id_purpose("Admin::User", Some("password_reset"));
/// let signed_id = signed_ids.seal(&42, &purpose, Some(now.plus_seconds(900)))?;
///
/// let opened = signed_ids.open(signed_id.as_bytes(), &purpose, now)?;
/// assert_eq!(opened.deserialize::<u64>()?, 42);
/// let other = signed_id_purpose("Admin::User", None);
/// assert!(signed_ids.open(signed_id.as_bytes(), &other, now).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct SignedIds {
    verifier: MessageVerifier,
}

impl Profile {
    /// The signed ids of this app's models; from 8.1 on as `use_legacy_signed_id_verifier` says.
    ///
    /// # Errors
    /// [`ConfigError::MissingSecret`], and [`ConfigError::NotInThisVersion`] before 6.1 or for a
    /// setting that this Rails does not have.
    pub fn signed_ids(&self, secrets: impl Into<Secrets>) -> Result<SignedIds, ConfigError> {
        self.dialect().require(Feature::SignedIds)?;
        let verifiers = self.application_verifiers(secrets.into())?;
        let verifiers = if self.dialect().coordinates_signed_ids() {
            verifiers
        } else {
            verifiers.clear_rotations().rotate(legacy_options(self))
        };
        Ok(SignedIds::new(verifiers.get(SALT)?))
    }
}

/// What every version up to 8.0 makes signed ids with.
pub(super) fn legacy_options(profile: &Profile) -> VerifierOptions {
    let options = VerifierOptions::new().digest(Digest::Sha256).serializer(Serializer::JsonModule);
    match profile.dialect().other.signed_ids {
        Alphabet::Standard => options,
        Alphabet::UrlSafe | Alphabet::UrlSafePadded => options.url_safe(),
    }
}

/// `combine_signed_id_purposes`: the purpose of a signed id is its model's name, and the purpose
/// that it was given, if any. `base_class` is the class itself, or under single table inheritance
/// the one above: `"Admin::User"`. (An app's own acronyms, `inflect.acronym`, are not known here;
/// where the name has one, give it underscored already.)
///
/// ```
/// use railjar::messages::signed_id_purpose;
///
/// assert_eq!(signed_id_purpose("Admin::APIUser", Some("login")), "admin/api_user/login");
/// assert_eq!(signed_id_purpose("user", None), "user");
/// ```
#[must_use]
pub fn signed_id_purpose(base_class: &str, purpose: Option<&str>) -> String {
    let mut combined = underscore(base_class);
    // `compact_blank`: a purpose of spaces is none.
    if let Some(purpose) = purpose.filter(|purpose| !purpose.trim().is_empty()) {
        combined.push('/');
        combined.push_str(purpose);
    }
    combined
}

/// `String#underscore` (`active_support/inflector/methods.rb`).
fn underscore(name: &str) -> String {
    let upper = |c: char| c.is_ascii_uppercase() || c == '-';
    if !name.contains(upper) && !name.contains("::") {
        return name.into();
    }
    let path = name.replace("::", "/").replace('-', "_");
    let mut underscored = String::with_capacity(path.len().saturating_add(4));
    let mut previous: Option<char> = None;
    let mut characters = path.chars().peekable();
    while let Some(character) = characters.next() {
        if character.is_ascii_uppercase() {
            let word_ended = previous.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
            let acronym_ended = previous.is_some_and(|c| c.is_ascii_uppercase())
                && characters.peek().is_some_and(char::is_ascii_lowercase);
            if word_ended || acronym_ended {
                underscored.push('_');
            }
        }
        underscored.extend(character.to_lowercase());
        previous = Some(character);
    }
    underscored
}

impl SignedIds {
    /// Signed ids by another verifier: `signed_id_verifier=`.
    pub fn new(verifier: MessageVerifier) -> Self {
        Self { verifier }
    }

    /// `signed_id_verifier`, which signs whatever it is given.
    pub fn verifier(&self) -> &MessageVerifier {
        &self.verifier
    }

    /// `signed_id(purpose:, expires_at:)`, with the purpose that [`signed_id_purpose`] makes.
    ///
    /// # Errors
    /// As [`MessageVerifier::seal`].
    pub fn seal<T: Serialize + ?Sized>(
        &self,
        id: &T,
        purpose: &str,
        expires_at: Option<Timestamp>,
    ) -> Result<String, SealError> {
        let metadata = Metadata { expires_at, ..Metadata::none() };
        self.verifier.seal(id, &metadata.purpose(purpose))
    }

    /// What `find_signed` looks up: the value is the record's id.
    ///
    /// # Errors
    /// As [`MessageVerifier::open`].
    pub fn open(
        &self,
        signed_id: &[u8],
        purpose: &str,
        now: Timestamp,
    ) -> Result<Opened<'static>, OpenError> {
        self.verifier.open(signed_id, Expected::Purpose(purpose), now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As Active Support 6.1 answers.
    #[test]
    fn names_are_underscored_as_in_rails() {
        for (name, underscored) in [
            ("User", "user"),
            ("Admin::User", "admin/user"),
            ("ActiveStorage::Blob", "active_storage/blob"),
            ("APIUser", "api_user"),
            ("HTML5Parser", "html5_parser"),
            ("Area51Controller", "area51_controller"),
            ("UserV2", "user_v2"),
            ("X", "x"),
            ("XML", "xml"),
            ("A1B2", "a1_b2"),
            ("AaBBCc", "aa_bb_cc"),
            ("user", "user"),
            ("Some-Thing", "some_thing"),
            ("A::B::CD", "a/b/cd"),
            ("SSLError2X", "ssl_error2_x"),
            ("Élan", "Élan"),
            ("UserÉlan", "userélan"),
            ("", ""),
        ] {
            assert_eq!(underscore(name), underscored, "{name}");
        }
    }

    #[test]
    fn blank_purposes_are_none() {
        assert_eq!(signed_id_purpose("User", Some(" ")), "user");
        assert_eq!(signed_id_purpose("User", Some("")), "user");
        assert_eq!(signed_id_purpose("User", Some(" a")), "user/ a");
    }
}
