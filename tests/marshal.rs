//! Every line of the Marshal corpus: read, compared in full with Ruby's own description of the
//! object, written again byte for byte, or refused as Ruby refuses it.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test may"
)]

#[path = "marshal/description.rs"]
mod description;

use railjar::SerializationError;
use railjar::serializer::marshal as format;
use railjar::serializer::marshal::Limits;
use railjar::value::{Links, Value};
use serde_json::Value as Json;

use self::description::{Compared, compare};

fn lines() -> impl Iterator<Item = Json> {
    let text = include_str!("rails-corpus/marshal.jsonl");
    // The first line says where the others come from.
    text.lines().skip(1).map(|line| serde_json::from_str(line).unwrap())
}

fn hex(text: &Json) -> Vec<u8> {
    let digits = text.as_str().unwrap().as_bytes();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    digits.chunks(2).map(byte).collect()
}

fn read(bytes: &[u8]) -> Result<Value, SerializationError> {
    format::read(bytes, &Limits::default())
}

#[test]
fn every_value_is_read_and_written_again_byte_for_byte() {
    let (mut values, mut compared) = (0, Compared::default());
    for line in lines().filter(|line| line["section"].is_null()) {
        let id = line["id"].as_str().unwrap();
        let bytes = hex(&line["hex"]);
        let value = read(&bytes).unwrap_or_else(|error| panic!("{id}: {error}"));
        if let Err(difference) = compare(&value, &line["desc"], &Links::of(&value), &mut compared) {
            panic!("{id}: {difference}\n  in {value}");
        }
        assert_eq!(format::to_vec(&value).unwrap(), bytes, "{id}: {value}");
        assert_eq!(read(&bytes).unwrap(), value, "{id}");
        values += 1;
    }
    assert_eq!(values, 201);
    // All parts of all values; `opaque` are those that only their class's own code can read.
    assert_eq!(
        compared,
        Compared { parts: 1042, inspected: 39, opaque: 11, stopped: 16, depth: 0 }
    );
}

/// What Ruby reads and this crate refuses, or reads and Ruby refuses.
const DIFFERENCES: [(&str, &str); 5] = [
    ("neg/trailing_bytes", "bytes after the value are refused"),
    ("neg/float_garbage", "a float that is no number is refused"),
    ("neg/unknown_class", "an object is data, of whatever class"),
    ("neg/proc_like", "an object is data, of whatever class"),
    ("neg/io", "an object is data, of whatever class"),
];

#[test]
fn what_ruby_refuses_is_refused_but_for_the_listed() {
    let (mut read_too, mut refused, mut differences) = (0, 0, 0);
    for line in lines().filter(|line| !line["section"].is_null()) {
        let id = line["id"].as_str().unwrap();
        let answer = read(&hex(&line["hex"]));
        let ruby_reads = line["result"] == "value";
        if DIFFERENCES.iter().any(|(known, _)| *known == id) {
            assert_ne!(answer.is_ok(), ruby_reads, "{id} is no difference any more");
            differences += 1;
            continue;
        }
        match answer {
            Ok(value) => {
                assert!(ruby_reads, "{id}: {value}");
                assert_eq!(value.to_string(), line["inspect"].as_str().unwrap(), "{id}");
                read_too += 1;
            }
            Err(error) => {
                assert!(!ruby_reads, "{id}: {error}");
                refused += 1;
            }
        }
    }
    assert_eq!((read_too, refused, differences), (12, 12, 5));
}

/// Dumps with bytes changed, cut and doubled: nothing panics, and what is read is written in one
/// form, which is read as the same value.
#[test]
fn what_is_read_is_written_and_read_again_as_the_same() {
    let dumps: Vec<Vec<u8>> = lines().map(|line| hex(&line["hex"])).collect();
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = |end: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % u64::try_from(end.max(1)).unwrap()).unwrap()
    };
    let interesting = b"\0\x05\x06\x07\x0b\xfa\x01\xff@;:I\"[{}uUoSCecfli0TF";
    let mut read_again = 0;
    for _ in 0..100_000 {
        let mut bytes = dumps[random(dumps.len())].clone();
        for _ in 0..=random(3) {
            let at = random(bytes.len());
            match random(4) {
                0 if !bytes.is_empty() => bytes[at] = interesting[random(interesting.len())],
                1 if !bytes.is_empty() => bytes[at] = u8::try_from(random(256)).unwrap(),
                2 if !bytes.is_empty() => drop(bytes.remove(at)),
                _ => bytes.insert(at, interesting[random(interesting.len())]),
            }
        }
        let typed = format::from_slice::<Json>(&bytes, &Limits::default());
        let Ok(value) = read(&bytes) else {
            continue;
        };
        let _ = (typed, value.as_json(), value.to_string());
        // A key that came twice may have taken with it what a link leads to.
        let Ok(written) = format::to_vec(&value) else {
            continue;
        };
        let again = read(&written).unwrap_or_else(|error| panic!("{error}: {bytes:02x?}"));
        assert_eq!(again, value, "{bytes:02x?}");
        assert_eq!(format::to_vec(&again).unwrap(), written, "{bytes:02x?}");
        read_again += 1;
    }
    assert!(read_again > 9_000, "{read_again}");
}
