//! The command line's arguments.

mod convert;
mod credentials;
mod explain;
mod rollout;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub(crate) use self::convert::Convert;
pub(crate) use self::credentials::{Credentials, Place, Write as WriteCredentials};
pub(crate) use self::explain::Explain;
pub(crate) use self::rollout::{Check, Findings, Matrix, Plan, Rollout, Simulate};

/// Opens and seals Ruby on Rails' signed and encrypted cookies and messages.
#[derive(Parser)]
#[command(
    name = "railjar",
    version,
    propagate_version = true,
    after_help = "\
Exit status: 0 opened or done; 1 settings, secrets or files; 2 arguments; \
3 refused: no key made it; 4 refused: its value cannot be read; 5 refused: expired, or for another use; \
6 refused: converting would lose something; 100 rollout check: findings."
)]
pub(crate) struct Railjar {
    #[command(subcommand)]
    pub(crate) command: Command,
    /// When to use colour.
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    pub(crate) color: Color,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Open a cookie or a message and show what is in it.
    Open(Box<Open>),
    /// Seal a value as a cookie or a message.
    Seal(Box<Seal>),
    /// Say what a cookie or a message is, which key made it, and why it is refused.
    Explain(Box<Explain>),
    /// Show which keys an app derives, by their fingerprints.
    Keys(Box<Keys>),
    /// Open a cookie of one app and seal it for another, or for the same app's next version.
    Convert(Box<Convert>),
    /// Show or change a Rails app's encrypted credentials.
    #[command(subcommand)]
    Credentials(Credentials),
    /// Say whether a deploy would log anyone out.
    #[command(subcommand)]
    Rollout(Rollout),
    /// Print the Ruby script that writes a Rails app's settings file, from the booted app.
    ExportScript,
    /// Answer requests: JSON lines on standard input, JSON lines on standard output.
    Pipe,
    /// Print a completion script for a shell.
    Completions { shell: clap_complete::Shell },
    /// Print the manual page.
    Man,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    #[default]
    Auto,
    Always,
    Never,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    #[default]
    Text,
    /// One JSON object on one line.
    Json,
}

#[derive(Args)]
pub(crate) struct Open {
    /// The cookie or message; or a folder that holds app.toml and cookie.txt. Standard input if
    /// absent.
    ///
    /// A cookie may be given bare, as NAME=VALUE, or as a whole Cookie or Set-Cookie header. Text
    /// with escapes (%2B) is unescaped, as a browser shows it.
    pub(crate) input: Option<String>,
    /// Read the cookie or message from a file.
    #[arg(long, value_name = "PATH", conflicts_with = "input")]
    pub(crate) file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) what: What,
    #[command(flatten)]
    pub(crate) app: App,
    #[command(flatten)]
    pub(crate) message: Message,
    /// The time to judge the expiry by, in ISO 8601; now if absent.
    #[arg(long, value_name = "TIME")]
    pub(crate) now: Option<String>,
    /// How to print the result.
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub(crate) format: Format,
}

#[derive(Args)]
pub(crate) struct Seal {
    /// The value, as JSON. Standard input if absent.
    pub(crate) value: Option<String>,
    /// Read the value, as JSON, from a file.
    #[arg(long, value_name = "PATH", conflicts_with = "value")]
    pub(crate) file: Option<PathBuf>,
    /// Seal the bytes of a file as they are: a value that is serialized already.
    #[arg(long, value_name = "PATH", conflicts_with_all = ["value", "file"])]
    pub(crate) payload_file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) what: What,
    #[command(flatten)]
    pub(crate) app: App,
    #[command(flatten)]
    pub(crate) message: Message,
    /// When it expires, in ISO 8601.
    #[arg(long, value_name = "TIME", conflicts_with = "expires_in")]
    pub(crate) expires_at: Option<String>,
    /// How long it lasts: 90s, 15m, 2h, 30d, 1w.
    #[arg(long, value_name = "DURATION")]
    pub(crate) expires_in: Option<String>,
    /// The time that --expires-in counts from, in ISO 8601; now if absent.
    #[arg(long, value_name = "TIME")]
    pub(crate) now: Option<String>,
    #[command(flatten)]
    pub(crate) attributes: Attributes,
    /// How to print the result.
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub(crate) format: Format,
}

/// The attributes of a `Set-Cookie` header.
#[derive(Args)]
#[command(next_help_heading = "Set-Cookie")]
pub(crate) struct Attributes {
    /// Print the whole value of a Set-Cookie header.
    #[arg(long, conflicts_with = "message")]
    pub(crate) set_cookie: bool,
    /// Its path.
    #[arg(long, default_value = "/", requires = "set_cookie")]
    pub(crate) path: String,
    /// Its domain; none if absent.
    #[arg(long, requires = "set_cookie")]
    pub(crate) domain: Option<String>,
    /// Send it over HTTPS only.
    #[arg(long, requires = "set_cookie")]
    pub(crate) secure: bool,
    /// Let scripts read it. (Sessions are HttpOnly in Rails.)
    #[arg(long, requires = "set_cookie")]
    pub(crate) no_http_only: bool,
}

#[derive(Args)]
pub(crate) struct Keys {
    #[command(flatten)]
    pub(crate) app: App,
    /// Print the keys themselves, in hexadecimal.
    #[arg(long)]
    pub(crate) reveal: bool,
    /// How to print the result.
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub(crate) format: Format,
}

/// What is opened or sealed.
#[derive(Args, Default)]
#[command(next_help_heading = "What it is")]
pub(crate) struct What {
    /// The cookie's name, which Rails 6.0 and later bind it to.
    #[arg(long, value_name = "NAME", conflicts_with = "message")]
    pub(crate) cookie: Option<String>,
    /// A signed cookie: cookies.signed.
    #[arg(long, group = "kind")]
    pub(crate) signed: bool,
    /// An encrypted cookie: cookies.encrypted.
    #[arg(long, group = "kind")]
    pub(crate) encrypted: bool,
    /// The session cookie (the default).
    #[arg(long, group = "kind")]
    pub(crate) session: bool,
    /// A message that is not a cookie, and what made it.
    #[arg(long, group = "kind", value_enum, value_name = "CODEC")]
    pub(crate) message: Option<Codec>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Codec {
    Verifier,
    Encryptor,
}

/// The app: its settings and its secrets.
#[derive(Args, Default)]
#[command(next_help_heading = "The app")]
pub(crate) struct App {
    /// The app's settings file, TOML or JSON: see docs/config.md.
    #[arg(
        long,
        value_name = "PATH",
        conflicts_with_all = ["rails", "load_defaults", "set", "rotate", "strictness"]
    )]
    pub(crate) config: Option<PathBuf>,
    /// The version of Rails.
    #[arg(long, value_name = "VERSION")]
    pub(crate) rails: Option<String>,
    /// The config.load_defaults of the app, or "none"; that of the version if absent.
    #[arg(long, value_name = "VERSION")]
    pub(crate) load_defaults: Option<String>,
    /// A setting by its Rails name, as cookies_serializer=hybrid. Repeatable.
    #[arg(long, value_name = "NAME=VALUE")]
    pub(crate) set: Vec<String>,
    /// A rotation: what differs from today, as key_generator_hash_digest_class=SHA1, more than one
    /// separated by commas; secrets by reference, as secret_key_base=env:OLD. Repeatable.
    #[arg(long, value_name = "NAME=VALUE,…")]
    pub(crate) rotate: Vec<String>,
    /// Whether to take all that this Rails takes, or only what Rails writes.
    #[arg(long, value_name = "strict|as-rails")]
    pub(crate) strictness: Option<String>,
    /// Read secret_key_base from a file.
    #[arg(long, value_name = "PATH", group = "base")]
    pub(crate) secret_file: Option<PathBuf>,
    /// Read secret_key_base from an environment variable.
    #[arg(long, value_name = "NAME", group = "base")]
    pub(crate) secret_env: Option<String>,
    /// Read secret_key_base from standard input.
    #[arg(long, group = "base")]
    pub(crate) secret_stdin: bool,
    /// Read secret_key_base from the credentials in a Rails app's config folder, as this app does:
    /// SECRET_KEY_BASE comes first, and RAILS_MASTER_KEY before the key file.
    #[arg(long, value_name = "FOLDER", group = "base")]
    pub(crate) secrets_from_credentials: Option<PathBuf>,
    /// Whose credentials; those of RAILS_ENV if absent.
    #[arg(long, value_name = "ENV")]
    pub(crate) environment: Option<String>,
    /// Read secret_token from a file.
    #[arg(long, value_name = "PATH", group = "token")]
    pub(crate) secret_token_file: Option<PathBuf>,
    /// Read secret_token from an environment variable.
    #[arg(long, value_name = "NAME", group = "token")]
    pub(crate) secret_token_env: Option<String>,
    /// Refused: see `secrets.rs`.
    #[arg(long, value_name = "SECRET", hide = true, num_args = 0..=1)]
    pub(crate) secret: Option<Option<String>>,
    /// Refused: see `secrets.rs`.
    #[arg(long, value_name = "SECRET", hide = true, num_args = 0..=1)]
    pub(crate) secret_key_base: Option<Option<String>>,
    /// Refused: see `secrets.rs`.
    #[arg(long, value_name = "SECRET", hide = true, num_args = 0..=1)]
    pub(crate) secret_token: Option<Option<String>>,
}

impl App {
    /// A flag that was given and says what the app is: any but those for its secrets.
    pub(crate) fn described_by(&self) -> Option<&'static str> {
        let flags = [
            ("--config", self.config.is_some()),
            ("--rails", self.rails.is_some()),
            ("--load-defaults", self.load_defaults.is_some()),
            ("--set", !self.set.is_empty()),
            ("--rotate", !self.rotate.is_empty()),
            ("--strictness", self.strictness.is_some()),
        ];
        flags.iter().find(|(_, given)| *given).map(|(flag, _)| *flag)
    }
}

/// The options of a message that is not a cookie.
#[derive(Args)]
#[command(next_help_heading = "Messages")]
pub(crate) struct Message {
    /// Derive the key from secret_key_base with this salt: the name given to
    /// Rails.application.message_verifier.
    #[arg(long, value_name = "SALT", requires = "message")]
    pub(crate) salt: Option<String>,
    /// Derive the separate HMAC key of an AES-CBC message with this salt.
    #[arg(long, value_name = "SALT", requires = "salt")]
    pub(crate) sign_salt: Option<String>,
    /// Read the key itself from a file.
    #[arg(long, value_name = "PATH", group = "key", requires = "message", conflicts_with = "salt")]
    pub(crate) key_file: Option<PathBuf>,
    /// Read the key itself from an environment variable.
    #[arg(long, value_name = "NAME", group = "key", requires = "message", conflicts_with = "salt")]
    pub(crate) key_env: Option<String>,
    /// Read the separate HMAC key of an AES-CBC message from a file.
    #[arg(long, value_name = "PATH", group = "sign_key", requires = "key")]
    pub(crate) sign_key_file: Option<PathBuf>,
    /// Read the separate HMAC key of an AES-CBC message from an environment variable.
    #[arg(long, value_name = "NAME", group = "sign_key", requires = "key")]
    pub(crate) sign_key_env: Option<String>,
    /// The keys are written in hexadecimal.
    #[arg(long, requires = "key")]
    pub(crate) key_hex: bool,
    /// What the message is for.
    #[arg(long, requires = "message")]
    pub(crate) purpose: Option<String>,
    /// The digest of the HMAC, as SHA256; SHA1 if absent.
    #[arg(long, requires = "message")]
    pub(crate) digest: Option<String>,
    /// The cipher, as aes-256-gcm; the app's default if absent.
    #[arg(long, requires = "message")]
    pub(crate) cipher: Option<String>,
    /// json, marshal, json_allow_marshal, message_pack, …; the app's message_serializer if absent.
    #[arg(long, requires = "message")]
    pub(crate) serializer: Option<String>,
    /// The URL-safe alphabet, without padding.
    #[arg(long, requires = "message")]
    pub(crate) url_safe: bool,
}
