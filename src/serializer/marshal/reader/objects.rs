//! Objects of each kind, and what they are made of.

use alloc::vec::Vec;

use super::super::cursor::{NameAt, Result};
use super::super::{known, number};
use super::{Dialect, Known, MOST_RESERVED, Prefix, Reader};
use crate::error::SerializationError;
use crate::value::{
    Body, Comparison, Encoding, Fields, Hash, Integer, Module, ModuleKind, Object, Regexp,
    RubyString, Shared, Symbol, Value,
};

impl Reader<'_> {
    /// An object that has a number, with all that belongs to it.
    pub(super) fn object(&mut self, kind: u8, prefix: Prefix) -> Result<Value> {
        // A user-defined dump is numbered when it is complete, everything else when it begins.
        if kind == b'u' {
            return self.user_defined(prefix);
        }
        let at = self.number(prefix.begin)?;
        let value = match kind {
            b'f' => {
                let float = self.float()?;
                if number::is_immediate(float) {
                    self.remember(at, || Known::Float(float));
                }
                Value::Float(float)
            }
            b'l' => Value::Integer(self.bignum()?),
            b'"' => return self.string(at, prefix),
            b'/' => {
                let source = self.cursor.bytes("an expression")?;
                self.cursor.charge(source.len())?;
                let options = self.cursor.byte("an expression's options")?;
                let (encoding, ivars) = self.encoded(prefix.ivars)?;
                let source = RubyString::new(source, encoding);
                let regexp = Value::from(Regexp { source, options });
                return Ok(self.decorate(at, regexp, prefix, ivars));
            }
            b'[' => self.array()?,
            b'{' | b'}' => self.hash(kind == b'}', prefix.identity)?,
            b'c' => self.module(ModuleKind::Class)?,
            b'm' => self.module(ModuleKind::Module)?,
            b'M' => self.module(ModuleKind::ClassOrModule)?,
            b'o' => {
                let class = self.symbol("a class's name")?;
                let fields = self.fields("instance variables")?;
                self.recognize(Object { class, body: Body::Ivars(fields) })
            }
            b'S' => {
                let class = self.symbol("a class's name")?;
                let fields = self.fields("a struct's members")?;
                Value::from(Object { class, body: Body::Struct(fields) })
            }
            b'U' => {
                let class = self.symbol("a class's name")?;
                let body = Body::MarshalDump(self.value()?);
                self.recognize(Object { class, body })
            }
            b'd' => {
                let class = self.symbol("a class's name")?;
                Value::from(Object { class, body: Body::Data(self.value()?) })
            }
            _ => {
                self.cursor.at = self.cursor.at.saturating_sub(1);
                return Err(self.cursor.malformed("a type"));
            }
        };
        if !prefix.ivars && prefix.decorated.is_none() && self.labels.is_empty() {
            return Ok(value);
        }
        let ivars = if prefix.ivars { self.fields("instance variables")? } else { Fields::new() };
        Ok(self.decorate(at, value, prefix, ivars))
    }

    pub(in super::super) fn float(&mut self) -> Result<f64> {
        let start = self.cursor.at;
        let malformed = SerializationError::MalformedPart { offset: start, part: "a float" };
        number::float(self.cursor.bytes("a float")?).ok_or(malformed)
    }

    pub(in super::super) fn bignum(&mut self) -> Result<Integer> {
        let sign = self.cursor.byte("an integer's sign")?;
        let length = self.cursor.count(2, "an integer's length")?.saturating_mul(2);
        if length > self.cursor.limits.integer {
            return Err(self.cursor.too_large("an integer"));
        }
        self.cursor.charge(length.saturating_mul(3))?;
        let bytes = self.cursor.take(length, "an integer")?;
        let integer = match sign {
            b'+' => number::integer(false, bytes),
            b'-' => number::integer(true, bytes),
            _ => None,
        };
        integer.ok_or_else(|| self.cursor.malformed("an integer's sign"))
    }

    fn string(&mut self, at: usize, prefix: Prefix) -> Result<Value> {
        let bytes = self.cursor.bytes("a string")?;
        self.cursor.charge(bytes.len())?;
        let (encoding, ivars) = self.encoded(prefix.ivars)?;
        let string = RubyString::new(bytes, encoding);
        if ivars.is_empty() && prefix.decorated.is_none() {
            self.remember(at, || Known::String(string.clone()));
            return Ok(Value::String(string));
        }
        Ok(self.decorate(at, Value::String(string), prefix, ivars))
    }

    fn array(&mut self) -> Result<Value> {
        let count = self.cursor.count(1, "an array's length")?;
        let mut values = Vec::with_capacity(count.min(MOST_RESERVED));
        for _ in 0..count {
            values.push(Value::Nil);
            if let Some(place) = values.last_mut() {
                self.value_into(place)?;
            }
        }
        Ok(Value::Array(values))
    }

    fn hash(&mut self, has_default: bool, identity: bool) -> Result<Value> {
        let count = self.cursor.count(2, "a hash's length")?;
        let comparison = if identity { Comparison::ByIdentity } else { Comparison::ByValue };
        let mut hash = Hash::compared(comparison);
        hash.reserve(count.min(MOST_RESERVED));
        for _ in 0..count {
            hash.append_read(|key, value| {
                self.value_into(key)?;
                self.value_into(value)
            })?;
        }
        if has_default {
            hash.set_default(self.value()?);
        }
        Ok(Value::Hash(hash))
    }

    fn module(&mut self, kind: ModuleKind) -> Result<Value> {
        let name = self.cursor.bytes("a module's name")?;
        self.cursor.charge(name.len())?;
        Ok(Module { kind, name: RubyString::new(name, Encoding::BINARY) }.into())
    }

    fn user_defined(&mut self, prefix: Prefix) -> Result<Value> {
        let class = self.symbol("a class's name")?;
        let bytes = self.cursor.bytes("a dump")?;
        self.cursor.charge(bytes.len())?;
        let (encoding, ivars) = self.encoded(prefix.ivars)?;
        let at = self.number(prefix.begin)?;
        let body = Body::Dump(RubyString::new(bytes, encoding), ivars);
        let value = self.recognize(Object { class, body });
        Ok(self.decorate(at, value, prefix, Fields::new()))
    }

    /// Names and values.
    pub(in super::super) fn fields(&mut self, part: &'static str) -> Result<Fields> {
        let count = self.cursor.count(2, part)?;
        let mut fields = Fields::with_capacity(count.min(MOST_RESERVED));
        for _ in 0..count {
            let name = self.symbol(part)?;
            fields.push((name, self.value()?));
        }
        Ok(fields)
    }

    /// The instance variables of a string, of which the encoding is one. Without any, a string is
    /// binary.
    pub(in super::super) fn encoded(&mut self, has_ivars: bool) -> Result<(Encoding, Fields)> {
        let mut encoding = Encoding::BINARY;
        let mut fields = Fields::new();
        if !has_ivars {
            return Ok((encoding, fields));
        }
        let part = "instance variables";
        for _ in 0..self.cursor.count(2, part)? {
            let name = self.name(part)?;
            match self.cursor.name(name) {
                b"E" => {
                    encoding = match self.cursor.byte("an encoding")? {
                        b'T' => Encoding::UTF_8,
                        b'F' => Encoding::US_ASCII,
                        _ => return Err(self.cursor.malformed("an encoding")),
                    }
                }
                b"encoding" => {
                    encoding = match self.value()? {
                        Value::String(name) => name.as_str().and_then(Encoding::from_name),
                        _ => None,
                    }
                    .ok_or_else(|| self.cursor.malformed("an encoding"))?;
                }
                _ => {
                    let name = self.cursor.symbol(name)?;
                    fields.push((name, self.value()?));
                }
            }
        }
        Ok((encoding, fields))
    }

    pub(super) fn symbol(&mut self, part: &'static str) -> Result<Symbol> {
        let at = self.name(part)?;
        self.cursor.symbol(at)
    }

    /// A symbol where only one may stand.
    pub(in super::super) fn name(&mut self, part: &'static str) -> Result<NameAt> {
        match self.cursor.byte(part)? {
            b':' => self.symbol_definition(false),
            b';' => self.cursor.symbol_link(),
            b'I' if self.cursor.byte(part)? == b':' => self.symbol_definition(true),
            _ => Err(self.cursor.malformed(part)),
        }
    }

    /// What follows `:`.
    pub(in super::super) fn symbol_definition(&mut self, has_ivars: bool) -> Result<NameAt> {
        let bytes = self.cursor.bytes("a symbol")?;
        let at = self.cursor.define(bytes)?;
        let (encoding, others) = self.encoded(has_ivars)?;
        if !others.is_empty() {
            return Err(self.cursor.malformed("a symbol"));
        }
        self.cursor.set_encoding(at, encoding);
        Ok(at)
    }

    /// The value with what belongs to it, and with its label if it is linked.
    fn decorate(&self, at: usize, value: Value, prefix: Prefix, ivars: Fields) -> Value {
        let value = match prefix.decorated {
            None if ivars.is_empty() => value,
            _ => {
                let mut prefix = prefix;
                let decorated = prefix.decorated();
                (decorated.value, decorated.ivars) = (value, ivars);
                prefix.decorated.map_or(Value::Nil, Value::Decorated)
            }
        };
        match self.labels.get(&at) {
            Some(label) => Shared { label: *label, value }.into(),
            None => value,
        }
    }

    fn recognize(&self, object: Object) -> Value {
        match self.dialect {
            Dialect::Ruby => known::recognize(object),
            Dialect::Packed => known::uncarry(object).unwrap_or_else(known::recognize),
        }
    }
}
