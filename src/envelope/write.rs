//! Writing the envelope: exactly Rails' bytes, since from 7.1 on a reader knows the legacy form by
//! its first bytes and nothing else.

use alloc::vec::Vec;

use super::{EnvelopeForm, Metadata, Purpose, tree};
use crate::error::SealError;
use crate::serializer::marshal::{self, Limits};
use crate::serializer::{Format, Serialization, json, message_pack};
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
    match serialization.serializer.format() {
        Format::Json => {}
        Format::Marshal => {
            // The numbers of links go through the whole dump: a part of one is none.
            let data =
                marshal::read(payload, &Limits::DEFAULT).map_err(|_| SealError::Unrepresentable)?;
            return marshal::write_value(out, &tree::wrap(data, metadata)?);
        }
        Format::MessagePack => {
            return packed(out, payload, metadata).ok_or(SealError::Unrepresentable);
        }
        _ => return Err(SealError::UnsupportedSerializer),
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

/// The same in MessagePack: the value comes without its signature, the expiry is a `Time`. `None`
/// for a payload without a signature.
fn packed(out: &mut Vec<u8>, payload: &[u8], metadata: &Metadata<'_>) -> Option<()> {
    let value = payload.strip_prefix(&message_pack::SIGNATURE)?;
    let extra = metadata.expires_at.iter().count().saturating_add(metadata.purpose.iter().count());
    out.extend_from_slice(&message_pack::SIGNATURE);
    message_pack::write_map(out, 1)?;
    message_pack::write_text(out, b"_rails")?;
    message_pack::write_map(out, extra.saturating_add(1))?;
    message_pack::write_text(out, b"data")?;
    out.extend_from_slice(value);
    if let Some(expiry) = metadata.expires_at {
        message_pack::write_text(out, b"exp")?;
        message_pack::write_instant(out, expiry)?;
    }
    if let Some(purpose) = metadata.purpose {
        message_pack::write_text(out, b"pur")?;
        let (prefix, rest) = purpose.parts();
        message_pack::write_text(out, [prefix, rest].concat().as_bytes())?;
    }
    Some(())
}

/// Text that needs no escapes.
fn string(out: &mut Vec<u8>, text: &[u8]) {
    out.push(b'"');
    out.extend_from_slice(text);
    out.push(b'"');
}

fn write_purpose(out: &mut Vec<u8>, purpose: Purpose<'_>, text: &json::Text) {
    out.push(b'"');
    let (prefix, rest) = purpose.parts();
    out.extend_from_slice(prefix.as_bytes());
    json::write_escaped(out, rest, text);
    out.push(b'"');
}
