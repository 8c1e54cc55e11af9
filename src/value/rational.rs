//! Ruby's fractions.

use core::fmt::{self, Debug, Display, Formatter};

use crate::value::Integer;

/// A Ruby `Rational`, as it stands: nothing is reduced.
///
/// ```
/// use railjar::value::Rational;
///
/// assert_eq!(Rational::new(3_i64, 4_i64).unwrap().to_string(), "(3/4)");
/// assert!(Rational::new(3_i64, 0_i64).is_none());
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rational {
    numerator: Integer,
    denominator: Integer,
}

impl Rational {
    /// `None` unless the denominator is at least 1, as Ruby keeps it.
    #[must_use]
    pub fn new(numerator: impl Into<Integer>, denominator: impl Into<Integer>) -> Option<Self> {
        let denominator = denominator.into();
        let positive = denominator > Integer::from(0_i64);
        positive.then(|| Self { numerator: numerator.into(), denominator })
    }

    /// The number above the line.
    #[must_use]
    pub fn numerator(&self) -> &Integer {
        &self.numerator
    }

    /// The number below the line.
    #[must_use]
    pub fn denominator(&self) -> &Integer {
        &self.denominator
    }

    /// Both, if they fit.
    pub(crate) fn parts(&self) -> Option<(i128, i128)> {
        Some((self.numerator.to_i128()?, self.denominator.to_i128()?))
    }

    /// `numerator / denominator` in lowest terms; `None` unless the denominator is at least 1.
    pub(crate) fn reduced(numerator: i128, denominator: i128) -> Option<Self> {
        let (mut a, mut b) = (numerator.unsigned_abs(), denominator.unsigned_abs());
        while b != 0 {
            (a, b) = (b, a.checked_rem(b)?);
        }
        let divisor = i128::try_from(a).ok()?;
        Self::new(numerator.checked_div(divisor)?, denominator.checked_div(divisor)?)
    }
}

impl From<Integer> for Rational {
    fn from(numerator: Integer) -> Self {
        Self { numerator, denominator: Integer::from(1_i64) }
    }
}

/// `inspect`: `(3/4)`.
impl Display for Rational {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "({}/{})", self.numerator, self.denominator)
    }
}

impl Debug for Rational {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Display::fmt(self, f)
    }
}
