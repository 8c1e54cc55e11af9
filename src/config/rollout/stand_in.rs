//! Something in the place of each secret. What a rollout needs of secrets is which are the same, so
//! that no secret is read: all references that are of the same one become the same text.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::num::NonZeroU32;

use crate::config::{
    App, Encoding, Fingerprint, RotationEntry, SecretReference, SecretReferences, Source,
};
use crate::crypto::{Cipher, Digest, pbkdf2};
use crate::error::ConfigError;
use crate::message::Matched;
use crate::rails::{CookieKind, Version};
use crate::rollout::Release;
use crate::secret::Secret;

/// What is known of all secrets of a rollout.
pub(super) struct StandIns {
    /// Those of an app that does not say which it has.
    unsaid: SecretReferences,
    /// All references with a fingerprint: they say which secret is in their place.
    known: Vec<SecretReference>,
}

impl StandIns {
    /// Of these apps. The first is the one that serves now.
    pub(super) fn of<'a>(apps: impl Iterator<Item = &'a App>) -> Self {
        let mut apps = apps.peekable();
        let now = apps.peek().copied();
        let known = apps.flat_map(references).filter(|it| it.fingerprint().is_some());
        let known = known.cloned().collect();
        let said = now.map(|now| &now.secrets);
        let is_said =
            |it: &&SecretReferences| it.secret_key_base.is_some() || it.secret_token.is_some();
        if let Some(said) = said.filter(is_said) {
            return Self { unsaid: said.clone(), known };
        }
        let any = Some(reference("the app's own".into()));
        let unsaid = match now.is_some_and(|now| now.rails < Version::V4_0) {
            true => SecretReferences { secret_token: any, ..SecretReferences::default() },
            false => SecretReferences { secret_key_base: any, ..SecretReferences::default() },
        };
        Self { unsaid, known }
    }

    pub(super) fn release(&self, app: &App) -> Result<Release, ConfigError> {
        let mut app = app.clone();
        if app.secrets.secret_key_base.is_none() && app.secrets.secret_token.is_none() {
            app.secrets = self.unsaid.clone();
        }
        let SecretReferences { secret_key_base, secret_token, .. } = &mut app.secrets;
        [secret_key_base, secret_token].into_iter().for_each(|place| self.stand_in(place));
        let mut rotations = core::mem::take(&mut app.rotations);
        let today = app.profile(&mut text)?.recipe(CookieKind::Encrypted, Matched::Primary);
        let today = today.and_then(|recipe| recipe.cipher);
        let mut keys: Vec<(SecretReference, Cipher)> = Vec::new();
        for entry in &mut rotations {
            let RotationEntry { secret_key_base, key, sign_key, .. } = entry;
            let places = [secret_key_base, &mut *key, sign_key];
            places.into_iter().for_each(|place| self.stand_in(place));
            let cipher = entry.encrypted_cookie_cipher.or(today).unwrap_or(Cipher::Aes256Gcm);
            keys.extend(entry.key.clone().map(|key| (key, cipher)));
        }
        app.rotations = rotations;
        let profile = app.profile(&mut |reference: &SecretReference| {
            let secret = text(reference)?;
            let key = keys.iter().find(|(key, _)| key == reference);
            Ok::<_, ConfigError>(match key {
                Some((_, cipher)) => self::key(&secret, cipher.key_len()),
                None => secret,
            })
        })?;
        Ok(Release::new(profile, app.secrets(&mut text)?))
    }

    /// Has a reference, if there is one, say nothing but which secret it is.
    fn stand_in(&self, place: &mut Option<SecretReference>) {
        if let Some(said) = place {
            *said = reference(match self.fingerprint(said) {
                Some(fingerprint) => format!("the one of fingerprint {fingerprint}"),
                None => format!("{said:?}"),
            });
        }
    }

    /// Which secret it is: as it says itself, or as all others say that are of the same place.
    /// Where these differ it has been another one at times, and nobody knows which is meant.
    fn fingerprint<'s>(&'s self, said: &'s SecretReference) -> Option<&'s Fingerprint> {
        let there =
            |it: &&SecretReference| (&it.source, it.encoding) == (&said.source, said.encoding);
        let mut there = self.known.iter().filter(there).filter_map(SecretReference::fingerprint);
        said.fingerprint().or_else(|| {
            let first = there.next()?;
            there.all(|other| other == first).then_some(first)
        })
    }
}

/// All of an app.
fn references(app: &App) -> impl Iterator<Item = &SecretReference> {
    let SecretReferences { secret_key_base, secret_token, .. } = &app.secrets;
    let rotations = app.rotations.iter().flat_map(|entry| {
        let RotationEntry { secret_key_base, key, sign_key, .. } = entry;
        [secret_key_base, key, sign_key]
    });
    [secret_key_base, secret_token].into_iter().chain(rotations).flatten()
}

fn reference(identity: String) -> SecretReference {
    SecretReference { source: Source::Env(identity), encoding: Encoding::Text, fingerprint: None }
}

/// Long enough for every secret of Rails', and another one for another reference.
fn text(reference: &SecretReference) -> Result<Secret, ConfigError> {
    Ok(Secret::new(format!("in the place of a secret of Rails', {:?}", reference.source)))
}

/// The key of this length in the place of a secret.
fn key(text: &Secret, length: usize) -> Secret {
    pbkdf2::derive(Digest::Sha256, text.expose(), b"", NonZeroU32::MIN, length)
}
