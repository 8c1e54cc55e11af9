//! Values through serde.

use serde::ser::{Serialize, SerializeMap as _, Serializer};

use crate::value::{Hash, Value};

/// Strings that are not UTF-8 are given as bytes, and integers over 64 bits as a newtype struct
/// around their decimal text.
impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Nil => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Integer(value) => value.serialize(serializer),
            Self::Float(value) => serializer.serialize_f64(*value),
            Self::String(value) => value.serialize(serializer),
            Self::Array(values) => values.serialize(serializer),
            Self::Hash(hash) => hash.serialize(serializer),
        }
    }
}

impl Serialize for Hash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.len()))?;
        for (key, value) in self {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}
