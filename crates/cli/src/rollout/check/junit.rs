//! The findings as a JUnit report: a case for each cookie and rule.

use std::fmt::Write as _;

use railjar::rollout::{Finding, Rule, Severity};

use super::Checked;
use crate::report::plain;

pub(super) fn of(checked: &Checked) -> String {
    let mut cases = String::new();
    let (mut tests, mut failures, mut skipped) = (0_usize, 0_usize, 0_usize);
    for cookie in checked.rollout.cookies() {
        for rule in Rule::ALL {
            let of = |finding: &&Finding| finding.rule == rule && finding.cookie == cookie.name();
            let findings: Vec<_> = checked.report.findings.iter().filter(of).collect();
            let content = case(checked, &findings);
            tests = tests.saturating_add(1);
            failures = failures.saturating_add(usize::from(content.contains("<failure")));
            skipped = skipped.saturating_add(usize::from(content.contains("<skipped")));
            let (class, name) = (escaped(&plain(cookie.name())), rule.name());
            // Writing to a string does not fail.
            let _ = match content.is_empty() {
                true => writeln!(cases, "    <testcase classname=\"{class}\" name=\"{name}\"/>"),
                false => writeln!(
                    cases,
                    "    <testcase classname=\"{class}\" name=\"{name}\">\n{content}    </testcase>"
                ),
            };
        }
    }
    let (name, counts) = (
        escaped(&plain(&checked.file)),
        format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" skipped=\"{skipped}\""),
    );
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <testsuites name=\"railjar rollout check\" {counts}>\n  \
         <testsuite name=\"{name}\" {counts}>\n{cases}  </testsuite>\n</testsuites>\n"
    )
}

/// What stands in a case: one failure, or that it is skipped, or what is only to be known.
fn case(checked: &Checked, findings: &[&Finding]) -> String {
    let told = |findings: &[&Finding]| {
        let told: Vec<_> = findings.iter().map(|finding| checked.told(finding)).collect();
        escaped(&told.join("\n\n"))
    };
    let (allowed, open): (Vec<&Finding>, Vec<&Finding>) =
        findings.iter().partition(|finding| checked.allowance(finding).is_some());
    let (errors, warnings): (Vec<&Finding>, Vec<&Finding>) =
        open.iter().partition(|finding| finding.severity == Severity::Error);
    let mut content = String::new();
    if let Some(first) = errors.first() {
        let sentence = escaped(&checked.sentence(first));
        content.push_str(&format!(
            "      <failure message=\"{sentence}\">{}</failure>\n",
            told(&errors)
        ));
    } else if let Some(allowance) = allowed.first().and_then(|first| checked.allowance(first)) {
        let reason = escaped(&plain(&allowance.reason));
        content.push_str(&format!("      <skipped message=\"allowed: {reason}\"/>\n"));
    }
    if !warnings.is_empty() {
        content.push_str(&format!("      <system-out>{}</system-out>\n", told(&warnings)));
    }
    content
}

/// Text as it stands in XML, which has no control characters but white space.
fn escaped(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, char| {
        match char {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(char),
            '\u{fffe}' | '\u{ffff}' => out.push(char::REPLACEMENT_CHARACTER),
            char if char.is_control() => out.push(char::REPLACEMENT_CHARACTER),
            char => out.push(char),
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_is_taken_for_markup() {
        assert_eq!(
            escaped("<a b=\"c\">&\u{1b}\u{ffff}é\n"),
            "&lt;a b=&quot;c&quot;&gt;&amp;\u{fffd}\u{fffd}é\n"
        );
    }
}
