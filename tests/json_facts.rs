//! The JSON text of every Rails version, as Rails itself wrote it
//! (`tests/rails-corpus/facts.jsonl`).
#![allow(clippy::unwrap_used, reason = "a test may")]

use railjar::SealError;
use railjar::serializer::json::{Text, to_string};
use railjar::value::{Hash, Value};

/// The dialect of each version in the corpus, under the defaults that it was run with.
fn dialect(version: &str) -> Text {
    match version {
        "3.2" => Text::ACTIVE_SUPPORT_3_2,
        "4.0" => Text::ACTIVE_SUPPORT_4_0,
        _ => Text::ACTIVE_SUPPORT,
    }
}

/// The Ruby values behind the facts' names.
fn subjects() -> Vec<(&'static str, Value)> {
    let floats =
        [1.0, 0.1 + 0.2, 1e16, 1e15, 1e100, 1e-5, 0.0001, -0.0, 123456789.12345679, 1e20, 100.0];
    let keys: Hash =
        [(Value::from("a"), 1), (Value::from(1), 2), (Value::Nil, 3), (Value::Float(2.5), 4)]
            .into_iter()
            .collect();
    let html_key: Hash = [("<", ">")].into_iter().collect();
    vec![
        ("html", Value::from("<>&'/")),
        ("u2028", Value::from("\u{2028}\u{2029}")),
        ("ctl", Value::from("\0\u{8}\t\n\u{c}\r\u{1b}\u{1f}\u{7f}")),
        ("emoji", Value::from("😀é")),
        ("nan", Value::Float(f64::NAN)),
        ("inf", Value::Float(f64::INFINITY)),
        ("floats", Value::from(floats.map(Value::from).to_vec())),
        ("bigint", Value::Integer("1180591620717411303424".parse().unwrap())),
        ("sym", Value::from("a")),
        ("symkey", Value::Hash(keys)),
        ("latin1", Value::from("café")),
        ("key_html", Value::Hash(html_key)),
        ("solidus", Value::from("</script>")),
    ]
}

#[test]
fn every_version_writes_what_it_wrote() {
    let facts = include_str!("rails-corpus/facts.jsonl");
    let (mut versions, mut compared) = (0, 0);
    for line in facts.lines() {
        let fact: serde_json::Value = serde_json::from_str(line).unwrap();
        let Some(json) = fact["r"]["json"].as_object() else {
            continue;
        };
        versions += 1;
        let version = fact["v"].as_str().unwrap();
        for (name, value) in subjects() {
            let expected = json[name].as_str().unwrap();
            let written = to_string(&value, &dialect(version)).unwrap();
            assert_eq!(written, expected, "{name} in Rails {version}");
            compared += 1;
        }
    }
    assert_eq!((versions, compared), (12, 12 * 13));
}

#[test]
fn a_string_that_is_not_utf8_is_refused() {
    let binary = Value::String(vec![0xff].into());
    for text in [Text::ACTIVE_SUPPORT, Text::STDLIB] {
        assert_eq!(to_string(&binary, &text), Err(SealError::Unrepresentable));
    }
}
