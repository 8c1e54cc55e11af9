//! Secrets come from a file, an environment variable or standard input, and never from an argument:
//! arguments can be read by every process of the machine, and shells write them down.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use railjar::Secret;
use railjar::config::{Credentials, SecretReference, Source};
use serde::Deserialize as _;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::error::{self, Error, Status};
use crate::{args, credentials};

/// The longest secret that is read, in bytes.
const LONGEST: usize = 1 << 16;

/// Fetches what references point to.
pub(crate) struct Fetcher {
    /// Where relative paths start.
    folder: PathBuf,
    /// Whose credentials are meant where a reference does not say it.
    environment: Option<String>,
    /// What was found in credentials, which are decrypted once.
    credentials: Vec<(Credentials, Secret)>,
    stdin: Option<Secret>,
}

impl Fetcher {
    pub(crate) fn new(folder: &Path, environment: Option<&str>) -> Self {
        let environment = environment.map(String::from);
        Self { folder: folder.to_owned(), environment, credentials: Vec::new(), stdin: None }
    }

    /// The text there, without one newline at its end, which editors and `echo` add.
    pub(crate) fn fetch(&mut self, reference: &SecretReference) -> Result<Secret, Error> {
        match &reference.source {
            Source::Env(name) => from_env(name).map_err(|error| {
                error.hint(format!("export {name}=…, or give the secret by --secret-file"))
            }),
            Source::File(path) => from_file(&self.folder.join(path)),
            Source::Credentials(of) => self.in_credentials(of),
            Source::Stdin => {
                if self.stdin.is_none() {
                    self.stdin = Some(trimmed(&read(io::stdin().lock(), "standard input")?));
                }
                self.stdin.clone().ok_or_else(|| Error::new("standard input was not read"))
            }
            _ => Err(Error::new("this place for a secret is not known here")),
        }
    }

    fn in_credentials(&mut self, of: &Credentials) -> Result<Secret, Error> {
        if let Some((_, secret)) = self.credentials.iter().find(|(known, _)| known == of) {
            return Ok(secret.clone());
        }
        let environment = of.environment.as_deref().or(self.environment.as_deref());
        let folder = self.folder.join(&of.folder);
        let secret = credentials::secret(&folder, environment, of.name.as_deref())?;
        self.credentials.push((of.clone(), secret.clone()));
        Ok(secret)
    }

    /// Whether standard input was the secret, so that it cannot be the message.
    pub(crate) fn used_stdin(&self) -> bool {
        self.stdin.is_some()
    }
}

/// The text of an environment variable, without the newline at its end.
pub(crate) fn from_env(name: &str) -> Result<Secret, Error> {
    match env::var_os(name) {
        Some(text) => Ok(trimmed(&Zeroizing::new(text.into_encoded_bytes()))),
        None => Err(Error::new(format!("the environment variable {name} is not set"))),
    }
}

/// The text of a file, without the newline at its end.
pub(crate) fn from_file(path: &Path) -> Result<Secret, Error> {
    let name = path.display().to_string();
    let file = fs::File::open(path).map_err(|error| error::io(&name, &error))?;
    Ok(trimmed(&read(file, &name)?))
}

fn read(source: impl io::Read, name: &str) -> Result<Zeroizing<Vec<u8>>, Error> {
    // All the room that it can need: growing would leave a copy behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(LONGEST.saturating_mul(2)));
    source
        .take(u64::try_from(LONGEST).unwrap_or(u64::MAX).saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|error| error::io(name, &error))?;
    if bytes.len() > LONGEST {
        return Err(Error::new(format!("{name} is too long to be a secret")));
    }
    Ok(bytes)
}

fn trimmed(bytes: &[u8]) -> Secret {
    let text = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    Secret::new(text.strip_suffix(b"\r").unwrap_or(text))
}

/// The reference that a pair of flags makes, by `kind` (`"file"` or `"env"`).
fn reference(place: Value) -> Result<SecretReference, Error> {
    SecretReference::deserialize(place).map_err(|error| Error::new(error.to_string()))
}

/// A reference by flags: a path counts from the current folder.
pub(crate) fn by_flags(
    file: Option<&Path>,
    env: Option<&str>,
    encoding: &str,
) -> Result<Option<SecretReference>, Error> {
    let place = match (file, env) {
        (Some(path), _) => json!({ "file": absolute(path)?, "encoding": encoding }),
        (None, Some(name)) => json!({ "env": name, "encoding": encoding }),
        (None, None) => return Ok(None),
    };
    reference(place).map(Some)
}

/// A path that a settings file's folder does not change.
fn absolute(path: &Path) -> Result<String, Error> {
    let path = std::path::absolute(path)
        .map_err(|error| error::io(&path.display().to_string(), &error))?;
    path.to_str().map(String::from).ok_or_else(|| Error::new("the path is not UTF-8"))
}

/// A secret stands in the arguments, at `what`; it should be given by `instead`.
pub(crate) fn exposed(what: &str, instead: &str) -> Error {
    Error::new(format!("{what} does not take a secret")).status(Status::Usage).hint(format!(
        "{instead} instead: other users of this machine can read arguments, and shells keep them \
         in their history. If that was a real secret, it may be in yours now"
    ))
}

/// The `secret_key_base` and the `secret_token` that the flags point to.
pub(crate) fn of_app(
    args: &args::App,
) -> Result<(Option<SecretReference>, Option<SecretReference>), Error> {
    let traps = [
        ("--secret", &args.secret),
        ("--secret-key-base", &args.secret_key_base),
        ("--secret-token", &args.secret_token),
    ];
    if let Some((flag, _)) = traps.iter().find(|(_, given)| given.is_some()) {
        let (file, env) = match *flag {
            "--secret-token" => ("--secret-token-file PATH", "--secret-token-env NAME"),
            _ => ("--secret-file PATH", "--secret-env NAME"),
        };
        return Err(exposed(flag, &format!("{file} or {env}")));
    }
    let base = match (args.secret_stdin, &args.secrets_from_credentials) {
        (true, _) => Some(reference(json!({ "stdin": true }))?),
        (_, Some(folder)) => Some(reference(json!({ "credentials": absolute(folder)? }))?),
        _ => by_flags(args.secret_file.as_deref(), args.secret_env.as_deref(), "text")?,
    };
    let (file, env) = (args.secret_token_file.as_deref(), args.secret_token_env.as_deref());
    Ok((base, by_flags(file, env, "text")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_newline_at_the_end_is_not_part_of_a_secret() {
        for (text, secret) in
            [("a", "a"), ("a\n", "a"), ("a\r\n", "a"), ("a\n\n", "a\n"), (" a ", " a "), ("\n", "")]
        {
            assert_eq!(trimmed(text.as_bytes()).expose(), secret.as_bytes());
        }
    }
}
