//! Ruby's values through serde.
//!
//! A text format gets what JSON can say. This crate's own binary formats get every value whole: it
//! goes through serde as one piece of bytes, in a newtype struct whose name tells them what it is.

use serde::ser::{Error as _, Serialize, Serializer};

use super::marshal;
use crate::value::{Hash, Plain, RubyString, Symbol, Time, Value};

/// The name of the newtype struct around the bytes of a whole value.
pub(crate) const VALUE_TOKEN: &str = "$railjar::value::Value";

/// Bytes that serde gives as bytes.
struct Packed<'b>(&'b [u8]);

impl Serialize for Packed<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0)
    }
}

fn whole<S: Serializer>(value: &Value, serializer: S) -> Result<S::Ok, S::Error> {
    let bytes = marshal::pack(value).map_err(S::Error::custom)?;
    serializer.serialize_newtype_struct(VALUE_TOKEN, &Packed(&bytes))
}

/// To JSON and other text, what JSON can say is given as it is: strings that are not UTF-8 as bytes,
/// and integers over 64 bits as a newtype struct around their decimal text. Anything else is given
/// as its [`as_json`](Value::as_json).
///
/// To Marshal and MessagePack in this crate, a value arrives as it is. Other binary formats get its
/// bytes in Marshal, in a newtype struct.
impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if !serializer.is_human_readable() {
            return whole(self, serializer);
        }
        if self.is_json() {
            return Plain(self).serialize(serializer);
        }
        Plain(&self.as_json().map_err(S::Error::custom)?).serialize(serializer)
    }
}

impl Serialize for Hash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Value::Hash(self.clone()).serialize(serializer)
    }
}

/// Text as text, bytes as bytes.
impl Serialize for RubyString {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if !serializer.is_human_readable() {
            return whole(&Value::String(self.clone()), serializer);
        }
        match self.to_utf8() {
            Some(text) => serializer.serialize_str(&text),
            None => serializer.serialize_bytes(self.as_bytes()),
        }
    }
}

/// In JSON, its name.
impl Serialize for Symbol {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if !serializer.is_human_readable() {
            return whole(&Value::Symbol(self.clone()), serializer);
        }
        self.name().serialize(serializer)
    }
}

/// In JSON, ISO 8601 text with milliseconds.
impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if !serializer.is_human_readable() {
            return whole(&Value::from(self.clone()), serializer);
        }
        serializer.serialize_str(&self.xmlschema(3))
    }
}
