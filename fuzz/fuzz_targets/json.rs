//! Reading and writing are inverse; the strict syntax is part of Ruby's, and is serde_json's.
#![no_main]

use libfuzzer_sys::fuzz_target;
use railjar::SerializationError;
use railjar::fuzzing::{json_read, json_scan};
use railjar::serializer::json::{FloatText, JsSeparators, Text, to_vec};
use railjar::value::Value;

/// Whether JSON can say it: no infinity, which a huge exponent reads as, and text that is UTF-8.
fn sayable(value: &Value) -> bool {
    match value {
        Value::Float(float) => float.is_finite(),
        Value::String(string) => string.as_str().is_some(),
        Value::Array(values) => values.iter().all(sayable),
        Value::Hash(hash) => hash.iter().all(|(key, value)| sayable(key) && sayable(value)),
        _ => true,
    }
}

/// serde_json sorts the members of an object.
fn sorted(value: Value) -> Value {
    match value {
        Value::Array(values) => Value::Array(values.into_iter().map(sorted).collect()),
        Value::Hash(hash) => {
            let mut pairs: Vec<_> =
                hash.into_iter().map(|(key, value)| (key, sorted(value))).collect();
            pairs.sort();
            Value::Hash(pairs.into_iter().collect())
        }
        other => other,
    }
}

fuzz_target!(|text: &[u8]| {
    let [strict, ruby] = json_read(text);
    let scanned = json_scan(text);
    assert_eq!(
        scanned,
        [strict.as_ref().map(|_| ()).map_err(|e| *e), ruby.as_ref().map(|_| ()).map_err(|e| *e)]
    );

    let theirs = serde_json::from_slice::<serde_json::Value>(text);
    match &strict {
        Ok(value) => {
            assert_eq!(ruby.as_ref(), Ok(value));
            let theirs = theirs.expect("serde_json takes what is strict");
            assert_eq!(sorted(Value::from(theirs)), sorted(value.clone()));
        }
        // Its bound is another, and no part of the grammar.
        Err(SerializationError::TooDeep) => {}
        Err(_) => assert!(theirs.is_err(), "serde_json takes only what is strict"),
    }

    let Ok(value) = ruby else { return };
    let texts = [
        Text::STDLIB,
        Text::ACTIVE_SUPPORT,
        Text::ACTIVE_SUPPORT_4_0,
        Text::ACTIVE_SUPPORT.with_js_separators(JsSeparators::Raw).with_floats(FloatText::Json2_15),
    ];
    for dialect in texts {
        let written = to_vec(&value, &dialect);
        if !sayable(&value) {
            continue;
        }
        let written = written.expect("what was read can be written");
        assert_eq!(json_read(&written), [Ok(value.clone()), Ok(value.clone())]);
        assert_eq!(to_vec(&value, &dialect).as_deref(), Ok(&*written));
        // The same through the tree that everyone has.
        if let Ok(theirs) = serde_json::Value::try_from(&value) {
            let theirs = to_vec(&theirs, &dialect).expect("so can serde_json's tree");
            assert_eq!(json_read(&theirs)[0].clone().map(sorted), Ok(sorted(value.clone())));
        }
    }
});
