//! The keys that the candidates' secrets allow, in the order in which they are likely: what every
//! version and setting of Rails derives, and nothing that none does. Each is derived once.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::num::NonZeroU32;

use super::candidates::{App, Candidates};
use super::recipe::{KeySource, UsedFor};
use crate::crypto::{Digest, pbkdf2};
use crate::keys::{DEFAULT_ITERATIONS, RAILS_ITERATIONS, SIGN_KEY_LEN, salt};
use crate::messages::salt as message_salt;
use crate::secret::Secret;

/// How far the search goes. Each tier costs more than all before it, and finds less.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Tier {
    /// The digests that Rails itself has defaulted to.
    Defaults,
    /// The other digests that an app may have chosen.
    Chosen,
    /// The iterations of a key generator that was not told how many.
    Slow,
}

impl Tier {
    pub(super) const ALL: [Self; 3] = [Self::Defaults, Self::Chosen, Self::Slow];
}

/// What a key is tried as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TriedAs {
    /// The HMAC of a message that is only signed.
    Signature,
    /// The HMAC of an AES-CBC cookie, whose cipher has another key.
    CbcSignature,
    /// Both HMAC and cipher of an AES-CBC cookie: `encrypted_cookie_cipher` names an AES-CBC cipher
    /// while `use_authenticated_cookie_encryption` is on.
    CbcBoth,
    /// The cipher of AES-GCM.
    Gcm,
    /// Anything: it was given as it is.
    Anything,
}

/// A key, and how it came about.
#[derive(Clone)]
pub(super) struct Key {
    pub(super) secret: Secret,
    pub(super) source: KeySource,
    pub(super) used_for: UsedFor,
    pub(super) tried_as: TriedAs,
}

/// All keys that were derived so far.
#[derive(Default)]
pub(super) struct Keyring(Vec<(KeySource, usize, Secret)>);

/// What is derived: the base, the digest, the iterations.
#[derive(Clone, Copy)]
pub(super) struct Generator {
    base: usize,
    digest: Digest,
    iterations: NonZeroU32,
}

/// A kind of message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Signed messages, and AES-CBC ones.
    Hmac,
    Gcm,
}

/// A key that is not derived yet, so that none is before its turn.
pub(super) enum Lead {
    Given(Key),
    Derived { generator: Generator, salt: String, used_for: UsedFor, tried_as: TriedAs },
}

impl Lead {
    pub(super) fn tried_as(&self) -> TriedAs {
        match self {
            Self::Given(key) => key.tried_as,
            Self::Derived { tried_as, .. } => *tried_as,
        }
    }
}

impl Candidates {
    /// Where the keys of one tier come from, for one kind of message.
    pub(super) fn leads(&self, tier: Tier, wanted: Wanted) -> Vec<Lead> {
        let given = if tier == Tier::Defaults { self.given_keys(wanted) } else { Vec::new() };
        let salts = self.salts(wanted);
        let derived = self.generators(tier).into_iter().flat_map(|generator| {
            let salts = salts.iter().cloned();
            salts.map(move |(salt, used_for, tried_as)| Lead::Derived {
                generator,
                salt,
                used_for,
                tried_as,
            })
        });
        given.into_iter().map(Lead::Given).chain(derived).collect()
    }

    pub(super) fn follow(&mut self, lead: Lead) -> Key {
        match lead {
            Lead::Given(key) => key,
            Lead::Derived { generator, salt, used_for, tried_as } => {
                let length = match tried_as {
                    TriedAs::Gcm | TriedAs::CbcBoth => CIPHER_KEY_LEN,
                    _ => SIGN_KEY_LEN,
                };
                let (source, secret) = self.derive(generator, salt, length);
                Key { secret, source, used_for, tried_as }
            }
        }
    }

    /// The key of the cipher that belongs to the HMAC key of an AES-CBC cookie, under each salt
    /// that it may have.
    pub(super) fn cipher_keys(&mut self, source: &KeySource) -> Vec<Secret> {
        let KeySource::Derived { secret, digest, iterations, .. } = *source else {
            return Vec::new();
        };
        let generator = Generator { base: secret, digest, iterations };
        let salts = self.with_own(salt::ENCRYPTED_COOKIE, |it| &it.encrypted_cookie_salt);
        salts.into_iter().map(|salt| self.derive(generator, salt, CIPHER_KEY_LEN).1).collect()
    }

    fn given_keys(&self, wanted: Wanted) -> Vec<Key> {
        let token = self.token.iter().filter(|_| wanted == Wanted::Hmac).map(|token| Key {
            secret: token.expose().clone(),
            source: KeySource::SecretToken,
            used_for: UsedFor::SignedCookies,
            tried_as: TriedAs::Signature,
        });
        let given = self.given.iter().enumerate().map(|(index, secret)| Key {
            secret: secret.clone(),
            source: KeySource::Given { index },
            used_for: UsedFor::Unknown,
            tried_as: TriedAs::Anything,
        });
        token.chain(given).collect()
    }

    fn generators(&self, tier: Tier) -> Vec<Generator> {
        let (digests, iterations) = match tier {
            Tier::Defaults => ([Digest::Sha256, Digest::Sha1], RAILS_ITERATIONS),
            Tier::Chosen => ([Digest::Sha512, Digest::Sha384], RAILS_ITERATIONS),
            Tier::Slow => ([Digest::Sha256, Digest::Sha1], DEFAULT_ITERATIONS),
        };
        let mut pairs = digests.map(|digest| (digest, iterations)).to_vec();
        if let (Tier::Defaults, App::Cookies(app)) = (tier, &self.app) {
            let settings = app.profile.settings();
            let own = (settings.key_generator_hash_digest_class, settings.key_generator_iterations);
            if !pairs.contains(&own) {
                pairs.insert(0, own);
            }
        }
        let of_base = |base| {
            let pairs = pairs.iter();
            pairs.map(move |&(digest, iterations)| Generator { base, digest, iterations })
        };
        (0..self.bases.len()).flat_map(of_base).collect()
    }

    /// Every salt that Rails or this app has for such a message.
    fn salts(&self, wanted: Wanted) -> Vec<(String, UsedFor, TriedAs)> {
        let gcm = self.with_own(salt::AUTHENTICATED_ENCRYPTED_COOKIE, |settings| {
            &settings.authenticated_encrypted_cookie_salt
        });
        let encrypted = |tried_as| move |salt: String| (salt, UsedFor::EncryptedCookies, tried_as);
        let named = |tried_as| {
            let names = self.names.iter();
            names.map(move |name| (name.clone(), UsedFor::of_salt(name), tried_as))
        };
        match wanted {
            Wanted::Gcm => {
                gcm.into_iter().map(encrypted(TriedAs::Gcm)).chain(named(TriedAs::Gcm)).collect()
            }
            Wanted::Hmac => {
                let signed =
                    self.with_own(salt::SIGNED_COOKIE, |settings| &settings.signed_cookie_salt);
                let signed = signed
                    .into_iter()
                    .map(|salt| (salt, UsedFor::SignedCookies, TriedAs::Signature));
                let cbc = self.with_own(salt::ENCRYPTED_SIGNED_COOKIE, |settings| {
                    &settings.encrypted_signed_cookie_salt
                });
                let cbc = cbc.into_iter().map(encrypted(TriedAs::CbcSignature));
                let both = gcm.into_iter().map(encrypted(TriedAs::CbcBoth));
                let others = OTHER_SALTS
                    .into_iter()
                    .map(|salt| (String::from(salt), UsedFor::of_salt(salt), TriedAs::Signature));
                let signed = signed.chain(cbc).chain(both).chain(others);
                let named = named(TriedAs::Anything).chain(named(TriedAs::CbcBoth));
                signed.chain(named).collect()
            }
        }
    }

    /// Rails' own salt, and the app's where that is another.
    fn with_own(&self, rails: &str, own: fn(&crate::rails::Settings) -> &String) -> Vec<String> {
        let own = match &self.app {
            App::Cookies(app) => Some(own(app.profile.settings())),
            _ => None,
        };
        match own {
            Some(own) if own != rails => vec![own.clone(), rails.into()],
            _ => vec![rails.into()],
        }
    }

    fn derive(&mut self, generator: Generator, salt: String, length: usize) -> (KeySource, Secret) {
        let Generator { base, digest, iterations } = generator;
        let source = KeySource::Derived { secret: base, digest, iterations, salt: salt.clone() };
        let known = |(known, known_length, _): &&(KeySource, usize, Secret)| {
            *known_length == length && *known == source
        };
        if let Some((.., secret)) = self.keyring.0.iter().find(known) {
            return (source, secret.clone());
        }
        let base = self.bases.get(base).map(|base| base.expose().expose()).unwrap_or_default();
        let secret = pbkdf2::derive(digest, base, salt.as_bytes(), iterations, length);
        self.keyring.0.push((source.clone(), length, secret.clone()));
        (source, secret)
    }
}

/// The key of the longest cipher. PBKDF2's output is the same whatever its length, so a shorter key
/// is the beginning of it.
const CIPHER_KEY_LEN: usize = 32;

const OTHER_SALTS: [&str; 4] = [
    message_salt::SIGNED_ID,
    message_salt::ACTIVE_STORAGE,
    message_salt::SIGNED_GLOBAL_IDS,
    message_salt::TOKEN_FOR,
];
