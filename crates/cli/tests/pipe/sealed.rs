//! What Rails wrote of each layer but cookies and messages, written again byte for byte. (Those two
//! are compared in the library's tests.)

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD};
use serde_json::Value;

use crate::corpus::no_secret;
use crate::process::{corpus, open, pipe, read, seal, text};

/// Either alphabet, with padding or without.
fn decode(text: &str) -> Vec<u8> {
    let text = text.replace('-', "+").replace('_', "/");
    BASE64_STANDARD_NO_PAD.decode(text.trim_end_matches('=')).unwrap()
}

fn hex(bytes: &[u8]) -> Value {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into()
}

/// The IV of an encrypted message: its second part from the left, or inside the first.
fn iv(wire: &str) -> Value {
    match wire.split("--").collect::<Vec<_>>()[..] {
        [inner, _mac] => {
            let inner = String::from_utf8(BASE64_STANDARD.decode(inner).unwrap()).unwrap();
            hex(&decode(inner.split_once("--").unwrap().1))
        }
        // From the right: a part in the URL-safe alphabet may hold the separator.
        _ => {
            let tag = if wire.ends_with("==") { 24 } else { 22 };
            let end = wire.len() - tag - 2;
            hex(&decode(&wire[end - 16..end]))
        }
    }
}

/// What has to be added to a case so that it seals to the same bytes; `None` where Rails did not
/// write it.
fn complete(version: &str, case: &Value) -> Option<Value> {
    let wire = case["wire"].as_str().unwrap_or_default();
    let mut case = case.clone();
    match case["layer"].as_str()? {
        "signed_id" | "token_for" | "global_id" => {}
        // Its values are not in JSON.
        "active_storage" => {
            let answers = pipe(open(version, &case).into_bytes());
            case["payload_b64"] = text(&read(&answers[0]), "payload_b64").into();
        }
        layer @ ("message_verifiers" | "message_encryptors") => {
            if layer == "message_encryptors" {
                case["iv_hex"] = iv(wire);
            }
            // What only reads now, wrote while it was first.
            if case["rotated"] == true {
                case["config"]["transitional"] = true.into();
            }
        }
        "csrf" if case["id"].as_str()?.contains("/neg/") => return None,
        "csrf" => {
            case["iv_hex"] = hex(&decode(wire)[..32]);
            case["page"] = "/anything".into();
        }
        "credentials" if case["content_b64"].is_null() => return None,
        "credentials" if case["kind"] == "credentials" => case["iv_hex"] = iv(wire),
        "credentials" => {}
        _ => return None,
    }
    Some(case)
}

#[test]
fn every_message_that_rails_wrote_is_written_byte_for_byte() {
    let mut counts = BTreeMap::<(String, &str), usize>::new();
    for (version, _, lines) in corpus() {
        let cases = lines.iter().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let cases: Vec<Value> = cases.filter_map(|case| complete(version, &case)).collect();
        let requests = cases.iter().map(|case| seal(version, case)).collect::<String>();
        let answers = pipe(requests.into_bytes());
        assert_eq!(answers.len(), cases.len());
        for (case, line) in cases.iter().zip(&answers) {
            let answer: Value = serde_json::from_str(line).unwrap();
            let layer = case["layer"].as_str().unwrap();
            // Up to 4.1 a form holds the session's token itself.
            let shows_token = layer == "csrf" && ["4.0", "4.1"].contains(&version);
            if !shows_token {
                no_secret(&read(&case.to_string()), line);
            }
            let outcome = if answer["result"] == "ok" {
                assert_eq!(answer["wire"], case["wire"], "{version} {case}");
                if case["plain_b64"].is_string() && layer != "credentials" {
                    assert_eq!(answer["plain_b64"], case["plain_b64"], "{version} {case}");
                    "same bytes, and what is signed"
                } else {
                    "same bytes"
                }
            } else {
                assert!(case["expect"].as_str().unwrap().starts_with("seal:"), "{case} {line}");
                "written by neither"
            };
            *counts.entry((layer.to_owned(), outcome)).or_default() += 1;
        }
    }
    let expected = [
        ("active_storage", "same bytes, and what is signed", 180),
        ("credentials", "same bytes", 63),
        ("credentials", "written by neither", 18),
        ("csrf", "same bytes", 374 + 33),
        ("global_id", "same bytes, and what is signed", 56),
        ("message_encryptors", "same bytes", 20),
        ("message_verifiers", "same bytes", 30),
        ("signed_id", "same bytes, and what is signed", 112),
        ("token_for", "same bytes, and what is signed", 30),
    ];
    let expected = expected.map(|(layer, outcome, count)| ((layer.to_owned(), outcome), count));
    assert_eq!(counts, BTreeMap::from(expected));
}
