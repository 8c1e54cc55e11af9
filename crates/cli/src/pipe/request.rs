//! The shape of a request.

use std::borrow::Cow;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use railjar::Timestamp;
use railjar::rails::{Strictness, Version};
use serde::de::{Deserialize as _, Deserializer};
use serde_json::value::RawValue;

use super::BadRequest;
use super::fields::from_hex;
use super::text::Text;
use super::told::told;
use super::words::{CsrfKind, Kind, Layer, Op};

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
    /// Null is a cookie that the browser did not send.
    #[serde(borrow, deserialize_with = "present")]
    wire: Option<Option<Text<'l>>>,
    #[serde(borrow)]
    wire_b64: Option<Text<'l>>,
    #[serde(borrow)]
    hex: Option<Text<'l>>,
    /// Null is a value.
    #[serde(borrow, deserialize_with = "raw")]
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
    /// Of a signed id or a token: what its purpose is made of.
    #[serde(borrow)]
    model: Option<Text<'l>>,
    #[serde(borrow)]
    given_purpose: Option<Text<'l>>,
    /// Of credentials.
    #[serde(borrow)]
    content_b64: Option<Text<'l>>,
    #[serde(borrow)]
    read_encoding: Option<Text<'l>>,
    /// Of a CSRF token: the form that it is made for, on which page, and the request that it is in.
    #[serde(borrow)]
    form_action: Option<Text<'l>>,
    #[serde(borrow)]
    form_method: Option<Text<'l>>,
    #[serde(borrow)]
    page: Option<Text<'l>>,
    #[serde(borrow)]
    request_path: Option<Text<'l>>,
    #[serde(borrow)]
    request_method: Option<Text<'l>>,
}

impl<'l> Request<'l> {
    pub(super) fn parse(line: &'l [u8]) -> Result<Self, BadRequest> {
        serde_json::from_str(object(line)?)
            .map_err(|error| BadRequest(format!("the line is not a request: {}", told(&error))))
    }

    pub(super) fn op(&self) -> Result<Op, BadRequest> {
        Op::of(text(&self.op))
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
        Layer::of(text(&self.layer))
    }

    pub(super) fn kind(&self) -> Result<Kind, BadRequest> {
        Kind::of(text(&self.kind))
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

    pub(super) fn model(&self) -> Result<&str, BadRequest> {
        text(&self.model).ok_or_else(|| "give purpose, or model".into())
    }

    pub(super) fn given_purpose(&self) -> Option<&str> {
        text(&self.given_purpose)
    }

    pub(super) fn expires_in(&self) -> Option<i64> {
        self.expires_in
    }

    /// The form's action and method; none for a token of any form.
    pub(super) fn form(&self) -> Option<(&str, &str)> {
        text(&self.form_action).zip(text(&self.form_method))
    }

    pub(super) fn page(&self) -> &str {
        text(&self.page).unwrap_or_default()
    }

    /// The path and method of the request that a form sends.
    pub(super) fn sent_to(&self) -> (&str, &str) {
        let or_none = |field| text(field).unwrap_or_default();
        (or_none(&self.request_path), or_none(&self.request_method))
    }

    /// What the file holds, and the encoding that Ruby gives it.
    pub(super) fn content(&self) -> Result<Option<Vec<u8>>, BadRequest> {
        text(&self.content_b64).map(|content| decode(content, "content_b64")).transpose()
    }

    pub(super) fn read_encoding(&self) -> Option<&str> {
        text(&self.read_encoding)
    }

    /// The kind of a CSRF token.
    pub(super) fn csrf_kind(&self) -> Result<CsrfKind, BadRequest> {
        CsrfKind::of(text(&self.kind))
    }

    pub(super) fn wire(&self) -> Result<Cow<'_, [u8]>, BadRequest> {
        match (&self.wire, text(&self.wire_b64), text(&self.hex)) {
            (Some(wire), None, None) => {
                Ok(Cow::Borrowed(text(wire).unwrap_or_default().as_bytes()))
            }
            (None, Some(wire), None) => Ok(Cow::Owned(decode(wire, "wire_b64")?)),
            (None, None, Some(digits)) => Ok(Cow::Owned(hex(digits, "hex")?)),
            _ => Err("to open, give one of wire, wire_b64 and hex".into()),
        }
    }

    /// Whether it has a message at all.
    pub(super) fn has_wire(&self) -> bool {
        self.wire.is_some() || self.wire_b64.is_some() || self.hex.is_some()
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
        text(&self.iv_hex).map(|iv| hex(iv, "iv_hex")).transpose()
    }
}

/// The line, if it may be a JSON object. Serde would take a list too, for the fields in order.
fn object(line: &[u8]) -> Result<&str, BadRequest> {
    // Checked once here, and not again for every string.
    let line = str::from_utf8(line).map_err(|_| "the line is not UTF-8")?;
    match line.trim_ascii_start().starts_with('{') {
        true => Ok(line),
        false => Err("the line is not a request: expected a JSON object".into()),
    }
}

/// The `id` of a line that is no request: of an object with a field that is wrong.
pub(super) fn id(line: &[u8]) -> Option<&RawValue> {
    #[derive(serde::Deserialize)]
    struct Id<'l> {
        #[serde(borrow)]
        id: Option<&'l RawValue>,
    }
    let line = object(line).ok()?;
    serde_json::from_str(line).ok().and_then(|Id { id }| id)
}

fn text<'a>(field: &'a Option<Text<'_>>) -> Option<&'a str> {
    field.as_ref().map(Text::as_str)
}

fn decode(text: &str, field: &str) -> Result<Vec<u8>, BadRequest> {
    BASE64_STANDARD.decode(text).map_err(|_| format!("{field} is not base64").into())
}

fn hex(digits: &str, field: &str) -> Result<Vec<u8>, BadRequest> {
    from_hex(digits).ok_or_else(|| format!("{field} is not hexadecimal").into())
}

fn instant(text: &str, field: &str) -> Result<Timestamp, BadRequest> {
    Timestamp::parse(text).ok_or_else(|| format!("{field} is not an ISO 8601 time").into())
}

/// A field that is there, null or not.
fn present<'de, D: Deserializer<'de>>(field: D) -> Result<Option<Option<Text<'de>>>, D::Error> {
    Option::deserialize(field).map(Some)
}

/// A field as it stands in the line, null too.
fn raw<'de, D: Deserializer<'de>>(field: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(field).map(Some)
}
