//! Any bytes are refused or read within the limits; what was read is written, and reads the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use railjar::serializer::marshal::{Limits, from_slice, read, to_vec};

fuzz_target!(|bytes: &[u8]| {
    let _ = from_slice::<serde_json::Value>(bytes, &Limits::DEFAULT);
    let Ok(value) = read(bytes, &Limits::DEFAULT) else { return };
    let _ = value.to_string();
    let _ = value.as_json();
    if let Ok(written) = to_vec(&value) {
        let again = read(&written, &Limits::DEFAULT).expect("what was written is read");
        assert_eq!(again, value);
        assert_eq!(to_vec(&again).as_deref(), Ok(&written[..]));
    }
});
