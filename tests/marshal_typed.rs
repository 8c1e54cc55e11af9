//! Marshal into and from types of one's own, through serde.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test may"
)]

use std::collections::BTreeMap;

use railjar::serializer::marshal::{Limits, from_slice, read, to_vec};
use railjar::value::{BigDecimal, Encoding, Hash, RubyString, Set, Symbol, Time, Value};
use railjar::{
    Expected, MessageVerifier, Metadata, Secret, SerializationError, Serializer, Timestamp,
};
use serde::{Deserialize, Serialize};

fn typed<'de, T: Deserialize<'de>>(bytes: &'de [u8]) -> Result<T, SerializationError> {
    from_slice(bytes, &Limits::default())
}

#[derive(Debug, Deserialize, PartialEq)]
struct Session<'a> {
    session_id: &'a str,
    #[serde(rename = "warden.user.user.key", borrow)]
    warden: (Vec<u64>, &'a str),
    flash: Flash<'a>,
}

#[derive(Debug, Deserialize, PartialEq)]
struct Flash<'a> {
    #[serde(borrow)]
    flashes: BTreeMap<&'a str, &'a str>,
}

#[test]
fn a_session_is_read_without_a_copy() {
    let mut line = include_str!("rails-corpus/marshal.jsonl").lines();
    let line = line.find(|line| line.contains("session/devise")).unwrap();
    let line: serde_json::Value = serde_json::from_str(line).unwrap();
    let digits = line["hex"].as_str().unwrap().as_bytes();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    let bytes: Vec<u8> = digits.chunks(2).map(byte).collect();

    let session: Session<'_> = typed(&bytes).unwrap();
    assert_eq!(session.session_id, "0f9a3c1e5b7d4e6f8a9b0c1d2e3f4a5b");
    assert_eq!(session.warden, (vec![42], "$2a$11$abcdefghijklmnopqrstuv"));
    assert_eq!(session.flash.flashes["notice"], "Signed in");
}

#[derive(Debug, Deserialize, PartialEq)]
struct Everything {
    role: Symbol,
    kind: Kind,
    digest: Vec<u8>,
    token: RubyString,
    at: Time,
    seconds: i64,
    float_seconds: f64,
    price: String,
    price_float: f64,
    tags: Vec<String>,
    user: User,
    nothing: Option<u8>,
    something: Option<u8>,
    big: u128,
    span: String,
    again: Vec<String>,
}

#[derive(Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Guest,
    Member(u8),
    Named { name: String },
}

#[derive(Debug, Deserialize, PartialEq)]
struct User {
    id: u8,
}

#[test]
fn every_type_of_ruby_has_a_counterpart() {
    let time = || Time::at(1_767_303_245, 678_901_234, 19_800).unwrap();
    let price = || Value::from("9.99".parse::<BigDecimal>().unwrap());
    let tags: Set = ["a", "b"].into_iter().collect();
    let tags = Value::from(railjar::value::Shared {
        label: railjar::value::Label(7),
        value: Value::from(tags),
    });
    let mut hash = Hash::new();
    for (name, value) in [
        ("role", Value::from(Symbol::from("admin"))),
        ("kind", Value::from([("member", 3)].into_iter().collect::<Hash>())),
        ("digest", vec![Value::from(1), Value::from(255)].into()),
        ("token", RubyString::new(b"\xff\0", Encoding::BINARY).into()),
        ("at", time().into()),
        ("seconds", time().into()),
        ("float_seconds", time().into()),
        ("price", price()),
        ("price_float", price()),
        ("ignored", railjar::value::Object::marshal_dumped("Secret", vec![]).into()),
        ("tags", tags),
        ("user", railjar::value::Object::new("User", [("@id", 9)]).into()),
        ("nothing", Value::Nil),
        ("something", 1.into()),
        ("big", Value::Integer(u128::MAX.into())),
        (
            "span",
            railjar::value::Range {
                begin: 1.into(),
                end: 9.into(),
                bound: railjar::value::Bound::Exclusive,
            }
            .into(),
        ),
        ("again", Value::Link(railjar::value::Label(7))),
    ] {
        hash.insert(Symbol::from(name), value);
    }
    let bytes = to_vec(&Value::from(hash)).unwrap();
    let everything: Everything = typed(&bytes).unwrap();
    assert_eq!(
        everything,
        Everything {
            role: "admin".into(),
            kind: Kind::Member(3),
            digest: vec![1, 255],
            token: RubyString::new(b"\xff\0", Encoding::BINARY),
            at: time(),
            seconds: 1_767_303_245,
            float_seconds: 1_767_303_245.678_901_2,
            price: "9.99".into(),
            price_float: 9.99,
            tags: vec!["a".into(), "b".into()],
            user: User { id: 9 },
            nothing: None,
            something: Some(1),
            big: u128::MAX,
            span: "1...9".into(),
            again: vec!["a".into(), "b".into()],
        }
    );
}

#[test]
fn what_is_not_of_the_type_is_a_mismatch() {
    let mismatch = Err(SerializationError::Mismatch);
    assert_eq!(typed::<u8>(b"\x04\x08i\x02\xff\xff"), mismatch);
    assert_eq!(typed::<u8>(b"\x04\x08:\x06a"), mismatch);
    assert_eq!(typed::<(u8,)>(b"\x04\x08[\x07i\x06i\x07").map(|pair| pair.0), mismatch);
    assert!(typed::<Vec<String>>(b"\x04\x08U:\x06A[\0").is_err());
    let trailing = SerializationError::MalformedPart { offset: 3, part: "the end" };
    assert_eq!(typed::<()>(b"\x04\x080\0"), Err(trailing));
}

#[derive(Serialize)]
struct Written<'a> {
    id: u8,
    role: Symbol,
    token: &'a RubyString,
    items: Vec<BTreeMap<&'a str, f64>>,
    kind: Kind,
    value: Value,
}

/// `Marshal.dump` of the same in Ruby 3.1, where equal keys are one string.
#[test]
fn types_are_written_as_ruby_dumps_their_like() {
    let value = Written {
        id: 1,
        role: "a".into(),
        token: &RubyString::new(b"\xff", Encoding::BINARY),
        items: vec![[("x", 1.5)].into(), [("x", 1.5)].into()],
        kind: Kind::Named { name: "n".into() },
        value: Value::from(Symbol::from("a")),
    };
    let expected: &[u8] = b"\x04\x08{\x0bI\"\x07id\x06:\x06ETi\x06I\"\x09role\x06;\0T:\x06a\
        I\"\x0atoken\x06;\0T\"\x06\xffI\"\x0aitems\x06;\0T[\x07{\x06I\"\x06x\x06;\0Tf\x081.5\
        {\x06@\x0d@\x0eI\"\x09kind\x06;\0T{\x06I\"\x0anamed\x06;\0T{\x06I\"\x09name\x06;\0T\
        I\"\x06n\x06;\0TI\"\x0avalue\x06;\0T;\x06";
    assert_eq!(
        String::from_utf8_lossy(&to_vec(&value).unwrap()),
        String::from_utf8_lossy(expected)
    );
}

#[test]
fn messages_are_sealed_and_opened_in_marshal() {
    let now = Timestamp::from_unix_seconds(1_750_000_000);
    let verifier = MessageVerifier::new(&Secret::new(*b"the key of this verifier"))
        .serializer(Serializer::Marshal)
        .metadata_form(railjar::envelope::EnvelopeForm::Serializer);
    let session: Value = [(Symbol::from("at"), Time::utc(1_767_323_045, 0).unwrap())]
        .into_iter()
        .collect::<Hash>()
        .into();
    let metadata = Metadata::none().purpose("login").expires_at(now.plus_seconds(60));
    let message = verifier.seal(&session, &metadata).unwrap();
    let opened = verifier.open(message.as_bytes(), Expected::Purpose("login"), now).unwrap();
    assert_eq!(opened.to_value().unwrap(), session);
    assert_eq!(opened.purpose(), Some("login"));
    assert_eq!(opened.payload().as_bytes(), to_vec(&session).unwrap());
    assert!(verifier.open(message.as_bytes(), Expected::NoPurpose, now).is_err());
    assert!(opened.to_value_within(&Limits::default().values(1)).is_err());
    let times: BTreeMap<String, i64> = opened.deserialize().unwrap();
    assert_eq!(times["at"], 1_767_323_045);
}

#[test]
fn what_has_no_form_in_marshal_still_passes_through_serde() {
    for value in [
        Value::Uri("http://a/".into()),
        Value::IpAddr("nowhere".into()),
        Value::TimeZone("Tokyo".into()),
    ] {
        assert!(to_vec(&value).is_err(), "{value}");
        assert!(to_vec(&vec![value.clone()]).is_err());
        let zone = matches!(value, Value::TimeZone(_));
        assert_eq!(serde_json::to_string(&value).is_ok(), !zone, "{value}");
    }
    let text = serde_json::to_string(&Value::from(Symbol::from("a"))).unwrap();
    assert_eq!(text, "\"a\"");
    assert_eq!(read(b"\x04\x08:\x06a", &Limits::default()).unwrap().to_string(), ":a");
}
