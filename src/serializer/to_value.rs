//! Any `serde::Serialize` value as a tree, from which Marshal and MessagePack write.

mod compound;

use alloc::borrow::ToOwned as _;
use alloc::collections::BTreeMap;
use alloc::string::{String, ToString as _};
use core::fmt::Display;

use serde::ser::{self, Serialize, Serializer};

use super::marshal;
use super::to_value::compound::{List, Map};
use super::value::VALUE_TOKEN;
use crate::error::SealError;
use crate::value::{Encoding, Hash, INTEGER_TOKEN, Integer, RubyString, Value};

/// Turns a value into a tree: structs and maps into hashes with string keys, sequences and tuples
/// into arrays, bytes into binary strings, enums as in `serde_json`. A [`Value`] is itself.
///
/// # Errors
/// [`SealError::Unrepresentable`] when `value`'s own `Serialize` fails, or a [`Value`] in it is
/// none that this crate can read; [`SealError::TooDeep`] beyond a depth of 100.
pub(crate) fn to_value<T: Serialize + ?Sized>(value: &T) -> Result<Value, SealError> {
    let mut builder = Builder { keys: BTreeMap::new(), next_label: 0, depth: 0 };
    value.serialize(&mut builder).map_err(|Refused(error)| error)
}

pub(super) struct Builder {
    /// The keys of hashes: in Ruby, equal ones are one string.
    keys: BTreeMap<String, RubyString>,
    next_label: u32,
    depth: usize,
}

/// Why building stopped.
#[derive(Debug)]
pub(super) struct Refused(pub(super) SealError);

impl ser::Error for Refused {
    fn custom<T: Display>(_message: T) -> Self {
        Self(SealError::Unrepresentable)
    }
}

impl Display for Refused {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.0.fmt(f)
    }
}

impl core::error::Error for Refused {}

impl Builder {
    pub(super) fn enter(&mut self) -> Result<(), Refused> {
        if self.depth >= marshal::MAX_NESTING {
            return Err(Refused(SealError::TooDeep));
        }
        self.depth = self.depth.saturating_add(1);
        Ok(())
    }

    pub(super) fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    pub(super) fn key(&mut self, key: &str) -> RubyString {
        if let Some(known) = self.keys.get(key) {
            return known.clone();
        }
        let made = RubyString::from(key);
        self.keys.insert(key.to_owned(), made.clone());
        made
    }

    /// `{"name" => value}`, the form of an enum's variant that holds something.
    fn variant(&mut self, name: &str, value: Value) -> Value {
        Value::Hash([(self.key(name), value)].into_iter().collect::<Hash>())
    }
}

/// One method for each type that a value is made of directly.
macro_rules! from {
    ($($method:ident($type:ty)),* $(,)?) => {
        $(fn $method(self, value: $type) -> Result<Value, Refused> {
            Ok(Value::from(value))
        })*
    };
}

impl<'b> Serializer for &'b mut Builder {
    type Ok = Value;
    type Error = Refused;
    type SerializeSeq = List<'b>;
    type SerializeTuple = List<'b>;
    type SerializeTupleStruct = List<'b>;
    type SerializeTupleVariant = List<'b>;
    type SerializeMap = Map<'b>;
    type SerializeStruct = Map<'b>;
    type SerializeStructVariant = Map<'b>;

    fn is_human_readable(&self) -> bool {
        false
    }

    from!(
        serialize_bool(bool),
        serialize_i32(i32),
        serialize_i64(i64),
        serialize_u64(u64),
        serialize_f64(f64),
        serialize_str(&str)
    );

    fn serialize_i8(self, value: i8) -> Result<Value, Refused> {
        Ok(Value::from(i64::from(value)))
    }

    fn serialize_i16(self, value: i16) -> Result<Value, Refused> {
        Ok(Value::from(i64::from(value)))
    }

    fn serialize_i128(self, value: i128) -> Result<Value, Refused> {
        Ok(Value::Integer(Integer::from(value)))
    }

    fn serialize_u8(self, value: u8) -> Result<Value, Refused> {
        Ok(Value::from(i64::from(value)))
    }

    fn serialize_u16(self, value: u16) -> Result<Value, Refused> {
        Ok(Value::from(i64::from(value)))
    }

    fn serialize_u32(self, value: u32) -> Result<Value, Refused> {
        Ok(Value::from(i64::from(value)))
    }

    fn serialize_u128(self, value: u128) -> Result<Value, Refused> {
        Ok(Value::Integer(Integer::from(value)))
    }

    /// The shortest decimal of a narrow float, as in JSON, not the same number in a wide one.
    fn serialize_f32(self, value: f32) -> Result<Value, Refused> {
        let near = value.to_string().parse().unwrap_or_else(|_| f64::from(value));
        Ok(Value::Float(if value.is_finite() { near } else { f64::from(value) }))
    }

    fn serialize_char(self, value: char) -> Result<Value, Refused> {
        Ok(Value::from(value.encode_utf8(&mut [0; 4]) as &str))
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<Value, Refused> {
        Ok(Value::String(RubyString::new(value, Encoding::BINARY)))
    }

    fn serialize_none(self) -> Result<Value, Refused> {
        Ok(Value::Nil)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Value, Refused> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<Value, Refused> {
        Ok(Value::Nil)
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<Value, Refused> {
        Ok(Value::Nil)
    }

    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
    ) -> Result<Value, Refused> {
        Ok(Value::from(variant))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<Value, Refused> {
        let inside = value.serialize(&mut *self)?;
        let unpacked = match (name, inside) {
            (VALUE_TOKEN, Value::String(bytes)) => {
                marshal::unpack(bytes.as_bytes(), &mut self.next_label).ok()
            }
            (INTEGER_TOKEN, Value::String(digits)) => digits
                .as_str()
                .and_then(|digits| digits.parse::<Integer>().ok())
                .map(Value::Integer),
            (_, inside) => Some(inside),
        };
        unpacked.ok_or(Refused(SealError::Unrepresentable))
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Value, Refused> {
        self.enter()?;
        let inside = value.serialize(&mut *self)?;
        self.leave();
        Ok(self.variant(variant, inside))
    }

    fn serialize_seq(self, _length: Option<usize>) -> Result<List<'b>, Refused> {
        List::new(self, None)
    }

    fn serialize_tuple(self, _length: usize) -> Result<List<'b>, Refused> {
        List::new(self, None)
    }

    fn serialize_tuple_struct(
        self,
        _name: &'static str,
        _length: usize,
    ) -> Result<List<'b>, Refused> {
        List::new(self, None)
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _length: usize,
    ) -> Result<List<'b>, Refused> {
        List::new(self, Some(variant))
    }

    fn serialize_map(self, _length: Option<usize>) -> Result<Map<'b>, Refused> {
        Map::new(self, None)
    }

    fn serialize_struct(self, _name: &'static str, _length: usize) -> Result<Map<'b>, Refused> {
        Map::new(self, None)
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _length: usize,
    ) -> Result<Map<'b>, Refused> {
        Map::new(self, Some(variant))
    }
}
