//! The rules by which railjar differs from Rails, and the counts that `docs/differences.md` lists.

use std::fs;
use std::path::Path;

use railjar::rails::Version;

use super::case::Case;

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Difference {
    pub(crate) rule: String,
    pub(crate) count: usize,
}

/// The rule that a difference falls under: each by the case's name, and by the versions whose
/// behaviour it is.
pub(crate) fn rule(case: &Case, mode: &str) -> Option<&'static str> {
    let Case { version, .. } = *case;
    let lenient = mode == "strict";
    match case.name() {
        "extra-part" if lenient && version <= Version::V6_1 => Some("parts-after-the-last"),
        "valid-hmac-unpadded" | "valid-hmac-newline-b64" | "valid-hmac-nonzero-trailing-bits"
            if lenient && version <= Version::V4_0 =>
        {
            Some("sloppy-base64")
        }
        "json-comment" if lenient => Some("json-comments"),
        "json-invalid-utf8" if lenient => Some("json-not-utf8"),
        "json-rails-exp-int" if version >= Version::V6_0 => Some("expiry-not-text"),
        "nil" | "false" | "nil-value"
            if case.id.contains("/verifier/")
                && (Version::V5_0..=Version::V7_0).contains(&version) =>
        {
            Some("signed-nil-and-false")
        }
        "escapes" if mode == "write" && version == Version::V3_2 => Some("html-entities-in-3.2"),
        "md5-lowercase" | "sha256-lowercase" if mode == "refuse" && version <= Version::V6_1 => {
            Some("digest-names")
        }
        _ => None,
    }
}

/// The rows of the table in `docs/differences.md` for one way of running the corpus.
pub(crate) fn listed(mode: &str) -> Vec<Difference> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/differences.md");
    let text = fs::read_to_string(path).unwrap();
    let mut rows: Vec<Difference> = text
        .lines()
        .filter_map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            let [rule, of, count, ..] = cells[..] else { return None };
            let count = count.parse().ok()?;
            (of == mode).then(|| Difference { rule: rule.trim_matches('`').into(), count })
        })
        .collect();
    rows.sort();
    rows
}
