//! Equality and order of values.
//!
//! Both are of what is written, so that a round trip is compared exactly; the order exists for the
//! index of large hashes.

use core::cmp::Ordering;

use crate::value::Value;

/// One arm for each variant: its place in the order, and how two of it compare.
macro_rules! variants {
    ($($variant:ident($place:literal)),* $(,)?) => {
        impl Value {
            /// The place of the variant in the order.
            fn rank(&self) -> u8 {
                match self {
                    Self::Nil => 0,
                    Self::Float(_) => 3,
                    $(Self::$variant(_) => $place,)*
                }
            }
        }

        impl Ord for Value {
            fn cmp(&self, other: &Self) -> Ordering {
                match (self, other) {
                    (Self::Float(a), Self::Float(b)) => one_nan(*a).total_cmp(&one_nan(*b)),
                    $((Self::$variant(a), Self::$variant(b)) => a.cmp(b),)*
                    _ => self.rank().cmp(&other.rank()),
                }
            }
        }
    };
}

variants!(
    Bool(1),
    Integer(2),
    String(4),
    Symbol(5),
    Array(6),
    Hash(7),
    Time(8),
    TimeWithZone(9),
    Date(10),
    DateTime(11),
    BigDecimal(12),
    Rational(13),
    Complex(14),
    Range(15),
    Regexp(16),
    Set(17),
    Module(18),
    Duration(19),
    Pathname(20),
    Uri(21),
    IpAddr(22),
    TimeZone(23),
    Object(24),
    Decorated(25),
    Shared(26),
    Link(27),
);

impl PartialOrd for Value {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            // What keys are compared by: most differ in their length already.
            (Self::String(a), Self::String(b)) => a == b,
            (Self::Symbol(a), Self::Symbol(b)) => a == b,
            _ => self.cmp(other) == Ordering::Equal,
        }
    }
}

impl Eq for Value {}

/// The same float with its sign, but one NaN for all of them: no text tells them apart.
fn one_nan(float: f64) -> f64 {
    if float.is_nan() { f64::NAN } else { float }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_are_equal_when_they_are_written_alike() {
        assert_eq!(Value::Float(f64::NAN), Value::Float(-f64::NAN));
        assert_ne!(Value::Float(0.0), Value::Float(-0.0));
        assert_ne!(Value::from(1), Value::Float(1.0));
        assert!(Value::Float(-1.0) < Value::Float(1.0));
    }
}
