//! The messages that are neither cookies nor an app's own, beside what Rails made of them.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use railjar::Value;
use railjar::serializer::json;
use serde_json::json;

use crate::process::{corpus, open, pipe, read, text};

/// How an answer stands to what Rails did; `Err` where they differ.
pub(crate) fn outcome(version: &str, case: &Value, answer: &Value) -> Result<&'static str, ()> {
    let same = match (text(case, "layer"), text(answer, "result"), text(case, "expect")) {
        ("credentials", "ok", "ok") => return content(case, answer),
        ("credentials", "error", raised) => {
            let key = raised.ends_with("InvalidMessage") || raised.contains("ArgumentError");
            let key = key || raised.ends_with("InvalidKeyLengthError");
            let key = key && text(answer, "message").contains("key");
            return if key { Ok("a key that is none") } else { Err(()) };
        }
        ("credentials", "refused", raised) => {
            let refused = ["InvalidMessage", "MissingContentError"];
            let refused = refused.iter().any(|error| raised.ends_with(error));
            return if refused { Ok("refused by both") } else { Err(()) };
        }
        ("csrf", "ok", "ok") => {
            let same = text(answer, "token") == token(version, case);
            return if same { Ok("same token") } else { Err(()) };
        }
        ("csrf", "refused", "false") => return Ok("refused by both"),
        ("signed_id", "refused", "nil") => {
            let expired = text(answer, "reason") == "expired";
            return if expired { Ok("expired for both") } else { Err(()) };
        }
        ("message_verifiers" | "message_encryptors", "ok", "ok") => {
            let rotated = answer.get("matched") != Some(&Value::from("primary"));
            let told = answer.get("matched_name") == Some(&Value::from("configured"));
            rotated == told && case.get("rotated") == Some(&Value::from(rotated))
        }
        ("signed_id" | "token_for" | "active_storage" | "global_id", "ok", "ok") => {
            ["purpose", "expires_at"].iter().all(|name| case.get(name) == answer.get(name))
        }
        _ => false,
    };
    if same && value(case, answer) { Ok("same value") } else { Err(()) }
}

fn value(case: &Value, answer: &Value) -> bool {
    match case.get("value_ruby") {
        None => case.get("value") == answer.get("value"),
        Some(ruby) => {
            let shown = answer.get("value").map(Value::to_string);
            let shown = shown.as_deref().unwrap_or(text(answer, "value_debug"));
            ruby.as_str() == Some(shown)
        }
    }
}

/// The content is told twice: as bytes, and as text where it is any.
fn content(case: &Value, answer: &Value) -> Result<&'static str, ()> {
    let bytes = BASE64_STANDARD.decode(text(answer, "content_b64")).unwrap();
    if str::from_utf8(&bytes).ok() != answer.get("value").and_then(Value::as_str) {
        return Err(());
    }
    match case.get("content_b64") {
        None => Ok("opened by both"),
        same if same == answer.get("content_b64") => Ok("same content"),
        _ => Err(()),
    }
}

/// What the token of a case is.
fn token(version: &str, case: &Value) -> &'static str {
    let masked = ["4.2", "5.0", "5.1"].contains(&version);
    let id = text(case, "id");
    match text(case, "kind") {
        "session_token" => "session",
        "per_form" => "per_form",
        _ if ["4.0", "4.1"].contains(&version) || id.contains("neg/unmasked-raw") => "unmasked",
        _ if masked || id.contains("neg/masked-real-token") => "masked",
        _ => "global",
    }
}

/// The same messages by the app's settings and its `secret_key_base`, which nothing but the
/// library derives keys from.
#[test]
fn an_apps_own_verifiers_come_from_its_secret() {
    let mut opened = 0;
    for (version, header, cases) in corpus() {
        let header: serde_json::Value = serde_json::from_str(&header).unwrap();
        let requests = cases.iter().filter_map(|case| {
            let mut case: serde_json::Value = serde_json::from_str(case).unwrap();
            let layer = case["layer"].as_str()?;
            if !["signed_id", "token_for", "active_storage", "global_id"].contains(&layer) {
                return None;
            }
            let old = case["config"].take();
            let mut config = json!({ "secret_key_base": header["corpus"]["secret_key_base"] });
            for name in ["key_generator_digest", "key_generator_iterations"] {
                config[name] = old[name].clone();
            }
            if !old["globalid_gem"].is_null() {
                config["globalid_gem"] = old["globalid_gem"].clone();
            }
            if old["url_safe"].is_boolean() {
                // A setting only from 7.1 on, and not of signed ids.
                config["use_message_serializer_for_metadata"] =
                    old["use_message_serializer_for_metadata"].clone();
                if case["layer"] != "signed_id" {
                    config["message_serializer"] = old["serializer"].clone();
                }
            }
            case["config"] = config;
            // Of these, the purpose can be said by its parts.
            if case["layer"] == "signed_id" {
                case["purpose"].take();
            }
            Some(case)
        });
        let requests: Vec<_> = requests.collect();
        let lines = requests.iter().map(|case| open(version, case));
        let answers = pipe(lines.collect::<String>().into_bytes());
        assert_eq!(answers.len(), requests.len());
        for (request, line) in requests.iter().zip(&answers) {
            let mut case = request.clone();
            let answer = read(line);
            if case["layer"] == "signed_id" {
                case["purpose"] = text(&answer, "purpose").into();
            }
            let case = json::from_slice(case.to_string().as_bytes()).unwrap();
            let outcome = outcome(version, &case, &answer);
            assert!(outcome.is_ok(), "{version} {request}: {line}");
            opened += 1;
        }
    }
    assert_eq!(opened, 112 + 30 + 180 + 56);
}
