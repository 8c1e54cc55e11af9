//! A mebibyte, then four, in every field. Whatever were quadratic would take a minute at best for a
//! mebibyte, and sixteen for four; a busy machine does not make milliseconds ten seconds.

use std::collections::BTreeSet;
use std::hint::black_box;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use railjar::cookies::{CookieName, RackCookies, SetCookie, SetCookieName, escape, header};
use railjar::envelope::EnvelopeForm;
use railjar::rails::{Strictness, Version};
use railjar::serializer::json;
use railjar::{
    Cipher, Digest, Expected, KeyGenerator, MessageVerifier, Metadata, Scratch, Secret,
    SerializationError, Serializer, Timestamp,
};

use crate::codecs::{Counting, Kind, NOW, SignKey, Spec, apps, specs};

const MEBIBYTE: usize = 1 << 20;
const BOUND: Duration = Duration::from_secs(10);
static SEEN: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// A mebibyte of it each time, and four the first time.
#[track_caller]
fn linear(what: &str, mut work: impl FnMut(usize)) {
    let first = SEEN.lock().unwrap().insert(what.to_owned());
    let sizes = [MEBIBYTE, 4 * MEBIBYTE];
    for &size in &sizes[..1 + usize::from(first)] {
        let start = Instant::now();
        work(size);
        let took = start.elapsed();
        assert!(took < BOUND, "{what} of {size} bytes took {took:?}");
    }
}

/// `unit` repeated up to `size`.
fn filled(unit: &[u8], size: usize) -> Vec<u8> {
    unit.iter().copied().cycle().take(size).collect()
}

/// Versions that differ in all, each leniency included; one of each kind of codec.
fn readers() -> Vec<Spec> {
    let kinds = [
        Kind::Signed(Digest::Sha1),
        Kind::Signed(Digest::Sha256),
        Kind::Gcm(Cipher::Aes256Gcm),
        Kind::Cbc(Cipher::Aes256Cbc, Digest::Sha1, SignKey::Separate),
    ];
    let wanted = |spec: &Spec| {
        kinds.contains(&spec.kind)
            && [Version::V4_0, Version::V6_1, Version::NEWEST].contains(&spec.version)
            && (spec.strictness == Strictness::AsRails) == (spec.version != Version::V6_1)
            && spec.form == EnvelopeForm::Legacy
            && spec.serializer == Serializer::JsonAllowMarshal
    };
    specs().into_iter().filter(wanted).collect()
}

#[test]
fn long_messages_take_linear_time() {
    let tails: [&[u8]; 4] = [
        b"",
        b"--0123456789abcdef0123456789abcdef01234567",
        b"--AAAAAAAAAAAAAAAA--AAAAAAAAAAAAAAAAAAAAAA==",
        b"--AAAAAAAAAAAAAAAA--AAAAAAAAAAAAAAAAAAAAAA",
    ];
    let units: [&[u8]; 7] = [b"A", b"-", b"A--", b"=", b"%3D", b"\xff", b"AAAA\n"];
    for spec in readers() {
        let codec = spec.build_with(&[Spec { key: 2, ..spec }, Spec { key: 3, ..spec }]);
        let mut scratch = Scratch::new();
        for unit in units {
            for tail in tails {
                linear(&format!("a message of {unit:?}"), |size| {
                    let message = [&filled(unit, size), tail].concat();
                    let opened = codec.open_in(&mut scratch, &message, Expected::NoPurpose, NOW);
                    assert!(opened.is_err());
                });
            }
        }
    }
}

#[test]
fn long_payloads_and_purposes_take_linear_time() {
    for spec in readers() {
        let codec = spec.build();
        linear(&format!("a payload in {:?}", spec.kind), |size| {
            let payload = [b"\"", &filled(b"a", size)[..], b"\""].concat();
            let sealed = codec.seal_payload(&payload, &Metadata::none(), &mut Counting(0)).unwrap();
            let opened = codec.open(sealed.as_bytes(), Expected::NoPurpose, NOW).unwrap();
            assert_eq!(opened.deserialize::<&str>().unwrap().len(), size);
        });
        for unit in [&b"p"[..], b"\"", b"\\", "é".as_bytes(), "\u{2028}".as_bytes()] {
            linear(&format!("a purpose of {unit:?}"), |size| {
                let purpose = String::from_utf8_lossy(&filled(unit, size)).into_owned();
                let metadata = Metadata::none().purpose(&purpose);
                let sealed = codec.seal_payload(b"1", &metadata, &mut Counting(0)).unwrap();
                let opened = codec.open(sealed.as_bytes(), Expected::Purpose(&purpose), NOW);
                assert_eq!(opened.is_ok(), spec.has_metadata());
                let other = codec.open(sealed.as_bytes(), Expected::Purpose("p"), NOW);
                assert!(other.is_err());
            });
        }
    }
}

/// JSON behind a right tag, read as a value, into a type, and looked through for an envelope.
#[test]
fn long_json_takes_linear_time() {
    let around = |before: &'static str, unit: &'static str, after: &'static str| {
        move |size: usize| {
            [before.as_bytes(), &unit.as_bytes().repeat(size / unit.len()), after.as_bytes()]
                .concat()
        }
    };
    let numbered = |size: usize| {
        let members: Vec<_> = (0..size / 12).map(|at| format!("\"{at:08}\":1")).collect();
        format!("{{{}}}", members.join(",")).into_bytes()
    };
    let envelopes = |size: usize| {
        let one = "\"_rails\":{\"message\":\"MQ==\"},";
        format!("{{{}\"_rails\":{{\"message\":\"MQ==\"}}}}", one.repeat(size / one.len())).into()
    };
    type Text = Box<dyn Fn(usize) -> Vec<u8>>;
    let texts: Vec<(&str, Text)> = vec![
        ("nesting of arrays", Box::new(around("", "[", ""))),
        ("nesting of hashes", Box::new(around("", "{\"a\":", ""))),
        ("elements", Box::new(around("[", "1,", "1]"))),
        ("empty arrays", Box::new(around("[", "[],", "[]]"))),
        ("digits", Box::new(around("1", "2", ""))),
        ("negative digits", Box::new(around("-1", "0", ""))),
        ("decimals", Box::new(around("1.", "3", ""))),
        ("an exponent", Box::new(around("1e", "9", ""))),
        ("a string", Box::new(around("\"", "a", "\""))),
        ("escapes", Box::new(around("\"", "\\n", "\""))),
        ("pairs of surrogates", Box::new(around("\"", "\\ud83d\\ude00", "\""))),
        ("an open string", Box::new(around("\"", "\\\"", ""))),
        ("one key again and again", Box::new(around("{", "\"a\":1,", "\"a\":2}"))),
        ("one key", Box::new(around("{\"", "a", "\":1}"))),
        ("many keys", Box::new(numbered)),
        ("space", Box::new(around("", " ", "1"))),
        ("comments", Box::new(around("", "/**/", "1"))),
        ("open comments", Box::new(around("1", "/*", ""))),
        ("half comments", Box::new(around("1", "/", ""))),
        ("envelopes", Box::new(envelopes)),
        (
            "members of an envelope",
            Box::new(around("{\"_rails\":{", "\"pur\":\"p\",", "\"message\":\"MQ==\"}}")),
        ),
        (
            "an expiry",
            Box::new(around(
                "{\"_rails\":{\"message\":\"MQ==\",\"exp\":\"",
                "2",
                "\",\"pur\":null}}",
            )),
        ),
        (
            "an expiry's fraction",
            Box::new(around(
                "{\"_rails\":{\"message\":\"MQ==\",\"exp\":\"2090-01-01T00:00:00.",
                "2",
                "Z\",\"pur\":null}}",
            )),
        ),
        (
            "an enveloped value",
            Box::new(around(
                "{\"_rails\":{\"message\":\"",
                "AAAA",
                "\",\"exp\":null,\"pur\":null}}",
            )),
        ),
        ("a new envelope's value", Box::new(around("{\"_rails\":{\"data\":[", "1,", "1]}}"))),
    ];
    for version in [Version::V6_1, Version::NEWEST] {
        for rules in [version.dialect().strict().messages(), version.dialect().messages()] {
            let verifier = MessageVerifier::with_rules(&Secret::new(*b"k"), rules);
            let writer = verifier.clone().serializer(Serializer::Null);
            for (what, text) in &texts {
                linear(what, |size| {
                    let sealed = writer.seal_payload(&text(size), &Metadata::none()).unwrap();
                    for expected in [Expected::NoPurpose, Expected::Purpose("p")] {
                        let Ok(opened) = verifier.open(sealed.as_bytes(), expected, NOW) else {
                            continue;
                        };
                        let value = opened.to_value();
                        if let Ok(value) = &value {
                            let _ = black_box(json::to_vec(value, &json::Text::ACTIVE_SUPPORT));
                            let _ = black_box(value.to_string().len());
                        }
                        let _ = black_box(opened.deserialize::<serde::de::IgnoredAny>().is_ok());
                    }
                });
            }
        }
    }
}

#[test]
fn nesting_is_refused_at_its_limit_and_far_beyond() {
    let verifier = MessageVerifier::new(&Secret::new(*b"k"));
    for depth in [json::MAX_NESTING + 1, 200_000] {
        let text = "[".repeat(depth) + &"]".repeat(depth);
        let sealed = verifier.seal_payload(text.as_bytes(), &Metadata::none()).unwrap();
        let opened = verifier.open(sealed.as_bytes(), Expected::NoPurpose, NOW).unwrap();
        assert_eq!(opened.to_value(), Err(SerializationError::TooDeep));
    }
}

#[test]
fn long_headers_names_and_values_take_linear_time() {
    let units: [&[u8]; 9] = [b";", b"; ", b"a=", b"a=1; ", b"%", b"%41", b"+", b"a%zz;", b"\xff,"];
    for rules in [RackCookies::UpToRack2_0, RackCookies::Rack2_1, RackCookies::SinceRack2_2] {
        for unit in units {
            linear(&format!("a header of {unit:?}"), |size| {
                let sent = filled(unit, size);
                let _ = black_box(header::find(&sent, b"absent", rules));
                let _ = black_box(header::find(&sent, &sent, rules));
                let _ = black_box(header::find_all(&sent, b"a", rules).count());
                let _ = black_box(header::cookies(&sent, rules).map(|c| c.name().len()).max());
            });
        }
    }
    for unit in units {
        linear(&format!("a value of {unit:?}"), |size| {
            let value = filled(unit, size);
            assert_eq!(*escape::unescape(escape::escape(&value).as_bytes()), *value);
            let _ = black_box(escape::unescape(&value).len());
            let set_cookie = [b"a=", &value[..]].concat();
            let replaced = SetCookie::parse(&set_cookie).unwrap().replace_value(&value);
            let _ = black_box(SetCookie::parse(&replaced).unwrap().value().len());
        });
    }
    let apps = apps();
    for app in apps.iter().filter(|app| app.version >= Version::V4_1) {
        linear("a cookie's name", |size| {
            let name = String::from_utf8(filled(b"a%\"", size)).unwrap();
            let cookie_name = CookieName::new(&*name).unwrap();
            let _ = black_box(SetCookieName::Escaped.pair(&cookie_name, b"1").unwrap().len());
            let _ = black_box(cookie_name.purpose().len());
            for jar in [app.cookies.signed(&name), app.cookies.encrypted(&name)] {
                let _ = black_box(jar.seal(&1, None, &mut Counting(0)).map(|_| ()));
                assert!(jar.open(b"x", NOW).is_err());
            }
            let jar = app.cookies.encrypted("a");
            assert!(jar.seal(&name, None, &mut Counting(0)).is_err(), "over 4096 bytes");
        });
    }
}

#[test]
fn long_settings_take_linear_time() {
    linear("a name", |size| {
        let name = "a".repeat(size);
        assert!(Digest::from_name(&name).is_err());
        assert!(Cipher::from_name(&name).is_err());
        assert!(Serializer::from_name(&name).is_err());
        assert!(Version::from_name(&name).is_err());
        assert!(Timestamp::parse(&"1".repeat(size)).is_none());
        let fraction = format!("2090-01-01T00:00:00.{}Z", "1".repeat(size));
        assert!(Timestamp::parse(&fraction).is_some());
    });
    linear("a secret", |size| {
        let generator = KeyGenerator::new(Secret::new(vec![1; size]));
        assert!(generator.generate_key(&vec![2; size], 64).is_ok());
    });
}
