//! Reads MessagePack into the Ruby-faithful tree.

mod extension;

use alloc::vec::Vec;

use crate::serializer::Limits;
use crate::serializer::message_pack::cursor::{Cursor, Result, Token};
use crate::serializer::message_pack::extension::Extensions;
use crate::value::{Encoding, Hash, Integer, RubyString, Value};

pub(super) use self::extension::read_extension;

pub(super) fn read(bytes: &[u8], extensions: &Extensions, limits: &Limits) -> Result<Value> {
    let mut cursor = Cursor::new(bytes, extensions, limits);
    cursor.signature()?;
    let value = read_value(&mut cursor)?;
    cursor.finish()?;
    Ok(value)
}

/// Reads the next value. The cursor bounds the nesting, and with it this recursion.
pub(super) fn read_value(cursor: &mut Cursor<'_>) -> Result<Value> {
    Ok(match cursor.token()? {
        Token::Nil => Value::Nil,
        Token::Bool(value) => Value::Bool(value),
        Token::Unsigned(value) => Value::from(value),
        Token::Signed(value) => Value::from(value),
        Token::Float(value) => Value::Float(value),
        Token::Text(bytes) => Value::String(RubyString::new(bytes, Encoding::UTF_8)),
        Token::Bytes(bytes) => Value::String(RubyString::new(bytes, Encoding::BINARY)),
        Token::Array(0) => Value::Array(Vec::new()),
        Token::Array(count) => Value::Array(read_elements(cursor, count)?),
        Token::Map(0) => Value::Hash(Hash::new()),
        Token::Map(count) => {
            cursor.enter()?;
            let mut hash = Hash::new();
            for _ in 0..count {
                let key = read_value(cursor)?;
                hash.append(key, read_value(cursor)?);
            }
            cursor.leave();
            Value::Hash(hash)
        }
        Token::Extension(extension) => read_extension(cursor, extension)?,
    })
}

fn read_elements(cursor: &mut Cursor<'_>, count: usize) -> Result<Vec<Value>> {
    cursor.enter()?;
    // Not as much as `count` says at once: inner arrays could say it again.
    let mut values = Vec::new();
    for _ in 0..count {
        values.push(read_value(cursor)?);
    }
    cursor.leave();
    Ok(values)
}

/// Reads an integer; `part` is what it is needed for.
fn read_integer(cursor: &mut Cursor<'_>, part: &'static str) -> Result<Integer> {
    match read_value(cursor)? {
        Value::Integer(integer) => Ok(integer),
        _ => Err(cursor.malformed(part)),
    }
}

/// Reads an integer that fits.
fn read_small<T: TryFrom<i64>>(cursor: &mut Cursor<'_>, part: &'static str) -> Result<T> {
    let small = match cursor.token()? {
        Token::Unsigned(value) => i64::try_from(value).ok(),
        Token::Signed(value) => Some(value),
        _ => None,
    };
    small.and_then(|value| T::try_from(value).ok()).ok_or_else(|| cursor.malformed(part))
}

/// Reads a string.
fn read_string(cursor: &mut Cursor<'_>, part: &'static str) -> Result<RubyString> {
    match read_value(cursor)? {
        Value::String(string) => Ok(string),
        _ => Err(cursor.malformed(part)),
    }
}
