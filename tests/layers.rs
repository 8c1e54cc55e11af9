//! The order of the layers: what is lower never imports what is higher. Rust itself would allow it.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    reason = "a test fails by panicking, and has std"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// From the bottom up. Modules of one line may know each other.
const ORDER: [&[&str]; 16] = [
    // words
    &["error"],
    &["entropy", "secret", "time", "value"],
    // wire: bytes to parts, without keys
    &["wire"],
    // primitives, and the proof that a tag has checked
    &["crypto"],
    &["keys"],
    // meaning
    &["serializer"],
    &["envelope"],
    // messages: locks and the list of recipes that tries them, then who offers them
    &["message", "rotation"],
    &["encryptor", "verifier"],
    // HTTP
    &["cookies", "session"],
    // knowledge of Rails
    &["rails"],
    &["messages"],
    // tools
    &["edge", "explain"],
    &["rollout"],
    &["config"],
    &["audit"],
];

/// Not a layer: it opens doors to all of them, for the fuzz targets alone.
const OUTSIDE: [&str; 1] = ["fuzzing"];

#[test]
fn no_module_imports_upward() {
    let upward: Vec<String> = sources()
        .into_iter()
        .filter_map(|file| {
            let layer = layer_of(&file)?;
            let code = code(&fs::read_to_string(source().join(&file)).unwrap());
            Some(upward(&layer, &code).map(move |path| format!("{}: {path}", file.display())))
        })
        .flatten()
        .collect();
    assert!(upward.is_empty(), "{upward:#?}");
}

#[test]
fn every_module_has_its_place() {
    let listed: BTreeSet<_> = ORDER.concat().into_iter().chain(OUTSIDE).map(String::from).collect();
    let found: BTreeSet<_> = sources().iter().filter_map(|file| layer_of(file)).collect();
    assert_eq!(found, listed);
}

#[test]
fn a_planted_import_is_caught() {
    let caught = |layer: &str, source: &str| upward(layer, &code(source)).collect::<Vec<_>>();
    for source in [
        "use crate::cookies::Jar;",
        "use crate::{error::OpenError, cookies};",
        "use crate::{\n    error::{self, OpenError},\n    cookies::{name, Jar},\n};",
        "pub use crate::cookies as jars;",
        "fn f(jar: &crate::cookies::Jar) {}",
        "fn f() { crate :: cookies :: escape(b\"\") }",
        "use super::super::cookies; // not said as `crate::`, but",
        "impl crate::Cookies {}",
        "use crate::*;",
    ] {
        assert_eq!(caught("crypto", source).len(), 1, "{source}");
    }
    for source in [
        "/// See [`Jar`](crate::cookies::Jar).\nuse crate::error::OpenError;",
        "//! crate::cookies\n/* crate::cookies /* and */ crate::rails */",
        "const TEXT: &str = \"crate::cookies\"; const RAW: &str = r#\"crate::rails\"#;",
        "const QUOTE: char = '\"'; use crate::secret::Secret; const END: char = '\"';",
        "#[cfg(test)]\nmod tests {\n    use crate::cookies::Jar;\n}",
        "use crate::crypto::hmac; use crate::wire::{base64, frame};",
        "use crate::Secret;",
    ] {
        assert!(caught("crypto", source).is_empty(), "{source}");
    }
    // In the same line, and downward.
    assert!(caught("message", "use crate::rotation::Recipe;").is_empty());
    assert_eq!(caught("message", "use crate::verifier::MessageVerifier;").len(), 1);
}

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Every file of the library but `lib.rs` and its tests, from `src/` on.
fn sources() -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![source()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path.strip_prefix(source()).unwrap().to_owned());
            }
        }
    }
    let is_test = |file: &PathBuf| file.iter().any(|part| part == "tests" || part == "tests.rs");
    files.retain(|file| file != Path::new("lib.rs") && !is_test(file));
    files.sort();
    files
}

/// `crypto` of `crypto.rs` and of `crypto/hmac.rs`.
fn layer_of(file: &Path) -> Option<String> {
    let first = file.iter().next()?.to_str()?;
    Some(first.trim_end_matches(".rs").to_owned())
}

fn height(module: &str) -> Option<usize> {
    ORDER.iter().position(|layer| layer.contains(&module))
}

/// The paths in `code` that lead above `layer`.
fn upward(layer: &str, code: &str) -> impl Iterator<Item = String> + use<> {
    let from = height(layer).unwrap_or(usize::MAX);
    let above = move |module: &String| match height(module) {
        Some(to) => to > from,
        // A root re-export says nothing of its layer: say the module, or stay with the words.
        None => !["Secret", "Timestamp", "Value"].contains(&module.as_str()),
    };
    imported(code).into_iter().filter(move |module| above(module))
}

/// What follows `crate::`, each name of a group by itself, and what follows two `super::` or more,
/// which may be as high.
fn imported(code: &str) -> Vec<String> {
    let code: String = code.split_whitespace().collect::<Vec<_>>().join(" ").replace(" :: ", "::");
    let mut names = Vec::new();
    for (at, root) in code.match_indices("crate::").chain(code.match_indices("super::super::")) {
        let after = code[at + root.len()..].trim_start_matches("super::");
        let found = match after.strip_prefix('{') {
            Some(group) => group_members(group),
            None => vec![name(after)],
        };
        // Deep inside a layer `super::super` stays in it; only the name of a layer counts.
        let counts =
            |name: &String| !name.is_empty() && (root == "crate::" || height(name).is_some());
        names.extend(found.into_iter().filter(counts));
    }
    names
}

/// The first name of each member of `a::b, c::{d, e}, f}`.
fn group_members(group: &str) -> Vec<String> {
    let (mut depth, mut start, mut members) = (0, 0, Vec::new());
    for (at, char) in group.char_indices() {
        match char {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                members.push(name(group[start..at].trim()));
                start = at + 1;
                if char == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    members
}

fn name(path: &str) -> String {
    path.chars().take_while(|char| char.is_alphanumeric() || ['_', '*'].contains(char)).collect()
}

/// Source without comments, strings and the tests at its end.
fn code(source: &str) -> String {
    let source = source.split("#[cfg(test)]\nmod tests").next().unwrap();
    let mut out = String::new();
    let mut rest = source;
    while let Some(char) = rest.chars().next() {
        let skipped = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            block_comment(rest)
        } else if let Some(raw) = raw_string(rest) {
            raw
        } else if char == '"' {
            string(rest)
        } else if char == '\'' {
            character(rest)
        } else {
            out.push(char);
            rest = &rest[char.len_utf8()..];
            continue;
        };
        out.push(' ');
        rest = &rest[skipped..];
    }
    out
}

fn block_comment(text: &str) -> usize {
    let mut depth = 0;
    for at in text.char_indices().map(|(at, _)| at) {
        if text[at..].starts_with("/*") {
            depth += 1;
        } else if text[at..].starts_with("*/") {
            depth -= 1;
            if depth == 0 {
                return at + 2;
            }
        }
    }
    text.len()
}

fn raw_string(text: &str) -> Option<usize> {
    let inside = text.strip_prefix('r')?;
    let hashes = inside.len() - inside.trim_start_matches('#').len();
    let inside = inside[hashes..].strip_prefix('"')?;
    let close = format!("\"{}", "#".repeat(hashes));
    let length = inside.find(&close)?;
    Some(1 + hashes + 1 + length + close.len())
}

fn string(text: &str) -> usize {
    let mut escaped = false;
    for (at, char) in text.char_indices().skip(1) {
        match char {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// A character, or the tick of a lifetime.
fn character(text: &str) -> usize {
    let mut chars = text.char_indices().skip(1);
    match (chars.next(), chars.next()) {
        (Some((_, '\\')), _) => text[3..].find('\'').map_or(text.len(), |at| at + 4),
        (_, Some((at, '\''))) => at + 1,
        _ => 1,
    }
}
