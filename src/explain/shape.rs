//! What the text of a message tells without any key: its parts, their lengths, their spelling; and
//! of a signed message, whose payload anyone can read, what that payload claims to be.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::recipe::Spelling;
use crate::crypto::Digest;
use crate::envelope::{EnvelopeForm, inspect};
use crate::rails::Version;
use crate::serializer::{Format, Serialization, Serializer};
use crate::time::Timestamp;
use crate::wire::base64::{self, Alphabet, Decoding};
use crate::wire::frame::{Cbc, Cut, GCM_IV, GCM_TAG, Gcm, Signed};

/// What a message looks like.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Shape {
    /// What kind of message it is.
    pub kind: ShapeKind,
    /// How its base64 is spelled.
    pub spelling: Spelling,
    /// The length of the text in bytes.
    pub wire_len: usize,
    /// The length in bytes of what is signed or encrypted, where it can be told.
    pub data_len: Option<usize>,
    /// Of a signed message, what its payload claims to be.
    pub unverified: Option<Unverified>,
}

/// The kinds of messages that Rails writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ShapeKind {
    /// `data--digest`.
    Signed {
        /// The digest of the HMAC, by its length.
        digest: Digest,
    },
    /// `data--digest`, where the data is `ciphertext--iv`.
    EncryptedCbc {
        /// The digest of the HMAC, by its length.
        digest: Digest,
    },
    /// `ciphertext--iv--tag`.
    EncryptedGcm,
    /// None of them.
    Neither,
}

/// What stands in a signed message, as anybody can read it and anybody could have written it.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unverified {
    /// What the value seems to be serialized as; `None` where it announces itself as nothing.
    pub format: Option<Format>,
    /// The metadata around it.
    pub envelope: EnvelopeForm,
    /// The purpose that it claims.
    pub purpose: Option<String>,
    /// The expiry that it claims.
    pub expires_at: Option<Timestamp>,
    /// The length of the serialized value in bytes.
    pub payload_len: usize,
}

impl Shape {
    /// Looks at a message's text, unescaped.
    #[must_use]
    pub fn of(wire: &[u8]) -> Self {
        let wire_len = wire.len();
        let gcm = [Alphabet::Standard, Alphabet::UrlSafe]
            .into_iter()
            .find_map(|alphabet| Some((alphabet, gcm(wire, alphabet)?)));
        if let Some((alphabet, parts)) = gcm {
            let spelling = match alphabet {
                Alphabet::Standard => Spelling::Standard,
                _ => Spelling::UrlSafe,
            };
            let (kind, data_len) = (ShapeKind::EncryptedGcm, Some(parts.ciphertext.len()));
            return Self { kind, spelling, wire_len, data_len, unverified: None };
        }
        let Some((digest, frame)) = signed(wire) else {
            let kind = ShapeKind::Neither;
            let (spelling, data_len) = (Spelling::Broken, None);
            return Self { kind, spelling, wire_len, data_len, unverified: None };
        };
        let Some((data, spelling)) = data(frame.text) else {
            let (kind, spelling) = (ShapeKind::Signed { digest }, Spelling::Broken);
            return Self { kind, spelling, wire_len, data_len: None, unverified: None };
        };
        if let Some(parts) = cbc(&data) {
            let (kind, data_len) = (ShapeKind::EncryptedCbc { digest }, parts.ciphertext.len());
            return Self { kind, spelling, wire_len, data_len: Some(data_len), unverified: None };
        }
        let kind = ShapeKind::Signed { digest };
        let unverified = Unverified::of(&data);
        Self { kind, spelling, wire_len, data_len: Some(data.len()), unverified }
    }

    /// Whether it is a message that some Rails writes.
    #[must_use]
    pub fn is_message(&self) -> bool {
        self.kind != ShapeKind::Neither && self.spelling != Spelling::Broken
    }

    /// The oldest Rails that writes such messages.
    #[must_use]
    pub fn since(&self) -> Option<Version> {
        let unverified = self.unverified.as_ref();
        let named = unverified.is_some_and(|it| {
            it.purpose.as_deref().is_some_and(|purpose| purpose.starts_with("cookie."))
        });
        let envelope = unverified.map_or(EnvelopeForm::None, |it| it.envelope);
        let packed = unverified.is_some_and(|it| it.format == Some(Format::MessagePack));
        Some(match (self.kind, self.spelling, envelope) {
            (ShapeKind::Neither, ..) => return None,
            (.., EnvelopeForm::Serializer) => Version::V7_1,
            _ if packed => Version::V7_1,
            (ShapeKind::EncryptedGcm, Spelling::UrlSafe, _) => Version::V7_1,
            (_, Spelling::UrlSafe, _) => Version::V4_2,
            (.., EnvelopeForm::Legacy) if named => Version::V6_0,
            (ShapeKind::EncryptedGcm, ..) | (.., EnvelopeForm::Legacy) => Version::V5_2,
            (ShapeKind::EncryptedCbc { .. }, ..) => Version::V4_0,
            (ShapeKind::Signed { .. }, ..) => Version::V3_2,
        })
    }
}

impl ShapeKind {
    /// One word for machines: `"signed"`, `"encrypted-cbc"`, `"encrypted-gcm"`, `"neither"`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Signed { .. } => "signed",
            Self::EncryptedCbc { .. } => "encrypted-cbc",
            Self::EncryptedGcm => "encrypted-gcm",
            Self::Neither => "neither",
        }
    }
}

/// In words.
impl fmt::Display for ShapeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Signed { digest } => write!(f, "a signed message (HMAC {})", digest.name()),
            Self::EncryptedCbc { digest } => {
                write!(f, "an encrypted message (AES-CBC, HMAC {})", digest.name())
            }
            Self::EncryptedGcm => f.write_str("an encrypted message (AES-GCM)"),
            Self::Neither => f.write_str("no message that Rails writes"),
        }
    }
}

impl Unverified {
    fn of(data: &[u8]) -> Option<Self> {
        let found = inspect(data, &all_formats()).ok()?;
        Some(Self {
            format: Format::detect(&found.payload),
            envelope: found.form,
            purpose: found.purpose,
            expires_at: found.expires_at,
            payload_len: found.payload.len(),
        })
    }
}

impl fmt::Debug for Unverified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unverified").field("format", &self.format).finish_non_exhaustive()
    }
}

/// Reads whatever any Rails writes.
pub(super) fn all_formats() -> Serialization {
    Version::NEWEST.dialect().strict().messages().serialization(Serializer::MessagePackAllowMarshal)
}

/// An AES-GCM message with its base64 undone.
pub(super) struct GcmParts {
    pub(super) ciphertext: Vec<u8>,
    pub(super) iv: [u8; GCM_IV],
    pub(super) tag: [u8; GCM_TAG],
}

pub(super) fn gcm(wire: &[u8], alphabet: Alphabet) -> Option<GcmParts> {
    let frame = Gcm::cut(wire, alphabet, Cut::Right)?;
    let decoding = match alphabet {
        Alphabet::UrlSafe => Decoding::UnpaddedUrlSafe,
        other => Decoding::Strict(other),
    };
    let (mut iv, mut tag) = ([0; GCM_IV], [0; GCM_TAG]);
    base64::decode_exact(&mut tag, frame.tag, decoding)?;
    base64::decode_exact(&mut iv, frame.iv, decoding)?;
    Some(GcmParts { ciphertext: decode(frame.ciphertext, decoding)?, iv, tag })
}

pub(super) const DIGESTS: [Digest; 5] =
    [Digest::Sha1, Digest::Sha256, Digest::Sha512, Digest::Sha384, Digest::Md5];

/// A signed message, cut where the digest is one in lower-case hexadecimal.
pub(super) fn signed(wire: &[u8]) -> Option<(Digest, Signed<'_>)> {
    DIGESTS.into_iter().find_map(|digest| {
        let frame = Signed::cut(wire, digest.hex_len(), Cut::Right)?;
        let is_hex = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        frame.digest.iter().all(is_hex).then_some((digest, frame))
    })
}

/// The data of a signed message.
pub(super) fn data(text: &[u8]) -> Option<(Vec<u8>, Spelling)> {
    let standard = decode(text, Decoding::Strict(Alphabet::Standard));
    let standard = standard.map(|data| (data, Spelling::Standard));
    let url_safe = || Some((decode(text, Decoding::Strict(Alphabet::UrlSafe))?, Spelling::UrlSafe));
    standard.or_else(url_safe)
}

/// The inside of an AES-CBC message.
pub(super) fn cbc(data: &[u8]) -> Option<CbcParts> {
    [Alphabet::Standard, Alphabet::UrlSafe].into_iter().find_map(|alphabet| {
        let frame = Cbc::cut(data, alphabet)?;
        let decoding = Decoding::Strict(alphabet);
        let mut iv = [0; 16];
        base64::decode_exact(&mut iv, frame.iv, decoding)?;
        let ciphertext = decode(frame.ciphertext, decoding)?;
        let is_whole = !ciphertext.is_empty() && ciphertext.len().is_multiple_of(16);
        is_whole.then_some(CbcParts { ciphertext, iv })
    })
}

/// An AES-CBC message with its base64 undone.
pub(super) struct CbcParts {
    pub(super) ciphertext: Vec<u8>,
    pub(super) iv: [u8; 16],
}

pub(super) fn decode(text: &[u8], decoding: Decoding) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let length = base64::decode(&mut out, text, decoding)?;
    out.truncate(length);
    Some(out)
}
