//! Dumps that are made to hurt: each is refused at once, in hardly any memory. All in one test, and
//! alone in this process, since it looks at the process's own memory.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test may"
)]

use std::time::{Duration, Instant};

use railjar::SerializationError as Error;
use railjar::serializer::marshal::{self, Limits};
use serde::de::IgnoredAny;

/// A name, a dump, and whether this is the refusal that it deserves.
type Case = (&'static str, Vec<u8>, fn(&Error) -> bool);

fn dump(body: &[u8]) -> Vec<u8> {
    [b"\x04\x08", body].concat()
}

/// The most memory that this process has ever taken, in KiB.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

#[test]
fn hostile_dumps_are_refused_at_once() {
    let deep = |start: &[u8], levels: usize| dump(&[start.repeat(levels), b"0".to_vec()].concat());
    let cases: [Case; 12] = [
        ("200,000 arrays in each other", deep(b"[\x06", 200_000), |e| *e == Error::TooDeep),
        ("200,000 hashes as keys", deep(b"{\x06", 200_000), |e| *e == Error::TooDeep),
        ("200,000 objects", deep(b"U:\x06A", 200_000), |e| *e == Error::TooDeep),
        ("200,000 instance variables", deep(b"I\"\0\x06:\x06a", 200_000), |e| *e == Error::TooDeep),
        ("a huge array", dump(b"[\x04\xff\xff\xff\x7f"), malformed),
        ("a huge hash", dump(b"{\x04\xff\xff\xff\x7f"), malformed),
        ("a huge string", dump(b"\"\x04\xff\xff\xff\x7fabc"), malformed),
        ("a huge integer", dump(b"l+\x04\xff\xff\xff\x7f\0\0"), malformed),
        ("a huge symbol", dump(b":\x04\xff\xff\xff\x7f"), malformed),
        ("an array of negative length", dump(b"[\xfa"), malformed),
        ("a string of negative length", dump(b"\"\xfc\x00\x00\x00\x80"), malformed),
        (
            "an integer of 64 KiB",
            dump(&[b"l+\x02\0\x80".as_slice(), &[7; 1 << 16]].concat()),
            |e| matches!(e, Error::TooLarge { .. }),
        ),
    ];
    let limits = Limits::default();
    // The first read touches what every read does.
    assert!(marshal::read(&dump(b"0"), &limits).is_ok());
    for (name, bytes, expected) in &cases {
        let before = peak_memory();
        let tree = marshal::read(bytes, &limits).unwrap_err();
        let typed = marshal::from_slice::<IgnoredAny>(bytes, &limits).unwrap_err();
        assert!(expected(&tree), "{name}: {tree}");
        assert!(expected(&typed), "{name}: {typed}");
        assert!(least_time(bytes) < Duration::from_millis(1), "{name}: {:?}", least_time(bytes));
        if let (Some(before), Some(after)) = (before, peak_memory()) {
            assert!(after - before <= 1024, "{name}: {} KiB", after - before);
        }
    }
    links_are_followed_within_the_limits();
    keys_of_any_kind_cost_the_same();
}

/// The shortest of several reads: the others may have waited for another process.
fn least_time(bytes: &[u8]) -> Duration {
    let time = |_| {
        let start = Instant::now();
        assert!(marshal::read(bytes, &Limits::default()).is_err());
        start.elapsed()
    };
    (0..20).map(time).min().unwrap()
}

fn malformed(error: &Error) -> bool {
    matches!(error, Error::MalformedPart { .. })
}

/// Forty arrays, each of which holds the one before twice: written out, 2^40 of them.
fn links_are_followed_within_the_limits() {
    let mut body = b"[\x2e[\0".to_vec();
    for level in 1..=40_u8 {
        body.extend([b'[', 7, b'@', level + 5, b'@', level + 5]);
    }
    let bytes = dump(&body);
    let start = Instant::now();
    let tree = marshal::read(&bytes, &Limits::default()).unwrap();
    assert_eq!(marshal::to_vec(&tree).unwrap(), bytes);
    assert!(tree.as_json().is_err());
    assert!(tree.to_string().len() < 1 << 16);
    let typed = marshal::from_slice::<serde_json::Value>(&bytes, &Limits::default());
    assert!(matches!(typed, Err(Error::TooLarge { .. })), "{typed:?}");

    let cycle = dump(b"[\x06@\0");
    let tree = marshal::read(&cycle, &Limits::default()).unwrap();
    assert!(tree.as_json().is_err());
    let typed = marshal::from_slice::<serde_json::Value>(&cycle, &Limits::default());
    assert_eq!(typed.unwrap_err(), Error::TooDeep);
    assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
}

/// Arrays as keys, of which no index is kept.
fn keys_of_any_kind_cost_the_same() {
    let count = 50_000_u32;
    let mut body = [b"{\x03".as_slice(), &count.to_le_bytes()[..3]].concat();
    body.extend(b"[\x000".repeat(50_000));
    let start = Instant::now();
    assert!(marshal::read(&dump(&body), &Limits::default()).is_ok());
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
}
