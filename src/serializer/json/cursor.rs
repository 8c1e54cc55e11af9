//! The lexer that the value reader and the scanner share.
//!
//! It walks the text token by token, counts the nesting, and holds the whole grammar; what it
//! takes is what the json gem takes (2.6.1, `parser.rl`), or less in the strict syntax. It neither
//! allocates nor recurses.

use crate::error::SerializationError;
use crate::serializer::json::escape::{SPECIAL, clean_run};
use crate::serializer::json::string::{RawString, unicode_escape};
use crate::serializer::json::{MAX_NESTING, Syntax};

type Result<T> = core::result::Result<T, SerializationError>;

/// A place in JSON text.
#[derive(Clone)]
pub(super) struct Cursor<'a> {
    /// The text up to where reading must end.
    text: &'a [u8],
    at: usize,
    syntax: Syntax,
    depth: usize,
    /// An array or hash was opened and nothing in it was read yet.
    fresh: bool,
}

/// A scalar, or the start of a container, whose elements [`Cursor::more`] then finds.
pub(super) enum Token<'a> {
    Null,
    Bool(bool),
    Number(Number<'a>),
    String(RawString<'a>),
    Array,
    Hash,
}

/// A number's text.
pub(super) enum Number<'a> {
    Integer(&'a str),
    /// It has a point or an exponent.
    Float(&'a str),
}

/// The two containers, by what closes them.
#[derive(Clone, Copy)]
pub(super) enum Container {
    Array,
    Hash,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a [u8], syntax: Syntax) -> Self {
        Self::starting_at(text, 0, syntax)
    }

    /// A cursor for the value in the middle of `text`; `at` still counts from its start.
    pub(super) fn starting_at(text: &'a [u8], at: usize, syntax: Syntax) -> Self {
        Self { text, at, syntax, depth: 0, fresh: false }
    }

    pub(super) fn text(&self) -> &'a [u8] {
        self.text
    }

    pub(super) fn offset(&self) -> usize {
        self.at
    }

    pub(super) fn syntax(&self) -> Syntax {
        self.syntax
    }

    /// Reads a scalar whole, or enters a container.
    pub(super) fn token(&mut self) -> Result<Token<'a>> {
        self.skip_space()?;
        match self.peek() {
            Some(b'"') => self.string().map(Token::String),
            Some(b'{') => self.enter(Token::Hash),
            Some(b'[') => self.enter(Token::Array),
            Some(b'-' | b'0'..=b'9') => self.number().map(Token::Number),
            Some(b't') => self.word(b"true", Token::Bool(true)),
            Some(b'f') => self.word(b"false", Token::Bool(false)),
            Some(b'n') => self.word(b"null", Token::Null),
            _ => Err(self.malformed()),
        }
    }

    /// Whether another element or pair follows in the container; leaves it where there is none.
    pub(super) fn more(&mut self, container: Container) -> Result<bool> {
        let close = match container {
            Container::Array => b']',
            Container::Hash => b'}',
        };
        self.skip_space()?;
        let first = core::mem::replace(&mut self.fresh, false);
        match self.peek() {
            Some(byte) if byte == close => {
                self.advance(1);
                self.depth = self.depth.saturating_sub(1);
                Ok(false)
            }
            Some(b',') if !first => {
                self.advance(1);
                Ok(true)
            }
            Some(_) if first => Ok(true),
            _ => Err(self.malformed()),
        }
    }

    /// Reads a hash's key and the colon behind it.
    pub(super) fn key(&mut self) -> Result<RawString<'a>> {
        self.skip_space()?;
        let key = self.string()?;
        self.skip_space()?;
        self.expect(b':')?;
        Ok(key)
    }

    /// Reads a value for its end alone.
    pub(super) fn skip_value(&mut self) -> Result<()> {
        // Nested at most `MAX_NESTING` deep: `enter` refuses more.
        match self.token()? {
            Token::Array => {
                while self.more(Container::Array)? {
                    self.skip_value()?;
                }
            }
            Token::Hash => {
                while self.more(Container::Hash)? {
                    self.key()?;
                    self.skip_value()?;
                }
            }
            Token::Null | Token::Bool(_) | Token::Number(_) | Token::String(_) => {}
        }
        Ok(())
    }

    /// Goes to the next byte that is not space or a comment.
    pub(super) fn skip_space(&mut self) -> Result<()> {
        loop {
            match self.peek() {
                Some(b' ' | b'\t' | b'\n' | b'\r') => self.advance(1),
                Some(b'/') if self.syntax == Syntax::Ruby => self.comment()?,
                _ => return Ok(()),
            }
        }
    }

    /// Requires that nothing but space is left.
    pub(super) fn finish(&mut self) -> Result<()> {
        self.skip_space()?;
        if self.peek().is_some() {
            return Err(self.malformed());
        }
        Ok(())
    }

    fn enter(&mut self, token: Token<'a>) -> Result<Token<'a>> {
        if self.depth >= MAX_NESTING {
            return Err(SerializationError::TooDeep);
        }
        self.depth = self.depth.saturating_add(1);
        self.fresh = true;
        self.advance(1);
        Ok(token)
    }

    fn word(&mut self, word: &[u8], token: Token<'a>) -> Result<Token<'a>> {
        if !self.rest().starts_with(word) {
            return Err(self.malformed());
        }
        self.advance(word.len());
        Ok(token)
    }

    /// `/* … */`, or `// …` up to a line feed, which must be there.
    fn comment(&mut self) -> Result<()> {
        let rest = self.rest();
        let length = match rest {
            [b'/', b'*', inside @ ..] => inside.windows(2).position(|pair| pair == b"*/"),
            [b'/', b'/', inside @ ..] => inside.iter().position(|byte| *byte == b'\n'),
            _ => None,
        };
        let closing = if rest.starts_with(b"/*") { 4 } else { 3 };
        match length {
            Some(length) => {
                self.advance(length.saturating_add(closing));
                Ok(())
            }
            None => Err(self.malformed()),
        }
    }

    fn string(&mut self) -> Result<RawString<'a>> {
        self.expect(b'"')?;
        let start = self.at;
        let mut escaped = false;
        loop {
            self.advance(clean_run(self.rest(), SPECIAL));
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => {
                    self.escape()?;
                    escaped = true;
                }
                _ => return Err(self.malformed()),
            }
        }
        let string = RawString::new(self.since(start), escaped);
        if self.syntax == Syntax::Strict && !string.is_utf8() {
            return Err(SerializationError::Malformed { offset: start });
        }
        self.advance(1);
        Ok(string)
    }

    fn escape(&mut self) -> Result<()> {
        let rest = self.rest();
        let length = match rest {
            [_, b'u', digits @ ..] => {
                unicode_escape(digits).and_then(|(_, after)| rest.len().checked_sub(after.len()))
            }
            [_, b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', ..] => Some(2),
            // The gem drops the backslash before any other character, but for controls.
            [_, 0x20..=0xff, ..] if self.syntax == Syntax::Ruby => Some(2),
            _ => None,
        };
        match length {
            Some(length) => {
                self.advance(length);
                Ok(())
            }
            None => Err(self.malformed()),
        }
    }

    fn number(&mut self) -> Result<Number<'a>> {
        let start = self.at;
        self.accept(b"-");
        // A leading zero stands alone: what follows `01`'s 0 is junk.
        if !self.accept(b"0") {
            self.digits()?;
        }
        let mut float = false;
        if self.accept(b".") {
            float = true;
            self.digits()?;
        }
        if self.accept(b"eE") {
            float = true;
            self.accept(b"+-");
            self.digits()?;
        }
        let text = core::str::from_utf8(self.since(start)).map_err(|_| self.malformed())?;
        Ok(if float { Number::Float(text) } else { Number::Integer(text) })
    }

    fn digits(&mut self) -> Result<()> {
        let rest = self.rest();
        let count = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if count == 0 {
            return Err(self.malformed());
        }
        self.advance(count);
        Ok(())
    }

    fn accept(&mut self, any: &[u8]) -> bool {
        let accepted = self.peek().is_some_and(|byte| any.contains(&byte));
        if accepted {
            self.advance(1);
        }
        accepted
    }

    fn expect(&mut self, byte: u8) -> Result<()> {
        if self.accept(&[byte]) { Ok(()) } else { Err(self.malformed()) }
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn rest(&self) -> &'a [u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn since(&self, start: usize) -> &'a [u8] {
        self.text.get(start..self.at).unwrap_or_default()
    }

    fn advance(&mut self, bytes: usize) {
        self.at = self.at.saturating_add(bytes);
    }

    fn malformed(&self) -> SerializationError {
        SerializationError::Malformed { offset: self.at }
    }
}
