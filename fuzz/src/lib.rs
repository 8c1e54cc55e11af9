//! What the fuzz targets share: choices drawn from the front of the input, a naive base64, and the
//! codecs and jars of the test suites.

pub mod naive_base64;

#[path = "../../tests/common/codecs.rs"]
pub mod codecs;

use std::sync::LazyLock;

use railjar::rails::{Dialect, Strictness, Version};

/// The input: choices from its front, and the rest as it is.
pub struct Input<'a>(pub &'a [u8]);

impl<'a> Input<'a> {
    /// The next byte; 0 when there is none left.
    pub fn byte(&mut self) -> u8 {
        let Some((byte, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *byte
    }

    /// The next two bytes.
    pub fn word(&mut self) -> usize {
        usize::from(self.byte()) << 8 | usize::from(self.byte())
    }

    /// One of several.
    pub fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.word() % choices.len()]
    }

    /// A text of up to 255 bytes; what is not UTF-8 in it is replaced.
    pub fn text(&mut self) -> String {
        let length = usize::from(self.byte()).min(self.0.len());
        let (text, rest) = self.0.split_at(length);
        self.0 = rest;
        String::from_utf8_lossy(text).into_owned()
    }

    pub fn rest(&self) -> &'a [u8] {
        self.0
    }
}

/// How a version behaves, strictly or as it is.
pub fn dialect(version: Version, strictness: Strictness) -> Dialect {
    match strictness {
        Strictness::Strict => version.dialect().strict(),
        Strictness::AsRails => version.dialect(),
    }
}

/// Every codec, as data.
pub static SPECS: LazyLock<Vec<codecs::Spec>> = LazyLock::new(codecs::specs);

/// The jars of every version, with their keys derived.
pub static APPS: LazyLock<Vec<codecs::App>> = LazyLock::new(codecs::apps);
