//! Instants. The library has no clock: now is an argument wherever it matters.

use core::fmt;

use time::{Date, Month};

/// An instant in Unix time, with nanoseconds.
///
/// ```
/// use railjar::Timestamp;
///
/// let at = Timestamp::from_unix_millis(3_786_912_000_123);
/// assert_eq!(at.to_string(), "2090-01-01T00:00:00.123Z");
/// assert_eq!(Timestamp::parse("2090-01-01T05:30:00.123+05:30"), Some(at));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp {
    seconds: i64,
    nanoseconds: u32,
}

const NANOS_PER_SECOND: u32 = 1_000_000_000;
const SECONDS_PER_DAY: i64 = 86_400;
/// The Julian day of 1970-01-01, as the `time` crate counts days.
const UNIX_EPOCH_DAY: i64 = 2_440_588;

impl Timestamp {
    /// From whole seconds since the epoch.
    #[must_use]
    pub const fn from_unix_seconds(seconds: i64) -> Self {
        Self { seconds, nanoseconds: 0 }
    }

    /// From milliseconds since the epoch, as JavaScript's `Date.now()` gives them.
    #[must_use]
    pub const fn from_unix_millis(millis: i64) -> Self {
        #[expect(clippy::cast_possible_truncation, reason = "0..1000")]
        let rest = millis.rem_euclid(1000) as u32;
        Self { seconds: millis.div_euclid(1000), nanoseconds: rest.saturating_mul(1_000_000) }
    }

    /// From seconds since the epoch and the nanoseconds after them, or `None` when those are a
    /// second or more.
    #[must_use]
    pub const fn from_unix(seconds: i64, nanoseconds: u32) -> Option<Self> {
        if nanoseconds < NANOS_PER_SECOND { Some(Self { seconds, nanoseconds }) } else { None }
    }

    /// Whole seconds since the epoch, rounded down.
    #[must_use]
    pub const fn unix_seconds(self) -> i64 {
        self.seconds
    }

    /// The nanoseconds after [`unix_seconds`](Self::unix_seconds), 0 to 999,999,999.
    #[must_use]
    pub const fn subsec_nanos(self) -> u32 {
        self.nanoseconds
    }

    /// This instant and `seconds` more (fewer, when negative); stops at the ends of the range.
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        Self { seconds: self.seconds.saturating_add(seconds), ..self }
    }

    /// Reads an ISO 8601 time as Ruby's `Time.iso8601` does: date, `T`, time, an optional fraction
    /// of any length (digits past the ninth are dropped), and `Z` or an offset.
    ///
    /// `None` for any other text, and where Ruby would need the server's own time zone.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut rest =
            Digits(text.trim_matches([' ', '\t', '\n', '\r', '\x0b', '\x0c']).as_bytes());
        let year = rest.number(4)?;
        rest.literal(b"-")?;
        let month = rest.number(2)?;
        rest.literal(b"-")?;
        let day = rest.number(2)?;
        rest.literal(b"Tt")?;
        let (hour, minute, second) = rest.clock()?;
        let nanoseconds = rest.fraction()?;
        let offset = rest.offset()?;
        let in_range = (hour < 24
            || (hour == 24 && minute == 0 && second == 0 && nanoseconds == 0))
            && minute < 60
            && second <= 60;
        if !in_range || !rest.0.is_empty() {
            return None;
        }
        let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
        let date =
            Date::from_calendar_date(i32::try_from(year).ok()?, month, u8::try_from(day).ok()?);
        let days = i64::from(date.ok()?.to_julian_day()).checked_sub(UNIX_EPOCH_DAY)?;
        let clock =
            hour.checked_mul(60)?.checked_add(minute)?.checked_mul(60)?.checked_add(second)?;
        let seconds = days.checked_mul(SECONDS_PER_DAY)?.checked_add(clock)?.checked_sub(offset)?;
        Some(Self { seconds, nanoseconds })
    }

    /// The text `YYYY-MM-DDTHH:MM:SS.mmmZ`, milliseconds truncated, as `Time#utc.iso8601(3)`
    /// writes it; `None` outside the years 0 to 9999, where that text has another form.
    #[must_use]
    pub fn iso8601(self) -> Option<[u8; 24]> {
        let days = self.seconds.div_euclid(SECONDS_PER_DAY).checked_add(UNIX_EPOCH_DAY)?;
        let date = Date::from_julian_day(i32::try_from(days).ok()?).ok()?;
        let year = u32::try_from(date.year()).ok().filter(|year| *year <= 9999)?;
        let clock = u32::try_from(self.seconds.rem_euclid(SECONDS_PER_DAY)).ok()?;
        let mut text = *b"0000-00-00T00:00:00.000Z";
        let fields = [
            (0, 4, year),
            (5, 2, u32::from(u8::from(date.month()))),
            (8, 2, u32::from(date.day())),
            (11, 2, clock.checked_div(3600)?),
            (14, 2, clock.checked_div(60)?.checked_rem(60)?),
            (17, 2, clock.checked_rem(60)?),
            (20, 3, self.nanoseconds.checked_div(1_000_000)?),
        ];
        for (start, width, number) in fields {
            let mut left = number;
            for place in text.iter_mut().skip(start).take(width).rev() {
                *place = b'0'.wrapping_add(u8::try_from(left.checked_rem(10)?).ok()?);
                left = left.checked_div(10)?;
            }
        }
        Some(text)
    }
}

/// The text of [`iso8601`](Timestamp::iso8601); outside its years, the seconds since the epoch.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.iso8601() {
            Some(text) => {
                text.iter().try_for_each(|byte| fmt::Write::write_char(f, char::from(*byte)))
            }
            None => write!(f, "@{}", self.seconds),
        }
    }
}

/// What is left of the text being read.
struct Digits<'a>(&'a [u8]);

impl Digits<'_> {
    /// Exactly `width` decimal digits.
    fn number(&mut self, width: usize) -> Option<i64> {
        let (digits, rest) = self.0.split_at_checked(width)?;
        self.0 = rest;
        digits.iter().try_fold(0_i64, |number, digit| {
            let digit = digit.is_ascii_digit().then(|| i64::from(digit.wrapping_sub(b'0')))?;
            number.checked_mul(10)?.checked_add(digit)
        })
    }

    /// One of `bytes`.
    fn literal(&mut self, bytes: &[u8]) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        bytes.contains(first).then(|| {
            self.0 = rest;
            *first
        })
    }

    fn clock(&mut self) -> Option<(i64, i64, i64)> {
        let hour = self.number(2)?;
        self.literal(b":")?;
        let minute = self.number(2)?;
        self.literal(b":")?;
        Some((hour, minute, self.number(2)?))
    }

    /// `.` and one or more digits, in nanoseconds; zero when absent.
    fn fraction(&mut self) -> Option<u32> {
        if self.literal(b".").is_none() {
            return Some(0);
        }
        let count = self.0.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        let padded = digits.iter().copied().chain(core::iter::repeat(b'0')).take(9);
        (count > 0).then(|| {
            padded.fold(0_u32, |number, digit| {
                number.wrapping_mul(10).wrapping_add(u32::from(digit.wrapping_sub(b'0')))
            })
        })
    }

    /// `Z`, `+HH:MM`, `+HHMM` or `+HH`, in seconds.
    fn offset(&mut self) -> Option<i64> {
        let sign = match self.literal(b"Zz+-")? {
            b'Z' | b'z' => return Some(0),
            b'+' => 1,
            _ => -1,
        };
        let hours = self.number(2)?;
        let minutes = match self.literal(b":") {
            None if self.0.is_empty() => 0,
            _ => self.number(2)?,
        };
        let in_range = hours < 24 && minutes < 60;
        let seconds = hours.checked_mul(60)?.checked_add(minutes)?.checked_mul(60)?;
        in_range.then(|| seconds.checked_mul(sign)).flatten()
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString as _;

    use super::*;

    #[test]
    fn writes_what_ruby_writes() {
        for (millis, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
            (3_786_912_000_000, "2090-01-01T00:00:00.000Z"),
            (951_782_400_001, "2000-02-29T00:00:00.001Z"),
            (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
        ] {
            let at = Timestamp::from_unix_millis(millis);
            assert_eq!(at.to_string(), text);
            assert_eq!(Timestamp::parse(text), Some(at));
        }
        assert_eq!(
            Timestamp::from_unix(1, 999_999_999).unwrap().to_string(),
            "1970-01-01T00:00:01.999Z"
        );
        assert_eq!(Timestamp::from_unix_seconds(253_402_300_800).iso8601(), None);
        assert_eq!(Timestamp::from_unix_seconds(i64::MAX).to_string(), "@9223372036854775807");
        assert_eq!(Timestamp::from_unix_seconds(i64::MIN).iso8601(), None);
    }

    #[test]
    fn reads_what_ruby_reads() {
        let at = Timestamp::from_unix(3_786_912_000, 0);
        for text in [
            "2090-01-01T00:00:00Z",
            "2090-01-01t00:00:00z",
            " 2090-01-01T00:00:00.0000000000Z\n",
            "2090-01-01T05:30:00+05:30",
            "2089-12-31T19:00:00-0500",
            "2089-12-31T19:00:00-05",
            "2089-12-31T24:00:00Z",
            "2089-12-31T23:59:60Z",
        ] {
            assert_eq!(Timestamp::parse(text), at, "{text:?}");
        }
        for text in [
            "",
            "2090",
            "2090-01-01",
            "2090-13-01T00:00:00Z",
            "2090-02-30T00:00:00Z",
            "2090-01-01T00:00:00",
            "2090-01-01T00:00:00.Z",
            "2090-01-01T25:00:00Z",
            "2090-01-01T00:61:00Z",
            "2090-01-01 00:00:00Z",
            "2090-01-01T00:00:00Zjunk",
            "2090-01-01T00:00:00+5:30",
            "2090-01-01T00:00:00+24:00",
            "２090-01-01T00:00:00Z",
            "4000000000",
        ] {
            assert_eq!(Timestamp::parse(text), None, "{text:?}");
        }
        assert_eq!(
            Timestamp::parse("2090-01-01T00:00:00.1234567899Z"),
            Timestamp::from_unix(3_786_912_000, 123_456_789)
        );
    }
}
