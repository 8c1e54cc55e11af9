//! The reports of `rollout simulate`: files that need nothing else, and say the same each time.
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::fs;
use std::path::Path;
use std::process::Command;

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
        assert!(text.contains("_a&lt;b&gt;&amp;&quot;: &lt;old&gt; → next"));
        assert!(text.contains("prefers-color-scheme:dark"));
        assert_eq!(text.matches("<svg").count(), text.matches("</svg>").count());
    }
}
