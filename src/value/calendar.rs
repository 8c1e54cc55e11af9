//! The calendar: days to years, months and days, as Ruby's `Time` and `Date` count them.
#![allow(clippy::arithmetic_side_effects, reason = "every input is below 2^56, see `LIMIT`")]

/// The years, months and days of one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Civil {
    pub(crate) year: i64,
    pub(crate) month: i64,
    pub(crate) day: i64,
}

/// The Julian day of 1970-01-01.
pub(crate) const UNIX_EPOCH: i64 = 2_440_588;
pub(crate) const SECONDS_PER_DAY: i64 = 86_400;
/// The first day of the Gregorian calendar in Italy, Ruby's `Date::ITALY`.
pub(crate) const REFORM: i64 = 2_299_161;
const LIMIT: i64 = 1 << 56;

pub(crate) const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
pub(crate) const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

impl Civil {
    /// The day with this Julian day number in the Gregorian calendar, also before there was one.
    pub(crate) fn gregorian(day: i64) -> Self {
        let shifted = day.clamp(-LIMIT, LIMIT) + 32_044;
        let century = (4 * shifted + 3).div_euclid(146_097);
        let rest = shifted - (146_097 * century).div_euclid(4);
        Self::of_shifted(rest, 100 * century)
    }

    /// The same in Ruby's `Date`, which is Julian before the reform.
    pub(crate) fn of_date(day: i64) -> Self {
        if day >= REFORM {
            return Self::gregorian(day);
        }
        Self::of_shifted(day.clamp(-LIMIT, LIMIT) + 32_082, 0)
    }

    /// `days` since a first of March, in Julian years from `years` - 4800.
    fn of_shifted(days: i64, years: i64) -> Self {
        let year = (4 * days + 3).div_euclid(1461);
        let day_of_year = days - (1461 * year).div_euclid(4);
        let month = (5 * day_of_year + 2).div_euclid(153);
        Self {
            year: years + year - 4800 + month.div_euclid(10),
            month: month + 3 - 12 * month.div_euclid(10),
            day: day_of_year - (153 * month + 2).div_euclid(5) + 1,
        }
    }

    /// The Julian day number of a Gregorian day.
    pub(crate) fn to_day(self) -> i64 {
        let before_march = (14 - self.month).div_euclid(12);
        let year = self.year.clamp(-LIMIT / 400, LIMIT / 400) + 4800 - before_march;
        let month = self.month + 12 * before_march - 3;
        let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
        self.day + (153 * month + 2).div_euclid(5) + 365 * year + leap_days - 32_045
    }
}

/// Hours, minutes and seconds of a second of the day.
pub(crate) fn clock(second: i64) -> (i64, i64, i64) {
    (second / 3600, second / 60 % 60, second % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_ruby() {
        // `Date.new(…).jd`
        let cases = [
            (2_461_100, 2026, 2, 28),
            (UNIX_EPOCH, 1970, 1, 1),
            (REFORM, 1582, 10, 15),
            (REFORM - 1, 1582, 10, 4),
            (2_268_933, 1500, 1, 1),
            (0, -4712, 1, 1),
        ];
        for (jd, year, month, day) in cases {
            assert_eq!(Civil::of_date(jd), Civil { year, month, day });
        }
        for jd in (-2_000_000..6_000_000).step_by(997) {
            assert_eq!(Civil::gregorian(jd).to_day(), jd);
        }
        assert_eq!(clock(86_399), (23, 59, 59));
    }
}
