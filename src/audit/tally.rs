//! What was counted, by day and cookie. Tallies of the same subject add up in any order; what they
//! take of memory is bounded, whatever was read.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::fmt;

use super::auditor::Direction;
use super::counts::{Counts, add};
use super::day::{Day, When};
use super::samples::SampledCauses;
use super::subject::{AuditedCookie, Subject};
use crate::time::Timestamp;

/// The most days that are counted apart: the newest. What is older is added up as
/// [`When::Earlier`].
pub const MAX_DAYS: usize = 4000;

/// The counts of an audit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    pub(super) subject: Subject,
    pub(super) lines: Lines,
    /// For each cookie, both ways.
    pub(super) days: BTreeMap<When, Vec<Both>>,
    pub(super) samples: SampledCauses,
}

/// How many lines were read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Lines {
    /// All that were looked at.
    pub read: u64,
    /// Those of them without a time.
    pub undated: u64,
    /// Those that were left out, for they are too long.
    pub too_long: u64,
}

/// The cookies of one name on one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Both {
    pub(super) sent: Counts,
    pub(super) written: Counts,
}

/// The counts of one cookie on one day, one way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Row<'t> {
    /// On which day.
    pub when: When,
    /// Which cookie.
    pub cookie: &'t AuditedCookie,
    /// Which way it went.
    pub direction: Direction,
    /// What became of it.
    pub counts: &'t Counts,
}

/// Why two tallies do not add up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MergeError {
    /// Of apps of different versions, serializers or strictness.
    Settings,
    /// Of different cookies, or of cookies in different jars.
    Cookies,
    /// Of different recipes: another default, another list of rotations.
    Recipes,
    /// Of the same recipes, but with other secrets.
    Keys,
}

impl fmt::Display for MergeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Settings => {
                "the tallies are of apps with different versions, serializers or strictness"
            }
            Self::Cookies => "the tallies are of different cookies",
            Self::Recipes => "the tallies are of apps with different recipes or rotations",
            Self::Keys => "the tallies are of apps with different secrets",
        })
    }
}

impl core::error::Error for MergeError {}

impl Tally {
    pub(super) fn new(subject: Subject) -> Self {
        let samples = SampledCauses::default();
        Self { subject, lines: Lines::default(), days: BTreeMap::new(), samples }
    }

    /// What was looked for.
    #[must_use]
    pub fn subject(&self) -> &Subject {
        &self.subject
    }

    /// How many lines were read.
    #[must_use]
    pub fn lines(&self) -> Lines {
        self.lines
    }

    /// The causes of the unreadable cookies that were looked at more closely, if any were.
    #[must_use]
    pub fn samples(&self) -> &SampledCauses {
        &self.samples
    }

    /// All that was counted, by day, then by cookie. What has no cookie has no row.
    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        let cookies = &self.subject.cookies;
        let rows = self.days.iter().flat_map(move |(when, both)| {
            cookies.iter().zip(both).flat_map(move |(cookie, both)| {
                let row = |direction, counts| Row { when: *when, cookie, direction, counts };
                let sent = row(Direction::Sent, &both.sent);
                [sent, row(Direction::Written, &both.written)]
            })
        });
        rows.filter(|row| row.counts.total() > 0)
    }

    /// The rows of one cookie.
    pub(super) fn rows_of(&self, cookie: usize) -> impl Iterator<Item = (When, &Both)> {
        let rows =
            self.days.iter().filter_map(move |(when, both)| Some((*when, both.get(cookie)?)));
        rows.filter(|(_, both)| both.sent.total() > 0 || both.written.total() > 0)
    }

    /// Adds what another machine, another file or another thread has counted.
    ///
    /// # Errors
    /// [`MergeError`], for a tally of another subject; nothing is added then.
    pub fn merge(&mut self, other: &Self) -> Result<(), MergeError> {
        self.subject.check(&other.subject)?;
        add(Some(&mut self.lines.read), other.lines.read);
        add(Some(&mut self.lines.undated), other.lines.undated);
        add(Some(&mut self.lines.too_long), other.lines.too_long);
        // The newest first: what has no room among the days then goes where it belongs at once.
        for (when, more) in other.days.iter().rev() {
            let ours = self.day_mut(*when).iter_mut();
            for (ours, more) in ours.zip(more) {
                ours.sent.merge(&more.sent);
                ours.written.merge(&more.written);
            }
        }
        self.samples.merge(&other.samples);
        Ok(())
    }

    /// Counts what is of a later day than `day` under an unknown one, and says how many cookies that
    /// are: a clock was wrong, or the line is not what it looks like, and one such day would make
    /// the logs seem to reach so far.
    ///
    /// Without a zone a log may be of tomorrow: `day` is best tomorrow too.
    pub fn undate_after(&mut self, day: Day) -> u64 {
        let mut moved = 0;
        while let Some(entry) = self.days.last_entry().filter(|it| *it.key() > When::Day(day)) {
            let later = entry.remove();
            let unknown = self.day_mut(When::Unknown).iter_mut();
            for (unknown, later) in unknown.zip(&later) {
                unknown.sent.merge(&later.sent);
                unknown.written.merge(&later.written);
                add(Some(&mut moved), later.sent.total());
                add(Some(&mut moved), later.written.total());
            }
        }
        moved
    }

    pub(super) fn count_line(&mut self, at: Option<Timestamp>) {
        add(Some(&mut self.lines.read), 1);
        if at.is_none() {
            add(Some(&mut self.lines.undated), 1);
        }
    }

    pub(super) fn count_long_line(&mut self) {
        add(Some(&mut self.lines.too_long), 1);
    }

    pub(super) fn counts_mut(
        &mut self,
        at: Option<Timestamp>,
        cookie: usize,
        direction: Direction,
    ) -> Option<&mut Counts> {
        let when = at.map_or(When::Unknown, |at| When::Day(Day::of(at)));
        let both = self.day_mut(when).get_mut(cookie)?;
        Some(match direction {
            Direction::Sent => &mut both.sent,
            Direction::Written => &mut both.written,
        })
    }

    pub(super) fn day_mut(&mut self, when: When) -> &mut [Both] {
        let when = match when {
            When::Day(day) if !self.days.contains_key(&when) => self.make_room(day),
            known => known,
        };
        let cookies = &self.subject.cookies;
        self.days.entry(when).or_insert_with(|| cookies.iter().map(Both::new).collect())
    }

    /// Where a new day is counted. Keeping the newest gives the same in any order.
    fn make_room(&mut self, day: Day) -> When {
        let others = [When::Unknown, When::Earlier];
        let others = others.iter().filter(|when| self.days.contains_key(when)).count();
        let mut days = self.days.keys().skip(others);
        let is_full = self.days.len().saturating_sub(others) >= MAX_DAYS;
        let Some(oldest) = days.next().copied().filter(|_| is_full) else {
            return When::Day(day);
        };
        if When::Day(day) < oldest {
            return When::Earlier;
        }
        if let Some(folded) = self.days.remove(&oldest) {
            for (earlier, folded) in self.day_mut(When::Earlier).iter_mut().zip(&folded) {
                earlier.sent.merge(&folded.sent);
                earlier.written.merge(&folded.written);
            }
        }
        When::Day(day)
    }
}

impl Both {
    fn new(cookie: &AuditedCookie) -> Self {
        let counts = Counts::new(cookie.recipes().len());
        Self { sent: counts.clone(), written: counts }
    }
}

impl Subject {
    fn check(&self, other: &Self) -> Result<(), MergeError> {
        let settings = |it: &Self| (it.rails, it.strictness, it.serializer);
        let alike = |one: &AuditedCookie, two: &AuditedCookie| {
            one.name() == two.name() && one.kind() == two.kind()
        };
        let mut pairs = self.cookies.iter().zip(&other.cookies);
        if settings(self) != settings(other) {
            Err(MergeError::Settings)
        } else if self.cookies.len() != other.cookies.len()
            || !pairs.all(|(one, two)| alike(one, two))
        {
            Err(MergeError::Cookies)
        } else if self.cookies != other.cookies {
            Err(MergeError::Recipes)
        } else if self.keys != other.keys {
            Err(MergeError::Keys)
        } else {
            Ok(())
        }
    }
}
