//! Whether the reader takes a message, and if not, the one thing that is wrong between the two.
//! What is said to help was tried.

use alloc::boxed::Box;
use alloc::format;

mod messages;
mod nearest;

use self::nearest::nearest;
use super::candidates::{App, Candidates, Jars};
use super::cause::Cause;
use super::change::{self, Change};
use super::found::{Contents, Found, Wrapping};
use super::recipe::{KeySource, Spelling, UsedFor};
use super::{Question, Used, Verdict};
use crate::cookies::Cookies;
use crate::envelope::{Detection, EnvelopeForm, Expected};
use crate::error::{ContentError, FormatError, OpenError, SerializationError};
use crate::message::Opened;
use crate::rails::{CookieKind, Profile};
use crate::serializer::Format;
use crate::time::Timestamp;

/// What became of a text.
pub(super) struct Judged {
    pub(super) verdict: Verdict,
    pub(super) cause: Option<Cause>,
    pub(super) then: Option<Cause>,
    pub(super) change: Option<Change>,
}

impl Judged {
    pub(super) fn refused(cause: Option<Cause>) -> Self {
        Self { verdict: Verdict::Refused, cause, then: None, change: None }
    }

    fn opens(verdict: Verdict, cause: Option<Cause>) -> Self {
        Self { verdict, cause, then: None, change: None }
    }
}

/// A text, with what a key made of it.
pub(super) struct Case<'q> {
    pub(super) question: Question<'q>,
    pub(super) wire: &'q [u8],
    pub(super) found: Option<&'q Found>,
    pub(super) now: Timestamp,
}

type Answer = Result<(Option<CookieKind>, Opened<'static>), OpenError>;

impl Case<'_> {
    pub(super) fn judge(&self, candidates: &mut Candidates) -> Judged {
        let app = core::mem::take(&mut candidates.app);
        let judged = match &app {
            App::Unknown => self.without_reader(),
            App::Cookies(jars) => self.by_cookies(jars, candidates),
            App::Verifier(verifier) => self.by_verifier(verifier, candidates),
            App::Encryptor(encryptor) => self.by_encryptor(encryptor, candidates),
        };
        candidates.app = app;
        judged
    }

    /// Whether the reader has a key that made the text.
    pub(super) fn is_readers(&self, candidates: &Candidates) -> bool {
        let answer = match &candidates.app {
            App::Unknown => return false,
            App::Cookies(jars) => self.ask(&jars.cookies),
            App::Verifier(verifier) => self.ask_verifier(verifier),
            App::Encryptor(encryptor) => self.ask_encryptor(encryptor),
        };
        !matches!(answer, Err(OpenError::Format(_)))
    }

    /// Whether a real server of the app's version would take the text as it is.
    pub(super) fn as_rails(&self, candidates: &Candidates) -> Option<bool> {
        match &candidates.app {
            App::Cookies(jars) => {
                let answer = self.ask(&jars.lenient);
                Some(answer.is_ok_and(|(_, opened)| opened.to_value().is_ok()))
            }
            _ => None,
        }
    }

    fn without_reader(&self) -> Judged {
        let Some(found) = self.found else { return Judged::refused(None) };
        let cause = match &found.contents {
            Err(OpenError::Content(_)) => Some(Cause::MalformedMetadata),
            Err(error) => Some(malformed(*error)),
            Ok(contents) => self.of_contents(contents),
        };
        match cause {
            None => Judged::opens(Verdict::Opens, None),
            Some(cause) => Judged::refused(Some(cause)),
        }
    }

    fn of_contents(&self, contents: &Contents) -> Option<Cause> {
        if let Some(at) = contents.expires_at.filter(|at| self.now >= *at) {
            return Some(Cause::Expired { at });
        }
        let fits = match self.question.used {
            Used::Cookie { name: Some(name), .. } => {
                contents.cookie_name().is_none_or(|found| found == name)
            }
            Used::Message(Expected::Purpose(purpose)) => {
                contents.purpose.as_deref().unwrap_or_default() == purpose
            }
            Used::Message(Expected::NoPurpose) => {
                contents.purpose.as_deref().unwrap_or_default().is_empty()
            }
            Used::Cookie { .. } | Used::Message(_) | Used::Unknown => true,
        };
        if !fits {
            return Some(other_purpose(contents));
        }
        if let Err(error) = contents.value {
            return Some(Cause::MalformedValue { error });
        }
        wrapping(contents)
    }

    fn name(&self) -> &str {
        let given = match self.question.used {
            Used::Cookie { name, .. } => name,
            _ => None,
        };
        given.or_else(|| self.found?.cookie_name()).unwrap_or_default()
    }

    fn ask(&self, cookies: &Cookies) -> Answer {
        let jars = match self.question.used {
            Used::Cookie { jar: Some(jar), .. } => [Some(jar), None],
            _ => [Some(CookieKind::Encrypted), Some(CookieKind::Signed)],
        };
        let mut refusal = OpenError::Format(FormatError::Malformed);
        for kind in jars.into_iter().flatten() {
            match self.ask_jar(cookies, kind) {
                Ok(opened) => return Ok((Some(kind), opened)),
                Err(OpenError::Format(FormatError::Malformed)) => {}
                Err(error @ OpenError::Format(_)) => refusal = error,
                Err(error) => return Err(error),
            }
        }
        Err(refusal)
    }

    fn ask_jar(&self, cookies: &Cookies, kind: CookieKind) -> Result<Opened<'static>, OpenError> {
        match kind {
            CookieKind::Signed => cookies.signed(self.name()).open(self.wire, self.now),
            CookieKind::Encrypted => cookies.encrypted(self.name()).open(self.wire, self.now),
        }
    }

    fn by_cookies(&self, jars: &Jars, candidates: &mut Candidates) -> Judged {
        let answer = self.ask(&jars.cookies);
        let detection = jars.profile.dialect().messages().detection.of_bytes();
        match self.of_answer(answer, detection) {
            Ok(judged) => {
                let change = match judged.cause {
                    Some(Cause::SerializerNotAllowed { format }) => {
                        self.serializer(&jars.profile, format, candidates)
                    }
                    _ => None,
                };
                Judged { change, ..judged }
            }
            Err(_) => self.of_recipe(jars, candidates),
        }
    }

    /// What an answer means, unless it is that no key fits.
    fn of_answer(&self, answer: Answer, detection: Detection) -> Result<Judged, FormatError> {
        let contents = self.found.and_then(|found| found.contents.as_ref().ok());
        let cause = match answer {
            Ok((jar, opened)) => {
                let verdict = Verdict::Accepted {
                    jar,
                    matched: opened.matched(),
                    must_reissue: opened.must_reissue(),
                };
                if let Err(error) = opened.to_value() {
                    return Ok(Judged::refused(Some(Cause::MalformedValue { error })));
                }
                let missed = opened.envelope() == EnvelopeForm::None;
                let cause = contents.and_then(|contents| match contents.envelope {
                    EnvelopeForm::Legacy if missed && detection == Detection::None => {
                        Some(Cause::NewerEnvelope)
                    }
                    EnvelopeForm::Legacy if missed => Some(Cause::ForeignEnvelope),
                    _ => wrapping(contents).filter(|cause| *cause == Cause::DoubleWrapped),
                });
                return Ok(Judged::opens(verdict, cause));
            }
            Err(OpenError::Format(error)) => return Err(error),
            Err(OpenError::Content(error)) => match (error, contents) {
                (ContentError::Expired, Some(Contents { expires_at: Some(at), .. })) => {
                    Cause::Expired { at: *at }
                }
                (ContentError::PurposeMismatch | ContentError::MissingMetadata, Some(contents)) => {
                    other_purpose(contents)
                }
                (ContentError::MalformedMetadata, Some(contents))
                    if contents.envelope == EnvelopeForm::Serializer =>
                {
                    Cause::NewerEnvelope
                }
                (ContentError::Expired, _) => Cause::Expired { at: self.now },
                _ => Cause::MalformedMetadata,
            },
            Err(OpenError::Serialization(SerializationError::Unsupported)) => {
                match contents.map(|contents| contents.format) {
                    Some(format) if format != Format::Bytes => {
                        Cause::SerializerNotAllowed { format }
                    }
                    _ => Cause::MalformedValue { error: SerializationError::Unsupported },
                }
            }
            Err(error) => malformed(error),
        };
        Ok(Judged::refused(Some(cause)))
    }

    fn serializer(
        &self,
        profile: &Profile,
        format: Format,
        candidates: &mut Candidates,
    ) -> Option<Change> {
        let (serializer, ruby) = change::serializer(profile, format)?;
        let changed = profile.clone().cookies_serializer(serializer);
        let cookies = candidates.jars(&changed).ok()?;
        self.ask(&cookies).is_ok().then_some(Change::Serializer { serializer, ruby })
    }

    /// No key of the app made it, but one of the candidates' did.
    fn of_recipe(&self, jars: &Jars, candidates: &mut Candidates) -> Judged {
        let Some(found) = self.found else { return Judged::refused(None) };
        let Some(kind) = found.kind() else {
            let used_for = found.recipe.used_for.clone();
            return Judged::refused(Some(match used_for {
                UsedFor::Unknown => Cause::OtherSecret,
                used_for => Cause::OtherUse { used_for },
            }));
        };
        if let Used::Cookie { jar: Some(jar), .. } = self.question.used
            && jar != kind
        {
            return Judged::refused(Some(Cause::OtherJar { jar: kind }));
        }
        match found.recipe.spelling {
            Spelling::UrlSafe => return Judged::refused(Some(respelled(self.wire))),
            Spelling::Broken => {
                return Judged::refused(found.contents.as_ref().err().copied().map(malformed));
            }
            Spelling::Standard => {}
        }
        let cause = nearest(&jars.profile, kind, &found.recipe);
        let mut judged = Judged::refused(Some(cause));
        let old = match found.recipe.key {
            KeySource::Derived { secret, .. } if secret > 0 => {
                candidates.bases.get(secret).cloned()
            }
            _ => None,
        };
        let Some((rotation, settings)) = change::rotation(&jars.profile, found, kind, old.as_ref())
        else {
            return judged;
        };
        let changed = match kind {
            CookieKind::Signed => jars.profile.clone().rotate_signed(rotation.clone()),
            CookieKind::Encrypted => jars.profile.clone().rotate_encrypted(rotation.clone()),
        };
        let Ok(cookies) = candidates.jars(&changed) else { return judged };
        let detection = jars.profile.dialect().messages().detection.of_bytes();
        let answer = match self.of_answer(self.ask(&cookies), detection) {
            Ok(answer) => answer,
            Err(_) => return judged,
        };
        // What no setting helps against is what is wrong with it.
        if answer.verdict == Verdict::Refused && answer.cause.as_ref().is_some_and(is_final) {
            return answer;
        }
        let ruby = change::rotation_ruby(&jars.profile, found, kind);
        let (serializer, ruby) = match answer.cause {
            Some(Cause::SerializerNotAllowed { format }) => {
                let change = self.serializer(&changed, format, candidates);
                let Some(Change::Serializer { serializer, ruby: set }) = change else {
                    judged.then = answer.cause;
                    return judged;
                };
                (Some(serializer), ruby.map(|ruby| format!("{ruby}{set}")))
            }
            _ => (None, ruby),
        };
        let is_read = answer.verdict != Verdict::Refused || serializer.is_some();
        judged.then = answer.cause;
        if is_read {
            let rotation = Box::new(rotation);
            judged.change =
                Some(Change::Rotate { jar: kind, rotation, settings, serializer, ruby });
        }
        judged
    }
}

/// The spelling is another: the alphabet, or where no letter tells, the padding.
fn respelled(wire: &[u8]) -> Cause {
    let pieces = wire.split(|byte| *byte == b'-');
    // Of `--` an empty piece is left, of a `-` none.
    let dashes = wire.iter().filter(|byte| **byte == b'-').count();
    let separators = pieces.filter(|piece| piece.is_empty()).count();
    match wire.contains(&b'_') || dashes > separators.saturating_mul(2) {
        true => Cause::OtherAlphabet,
        false => Cause::PaddingLost,
    }
}

/// Whether no setting of the reader's helps against it.
fn is_final(cause: &Cause) -> bool {
    matches!(
        cause,
        Cause::Expired { .. }
            | Cause::OtherCookieName { .. }
            | Cause::OtherPurpose { .. }
            | Cause::MalformedMetadata
    )
}

fn malformed(error: OpenError) -> Cause {
    match error {
        OpenError::Serialization(error) => Cause::MalformedValue { error },
        _ => Cause::MalformedMetadata,
    }
}

fn other_purpose(contents: &Contents) -> Cause {
    match contents.cookie_name() {
        Some(name) => Cause::OtherCookieName { name: name.into() },
        None => Cause::OtherPurpose { purpose: contents.purpose.clone() },
    }
}

fn wrapping(contents: &Contents) -> Option<Cause> {
    match contents.wrapping {
        Wrapping::Rails => None,
        Wrapping::Foreign => Some(Cause::ForeignEnvelope),
        Wrapping::Double => Some(Cause::DoubleWrapped),
    }
}
