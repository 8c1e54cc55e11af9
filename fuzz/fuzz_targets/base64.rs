//! Both alphabets and every leniency, against a second implementation.
#![no_main]

use libfuzzer_sys::fuzz_target;
use railjar::fuzzing::{Base64, base64_decode, base64_encode};
use railjar_fuzz::{Input, naive_base64 as naive};

fuzz_target!(|data: &[u8]| {
    let mut input = Input(data);
    // A reused buffer is as good as a fresh one, whatever was in it.
    let dirt = vec![0xa5; input.word() % 2000];
    let text = input.rest();

    for (decoding, expected) in [
        (Base64::Standard, naive::strict(text)),
        (Base64::UrlSafe, naive::url_safe(text)),
        (Base64::RubyUrlSafe, naive::ruby_url_safe(text)),
        (Base64::Lenient, Some(naive::lenient(text))),
    ] {
        assert_eq!(base64_decode(&dirt, text, decoding), expected, "{decoding:?}");
    }

    let [standard, url_safe] = base64_encode(text);
    assert_eq!([standard.clone(), url_safe.clone()], naive::encode(text));
    assert_eq!(base64_decode(&dirt, &standard, Base64::Standard).as_deref(), Some(text));
    assert_eq!(base64_decode(&dirt, &url_safe, Base64::UrlSafe).as_deref(), Some(text));

    // Only one text stands for some bytes, but for padding in the URL-safe alphabet.
    if let Some(bytes) = naive::strict(text) {
        assert_eq!(base64_encode(&bytes)[0], text);
    }
});
