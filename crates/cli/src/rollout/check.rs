//! `railjar rollout check`.

use railjar::rollout::check;

use super::Loaded;
use crate::args::Check;
use crate::error::{Error, Status};
use crate::output;

pub(crate) fn run(args: &Check) -> Result<(), Error> {
    let Loaded { settings, rollout } = Loaded::new(&args.file)?;
    let report = check(&rollout)?;
    let mut text = String::new();
    for finding in &report.findings {
        text.push_str(&format!("{} {}\n", finding.severity.name(), finding.rule));
    }
    output::print(&text)?;
    match report.has_errors() && settings.allow.is_empty() {
        true => Err(Error::silent(Status::Findings)),
        false => Ok(()),
    }
}
