//! Something in the place of each secret. What a rollout needs of secrets is which are the same, so
//! that no secret is read: each way to refer to one becomes a text of its own.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::num::NonZeroU32;

use crate::config::{App, Encoding, RotationEntry, SecretReference, SecretReferences, Source};
use crate::crypto::{Cipher, Digest, pbkdf2};
use crate::error::ConfigError;
use crate::message::Matched;
use crate::rails::{CookieKind, Version};
use crate::rollout::Release;
use crate::secret::Secret;

/// The secrets of an app that does not say which it has.
pub(super) struct StandIns {
    unsaid: SecretReferences,
}

impl StandIns {
    /// Those of the app that serves now.
    pub(super) fn of(now: &App) -> Self {
        let said = &now.secrets;
        if said.secret_key_base.is_some() || said.secret_token.is_some() {
            return Self { unsaid: said.clone() };
        }
        let any = Some(reference("the app's own".into()));
        Self {
            unsaid: match now.rails < Version::V4_0 {
                true => SecretReferences { secret_token: any, ..SecretReferences::default() },
                false => SecretReferences { secret_key_base: any, ..SecretReferences::default() },
            },
        }
    }

    pub(super) fn release(&self, app: &App) -> Result<Release, ConfigError> {
        let mut app = app.clone();
        if app.secrets.secret_key_base.is_none() && app.secrets.secret_token.is_none() {
            app.secrets = self.unsaid.clone();
        }
        stand_in(&mut app.secrets.secret_key_base);
        stand_in(&mut app.secrets.secret_token);
        let mut rotations = core::mem::take(&mut app.rotations);
        let today = app.profile(&mut text)?.recipe(CookieKind::Encrypted, Matched::Primary);
        let today = today.and_then(|recipe| recipe.cipher);
        let mut keys: Vec<(SecretReference, Cipher)> = Vec::new();
        for entry in &mut rotations {
            let RotationEntry { secret_key_base, key, sign_key, .. } = entry;
            [secret_key_base, &mut *key, sign_key].into_iter().for_each(stand_in);
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
}

/// Has a reference, if there is one, say nothing but which secret it is.
fn stand_in(place: &mut Option<SecretReference>) {
    if let Some(said) = place {
        *said = reference(match said.fingerprint() {
            Some(fingerprint) => format!("the one of fingerprint {fingerprint}"),
            None => format!("{said:?}"),
        });
    }
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
