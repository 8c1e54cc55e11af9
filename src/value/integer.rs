//! Integers of any size.
//!
//! What does not fit 64 bits stays decimal text, as JSON and `inspect` need it: it is never
//! converted, so its cost is linear in its digits.

mod limbs;

use alloc::boxed::Box;
use alloc::string::{String, ToString as _};
use core::cmp::Ordering;
use core::fmt;
use core::str::FromStr;

use serde::ser::{Serialize, Serializer};

/// The name of the newtype struct in which an [`Integer`] over 64 bits goes through serde. This
/// crate's own writers know it and write a number; every other serializer sees its text.
pub(crate) const INTEGER_TOKEN: &str = "$railjar::value::Integer";

/// A Ruby `Integer`.
///
/// ```
/// use railjar::value::Integer;
///
/// let big: Integer = "1180591620717411303424".parse()?;
/// assert_eq!(big.to_string(), "1180591620717411303424");
/// assert_eq!(big.to_i64(), None);
/// assert_eq!("-42".parse::<Integer>()?, Integer::from(-42_i64));
/// # Ok::<(), railjar::value::ParseIntegerError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Integer(Repr);

/// Canonical: `Big` is used only for what `Small` cannot hold, without leading zeros.
#[derive(Clone, PartialEq, Eq)]
enum Repr {
    Small(i64),
    Big(Box<str>),
}

/// The text is not a decimal integer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseIntegerError;

impl Integer {
    /// The integer, if it fits 64 bits with a sign.
    #[must_use]
    pub fn to_i64(&self) -> Option<i64> {
        match &self.0 {
            Repr::Small(value) => Some(*value),
            Repr::Big(_) => None,
        }
    }

    /// The integer, if it fits 64 bits without a sign.
    #[must_use]
    pub fn to_u64(&self) -> Option<u64> {
        match &self.0 {
            Repr::Small(value) => u64::try_from(*value).ok(),
            Repr::Big(text) => text.parse().ok(),
        }
    }

    /// The integer, if it fits 128 bits with a sign.
    #[must_use]
    pub fn to_i128(&self) -> Option<i128> {
        match &self.0 {
            Repr::Small(value) => Some(i128::from(*value)),
            Repr::Big(text) => text.parse().ok(),
        }
    }
}

impl FromStr for Integer {
    type Err = ParseIntegerError;

    /// Reads an optional `-` and decimal digits; leading zeros count for nothing.
    fn from_str(text: &str) -> Result<Self, ParseIntegerError> {
        let (sign, digits) = match text.strip_prefix('-') {
            Some(digits) => ("-", digits),
            None => ("", text),
        };
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(ParseIntegerError);
        }
        let significant = digits.trim_start_matches('0');
        if significant.is_empty() {
            return Ok(Self(Repr::Small(0)));
        }
        // 20 bytes hold every 64-bit integer; a longer text need not be tried.
        if significant.len() < 20
            && let Ok(value) = text.parse()
        {
            return Ok(Self(Repr::Small(value)));
        }
        let canonical = if significant.len() == digits.len() {
            Box::from(text)
        } else {
            String::from_iter([sign, significant]).into_boxed_str()
        };
        Ok(Self(Repr::Big(canonical)))
    }
}

impl From<i64> for Integer {
    fn from(value: i64) -> Self {
        Self(Repr::Small(value))
    }
}

impl From<u64> for Integer {
    fn from(value: u64) -> Self {
        match i64::try_from(value) {
            Ok(small) => Self(Repr::Small(small)),
            Err(_) => Self(Repr::Big(value.to_string().into_boxed_str())),
        }
    }
}

impl From<i128> for Integer {
    fn from(value: i128) -> Self {
        match i64::try_from(value) {
            Ok(small) => Self(Repr::Small(small)),
            Err(_) => Self(Repr::Big(value.to_string().into_boxed_str())),
        }
    }
}

impl From<u128> for Integer {
    fn from(value: u128) -> Self {
        match i64::try_from(value) {
            Ok(small) => Self(Repr::Small(small)),
            Err(_) => Self(Repr::Big(value.to_string().into_boxed_str())),
        }
    }
}

impl Ord for Integer {
    fn cmp(&self, other: &Self) -> Ordering {
        match (&self.0, &other.0) {
            (Repr::Small(a), Repr::Small(b)) => a.cmp(b),
            (Repr::Small(_), Repr::Big(big)) => beyond(big).reverse(),
            (Repr::Big(big), Repr::Small(_)) => beyond(big),
            (Repr::Big(a), Repr::Big(b)) => match (a.strip_prefix('-'), b.strip_prefix('-')) {
                (None, None) => magnitude(a, b),
                (Some(a), Some(b)) => magnitude(b, a),
                (None, Some(_)) => Ordering::Greater,
                (Some(_), None) => Ordering::Less,
            },
        }
    }
}

impl PartialOrd for Integer {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// How a big integer compares with any that fits 64 bits.
fn beyond(big: &str) -> Ordering {
    if big.starts_with('-') { Ordering::Less } else { Ordering::Greater }
}

/// Compares digits without leading zeros.
fn magnitude(a: &str, b: &str) -> Ordering {
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

impl fmt::Display for Integer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Small(value) => value.fmt(f),
            Repr::Big(text) => f.write_str(text),
        }
    }
}

impl fmt::Debug for Integer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for ParseIntegerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a decimal integer")
    }
}

impl core::error::Error for ParseIntegerError {}

impl Serialize for Integer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Repr::Small(value) => serializer.serialize_i64(*value),
            Repr::Big(text) => match self.to_u64() {
                Some(value) => serializer.serialize_u64(value),
                None => serializer.serialize_newtype_struct(INTEGER_TOKEN, text),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    fn integer(text: &str) -> Integer {
        text.parse().unwrap()
    }

    #[test]
    fn one_number_has_one_form() {
        assert_eq!(integer("-0"), Integer::from(0_i64));
        assert_eq!(integer("007"), Integer::from(7_i64));
        assert_eq!(integer("9223372036854775807"), Integer::from(i64::MAX));
        assert_eq!(integer("-9223372036854775808"), Integer::from(i64::MIN));
        assert_eq!(integer("18446744073709551615"), Integer::from(u64::MAX));
        assert_eq!(integer("-00018446744073709551615"), integer("-18446744073709551615"));
        assert_eq!(integer(&i128::MIN.to_string()), Integer::from(i128::MIN));
        assert_eq!(integer(&u128::MAX.to_string()), Integer::from(u128::MAX));
        assert_eq!(Integer::from(u128::from(7_u8)), Integer::from(7_i64));
    }

    #[test]
    fn only_decimal_digits_are_read() {
        for text in ["", "-", "+1", "1.0", "1e5", " 1", "1_000", "--1", "0x1", "١"] {
            assert_eq!(text.parse::<Integer>(), Err(ParseIntegerError), "{text}");
        }
    }

    #[test]
    fn integers_are_ordered_by_size() {
        let sorted = [
            "-1180591620717411303424",
            "-18446744073709551616",
            "-9223372036854775808",
            "-1",
            "0",
            "9223372036854775807",
            "9223372036854775808",
            "18446744073709551616",
            "1180591620717411303424",
        ];
        let mut integers: alloc::vec::Vec<Integer> =
            sorted.iter().rev().map(|t| integer(t)).collect();
        integers.sort();
        assert!(integers.iter().map(ToString::to_string).eq(sorted));
    }

    #[test]
    fn other_widths_are_given_only_when_they_fit() {
        assert_eq!(Integer::from(u64::MAX).to_u64(), Some(u64::MAX));
        assert_eq!(Integer::from(u64::MAX).to_i64(), None);
        assert_eq!(Integer::from(-1_i64).to_u64(), None);
        assert_eq!(Integer::from(i128::MAX).to_i128(), Some(i128::MAX));
        assert_eq!(Integer::from(u128::MAX).to_i128(), None);
    }
}
