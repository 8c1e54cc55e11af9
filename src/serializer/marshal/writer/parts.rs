//! What objects are made of: symbols, encodings, bytes and numbers.

use super::super::{Limits, number};
use super::{Result, Writer};
use crate::error::SealError;
use crate::value::{Encoding, Integer, Symbol};

impl Writer<'_> {
    pub(super) fn encoding(&mut self, encoding: Encoding) {
        let short = match encoding {
            Encoding::UTF_8 => b'T',
            Encoding::US_ASCII => b'F',
            _ => {
                self.symbol(&Symbol::from("encoding"));
                if let Some(at) = self.encodings.get(&encoding).copied() {
                    self.link(at);
                } else {
                    let at = self.number(None);
                    self.encodings.insert(encoding, at);
                    self.out.push(b'"');
                    self.bytes(encoding.name().as_bytes());
                }
                return;
            }
        };
        self.symbol(&Symbol::from("E"));
        self.out.push(short);
    }

    pub(super) fn bignum(&mut self, integer: &Integer) -> Result {
        let (negative, bytes) = number::integer_bytes(integer, Limits::DEFAULT.integer)
            .ok_or(SealError::Unrepresentable)?;
        self.out.extend_from_slice(if negative { b"l-" } else { b"l+" });
        self.count(bytes.len().div_ceil(2));
        self.out.extend_from_slice(&bytes);
        Ok(())
    }

    /// A symbol, or a link to it.
    pub(super) fn symbol(&mut self, symbol: &Symbol) {
        if let Some(at) = self.symbols.get(symbol).copied() {
            self.out.push(b';');
            return self.count(at);
        }
        self.symbols.insert(symbol.clone(), self.symbols.len());
        // Of a name that is all ASCII, and of bytes, the encoding is not said.
        let (name, encoding) = (symbol.name().as_bytes(), symbol.name().encoding());
        let ascii = encoding == Encoding::US_ASCII && name.is_ascii();
        let bare = ascii || encoding == Encoding::BINARY;
        if !bare {
            self.out.push(b'I');
        }
        self.out.push(b':');
        self.bytes(name);
        if !bare {
            self.count(1);
            self.encoding(encoding);
        }
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.count(bytes.len());
        self.out.extend_from_slice(bytes);
    }

    pub(super) fn count(&mut self, count: usize) {
        self.fixnum(i64::try_from(count).unwrap_or(i64::MAX));
    }

    /// Marshal's own integer: small ones in one byte, others as the number of bytes and these.
    pub(super) fn fixnum(&mut self, value: i64) {
        let bytes = value.to_le_bytes();
        let [first, ..] = bytes;
        match value {
            0 => self.out.push(0),
            1..=122 => self.out.push(first.wrapping_add(5)),
            -123..=-1 => self.out.push(first.wrapping_sub(5)),
            _ => {
                let sign = if value < 0 { 0xff } else { 0 };
                let length = bytes.iter().rposition(|byte| *byte != sign).unwrap_or(0);
                let length = u8::try_from(length).unwrap_or(0).wrapping_add(1);
                self.out.push(if value < 0 { length.wrapping_neg() } else { length });
                self.out.extend(bytes.iter().take(usize::from(length)));
            }
        }
    }
}
