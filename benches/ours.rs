//! railjar, with the keys that the floor and the peers use too.

use core::hint::black_box;

use railjar::entropy::{Entropy, EntropyUnavailable, SystemEntropy};
use railjar::keys::RAILS_ITERATIONS;
use railjar::{
    Cipher, Digest, Expected, KeyGenerator, MessageEncryptor, MessageRules, MessageVerifier,
    Metadata, Scratch, Secret, Serializer, Timestamp,
};

use crate::{Kind, Subject};

/// When everything is opened.
pub const NOW: Timestamp = Timestamp::from_unix_seconds(1_750_000_000);

/// What the peers derive their keys from, as Rails does.
pub const SECRET_KEY_BASE: &str = "the secret of an app under measurement";
pub const GCM_SALT: &str = "authenticated encrypted cookie";
pub const CBC_SALT: &str = "encrypted cookie";
pub const CBC_SIGN_SALT: &str = "signed encrypted cookie";

/// Text, for one peer takes nothing else.
pub const SIGN_KEY: [u8; 64] = *b"a key of sixty-four characters, as long as Rails' sign keys are.";

pub const FIXED_IV: [u8; 16] = *b"an initial vectr";

#[must_use]
pub fn gcm_key() -> [u8; 32] {
    derived(GCM_SALT)
}

#[must_use]
pub fn cbc_key() -> [u8; 32] {
    derived(CBC_SALT)
}

#[must_use]
pub fn cbc_sign_key() -> [u8; 64] {
    derived(CBC_SIGN_SALT)
}

fn derived<const N: usize>(salt: &str) -> [u8; N] {
    let generator = KeyGenerator::new(Secret::new(SECRET_KEY_BASE)).iterations(RAILS_ITERATIONS);
    let key = generator.generate_key(salt.as_bytes(), N).expect("a length that Rails uses");
    key.expose().try_into().expect("the length that was asked for")
}

/// Derives a key as Rails does.
#[must_use]
pub fn deriving(digest: Digest, length: usize) -> Subject {
    let generator = KeyGenerator::new(Secret::new(*b"secret")).digest(digest);
    let generator = generator.iterations(RAILS_ITERATIONS);
    Subject::new(move || generator.generate_key(black_box(b"signed cookie"), length))
}

/// Another key for each `number`.
#[must_use]
pub fn other_key<const N: usize>(number: u8) -> Secret {
    Secret::new([number; N])
}

/// The same vector each time: what sealing costs besides entropy.
#[derive(Clone, Copy, Debug)]
pub struct FixedIv;

impl Entropy for FixedIv {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), EntropyUnavailable> {
        out.copy_from_slice(&FIXED_IV[..out.len()]);
        Ok(())
    }
}

/// The system's entropy, 4096 bytes at a time: what a caller with an eye on speed could write.
#[derive(Debug)]
pub struct LargePool {
    bytes: Box<[u8; 4096]>,
    used: usize,
}

impl Default for LargePool {
    fn default() -> Self {
        Self { bytes: Box::new([0; 4096]), used: 4096 }
    }
}

impl Entropy for LargePool {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), EntropyUnavailable> {
        if self.used + out.len() > self.bytes.len() {
            SystemEntropy.fill(self.bytes.as_mut_slice())?;
            self.used = 0;
        }
        let fresh = &mut self.bytes[self.used..self.used + out.len()];
        out.copy_from_slice(fresh);
        fresh.fill(0);
        self.used += out.len();
        Ok(())
    }
}

/// A verifier or an encryptor.
#[derive(Clone, Debug)]
pub enum Codec {
    Verifier(Box<MessageVerifier>),
    Encryptor(Box<MessageEncryptor>),
}

impl Codec {
    /// With Rails' defaults of the kind; the serializer decides how much is looked for metadata.
    #[must_use]
    pub fn new(kind: Kind, serializer: Serializer) -> Self {
        Self::with_rules(kind, serializer, MessageRules::default())
    }

    /// The same by the rules of another version.
    ///
    /// # Panics
    /// Never: the keys have the ciphers' lengths.
    #[must_use]
    pub fn with_rules(kind: Kind, serializer: Serializer, rules: MessageRules) -> Self {
        let verifier = |digest| {
            let secret = Secret::new(SIGN_KEY);
            let verifier = MessageVerifier::with_rules(&secret, rules).digest(digest);
            Self::Verifier(Box::new(verifier.serializer(serializer)))
        };
        let encryptor = |key: [u8; 32], cipher| {
            let encryptor = MessageEncryptor::with_rules(&Secret::new(key), cipher, rules);
            let encryptor = encryptor.expect("a key of its length");
            let encryptor = encryptor.sign_secret(&Secret::new(cbc_sign_key()));
            Self::Encryptor(Box::new(encryptor.serializer(serializer)))
        };
        match kind {
            Kind::SignedSha1 => verifier(Digest::Sha1),
            Kind::SignedSha256 => verifier(Digest::Sha256),
            Kind::Gcm => encryptor(gcm_key(), Cipher::Aes256Gcm),
            Kind::Cbc => encryptor(cbc_key(), Cipher::Aes256Cbc),
        }
    }

    /// # Panics
    /// When the payload cannot be sealed.
    #[must_use]
    pub fn seal(&self, payload: &[u8], metadata: &Metadata<'_>) -> Vec<u8> {
        let message = match self {
            Self::Verifier(verifier) => verifier.seal_payload(payload, metadata),
            Self::Encryptor(encryptor) => encryptor.seal_payload(payload, metadata, &mut FixedIv),
        };
        message.expect("a payload").into_bytes()
    }

    /// Opens a message in warm buffers, up to the verified serialized bytes.
    #[must_use]
    pub fn opening(self, message: Vec<u8>, expected: Expected<'static>) -> Subject {
        let mut scratch = Scratch::new();
        match self {
            Self::Verifier(verifier) => Subject::new(move || {
                let opened = verifier.open_in(&mut scratch, black_box(&message), expected, NOW);
                opened.expect("it opens").payload().as_bytes().len()
            }),
            Self::Encryptor(encryptor) => Subject::new(move || {
                let opened = encryptor.open_in(&mut scratch, black_box(&message), expected, NOW);
                opened.expect("it opens").payload().as_bytes().len()
            }),
        }
    }

    /// Seals a payload in warm buffers.
    #[must_use]
    pub fn sealing(self, payload: Vec<u8>, mut entropy: impl Entropy + 'static) -> Subject {
        let mut scratch = Scratch::new();
        let none = Metadata::none();
        match self {
            Self::Verifier(verifier) => Subject::new(move || {
                let sealed = verifier.seal_payload_in(&mut scratch, black_box(&payload), &none);
                sealed.expect("a payload").len()
            }),
            Self::Encryptor(encryptor) => Subject::new(move || {
                let payload = black_box(&payload);
                let sealed = encryptor.seal_payload_in(&mut scratch, payload, &none, &mut entropy);
                sealed.expect("a payload").len()
            }),
        }
    }

    /// The same codec as the last of a list of `others` whose messages have other shapes: other
    /// digests, other ciphers, the other alphabet.
    ///
    /// # Panics
    /// Never: the keys have the ciphers' lengths.
    #[must_use]
    pub fn last_of_other_shapes(self, others: usize) -> Self {
        const DIGESTS: [Digest; 4] = [Digest::Sha384, Digest::Sha512, Digest::Md5, Digest::Sha256];
        let numbers = (1..=u8::MAX).take(others);
        match self {
            Self::Verifier(verifier) => {
                let other = |number: u8, verifier: MessageVerifier| {
                    let digest = DIGESTS[usize::from(number) % 3];
                    let verifier = verifier.secret(&other_key::<64>(number)).digest(digest);
                    if number.is_multiple_of(2) { verifier.url_safe() } else { verifier }
                };
                let last = MessageVerifier::clone(&verifier);
                let list = numbers.fold(other(0, *verifier), |list, number| {
                    list.rotate(|primary| other(number, primary))
                });
                Self::Verifier(Box::new(list.rotate(|_| last)))
            }
            Self::Encryptor(encryptor) => {
                // The digests are all another than the SHA-1 of this codec's own CBC messages.
                let other = |number: u8, encryptor: MessageEncryptor| {
                    let digest = DIGESTS[usize::from(number) % 4];
                    let key = other_key::<32>(number);
                    let encryptor = encryptor.secret(&key, Cipher::Aes256Cbc)?.digest(digest);
                    Ok(if number.is_multiple_of(2) { encryptor.url_safe() } else { encryptor })
                };
                let last = MessageEncryptor::clone(&encryptor);
                let first = other(0, *encryptor).expect("a key of 32 bytes");
                let list = numbers.fold(first, |list, number| {
                    list.rotate(|primary| other(number, primary)).expect("a key of 32 bytes")
                });
                Self::Encryptor(Box::new(list.rotate(|_| Ok(last)).expect("no new key")))
            }
        }
    }

    /// The same codec as the last of `count` whose messages look alike, each with a key of its own.
    ///
    /// # Panics
    /// Never: the keys have the ciphers' lengths.
    #[must_use]
    pub fn last_of_equal_shape(self, kind: Kind, count: usize) -> Self {
        let cipher = if kind == Kind::Gcm { Cipher::Aes256Gcm } else { Cipher::Aes256Cbc };
        let Some(others) = count.checked_sub(2) else {
            return self;
        };
        let numbers = (1..=u8::MAX).take(others);
        match self {
            Self::Verifier(verifier) => {
                let last = MessageVerifier::clone(&verifier);
                let list = numbers.fold(verifier.secret(&other_key::<64>(0)), |list, number| {
                    list.rotate(|primary| primary.secret(&other_key::<64>(number)))
                });
                Self::Verifier(Box::new(list.rotate(|_| last)))
            }
            Self::Encryptor(encryptor) => {
                let other = |number: u8, encryptor: MessageEncryptor| {
                    let encryptor = encryptor.secret(&other_key::<32>(number), cipher)?;
                    Ok(encryptor.sign_secret(&other_key::<64>(number)))
                };
                let last = MessageEncryptor::clone(&encryptor);
                let first = other(0, *encryptor).expect("a key of 32 bytes");
                let list = numbers.fold(first, |list, number| {
                    list.rotate(|primary| other(number, primary)).expect("a key of 32 bytes")
                });
                Self::Encryptor(Box::new(list.rotate(|_| Ok(last)).expect("no new key")))
            }
        }
    }
}
