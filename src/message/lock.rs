//! Locks: a key with the frame that its messages have. Opening one gives bytes with the proof that
//! their tag has checked; nothing is decrypted, decoded or parsed before.

use alloc::vec::Vec;

use super::{Base64Leniency, Scratch};
use crate::crypto::Checked;
use crate::crypto::cbc::CbcKey;
use crate::crypto::gcm::GcmKey;
use crate::crypto::hmac::MacKey;
use crate::entropy::Entropy;
use crate::error::{FormatError, SealError};
use crate::wire::base64::{self, Alphabet, Decoding};
use crate::wire::frame::{CBC_IV, Cbc, Cut, GCM_IV, GCM_TAG, Gcm, Signed};

/// How the parts of a message are joined and spelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Framing {
    pub(crate) alphabet: Alphabet,
    /// Tried where `alphabet` does not decode.
    pub(crate) second: Option<Alphabet>,
    pub(crate) cut: Cut,
    pub(crate) leniency: Base64Leniency,
}

impl Framing {
    fn decoding(self) -> Decoding {
        self.decoding_of(self.alphabet)
    }

    fn decoding_of(self, alphabet: Alphabet) -> Decoding {
        match (self.leniency, alphabet) {
            (Base64Leniency::Anything, _) => Decoding::Lenient,
            (Base64Leniency::MixedAlphabets, Alphabet::UrlSafe | Alphabet::UrlSafePadded) => {
                Decoding::UrlSafe
            }
            (_, alphabet) => Decoding::Strict(alphabet),
        }
    }

    /// Decodes the data of a verified message.
    fn decode_signed(self, out: &mut Vec<u8>, text: &[u8]) -> Option<usize> {
        base64::decode(out, text, self.decoding())
            .or_else(|| base64::decode(out, text, self.decoding_of(self.second?)))
    }
}

/// A key, and the frame of the messages that it makes.
#[derive(Clone)]
pub(crate) enum Lock {
    /// `MessageVerifier`.
    Signed { mac: MacKey, framing: Framing },
    /// `MessageEncryptor` with an authenticated cipher.
    Gcm { key: GcmKey, framing: Framing },
    /// `MessageEncryptor` with any other: encrypted, then signed.
    Cbc { mac: MacKey, key: CbcKey, framing: Framing },
}

/// What a lock's messages look like before any key is asked: one look rules out all locks of a shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Text and a digest of so many digits: signed messages, and AES-CBC ones.
    Signed { hex_len: usize, cut: Cut },
    /// Three parts, two of them of known lengths.
    Gcm { alphabet: Alphabet, cut: Cut },
}

impl Shape {
    pub(crate) fn fits(self, message: &[u8]) -> bool {
        match self {
            Self::Signed { hex_len, cut } => signed(message, hex_len, cut).is_some(),
            Self::Gcm { alphabet, cut } => Gcm::cut(message, alphabet, cut).is_some(),
        }
    }
}

/// Cuts `data--digest`. In the URL-safe alphabet `iv--tag` of AES-GCM is as long as the digits of
/// SHA-1; that is no digest.
fn signed(message: &[u8], hex_len: usize, cut: Cut) -> Option<Signed<'_>> {
    Signed::cut(message, hex_len, cut).filter(|frame| frame.digest.get(16..18) != Some(b"--"))
}

/// A message on its way through a list of locks: what one lock has decoded, the next can use.
pub(crate) struct Attempt<'m, 's> {
    message: &'m [u8],
    scratch: &'s mut Scratch,
    /// How the parts below were decoded, if they were.
    framing: Option<Framing>,
    gcm: GcmParts,
}

/// An AES-GCM message with its base64 undone.
#[derive(Default)]
struct GcmParts {
    /// Of the ciphertext at the front of `scratch.plain`; `None` for text that is no base64.
    length: Option<usize>,
    iv: [u8; GCM_IV],
    tag: [u8; GCM_TAG],
}

/// The bytes at the front of `scratch.plain` are authentic.
pub(crate) struct Unlocked {
    pub(crate) proof: Checked,
    pub(crate) length: usize,
}

impl<'m, 's> Attempt<'m, 's> {
    pub(crate) fn new(message: &'m [u8], scratch: &'s mut Scratch) -> Self {
        Self { message, scratch, framing: None, gcm: GcmParts::default() }
    }

    pub(crate) fn scratch(&mut self) -> &mut Scratch {
        self.scratch
    }

    /// Drops what was decoded: the buffers have been written over.
    pub(crate) fn forget(&mut self) {
        self.framing = None;
    }

    /// Decodes the three parts once for all locks of the same framing; with the ciphertext.
    fn gcm_parts(&mut self, framing: Framing) -> Option<(&mut [u8], &GcmParts)> {
        if self.framing != Some(framing) {
            self.framing = Some(framing);
            self.gcm.length = self.decode_gcm(framing);
        }
        Some((self.scratch.plain.get_mut(..self.gcm.length?)?, &self.gcm))
    }

    fn decode_gcm(&mut self, framing: Framing) -> Option<usize> {
        let frame = Gcm::cut(self.message, framing.alphabet, framing.cut)?;
        // Unlike a signed message, this one has its text outside the tag: it may have one spelling.
        let decoding = match framing.decoding() {
            Decoding::Strict(Alphabet::UrlSafe) => Decoding::UnpaddedUrlSafe,
            other => other,
        };
        // What Rails ignores it decodes all the same, and refuses what does not.
        for extra in frame.ignored() {
            base64::decode(&mut self.scratch.plain, extra, decoding)?;
        }
        base64::decode_exact(&mut self.gcm.tag, frame.tag, decoding)?;
        base64::decode_exact(&mut self.gcm.iv, frame.iv, decoding)?;
        base64::decode(&mut self.scratch.plain, frame.ciphertext, decoding)
    }
}

impl Lock {
    /// What [`open`](Self::open) does not take for malformed at once.
    pub(crate) fn shape(&self) -> Shape {
        match self {
            Self::Signed { mac, framing } | Self::Cbc { mac, framing, .. } => {
                Shape::Signed { hex_len: mac.digest().hex_len(), cut: framing.cut }
            }
            Self::Gcm { framing, .. } => {
                Shape::Gcm { alphabet: framing.alphabet, cut: framing.cut }
            }
        }
    }

    /// Opens with this key alone. [`FormatError::Malformed`] when the frame rules this lock out
    /// before any hashing.
    pub(crate) fn open(&self, attempt: &mut Attempt<'_, '_>) -> Result<Unlocked, FormatError> {
        match self {
            Self::Signed { mac, framing } => {
                let frame = signed(attempt.message, mac.digest().hex_len(), framing.cut)
                    .ok_or(FormatError::Malformed)?;
                let proof =
                    mac.verify_hex(frame.text, frame.digest).ok_or(FormatError::BadSignature)?;
                attempt.forget();
                let length = framing.decode_signed(&mut attempt.scratch.plain, frame.text);
                Ok(Unlocked { proof, length: length.ok_or(FormatError::BadSignature)? })
            }
            Self::Gcm { key, framing } => {
                let (ciphertext, parts) =
                    attempt.gcm_parts(*framing).ok_or(FormatError::Malformed)?;
                let proof = open_gcm(key, ciphertext, parts);
                let proof = proof.ok_or(FormatError::BadSignature)?;
                Ok(Unlocked { proof, length: ciphertext.len() })
            }
            Self::Cbc { mac, key, framing } => {
                let frame = signed(attempt.message, mac.digest().hex_len(), framing.cut)
                    .ok_or(FormatError::Malformed)?;
                let proof =
                    mac.verify_hex(frame.text, frame.digest).ok_or(FormatError::BadSignature)?;
                attempt.forget();
                open_cbc(proof, key, *framing, frame.text, attempt.scratch)
                    .ok_or(FormatError::BadSignature)
            }
        }
    }

    /// Writes `scratch.plain` as a message, replacing `scratch.message`; both other buffers are
    /// overwritten.
    pub(crate) fn seal(
        &self,
        scratch: &mut Scratch,
        entropy: &mut impl Entropy,
    ) -> Result<(), SealError> {
        let Scratch { plain, inner, message } = scratch;
        message.clear();
        match self {
            Self::Signed { mac, framing } => {
                base64::encode(message, plain, framing.alphabet);
                sign(mac, message, inner);
            }
            Self::Gcm { key, framing } => {
                let iv: [u8; GCM_IV] = draw(entropy)?;
                let tag = key.seal(plain, &iv);
                join(message, &[plain, &iv, &tag], framing.alphabet);
            }
            Self::Cbc { mac, key, framing } => {
                let iv: [u8; CBC_IV] = draw(entropy)?;
                key.seal(plain, &iv);
                inner.clear();
                join(inner, &[plain, &iv], framing.alphabet);
                base64::encode(message, inner, framing.alphabet);
                sign(mac, message, inner);
            }
        }
        Ok(())
    }
}

/// Out of line: inlined into the loop over locks it was slower by a twentieth, with
/// `-Ctarget-cpu=native`.
#[inline(never)]
fn open_gcm(key: &GcmKey, ciphertext: &mut [u8], parts: &GcmParts) -> Option<Checked> {
    key.open(ciphertext, &parts.iv, &parts.tag)
}

fn open_cbc(
    proof: Checked,
    key: &CbcKey,
    framing: Framing,
    text: &[u8],
    scratch: &mut Scratch,
) -> Option<Unlocked> {
    let Scratch { plain, inner, .. } = scratch;
    let length = framing.decode_signed(inner, text)?;
    let frame = Cbc::cut(inner.get(..length)?, framing.alphabet)?;
    let decoding = framing.decoding();
    let mut iv = [0; CBC_IV];
    base64::decode_exact(&mut iv, frame.iv, decoding)?;
    let length = base64::decode(plain, frame.ciphertext, decoding)?;
    let length = key.open(&proof, plain.get_mut(..length)?, &iv)?;
    Some(Unlocked { proof, length })
}

/// Appends `--` and the digest of all that `message` holds.
fn sign(mac: &MacKey, message: &mut Vec<u8>, spare: &mut Vec<u8>) {
    spare.clear();
    mac.write_hex(message, spare);
    message.extend_from_slice(b"--");
    message.extend_from_slice(spare);
}

fn join(out: &mut Vec<u8>, parts: &[&[u8]], alphabet: Alphabet) {
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            out.extend_from_slice(b"--");
        }
        base64::encode(out, part, alphabet);
    }
}

fn draw<const N: usize>(entropy: &mut impl Entropy) -> Result<[u8; N], SealError> {
    let mut iv = [0; N];
    entropy.fill(&mut iv).map_err(|_| SealError::Entropy)?;
    Ok(iv)
}
