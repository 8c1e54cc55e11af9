//! The settings' tree as serde reads it. The library's own reader of JSON makes the tree, so that no
//! second one is loaded; and each type is offered the one kind of value that it can be made of,
//! which compiles to far less than offering it all kinds.

use core::fmt;

use railjar::Value;
use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{Deserializer, Error, Expected, IntoDeserializer, Unexpected, Visitor};
use serde::forward_to_deserialize_any;

/// A value of JSON's kinds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tree<'v>(pub(crate) &'v Value);

/// Why no settings could be made of it.
#[derive(Debug)]
pub(crate) struct Wrong(pub(crate) String);

impl Error for Wrong {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }

    /// Without what came instead: it may be a secret that stands in the wrong place.
    fn invalid_type(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        not_what(expected)
    }

    fn invalid_value(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        not_what(expected)
    }
}

impl std::error::Error for Wrong {}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn not_what(expected: &dyn Expected) -> Wrong {
    Wrong(format!("expected {expected}"))
}

/// Methods of one body.
macro_rules! each {
    ($($method:ident)*: |$tree:ident, $visitor:ident| $body:expr) => {
        $(fn $method<V: Visitor<'de>>(self, $visitor: V) -> Result<V::Value, Wrong> {
            let $tree = self;
            $body
        })*
    };
}

impl<'de> Deserializer<'de> for Tree<'de> {
    type Error = Wrong;

    each! {
        deserialize_any: |tree, visitor| match tree.0 {
            Value::Nil => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::Integer(_) => tree.deserialize_i64(visitor),
            Value::Float(value) => visitor.visit_f64(*value),
            Value::Array(_) => tree.deserialize_seq(visitor),
            Value::Hash(_) => tree.deserialize_map(visitor),
            _ => tree.deserialize_str(visitor),
        }
    }

    each! {
        deserialize_bool: |tree, visitor| match tree.0 {
            Value::Bool(value) => visitor.visit_bool(*value),
            _ => Err(not_what(&visitor)),
        }
    }

    each! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64:
        |tree, visitor| match tree.0.as_i64() {
            Some(value) => visitor.visit_i64(value),
            None => Err(not_what(&visitor)),
        }
    }

    each! {
        deserialize_str deserialize_string deserialize_identifier:
        |tree, visitor| match tree.0.as_str() {
            Some(text) => visitor.visit_str(text),
            None => Err(not_what(&visitor)),
        }
    }

    each! {
        deserialize_seq: |tree, visitor| match tree.0 {
            Value::Array(values) => {
                visitor.visit_seq(SeqDeserializer::new(values.iter().map(Tree)))
            }
            _ => Err(not_what(&visitor)),
        }
    }

    each! {
        deserialize_map: |tree, visitor| match tree.0 {
            Value::Hash(hash) => {
                let pairs = hash.iter().map(|(key, value)| (Tree(key), Tree(value)));
                visitor.visit_map(MapDeserializer::new(pairs))
            }
            _ => Err(not_what(&visitor)),
        }
    }

    each! {
        deserialize_option: |tree, visitor| match tree.0 {
            Value::Nil => visitor.visit_none(),
            _ => visitor.visit_some(tree),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        match self.0.as_str() {
            Some(text) => visitor.visit_enum(text.into_deserializer()),
            None => Err(not_what(&visitor)),
        }
    }

    forward_to_deserialize_any! {
        i128 u128 f32 f64 char bytes byte_buf unit unit_struct newtype_struct tuple tuple_struct
        ignored_any
    }
}

impl<'de> IntoDeserializer<'de, Wrong> for Tree<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}
