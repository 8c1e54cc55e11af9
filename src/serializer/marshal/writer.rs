//! Writes a tree as Ruby dumps it: what was read from Ruby comes out byte for byte.
//!
//! Objects are numbered as they begin, as in reading. Links come from labels, from strings that are
//! one string, from equal floats that Ruby keeps in the reference, and from the names of encodings.

mod parts;

use alloc::borrow::Cow;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::{Dialect, known, number};
use crate::error::SealError;
use crate::value::{
    Body, Comparison, Encoding, Fields, Hash, Label, ModuleKind, Object, RubyString, Symbol, Value,
};

type Result<T = (), E = SealError> = core::result::Result<T, E>;

pub(super) fn write(out: &mut Vec<u8>, value: &Value, dialect: Dialect) -> Result {
    let mut writer = Writer {
        out,
        dialect,
        symbols: BTreeMap::new(),
        objects: 0,
        strings: BTreeMap::new(),
        floats: BTreeMap::new(),
        encodings: BTreeMap::new(),
        labels: BTreeMap::new(),
        depth: 0,
    };
    writer.value(value)
}

struct Writer<'o> {
    out: &'o mut Vec<u8>,
    dialect: Dialect,
    symbols: BTreeMap<Symbol, usize>,
    /// How many objects have a number.
    objects: usize,
    /// The numbers of strings that have clones, by where their bytes lie.
    strings: BTreeMap<usize, usize>,
    /// The numbers of floats, by their bits.
    floats: BTreeMap<u64, usize>,
    /// The numbers of the names of encodings.
    encodings: BTreeMap<Encoding, usize>,
    labels: BTreeMap<Label, usize>,
    depth: usize,
}

/// What stands before and after a value: all that is known of it besides its core.
#[derive(Clone, Copy, Default)]
struct Around<'v> {
    label: Option<Label>,
    extended: &'v [Symbol],
    class: Option<&'v Symbol>,
    ivars: &'v [(Symbol, Value)],
}

impl Around<'_> {
    fn is_bare(&self) -> bool {
        self.extended.is_empty() && self.class.is_none() && self.ivars.is_empty()
    }
}

impl Writer<'_> {
    fn value(&mut self, value: &Value) -> Result {
        if self.depth >= super::MAX_NESTING {
            return Err(SealError::TooDeep);
        }
        self.depth = self.depth.saturating_add(1);
        self.around(value, Around::default())?;
        self.depth = self.depth.saturating_sub(1);
        Ok(())
    }

    fn around<'v>(&mut self, value: &'v Value, around: Around<'v>) -> Result {
        match value {
            Value::Shared(shared) => {
                self.around(&shared.value, Around { label: Some(shared.label), ..around })
            }
            Value::Decorated(inner) if around.is_bare() => {
                let (extended, class) = (inner.extended.as_slice(), inner.class.as_ref());
                let ivars = inner.ivars.as_slice();
                self.around(&inner.value, Around { label: around.label, extended, class, ivars })
            }
            Value::Nil | Value::Bool(_) | Value::Symbol(_) | Value::Link(_) => {
                // None of them can be marked, extended or have instance variables.
                if around.label.is_some() || !around.is_bare() {
                    return Err(SealError::Unrepresentable);
                }
                self.simple(value)
            }
            Value::Integer(integer) => match integer.to_i64() {
                Some(small @ -0x4000_0000..=0x3fff_ffff) if around.label.is_none() => {
                    self.out.push(b'i');
                    self.fixnum(small);
                    Ok(())
                }
                _ => {
                    self.number(around.label);
                    self.bignum(integer)
                }
            },
            Value::Float(float) => self.float(*float, around.label),
            Value::String(string) => self.string(string, around),
            Value::Regexp(regexp) => {
                self.number(around.label);
                self.open(around, encoding_ivar(regexp.source.encoding()));
                self.out.push(b'/');
                self.bytes(regexp.source.as_bytes());
                self.out.push(regexp.options);
                self.close(around, encoding_ivar(regexp.source.encoding()))
            }
            Value::Array(values) => {
                self.number(around.label);
                self.open(around, None);
                self.out.push(b'[');
                self.count(values.len());
                values.iter().try_for_each(|value| self.value(value))?;
                self.close(around, None)
            }
            Value::Hash(hash) => {
                self.number(around.label);
                self.open(around, None);
                self.hash(hash)?;
                self.close(around, None)
            }
            Value::Module(module) => {
                self.number(around.label);
                self.out.push(match module.kind {
                    ModuleKind::Class => b'c',
                    ModuleKind::Module => b'm',
                    ModuleKind::ClassOrModule => b'M',
                });
                self.bytes(module.name.as_bytes());
                Ok(())
            }
            Value::Object(object) => self.object(object, around),
            known => {
                let object = match self.dialect {
                    Dialect::Ruby => known::express(known),
                    Dialect::Packed => known::carry(known).or_else(|| known::express(known)),
                };
                self.object(&object.ok_or(SealError::Unrepresentable)?, around)
            }
        }
    }

    fn simple(&mut self, value: &Value) -> Result {
        match value {
            Value::Bool(true) => self.out.push(b'T'),
            Value::Bool(false) => self.out.push(b'F'),
            Value::Symbol(symbol) => self.symbol(symbol),
            Value::Link(label) => {
                let at = self.labels.get(label).copied().ok_or(SealError::Unrepresentable)?;
                self.link(at);
            }
            _ => self.out.push(b'0'),
        }
        Ok(())
    }

    /// Gives the next object its number.
    fn number(&mut self, label: Option<Label>) -> usize {
        let at = self.objects;
        self.objects = at.saturating_add(1);
        if let Some(label) = label {
            self.labels.insert(label, at);
        }
        at
    }

    fn link(&mut self, at: usize) {
        self.out.push(b'@');
        self.count(at);
    }

    /// A link in a place that has a label itself.
    fn link_labelled(&mut self, at: usize, label: Option<Label>) {
        if let Some(label) = label {
            self.labels.insert(label, at);
        }
        self.link(at);
    }

    /// Writes what stands before a value of a core class.
    fn open(&mut self, around: Around<'_>, encoding: Option<Encoding>) {
        if encoding.is_some() || !around.ivars.is_empty() {
            self.out.push(b'I');
        }
        for module in around.extended {
            self.out.push(b'e');
            self.symbol(module);
        }
        if let Some(class) = around.class {
            self.out.push(b'C');
            self.symbol(class);
        }
    }

    /// Writes the instance variables of a value, the encoding first.
    fn close(&mut self, around: Around<'_>, encoding: Option<Encoding>) -> Result {
        let count = around.ivars.len().saturating_add(usize::from(encoding.is_some()));
        if count == 0 {
            return Ok(());
        }
        self.count(count);
        if let Some(encoding) = encoding {
            self.encoding(encoding);
        }
        self.fields(around.ivars)
    }

    fn fields(&mut self, fields: &[(Symbol, Value)]) -> Result {
        for (name, value) in fields {
            self.symbol(name);
            self.value(value)?;
        }
        Ok(())
    }

    fn string(&mut self, string: &RubyString, around: Around<'_>) -> Result {
        let address = string.shared_address().filter(|_| around.is_bare());
        if let Some(at) = address.and_then(|address| self.strings.get(&address).copied()) {
            self.link_labelled(at, around.label);
            return Ok(());
        }
        let at = self.number(around.label);
        if let Some(address) = address {
            self.strings.insert(address, at);
        }
        let encoding = encoding_ivar(string.encoding());
        self.open(around, encoding);
        self.out.push(b'"');
        self.bytes(string.as_bytes());
        self.close(around, encoding)
    }

    fn float(&mut self, float: f64, label: Option<Label>) -> Result {
        if number::is_immediate(float) {
            if let Some(at) = self.floats.get(&float.to_bits()).copied() {
                self.link_labelled(at, label);
                return Ok(());
            }
            self.floats.insert(float.to_bits(), self.objects);
        }
        self.number(label);
        self.out.push(b'f');
        self.bytes(number::float_text(float).as_bytes());
        Ok(())
    }

    fn hash(&mut self, hash: &Hash) -> Result {
        if hash.comparison() == Comparison::ByIdentity {
            self.out.push(b'C');
            self.symbol(&Symbol::from("Hash"));
        }
        self.out.push(if hash.default_value().is_some() { b'}' } else { b'{' });
        self.count(hash.len());
        for (key, value) in hash {
            self.value(key)?;
            self.value(value)?;
        }
        hash.default_value().map_or(Ok(()), |default| self.value(default))
    }

    fn object(&mut self, object: &Object, around: Around<'_>) -> Result {
        if let Body::Dump(bytes, fields) = &object.body {
            return self.dump(object, bytes, fields, around);
        }
        self.number(around.label);
        self.open(Around { class: None, ..around }, None);
        self.out.push(match &object.body {
            Body::Struct(_) => b'S',
            Body::MarshalDump(_) => b'U',
            Body::Data(_) => b'd',
            _ => b'o',
        });
        self.symbol(&object.class);
        match &object.body {
            Body::Ivars(fields) | Body::Struct(fields) | Body::Dump(_, fields) => {
                self.count(fields.len());
                self.fields(fields)?;
            }
            Body::MarshalDump(value) | Body::Data(value) => self.value(value)?,
        }
        self.close(around, None)
    }

    /// A user-defined dump is numbered when it is complete.
    fn dump(
        &mut self,
        object: &Object,
        bytes: &RubyString,
        fields: &Fields,
        around: Around<'_>,
    ) -> Result {
        let fields = if around.ivars.is_empty() {
            Cow::Borrowed(fields.as_slice())
        } else {
            Cow::Owned([fields.as_slice(), around.ivars].concat())
        };
        let inner = Around { ivars: &fields, ..Around::default() };
        let encoding = encoding_ivar(bytes.encoding());
        self.open(inner, encoding);
        self.out.push(b'u');
        self.symbol(&object.class);
        self.bytes(bytes.as_bytes());
        self.close(inner, encoding)?;
        self.number(around.label);
        Ok(())
    }
}

/// The encoding, if it is said: of a binary string it is not.
fn encoding_ivar(encoding: Encoding) -> Option<Encoding> {
    (encoding != Encoding::BINARY).then_some(encoding)
}
