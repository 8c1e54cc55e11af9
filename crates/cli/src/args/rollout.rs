//! The arguments of `rollout`.

mod simulate;

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

pub(crate) use self::simulate::Simulate;
use super::Format;

#[derive(Subcommand)]
pub(crate) enum Rollout {
    /// Say who would be logged out by a deploy, and how.
    Check(Check),
    /// Show who reads what whom writes, among all stages.
    Matrix(Matrix),
    /// Find the fewest deploys from now to next that log nobody out.
    Plan(Plan),
    /// Play a deploy on a fleet: how many sessions are lost, when and by what; and on a staging.
    Simulate(Box<Simulate>),
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

#[derive(Args)]
pub(crate) struct Matrix {
    /// The rollout file, TOML or JSON: see docs/rollout.md.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// How to print it.
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub(crate) format: Format,
}

#[derive(Args)]
#[command(after_help = "\
Exit status: 0 a safe way; 100 there is none, and this is the one of the least harm, or something is \
wrong with next itself; 1 settings or files; 2 arguments.")]
pub(crate) struct Plan {
    /// The rollout file, TOML or JSON: see docs/rollout.md. Its steps are not looked at.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Write each step's initializer into this folder: DIR/step-1/config/initializers/…
    #[arg(long, value_name = "DIR")]
    pub(crate) write: Option<PathBuf>,
    /// How to print the plan.
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub(crate) format: Format,
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
