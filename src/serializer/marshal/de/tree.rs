//! A tree of JSON's types, given to a type.

use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{Deserializer, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;

use super::{Failed, Hint, Result, integer, string};
use crate::value::Value;

pub(super) struct Tree(pub(super) Value);

impl<'de> IntoDeserializer<'de, Failed> for Tree {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Tree {
    type Error = Failed;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.0 {
            Value::Bool(value) => visitor.visit_bool(value),
            Value::Integer(value) => integer(&value, visitor),
            Value::Float(value) => visitor.visit_f64(value),
            Value::String(text) => string(&text, Hint::Any, visitor),
            Value::Array(values) => {
                let mut elements = SeqDeserializer::new(values.into_iter().map(Tree));
                let value = visitor.visit_seq(&mut elements)?;
                elements.end()?;
                Ok(value)
            }
            Value::Hash(hash) => {
                let pairs = hash.into_iter().map(|(key, value)| (Tree(key), Tree(value)));
                let mut pairs = MapDeserializer::new(pairs);
                let value = visitor.visit_map(&mut pairs)?;
                pairs.end()?;
                Ok(value)
            }
            _ => visitor.visit_unit(),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        if self.0.is_nil() { visitor.visit_none() } else { visitor.visit_some(self) }
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
        match self.0 {
            Value::String(name) => match name.as_str() {
                Some(name) => visitor.visit_enum(name.into_deserializer()),
                None => Err(Failed(crate::error::SerializationError::Mismatch)),
            },
            _ => Err(Failed(crate::error::SerializationError::Mismatch)),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}
