//! Encrypted messages that are not cookies. Mirrors `active_support/message_encryptor.rb`.

use alloc::string::String;
use alloc::vec::Vec;

use serde::Serialize;

use crate::crypto::cbc::CbcKey;
use crate::crypto::gcm::GcmKey;
use crate::crypto::hmac::MacKey;
use crate::crypto::{Cipher, Digest};
use crate::entropy::Entropy;
use crate::envelope::{EnvelopeForm, Expected, Metadata};
use crate::error::{ConfigError, OpenError, SealError};
use crate::message::lock::Lock;
use crate::message::{EncryptorDigest, LongKeys, MessageRules, Opened, Options, Origin, Scratch};
use crate::rotation::{Recipe, RotationList};
use crate::secret::Secret;
use crate::serializer::Serializer;
use crate::time::Timestamp;
use crate::wire::base64::Alphabet;

/// `ActiveSupport::MessageEncryptor`: values that only the key's holder can read or write.
///
/// With an AES-GCM cipher the message is `ciphertext--iv--tag`; with an AES-CBC cipher it is
/// encrypted, then signed, and nothing is decrypted before the signature has checked.
///
/// ```
/// # #[cfg(feature = "getrandom")] {
/// use railjar::entropy::SystemEntropy;
/// use railjar::{Cipher, Expected, MessageEncryptor, Metadata, Secret, Timestamp};
///
/// let now = Timestamp::from_unix_seconds(1_750_000_000);
/// let (old, new) = (Secret::new([1; 32]), Secret::new([2; 32]));
/// let encryptor = MessageEncryptor::new(&new, Cipher::Aes256Gcm)?
///     .rotate(|primary| primary.secret(&old, Cipher::Aes256Cbc))?; // still read the old ones
///
/// let message = encryptor.seal("a value", &Metadata::none(), &mut SystemEntropy)?;
/// let opened = encryptor.open(message.as_bytes(), Expected::NoPurpose, now)?;
/// assert_eq!(opened.deserialize::<String>()?, "a value");
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
#[must_use]
pub struct MessageEncryptor {
    cipher: Cipher,
    key: CipherKey,
    secret: Secret,
    sign_secret: Option<Secret>,
    options: Options,
    list: RotationList,
}

#[derive(Clone)]
enum CipherKey {
    Gcm(GcmKey),
    Cbc(CbcKey),
}

impl MessageEncryptor {
    /// An encryptor of the newest Rails without any `load_defaults` but for its cipher and JSON
    /// for a serializer. The secret is the key itself; nothing is derived.
    ///
    /// # Errors
    /// [`ConfigError::KeyLength`] unless the secret is [`Cipher::key_len`] bytes long.
    pub fn new(secret: &Secret, cipher: Cipher) -> Result<Self, ConfigError> {
        Self::with_rules(secret, cipher, MessageRules::default())
    }

    /// The same for another version of Rails: `Version::V6_1.dialect().messages()`.
    ///
    /// # Errors
    /// As [`new`](Self::new); but the versions that ran on Ruby before 2.4 take longer secrets and
    /// use their beginning.
    pub fn with_rules(
        secret: &Secret,
        cipher: Cipher,
        rules: MessageRules,
    ) -> Result<Self, ConfigError> {
        let options = Options::new(rules);
        let key = CipherKey::new(secret, cipher, rules.long_keys)?;
        let list = RotationList::new(recipe(&key, secret, &options));
        Ok(Self { cipher, key, secret: secret.clone(), sign_secret: None, options, list })
    }

    /// Another key and its cipher. A separate sign secret stays.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn secret(mut self, secret: &Secret, cipher: Cipher) -> Result<Self, ConfigError> {
        self.key = CipherKey::new(secret, cipher, self.options.rules.long_keys)?;
        self.cipher = cipher;
        self.secret = secret.clone();
        Ok(self.rebuilt())
    }

    /// The HMAC key of AES-CBC messages, where it is not the secret itself. AES-GCM has no use
    /// for it.
    pub fn sign_secret(mut self, secret: &Secret) -> Self {
        self.sign_secret = Some(secret.clone());
        self.rebuilt()
    }

    /// `digest:` of the HMAC of AES-CBC messages; up to Rails 4.1 it is not heeded.
    pub fn digest(mut self, digest: Digest) -> Self {
        self.options.digest = digest;
        self.rebuilt()
    }

    /// `serializer:`.
    pub fn serializer(mut self, serializer: Serializer) -> Self {
        self.options.serializer = serializer;
        self.rebuilt()
    }

    /// `url_safe: true` (7.1 and later): the URL-safe alphabet, without padding.
    pub fn url_safe(mut self) -> Self {
        self.options.alphabet = Alphabet::UrlSafe;
        self.rebuilt()
    }

    /// Which envelope is written around metadata; see [`MessageVerifier::metadata_form`].
    ///
    /// [`MessageVerifier::metadata_form`]: crate::MessageVerifier::metadata_form
    pub fn metadata_form(mut self, form: EnvelopeForm) -> Self {
        self.options.form = form;
        self.rebuilt()
    }

    /// What it is made of, for who explains its refusals.
    pub(crate) fn explained(&self) -> (&Options, &Secret, Cipher) {
        (&self.options, &self.secret, self.cipher)
    }

    fn rebuilt(mut self) -> Self {
        self.list.set_primary(self.recipe());
        self
    }

    fn recipe(&self) -> Recipe {
        recipe(&self.key, self.sign_secret.as_ref().unwrap_or(&self.secret), &self.options)
    }

    /// Adds a recipe that only reads: this encryptor's own, changed by `patch`, as Rails'
    /// `rotate(old_secret, **options)` inherits what is not given.
    ///
    /// # Errors
    /// Those of `patch`.
    pub fn rotate(
        mut self,
        patch: impl FnOnce(Self) -> Result<Self, ConfigError>,
    ) -> Result<Self, ConfigError> {
        let patched = patch(self.clone())?;
        self.list.push(patched.recipe(), Origin::Configured);
        Ok(self)
    }

    /// `decrypt_and_verify`: the message's bytes, as received, to its value.
    ///
    /// # Errors
    /// [`OpenError`]: no key made it, its value is in a format that the serializer does not read,
    /// it has expired at `now`, or it is for another purpose.
    pub fn open(
        &self,
        message: &[u8],
        expected: Expected<'_>,
        now: Timestamp,
    ) -> Result<Opened<'static>, OpenError> {
        self.open_in(&mut Scratch::new(), message, expected, now).map(Opened::into_owned)
    }

    /// As [`open`](Self::open), in the caller's buffers.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_in<'s>(
        &self,
        scratch: &'s mut Scratch,
        message: &[u8],
        expected: Expected<'_>,
        now: Timestamp,
    ) -> Result<Opened<'s>, OpenError> {
        self.list.open_in(scratch, message, expected, now)
    }

    /// `encrypt_and_sign`: serializes and encrypts, with an IV drawn from `entropy`.
    ///
    /// # Errors
    /// [`SealError`] when the serializer cannot say the value (the null serializer says none), or the
    /// entropy fails.
    pub fn seal<T: Serialize + ?Sized>(
        &self,
        value: &T,
        metadata: &Metadata<'_>,
        entropy: &mut impl Entropy,
    ) -> Result<String, SealError> {
        let mut scratch = Scratch::new();
        self.list.seal_in(&mut scratch, value, metadata, entropy).map(String::from)
    }

    /// Encrypts an already serialized value.
    ///
    /// # Errors
    /// [`SealError::Entropy`], [`SealError::ExpiryOutOfRange`], or
    /// [`SealError::Unrepresentable`] where the metadata has to go into Marshal or MessagePack and
    /// `payload` is no such value.
    pub fn seal_payload(
        &self,
        payload: &[u8],
        metadata: &Metadata<'_>,
        entropy: &mut impl Entropy,
    ) -> Result<String, SealError> {
        self.seal_payload_in(&mut Scratch::new(), payload, metadata, entropy).map(String::from)
    }

    /// As [`seal_payload`](Self::seal_payload), in the caller's buffers.
    ///
    /// # Errors
    /// As [`seal_payload`](Self::seal_payload).
    pub fn seal_payload_in<'s>(
        &self,
        scratch: &'s mut Scratch,
        payload: &[u8],
        metadata: &Metadata<'_>,
        entropy: &mut impl Entropy,
    ) -> Result<&'s str, SealError> {
        self.list.seal_payload_in(scratch, payload, metadata, entropy)
    }

    /// A value as this serializer writes it: the payload that
    /// [`seal_payload`](Self::seal_payload) takes.
    ///
    /// # Errors
    /// As [`seal`](Self::seal).
    pub fn serialize<T: Serialize + ?Sized>(&self, value: &T) -> Result<Vec<u8>, SealError> {
        self.list.serialize(value)
    }

    /// The exact bytes that sealing `payload` would encrypt: the payload in its envelope, if it gets
    /// one.
    ///
    /// # Errors
    /// As [`seal_payload`](Self::seal_payload).
    pub fn plain(&self, payload: &[u8], metadata: &Metadata<'_>) -> Result<Vec<u8>, SealError> {
        self.list.plain(payload, metadata)
    }
}

impl CipherKey {
    fn new(secret: &Secret, cipher: Cipher, long_keys: LongKeys) -> Result<Self, ConfigError> {
        let secret = secret.expose();
        let secret = match long_keys {
            LongKeys::Truncated => secret.get(..cipher.key_len()).unwrap_or(secret),
            LongKeys::Refused => secret,
        };
        Ok(if cipher.is_authenticated() {
            Self::Gcm(GcmKey::new(cipher, secret)?)
        } else {
            Self::Cbc(CbcKey::new(cipher, secret)?)
        })
    }
}

fn recipe(key: &CipherKey, sign_secret: &Secret, options: &Options) -> Recipe {
    options.recipe(match key {
        CipherKey::Gcm(key) => {
            Lock::Gcm { key: key.clone(), framing: options.rules.gcm(options.alphabet) }
        }
        CipherKey::Cbc(key) => {
            let digest = match options.rules.encryptor_digest {
                EncryptorDigest::AlwaysSha1 => Digest::Sha1,
                EncryptorDigest::AsConfigured => options.digest,
            };
            let mac = MacKey::new(digest, sign_secret.expose());
            Lock::Cbc { mac, key: key.clone(), framing: options.rules.cbc(options.alphabet) }
        }
    })
}

impl core::fmt::Debug for MessageEncryptor {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("MessageEncryptor")
            .field("cipher", &self.cipher)
            .field("digest", &self.options.digest)
            .field("serializer", &self.options.serializer)
            .finish_non_exhaustive()
    }
}
