//! MessagePack through serde, straight from the bytes.

mod compound;

use alloc::string::ToString as _;
use core::fmt::{self, Display};

use serde::de::value::BorrowedStrDeserializer;
use serde::de::{self, Deserialize, Visitor};
use serde::forward_to_deserialize_any;

use crate::error::SerializationError;
use crate::serializer::Limits;
use crate::serializer::message_pack::cursor::{Cursor, Extension, Token};
use crate::serializer::message_pack::de::compound::{Elements, Pairs, Variant};
use crate::serializer::message_pack::extension::{Extensions, IpAddress, Kind, SafeBuffer};
use crate::serializer::message_pack::reader::read_extension;
use crate::value::{Integer, Value};

pub(super) fn from_slice<'de, T: Deserialize<'de>>(
    bytes: &'de [u8],
    extensions: &Extensions,
    limits: &Limits,
) -> Result<T, SerializationError> {
    let mut cursor = Cursor::new(bytes, extensions, limits);
    cursor.signature()?;
    let value = T::deserialize(Deserializer(&mut cursor)).map_err(|Refused(error)| error)?;
    cursor.finish()?;
    Ok(value)
}

/// Why reading stopped.
#[derive(Debug)]
pub(super) struct Refused(SerializationError);

impl de::Error for Refused {
    fn custom<T: Display>(_message: T) -> Self {
        Self(SerializationError::Mismatch)
    }
}

impl From<SerializationError> for Refused {
    fn from(error: SerializationError) -> Self {
        Self(error)
    }
}

impl Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl core::error::Error for Refused {}

type Result<T, E = Refused> = core::result::Result<T, E>;

const MISMATCH: Refused = Refused(SerializationError::Mismatch);

/// Reads the next value. The cursor bounds the nesting, and with it this recursion.
pub(super) struct Deserializer<'c, 'de>(&'c mut Cursor<'de>);

impl<'de> Deserializer<'_, 'de> {
    fn visit<V: Visitor<'de>>(self, token: Token<'de>, visitor: V) -> Result<V::Value> {
        let Self(cursor) = self;
        match token {
            Token::Nil => visitor.visit_unit(),
            Token::Bool(value) => visitor.visit_bool(value),
            Token::Unsigned(value) => visitor.visit_u64(value),
            Token::Signed(value) => visitor.visit_i64(value),
            Token::Float(value) => visitor.visit_f64(value),
            Token::Text(bytes) | Token::Bytes(bytes) => visit_string(bytes, visitor),
            Token::Array(count) => Elements::visit(cursor, count, visitor),
            Token::Map(count) => Pairs::visit(cursor, count, visitor),
            Token::Extension(extension) => visit_extension(cursor, extension, visitor),
        }
    }

    /// Times are seconds to who asks for a number.
    fn number<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.0.token()? {
            Token::Extension(time) if matches!(time.kind, Kind::Time | Kind::TimeWithZone) => {
                match read_extension(self.0, time)?.as_time() {
                    Some(time) => visitor.visit_i64(time.unix_seconds()),
                    None => Err(MISMATCH),
                }
            }
            token => self.visit(token, visitor),
        }
    }

    fn bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.0.token()? {
            Token::Text(bytes) | Token::Bytes(bytes) => visitor.visit_borrowed_bytes(bytes),
            token => self.visit(token, visitor),
        }
    }
}

/// Text where it is, else bytes.
fn visit_string<'de, V: Visitor<'de>>(bytes: &'de [u8], visitor: V) -> Result<V::Value> {
    match core::str::from_utf8(bytes) {
        Ok(text) => visitor.visit_borrowed_str(text),
        Err(_) => visitor.visit_borrowed_bytes(bytes),
    }
}

/// What is a string or a collection is read where it stands, anything else as it is in JSON.
fn visit_extension<'de, V: Visitor<'de>>(
    cursor: &mut Cursor<'de>,
    extension: Extension<'de>,
    visitor: V,
) -> Result<V::Value> {
    let nested = cursor.extensions().safe_buffer == SafeBuffer::String;
    let address = cursor.extensions().ip_address == IpAddress::String;
    match extension.kind {
        Kind::Symbol | Kind::Uri | Kind::Pathname | Kind::Regexp | Kind::TimeZone => {
            visit_string(extension.body, visitor)
        }
        Kind::SafeBuffer if !nested => visit_string(extension.body, visitor),
        Kind::IpAddr if !address => visit_string(extension.body, visitor),
        Kind::Set | Kind::HashWithIndifferentAccess | Kind::SafeBuffer | Kind::IpAddr => cursor
            .inside(extension, |content| {
                de::Deserializer::deserialize_any(Deserializer(content), visitor)
            }),
        _ => match read_extension(cursor, extension)? {
            Value::Time(time) => visitor.visit_string(time.xmlschema(9)),
            Value::TimeWithZone(time) => visitor.visit_string(time.xmlschema(9)),
            Value::DateTime(time) => visitor.visit_string(time.xmlschema(9)),
            other => visit_json(&other.as_json().map_err(|_| MISMATCH)?, visitor),
        },
    }
}

/// Visits what [`Value::as_json`] makes of a scalar.
fn visit_json<'de, V: Visitor<'de>>(value: &Value, visitor: V) -> Result<V::Value> {
    match value {
        Value::Nil => visitor.visit_unit(),
        Value::Float(value) => visitor.visit_f64(*value),
        Value::Integer(value) => visit_integer(value, visitor),
        Value::String(text) => visitor.visit_str(text.as_str().unwrap_or_default()),
        _ => Err(MISMATCH),
    }
}

fn visit_integer<'de, V: Visitor<'de>>(value: &Integer, visitor: V) -> Result<V::Value> {
    match (value.to_i64(), value.to_u64(), value.to_i128()) {
        (Some(value), ..) => visitor.visit_i64(value),
        (_, Some(value), _) => visitor.visit_u64(value),
        (.., Some(value)) => visitor.visit_i128(value),
        _ => visitor.visit_string(value.to_string()),
    }
}

macro_rules! forward {
    ($inner:ident: $($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
            self.$inner(visitor)
        })*
    };
}

impl<'de> de::Deserializer<'de> for Deserializer<'_, 'de> {
    type Error = Refused;

    fn is_human_readable(&self) -> bool {
        true
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        let token = self.0.token()?;
        self.visit(token, visitor)
    }

    forward!(number: deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64);
    forward!(number: deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64);
    forward!(number: deserialize_i128 deserialize_u128 deserialize_f32 deserialize_f64);
    forward!(bytes: deserialize_bytes deserialize_byte_buf);

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.0.clone().token()? {
            Token::Nil => {
                self.0.skip()?;
                visitor.visit_none()
            }
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        match self.0.token()? {
            Token::Text(name) | Token::Bytes(name) => unit_variant(name, visitor),
            Token::Extension(symbol) if symbol.kind == Kind::Symbol => {
                unit_variant(symbol.body, visitor)
            }
            Token::Map(1) => {
                self.0.enter()?;
                let value = visitor.visit_enum(Variant(&mut *self.0))?;
                self.0.leave();
                Ok(value)
            }
            _ => Err(MISMATCH),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.0.skip()?;
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool char str string unit unit_struct seq tuple tuple_struct map struct identifier
    }
}

fn unit_variant<'de, V: Visitor<'de>>(name: &'de [u8], visitor: V) -> Result<V::Value> {
    let name = core::str::from_utf8(name).map_err(|_| MISMATCH)?;
    visitor.visit_enum(BorrowedStrDeserializer::new(name))
}
