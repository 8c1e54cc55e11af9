//! The new envelope inside Marshal: a hash like any other, whose members have to be written anew,
//! since symbols and objects are numbered through the whole dump.

use alloc::borrow::Cow;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use super::inspect::Inspected;
use super::read::{Contents, Place, PurposeAt};
use super::{EnvelopeForm, Expected, Metadata, Purpose};
use crate::error::{ContentError, OpenError, SealError};
use crate::time::Timestamp;
use crate::value::{Hash, Value};

/// The keys are one string each, as literals are in Ruby.
const KEY: &str = "_rails";
const DATA: &str = "data";
const EXPIRY: &str = "exp";
const PURPOSE: &str = "pur";

/// How a tree is written, to `out`, which it replaces.
pub(super) type Write = fn(out: &mut Vec<u8>, tree: &Value) -> Result<(), SealError>;

/// Finds the payload of a message, after checking expiry and purpose, and writes it to `inner`.
/// `None` where the tree is no envelope.
pub(super) fn unwrap(
    tree: &Value,
    inner: &mut Vec<u8>,
    write: Write,
    expected: Expected<'_>,
    now: Timestamp,
) -> Result<Option<Contents>, OpenError> {
    let Some(members) = tree.get(KEY) else {
        return Ok(None);
    };
    let members = members.as_hash().ok_or(ContentError::MalformedMetadata)?;
    let expires_at = members.get(EXPIRY).map_or(Ok(None), expiry)?;
    if expires_at.is_some_and(|expiry| now >= expiry) {
        return Err(ContentError::Expired.into());
    }
    let purpose = members.get(PURPOSE).map_or(Ok(None), purpose)?;
    expected.check(purpose.as_deref().unwrap_or(""))?;
    let data = members.get(DATA).ok_or(ContentError::MalformedMetadata)?;
    inner.clear();
    write(inner, data).map_err(|_| ContentError::MalformedMetadata)?;
    let purpose = purpose.map(|purpose| PurposeAt::Unescaped(purpose.into_owned()));
    let place = Place::Inner(inner.len());
    Ok(Some(Contents { form: EnvelopeForm::Serializer, place, purpose, expires_at }))
}

/// The same without any check, for who only looks.
pub(super) fn inspect(tree: &Value, write: Write) -> Result<Option<Inspected>, ContentError> {
    let Some(members) = tree.get(KEY).and_then(Value::as_hash) else {
        return Ok(None);
    };
    let expires_at = members.get(EXPIRY).map_or(Ok(None), expiry)?;
    let purpose = members.get(PURPOSE).map_or(Ok(None), purpose)?.map(Cow::into_owned);
    let data = members.get(DATA).ok_or(ContentError::MalformedMetadata)?;
    let mut payload = Vec::new();
    write(&mut payload, data).map_err(|_| ContentError::MalformedMetadata)?;
    let form = EnvelopeForm::Serializer;
    Ok(Some(Inspected { form, is_canonical: true, purpose, expires_at, payload }))
}

fn expiry(member: &Value) -> Result<Option<Timestamp>, ContentError> {
    if member.is_nil() {
        return Ok(None);
    }
    let time = member.as_time().map(|time| time.timestamp());
    time.or_else(|| Timestamp::parse(member.as_str()?))
        .map(Some)
        .ok_or(ContentError::MalformedMetadata)
}

fn purpose(member: &Value) -> Result<Option<Cow<'_, str>>, ContentError> {
    if member.is_nil() {
        return Ok(None);
    }
    let text = member.as_string().or_else(|| member.as_symbol().map(|symbol| symbol.name()));
    text.and_then(|text| text.to_utf8()).map(Some).ok_or(ContentError::MalformedMetadata)
}

/// The envelope around a value; members that are absent are left out.
pub(super) fn wrap(data: Value, metadata: &Metadata<'_>) -> Result<Value, SealError> {
    let mut members = Hash::new();
    members.insert(DATA, data);
    if let Some(expiry) = metadata.expiry()? {
        members.insert(EXPIRY, String::from_utf8_lossy(&expiry).into_owned());
    }
    match metadata.purpose {
        Some(Purpose::Text(text)) => {
            members.insert(PURPOSE, text);
        }
        Some(Purpose::Cookie(name)) => {
            members.insert(PURPOSE, ["cookie.", name].concat());
        }
        None => {}
    }
    Ok(Value::Hash([(KEY.to_string(), members)].into_iter().collect()))
}
