//! `railjar pipe` as a process, and the lines of the corpus.

use std::fs;
use std::io::{Read as _, Write as _};
use std::process::{Command, Stdio};
use std::thread;

use railjar::Value;
use railjar::rails::Version;
use railjar::serializer::json;

/// What `railjar pipe` answers, a line each.
pub(crate) fn pipe(input: Vec<u8>) -> Vec<String> {
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

pub(crate) fn answer(request: &str) -> Value {
    let answers = pipe(format!("{request}\n").into_bytes());
    assert_eq!(answers.len(), 1, "{request}");
    read(&answers[0])
}

pub(crate) fn read(line: &str) -> Value {
    json::from_slice(line.as_bytes()).unwrap()
}

pub(crate) fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// A file of the corpus.
pub(crate) fn corpus_file(name: &str) -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/rails-corpus");
    fs::read_to_string(format!("{folder}/{name}.jsonl")).unwrap()
}

/// The versions of the corpus, each with its header and its other lines.
pub(crate) fn corpus() -> impl Iterator<Item = (&'static str, String, Vec<String>)> {
    Version::ALL.into_iter().map(|version| {
        let name = if version == Version::NEWEST { "main" } else { version.name() };
        let file = corpus_file(name);
        let mut lines = file.lines().map(str::to_owned);
        (name, lines.next().unwrap(), lines.collect())
    })
}

/// A request to open a case, as a line.
pub(crate) fn open(version: &str, case: &serde_json::Value) -> String {
    request("open", version, case)
}

/// A request to seal what a case holds, as a line.
pub(crate) fn seal(version: &str, case: &serde_json::Value) -> String {
    request("seal", version, case)
}

fn request(op: &str, version: &str, case: &serde_json::Value) -> String {
    let mut request = case.clone();
    request["op"] = op.into();
    request["rails"] = version.into();
    format!("{request}\n")
}
