//! Without a key nothing opens: any bytes, in any codec or jar of any version.
#![no_main]

use libfuzzer_sys::fuzz_target;
use railjar::{Expected, OpenError, Scratch};
use railjar_fuzz::codecs::{NOW, Spec, Which};
use railjar_fuzz::{APPS, Input, SPECS};

fuzz_target!(|data: &[u8]| {
    let mut input = Input(data);
    let spec = input.pick(&SPECS);
    let app = &APPS[input.word() % APPS.len()];
    let message = input.rest();
    let mut scratch = Scratch::new();

    let codec = spec.build_with(&[Spec { key: 2, ..spec }]);
    for expected in [Expected::NoPurpose, Expected::Purpose("p"), Expected::CookieOrNone("a")] {
        let refused = codec.open_in(&mut scratch, message, expected, NOW).map(|_| ());
        assert!(matches!(refused, Err(OpenError::Format(_))), "{spec:?} {refused:?}");
        assert_eq!(codec.open(message, expected, NOW).map(|_| ()), refused);
    }

    for which in [Which::Signed, Which::Encrypted] {
        let refused = app.jar(which, "a").open_in(&mut scratch, message, NOW).map(|_| ());
        assert!(matches!(refused, Err(OpenError::Format(_))), "{app:?} {refused:?}");
    }
    assert!(app.cookies.session("a").open(message, NOW).is_err());
});
