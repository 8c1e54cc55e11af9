//! Writes one line of JSON, field by field, onto the bytes that go out: an answer of the pipe, or
//! what `--format json` prints.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::value::RawValue;

pub(crate) struct Answer<'o> {
    out: &'o mut Vec<u8>,
}

impl<'o> Answer<'o> {
    pub(crate) fn new(out: &'o mut Vec<u8>, id: Option<&RawValue>, result: &str) -> Self {
        out.extend_from_slice(b"{\"id\":");
        out.extend_from_slice(id.map_or("null", RawValue::get).as_bytes());
        Self { out }.text("result", result)
    }

    /// Without an `id`: what a command prints.
    pub(crate) fn of_command(out: &'o mut Vec<u8>, result: &str) -> Self {
        out.extend_from_slice(b"{\"result\":\"");
        out.extend_from_slice(result.as_bytes());
        out.push(b'"');
        Self { out }
    }

    /// A field whose value is JSON already, on one line.
    pub(crate) fn json(self, name: &str, value: &[u8]) -> Self {
        self.out.extend_from_slice(b",\"");
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"\":");
        self.out.extend_from_slice(value);
        self
    }

    pub(crate) fn text(self, name: &str, text: &str) -> Self {
        let answer = self.json(name, b"");
        // Writing to a `Vec` does not fail, and neither does a string.
        let _ = serde_json::to_writer(&mut *answer.out, text);
        answer
    }

    pub(crate) fn base64(self, name: &str, bytes: &[u8]) -> Self {
        let mut text = String::new();
        BASE64_STANDARD.encode_string(bytes, &mut text);
        // Nothing in base64 needs an escape.
        let answer = self.json(name, b"\"");
        answer.out.extend_from_slice(text.as_bytes());
        answer.out.push(b'"');
        answer
    }

    pub(crate) fn flag(self, name: &str, flag: bool) -> Self {
        self.json(name, if flag { b"true" } else { b"false" })
    }

    pub(crate) fn end(self) {
        self.out.extend_from_slice(b"}\n");
    }
}
