//! The layer `global_id`: signed global ids, whose value is a URI.

use railjar::messages::{GlobalIdForm, SignedGlobalIds};
use railjar::rails::Profile;
use railjar::serializer::Format;
use railjar::{Expected, Metadata, OpenError, Opened, Timestamp, Value};

use super::fields::Fields;
use super::own_verifier::OwnVerifier;
use super::recipe::{Answered, Recipe, Tools};
use super::request::Request;
use super::{BadRequest, message, payload, reply};
use crate::opened;

pub(super) struct GlobalIds(SignedGlobalIds);

pub(super) fn recipe(app: Profile, mut config: Fields) -> Result<GlobalIds, BadRequest> {
    let gem = config.text("globalid_gem")?;
    let ids = match OwnVerifier::take(app, config)? {
        OwnVerifier::App(app, secrets) => app.signed_global_ids(secrets)?,
        OwnVerifier::Given(verifier) => SignedGlobalIds::new(*verifier),
    };
    Ok(GlobalIds(match gem {
        Some(gem) => ids.form(form(&gem)?),
        None => ids,
    }))
}

/// What a version of the gem writes.
fn form(gem: &str) -> Result<GlobalIdForm, BadRequest> {
    let mut numbers = gem.split('.').map(str::parse::<u32>);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(0)), Some(Ok(_))) | (Some(Ok(1)), Some(Ok(0 | 1))) => Ok(GlobalIdForm::Hash),
        (Some(Ok(_)), Some(Ok(_))) => Ok(GlobalIdForm::Metadata),
        _ => Err("globalid_gem must be a version, as \"1.2.1\"".into()),
    }
}

impl GlobalIds {
    /// The message that an id is, its metadata in it or around it.
    fn message(
        &self,
        wire: &[u8],
        purpose: &str,
        now: Timestamp,
    ) -> Result<Opened<'static>, OpenError> {
        let verifier = self.0.verifier();
        let around = verifier.open(wire, Expected::Purpose(purpose), now);
        around.or_else(|_| verifier.open(wire, Expected::NoPurpose, now))
    }
}

fn purpose<'r>(request: &'r Request<'_>) -> &'r str {
    request.purpose().unwrap_or(SignedGlobalIds::DEFAULT_PURPOSE)
}

impl Recipe for GlobalIds {
    fn open(&self, request: &Request<'_>, _: &mut Tools, out: &mut Vec<u8>) -> Answered {
        let (wire, purpose, now) = (request.wire()?, purpose(request), request.now()?);
        let id = match self.0.open(&wire, purpose, now) {
            Ok(id) => id,
            Err(error) => {
                reply::refused(request, error, out);
                return Ok(());
            }
        };
        let message = self.message(&wire, purpose, now)?;
        let answer = opened::value(reply::ok(request, out), &Value::from(id.uri()), Format::Json);
        let answer = opened::serialized(answer, &message);
        let answer = answer.text("envelope", message.envelope().name());
        let answer = opened::metadata(answer, Some(purpose), id.expires_at());
        opened::matched(answer, id.matched()).end();
        Ok(())
    }

    fn seal(&self, request: &Request<'_>, _: &mut Tools, out: &mut Vec<u8>) -> Answered {
        let (uri, purpose) = (payload::text(request)?, purpose(request));
        let wire = self.0.seal(&uri, purpose, request.expires()?)?;
        // Whatever its expiry, it has not come yet.
        let always = Timestamp::from_unix_seconds(i64::MIN);
        let message = self.message(wire.as_bytes(), purpose, always)?;
        let metadata = match message.purpose() {
            Some(_) => message::metadata(Some(purpose), request)?,
            None => Metadata::none(),
        };
        let plain = self.0.verifier().plain(message.payload().as_bytes(), &metadata)?;
        reply::ok(request, out).text("wire", &wire).base64("plain_b64", &plain).end();
        Ok(())
    }
}
