//! The signed ids and keys in Active Storage's URLs. Mirrors `ActiveStorage.verifier`, as
//! `active_storage/blob.rb`, `variation.rb` and `service/disk_service.rb` use it.

use alloc::string::String;

use serde::Serialize;

use crate::envelope::{Expected, Metadata};
use crate::error::{ConfigError, OpenError, SealError};
use crate::message::Opened;
use crate::rails::{Feature, Profile, Secrets};
use crate::time::Timestamp;
use crate::verifier::MessageVerifier;

pub(crate) const SALT: &str = "ActiveStorage";

/// `ActiveStorage.verifier` (5.2 and later).
///
/// ```
/// use railjar::messages::BlobPurpose;
/// use railjar::rails::{Profile, Version};
/// use railjar::{SecretKeyBase, Timestamp};
///
/// let now = Timestamp::from_unix_seconds(1_750_000_000);
/// let secret = SecretKeyBase::new("the text of secret_key_base")?;
/// let storage = Profile::new(Version::V7_1).active_storage(&secret)?;
///
/// let signed_id = storage.seal(&17, BlobPurpose::BlobId, None)?;
/// let opened = storage.open(signed_id.as_bytes(), BlobPurpose::BlobId, now)?;
/// assert_eq!(opened.deserialize::<u64>()?, 17);
/// assert!(storage.open(signed_id.as_bytes(), BlobPurpose::BlobKey, now).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct ActiveStorage {
    verifier: MessageVerifier,
}

/// What a message of Active Storage is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BlobPurpose<'a> {
    /// `blob.signed_id`, in URLs that redirect or proxy and in direct uploads: the blob's id.
    BlobId,
    /// A variation's key: the hash of its transformations.
    Variation,
    /// A URL of the disk service: a hash with `key`, `disposition`, `content_type`, `service_name`.
    BlobKey,
    /// A direct upload to the disk service: a hash with `key`, `content_type`, `content_length`,
    /// `checksum`, `service_name`.
    BlobToken,
    /// `blob.signed_id(purpose:)` with another.
    Other(&'a str),
}

impl<'a> BlobPurpose<'a> {
    /// As Rails writes it: `"blob_id"`.
    #[must_use]
    pub fn name(self) -> &'a str {
        match self {
            Self::BlobId => "blob_id",
            Self::Variation => "variation",
            Self::BlobKey => "blob_key",
            Self::BlobToken => "blob_token",
            Self::Other(name) => name,
        }
    }
}

impl Profile {
    /// The messages of this app's Active Storage.
    ///
    /// # Errors
    /// [`ConfigError::MissingSecret`], and [`ConfigError::NotInThisVersion`] before 5.2 or for a
    /// setting that this Rails does not have.
    pub fn active_storage(
        &self,
        secrets: impl Into<Secrets>,
    ) -> Result<ActiveStorage, ConfigError> {
        self.dialect().require(Feature::ActiveStorage)?;
        Ok(ActiveStorage::new(self.application_verifiers(secrets.into())?.get(SALT)?))
    }
}

impl ActiveStorage {
    /// Messages by another verifier: `ActiveStorage.verifier=`.
    pub fn new(verifier: MessageVerifier) -> Self {
        Self { verifier }
    }

    /// `ActiveStorage.verifier`, which signs whatever it is given.
    pub fn verifier(&self) -> &MessageVerifier {
        &self.verifier
    }

    /// Signs a value for one purpose. Under Marshal, Rails' own hashes have symbols for keys.
    ///
    /// # Errors
    /// As [`MessageVerifier::seal`].
    pub fn seal<T: Serialize + ?Sized>(
        &self,
        value: &T,
        purpose: BlobPurpose<'_>,
        expires_at: Option<Timestamp>,
    ) -> Result<String, SealError> {
        let metadata = Metadata { expires_at, ..Metadata::none() };
        self.verifier.seal(value, &metadata.purpose(purpose.name()))
    }

    /// What the message holds.
    ///
    /// # Errors
    /// As [`MessageVerifier::open`].
    pub fn open(
        &self,
        message: &[u8],
        purpose: BlobPurpose<'_>,
        now: Timestamp,
    ) -> Result<Opened<'static>, OpenError> {
        self.verifier.open(message, Expected::Purpose(purpose.name()), now)
    }
}
