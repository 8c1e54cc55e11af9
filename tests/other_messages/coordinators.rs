//! `MessageVerifiers` and `MessageEncryptors`, with rotations.

use std::collections::BTreeMap;

use railjar::messages::{
    EncryptorOptions, MessageEncryptors, MessageVerifiers, SecretOptions, VerifierOptions,
};
use railjar::rails::{Profile, Version};
use railjar::serializer::Format;
use railjar::value::Value;
use railjar::{
    Cipher, ConfigError, Digest, Expected, Matched, MessageEncryptor, Metadata, Opened, Secret,
    SecretKeyBase, Serializer, Timestamp,
};
use sha2::{Digest as _, Sha512};

use crate::case::{Case, Fixed, cases, decode, decode_any};
use crate::differences;

fn sha512(text: &str) -> Vec<u8> {
    Sha512::digest(text.as_bytes()).to_vec()
}

fn verifiers(case: &Case) -> MessageVerifiers {
    let unversioned = |_: &str, _: &SecretOptions<'_>| -> Result<Secret, ConfigError> {
        panic!("each rotation has its version")
    };
    let mut verifiers = MessageVerifiers::new(&case.profile(), unversioned).unwrap();
    for rotation in case.config("rotations").as_array().unwrap() {
        let version = rotation["version"].as_u64().unwrap();
        verifiers = verifiers.rotate(
            VerifierOptions::new()
                .digest(Digest::from_name(rotation["digest"].as_str().unwrap()).unwrap())
                .serializer(
                    Serializer::from_name(rotation["serializer"].as_str().unwrap()).unwrap(),
                )
                .secret_generator(move |salt, _| {
                    Ok(Secret::new(sha512(&format!("fixtures/mvs/{salt}/{version}"))))
                }),
        );
    }
    match case.config("transitional").as_bool() {
        Some(true) => verifiers.transitional(),
        _ => verifiers,
    }
}

fn encryptors(case: &Case) -> MessageEncryptors {
    let generator = |salt: &str, options: &SecretOptions<'_>| {
        let digest = sha512(&format!("fixtures/mes/{salt}"));
        Ok(Secret::new(&digest[..options.secret_length()]))
    };
    let mut encryptors = MessageEncryptors::new(&case.profile(), generator).unwrap();
    for rotation in case.config("rotations").as_array().unwrap() {
        let mut options = EncryptorOptions::new()
            .cipher(Cipher::from_name(rotation["cipher"].as_str().unwrap()).unwrap())
            .serializer(Serializer::from_name(rotation["serializer"].as_str().unwrap()).unwrap());
        if rotation["url_safe"] == true {
            options = options.url_safe();
        }
        encryptors = encryptors.rotate(options);
    }
    encryptors
}

/// Marshal is held to its bytes: `{"a"=>1}` and `{"a"=>[1]}`.
fn check(case: &Case, opened: &Opened<'_>) -> bool {
    let name = case.name();
    assert_eq!(opened.matched().is_rotation(), case.line["rotated"] == true, "{name}");
    if opened.format() == Format::Json {
        let value = Value::from(case.line["value"].clone());
        assert_eq!(opened.to_value(), Ok(value), "{name}");
        return true;
    }
    let expected: &[u8] = match case.line["kind"].as_str().unwrap() {
        "signed" => b"\x04\x08{\x06I\"\x06a\x06:\x06ETi\x06",
        _ => b"\x04\x08{\x06I\"\x06a\x06:\x06ET[\x06i\x06",
    };
    assert_eq!(opened.payload().as_bytes(), expected, "{name}");
    false
}

#[test]
fn every_message_of_a_rotated_verifier_is_read_and_written() {
    let (mut values, mut bytes, mut written) = (0, 0, 0);
    for case in cases("message_verifiers") {
        let verifier = verifiers(&case).get(case.config("salt").as_str().unwrap()).unwrap();
        let wire = case.text("wire").unwrap();
        let opened = verifier.open(wire.as_bytes(), Expected::NoPurpose, case.now()).unwrap();
        *(if check(&case, &opened) { &mut values } else { &mut bytes }) += 1;
        if !opened.matched().is_rotation() {
            let payload = opened.payload().as_bytes();
            let again = verifier.seal_payload(payload, &Metadata::none());
            assert_eq!(again.as_deref(), Ok(wire), "{}", case.name());
            written += 1;
        }
    }
    assert_eq!((values, bytes, written), (10, 20, 20));
    differences::check("message_verifiers", &BTreeMap::new());
}

#[test]
fn every_message_of_a_rotated_encryptor_is_read_and_written() {
    let (mut values, mut bytes, mut written) = (0, 0, 0);
    for case in cases("message_encryptors") {
        let encryptors = encryptors(&case);
        let wire = case.text("wire").unwrap();
        let salt = case.config("salt").as_str().unwrap();
        let encryptor = encryptors.get(salt).unwrap();
        let opened = encryptor.open(wire.as_bytes(), Expected::NoPurpose, case.now()).unwrap();
        *(if check(&case, &opened) { &mut values } else { &mut bytes }) += 1;
        // What only reads now, wrote while it was first.
        let writer = if opened.matched().is_rotation() {
            encryptors.transitional().get(salt).unwrap()
        } else {
            encryptor
        };
        let payload = opened.payload().as_bytes();
        let again = writer.seal_payload(payload, &Metadata::none(), &mut Fixed(iv(wire)));
        assert_eq!(again.as_deref(), Ok(wire), "{}", case.name());
        written += 1;
    }
    assert_eq!((values, bytes, written), (10, 10, 20));
    differences::check("message_encryptors", &BTreeMap::new());
}

fn iv(wire: &str) -> Vec<u8> {
    let parts: Vec<&str> = wire.split("--").collect();
    if parts.len() == 2 {
        let inner = String::from_utf8(decode(parts[0])).unwrap();
        return decode(inner.split_once("--").unwrap().1);
    }
    // From the right: a part in the URL-safe alphabet may hold the separator.
    let end = wire.len() - 22 - 2;
    decode_any(&wire[end - 16..end])
}

/// The coordinator's own rules, as `rotation_coordinator.rb` has them.
#[test]
fn the_first_options_for_a_salt_write() {
    let profile = Profile::new(Version::V8_1);
    let secret = |salt: &str, _: &SecretOptions<'_>| Ok(Secret::new(salt.as_bytes()));
    let empty = MessageVerifiers::new(&profile, secret).unwrap();
    assert_eq!(empty.get("a").unwrap_err(), ConfigError::NoOptions);

    let [sha256, sha384] =
        [Digest::Sha256, Digest::Sha384].map(|d| VerifierOptions::new().digest(d));
    let digits = |verifiers: &MessageVerifiers, salt: &str| {
        let message = verifiers.get(salt).unwrap().seal(&1, &Metadata::none()).unwrap();
        message.split_once("--").unwrap().1.len()
    };
    let for_a = sha256.clone();
    let verifiers = empty
        .clone()
        .rotate_with(move |salt| (salt == "a").then(|| for_a.clone()))
        .rotate_defaults()
        .rotate(sha384.clone());
    assert_eq!((digits(&verifiers, "a"), digits(&verifiers, "b")), (64, 40));
    // The first is not for "b", so nothing changes places there.
    let transitional = verifiers.clone().transitional();
    assert_eq!((digits(&transitional, "a"), digits(&transitional, "b")), (40, 40));
    assert_eq!(digits(&verifiers.clone().prepend(sha384), "a"), 96);
    assert_eq!(digits(&verifiers.clone().prepend_with(|_| None), "a"), 64);
    assert_eq!(verifiers.clear_rotations().get("a").unwrap_err(), ConfigError::NoOptions);
}

#[test]
fn the_same_options_twice_are_tried_once() {
    let profile = Profile::new(Version::V8_1);
    let secret = SecretKeyBase::new("new").unwrap();
    let old = SecretKeyBase::new("old").unwrap();
    let before = profile.message_verifiers(&old).unwrap().get("a").unwrap();
    let message = before.seal(&1, &Metadata::none()).unwrap();

    let after = profile
        .message_verifiers(&secret)
        .unwrap()
        .rotate_defaults()
        .rotate(VerifierOptions::new().secret_key_base(&old))
        .get("a")
        .unwrap();
    let now = Timestamp::from_unix_seconds(0);
    let opened = after.open(message.as_bytes(), Expected::NoPurpose, now).unwrap();
    assert!(matches!(opened.matched(), Matched::Rotation { index: 0, .. }));
}

#[test]
fn an_encryptor_may_have_two_secrets() {
    let profile = Profile::new(Version::V7_1);
    let two = |_: &str, options: &SecretOptions<'_>| {
        Ok((Secret::new(vec![1; options.secret_length()]), Secret::new(*b"sign")))
    };
    let encryptors = MessageEncryptors::new(&profile, two).unwrap();
    let encryptor = encryptors.rotate(EncryptorOptions::new().cipher(Cipher::Aes128Cbc)).get("a");
    let none = Metadata::none();
    let message = encryptor.unwrap().seal(&1, &none, &mut Fixed(vec![7; 16])).unwrap();
    let alone = MessageEncryptor::new(&Secret::new([1; 16]), Cipher::Aes128Cbc).unwrap();
    let alone = alone.sign_secret(&Secret::new(*b"sign"));
    assert_eq!(alone.seal(&1, &none, &mut Fixed(vec![7; 16])), Ok(message));
}
