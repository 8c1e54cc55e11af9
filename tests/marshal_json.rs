//! Values as Ruby dumps them, written in JSON as Rails writes them: what becomes of a Marshal
//! session that moves to JSON. `tests/marshal/as_json.rb` asks the installed Rails.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test may"
)]

use railjar::SealError;
use railjar::serializer::json::{self, Text};
use railjar::serializer::marshal::{self, Limits};
use railjar::serializer::message_pack::{self, Extensions};
use railjar::value::{Becomes, BigDecimal, Bound, Hash, Label, Range, Shared, Value};
use serde_json::Value as Json;

fn bytes(hex: &Json) -> Vec<u8> {
    let digits = hex.as_str().unwrap().as_bytes();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    digits.chunks(2).map(byte).collect()
}

/// What is refused (`None`), or written in another way.
const DIFFERENCES: [(&str, Option<&str>); 4] = [
    // Rails writes their inspect, which nobody can read.
    ("keys that are collections", None),
    // Rails writes all of its transitions.
    ("time zone", None),
    // Only its class can read it.
    ("dumped by itself", None),
    // The instance variables: Rails writes the pairs.
    ("flash", Some(r#"{"discard":[],"flashes":{"notice":"hi"},"now":null}"#)),
];

#[test]
fn values_are_written_in_json_as_rails_writes_them() {
    let (mut same, mut refused, mut different) = (0, 0, 0);
    for line in include_str!("marshal/as_json.jsonl").lines() {
        let line: Json = serde_json::from_str(line).unwrap();
        let (name, expected) = (line["name"].as_str().unwrap(), line["json"].as_str().unwrap());
        let dump = bytes(&line["hex"]);
        let value = marshal::read(&dump, &Limits::default()).unwrap();
        assert_eq!(marshal::to_vec(&value).unwrap(), dump, "{name}");
        let written = json::to_string(&value, &Text::ACTIVE_SUPPORT);
        if let Some((_, ours)) = DIFFERENCES.iter().find(|(known, _)| *known == name) {
            assert_ne!(*ours, Some(expected), "{name}");
            assert_eq!(written.as_deref().ok(), *ours, "{name}");
            different += 1;
            continue;
        }
        match written {
            Ok(text) => {
                assert_eq!(text, expected, "{name}");
                same += 1;
            }
            Err(_) => {
                assert!(expected.ends_with("Error"), "{name}: refused, not {expected}");
                refused += 1;
            }
        }
    }
    assert_eq!((same, refused, different), (70, 2, 4));
}

/// The list of losses is empty where nothing changes, and says when there is no JSON at all.
#[test]
fn what_is_lost_is_listed() {
    let (mut whole, mut lossy, mut impossible) = (0, 0, 0);
    for line in include_str!("marshal/as_json.jsonl").lines() {
        let line: Json = serde_json::from_str(line).unwrap();
        let name = line["name"].as_str().unwrap();
        let value = marshal::read(&bytes(&line["hex"]), &Limits::default()).unwrap();
        let losses = value.json_losses();
        assert_eq!(losses.count(), losses.listed().len(), "{name}");
        assert_eq!(losses.is_empty(), value.fits_json(), "{name}: {losses:?}");
        let refused = losses.listed().iter().any(|loss| loss.becomes == Becomes::Impossible);
        assert_eq!(refused, value.as_json().is_err(), "{name}: {losses:?}");
        match (losses.is_empty(), refused) {
            (true, _) => whole += 1,
            (false, false) => lossy += 1,
            (false, true) => impossible += 1,
        }
    }
    assert_eq!((whole, lossy, impossible), (4, 67, 5));
}

/// `[s, s..s, s..s, …]`: a few bytes in Marshal for each range, and all of the text in JSON.
#[test]
fn ranges_of_what_is_shared_do_not_multiply() {
    let ranges = |count| {
        let text = Shared { label: Label(0), value: Value::from("s".repeat(10_000)) };
        let end = || Value::Link(Label(0));
        let range = || Range { begin: end(), end: end(), bound: Bound::Inclusive };
        let mut values = vec![Value::from(text)];
        values.extend((0..count).map(|_| Value::from(range())));
        Value::from(values)
    };
    let few = ranges(2);
    let text = format!("{0}..{0}", "s".repeat(10_000));
    assert_eq!(few.as_json().unwrap().as_array().unwrap()[2].as_str(), Some(&*text));
    assert!(few.json_losses().listed().iter().all(|loss| loss.becomes != Becomes::Impossible));
    assert_eq!(ranges(60).as_json(), Err(SealError::Unrepresentable));
    let listed = ranges(900).json_losses().listed().to_vec();
    let refused = listed.iter().filter(|loss| loss.becomes == Becomes::Impossible).count();
    assert!(refused > 800, "{refused}");
}

/// `BigDecimal("1e5000")` is a number, and not NaN, which is null.
#[test]
fn a_decimal_that_is_too_long_is_refused() {
    let decimal = |text: &str| Value::from(text.parse::<BigDecimal>().unwrap());
    let long = decimal("0.1e5000");
    assert_eq!(long.as_json(), Err(SealError::Unrepresentable));
    assert_eq!(long.json_losses().listed()[0].becomes, Becomes::Impossible);
    let key: Hash = [(long, Value::Nil)].into_iter().collect();
    assert_eq!(Value::Hash(key).as_json(), Err(SealError::Unrepresentable));
    assert_eq!(decimal("NaN").as_json(), Ok(Value::Nil));
    assert_eq!(decimal("0.1e4").as_json(), Ok(Value::from("1000.0")));
}

/// `[t, t.in_time_zone("Tokyo")]`: the time of the other is the first, as a link.
#[test]
fn a_time_in_a_zone_may_have_a_time_that_stands_elsewhere_too() {
    let dump = b"\x04\x08[\x07Iu:\x09Time\x0d\x20\x80\x1f\xc0\0\0\0\0\x06:\x09zoneI\"\x08UTC\x06:\x06EF\
        U:\x20ActiveSupport::TimeWithZone[\x08@\x07I\"\x0aTokyo\x06;\x07TIu;\0\x0d\x29\x80\x1f\xc0\0\0\0\0\
        \x06;\x06@\x06";
    let value = marshal::read(dump, &Limits::default()).unwrap();
    assert_eq!(marshal::to_vec(&value).unwrap(), dump);
    let json = value.as_json().unwrap().to_string();
    assert_eq!(json, r#"["2026-01-01T00:00:00.000Z", "2026-01-01T09:00:00.000+09:00"]"#);
    let losses = value.json_losses();
    assert!(losses.listed().iter().all(|loss| loss.becomes != Becomes::Impossible));
    let bytes = message_pack::to_vec(&value, &Extensions::V7_1).unwrap();
    let read = message_pack::read(&bytes, &Extensions::V7_1, &message_pack::LIMITS).unwrap();
    assert!(value.differences(&read).is_empty());
}
