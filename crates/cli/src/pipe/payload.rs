//! What a request asks to seal.

use railjar::serializer::json;
use railjar::{SealError, Value};

use super::BadRequest;
use super::request::Request;

/// The serialized value: as given, or as `serialize` writes it.
pub(super) fn serialized(
    request: &Request<'_>,
    serialize: impl FnOnce(&Value) -> Result<Vec<u8>, SealError>,
) -> Result<Vec<u8>, BadRequest> {
    if let Some(payload) = request.payload()? {
        return Ok(payload);
    }
    let value = value(request)?.ok_or("to seal, give value or payload_b64")?;
    match (serialize(&value), value) {
        // Text can stand for bytes, of which the null serializer writes any.
        (Err(SealError::UnsupportedSerializer), Value::String(text)) => Ok(text.into_bytes()),
        (serialized, _) => Ok(serialized?),
    }
}

/// A value that must be text.
pub(super) fn text(request: &Request<'_>) -> Result<String, BadRequest> {
    match value(request)? {
        None => Err("value is missing".into()),
        Some(Value::String(text)) => {
            String::from_utf8(text.into_bytes()).map_err(|_| "value is not UTF-8".into())
        }
        Some(_) => Err("value must be a string".into()),
    }
}

fn value(request: &Request<'_>) -> Result<Option<Value>, BadRequest> {
    let Some(json) = request.value else {
        return Ok(None);
    };
    let value = json::from_slice(json.get().as_bytes());
    value.map(Some).map_err(|error| format!("value: {error}").into())
}
