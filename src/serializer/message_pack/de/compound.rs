//! Arrays, hashes and enums through serde.

use serde::de::{Deserialize as _, Deserializer as _};
use serde::de::{DeserializeSeed, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor};

use crate::serializer::message_pack::cursor::Cursor;
use crate::serializer::message_pack::de::{Deserializer, MISMATCH, Refused, Result};

/// The elements of an array that are left.
pub(super) struct Elements<'c, 'de> {
    cursor: &'c mut Cursor<'de>,
    left: usize,
}

impl<'de> Elements<'_, 'de> {
    pub(super) fn visit<V: Visitor<'de>>(
        cursor: &mut Cursor<'de>,
        count: usize,
        visitor: V,
    ) -> Result<V::Value> {
        let deep = count > 0;
        if deep {
            cursor.enter()?;
        }
        let mut elements = Elements { cursor: &mut *cursor, left: count };
        let value = visitor.visit_seq(&mut elements)?;
        // A tuple of fewer elements than there are is not what was written.
        if elements.left > 0 {
            return Err(MISMATCH);
        }
        if deep {
            cursor.leave();
        }
        Ok(value)
    }
}

impl<'de> SeqAccess<'de> for Elements<'_, 'de> {
    type Error = Refused;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>> {
        let Some(left) = self.left.checked_sub(1) else {
            return Ok(None);
        };
        self.left = left;
        seed.deserialize(Deserializer(&mut *self.cursor)).map(Some)
    }
}

/// The pairs of a hash that are left.
pub(super) struct Pairs<'c, 'de> {
    cursor: &'c mut Cursor<'de>,
    left: usize,
}

impl<'de> Pairs<'_, 'de> {
    pub(super) fn visit<V: Visitor<'de>>(
        cursor: &mut Cursor<'de>,
        count: usize,
        visitor: V,
    ) -> Result<V::Value> {
        let deep = count > 0;
        if deep {
            cursor.enter()?;
        }
        let mut pairs = Pairs { cursor: &mut *cursor, left: count };
        let value = visitor.visit_map(&mut pairs)?;
        if pairs.left > 0 {
            return Err(MISMATCH);
        }
        if deep {
            cursor.leave();
        }
        Ok(value)
    }
}

impl<'de> MapAccess<'de> for Pairs<'_, 'de> {
    type Error = Refused;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>> {
        let Some(left) = self.left.checked_sub(1) else {
            return Ok(None);
        };
        self.left = left;
        seed.deserialize(Deserializer(&mut *self.cursor)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value> {
        seed.deserialize(Deserializer(&mut *self.cursor))
    }
}

/// The one pair of a hash that stands for an enum: the variant's name, and what it holds.
pub(super) struct Variant<'c, 'de>(pub(super) &'c mut Cursor<'de>);

impl<'de> EnumAccess<'de> for Variant<'_, 'de> {
    type Error = Refused;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self)> {
        let name = seed.deserialize(Deserializer(&mut *self.0))?;
        Ok((name, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'_, 'de> {
    type Error = Refused;

    fn unit_variant(self) -> Result<()> {
        <()>::deserialize(Deserializer(self.0))
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value> {
        seed.deserialize(Deserializer(self.0))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _length: usize, visitor: V) -> Result<V::Value> {
        Deserializer(self.0).deserialize_any(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        Deserializer(self.0).deserialize_any(visitor)
    }
}
