//! What verifier and encryptor share: locks that open and seal bytes, the caller's buffers, and
//! what opening gives. Mirrors `active_support/messages/codec.rb` and the crypto halves of
//! `message_verifier.rb` and `message_encryptor.rb`.

pub(crate) mod lock;
mod opened;
mod scratch;

pub use self::opened::{Matched, Opened, Origin};
pub use self::scratch::Scratch;

use crate::crypto::Digest;
use crate::envelope::{Detection, EnvelopeForm};
use crate::rotation::Recipe;
use crate::serializer::{Fallback, Serialization, Serializer, json, message_pack};
use crate::wire::base64::Alphabet;
use crate::wire::frame::Cut;

/// How messages of one Rails version are cut, decoded and understood: plain data, one piece of a
/// [`Dialect`](crate::rails::Dialect).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageRules {
    /// How a signed message is cut.
    pub(crate) signed_cut: Cut,
    /// How an AES-GCM message is cut.
    pub(crate) encrypted_cut: Cut,
    /// What a verifier puts up with in base64.
    pub(crate) base64: Base64Leniency,
    /// Whether a verifier then tries the other alphabet.
    pub(crate) second_alphabet: SecondAlphabet,
    /// How metadata is found.
    pub(crate) detection: Detection,
    /// Which serializer reads what.
    pub(crate) fallback: Fallback,
    /// How `ActiveSupport::JSON` writes.
    pub(crate) active_support_json: json::Text,
    /// How Ruby's `JSON` writes.
    pub(crate) ruby_json: json::Text,
    /// What is read as JSON.
    pub(crate) syntax: json::Syntax,
    /// The types of `ActiveSupport::MessagePack`.
    pub(crate) extensions: message_pack::Extensions,
    /// Whether the digest of an encryptor's HMAC can be chosen.
    pub(crate) encryptor_digest: EncryptorDigest,
    /// What an encryptor does with a key longer than its cipher's.
    pub(crate) long_keys: LongKeys,
}

/// What a version puts up with in base64, beyond what any version writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Base64Leniency {
    /// Nothing.
    None,
    /// Rails 3.2 and 4.0: `Base64.decode64` skips whatever is no base64.
    Anything,
    /// From 7.1: the URL-safe decoder takes the other alphabet's characters in between.
    MixedAlphabets,
}

/// Whether a verifier reads what one with the other value of `url_safe` wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SecondAlphabet {
    /// Never.
    Never,
    /// 7.1: the URL-safe one reads both.
    ForUrlSafe,
    /// From 7.2.
    Always,
}

/// Whether `MessageEncryptor` heeds its option `digest:`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EncryptorDigest {
    /// Up to 4.1 it signs with SHA-1 whatever was asked.
    AlwaysSha1,
    /// From 4.2.
    AsConfigured,
}

/// What becomes of a key that is longer than the cipher's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LongKeys {
    /// Ruby before 2.4, and so Rails up to 4.2: its beginning is used (the HMAC takes all of it).
    Truncated,
    /// `ArgumentError`.
    Refused,
}

impl MessageRules {
    pub(crate) fn serialization(&self, serializer: Serializer) -> Serialization {
        let text = match serializer {
            Serializer::JsonModule => self.ruby_json,
            _ => self.active_support_json,
        };
        Serialization {
            serializer,
            fallback: self.fallback,
            text,
            envelope_text: self.active_support_json,
            syntax: self.syntax,
            extensions: self.extensions,
        }
    }

    pub(crate) fn signed(&self, alphabet: Alphabet) -> lock::Framing {
        let second = match (alphabet, self.second_alphabet) {
            // `GlobalID::Verifier#decode` is its own.
            (Alphabet::UrlSafePadded, _) | (_, SecondAlphabet::Never) => false,
            (_, SecondAlphabet::Always) => true,
            (alphabet, SecondAlphabet::ForUrlSafe) => alphabet == Alphabet::UrlSafe,
        };
        lock::Framing {
            alphabet,
            second: second.then(|| alphabet.other()),
            cut: self.signed_cut,
            leniency: self.base64,
        }
    }

    /// An encryptor never tries a second alphabet, and was never as lenient as a verifier once was.
    pub(crate) fn gcm(&self, alphabet: Alphabet) -> lock::Framing {
        let leniency = match self.base64 {
            Base64Leniency::Anything => Base64Leniency::None,
            other => other,
        };
        lock::Framing { alphabet, second: None, cut: self.encrypted_cut, leniency }
    }

    /// The outside of an AES-CBC message is a signed one, made by a verifier up to 7.0.
    pub(crate) fn cbc(&self, alphabet: Alphabet) -> lock::Framing {
        lock::Framing { second: None, ..self.signed(alphabet) }
    }
}

/// The options that verifier and encryptor have in common.
#[derive(Clone, Copy)]
pub(crate) struct Options {
    pub(crate) digest: Digest,
    pub(crate) serializer: Serializer,
    pub(crate) alphabet: Alphabet,
    pub(crate) form: EnvelopeForm,
    pub(crate) rules: MessageRules,
}

impl Options {
    /// Those of `rules`' version without any setting, but for the serializer, which is JSON.
    pub(crate) fn new(rules: MessageRules) -> Self {
        Self {
            digest: Digest::Sha1,
            serializer: Serializer::Json,
            alphabet: Alphabet::Standard,
            form: EnvelopeForm::Legacy,
            rules,
        }
    }

    pub(crate) fn recipe(&self, lock: lock::Lock) -> Recipe {
        Recipe {
            lock,
            serialization: self.rules.serialization(self.serializer),
            detection: match self.serializer {
                Serializer::Null => self.rules.detection.of_bytes(),
                _ => self.rules.detection,
            },
            form: self.form,
            enclosed: match (self.alphabet, self.rules.detection) {
                // metadata.rb: from 7.1 on the legacy envelope's inside is encoded by the codec's
                // own `encode(…, url_safe: false)`, which `GlobalID::Verifier` overrides.
                (Alphabet::UrlSafePadded, Detection::Prefixed) => Alphabet::UrlSafePadded,
                _ => Alphabet::Standard,
            },
        }
    }
}
