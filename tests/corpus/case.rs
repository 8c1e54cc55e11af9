//! The cases of the corpus, as its lines say them.

use std::fs;
use std::path::{Path, PathBuf};

use base64::prelude::*;
use railjar::Timestamp;
use railjar::rails::Version;
use serde::Deserialize;
use serde_json::{Map, Value};

/// One line of `tests/rails-corpus/<version>.jsonl`.
#[derive(Clone, Deserialize)]
pub(crate) struct Case {
    pub(crate) id: String,
    pub(crate) layer: String,
    pub(crate) kind: String,
    pub(crate) config: Map<String, Value>,
    #[serde(default)]
    pub(crate) sealed_with: Option<Map<String, Value>>,
    #[serde(default)]
    pub(crate) sealed_kind: Option<String>,
    #[serde(default)]
    pub(crate) cookie_name: String,
    #[serde(default)]
    pub(crate) sealed_cookie_name: Option<String>,
    #[serde(default)]
    pub(crate) purpose: Option<String>,
    /// Absent where writing used the same purpose as reading.
    #[serde(default, deserialize_with = "present")]
    pub(crate) sealed_purpose: Option<Option<String>>,
    #[serde(default)]
    pub(crate) expires_at: Option<String>,
    #[serde(default)]
    pub(crate) expires_in: Option<i64>,
    #[serde(default)]
    pub(crate) write_now: Option<String>,
    #[serde(default)]
    pub(crate) now: Option<String>,
    #[serde(default)]
    pub(crate) value_written_ruby: Option<String>,
    #[serde(default)]
    pub(crate) wire: Option<String>,
    #[serde(default)]
    wire_b64: Option<String>,
    #[serde(default)]
    plain_b64: Option<String>,
    #[serde(default)]
    payload_b64: Option<String>,
    #[serde(default)]
    pub(crate) mutated_from: Option<String>,
    #[serde(default, deserialize_with = "present")]
    pub(crate) value: Option<Value>,
    #[serde(default)]
    pub(crate) value_ruby: Option<String>,
    #[serde(default)]
    pub(crate) reissued: Option<bool>,
    #[serde(default)]
    pub(crate) rotated: Option<bool>,
    #[serde(default)]
    pub(crate) envelope: Option<String>,
    #[serde(default)]
    pub(crate) rails_bug: Option<String>,
    #[serde(default)]
    pub(crate) key_hex: Option<String>,
    #[serde(default)]
    pub(crate) expect: String,
    #[serde(skip, default = "newest")]
    pub(crate) version: Version,
}

fn newest() -> Version {
    Version::NEWEST
}

/// Tells null from absent.
fn present<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(deserializer).map(Some)
}

impl Case {
    /// What is to be opened, as the jar or the codec sees it; `None` for a nil.
    pub(crate) fn wire(&self) -> Option<Vec<u8>> {
        let encoded = self.wire_b64.as_ref().map(|text| decode(text));
        encoded.or_else(|| self.wire.clone().map(String::into_bytes))
    }

    /// What Rails wrote, where it wrote: the wire itself, or what the wire was changed from.
    pub(crate) fn written(&self) -> Option<&str> {
        self.mutated_from.as_deref().or(self.wire.as_deref())
    }

    /// The exact bytes that were signed or encrypted.
    pub(crate) fn plain(&self) -> Option<Vec<u8>> {
        self.plain_b64.as_ref().map(|text| decode(text))
    }

    /// The serialized value without its envelope.
    pub(crate) fn payload(&self) -> Option<Vec<u8>> {
        self.payload_b64.as_ref().map(|text| decode(text))
    }

    /// The clock when Rails read; that of the corpus where none was frozen.
    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::parse(self.now.as_deref().unwrap_or("2026-08-22T00:00:00Z")).unwrap()
    }

    /// The expiry that Rails was told to write.
    pub(crate) fn expiry(&self) -> Option<Timestamp> {
        let written_at = || Timestamp::parse(self.write_now.as_deref()?);
        match (&self.expires_at, self.expires_in) {
            (Some(at), _) => Some(Timestamp::parse(at).unwrap()),
            (None, Some(seconds)) => Some(written_at().unwrap().plus_seconds(seconds)),
            (None, None) => None,
        }
    }

    /// The purpose that Rails was told to write.
    pub(crate) fn written_purpose(&self) -> Option<&str> {
        match &self.sealed_purpose {
            Some(purpose) => purpose.as_deref(),
            None => self.purpose.as_deref(),
        }
    }

    /// Whether Rails refused to write.
    pub(crate) fn seal_error(&self) -> Option<&str> {
        self.expect.strip_prefix("seal:")
    }

    /// The last part of the id, which names the value or the mutation.
    pub(crate) fn name(&self) -> &str {
        self.id.rsplit('/').next().unwrap()
    }
}

pub(crate) fn decode(text: &str) -> Vec<u8> {
    BASE64_STANDARD.decode(text).unwrap()
}

pub(crate) fn hex(text: &str) -> Vec<u8> {
    let digits = text.as_bytes().chunks(2);
    digits.map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rails-corpus")
}

/// The cases of one version and these layers.
pub(crate) fn cases(version: Version, layers: &[&str]) -> Vec<Case> {
    let name = if version == Version::NEWEST { "main" } else { version.name() };
    let text = fs::read_to_string(folder().join(format!("{name}.jsonl"))).unwrap();
    let cases =
        text.lines().skip(1).map(|line| Case { version, ..serde_json::from_str(line).unwrap() });
    cases.filter(|case| layers.contains(&case.layer.as_str())).collect()
}
