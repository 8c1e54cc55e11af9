//! The arguments of `audit`.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{App, Format};

#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Audit {
    #[command(subcommand)]
    pub(crate) command: Option<AuditCommand>,
    /// The logs: plain lines, JSON lines or HAR files, as they are or compressed by gzip or zstd.
    /// Standard input if absent, or for "-".
    pub(crate) files: Vec<PathBuf>,
    /// A cookie to look for; the session cookie of the settings file if absent. Repeatable.
    #[arg(long, value_name = "NAME", help_heading = "What it is")]
    pub(crate) cookie: Vec<String>,
    /// They are signed cookies: cookies.signed.
    #[arg(long, conflicts_with = "encrypted", help_heading = "What it is")]
    pub(crate) signed: bool,
    /// They are encrypted cookies: cookies.encrypted. If absent, they are where the app keeps
    /// sessions.
    #[arg(long, help_heading = "What it is")]
    pub(crate) encrypted: bool,
    #[command(flatten)]
    pub(crate) app: App,
    /// How long such a cookie lives, as 14d: to say when a rotation may go.
    #[arg(long, value_name = "DURATION")]
    pub(crate) lifetime: Option<String>,
    /// The day of all lines, as 2030-01-31; what each line says if absent.
    #[arg(long, value_name = "DATE")]
    pub(crate) day: Option<String>,
    /// Today, in ISO 8601: what is of a later day has none. The system's clock if absent.
    #[arg(long, value_name = "TIME")]
    pub(crate) now: Option<String>,
    /// How many threads open cookies, 256 at most; as many as there are processors if absent.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) threads: Option<NonZeroUsize>,
    /// Also explain a few of the cookies that cannot be read. Their values are not printed.
    #[arg(long)]
    pub(crate) show_unreadable: bool,
    /// How to print the result. JSON is what `railjar audit merge` adds up.
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub(crate) format: Format,
}

#[derive(Subcommand)]
pub(crate) enum AuditCommand {
    /// Add up what several machines have counted.
    Merge(Merge),
}

#[derive(Args)]
pub(crate) struct Merge {
    /// What `railjar audit --format json` printed.
    #[arg(required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// How long such a cookie lives, as 14d: to say when a rotation may go.
    #[arg(long, value_name = "DURATION")]
    pub(crate) lifetime: Option<String>,
    /// Today, in ISO 8601: what is of a later day has none. The system's clock if absent.
    #[arg(long, value_name = "TIME")]
    pub(crate) now: Option<String>,
    /// How to print the result.
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub(crate) format: Format,
}
