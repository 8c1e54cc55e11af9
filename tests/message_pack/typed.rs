//! Rust's own types, both ways.

use std::collections::BTreeMap;

use railjar::envelope::EnvelopeForm;
use railjar::serializer::message_pack::{self, Extensions, LIMITS};
use railjar::value::{Symbol, Time, Value};
use railjar::{
    Expected, MessageVerifier, Metadata, Secret, SerializationError, Serializer, Timestamp,
};
use serde::{Deserialize, Serialize};

use crate::{hex, write};

fn from<'de, T: Deserialize<'de>>(bytes: &'de [u8]) -> Result<T, SerializationError> {
    message_pack::from_slice(bytes, &Extensions::V8_1, &LIMITS)
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Session {
    session_id: String,
    #[serde(rename = "warden.user.user.key")]
    user: Option<(Vec<u64>, String)>,
    flash: Flash,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Flash {
    discard: Vec<String>,
    flashes: BTreeMap<String, String>,
}

#[test]
fn a_session_is_a_struct() {
    // The line session/0.
    let bytes = hex(
        "cc8083aa73657373696f6e5f6964d9203066396133633165356237643465366638613962306331643265336634\
         613562b477617264656e2e757365722e757365722e6b657992912aaa24326124313124616263a5666c617368\
         82a76469736361726490a7666c617368657381a66e6f74696365a26869",
    );
    let session: Session = from(&bytes).unwrap();
    assert_eq!(session.user, Some((vec![42], "$2a$11$abc".to_owned())));
    assert_eq!(message_pack::to_vec(&session, &Extensions::V7_1), Ok(bytes));
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Role {
    #[serde(rename = "admin")]
    Admin,
    Guest {
        since: u32,
    },
    Both(u8, u8),
    One(Box<Role>),
}

#[test]
fn enums_are_names_or_hashes_of_one() {
    let roles =
        [Role::Admin, Role::Guest { since: 2026 }, Role::Both(1, 2), Role::One(Role::Admin.into())];
    for role in roles {
        let bytes = message_pack::to_vec(&role, &Extensions::V8_1).unwrap();
        assert_eq!(from::<Role>(&bytes), Ok(role));
    }
    assert_eq!(from::<Role>(b"\xcc\x80\xc7\x05\x00admin"), Ok(Role::Admin));
    assert_eq!(from::<Role>(b"\xcc\x80\xa4none"), Err(SerializationError::Mismatch));
}

#[test]
fn what_serde_has_not_is_as_in_json() {
    let json = |bytes: &str| from::<serde_json::Value>(&hex(bytes)).unwrap();
    for (bytes, expected) in [
        ("cc80c70c0231383a302e31323334356533", serde_json::json!("123.45")),
        ("cc80d5030304", serde_json::json!("3/4")),
        ("cc80c70506ce00258dac", serde_json::json!("2026-02-28")),
        (
            "cc80c70b07ce695735a5ce287735f200",
            serde_json::json!("2026-01-02T03:04:05.678901234+00:00"),
        ),
        ("cc80c70b0acd1c2097c0c0c0c002c0c0", serde_json::json!(7200)),
        ("cc80c7030b010ac2", serde_json::json!("1..10")),
        ("cc80c7070c9301d40061a173", serde_json::json!([1, "a", "s"])),
        ("cc80c70f1182a16101a162c7061181a163d40064", serde_json::json!({"a": 1, "b": {"c": "d"}})),
        ("cc80c705123c623ec3a9", serde_json::json!("<b>é")),
        ("cc80c70f0eae3139322e3136382e312e302f3234", serde_json::json!("192.168.1.0/24")),
    ] {
        assert_eq!(json(bytes), expected, "{bytes}");
    }
    assert_eq!(from::<u64>(&hex("cc80c70707ce695735a50000")), Ok(1_767_323_045));
    let big: u128 = from(&hex("cc80c70d0100000000000000000000000001")).unwrap();
    assert_eq!(big, 1 << 64);
    assert_eq!(from::<&str>(&hex("cc80c40161")), Ok("a"));
    assert_eq!(from::<u8>(&hex("cc80cd0100")), Err(SerializationError::Mismatch));
    assert_eq!(from::<(u8,)>(&hex("cc80920102")), Err(SerializationError::Mismatch));
    assert_eq!(from::<Option<u8>>(&hex("cc80c0")), Ok(None));
}

#[test]
fn structs_can_hold_rubys_types() {
    #[derive(Serialize)]
    struct Typed {
        role: Symbol,
        at: Time,
        any: Value,
    }
    let typed = Typed {
        role: Symbol::from("a"),
        at: Time::at(1_767_323_045, 0, 0).unwrap(),
        any: Value::Array(vec![Symbol::from("b").into()]),
    };
    let bytes = message_pack::to_vec(&typed, &Extensions::V8_1);
    let expected = "cc8083a4726f6c65d40061a26174c70707ce695735a50000a3616e7991d40062";
    assert_eq!(bytes, Ok(hex(expected)));
}

#[test]
fn messages_carry_it_with_their_metadata_inside() {
    // 8.1.jsonl: message/verifier/meta/message_pack/use_ser-true/expiry-submillis, with a purpose.
    let verifier = MessageVerifier::new(&Secret::new([7; 32]))
        .serializer(Serializer::MessagePack)
        .metadata_form(EnvelopeForm::Serializer);
    let expiry = Timestamp::from_unix(3_786_912_000, 123_999_000).unwrap();
    let before = Timestamp::from_unix(3_786_912_000, 123_998_999).unwrap();
    let metadata = Metadata::none().purpose("login").expires_at(expiry);
    let message = verifier.seal(&Symbol::from("x"), &metadata).unwrap();
    let opened = verifier.open(message.as_bytes(), Expected::Purpose("login"), before).unwrap();
    assert_eq!(opened.to_value(), Ok(Value::from(Symbol::from("x"))));
    assert_eq!(opened.deserialize::<&str>(), Ok("x"));
    assert_eq!(opened.payload().as_bytes(), b"\xcc\x80\xd4\x00x");
    assert_eq!(opened.purpose(), Some("login"));
    assert_eq!(opened.expires_at(), Some(expiry));
    assert_eq!(opened.envelope(), EnvelopeForm::Serializer);
    assert!(!opened.must_reissue());

    let plain =
        b"\xcc\x80\x81\xa6_rails\x83\xa4data\xd4\x00x\xa3exp\xc7\x0b\x07\xce\xe1\xb7\xb1\x00\
        \xce\x07d\x13\x18\x00\xa3pur\xa5login";
    let bytes = verifier.clone().serializer(Serializer::Null);
    let same = bytes.seal_payload(plain, &Metadata::none()).unwrap();
    assert_eq!(same, message);

    for (expected, now) in [
        (Expected::Purpose("login"), expiry),
        (Expected::Purpose("other"), before),
        (Expected::NoPurpose, before),
    ] {
        let refused = verifier.open(message.as_bytes(), expected, now);
        assert!(matches!(refused, Err(railjar::OpenError::Content(_))));
    }
    // What looks like an envelope but cannot be read is never taken for a value.
    for plain in [
        &b"\xcc\x80\x81\xa6_rails\x01"[..],
        b"\xcc\x80\x81\xa6_rails\x80",
        b"\xcc\x80\x81\xa6_rails\x82\xa4data\x01\xa3exp\x01",
        b"\xcc\x80\x81\xa6_rails\x82\xa4data\x01\xa3exp\xa4soon",
        b"\xcc\x80\x81\xa6_rails\x82\xa4data\x01\xa3pur\x01",
    ] {
        let message = bytes.seal_payload(plain, &Metadata::none()).unwrap();
        let refused = verifier.open(message.as_bytes(), Expected::NoPurpose, before);
        assert!(refused.is_err(), "{plain:02x?}");
    }
    // In text, or in a hash with indifferent access, it is read as Rails reads it.
    for plain in [
        &b"\xcc\x80\x81\xa6_rails\x82\xa4data\x01\xa3exp\xb42090-01-01T00:00:00Z"[..],
        b"\xcc\x80\xc7\x0f\x11\x81\xa6_rails\x81\xa4data\x01",
    ] {
        let message = bytes.seal_payload(plain, &Metadata::none()).unwrap();
        let now = Timestamp::from_unix_seconds(0);
        let opened = verifier.open(message.as_bytes(), Expected::NoPurpose, now);
        assert_eq!(opened.unwrap().to_value(), Ok(Value::from(1)), "{plain:02x?}");
    }
    let _ = write(&Value::Nil);
}
