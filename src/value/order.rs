//! Equality and order of values.
//!
//! Both are of what is written, so that a round trip is compared exactly; the order exists for the
//! index of large hashes.

use core::cmp::Ordering;

use crate::value::Value;

impl Value {
    /// The place of the variant in the order.
    fn rank(&self) -> u8 {
        match self {
            Self::Nil => 0,
            Self::Bool(_) => 1,
            Self::Integer(_) => 2,
            Self::Float(_) => 3,
            Self::String(_) => 4,
            Self::Array(_) => 5,
            Self::Hash(_) => 6,
        }
    }
}

impl Ord for Value {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Bool(a), Self::Bool(b)) => a.cmp(b),
            (Self::Integer(a), Self::Integer(b)) => a.cmp(b),
            (Self::Float(a), Self::Float(b)) => one_nan(*a).total_cmp(&one_nan(*b)),
            (Self::String(a), Self::String(b)) => a.cmp(b),
            (Self::Array(a), Self::Array(b)) => a.cmp(b),
            (Self::Hash(a), Self::Hash(b)) => a.cmp(b),
            _ => self.rank().cmp(&other.rank()),
        }
    }
}

impl PartialOrd for Value {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
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
