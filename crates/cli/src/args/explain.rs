//! The arguments of `explain`.

use std::path::PathBuf;

use clap::Args;

use super::{App, Format, Message, What};

#[derive(Args)]
pub(crate) struct Explain {
    /// The cookie or message: bare, as NAME=VALUE, as a whole Cookie or Set-Cookie header, or a HAR
    /// file's text. Standard input if absent.
    ///
    /// Of a header or a HAR file every cookie is explained.
    pub(crate) input: Option<String>,
    /// Read it from a file: a HAR file, as browsers save it, too.
    #[arg(long, value_name = "PATH", conflicts_with = "input")]
    pub(crate) file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) what: What,
    #[command(flatten)]
    pub(crate) app: App,
    /// Also try an older secret_key_base, from a file. Repeatable.
    #[arg(long, value_name = "PATH", help_heading = "The app")]
    pub(crate) older_secret_file: Vec<PathBuf>,
    /// Also try an older secret_key_base, from an environment variable. Repeatable.
    #[arg(long, value_name = "NAME", help_heading = "The app")]
    pub(crate) older_secret_env: Vec<String>,
    /// Also try the key of the app's own verifier or encryptor of this name. Repeatable.
    #[arg(long, value_name = "NAME", help_heading = "The app")]
    pub(crate) name: Vec<String>,
    #[command(flatten)]
    pub(crate) message: Message,
    /// The time to judge the expiry by, in ISO 8601; now if absent.
    #[arg(long, value_name = "TIME")]
    pub(crate) now: Option<String>,
    /// How to print the result.
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub(crate) format: Format,
}
