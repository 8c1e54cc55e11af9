//! A few unreadable cookies of each shape, kept until they are explained. Which ones does not depend
//! on the order in which they were seen.

use alloc::borrow::Cow;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::fmt;

use super::auditor::LONG_AGO;
use super::counts::{self, REASONS, add};
use super::subject::Subject;
use super::tally::Tally;
use crate::error::{ContentError, OpenError};
use crate::explain::{Candidates, Question, explain};
use crate::time::Timestamp;

/// The most samples of one shape.
const OF_A_SHAPE: usize = 4;
/// The most shapes: those of the graver reasons come first.
const SHAPES: usize = 48;
/// The longest value that is kept, in bytes: over what a header may hold.
const LONGEST: usize = 1 << 13;

/// Unreadable cookies, to be explained. They are values: keep them no longer than that takes.
pub struct Samples {
    kept: BTreeMap<Key, BTreeMap<Vec<u8>, Option<Timestamp>>>,
    of_a_shape: usize,
}

/// What tells shapes apart without decoding anything.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    reason: usize,
    cookie: usize,
    parts: usize,
    /// The length of what follows the last `--`.
    last: usize,
}

impl Key {
    fn of(cookie: usize, error: OpenError, value: &[u8]) -> Self {
        let last = memchr::memmem::rfind(value, b"--");
        let last = last.map_or(0, |at| value.len().saturating_sub(at));
        let parts = memchr::memmem::find_iter(value, b"--").take(3).count();
        Self { reason: counts::reason(error), cookie, parts, last: last.min(200) }
    }
}

impl Samples {
    pub(super) fn none() -> Self {
        Self { kept: BTreeMap::new(), of_a_shape: 0 }
    }

    pub(super) fn some() -> Self {
        Self { kept: BTreeMap::new(), of_a_shape: OF_A_SHAPE }
    }

    /// Keeps a value, if there is room. Of one that has expired all is known.
    pub(super) fn offer(
        &mut self,
        cookie: usize,
        error: OpenError,
        value: &[u8],
        at: Option<Timestamp>,
    ) {
        let is_clear = error == OpenError::Content(ContentError::Expired);
        if self.of_a_shape > 0 && !is_clear && value.len() <= LONGEST {
            self.keep(Key::of(cookie, error, value), value, at);
        }
    }

    fn keep(&mut self, key: Key, value: &[u8], at: Option<Timestamp>) {
        let is_full = self.kept.len() >= SHAPES && !self.kept.contains_key(&key);
        if is_full && self.kept.last_key_value().is_some_and(|(last, _)| *last < key) {
            return;
        }
        let alike = self.kept.entry(key).or_default();
        let is_beyond = alike.last_key_value().is_some_and(|(last, _)| **last < *value);
        if let Some(known) = alike.get_mut(value) {
            *known = (*known).min(at);
        } else if alike.len() < self.of_a_shape || !is_beyond {
            alike.insert(value.to_vec(), at);
        }
        if alike.len() > self.of_a_shape {
            alike.pop_last();
        }
        if self.kept.len() > SHAPES {
            self.kept.pop_last();
        }
    }

    /// Adds those of another thread.
    pub fn merge(&mut self, other: Self) {
        self.of_a_shape = self.of_a_shape.max(other.of_a_shape);
        for (key, alike) in other.kept {
            for (value, at) in alike {
                self.keep(key, &value, at);
            }
        }
    }

    /// Explains each, and notes the causes in the tally. The values are dropped. `candidates` should
    /// have the app and its secrets; each takes some milliseconds.
    pub fn explain(self, candidates: &mut Candidates, tally: &mut Tally) {
        for (key, alike) in self.kept {
            for (value, at) in alike {
                let Tally { subject: Subject { cookies, .. }, samples, .. } = &mut *tally;
                let Some(cookie) = cookies.get(key.cookie) else { continue };
                let question = Question::new(&value).cookie(cookie.name()).jar(cookie.kind());
                let report = explain(question, candidates, at.unwrap_or(LONG_AGO));
                let cause = report.cause.map_or("unknown", |cause| cause.name());
                let shape = report.shape.kind.name();
                samples.add(key.cookie, key.reason, shape.into(), cause.into(), 1);
            }
        }
    }
}

// They are whole cookies.
impl fmt::Debug for Samples {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Samples").field("shapes", &self.kept.len()).finish_non_exhaustive()
    }
}

/// The causes of the samples, by their [names](crate::explain::Cause::name). They say what there is
/// among the unreadable cookies, and not how much of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SampledCauses {
    pub(super) causes: BTreeMap<(usize, usize, Word, Word), u64>,
}

pub(super) type Word = Cow<'static, str>;

impl SampledCauses {
    /// For a cookie, by its place among those of the [`Subject`]: the reason of the refusal, the
    /// [kind](crate::explain::ShapeKind::name) of message that it looks like, the cause, and how many
    /// samples have it.
    pub fn of(&self, cookie: usize) -> impl Iterator<Item = (&'static str, &str, &str, u64)> {
        let of_cookie = self.causes.iter().filter(move |((of, ..), _)| *of == cookie);
        of_cookie.filter_map(|((_, reason, shape, cause), count)| {
            Some((*REASONS.get(*reason)?, shape.as_ref(), cause.as_ref(), *count))
        })
    }

    pub(super) fn add(
        &mut self,
        cookie: usize,
        reason: usize,
        shape: Word,
        cause: Word,
        more: u64,
    ) {
        add(Some(self.causes.entry((cookie, reason, shape, cause)).or_default()), more);
    }

    pub(super) fn merge(&mut self, other: &Self) {
        for ((cookie, reason, shape, cause), count) in &other.causes {
            self.add(*cookie, *reason, shape.clone(), cause.clone(), *count);
        }
    }
}
