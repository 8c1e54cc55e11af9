//! The JSON that Rails writes and reads: `ActiveSupport::JSON` (`active_support/json/encoding.rb`,
//! `decoding.rb`) and the json gem below it.
//!
//! The text depends on Rails' version, on its settings and on the gem: [`Text`] holds the choices.
//! Reading does not; it only has a strict and a Ruby-like syntax.

mod cursor;
mod escape;
mod number;
mod reader;
pub(crate) mod scan;
mod string;
mod text;
mod writer;

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::error::{SealError, SerializationError};
use crate::value::Value;

pub use crate::serializer::json::text::{FloatText, HtmlEscape, JsSeparators, Text};

pub(crate) use crate::serializer::json::escape::write_escaped;
pub(crate) use crate::serializer::json::reader::read;
pub(crate) use crate::serializer::json::writer::write;

/// How deep arrays and hashes may be nested, in reading and in writing: the json gem's
/// `max_nesting`. Rails' own writer goes on, and its reader then refuses what it wrote.
pub const MAX_NESTING: usize = 100;

/// How lenient the reader is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Syntax {
    /// RFC 8259: all that any Rails writes.
    Strict,
    /// What Ruby's json gem also takes: comments, strings that are not UTF-8, a backslash before
    /// any character.
    Ruby,
}

/// Writes `value` as JSON text.
///
/// Keys of maps become strings as Rails' `to_s` makes them (an absent one is `""`); enums have
/// `serde_json`'s usual form.
///
/// # Errors
/// [`SealError::Unrepresentable`] for what JSON cannot say (bytes, a key that is not a scalar, a
/// number that `text` refuses) or when `value`'s own `Serialize` fails; [`SealError::TooDeep`] when
/// it is nested deeper than [`MAX_NESTING`].
///
/// ```
/// use railjar::serializer::json::{self, Text};
///
/// let value = ("<b>", 1e20, None::<bool>);
/// assert_eq!(json::to_string(&value, &Text::ACTIVE_SUPPORT)?, r#"["\u003cb\u003e",1.0e+20,null]"#);
/// assert_eq!(json::to_string(&value, &Text::STDLIB)?, r#"["<b>",1.0e+20,null]"#);
/// # Ok::<(), railjar::SealError>(())
/// ```
pub fn to_string<T: Serialize + ?Sized>(value: &T, text: &Text) -> Result<String, SealError> {
    // The writer copies only whole strings and ASCII: it is always UTF-8.
    String::from_utf8(to_vec(value, text)?).map_err(|_| SealError::Unrepresentable)
}

/// [`to_string`], as bytes.
///
/// # Errors
/// Those of [`to_string`].
pub fn to_vec<T: Serialize + ?Sized>(value: &T, text: &Text) -> Result<Vec<u8>, SealError> {
    let mut out = Vec::new();
    write(&mut out, value, text)?;
    Ok(out)
}

/// Reads JSON text (RFC 8259) into the Ruby-faithful tree: integers of any size in full, a hash's
/// keys in their order, of duplicate keys the last value. What `serde_json::Value` would lose, this
/// keeps.
///
/// # Errors
/// [`SerializationError::Malformed`] for anything that is not one JSON value, and
/// [`SerializationError::TooDeep`] beyond [`MAX_NESTING`].
///
/// ```
/// let value = railjar::serializer::json::from_slice(br#"{"b":1180591620717411303424,"a":1.0}"#)?;
/// assert_eq!(value.to_string(), r#"{"b"=>1180591620717411303424, "a"=>1.0}"#);
/// # Ok::<(), railjar::SerializationError>(())
/// ```
pub fn from_slice(bytes: &[u8]) -> Result<Value, SerializationError> {
    read(bytes, Syntax::Strict)
}

/// Reads into a type by way of `serde_json`, which takes what any Rails writes.
pub(crate) fn deserialize<'de, T: Deserialize<'de>>(
    bytes: &'de [u8],
) -> Result<T, SerializationError> {
    serde_json::from_slice(bytes).map_err(|error| match error.classify() {
        serde_json::error::Category::Data => SerializationError::Mismatch,
        _ => SerializationError::Malformed { offset: offset(bytes, error.line(), error.column()) },
    })
}

/// From `serde_json`'s line and column, both from 1, to bytes.
fn offset(bytes: &[u8], line: usize, column: usize) -> usize {
    let lines = bytes.split_inclusive(|byte| *byte == b'\n').take(line.saturating_sub(1));
    lines.map(<[u8]>::len).sum::<usize>().saturating_add(column.saturating_sub(1))
}

#[cfg(test)]
mod tests;
