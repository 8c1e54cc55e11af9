//! The settings of an edge, as they stand in a file.

use railjar::config::{EdgeSettings, nearest};
use railjar::edge::{RequestHead, Upstream};
use railjar::{ConfigError, Secret};
use serde::Deserialize as _;
use serde_json::{Value, json};

use super::world::*;

fn settings() -> Value {
    let app = |rails: &str| {
        json!({
            "rails": rails,
            "settings": { "cookies_serializer": "json" },
            "secrets": { "secret_key_base": { "env": "SECRET" } },
        })
    };
    json!({
        "formats": { "old": app("6.1"), "new": app("7.2") },
        "browser_format": "new",
        "session": { "name": SESSION },
        "cookies": [{ "name": "t", "kind": "signed", "path": "/a", "domain": "b.test", "cache": "ignored" }],
        "signed_in": [
            { "preset": "devise", "scopes": ["user"] },
            { "preset": "rails8" },
            { "session_path": ["a", "b"], "scope": "c", "equals": "d" },
            { "cookie": "e", "kind": "encrypted", "any_value": true },
        ],
        "hints": [{ "name": "h", "value": "yes", "scopes": ["user"], "attributes": "secure" }],
        "policies": { "unreadable": "strip", "lossy": "convert", "rotated": "reseal" },
        "headers": { "verdict": "X-V", "user": "X-U", "scope": "X-S", "cache": "X-C" },
    })
}

fn edge(settings: &Value) -> Result<railjar::edge::Edge, ConfigError> {
    let settings = EdgeSettings::deserialize(settings).unwrap();
    settings.edge(&mut |_| Ok::<_, ConfigError>(Secret::new(secret().expose().expose().to_vec())))
}

#[test]
fn a_file_makes_an_edge() {
    let edge = edge(&settings()).unwrap();
    let old = jars(&rails_6_1());
    let header = cookie(&old, &member());
    let head = RequestHead { method: b"GET", cookie: header.as_bytes() };
    let upstream = Upstream::Known(edge.format("new").unwrap());
    let decision = edge.request(head, upstream, NOW, &mut entropy());
    let headers: Vec<_> =
        edge.headers(&decision).map(|(name, value)| format!("{name}: {value}")).collect();
    assert_eq!(headers, ["X-V: signed-in", "X-C: signed-in", "X-S: user", "X-U: 42"]);
    assert!(sent(&decision, &header).ends_with("; h=yes"));
    assert!(found(&jars(&rails_7_2()), sent(&decision, &header)).is_some());
}

#[test]
fn mistakes_are_told_with_the_nearest_name() {
    for (place, mistake, message, meant) in [
        ("", json!({ "format": {} }), "unknown field `format`", Some("formats")),
        ("/session", json!({ "name": "a", "knd": 1 }), "unknown field `knd`", Some("kind")),
        (
            "/session",
            json!({ "name": "a", "kind": "sined" }),
            "unknown variant `sined`",
            Some("signed"),
        ),
        (
            "/policies",
            json!({ "unreadabel": "x" }),
            "unknown field `unreadabel`",
            Some("unreadable"),
        ),
        ("/policies", json!({ "unreadable": "drop" }), "unknown variant `drop`", None),
        ("/headers", json!({ "verdit": "x" }), "unknown field `verdit`", Some("verdict")),
        ("/hints/0", json!({ "name": "x", "scope": "x" }), "unknown field `scope`", Some("scopes")),
        (
            "/formats/old",
            json!({ "rails": "6.1", "secret": 1 }),
            "unknown field `secret`",
            Some("secrets"),
        ),
        ("/signed_in/0", json!({ "presett": "devise" }), "unknown field `presett`", Some("preset")),
        ("/signed_in/0", json!({ "preset": "device" }), "unknown variant `device`", Some("devise")),
        ("/signed_in/0", json!({}), "a rule has exactly one of", None),
        ("/signed_in/0", json!({ "session_path": [] }), "a rule has exactly one of", None),
        (
            "/signed_in/0",
            json!({ "preset": "rails8", "cookie": "a", "kind": "signed" }),
            "a rule has exactly one of",
            None,
        ),
        ("/signed_in/0", json!({ "preset": "rails8", "scopes": ["a"] }), "scopes belongs to", None),
        (
            "/signed_in/0",
            json!({ "preset": "devise", "scope": "a" }),
            "preset = \"devise\" has scopes",
            None,
        ),
        ("/signed_in/0", json!({ "cookie": "a" }), "cookie needs kind", None),
        (
            "/signed_in/0",
            json!({ "preset": "rails8", "kind": "signed" }),
            "kind belongs to cookie",
            None,
        ),
        (
            "/signed_in/0",
            json!({ "preset": "rails8", "equals": "1", "any_value": true }),
            "a rule has equals or any_value",
            None,
        ),
    ] {
        let mut settings = settings();
        *settings.pointer_mut(place).unwrap() = mistake;
        let error = EdgeSettings::deserialize(&settings).unwrap_err().to_string();
        assert!(error.starts_with(message), "{error}");
        assert_eq!(nearest(&error), meant, "{error}");
    }
    for (place, mistake, expected) in [
        ("/browser_format", json!("newer"), ConfigError::UnknownName { what: "format" }),
        ("/cookies/0", json!({ "name": "t" }), ConfigError::Missing { what: "kind of the cookie" }),
        ("/hints/0", json!({ "name": "h i" }), ConfigError::CookieName),
        (
            "/hints/0",
            json!({ "name": "h", "value": "a;b" }),
            ConfigError::Invalid { what: "hint value" },
        ),
        ("/hints/0/attributes", json!("a\nb"), ConfigError::Invalid { what: "attributes" }),
        ("/session/path", json!("/;"), ConfigError::Invalid { what: "path" }),
    ] {
        let mut settings = settings();
        settings["session"]["path"] = json!("/");
        *settings.pointer_mut(place).unwrap() = mistake;
        assert_eq!(edge(&settings).map(|_| ()), Err(expected), "{place}");
    }
}
