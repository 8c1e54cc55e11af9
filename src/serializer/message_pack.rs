//! The MessagePack that Rails writes and reads: `ActiveSupport::MessagePack`
//! (`active_support/message_pack/serializer.rb`, `extensions.rb`) and the msgpack gem below it.
//!
//! Two bytes of signature, then one value. What MessagePack itself cannot say is in numbered
//! extension types, of which two differ among versions: see [`Extensions`]. Reading is bounded by
//! [`Limits`]; no length is believed before its bytes are there.

mod big_integer;
mod cursor;
mod de;
mod extension;
mod head;
mod reader;
mod scan;
mod writer;

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::error::{SealError, SerializationError};
use crate::serializer::Limits;
use crate::value::Value;

pub use crate::serializer::message_pack::extension::Extensions;

pub(crate) use crate::serializer::message_pack::head::{write_instant, write_map, write_text};
pub(crate) use crate::serializer::message_pack::scan::Span;

/// What the bytes begin with: `128.to_msgpack`.
pub(crate) const SIGNATURE: [u8; 2] = [0xcc, 0x80];

/// How deep arrays, hashes and the extensions that hold values may be nested in what is written:
/// the gem's own reader refuses more. Its writer goes on.
pub const MAX_NESTING: usize = 128;

/// The default bounds of reading: the nesting is that of the gem's reader, which counts neither
/// empty arrays nor empty hashes, but extensions that hold values.
pub const LIMITS: Limits = Limits::DEFAULT.depth(MAX_NESTING);

/// Reads a value, which must be all that there is.
///
/// Only what Rails writes is read: an extension's length must be that of its content, numbers must
/// be in their ranges. The names of zones, the text of URIs and of addresses is not looked into.
///
/// # Errors
/// [`SerializationError::MalformedPart`] for what is no such MessagePack, or ends too early, or
/// goes on after the value; [`UnknownExtension`](SerializationError::UnknownExtension) for a type
/// that this Rails does not have; [`TooDeep`](SerializationError::TooDeep) and
/// [`TooLarge`](SerializationError::TooLarge) beyond `limits`.
///
/// ```
/// use railjar::serializer::message_pack::{self, Extensions, LIMITS};
///
/// let bytes = b"\xcc\x80\x81\xa7user_id\x2a";
/// let value = message_pack::read(bytes, &Extensions::default(), &LIMITS)?;
/// assert_eq!(value.to_string(), r#"{"user_id"=>42}"#);
/// # Ok::<(), railjar::SerializationError>(())
/// ```
pub fn read(
    bytes: &[u8],
    extensions: &Extensions,
    limits: &Limits,
) -> Result<Value, SerializationError> {
    reader::read(bytes, extensions, limits)
}

/// Reads into a type of yours, straight from the bytes; it may borrow from them.
///
/// What has no counterpart in serde is given as Rails would give it in JSON (see
/// [`Value::as_json`]): symbols, dates, decimals and fractions as strings, sets as sequences.
/// Strings that are not text are given as bytes. A time is given as ISO 8601 text with
/// nanoseconds; to a type that asks for a number, in seconds since the epoch.
///
/// # Errors
/// Those of [`read`], and [`SerializationError::Mismatch`] when the value is not a `T`.
///
/// ```
/// use railjar::serializer::message_pack::{self, Extensions, LIMITS};
///
/// #[derive(serde::Deserialize)]
/// struct Session<'a> { user_id: u32, role: &'a str }
///
/// let bytes = b"\xcc\x80\x82\xa7user_id\x2a\xa4role\xc7\x05\x00admin"; // role: :admin
/// let session: Session = message_pack::from_slice(bytes, &Extensions::default(), &LIMITS)?;
/// assert_eq!((session.user_id, session.role), (42, "admin"));
/// # Ok::<(), railjar::SerializationError>(())
/// ```
pub fn from_slice<'de, T: Deserialize<'de>>(
    bytes: &'de [u8],
    extensions: &Extensions,
    limits: &Limits,
) -> Result<T, SerializationError> {
    de::from_slice(bytes, extensions, limits)
}

/// Writes a value as Rails would dump it.
///
/// Maps become hashes with string keys, `None` and `()` become `nil`, bytes a binary string; a
/// [`Symbol`](crate::value::Symbol) and every other [`Value`] arrives as what it is.
///
/// # Errors
/// [`SealError::Unrepresentable`] for what Rails does not serialize either (objects, structs,
/// classes, subclasses of `String`, `Array` and `Hash`, a `SafeBuffer` before 8.1), for strings in
/// encodings that this crate cannot convert to UTF-8, integers of more than 8192 bits, shared
/// values that would be written out beyond [`EXPANSION_LIMIT`](crate::value::EXPANSION_LIMIT), and
/// when `value`'s own `Serialize` fails; [`SealError::TooDeep`] beyond [`MAX_NESTING`], and for a
/// value inside itself.
///
/// ```
/// use railjar::serializer::message_pack::{self, Extensions};
/// use railjar::value::{Symbol, Value};
///
/// let bytes = message_pack::to_vec(&Value::from(Symbol::from("admin")), &Extensions::V7_1)?;
/// assert_eq!(bytes, b"\xcc\x80\xc7\x05\x00admin");
/// # Ok::<(), railjar::SealError>(())
/// ```
pub fn to_vec<T: Serialize + ?Sized>(
    value: &T,
    extensions: &Extensions,
) -> Result<Vec<u8>, SealError> {
    let mut out = Vec::new();
    write(&mut out, value, extensions)?;
    Ok(out)
}

/// Appends `value` to `out`, which is left as it was when that fails.
pub(crate) fn write<T: Serialize + ?Sized>(
    out: &mut Vec<u8>,
    value: &T,
    extensions: &Extensions,
) -> Result<(), SealError> {
    writer::write(out, &crate::serializer::to_value(value)?, extensions)
}
