//! The rollout file: what it says, which secrets are the same, and what is no rollout.

use core::time::Duration;

use railjar::ConfigError;
use railjar::config::{App, RolloutSettings, nearest};
use railjar::rollout::{
    CookieJar, Expiry, Overlap, Report, RollBack, Rollout, Rule, Unreadable, check,
};
use serde_json::{Value, json};

const DAY: Duration = Duration::from_secs(86_400);

/// A rollout of these two apps, with one session.
fn of(now: Value, next: Value) -> Value {
    json!({
        "cookies": [{ "name": "_app_session", "lifetime": "14 days" }],
        "now": { "app": now },
        "next": { "app": next },
    })
}

fn rollout(file: Value) -> Rollout {
    let settings: RolloutSettings = serde_json::from_value(file).unwrap();
    settings.rollout(&mut none).unwrap()
}

fn none(path: &str) -> Result<App, ConfigError> {
    panic!("nothing stands in {path}")
}

fn report(file: Value) -> Report {
    check(&rollout(file)).unwrap()
}

fn app(secret: Value) -> Value {
    json!({ "rails": "7.1", "secrets": { "secret_key_base": secret } })
}

fn error(file: Value) -> String {
    serde_json::from_value::<RolloutSettings>(file).unwrap_err().to_string()
}

#[test]
fn everything_arrives() {
    let rollout = rollout(json!({
        "cookies": [
            { "name": "_app_session", "jar": "signed-session", "lifetime": "2 weeks" },
            {
                "name": "remember", "jar": "encrypted", "lifetime": "1 year", "expires": true,
                "largest": 3000
            },
        ],
        "deploy": { "overlap": "at-once", "roll_back": false },
        "now": { "serves": "3 days", "app": { "rails": "6.1" } },
        "steps": [
            { "app": { "rails": "7.0" } },
            {
                "name": "and", "serves": "30 min", "app": { "rails": "7.0" },
                "readers": { "worker": { "app": { "rails": "7.1" } } }
            },
        ],
        "next": { "app": { "rails": "7.1" } },
        "readers": [
            { "name": "worker", "takes_unreadable_for": "signed-in", "app": { "rails": "6.1" } },
        ],
    }));
    let [session, remember] = rollout.cookies() else { panic!() };
    assert_eq!((session.jar(), session.lifetime()), (CookieJar::SignedSession, 14 * DAY));
    assert_eq!((remember.expiry(), remember.largest_size()), (Expiry::Set, Some(3000)));
    let names: Vec<_> = rollout.stages().iter().map(|stage| stage.name()).collect();
    assert_eq!(names, ["now", "step 1", "and", "next"]);
    let serves: Vec<_> = rollout.stages().iter().map(|stage| stage.time().as_secs()).collect();
    assert_eq!(serves, [259_200, 0, 1_800, 0]);
    let worker = rollout.stages().iter().map(|stage| &stage.readers()[0]);
    let worker: Vec<_> =
        worker.map(|it| (it.release().profile().version().name(), it.unreadable())).collect();
    let takes = Unreadable::SignedIn;
    assert_eq!(worker, [("6.1", takes), ("6.1", takes), ("7.1", takes), ("6.1", takes)]);
    let again = rollout.clone().overlap(Overlap::AtOnce).roll_back(RollBack::Excluded);
    assert_eq!(again, rollout);
}

#[test]
fn secrets_are_the_same_where_they_are_written_in_the_same_way() {
    let env = || json!({ "env": "SECRET_KEY_BASE" });
    let of_live = |digits: &str| json!({ "env": "SECRET_KEY_BASE", "fingerprint": digits });
    for (now, next, same) in [
        (app(env()), app(env()), true),
        (app(env()), json!({ "rails": "7.1" }), true),
        (json!({ "rails": "7.1" }), json!({ "rails": "7.1" }), true),
        (app(env()), app(json!({ "env": "NEW" })), false),
        (app(env()), app(json!({ "file": "SECRET_KEY_BASE" })), false),
        (app(json!({ "file": "a" })), app(json!({ "file": "a" })), true),
        (app(env()), app(json!({ "credentials": "config" })), false),
        (json!({ "rails": "3.2" }), json!({ "rails": "3.2" }), true),
        (app(of_live("f362edaa8f28f8a8")), app(json!({ "fingerprint": "f362edaa8f28f8a8" })), true),
        (app(of_live("f362edaa8f28f8a8")), app(of_live("930c02f3f4b028a3")), false),
    ] {
        let report = report(of(now.clone(), next.clone()));
        assert_eq!(report.findings.is_empty(), same, "{now} {next}");
    }
}

/// The exporter adds fingerprints; who writes by hand does not.
#[test]
fn a_fingerprint_holds_for_the_place_that_it_stands_at() {
    let env = |name: &str| json!({ "env": name });
    let is = |name: &str, digits: &str| json!({ "env": name, "fingerprint": digits });
    let hex = |digits: &str| json!({ "env": "A", "encoding": "hex", "fingerprint": digits });
    let alone = |digits: &str| json!({ "fingerprint": digits });
    let (one, other) = ("f362edaa8f28f8a8", "930c02f3f4b028a3");
    for (now, next, reader, same) in [
        (is("A", one), env("A"), None, true),
        (env("A"), is("A", one), None, true),
        (env("A"), env("B"), None, false),
        // By way of the fingerprint; whoever reads besides may say it.
        (is("A", one), is("B", one), None, true),
        (env("A"), env("B"), Some(is("A", one)), false),
        (alone(one), env("A"), Some(is("A", one)), true),
        (alone(other), env("A"), Some(is("A", one)), false),
        (is("A", one), env("B"), Some(is("B", one)), true),
        // Another text, of which nothing is known.
        (hex(one), env("A"), None, false),
        (hex(one), is("A", one), None, true),
        // The secret at that place changes: which one a third means, nobody knows.
        (is("A", one), is("A", other), None, false),
        (is("A", one), is("A", other), Some(env("A")), false),
    ] {
        let mut file = of(app(now.clone()), app(next.clone()));
        if let Some(reader) = reader.clone() {
            // In a rotation: references count wherever they stand.
            let rotations = json!([{ "secret_key_base": reader }]);
            let app = json!({ "rails": "7.1", "rotations": rotations });
            file["readers"] = json!([{ "name": "worker", "app": app }]);
        }
        let findings = report(file).findings;
        let lost = findings.iter().any(|it| it.rule == Rule::NewCannotReadOld);
        assert_eq!(!lost, same, "{now} {next} {reader:?}");
    }
}

#[test]
fn a_key_as_it_is_has_the_length_that_its_cipher_needs() {
    for cipher in ["aes-128-gcm", "aes-256-gcm", "aes-192-cbc"] {
        let mut next = app(json!({ "env": "NEW" }));
        next["rotations"] = json!([
            { "key": { "env": "KEY", "encoding": "hex" }, "cipher": cipher },
            { "for": "signed", "key": { "file": "KEY" }, "digest": "SHA256" },
            {
                "for": "encrypted", "key": { "env": "KEY" }, "sign_key": { "env": "SIGN" },
                "cipher": "aes-256-cbc"
            },
            { "secret_key_base": { "env": "OLD" } },
        ]);
        let report = report(of(app(json!({ "env": "OLD" })), next));
        let rules: Vec<_> = report.findings.iter().map(|finding| finding.rule).collect();
        assert_eq!(rules, [Rule::OldCannotReadNew, Rule::RollbackStrands], "{cipher}");
    }
}

#[test]
fn an_entry_allows_what_it_names() {
    let mut file = of(app(json!({ "env": "OLD" })), app(json!({ "env": "NEW" })));
    let other = json!({ "name": "other", "jar": "signed", "lifetime": "1 day" });
    file["cookies"].as_array_mut().unwrap().push(other);
    file["allow"] = json!([
        { "rule": "NEW_CANNOT_READ_OLD", "reason": "the old secret has leaked" },
        { "rule": "OLD_CANNOT_READ_NEW", "cookie": "other", "reason": "nobody minds" },
    ]);
    let settings: RolloutSettings = serde_json::from_value(file).unwrap();
    let report = check(&settings.rollout(&mut none).unwrap()).unwrap();
    for finding in report.findings {
        let allowed = match finding.rule {
            Rule::NewCannotReadOld => true,
            Rule::OldCannotReadNew => finding.cookie == "other",
            _ => false,
        };
        assert_eq!(settings.allowance(&finding).is_some(), allowed, "{finding:?}");
    }
}

#[test]
fn an_app_may_stand_in_a_file_of_its_own() {
    let file = of(json!("now.toml"), json!("../next.toml"));
    let settings: RolloutSettings = serde_json::from_value(file).unwrap();
    let mut paths = Vec::new();
    let mut load = |path: &str| {
        paths.push(path.to_string());
        Ok::<App, ConfigError>(serde_json::from_value(json!({ "rails": "7.1" })).unwrap())
    };
    assert!(check(&settings.rollout(&mut load).unwrap()).unwrap().findings.is_empty());
    paths.dedup();
    assert_eq!(paths, ["now.toml", "../next.toml"]);
}

#[test]
fn what_is_no_rollout_is_said() {
    let good = || of(json!({ "rails": "7.1" }), json!({ "rails": "7.1" }));
    let with = |section: &str, value: Value| {
        let mut file = good();
        file[section] = value;
        error(file)
    };
    let cookie = |key: &str, value: &str| {
        let mut cookie = json!({ "name": "a", "lifetime": "1 day" });
        cookie[key] = json!(value);
        with("cookies", json!([cookie]))
    };
    assert!(with("cookies", json!([])).starts_with("no [[cookies]]"));
    assert!(with("cookies", json!([{ "name": "a" }])).contains("has no lifetime"));
    assert!(cookie("lifetime", "0 days").contains("has no lifetime"));
    assert!(cookie("lifetime", "14").contains("a time with its unit"));
    assert_eq!(nearest(&cookie("liftime", "1 day")), Some("lifetime"));
    assert_eq!(nearest(&cookie("jar", "sesion")), Some("session"));
    let app = || json!({ "rails": "7.1" });
    let reader = json!({ "worker": { "app": app() } });
    let unknown = with("next", json!({ "app": app(), "readers": reader }));
    assert!(unknown.starts_with("unknown reader `worker`"), "{unknown}");
    let called = with("next", json!({ "app": app(), "name": "now" }));
    assert_eq!(called, "two stages are called \"now\"");
    let twice = json!([{ "name": "w", "app": app() }, { "name": "w", "app": app() }]);
    assert_eq!(with("readers", twice), "two readers are called \"w\"");
    let rule = with("allow", json!([{ "rule": "POISONS", "reason": "x" }]));
    assert_eq!(nearest(&rule), Some("POISON"));
    let blank = with("allow", json!([{ "rule": "POISON", "reason": " " }]));
    assert_eq!(blank, "POISON is allowed without a reason");
    let other = with("allow", json!([{ "rule": "POISON", "reason": "x", "cookie": "a" }]));
    assert_eq!(other, "unknown cookie `a`, expected one of `_app_session`");
    let inside = with("now", json!({ "app": { "rails": "7.1", "rotation": [] } }));
    assert_eq!(nearest(&inside), Some("rotations"));
}
