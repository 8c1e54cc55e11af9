//! Reads JSON text as `ActiveSupport::JSON.decode` does.
//!
//! Its results do not depend on Rails' version: no dates are revived (`parse_json_times` is off by
//! default), the last of duplicate keys wins, a float beyond the range is an infinity.

use alloc::vec::Vec;

use crate::error::SerializationError;
use crate::serializer::json::Syntax;
use crate::serializer::json::cursor::{Container, Cursor, Number, Token};
use crate::value::{Hash, Integer, Value};

/// Reads one value, which must be all that there is.
///
/// Nothing at all is malformed: Rails' decode raises too, and no cookie gets there, for a verifier
/// takes empty data for an invalid signature.
pub(crate) fn read(bytes: &[u8], syntax: Syntax) -> Result<Value, SerializationError> {
    let mut cursor = Cursor::new(bytes, syntax);
    let value = read_value(&mut cursor)?;
    cursor.finish()?;
    Ok(value)
}

/// Reads the next value. The cursor bounds the nesting, and with it this recursion.
pub(super) fn read_value(cursor: &mut Cursor<'_>) -> Result<Value, SerializationError> {
    Ok(match cursor.token()? {
        Token::Null => Value::Nil,
        Token::Bool(value) => Value::Bool(value),
        Token::Number(number) => read_number(&number, cursor.offset())?,
        Token::String(string) => Value::String(string.to_ruby()),
        Token::Array => {
            let mut values = Vec::new();
            while cursor.more(Container::Array)? {
                values.push(read_value(cursor)?);
            }
            Value::Array(values)
        }
        Token::Hash => {
            let mut hash = Hash::new();
            while cursor.more(Container::Hash)? {
                let key = cursor.key()?.to_ruby();
                hash.insert(key, read_value(cursor)?);
            }
            Value::Hash(hash)
        }
    })
}

fn read_number(number: &Number<'_>, offset: usize) -> Result<Value, SerializationError> {
    let malformed = SerializationError::Malformed { offset };
    match number {
        Number::Integer(text) => text.parse::<Integer>().map(Value::Integer).map_err(|_| malformed),
        Number::Float(text) => text.parse().map(Value::Float).map_err(|_| malformed),
    }
}

#[cfg(test)]
mod tests;
