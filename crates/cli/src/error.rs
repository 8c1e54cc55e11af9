//! What goes wrong, with a second line that says what to do next.

use std::fmt;
use std::process::ExitCode;

/// A failure of the command: of its arguments, its files, its settings; or a message refused.
#[derive(Debug)]
pub(crate) struct Error {
    message: String,
    hint: Option<String>,
    status: Status,
}

/// The exit statuses. 0 is success, and 2 clap's own for arguments that it cannot read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// Settings, secrets, files, or a value that cannot be sealed.
    Failure = 1,
}

impl Error {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None, status: Status::Failure }
    }

    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// Prints it and gives the exit status.
    pub(crate) fn report(&self) -> ExitCode {
        eprintln!("{self}");
        ExitCode::from(self.status as u8)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error: {}", self.message)?;
        match &self.hint {
            Some(hint) => write!(f, "\n  try: {hint}"),
            None => Ok(()),
        }
    }
}

/// A failure to read or write `what`.
pub(crate) fn io(what: &str, error: &std::io::Error) -> Error {
    Error::new(format!("{what}: {error}"))
}
