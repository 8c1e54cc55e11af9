//! The shape of a request.

use std::borrow::Cow;
use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use railjar::Timestamp;
use railjar::rails::{Strictness, Version};
use serde::de::{Deserialize, Deserializer, Visitor};
use serde_json::value::RawValue;

use super::BadRequest;

/// One line. Fields that it does not know are passed over: those of a corpus case tell what Rails
/// did.
#[derive(serde::Deserialize, Default)]
#[serde(default)]
pub(super) struct Request<'l> {
    #[serde(borrow)]
    pub(super) id: Option<&'l RawValue>,
    #[serde(borrow)]
    op: Option<Text<'l>>,
    #[serde(borrow)]
    rails: Option<Text<'l>>,
    #[serde(borrow)]
    strictness: Option<Text<'l>>,
    #[serde(borrow)]
    layer: Option<Text<'l>>,
    #[serde(borrow)]
    kind: Option<Text<'l>>,
    #[serde(borrow)]
    config: Option<&'l RawValue>,
    #[serde(borrow)]
    cookie_name: Option<Text<'l>>,
    #[serde(borrow)]
    purpose: Option<Text<'l>>,
    #[serde(borrow)]
    wire: Option<Text<'l>>,
    #[serde(borrow)]
    wire_b64: Option<Text<'l>>,
    #[serde(borrow)]
    pub(super) value: Option<&'l RawValue>,
    #[serde(borrow)]
    payload_b64: Option<Text<'l>>,
    #[serde(borrow)]
    expires_at: Option<Text<'l>>,
    expires_in: Option<i64>,
    #[serde(borrow)]
    now: Option<Text<'l>>,
    #[serde(borrow)]
    iv_hex: Option<Text<'l>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Op {
    Open,
    Seal,
}

/// What the message is. Cookies and sessions are made with the same keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layer {
    Cookie,
    Message,
    Kdf,
}

/// Which jar a cookie lives in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Signed,
    Encrypted,
    SignedOrEncrypted,
}

/// The layers of the protocol that are still to come.
const LATER: [&str; 9] = [
    "serializer",
    "credentials",
    "csrf",
    "signed_id",
    "token_for",
    "active_storage",
    "global_id",
    "message_verifiers",
    "message_encryptors",
];

impl<'l> Request<'l> {
    pub(super) fn parse(line: &'l [u8]) -> Result<Self, BadRequest> {
        serde_json::from_slice(line)
            .map_err(|error| BadRequest(format!("the line is not a request: {error}")))
    }

    pub(super) fn op(&self) -> Result<Op, BadRequest> {
        match text(&self.op) {
            Some("open") => Ok(Op::Open),
            Some("seal") => Ok(Op::Seal),
            _ => Err("op must be \"open\" or \"seal\"".into()),
        }
    }

    pub(super) fn version(&self) -> Result<Version, BadRequest> {
        Ok(text(&self.rails).map_or(Ok(Version::NEWEST), Version::from_name)?)
    }

    pub(super) fn strictness(&self) -> Result<Strictness, BadRequest> {
        match text(&self.strictness) {
            None | Some("strict") => Ok(Strictness::Strict),
            Some("as-rails") => Ok(Strictness::AsRails),
            Some(_) => Err("strictness must be \"strict\" or \"as-rails\"".into()),
        }
    }

    pub(super) fn layer(&self) -> Result<Layer, BadRequest> {
        match text(&self.layer) {
            None | Some("cookie" | "session") => Ok(Layer::Cookie),
            Some("message") => Ok(Layer::Message),
            Some("kdf") => Ok(Layer::Kdf),
            Some(later) if LATER.contains(&later) => {
                Err(format!("the layer {later} does not exist yet").into())
            }
            Some(_) => Err("there is no such layer".into()),
        }
    }

    pub(super) fn kind(&self) -> Result<Kind, BadRequest> {
        match text(&self.kind) {
            Some("signed") => Ok(Kind::Signed),
            Some("encrypted") => Ok(Kind::Encrypted),
            None | Some("signed_or_encrypted") => Ok(Kind::SignedOrEncrypted),
            Some(_) => {
                Err("kind must be \"signed\", \"encrypted\" or \"signed_or_encrypted\"".into())
            }
        }
    }

    /// The text of `config`, as it was sent.
    pub(super) fn config(&self) -> &'l str {
        self.config.map_or("{}", RawValue::get)
    }

    pub(super) fn cookie_name(&self) -> Result<&str, BadRequest> {
        let name = text(&self.cookie_name).filter(|name| !name.is_empty());
        name.ok_or_else(|| "cookie_name is missing".into())
    }

    pub(super) fn purpose(&self) -> Option<&str> {
        text(&self.purpose)
    }

    pub(super) fn wire(&self) -> Result<Cow<'_, [u8]>, BadRequest> {
        match (text(&self.wire), text(&self.wire_b64)) {
            (Some(wire), None) => Ok(Cow::Borrowed(wire.as_bytes())),
            (None, Some(wire)) => Ok(Cow::Owned(decode(wire, "wire_b64")?)),
            _ => Err("to open, give one of wire and wire_b64".into()),
        }
    }

    pub(super) fn payload(&self) -> Result<Option<Vec<u8>>, BadRequest> {
        text(&self.payload_b64).map(|payload| decode(payload, "payload_b64")).transpose()
    }

    pub(super) fn now(&self) -> Result<Timestamp, BadRequest> {
        text(&self.now).map_or_else(|| Ok(crate::clock::now()), |now| instant(now, "now"))
    }

    /// The expiry to seal with.
    pub(super) fn expires(&self) -> Result<Option<Timestamp>, BadRequest> {
        match (text(&self.expires_at), self.expires_in) {
            (Some(at), None) => Ok(Some(instant(at, "expires_at")?)),
            (None, Some(seconds)) => Ok(Some(self.now()?.plus_seconds(seconds))),
            (None, None) => Ok(None),
            (Some(_), Some(_)) => Err("give one of expires_at and expires_in".into()),
        }
    }

    pub(super) fn iv(&self) -> Result<Option<Vec<u8>>, BadRequest> {
        text(&self.iv_hex)
            .map(|iv| super::fields::from_hex(iv).ok_or_else(|| "iv_hex is not hexadecimal".into()))
            .transpose()
    }
}

fn text<'a>(field: &'a Option<Text<'_>>) -> Option<&'a str> {
    field.as_ref().map(|text| &*text.0)
}

fn decode(text: &str, field: &str) -> Result<Vec<u8>, BadRequest> {
    BASE64_STANDARD.decode(text).map_err(|_| format!("{field} is not base64").into())
}

fn instant(text: &str, field: &str) -> Result<Timestamp, BadRequest> {
    Timestamp::parse(text).ok_or_else(|| format!("{field} is not an ISO 8601 time").into())
}

/// A string, borrowed from the line unless it has escapes. (Serde borrows for a field that is a
/// `Cow`, but not for one that is an `Option` of it.)
struct Text<'l>(Cow<'l, str>);

impl<'de: 'l, 'l> Deserialize<'de> for Text<'l> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Borrowing;

        impl<'de> Visitor<'de> for Borrowing {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }

        deserializer.deserialize_str(Borrowing)
    }
}
