//! Writes any `serde::Serialize` value as JSON text.

mod compound;
mod key;

use alloc::vec::Vec;
use core::fmt::Display;
use core::str::FromStr;

use serde::ser::{self, Serialize, Serializer};

use crate::error::SealError;
use crate::serializer::json::escape::write_string;
use crate::serializer::json::number::{write_float, write_integer};
use crate::serializer::json::writer::compound::Compound;
use crate::serializer::json::writer::key::Key;
use crate::serializer::json::{MAX_NESTING, Text};
use crate::value::{INTEGER_TOKEN, Integer};

/// The struct in which `serde_json`'s feature `arbitrary_precision` sends a number as text, its own
/// writer knowing it. Any crate of a build can turn that on for all.
const NUMBER_TOKEN: &str = "$serde_json::private::Number";

/// Appends `value` to `out`, which is left as it was when that fails.
pub(crate) fn write<T: Serialize + ?Sized>(
    out: &mut Vec<u8>,
    value: &T,
    text: &Text,
) -> Result<(), SealError> {
    let before = out.len();
    let mut writer = Writer { out, text, depth: 0 };
    let result = value.serialize(&mut writer);
    if result.is_err() {
        out.truncate(before);
    }
    result.map_err(|Refused(error)| error)
}

/// Why writing stopped. serde asks for an error that takes any message; its text is dropped.
#[derive(Debug)]
pub(super) struct Refused(SealError);

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

pub(super) struct Writer<'o, 't> {
    out: &'o mut Vec<u8>,
    text: &'t Text,
    depth: usize,
}

impl Writer<'_, '_> {
    fn literal(&mut self, text: &str) -> Result<(), Refused> {
        self.out.extend_from_slice(text.as_bytes());
        Ok(())
    }

    fn integer<D: Display>(&mut self, value: D) -> Result<(), Refused> {
        write_integer(self.out, value);
        Ok(())
    }

    /// Turns the string that was written from `start` on into the integer that it says.
    fn unquote_integer(&mut self, start: usize) -> Result<(), Refused> {
        let integer: Integer = self.take_string(start)?;
        self.integer(integer)
    }

    /// The same for any number, which is laid out anew.
    fn unquote_number(&mut self, start: usize) -> Result<(), Refused> {
        if let Ok(integer) = self.take_string(start) {
            return self.integer::<Integer>(integer);
        }
        let float: f64 = self.take_string(start)?;
        write_float(self.out, float, self.text).map_err(Refused)
    }

    /// Takes back the string that was written from `start` on, if it says a `T`.
    fn take_string<T: FromStr>(&mut self, start: usize) -> Result<T, Refused> {
        let string = self.out.get(start..).and_then(|bytes| str::from_utf8(bytes).ok());
        let inside = string.and_then(|string| string.strip_prefix('"')?.strip_suffix('"'));
        let value = inside.and_then(|inside| inside.parse().ok());
        let value = value.ok_or(Refused(SealError::Unrepresentable))?;
        self.out.truncate(start);
        Ok(value)
    }

    fn open(&mut self, bracket: u8) -> Result<(), Refused> {
        if self.depth >= MAX_NESTING {
            return Err(Refused(SealError::TooDeep));
        }
        self.depth = self.depth.saturating_add(1);
        self.out.push(bracket);
        Ok(())
    }

    fn close(&mut self, bracket: u8) {
        self.depth = self.depth.saturating_sub(1);
        self.out.push(bracket);
    }

    /// Opens `{"name":`, the form of an enum's variant that holds something.
    fn open_variant(&mut self, name: &str) -> Result<(), Refused> {
        self.open(b'{')?;
        write_string(self.out, name, self.text);
        self.out.push(b':');
        Ok(())
    }
}

impl<'w, 'o, 't> Serializer for &'w mut Writer<'o, 't> {
    type Ok = ();
    type Error = Refused;
    type SerializeSeq = Compound<'w, 'o, 't>;
    type SerializeTuple = Compound<'w, 'o, 't>;
    type SerializeTupleStruct = Compound<'w, 'o, 't>;
    type SerializeTupleVariant = Compound<'w, 'o, 't>;
    type SerializeMap = Compound<'w, 'o, 't>;
    type SerializeStruct = Compound<'w, 'o, 't>;
    type SerializeStructVariant = Compound<'w, 'o, 't>;

    fn serialize_bool(self, value: bool) -> Result<(), Refused> {
        self.literal(if value { "true" } else { "false" })
    }

    fn serialize_i8(self, value: i8) -> Result<(), Refused> {
        self.integer(value)
    }

    fn serialize_i16(self, value: i16) -> Result<(), Refused> {
        self.integer(value)
    }

    fn serialize_i32(self, value: i32) -> Result<(), Refused> {
        self.integer(value)
    }

    fn serialize_i64(self, value: i64) -> Result<(), Refused> {
        self.integer(value)
    }

    fn serialize_i128(self, value: i128) -> Result<(), Refused> {
        self.integer(value)
    }

    fn serialize_u8(self, value: u8) -> Result<(), Refused> {
        self.integer(value)
    }

    fn serialize_u16(self, value: u16) -> Result<(), Refused> {
        self.integer(value)
    }

    fn serialize_u32(self, value: u32) -> Result<(), Refused> {
        self.integer(value)
    }

    fn serialize_u64(self, value: u64) -> Result<(), Refused> {
        self.integer(value)
    }

    fn serialize_u128(self, value: u128) -> Result<(), Refused> {
        self.integer(value)
    }

    fn serialize_f32(self, value: f32) -> Result<(), Refused> {
        write_float(self.out, value, self.text).map_err(Refused)
    }

    fn serialize_f64(self, value: f64) -> Result<(), Refused> {
        write_float(self.out, value, self.text).map_err(Refused)
    }

    fn serialize_char(self, value: char) -> Result<(), Refused> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Result<(), Refused> {
        write_string(self.out, value, self.text);
        Ok(())
    }

    /// Rails refuses strings that are not UTF-8 (`JSON::GeneratorError`), and bytes are nothing
    /// else: an array of numbers would not come back as a string.
    fn serialize_bytes(self, _value: &[u8]) -> Result<(), Refused> {
        Err(Refused(SealError::Unrepresentable))
    }

    fn serialize_none(self) -> Result<(), Refused> {
        self.literal("null")
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Refused> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Refused> {
        self.literal("null")
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<(), Refused> {
        self.literal("null")
    }

    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
    ) -> Result<(), Refused> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Refused> {
        let before = self.out.len();
        value.serialize(&mut *self)?;
        if name == INTEGER_TOKEN {
            self.unquote_integer(before)?;
        }
        Ok(())
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Refused> {
        self.open_variant(variant)?;
        value.serialize(&mut *self)?;
        self.close(b'}');
        Ok(())
    }

    fn serialize_seq(self, _len: Option<usize>) -> Result<Self::SerializeSeq, Refused> {
        self.open(b'[')?;
        Ok(Compound::new(self))
    }

    fn serialize_tuple(self, len: usize) -> Result<Self::SerializeTuple, Refused> {
        self.serialize_seq(Some(len))
    }

    fn serialize_tuple_struct(
        self,
        _name: &'static str,
        len: usize,
    ) -> Result<Self::SerializeTupleStruct, Refused> {
        self.serialize_seq(Some(len))
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Self::SerializeTupleVariant, Refused> {
        self.open_variant(variant)?;
        self.serialize_seq(Some(len))
    }

    fn serialize_map(self, _len: Option<usize>) -> Result<Self::SerializeMap, Refused> {
        self.open(b'{')?;
        Ok(Compound::new(self))
    }

    fn serialize_struct(
        self,
        name: &'static str,
        len: usize,
    ) -> Result<Self::SerializeStruct, Refused> {
        if name == NUMBER_TOKEN {
            return Ok(Compound::number(self));
        }
        self.serialize_map(Some(len))
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Self::SerializeStructVariant, Refused> {
        self.open_variant(variant)?;
        self.serialize_map(Some(len))
    }
}
