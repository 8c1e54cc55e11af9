//! Writing the envelope: exactly Rails' bytes, since from 7.1 on a reader knows the legacy form by
//! its first bytes and nothing else.

use alloc::vec::Vec;

use super::{EnvelopeForm, Metadata, Purpose};
use crate::error::SealError;
use crate::serializer::{Format, Serialization, json};
use crate::wire::base64::{self, Alphabet};

/// Writes `payload` to `out` (which it replaces), in an envelope of `form` where there is metadata.
/// The legacy form holds it in base64, spelled in the alphabet `enclosed`.
pub(crate) fn wrap(
    out: &mut Vec<u8>,
    payload: &[u8],
    metadata: &Metadata<'_>,
    form: EnvelopeForm,
    serialization: &Serialization,
    enclosed: Alphabet,
) -> Result<(), SealError> {
    out.clear();
    match form {
        _ if metadata.is_none() => out.extend_from_slice(payload),
        EnvelopeForm::Serializer if serialization.serializer.holds_envelope() => {
            new_form(out, payload, metadata, serialization)?;
        }
        _ => legacy(out, payload, metadata, serialization, enclosed)?,
    }
    Ok(())
}

/// `{"_rails":{"message":"…","exp":…,"pur":…}}`, with nulls.
fn legacy(
    out: &mut Vec<u8>,
    payload: &[u8],
    metadata: &Metadata<'_>,
    serialization: &Serialization,
    enclosed: Alphabet,
) -> Result<(), SealError> {
    out.extend_from_slice(br#"{"_rails":{"message":""#);
    base64::encode(out, payload, enclosed);
    out.extend_from_slice(br#"","exp":"#);
    match metadata.expiry()? {
        Some(expiry) => string(out, &expiry),
        None => out.extend_from_slice(b"null"),
    }
    out.extend_from_slice(br#","pur":"#);
    match metadata.purpose {
        Some(purpose) => write_purpose(out, purpose, &serialization.envelope_text),
        None => out.extend_from_slice(b"null"),
    }
    out.extend_from_slice(b"}}");
    Ok(())
}

/// `{"_rails":{"data":…,"exp":…,"pur":…}}`, without what is absent.
fn new_form(
    out: &mut Vec<u8>,
    payload: &[u8],
    metadata: &Metadata<'_>,
    serialization: &Serialization,
) -> Result<(), SealError> {
    if serialization.serializer.format() != Format::Json {
        return Err(SealError::UnsupportedSerializer);
    }
    out.extend_from_slice(br#"{"_rails":{"data":"#);
    out.extend_from_slice(payload);
    if let Some(expiry) = metadata.expiry()? {
        out.extend_from_slice(br#","exp":"#);
        string(out, &expiry);
    }
    if let Some(purpose) = metadata.purpose {
        out.extend_from_slice(br#","pur":"#);
        write_purpose(out, purpose, &serialization.text);
    }
    out.extend_from_slice(b"}}");
    Ok(())
}

/// Text that needs no escapes.
fn string(out: &mut Vec<u8>, text: &[u8]) {
    out.push(b'"');
    out.extend_from_slice(text);
    out.push(b'"');
}

fn write_purpose(out: &mut Vec<u8>, purpose: Purpose<'_>, text: &json::Text) {
    out.push(b'"');
    let (prefix, rest) = match purpose {
        Purpose::Text(purpose) => ("", purpose),
        Purpose::Cookie(name) => ("cookie.", name),
    };
    out.extend_from_slice(prefix.as_bytes());
    json::write_escaped(out, rest, text);
    out.push(b'"');
}
