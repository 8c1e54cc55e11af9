//! The documents against the program.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may")]

use std::collections::BTreeSet;

use railjar::config::App;
use serde::Deserialize as _;
use serde_json::{Value, json};

/// The keys in the table of `docs/config.md`.
fn listed() -> BTreeSet<String> {
    let text = include_str!("../../../docs/config.md");
    let mut keys = BTreeSet::new();
    for row in text.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<_> = row.split(" | ").collect();
        let mut words = cells[0].split('`').skip(1).step_by(2);
        let first = words.next().unwrap();
        // References to secrets have a table of their own.
        if first.starts_with('{') {
            continue;
        }
        let section = first.rsplit_once('.').map_or("", |(section, _)| section);
        keys.insert(first.to_owned());
        keys.extend(words.map(|word| format!("{section}{word}")));
        for also in cells.iter().filter_map(|cell| cell.split_once("also called `")) {
            keys.insert(format!("{section}.{}", also.1.split('`').next().unwrap()));
        }
    }
    keys
}

/// The keys that a settings file may have: those that the error about another one lists.
fn known(section: &str, file: &Value) -> BTreeSet<String> {
    let error = App::deserialize(file).unwrap_err().to_string();
    assert!(error.starts_with("unknown field `?`"), "{error}");
    let names = error.split('`').skip(3).step_by(2);
    names.map(|name| format!("{section}{name}")).collect()
}

#[test]
fn the_table_of_the_settings_file_is_complete() {
    let other = json!({ "?": 1 });
    let mut keys = known("", &other);
    let sections = [
        ("secrets", "secrets.", json!({ "rails": "7.1", "secrets": other })),
        ("settings", "settings.", json!({ "rails": "7.1", "settings": other })),
        ("", "rotations[].", json!({ "rails": "7.1", "rotations": [other] })),
        ("cookies", "cookies.", json!({ "rails": "7.1", "cookies": other })),
        (
            "cookies.session",
            "cookies.session.",
            json!({ "rails": "7.1", "cookies": { "session": other } }),
        ),
    ];
    for (parent, section, file) in sections {
        keys.remove(parent);
        keys.extend(known(section, &file));
    }
    assert_eq!(listed(), keys);
}
