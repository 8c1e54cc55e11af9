//! What was counted of one cookie on one day.

use alloc::vec;
use alloc::vec::Vec;

use crate::error::OpenError;
use crate::message::{Matched, Opened};
use crate::serializer::Format;

/// The reasons of refusals, as [`OpenError::reason`] names them. Opening gives no others.
pub(super) const REASONS: [&str; 9] = [
    "bad-signature",
    "unsupported-serialization",
    "malformed-serialization",
    "expired",
    "purpose-mismatch",
    "missing-metadata",
    "malformed-metadata",
    "malformed",
    "other",
];

pub(super) const FORMATS: [Format; 4] =
    [Format::Json, Format::Marshal, Format::MessagePack, Format::Bytes];

/// What became of the cookies of one name on one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counts {
    /// By recipe: the primary one, then the rotations.
    pub(super) opened: Vec<u64>,
    pub(super) must_reissue: u64,
    pub(super) formats: [u64; FORMATS.len()],
    pub(super) refused: [u64; REASONS.len()],
}

impl Counts {
    pub(super) fn new(recipes: usize) -> Self {
        Self {
            opened: vec![0; recipes],
            must_reissue: 0,
            formats: [0; FORMATS.len()],
            refused: [0; REASONS.len()],
        }
    }

    /// All cookies, opened or not.
    #[must_use]
    pub fn total(&self) -> u64 {
        sum(&self.opened).saturating_add(sum(&self.refused))
    }

    /// How many were opened by the recipe at this place of
    /// [`AuditedCookie::recipes`](super::AuditedCookie::recipes).
    #[must_use]
    pub fn opened_by(&self, recipe: usize) -> u64 {
        self.opened.get(recipe).copied().unwrap_or(0)
    }

    /// How many this Rails would write anew.
    #[must_use]
    pub fn must_reissue(&self) -> u64 {
        self.must_reissue
    }

    /// What was opened, by the format that the value is in.
    pub fn formats(&self) -> impl Iterator<Item = (Format, u64)> {
        FORMATS.into_iter().zip(self.formats)
    }

    /// What was refused, by the reason as [`OpenError::reason`] names it.
    pub fn refused(&self) -> impl Iterator<Item = (&'static str, u64)> {
        REASONS.into_iter().zip(self.refused)
    }

    /// How many had expired when they were sent.
    #[must_use]
    pub fn expired(&self) -> u64 {
        self.refused().filter(|(reason, _)| *reason == "expired").map(|(_, count)| count).sum()
    }

    pub(super) fn count(&mut self, opened: &Opened<'_>) {
        let recipe = match opened.matched() {
            Matched::Primary => 0,
            Matched::Rotation { index, .. } => index.saturating_add(1),
        };
        add(self.opened.get_mut(recipe), 1);
        let format = FORMATS.iter().position(|format| *format == opened.format());
        add(format.and_then(|at| self.formats.get_mut(at)), 1);
        if opened.must_reissue() {
            add(Some(&mut self.must_reissue), 1);
        }
    }

    pub(super) fn refuse(&mut self, error: OpenError) {
        add(self.refused.get_mut(reason(error)), 1);
    }

    pub(super) fn merge(&mut self, other: &Self) {
        let formats = self.formats.iter_mut().zip(&other.formats);
        let refused = self.refused.iter_mut().zip(&other.refused);
        let opened = self.opened.iter_mut().zip(&other.opened);
        for (into, from) in opened.chain(formats).chain(refused) {
            add(Some(into), *from);
        }
        add(Some(&mut self.must_reissue), other.must_reissue);
    }
}

/// The place of an error's reason.
pub(super) fn reason(error: OpenError) -> usize {
    let known = REASONS.iter().position(|reason| *reason == error.reason());
    known.unwrap_or(REASONS.len().saturating_sub(1))
}

pub(super) fn add(count: Option<&mut u64>, more: u64) {
    if let Some(count) = count {
        *count = count.saturating_add(more);
    }
}

fn sum(counts: &[u64]) -> u64 {
    counts.iter().fold(0, |sum, count| sum.saturating_add(*count))
}
