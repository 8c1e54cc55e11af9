//! The counts that `docs/differences.md` lists.

use std::collections::BTreeMap;
use std::fs;

use crate::case::root;

/// Holds the differences of one layer, by their rules, to the rows of the table.
pub(crate) fn check(layer: &str, seen: &BTreeMap<&'static str, usize>) {
    let text = fs::read_to_string(root().join("docs/differences.md")).unwrap();
    let listed: BTreeMap<&str, usize> = text
        .lines()
        .filter_map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            let [rule, of, count, ..] = cells[..] else { return None };
            (of == layer).then(|| (rule.trim_matches('`'), count.parse().unwrap()))
        })
        .collect();
    assert_eq!(*seen, listed, "docs/differences.md lists other counts ({layer})");
}
