//! Arrays and hashes, element by element.

use serde::ser::{
    Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant,
};

use crate::serializer::json::writer::{Key, Refused, Writer};

/// An array or a hash that is open.
pub(in crate::serializer::json) struct Compound<'w, 'o, 't> {
    writer: &'w mut Writer<'o, 't>,
    empty: bool,
    shape: Shape,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Container,
    /// A struct that stands for a number, with its text for the only field.
    Number,
}

impl<'w, 'o, 't> Compound<'w, 'o, 't> {
    pub(super) fn new(writer: &'w mut Writer<'o, 't>) -> Self {
        Self { writer, empty: true, shape: Shape::Container }
    }

    pub(super) fn number(writer: &'w mut Writer<'o, 't>) -> Self {
        Self { writer, empty: true, shape: Shape::Number }
    }

    fn separate(&mut self) {
        if !self.empty {
            self.writer.out.push(b',');
        }
        self.empty = false;
    }

    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Refused> {
        self.separate();
        value.serialize(&mut *self.writer)
    }

    fn key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Refused> {
        self.separate();
        key.serialize(Key { out: self.writer.out, text: self.writer.text })
    }

    fn value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Refused> {
        self.writer.out.push(b':');
        value.serialize(&mut *self.writer)
    }

    fn close(self, brackets: &[u8]) -> Result<(), Refused> {
        for bracket in brackets {
            self.writer.close(*bracket);
        }
        Ok(())
    }
}

impl SerializeSeq for Compound<'_, '_, '_> {
    type Ok = ();
    type Error = Refused;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Refused> {
        self.element(value)
    }

    fn end(self) -> Result<(), Refused> {
        self.close(b"]")
    }
}

impl SerializeTuple for Compound<'_, '_, '_> {
    type Ok = ();
    type Error = Refused;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Refused> {
        self.element(value)
    }

    fn end(self) -> Result<(), Refused> {
        self.close(b"]")
    }
}

impl SerializeTupleStruct for Compound<'_, '_, '_> {
    type Ok = ();
    type Error = Refused;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Refused> {
        self.element(value)
    }

    fn end(self) -> Result<(), Refused> {
        self.close(b"]")
    }
}

impl SerializeTupleVariant for Compound<'_, '_, '_> {
    type Ok = ();
    type Error = Refused;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Refused> {
        self.element(value)
    }

    fn end(self) -> Result<(), Refused> {
        self.close(b"]}")
    }
}

impl SerializeMap for Compound<'_, '_, '_> {
    type Ok = ();
    type Error = Refused;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Refused> {
        self.key(key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Refused> {
        self.value(value)
    }

    fn end(self) -> Result<(), Refused> {
        self.close(b"}")
    }
}

impl SerializeStruct for Compound<'_, '_, '_> {
    type Ok = ();
    type Error = Refused;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), Refused> {
        if self.shape == Shape::Number {
            let before = self.writer.out.len();
            value.serialize(&mut *self.writer)?;
            return self.writer.unquote_number(before);
        }
        self.key(key)?;
        self.value(value)
    }

    fn end(self) -> Result<(), Refused> {
        match self.shape {
            Shape::Container => self.close(b"}"),
            Shape::Number => Ok(()),
        }
    }
}

impl SerializeStructVariant for Compound<'_, '_, '_> {
    type Ok = ();
    type Error = Refused;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), Refused> {
        self.key(key)?;
        self.value(value)
    }

    fn end(self) -> Result<(), Refused> {
        self.close(b"}}")
    }
}
