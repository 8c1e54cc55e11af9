//! The findings as annotations of a GitHub workflow: a line each.

use railjar::rollout::{Finding, Severity};

use super::{Checked, text};
use crate::report::plain;

pub(super) fn of(checked: &Checked) -> String {
    let findings = checked.report.findings.iter();
    let lines: String = findings.map(|finding| line(checked, finding)).collect();
    format!("{}\n{lines}", checked.verdict())
}

fn line(checked: &Checked, finding: &Finding) -> String {
    let allowance = checked.allowance(finding);
    let command = match (allowance, finding.severity) {
        (Some(_), _) => "notice",
        (None, Severity::Error) => "error",
        (None, Severity::Warning) => "warning",
    };
    let mut message = checked.told(finding);
    if let Some(allowance) = allowance {
        message.push_str(&format!("\nallowed: {}", plain(&allowance.reason)));
    }
    message.push_str(&format!("\n{}", text::page(finding.rule)));
    let (file, title) = (property(&checked.file), property(finding.rule.name()));
    format!("::{command} file={file},title={title}::{}\n", data(&message))
}

/// Text in which nothing is taken for the end of the command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_a_command_early() {
        assert_eq!(data("50%\r\n::error::x"), "50%25%0D%0A::error::x");
        assert_eq!(property("a,b:c%"), "a%2Cb%3Ac%25");
    }
}
