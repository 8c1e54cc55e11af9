//! The table of keys in `docs/proxy.md` against the keys that there are; and the examples.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may")]

use std::collections::BTreeSet;
use std::path::Path;

use super::shape::Config;

/// The keys in the table of the document.
fn listed() -> BTreeSet<String> {
    let text = include_str!("../../../../docs/proxy.md");
    let table = text.split("| key | value | default |").nth(1).unwrap();
    let table = table.split("\n\n").next().unwrap();
    let mut keys = BTreeSet::new();
    for row in table.lines().filter(|line| line.starts_with("| `")) {
        let mut words = row.split(" | ").next().unwrap().split('`').skip(1).step_by(2);
        let first = words.next().unwrap();
        let section = first.rsplit_once('.').map_or("", |(section, _)| section);
        keys.insert(first.to_owned());
        keys.extend(words.map(|word| format!("{section}{word}")));
    }
    keys
}

/// The keys of one table: those that the error about another one lists.
fn known(section: &str, file: &str) -> Vec<String> {
    let error = toml::from_str::<Config>(file).unwrap_err().message().to_owned();
    assert!(error.starts_with("unknown field `?`"), "{error}");
    error.split('`').skip(3).step_by(2).map(|name| format!("{section}{name}")).collect()
}

#[test]
fn every_key_is_described() {
    let mut keys: BTreeSet<String> = known("", "\"?\" = 1").into_iter().collect();
    for section in [
        "server",
        "server.tls",
        "timeouts",
        "limits",
        "forwarded",
        "retry",
        "health",
        "learn",
        "log",
    ] {
        keys.remove(section);
        keys.extend(known(&format!("{section}."), &format!("[{section}]\n\"?\" = 1")));
    }
    keys.extend(known("pools[].", "[[pools]]\n\"?\" = 1"));
    assert_eq!(listed(), keys);
}

#[test]
fn the_examples_are_good() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/proxy");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "toml") {
            continue; // of nginx: tests/live/cache.rb runs it
        }
        // The variable of the examples need not be set where tests run: one that is will do.
        let text =
            std::fs::read_to_string(&path).unwrap().replace("\"SECRET_KEY_BASE\"", "\"PATH\"");
        let copy = std::env::temp_dir().join(format!("railjar-example-{}", std::process::id()));
        std::fs::write(&copy, text).unwrap();
        let loaded = super::load(&copy).map_err(|error| error.to_string());
        std::fs::remove_file(&copy).unwrap();
        assert_eq!(loaded.err(), None, "{}", path.display());
        count += 1;
    }
    assert!(count > 0);
    let example_app = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/rails/proxy.toml");
    assert!(super::load(&example_app).is_ok());
}
