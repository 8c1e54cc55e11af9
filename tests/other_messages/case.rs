//! The cases of the corpus, as its lines say them.

use std::fs;
use std::path::{Path, PathBuf};

use base64::prelude::*;
use railjar::entropy::{Entropy, EntropyUnavailable};
use railjar::rails::{Profile, Version};
use railjar::{SecretKeyBase, Timestamp};
use serde_json::Value;

/// One line of `tests/rails-corpus/<version>.jsonl`, and its file's header.
pub(crate) struct Case {
    pub(crate) version: Version,
    pub(crate) line: Value,
    secret_key_base: String,
}

/// Bytes that are known.
pub(crate) struct Fixed(pub Vec<u8>);

impl Entropy for Fixed {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), EntropyUnavailable> {
        assert_eq!(self.0.len(), out.len());
        out.copy_from_slice(&self.0);
        Ok(())
    }
}

impl Case {
    pub(crate) fn id(&self) -> &str {
        self.text("id").unwrap()
    }

    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        self.line[key].as_str()
    }

    pub(crate) fn bytes(&self, key: &str) -> Option<Vec<u8>> {
        self.text(key).map(decode)
    }

    pub(crate) fn config(&self, key: &str) -> &Value {
        &self.line["config"][key]
    }

    pub(crate) fn secret_key_base(&self) -> SecretKeyBase {
        SecretKeyBase::new(self.secret_key_base.as_str()).unwrap()
    }

    /// The app: an id ends with the `load_defaults` that it said.
    pub(crate) fn profile(&self) -> Profile {
        match self.id().rsplit_once('@') {
            None | Some((_, "none")) => Profile::without_defaults(self.version),
            Some((_, defaults)) => {
                Profile::load_defaults(self.version, Version::from_name(defaults).unwrap()).unwrap()
            }
        }
    }

    /// The clock when Rails read: the day after the corpus was made, where none was frozen.
    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::parse(self.text("now").unwrap_or("2026-11-24T00:00:00Z")).unwrap()
    }

    pub(crate) fn expires_at(&self) -> Option<Timestamp> {
        self.text("expires_at").map(|text| Timestamp::parse(text).unwrap())
    }

    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.version, self.id())
    }
}

pub(crate) fn decode(text: &str) -> Vec<u8> {
    BASE64_STANDARD.decode(text).unwrap()
}

/// Either alphabet, with padding or without.
pub(crate) fn decode_any(text: &str) -> Vec<u8> {
    let text = text.replace('-', "+").replace('_', "/");
    let text = text.trim_end_matches('=');
    BASE64_STANDARD_NO_PAD.decode(text).unwrap()
}

pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// All cases of one layer.
pub(crate) fn cases(layer: &str) -> Vec<Case> {
    let folder = root().join("tests/rails-corpus");
    Version::ALL.into_iter().flat_map(|version| of_version(&folder, version, layer)).collect()
}

fn of_version(folder: &Path, version: Version, layer: &str) -> Vec<Case> {
    let name = if version == Version::NEWEST { "main" } else { version.name() };
    let text = fs::read_to_string(folder.join(format!("{name}.jsonl"))).unwrap();
    let mut lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let header = lines.next().unwrap();
    let secret = header["corpus"]["secret_key_base"].as_str().unwrap_or_default();
    lines
        .filter(|line| line["layer"] == layer)
        .map(|line| Case { version, line, secret_key_base: secret.to_owned() })
        .collect()
}
