//! Every cookie, session and message of the corpus that holds MessagePack: its value in full, and
//! the whole signed message written again from that value.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    reason = "a test may"
)]
#![cfg(feature = "config")]
#![allow(dead_code, reason = "the corpus's own test uses the rest")]

#[path = "corpus/case.rs"]
mod case;
#[path = "corpus/subject.rs"]
mod subject;

use std::collections::BTreeMap;

use railjar::rails::{Strictness, Version};
use railjar::serializer::Format;
use railjar::value::Value;
use railjar::{Metadata, Opened, Timestamp};
use serde_json::Value as Json;

use self::case::{Case, cases};
use self::subject::Subject;

/// What was seen, and how often.
type Counts = BTreeMap<&'static str, usize>;

fn count(counts: &mut Counts, what: &'static str) {
    *counts.entry(what).or_default() += 1;
}

fn name(case: &Case) -> String {
    format!("{} {}", case.version, case.id)
}

/// A case that Rails' MessagePack serializers read, or whose value is MessagePack.
fn is_one(case: &Case) -> bool {
    let reads = |key: &str| case.config.get(key).and_then(Json::as_str).unwrap_or_default();
    let serializer = [reads("serializer"), reads("cookies_serializer")].concat();
    serializer.to_lowercase().contains("message")
        || case.payload().is_some_and(|payload| payload.starts_with(b"\xcc\x80"))
}

fn check_opened(case: &Case, opened: &Opened<'_>, counts: &mut Counts) {
    let name = name(case);
    let value = opened.to_value().unwrap_or_else(|error| panic!("{name}: {error}"));
    match case.expect.as_str() {
        "nil" => assert_eq!(value, Value::Nil, "{name}"),
        expected => assert_eq!(expected, "ok", "{name}: {value}"),
    }
    if let Some(payload) = case.payload() {
        assert_eq!(opened.payload().as_bytes(), payload, "{name}");
    }
    if let Some(expected) = &case.value {
        assert_eq!(value, Value::from(expected.clone()), "{name}");
        // `serde_json` takes no integers over 64 bits from others.
        if !name.ends_with("/int_huge") {
            assert_eq!(opened.deserialize::<Json>().map(Value::from), Ok(value.clone()), "{name}");
        }
        count(counts, "in JSON");
    }
    if let Some(expected) = case.value_ruby.as_ref().filter(|_| case.rails_bug.is_none()) {
        // Only Rails knows the zone's offset and abbreviation.
        if !matches!(value, Value::TimeWithZone(_)) {
            assert_eq!(value.to_string(), *expected, "{name}");
            count(counts, "in Ruby");
        }
    }
    if let Some(reissued) = case.reissued.or(case.rotated) {
        assert_eq!(opened.must_reissue(), reissued, "{name}");
    }
    count(counts, "read");
}

/// What a verifier wrote is written again, envelope and all.
fn check_written(case: &Case, counts: &mut Counts) {
    let Some(wire) = case.written().filter(|_| case.seal_error().is_none()) else { return };
    let Ok(writer @ Subject::Verifier(_)) = Subject::writer(case) else { return };
    let before = Timestamp::from_unix_seconds(0);
    let Ok(opened) = writer.open(wire.as_bytes(), case.written_purpose(), before) else { return };
    if opened.format() != Format::MessagePack || case.value_written_ruby.is_none() {
        return;
    }
    let mut metadata = Metadata::none();
    if let Some(purpose) = case.written_purpose() {
        metadata = metadata.purpose(purpose);
    }
    if let Some(at) = case.expiry() {
        metadata = metadata.expires_at(at);
    }
    let value = opened.to_value().unwrap();
    let written = writer.seal(&value, &metadata, case.expiry(), Vec::new());
    assert_eq!(written.as_deref(), Ok(wire), "{}", name(case));
    let payload = opened.payload().as_bytes();
    let written = writer.seal_payload(payload, &metadata, case.expiry(), Vec::new());
    assert_eq!(written.as_deref(), Ok(wire), "{}", name(case));
    count(counts, "written");
}

#[test]
fn every_case_is_read_in_full_and_written_again() {
    for strictness in [Strictness::Strict, Strictness::AsRails] {
        let mut counts = Counts::new();
        for version in [Version::V7_1, Version::V7_2, Version::V8_0, Version::V8_1, Version::NEWEST]
        {
            let cases = cases(version, &["cookie", "session", "message"]);
            for case in cases.iter().filter(|case| is_one(case)) {
                let Ok(subject) = Subject::reader(case, strictness) else { continue };
                let Some(wire) = case.wire() else { continue };
                match subject.open(&wire, case.purpose.as_deref(), case.now()) {
                    Ok(opened) if opened.format() == Format::MessagePack => {
                        check_opened(case, &opened, &mut counts);
                    }
                    // The differences of JSON are listed in docs/differences.md.
                    _ if case.name().starts_with("json-") => count(&mut counts, "in JSON's test"),
                    Ok(_) => count(&mut counts, "in another format"),
                    Err(error) => {
                        assert_ne!(case.expect, "ok", "{}: {error}", name(case));
                        count(&mut counts, "refused");
                    }
                }
                check_written(case, &mut counts);
            }
        }
        let expected = [
            ("in JSON", 970),
            ("in JSON's test", 135),
            ("in Ruby", 135),
            ("in another format", 35),
            ("read", 1175),
            ("refused", 325),
            ("written", 700),
        ];
        assert_eq!(counts, Counts::from(expected));
    }
}
