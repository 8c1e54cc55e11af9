//! Durations and sizes as people write them: `"10s"`, `"250ms"`, `"64KB"`, `"1GB"`.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Deserializer, de};

/// A length of time: a number with `ms`, `s`, `m` or `h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Time(pub(crate) Duration);

/// A number of bytes: a number, or one with `KB`, `MB` or `GB` (of 1024).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size(pub(crate) u64);

impl Time {
    pub(crate) const fn seconds(seconds: u64) -> Self {
        Self(Duration::from_secs(seconds))
    }

    fn parse(text: &str) -> Option<Self> {
        let (number, unit) = split(text)?;
        let milliseconds: u64 = match unit {
            "ms" => 1,
            "s" => 1000,
            "m" => 60_000,
            "h" => 3_600_000,
            _ => return None,
        };
        Some(Self(Duration::from_millis(number.checked_mul(milliseconds)?)))
    }
}

impl Size {
    pub(crate) const fn kilobytes(kilobytes: u32) -> Self {
        Self((kilobytes as u64) << 10)
    }

    /// As the libraries want it.
    pub(crate) fn as_usize(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }

    fn parse(text: &str) -> Option<Self> {
        let (number, unit) = split(text)?;
        let bytes: u64 = match unit {
            "B" | "" => 1,
            "KB" => 1 << 10,
            "MB" => 1 << 20,
            "GB" => 1 << 30,
            _ => return None,
        };
        number.checked_mul(bytes).map(Self)
    }
}

fn split(text: &str) -> Option<(u64, &str)> {
    let end = text.find(|character: char| !character.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(end)?;
    Some((number.parse().ok()?, unit.trim()))
}

struct Units<T> {
    parse: fn(&str) -> Option<T>,
    number: fn(u64) -> Option<T>,
    shape: &'static str,
}

impl<T> de::Visitor<'_> for Units<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.shape)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        (self.parse)(text).ok_or_else(|| E::invalid_value(de::Unexpected::Str(text), &self))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<T, E> {
        let parsed = u64::try_from(number).ok().and_then(self.number);
        parsed.ok_or_else(|| E::invalid_value(de::Unexpected::Signed(number), &self))
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let shape = "a time with its unit, as \"250ms\", \"10s\", \"5m\" or \"1h\"";
        deserializer.deserialize_any(Units { parse: Self::parse, number: |_| None, shape })
    }
}

impl<'de> Deserialize<'de> for Size {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let shape = "a number of bytes, or one with its unit, as \"64KB\", \"10MB\" or \"1GB\"";
        let number = |bytes| Some(Self(bytes));
        deserializer.deserialize_any(Units { parse: Self::parse, number, shape })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may")]
    use super::*;

    #[test]
    fn units() {
        assert_eq!(Time::parse("250ms").unwrap().0, Duration::from_millis(250));
        assert_eq!(Time::parse("2 m").unwrap().0, Duration::from_mins(2));
        assert_eq!(Size::parse("64KB"), Some(Size(65_536)));
        for wrong in ["", "s", "10", "-1s", "1.5s", "99999999999999999h", "1d"] {
            assert_eq!(Time::parse(wrong), None, "{wrong}");
        }
        for wrong in ["", "KB", "1kb", "99999999999GB"] {
            assert_eq!(Size::parse(wrong), None, "{wrong}");
        }
    }
}
