//! What an envelope says, for who only looks and decides nothing: no purpose and no expiry is
//! checked here, and no proof is asked for, so that the payload of a message that nobody verified
//! can be described too. What opens messages is `read.rs`.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use super::read::{Field, LEGACY_PREFIX, Members, may_be_envelope, packed, parsed};
use super::{EnvelopeForm, tree};
use crate::error::{ContentError, OpenError};
use crate::serializer::json::Syntax;
use crate::serializer::marshal::{self, Limits, Trailing};
use crate::serializer::{Format, Serialization, message_pack};
use crate::time::Timestamp;
use crate::wire::base64::{self, Alphabet, Decoding};

/// What signed or decrypted bytes hold.
pub(crate) struct Inspected {
    pub(crate) form: EnvelopeForm,
    /// Whether Rails 7.1 and later take a legacy envelope for one: they go by its first bytes.
    pub(crate) is_canonical: bool,
    pub(crate) purpose: Option<String>,
    pub(crate) expires_at: Option<Timestamp>,
    /// The serialized value.
    pub(crate) payload: Vec<u8>,
}

/// Looks into `plain`, by the rules of all versions together.
pub(crate) fn inspect(
    plain: &[u8],
    serialization: &Serialization,
) -> Result<Inspected, ContentError> {
    let without = || Inspected {
        form: EnvelopeForm::None,
        is_canonical: true,
        purpose: None,
        expires_at: None,
        payload: plain.into(),
    };
    match Format::detect(plain) {
        Some(Format::Json) => {
            let Some((form, members)) = json(plain) else { return Ok(without()) };
            let expires_at = members.expiry()?;
            let purpose = members.purpose()?.map(Cow::into_owned);
            let value = members.value.ok_or(ContentError::MalformedMetadata)?;
            let payload = payload(form, &value).ok_or(ContentError::MalformedMetadata)?;
            let is_canonical = form == EnvelopeForm::Serializer || plain.starts_with(LEGACY_PREFIX);
            Ok(Inspected { form, is_canonical, purpose, expires_at, payload })
        }
        Some(Format::MessagePack) if may_be_envelope(plain) => {
            let Ok(Some((form, members))) = packed(plain, serialization) else {
                return Ok(without());
            };
            let expires_at = members.expiry()?;
            let purpose = members.purpose()?.map(Cow::into_owned);
            let value = members.value.ok_or(ContentError::MalformedMetadata)?;
            let payload = payload(form, &value).ok_or(ContentError::MalformedMetadata)?;
            Ok(Inspected { form, is_canonical: true, purpose, expires_at, payload })
        }
        Some(Format::Marshal) if may_be_envelope(plain) => {
            let Ok(tree) = marshal::read_with(plain, &Limits::DEFAULT, Trailing::Refuse) else {
                return Ok(without());
            };
            Ok(tree::inspect(&tree, marshal::write_value)?.unwrap_or_else(without))
        }
        _ => Ok(without()),
    }
}

/// The envelope in JSON, with the value of whichever form it is.
fn json(plain: &[u8]) -> Option<(EnvelopeForm, Members<'_>)> {
    let of = |form| -> Option<(EnvelopeForm, Members<'_>)> {
        let found: Result<_, OpenError> = parsed(form, plain, Syntax::Ruby);
        found.ok().flatten()
    };
    let legacy = of(EnvelopeForm::Legacy)?;
    match legacy.1.value {
        Some(_) => Some(legacy),
        None => of(EnvelopeForm::Serializer).filter(|(_, members)| members.value.is_some()),
    }
}

fn payload(form: EnvelopeForm, value: &Field<'_>) -> Option<Vec<u8>> {
    match (form, value) {
        (EnvelopeForm::Legacy, value) => {
            let text = value.bytes()?;
            let mut out = Vec::new();
            let spellings = [Alphabet::Standard, Alphabet::UrlSafePadded];
            let length = spellings
                .into_iter()
                .find_map(|spelling| base64::decode(&mut out, &text, Decoding::Strict(spelling)))?;
            out.truncate(length);
            Some(out)
        }
        (_, Field::Other(span)) => Some(span.bytes().into()),
        (_, Field::Packed(value)) => Some([&message_pack::SIGNATURE[..], value].concat()),
        (_, Field::Null) => Some(b"null".into()),
        (_, Field::Simple(_) | Field::Time(_)) => None,
    }
}
