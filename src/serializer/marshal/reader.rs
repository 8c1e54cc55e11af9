//! Reads a dump into a tree.
//!
//! Ruby numbers the objects of a dump as they begin and links to them by number. Floats and strings
//! that are linked are simply given again; another object that is linked has to be marked where it
//! stands, which is known only at its first link. So a dump with such links, and there are few, is
//! read twice.

mod objects;

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use super::cursor::{Cursor, Result};
use super::{Dialect, Limits};
use crate::error::SerializationError;
use crate::serializer::json::Syntax;
use crate::value::{Decorated, Fields, Label, RubyString, Value};

/// Whether there may be bytes after the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trailing {
    /// Refuse them.
    Refuse,
    /// Leave them, as Ruby does.
    Ignore,
}

/// What only Ruby takes is left to readers that do as Ruby does.
impl From<Syntax> for Trailing {
    fn from(syntax: Syntax) -> Self {
        match syntax {
            Syntax::Strict => Self::Refuse,
            Syntax::Ruby => Self::Ignore,
        }
    }
}

pub(super) fn read(bytes: &[u8], limits: &Limits, trailing: Trailing) -> Result<Value> {
    let mut reader = Reader::new(bytes, limits)?;
    let value = reader.value()?;
    reader.finish(trailing)?;
    if reader.linked.is_empty() {
        return Ok(value);
    }
    let labels = reader.labels_from(0);
    Reader { labels, ..Reader::new(bytes, limits)? }.value()
}

/// Reads what this crate packed, with labels that are numbered from `first` on, which is moved past
/// them.
pub(super) fn read_packed(bytes: &[u8], limits: &Limits, first: &mut u32) -> Result<Value> {
    let dialect = Dialect::Packed;
    let mut reader = Reader { dialect, ..Reader::new(bytes, limits)? };
    let value = reader.value()?;
    if reader.linked.is_empty() {
        return Ok(value);
    }
    let labels = reader.labels_from(*first);
    *first = first.saturating_add(u32::try_from(labels.len()).unwrap_or(u32::MAX));
    Reader { labels, dialect, ..Reader::new(bytes, limits)? }.value()
}

pub(super) struct Reader<'a> {
    pub(super) cursor: Cursor<'a>,
    /// Ruby's object table, as far as a link can still come.
    objects: Vec<Known>,
    /// Behind the last byte that may be a link: few dumps have any.
    links_end: usize,
    /// The objects that are to be marked, by their number.
    labels: BTreeMap<usize, Label>,
    /// Those that were linked without being marked.
    linked: BTreeSet<usize>,
    depth: usize,
    dialect: Dialect,
    pub(super) links: Links,
}

/// What a link to an object needs.
#[derive(Clone)]
pub(super) enum Known {
    Float(f64),
    String(RubyString),
    /// Where it begins.
    Other(usize),
}

/// What becomes of links to objects that are no floats and no bare strings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Links {
    /// They stay links, and what they lead to is marked.
    Keep,
    /// What they lead to is read once more in their place.
    Follow,
}

/// A place to come back to.
pub(super) struct Place {
    at: usize,
    symbols: usize,
    objects: usize,
}

/// What stood before a value and belongs to it.
#[derive(Default)]
pub(super) struct Prefix {
    /// Where it began.
    pub(super) begin: usize,
    /// `I`: instance variables follow.
    pub(super) ivars: bool,
    /// `e` and `C`: modules and a class, with no value yet.
    decorated: Option<Box<Decorated>>,
    /// `C` with the class `Hash` itself.
    identity: bool,
}

impl Prefix {
    fn decorated(&mut self) -> &mut Decorated {
        let none = || {
            let (extended, ivars) = (Vec::new(), Fields::new());
            Box::new(Decorated { extended, class: None, ivars, value: Value::Nil })
        };
        self.decorated.get_or_insert_with(none)
    }

    /// Whether Ruby dumps all of it before a value of this type.
    fn fits(&self, kind: u8) -> bool {
        let hash = matches!(kind, b'{' | b'}');
        let core = hash || matches!(kind, b'"' | b'/' | b'[');
        let object = matches!(kind, b'o' | b'S' | b'd');
        let dumped = matches!(kind, b'u' | b'U' | b':');
        (!self.identity || hash)
            && self
                .decorated
                .as_ref()
                .is_none_or(|decorated| core || (object && decorated.class.is_none()))
            && (!self.ivars || core || object || dumped)
    }
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8], limits: &Limits) -> Result<Self> {
        let cursor = Cursor::new(bytes, limits)?;
        let links_end = memchr::memrchr(b'@', bytes).map_or(0, |last| last.saturating_add(1));
        let objects = Vec::with_capacity(MOST_RESERVED.min(links_end));
        let (labels, linked) = (BTreeMap::new(), BTreeSet::new());
        let (dialect, links) = (Dialect::Ruby, Links::Keep);
        Ok(Self { cursor, objects, links_end, labels, linked, depth: 0, dialect, links })
    }

    /// Labels for the objects that were linked, numbered from `first` on.
    fn labels_from(self, first: u32) -> BTreeMap<usize, Label> {
        // One by one: to collect them would be to sort them again.
        let mut labels = BTreeMap::new();
        labels.extend(self.linked.into_iter().zip((first..).map(Label)));
        labels
    }

    pub(super) fn finish(&self, trailing: Trailing) -> Result<()> {
        match trailing {
            Trailing::Refuse if self.cursor.remaining() > 0 => {
                Err(self.cursor.malformed("the end"))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn value(&mut self) -> Result<Value> {
        let mut value = Value::Nil;
        self.value_into(&mut value)?;
        Ok(value)
    }

    /// Reads a value to where it stays.
    pub(super) fn value_into(&mut self, place: &mut Value) -> Result<()> {
        let begin = self.cursor.at;
        self.enter(size_of::<Value>())?;
        if let Some((bytes, encoding)) = self.cursor.plain_string() {
            let at = self.number(begin)?;
            self.cursor.charge(bytes.len())?;
            let string = RubyString::new(bytes, encoding);
            self.remember(at, || Known::String(string.clone()));
            *place = Value::String(string);
        } else {
            let (kind, prefix) = self.prefix()?;
            match self.simple(kind, &prefix)? {
                Some(value) => *place = value,
                None => *place = self.object(kind, prefix)?,
            }
        }
        self.leave();
        Ok(())
    }

    /// Goes one level deeper, to a value that will take so much memory.
    #[inline]
    pub(super) fn enter(&mut self, memory: usize) -> Result<()> {
        self.cursor.count_value()?;
        self.cursor.charge(memory)?;
        self.depth = self.depth.saturating_add(1);
        if self.depth > self.cursor.limits.depth {
            return Err(SerializationError::TooDeep);
        }
        Ok(())
    }

    #[inline]
    pub(super) fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    /// The type of the next value, and what stands before it.
    #[inline]
    pub(super) fn prefix(&mut self) -> Result<(u8, Prefix)> {
        let begin = self.cursor.at;
        match self.cursor.peek() {
            // Most values have nothing before them.
            Some(kind) if !matches!(kind, b'I' | b'e' | b'C') => {
                self.cursor.at = begin.saturating_add(1);
                Ok((kind, Prefix { begin, ..Prefix::default() }))
            }
            _ => self.long_prefix(),
        }
    }

    fn long_prefix(&mut self) -> Result<(u8, Prefix)> {
        let mut prefix = Prefix { begin: self.cursor.at, ..Prefix::default() };
        loop {
            let start = self.cursor.at;
            match self.cursor.byte("a type")? {
                b'I' if !prefix.ivars => prefix.ivars = true,
                b'e' => {
                    let module = self.symbol("a module's name")?;
                    prefix.decorated().extended.push(module);
                }
                b'C' if !prefix.identity => {
                    let class = self.symbol("a class's name")?;
                    let hash = matches!(self.cursor.peek(), Some(b'{' | b'}'));
                    if class.is("Hash") && hash {
                        prefix.identity = true;
                    } else if prefix.decorated().class.replace(class).is_some() {
                        return Err(self.cursor.malformed("a class's name"));
                    }
                }
                kind if prefix.fits(kind) => return Ok((kind, prefix)),
                _ => {
                    self.cursor.at = start;
                    return Err(self.cursor.malformed("a type"));
                }
            }
        }
    }

    /// What has no number in the object table.
    fn simple(&mut self, kind: u8, prefix: &Prefix) -> Result<Option<Value>> {
        Ok(Some(match kind {
            b'0' => Value::Nil,
            b'T' => Value::Bool(true),
            b'F' => Value::Bool(false),
            b'i' => Value::from(self.cursor.fixnum("an integer")?),
            b'@' => return self.link().map(Some),
            b';' => {
                let at = self.cursor.symbol_link()?;
                Value::Symbol(self.cursor.symbol(at)?)
            }
            b':' => {
                let at = self.symbol_definition(prefix.ivars)?;
                Value::Symbol(self.cursor.symbol(at)?)
            }
            _ => return Ok(None),
        }))
    }

    /// Gives the object that began there its number, the next one. Where no link can follow, that
    /// is a number without an entry in the table.
    #[inline]
    pub(super) fn number(&mut self, begin: usize) -> Result<usize> {
        self.cursor.charge(size_of::<Known>())?;
        let at = self.objects.len();
        if self.cursor.at < self.links_end {
            self.objects.push(Known::Other(begin));
        }
        Ok(at)
    }

    pub(super) fn remember(&mut self, at: usize, known: impl FnOnce() -> Known) {
        if let Some(object) = self.objects.get_mut(at) {
            *object = known();
        }
    }

    /// What follows `@`: the number of an object, and what is known of it.
    pub(super) fn linked(&mut self) -> Result<(usize, Known)> {
        let start = self.cursor.at;
        let at = usize::try_from(self.cursor.fixnum("a link")?).ok();
        let known = at.and_then(|at| Some((at, self.objects.get(at)?.clone())));
        known.ok_or(SerializationError::MalformedPart { offset: start, part: "a link" })
    }

    fn link(&mut self) -> Result<Value> {
        Ok(match self.linked()? {
            (_, Known::Float(float)) => Value::Float(float),
            (_, Known::String(string)) => Value::String(string),
            (_, Known::Other(begin)) if self.links == Links::Follow => {
                let place = self.go_to(begin);
                let value = self.value()?;
                self.come_back(place);
                value
            }
            (at, Known::Other(_)) => match self.labels.get(&at) {
                Some(label) => Value::Link(*label),
                None => {
                    self.linked.insert(at);
                    Value::Nil
                }
            },
        })
    }

    /// Goes to an object that was read before. What is numbered on the way there is forgotten by
    /// [`come_back`](Self::come_back), so links mean the same as the first time.
    pub(super) fn go_to(&mut self, begin: usize) -> Place {
        let (symbols, objects) = (self.cursor.symbols.len(), self.objects.len());
        Place { at: core::mem::replace(&mut self.cursor.at, begin), symbols, objects }
    }

    pub(super) fn come_back(&mut self, place: Place) {
        self.cursor.at = place.at;
        self.cursor.symbols.truncate(place.symbols);
        self.objects.truncate(place.objects);
    }
}

/// Room is made for no more elements at once, whatever a length claims.
const MOST_RESERVED: usize = 32;
