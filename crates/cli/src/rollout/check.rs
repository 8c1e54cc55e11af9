//! `railjar rollout check`: the findings, for people and for the programs that show them to people.

mod github;
pub(super) mod json;
mod junit;
pub(super) mod matrix;
pub(super) mod mend;
mod text;
mod words;

use railjar::config::{Allowance, RolloutSettings};
use railjar::rollout::{Finding, Report, Rollout, Severity, check};

use super::Loaded;
use crate::args::{Check, Findings};
use crate::error::{Error, Status};
use crate::output;

/// A rollout with its findings.
struct Checked {
    file: String,
    settings: RolloutSettings,
    rollout: Rollout,
    report: Report,
}

pub(crate) fn run(args: &Check) -> Result<(), Error> {
    let Loaded { settings, rollout } = Loaded::new(&args.file)?;
    let report = check(&rollout)?;
    let file = args.file.display().to_string();
    let checked = Checked { file, settings, rollout, report };
    output::print(&match args.format {
        Findings::Text => text::of(&checked),
        Findings::Json => json::of(&checked),
        Findings::Github => github::of(&checked),
        Findings::Junit => junit::of(&checked),
    })?;
    match checked.errors().next() {
        Some(_) => Err(Error::silent(Status::Findings)),
        None => Ok(()),
    }
}

impl Checked {
    fn allowance(&self, finding: &Finding) -> Option<&Allowance> {
        self.settings.allowance(finding)
    }

    /// What the file does not allow, the worst first.
    fn open(&self) -> impl Iterator<Item = &Finding> {
        self.report.findings.iter().filter(|finding| self.allowance(finding).is_none())
    }

    fn errors(&self) -> impl Iterator<Item = &Finding> {
        self.open().filter(|finding| finding.severity == Severity::Error)
    }

    fn stage(&self, stage: usize) -> &str {
        self.rollout.stages().get(stage).map_or("", |stage| stage.name())
    }
}
