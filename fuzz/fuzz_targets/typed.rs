//! Any bytes are refused or read straight into Rust's own types; what was read is written, and reads
//! the same.
#![no_main]

use std::collections::BTreeMap;
use std::fmt::Debug;

use libfuzzer_sys::fuzz_target;
use railjar::serializer::message_pack::{self, Extensions, LIMITS};
use railjar::serializer::{Limits, marshal};
use railjar::value::{RubyString, Symbol, Time};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

/// Fields may all be missing, so that more inputs are of the type.
#[derive(Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default)]
struct Session {
    session_id: Option<String>,
    #[serde(rename = "_csrf_token")]
    csrf_token: Option<RubyString>,
    #[serde(rename = "warden.user.user.key")]
    warden: Option<(Vec<i64>, String)>,
    role: Option<Symbol>,
    seen: Option<Time>,
    flash: BTreeMap<String, Vec<Option<bool>>>,
    kind: Option<Kind>,
    inner: Option<Box<Session>>,
}

#[derive(Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Guest,
    Member(u8),
    Pair(i8, u64),
    Named { name: String, age: Option<u128> },
}

/// Borrowed from the input.
#[derive(Debug, Deserialize)]
struct Borrowed<'a> {
    #[serde(borrow)]
    _session_id: Option<&'a str>,
    #[serde(borrow, default)]
    _flash: BTreeMap<&'a str, &'a [u8]>,
}

fuzz_target!(|bytes: &[u8]| {
    in_marshal::<Session>(bytes);
    in_marshal::<Vec<Session>>(bytes);
    in_marshal::<BTreeMap<i64, Symbol>>(bytes);
    in_message_pack::<Session>(bytes);
    in_message_pack::<Vec<Kind>>(bytes);
    let _ = marshal::from_slice::<Borrowed<'_>>(bytes, &Limits::DEFAULT);
    let _ = marshal::from_slice::<(f64, char, Option<()>)>(bytes, &Limits::DEFAULT);
    let _ = message_pack::from_slice::<Borrowed<'_>>(bytes, &Extensions::V8_1, &LIMITS);

    let tight = Limits::DEFAULT.depth(8).values(64);
    if marshal::from_slice::<IgnoredAny>(bytes, &tight).is_ok() {
        // Wider limits never refuse more.
        assert!(marshal::from_slice::<IgnoredAny>(bytes, &Limits::DEFAULT).is_ok());
    }
});

fn in_marshal<T: Debug + PartialEq + Serialize + for<'de> Deserialize<'de>>(bytes: &[u8]) {
    let Ok(value) = marshal::from_slice::<T>(bytes, &Limits::DEFAULT) else { return };
    let written = marshal::to_vec(&value).expect("what was read is written");
    assert_eq!(marshal::from_slice::<T>(&written, &Limits::DEFAULT).as_ref(), Ok(&value));
}

fn in_message_pack<T: Debug + PartialEq + Serialize + for<'de> Deserialize<'de>>(bytes: &[u8]) {
    let extensions = Extensions::V8_1;
    let Ok(value) = message_pack::from_slice::<T>(bytes, &extensions, &LIMITS) else { return };
    // Not all of Ruby's strings are Rails' MessagePack's.
    let Ok(written) = message_pack::to_vec(&value, &extensions) else { return };
    let again = message_pack::from_slice::<T>(&written, &extensions, &LIMITS);
    assert_eq!(again.as_ref(), Ok(&value));
}
