//! The arguments of `railjar credentials`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Subcommand)]
pub(crate) enum Credentials {
    /// Print the decrypted content, as it is.
    Show(Place),
    /// Open the decrypted content in $VISUAL or $EDITOR, and encrypt what comes of it.
    Edit(Edit),
    /// Encrypt what is on standard input, or in a file.
    Write(Write),
}

#[derive(Args)]
pub(crate) struct Edit {
    #[command(flatten)]
    pub(crate) place: Place,
    /// Make the key and the encrypted file where there are none.
    #[arg(long)]
    pub(crate) new: bool,
}

#[derive(Args)]
pub(crate) struct Write {
    #[command(flatten)]
    pub(crate) place: Place,
    /// Read the content from a file. It stays there, unencrypted.
    #[arg(long, value_name = "PATH")]
    pub(crate) content_file: Option<PathBuf>,
    /// Make the key and the encrypted file where there are none.
    #[arg(long)]
    pub(crate) new: bool,
    /// Replace a file that the key does not open. What is in it is lost.
    #[arg(long)]
    pub(crate) overwrite: bool,
}

/// Which encrypted file, and its key.
#[derive(Args)]
pub(crate) struct Place {
    /// The Rails app's config folder, with credentials.yml.enc and master.key.
    #[arg(default_value = "config", conflicts_with = "file")]
    pub(crate) folder: PathBuf,
    /// The credentials of one environment: credentials/ENV.yml.enc and credentials/ENV.key.
    #[arg(long, short, value_name = "ENV", conflicts_with = "file")]
    pub(crate) environment: Option<String>,
    /// Another encrypted file. Its key is beside it, as NAME.key or master.key.
    #[arg(long, value_name = "PATH")]
    pub(crate) file: Option<PathBuf>,
    /// The file with the key, whatever RAILS_MASTER_KEY says.
    #[arg(long, value_name = "PATH", conflicts_with = "key_env")]
    pub(crate) key_file: Option<PathBuf>,
    /// The environment variable with the key; RAILS_MASTER_KEY, where it is set, if absent.
    #[arg(long, value_name = "NAME")]
    pub(crate) key_env: Option<String>,
}
