//! Values of JSON's own types through serde. The others have to know the serializers, see
//! `serializer/value.rs`.

use serde::ser::{Serialize, SerializeMap as _, Serializer};

use crate::value::Value;

/// A value of JSON's types only.
pub(crate) struct Plain<'v>(pub(crate) &'v Value);

impl Serialize for Plain<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Bool(value) => serializer.serialize_bool(*value),
            Value::Integer(value) => value.serialize(serializer),
            Value::Float(value) => serializer.serialize_f64(*value),
            Value::String(value) => match value.to_utf8() {
                Some(text) => serializer.serialize_str(&text),
                None => serializer.serialize_bytes(value.as_bytes()),
            },
            Value::Array(values) => serializer.collect_seq(values.iter().map(Plain)),
            Value::Hash(hash) => {
                let mut map = serializer.serialize_map(Some(hash.len()))?;
                for (key, value) in hash {
                    map.serialize_entry(&Plain(key), &Plain(value))?;
                }
                map.end()
            }
            _ => serializer.serialize_unit(),
        }
    }
}
