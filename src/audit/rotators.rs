//! When may a rotation go? Answered by what it has opened, how long its cookies live, and how far the
//! logs reach: a rotation that is removed too soon logs out whoever still has such a cookie.

use super::day::{Day, When};
use super::subject::AuditedRecipe;
use super::tally::{Both, Tally};
use super::{AuditedCookie, Direction};
use alloc::vec::Vec;

/// How many days "lately" is.
const LATELY: i64 = 7;

/// What is known of one rotation, for one cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rotator<'t> {
    /// The cookie.
    pub cookie: &'t AuditedCookie,
    /// The rotation.
    pub recipe: &'t AuditedRecipe,
    /// How many cookies it opened, sent or written.
    pub opened: u64,
    /// How many of these in the last seven days of the logs.
    pub lately: u64,
    /// How many of these in lines without a time.
    pub undated: u64,
    /// The last day on which it opened one.
    pub last: Option<Day>,
    /// The last day on which one was *written* that it opens: some server still makes them.
    pub last_written: Option<Day>,
    /// Days of which the answer needs the logs, and that have no such cookie at all.
    pub gaps: u64,
    /// When it may go.
    pub answer: Answer,
}

/// When a rotation may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Answer {
    /// Now: it has opened nothing since `last`, and by the end of `expired` all that it has opened
    /// had expired.
    MayGo {
        /// The last day on which it opened something.
        last: Day,
        /// The lifetime of a cookie later; where days are missing, the last of the first whole
        /// lifetime without such a [gap](Rotator::gaps).
        expired: Day,
    },
    /// Not before the end of `expired`, if it opens nothing until then.
    NotBefore {
        /// The last day on which it opened something.
        last: Day,
        /// The lifetime of a cookie later.
        expired: Day,
    },
    /// Now, unless it is there for what is written from the next deploy on: it has opened nothing in
    /// logs that are longer than a cookie lives.
    NeverSeen {
        /// The first day of the logs.
        from: Day,
        /// The last day of the logs.
        to: Day,
    },
    /// It has opened nothing, but the logs are shorter than a cookie lives: they must reach to
    /// `until`.
    TooShort {
        /// The first day of the logs.
        from: Day,
        /// The last day of the logs.
        to: Day,
        /// The lifetime of a cookie after the first.
        until: Day,
    },
    /// It cannot be said: it has opened nothing for longer than a cookie lives, but nowhere there
    /// are logs of a whole lifetime without a day missing. On such a day it may have been needed.
    Gaps {
        /// The first day of those that count: after the last on which it opened something.
        from: Day,
        /// The last day of the logs.
        to: Day,
        /// How many days between them have no such cookie at all.
        days: u64,
    },
    /// It cannot be said: what it opened is in lines without a time, or no line has one.
    Undated,
}

impl Tally {
    /// What is known of every rotation, in the order of the cookies and their recipes; the primary
    /// recipe is none.
    ///
    /// `lifetime` is how many days a cookie lives after it was written: `expire_after`, or the
    /// expiry that the app gives it, rounded up. The logs must be those of all servers.
    #[must_use]
    pub fn rotators(&self, lifetime: u32) -> Vec<Rotator<'_>> {
        let cookies = self.subject.cookies.iter().enumerate();
        let rotators = cookies.flat_map(|(index, cookie)| {
            let covered = self.covered(index);
            let recipes = cookie.recipes.iter().enumerate().skip(1);
            recipes.map(move |(at, recipe)| {
                let seen = self.seen(index, at, covered);
                let lifetime = i64::from(lifetime);
                let days = || self.dated(index).map(|(day, _)| day);
                let (answer, window) = seen.answer(covered, lifetime, days);
                let gaps = window.map_or(0, |(from, to)| gaps(days(), from, to));
                let Seen { opened, lately, undated, last, last_written } = seen;
                Rotator {
                    cookie,
                    recipe,
                    opened,
                    lately,
                    undated,
                    last,
                    last_written,
                    gaps,
                    answer,
                }
            })
        });
        rotators.collect()
    }

    /// The first and the last day on which there is a cookie of this name.
    #[must_use]
    pub fn covered(&self, cookie: usize) -> Option<(Day, Day)> {
        let mut days = self.dated(cookie).map(|(day, _)| day);
        let first = days.next()?;
        Some((first, days.last().unwrap_or(first)))
    }

    fn dated(&self, cookie: usize) -> impl Iterator<Item = (Day, &Both)> {
        self.rows_of(cookie).filter_map(|(when, both)| match when {
            When::Day(day) => Some((day, both)),
            _ => None,
        })
    }

    fn seen(&self, cookie: usize, recipe: usize, covered: Option<(Day, Day)>) -> Seen {
        let mut seen = Seen::default();
        for (when, both) in self.rows_of(cookie) {
            for (direction, counts) in
                [(Direction::Sent, &both.sent), (Direction::Written, &both.written)]
            {
                let count = counts.opened_by(recipe);
                if count == 0 {
                    continue;
                }
                seen.opened = seen.opened.saturating_add(count);
                // Of the days that are not counted apart the next one is known to be later.
                let day = match (when, covered) {
                    (When::Day(day), _) => day,
                    (When::Earlier, Some((first, _))) => first.plus(-1),
                    _ => {
                        seen.undated = seen.undated.saturating_add(count);
                        continue;
                    }
                };
                seen.last = seen.last.max(Some(day));
                if direction == Direction::Written {
                    seen.last_written = seen.last_written.max(Some(day));
                }
                if covered.is_some_and(|(_, to)| to.days_after(day) < LATELY) {
                    seen.lately = seen.lately.saturating_add(count);
                }
            }
        }
        seen
    }
}

#[derive(Default)]
struct Seen {
    opened: u64,
    lately: u64,
    undated: u64,
    last: Option<Day>,
    last_written: Option<Day>,
}

impl Seen {
    /// The answer, and the days whose logs it rests on.
    fn answer<D: Iterator<Item = Day>>(
        &self,
        covered: Option<(Day, Day)>,
        lifetime: i64,
        days: impl Fn() -> D,
    ) -> (Answer, Option<(Day, Day)>) {
        let Some((from, to)) = covered.filter(|_| self.undated == 0) else {
            return (Answer::Undated, None);
        };
        let first = self.last.unwrap_or(from);
        let needed = self.last.map_or(from, |last| last.plus(1));
        let whole = whole_lifetime(days(), first, lifetime);
        let expired = first.plus(lifetime);
        match (self.last, whole) {
            (Some(last), Some(expired)) => {
                (Answer::MayGo { last, expired }, Some((needed, expired)))
            }
            (None, Some(_)) => (Answer::NeverSeen { from, to }, Some((from, to))),
            (Some(last), None) if to < expired => {
                (Answer::NotBefore { last, expired }, Some((needed, to)))
            }
            (None, None) if to < expired => {
                (Answer::TooShort { from, to, until: expired }, Some((from, to)))
            }
            _ => {
                let gaps = gaps(days(), needed, to);
                (Answer::Gaps { from: needed, to, days: gaps }, Some((needed, to)))
            }
        }
    }
}

/// The end of the first lifetime from `first` on of which no day is missing. After a gap it begins
/// anew: what was written in it may be in a browser until a lifetime later.
fn whole_lifetime(days: impl Iterator<Item = Day>, first: Day, lifetime: i64) -> Option<Day> {
    let (mut start, mut last) = (first, first);
    let days = days.filter(|day| *day >= first);
    core::iter::once(first).chain(days).find(|day| {
        if day.days_after(last) > 1 {
            start = *day;
        }
        last = *day;
        day.days_after(start) >= lifetime
    })
}

/// How many days between these two have no cookie.
fn gaps(seen: impl Iterator<Item = Day>, from: Day, to: Day) -> u64 {
    let days = u64::try_from(to.days_after(from).saturating_add(1)).unwrap_or(0);
    let seen = seen.filter(|day| (from..=to).contains(day)).count();
    days.saturating_sub(u64::try_from(seen).unwrap_or(u64::MAX))
}
