//! Every codec and every jar that the suites run over, as plain data that can be built.

use railjar::cookies::{Cookies, Jar};
use railjar::entropy::{Entropy, EntropyUnavailable};
use railjar::envelope::EnvelopeForm;
use railjar::rails::{Profile, Secrets, Strictness, Version};
use railjar::{
    Cipher, Digest, Expected, MessageEncryptor, MessageVerifier, Metadata, OpenError, Opened,
    Scratch, SealError, Secret, SecretKeyBase, SecretToken, Serializer, Timestamp,
};
use serde::Serialize;

pub const STRICTNESS: [Strictness; 2] = [Strictness::Strict, Strictness::AsRails];
const DIGESTS: [Digest; 5] =
    [Digest::Md5, Digest::Sha1, Digest::Sha256, Digest::Sha384, Digest::Sha512];
const GCM: [Cipher; 3] = [Cipher::Aes128Gcm, Cipher::Aes192Gcm, Cipher::Aes256Gcm];
const CBC: [Cipher; 3] = [Cipher::Aes128Cbc, Cipher::Aes192Cbc, Cipher::Aes256Cbc];
/// Those whose values this crate writes, or takes as they are.
pub const SERIALIZERS: [Serializer; 5] = [
    Serializer::Json,
    Serializer::JsonAllowMarshal,
    Serializer::JsonModule,
    Serializer::ActiveSupportJsonModule,
    Serializer::Null,
];

/// The instant of every suite.
pub const NOW: Timestamp = Timestamp::from_unix_seconds(1_750_000_000);

/// The bytes 1, 2, 3, … from a start: reproducible, never twice the same vector in one run.
#[derive(Clone, Debug)]
pub struct Counting(pub u8);

impl Entropy for Counting {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), EntropyUnavailable> {
        for byte in out {
            *byte = self.0;
            self.0 = self.0.wrapping_add(1);
        }
        Ok(())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Signed(Digest),
    Gcm(Cipher),
    Cbc(Cipher, Digest, SignKey),
}

/// Where the HMAC key of AES-CBC comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignKey {
    Same,
    Separate,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alphabet {
    Standard,
    UrlSafe,
}

/// One codec. Two specs that differ in `key` alone have different secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spec {
    pub version: Version,
    pub strictness: Strictness,
    pub kind: Kind,
    pub alphabet: Alphabet,
    pub serializer: Serializer,
    pub form: EnvelopeForm,
    pub key: u8,
}

/// A verifier or an encryptor: the same verbs.
#[derive(Clone, Debug)]
#[allow(clippy::large_enum_variant, reason = "few are made, and none is moved about")]
pub enum Codec {
    Verifier(MessageVerifier),
    Encryptor(MessageEncryptor),
}

/// What a version can be told: the URL-safe alphabet and the new envelope came with 7.1.
pub fn specs() -> Vec<Spec> {
    let mut specs = Vec::new();
    for version in Version::ALL {
        let modern = version >= Version::V7_1;
        let alphabets = [Alphabet::Standard, Alphabet::UrlSafe];
        let forms = [EnvelopeForm::Legacy, EnvelopeForm::Serializer];
        for strictness in STRICTNESS {
            for kind in kinds() {
                for &alphabet in &alphabets[..1 + usize::from(modern)] {
                    for serializer in SERIALIZERS {
                        for &form in &forms[..1 + usize::from(modern)] {
                            specs.push(Spec {
                                version,
                                strictness,
                                kind,
                                alphabet,
                                serializer,
                                form,
                                key: 1,
                            });
                        }
                    }
                }
            }
        }
    }
    specs
}

pub fn kinds() -> Vec<Kind> {
    let signed = DIGESTS.map(Kind::Signed);
    let gcm = GCM.map(Kind::Gcm);
    let cbc = CBC.into_iter().flat_map(|cipher| {
        DIGESTS.into_iter().flat_map(move |digest| {
            [SignKey::Same, SignKey::Separate].map(|key| Kind::Cbc(cipher, digest, key))
        })
    });
    signed.into_iter().chain(gcm).chain(cbc).collect()
}

impl Spec {
    /// Whether this version's messages can carry metadata, which came with 5.2.
    pub fn has_metadata(&self) -> bool {
        self.version >= Version::V5_2
    }

    pub fn is_signed(&self) -> bool {
        matches!(self.kind, Kind::Signed(_))
    }

    fn secret(&self, length: usize) -> Secret {
        Secret::new(vec![self.key; length])
    }

    pub fn build(&self) -> Codec {
        self.build_with(&[])
    }

    /// This codec with others of its kind (verifier or encryptor) to read by, in this order.
    pub fn build_with(&self, rotations: &[Self]) -> Codec {
        let dialect = self.version.dialect();
        let rules = match self.strictness {
            Strictness::Strict => dialect.strict().messages(),
            Strictness::AsRails => dialect.messages(),
        };
        match self.kind {
            Kind::Signed(_) => {
                let verifier =
                    self.set_verifier(MessageVerifier::with_rules(&self.secret(64), rules));
                Codec::Verifier(rotations.iter().fold(verifier, |verifier, rotation| {
                    verifier.rotate(|primary| rotation.set_verifier(primary))
                }))
            }
            Kind::Gcm(cipher) | Kind::Cbc(cipher, ..) => {
                let secret = self.secret(cipher.key_len());
                let encryptor = MessageEncryptor::with_rules(&secret, cipher, rules).unwrap();
                let encryptor = self.set_encryptor(encryptor);
                Codec::Encryptor(rotations.iter().fold(encryptor, |encryptor, rotation| {
                    encryptor.rotate(|primary| Ok(rotation.set_rotation(primary))).unwrap()
                }))
            }
        }
    }

    fn set_verifier(&self, verifier: MessageVerifier) -> MessageVerifier {
        let Kind::Signed(digest) = self.kind else { panic!("not a verifier's: {self:?}") };
        let verifier = verifier
            .secret(&self.secret(64))
            .digest(digest)
            .serializer(self.serializer)
            .metadata_form(self.form);
        match self.alphabet {
            Alphabet::Standard => verifier,
            Alphabet::UrlSafe => verifier.url_safe(),
        }
    }

    /// As a rotation it must say its sign secret: Rails' inherit their primary's.
    fn set_rotation(&self, encryptor: MessageEncryptor) -> MessageEncryptor {
        match self.kind {
            Kind::Cbc(cipher, _, SignKey::Same) => {
                self.set_encryptor(encryptor).sign_secret(&self.secret(cipher.key_len()))
            }
            _ => self.set_encryptor(encryptor),
        }
    }

    fn set_encryptor(&self, encryptor: MessageEncryptor) -> MessageEncryptor {
        let (cipher, digest, sign) = match self.kind {
            Kind::Gcm(cipher) => (cipher, Digest::Sha1, SignKey::Same),
            Kind::Cbc(cipher, digest, sign) => (cipher, digest, sign),
            Kind::Signed(_) => panic!("not an encryptor's: {self:?}"),
        };
        let secret = self.secret(cipher.key_len());
        let mut encryptor = encryptor
            .secret(&secret, cipher)
            .unwrap()
            .digest(digest)
            .serializer(self.serializer)
            .metadata_form(self.form);
        if sign == SignKey::Separate {
            encryptor = encryptor.sign_secret(&Secret::new(vec![self.key ^ 0x80; 64]));
        }
        match self.alphabet {
            Alphabet::Standard => encryptor,
            Alphabet::UrlSafe => encryptor.url_safe(),
        }
    }
}

impl Codec {
    pub fn open(
        &self,
        message: &[u8],
        expected: Expected<'_>,
        now: Timestamp,
    ) -> Result<Opened<'static>, OpenError> {
        match self {
            Self::Verifier(verifier) => verifier.open(message, expected, now),
            Self::Encryptor(encryptor) => encryptor.open(message, expected, now),
        }
    }

    pub fn open_in<'s>(
        &self,
        scratch: &'s mut Scratch,
        message: &[u8],
        expected: Expected<'_>,
        now: Timestamp,
    ) -> Result<Opened<'s>, OpenError> {
        match self {
            Self::Verifier(verifier) => verifier.open_in(scratch, message, expected, now),
            Self::Encryptor(encryptor) => encryptor.open_in(scratch, message, expected, now),
        }
    }

    pub fn seal<T: Serialize + ?Sized>(
        &self,
        value: &T,
        metadata: &Metadata<'_>,
        entropy: &mut impl Entropy,
    ) -> Result<String, SealError> {
        match self {
            Self::Verifier(verifier) => verifier.seal(value, metadata),
            Self::Encryptor(encryptor) => encryptor.seal(value, metadata, entropy),
        }
    }

    pub fn seal_payload(
        &self,
        payload: &[u8],
        metadata: &Metadata<'_>,
        entropy: &mut impl Entropy,
    ) -> Result<String, SealError> {
        match self {
            Self::Verifier(verifier) => verifier.seal_payload(payload, metadata),
            Self::Encryptor(encryptor) => encryptor.seal_payload(payload, metadata, entropy),
        }
    }

    pub fn seal_payload_in<'s>(
        &self,
        scratch: &'s mut Scratch,
        payload: &[u8],
        metadata: &Metadata<'_>,
        entropy: &mut impl Entropy,
    ) -> Result<&'s str, SealError> {
        match self {
            Self::Verifier(verifier) => verifier.seal_payload_in(scratch, payload, metadata),
            Self::Encryptor(encryptor) => {
                encryptor.seal_payload_in(scratch, payload, metadata, entropy)
            }
        }
    }
}

/// One app's jars, with what is said of them.
#[derive(Clone, Debug)]
pub struct App {
    pub version: Version,
    pub strictness: Strictness,
    pub cookies: Cookies,
    /// Cookies are written for their name.
    pub binds_names: bool,
}

/// The two jars of an app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    Signed,
    Encrypted,
}

impl App {
    pub fn jar<'a>(&'a self, which: Which, name: &'a str) -> Jar<'a> {
        match which {
            Which::Signed => self.cookies.signed(name),
            Which::Encrypted => self.cookies.encrypted(name),
        }
    }

    /// Those that this app has: 3.2 has no encrypted cookies.
    pub fn jars(&self) -> &'static [Which] {
        match self.version {
            Version::V3_2 => &[Which::Signed],
            _ => &[Which::Signed, Which::Encrypted],
        }
    }
}

/// An app of each version and strictness, with and without its `load_defaults`, with JSON cookies
/// (bytes, where the version has Marshal alone), and every automatic rotation.
pub fn apps() -> Vec<App> {
    let secrets = secrets();
    let mut apps = Vec::new();
    for version in Version::ALL {
        for strictness in STRICTNESS {
            for profile in [Profile::new(version), Profile::without_defaults(version)] {
                let profile = match version >= Version::V4_1 {
                    true => profile.cookies_serializer(Serializer::Json),
                    false => profile,
                };
                let profile = profile.strictness(strictness);
                let binds_names = profile.settings().use_cookies_with_metadata;
                let cookies = profile.cookies(&secrets).unwrap();
                apps.push(App { version, strictness, cookies, binds_names });
            }
        }
    }
    apps
}

pub fn secrets() -> Secrets {
    Secrets::new()
        .secret_key_base(&SecretKeyBase::new("the secret key base of every suite").unwrap())
        .secret_token(&SecretToken::new("a secret token of thirty bytes, and more").unwrap())
}
