//! Fetches the secrets that the formats point to: files and environment variables.

use std::path::Path;
use std::{env, fs};

use railjar::config::{SecretReference, Source};
use railjar::{ConfigError, Secret};
use zeroize::Zeroizing;

use super::Error;

/// Fetches the text at `reference`, without one newline at its end, which editors and `echo` add.
/// `place` is where the reference stands; relative paths start at `folder`.
pub(super) fn fetch(
    reference: &SecretReference,
    place: &str,
    folder: &Path,
) -> Result<Secret, Failure> {
    let text = match &reference.source {
        Source::Env(name) => {
            env::var_os(name).map(|text| Zeroizing::new(text.into_encoded_bytes())).ok_or_else(
                || Error::new(place, format!("the environment variable {name} is not set")),
            )?
        }
        Source::File(path) => {
            let path = folder.join(path);
            let read = fs::read(&path).map(Zeroizing::new);
            read.map_err(|error| Error::new(place, format!("{}: {error}", path.display())))?
        }
        // Standard input is gone at the first reload.
        _ => {
            let error = Error::new(place, "a secret comes from a file or the environment here");
            return Err(error.hint("{ file = \"PATH\" } or { env = \"NAME\" }").into());
        }
    };
    let text = text.strip_suffix(b"\n").unwrap_or(&text);
    Ok(Secret::new(text.strip_suffix(b"\r").unwrap_or(text)))
}

/// A secret that cannot be fetched, or one that cannot be used.
pub(super) enum Failure {
    Fetch(Error),
    Use(ConfigError),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Fetch(error)
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::Use(error)
    }
}

impl Failure {
    pub(super) fn at(self, place: &str) -> Error {
        match self {
            Self::Fetch(error) => error,
            Self::Use(error) => Error::new(place, error),
        }
    }
}
