//! What happens to cookies on their way, done to one of each kind: with the secret, and without.

use railjar::cookies::escape;
use railjar::entropy::SystemEntropy;
use railjar::explain::{Candidates, Question, Report, Verdict, explain};
use railjar::rails::{Profile, Version};
use railjar::{SecretKeyBase, Timestamp};

const NOW: Timestamp = Timestamp::from_unix_seconds(1_750_000_000);

fn secret() -> SecretKeyBase {
    SecretKeyBase::new("a secret of this test").unwrap()
}

/// A signed cookie, an AES-CBC one and an AES-GCM one, the last two with a `+` in them.
fn messages() -> Vec<String> {
    let seal = |profile: Profile, encrypted: bool| {
        let cookies = profile.cookies(&secret()).unwrap();
        let jar = if encrypted { cookies.encrypted("s") } else { cookies.signed("s") };
        let value = vec![("a", 1); 30];
        std::iter::from_fn(|| Some(jar.seal(&value, None, &mut SystemEntropy).unwrap()))
            .map(|sealed| sealed.as_str().to_owned())
            .find(|wire| profile.version() < Version::V5_2 || !encrypted || wire.contains('+'))
            .unwrap()
    };
    vec![
        seal(Profile::new(Version::V7_1), false),
        seal(Profile::new(Version::V5_1), true),
        seal(Profile::new(Version::V7_1), true),
    ]
}

fn ask(text: &[u8], candidates: &mut Candidates) -> Report {
    explain(Question::new(text), candidates, NOW)
}

fn name(report: &Report) -> &'static str {
    report.cause.as_ref().map_or("none", |cause| cause.name())
}

#[test]
fn every_mishap_is_named() {
    let mut candidates = Candidates::new().secret_key_base(&secret());
    for wire in messages() {
        let escaped = escape::escape(wire.as_bytes());
        let mut check = |text: &str, cause: &str| {
            let report = ask(text.as_bytes(), &mut candidates);
            assert_eq!(name(&report), cause, "{text}");
            assert!(report.found.is_some(), "proven: {text}");
            // The shape alone says as much.
            let guess = ask(text.as_bytes(), &mut Candidates::new());
            assert_eq!(name(&guess), cause, "{text}");
        };
        check(&format!("{escaped}%20"), "percent-encoded");
        if escaped != wire {
            check(&escaped, "percent-encoded");
            check(&escape::escape(escaped.as_bytes()), "percent-encoded");
            check(&format!("Cookie: s={escaped}"), "junk");
        }
        if wire.contains('+') {
            check(&wire.replace('+', " "), "plus-became-space");
        }
        for junk in [
            format!(" {wire}"),
            format!("{wire}\r\n"),
            format!("\"{wire}\""),
            format!("'{wire}'\n"),
            format!("s={wire}"),
            format!("Cookie: _app_session={wire}"),
            format!("Set-Cookie: s={wire}; path=/; HttpOnly"),
            format!("{wire}; path=/"),
            format!("{wire}--AAAA"),
            format!("AAAA--{wire}"),
            format!("({wire})."),
            format!("{}\n{}", &wire[..60], &wire[60..]),
        ] {
            check(&junk, "junk");
        }
    }
}

#[test]
fn a_cut_message_is_told_from_a_changed_one() {
    let mut candidates = Candidates::new().secret_key_base(&secret());
    for wire in messages() {
        for length in [30, 50, wire.len() / 2, wire.len() - 30, wire.len() - 3, wire.len() - 1] {
            let report = ask(&wire.as_bytes()[..length], &mut candidates);
            assert!(["cut", "unsigned"].contains(&name(&report)), "{length} of {}", wire.len());
            assert_eq!(report.verdict, Verdict::Refused);
        }
        let mut changed = wire.clone().into_bytes();
        changed[20] = if changed[20] == b'A' { b'B' } else { b'A' };
        assert_eq!(name(&ask(&changed, &mut candidates)), "no-key-fits");
        assert_eq!(ask(&changed, &mut Candidates::new()).verdict, Verdict::Unjudged);
    }
}

#[test]
fn what_is_not_of_rails_is_known() {
    let signature = "x".repeat(43);
    for (text, name) in [
        (format!("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.{signature}"), "a JSON Web Token"),
        (format!("eyJhIjoxfQ.ZtcWxw.{}", "x".repeat(27)), "a session of Flask (itsdangerous)"),
        (format!(".eJwNy.ZtcWxw.{}", "x".repeat(27)), "a session of Flask (itsdangerous)"),
        (format!("s:abcdef.{signature}"), "a cookie signed by Express"),
        (format!("eyJhIjoxfQ:1abcde:{signature}"), "a value signed by Django"),
        ("SFMyNTY.g3QAAAAB.abc".into(), "a session of Phoenix"),
        ("eyJpdiI6IjEiLCJ2YWx1ZSI6IjIiLCJtYWMiOiIzIn0=".into(), "a cookie of Laravel"),
        (format!("{}\nBAhbAA==\n--{}", "B".repeat(60), "0".repeat(40)), "a Rack::Session::Cookie"),
        ("{\"user\":1}".into(), "plain JSON"),
        ("%7B%22user%22%3A1%7D".into(), "plain JSON"),
        ("aGVsbG8sIHdvcmxkIQ==".into(), "plain base64"),
        ("hello world".into(), "no form of message that is known here"),
    ] {
        for candidates in
            [&mut Candidates::new(), &mut Candidates::new().secret_key_base(&secret())]
        {
            let report = ask(text.as_bytes(), candidates);
            let Some(railjar::explain::Cause::NotRails { foreign }) = report.cause else {
                panic!("{text}: {:?}", report.cause);
            };
            assert_eq!(foreign.name(), name, "{text}");
        }
    }
    assert_eq!(name(&ask(b" \n", &mut Candidates::new())), "empty");
}

#[test]
fn nothing_makes_it_panic_or_slow() {
    let mut candidates = Candidates::new().secret_key_base(&secret());
    let _ = ask(messages()[0].as_bytes(), &mut candidates);
    for unit in
        ["-", "--", "%", "%25", "=", "+", " ", "\n", "a", "--a", ";", "\"", "{", "eyJ", "\u{e9}"]
    {
        for size in [0, 1, 3, 40, 64, 66, 4096, 1 << 16] {
            let text = unit.repeat(size / unit.len() + 1);
            let start = std::time::Instant::now();
            let report = ask(text.as_bytes(), &mut candidates);
            assert_ne!(report.verdict, Verdict::Opens);
            assert!(start.elapsed().as_secs() < 5, "{unit:?} {size}: {:?}", start.elapsed());
        }
    }
}
