//! Days, in UTC: logs of machines in several zones add up.

use core::fmt;

use crate::time::Timestamp;

const SECONDS: i64 = 86_400;

/// A day in UTC.
///
/// ```
/// use railjar::audit::Day;
///
/// let day = Day::parse("2026-11-24").ok_or("a day")?;
/// assert_eq!(day.plus(14).to_string(), "2026-12-08");
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(i64);

impl Day {
    /// The day that an instant is in.
    #[must_use]
    pub fn of(at: Timestamp) -> Self {
        Self(at.unix_seconds().div_euclid(SECONDS))
    }

    /// Reads `YYYY-MM-DD`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut whole = *b"0000-00-00T00:00:00Z";
        let text: &[u8; 10] = text.as_bytes().try_into().ok()?;
        whole.iter_mut().zip(text).for_each(|(to, from)| *to = *from);
        Timestamp::parse(core::str::from_utf8(&whole).ok()?).map(Self::of)
    }

    /// Its first instant.
    #[must_use]
    pub fn start(self) -> Timestamp {
        Timestamp::from_unix_seconds(self.0.saturating_mul(SECONDS))
    }

    /// So many days later; earlier, when negative.
    #[must_use]
    pub fn plus(self, days: i64) -> Self {
        Self(self.0.saturating_add(days))
    }

    /// How many days it is after `earlier`.
    #[must_use]
    pub fn days_after(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// `YYYY-MM-DD`.
impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.start().iso8601();
        match text.as_ref().and_then(|text| text.get(..10)) {
            Some(day) => {
                day.iter().try_for_each(|byte| fmt::Write::write_char(f, char::from(*byte)))
            }
            None => write!(f, "@{}d", self.0),
        }
    }
}

/// Which day a cookie was seen on, as far as that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum When {
    /// Its line has no time.
    Unknown,
    /// On some day before all that are counted apart: see [`MAX_DAYS`](super::MAX_DAYS).
    Earlier,
    /// On this day.
    Day(Day),
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString as _;

    #[test]
    fn days_are_read_and_written() {
        for text in ["1970-01-01", "2000-02-29", "2026-11-24", "1969-12-31"] {
            assert_eq!(Day::parse(text).unwrap().to_string(), text);
        }
        for text in ["", "2026-11-31", "2026-11-24T", "26-11-24", "2026/11/24", "２026-1-1"] {
            assert_eq!(Day::parse(text), None, "{text}");
        }
        let day = Day::parse("2026-11-24").unwrap();
        assert_eq!(Day::of(day.start().plus_seconds(SECONDS - 1)), day);
        assert_eq!(Day::of(day.start().plus_seconds(-1)), day.plus(-1));
        assert_eq!(day.plus(14).days_after(day), 14);
    }
}
