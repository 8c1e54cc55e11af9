//! The elements of arrays, hashes and enums, one after another.

use serde::de::{
    DeserializeSeed, Deserializer as _, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor,
};

use super::{De, Failed, Result};
use crate::error::SerializationError;

pub(super) struct Elements<'d, 'de> {
    pub(super) de: &'d mut De<'de>,
    pub(super) left: usize,
}

impl Elements<'_, '_> {
    /// A type that wants fewer elements than there are is not this value's.
    pub(super) fn all_read(&self) -> Result<()> {
        all_read(self.left)
    }
}

fn all_read(left: usize) -> Result<()> {
    if left == 0 { Ok(()) } else { Err(Failed(SerializationError::Mismatch)) }
}

impl<'de> SeqAccess<'de> for &mut Elements<'_, 'de> {
    type Error = Failed;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>> {
        let Some(left) = self.left.checked_sub(1) else {
            return Ok(None);
        };
        self.left = left;
        seed.deserialize(&mut *self.de).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.left)
    }
}

pub(super) struct Pairs<'d, 'de> {
    pub(super) de: &'d mut De<'de>,
    pub(super) left: usize,
}

impl Pairs<'_, '_> {
    pub(super) fn all_read(&self) -> Result<()> {
        all_read(self.left)
    }
}

impl<'de> MapAccess<'de> for &mut Pairs<'_, 'de> {
    type Error = Failed;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>> {
        let Some(left) = self.left.checked_sub(1) else {
            return Ok(None);
        };
        self.left = left;
        seed.deserialize(&mut *self.de).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value> {
        seed.deserialize(&mut *self.de)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.left)
    }
}

/// The one pair of a hash that stands for an enum's variant.
pub(super) struct Variant<'d, 'de> {
    pub(super) de: &'d mut De<'de>,
}

impl<'de> EnumAccess<'de> for Variant<'_, 'de> {
    type Error = Failed;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self)> {
        let variant = seed.deserialize(&mut *self.de)?;
        Ok((variant, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'_, 'de> {
    type Error = Failed;

    fn unit_variant(self) -> Result<()> {
        serde::Deserialize::deserialize(self.de)
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value> {
        seed.deserialize(self.de)
    }

    fn tuple_variant<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value> {
        self.de.deserialize_tuple(length, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        self.de.deserialize_struct("", fields, visitor)
    }
}
