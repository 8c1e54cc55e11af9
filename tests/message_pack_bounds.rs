//! MessagePack that no Rails wrote: refused at once, and without taking memory. Alone in its
//! process, so that the process's peak says what reading took.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    reason = "a test may"
)]

use std::time::{Duration, Instant};

use railjar::SerializationError::{
    self, MalformedPart, Mismatch, TooDeep, TooLarge, UnknownExtension,
};
use railjar::serializer::Limits;
use railjar::serializer::message_pack::{self, Extensions, LIMITS};
use railjar::value::Value;
use serde::de::IgnoredAny;
use serde_json::Value as Json;

/// The signature and then `parts`.
fn message(parts: &[&[u8]]) -> Vec<u8> {
    [&[&b"\xcc\x80"[..]], parts].concat().concat()
}

/// The most memory that this process ever had, in KiB.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}

fn crashers() -> Vec<(&'static str, Vec<u8>)> {
    let nested = |head: &[u8]| message(&[&head.repeat(200_000), b"\xc0"]);
    vec![
        ("arrays in arrays", nested(b"\x91")),
        ("hashes in hashes", nested(b"\x81\xc0")),
        ("hashes as keys", nested(b"\x81")),
        ("long arrays in arrays", nested(b"\xdd\x00\x01\x00\x00")),
        ("sets in sets", message(&[&b"\xc9\x00\x0f\x00\x00\x0c\x91".repeat(200_000)])),
        ("a huge array", message(&[b"\xdd\xff\xff\xff\xff\x00"])),
        ("a huge hash", message(&[b"\xdf\xff\xff\xff\xff\x00"])),
        ("a huge hash of half as much", message(&[b"\xdf\x7f\xff\xff\xff\x00"])),
        ("a huge string", message(&[b"\xdb\xff\xff\xff\xffx"])),
        ("huge bytes", message(&[b"\xc6\xff\xff\xff\xffx"])),
        ("a huge extension", message(&[b"\xc9\xff\xff\xff\xff\x00x"])),
        ("a huge array in an extension", message(&[b"\xc7\x05\x0c\xdd\xff\xff\xff\xff"])),
        ("an integer of a mebibyte", {
            message(&[b"\xc9\x00\x10\x00\x01\x01\x00", &[0xff; 1 << 20]])
        }),
        ("a claim for every byte", message(&[&b"\xdc\xff\xff".repeat(40_000)])),
    ]
}

#[test]
fn crashers_are_refused_in_a_millisecond_and_a_mebibyte() {
    let crashers = crashers();
    let before = peak();
    let extensions = Extensions::default();
    for (name, bytes) in &crashers {
        let started = Instant::now();
        let tree = message_pack::read(bytes, &extensions, &LIMITS).map(drop).unwrap_err();
        let typed = message_pack::from_slice::<Json>(bytes, &extensions, &LIMITS).unwrap_err();
        let taken = started.elapsed();
        let bounded = |error: &SerializationError| {
            matches!(error, TooDeep | TooLarge { .. } | MalformedPart { .. })
        };
        // What JSON has no keys for is refused even sooner.
        assert!(bounded(&tree) && (bounded(&typed) || typed == Mismatch), "{name}");
        // Debug builds, and machines that do other things, are slower: the best of a few counts.
        let best = (0..20).map(|_| {
            let started = Instant::now();
            assert!(message_pack::read(bytes, &extensions, &LIMITS).is_err());
            started.elapsed()
        });
        let best = best.min().unwrap_or(taken);
        assert!(best < Duration::from_millis(1), "{name}: {best:?}");
    }
    let taken = peak().zip(before).map_or(0, |(after, before)| after - before);
    assert!(taken < 1024, "{taken} KiB");
}

#[test]
fn what_is_ignored_is_bounded_too() {
    let deep = message(&[&b"\x91".repeat(200_000), b"\xc0"]);
    let read = message_pack::from_slice::<IgnoredAny>(&deep, &Extensions::default(), &LIMITS);
    assert!(read.is_ok());
    let claim = message(&[b"\xdd\xff\xff\xff\xff\x00"]);
    let read = message_pack::from_slice::<IgnoredAny>(&claim, &Extensions::default(), &LIMITS);
    assert_eq!(read.err(), Some(MalformedPart { offset: 2, part: "an array" }));
}

#[test]
fn limits_are_the_callers() {
    let extensions = Extensions::default();
    let read = |bytes: &[u8], limits: Limits| {
        let tree = message_pack::read(bytes, &extensions, &limits).err();
        let typed = message_pack::from_slice::<Json>(bytes, &extensions, &limits).err();
        assert_eq!(tree, typed);
        tree
    };
    let nested = message(&[b"\x91\x91\x91\x01"]);
    assert_eq!(read(&nested, LIMITS.depth(3)), None);
    assert_eq!(read(&nested, LIMITS.depth(2)), Some(TooDeep));
    let five = message(&[b"\x94\x01\x02\x03\x04"]);
    let values = TooLarge { offset: 6, part: "values" };
    assert_eq!(read(&five, LIMITS.values(6)), None);
    assert_eq!(read(&five, LIMITS.values(5)), Some(values));
    let text = message(&[b"\xa5hello"]);
    let string = TooLarge { offset: 2, part: "a string" };
    assert_eq!(read(&text, LIMITS.string(4)), Some(string));
    let memory = TooLarge { offset: 2, part: "memory" };
    assert_eq!(read(&text, LIMITS.memory(2 * size_of::<Value>() + 5)), None);
    assert_eq!(read(&text, LIMITS.memory(2 * size_of::<Value>() + 4)), Some(memory));
    let big = message(&[b"\xc7\x0d\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01"]);
    let integer = TooLarge { offset: 2, part: "an Integer" };
    assert_eq!(read(&big, LIMITS.integer(12)), None);
    assert_eq!(read(&big, LIMITS.integer(11)), Some(integer));
}

#[test]
fn nesting_is_counted_as_the_gem_counts_it() {
    // msgpack-ruby 1.4.2 and 1.7.2: 128 levels, an empty array or hash being none.
    let extensions = Extensions::default();
    for (depth, inside, read) in [
        (128, &b"\xc0"[..], true),
        (128, b"\x90", true),
        (128, b"\x91\xc0", false),
        (129, b"\x90", false),
    ] {
        let bytes = message(&[&b"\x91".repeat(depth), inside]);
        assert_eq!(message_pack::read(&bytes, &extensions, &LIMITS).is_ok(), read);
    }
}

#[test]
fn errors_say_where() {
    let error = |bytes: &[u8]| message_pack::read(bytes, &Extensions::V8_1, &LIMITS).unwrap_err();
    let cases: [(&[u8], SerializationError); 14] = [
        (b"", MalformedPart { offset: 0, part: "the signature" }),
        (b"{}", MalformedPart { offset: 0, part: "the signature" }),
        (b"\xcc\x80", MalformedPart { offset: 2, part: "a value" }),
        (b"\xcc\x80\x01\x01", MalformedPart { offset: 3, part: "the end" }),
        (b"\xcc\x80\x92\x01\xc1", MalformedPart { offset: 4, part: "a value" }),
        (b"\xcc\x80\xa2x", MalformedPart { offset: 2, part: "a string" }),
        (b"\xcc\x80\xd4\x7f\x00", UnknownExtension { offset: 2 }),
        (b"\xcc\x80\xd4\x13\x00", UnknownExtension { offset: 2 }),
        // A length that is not that of the content, either way.
        (b"\xcc\x80\xd5\x06\x00\x00", MalformedPart { offset: 5, part: "the end" }),
        (b"\xcc\x80\xd4\x07\x00", MalformedPart { offset: 5, part: "a value" }),
        // A fraction with nothing below its line, a nanosecond too many, an offset of a day.
        (b"\xcc\x80\xd5\x03\x01\x00", MalformedPart { offset: 5, part: "a Rational" }),
        (
            b"\xcc\x80\xc7\x07\x07\x00\xce\x3b\x9a\xca\x00\x00",
            MalformedPart { offset: 11, part: "a Time" },
        ),
        (
            b"\xcc\x80\xc7\x07\x07\x00\x00\xce\x00\x01\x51\x80",
            MalformedPart { offset: 7, part: "a Time" },
        ),
        (b"\xcc\x80\xd4\x11\x90", MalformedPart { offset: 4, part: "a HashWithIndifferentAccess" }),
    ];
    for (bytes, expected) in cases {
        assert_eq!(error(bytes), expected, "{bytes:02x?}");
    }
}
