//! The layer `token_for`: `generate_token_for` and `find_by_token_for`.

use std::borrow::Cow;

use railjar::messages::{TokenDefinition, TokensFor};
use railjar::rails::Profile;

use super::BadRequest;
use super::fields::Fields;
use super::message::Message;
use super::own_verifier::OwnVerifier;
use super::request::Request;

pub(super) fn recipe(app: Profile, config: Fields) -> Result<Message, BadRequest> {
    let tokens = match OwnVerifier::take(app, config)? {
        OwnVerifier::App(app, secrets) => app.tokens_for(secrets)?,
        OwnVerifier::Given(verifier) => TokensFor::new(*verifier),
    };
    Ok(Message::new(tokens.verifier().clone(), purpose))
}

/// `purpose` as it is in the token, or what `generates_token_for` says: its `expires_in:` is part
/// of the purpose, in reading too.
fn purpose<'r>(request: &'r Request<'_>) -> Result<Option<Cow<'r, str>>, BadRequest> {
    if let Some(purpose) = request.purpose() {
        return Ok(Some(Cow::Borrowed(purpose)));
    }
    let name = request.given_purpose().ok_or("given_purpose is missing")?;
    let definition = TokenDefinition::new(request.model()?, name);
    let definition = match request.expires_in() {
        Some(seconds) => definition.expires_in(seconds),
        None => definition,
    };
    Ok(Some(definition.full_purpose().into()))
}
