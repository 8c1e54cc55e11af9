//! Credentials files: `config/credentials.yml.enc` and its kin. Mirrors
//! `active_support/encrypted_file.rb`.

mod marshal_string;

use alloc::string::String;
use alloc::vec::Vec;

use zeroize::Zeroizing;

use crate::crypto::Cipher;
use crate::encryptor::MessageEncryptor;
use crate::entropy::{Entropy, EntropyUnavailable};
use crate::envelope::{Expected, Metadata};
use crate::error::{ConfigError, OpenError, SealError};
use crate::rails::{Feature, Profile, Stripping};
use crate::secret::Secret;
use crate::serializer::Serializer;
use crate::time::Timestamp;

/// `ActiveSupport::EncryptedFile::CIPHER`.
const CIPHER: Cipher = Cipher::Aes128Gcm;

/// An encrypted file (5.2 and later) under its key: bytes of the file in, bytes of YAML out.
///
/// ```
/// # #[cfg(feature = "getrandom")] {
/// use railjar::entropy::SystemEntropy;
/// use railjar::messages::EncryptedFile;
/// use railjar::rails::{Profile, Version};
///
/// let key = EncryptedFile::generate_key(&mut SystemEntropy)?; // config/master.key
/// let credentials = Profile::new(Version::V8_0).encrypted_file(key.expose())?;
///
/// let file = credentials.seal(b"secret_key_base: 0f8d\n", &mut SystemEntropy)?;
/// let yaml = credentials.open(file.as_bytes())?;
/// assert_eq!(yaml.expose(), b"secret_key_base: 0f8d\n");
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct EncryptedFile {
    encryptor: MessageEncryptor,
    stripping: Stripping,
}

impl Profile {
    /// Encrypted files of this app: `Rails.application.encrypted`, or its credentials. `key` is the
    /// text of the key file: 32 hexadecimal digits in any case, and space around them.
    ///
    /// # Errors
    /// [`ConfigError::NotHexadecimal`] (Rails takes any letter for some digit, and then cannot
    /// decrypt), [`ConfigError::KeyLength`], and [`ConfigError::NotInThisVersion`] before 5.2.
    pub fn encrypted_file(&self, key: &[u8]) -> Result<EncryptedFile, ConfigError> {
        let dialect = self.dialect();
        dialect.require(Feature::Credentials)?;
        let encryptor =
            MessageEncryptor::with_rules(&decode_key(key)?, CIPHER, dialect.messages())?;
        // The value is a Marshalled string and nothing else: see `marshal_string`.
        let encryptor = encryptor.serializer(Serializer::Null);
        Ok(EncryptedFile { encryptor, stripping: dialect.other.encrypted_file })
    }
}

impl EncryptedFile {
    /// `EncryptedFile.generate_key`: 32 hexadecimal digits, which are a key file's text.
    ///
    /// # Errors
    /// [`EntropyUnavailable`] when `entropy` fails.
    pub fn generate_key(entropy: &mut impl Entropy) -> Result<Secret, EntropyUnavailable> {
        let mut key = Zeroizing::new([0; CIPHER.key_len()]);
        entropy.fill(key.as_mut())?;
        let digits = key.iter().flat_map(|byte| [byte >> 4, byte & 0x0f]);
        let digits = digits.map(|digit| match digit {
            0..=9 => b'0'.saturating_add(digit),
            _ => b'a'.saturating_add(digit.saturating_sub(10)),
        });
        Ok(Secret::new(digits.collect::<Vec<u8>>()))
    }

    /// `read`: the content of the file, which should be YAML; it is as secret as the key.
    ///
    /// # Errors
    /// [`OpenError::Format`] for a file that this key did not make, or that was changed, up to 7.1
    /// by as little as a newline at its end. [`OpenError::Serialization`] where something else than
    /// a string was encrypted.
    pub fn open(&self, file: &[u8]) -> Result<Secret, OpenError> {
        let message = match self.stripping {
            Stripping::Nothing => file,
            Stripping::Whitespace => strip(file),
        };
        // Files have neither purpose nor expiry, so the time does not matter.
        let now = Timestamp::from_unix_seconds(0);
        let opened = self.encryptor.open(message, Expected::NoPurpose, now)?;
        Ok(Secret::new(marshal_string::read(opened.payload())?))
    }

    /// What `rails credentials:edit` writes: the editor's bytes, which Ruby reads as binary.
    ///
    /// # Errors
    /// [`SealError::Entropy`], and [`SealError::Unrepresentable`] over 2 GiB.
    pub fn seal(&self, yaml: &[u8], entropy: &mut impl Entropy) -> Result<String, SealError> {
        self.seal_string(&marshal_string::binary(yaml)?, entropy)
    }

    /// What `credentials.write(text)` writes for a string in UTF-8, as the generator of a new app
    /// does.
    ///
    /// # Errors
    /// As [`seal`](Self::seal).
    pub fn seal_text(&self, yaml: &str, entropy: &mut impl Entropy) -> Result<String, SealError> {
        self.seal_string(&marshal_string::utf8(yaml)?, entropy)
    }

    fn seal_string(
        &self,
        marshalled: &[u8],
        entropy: &mut impl Entropy,
    ) -> Result<String, SealError> {
        self.encryptor.seal_payload(marshalled, &Metadata::none(), entropy)
    }
}

/// `[key].pack("H*")`, without what Ruby makes of letters that are no digits.
fn decode_key(text: &[u8]) -> Result<Secret, ConfigError> {
    let digits = strip(text);
    if digits.len() != CIPHER.key_len().saturating_mul(2) {
        let actual = digits.len().div_ceil(2);
        return Err(ConfigError::KeyLength { expected: CIPHER.key_len(), actual });
    }
    let value =
        |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
    let bytes = digits.chunks(2).map(|pair| match pair {
        [high, low] => Some((value(*high)? << 4) | value(*low)?),
        _ => None,
    });
    let key: Option<Zeroizing<Vec<u8>>> = bytes.collect::<Option<Vec<u8>>>().map(Zeroizing::new);
    key.map(|key| Secret::new(key.as_slice())).ok_or(ConfigError::NotHexadecimal)
}

/// `String#strip`.
fn strip(text: &[u8]) -> &[u8] {
    let space = |byte: &u8| matches!(byte, b'\0' | b'\t'..=b'\r' | b' ');
    let start = text.iter().position(|byte| !space(byte)).unwrap_or(text.len());
    let end =
        text.iter().rposition(|byte| !space(byte)).map_or(start, |last| last.saturating_add(1));
    text.get(start..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rails::Version;

    fn file(key: &[u8]) -> Result<EncryptedFile, ConfigError> {
        Profile::new(Version::V8_0).encrypted_file(key)
    }

    #[test]
    fn keys_are_32_digits_with_space_around_them() {
        for key in
            [&b"00112233445566778899aabbccddeeff"[..], b" \t00112233445566778899AABBCCDDEEFF\r\n\0"]
        {
            assert!(file(key).is_ok());
        }
        for (key, error) in [
            (&b""[..], ConfigError::KeyLength { expected: 16, actual: 0 }),
            (b"001", ConfigError::KeyLength { expected: 16, actual: 2 }),
            (b"zz112233445566778899aabbccddeeff", ConfigError::NotHexadecimal),
            (b"0011 233445566778899aabbccddeeff", ConfigError::NotHexadecimal),
        ] {
            assert_eq!(file(key).unwrap_err(), error);
        }
    }

    #[test]
    fn the_key_is_not_shown() {
        let shown = alloc::format!("{:?}", file(b"00112233445566778899aabbccddeeff"));
        assert!(!shown.contains("0011") && !shown.contains("17"), "{shown}");
    }
}
