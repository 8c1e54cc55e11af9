//! Reading the envelope, by each version's rule. A member that is there but unreadable refuses the
//! message; it is never taken for absent.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

use super::{Detection, EnvelopeForm, Expected, tree};
use crate::crypto::Checked;
use crate::error::{ContentError, OpenError};
use crate::serializer::json::Syntax;
use crate::serializer::json::scan::Span;
use crate::serializer::marshal::{self, Limits};
use crate::serializer::{Format, Serialization, message_pack};
use crate::time::Timestamp;
use crate::wire::base64::{self, Alphabet, Decoding};

/// Where the parts of an opened message lie in the caller's buffers.
pub(crate) struct Contents {
    pub(crate) form: EnvelopeForm,
    pub(crate) place: Place,
    pub(crate) purpose: Option<PurposeAt>,
    pub(crate) expires_at: Option<Timestamp>,
}

/// Where the payload lies.
pub(crate) enum Place {
    /// In the signed or decrypted bytes themselves.
    Plain(Range<usize>),
    /// Decoded, at the front of the other buffer.
    Inner(usize),
}

/// Where the purpose lies.
pub(crate) enum PurposeAt {
    /// As it stands in the signed or decrypted bytes.
    Plain(Range<usize>),
    /// It had escapes.
    Unescaped(String),
}

/// Finds the payload of `plain`, which the proof is about, after checking expiry and purpose. `inner` receives what the
/// legacy form holds in base64, spelled in the alphabet `enclosed`.
#[expect(clippy::too_many_arguments, reason = "each is another kind of thing")]
pub(crate) fn unwrap(
    _: &Checked,
    plain: &[u8],
    inner: &mut Vec<u8>,
    detection: Detection,
    serialization: &Serialization,
    enclosed: Alphabet,
    expected: Expected<'_>,
    now: Timestamp,
) -> Result<Contents, OpenError> {
    if let Some(contents) = find_tree(plain, inner, detection, serialization, expected, now)? {
        return Ok(contents);
    }
    let Some((form, members)) = find(plain, detection, serialization)? else {
        expected.check_absent()?;
        return Ok(Contents {
            form: EnvelopeForm::None,
            place: Place::Plain(0..plain.len()),
            purpose: None,
            expires_at: None,
        });
    };
    let expires_at = members.expiry()?;
    if expires_at.is_some_and(|expiry| now >= expiry) {
        return Err(ContentError::Expired.into());
    }
    let purpose = members.purpose()?;
    expected.check(purpose.as_deref().unwrap_or(""))?;
    let value = members.value.ok_or(ContentError::MalformedMetadata)?;
    let place = match form {
        EnvelopeForm::Legacy => {
            let strict = Decoding::Strict(enclosed);
            let length = value.bytes().and_then(|text| base64::decode(inner, &text, strict));
            Place::Inner(length.ok_or(ContentError::MalformedMetadata)?)
        }
        EnvelopeForm::Serializer | EnvelopeForm::None => match value {
            Field::Other(span) => Place::Plain(span.range()),
            Field::Packed(value) => {
                // A payload is always complete: with its signature.
                inner.clear();
                inner.extend_from_slice(&message_pack::SIGNATURE);
                inner.extend_from_slice(value);
                Place::Inner(inner.len())
            }
            Field::Null | Field::Simple(_) | Field::Time(_) => {
                return Err(ContentError::MalformedMetadata.into());
            }
        },
    };
    let purpose = match purpose {
        Some(Cow::Borrowed(purpose)) => span(plain, purpose.as_bytes()).map(PurposeAt::Plain),
        Some(Cow::Owned(purpose)) => Some(PurposeAt::Unescaped(purpose)),
        None => None,
    };
    Ok(Contents { form, place, purpose, expires_at })
}

/// The members of an envelope.
#[derive(Default)]
pub(super) struct Members<'a> {
    pub(super) value: Option<Field<'a>>,
    expiry: Option<Field<'a>>,
    purpose: Option<Field<'a>>,
}

/// A member's value, as it stands in the text.
pub(super) enum Field<'a> {
    Null,
    /// What is between the quotes, without escapes.
    Simple(&'a [u8]),
    /// A time of MessagePack.
    Time(Timestamp),
    /// Anything else in MessagePack.
    Packed(&'a [u8]),
    /// Anything else in JSON.
    Other(Span<'a>),
}

impl<'a> Field<'a> {
    fn of(span: Span<'a>) -> Self {
        if span.is_null() { Self::Null } else { Self::Other(span) }
    }

    /// The bytes of the text, if it is a string.
    pub(super) fn bytes(&self) -> Option<Cow<'a, [u8]>> {
        match self {
            Self::Null | Self::Time(_) | Self::Packed(_) => None,
            Self::Simple(text) => Some(Cow::Borrowed(text)),
            Self::Other(span) => Some(match span.string()? {
                Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
                Cow::Owned(text) => Cow::Owned(text.into_bytes()),
            }),
        }
    }

    fn packed(value: &message_pack::Span<'a>) -> Self {
        if value.is_nil() {
            return Self::Null;
        }
        let string = value.string().map(Self::Simple);
        string.or_else(|| value.time().map(Self::Time)).unwrap_or(Self::Packed(value.bytes()))
    }

    /// The text, if it is a string.
    fn text(&self) -> Option<Cow<'a, str>> {
        match self {
            Self::Null | Self::Time(_) | Self::Packed(_) => None,
            Self::Simple(text) => core::str::from_utf8(text).ok().map(Cow::Borrowed),
            Self::Other(span) => span.string(),
        }
    }
}

impl<'a> Members<'a> {
    pub(super) fn expiry(&self) -> Result<Option<Timestamp>, ContentError> {
        match &self.expiry {
            None | Some(Field::Null) => Ok(None),
            Some(Field::Time(expiry)) => Ok(Some(*expiry)),
            Some(field) => field
                .text()
                .and_then(|text| Timestamp::parse(&text))
                .map(Some)
                .ok_or(ContentError::MalformedMetadata),
        }
    }

    pub(super) fn purpose(&self) -> Result<Option<Cow<'a, str>>, ContentError> {
        match &self.purpose {
            None | Some(Field::Null) => Ok(None),
            Some(field) => field.text().map(Some).ok_or(ContentError::MalformedMetadata),
        }
    }
}

fn find<'a>(
    plain: &'a [u8],
    detection: Detection,
    serialization: &Serialization,
) -> Result<Option<(EnvelopeForm, Members<'a>)>, OpenError> {
    if detection == Detection::None {
        return Ok(None);
    }
    if let Some(members) = canonical(plain) {
        return Ok(Some((EnvelopeForm::Legacy, members)));
    }
    let syntax = serialization.syntax;
    match detection {
        Detection::Parsed => parsed(EnvelopeForm::Legacy, plain, syntax),
        _ if plain.starts_with(LEGACY_PREFIX) => {
            // Rails parses from here on whatever happens.
            let envelope = parsed(EnvelopeForm::Legacy, plain, syntax)?;
            Ok(Some(envelope.ok_or(ContentError::MalformedMetadata)?))
        }
        Detection::PrefixedLegacy => Ok(None),
        _ => match serialization.recognize(plain)?.0 {
            Format::Json => parsed(EnvelopeForm::Serializer, plain, syntax),
            Format::MessagePack if may_be_envelope(plain) => packed(plain, serialization),
            _ => Ok(None),
        },
    }
}

/// The envelope in a format that has to be read as a whole, from 7.1 on.
fn find_tree(
    plain: &[u8],
    inner: &mut Vec<u8>,
    detection: Detection,
    serialization: &Serialization,
    expected: Expected<'_>,
    now: Timestamp,
) -> Result<Option<Contents>, OpenError> {
    if detection != Detection::Prefixed || !may_be_envelope(plain) {
        return Ok(None);
    }
    if plain.starts_with(LEGACY_PREFIX) {
        return Ok(None);
    }
    match serialization.recognize(plain)?.0 {
        Format::Marshal => {
            let trailing = serialization.syntax.into();
            let tree = marshal::read_with(plain, &Limits::DEFAULT, trailing)?;
            tree::unwrap(&tree, inner, marshal::write_value, expected, now)
        }
        _ => Ok(None),
    }
}

/// Whether the key stands there letter by letter, as it does in every format.
pub(super) fn may_be_envelope(plain: &[u8]) -> bool {
    memchr::memchr_iter(b'_', plain)
        .any(|at| plain.get(at..).is_some_and(|rest| rest.starts_with(KEY.as_bytes())))
}

const KEY: &str = "_rails";
pub(super) const LEGACY_PREFIX: &[u8] = br#"{"_rails":{"message":"#;

/// The legacy form exactly as Rails writes it, without parsing. Anything unusual is left to
/// [`parsed`].
fn canonical(plain: &[u8]) -> Option<Members<'_>> {
    let rest = plain.strip_prefix(LEGACY_PREFIX)?;
    let (value, rest) = simple(rest)?;
    let (expiry, rest) = simple(rest.strip_prefix(br#","exp":"#)?)?;
    let (purpose, rest) = simple(rest.strip_prefix(br#","pur":"#)?)?;
    (rest == b"}}").then_some(Members {
        value: Some(value),
        expiry: Some(expiry),
        purpose: Some(purpose),
    })
}

/// `null`, or a string that has no escapes; and the text after it.
fn simple(text: &[u8]) -> Option<(Field<'_>, &[u8])> {
    if let Some(rest) = text.strip_prefix(b"null") {
        return Some((Field::Null, rest));
    }
    let inside = text.strip_prefix(b"\"")?;
    let (string, rest) = inside.split_at_checked(memchr::memchr2(b'"', b'\\', inside)?)?;
    Some((Field::Simple(string), rest.strip_prefix(b"\"")?))
}

/// The envelope in any JSON text: `None` where there is none.
pub(super) fn parsed(
    form: EnvelopeForm,
    plain: &[u8],
    syntax: Syntax,
) -> Result<Option<(EnvelopeForm, Members<'_>)>, OpenError> {
    if !may_hold_key(plain) {
        return Ok(None);
    }
    let value_key = if form == EnvelopeForm::Legacy { "message" } else { "data" };
    // What is not JSON, or no hash, has no envelope. Of several members of one name the last counts.
    let members = Span::document(plain, Syntax::Ruby).ok().and_then(|document| document.members());
    let Some(envelope) = members.and_then(|members| members.filter(|m| m.key.is(KEY)).last())
    else {
        return Ok(None);
    };
    // One that only Rails' leniency can read is refused: passed over, its expiry would not count.
    if syntax == Syntax::Strict && Span::document(plain, syntax).is_err() {
        return Err(ContentError::MalformedMetadata.into());
    }
    let mut members = Members::default();
    for member in envelope.value.members().ok_or(ContentError::MalformedMetadata)? {
        if member.key.is(value_key) {
            members.value = Some(Field::Other(member.value));
        } else if member.key.is("exp") {
            members.expiry = Some(Field::of(member.value));
        } else if member.key.is("pur") {
            members.purpose = Some(Field::of(member.value));
        }
    }
    Ok(Some((form, members)))
}

/// Whether the key can be in this text: it stands there, or something is escaped. In most messages it
/// is not, and parsing them to find out would cost more than their cryptography.
fn may_hold_key(text: &[u8]) -> bool {
    memchr::memchr2_iter(b'_', b'\\', text)
        .filter_map(|at| text.get(at..))
        .any(|rest| rest.starts_with(b"\\") || rest.starts_with(KEY.as_bytes()))
}

/// The envelope in MessagePack: `None` where there is none.
pub(super) fn packed<'a>(
    plain: &'a [u8],
    serialization: &Serialization,
) -> Result<Option<(EnvelopeForm, Members<'a>)>, OpenError> {
    let document = message_pack::Span::document(plain, &serialization.extensions)?;
    let mut envelope = None;
    document.members(|key, value| {
        if key == KEY.as_bytes() {
            envelope = Some(value);
        }
    })?;
    let Some(envelope) = envelope else {
        return Ok(None);
    };
    let mut members = Members::default();
    let is_hash = envelope.members(|key, value| match key {
        b"data" => members.value = Some(Field::Packed(value.bytes())),
        b"exp" => members.expiry = Some(Field::packed(&value)),
        b"pur" => members.purpose = Some(Field::packed(&value)),
        _ => {}
    })?;
    if !is_hash {
        return Err(ContentError::MalformedMetadata.into());
    }
    Ok(Some((EnvelopeForm::Serializer, members)))
}

/// Where `part`, a slice of `whole`, lies in it.
fn span(whole: &[u8], part: &[u8]) -> Option<Range<usize>> {
    let start = part.as_ptr().addr().checked_sub(whole.as_ptr().addr())?;
    let end = start.checked_add(part.len())?;
    (end <= whole.len()).then_some(start..end)
}
