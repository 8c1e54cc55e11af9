//! Every line of the corpus with `"op"` added, which makes it a request.

use std::collections::BTreeMap;

use railjar::Value;

use crate::process::{corpus, pipe, read, text};
use crate::{cookies, layers};

#[test]
fn every_line_of_the_corpus_is_answered_as_rails_answers_it() {
    let mut counts = BTreeMap::<(String, &str), usize>::new();
    for (version, _, cases) in corpus() {
        let requests = cases.iter().map(|case| {
            let fields = case.strip_prefix('{').unwrap();
            format!("{{\"op\":\"open\",\"rails\":\"{version}\",{fields}\n")
        });
        let answers = pipe(requests.collect::<String>().into_bytes());
        assert_eq!(answers.len(), cases.len(), "{version}");
        for (written, line) in cases.iter().zip(&answers) {
            let (case, answer) = (read(written), read(line));
            let (id, layer) = (text(&case, "id"), text(&case, "layer"));
            assert_eq!(text(&answer, "id"), id);
            no_secret(&case, line);
            let outcome = match layer {
                "cookie" | "session" | "message" => {
                    cookies::outcome(written, version, &case, &answer)
                }
                "kdf" if answer.get("key_hex") == case.get("key_hex") => Ok("same key"),
                _ => layers::outcome(version, &case, &answer),
            };
            let outcome = outcome.unwrap_or_else(|()| panic!("{version} {id}: {line}"));
            // Sessions are cookies; the rules of docs/differences.md count over all of these.
            let layer = match layer {
                "cookie" | "session" | "message" => "cookies and messages",
                other => other,
            };
            *counts.entry((layer.to_owned(), outcome)).or_default() += 1;
        }
    }
    let expected = [
        // The rules of docs/differences.md, whose counts these are too.
        ("cookies and messages", "expiry-not-text", 28),
        ("cookies and messages", "json-comments", 28),
        ("cookies and messages", "json-not-utf8", 38),
        ("cookies and messages", "parts-after-the-last", 32),
        ("cookies and messages", "sloppy-base64", 6),
        ("cookies and messages", "an object as data", 27),
        ("cookies and messages", "nil for both", 254),
        ("cookies and messages", "not written by Rails", 144),
        ("cookies and messages", "opened by both", 642),
        ("cookies and messages", "refused by both", 3_992),
        ("cookies and messages", "same value", 6_200),
        ("cookies and messages", "signed nil or false, which Rails refused", 46),
        ("kdf", "same key", 392),
        ("active_storage", "same value", 180),
        ("credentials", "a key that is none", 45),
        ("credentials", "opened by both", 22),
        ("credentials", "refused by both", 50),
        ("credentials", "same content", 63),
        ("csrf", "refused by both", 392),
        ("csrf", "same token", 456),
        ("global_id", "same value", 56),
        ("message_encryptors", "same value", 20),
        ("message_verifiers", "same value", 30),
        ("signed_id", "expired for both", 28),
        ("signed_id", "same value", 84),
        ("token_for", "same value", 30),
    ];
    let expected = expected.map(|(layer, outcome, count)| ((layer.to_owned(), outcome), count));
    assert_eq!(counts, BTreeMap::from(expected));
}

/// No line shows a secret of its config. (A session's CSRF token is in none of them either.)
pub(crate) fn no_secret(case: &Value, line: &str) {
    let config = case.get("config").and_then(Value::as_hash);
    for (name, secret) in config.into_iter().flatten() {
        let is_secret = name.as_str().is_some_and(|name| {
            // Where secrets come from is none.
            let public = name == "secret_generator";
            !public && (name.starts_with("secret") || ["key", "session_token"].contains(&name))
        });
        if let Some(secret) = secret.as_str().filter(|secret| is_secret && secret.len() > 8) {
            assert!(!line.contains(secret), "{line}");
        }
    }
}
