//! The reports of `rollout simulate`: files that need nothing else, and say the same each time.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test may")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

const ROLLOUT: &str = r#"{
    "cookies": [{ "name": "_a<b>&\"", "lifetime": "14 days" }],
    "now": { "name": "<old>", "serves": "1 year", "app": { "rails": "7.0", "load_defaults": "6.1" } },
    "next": { "app": { "rails": "7.0" } },
    "fleet": { "sessions": 500, "watch": "5 min", "roll_back_at": "8 min" }
}"#;

fn report(folder: &Path, name: &str) -> String {
    let path = folder.join(name);
    let simulated = Command::new(env!("CARGO_BIN_EXE_railjar"))
        .args(["rollout", "simulate", "--report"])
        .args([&path, &folder.join("rollout.json")])
        .output()
        .unwrap();
    assert!(simulated.status.success(), "{simulated:?}");
    fs::read_to_string(path).unwrap()
}

#[test]
fn reports_stand_alone() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("rollout.json"), ROLLOUT).unwrap();
    for name in ["a.svg", "a.html"] {
        let text = report(folder.path(), name);
        assert_eq!(report(folder.path(), name), text);
        // Nothing is fetched or run. The name of the format is no address.
        let text = text.replace("http://www.w3.org/2000/svg", "");
        for outside in ["http", "src=", "href", "url(", "@import", "<script", "<old>", "NaN"] {
            assert!(!text.contains(outside), "{name}: {outside}");
        }
        assert!(text.contains(r"_a&lt;b&gt;&amp;\&quot;&quot;: &lt;old&gt; → next"));
        assert!(text.contains("prefers-color-scheme:dark"));
        assert_eq!(text.matches("<svg").count(), text.matches("</svg>").count());
    }
}

/// What `rollout check` or `rollout simulate` says of a file, as JSON.
fn answer(command: &str, file: &Path, flags: &[&str]) -> Value {
    let answered = Command::new(env!("CARGO_BIN_EXE_railjar"))
        .args(["rollout", command, "--format", "json"])
        .args(flags)
        .arg(file)
        .output()
        .unwrap();
    serde_json::from_slice(&answered.stdout).unwrap()
}

/// A cookie, a deploy, and what happens there to it.
type Cause = (String, String, String);

/// Of the causes that both commands tell in the same way: `check` says of any cookie that needed it
/// that a rotation is gone, and here that is only said of those from before the first release.
fn counted(causes: impl Iterator<Item = Cause>) -> BTreeSet<Cause> {
    let rules = ["OLD_CANNOT_READ_NEW", "ROLLBACK_STRANDS", "EDGE_CANNOT_READ", "POISON"];
    let causes = causes.filter(|(.., rule)| rules.contains(&rule.as_str()));
    // `check` says once where another reader first fails, perhaps before any deploy.
    let causes = causes.map(|(cookie, deploy, rule)| match rule.as_str() {
        "EDGE_CANNOT_READ" => (cookie, String::new(), rule),
        _ => (cookie, deploy, rule),
    });
    causes.collect()
}

fn found(check: &Value) -> BTreeSet<Cause> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let findings = check["findings"].as_array().unwrap().iter();
    // What is wrong already is met in the first deploy.
    let first = &check["deploys"][0];
    let first = json!([first["from"], first["to"]]);
    let deploy = |it: &Value| match &it["deploy"] {
        Value::Null => first.to_string(),
        deploy => deploy.to_string(),
    };
    counted(findings.map(|it| (text(&it["cookie"]), deploy(it), text(&it["rule"]))))
}

fn played(simulation: &Value) -> BTreeSet<Cause> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let runs = simulation["runs"].as_array().unwrap().iter();
    counted(runs.flat_map(|run| {
        let deploy = json!([run["from"], run["to"]]).to_string();
        let causes = run["production"]["causes"].as_array().unwrap().iter();
        causes.map(move |cause| (text(&run["cookie"]), deploy.clone(), text(&cause["rule"])))
    }))
}

#[test]
fn what_check_finds_is_lost_and_nothing_else() {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/rollout"));
    let mut files = 0;
    for folder in [folder, &folder.join("september-2024")] {
        for file in fs::read_dir(folder).unwrap() {
            let file = file.unwrap().path();
            // (A folder is none.)
            let text = fs::read_to_string(&file).unwrap_or_default();
            if !text.contains("[[cookies]]") {
                continue;
            }
            files += 1;
            let flags = match text.contains("roll_back = false") {
                true => &["--sessions", "100"][..],
                false => &["--sessions", "100", "--roll-back-at", "5 min"],
            };
            let (check, simulation) =
                (answer("check", &file, &[]), answer("simulate", &file, flags));
            assert_eq!(found(&check), played(&simulation), "{}", file.display());
        }
    }
    assert_eq!(files, 15);
}
