//! The other crates that read such messages. They stop at the plaintext: no envelope, no purpose,
//! no expiry. Each gets the kinds that it can open.

use core::hint::black_box;

use message_verifier::{
    AesGcmEncryptor, AesHmacEncryptor, DerivedKeyParams, Encryptor, Verifier, create_derived_keys,
};
use rails_cookie_parser::{HashDigest, RailsCookieParser};

use crate::ours::{CBC_SALT, CBC_SIGN_SALT, GCM_SALT, SECRET_KEY_BASE, SIGN_KEY};
use crate::{Kind, Subject};

/// `message_verifier` opening a message. It signs with SHA-1 only.
#[must_use]
pub fn message_verifier_open(kind: Kind, message: Vec<u8>) -> Option<Subject> {
    let message = String::from_utf8(message).expect("messages are ASCII");
    Some(match kind {
        Kind::SignedSha1 => {
            let verifier = verifier();
            Subject::new(move || verifier.verify(black_box(&message)).expect("it opens"))
        }
        Kind::SignedSha256 => return None,
        Kind::Gcm => {
            let encryptor = gcm();
            Subject::new(move || {
                encryptor.decrypt_and_verify(black_box(&message)).expect("it opens")
            })
        }
        Kind::Cbc => {
            let encryptor = cbc();
            Subject::new(move || {
                encryptor.decrypt_and_verify(black_box(&message)).expect("it opens")
            })
        }
    })
}

/// `message_verifier` sealing a payload.
#[must_use]
pub fn message_verifier_seal(kind: Kind, payload: Vec<u8>) -> Option<Subject> {
    let payload = String::from_utf8(payload).expect("payloads are ASCII");
    Some(match kind {
        Kind::SignedSha1 => {
            let verifier = verifier();
            Subject::new(move || verifier.generate(black_box(&payload)).expect("a payload"))
        }
        Kind::SignedSha256 => return None,
        Kind::Gcm => {
            let encryptor = gcm();
            Subject::new(move || encryptor.encrypt_and_sign(black_box(&payload)).expect("payload"))
        }
        Kind::Cbc => {
            let encryptor = cbc();
            Subject::new(move || encryptor.encrypt_and_sign(black_box(&payload)).expect("payload"))
        }
    })
}

/// `message_verifier` deriving a key of 64 bytes with 1000 iterations.
#[must_use]
pub fn message_verifier_derive() -> Subject {
    Subject::new(|| {
        create_derived_keys(&["signed cookie"], black_box("secret"), DerivedKeyParams::default())
    })
}

/// `rails-cookie-parser` opening a message: AES-GCM only.
#[must_use]
pub fn rails_cookie_parser_open(kind: Kind, message: Vec<u8>) -> Option<Subject> {
    if kind != Kind::Gcm {
        return None;
    }
    let message = String::from_utf8(message).expect("messages are ASCII");
    let parser = RailsCookieParser::new(SECRET_KEY_BASE, GCM_SALT, 1000, HashDigest::Sha1);
    Some(Subject::new(move || parser.decipher_cookie(black_box(&message)).expect("it opens")))
}

fn verifier() -> Verifier {
    Verifier::new(core::str::from_utf8(&SIGN_KEY).expect("text"))
}

fn gcm() -> AesGcmEncryptor {
    let params = DerivedKeyParams::default();
    AesGcmEncryptor::new(SECRET_KEY_BASE, GCM_SALT, params).expect("a key")
}

fn cbc() -> AesHmacEncryptor {
    let params = DerivedKeyParams::default();
    AesHmacEncryptor::new(SECRET_KEY_BASE, CBC_SALT, CBC_SIGN_SALT, params).expect("keys")
}
