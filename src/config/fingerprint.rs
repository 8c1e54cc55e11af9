//! Which secret it is, without the secret. The script that exports an app's settings writes the same.

use alloc::string::String;
use core::fmt;
use core::num::NonZeroU32;

use serde::{Deserialize, Deserializer, de};

use crate::crypto::{Digest, pbkdf2};
use crate::secret::Secret;

/// Ten times what Rails derives its keys with.
const ITERATIONS: NonZeroU32 = NonZeroU32::new(10_000).unwrap();
const SALT: &[u8] = b"railjar fingerprint";
const BYTES: usize = 8;

/// Tells which secret is meant and not what it is: 16 hexadecimal digits, the first 8 bytes of its
/// PBKDF2-HMAC-SHA256 over the salt `railjar fingerprint` with 10,000 iterations.
///
/// A secret that can be guessed is guessed by any cookie of its app, at Rails' 1000 iterations a
/// guess. So that a settings file makes this no easier, a guess costs ten times as much here. (The
/// fingerprints of derived keys, [`Secret::fingerprint`], are plain hashes.)
///
/// ```
/// use railjar::Secret;
/// use railjar::config::Fingerprint;
///
/// let fingerprint = Fingerprint::of(&Secret::new(*b"the text of secret_key_base"));
/// assert_eq!(fingerprint.as_str(), "f362edaa8f28f8a8");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// That of `secret`: of the bytes themselves, decoded if they were written in hexadecimal. It
    /// takes some milliseconds, by design.
    #[must_use]
    pub fn of(secret: &Secret) -> Self {
        let hash = pbkdf2::derive(Digest::Sha256, secret.expose(), SALT, ITERATIONS, BYTES);
        let digits = hash.expose().iter().flat_map(|byte| [byte >> 4, byte & 0x0f]);
        Self(digits.filter_map(|digit| char::from_digit(u32::from(digit), 16)).collect())
    }

    /// Its 16 digits, in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Digits)
    }
}

struct Digits;

impl de::Visitor<'_> for Digits {
    type Value = Fingerprint;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a fingerprint of 16 hexadecimal digits in quotes")
    }

    /// Other text may be the secret itself, so it is not quoted.
    fn visit_str<E: de::Error>(self, text: &str) -> Result<Fingerprint, E> {
        let is_one = text.len() == BYTES * 2 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !is_one {
            return Err(E::custom("a fingerprint has 16 hexadecimal digits"));
        }
        Ok(Fingerprint(text.to_ascii_lowercase()))
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString as _;
    use alloc::vec::Vec;

    use serde_json::{Value, json};

    use super::*;
    use crate::config::{SecretReference, Source};
    use crate::error::ConfigError;

    /// As Ruby's `OpenSSL::PKCS5.pbkdf2_hmac` has them.
    #[test]
    fn fingerprints_are_those_of_the_exporter() {
        for (secret, digits) in [
            (b"the text of secret_key_base".as_slice(), "f362edaa8f28f8a8"),
            (b"\xff\x00\n", "930c02f3f4b028a3"),
            (b"", "233d18d97f2d8a64"),
        ] {
            assert_eq!(Fingerprint::of(&Secret::new(secret)).to_string(), digits);
        }
    }

    #[test]
    fn only_a_fingerprint_is_one() {
        let digits =
            |value: Value| Fingerprint::deserialize(value).map_err(|error| error.to_string());
        assert_eq!(digits(json!("F362EDAA8F28F8A8")).unwrap().as_str(), "f362edaa8f28f8a8");
        for other in
            ["", "f362edaa8f28f8a", "f362edaa8f28f8a8f", "f362edaa8f28f8ag", "a real secret!!!"]
        {
            assert_eq!(
                digits(json!(other)).unwrap_err(),
                "a fingerprint has 16 hexadecimal digits"
            );
        }
    }

    fn reference(value: Value) -> SecretReference {
        SecretReference::deserialize(value).unwrap()
    }

    fn fetched(reference: &SecretReference) -> Result<Secret, ConfigError> {
        let text = b"74686520746578742".iter().chain(b"06f66207365637265745f6b65795f62617365");
        let text: Vec<u8> = text.copied().collect();
        reference.fetch(&mut |_| Ok(Secret::new(&*text)))
    }

    #[test]
    fn a_secret_is_checked_as_it_was_decoded() {
        let right = json!({ "env": "A", "encoding": "hex", "fingerprint": "f362edaa8f28f8a8" });
        let right = reference(right);
        assert_eq!(right.fingerprint().map(Fingerprint::as_str), Some("f362edaa8f28f8a8"));
        assert_eq!(fetched(&right).unwrap().expose(), b"the text of secret_key_base");
        let text = reference(json!({ "env": "A", "fingerprint": "f362edaa8f28f8a8" }));
        assert_eq!(fetched(&text), Err(ConfigError::OtherSecret));
        let none = text.clone().with_fingerprint(None);
        assert!(fetched(&none).is_ok() && none.fingerprint().is_none());
    }

    #[test]
    fn a_fingerprint_alone_has_nothing_to_fetch() {
        let alone = reference(json!({ "fingerprint": "f362edaa8f28f8a8" }));
        assert_eq!(alone.source, Source::Unknown);
        let fetched = alone.fetch(&mut |_| -> Result<Secret, ConfigError> { unreachable!() });
        assert_eq!(fetched, Err(ConfigError::FingerprintAlone));
        let two = json!({ "env": "A", "file": "B", "fingerprint": "f362edaa8f28f8a8" });
        assert!(SecretReference::deserialize(two).is_err());
    }
}
