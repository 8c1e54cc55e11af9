//! What goes wrong, with a second line that says what to do next; and the exit statuses.

use std::fmt;
use std::io;
use std::process::ExitCode;

use anstyle::{AnsiColor, Style};
use railjar::{ConfigError, OpenError, SealError};

/// A failure of the command: of its arguments, its files, its settings; or a message refused.
#[derive(Debug)]
pub(crate) struct Error {
    message: String,
    details: Vec<String>,
    hints: Vec<String>,
    status: Status,
}

/// The exit statuses; 0 is success.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// Settings, secrets, files, or a value that cannot be sealed.
    Failure = 1,
    /// Arguments; clap uses it too.
    Usage = 2,
    /// Refused: no key of the app made the message.
    Format = 3,
    /// Refused: the message is authentic, but its value cannot be read.
    Serialization = 4,
    /// Refused: the message is authentic, but expired or issued for another use.
    Content = 5,
    /// Refused by us: converting the message would lose something.
    Loss = 6,
    /// A rollout has findings that are errors.
    Findings = 100,
}

impl Error {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        let (details, hints) = (Vec::new(), Vec::new());
        Self { message: message.into(), details, hints, status: Status::Failure }
    }

    /// What there is to say was said on standard output.
    pub(crate) fn silent(status: Status) -> Self {
        Self::new("").status(status)
    }

    /// A line of what it is about.
    pub(crate) fn detail(mut self, detail: impl Into<String>) -> Self {
        self.details.push(detail.into());
        self
    }

    /// What to try next.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    pub(crate) fn status(self, status: Status) -> Self {
        Self { status, ..self }
    }

    pub(crate) fn is(&self, status: Status) -> bool {
        self.status == status
    }

    /// A message that was refused.
    pub(crate) fn refused(error: OpenError) -> Self {
        let status = match error {
            OpenError::Serialization(_) => Status::Serialization,
            OpenError::Content(_) => Status::Content,
            _ => Status::Format,
        };
        Self::new(format!("refused: {error} ({})", error.reason())).status(status)
    }

    /// Prints it and gives the exit status.
    pub(crate) fn report(&self) -> ExitCode {
        if !self.message.is_empty() {
            anstream::eprintln!("{self}");
        }
        ExitCode::from(self.status as u8)
    }
}

const RED: Style = AnsiColor::Red.on_default().bold();
const YELLOW: Style = AnsiColor::Yellow.on_default().bold();
const CYAN: Style = AnsiColor::Cyan.on_default().bold();

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{RED}error:{RED:#} {}", self.message)?;
        for detail in &self.details {
            write!(f, "\n  {detail}")?;
        }
        for hint in &self.hints {
            write!(f, "\n  {CYAN}try:{CYAN:#} {hint}")?;
        }
        Ok(())
    }
}

/// Says on standard error what is odd and yet done.
pub(crate) fn warn(message: &str) {
    anstream::eprintln!("{YELLOW}warning:{YELLOW:#} {message}");
}

/// A failure to read or write `what`.
pub(crate) fn io(what: &str, error: &io::Error) -> Error {
    let hint = match error.kind() {
        io::ErrorKind::NotFound => {
            "check the path; in a settings file it starts at the file's folder"
        }
        io::ErrorKind::PermissionDenied => "check who may read it",
        _ => return Error::new(format!("{what}: {error}")),
    };
    Error::new(format!("{what}: {error}")).hint(hint)
}

/// The names that there are of what the library says is not known.
pub(crate) fn names(message: &str) -> Option<&'static str> {
    let known = [
        ("serializer", "json, marshal, hybrid, message_pack or message_pack_allow_marshal"),
        ("digest", "SHA1, SHA256, SHA384, SHA512 or MD5"),
        ("cipher", "aes-256-gcm, aes-256-cbc, or one of them with 128 or 192"),
        ("Rails version", "3.2 to 8.1, or main"),
        ("SameSite protection", "none, lax or strict"),
    ];
    let what = message.strip_prefix("unknown ")?;
    known.iter().find(|(name, _)| what.starts_with(name)).map(|(_, names)| *names)
}

impl From<ConfigError> for Error {
    fn from(error: ConfigError) -> Self {
        let hint = match &error {
            ConfigError::MissingSecret => {
                "--secret-file PATH, --secret-env NAME, --secret-stdin, --secrets-from-credentials \
                 FOLDER, or [secrets] in the settings file"
            }
            ConfigError::NotInThisVersion { .. } => "check --rails and --load-defaults",
            ConfigError::SecretTooShort { .. } => "check what the secret's file or variable holds",
            ConfigError::KeyLength { .. } => {
                "check --cipher, and --key-hex for a key in hexadecimal"
            }
            ConfigError::CookieName => "a name of letters, digits, - and _",
            ConfigError::OtherSecret => {
                "the secret of that app; or take the fingerprint out of the settings file, if its \
                 secret was changed"
            }
            ConfigError::FingerprintAlone => {
                "beside that fingerprint, say where the secret is: file = \"PATH\" or env = \"NAME\" \
                 (with encoding = \"hex\" for a key); for secret_key_base, --secret-file PATH does too"
            }
            _ => {
                let text = error.to_string();
                let names = names(&text);
                return names.into_iter().fold(Self::new(text.clone()), Self::hint);
            }
        };
        Self::new(error.to_string()).hint(hint)
    }
}

impl From<SealError> for Error {
    fn from(error: SealError) -> Self {
        let hint = match &error {
            SealError::UnsupportedSerializer => {
                "--set cookies_serializer=json, or --payload-file with bytes that Ruby serialized"
            }
            SealError::CookieOverflow { .. } => "a smaller value: Rails raises CookieOverflow here",
            SealError::NoSecret => "--secret-file or --secret-env; or --signed with a secret_token",
            _ => return Self::new(error.to_string()),
        };
        Self::new(error.to_string()).hint(hint)
    }
}
