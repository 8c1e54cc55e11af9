//! What is wrong with a configuration: the file, the line, the reason, and what to do.

use std::fmt;
use std::ops::Range;
use std::path::Path;

use railjar::config::nearest;

/// An error of the configuration, in words for the person who writes it.
#[derive(Debug)]
pub(crate) struct Error {
    place: String,
    reason: String,
    hint: Option<String>,
}

impl Error {
    pub(crate) fn new(place: impl fmt::Display, reason: impl fmt::Display) -> Self {
        Self { place: place.to_string(), reason: reason.to_string(), hint: None }
    }

    /// At a byte range of the file's text.
    pub(super) fn at(source: &Source<'_>, span: Range<usize>, reason: impl fmt::Display) -> Self {
        Self::new(source.line(span.start), reason)
    }

    /// An error of the TOML reader, shortened to the nearest name where it lists many.
    pub(super) fn of_toml(source: &Source<'_>, error: &toml::de::Error) -> Self {
        let message = error.message();
        let place = error.span().map_or_else(|| source.name(), |span| source.line(span.start));
        let short = message.split(", expected").next().filter(|_| message.starts_with("unknown"));
        let error = Self::new(place, short.unwrap_or(message).trim_end());
        error.hint(match nearest(message) {
            Some(name) => format!("did you mean {name}?"),
            None => "docs/proxy.md lists every key".into(),
        })
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.reason)?;
        match &self.hint {
            Some(hint) => write!(f, "\n  try: {hint}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Error {}

/// A file's name and text.
pub(super) struct Source<'s> {
    pub(super) path: &'s Path,
    pub(super) text: &'s str,
}

impl Source<'_> {
    fn name(&self) -> String {
        self.path.display().to_string()
    }

    pub(super) fn line(&self, offset: usize) -> String {
        let before = self.text.get(..offset).unwrap_or(self.text);
        let line = before.matches('\n').count().saturating_add(1);
        format!("{}, line {line}", self.name())
    }
}
