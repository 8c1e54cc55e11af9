//! Ruby's decimal numbers of any size.
//!
//! As with integers, the digits stay text: nothing here calculates.

use alloc::boxed::Box;
use alloc::string::{String, ToString as _};
use core::cmp::Ordering;
use core::fmt::{self, Debug, Display, Formatter};
use core::str::FromStr;

/// A Ruby `BigDecimal`, as the text that its `_dump` gives: `18:0.12345e3`.
///
/// The number before the colon is a precision that depends on the digits and on the version of the
/// gem. It is kept, since Marshal writes it, and counts for nothing else.
///
/// ```
/// use railjar::value::BigDecimal;
///
/// let price: BigDecimal = "18:0.12345e3".parse()?;
/// assert_eq!(price.to_string(), "0.12345e3");
/// assert_eq!(price.to_plain().unwrap(), "123.45");
/// assert_eq!("123.45".parse::<BigDecimal>()?, price);
/// # Ok::<(), railjar::value::ParseBigDecimalError>(())
/// ```
#[derive(Clone)]
pub struct BigDecimal {
    /// `18`.
    precision: Box<str>,
    /// As `to_s` without an argument gives it: `0.12345e3`, `-0.0`, `NaN`, `-Infinity`.
    digits: Box<str>,
}

/// The text is not a decimal number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseBigDecimalError;

/// The parts of a finite decimal other than zero: `-0.DIGITSe EXPONENT`.
struct Parts<'a> {
    negative: bool,
    digits: &'a str,
    exponent: i64,
}

/// Text longer than this is not written out in [`BigDecimal::to_plain`].
const LONGEST_PLAIN: usize = 4096;

impl BigDecimal {
    /// `to_s("F")`, without an exponent, as Active Support writes it in JSON. `None` for NaN and
    /// the infinities, and where it would be longer than 4096 characters.
    #[must_use]
    pub fn to_plain(&self) -> Option<String> {
        if self.digits.ends_with("0.0") {
            return Some(self.digits.to_string());
        }
        let Parts { negative, digits, exponent } = self.parts()?;
        let point = usize::try_from(exponent.unsigned_abs()).ok()?;
        if point > LONGEST_PLAIN {
            return None;
        }
        let mut out = String::from(if negative { "-" } else { "" });
        if exponent <= 0 {
            out.push_str("0.");
            out.extend(core::iter::repeat_n('0', point));
            out.push_str(digits);
        } else if let Some((whole, fraction)) = digits.split_at_checked(point) {
            out.push_str(whole);
            out.push('.');
            out.push_str(if fraction.is_empty() { "0" } else { fraction });
        } else {
            out.push_str(digits);
            out.extend(core::iter::repeat_n('0', point.saturating_sub(digits.len())));
            out.push_str(".0");
        }
        Some(out)
    }

    /// Whether it is neither NaN nor an infinity.
    #[must_use]
    pub fn is_finite(&self) -> bool {
        !self.digits.ends_with(['N', 'y'])
    }

    /// The text of `_dump`: the precision, a colon, and the digits.
    #[must_use]
    pub fn dump(&self) -> String {
        [&*self.precision, ":", &*self.digits].concat()
    }

    fn parts(&self) -> Option<Parts<'_>> {
        let (negative, digits) = match self.digits.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, &*self.digits),
        };
        let (digits, exponent) = digits.strip_prefix("0.")?.split_once('e')?;
        Some(Parts { negative, digits, exponent: exponent.parse().ok()? })
    }
}

impl FromStr for BigDecimal {
    type Err = ParseBigDecimalError;

    /// Reads what `_dump` gives, or the digits alone: `123.45`, `-1e30`, `NaN`, `Infinity`.
    fn from_str(text: &str) -> Result<Self, ParseBigDecimalError> {
        let (precision, number) = match text.split_once(':') {
            Some((precision, number)) => (Some(precision), number),
            None => (None, text),
        };
        let digits = canonical(number).ok_or(ParseBigDecimalError)?;
        let precision = match precision {
            Some(known) if !known.is_empty() && known.bytes().all(|byte| byte.is_ascii_digit()) => {
                Box::from(known)
            }
            Some(_) => return Err(ParseBigDecimalError),
            None => precision_of(number).to_string().into_boxed_str(),
        };
        Ok(Self { precision, digits })
    }
}

/// Ruby's precision of a number that it reads from this text: nine for each word of nine digits,
/// and nine more.
fn precision_of(number: &str) -> usize {
    let mantissa = number.split(['e', 'E']).next().unwrap_or_default();
    let digits = mantissa.bytes().filter(u8::is_ascii_digit).count();
    digits.div_ceil(9).saturating_add(1).saturating_mul(9)
}

/// The number as Ruby's `to_s` has it.
fn canonical(number: &str) -> Option<Box<str>> {
    if matches!(number, "NaN" | "Infinity" | "-Infinity") {
        return Some(Box::from(number));
    }
    let (sign, unsigned) = match number.strip_prefix('-') {
        Some(unsigned) => ("-", unsigned),
        None => ("", number),
    };
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
        None => (unsigned, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = [whole, fraction].concat();
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let significant = digits.trim_start_matches('0');
    if significant.is_empty() {
        return Some([sign, "0.0"].concat().into_boxed_str());
    }
    let leading = digits.len().checked_sub(significant.len())?;
    let exponent = exponent
        .checked_add(i64::try_from(whole.len()).ok()?)?
        .checked_sub(i64::try_from(leading).ok()?)?;
    let exponent = exponent.to_string();
    let digits = significant.trim_end_matches('0');
    Some([sign, "0.", digits, "e", &exponent].concat().into_boxed_str())
}

impl Ord for BigDecimal {
    fn cmp(&self, other: &Self) -> Ordering {
        self.digits.cmp(&other.digits)
    }
}

impl PartialOrd for BigDecimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for BigDecimal {
    fn eq(&self, other: &Self) -> bool {
        self.digits == other.digits
    }
}

impl Eq for BigDecimal {}

/// `inspect`: `0.12345e3`.
impl Display for BigDecimal {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.digits)
    }
}

impl Debug for BigDecimal {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Display::fmt(self, f)
    }
}

impl Display for ParseBigDecimalError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("not a decimal number")
    }
}

impl core::error::Error for ParseBigDecimalError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_those_of_ruby() {
        // `_dump` and `to_s("F")` of bigdecimal 3.1.
        let cases = [
            ("0", "18:0.0", "0.0"),
            ("-0", "18:-0.0", "-0.0"),
            ("1.50", "18:0.15e1", "1.5"),
            ("123456789", "18:0.123456789e9", "123456789.0"),
            ("1234567890", "27:0.123456789e10", "1234567890.0"),
            ("1234567890123456789", "36:0.1234567890123456789e19", "1234567890123456789.0"),
            ("1e-5", "18:0.1e-4", "0.00001"),
            ("0.000000001", "27:0.1e-8", "0.000000001"),
            ("1000000000.0000000001", "36:0.10000000000000000001e10", "1000000000.0000000001"),
            ("-1E+3", "18:-0.1e4", "-1000.0"),
        ];
        for (text, dump, plain) in cases {
            let number: BigDecimal = text.parse().unwrap();
            assert_eq!((number.dump().as_str(), number.to_plain().as_deref()), (dump, Some(plain)));
            assert_eq!(dump.parse::<BigDecimal>(), Ok(number));
        }
        for (text, dump) in [("NaN", "9:NaN"), ("-Infinity", "9:-Infinity")] {
            let number: BigDecimal = text.parse().unwrap();
            assert_eq!((number.dump().as_str(), number.to_plain()), (dump, None));
            assert!(!number.is_finite());
        }
        let long = "1e100000".parse::<BigDecimal>().unwrap();
        assert_eq!((long.to_plain(), long.is_finite()), (None, true));
        for text in ["", "-", ".", "x", "1:", ":", "1e", "1.2.3", "x:1", "1e99999999999999999999"] {
            assert_eq!(text.parse::<BigDecimal>(), Err(ParseBigDecimalError), "{text}");
        }
    }
}
