//! Any bytes are refused as a credentials file, with whatever key; what is sealed opens to the same,
//! changed by one byte it does not, and nothing else than a string is read even where it is authentic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use railjar::entropy::{Entropy, EntropyUnavailable};
use railjar::rails::{Profile, Version};
use railjar::{Cipher, MessageEncryptor, Metadata, Secret, Serializer};
use railjar_fuzz::Input;

const KEY: [u8; 16] = [0x11; 16];
const KEY_FILE: &[u8] = b"11111111111111111111111111111111";

struct Fixed;

impl Entropy for Fixed {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), EntropyUnavailable> {
        out.fill(7);
        Ok(())
    }
}

fuzz_target!(|data: &[u8]| {
    let mut input = Input(data);
    let version = input.pick(&[Version::V5_2, Version::V7_0, Version::V7_1, Version::NEWEST]);
    let (at, flip) = (input.word(), input.byte());
    let bytes = input.rest();
    let profile = Profile::new(version);
    let _ = profile.encrypted_file(bytes).map(|file| file.open(bytes));
    let file = profile.encrypted_file(KEY_FILE).expect("a key");
    assert!(file.open(bytes).is_err(), "forged");

    let mut sealed = file.seal(bytes, &mut Fixed).expect("sealed").into_bytes();
    assert_eq!(file.open(&sealed).expect("opens").expose(), bytes);
    if let Ok(text) = core::str::from_utf8(bytes) {
        let sealed = file.seal_text(text, &mut Fixed).expect("sealed");
        assert_eq!(file.open(sealed.as_bytes()).expect("opens").expose(), bytes);
    }
    let at = at % sealed.len();
    sealed[at] ^= flip.max(1);
    if let Ok(opened) = file.open(&sealed) {
        // White space around it is stripped from 7.2 on.
        assert_eq!(opened.expose(), bytes);
        assert!(at == 0 || at == sealed.len() - 1);
    }

    // As whoever has the key could: anything inside.
    let encryptor = MessageEncryptor::new(&Secret::new(KEY), Cipher::Aes128Gcm)
        .expect("a key")
        .serializer(Serializer::Null);
    let inside = encryptor.seal_payload(bytes, &Metadata::none(), &mut Fixed).expect("sealed");
    if let Ok(opened) = file.open(inside.as_bytes()) {
        assert!(bytes.starts_with(b"\x04\x08"));
        assert!(opened.expose().len() < bytes.len());
    }
});
