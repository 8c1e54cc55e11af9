//! Lines that are no requests, and who waits for whom.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::process::{pipe, read, text};

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
