//! Signed messages that are not cookies. Mirrors `active_support/message_verifier.rb`.

use alloc::string::String;
use alloc::vec::Vec;

use serde::Serialize;

use crate::crypto::Digest;
use crate::crypto::hmac::MacKey;
use crate::entropy::NoEntropy;
use crate::envelope::{EnvelopeForm, Expected, Metadata};
use crate::error::{OpenError, SealError};
use crate::message::lock::Lock;
use crate::message::{MessageRules, Opened, Options, Origin, Scratch};
use crate::rotation::{Recipe, RotationList};
use crate::secret::Secret;
use crate::serializer::Serializer;
use crate::time::Timestamp;
use crate::wire::base64::Alphabet;

/// `ActiveSupport::MessageVerifier`: values that anyone can read and only the key's holder can
/// write.
///
/// ```
/// use railjar::{Digest, Expected, MessageVerifier, Metadata, Secret, Serializer, Timestamp};
///
/// let now = Timestamp::from_unix_seconds(1_750_000_000);
/// let verifier = MessageVerifier::new(&Secret::new(*b"the key of this verifier"))
///     .serializer(Serializer::Json)
///     .digest(Digest::Sha256)
///     .rotate(|primary| primary.digest(Digest::Sha1)); // still read what SHA-1 signed
///
/// let metadata = Metadata::none().purpose("login").expires_at(now.plus_seconds(3600));
/// let message = verifier.seal(&("ada", 42), &metadata)?;
///
/// let opened = verifier.open(message.as_bytes(), Expected::Purpose("login"), now)?;
/// assert_eq!(opened.deserialize::<(String, u32)>()?, ("ada".into(), 42));
/// assert!(verifier.open(message.as_bytes(), Expected::NoPurpose, now).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
#[must_use]
pub struct MessageVerifier {
    secret: Secret,
    options: Options,
    list: RotationList,
}

impl MessageVerifier {
    /// A verifier of the newest Rails without any `load_defaults`: SHA-1, the standard alphabet,
    /// the legacy metadata envelope; but with JSON for a serializer. The secret is the key itself,
    /// of any length; nothing is derived.
    pub fn new(secret: &Secret) -> Self {
        Self::with_rules(secret, MessageRules::default())
    }

    /// The same for another version of Rails: `Version::V6_1.dialect().messages()`.
    pub fn with_rules(secret: &Secret, rules: MessageRules) -> Self {
        let options = Options::new(rules);
        let list = RotationList::new(recipe(secret, &options));
        Self { secret: secret.clone(), options, list }
    }

    /// Another key.
    pub fn secret(self, secret: &Secret) -> Self {
        Self { secret: secret.clone(), ..self }.rebuilt()
    }

    /// `digest:` of the HMAC.
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

    /// `GlobalID::Verifier`: the URL-safe alphabet with padding, inside the legacy envelope too.
    pub(crate) fn global_id(mut self) -> Self {
        self.options.alphabet = Alphabet::UrlSafePadded;
        self.rebuilt()
    }

    /// Which envelope is written around metadata: [`EnvelopeForm::Serializer`] is
    /// `use_message_serializer_for_metadata`, [`EnvelopeForm::Legacy`]
    /// `force_legacy_metadata_serializer`. Both are read, by the versions that read both.
    pub fn metadata_form(mut self, form: EnvelopeForm) -> Self {
        self.options.form = form;
        self.rebuilt()
    }

    /// What it is made of, for who explains its refusals.
    pub(crate) fn explained(&self) -> (&Options, &Secret) {
        (&self.options, &self.secret)
    }

    fn rebuilt(mut self) -> Self {
        self.list.set_primary(recipe(&self.secret, &self.options));
        self
    }

    /// Adds a recipe that only reads: this verifier's own, changed by `patch`, as Rails'
    /// `rotate(old_secret, **options)` inherits what is not given.
    pub fn rotate(mut self, patch: impl FnOnce(Self) -> Self) -> Self {
        let patched = patch(self.clone());
        self.list.push(recipe(&patched.secret, &patched.options), Origin::Configured);
        self
    }

    /// `verify`: the message's bytes, as received, to its value.
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

    /// `generate`: serializes and signs.
    ///
    /// # Errors
    /// [`SealError`] when the serializer cannot say the value; the null serializer says none.
    pub fn seal<T: Serialize + ?Sized>(
        &self,
        value: &T,
        metadata: &Metadata<'_>,
    ) -> Result<String, SealError> {
        let mut scratch = Scratch::new();
        self.list.seal_in(&mut scratch, value, metadata, &mut NoEntropy).map(String::from)
    }

    /// Signs an already serialized value.
    ///
    /// # Errors
    /// [`SealError::ExpiryOutOfRange`], or [`SealError::Unrepresentable`] where the metadata has to
    /// go into Marshal or MessagePack and `payload` is no such value.
    pub fn seal_payload(
        &self,
        payload: &[u8],
        metadata: &Metadata<'_>,
    ) -> Result<String, SealError> {
        self.seal_payload_in(&mut Scratch::new(), payload, metadata).map(String::from)
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
    ) -> Result<&'s str, SealError> {
        self.list.seal_payload_in(scratch, payload, metadata, &mut NoEntropy)
    }

    /// A value as this serializer writes it: the payload that
    /// [`seal_payload`](Self::seal_payload) takes.
    ///
    /// # Errors
    /// As [`seal`](Self::seal).
    pub fn serialize<T: Serialize + ?Sized>(&self, value: &T) -> Result<Vec<u8>, SealError> {
        self.list.serialize(value)
    }

    /// The exact bytes that sealing `payload` would sign: the payload in its envelope, if it gets
    /// one.
    ///
    /// # Errors
    /// As [`seal_payload`](Self::seal_payload).
    pub fn plain(&self, payload: &[u8], metadata: &Metadata<'_>) -> Result<Vec<u8>, SealError> {
        self.list.plain(payload, metadata)
    }
}

fn recipe(secret: &Secret, options: &Options) -> Recipe {
    let mac = MacKey::new(options.digest, secret.expose());
    options.recipe(Lock::Signed { mac, framing: options.rules.signed(options.alphabet) })
}

impl core::fmt::Debug for MessageVerifier {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("MessageVerifier")
            .field("digest", &self.options.digest)
            .field("serializer", &self.options.serializer)
            .finish_non_exhaustive()
    }
}
