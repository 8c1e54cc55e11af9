//! The layer `active_storage`: the signed ids, keys and variations in its URLs.

use std::borrow::Cow;

use railjar::messages::ActiveStorage;
use railjar::rails::Profile;

use super::BadRequest;
use super::fields::Fields;
use super::message::Message;
use super::own_verifier::OwnVerifier;
use super::request::Request;

pub(super) fn recipe(app: Profile, config: Fields) -> Result<Message, BadRequest> {
    let storage = match OwnVerifier::take(app, config)? {
        OwnVerifier::App(app, secrets) => app.active_storage(secrets)?,
        OwnVerifier::Given(verifier) => ActiveStorage::new(*verifier),
    };
    Ok(Message::new(storage.verifier().clone(), purpose))
}

/// `"blob_id"` and its like: none of these messages goes without.
fn purpose<'r>(request: &'r Request<'_>) -> Result<Option<Cow<'r, str>>, BadRequest> {
    let purpose = request.purpose().ok_or("purpose is missing")?;
    Ok(Some(Cow::Borrowed(purpose)))
}
