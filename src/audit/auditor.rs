//! Reads lines, opens the cookies in them, and counts.

use alloc::vec::Vec;
use core::fmt;

use memchr::memmem::Finder;

use super::find::{self, Found};
use super::moment::Moments;
use super::samples::Samples;
use super::tally::Tally;
use super::{Audit, AuditedCookie};
use crate::cookies::escape;
use crate::message::Scratch;
use crate::time::Timestamp;

/// An instant at which nothing has expired.
pub(super) const LONG_AGO: Timestamp = Timestamp::from_unix_seconds(-60_000_000_000);

/// Which way a cookie went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// A browser sent it, in a `Cookie` header.
    Sent,
    /// The app wrote it, in a `Set-Cookie` header.
    Written,
}

/// Reads lines of logs and counts what opens the cookies in them. It allocates nothing for a line,
/// once it has seen a few of the day, and keeps no value but the samples that were asked for.
pub struct Auditor<'a> {
    finders: Vec<Finder<'a>>,
    moments: Moments,
    counter: Counter<'a>,
    unescaped: Vec<u8>,
}

/// Opens values and counts.
struct Counter<'a> {
    audit: &'a Audit,
    scratch: Scratch,
    tally: Tally,
    samples: Samples,
    decoded: Vec<u8>,
}

impl<'a> Auditor<'a> {
    pub(super) fn new(audit: &'a Audit) -> Self {
        let cookies = audit.subject().cookies().iter();
        let finders = cookies.map(|cookie| Finder::new(cookie.name().as_bytes())).collect();
        let counter = Counter {
            audit,
            scratch: Scratch::new(),
            tally: audit.tally(),
            samples: Samples::none(),
            decoded: Vec::new(),
        };
        Self { finders, moments: Moments::new(), counter, unescaped: Vec::new() }
    }

    /// Also keeps a few unreadable cookies of each shape, so that their causes can be
    /// [explained](Samples::explain).
    #[must_use]
    pub fn sampling(mut self) -> Self {
        self.counter.samples = Samples::some();
        self
    }

    /// Counts the cookies of a line, at the time that the line says. See
    /// [`line_at`](Self::line_at).
    pub fn line(&mut self, line: &[u8]) {
        let at = self.moments.find(line);
        self.line_at(line, at);
    }

    /// Counts the cookies of a line: any text with `NAME=VALUE` in it, a request's `Cookie` header
    /// or a response's `Set-Cookie`, in quotes, in JSON. Of a name that is there more than once the
    /// first counts, as in Rails.
    ///
    /// They are counted on the day of `at`, and judged as they were then: one that has expired
    /// since was good. Without a time no expiry is judged.
    pub fn line_at(&mut self, line: &[u8], at: Option<Timestamp>) {
        self.counter.tally.count_line(at);
        for (index, finder) in self.finders.iter().enumerate() {
            let (mut sent, mut written) = (false, false);
            for Found { text, is_escaped, direction } in find::cookies(line, finder) {
                let seen = match direction {
                    Direction::Sent => &mut sent,
                    Direction::Written => &mut written,
                };
                if core::mem::replace(seen, true) {
                    continue;
                }
                let text = match is_escaped {
                    false => text,
                    true => find::unescape_in(&mut self.unescaped, text),
                };
                self.counter.raw(index, direction, text, at);
            }
        }
    }

    /// Counts one cookie by its value as the app's jar sees it, percent-decoded. Of a name that is
    /// not looked for nothing is counted.
    pub fn value(&mut self, name: &str, direction: Direction, value: &[u8], at: Option<Timestamp>) {
        let cookies = self.counter.audit.subject().cookies();
        if let Some(index) = cookies.iter().position(|cookie| cookie.name() == name) {
            self.counter.value(index, direction, value, at);
        }
    }

    /// Counts a line that was left out, for it is too long.
    pub fn skip_line(&mut self) {
        self.counter.tally.count_long_line();
    }

    /// What was counted so far.
    #[must_use]
    pub fn tally(&self) -> &Tally {
        &self.counter.tally
    }

    /// What was counted.
    #[must_use]
    pub fn into_tally(self) -> Tally {
        self.counter.tally
    }

    /// What was counted, and the samples that were kept.
    #[must_use]
    pub fn into_parts(self) -> (Tally, Samples) {
        (self.counter.tally, self.counter.samples)
    }
}

impl Counter<'_> {
    /// A value as it stands in a header. Without any escape it is taken as it is: a `+` stays one,
    /// as in a log of values that are decoded.
    fn raw(&mut self, index: usize, direction: Direction, text: &[u8], at: Option<Timestamp>) {
        if memchr::memchr(b'%', text).is_none() {
            return self.value(index, direction, text, at);
        }
        let mut decoded = core::mem::take(&mut self.decoded);
        let value = escape::unescape_in(&mut decoded, text);
        self.value(index, direction, value, at);
        self.decoded = decoded;
    }

    fn value(&mut self, index: usize, direction: Direction, value: &[u8], at: Option<Timestamp>) {
        let Self { audit, scratch, tally, samples, .. } = self;
        let Some(cookie) = audit.subject().cookies().get(index) else { return };
        let Some(counts) = tally.counts_mut(at, index, direction) else { return };
        match audit.jar(cookie).open_in(scratch, value, at.unwrap_or(LONG_AGO)) {
            Ok(opened) => counts.count(&opened),
            Err(error) => {
                counts.refuse(error);
                samples.offer(index, error, value, at);
            }
        }
    }
}

impl fmt::Debug for Auditor<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.counter.audit.subject().cookies().iter().map(AuditedCookie::name);
        f.debug_struct("Auditor")
            .field("cookies", &names.collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}
