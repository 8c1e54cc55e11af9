//! The layer `credentials`: encrypted files under their key. Their content is as secret as the key;
//! whoever asks for it gets it.

use railjar::Value;
use railjar::messages::EncryptedFile;
use railjar::rails::Profile;
use railjar::serializer::Format;
use railjar::value::{Encoding, RubyString};

use super::fields::Fields;
use super::random::Random;
use super::recipe::{Answered, Recipe, Tools};
use super::request::Request;
use super::{BadRequest, payload, reply};
use crate::opened;

pub(super) struct Credentials(EncryptedFile);

pub(super) fn recipe(app: &Profile, mut config: Fields) -> Result<Credentials, BadRequest> {
    let key = config.text("key")?.ok_or("key is missing")?;
    config.end()?;
    Ok(Credentials(app.encrypted_file(key.as_bytes())?))
}

impl Recipe for Credentials {
    fn open(&self, request: &Request<'_>, _: &mut Tools, out: &mut Vec<u8>) -> Answered {
        match self.0.open(&request.wire()?) {
            Ok(content) => {
                let content = content.expose();
                let text = Value::String(RubyString::new(content, Encoding::UTF_8));
                opened::value(reply::ok(request, out), &text, Format::Marshal)
                    .base64("content_b64", content)
                    .end();
            }
            Err(error) => reply::refused(request, error, out),
        }
        Ok(())
    }

    fn seal(&self, request: &Request<'_>, tools: &mut Tools, out: &mut Vec<u8>) -> Answered {
        let mut iv = Random::new(request, &mut tools.entropy)?;
        let wire = match (request.content()?, request.read_encoding()) {
            // What an editor saved is binary to Ruby.
            (Some(bytes), None | Some("ASCII-8BIT" | "BINARY")) => self.0.seal(&bytes, &mut iv),
            (Some(bytes), Some("UTF-8")) => {
                let text = str::from_utf8(&bytes).map_err(|_| "content_b64 is not UTF-8")?;
                self.0.seal_text(text, &mut iv)
            }
            (Some(_), Some(_)) => {
                return Err("read_encoding must be \"UTF-8\" or \"ASCII-8BIT\"".into());
            }
            (None, _) => self.0.seal_text(&payload::text(request)?, &mut iv),
        };
        let wire = wire.map_err(|error| iv.error(error))?;
        reply::ok(request, out).text("wire", &wire).end();
        Ok(())
    }
}
