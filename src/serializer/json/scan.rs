//! Finds the members of a JSON hash without building values: for the envelope, whose value is
//! read later or never. Nothing is allocated, but for text that has escapes.

use alloc::borrow::Cow;
use core::ops::Range;

use crate::error::SerializationError;
use crate::serializer::json::Syntax;
use crate::serializer::json::cursor::{Container, Cursor, Token};
use crate::serializer::json::string::RawString;

/// A value that is known to be well-formed, by where it stands in the text.
#[derive(Clone)]
pub(crate) struct Span<'a> {
    /// At the value's first byte; its text ends with the value.
    cursor: Cursor<'a>,
}

/// The members of a hash, in order, duplicates included (the last one counts).
pub(crate) struct Members<'a> {
    cursor: Cursor<'a>,
}

/// One `"key": value`.
pub(crate) struct Member<'a> {
    pub(crate) key: RawString<'a>,
    pub(crate) value: Span<'a>,
}

impl<'a> Span<'a> {
    /// The whole text, which is read to its end here: a value, and nothing else.
    pub(crate) fn document(text: &'a [u8], syntax: Syntax) -> Result<Self, SerializationError> {
        let mut cursor = Cursor::new(text, syntax);
        let span = Self::next(&mut cursor)?;
        cursor.finish()?;
        Ok(span)
    }

    fn next(cursor: &mut Cursor<'a>) -> Result<Self, SerializationError> {
        cursor.skip_space()?;
        let start = cursor.offset();
        cursor.skip_value()?;
        let text = cursor.text().get(..cursor.offset()).unwrap_or_default();
        Ok(Self { cursor: Cursor::starting_at(text, start, cursor.syntax()) })
    }

    /// Where it is in the text.
    pub(crate) fn range(&self) -> Range<usize> {
        self.cursor.offset()..self.cursor.text().len()
    }

    /// Its bytes.
    pub(crate) fn bytes(&self) -> &'a [u8] {
        self.cursor.text().get(self.range()).unwrap_or_default()
    }

    /// Whether it is `null`.
    pub(crate) fn is_null(&self) -> bool {
        self.bytes() == b"null"
    }

    /// The string, if it is one.
    pub(crate) fn raw_string(&self) -> Option<RawString<'a>> {
        match self.cursor.clone().token() {
            Ok(Token::String(string)) => Some(string),
            _ => None,
        }
    }

    /// The text, if it is a string of UTF-8; borrowed where it has no escapes.
    pub(crate) fn string(&self) -> Option<Cow<'a, str>> {
        self.raw_string()?.to_text()
    }

    /// Its members, if it is a hash.
    pub(crate) fn members(&self) -> Option<Members<'a>> {
        let mut cursor = self.cursor.clone();
        match cursor.token() {
            Ok(Token::Hash) => Some(Members { cursor }),
            _ => None,
        }
    }
}

impl<'a> Iterator for Members<'a> {
    type Item = Member<'a>;

    /// The span was read to its end before, so that no error is left to be hidden here.
    fn next(&mut self) -> Option<Member<'a>> {
        if !self.cursor.more(Container::Hash).ok()? {
            return None;
        }
        let key = self.cursor.key().ok()?;
        let value = Span::next(&mut self.cursor).ok()?;
        Some(Member { key, value })
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    fn document(text: &str) -> Span<'_> {
        Span::document(text.as_bytes(), Syntax::Strict).unwrap()
    }

    #[test]
    fn an_envelope_is_taken_apart_in_place() {
        let text = r#" { "_rails" : {"message":"aGk=", "exp":null,"pur":"caf\u00e9" , "data":[1, {"a":2}] } } "#;
        let rails = document(text).members().unwrap().next().unwrap();
        assert!(rails.key.is("_rails"));

        let members: Vec<_> = rails.value.members().unwrap().collect();
        let [message, exp, pur, data] = &members[..] else { panic!("four members") };
        assert!(matches!(message.value.string(), Some(Cow::Borrowed("aGk="))));
        assert_eq!(&text[message.value.range()], "\"aGk=\"");
        assert!(exp.key.is("exp") && exp.value.is_null() && exp.value.string().is_none());
        assert!(matches!(pur.value.string(), Some(Cow::Owned(text)) if text == "café"));
        assert_eq!(data.value.bytes(), br#"[1, {"a":2}]"#);
        assert!(data.value.members().is_none());
    }

    #[test]
    fn the_whole_document_is_checked_first() {
        for text in ["", "{", r#"{"a":1} x"#, r#"{"a":1,}"#, r#"{"a":{"b":}}"#, r#"{"a":"\x"}"#] {
            let result = Span::document(text.as_bytes(), Syntax::Strict);
            assert!(matches!(result, Err(SerializationError::Malformed { .. })), "{text}");
        }
    }

    #[test]
    fn keys_are_compared_as_what_they_say() {
        let span = document(r#"{"\u005frails":1,"":2,"_rail\u0073x":3}"#);
        let keys: Vec<_> = span.members().unwrap().map(|member| member.key).collect();
        assert!(keys[0].is("_rails") && !keys[0].is("rails"));
        assert!(keys[1].is("") && !keys[1].is("_rails"));
        assert!(!keys[2].is("_rails"));
    }

    #[test]
    fn a_hash_may_be_empty_or_no_hash() {
        assert_eq!(document("{}").members().unwrap().count(), 0);
        assert!(document("[]").members().is_none());
        assert!(document("\"{}\"").members().is_none());
        assert_eq!(document(" null ").range(), 1..5);
    }
}
