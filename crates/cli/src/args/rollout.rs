//! The arguments of `rollout`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

#[derive(Subcommand)]
pub(crate) enum Rollout {
    /// Say who would be logged out by a deploy, and how.
    Check(Check),
}

#[derive(Args)]
#[command(after_help = "\
Exit status: 0 nothing found, or warnings alone; 100 errors found that the file does not allow; \
1 settings or files; 2 arguments.")]
pub(crate) struct Check {
    /// The rollout file, TOML or JSON: see docs/rollout.md.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// How to print the findings.
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub(crate) format: Findings,
}

/// How findings are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Findings {
    /// For people.
    #[default]
    Text,
    /// One JSON object on one line.
    Json,
    /// Annotations of a GitHub workflow.
    Github,
    /// A JUnit report.
    Junit,
}
