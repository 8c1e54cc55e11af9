//! Nothing is allocated once the caller's buffers are warm, neither for a message that opens nor for
//! one that is refused, nor for sealing.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "in helpers of tests, which clippy takes for code"
)]

use std::sync::LazyLock;

use allocation_counter::measure;
use railjar::entropy::{Buffered, SystemEntropy};
use railjar::rails::{Profile, Rotation, Version};
use railjar::{
    Cipher, Cookies, Digest, Expected, MessageEncryptor, MessageVerifier, Metadata, OpenError,
    Opened, Scratch, Secret, SecretKeyBase, Serializer, Timestamp,
};

const NOW: Timestamp = Timestamp::from_unix_seconds(1_750_000_000);
const PAYLOAD: &[u8] = br#"{"session_id":"4bf28dd1a8a8c2f5d1f0b1d2a0f4e6c7","note":"1 \u003c 2"}"#;

fn bound() -> Metadata<'static> {
    Metadata::none().purpose("login").expires_at(NOW.plus_seconds(60))
}

/// Runs `operation` until it is warm, then counts.
#[track_caller]
fn assert_allocates_nothing(what: &str, mut operation: impl FnMut()) {
    operation();
    operation();
    let count = measure(operation).count_total;
    assert_eq!(count, 0, "allocations, {what}");
}

/// Opens `message`, its forgery, its end and its beginning: one after the other in one scratch.
#[track_caller]
fn assert_opens_without_allocation(
    what: &str,
    message: &str,
    open: impl for<'s> Fn(&'s mut Scratch, &[u8]) -> Result<Opened<'s>, OpenError>,
) {
    let mut scratch = Scratch::new();
    assert_allocates_nothing(what, || {
        let opened = open(&mut scratch, message.as_bytes()).unwrap();
        assert_eq!(opened.payload().as_bytes(), PAYLOAD);
    });
    let mut forged = message.as_bytes().to_vec();
    forged[7] = if forged[7] == b'A' { b'B' } else { b'A' };
    for refused in [&forged[..], &forged[1..], &forged[..forged.len() - 1], b"junk", b""] {
        assert_allocates_nothing(&format!("{what}, refused"), || {
            assert!(open(&mut scratch, refused).is_err());
        });
    }
}

fn verifier(digest: Digest) -> MessageVerifier {
    MessageVerifier::new(&Secret::new(*b"a key")).digest(digest)
}

fn encryptor(cipher: Cipher) -> MessageEncryptor {
    MessageEncryptor::new(&Secret::new([1; 32]), cipher).unwrap()
}

/// A verifier with rotations of its own shape and of others.
fn rotated_verifier() -> MessageVerifier {
    verifier(Digest::Sha256)
        .rotate(|primary| primary.digest(Digest::Sha512))
        .rotate(|primary| primary.secret(&Secret::new(*b"another")))
        .rotate(|primary| primary.digest(Digest::Sha1))
}

fn rotated_encryptor() -> MessageEncryptor {
    encryptor(Cipher::Aes256Gcm)
        .rotate(|primary| primary.secret(&Secret::new([2; 32]), Cipher::Aes256Gcm))
        .and_then(|list| list.rotate(|it| it.secret(&Secret::new([3; 32]), Cipher::Aes256Cbc)))
        .and_then(|list| list.rotate(|it| it.secret(&Secret::new([1; 32]), Cipher::Aes256Cbc)))
        .unwrap()
}

#[test]
fn opening_signed_messages() {
    for digest in [Digest::Md5, Digest::Sha1, Digest::Sha256, Digest::Sha384, Digest::Sha512] {
        for serializer in [Serializer::Null, Serializer::Json] {
            for verifier in [verifier(digest), verifier(digest).url_safe()] {
                let verifier = verifier.serializer(serializer);
                let what = format!("{verifier:?}");
                let message = verifier.seal_payload(PAYLOAD, &Metadata::none()).unwrap();
                assert_opens_without_allocation(&what, &message, |scratch, message| {
                    verifier.open_in(scratch, message, Expected::NoPurpose, NOW)
                });
                let message = verifier.seal_payload(PAYLOAD, &bound()).unwrap();
                assert_opens_without_allocation(&what, &message, |scratch, message| {
                    verifier.open_in(scratch, message, Expected::Purpose("login"), NOW)
                });
            }
        }
    }
}

#[test]
fn opening_encrypted_messages() {
    for cipher in [Cipher::Aes256Gcm, Cipher::Aes256Cbc] {
        for serializer in [Serializer::Null, Serializer::Json] {
            for encryptor in [encryptor(cipher), encryptor(cipher).url_safe()] {
                let encryptor = encryptor.serializer(serializer);
                let what = format!("{encryptor:?}");
                let mut entropy = Buffered::new(SystemEntropy);
                let mut seal =
                    |metadata| encryptor.seal_payload(PAYLOAD, &metadata, &mut entropy).unwrap();
                let message = seal(Metadata::none());
                assert_opens_without_allocation(&what, &message, |scratch, message| {
                    encryptor.open_in(scratch, message, Expected::NoPurpose, NOW)
                });
                let message = seal(bound());
                assert_opens_without_allocation(&what, &message, |scratch, message| {
                    encryptor.open_in(scratch, message, Expected::Purpose("login"), NOW)
                });
            }
        }
    }
}

/// Versions cut and decode in their own ways.
#[test]
fn opening_by_the_rules_of_other_versions() {
    for version in [Version::V4_2, Version::V5_2, Version::V6_1, Version::V7_1, Version::V8_1] {
        let rules = version.dialect().messages();
        let (key, sign_key) = (Secret::new([1; 32]), Secret::new(*b"a key"));
        let verifier = MessageVerifier::with_rules(&sign_key, rules);
        let encryptors = [Cipher::Aes256Gcm, Cipher::Aes256Cbc]
            .map(|cipher| MessageEncryptor::with_rules(&key, cipher, rules).unwrap());
        // `url_safe` came with 7.1; split at the first `--`, such a message may be cut in the middle.
        let url_safe = version >= Version::V7_1;
        let verifiers = [Some(verifier.clone()), url_safe.then(|| verifier.url_safe())];
        for verifier in verifiers.into_iter().flatten() {
            let message = verifier.seal_payload(PAYLOAD, &Metadata::none()).unwrap();
            assert_opens_without_allocation(version.name(), &message, |scratch, message| {
                verifier.open_in(scratch, message, Expected::NoPurpose, NOW)
            });
        }
        let encryptors = encryptors.map(|it| [Some(it.clone()), url_safe.then(|| it.url_safe())]);
        for encryptor in encryptors.into_iter().flatten().flatten() {
            let mut entropy = SystemEntropy;
            let message = encryptor.seal_payload(PAYLOAD, &Metadata::none(), &mut entropy).unwrap();
            assert_opens_without_allocation(version.name(), &message, |scratch, message| {
                encryptor.open_in(scratch, message, Expected::NoPurpose, NOW)
            });
        }
    }
}

#[test]
fn opening_with_rotations() {
    let list = rotated_verifier();
    let message = verifier(Digest::Sha1).seal_payload(PAYLOAD, &bound()).unwrap();
    assert_opens_without_allocation("the last verifier", &message, |scratch, message| {
        list.open_in(scratch, message, Expected::Purpose("login"), NOW)
    });
    let list = rotated_encryptor();
    let old = encryptor(Cipher::Aes256Cbc);
    let message = old.seal_payload(PAYLOAD, &bound(), &mut SystemEntropy).unwrap();
    assert_opens_without_allocation("the last encryptor", &message, |scratch, message| {
        list.open_in(scratch, message, Expected::Purpose("login"), NOW)
    });
}

/// Late and misplaced messages are authentic, so they get further than forged ones.
#[test]
fn refusing_what_is_authentic() {
    let (list, mut scratch) = (rotated_verifier(), Scratch::new());
    let message = list.seal_payload(PAYLOAD, &bound()).unwrap();
    assert_allocates_nothing("expired", || {
        let late = NOW.plus_seconds(60);
        let opened =
            list.open_in(&mut scratch, message.as_bytes(), Expected::Purpose("login"), late);
        assert!(opened.is_err());
    });
    assert_allocates_nothing("another purpose", || {
        let opened = list.open_in(&mut scratch, message.as_bytes(), Expected::Purpose("x"), NOW);
        assert!(opened.is_err());
    });
}

static COOKIES: LazyLock<[Cookies; 2]> = LazyLock::new(|| {
    let secret = SecretKeyBase::new("the secret of an app").unwrap();
    let old = SecretKeyBase::new("the secret before").unwrap();
    let profile = Profile::new(Version::V7_1);
    let rotated = profile
        .clone()
        .rotate(Rotation::new().secret_key_base(&old))
        .rotate(Rotation::new().digest(Digest::Sha512));
    [profile, rotated].map(|profile| profile.cookies(&secret).unwrap())
});

#[test]
fn opening_and_sealing_cookies() {
    let expires = Some(NOW.plus_seconds(60));
    for cookies in &*COOKIES {
        for jar in [cookies.signed("prefs"), cookies.encrypted("prefs")] {
            let mut entropy = Buffered::new(SystemEntropy);
            let sealed = jar.seal_payload(PAYLOAD, expires, &mut entropy).unwrap();
            assert_opens_without_allocation("a cookie", sealed.as_str(), |scratch, value| {
                jar.open_in(scratch, value, NOW)
            });
            let mut scratch = Scratch::new();
            assert_allocates_nothing("sealing a cookie", || {
                jar.seal_payload_in(&mut scratch, PAYLOAD, expires, &mut entropy).unwrap();
            });
        }
    }
}

#[test]
fn sealing() {
    let (mut scratch, mut entropy) = (Scratch::new(), Buffered::new(SystemEntropy));
    for metadata in [Metadata::none(), bound()] {
        let verifier = rotated_verifier();
        assert_allocates_nothing("signing", || {
            verifier.seal_payload_in(&mut scratch, PAYLOAD, &metadata).unwrap();
        });
        for cipher in [Cipher::Aes256Gcm, Cipher::Aes256Cbc] {
            let encryptor = encryptor(cipher);
            assert_allocates_nothing("encrypting", || {
                let scratch = &mut scratch;
                encryptor.seal_payload_in(scratch, PAYLOAD, &metadata, &mut entropy).unwrap();
            });
        }
    }
}

/// The counter counts.
#[test]
fn opening_in_new_buffers_allocates() {
    let message = verifier(Digest::Sha1).seal_payload(PAYLOAD, &bound()).unwrap();
    let counted = measure(|| {
        let verifier = rotated_verifier();
        drop(verifier.open(message.as_bytes(), Expected::Purpose("login"), NOW).unwrap());
    });
    assert!(counted.count_total > 0);
}
