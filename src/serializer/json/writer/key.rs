//! Keys of hashes, which are strings whatever they were.

use alloc::string::ToString as _;
use alloc::vec::Vec;
use core::fmt::Display;

use serde::ser::{Impossible, Serialize, Serializer};

use crate::error::SealError;
use crate::serializer::json::Text;
use crate::serializer::json::escape::write_string;
use crate::serializer::json::writer::Refused;
use crate::value::RubyFloat;

/// Writes a key as Rails does: its `to_s`, as a string. Only scalars have one that means anything.
pub(super) struct Key<'o, 't> {
    pub(super) out: &'o mut Vec<u8>,
    pub(super) text: &'t Text,
}

impl Key<'_, '_> {
    fn display(self, key: impl Display) -> Result<(), Refused> {
        self.serialize_str(&key.to_string())
    }
}

const REFUSED: Refused = Refused(SealError::Unrepresentable);

/// One method for each scalar type whose `to_s` is its `Display`.
macro_rules! displayed {
    ($($method:ident($type:ty)),* $(,)?) => {
        $(fn $method(self, value: $type) -> Result<(), Refused> {
            self.display(value)
        })*
    };
}

impl Serializer for Key<'_, '_> {
    type Ok = ();
    type Error = Refused;
    type SerializeSeq = Impossible<(), Refused>;
    type SerializeTuple = Impossible<(), Refused>;
    type SerializeTupleStruct = Impossible<(), Refused>;
    type SerializeTupleVariant = Impossible<(), Refused>;
    type SerializeMap = Impossible<(), Refused>;
    type SerializeStruct = Impossible<(), Refused>;
    type SerializeStructVariant = Impossible<(), Refused>;

    displayed!(
        serialize_bool(bool),
        serialize_char(char),
        serialize_i8(i8),
        serialize_i16(i16),
        serialize_i32(i32),
        serialize_i64(i64),
        serialize_i128(i128),
        serialize_u8(u8),
        serialize_u16(u16),
        serialize_u32(u32),
        serialize_u64(u64),
        serialize_u128(u128)
    );

    fn serialize_f32(self, value: f32) -> Result<(), Refused> {
        self.serialize_f64(f64::from(value))
    }

    /// `Float#to_s`, whatever the json gem makes of floats that are values.
    fn serialize_f64(self, value: f64) -> Result<(), Refused> {
        self.display(RubyFloat(value))
    }

    fn serialize_str(self, value: &str) -> Result<(), Refused> {
        write_string(self.out, value, self.text);
        Ok(())
    }

    fn serialize_none(self) -> Result<(), Refused> {
        self.serialize_str("")
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Refused> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Refused> {
        self.serialize_str("")
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<(), Refused> {
        self.serialize_str("")
    }

    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
    ) -> Result<(), Refused> {
        self.serialize_str(variant)
    }

    /// A big integer's digits are in quotes here, so its token needs no care.
    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        value: &T,
    ) -> Result<(), Refused> {
        value.serialize(self)
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<(), Refused> {
        Err(REFUSED)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<(), Refused> {
        Err(REFUSED)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self::SerializeSeq, Refused> {
        Err(REFUSED)
    }

    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, Refused> {
        Err(REFUSED)
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleStruct, Refused> {
        Err(REFUSED)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Refused> {
        Err(REFUSED)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, Refused> {
        Err(REFUSED)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeStruct, Refused> {
        Err(REFUSED)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, Refused> {
        Err(REFUSED)
    }
}
