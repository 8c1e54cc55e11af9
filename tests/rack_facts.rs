//! Cookies in HTTP, against what real Racks answered: the facts and the `Set-Cookie` headers of the
//! corpus, and `rack/headers.jsonl` (made by `rack/headers.rb`).

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::std_instead_of_alloc,
    reason = "a test fails by panicking, and has std"
)]

use core::str;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use proptest::prelude::*;
use railjar::ConfigError;
use railjar::cookies::{CookieName, RackCookies, SetCookie, SetCookieName, escape, header};
use serde_json::Value;

const ALL: [RackCookies; 3] =
    [RackCookies::UpToRack2_0, RackCookies::Rack2_1, RackCookies::SinceRack2_2];

/// Each fact about reading, and the header that Rack was given.
const READ: [(&str, &str); 15] = [
    ("parse_plus", "a=x+y%2Bz"),
    ("parse_raw_b64", "a=ab+/c==--de"),
    ("parse_comma", "a=1,b=2"),
    ("parse_semi_nospace", "a=1;b=2"),
    ("parse_dup", "a=1; a=2"),
    ("parse_bad_pct", "a=%zz"),
    ("parse_esc_name", "a%5Bb%5D=1"),
    ("parse_quoted", "a=\"q\""),
    ("parse_no_eq", "a"),
    ("parse_space_eq", "a = 1"),
    ("parse_bad_utf8", "a=%FF%FE"),
    ("parse_empty", "a="),
    ("parse_leading", " a=1"),
    ("parse_brackets", "a[b]=1"),
    ("parse_dup", "a=1; a=2; a"),
];

/// Each fact about writing the value `v+ /=`, and the cookie's name.
const WRITTEN: [(&str, &str); 4] =
    [("set_plain", "plain"), ("set_brackets", "a[b]"), ("set_space", "a b"), ("set_utf8", "é")];

#[test]
fn every_rack_reads_as_we_do() {
    let mut checked = 0;
    for (rack, facts) in racks() {
        for (fact, sent) in READ {
            let read = by_name(sent.as_bytes(), reading(rack));
            let expected: BTreeMap<_, _> = pairs(&facts[fact])
                .map(|(name, value)| (name.as_bytes().to_vec(), inspected(value)))
                .collect();
            assert_eq!(read, expected, "rack {rack:?} {fact}");
            checked += 1;
        }
    }
    assert_eq!(checked, 12 * READ.len());
}

#[test]
fn every_rack_writes_as_we_do() {
    for (rack, facts) in racks() {
        assert_eq!(facts["escape"], escape::escape("aZ09-_.~*+/= é%".as_bytes()));
        assert_eq!(
            facts["unescape_plus"].as_str().unwrap().as_bytes(),
            &*escape::unescape(b"a+b%2Bc%3D")
        );
        for (fact, name) in WRITTEN {
            let name = CookieName::new(name).unwrap();
            let written = writing(rack).pair(&name, b"v+ /=");
            match &facts[fact] {
                Value::String(raised) => {
                    assert!(raised.starts_with("ERR ArgumentError invalid cookie key"));
                    assert_eq!(written, Err(ConfigError::CookieName), "rack {rack:?} {fact}");
                }
                headers => {
                    let expected = headers[0].as_str().unwrap().strip_suffix("; path=/").unwrap();
                    assert_eq!(written.as_deref(), Ok(expected), "rack {rack:?} {fact}");
                }
            }
        }
    }
}

/// Whatever attributes a version writes, they survive a new value.
#[test]
fn attributes_of_every_version_survive() {
    let mut checked = 0;
    for line in lines("rails-corpus/facts.jsonl") {
        for headers in line["r"]["set_cookie"].as_object().unwrap().values() {
            let Some(written) = headers[0].as_str() else {
                continue;
            };
            let cookie = SetCookie::parse(written.as_bytes()).unwrap();
            let attributes = &written[written.find(';').unwrap()..];
            assert_eq!(cookie.replace_value(b"="), format!("n=%3D{attributes}").as_bytes());
            checked += 1;
        }
    }
    assert_eq!(checked, 93);
}

/// 652 headers, many of them nonsense, put to Rack 2.1, 2.2, 3.1 and 3.2 themselves.
#[test]
fn nonsense_is_read_as_rack_reads_it() {
    let cases = lines("rack/headers.jsonl");
    assert_eq!(cases.len(), 652);
    for case in &cases {
        let sent = unhex(&case["header"]).unwrap();
        for (key, rules) in ["up_to_2.0", "2.1", "since_2.2"].into_iter().zip(ALL) {
            let mut expected = BTreeMap::new();
            for pair in case[key].as_array().unwrap() {
                let name = unhex(&pair[0]).unwrap();
                // A name may stand twice: Ruby tells bytes of two encodings apart.
                expected.entry(name).or_insert_with(|| unhex(&pair[1]));
            }
            assert_eq!(by_name(&sent, rules), expected, "{key} {case}");
        }
    }
}

#[test]
fn every_cookie_of_the_corpus_is_read_and_written() {
    let mut checked = 0;
    for version in [
        "3.2", "4.0", "4.1", "4.2", "5.0", "5.1", "5.2", "6.0", "6.1", "7.0", "7.1", "7.2", "8.0",
        "8.1", "main",
    ] {
        for case in lines(&format!("rails-corpus/{version}.jsonl")) {
            let (Some(written), Some(wire)) = (case["set_cookie"].as_str(), case["wire"].as_str())
            else {
                continue;
            };
            let rules =
                if version == "main" { SetCookieName::Validated } else { SetCookieName::Escaped };
            let cookie = SetCookie::parse(written.as_bytes()).unwrap();
            assert_eq!(*cookie.value(), *wire.as_bytes(), "{}", case["id"]);
            assert_eq!(cookie.replace_value(wire.as_bytes()), written.as_bytes());
            let name = case.get("sealed_cookie_name").unwrap_or(&case["cookie_name"]);
            let name = CookieName::new(name.as_str().unwrap()).unwrap();
            assert_eq!(*cookie.name(rules), *name.as_bytes(), "{}", case["id"]);
            let pair = rules.pair(&name, wire.as_bytes()).unwrap();
            assert_eq!(written.split("; ").next(), Some(&*pair), "{}", case["id"]);
            for rack in ALL {
                let found = header::find(pair.as_bytes(), name.as_bytes(), rack);
                assert_eq!(found.as_deref(), Some(wire.as_bytes()));
            }
            checked += 1;
        }
    }
    assert_eq!(checked, 3154);
}

proptest! {
    #[test]
    fn what_is_escaped_is_read_back(value: Vec<u8>) {
        let escaped = escape::escape(&value);
        prop_assert!(escaped.is_ascii());
        prop_assert_eq!(&*escape::unescape(escaped.as_bytes()), &*value);
    }

    #[test]
    fn any_header_is_read(sent in "[ab=;, %+24fF\"\\PC]{0,40}", name in "[ab %]{0,3}") {
        for rules in ALL {
            let read = by_name(sent.as_bytes(), rules);
            let found = header::find(sent.as_bytes(), name.as_bytes(), rules);
            prop_assert_eq!(found.as_deref(), read.get(name.as_bytes()).and_then(|v| v.as_deref()));
            let all = header::find_all(sent.as_bytes(), name.as_bytes(), rules).count();
            prop_assert_eq!(all > 0, read.contains_key(name.as_bytes()));
        }
    }

    #[test]
    fn a_new_value_is_the_only_change(sent: Vec<u8>, value: Vec<u8>) {
        if let Some(cookie) = SetCookie::parse(&sent) {
            let replaced = cookie.replace_value(&value);
            let again = SetCookie::parse(&replaced).unwrap();
            prop_assert_eq!(&*again.value(), &*value);
            for rules in [SetCookieName::Escaped, SetCookieName::Validated] {
                prop_assert_eq!(again.name(rules), cookie.name(rules));
            }
        }
    }
}

/// What Rails' jar starts from, by Rack's own way of saying it: the first of a name wins, but up to
/// 2.0 a nil does not count.
fn by_name(sent: &[u8], rules: RackCookies) -> BTreeMap<Vec<u8>, Option<Vec<u8>>> {
    let mut read: BTreeMap<Vec<u8>, Option<Vec<u8>>> = BTreeMap::new();
    for cookie in header::cookies(sent, rules) {
        let name = cookie.name().into_owned();
        let value = cookie.value().map(|value| value.into_owned());
        assert!(cookie.is_named(&name));
        let held = read.entry(name).or_insert_with(|| value.clone());
        if held.is_none() && rules == RackCookies::UpToRack2_0 {
            *held = value;
        }
    }
    for (name, value) in &read {
        assert_eq!(header::find(sent, name, rules).as_deref(), value.as_deref());
    }
    read
}

fn racks() -> Vec<([u32; 2], Value)> {
    let racks: Vec<_> = lines("rails-corpus/facts.jsonl")
        .into_iter()
        .map(|mut line| {
            let facts = line["r"]["rack"].take();
            let mut parts = facts["ver"].as_str().unwrap().split('.').map(|n| n.parse().unwrap());
            ([parts.next().unwrap(), parts.next().unwrap()], facts)
        })
        .collect();
    assert_eq!(racks.len(), 12);
    racks
}

fn reading(rack: [u32; 2]) -> RackCookies {
    match rack {
        [..=1, _] | [2, 0] => RackCookies::UpToRack2_0,
        [2, 1] => RackCookies::Rack2_1,
        _ => RackCookies::SinceRack2_2,
    }
}

fn writing(rack: [u32; 2]) -> SetCookieName {
    if rack >= [3, 2] { SetCookieName::Validated } else { SetCookieName::Escaped }
}

fn pairs(fact: &Value) -> impl Iterator<Item = (&str, &str)> {
    let pairs = fact.as_array().unwrap().iter();
    pairs.map(|pair| (pair[0].as_str().unwrap(), pair[1].as_str().unwrap()))
}

/// The bytes of a string as Ruby's `inspect` shows it.
fn inspected(text: &str) -> Option<Vec<u8>> {
    let quoted = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    let Some(quoted) = quoted else {
        assert_eq!(text, "nil");
        return None;
    };
    let mut bytes = vec![];
    let mut rest = quoted;
    while let Some((plain, escaped)) = rest.split_once('\\') {
        bytes.extend_from_slice(plain.as_bytes());
        rest = match escaped.strip_prefix('x') {
            Some(hex) => {
                bytes.push(u8::from_str_radix(&hex[..2], 16).unwrap());
                &hex[2..]
            }
            None => {
                bytes.push(escaped.as_bytes()[0]);
                &escaped[1..]
            }
        };
    }
    bytes.extend_from_slice(rest.as_bytes());
    Some(bytes)
}

fn unhex(text: &Value) -> Option<Vec<u8>> {
    let text = text.as_str()?.as_bytes().chunks(2);
    text.map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).ok()).collect()
}

#[track_caller]
fn lines(file: &str) -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(file);
    let text = fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}
