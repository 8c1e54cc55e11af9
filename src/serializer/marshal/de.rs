//! Reads a dump into any `serde::Deserialize` type, without a tree between.
//!
//! Only what has no form in serde, such as a time, is read as a small tree first and given as Rails
//! would give it in JSON. Links are followed: what they lead to is read again, within the limits.

mod access;
mod head;
mod tree;

use alloc::borrow::Cow;
use alloc::string::ToString as _;
use core::fmt::{self, Display};

use serde::Deserialize;
use serde::de::{self, IgnoredAny, IntoDeserializer as _, Visitor};
use serde::forward_to_deserialize_any;

use super::Limits;
use super::reader::{Known, Links, Reader, Trailing};
use crate::error::SerializationError;
use crate::serializer::marshal::de::access::{Elements, Pairs, Variant};
use crate::serializer::marshal::de::head::{Collection, Head};
use crate::serializer::marshal::de::tree::Tree;
use crate::value::{Integer, RubyString, Value};

pub(super) fn from_slice<'de, T: Deserialize<'de>>(
    bytes: &'de [u8],
    limits: &Limits,
    trailing: Trailing,
) -> Result<T, SerializationError> {
    let mut reader = Reader::new(bytes, limits)?;
    reader.links = Links::Follow;
    let mut de = De { reader };
    let value = T::deserialize(&mut de).map_err(|Failed(error)| error)?;
    de.reader.finish(trailing)?;
    Ok(value)
}

/// Why reading stopped. What a type has to say about it is dropped, since it may quote the input.
#[derive(Debug)]
pub(super) struct Failed(SerializationError);

impl de::Error for Failed {
    fn custom<T: Display>(_message: T) -> Self {
        Self(SerializationError::Mismatch)
    }
}

impl From<SerializationError> for Failed {
    fn from(error: SerializationError) -> Self {
        Self(error)
    }
}

impl Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl core::error::Error for Failed {}

type Result<T, E = Failed> = core::result::Result<T, E>;

/// What a type asks for, where that makes a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hint {
    Any,
    Bytes,
    Integer,
    Float,
    Nothing,
}

pub(super) struct De<'de> {
    reader: Reader<'de>,
}

impl<'de> De<'de> {
    fn value<V: Visitor<'de>>(&mut self, hint: Hint, visitor: V) -> Result<V::Value> {
        let value = match self.head()? {
            Head::Nil => visitor.visit_unit(),
            Head::Bool(value) => visitor.visit_bool(value),
            Head::Integer(value) => visitor.visit_i64(value),
            Head::Large(value) => integer(&value, visitor),
            Head::Float(value) => visitor.visit_f64(value),
            Head::Text(bytes, _) if hint == Hint::Bytes => visitor.visit_borrowed_bytes(bytes),
            Head::Text(bytes, encoding) if encoding.is_utf8_or_bytes() => borrowed(bytes, visitor),
            Head::Text(bytes, encoding) => string(&RubyString::new(bytes, encoding), hint, visitor),
            Head::Link(known) => self.link(&known, hint, visitor),
            Head::Array(array) => {
                let mut elements = Elements { de: self, left: array.left };
                let value = visitor.visit_seq(&mut elements)?;
                elements.all_read()?;
                self.finish(&array).map(|()| value)
            }
            Head::Hash(hash) => {
                let mut pairs = Pairs { de: self, left: hash.left };
                let value = visitor.visit_map(&mut pairs)?;
                pairs.all_read()?;
                self.finish(&hash).map(|()| value)
            }
            Head::Object => object(self.reader.value()?, hint, visitor),
        }?;
        self.reader.leave();
        Ok(value)
    }

    /// Reads over what comes after the elements.
    fn finish(&mut self, collection: &Collection) -> Result<()> {
        if collection.has_default {
            self.value(Hint::Nothing, IgnoredAny)?;
        }
        if collection.has_ivars {
            self.reader.fields("instance variables")?;
        }
        Ok(())
    }

    fn link<V: Visitor<'de>>(&mut self, known: &Known, hint: Hint, visitor: V) -> Result<V::Value> {
        match known {
            Known::Float(float) => visitor.visit_f64(*float),
            Known::String(text) => string(text, hint, visitor),
            Known::Other(begin) => {
                let place = self.reader.go_to(*begin);
                let value = self.value(hint, visitor)?;
                self.reader.come_back(place);
                Ok(value)
            }
        }
    }

    /// The type of the next value, behind links.
    fn peek(&mut self) -> Option<u8> {
        self.reader.cursor.peek()
    }
}

fn borrowed<'de, V: Visitor<'de>>(bytes: &'de [u8], visitor: V) -> Result<V::Value> {
    match core::str::from_utf8(bytes) {
        Ok(text) => visitor.visit_borrowed_str(text),
        Err(_) => visitor.visit_borrowed_bytes(bytes),
    }
}

fn string<'de, V: Visitor<'de>>(text: &RubyString, hint: Hint, visitor: V) -> Result<V::Value> {
    match text.to_utf8() {
        _ if hint == Hint::Bytes => visitor.visit_bytes(text.as_bytes()),
        Some(Cow::Borrowed(text)) => visitor.visit_str(text),
        Some(Cow::Owned(text)) => visitor.visit_string(text),
        None => visitor.visit_bytes(text.as_bytes()),
    }
}

/// An integer of more than 128 bits is given as its digits.
fn integer<'de, V: Visitor<'de>>(integer: &Integer, visitor: V) -> Result<V::Value> {
    if let Some(value) = integer.to_i64() {
        visitor.visit_i64(value)
    } else if let Some(value) = integer.to_u64() {
        visitor.visit_u64(value)
    } else if let Some(value) = integer.to_i128() {
        visitor.visit_i128(value)
    } else {
        let digits = integer.to_string();
        match digits.parse() {
            Ok(value) => visitor.visit_u128(value),
            Err(_) => visitor.visit_string(digits),
        }
    }
}

/// What has a type of its own in Ruby.
fn object<'de, V: Visitor<'de>>(tree: Value, hint: Hint, visitor: V) -> Result<V::Value> {
    match (hint, &tree) {
        (Hint::Nothing, _) => return visitor.visit_unit(),
        (Hint::Integer, Value::Time(_) | Value::TimeWithZone(_)) => {
            return visitor.visit_i64(tree.as_time().map_or(0, crate::value::Time::unix_seconds));
        }
        (Hint::Float, Value::Time(_) | Value::TimeWithZone(_)) => {
            return visitor.visit_f64(tree.as_time().map_or(0.0, crate::value::Time::to_f64));
        }
        (Hint::Float, Value::BigDecimal(number)) => {
            return visitor.visit_f64(number.to_string().parse().unwrap_or(f64::NAN));
        }
        (_, Value::Time(time)) => return visitor.visit_string(time.xmlschema(9)),
        (_, Value::TimeWithZone(time)) => return visitor.visit_string(time.xmlschema(9)),
        _ => {}
    }
    let json = tree.as_json().map_err(|_| Failed(SerializationError::Mismatch))?;
    de::Deserializer::deserialize_any(Tree(json), visitor)
}

/// One method for each type that is asked for with a hint.
macro_rules! hinted {
    ($($method:ident: $hint:ident),* $(,)?) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
            self.value(Hint::$hint, visitor)
        })*
    };
}

impl<'de> de::Deserializer<'de> for &mut De<'de> {
    type Error = Failed;

    hinted!(
        deserialize_any: Any,
        deserialize_bytes: Bytes,
        deserialize_byte_buf: Bytes,
        deserialize_i8: Integer,
        deserialize_i16: Integer,
        deserialize_i32: Integer,
        deserialize_i64: Integer,
        deserialize_i128: Integer,
        deserialize_u8: Integer,
        deserialize_u16: Integer,
        deserialize_u32: Integer,
        deserialize_u64: Integer,
        deserialize_u128: Integer,
        deserialize_f32: Float,
        deserialize_f64: Float,
        deserialize_ignored_any: Nothing,
    );

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        if self.peek() == Some(b'0') {
            self.reader.cursor.byte("a type")?;
            return visitor.visit_none();
        }
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value> {
        visitor.visit_newtype_struct(self)
    }

    /// As in `serde_json`: a string or symbol, or a hash of one pair.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        match self.peek() {
            Some(b'{') => {
                self.reader.enter(0)?;
                let begin = self.reader.cursor.at;
                self.reader.prefix()?;
                self.reader.number(begin)?;
                if self.reader.cursor.count(2, "a hash's length")? != 1 {
                    return Err(Failed(SerializationError::Mismatch));
                }
                let value = visitor.visit_enum(Variant { de: self })?;
                self.reader.leave();
                Ok(value)
            }
            _ => {
                let name: Cow<'de, str> = Cow::deserialize(&mut *self)?;
                visitor.visit_enum(name.into_deserializer())
            }
        }
    }

    forward_to_deserialize_any! {
        bool char str string unit unit_struct seq tuple tuple_struct map struct identifier
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}
