//! Why a cookie is not read: [`explain`]'s answer, asked for once.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::world::{FormId, NOW, PartyId};
use super::{Cookie, Release};
use crate::explain::{Candidates, Cause, Change, Question, explain};
use crate::keys::SecretKeyBase;
use crate::rails::{Rotation, Secrets};

/// The answers so far, and the keys that were derived for them.
pub(super) struct Causes {
    asked: Asked,
    candidates: Vec<(Known, Candidates)>,
    answers: BTreeMap<(usize, FormId, PartyId), Answer>,
}

/// Whether anybody wants to know.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    Always,
    Never,
}

/// The secrets of the reader and of the writer, and the older one of the writer's rotation.
type Known = (Secrets, Secrets, Option<SecretKeyBase>);

/// The cause, and the change with which the cookie would be read.
pub(super) type Answer = (Option<Cause>, Option<Change>);

/// A cookie that is not read.
pub(super) struct Unread<'u> {
    pub(super) cookie: &'u Cookie,
    /// The cookie's place.
    pub(super) index: usize,
    pub(super) form: FormId,
    pub(super) wire: &'u [u8],
    pub(super) writer: &'u Release,
    /// The writer's rotation that it was written for, before.
    pub(super) rotation: Option<&'u Rotation>,
    pub(super) reader: &'u Release,
    pub(super) party: PartyId,
}

impl Causes {
    pub(super) fn new() -> Self {
        Self { asked: Asked::Always, candidates: Vec::new(), answers: BTreeMap::new() }
    }

    /// Where only what happens is wanted, and not why.
    pub(super) fn none() -> Self {
        Self { asked: Asked::Never, ..Self::new() }
    }

    pub(super) fn of(&mut self, unread: &Unread<'_>) -> Answer {
        if self.asked == Asked::Never {
            return (None, None);
        }
        let key = (unread.index, unread.form, unread.party);
        if let Some(answer) = self.answers.get(&key) {
            return answer.clone();
        }
        let answer = self.explain(unread).unwrap_or_default();
        self.answers.insert(key, answer.clone());
        answer
    }

    fn explain(&mut self, unread: &Unread<'_>) -> Option<Answer> {
        let Unread { cookie, wire, writer, rotation, reader, .. } = *unread;
        let older = rotation.and_then(Rotation::old_secret).cloned();
        let secrets = (reader.secrets.clone(), writer.secrets.clone(), older);
        let place = self.candidates.iter().position(|(known, _)| *known == secrets);
        let candidates = place.map(|place| self.candidates.swap_remove(place).1);
        let candidates = candidates.unwrap_or_else(|| {
            let (reader, writer, older) = &secrets;
            let both = Candidates::new().secrets(reader).secrets(writer).without_slow_keys();
            older.iter().fold(both, Candidates::secret_key_base)
        });
        let mut candidates = candidates.app(&reader.profile).ok()?;
        let question = Question::new(wire).cookie(cookie.name()).jar(cookie.kind_in(reader));
        let report = explain(question, &mut candidates, NOW);
        self.candidates.push((secrets, candidates));
        Some((report.cause.filter(|cause| *cause != Cause::NoKeyFits), report.change))
    }
}
