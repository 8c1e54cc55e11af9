//! The documents against the program.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may")]

use std::collections::BTreeSet;

use railjar::config::{App, EdgeSettings, FleetSettings, RolloutSettings};
use railjar::{ConfigError, Secret};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

const CONFIG: &str = include_str!("../../../docs/config.md");
const SIMULATE: &str = include_str!("../../../docs/simulate.md");
const ROLLOUT: &str = include_str!("../../../docs/rollout.md");
const EDGE: &str = include_str!("../../../docs/edge.md");

/// The keys in a document's table.
fn listed(text: &str) -> BTreeSet<String> {
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
        // The second may be named in full, or as one of the first's siblings.
        keys.extend(words.map(|word| match word.strip_prefix('.') {
            Some(word) => format!("{section}.{word}"),
            None => word.to_owned(),
        }));
        for also in cells.iter().filter_map(|cell| cell.split_once("also called `")) {
            keys.insert(format!("{section}.{}", also.1.split('`').next().unwrap()));
        }
    }
    keys
}

/// The keys that a settings file may have: those that the error about another one lists.
fn known<T: DeserializeOwned>(section: &str, file: &Value) -> BTreeSet<String> {
    let error = T::deserialize(file).err().unwrap().to_string();
    assert!(error.starts_with("unknown field `?`"), "{error}");
    let names = error.split('`').skip(3).step_by(2);
    names.map(|name| format!("{section}{name}")).collect()
}

#[test]
fn the_table_of_the_settings_file_is_complete() {
    let other = json!({ "?": 1 });
    let mut keys = known::<App>("", &other);
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
        keys.extend(known::<App>(section, &file));
    }
    assert_eq!(listed(CONFIG), keys);
}

#[test]
fn the_table_of_the_fleet_is_complete() {
    let settings = SIMULATE.split("## The settings").nth(1).unwrap();
    let settings = settings.split("\n## ").next().unwrap();
    assert_eq!(listed(settings), known::<FleetSettings>("", &json!({ "?": 1 })));
}

#[test]
fn the_table_of_the_edge_is_complete() {
    let other = || json!({ "?": 1 });
    let mut keys = known::<EdgeSettings>("", &other());
    for (parent, section, file) in [
        ("", "session.", json!({ "session": other() })),
        ("", "cookies[].", json!({ "cookies": [other()] })),
        ("", "signed_in[].", json!({ "signed_in": [other()] })),
        ("", "hints[].", json!({ "hints": [other()] })),
        ("policies", "policies.", json!({ "policies": other() })),
        ("headers", "headers.", json!({ "headers": other() })),
    ] {
        keys.remove(parent);
        keys.extend(known::<EdgeSettings>(section, &file));
    }
    let settings = EDGE.split("## Verdicts").next().unwrap();
    assert_eq!(listed(settings), keys);
}

#[test]
fn the_example_of_the_edge_is_one() {
    #[derive(serde::Deserialize)]
    struct File {
        edge: EdgeSettings,
    }
    let example = EDGE.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    let file: File = toml::from_str(example).unwrap();
    let secret = |_: &_| Ok::<_, ConfigError>(Secret::new(*b"a secret of the documents"));
    let edge = file.edge.edge(&mut { secret }).unwrap();
    assert!(edge.format("old").is_some() && edge.owns(b"x-railjar-user"));
}

#[test]
fn the_table_of_the_rollout_is_complete() {
    let other = || json!({ "?": 1 });
    let app = || json!({ "rails": "7.1" });
    let mut keys = known::<RolloutSettings>("", &other());
    for (parent, section, file) in [
        ("", "cookies[].", json!({ "cookies": [other()] })),
        ("deploy", "deploy.", json!({ "deploy": other() })),
        ("", "now.", json!({ "now": other() })),
        ("", "now.readers.NAME.", json!({ "now": { "readers": { "worker": other() } } })),
        ("", "readers[].", json!({ "readers": [other()] })),
        ("", "allow[].", json!({ "allow": [other()] })),
    ] {
        keys.remove(parent);
        keys.extend(known::<RolloutSettings>(section, &file));
    }
    assert_eq!(listed(ROLLOUT), keys);
    // What the table says of the other stages.
    let of_now = known::<RolloutSettings>("", &json!({ "now": other() }));
    for file in [json!({ "next": other() }), json!({ "steps": [other()] })] {
        assert_eq!(known::<RolloutSettings>("", &file), of_now);
    }
    let least = json!({
        "cookies": [{ "name": "_app_session", "lifetime": "1 day" }],
        "now": { "app": app() },
        "next": { "app": app() },
    });
    assert!(RolloutSettings::deserialize(&least).is_ok());
}

#[test]
fn the_example_of_a_rollout_is_one() {
    let example = ROLLOUT.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    let error = toml::from_str::<RolloutSettings>(example).err().map(|error| error.to_string());
    assert_eq!(error, None);
}
