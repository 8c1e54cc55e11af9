//! The arguments of `railjar convert`.

use std::path::PathBuf;

use clap::Args;

use super::{App, Format};

#[derive(Args)]
pub(crate) struct Convert {
    /// The cookie, bare or as a header; standard input if absent.
    pub(crate) input: Option<String>,
    /// Read the cookie from a file.
    #[arg(long, value_name = "PATH", conflicts_with = "input")]
    pub(crate) file: Option<PathBuf>,
    /// Convert what JSON cannot say too: to what Rails would write. Without it such a cookie is
    /// refused, with a list of what would be lost.
    #[arg(long)]
    pub(crate) lossy: bool,
    /// The cookie's name, which Rails 6.0 and later bind it to.
    #[arg(long, value_name = "NAME", help_heading = "What it is")]
    pub(crate) cookie: Option<String>,
    /// A signed cookie: cookies.signed.
    #[arg(long, group = "kind", help_heading = "What it is")]
    pub(crate) signed: bool,
    /// An encrypted cookie: cookies.encrypted.
    #[arg(long, group = "kind", help_heading = "What it is")]
    pub(crate) encrypted: bool,
    /// The session cookie, in whichever jar each app keeps it (the default).
    #[arg(long, group = "kind", help_heading = "What it is")]
    pub(crate) session: bool,
    /// The settings file of the app that made the cookie; or say it by --rails and so on.
    #[arg(
        long,
        value_name = "PATH",
        conflicts_with_all = ["config", "rails", "load_defaults", "set", "rotate", "strictness"],
        help_heading = "From"
    )]
    pub(crate) from: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) to: To,
    #[command(flatten)]
    pub(crate) app: App,
    /// The time to judge the expiry by, in ISO 8601; now if absent.
    #[arg(long, value_name = "TIME")]
    pub(crate) now: Option<String>,
    /// How to print the result.
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub(crate) format: Format,
}

/// The app that is to read the cookie.
#[derive(Args)]
#[command(next_help_heading = "To")]
pub(crate) struct To {
    /// The settings file of the app that is to read it. Its secrets are those of --from, where it
    /// has none.
    #[arg(
        long,
        value_name = "PATH",
        conflicts_with_all = ["to_rails", "to_load_defaults", "to_set"]
    )]
    pub(crate) to: Option<PathBuf>,
    /// Its version of Rails.
    #[arg(long, value_name = "VERSION")]
    pub(crate) to_rails: Option<String>,
    /// Its config.load_defaults, or "none"; that of the version if absent.
    #[arg(long, value_name = "VERSION")]
    pub(crate) to_load_defaults: Option<String>,
    /// A setting of it, as --set. Repeatable.
    #[arg(long, value_name = "NAME=VALUE")]
    pub(crate) to_set: Vec<String>,
    /// Read its secret_key_base from a file.
    #[arg(long, value_name = "PATH", group = "to_base")]
    pub(crate) to_secret_file: Option<PathBuf>,
    /// Read its secret_key_base from an environment variable.
    #[arg(long, value_name = "NAME", group = "to_base")]
    pub(crate) to_secret_env: Option<String>,
}

impl To {
    /// As the arguments of an app; `None` where nothing says which.
    pub(crate) fn app(&self) -> Option<App> {
        (self.to.is_some() || self.to_rails.is_some()).then(|| App {
            config: self.to.clone(),
            rails: self.to_rails.clone(),
            load_defaults: self.to_load_defaults.clone(),
            set: self.to_set.clone(),
            secret_file: self.to_secret_file.clone(),
            secret_env: self.to_secret_env.clone(),
            ..App::default()
        })
    }
}
