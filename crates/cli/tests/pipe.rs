//! `railjar pipe` against the corpus of real Rails, and against requests that are wrong.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may")]

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use railjar::Value;
use railjar::rails::Version;
use railjar::serializer::json;

#[path = "../../../tests/corpus/case.rs"]
#[allow(dead_code, reason = "only what the rules ask of a case is needed here")]
mod case;
#[path = "../../../tests/corpus/differences.rs"]
#[allow(dead_code, reason = "their counts are the library's test")]
mod differences;

use self::case::Case;

/// What `railjar pipe` answers, a line each.
fn pipe(input: Vec<u8>) -> Vec<String> {
    let mut child = Command::new(env!("CARGO_BIN_EXE_railjar"))
        .arg("pipe")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let writer = thread::spawn(move || stdin.write_all(&input).unwrap());
    let mut output = String::new();
    child.stdout.take().unwrap().read_to_string(&mut output).unwrap();
    writer.join().unwrap();
    assert!(child.wait().unwrap().success());
    output.lines().map(str::to_owned).collect()
}

fn answer(request: &str) -> Value {
    let answers = pipe(format!("{request}\n").into_bytes());
    assert_eq!(answers.len(), 1, "{request}");
    read(&answers[0])
}

fn read(line: &str) -> Value {
    json::from_slice(line.as_bytes()).unwrap()
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// The versions of the corpus, each with its lines but for the header.
fn corpus() -> impl Iterator<Item = (String, Vec<String>)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/rails-corpus");
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    files.filter_map(|path| {
        let version = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let is_version = version == "main" || version.starts_with(|c: char| c.is_ascii_digit());
        let cases =
            || fs::read_to_string(&path).unwrap().lines().skip(1).map(str::to_owned).collect();
        is_version.then(|| (version, cases()))
    })
}

/// How an answer stands to what Rails did.
fn compare(case: &Value, answer: &Value) -> &'static str {
    let opened = text(answer, "result") == "ok";
    let value = answer.get("value");
    match text(case, "expect") {
        // There is no message to open.
        unwritten if unwritten.starts_with("seal:") && !opened => "not written by Rails",
        _ if opened && text(case, "id").ends_with("unknown-class-marshal") => "an object as data",
        // Listed as `signed-nil-and-false`, which in Marshal has no name of its own in the ids.
        refused if opened && refused.ends_with("InvalidSignature") && is_nil_or_false(case) => {
            "signed nil or false, which Rails refused"
        }
        "ok" if opened && case.get("value").is_some() && value == case.get("value") => "same value",
        // What JSON cannot say: the library's tests compare it.
        "ok" if opened && case.get("value").is_none() => "opened by both",
        "nil" if value == Some(&Value::Nil) => "nil for both",
        "ok" => "differs",
        _ if text(answer, "result") == "refused" => "refused by both",
        _ => "differs",
    }
}

fn is_nil_or_false(case: &Value) -> bool {
    ["nil", "false"].contains(&text(case, "value_written_ruby"))
}

#[test]
fn every_line_of_the_corpus_is_answered_as_rails_answers_it() {
    let mut counts = BTreeMap::<&str, usize>::new();
    for (version, cases) in corpus() {
        let requests = cases.iter().map(|case| {
            format!(
                "{{\"op\":\"open\",\"rails\":\"{version}\",{}\n",
                case.strip_prefix('{').unwrap()
            )
        });
        let answers = pipe(requests.collect::<String>().into_bytes());
        assert_eq!(answers.len(), cases.len(), "{version}");
        for (written, line) in cases.iter().zip(&answers) {
            let (case, answer) = (read(written), read(line));
            let id = text(&case, "id");
            assert_eq!(text(&answer, "id"), id);
            no_secret(&case, line);
            match (text(&case, "layer"), text(&case, "expect")) {
                ("kdf", _) => {
                    assert_eq!(answer.get("key_hex"), case.get("key_hex"), "{version} {id}");
                    *counts.entry("same key").or_default() += 1;
                }
                ("cookie" | "session" | "message", _) => {
                    let outcome = match compare(&case, &answer) {
                        "differs" => {
                            let mut case: Case = serde_json::from_str(written).unwrap();
                            case.version = Version::from_name(&version).unwrap();
                            let rule = differences::rule(&case, "strict");
                            rule.unwrap_or_else(|| panic!("{version} {id}: {line}"))
                        }
                        outcome => outcome,
                    };
                    *counts.entry(outcome).or_default() += 1;
                }
                _ => assert!(text(&answer, "message").contains("does not exist yet"), "{line}"),
            }
        }
    }
    let expected = [
        // The rules of docs/differences.md, whose counts these are too.
        ("expiry-not-text", 28),
        ("json-comments", 28),
        ("json-not-utf8", 38),
        ("parts-after-the-last", 32),
        ("sloppy-base64", 6),
        ("an object as data", 27),
        ("nil for both", 254),
        ("not written by Rails", 144),
        ("opened by both", 642),
        ("refused by both", 3_992),
        ("same key", 392),
        ("same value", 6_200),
        ("signed nil or false, which Rails refused", 46),
    ];
    assert_eq!(counts, BTreeMap::from(expected));
}

/// No line shows a secret of its config.
fn no_secret(case: &Value, line: &str) {
    let config = case.get("config").and_then(Value::as_hash);
    for (name, secret) in config.into_iter().flatten() {
        let is_secret = name.as_str().is_some_and(|name| name.starts_with("secret"));
        if let Some(secret) = secret.as_str().filter(|secret| is_secret && secret.len() > 8) {
            assert!(!line.contains(secret), "{line}");
        }
    }
}

#[test]
fn a_request_that_is_wrong_is_an_error_and_shows_no_secret() {
    let secret = "a-secret-that-no-one-may-see-000000";
    for (config, message) in [
        (format!("\"{secret}\""), "config must be an object"),
        (format!("[\"{secret}\"]"), "config must be an object"),
        (format!("{{\"secret_key_base\":[\"{secret}\"]}}"), "must be a string"),
        (format!("{{\"secret_hex\":\"{secret}\",\"codec\":\"verifier\"}}"), "not hexadecimal"),
        (format!("{{\"secret_key_base\":\"{secret}\",\"nope\":1}}"), "nope"),
        (format!("{{\"secret_key_base\":\"{secret}\",\"cookies_digest\":\"CRC\"}}"), "digest"),
        (
            format!("{{\"secret_key_base\":\"{secret}\",\"rotations\":{{\"both\":[]}}}}"),
            "no key \"both\"",
        ),
        ("{}".into(), "no secret"),
    ] {
        let layer = if config.contains("codec") { "message" } else { "cookie" };
        let request = format!(
            r#"{{"id":[1],"op":"open","layer":"{layer}","cookie_name":"c","wire":"x","config":{config}}}"#
        );
        let answer = answer(&request);
        assert_eq!(text(&answer, "result"), "error", "{request}");
        assert!(text(&answer, "message").contains(message), "{answer}");
        assert!(!answer.to_string().contains(secret), "{answer}");
        assert_eq!(answer.get("id").unwrap().to_string(), "[1]");
    }
}

#[test]
fn lines_that_are_no_requests_do_not_end_the_stream() {
    let mut input = b"\nnot json\n\xff\xfe\n{\"op\":\"shut\"}\n[]\n{\"id\":1,\"id\":2}\n".to_vec();
    input.extend(vec![b'['; 1 << 20]);
    input.push(b'\n');
    input.extend(vec![b' '; 3 << 20]);
    input.push(b'\n');
    input.extend(KDF.as_bytes());
    let answers = pipe(input);
    let results: Vec<_> = answers.iter().map(|line| read(line)).collect();
    let (last, errors) = results.split_last().unwrap();
    assert_eq!(errors.len(), 8);
    assert!(errors.iter().all(|answer| text(answer, "result") == "error"), "{errors:?}");
    assert!(text(&errors[7], "message").contains("over 1048576 bytes"), "{}", errors[7]);
    assert_eq!(text(last, "result"), "ok");
}

const KDF: &str =
    r#"{"op":"open","layer":"kdf","config":{"secret":"s","salt":"t","iterations":1}}"#;

#[test]
fn an_answer_does_not_wait_for_the_rest_of_the_next_request() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_railjar"))
        .arg("pipe")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut stdin, stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let (answered, answers) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(stdout).lines() {
            answered.send(line.unwrap()).unwrap();
        }
    });
    let (start, end) = KDF.split_at(20);
    stdin.write_all(format!("{KDF}\n{start}").as_bytes()).unwrap();
    let first = answers.recv_timeout(Duration::from_secs(60));
    // Before anything can fail, or the child would wait forever.
    stdin.write_all(format!("{end}\n").as_bytes()).unwrap();
    drop(stdin);
    let second = answers.recv_timeout(Duration::from_secs(60));
    assert!(child.wait().unwrap().success());
    assert_eq!(text(&read(&first.unwrap()), "result"), "ok");
    assert_eq!(text(&read(&second.unwrap()), "result"), "ok");
}

/// As of `railjar pipe < requests | head`.
#[test]
fn whoever_stops_reading_is_no_failure() {
    for end in ["", "\n"] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_railjar"))
            .arg("pipe")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(format!("{KDF}{end}").as_bytes()).unwrap();
        drop(stdin);
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    }
}

/// Compared with what Rails' own bytes are, in the library's tests; here, that the fields arrive.
#[test]
fn what_is_sealed_opens_and_keeps_order_and_size() {
    let config = r#""cookie_name":"c","config":{"secret_key_base":"s","cookies_serializer":"json",
        "use_authenticated_cookie_encryption":true,"use_cookies_with_metadata":true}"#;
    let config = config.replace('\n', "");
    let value = r#"{"b":1180591620717411303424,"a":[1.0e+20,null,"\u003c"]}"#;
    let sealed = answer(
        &format!(
            r#"{{"op":"seal","rails":"7.1","kind":"encrypted",{config},"value":{value},
           "iv_hex":"000102030405060708090a0b","now":"2026-01-01T00:00:00Z","expires_in":60}}"#
        )
        .replace('\n', ""),
    );
    assert_eq!(text(&sealed, "result"), "ok", "{sealed}");
    let wire = text(&sealed, "wire");
    assert!(wire.contains("--AAECAwQFBgcICQoL--"), "{wire}");
    let open = |now: &str| {
        answer(&format!(
            r#"{{"op":"open","rails":"7.1","kind":"encrypted",{config},"wire":"{wire}","now":"{now}"}}"#
        ))
    };
    let opened = open("2026-01-01T00:00:59Z");
    assert_eq!(opened.get("value"), Some(&read(value)));
    assert_eq!(text(&opened, "expires_at"), "2026-01-01T00:01:00.000Z");
    assert_eq!((text(&opened, "purpose"), text(&opened, "matched")), ("cookie.c", "primary"));
    let refused = open("2026-01-01T00:01:00Z");
    assert_eq!((text(&refused, "kind"), text(&refused, "reason")), ("content", "expired"));
}
