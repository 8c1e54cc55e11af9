//! A recipe by itself, not as a difference from what an app writes today: what a rotation means
//! wherever it is moved to.

use crate::crypto::{Cipher, Digest};
use crate::keys::SecretKeyBase;
use crate::rails::{CookieKind, Keys, Rotation, Settings, cipher_of};
use crate::rollout::Release;

/// How one kind of cookie is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Recipe {
    kind: CookieKind,
    settings: Settings,
    secret: Option<SecretKeyBase>,
    keys: Option<Keys>,
    digest: Digest,
}

impl Recipe {
    /// What `release` writes.
    pub(super) fn written(release: &Release, kind: CookieKind) -> Self {
        let settings = release.profile.settings().clone();
        let secret = release.secrets.secret_key_base.clone();
        Self { kind, digest: digest(release, kind), settings, secret, keys: None }
    }

    /// What the rotations of `release` read.
    pub(super) fn rotated(release: &Release, kind: CookieKind) -> impl Iterator<Item = Self> {
        let today = release.profile.settings();
        release.profile.rotations(kind.scope()).map(move |rotation| {
            let digest = rotation.old_digest().unwrap_or_else(|| digest(release, kind));
            let mut settings = rotation.patch(today);
            let keys = rotation.given_keys().cloned();
            if keys.is_some() {
                // The cipher of given keys is the option as it is, or today's.
                let cipher = rotation.old_cipher().unwrap_or_else(|| cipher_of(today));
                settings.use_authenticated_cookie_encryption = cipher.is_authenticated();
                settings.encrypted_cookie_cipher = Some(cipher);
            }
            let today = release.secrets.secret_key_base.as_ref();
            let secret = rotation.old_secret().or(today).cloned();
            Self { kind, settings, secret, keys, digest }
        })
    }

    pub(super) fn kind(&self) -> CookieKind {
        self.kind
    }

    pub(super) fn settings(&self) -> &Settings {
        &self.settings
    }

    pub(super) fn secret(&self) -> Option<&SecretKeyBase> {
        self.secret.as_ref()
    }

    pub(super) fn digest(&self) -> Digest {
        self.digest
    }

    pub(super) fn has_given_keys(&self) -> bool {
        self.keys.is_some()
    }

    pub(super) fn cipher(&self) -> Cipher {
        cipher_of(&self.settings)
    }

    /// As a difference from what `release` writes.
    pub(super) fn onto(&self, release: &Release) -> Rotation {
        let (then, today) = (&self.settings, release.profile.settings());
        let mut rotation = Rotation::new();
        if self.digest != digest(release, self.kind) {
            rotation = rotation.digest(self.digest);
        }
        if let Some(Keys { secret, sign_secret }) = &self.keys {
            let rotation = match sign_secret {
                Some(sign_secret) => rotation.keys(secret, sign_secret),
                None => rotation.key(secret),
            };
            return match self.kind {
                CookieKind::Signed => rotation,
                CookieKind::Encrypted => rotation.encrypted_cookie_cipher(self.cipher()),
            };
        }
        if let Some(secret) = &self.secret
            && self.secret != release.secrets.secret_key_base
        {
            rotation = rotation.secret_key_base(secret);
        }
        macro_rules! differing {
            ($($setting:ident)*) => {
                $(if then.$setting != today.$setting {
                    rotation = rotation.$setting(then.$setting.clone());
                })*
            };
        }
        differing! { key_generator_hash_digest_class key_generator_iterations }
        match self.kind {
            CookieKind::Signed => differing! { signed_cookie_salt },
            CookieKind::Encrypted => {
                differing! {
                    use_authenticated_cookie_encryption encrypted_cookie_salt
                    encrypted_signed_cookie_salt authenticated_encrypted_cookie_salt
                }
                if let Some(cipher) = then.encrypted_cookie_cipher
                    && then.encrypted_cookie_cipher != today.encrypted_cookie_cipher
                {
                    rotation = rotation.encrypted_cookie_cipher(cipher);
                }
            }
        }
        rotation
    }
}

fn digest(release: &Release, kind: CookieKind) -> Digest {
    let dialect = release.profile.dialect();
    match kind {
        CookieKind::Signed => dialect.signed_digest(release.profile.settings()),
        CookieKind::Encrypted => dialect.cbc_digest(release.profile.settings()),
    }
}
