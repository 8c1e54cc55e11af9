//! Each line of the corpus, in each version.

use std::collections::BTreeMap;

use railjar::serializer::message_pack::{self, Extensions, LIMITS};
use railjar::{SealError, SerializationError};
use serde_json::Value as Json;

use crate::{hex, read, written};

const CORPUS: &str = include_str!("../rails-corpus/messagepack.jsonl");

/// The versions of the corpus, 8.1 being the one that the others are compared with.
const VERSIONS: [(&str, Extensions); 5] = [
    ("7.1", Extensions::V7_1),
    ("7.2", Extensions::V7_2),
    ("8.0", Extensions::V7_2),
    ("8.1", Extensions::V8_1),
    ("main", Extensions::V8_2),
];

/// The values that this crate shows in another way than Ruby: it has not the classes of URIs, nor
/// the zones' abbreviations. The corpus has cut two that are long.
const SHOWN_OTHERWISE: [&str; 11] = [
    "string/7",
    "symbol/4",
    "time_with_zone/0",
    "time_with_zone/1",
    "time_with_zone/2",
    "time_with_zone/3",
    "time_zone/0",
    "time_zone/1",
    "uri/0",
    "uri/1",
    "uri/2",
];

fn lines() -> Vec<Json> {
    CORPUS.lines().skip(1).map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn is_negative(line: &Json) -> bool {
    line["section"] == "negative"
}

/// What a version has in a field: its own, or that of 8.1.
fn field<'l>(line: &'l Json, version: &str, name: &str) -> Option<&'l str> {
    let own = &line["differs_in"][version];
    if name == "hex" && own.get("dump_error").is_some() {
        return None;
    }
    own.get(name).or_else(|| line.get(name))?.as_str()
}

#[test]
fn every_value_is_read_and_written_byte_for_byte_in_every_version() {
    let mut read = BTreeMap::new();
    for (version, extensions) in VERSIONS {
        for line in lines().iter().filter(|line| !is_negative(line)) {
            let id = line["id"].as_str().unwrap();
            let Some(bytes) = field(line, version, "hex").map(hex) else { continue };
            let value = message_pack::read(&bytes, &extensions, &LIMITS)
                .unwrap_or_else(|error| panic!("{version} {id}: {error}"));
            let again = message_pack::to_vec(&value, &extensions);
            assert_eq!(again.as_deref(), Ok(&bytes[..]), "{version} {id}: {value}");
            *read.entry(version).or_insert(0) += 1;

            let inspect = field(line, version, "inspect").unwrap();
            if !SHOWN_OTHERWISE.contains(&id) {
                assert_eq!(value.to_string(), inspect, "{version} {id}");
                *read.entry("inspected").or_insert(0) += 1;
            }
            // Through serde, integers over 64 bits are text to `serde_json`.
            let small = value
                .as_integer()
                .is_none_or(|big| big.to_u64().or(big.to_i64().map(|_| 0)).is_some());
            if let Some(json) = line.get("value").filter(|_| small) {
                assert_eq!(&serde_json::to_value(&value).unwrap(), json, "{version} {id}");
                assert_eq!(typed(&bytes, &extensions), *json, "{version} {id}");
                *read.entry("in JSON").or_insert(0) += 1;
            }
        }
    }
    let counts = [
        ("7.1", 133),
        ("7.2", 133),
        ("8.0", 133),
        ("8.1", 134),
        ("main", 134),
        ("in JSON", 260),
        ("inspected", 612),
    ];
    assert_eq!(read, BTreeMap::from(counts));
}

fn typed(bytes: &[u8], extensions: &Extensions) -> Json {
    message_pack::from_slice(bytes, extensions, &LIMITS).unwrap()
}

#[test]
fn what_rails_does_not_serialize_is_refused() {
    let mut refused = 0;
    for (version, extensions) in VERSIONS {
        for line in lines() {
            let error = line["differs_in"][version].get("dump_error").or(line.get("dump_error"));
            if error.is_none() {
                continue;
            }
            let id = line["id"].as_str().unwrap();
            let value = written::unserializable(id).unwrap();
            let written = message_pack::to_vec(&value, &extensions);
            assert_eq!(written, Err(SealError::Unrepresentable), "{version} {id}");
            refused += 1;
        }
    }
    // Nine in each version, and the SafeBuffer in three.
    assert_eq!(refused, 5 * 9 + 3);
}

#[test]
fn what_ruby_refuses_is_refused() {
    let negative: Vec<Json> = lines().into_iter().filter(is_negative).collect();
    let (mut refused, mut read_all_the_same) = (0, 0);
    for line in &negative {
        let id = line["id"].as_str().unwrap();
        let bytes = hex(line["hex"].as_str().unwrap());
        match (read(&bytes), line["result"].as_str().unwrap()) {
            (Err(error), "error") => {
                let unknown = matches!(error, SerializationError::UnknownExtension { offset: 2 });
                assert_eq!(unknown, id.contains("ext"), "{id}: {error:?}");
                refused += 1;
            }
            (Ok(value), "value") => {
                assert_eq!(value.to_string(), line["inspect"].as_str().unwrap(), "{id}");
                read_all_the_same += 1;
            }
            (result, expected) => panic!("{id}: {expected}, {result:?}"),
        }
    }
    assert_eq!((refused, read_all_the_same), (9, 4));
    assert_eq!(lines().len(), 134 + 9 + 13);
}
