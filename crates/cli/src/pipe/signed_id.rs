//! The layer `signed_id`: `record.signed_id` and `find_signed`.

use std::borrow::Cow;

use railjar::messages::{SignedIds, signed_id_purpose};
use railjar::rails::Profile;

use super::BadRequest;
use super::fields::Fields;
use super::message::Message;
use super::own_verifier::OwnVerifier;
use super::request::Request;

pub(super) fn recipe(app: Profile, config: Fields) -> Result<Message, BadRequest> {
    let ids = match OwnVerifier::take(app, config)? {
        OwnVerifier::App(app, secrets) => app.signed_ids(secrets)?,
        OwnVerifier::Given(verifier) => SignedIds::new(*verifier),
    };
    Ok(Message::new(ids.verifier().clone(), purpose))
}

/// `purpose` as it is in the message, or what it is made of.
fn purpose<'r>(request: &'r Request<'_>) -> Result<Option<Cow<'r, str>>, BadRequest> {
    Ok(Some(match request.purpose() {
        Some(purpose) => Cow::Borrowed(purpose),
        None => signed_id_purpose(request.model()?, request.given_purpose()).into(),
    }))
}
