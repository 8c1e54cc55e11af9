//! What the next value begins with: all of a scalar, the length of a collection.
//!
//! It does not depend on the type that is asked for, so there is one copy of it for all of them.

use super::De;
use crate::serializer::marshal::cursor::Result;
use crate::serializer::marshal::number;
use crate::serializer::marshal::reader::Known;
use crate::value::{Encoding, Integer};

pub(super) enum Head<'de> {
    Nil,
    Bool(bool),
    Integer(i64),
    /// One that was dumped as large.
    Large(Integer),
    Float(f64),
    /// A string, or a symbol's name, whose encoding counts for nothing.
    Text(&'de [u8], Encoding),
    Link(Known),
    Array(Collection),
    Hash(Collection),
    /// What is read as a tree, and has not been begun.
    Object,
}

/// An array or a hash, whose elements come next.
pub(super) struct Collection {
    /// How many elements or pairs.
    pub(super) left: usize,
    /// Whether a default follows these.
    pub(super) has_default: bool,
    /// Whether instance variables follow all that.
    pub(super) has_ivars: bool,
}

impl<'de> De<'de> {
    /// Steps over the head of the next value, one level deeper: [`leave`](super::Reader::leave)
    /// when the value is complete.
    pub(super) fn head(&mut self) -> Result<Head<'de>> {
        let reader = &mut self.reader;
        let begin = reader.cursor.at;
        reader.enter(0)?;
        if let Some((bytes, encoding)) = reader.cursor.plain_string() {
            reader.number(begin)?;
            return Ok(Head::Text(bytes, encoding));
        }
        let (kind, prefix) = reader.prefix()?;
        let has_ivars = prefix.ivars;
        Ok(match kind {
            b'0' => Head::Nil,
            b'T' => Head::Bool(true),
            b'F' => Head::Bool(false),
            b'i' => Head::Integer(reader.cursor.fixnum("an integer")?),
            b'@' => Head::Link(reader.linked()?.1),
            b':' => {
                let at = reader.symbol_definition(has_ivars)?;
                Head::Text(reader.cursor.name(at), Encoding::BINARY)
            }
            b';' => {
                let at = reader.cursor.symbol_link()?;
                Head::Text(reader.cursor.name(at), Encoding::BINARY)
            }
            b'l' => {
                reader.number(begin)?;
                Head::Large(reader.bignum()?)
            }
            b'f' => {
                let at = reader.number(begin)?;
                let float = reader.float()?;
                if number::is_immediate(float) {
                    reader.remember(at, || Known::Float(float));
                }
                Head::Float(float)
            }
            b'"' => {
                reader.number(begin)?;
                let bytes = reader.cursor.bytes("a string")?;
                let (encoding, _) = reader.encoded(has_ivars)?;
                Head::Text(bytes, encoding)
            }
            b'[' => {
                reader.number(begin)?;
                let left = reader.cursor.count(1, "an array's length")?;
                Head::Array(Collection { left, has_default: false, has_ivars })
            }
            b'{' | b'}' => {
                reader.number(begin)?;
                let left = reader.cursor.count(2, "a hash's length")?;
                Head::Hash(Collection { left, has_default: kind == b'}', has_ivars })
            }
            _ => {
                reader.cursor.at = begin;
                Head::Object
            }
        })
    }
}
