//! What a recipe is made of, in words for people: no keys, only how they are made and used.

use super::resolve::cipher_of;
use super::rotation::Scope;
use super::{Profile, Settings};
use crate::crypto::{Cipher, Digest};
use crate::message::{Matched, Origin};

/// Which jar a cookie is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum CookieKind {
    Signed,
    Encrypted,
}

impl CookieKind {
    /// Whose rotations are for it.
    pub(crate) fn scope(self) -> Scope {
        match self {
            Self::Signed => Scope::Signed,
            Self::Encrypted => Scope::Encrypted,
        }
    }
}

/// How one recipe makes its cookies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecipeSummary {
    /// The cipher, for an encrypted cookie.
    pub cipher: Option<Cipher>,
    /// The digest of the HMAC, where there is one: AES-GCM has none.
    pub digest: Option<Digest>,
    /// The digest inside the key generator; `None` for a key that is given and not derived.
    pub key_digest: Option<Digest>,
}

impl RecipeSummary {
    pub(super) fn of(profile: &Profile, kind: CookieKind, matched: Matched) -> Option<Self> {
        let (dialect, settings) = (profile.dialect(), profile.settings());
        let digest = match kind {
            CookieKind::Signed => dialect.signed_digest(settings),
            CookieKind::Encrypted => dialect.cbc_digest(settings),
        };
        let legacy = settings.cookies_digest.unwrap_or(Digest::Sha1);
        let authenticated = |authenticated| Settings {
            use_authenticated_cookie_encryption: authenticated,
            ..settings.clone()
        };
        Some(match matched {
            Matched::Primary => Self::derived(settings, kind, digest),
            Matched::Rotation { origin: Origin::LegacyCbc, .. } => {
                Self::derived(&authenticated(false), kind, legacy)
            }
            Matched::Rotation { origin: Origin::PrepareUpgrade, .. } => {
                Self::derived(&authenticated(true), kind, digest)
            }
            Matched::Rotation { origin: Origin::SecretToken, .. } => {
                Self { cipher: None, digest: Some(digest), key_digest: None }
            }
            Matched::Rotation { origin: Origin::Configured, index } => {
                let rotation = profile.rotations(kind.scope()).nth(index)?;
                let digest = rotation.old_digest().unwrap_or(digest);
                match rotation.given_keys() {
                    None => Self::derived(&rotation.patch(settings), kind, digest),
                    Some(_) => {
                        let cipher = rotation.old_cipher().unwrap_or_else(|| cipher_of(settings));
                        Self { key_digest: None, ..Self::new(kind, cipher, digest) }
                    }
                }
            }
        })
    }

    fn derived(settings: &Settings, kind: CookieKind, digest: Digest) -> Self {
        let key_digest = Some(settings.key_generator_hash_digest_class);
        Self { key_digest, ..Self::new(kind, cipher_of(settings), digest) }
    }

    fn new(kind: CookieKind, cipher: Cipher, digest: Digest) -> Self {
        let cipher = (kind == CookieKind::Encrypted).then_some(cipher);
        let has_hmac = !cipher.is_some_and(Cipher::is_authenticated);
        Self { cipher, digest: has_hmac.then_some(digest), key_digest: None }
    }
}
