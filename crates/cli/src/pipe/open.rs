//! The answers to `open`.

use railjar::serializer::Format;
use railjar::serializer::json::{self, Text};
use railjar::{Expected, Matched, OpenError, Opened, Scratch, Value};

use super::BadRequest;
use super::answer::Answer;
use super::recipe::Recipe;
use super::request::{Kind, Request};

pub(super) fn answer(
    recipe: &Recipe,
    request: &Request<'_>,
    scratch: &mut Scratch,
    out: &mut Vec<u8>,
) -> Result<(), BadRequest> {
    let (wire, now) = (request.wire()?, request.now()?);
    let expected = request.purpose().map_or(Expected::NoPurpose, Expected::Purpose);
    let opened = match recipe {
        Recipe::Cookies(cookies, _) => {
            let name = request.cookie_name()?;
            let jar = match request.kind()? {
                Kind::Signed => cookies.signed(name),
                Kind::Encrypted => cookies.encrypted(name),
                Kind::SignedOrEncrypted => cookies.session(name),
            };
            jar.open_in(scratch, &wire, now)
        }
        Recipe::Verifier(verifier, _) => verifier.open_in(scratch, &wire, expected, now),
        Recipe::Encryptor(encryptor, _) => encryptor.open_in(scratch, &wire, expected, now),
        Recipe::Key(_) => return Err("a key opens nothing".into()),
    };
    let opened = opened.and_then(|opened| {
        let value = read(&opened)?;
        Ok((opened, value))
    });
    match opened {
        Ok((opened, value)) => ok(&opened, value, request, out),
        Err(error) => {
            Answer::new(out, request.id, "refused")
                .text("kind", error.kind())
                .text("reason", error.reason())
                .end();
        }
    }
    Ok(())
}

/// The value, or `None` for a format that there is no reader for.
fn read(opened: &Opened<'_>) -> Result<Option<Value>, OpenError> {
    match opened.format() {
        Format::Json | Format::Bytes => Ok(Some(opened.to_value()?)),
        _ => Ok(None),
    }
}

fn ok(opened: &Opened<'_>, value: Option<Value>, request: &Request<'_>, out: &mut Vec<u8>) {
    let answer = Answer::new(out, request.id, "ok");
    let answer = match value.as_ref().map(|value| json::to_vec(value, &Text::STDLIB).ok()) {
        Some(Some(json)) => answer.json("value", &json),
        _ => answer,
    };
    let answer = match &value {
        None => answer.flag("value_unread", true),
        Some(value) => answer.text("value_debug", &value.to_string()),
    };
    let answer = answer
        .base64("payload_b64", opened.payload().as_bytes())
        .text("serializer", opened.format().name())
        .text("envelope", opened.envelope().name());
    let answer = match opened.purpose() {
        Some(purpose) => answer.text("purpose", purpose),
        None => answer.json("purpose", b"null"),
    };
    let answer = match opened.expires_at() {
        Some(at) => answer.text("expires_at", &at.to_string()),
        None => answer.json("expires_at", b"null"),
    };
    let answer = match opened.matched() {
        Matched::Primary => answer.text("matched", "primary"),
        Matched::Rotation { index, origin } => {
            answer.json("matched", index.to_string().as_bytes()).text("matched_name", origin.name())
        }
    };
    answer.flag("reissue", opened.must_reissue()).end();
}
