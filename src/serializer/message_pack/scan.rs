//! Looking into MessagePack without building values: for the envelope.

use crate::serializer::message_pack::LIMITS;
use crate::serializer::message_pack::cursor::{Cursor, Result, Token};
use crate::serializer::message_pack::extension::{Extensions, Kind};
use crate::serializer::message_pack::reader::read_value;
use crate::time::Timestamp;
use crate::value::Value;

/// One value, where it stands.
pub(crate) struct Span<'a> {
    cursor: Cursor<'a>,
    bytes: &'a [u8],
}

impl<'a> Span<'a> {
    /// The value of a whole document.
    pub(crate) fn document(bytes: &'a [u8], extensions: &Extensions) -> Result<Self> {
        let mut cursor = Cursor::new(bytes, extensions, &LIMITS);
        cursor.signature()?;
        let bytes = bytes.get(cursor.at()..).unwrap_or_default();
        Ok(Self { cursor, bytes })
    }

    /// Its bytes, without a signature.
    pub(crate) fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Calls `visit` with each value of a hash whose key is a string; the answer is whether it is
    /// a hash.
    pub(crate) fn members(&self, visit: impl FnMut(&'a [u8], Span<'a>)) -> Result<bool> {
        let mut cursor = self.cursor.clone();
        match cursor.token()? {
            Token::Map(count) => walk(&mut cursor, count, visit).map(|()| true),
            Token::Extension(hash) if hash.kind == Kind::HashWithIndifferentAccess => cursor
                .inside(hash, |content| match content.token()? {
                    Token::Map(count) => walk(content, count, visit).map(|()| true),
                    _ => Err(content.malformed(hash.kind.part())),
                }),
            _ => Ok(false),
        }
    }

    pub(crate) fn is_nil(&self) -> bool {
        matches!(self.cursor.clone().token(), Ok(Token::Nil))
    }

    /// The bytes of a string.
    pub(crate) fn string(&self) -> Option<&'a [u8]> {
        match self.cursor.clone().token() {
            Ok(Token::Text(bytes) | Token::Bytes(bytes)) => Some(bytes),
            _ => None,
        }
    }

    /// The instant of a time.
    pub(crate) fn time(&self) -> Option<Timestamp> {
        match read_value(&mut self.cursor.clone()) {
            Ok(Value::Time(time)) => Some(time.timestamp()),
            _ => None,
        }
    }
}

fn walk<'a>(
    cursor: &mut Cursor<'a>,
    count: usize,
    mut visit: impl FnMut(&'a [u8], Span<'a>),
) -> Result<()> {
    for _ in 0..count {
        let key = match cursor.clone().token()? {
            Token::Text(key) | Token::Bytes(key) => Some(key),
            _ => None,
        };
        cursor.skip()?;
        let value = cursor.clone();
        cursor.skip()?;
        if let Some(key) = key {
            visit(key, Span { bytes: value.up_to(cursor), cursor: value });
        }
    }
    Ok(())
}
