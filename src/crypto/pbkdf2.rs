//! PBKDF2 (RFC 8018, section 5.2) with HMAC: `ActiveSupport::KeyGenerator#generate_key`.

use alloc::vec;
use core::num::NonZeroU32;

use ::pbkdf2::pbkdf2_hmac;
use md5::Md5;
use sha1::Sha1;
use sha2::{Sha256, Sha384, Sha512};

use crate::crypto::Digest;
use crate::secret::Secret;

/// Derives `length` bytes. The caller bounds `length` and `iterations`, which cost memory and time.
pub(crate) fn derive(
    digest: Digest,
    secret: &[u8],
    salt: &[u8],
    iterations: NonZeroU32,
    length: usize,
) -> Secret {
    let derive = match digest {
        Digest::Md5 => pbkdf2_hmac::<Md5>,
        Digest::Sha1 => pbkdf2_hmac::<Sha1>,
        Digest::Sha256 => pbkdf2_hmac::<Sha256>,
        Digest::Sha384 => pbkdf2_hmac::<Sha384>,
        Digest::Sha512 => pbkdf2_hmac::<Sha512>,
    };
    let mut key = vec![0; length];
    derive(secret, salt, iterations.get(), &mut key);
    Secret::new(key)
}

#[cfg(test)]
mod tests {
    extern crate std;

    use std::fs;

    use serde_json::Value;

    use super::*;
    use crate::crypto::tests::hex;

    fn derived(digest: Digest, secret: &str, salt: &str, iterations: u32, length: usize) -> Secret {
        let iterations = NonZeroU32::new(iterations).unwrap();
        derive(digest, secret.as_bytes(), salt.as_bytes(), iterations, length)
    }

    /// RFC 6070 (SHA-1) without its 16 million iterations, and RFC 7914 section 11 (SHA-256).
    #[test]
    fn rfc_vectors() {
        let (long_key, long_salt) =
            ("passwordPASSWORDpassword", "saltSALTsaltSALTsaltSALTsaltSALTsalt");
        let cases = [
            ("password", "salt", 1, "0c60c80f961f0e71f3a9b524af6012062fe037a6"),
            ("password", "salt", 2, "ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957"),
            ("password", "salt", 4096, "4b007901b765489abead49d926f721d065a429c1"),
            (long_key, long_salt, 4096, "3d2eec4fe41c849b80c8d83662c0e44a8b291a964cf2f07038"),
            ("pass\0word", "sa\0lt", 4096, "56fa6aa75548099dcc37d7f03425e0c3"),
        ];
        for (secret, salt, iterations, key) in cases {
            let key = hex(key);
            let got = derived(Digest::Sha1, secret, salt, iterations, key.len());
            assert_eq!(got.expose(), key);
        }
        let key = "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc\
                   49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783";
        assert_eq!(derived(Digest::Sha256, "passwd", "salt", 1, 64).expose(), hex(key));
    }

    #[test]
    fn a_shorter_key_is_the_start_of_a_longer_one() {
        let long = derived(Digest::Sha1, "secret", "salt", 3, 100);
        for length in 0..100 {
            let short = derived(Digest::Sha1, "secret", "salt", 3, length);
            assert_eq!(short.expose(), &long.expose()[..length]);
        }
    }

    /// Every key that the corpus' Rails versions derived. What a case does not set is
    /// `ActiveSupport::KeyGenerator`'s own default.
    #[test]
    fn keys_of_real_rails() {
        let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/rails-corpus");
        let mut cases = 0;
        for entry in fs::read_dir(corpus).unwrap() {
            let text = fs::read_to_string(entry.unwrap().path()).unwrap();
            for case in text.lines().filter(|line| line.contains(r#""layer": "kdf""#)) {
                let case: Value = serde_json::from_str(case).unwrap();
                let config = &case["config"];
                let digest = config["digest"].as_str().unwrap_or("SHA1");
                let key = derived(
                    Digest::from_name(digest).unwrap(),
                    config["secret"].as_str().unwrap(),
                    config["salt"].as_str().unwrap(),
                    config["iterations"].as_u64().unwrap_or(65536).try_into().unwrap(),
                    config["length"].as_u64().unwrap_or(64).try_into().unwrap(),
                );
                let expected = hex(case["key_hex"].as_str().unwrap());
                assert_eq!(key.expose(), expected, "{}", case["id"]);
                cases += 1;
            }
        }
        assert_eq!(cases, 392);
    }
}
