//! Tries keys on a message. The shape of its text says which keys can have made it before any of
//! them is derived.

use alloc::vec::Vec;

use super::candidates::Candidates;
use super::keys::{Key, Tier, TriedAs, Wanted};
use super::recipe::{KeySource, Recipe, Spelling};
use super::shape::{self, CbcParts, cbc, data, gcm};
use crate::crypto::cbc::CbcKey;
use crate::crypto::gcm::GcmKey;
use crate::crypto::hmac::MacKey;
use crate::crypto::{Checked, Cipher};
use crate::serializer::Format;
use crate::wire::base64::Alphabet;

/// A message that a key opened: authentic, whatever its expiry and its purpose.
pub(super) struct Unlocked {
    pub(super) recipe: Recipe,
    /// The signed or decrypted bytes, and the proof of them.
    pub(super) plain: Vec<u8>,
    pub(super) proof: Checked,
}

impl Candidates {
    /// The first key of a tier that opens `wire`.
    pub(super) fn search(&mut self, wire: &[u8], tier: Tier) -> Option<Unlocked> {
        self.search_gcm(wire, tier).or_else(|| self.search_signed(wire, tier))
    }

    fn search_gcm(&mut self, wire: &[u8], tier: Tier) -> Option<Unlocked> {
        let (parts, spelling) = match gcm(wire, Alphabet::Standard) {
            Some(parts) => (parts, Spelling::Standard),
            None => (gcm(wire, Alphabet::UrlSafe)?, Spelling::UrlSafe),
        };
        for lead in self.leads(tier, Wanted::Gcm) {
            let key = self.follow(lead);
            for (cipher, secret) in ciphers(&key, &GCM) {
                let Ok(gcm) = GcmKey::new(cipher, secret) else { continue };
                let mut buffer = parts.ciphertext.clone();
                let Some(proof) = gcm.open(&mut buffer, &parts.iv, &parts.tag) else { continue };
                let recipe = key.recipe(Some(cipher), None, spelling);
                return Some(Unlocked { recipe, plain: buffer, proof });
            }
        }
        None
    }

    fn search_signed(&mut self, wire: &[u8], tier: Tier) -> Option<Unlocked> {
        let (digest, frame) = shape::signed(wire)?;
        let decoded = data(frame.text);
        let inside = decoded.as_ref().and_then(|(data, _)| cbc(data));
        for lead in self.leads(tier, Wanted::Hmac) {
            let fits = match lead.tried_as() {
                TriedAs::CbcSignature | TriedAs::CbcBoth => inside.is_some(),
                _ => true,
            };
            if !fits {
                continue;
            }
            let key = self.follow(lead);
            for secret in mac_keys(&key) {
                let mac = MacKey::new(digest, secret);
                let Some(proof) = mac.verify_hex(frame.text, frame.digest) else { continue };
                let Some((data, spelling)) = decoded else {
                    // Signed, but not base64: there is nothing to read in it.
                    let recipe = key.recipe(None, Some(digest), Spelling::Broken);
                    return Some(Unlocked { recipe, plain: Vec::new(), proof });
                };
                let opened =
                    inside.as_ref().and_then(|parts| self.decrypt(&key, secret, parts, &proof));
                return Some(match opened {
                    Some((cipher, plain)) => {
                        let recipe = key.recipe(Some(cipher), Some(digest), spelling);
                        Unlocked { recipe, plain, proof }
                    }
                    None => {
                        let recipe = key.recipe(None, Some(digest), spelling);
                        Unlocked { recipe, plain: data, proof }
                    }
                });
            }
        }
        None
    }

    /// The inside of an AES-CBC message, whose HMAC has checked under `secret`.
    fn decrypt(
        &mut self,
        key: &Key,
        secret: &[u8],
        parts: &CbcParts,
        proof: &Checked,
    ) -> Option<(Cipher, Vec<u8>)> {
        let keys: Vec<Key> = match (key.tried_as, &key.source) {
            (TriedAs::CbcSignature, source) => {
                let secrets = self.cipher_keys(source).into_iter();
                secrets.map(|secret| Key { secret, ..key.clone() }).collect()
            }
            (_, KeySource::Given { .. }) => {
                let given = self.given.iter().cloned();
                let given = given.map(|secret| Key { secret, ..key.clone() });
                given.chain([key.clone()]).collect()
            }
            // Named encryptors may have one secret for both, or the first half of a longer one.
            _ => [Key { secret: crate::secret::Secret::new(secret), ..key.clone() }].into(),
        };
        let mut fallback = None;
        for key in &keys {
            for (cipher, secret) in ciphers(key, &CBC) {
                let Ok(cbc) = CbcKey::new(cipher, secret) else { continue };
                let mut buffer = parts.ciphertext.clone();
                let Some(length) = cbc.open(proof, &mut buffer, &parts.iv) else { continue };
                buffer.truncate(length);
                // A wrong key looks right once in 256 times; what it gives looks like nothing.
                if Format::detect(&buffer).is_some() {
                    return Some((cipher, buffer));
                }
                fallback.get_or_insert((cipher, buffer));
            }
        }
        fallback
    }
}

const GCM: [Cipher; 3] = [Cipher::Aes256Gcm, Cipher::Aes128Gcm, Cipher::Aes192Gcm];
const CBC: [Cipher; 3] = [Cipher::Aes256Cbc, Cipher::Aes128Cbc, Cipher::Aes192Cbc];

/// The ciphers that a key may be for, each with as much of it as it takes. A key that was given has
/// one length; but Ruby before 2.4 took longer ones and used their beginning.
fn ciphers<'k>(
    key: &'k Key,
    ciphers: &'static [Cipher],
) -> impl Iterator<Item = (Cipher, &'k [u8])> {
    let secret = key.secret.expose();
    let is_given = matches!(key.source, KeySource::Given { .. });
    ciphers.iter().filter_map(move |cipher| {
        let fits = !is_given
            || secret.len() == cipher.key_len()
            || secret.len() > 32 && *cipher == Cipher::Aes256Cbc;
        fits.then_some((*cipher, secret.get(..cipher.key_len())?))
    })
}

/// The keys of the HMAC: the key itself; of one that is for a cipher too, as much as that takes.
fn mac_keys(key: &Key) -> impl Iterator<Item = &[u8]> {
    let secret = key.secret.expose();
    let lengths = match key.tried_as {
        TriedAs::CbcBoth => CBC.map(Cipher::key_len).to_vec(),
        _ => [secret.len()].into(),
    };
    lengths.into_iter().filter_map(move |length| secret.get(..length))
}

impl Key {
    fn recipe(
        &self,
        cipher: Option<Cipher>,
        digest: Option<crate::crypto::Digest>,
        spelling: Spelling,
    ) -> Recipe {
        let used_for = self.used_for.clone();
        Recipe { used_for, cipher, digest, key: self.source.clone(), spelling }
    }
}
