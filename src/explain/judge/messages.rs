//! The same of messages that are no cookies, by the verifier or the encryptor that should read them.

use alloc::format;
use alloc::string::ToString as _;

use super::{Answer, Case, Judged, is_final, malformed, respelled};
use crate::crypto::Digest;
use crate::encryptor::MessageEncryptor;
use crate::envelope::Expected;
use crate::explain::Used;
use crate::explain::candidates::Candidates;
use crate::explain::cause::Cause;
use crate::explain::change::Change;
use crate::explain::found::Found;
use crate::explain::recipe::{KeySource, Recipe, Spelling};
use crate::message::Options;
use crate::verifier::MessageVerifier;
use crate::wire::base64::Alphabet;

impl Case<'_> {
    pub(super) fn expected(&self) -> Expected<'_> {
        match self.question.used {
            Used::Message(expected) => expected,
            _ => Expected::NoPurpose,
        }
    }

    pub(super) fn ask_verifier(&self, verifier: &MessageVerifier) -> Answer {
        verifier.open(self.wire, self.expected(), self.now).map(|opened| (None, opened))
    }

    pub(super) fn ask_encryptor(&self, encryptor: &MessageEncryptor) -> Answer {
        encryptor.open(self.wire, self.expected(), self.now).map(|opened| (None, opened))
    }

    pub(super) fn by_verifier(
        &self,
        verifier: &MessageVerifier,
        candidates: &Candidates,
    ) -> Judged {
        let (options, secret) = verifier.explained();
        let answer = self.ask_verifier(verifier);
        if let Ok(judged) = self.of_answer(answer, options.rules.detection) {
            return judged;
        }
        let Some(found) = self.found else { return Judged::refused(None) };
        let cause = match &found.recipe {
            Recipe { cipher: Some(cipher), .. } => Cause::OtherCipher { cipher: *cipher },
            recipe if recipe.digest != Some(options.digest) => {
                Cause::OtherDigest { digest: recipe.digest.unwrap_or(options.digest) }
            }
            _ => self.of_key(found, options, secret, candidates),
        };
        let Cause::OtherDigest { digest } = cause else { return Judged::refused(Some(cause)) };
        let changed = verifier.clone().rotate(|primary| primary.digest(digest));
        self.with_digest(digest, self.ask_verifier(&changed), options)
    }

    pub(super) fn by_encryptor(
        &self,
        encryptor: &MessageEncryptor,
        candidates: &Candidates,
    ) -> Judged {
        let (options, secret, cipher) = encryptor.explained();
        let answer = self.ask_encryptor(encryptor);
        if let Ok(judged) = self.of_answer(answer, options.rules.detection) {
            return judged;
        }
        let Some(found) = self.found else { return Judged::refused(None) };
        let digest = found.recipe.digest.filter(|digest| *digest != options.digest);
        let cause = match (found.recipe.cipher, digest) {
            (None, _) => Cause::OtherUse { used_for: found.recipe.used_for.clone() },
            (Some(other), _) if other != cipher => Cause::OtherCipher { cipher: other },
            (_, Some(digest)) => Cause::OtherDigest { digest },
            _ => self.of_key(found, options, secret, candidates),
        };
        let Cause::OtherDigest { digest } = cause else { return Judged::refused(Some(cause)) };
        match encryptor.clone().rotate(|primary| Ok(primary.digest(digest))) {
            Ok(changed) => self.with_digest(digest, self.ask_encryptor(&changed), options),
            Err(_) => Judged::refused(Some(cause)),
        }
    }

    /// The key differs, or the spelling.
    fn of_key(
        &self,
        found: &Found,
        options: &Options,
        secret: &crate::secret::Secret,
        candidates: &Candidates,
    ) -> Cause {
        let is_own = match found.recipe.key {
            KeySource::Given { index } => candidates.given.get(index) == Some(secret),
            _ => true,
        };
        match (found.recipe.spelling, options.alphabet, &found.contents) {
            (Spelling::Broken, _, Err(error)) => malformed(*error),
            (Spelling::UrlSafe, Alphabet::Standard, _) => respelled(self.wire),
            (Spelling::Standard, Alphabet::UrlSafe | Alphabet::UrlSafePadded, _) => {
                Cause::OtherAlphabet
            }
            _ if !is_own => Cause::OtherSecret,
            _ => Cause::NoKeyFits,
        }
    }

    /// With another digest rotated in.
    fn with_digest(&self, digest: Digest, answer: Answer, options: &Options) -> Judged {
        let mut judged = Judged::refused(Some(Cause::OtherDigest { digest }));
        match self.of_answer(answer, options.rules.detection) {
            Ok(Judged { cause: Some(cause), .. }) if is_final(&cause) => judged.cause = Some(cause),
            Ok(Judged { cause: then @ Some(_), .. }) => judged.then = then,
            Ok(_) => {
                let ruby = format!("verifier.rotate(digest: {:?})\n", digest.name());
                let value = digest.name().to_string();
                judged.change = Some(Change::RotateOption { option: "digest", value, ruby });
            }
            Err(_) => {}
        }
        judged
    }
}
