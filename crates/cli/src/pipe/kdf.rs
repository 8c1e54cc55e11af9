//! The layer `kdf`: a key, from a secret and a salt. Whoever asks for one gets it.

use std::num::NonZeroU32;

use railjar::{Digest, KeyGenerator, Secret, keys};

use super::BadRequest;
use super::fields::Fields;
use super::recipe::{Answered, Recipe, Tools};
use super::reply;
use super::request::Request;

/// The key in hexadecimal.
pub(super) struct Key(String);

pub(super) fn recipe(mut config: Fields) -> Result<Key, BadRequest> {
    let secret = config.text("secret")?.ok_or("secret is missing")?;
    let salt = config.text("salt")?.ok_or("salt is missing")?;
    let iterations = config.number::<u32>("iterations")?;
    let length = config.number::<usize>("length")?.unwrap_or(keys::SIGN_KEY_LEN);
    let digest = config.named("digest")?.unwrap_or(Digest::Sha1);
    config.end()?;
    let iterations = match iterations {
        None => keys::DEFAULT_ITERATIONS,
        Some(iterations) => NonZeroU32::new(iterations).ok_or("iterations must not be 0")?,
    };
    let generator = KeyGenerator::new(Secret::new(secret)).digest(digest).iterations(iterations);
    let key = generator.generate_key(salt.as_bytes(), length)?;
    Ok(Key(key.expose().iter().map(|byte| format!("{byte:02x}")).collect()))
}

/// A key neither opens nor seals: both ask for it.
impl Recipe for Key {
    fn open(&self, request: &Request<'_>, _: &mut Tools, out: &mut Vec<u8>) -> Answered {
        reply::ok(request, out).text("key_hex", &self.0).end();
        Ok(())
    }

    fn seal(&self, request: &Request<'_>, tools: &mut Tools, out: &mut Vec<u8>) -> Answered {
        self.open(request, tools, out)
    }
}
