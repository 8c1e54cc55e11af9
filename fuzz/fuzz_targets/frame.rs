//! Cutting: what was joined comes apart, and what came apart joins to what it was.
#![no_main]

use libfuzzer_sys::fuzz_target;
use railjar::fuzzing::{Cut, cut_cbc, cut_gcm, cut_signed};
use railjar_fuzz::Input;

const DIGESTS: [usize; 5] = [32, 40, 64, 96, 128];

/// What follows the parts in a message that was cut from the left.
fn ignored<'m>(message: &'m [u8], parts: &[&[u8]]) -> &'m [u8] {
    for part in &parts[..parts.len() - 1] {
        assert!(!part.windows(2).any(|two| two == b"--"), "the first separator counts");
    }
    message.strip_prefix(&*parts.join(&b"--"[..])).expect("the parts are the message's beginning")
}

fuzz_target!(|data: &[u8]| {
    let mut input = Input(data);
    let hex_len = input.pick(&DIGESTS);
    let message = input.rest();

    let right = cut_signed(message, hex_len, Cut::Right);
    if let Some(parts @ [text, digest]) = right {
        assert_eq!(parts.join(&b"--"[..]), message);
        assert!(!text.is_empty() && digest.len() == hex_len);
    }
    let left = cut_signed(message, hex_len, Cut::Left);
    if let Some(parts @ [text, digest]) = left {
        let ignored = ignored(message, &parts);
        assert!(ignored.is_empty() || ignored.starts_with(b"--"));
        assert!(!text.is_empty() && digest.len() == hex_len);
        if ignored.is_empty() {
            assert_eq!(left, right);
        }
    }

    if let Some(parts @ [_, iv, tag]) = cut_gcm(message, Cut::Right) {
        assert_eq!(parts.join(&b"--"[..]), message);
        assert_eq!((iv.len(), tag.len()), (16, 24));
    }
    if let Some(parts @ [_, iv, tag]) = cut_gcm(message, Cut::Left) {
        let ignored = ignored(message, &parts);
        assert!(ignored.is_empty() || ignored.starts_with(b"--"));
        assert_eq!((iv.len(), tag.len()), (16, 24));
    }
    if let Some(parts @ [_, iv]) = cut_cbc(message) {
        assert_eq!(parts.join(&b"--"[..]), message);
        assert_eq!(iv.len(), 22);
    }

    // Any text before a digest of the right length is found, separators and all.
    let digest = vec![b'-'; hex_len];
    let joined = [message, &digest].join(&b"--"[..]);
    let found = cut_signed(&joined, hex_len, Cut::Right);
    assert_eq!(found, (!message.is_empty()).then_some([message, &digest]));
    let joined = [message, &digest[..16], &[b'-'; 24]].join(&b"--"[..]);
    assert_eq!(cut_gcm(&joined, Cut::Right), Some([message, &digest[..16], &[b'-'; 24]]));
});
