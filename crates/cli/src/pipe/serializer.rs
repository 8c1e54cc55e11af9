//! The layer `serializer`: values to serialized bytes and back, by the rules of one version, with
//! no message around them.

use railjar::rails::Profile;
use railjar::{
    ContentError, Expected, MessageVerifier, Metadata, OpenError, Opened, Secret, Serializer,
    Timestamp,
};

use super::fields::Fields;
use super::recipe::{Answered, Recipe, Tools};
use super::request::Request;
use super::{BadRequest, payload, reply};
use crate::opened;

/// The library reads nothing that is not authentic, so bytes are signed first, and read as what
/// a message holds; whose key that is does not matter.
pub(super) struct Serialization {
    verifier: MessageVerifier,
}

pub(super) fn recipe(app: Profile, mut config: Fields) -> Result<Serialization, BadRequest> {
    let serializer = config.named::<Serializer>("serializer")?;
    let app = config.settings(app)?;
    let verifier =
        MessageVerifier::with_rules(&Secret::new(*b"no secret"), app.dialect().messages())
            .serializer(serializer.unwrap_or(app.settings().message_serializer));
    Ok(Serialization { verifier })
}

impl Serialization {
    fn read(&self, bytes: &[u8]) -> Result<Opened<'static>, OpenError> {
        // In metadata of its own, so that what looks like metadata in the bytes is a value.
        const PURPOSE: &str = "serializer";
        let open = |metadata, expected| {
            let Ok(message) = self.verifier.seal_payload(bytes, &metadata) else {
                return Err(ContentError::MalformedMetadata.into());
            };
            self.verifier.open(message.as_bytes(), expected, Timestamp::from_unix_seconds(0))
        };
        match open(Metadata::none().purpose(PURPOSE), Expected::Purpose(PURPOSE)) {
            // Up to 5.1 there is none, and nothing is taken for it.
            Err(OpenError::Content(ContentError::MissingMetadata)) => {
                open(Metadata::none(), Expected::NoPurpose)
            }
            opened => opened,
        }
    }
}

impl Recipe for Serialization {
    fn open(&self, request: &Request<'_>, _: &mut Tools, out: &mut Vec<u8>) -> Answered {
        match opened::with_value(self.read(&request.wire()?)) {
            Ok((opened, value)) => {
                let answer = opened::value(reply::ok(request, out), &value, opened.format());
                let answer = opened::serialized(answer, &opened);
                answer.flag("reissue", opened.must_reissue()).end();
            }
            Err(error) => reply::refused(request, error, out),
        }
        Ok(())
    }

    /// A value, or bytes that this serializer reads, as it writes them.
    fn seal(&self, request: &Request<'_>, _: &mut Tools, out: &mut Vec<u8>) -> Answered {
        let payload = if request.has_wire() {
            match opened::with_value(self.read(&request.wire()?)) {
                Ok((_, value)) => self.verifier.serialize(&value)?,
                Err(error) => {
                    reply::refused(request, error, out);
                    return Ok(());
                }
            }
        } else {
            payload::serialized(request, |value| self.verifier.serialize(value))?
        };
        reply::ok(request, out).base64("payload_b64", &payload).end();
        Ok(())
    }
}
