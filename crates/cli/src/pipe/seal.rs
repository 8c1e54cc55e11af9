//! The answers to `seal`.

use railjar::cookies::escape;
use railjar::entropy::{Buffered, Entropy, EntropyUnavailable, SystemEntropy};
use railjar::serializer::json;
use railjar::{Metadata, Scratch, SealError, Serializer, Value};

use super::BadRequest;
use super::recipe::Recipe;
use super::request::{Kind, Request};
use crate::answer::Answer;

pub(super) fn answer(
    recipe: &Recipe,
    request: &Request<'_>,
    scratch: &mut Scratch,
    entropy: &mut Buffered<SystemEntropy>,
    out: &mut Vec<u8>,
) -> Result<(), BadRequest> {
    let expires = request.expires()?;
    let mut iv = match request.iv()? {
        None => Iv::Drawn(entropy),
        Some(bytes) => Iv::Given(bytes),
    };
    let metadata = Metadata::none();
    let metadata = request.purpose().map_or(metadata, |purpose| metadata.purpose(purpose));
    let metadata = expires.map_or(metadata, |at| metadata.expires_at(at));
    let (wire, plain) = match recipe {
        Recipe::Cookies(cookies, serializer) => {
            let name = request.cookie_name()?;
            let jar = match request.kind()? {
                Kind::Signed => cookies.signed(name),
                Kind::Encrypted => cookies.encrypted(name),
                Kind::SignedOrEncrypted => cookies.session(name),
            };
            let payload = payload(request, *serializer, |value| jar.serialize(value))?;
            let wire = jar.seal_payload_in(scratch, &payload, expires, &mut iv);
            (wire.map_err(|error| iv_error(error, &iv))?, jar.plain(&payload, expires)?)
        }
        Recipe::Verifier(verifier, serializer) => {
            let payload = payload(request, *serializer, |value| verifier.serialize(value))?;
            let wire = verifier.seal_payload_in(scratch, &payload, &metadata)?;
            (wire, verifier.plain(&payload, &metadata)?)
        }
        Recipe::Encryptor(encryptor, serializer) => {
            let payload = payload(request, *serializer, |value| encryptor.serialize(value))?;
            let wire = encryptor.seal_payload_in(scratch, &payload, &metadata, &mut iv);
            (wire.map_err(|error| iv_error(error, &iv))?, encryptor.plain(&payload, &metadata)?)
        }
        Recipe::Key(_) => return Err("a key seals nothing".into()),
    };
    let answer = Answer::new(out, request.id, "ok").text("wire", wire);
    let answer = match recipe {
        Recipe::Cookies(..) => answer.text("set_cookie_value", &escape::escape(wire.as_bytes())),
        _ => answer,
    };
    answer.base64("plain_b64", &plain).end();
    Ok(())
}

/// The serialized value: as given, or as `serialize` writes it.
fn payload(
    request: &Request<'_>,
    serializer: Serializer,
    serialize: impl FnOnce(&Value) -> Result<Vec<u8>, SealError>,
) -> Result<Vec<u8>, BadRequest> {
    match (request.payload()?, request.value) {
        (Some(payload), None) => Ok(payload),
        (None, Some(value)) => {
            let value = json::from_slice(value.get().as_bytes())
                .map_err(|error| format!("value: {error}"))?;
            match (serializer, value) {
                (Serializer::Null, Value::String(bytes)) => Ok(bytes.into_bytes()),
                (_, value) => Ok(serialize(&value)?),
            }
        }
        _ => Err("to seal, give one of value and payload_b64".into()),
    }
}

/// Where an initialization vector comes from.
enum Iv<'e> {
    Drawn(&'e mut Buffered<SystemEntropy>),
    /// `iv_hex`: for tests, which compare bytes. Whoever uses one twice gives the key away.
    Given(Vec<u8>),
}

impl Entropy for Iv<'_> {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), EntropyUnavailable> {
        match self {
            Self::Drawn(entropy) => entropy.fill(out),
            Self::Given(iv) if iv.len() == out.len() => {
                out.copy_from_slice(iv);
                Ok(())
            }
            Self::Given(_) => Err(EntropyUnavailable),
        }
    }
}

fn iv_error(error: SealError, iv: &Iv<'_>) -> BadRequest {
    match (error, iv) {
        (SealError::Entropy, Iv::Given(_)) => "iv_hex is not as long as the cipher's IV".into(),
        (error, _) => error.into(),
    }
}
