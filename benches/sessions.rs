//! A session as Devise leaves one, read from Marshal and from JSON: what it costs beyond opening the
//! cookie.

use core::hint::black_box;
use std::collections::BTreeMap;

use railjar::serializer::{json, marshal};
use railjar::{Expected, MessageVerifier, Metadata, Opened, Secret, Serializer};
use serde::Deserialize;

use crate::Subject;
use crate::ours::{NOW, SIGN_KEY};

/// As Rails writes it; what it marshals to is what Ruby dumps of the same.
const JSON: &[u8] = br#"{"session_id":"0f9a3c1e5b7d4e6f8a9b0c1d2e3f4a5b","_csrf_token":"wCVqfNsyD2UrbvI1pP2mTq0yqgN5GzNNdj4HGN3U5o0=","warden.user.user.key":[[42],"$2a$12$R9h/cIPz0gi.URNNX3kh2O"],"warden.user.user.session":{"last_request_at":1767303245},"flash":{"discard":[],"flashes":{"notice":"Signed in successfully."}},"user_return_to":"/orders/1042?page=2","locale":"en","currency":"EUR","last_seen_product":"1042-x","cart":{"id":981,"items":[1042,1043]}}"#;

/// The type that an app would give it. `S` is how it holds text.
#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "it is only read into")]
struct Session<S: Ord> {
    session_id: S,
    #[serde(rename = "_csrf_token")]
    csrf_token: S,
    #[serde(rename = "warden.user.user.key")]
    user: ([u64; 1], S),
    #[serde(rename = "warden.user.user.session")]
    warden: Warden,
    flash: Flash<S>,
    user_return_to: Option<S>,
    locale: S,
    currency: S,
    last_seen_product: S,
    cart: Cart,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "it is only read into")]
struct Warden {
    last_request_at: i64,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "it is only read into")]
struct Flash<S: Ord> {
    discard: Vec<S>,
    flashes: BTreeMap<S, S>,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "it is only read into")]
struct Cart {
    id: u64,
    items: Vec<u64>,
}

/// What a session is read into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Into {
    /// A struct that borrows its text: here reading is all that there is to do.
    Borrowing,
    /// A struct of `String`s.
    Owned,
    /// railjar's `Value`, or `serde_json`'s.
    Value,
}

/// By railjar, from a message that was opened before.
#[must_use]
pub fn railjar(serializer: Serializer, into: Into) -> Subject {
    let opened = opened(serializer);
    match into {
        Into::Borrowing => Subject::new(move || {
            let session: Session<&str> = black_box(&opened).deserialize().expect("a session");
            black_box(&session);
        }),
        Into::Owned => {
            Subject::new(move || black_box(&opened).deserialize::<Session<String>>().expect("one"))
        }
        Into::Value => Subject::new(move || black_box(&opened).to_value().expect("a value")),
    }
}

/// By `serde_json` alone, from JSON.
#[must_use]
pub fn serde_json(into: Into) -> Subject {
    fn reading<T: Deserialize<'static> + 'static>() -> Subject {
        Subject::new(|| serde_json::from_slice::<T>(black_box(JSON)).expect("a session"))
    }
    match into {
        Into::Borrowing => reading::<Session<&str>>(),
        Into::Owned => reading::<Session<String>>(),
        Into::Value => reading::<serde_json::Value>(),
    }
}

fn opened(serializer: Serializer) -> Opened<'static> {
    let session = json::from_slice(JSON).expect("JSON");
    let payload = match serializer {
        Serializer::Marshal => marshal::to_vec(&session).expect("what Marshal can say"),
        _ => JSON.to_vec(),
    };
    let verifier = MessageVerifier::new(&Secret::new(SIGN_KEY)).serializer(serializer);
    let message = verifier.seal_payload(&payload, &Metadata::none()).expect("a payload");
    verifier.open(message.as_bytes(), Expected::NoPurpose, NOW).expect("it opens")
}
