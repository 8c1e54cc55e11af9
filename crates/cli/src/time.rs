//! Times as people give and read them.

use std::time::Duration;

use railjar::Timestamp;

use crate::clock;
use crate::error::{Error, Status};

/// The `--now` of a command: the system's clock if it is absent.
pub(crate) fn now(argument: Option<&str>) -> Result<Timestamp, Error> {
    argument.map_or_else(|| Ok(clock::now()), |text| instant("--now", text))
}

/// A time in ISO 8601.
pub(crate) fn instant(flag: &str, text: &str) -> Result<Timestamp, Error> {
    Timestamp::parse(text).ok_or_else(|| {
        Error::new(format!("{flag} is not an ISO 8601 time"))
            .status(Status::Usage)
            .hint(format!("{flag} 2030-01-31T12:00:00Z"))
    })
}

/// A number of seconds, or of another unit with its letter.
pub(crate) fn duration(text: &str) -> Result<i64, Error> {
    let (number, unit) = match text.char_indices().next_back() {
        Some((at, 'a'..='z')) => text.split_at(at),
        _ => (text, "s"),
    };
    let unit = UNITS.iter().find(|(_, letter, _)| *letter == unit).map(|(_, _, seconds)| *seconds);
    let seconds = unit.and_then(|unit| number.parse::<i64>().ok()?.checked_mul(unit));
    seconds.ok_or_else(|| {
        Error::new("--expires-in is not a duration")
            .status(Status::Usage)
            .hint("--expires-in 90s, 15m, 2h, 30d or 1w")
    })
}

/// The units of time, longest first. A year is the mean one.
const UNITS: [(&str, &str, i64); 6] = [
    ("year", "y", 31_556_952),
    ("week", "w", 604_800),
    ("day", "d", 86_400),
    ("hour", "h", 3_600),
    ("minute", "m", 60),
    ("second", "s", 1),
];

/// `2030-01-31 12:00:00 UTC`.
pub(crate) fn absolute(at: Timestamp) -> String {
    let text = at.to_string().replace('T', " ");
    match text.strip_suffix(".000Z").or_else(|| text.strip_suffix('Z')) {
        Some(text) => format!("{text} UTC"),
        None => text,
    }
}

/// `in 3 days`, `2 hours ago`.
pub(crate) fn relative(at: Timestamp, now: Timestamp) -> String {
    let seconds = at.unix_seconds().saturating_sub(now.unix_seconds());
    let distance = seconds.saturating_abs();
    // Weeks are for --expires-in.
    let unit = UNITS.iter().filter(|(name, ..)| *name != "week");
    let unit = unit.clone().find(|(_, _, unit)| distance >= unit.saturating_mul(2));
    let text = match unit {
        Some((name, _, unit)) => format!("{} {name}s", distance.checked_div(*unit).unwrap_or(0)),
        None => format!("{distance} s"),
    };
    if seconds < 0 { format!("{text} ago") } else { format!("in {text}") }
}

/// A length of time, in the largest unit that leaves nothing over: `14 days`, `90 seconds`.
pub(crate) fn length(time: Duration) -> String {
    let seconds = time.as_secs();
    let units = [("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1)];
    let fits = |(_, unit): &(&str, u64)| seconds.checked_rem(*unit) == Some(0);
    let (name, unit) = units.into_iter().find(fits).unwrap_or(("second", 1));
    let count = seconds.checked_div(unit).unwrap_or(seconds);
    format!("{count} {name}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix_seconds(seconds)
    }

    #[test]
    fn distances_are_told_in_the_largest_unit_that_fits_twice() {
        for (seconds, text) in [
            (0, "in 0 s"),
            (1, "in 1 s"),
            (-30, "30 seconds ago"),
            (119, "in 119 seconds"),
            (7_200, "in 2 hours"),
            (-86_400, "24 hours ago"),
            (86_400 * 14, "in 14 days"),
            (2_000_000_000, "in 63 years"),
        ] {
            assert_eq!(relative(at(1_000 + seconds), at(1_000)), text);
        }
    }

    #[test]
    fn durations_have_a_unit_or_are_seconds() {
        for (text, seconds) in [("90", 90), ("90s", 90), ("2h", 7_200), ("30d", 2_592_000)] {
            assert_eq!(duration(text).unwrap(), seconds);
        }
        for text in ["", "h", "1x", "1.5h", "9223372036854775807d"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn lengths_leave_nothing_over() {
        for (seconds, text) in
            [(90, "90 seconds"), (3_600, "1 hour"), (1_209_600, "14 days"), (0, "0 days")]
        {
            assert_eq!(length(Duration::from_secs(seconds)), text);
        }
    }

    #[test]
    fn a_time_is_shown_without_its_letters() {
        assert_eq!(absolute(at(1_893_456_000)), "2030-01-01 00:00:00 UTC");
        assert_eq!(absolute(Timestamp::from_unix_millis(1)), "1970-01-01 00:00:00.001 UTC");
    }
}
