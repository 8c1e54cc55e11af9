//! A length of time as people write it: `"14 days"`, `"2 weeks"`, `"30 min"`, `"90s"`.

use core::fmt;
use core::time::Duration;

use serde::{Deserializer, de};

/// By their seconds, with every name that there is for them. Months and years have their mean
/// length, as in Active Support.
const UNITS: [(u64, &[&str]); 7] = [
    (1, &["s", "sec", "second", "seconds"]),
    (60, &["m", "min", "minute", "minutes"]),
    (3_600, &["h", "hour", "hours"]),
    (86_400, &["d", "day", "days"]),
    (604_800, &["w", "week", "weeks"]),
    (2_629_746, &["month", "months"]),
    (31_556_952, &["y", "year", "years"]),
];

/// A number and its unit.
fn parse(text: &str) -> Option<Duration> {
    let digits = text.find(|char: char| !char.is_ascii_digit())?;
    let (number, unit) = text.split_at_checked(digits)?;
    let unit = unit.trim_matches(' ');
    let (seconds, _) = UNITS.iter().find(|(_, names)| names.contains(&unit))?;
    Some(Duration::from_secs(number.parse::<u64>().ok()?.checked_mul(*seconds)?))
}

pub(super) fn duration<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    struct Text;

    impl de::Visitor<'_> for Text {
        type Value = Duration;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a time with its unit in quotes, as \"14 days\", \"30 min\" or \"90s\"")
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<Duration, E> {
            parse(text).ok_or_else(|| E::invalid_value(de::Unexpected::Str(text), &self))
        }
    }

    deserializer.deserialize_any(Text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_and_its_unit() {
        for (text, seconds) in [
            ("90s", 90),
            ("0 days", 0),
            ("30 min", 1_800),
            ("12h", 43_200),
            ("14 days", 1_209_600),
            ("2 weeks", 1_209_600),
            ("1 month", 2_629_746),
            ("20 years", 631_139_040),
        ] {
            assert_eq!(parse(text), Some(Duration::from_secs(seconds)), "{text}");
        }
        for text in ["", "14", "days", "-1 days", "1.5 h", "1 fortnight", "99999999999999999999 s"]
        {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
