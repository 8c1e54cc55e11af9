//! The bytes of a dump, from its head on: lengths, names, and the symbol table.

use alloc::vec::Vec;

use super::Limits;
use crate::error::SerializationError;
use crate::value::{Encoding, RubyString, Symbol};

pub(super) type Result<T, E = SerializationError> = core::result::Result<T, E>;

pub(super) struct Cursor<'a> {
    bytes: &'a [u8],
    pub(super) at: usize,
    pub(super) symbols: Vec<Name<'a>>,
    pub(super) limits: Limits,
    memory: usize,
    values: usize,
}

/// A symbol of the table.
#[derive(Clone)]
pub(super) struct Name<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) encoding: Encoding,
    /// Made when it is first asked for; then there is only this one.
    made: Option<Symbol>,
}

/// Where a symbol is in the table.
pub(super) type NameAt = usize;

impl<'a> Cursor<'a> {
    /// At the first value of `bytes`, which must be of a version that Ruby reads.
    pub(super) fn new(bytes: &'a [u8], limits: &Limits) -> Result<Self> {
        let mut cursor = Self {
            bytes,
            at: 0,
            symbols: Vec::with_capacity(8),
            limits: *limits,
            memory: limits.memory,
            values: limits.values,
        };
        let version = (cursor.byte("the version")?, cursor.byte("the version")?);
        if !matches!(version, (4, 0..=8)) {
            return Err(SerializationError::MalformedPart { offset: 0, part: "the version" });
        }
        Ok(cursor)
    }

    #[cold]
    pub(super) fn malformed(&self, part: &'static str) -> SerializationError {
        SerializationError::MalformedPart { offset: self.at, part }
    }

    #[cold]
    pub(super) fn too_large(&self, part: &'static str) -> SerializationError {
        SerializationError::TooLarge { offset: self.at, part }
    }

    #[inline]
    pub(super) fn remaining(&self) -> usize {
        self.bytes.len().saturating_sub(self.at)
    }

    #[inline]
    pub(super) fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    #[inline]
    pub(super) fn byte(&mut self, part: &'static str) -> Result<u8> {
        let byte = self.peek().ok_or_else(|| self.malformed(part))?;
        self.at = self.at.saturating_add(1);
        Ok(byte)
    }

    /// Steps over a short string with nothing but an encoding that an earlier one had too, as nearly
    /// all are. Anything else is left to be read in the long way, which also knows what is wrong.
    #[inline]
    pub(super) fn plain_string(&mut self) -> Option<(&'a [u8], Encoding)> {
        let rest = self.bytes.get(self.at..)?;
        let [b'I', b'"', length @ 6..=0x7f, rest @ ..] = rest else {
            return None;
        };
        let (string, rest) = rest.split_at_checked(usize::from(length.wrapping_sub(5)))?;
        let [6, b';', link @ (0 | 5..=0x7f), short, ..] = rest else {
            return None;
        };
        // As `fixnum` reads it: what is between says how many bytes follow.
        let link = usize::from(link.saturating_sub(5));
        if string.len() > self.limits.string || self.symbols.get(link)?.bytes != b"E" {
            return None;
        }
        let encoding = match short {
            b'T' => Encoding::UTF_8,
            b'F' => Encoding::US_ASCII,
            _ => return None,
        };
        self.at = self.at.saturating_add(string.len()).saturating_add(7);
        Some((string, encoding))
    }

    /// Counts one value.
    #[inline]
    pub(super) fn count_value(&mut self) -> Result<()> {
        self.values = self.values.checked_sub(1).ok_or_else(|| self.too_large("values"))?;
        Ok(())
    }

    /// Counts memory that something will take.
    #[inline]
    pub(super) fn charge(&mut self, bytes: usize) -> Result<()> {
        self.memory = self.memory.checked_sub(bytes).ok_or_else(|| self.too_large("memory"))?;
        Ok(())
    }

    /// Marshal's own integer: one byte for what is small, or the number of bytes and these.
    #[inline]
    pub(super) fn fixnum(&mut self, part: &'static str) -> Result<i64> {
        let head = i64::from(self.byte(part)?.cast_signed());
        match head {
            0 => Ok(0),
            1..=4 => self.little_endian(head, 0, part),
            -4..=-1 => self.little_endian(head.saturating_neg(), -1, part),
            5.. => Ok(head.saturating_sub(5)),
            _ => Ok(head.saturating_add(5)),
        }
    }

    /// `count` bytes over the bits of `rest`.
    fn little_endian(&mut self, count: i64, rest: i64, part: &'static str) -> Result<i64> {
        let mut value = rest;
        for place in 0..count {
            let shift = place.saturating_mul(8);
            let byte = i64::from(self.byte(part)?);
            value = (value & !(0xff << shift)) | (byte << shift);
        }
        Ok(value)
    }

    /// A number of elements, each of which takes at least `width` bytes.
    #[inline]
    pub(super) fn count(&mut self, width: usize, part: &'static str) -> Result<usize> {
        let start = self.at;
        let count = self.fixnum(part)?;
        let count = usize::try_from(count).ok();
        count
            .filter(|count| *count <= self.remaining().checked_div(width).unwrap_or(0))
            .ok_or(SerializationError::MalformedPart { offset: start, part })
    }

    /// A length, and so many bytes.
    #[inline]
    pub(super) fn bytes(&mut self, part: &'static str) -> Result<&'a [u8]> {
        let length = self.count(1, part)?;
        if length > self.limits.string {
            return Err(self.too_large(part));
        }
        self.take(length, part)
    }

    #[inline]
    pub(super) fn take(&mut self, length: usize, part: &'static str) -> Result<&'a [u8]> {
        let end = self.at.saturating_add(length);
        let bytes = self.bytes.get(self.at..end).ok_or_else(|| self.malformed(part))?;
        self.at = end;
        Ok(bytes)
    }

    /// Puts a symbol into the table. Its encoding, if it has one, comes after its name.
    pub(super) fn define(&mut self, bytes: &'a [u8]) -> Result<NameAt> {
        self.charge(size_of::<Name<'_>>())?;
        let made = None;
        self.symbols.push(Name { bytes, encoding: Encoding::BINARY, made });
        Ok(self.symbols.len().saturating_sub(1))
    }

    pub(super) fn set_encoding(&mut self, at: NameAt, encoding: Encoding) {
        if let Some(name) = self.symbols.get_mut(at) {
            name.encoding = encoding;
        }
    }

    /// What follows `;`.
    #[inline]
    pub(super) fn symbol_link(&mut self) -> Result<NameAt> {
        let start = self.at;
        let at = usize::try_from(self.fixnum("a symbol link")?).ok();
        at.filter(|at| *at < self.symbols.len())
            .ok_or(SerializationError::MalformedPart { offset: start, part: "a symbol link" })
    }

    pub(super) fn name(&self, at: NameAt) -> &'a [u8] {
        self.symbols.get(at).map(|name| name.bytes).unwrap_or_default()
    }

    /// The name as a symbol: always the same one for the same place.
    pub(super) fn symbol(&mut self, at: NameAt) -> Result<Symbol> {
        let Some(name) = self.symbols.get_mut(at) else {
            return Err(self.malformed("a symbol"));
        };
        if let Some(symbol) = &name.made {
            return Ok(symbol.clone());
        }
        let symbol = Symbol::new(RubyString::new(name.bytes, name.encoding));
        name.made = Some(symbol.clone());
        let length = name.bytes.len();
        self.charge(length)?;
        Ok(symbol)
    }
}
