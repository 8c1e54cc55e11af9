//! Ruby's `Date` and `DateTime`.

use alloc::string::String;
use core::fmt::{self, Debug, Display, Formatter};

use crate::value::Rational;
use crate::value::calendar::{Civil, MONTHS, SECONDS_PER_DAY, WEEKDAYS, clock};
use crate::value::time::Offset;

/// A Ruby `Date`, with the calendar reform where Ruby has it by default (Italy, 1582).
///
/// ```
/// use railjar::value::Date;
///
/// assert_eq!(Date::from_julian_day(2_461_100).iso8601(), "2026-02-28");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    julian_day: i64,
}

impl Date {
    /// The day with this number, `Date#jd`.
    #[must_use]
    pub fn from_julian_day(julian_day: i64) -> Self {
        Self { julian_day }
    }

    /// Its number, `Date#jd`.
    #[must_use]
    pub fn julian_day(self) -> i64 {
        self.julian_day
    }

    /// `2026-02-28`.
    #[must_use]
    pub fn iso8601(self) -> String {
        alloc::format!("{}", Civil::of_date(self.julian_day))
    }
}

impl Display for Civil {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let sign = if self.year < 0 { "-" } else { "" };
        let year = self.year.unsigned_abs();
        write!(f, "{sign}{year:04}-{:02}-{:02}", self.month, self.day)
    }
}

/// As Active Support's `inspect`: `Sat, 28 Feb 2026`.
impl Display for Date {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Civil { year, month, day } = Civil::of_date(self.julian_day);
        let name = |names: &[&'static str], place: i64| {
            usize::try_from(place).ok().and_then(|place| names.get(place).copied())
        };
        let weekday = name(&WEEKDAYS, self.julian_day.rem_euclid(7)).unwrap_or_default();
        let month = name(&MONTHS, month.saturating_sub(1)).unwrap_or_default();
        let sign = if year < 0 { "-" } else { "" };
        write!(f, "{weekday}, {day:02} {month} {sign}{:04}", year.unsigned_abs())
    }
}

impl Debug for Date {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Display::fmt(self, f)
    }
}

/// A Ruby `DateTime`: a day and a time of the day in UTC, and an offset.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DateTime {
    julian_day: i64,
    second: u32,
    nanoseconds: Rational,
    utc_offset: i32,
}

impl DateTime {
    /// The day's number and the second in it, both in UTC; nanoseconds with all that is below; and
    /// seconds east of Greenwich. `None` for a second of 86,400 or more.
    #[must_use]
    pub fn new(
        julian_day: i64,
        second: u32,
        nanoseconds: Rational,
        utc_offset: i32,
    ) -> Option<Self> {
        let all = Self { julian_day, second, nanoseconds, utc_offset };
        (i64::from(second) < SECONDS_PER_DAY).then_some(all)
    }

    /// The number of its day in UTC.
    #[must_use]
    pub fn julian_day(&self) -> i64 {
        self.julian_day
    }

    /// The second of that day, 0 to 86,399.
    #[must_use]
    pub fn second(&self) -> u32 {
        self.second
    }

    /// The nanoseconds after it.
    #[must_use]
    pub fn nanoseconds(&self) -> &Rational {
        &self.nanoseconds
    }

    /// Seconds east of Greenwich.
    #[must_use]
    pub fn utc_offset(&self) -> i32 {
        self.utc_offset
    }

    /// The day and the second as the clock there shows them.
    #[must_use]
    pub fn local(&self) -> (Date, u32) {
        let second = i64::from(self.second).saturating_add(i64::from(self.utc_offset));
        let day = self.julian_day.saturating_add(second.div_euclid(SECONDS_PER_DAY));
        let second = u32::try_from(second.rem_euclid(SECONDS_PER_DAY)).unwrap_or_default();
        (Date::from_julian_day(day), second)
    }

    /// `xmlschema(digits)`, always with an offset in numbers.
    #[must_use]
    pub fn xmlschema(&self, digits: usize) -> String {
        let (date, second) = self.local();
        let (hour, minute, second) = clock(i64::from(second));
        let date = date.iso8601();
        let offset = Offset(self.utc_offset, ":");
        if digits == 0 {
            return alloc::format!("{date}T{hour:02}:{minute:02}:{second:02}{offset}");
        }
        let parts = self.nanoseconds.parts();
        let whole = parts.and_then(|(above, below)| above.checked_div(below)).unwrap_or_default();
        let fraction = alloc::format!("{whole:09}");
        let fraction = fraction.get(..digits).unwrap_or(&fraction);
        alloc::format!("{date}T{hour:02}:{minute:02}:{second:02}.{fraction}{offset}")
    }
}

/// As Active Support's `inspect`: `Sat, 28 Feb 2026 01:02:03 +0900`.
impl Display for DateTime {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (date, second) = self.local();
        let (hour, minute, second) = clock(i64::from(second));
        write!(f, "{date} {hour:02}:{minute:02}:{second:02} {}", Offset(self.utc_offset, ""))
    }
}

impl Debug for DateTime {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Display::fmt(self, f)
    }
}
