//! The layer `message`, and what all layers whose messages a verifier or an encryptor makes have in
//! common: they differ in whose it is, and in what a message must be for.

use std::borrow::Cow;

use railjar::rails::Profile;
use railjar::{Expected, MessageEncryptor, MessageVerifier, Metadata};

use super::BadRequest;
use super::fields::Fields;
use super::options;
use super::payload;
use super::random::Random;
use super::recipe::{Answered, Recipe, Tools};
use super::reply;
use super::request::Request;

pub(super) struct Message {
    codec: Codec,
    purpose: Purpose,
}

pub(super) enum Codec {
    Verifier(Box<MessageVerifier>),
    Encryptor(Box<MessageEncryptor>),
}

/// What the message of a request is for.
type Purpose = for<'r, 'l> fn(&'r Request<'l>) -> Result<Option<Cow<'r, str>>, BadRequest>;

pub(super) fn recipe(profile: &Profile, config: Fields) -> Result<Message, BadRequest> {
    Ok(Message::new(options::codec(profile, config)?, as_given))
}

/// The purpose that the request gives, if it gives one.
pub(super) fn as_given<'r>(request: &'r Request<'_>) -> Result<Option<Cow<'r, str>>, BadRequest> {
    Ok(request.purpose().map(Cow::Borrowed))
}

impl Message {
    pub(super) fn new(codec: impl Into<Codec>, purpose: Purpose) -> Self {
        Self { codec: codec.into(), purpose }
    }
}

impl From<MessageVerifier> for Codec {
    fn from(verifier: MessageVerifier) -> Self {
        Self::Verifier(Box::new(verifier))
    }
}

impl From<MessageEncryptor> for Codec {
    fn from(encryptor: MessageEncryptor) -> Self {
        Self::Encryptor(Box::new(encryptor))
    }
}

impl Recipe for Message {
    fn open(&self, request: &Request<'_>, tools: &mut Tools, out: &mut Vec<u8>) -> Answered {
        let (wire, now) = (request.wire()?, request.now()?);
        let purpose = (self.purpose)(request)?;
        let expected = purpose.as_deref().map_or(Expected::NoPurpose, Expected::Purpose);
        let scratch = &mut tools.scratch;
        let opened = match &self.codec {
            Codec::Verifier(verifier) => verifier.open_in(scratch, &wire, expected, now),
            Codec::Encryptor(encryptor) => encryptor.open_in(scratch, &wire, expected, now),
        };
        reply::opened(request, opened, out);
        Ok(())
    }

    fn seal(&self, request: &Request<'_>, tools: &mut Tools, out: &mut Vec<u8>) -> Answered {
        let purpose = (self.purpose)(request)?;
        let metadata = metadata(purpose.as_deref(), request)?;
        let scratch = &mut tools.scratch;
        let (wire, plain) = match &self.codec {
            Codec::Verifier(verifier) => {
                let payload = payload::serialized(request, |value| verifier.serialize(value))?;
                let plain = verifier.plain(&payload, &metadata)?;
                (verifier.seal_payload_in(scratch, &payload, &metadata)?, plain)
            }
            Codec::Encryptor(encryptor) => {
                let payload = payload::serialized(request, |value| encryptor.serialize(value))?;
                let plain = encryptor.plain(&payload, &metadata)?;
                let mut iv = Random::new(request, &mut tools.entropy)?;
                let wire = encryptor.seal_payload_in(scratch, &payload, &metadata, &mut iv);
                (wire.map_err(|error| iv.error(error))?, plain)
            }
        };
        reply::ok(request, out).text("wire", wire).base64("plain_b64", &plain).end();
        Ok(())
    }
}

/// What a message is sealed with.
pub(super) fn metadata<'p>(
    purpose: Option<&'p str>,
    request: &Request<'_>,
) -> Result<Metadata<'p>, BadRequest> {
    let metadata = Metadata::none();
    let metadata = purpose.map_or(metadata, |purpose| metadata.purpose(purpose));
    Ok(request.expires()?.map_or(metadata, |at| metadata.expires_at(at)))
}
