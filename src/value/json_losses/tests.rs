use alloc::string::ToString;
use alloc::vec;

use super::*;
use crate::value::{Date, Duration, Set, Shared, Symbol, Time, TimeWithZone};

fn shown(value: impl Into<Value>) -> Vec<String> {
    value.into().json_losses().listed().iter().map(ToString::to_string).collect()
}

fn hash<K: Into<Value>, V: Into<Value>>(pairs: impl IntoIterator<Item = (K, V)>) -> Value {
    let mut hash = Hash::new();
    for (key, value) in pairs {
        hash.insert(key, value);
    }
    Value::from(hash)
}

#[test]
fn what_json_knows_is_not_lost() {
    assert!(
        hash([("a", Value::from(vec![Value::from(1.5), Value::Nil]))]).json_losses().is_empty()
    );
    assert_eq!(shown(f64::NAN), ["$: NaN becomes nil"]);
}

#[test]
fn every_place_has_its_path() {
    let inner = hash([("é-1", Value::from(Symbol::from("on")))]);
    let value = hash([("user id", Value::from(vec![Value::from(1), inner]))]);
    assert_eq!(shown(value), [r#"$["user id"][1].é-1: Symbol becomes the text "on""#]);

    let user = Object::new("User", [("@role", Symbol::from("admin"))]);
    assert_eq!(
        shown(user),
        ["$: User becomes a hash", r#"$.role: Symbol becomes the text "admin""#]
    );
}

#[test]
fn keys_become_strings_and_may_meet() {
    let value = hash([
        (Value::from(Symbol::from("a")), 1),
        (Value::from("a"), 2),
        (Value::Nil, 3),
        (Value::from(vec![Value::from(1)]), 4),
    ]);
    assert_eq!(
        shown(value.clone()),
        [
            r#"$.a: the key :a becomes the text "a""#,
            "$.a: the earlier value of two that get this key is left out",
            r#"$[nil]: the key nil becomes the text """#,
            "$[[…]]: the key […] cannot be written as JSON",
        ]
    );
    assert!(value.as_json().is_err());
}

#[test]
fn hashes_and_strings_lose_what_json_has_no_word_for() {
    let mut counts = Hash::new();
    counts.set_default(0);
    assert_eq!(shown(counts), ["$: the default of the Hash is left out"]);
    let same = Hash::compared(Comparison::ByIdentity);
    assert!(!Value::from(same.clone()).fits_json());
    assert_eq!(shown(same), ["$: compare_by_identity of the Hash is left out"]);
    let indifferent = Decorated::indifferent(Hash::new());
    assert_eq!(
        shown(indifferent),
        ["$: ActiveSupport::HashWithIndifferentAccess becomes a plain Hash"]
    );
    assert_eq!(
        shown(RubyString::from(vec![0xff])),
        ["$: String that is not valid UTF-8 cannot be written as JSON"]
    );
    let binary = RubyString::new(b"text", Encoding::BINARY);
    assert_eq!(shown(binary), ["$: String in ASCII-8BIT becomes UTF-8"]);
    assert_eq!(shown(Set::from_iter([1])), ["$: Set becomes an array"]);
}

#[test]
fn shared_objects_are_copies_and_cycles_cannot_be_said() {
    let shared = |inner: Value| Value::from(Shared { label: Label(0), value: inner });
    let twice = vec![shared(Value::from(vec![Value::Nil])), Value::Link(Label(0))];
    assert_eq!(shown(twice), ["$[1]: Array that stands elsewhere too becomes a copy"]);
    let cycle = shared(Value::from(vec![Value::Link(Label(0))]));
    assert_eq!(shown(cycle), ["$[0]: an object inside itself cannot be written as JSON"]);
}

#[test]
fn a_list_has_its_limits() {
    let many = vec![Value::from(Symbol::from("x")); LOSSES_LISTED + 5];
    let losses = Value::from(many).json_losses();
    assert_eq!((losses.count(), losses.listed().len()), (LOSSES_LISTED + 5, LOSSES_LISTED));

    let mut deep = Value::Nil;
    for _ in 0..101 {
        deep = Value::from(vec![deep]);
    }
    let losses = deep.json_losses();
    assert_eq!(losses.count(), 1);
    assert!(losses.listed()[0].path.ends_with("[0]") && deep.as_json().is_err());

    let long = "k".repeat(10_000);
    let text = shown(hash([(Value::from(Symbol::from(long)), 1)]));
    assert!(text[0].len() < 250, "{}", text[0]);
}

fn places(losses: &JsonLosses) -> Vec<String> {
    losses.listed().iter().map(ToString::to_string).collect()
}

#[test]
fn what_reads_back_as_another_value_is_named() {
    let time = |offset| Value::from(Time::at(0, 0, offset).unwrap());
    let utc = Time::utc(0, 0).unwrap();
    let zoned = |local| TimeWithZone { utc: utc.clone(), zone: "Tokyo".into(), local }.into();
    let parts: Hash = [(Symbol::from("hours"), 2)].into_iter().collect();
    let hours = Object::new(
        "ActiveSupport::Duration",
        [("@value", Value::from(7200)), ("@parts", parts.into())],
    );
    let duration = Duration { value: 7200.into(), parts: vec![("hours".into(), Value::from(2))] };
    let address = Object::new("IPAddr", [("@family", 2), ("@addr", 0x0a00_0000)]);
    let set: Set = [1].into_iter().collect();
    let shared = Shared { label: Label(0), value: vec![Value::from(1)].into() };
    let one = || Value::from(vec![Value::from(1)]);
    // What Ruby takes for the same.
    let written = vec![
        Value::from(utc.clone()),
        zoned(Some(utc.clone())),
        hours.into(),
        address.into(),
        shared.into(),
        Value::Link(Label(0)),
    ];
    let read =
        vec![time(0), zoned(None), duration.into(), Value::IpAddr("10.0.0.0".into()), one(), one()];
    let losses = Value::from(written).differences(&read.into());
    assert!(losses.is_empty(), "{losses:?}");

    let written: Hash = [
        ("at", Value::from(utc.clone())),
        ("day", Date::from_julian_day(2_461_100).into()),
        ("set", set.into()),
        ("html", Decorated::html_safe("a").into()),
        ("list", one()),
    ]
    .into_iter()
    .collect();
    let read: Hash = [
        ("at", time(3600)),
        ("day", Value::from("2026-02-28")),
        ("set", one()),
        ("html", Value::from("a")),
        ("list", vec![Value::from(1.0)].into()),
    ]
    .into_iter()
    .collect();
    let losses = Value::Hash(written).differences(&read.into());
    assert_eq!(
        places(&losses),
        [
            "$.at: Time becomes 1970-01-01 01:00:00 +0100",
            "$.day: Date becomes the text \"2026-02-28\"",
            "$.set: Set reads back as another value",
            "$.html: the class ActiveSupport::SafeBuffer is left out",
            "$.list[0]: Integer becomes 1.0",
        ]
    );
}

#[test]
fn comparing_what_is_shared_ends() {
    let shared = |label, value| Value::from(Shared { label: Label(label), value });
    let link = |label| Value::Link(Label(label));
    let inside = shared(0, vec![link(0)].into());
    assert!(inside.differences(&inside).is_empty());
    let mut levels = vec![shared(0, Value::Array(vec![]))];
    levels.extend((1..64).map(|i| shared(i, vec![link(i - 1), link(i - 1)].into())));
    let levels = Value::from(levels);
    assert!(levels.differences(&levels).count() < 100);
}

#[test]
fn places_that_cannot_be_written_are_named() {
    let object = Value::from(Object::new("User", [("@id", 1)]));
    let html = Value::from(Decorated::html_safe("<b>"));
    let hash: Hash =
        [("users", vec![Value::from(1), object].into()), ("html", html)].into_iter().collect();
    let losses = Value::Hash(hash).refused_places(|part| {
        !matches!(part, Value::Object(_)) && !matches!(part, Value::Decorated(_))
    });
    assert_eq!(losses.listed()[0].path, "$.users[1]");
    assert_eq!(losses.listed()[1].what, "ActiveSupport::SafeBuffer");
    assert_eq!(losses.count(), 2);
}
