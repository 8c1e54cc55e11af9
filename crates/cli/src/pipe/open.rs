//! The answers to `open`.

use railjar::{Expected, Scratch};

use super::BadRequest;
use super::recipe::Recipe;
use super::request::{Kind, Request};
use crate::answer::Answer;
use crate::opened;

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
    let read = opened::with_value(opened);
    match read {
        Ok((opened, value)) => {
            opened::fields(Answer::new(out, request.id, "ok"), &opened, &value).end();
        }
        Err(error) => opened::refusal(Answer::new(out, request.id, "refused"), error).end(),
    }
    Ok(())
}
