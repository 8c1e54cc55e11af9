//! Signed ids, tokens, Active Storage's messages and signed global ids: all made by the app's own
//! verifiers.

use std::collections::BTreeMap;

use railjar::messages::{
    BlobPurpose, GlobalIdForm, SignedGlobalIds, TokenDefinition, signed_id_purpose,
};
use railjar::rails::{LegacySignedIdVerifier, Profile, Version};
use railjar::serializer::Format;
use railjar::value::Value;
use railjar::{
    ConfigError, ContentError, Digest, Expected, MessageVerifier, Metadata, OpenError, Opened,
    SecretKeyBase, SecretToken, SerializationError, Timestamp,
};

use crate::case::{Case, cases};
use crate::differences;

/// The value, where it is JSON, and `false` where it is Marshal, which is held to its bytes.
fn check_value(case: &Case, opened: &Opened<'_>) -> bool {
    if opened.format() != Format::Json {
        return false;
    }
    let value = opened.to_value().unwrap();
    match case.text("value_ruby") {
        Some(ruby) => assert_eq!(value.to_string(), ruby, "{}", case.name()),
        None => assert_eq!(value, Value::from(case.line["value"].clone()), "{}", case.name()),
    }
    true
}

/// What was signed, and the message, from the serialized value.
fn check_bytes(
    case: &Case,
    verifier: &MessageVerifier,
    opened: &Opened<'_>,
    purpose: &str,
    expires_at: Option<Timestamp>,
) {
    let mut metadata = Metadata::none().purpose(purpose);
    if let Some(at) = expires_at {
        metadata = metadata.expires_at(at);
    }
    let payload = opened.payload().as_bytes();
    assert_eq!(verifier.plain(payload, &metadata), Ok(case.bytes("plain_b64").unwrap()));
    let again = verifier.seal_payload(payload, &metadata);
    assert_eq!(again.as_deref(), Ok(case.text("wire").unwrap()), "{}", case.name());
}

#[test]
fn every_signed_id_is_read_and_written() {
    let (mut read, mut expired) = (0, 0);
    for case in cases("signed_id") {
        let ids = case.profile().signed_ids(&case.secret_key_base()).unwrap();
        let purpose = signed_id_purpose(case.text("model").unwrap(), case.text("given_purpose"));
        assert_eq!(Some(purpose.as_str()), case.text("purpose"), "{}", case.name());

        let wire = case.text("wire").unwrap();
        let wrong = ids.open(wire.as_bytes(), "another", Timestamp::from_unix_seconds(0));
        assert_eq!(case.text("wrong_purpose_expect"), Some("nil"));
        assert_eq!(wrong.unwrap_err(), OpenError::Content(ContentError::PurposeMismatch));

        match ids.open(wire.as_bytes(), &purpose, case.now()) {
            Ok(opened) => {
                assert_eq!(case.text("expect"), Some("ok"), "{}", case.name());
                assert!(check_value(&case, &opened));
                assert_eq!(opened.expires_at(), case.expires_at());
                read += 1;
            }
            Err(OpenError::Content(ContentError::Expired)) => {
                assert_eq!(case.text("expect"), Some("nil"), "{}", case.name());
                expired += 1;
            }
            Err(error) => panic!("{}: {error:?}", case.name()),
        }
        let id = Value::from(case.line["value"].clone());
        let sealed = ids.seal(&id, &purpose, case.expires_at());
        assert_eq!(sealed.as_deref(), Ok(wire), "{}", case.name());
    }
    assert_eq!((read, expired), (84, 28));
    differences::check("signed_id", &BTreeMap::new());
}

#[test]
fn every_token_is_read_and_written() {
    let (mut values, mut bytes) = (0, 0);
    for case in cases("token_for") {
        let app = case.profile();
        let tokens = app.tokens_for(&case.secret_key_base()).unwrap();
        let purpose = case.text("purpose").unwrap();
        let [class, name, seconds] = purpose.split('\n').collect::<Vec<_>>()[..] else { panic!() };
        let mut definition = TokenDefinition::new(class, name);
        if let Ok(seconds) = seconds.parse::<i64>() {
            definition = definition.expires_in(seconds);
        }
        assert_eq!(definition.full_purpose(), purpose);

        let wire = case.text("wire").unwrap();
        let opened = tokens.open(&definition, wire.as_bytes(), case.now()).unwrap();
        assert_eq!(case.text("expect"), Some("ok"));
        let verifier = app.message_verifier(&case.secret_key_base(), "active_record/token_for");
        check_bytes(&case, &verifier.unwrap(), &opened, purpose, opened.expires_at());
        if check_value(&case, &opened) {
            // The clock when Rails wrote.
            let now = opened.expires_at().unwrap_or(case.now());
            let now = now.plus_seconds(-seconds.parse().unwrap_or(0));
            let again = tokens.seal(&definition, &opened.to_value().unwrap(), now);
            assert_eq!(again.as_deref(), Ok(wire), "{}", case.name());
            values += 1;
        } else {
            bytes += 1;
        }
    }
    assert_eq!((values, bytes), (15, 15));
    differences::check("token_for", &BTreeMap::new());
}

#[test]
fn every_message_of_active_storage_is_read_and_written() {
    let (mut values, mut bytes) = (0, 0);
    for case in cases("active_storage") {
        let app = case.profile();
        let storage = app.active_storage(&case.secret_key_base()).unwrap();
        let name = case.text("purpose").unwrap();
        let purposes = [
            BlobPurpose::BlobId,
            BlobPurpose::Variation,
            BlobPurpose::BlobKey,
            BlobPurpose::BlobToken,
        ];
        let purpose = purposes.into_iter().find(|purpose| purpose.name() == name).unwrap();
        let wire = case.text("wire").unwrap();
        let opened = storage.open(wire.as_bytes(), purpose, case.now()).unwrap();
        assert_eq!(case.text("expect"), Some("ok"));
        let verifier = app.message_verifier(&case.secret_key_base(), "ActiveStorage").unwrap();
        check_bytes(&case, &verifier, &opened, name, case.expires_at());
        if check_value(&case, &opened) {
            let again = storage.seal(&opened.to_value().unwrap(), purpose, case.expires_at());
            assert_eq!(again.as_deref(), Ok(wire), "{}", case.name());
            values += 1;
        } else {
            bytes += 1;
        }
    }
    assert_eq!((values, bytes), (50, 130));
    differences::check("active_storage", &BTreeMap::new());
}

#[test]
fn every_global_id_is_read_and_written() {
    let (mut values, mut bytes) = (0, 0);
    for case in cases("global_id") {
        let form = match case.config("globalid_gem").as_str().unwrap() {
            "0.6.0" => GlobalIdForm::Hash,
            _ => GlobalIdForm::Metadata,
        };
        let ids = case.profile().signed_global_ids(&case.secret_key_base()).unwrap().form(form);
        let (wire, purpose) = (case.text("wire").unwrap(), case.text("purpose").unwrap());
        match ids.open(wire.as_bytes(), purpose, case.now()) {
            Ok(id) => {
                assert_eq!(Some(id.uri()), case.text("value"), "{}", case.name());
                assert_eq!(id.expires_at(), case.expires_at(), "{}", case.name());
                let again = ids.seal(id.uri(), purpose, case.expires_at());
                assert_eq!(again.as_deref(), Ok(wire), "{}", case.name());
                values += 1;
            }
            // In Marshal, which is held to its bytes.
            Err(OpenError::Serialization(SerializationError::Unsupported)) => {
                let (verifier, expected) = (ids.verifier(), Expected::Purpose(purpose));
                match form {
                    GlobalIdForm::Metadata => {
                        let opened = verifier.open(wire.as_bytes(), expected, case.now()).unwrap();
                        check_bytes(&case, verifier, &opened, purpose, case.expires_at());
                    }
                    _ => {
                        let none = Expected::NoPurpose;
                        let opened = verifier.open(wire.as_bytes(), none, case.now()).unwrap();
                        let payload = opened.payload().as_bytes();
                        assert_eq!(payload, case.bytes("plain_b64").unwrap(), "{}", case.name());
                        let again = verifier.seal_payload(payload, &Metadata::none());
                        assert_eq!(again.as_deref(), Ok(wire), "{}", case.name());
                    }
                }
                assert_eq!(
                    case.config("serializer").as_str().map(str::to_lowercase).as_deref(),
                    Some("marshal")
                );
                bytes += 1;
            }
            Err(error) => panic!("{}: {error:?}", case.name()),
        }
        if case.version > Version::V7_0 {
            let wrong = ids.open(wire.as_bytes(), "another", case.now()).unwrap_err();
            assert_eq!(wrong, OpenError::Content(ContentError::PurposeMismatch));
        }
        assert_eq!(case.text("expect"), Some("ok"));
    }
    assert_eq!((values, bytes), (56, 0));
    assert_eq!(SignedGlobalIds::DEFAULT_PURPOSE, "default");
    differences::check("global_id", &BTreeMap::new());
}

/// `config.active_record.use_legacy_signed_id_verifier` of 8.1: what it writes, and what it reads.
#[test]
fn signed_ids_move_to_the_apps_own_verifier() {
    use LegacySignedIdVerifier::{GenerateAndVerify, Off, Verify};

    let secret = SecretKeyBase::new("a secret").unwrap();
    let now = Timestamp::from_unix_seconds(1_750_000_000);
    let ids = |setting| {
        let profile = Profile::new(Version::V8_1).use_legacy_signed_id_verifier(setting);
        profile.signed_ids(&secret).unwrap()
    };
    let legacy = ids(GenerateAndVerify).seal(&1, "user", None).unwrap();
    let own = ids(Off).seal(&1, "user", None).unwrap();
    let digits = |message: &str| message.split_once("--").unwrap().1.len();
    assert_eq!(digits(&legacy), Digest::Sha256.hex_len());
    assert_eq!(digits(&own), Digest::Sha1.hex_len());
    assert_eq!(ids(Verify).seal(&1, "user", None).as_deref(), Ok(own.as_str()));
    assert_eq!(
        Profile::new(Version::V8_0).signed_ids(&secret).unwrap().seal(&1, "user", None),
        Ok(legacy.clone())
    );
    let rotated = |setting, message: &str| {
        let opened = ids(setting).open(message.as_bytes(), "user", now);
        opened.ok().map(|opened| opened.matched().is_rotation())
    };
    assert_eq!(rotated(GenerateAndVerify, &legacy), Some(false));
    assert_eq!(rotated(GenerateAndVerify, &own), Some(true));
    assert_eq!(rotated(Verify, &legacy), Some(true));
    assert_eq!(rotated(Verify, &own), Some(false));
    assert_eq!(rotated(Off, &legacy), None);
    assert_eq!(rotated(Off, &own), Some(false));
}

#[test]
fn what_a_version_does_not_have_is_refused() {
    let secret = SecretKeyBase::new("a secret").unwrap();
    for version in Version::ALL {
        let app = Profile::without_defaults(version);
        let since = |since: Version, got: Result<(), ConfigError>| match got {
            Ok(()) => assert!(version >= since, "{version}"),
            Err(ConfigError::NotInThisVersion { .. }) => assert!(version < since, "{version}"),
            Err(error) => panic!("{version}: {error}"),
        };
        since(Version::V4_1, app.message_verifier(&secret, "x").map(drop));
        since(Version::V4_2, app.signed_global_ids(&secret).map(drop));
        since(Version::V5_2, app.active_storage(&secret).map(drop));
        since(Version::V5_2, app.encrypted_file(&[b'0'; 32]).map(drop));
        since(Version::V6_1, app.signed_ids(&secret).map(drop));
        since(Version::V7_1, app.message_verifiers(&secret).map(drop));
        since(Version::V7_1, app.tokens_for(&secret).map(drop));
        since(Version::V3_2, app.csrf().map(drop));
    }
}

/// `LegacyKeyGenerator`: without a `secret_key_base`, every key is the `secret_token`.
#[test]
fn an_old_secret_token_is_the_key_itself() {
    let token = SecretToken::new("thirty bytes at least, or more!").unwrap();
    let app = Profile::without_defaults(Version::V4_2);
    let verifiers = ["a", "b"].map(|name| app.message_verifier(&token, name).unwrap());
    let message = verifiers[0].seal_payload(b"\x04\x080", &Metadata::none()).unwrap();
    let now = Timestamp::from_unix_seconds(0);
    assert!(verifiers[1].open(message.as_bytes(), Expected::NoPurpose, now).is_ok());
    let app = Profile::without_defaults(Version::V6_0);
    assert_eq!(app.message_verifier(&token, "a").unwrap_err(), ConfigError::MissingSecret);
}

#[test]
fn global_ids_in_a_hash_carry_their_own_purpose_and_expiry() {
    let secret = SecretKeyBase::new("a secret").unwrap();
    let now = Timestamp::from_unix_seconds(1_750_000_000);
    let ids = Profile::new(Version::V7_1).signed_global_ids(&secret).unwrap();
    let old = ids.clone().form(GlobalIdForm::Hash);
    let sgid = old.seal("gid://app/User/1", "login", Some(now)).unwrap();
    let open = |purpose, now| ids.open(sgid.as_bytes(), purpose, now);
    assert_eq!(open("login", now).unwrap().uri(), "gid://app/User/1");
    let later = now.plus_seconds(1);
    assert_eq!(open("login", later), Err(OpenError::Content(ContentError::Expired)));
    assert_eq!(open("default", now), Err(OpenError::Content(ContentError::PurposeMismatch)));
    let other = ids.verifier().seal(&1, &Metadata::none()).unwrap();
    let refused = ids.open(other.as_bytes(), "login", now);
    assert_eq!(refused, Err(OpenError::Serialization(SerializationError::Mismatch)));
}
