//! A test that fails a build when the next deploy would log anybody out. It needs the rollout file,
//! railjar with its feature `config`, and a parser of TOML; copy it into your `tests/`.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test may")]

use std::error::Error;
use std::fs;
use std::path::Path;

use railjar::config::{App, RolloutSettings};
use railjar::rollout::{Severity, check};

const ROLLOUT: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/examples/rollout/september-2024/4-december.toml");

/// The findings that are errors and that the file does not allow.
fn errors(path: &Path) -> Result<Vec<String>, Box<dyn Error>> {
    let settings: RolloutSettings = toml::from_str(&fs::read_to_string(path)?)?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let mut load = |file: &str| -> Result<App, Box<dyn Error>> {
        Ok(toml::from_str(&fs::read_to_string(folder.join(file))?)?)
    };
    let report = check(&settings.rollout(&mut load)?)?;
    let findings = report.findings.iter().filter(|finding| {
        finding.severity == Severity::Error && settings.allowance(finding).is_none()
    });
    Ok(findings.map(|finding| format!("{}: {}", finding.rule, finding.cookie)).collect())
}

#[test]
fn the_next_deploy_logs_nobody_out() {
    assert_eq!(errors(Path::new(ROLLOUT)).unwrap(), Vec::<String>::new());
}

#[test]
fn a_wrong_one_would_fail_this_test() {
    let wrong = ROLLOUT.replace("4-december", "1-deployed");
    let errors = errors(Path::new(&wrong)).unwrap();
    assert!(errors.contains(&"OLD_CANNOT_READ_NEW: _app_session".into()), "{errors:?}");
}
