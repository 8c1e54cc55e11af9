//! Signed global ids. Mirrors the gem `globalid`: `signed_global_id.rb`, `verifier.rb` and
//! `railtie.rb`.

use alloc::string::String;

use crate::envelope::{Detection, Expected, Metadata};
use crate::error::{ConfigError, ContentError, OpenError, SealError, SerializationError};
use crate::message::Matched;
use crate::rails::{Feature, Profile, Secrets};
use crate::time::Timestamp;
use crate::value::{Hash, Value};
use crate::verifier::MessageVerifier;

pub(crate) const SALT: &str = "signed_global_ids";

/// `record.to_sgid` and `GlobalID::Locator.locate_signed` (4.2 and later): the URI of a record,
/// signed, for one purpose.
///
/// ```
/// use railjar::messages::SignedGlobalIds;
/// use railjar::rails::{Profile, Version};
/// use railjar::{SecretKeyBase, Timestamp};
///
/// let now = Timestamp::from_unix_seconds(1_750_000_000);
/// let secret = SecretKeyBase::new("the text of secret_key_base")?;
/// let ids = Profile::new(Version::V7_1).signed_global_ids(&secret)?;
///
/// let in_a_month = now.plus_seconds(2_629_746); // what Rails says where nothing else is said
/// let sgid = ids.seal("gid://app/User/42", SignedGlobalIds::DEFAULT_PURPOSE, Some(in_a_month))?;
///
/// let id = ids.open(sgid.as_bytes(), SignedGlobalIds::DEFAULT_PURPOSE, now)?;
/// assert_eq!(id.uri(), "gid://app/User/42");
/// assert!(ids.open(sgid.as_bytes(), "sharing", now).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct SignedGlobalIds {
    verifier: MessageVerifier,
    form: GlobalIdForm,
}

/// Where a signed global id keeps its purpose and its expiry: it depends on the gem, which moves on
/// its own. Both are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum GlobalIdForm {
    /// In a hash with the URI, under `gid`, `purpose` and `expires_at`: globalid 0.6.0 and earlier,
    /// and wherever messages have no metadata (before Rails 5.2).
    Hash,
    /// In the message's metadata: globalid 1.2.1 and later.
    Metadata,
}

/// An opened global id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedGlobalId {
    uri: String,
    expires_at: Option<Timestamp>,
    matched: Matched,
}

impl SignedGlobalId {
    /// The record's URI: `gid://APP/MODEL/ID`, and parameters if it was given any.
    #[must_use]
    pub fn uri(&self) -> &str {
        &self.uri
    }

    /// The expiry that it carried.
    #[must_use]
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.expires_at
    }

    /// Which key opened it.
    #[must_use]
    pub fn matched(&self) -> Matched {
        self.matched
    }
}

impl Profile {
    /// The signed global ids of this app's records.
    ///
    /// # Errors
    /// [`ConfigError::MissingSecret`], and [`ConfigError::NotInThisVersion`] before 4.2 or for a
    /// setting that this Rails does not have.
    pub fn signed_global_ids(
        &self,
        secrets: impl Into<Secrets>,
    ) -> Result<SignedGlobalIds, ConfigError> {
        self.dialect().require(Feature::GlobalIds)?;
        let form = match self.dialect().messages.detection {
            Detection::None => GlobalIdForm::Hash,
            _ => GlobalIdForm::Metadata,
        };
        let verifier = self.application_verifiers(secrets.into())?.get(SALT)?;
        Ok(SignedGlobalIds::new(verifier).form(form))
    }
}

impl SignedGlobalIds {
    /// The purpose of an id that was not given one with `for:`.
    pub const DEFAULT_PURPOSE: &'static str = "default";

    /// Ids by another verifier: `SignedGlobalID.verifier=`. Its messages become those of
    /// `GlobalID::Verifier`, in the URL-safe alphabet with padding; what it rotates stays as it is.
    /// They are in the form of globalid 1.2.1.
    pub fn new(verifier: MessageVerifier) -> Self {
        Self { verifier: verifier.global_id(), form: GlobalIdForm::Metadata }
    }

    /// Writes as another version of the gem does.
    pub fn form(self, form: GlobalIdForm) -> Self {
        Self { form, ..self }
    }

    /// `SignedGlobalID.verifier`, which signs whatever it is given.
    pub fn verifier(&self) -> &MessageVerifier {
        &self.verifier
    }

    /// Signs a URI. Rails lets ids expire after a month, `None` only where the app says so.
    ///
    /// # Errors
    /// As [`MessageVerifier::seal`].
    pub fn seal(
        &self,
        uri: &str,
        purpose: &str,
        expires_at: Option<Timestamp>,
    ) -> Result<String, SealError> {
        match self.form {
            GlobalIdForm::Metadata => {
                let metadata = Metadata { expires_at, ..Metadata::none() };
                self.verifier.seal(uri, &metadata.purpose(purpose))
            }
            GlobalIdForm::Hash => self
                .verifier
                .seal(&Value::Hash(self_validated(uri, purpose, expires_at)?), &Metadata::none()),
        }
    }

    /// Opens an id of either form.
    ///
    /// # Errors
    /// As [`MessageVerifier::open`]; [`SerializationError::Mismatch`] where the message is no id.
    pub fn open(
        &self,
        sgid: &[u8],
        purpose: &str,
        now: Timestamp,
    ) -> Result<SignedGlobalId, OpenError> {
        match self.verifier.open(sgid, Expected::Purpose(purpose), now) {
            Ok(opened) => Ok(SignedGlobalId {
                uri: text(Some(&opened.to_value()?))?,
                expires_at: opened.expires_at(),
                matched: opened.matched(),
            }),
            Err(OpenError::Content(ContentError::MissingMetadata)) => {
                self.open_hash(sgid, purpose, now)
            }
            Err(error) => Err(error),
        }
    }

    /// `verify_with_legacy_self_validated_metadata`.
    fn open_hash(
        &self,
        sgid: &[u8],
        purpose: &str,
        now: Timestamp,
    ) -> Result<SignedGlobalId, OpenError> {
        let opened = self.verifier.open(sgid, Expected::NoPurpose, now)?;
        let value = opened.to_value()?;
        let hash = value.as_hash().ok_or(SerializationError::Mismatch)?;
        let expires_at = match hash.get("expires_at") {
            None | Some(Value::Nil) => None,
            Some(text) => {
                let at = text.as_str().and_then(Timestamp::parse);
                Some(at.ok_or(ContentError::MalformedMetadata)?)
            }
        };
        // Unlike elsewhere in Rails, the instant itself is still good.
        if expires_at.is_some_and(|expiry| now > expiry) {
            return Err(ContentError::Expired.into());
        }
        if hash.get("purpose").and_then(Value::as_str) != Some(purpose) {
            return Err(ContentError::PurposeMismatch.into());
        }
        Ok(SignedGlobalId { uri: text(hash.get("gid"))?, expires_at, matched: opened.matched() })
    }
}

fn text(value: Option<&Value>) -> Result<String, SerializationError> {
    value.and_then(Value::as_str).map(String::from).ok_or(SerializationError::Mismatch)
}

fn self_validated(
    uri: &str,
    purpose: &str,
    expires_at: Option<Timestamp>,
) -> Result<Hash, SealError> {
    let metadata = Metadata { expires_at, ..Metadata::none() };
    let expiry = metadata.expiry()?;
    let expiry = expiry.as_ref().and_then(|text| core::str::from_utf8(text).ok());
    let members =
        [("gid", Value::from(uri)), ("purpose", purpose.into()), ("expires_at", expiry.into())];
    Ok(members.into_iter().collect())
}
