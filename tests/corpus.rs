//! Every cookie, session, message and key of the corpus, put to railjar: read, and written again
//! byte for byte. Where the two differ, the difference must be listed in `docs/differences.md`, by
//! its rule and with its count.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test may"
)]

#[path = "corpus/case.rs"]
mod case;
#[path = "corpus/differences.rs"]
mod differences;
#[path = "corpus/subject.rs"]
mod subject;

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use railjar::rails::{Strictness, Version};
use railjar::serializer::Format;
use railjar::value::{RubyString, Value};
use railjar::{
    Digest, KeyGenerator, Metadata, OpenError, SealError, Secret, SerializationError, Timestamp,
};
use serde_json::Map;

use self::case::{Case, cases, hex};
use self::differences::{Difference, rule};
use self::subject::Subject;

const LAYERS: [&str; 3] = ["cookie", "session", "message"];

/// What became of one case.
#[derive(Debug, PartialEq)]
enum Outcome {
    /// As Rails.
    Agrees,
    /// As Rails down to the serialized bytes, which are Marshal or MessagePack: `marshal_messages.rs`
    /// and `message_pack_messages.rs` go on to their values.
    AgreesInBytes,
    Differs(String),
}

fn read(case: &Case, strictness: Strictness) -> Outcome {
    use Outcome::{Agrees, AgreesInBytes, Differs};

    let Ok(subject) = Subject::reader(case, strictness) else {
        return if case.seal_error().is_some() { Agrees } else { Differs("settings".into()) };
    };
    // An absent cookie, or one that Rails refused to write.
    let Some(wire) = case.wire() else { return Agrees };
    let opened = match subject.open(&wire, case.purpose.as_deref(), case.now()) {
        Ok(opened) => opened,
        Err(OpenError::Serialization(SerializationError::Unsupported))
            if case.layer == "message" && holds_ruby(&case.config) =>
        {
            return read_bytes(case, &wire);
        }
        Err(error) if case.expect == "ok" => return Differs(format!("refused: {error:?}")),
        Err(_) => return Agrees,
    };
    if !matches!(opened.format(), Format::Json | Format::Bytes) {
        return match case.payload() {
            _ if case.expect != "ok" && !value_is_why(case) => {
                Differs(format!("opened, not {}", case.expect))
            }
            Some(payload) if opened.payload().as_bytes() != payload => {
                Differs("other bytes".into())
            }
            _ => AgreesInBytes,
        };
    }
    let value = match opened.to_value() {
        Ok(value) => value,
        Err(error) if case.expect == "ok" => return Differs(format!("unread: {error:?}")),
        Err(_) => return Agrees,
    };
    match case.expect.as_str() {
        "ok" => {}
        "nil" if value == Value::Nil => return Agrees,
        expected => return Differs(format!("opened {value}, not {expected}")),
    }
    if let Some(payload) = case.payload()
        && opened.payload().as_bytes() != payload
    {
        return Differs("other bytes".into());
    }
    if let Some(expected) = &case.value
        && value != Value::from(expected.clone())
    {
        return Differs(format!("value {value}, not {}", Value::from(expected.clone())));
    }
    if let Some(expected) = &case.value_ruby
        && case.rails_bug.is_none()
        // Rails says of these bytes that they are ASCII-8BIT; the payload was compared above.
        && opened.format() != Format::Bytes
        && value.to_string() != *expected
    {
        return Differs(format!("value {value}, not {expected}"));
    }
    match case.reissued.or(case.rotated) {
        Some(reissued) if reissued != opened.must_reissue() => {
            Differs(format!("reissue {}", opened.must_reissue()))
        }
        _ => Agrees,
    }
}

/// Whether what Rails answers lies in the value, which is Marshal or MessagePack: a nil, or what
/// cannot be loaded.
fn value_is_why(case: &Case) -> bool {
    let written = case.value_written_ruby.as_deref();
    matches!(written, Some("nil" | "false"))
        || matches!(case.name(), "nil-value" | "bad-marshal" | "unknown-class-marshal")
}

/// Whether the serializer writes Marshal or MessagePack.
fn holds_ruby(config: &Map<String, serde_json::Value>) -> bool {
    let name = config.get("serializer").and_then(serde_json::Value::as_str).unwrap_or("marshal");
    let name = name.to_lowercase();
    name.contains("marshal") || name.ends_with("pack") || name.contains("message_pack")
}

/// A message whose metadata is inside Marshal or MessagePack, down to the bytes that were signed
/// or encrypted.
fn read_bytes(case: &Case, wire: &[u8]) -> Outcome {
    let subject = Subject::of_bytes(case, &case.config).unwrap();
    match (subject.open(wire, None, case.now()), case.plain()) {
        (Ok(opened), Some(plain)) if opened.payload().as_bytes() == plain => Outcome::AgreesInBytes,
        (Err(_), _) if case.expect != "ok" => Outcome::Agrees,
        (outcome, _) => Outcome::Differs(format!("bytes: {outcome:?}")),
    }
}

/// The IV that Rails drew, from the message.
fn iv_of(wire: &str, subject: &Subject) -> Vec<u8> {
    let parts: Vec<&str> = wire.split("--").collect();
    let decode = |text: &str| {
        let text = text.replace('-', "+").replace('_', "/");
        case::decode(&format!("{text}{}", &"==="[..(4 - text.len() % 4) % 4]))
    };
    match subject {
        Subject::Verifier(_) => Vec::new(),
        _ if parts.len() == 2 => {
            let inner = String::from_utf8(decode(parts[0])).unwrap_or_default();
            match inner.rsplit_once("--") {
                Some((_, iv)) if inner.is_ascii() && iv.len() >= 22 => decode(iv),
                _ => Vec::new(),
            }
        }
        _ => {
            // From the right, for URL-safe parts may hold the separator.
            let end = wire.len() - 2 - if wire.ends_with('=') { 24 } else { 22 };
            decode(&wire[end - 16..end])
        }
    }
}

fn config_written(case: &Case) -> &Map<String, serde_json::Value> {
    case.sealed_with.as_ref().unwrap_or(&case.config)
}

/// What Rails wrote is written again: from the serialized bytes, and where the value is JSON that
/// Rails serialized itself, from the value.
fn write(case: &Case) -> Option<Outcome> {
    use Outcome::{Agrees, Differs};

    let (Some(wire), Some(_)) = (case.written(), &case.value_written_ruby) else { return None };
    if case.seal_error().is_some() {
        return None;
    }
    let subject = match Subject::writer(case) {
        Ok(subject) => subject,
        Err(error) => return Some(Differs(format!("settings: {error}"))),
    };
    // Some mutated cases do not say what was inside; the message itself does.
    let before = Timestamp::from_unix_seconds(0);
    let opened = subject.open(wire.as_bytes(), case.written_purpose(), before);
    let payload = case
        .payload()
        .or_else(|| Some(opened.as_ref().ok()?.payload().as_bytes().to_vec()))
        .or_else(|| case.plain());
    let payload = payload?;
    let mut metadata = Metadata::none();
    if let Some(purpose) = case.written_purpose() {
        metadata = metadata.purpose(purpose);
    }
    if let Some(at) = case.expiry() {
        metadata = metadata.expires_at(at);
    }
    let iv = iv_of(wire, &subject);
    if case.layer == "message"
        && case.envelope.as_deref() == Some("serializer")
        && holds_ruby(config_written(case))
    {
        let bytes = Subject::of_bytes(case, config_written(case)).unwrap();
        let plain = case.plain()?;
        return Some(match bytes.seal_payload(&plain, &Metadata::none(), None, iv) {
            Ok(sealed) if sealed == wire => Outcome::AgreesInBytes,
            outcome => Differs(format!("bytes written: {outcome:?}")),
        });
    }
    let sealed = subject.seal_payload(&payload, &metadata, case.expiry(), iv.clone());
    match sealed {
        Ok(sealed) if sealed == wire => {}
        Ok(sealed) => return Some(Differs(format!("wrote {sealed}"))),
        Err(error) => return Some(Differs(format!("not written: {error:?}"))),
    }
    let Ok(opened) = opened else { return Some(Agrees) };
    if opened.format() != Format::Json {
        return Some(Outcome::AgreesInBytes);
    }
    let value = opened.to_value().unwrap();
    match subject.seal(&value, &metadata, case.expiry(), iv) {
        Ok(sealed) if sealed == wire => Some(Agrees),
        Ok(other) => Some(Differs(format!("value written as {other}"))),
        Err(error) => Some(Differs(format!("value not written: {error:?}"))),
    }
}

/// All differences of one kind of run, by their rules; whatever has no rule fails.
fn run(test: impl Fn(&Case) -> Option<Outcome>, mode: &str) -> Counts {
    let mut counts = Counts::default();
    let mut unexplained = Vec::new();
    for version in Version::ALL {
        for case in cases(version, &LAYERS) {
            let Some(outcome) = test(&case) else { continue };
            match outcome {
                Outcome::Agrees => counts.agree += 1,
                Outcome::AgreesInBytes => counts.agree_in_bytes += 1,
                Outcome::Differs(how) => match rule(&case, mode) {
                    Some(rule) => *counts.differ.entry(rule).or_default() += 1,
                    None => {
                        unexplained.push(format!("{version} {}: {} / {how}", case.id, case.expect));
                    }
                },
            }
        }
    }
    let shown = unexplained.iter().take(400).cloned().collect::<Vec<_>>().join("\n");
    assert!(unexplained.is_empty(), "{} unexplained:\n{shown}", unexplained.len());
    counts
}

/// How many cases came out how, in one way of running them.
#[derive(Debug, Default)]
struct Counts {
    agree: usize,
    agree_in_bytes: usize,
    differ: BTreeMap<&'static str, usize>,
}

impl Counts {
    /// The differences must be those that the page lists, and the rest as many as it was: a loader
    /// that loses cases must not pass for agreement.
    fn check(self, mode: &str, agree: usize, agree_in_bytes: usize) {
        let seen: Vec<Difference> = (self.differ.into_iter())
            .map(|(rule, count)| Difference { rule: rule.into(), count })
            .collect();
        let listed = differences::listed(mode);
        assert_eq!(seen, listed, "docs/differences.md lists other counts than were seen ({mode})");
        let differ: usize = seen.iter().map(|difference| difference.count).sum();
        assert_eq!((self.agree, self.agree_in_bytes), (agree, agree_in_bytes), "{mode}");
        assert!(differ * 100 < (agree + agree_in_bytes + differ) * 3, "{differ} differ");
    }
}

#[test]
fn every_case_reads_as_rails_writes() {
    let counts = run(|case| Some(read(case, Strictness::Strict)), "strict");
    counts.check("strict", 7_785, 3_484);
}

#[test]
fn every_case_reads_as_rails_reads() {
    let counts = run(|case| Some(read(case, Strictness::AsRails)), "as-rails");
    counts.check("as-rails", 7_886, 3_487);
}

#[test]
fn every_case_is_written_again_byte_for_byte() {
    run(write, "write").check("write", 5_314, 4_374);
}

/// What Rails refuses to write is refused.
fn refuse(case: &Case) -> Option<Outcome> {
    let error = case.seal_error()?;
    if error.contains("MessagePack") {
        return None; // values in MessagePack are not written yet
    }
    let written = case.value_written_ruby.as_deref()?;
    let Ok(subject) = Subject::writer(case) else { return Some(Outcome::Agrees) };
    let iv = match (&subject, case.kind.as_str(), case.config.get("encrypted_cookie_cipher")) {
        (Subject::Verifier(_), ..) | (_, "signed", _) => Vec::new(),
        _ if case.config.get("use_authenticated_cookie_encryption") == Some(&true.into()) => {
            vec![0; 12]
        }
        _ => vec![0; 16],
    };
    let none = Metadata::none();
    let sealed = match written {
        "Float::INFINITY" => subject.seal(&f64::INFINITY, &none, None, iv),
        "-Float::INFINITY" => subject.seal(&f64::NEG_INFINITY, &none, None, iv),
        "\"\\xff\\xfe\\x00bin\".b" => {
            subject.seal(&Value::from(RubyString::from(&b"\xff\xfe\0bin"[..])), &none, None, iv)
        }
        _ if written.starts_with("(\"x\"*") => {
            let count: usize = written[5..written.len() - 1].parse().unwrap();
            let text = "x".repeat(count);
            let payload = match case.config.get("cookies_serializer").and_then(|n| n.as_str()) {
                Some("json") => format!("\"{text}\""),
                // Marshal's string is 12 bytes longer than its text, at this length.
                _ => format!("\u{4}\u{8}I\"____{text}:\u{6}ET"),
            };
            subject.seal_payload(payload.as_bytes(), &none, None, iv)
        }
        _ => subject.seal_payload(b"1", &none, None, iv),
    };
    Some(match sealed {
        Err(SealError::Entropy) => panic!("{}: an IV of the wrong length", case.id),
        Err(_) => Outcome::Agrees,
        Ok(_) => Outcome::Differs("written".into()),
    })
}

#[test]
fn what_rails_refuses_to_write_is_refused() {
    let counts = run(refuse, "refuse");
    assert_eq!(counts.agree, 101);
    assert_eq!(counts.differ.into_iter().collect::<Vec<_>>(), [("digest-names", 18)]);
    assert_eq!(
        differences::listed("refuse"),
        [Difference { rule: "digest-names".into(), count: 18 }]
    );
}

#[test]
fn every_key_is_derived() {
    let mut derived = 0;
    for version in Version::ALL {
        for case in cases(version, &["kdf"]) {
            let config = serde_json::Value::Object(case.config.clone());
            let number = |key: &str| config[key].as_u64().map(|n| usize::try_from(n).unwrap());
            let mut generator = KeyGenerator::new(Secret::new(config["secret"].as_str().unwrap()));
            if let Some(digest) = config["digest"].as_str() {
                generator = generator.digest(Digest::from_name(digest).unwrap());
            }
            if let Some(iterations) = number("iterations") {
                let iterations = u32::try_from(iterations).unwrap();
                generator = generator.iterations(NonZeroU32::new(iterations).unwrap());
            }
            let salt = config["salt"].as_str().unwrap();
            let key = generator.generate_key(salt.as_bytes(), number("length").unwrap_or(64));
            assert_eq!(key.unwrap().expose(), hex(&case.key_hex.unwrap()), "{version} {}", case.id);
            derived += 1;
        }
    }
    assert_eq!(derived, 392);
}
