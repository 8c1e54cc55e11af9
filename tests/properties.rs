//! What must hold for every value, name, purpose, key and change.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    missing_docs,
    unreachable_pub,
    reason = "a test fails by panicking, and has std"
)]

#[path = "common/codecs.rs"]
#[allow(dead_code, reason = "shared by several suites, each of which uses a part")]
mod codecs;

use std::sync::LazyLock;

use codecs::{App, Counting, NOW, Spec, Which, apps, specs};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use railjar::envelope::EnvelopeForm;
use railjar::rails::{Strictness, Version};
use railjar::value::{Hash, Integer, Value};
use railjar::{ContentError, Expected, Metadata, OpenError, Opened, Serializer, Timestamp};

static SPECS: LazyLock<Vec<Spec>> = LazyLock::new(specs);
static APPS: LazyLock<Vec<App>> = LazyLock::new(apps);

fn any_spec() -> impl Strategy<Value = Spec> {
    select(&SPECS[..])
}

/// A jar of an app that writes JSON cookies.
fn any_json_jar() -> impl Strategy<Value = (&'static App, Which)> {
    let json = |app: &&App| app.version >= Version::V4_1;
    let apps: Vec<_> = APPS.iter().filter(json).collect();
    (select(apps), select(vec![Which::Signed, Which::Encrypted]))
}

/// Any text but the kinds that Rails 3.2 cannot write: it cuts characters above U+FFFF.
fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![4 => "\\PC{0,12}", 1 => ".{0,6}", 1 => "[\\u{0}-\\u{7f}]{0,20}", 1 => "\\PC{300}"]
}

/// Any value that JSON can say.
fn any_value() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Nil),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "-?[1-9][0-9]{18,60}".prop_map(|text| Value::Integer(text.parse::<Integer>().unwrap())),
        any::<f64>()
            .prop_filter("JSON has neither infinity nor NaN", |float| float.is_finite())
            .prop_map(Value::from),
        any_text().prop_map(Value::from),
    ];
    scalar.prop_recursive(6, 40, 8, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..8).prop_map(Value::from),
            vec((any_text(), inner), 0..12)
                .prop_map(|pairs| Value::from(pairs.into_iter().collect::<Hash>())),
        ]
    })
}

fn fits_3_2(value: &Value) -> bool {
    match value {
        Value::String(string) => string.as_str().unwrap().chars().all(|char| char <= '\u{ffff}'),
        Value::Array(values) => values.iter().all(fits_3_2),
        Value::Hash(hash) => hash.iter().all(|(key, value)| fits_3_2(key) && fits_3_2(value)),
        _ => true,
    }
}

/// From a millisecond ahead of the suite's clock to the year 9999.
fn any_expiry() -> impl Strategy<Value = Option<Timestamp>> {
    let end = Timestamp::parse("9999-12-31T23:59:59Z").unwrap().unix_seconds() * 1000;
    proptest::option::of((NOW.unix_seconds() * 1000 + 1)..end)
        .prop_map(|millis| millis.map(Timestamp::from_unix_millis))
}

#[derive(Clone, Debug)]
enum Change {
    Flip(Index, u8),
    Cut(Index),
    Drop(Index),
    Append(u8),
    Insert(Index, u8),
    Swap(Index),
}

/// With the bytes that a leniency would let through among the likelier.
fn any_change() -> impl Strategy<Value = Change> {
    let byte = || prop_oneof![any::<u8>(), select(b"=-_+/ \n\0A0".to_vec())];
    prop_oneof![
        (any::<Index>(), 0..8_u8).prop_map(|(at, bit)| Change::Flip(at, bit)),
        any::<Index>().prop_map(Change::Cut),
        any::<Index>().prop_map(Change::Drop),
        byte().prop_map(Change::Append),
        (any::<Index>(), byte()).prop_map(|(at, byte)| Change::Insert(at, byte)),
        any::<Index>().prop_map(Change::Swap),
    ]
}

fn changed(message: &str, change: &Change) -> Vec<u8> {
    let mut bytes = message.as_bytes().to_vec();
    let length = bytes.len();
    match change {
        Change::Flip(at, bit) => bytes[at.index(length)] ^= 1 << bit,
        Change::Cut(at) => bytes.truncate(at.index(length)),
        Change::Drop(at) => drop(bytes.remove(at.index(length))),
        Change::Append(byte) => bytes.push(*byte),
        Change::Insert(at, byte) => bytes.insert(at.index(length + 1), *byte),
        Change::Swap(at) => bytes.swap(at.index(length), (at.index(length) + 1) % length),
    }
    bytes
}

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config(3000))]

    #[test]
    fn what_a_codec_seals_it_opens(
        spec in any_spec(),
        value in any_value(),
        purpose in proptest::option::of(any_text()),
        expires_at in any_expiry(),
        start: u8,
    ) {
        prop_assume!(spec.version > Version::V3_2 || fits_3_2(&value));
        let codec = spec.build();
        let mut metadata = Metadata::none();
        let mut expected = Expected::NoPurpose;
        if spec.has_metadata() {
            if let Some(purpose) = &purpose {
                metadata = metadata.purpose(purpose);
                expected = Expected::Purpose(purpose);
            }
            if let Some(at) = expires_at {
                metadata = metadata.expires_at(at);
            }
        }
        let writer = match spec.serializer {
            // Bytes: what another serializer made.
            Serializer::Null => Spec { serializer: Serializer::JsonModule, ..spec }.build(),
            _ => spec.build(),
        };
        let sealed = writer.seal(&value, &Metadata::none(), &mut Counting(start)).unwrap();
        let payload = writer.open(sealed.as_bytes(), Expected::NoPurpose, NOW).unwrap();
        let payload = payload.payload().as_bytes().to_vec();

        let sealed = codec.seal_payload(&payload, &metadata, &mut Counting(start)).unwrap();
        let opened = codec.open(sealed.as_bytes(), expected, NOW).unwrap();
        prop_assert_eq!(opened.payload().as_bytes(), &payload);
        if spec.serializer != Serializer::Null {
            prop_assert_eq!(opened.to_value().unwrap(), value);
        }
        if spec.has_metadata() {
            let cut = |at: Timestamp| Timestamp::from_unix_millis(
                at.unix_seconds() * 1000 + i64::from(at.subsec_nanos() / 1_000_000));
            prop_assert_eq!(opened.expires_at(), expires_at.map(cut));
            prop_assert_eq!(opened.purpose(), purpose.as_deref());
            if let Some(at) = expires_at {
                let late = codec.open(sealed.as_bytes(), expected, at).unwrap_err();
                prop_assert_eq!(late, ContentError::Expired.into());
            }
        }
    }

    /// The strict reader opens all that each version writes, and a lenient one too, alike.
    #[test]
    fn what_rails_writes_every_strictness_reads(
        spec in any_spec(),
        payload in vec(any::<u8>(), 1..200),
        purpose in any_text(),
        expires_at in any_expiry(),
    ) {
        let spec = Spec { serializer: Serializer::Null, ..spec };
        let mut metadata = Metadata::none();
        let mut expected = Expected::NoPurpose;
        if spec.has_metadata() {
            metadata = metadata.purpose(&purpose);
            metadata = expires_at.map_or(metadata, |at| metadata.expires_at(at));
            expected = Expected::Purpose(&purpose);
        }
        let read = [Strictness::Strict, Strictness::AsRails].map(|strictness| {
            let writer = Spec { strictness: Strictness::AsRails, ..spec }.build();
            let sealed = writer.seal_payload(&payload, &metadata, &mut Counting(0)).unwrap();
            let reader = Spec { strictness, ..spec }.build();
            reader.open(sealed.as_bytes(), expected, NOW).map(|opened| summary(&opened))
        });
        prop_assert_eq!(&read[0].as_ref().unwrap().0, &payload);
        prop_assert_eq!(&read[0], &read[1]);
    }

    #[test]
    fn a_changed_message_does_not_open(
        spec in any_spec(),
        payload in vec(any::<u8>(), 1..80),
        metadata: bool,
        change in any_change(),
    ) {
        let spec = Spec { serializer: Serializer::Null, ..spec };
        let metadata = match metadata && spec.has_metadata() {
            true => Metadata::none().purpose("p"),
            false => Metadata::none(),
        };
        let codec = spec.build();
        let sealed = codec.seal_payload(&payload, &metadata, &mut Counting(0)).unwrap();
        let changed = changed(&sealed, &change);
        prop_assume!(changed != sealed.as_bytes());
        for expected in [Expected::NoPurpose, Expected::Purpose("p")] {
            let opened = codec.open(&changed, expected, NOW);
            match spec.strictness {
                Strictness::Strict => {
                    prop_assert!(matches!(opened, Err(OpenError::Format(_))), "{:?}", opened);
                }
                // Leniency is about spelling: never another payload.
                Strictness::AsRails => if let Ok(opened) = opened {
                    let same = codec.open(sealed.as_bytes(), expected, NOW).unwrap();
                    prop_assert_eq!(summary(&opened), summary(&same));
                }
            }
        }
    }

    #[test]
    fn arbitrary_bytes_never_open(
        spec in any_spec(),
        (app, which) in any_json_jar(),
        message in prop_oneof![
            vec(any::<u8>(), 0..300),
            "[A-Za-z0-9+/]{0,80}(==?)?--[0-9a-f]{40}".prop_map(String::into_bytes),
            "[A-Za-z0-9+/]{0,80}(==?)?--[0-9a-f]{64}".prop_map(String::into_bytes),
            "[A-Za-z0-9_-]{0,80}--[A-Za-z0-9_-]{16}--[A-Za-z0-9_-]{22}".prop_map(String::into_bytes),
            "[A-Za-z0-9+/]{0,80}--[A-Za-z0-9+/]{16}--[A-Za-z0-9+/]{22}==".prop_map(String::into_bytes),
        ],
    ) {
        for expected in [Expected::NoPurpose, Expected::Purpose("p"), Expected::CookieOrNone("a")] {
            let opened = spec.build().open(&message, expected, NOW);
            prop_assert!(matches!(opened, Err(OpenError::Format(_))), "{:?}", opened);
        }
        let opened = app.jar(which, "a").open(&message, NOW);
        prop_assert!(matches!(opened, Err(OpenError::Format(_))), "{:?}", opened);
    }

    /// Authentic bytes of any kind, envelopes with odd JSON among them: what the strict reader
    /// takes, that Rails takes, and finds the same in it.
    #[test]
    fn strict_is_a_part_of_what_rails_takes(
        spec in any_spec(),
        plain in any_plain(),
        start: u8,
    ) {
        let writer = Spec { serializer: Serializer::Null, form: EnvelopeForm::Legacy, ..spec };
        let sealed =
            writer.build().seal_payload(plain.as_bytes(), &Metadata::none(), &mut Counting(start));
        let sealed = sealed.unwrap();
        for expected in [Expected::NoPurpose, Expected::Purpose("p"), Expected::CookieOrNone("a")] {
            let [strict, as_rails] = [Strictness::Strict, Strictness::AsRails].map(|strictness| {
                let reader = Spec { strictness, ..spec }.build();
                let opened = reader.open(sealed.as_bytes(), expected, NOW);
                opened.map(|opened| (summary(&opened), opened.to_value()))
            });
            if let Ok((strict, value)) = strict {
                let (as_rails, same) = as_rails.unwrap();
                prop_assert_eq!(strict, as_rails);
                if value.is_ok() {
                    prop_assert_eq!(value, same);
                }
            }
        }
    }
}

/// What someone with the key might have signed: close to an envelope, and far from it.
fn any_plain() -> impl Strategy<Value = String> {
    let piece = select(vec![
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "\"",
        " ",
        "\n",
        "null",
        "1",
        "\"_rails\"",
        "\"message\"",
        "\"data\"",
        "\"exp\"",
        "\"pur\"",
        "\"YQ==\"",
        "\"MQ==\"",
        "\"p\"",
        "\"cookie.a\"",
        "\"\"",
        "/**/",
        "//\n",
        "\"\\u005frails\"",
        "\"\\_rails\"",
        "\"2090-01-01T00:00:00.000Z\"",
        "\"2001-01-01T00:00:00Z\"",
        "\u{4}\u{8}",
        "é",
        "{\"_rails\":{\"message\":",
        "\"\\q\"",
    ]);
    let envelope = (
        select(vec!["", " ", "/**/", "//\n"]),
        select(vec!["message", "data", "\\u006dessage"]),
        select(vec!["\"MQ==\"", "\"e30=\"", "1", "{\"a\":/**/1}", "null", "\"!\""]),
        select(vec!["null", "\"2090-01-01T00:00:00.000Z\"", "\"2001-01-01T00:00:00Z\"", "1"]),
        select(vec!["null", "\"p\"", "\"cookie.a\"", "\"\\u0070\"", "\"\\p\"", "\"\""]),
    );
    prop_oneof![
        any_text().prop_filter("blank data is no message", |text| !text.is_empty()),
        vec(piece, 1..14).prop_map(|pieces| pieces.concat()),
        envelope.prop_map(|(space, key, value, exp, pur)| format!(
            "{{\"_rails\":{{\"{key}\":{value},{space}\"exp\":{exp},\"pur\":{pur}}}{space}}}"
        )),
    ]
}

type Summary = (Vec<u8>, EnvelopeForm, Option<String>, Option<Timestamp>);

fn summary(opened: &Opened<'_>) -> Summary {
    (
        opened.payload().as_bytes().to_vec(),
        opened.envelope(),
        opened.purpose().map(String::from),
        opened.expires_at(),
    )
}

proptest! {
    #![proptest_config(config(2000))]

    #[test]
    fn what_a_jar_seals_it_opens(
        (app, which) in any_json_jar(),
        name in any_text(),
        value in any_value(),
        expires in any_expiry(),
    ) {
        let jar = app.jar(which, &name);
        let Ok(sealed) = jar.seal(&value, expires, &mut Counting(0)) else { return Ok(()) };
        let opened = jar.open(sealed.as_bytes(), NOW).unwrap();
        prop_assert_eq!(opened.to_value().unwrap(), value);
        if app.binds_names {
            let purpose = format!("cookie.{name}");
            prop_assert_eq!(opened.purpose(), Some(&*purpose));
        }
    }

    #[test]
    fn a_cookie_opens_under_its_own_name_alone(
        (app, which) in any_json_jar(),
        name in any_text(),
        other in any_text(),
    ) {
        prop_assume!(name != other);
        let sealed = app.jar(which, &name).seal(&1, None, &mut Counting(0)).unwrap();
        let opened = app.jar(which, &other).open(sealed.as_bytes(), NOW);
        if app.binds_names {
            prop_assert_eq!(opened.unwrap_err(), ContentError::PurposeMismatch.into());
        }
    }

    #[test]
    fn a_changed_cookie_does_not_open(
        (app, which) in any_json_jar(),
        value in any_value(),
        change in any_change(),
    ) {
        let jar = app.jar(which, "a");
        let Ok(sealed) = jar.seal(&value, None, &mut Counting(0)) else { return Ok(()) };
        let changed = changed(sealed.as_str(), &change);
        prop_assume!(changed != sealed.as_bytes());
        match (app.strictness, jar.open(&changed, NOW)) {
            (_, Err(error)) => prop_assert!(matches!(error, OpenError::Format(_))),
            (Strictness::Strict, Ok(_)) => prop_assert!(false, "opened though changed"),
            (Strictness::AsRails, Ok(opened)) => {
                prop_assert_eq!(opened.to_value().unwrap(), value);
            }
        }
    }
}

/// Every bit, every cut, every place for each byte that some leniency knows: not by chance.
#[test]
fn no_single_change_opens() {
    let kinds = codecs::kinds();
    let newest = |spec: &&Spec| {
        spec.version == Version::NEWEST
            && spec.strictness == Strictness::Strict
            && spec.serializer == Serializer::Null
            && spec.form == EnvelopeForm::Legacy
    };
    let mut tried = 0;
    for spec in SPECS.iter().filter(newest) {
        assert!(kinds.contains(&spec.kind));
        let codec = spec.build();
        // Each remainder of a group of base64, for each its padding.
        for payload in [&b"a"[..], b"ab", b"abc"] {
            let sealed = codec.seal_payload(payload, &Metadata::none(), &mut Counting(0)).unwrap();
            let bytes = sealed.as_bytes();
            let mut refuse = |changed: &[u8]| {
                let opened = codec.open(changed, Expected::NoPurpose, NOW);
                assert!(opened.is_err(), "{spec:?} {sealed} {}", changed.escape_ascii());
                tried += 1;
            };
            for at in 0..bytes.len() {
                refuse(&bytes[..at]);
                refuse(&bytes[at + 1..]);
                for bit in 0..8 {
                    let mut changed = bytes.to_vec();
                    changed[at] ^= 1 << bit;
                    refuse(&changed);
                }
            }
            for at in 0..=bytes.len() {
                for byte in *b"=-_+/ \r\n\0A0a" {
                    let mut changed = bytes.to_vec();
                    changed.insert(at, byte);
                    refuse(&changed);
                    changed.insert(at, byte);
                    refuse(&changed);
                }
            }
        }
    }
    assert!(tried > 500_000, "{tried}");
}
