//! Arrays and hashes that are being built.

use alloc::vec::Vec;

use serde::ser::{
    Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant,
};

use super::{Builder, Refused};
use crate::value::{Hash, Value};

/// An array. Of an enum's variant, it goes under the variant's name in the end.
pub(in crate::serializer) struct List<'b> {
    builder: &'b mut Builder,
    variant: Option<&'static str>,
    values: Vec<Value>,
}

impl<'b> List<'b> {
    pub(super) fn new(
        builder: &'b mut Builder,
        variant: Option<&'static str>,
    ) -> Result<Self, Refused> {
        builder.enter()?;
        Ok(Self { builder, variant, values: Vec::new() })
    }

    fn push<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Refused> {
        let value = value.serialize(&mut *self.builder)?;
        self.values.push(value);
        Ok(())
    }

    fn finish(self) -> Value {
        self.builder.leave();
        let array = Value::Array(self.values);
        match self.variant {
            Some(name) => self.builder.variant(name, array),
            None => array,
        }
    }
}

/// A hash, likewise.
pub(in crate::serializer) struct Map<'b> {
    builder: &'b mut Builder,
    variant: Option<&'static str>,
    key: Option<Value>,
    hash: Hash,
}

impl<'b> Map<'b> {
    pub(super) fn new(
        builder: &'b mut Builder,
        variant: Option<&'static str>,
    ) -> Result<Self, Refused> {
        builder.enter()?;
        Ok(Self { builder, variant, key: None, hash: Hash::new() })
    }

    fn field<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), Refused> {
        let key = self.builder.key(name);
        let value = value.serialize(&mut *self.builder)?;
        self.hash.append(Value::String(key), value);
        Ok(())
    }

    fn finish(self) -> Value {
        self.builder.leave();
        let hash = Value::Hash(self.hash);
        match self.variant {
            Some(name) => self.builder.variant(name, hash),
            None => hash,
        }
    }
}

impl SerializeMap for Map<'_> {
    type Ok = Value;
    type Error = Refused;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Refused> {
        let key = key.serialize(&mut *self.builder)?;
        self.key = Some(match key {
            Value::String(text) => match text.as_str() {
                Some(known) if text.shared_address().is_none() => {
                    let same = text.encoding() == crate::value::Encoding::UTF_8;
                    Value::String(if same { self.builder.key(known) } else { text.clone() })
                }
                _ => Value::String(text),
            },
            other => other,
        });
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Refused> {
        let value = value.serialize(&mut *self.builder)?;
        self.hash.append(self.key.take().unwrap_or_default(), value);
        Ok(())
    }

    fn end(self) -> Result<Value, Refused> {
        Ok(self.finish())
    }
}

/// The traits that are the same under other names.
macro_rules! compound {
    ($($trait:ident for $type:ident: $method:ident($($name:ident)?) => $inner:ident;)*) => {
        $(impl $trait for $type<'_> {
            type Ok = Value;
            type Error = Refused;

            fn $method<T: Serialize + ?Sized>(
                &mut self,
                $($name: &'static str,)?
                value: &T,
            ) -> Result<(), Refused> {
                self.$inner($($name,)? value)
            }

            fn end(self) -> Result<Value, Refused> {
                Ok(self.finish())
            }
        })*
    };
}

compound! {
    SerializeSeq for List: serialize_element() => push;
    SerializeTuple for List: serialize_element() => push;
    SerializeTupleStruct for List: serialize_field() => push;
    SerializeTupleVariant for List: serialize_field() => push;
    SerializeStruct for Map: serialize_field(name) => field;
    SerializeStructVariant for Map: serialize_field(name) => field;
}
