//! The examples of rollouts against what their page says of them, and the pages of the rules.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use railjar::rollout::Rule;
use serde_json::{Value, json};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

fn check(file: &str, format: &str) -> Output {
    let path = format!("{ROOT}/examples/rollout/{file}");
    let args = ["rollout", "check", "--format", format, &path];
    Command::new(env!("CARGO_BIN_EXE_railjar")).args(args).output().unwrap()
}

fn text(path: &str) -> String {
    fs::read_to_string(format!("{ROOT}/{path}")).unwrap()
}

/// The words of a cell in backticks.
fn rules(cell: &str) -> BTreeSet<String> {
    cell.split('`').skip(1).step_by(2).map(String::from).collect()
}

#[test]
fn every_example_is_what_its_page_says() {
    let page = text("examples/rollout/README.md");
    let rows = page.lines().filter(|line| line.starts_with("| ["));
    let mut listed = BTreeSet::new();
    for row in rows {
        let cells: Vec<_> = row.split(" | ").collect();
        let file = cells[0].split(['[', ']']).nth(1).unwrap();
        listed.insert(file.to_owned());
        let (errors, others) = cells[2].split_once("; ").unwrap_or((cells[2], ""));
        let (errors, others) = match errors.split_once(": ") {
            Some((_, others)) => ("", others),
            None => (errors, others),
        };
        let output = check(file, "json");
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        let found = |is_error: bool| {
            let findings = report["findings"].as_array().unwrap().iter();
            let of = findings.filter(|it| (it["severity"] == "error") == is_error);
            of.map(|it| it["rule"].as_str().unwrap().to_owned()).collect::<BTreeSet<_>>()
        };
        assert_eq!(found(true), rules(errors), "{file}");
        assert_eq!(found(false), rules(others), "{file}");
        let status = if rules(errors).is_empty() { 0 } else { 100 };
        assert_eq!(output.status.code(), Some(status), "{file}");
        for finding in report["findings"].as_array().unwrap() {
            assert_eq!(finding["allowed"].is_string(), cells[2].contains("allowed"), "{file}");
        }
    }
    assert_eq!(listed, rollout_files());
}

#[test]
fn every_example_has_a_safe_plan() {
    for file in rollout_files() {
        // There the worker does not read what serves now, whatever comes next.
        if file == "september-2024/2-rolled-back.toml" {
            continue;
        }
        let path = format!("{ROOT}/examples/rollout/{file}");
        let args = ["rollout", "plan", "--format", "json", &path];
        let output = Command::new(env!("CARGO_BIN_EXE_railjar")).args(args).output().unwrap();
        let plan: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(plan["result"], "safe", "{file}");
    }
}

/// As it was mended in the end: read the new, write the new, forget the old.
#[test]
fn the_plan_for_september_is_that_of_november() {
    let path = format!("{ROOT}/examples/rollout/september-2024/1-deployed.toml");
    let args = ["rollout", "plan", "--format", "json", &path];
    let output = Command::new(env!("CARGO_BIN_EXE_railjar")).args(args).output().unwrap();
    let plan: Value = serde_json::from_slice(&output.stdout).unwrap();
    let steps = plan["steps"].as_array().unwrap();
    let waits: Vec<_> = steps.iter().map(|step| step["wait_seconds"].as_u64().unwrap()).collect();
    assert_eq!(waits, [0, 14 * 86_400, 0]);
    let [november, december] = [&steps[0], &steps[1]].map(|step| step["ruby"].as_str().unwrap());
    let writes =
        |digest: &str| format!("key_generator_hash_digest_class = OpenSSL::Digest::{digest}\n");
    let reads = |digest: &str| format!("'signed cookie', 1000, 64, \"{digest}\")");
    assert!(november.contains(&writes("SHA1")) && november.contains(&reads("SHA256")));
    assert!(december.contains(&writes("SHA256")) && december.contains(&reads("SHA1")));
    assert!(steps[2]["ruby"].is_null());
}

/// Writes the initializers of a plan into a folder.
fn write(folder: &Path) -> Output {
    let path = format!("{ROOT}/examples/rollout/secret-at-once.toml");
    Command::new(env!("CARGO_BIN_EXE_railjar"))
        .args(["rollout", "plan", &path, "--write"])
        .arg(folder)
        .output()
        .unwrap()
}

const INITIALIZER: &str = "step-1/config/initializers/zz_cookies_rollout.rb";

#[test]
fn initializers_are_written_where_an_app_has_them() {
    let folder = tempfile::tempdir().unwrap();
    let output = write(folder.path());
    assert!(output.status.success());
    let ruby = fs::read_to_string(folder.path().join(INITIALIZER)).unwrap();
    assert!(ruby.starts_with("# Step 1 of 2 ") && ruby.contains("NEW_SECRET_KEY_BASE must be set"));
    let shown = String::from_utf8(output.stdout).unwrap();
    assert!(shown.contains(INITIALIZER) && !shown.contains("pbkdf2"));
}

#[test]
fn no_file_is_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    assert!(write(folder.path()).status.success());
    // The same again is no harm.
    assert!(write(folder.path()).status.success());
    let path = folder.path().join(INITIALIZER);
    fs::write(&path, "# mine\n").unwrap();
    let refused = write(folder.path());
    assert_eq!(refused.status.code(), Some(1));
    assert!(refused.stdout.is_empty());
    assert!(String::from_utf8(refused.stderr).unwrap().contains(INITIALIZER));
    assert_eq!(fs::read_to_string(path).unwrap(), "# mine\n");
}

/// The examples' files that are rollouts, and not the settings of an app.
fn rollout_files() -> BTreeSet<String> {
    let mut files = BTreeSet::new();
    for folder in ["", "september-2024/"] {
        for entry in fs::read_dir(format!("{ROOT}/examples/rollout/{folder}")).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let path = format!("{folder}{name}");
            let is_rollout =
                |path: &str| text(&format!("examples/rollout/{path}")).contains("[next");
            if name.ends_with(".toml") && is_rollout(&path) {
                files.insert(path);
            }
        }
    }
    files
}

#[test]
fn every_rule_has_a_page_and_every_page_a_rule() {
    let pages = fs::read_dir(format!("{ROOT}/docs/rollout")).unwrap();
    let pages = pages.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let pages: BTreeSet<_> = pages.collect();
    let rules: BTreeSet<_> = Rule::ALL.iter().map(|rule| format!("{rule}.md")).collect();
    assert_eq!(pages, rules);
    let overview = text("docs/rollout.md");
    for rule in Rule::ALL {
        assert!(overview.contains(&format!("[`{rule}`](https")), "{rule}");
        let page = text(&format!("docs/rollout/{rule}.md"));
        assert!(page.starts_with(&format!("# {rule}\n")), "{rule}");
        for section in ["What happens", "Why", "Example", "How to mend it", "When to allow it"] {
            assert!(page.contains(&format!("\n## {section}\n")), "{rule}: {section}");
        }
    }
}

#[test]
fn a_junit_report_is_well_formed() {
    for file in ["september-2024/1-deployed.toml", "remember-me.toml", "7.0-to-7.1.toml"] {
        let report = String::from_utf8(check(file, "junit").stdout).unwrap();
        let mut open = Vec::new();
        let body = report.strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n").unwrap();
        for tag in body.split('<').skip(1) {
            let (tag, content) = tag.split_once('>').unwrap();
            assert!(!content.contains('>'), "{file}: {content}");
            match tag.strip_prefix('/') {
                Some(name) => assert_eq!(open.pop(), Some(name.to_owned()), "{file}"),
                None if tag.ends_with('/') => {}
                None => open.push(tag.split(' ').next().unwrap().to_owned()),
            }
        }
        assert!(open.is_empty(), "{file}: {open:?}");
    }
}

/// No name that a file gives drives the terminal or ends a line, whatever prints it.
#[test]
fn names_are_printed_as_text() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rollout.json");
    let app = |load_defaults: &str| json!({ "rails": "7.0", "load_defaults": load_defaults });
    let name = |what: &str| format!("{what}\u{1b}]0;x\u{7}\r\n::error::\u{9b}");
    let rollout = json!({
        "cookies": [{ "name": name("_a"), "lifetime": "14 days" }],
        "now": { "name": name("now"), "app": app("6.1") },
        "next": { "name": name("next"), "app": app("7.0") },
        "readers": [{ "name": name("worker"), "app": app("7.0") }],
        "allow": [{ "rule": "ROLLBACK_STRANDS", "reason": name("why") }],
        "fleet": { "sessions": 50, "watch": "1 min" },
    });
    fs::write(&path, rollout.to_string()).unwrap();
    let report = folder.path().join("report.html");
    let report = report.to_str().unwrap();
    for args in [
        &["check"][..],
        &["check", "--format", "json"],
        &["check", "--format", "github"],
        &["check", "--format", "junit"],
        &["matrix"],
        &["plan"],
        &["plan", "--format", "json"],
        &["simulate", "--report", report],
        &["simulate", "--format", "json"],
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_railjar"))
            .args(["--color", "never", "rollout"])
            .args(args)
            .arg(&path)
            .output()
            .unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        assert!(printed.contains("_a"), "{args:?}");
        // JSON has its own way to say them, and needs none for those that are not ASCII.
        let is_json = args.contains(&"json");
        let is_odd = |char: char| is_odd(char) && (char.is_ascii() || !is_json);
        assert_eq!(printed.find(is_odd), None, "{args:?}: {printed:?}");
        assert!(!printed.lines().any(|line| line.starts_with("::error::")), "{args:?}");
    }
    let report = fs::read_to_string(report).unwrap();
    assert_eq!(report.find(is_odd), None);
    assert!(!report.lines().any(|line| line.starts_with("::error::")));
}

fn is_odd(char: char) -> bool {
    char.is_control() && char != '\n'
}
