//! The layers `cookie` and `session`: the jars of one app. Both are made with the same keys.

use railjar::cookies::{Jar, escape};
use railjar::rails::{KeyCache, Profile, Rotation};
use railjar::{Cipher, Cookies, Digest};

use super::BadRequest;
use super::fields::Fields;
use super::payload;
use super::random::Random;
use super::recipe::{Answered, Recipe, Tools};
use super::reply;
use super::request::Request;
use super::words::Kind;

pub(super) struct Jars {
    cookies: Cookies,
}

pub(super) fn recipe(
    profile: Profile,
    mut config: Fields,
    keys: &mut KeyCache,
) -> Result<Jars, BadRequest> {
    let secrets = config.secrets()?;
    let mut rotations = config.fields("rotations")?;
    let mut profile = config.settings(profile)?;
    for old in rotations.list("signed")? {
        profile = profile.rotate_signed(rotation(old)?);
    }
    for old in rotations.list("encrypted")? {
        profile = profile.rotate_encrypted(rotation(old)?);
    }
    rotations.end()?;
    Ok(Jars { cookies: profile.cookies_with_cache(&secrets, keys)? })
}

fn rotation(mut old: Fields) -> Result<Rotation, BadRequest> {
    let mut rotation = Rotation::new();
    match (old.secret_hex("secret_hex")?, old.secret_hex("sign_secret_hex")?) {
        (Some(secret), Some(sign_secret)) => rotation = rotation.keys(&secret, &sign_secret),
        (Some(secret), None) => rotation = rotation.key(&secret),
        (None, Some(_)) => return Err("sign_secret_hex needs a secret_hex".into()),
        (None, None) => {}
    }
    if let Some(digest) = old.named::<Digest>("digest")? {
        rotation = rotation.digest(digest);
    }
    if let Some(cipher) = old.named::<Cipher>("cipher")? {
        rotation = rotation.encrypted_cookie_cipher(cipher);
    }
    old.end()?;
    Ok(rotation)
}

impl Jars {
    fn jar<'j>(&'j self, request: &'j Request<'_>) -> Result<Jar<'j>, BadRequest> {
        let name = request.cookie_name()?;
        Ok(match request.kind()? {
            Kind::Signed => self.cookies.signed(name),
            Kind::Encrypted => self.cookies.encrypted(name),
            Kind::SignedOrEncrypted => self.cookies.session(name),
        })
    }
}

impl Recipe for Jars {
    fn open(&self, request: &Request<'_>, tools: &mut Tools, out: &mut Vec<u8>) -> Answered {
        let (wire, now) = (request.wire()?, request.now()?);
        reply::opened(request, self.jar(request)?.open_in(&mut tools.scratch, &wire, now), out);
        Ok(())
    }

    fn seal(&self, request: &Request<'_>, tools: &mut Tools, out: &mut Vec<u8>) -> Answered {
        let (jar, expires) = (self.jar(request)?, request.expires()?);
        let mut iv = Random::new(request, &mut tools.entropy)?;
        let payload = payload::serialized(request, |value| jar.serialize(value))?;
        let wire = jar.seal_payload_in(&mut tools.scratch, &payload, expires, &mut iv);
        let wire = wire.map_err(|error| iv.error(error))?;
        reply::ok(request, out)
            .text("wire", wire)
            .text("set_cookie_value", &escape::escape(wire.as_bytes()))
            .base64("plain_b64", &jar.plain(&payload, expires)?)
            .end();
        Ok(())
    }
}
