//! The tokens of MessagePack, counted and bounded, for the reader of values, for serde and for the
//! scanner. It neither allocates nor recurses.

use crate::error::SerializationError;
use crate::serializer::Limits;
use crate::serializer::message_pack::extension::{Extensions, Kind};
use crate::value::Value;

pub(super) type Result<T, E = SerializationError> = core::result::Result<T, E>;

/// A place in MessagePack.
#[derive(Clone)]
pub(super) struct Cursor<'a> {
    /// The bytes up to where reading must end.
    bytes: &'a [u8],
    at: usize,
    /// Where the last token began.
    start: usize,
    /// What is left of them; of strings and integers, what each may have.
    limits: Limits,
    extensions: Extensions,
}

/// One token. Of arrays and maps the elements follow.
#[derive(Clone, Copy)]
pub(super) enum Token<'a> {
    Nil,
    Bool(bool),
    Unsigned(u64),
    Signed(i64),
    Float(f64),
    Text(&'a [u8]),
    Bytes(&'a [u8]),
    Array(usize),
    /// Its number of pairs.
    Map(usize),
    Extension(Extension<'a>),
}

/// An extension with its content.
#[derive(Clone, Copy)]
pub(super) struct Extension<'a> {
    pub(super) kind: Kind,
    pub(super) body: &'a [u8],
    /// Where the content ends.
    end: usize,
}

/// What values in boxes take beyond their place, roughly.
const BOXED: usize = 96;
/// What a hash takes for each pair beyond its two values, roughly: its index.
const INDEXED: usize = 56;

impl<'a> Cursor<'a> {
    /// At the first token of `bytes`.
    pub(super) fn new(bytes: &'a [u8], extensions: &Extensions, limits: &Limits) -> Self {
        Self { bytes, at: 0, start: 0, limits: *limits, extensions: *extensions }
    }

    pub(super) fn extensions(&self) -> &Extensions {
        &self.extensions
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// What lies between here and `end`, a later place in the same bytes.
    pub(super) fn up_to(&self, end: &Self) -> &'a [u8] {
        self.bytes.get(self.at..end.at).unwrap_or_default()
    }

    pub(super) fn integer_limit(&self) -> usize {
        self.limits.integer
    }

    /// The last token is not what belongs there.
    pub(super) fn malformed(&self, part: &'static str) -> SerializationError {
        SerializationError::MalformedPart { offset: self.start, part }
    }

    pub(super) fn too_large(&self, part: &'static str) -> SerializationError {
        SerializationError::TooLarge { offset: self.start, part }
    }

    /// Takes the signature.
    pub(super) fn signature(&mut self) -> Result<()> {
        // Rails compares the number, not the bytes.
        match self.token() {
            Ok(Token::Unsigned(128) | Token::Signed(128)) => Ok(()),
            _ => Err(self.malformed("the signature")),
        }
    }

    /// Nothing may be left.
    pub(super) fn finish(&self) -> Result<()> {
        if self.at == self.bytes.len() {
            return Ok(());
        }
        Err(SerializationError::MalformedPart { offset: self.at, part: "the end" })
    }

    /// The next token.
    pub(super) fn token(&mut self) -> Result<Token<'a>> {
        self.start = self.at;
        let values = self.limits.values.checked_sub(1).ok_or_else(|| self.too_large("values"))?;
        self.limits.values = values;
        self.charge(size_of::<Value>())?;
        let [head] = self.array()?;
        Ok(match head {
            0x00..=0x7f => Token::Unsigned(head.into()),
            0x80..=0x8f => self.map(usize::from(head & 0x0f))?,
            0x90..=0x9f => self.elements(usize::from(head & 0x0f))?,
            0xa0..=0xbf => Token::Text(self.string(usize::from(head & 0x1f))?),
            0xc0 => Token::Nil,
            0xc1 => return Err(self.malformed("a value")),
            0xc2 => Token::Bool(false),
            0xc3 => Token::Bool(true),
            0xc4..=0xc6 => {
                let length = self.length(head.wrapping_sub(0xc4))?;
                Token::Bytes(self.string(length)?)
            }
            0xc7..=0xc9 => {
                let length = self.length(head.wrapping_sub(0xc7))?;
                self.extension(length)?
            }
            0xca => Token::Float(f32::from_be_bytes(self.array()?).into()),
            0xcb => Token::Float(f64::from_be_bytes(self.array()?)),
            0xcc => Token::Unsigned(u8::from_be_bytes(self.array()?).into()),
            0xcd => Token::Unsigned(u16::from_be_bytes(self.array()?).into()),
            0xce => Token::Unsigned(u32::from_be_bytes(self.array()?).into()),
            0xcf => Token::Unsigned(u64::from_be_bytes(self.array()?)),
            0xd0 => Token::Signed(i8::from_be_bytes(self.array()?).into()),
            0xd1 => Token::Signed(i16::from_be_bytes(self.array()?).into()),
            0xd2 => Token::Signed(i32::from_be_bytes(self.array()?).into()),
            0xd3 => Token::Signed(i64::from_be_bytes(self.array()?)),
            0xd4..=0xd8 => self.extension(1 << (head & 0x0f).wrapping_sub(4))?,
            0xd9..=0xdb => {
                let length = self.length(head.wrapping_sub(0xd9))?;
                Token::Text(self.string(length)?)
            }
            0xdc | 0xdd => {
                let count = self.length(head.wrapping_sub(0xdb))?;
                self.elements(count)?
            }
            0xde | 0xdf => {
                let count = self.length(head.wrapping_sub(0xdd))?;
                self.map(count)?
            }
            0xe0..=0xff => Token::Signed(head.cast_signed().into()),
        })
    }

    /// Passes over the next value, with all that is in it; the content of extensions is not looked
    /// into.
    pub(super) fn skip(&mut self) -> Result<()> {
        let mut left = 1_usize;
        while let Some(rest) = left.checked_sub(1) {
            // No more than twice the bytes that are left: this cannot overflow.
            left = match self.token()? {
                Token::Array(count) => rest.saturating_add(count),
                Token::Map(count) => rest.saturating_add(count.saturating_mul(2)),
                _ => rest,
            };
        }
        Ok(())
    }

    /// One level deeper, as the gem counts them: empty arrays and maps are none.
    pub(super) fn enter(&mut self) -> Result<()> {
        self.limits.depth = self.limits.depth.checked_sub(1).ok_or(SerializationError::TooDeep)?;
        Ok(())
    }

    pub(super) fn leave(&mut self) {
        self.limits.depth = self.limits.depth.saturating_add(1);
    }

    /// Reads the values that are the content of `extension`, all of them.
    pub(super) fn inside<T, E: From<SerializationError>>(
        &mut self,
        extension: Extension<'a>,
        read: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        self.enter()?;
        let start = extension.end.saturating_sub(extension.body.len());
        let bytes = self.bytes.get(..extension.end).unwrap_or_default();
        let mut content = Self { bytes, at: start, start, ..self.clone() };
        let value = read(&mut content)?;
        content.finish()?;
        self.limits = content.limits;
        self.leave();
        Ok(value)
    }

    fn charge(&mut self, bytes: usize) -> Result<()> {
        let memory = self.limits.memory.checked_sub(bytes);
        self.limits.memory = memory.ok_or_else(|| self.too_large("memory"))?;
        Ok(())
    }

    /// A length of 1, 2 or 4 bytes.
    fn length(&mut self, size: u8) -> Result<usize> {
        let length = match size {
            0 => u8::from_be_bytes(self.array()?).into(),
            1 => u16::from_be_bytes(self.array()?).into(),
            _ => u32::from_be_bytes(self.array()?),
        };
        usize::try_from(length).map_err(|_| self.too_large("a length"))
    }

    /// The head of an array: each element takes a byte at least.
    fn elements(&mut self, count: usize) -> Result<Token<'a>> {
        if count > self.remaining() {
            return Err(self.malformed("an array"));
        }
        Ok(Token::Array(count))
    }

    fn map(&mut self, count: usize) -> Result<Token<'a>> {
        if count.saturating_mul(2) > self.remaining() {
            return Err(self.malformed("a map"));
        }
        self.charge(count.saturating_mul(INDEXED))?;
        Ok(Token::Map(count))
    }

    fn extension(&mut self, length: usize) -> Result<Token<'a>> {
        let [number] = self.array()?;
        let kind = Kind::from_number(number).filter(|kind| self.extensions.have(*kind));
        let offset = self.start;
        let kind = kind.ok_or(SerializationError::UnknownExtension { offset })?;
        self.charge(BOXED)?;
        let body = self.string(length)?;
        Ok(Token::Extension(Extension { kind, body, end: self.at }))
    }

    fn string(&mut self, length: usize) -> Result<&'a [u8]> {
        if length > self.remaining() {
            return Err(self.malformed("a string"));
        }
        if length > self.limits.string {
            return Err(self.too_large("a string"));
        }
        self.charge(length)?;
        self.take(length)
    }

    fn remaining(&self) -> usize {
        self.bytes.len().saturating_sub(self.at)
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8]> {
        let end = self.at.saturating_add(length);
        let bytes = self.bytes.get(self.at..end).ok_or_else(|| self.malformed("a value"))?;
        self.at = end;
        Ok(bytes)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let bytes = self.take(N)?;
        bytes.try_into().map_err(|_| self.malformed("a value"))
    }
}
