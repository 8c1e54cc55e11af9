//! Doors for the fuzz targets to layers that have none: a tag stops a fuzzer, so it would never
//! meet what lies behind. Exists only under `--cfg fuzzing`.

use alloc::string::String;
use alloc::vec::Vec;

use crate::envelope::{self, EnvelopeForm, Expected, Metadata, PurposeAt};
use crate::error::{OpenError, SealError, SerializationError};
use crate::rails::Dialect;
use crate::serializer::json::{self, Syntax, scan::Span};
use crate::serializer::{Format, Serializer};
use crate::time::Timestamp;
use crate::value::Value;
use crate::wire::{base64, frame};

/// How base64 is read.
#[derive(Clone, Copy, Debug)]
pub enum Base64 {
    /// Padded, `+` and `/`.
    Standard,
    /// Padding optional, `-` and `_`.
    UrlSafe,
    /// The same, and `+` and `/` too.
    RubyUrlSafe,
    /// Ruby's `decode64`.
    Lenient,
}

/// Decodes with a buffer that `dirt` was in before.
#[must_use]
pub fn base64_decode(dirt: &[u8], text: &[u8], decoding: Base64) -> Option<Vec<u8>> {
    let decoding = match decoding {
        Base64::Standard => base64::Decoding::Strict(base64::Alphabet::Standard),
        Base64::UrlSafe => base64::Decoding::Strict(base64::Alphabet::UrlSafe),
        Base64::RubyUrlSafe => base64::Decoding::UrlSafe,
        Base64::Lenient => base64::Decoding::Lenient,
    };
    let mut out = dirt.to_vec();
    let length = base64::decode(&mut out, text, decoding)?;
    out.get(..length).map(<[u8]>::to_vec)
}

/// Encodes in the standard alphabet and in the URL-safe one.
#[must_use]
pub fn base64_encode(bytes: &[u8]) -> [Vec<u8>; 2] {
    [base64::Alphabet::Standard, base64::Alphabet::UrlSafe].map(|alphabet| {
        let mut out = Vec::new();
        base64::encode(&mut out, bytes, alphabet);
        out
    })
}

/// Where a message is cut.
#[derive(Clone, Copy, Debug)]
pub enum Cut {
    /// From the right, by lengths.
    Right,
    /// At each `--`.
    Left,
}

impl From<Cut> for frame::Cut {
    fn from(cut: Cut) -> Self {
        match cut {
            Cut::Right => Self::Right,
            Cut::Left => Self::Left,
        }
    }
}

/// Text and digest.
#[must_use]
pub fn cut_signed(message: &[u8], hex_len: usize, cut: Cut) -> Option<[&[u8]; 2]> {
    let frame::Signed { text, digest } = frame::Signed::cut(message, hex_len, cut.into())?;
    Some([text, digest])
}

/// Ciphertext, IV and tag, in the standard alphabet.
#[must_use]
pub fn cut_gcm(message: &[u8], cut: Cut) -> Option<[&[u8]; 3]> {
    let standard = base64::Alphabet::Standard;
    let frame::Gcm { ciphertext, iv, tag, .. } = frame::Gcm::cut(message, standard, cut.into())?;
    Some([ciphertext, iv, tag])
}

/// Ciphertext and IV, in the URL-safe alphabet.
#[must_use]
pub fn cut_cbc(inner: &[u8]) -> Option<[&[u8]; 2]> {
    let frame::Cbc { ciphertext, iv } = frame::Cbc::cut(inner, base64::Alphabet::UrlSafe)?;
    Some([ciphertext, iv])
}

/// Reads JSON text in the strict syntax and in Ruby's.
pub fn json_read(text: &[u8]) -> [Result<Value, SerializationError>; 2] {
    [Syntax::Strict, Syntax::Ruby].map(|syntax| json::read(text, syntax))
}

/// Whether the scanner takes the text, in the strict syntax and in Ruby's.
pub fn json_scan(text: &[u8]) -> [Result<(), SerializationError>; 2] {
    [Syntax::Strict, Syntax::Ruby].map(|syntax| {
        let document = Span::document(text, syntax)?;
        // Each member must lie where its text is.
        for member in document.members().into_iter().flatten() {
            json::read(member.value.bytes(), syntax)?;
        }
        Ok(())
    })
}

/// What was in an envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unwrapped {
    /// The form.
    pub form: EnvelopeForm,
    /// The payload.
    pub payload: Vec<u8>,
    /// The purpose.
    pub purpose: Option<String>,
    /// The expiry.
    pub expires_at: Option<Timestamp>,
    /// What the payload is read as.
    pub format: Format,
}

/// Unwraps bytes as if their tag had checked.
///
/// # Errors
/// Those of opening a message.
pub fn unwrap(
    plain: &[u8],
    dialect: &Dialect,
    serializer: Serializer,
    expected: Expected<'_>,
    now: Timestamp,
) -> Result<Unwrapped, OpenError> {
    let serialization = dialect.messages.serialization(serializer);
    let mut inner = Vec::new();
    let enclosed = base64::Alphabet::Standard;
    let detection = match serializer {
        Serializer::Null => dialect.messages.detection.of_bytes(),
        _ => dialect.messages.detection,
    };
    let contents = envelope::unwrap(
        &crate::crypto::Checked::for_fuzzing(),
        plain,
        &mut inner,
        detection,
        &serialization,
        enclosed,
        expected,
        now,
    )?;
    let payload = match contents.place {
        envelope::Place::Plain(range) => plain.get(range),
        envelope::Place::Inner(length) => inner.get(..length),
    };
    let payload = payload.unwrap_or_default().to_vec();
    let purpose = contents.purpose.map(|purpose| match purpose {
        PurposeAt::Plain(range) => {
            let text = plain.get(range).unwrap_or_default();
            String::from_utf8_lossy(text).into_owned()
        }
        PurposeAt::Unescaped(text) => text,
    });
    let recognized = match contents.form {
        EnvelopeForm::Serializer => plain,
        _ => &payload,
    };
    let (format, _) = serialization.recognize(recognized)?;
    Ok(Unwrapped { form: contents.form, payload, purpose, expires_at: contents.expires_at, format })
}

/// Wraps a payload.
///
/// # Errors
/// Those of sealing a message.
pub fn wrap(
    payload: &[u8],
    metadata: &Metadata<'_>,
    form: EnvelopeForm,
    dialect: &Dialect,
    serializer: Serializer,
) -> Result<Vec<u8>, SealError> {
    let mut out = Vec::new();
    let serialization = dialect.messages.serialization(serializer);
    envelope::wrap(&mut out, payload, metadata, form, &serialization, base64::Alphabet::Standard)?;
    Ok(out)
}
