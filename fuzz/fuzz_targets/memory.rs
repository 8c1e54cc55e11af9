//! No 64 KiB take more than 64 MiB to read, to show, to turn into JSON or to write again. The fuzzer
//! chooses a beginning, a piece that is repeated, and an end, so that short inputs make long ones.
#![no_main]

use libfuzzer_sys::fuzz_target;
use railjar::Value;
use railjar::serializer::message_pack::{self, Extensions, LIMITS};
use railjar::serializer::{Limits, json, marshal};
use railjar_fuzz::Input;
use serde::de::IgnoredAny;

const LENGTH: usize = 64 << 10;
const LIMIT: u64 = 64 << 20;

fuzz_target!(|data: &[u8]| {
    let mut input = Input(data);
    let format = input.byte();
    let start = usize::from(input.byte());
    let end = usize::from(input.byte());
    let rest = input.rest();
    let (start, rest) = rest.split_at(start.min(rest.len()));
    let (piece, end) = rest.split_at(rest.len() - end.min(rest.len()));
    let mut bytes = match format % 3 {
        0 => b"\x04\x08".to_vec(),
        1 => b"\xcc\x80".to_vec(),
        _ => Vec::new(),
    };
    bytes.extend_from_slice(start);
    let room = LENGTH.saturating_sub(bytes.len() + end.len());
    bytes.extend(piece.iter().cycle().take(room));
    bytes.extend_from_slice(end);

    let used = allocation_counter::measure(|| read(format, &bytes));
    assert!(used.bytes_max <= LIMIT, "{} bytes at once", used.bytes_max);
});

fn read(format: u8, bytes: &[u8]) {
    let extensions = Extensions::V8_1;
    let value = match format % 3 {
        0 => {
            let _ = marshal::from_slice::<serde_json::Value>(bytes, &Limits::DEFAULT);
            let _ = marshal::from_slice::<IgnoredAny>(bytes, &Limits::DEFAULT);
            marshal::read(bytes, &Limits::DEFAULT)
        }
        1 => {
            let _ = message_pack::from_slice::<serde_json::Value>(bytes, &extensions, &LIMITS);
            message_pack::read(bytes, &extensions, &LIMITS)
        }
        _ => json::from_slice(bytes),
    };
    if let Ok(value) = value {
        use_up(&value, &extensions);
    }
}

fn use_up(value: &Value, extensions: &Extensions) {
    drop(value.to_string());
    drop(value.as_json());
    drop(marshal::to_vec(value));
    drop(message_pack::to_vec(value, extensions));
}
