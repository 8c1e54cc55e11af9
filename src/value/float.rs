//! The text of floats.
//!
//! Ruby and the json gem both write the shortest digits that read back as the same float, which
//! Rust's formatting finds too; they differ in where they put the point (`flo_to_s` in Ruby's
//! `numeric.c`).

use core::fmt::{self, LowerExp, Write as _};

/// The shortest digits of a finite float.
pub(crate) struct Digits {
    pub(crate) negative: bool,
    /// Where the point is: `0.1` has 0, `1.0` has 1, `10.0` has 2.
    pub(crate) point: i32,
    buffer: [u8; MOST_DIGITS],
    len: usize,
}

/// No float of 64 bits needs more.
const MOST_DIGITS: usize = 17;

impl Digits {
    /// `None` for infinities and NaN, which have no digits.
    pub(crate) fn of<F: LowerExp>(float: F) -> Option<Self> {
        let mut digits = Self { negative: false, point: 0, buffer: [0; MOST_DIGITS], len: 0 };
        let mut parts = Parts { digits: &mut digits, exponent: None };
        // Rust writes `d.ddde-7`; `inf` and `NaN` make `Parts` refuse.
        write!(parts, "{float:e}").ok()?;
        let Exponent { negative, size } = parts.exponent?;
        let exponent = if negative { size.checked_neg()? } else { size };
        digits.point = exponent.checked_add(1)?;
        Some(digits)
    }

    /// The digits that Ruby finds for this float where two sets of them are as near: those that end
    /// in an even digit (`dtoa` rounds half to even). Rust takes the larger.
    pub(crate) fn even_on_tie(mut self, float: f64) -> Self {
        let last = self.len.saturating_sub(1);
        // Shorter ones are the only ones that read back as the float.
        if self.len >= 16
            && self.is_tie(float).unwrap_or(false)
            && let Some(digit) = self.buffer.get_mut(last)
            && digit.checked_rem(2) == Some(1)
        {
            *digit = digit.saturating_sub(1);
        }
        self
    }

    /// Whether the float lies just between these digits and those with a last digit one less or
    /// one more: then twice as many units of that digit are an odd number.
    fn is_tie(&self, float: f64) -> Option<bool> {
        let bits = float.to_bits();
        let exponent = i32::try_from((bits >> 52) & 0x7ff).ok()?.checked_sub(1075)?;
        let mantissa = u128::from((bits & 0x000f_ffff_ffff_ffff) | 0x0010_0000_0000_0000);
        let decimals = i32::try_from(self.len).ok()?.checked_sub(self.point)?;
        let units = mantissa.checked_mul(10_u128.checked_pow(u32::try_from(decimals).ok()?)?)?;
        // The float is `units * 2^exponent` of them.
        let halves = u32::try_from(exponent.checked_neg()?.checked_sub(1)?).ok()?;
        Some(units.trailing_zeros() == halves)
    }

    /// The digits, the first not zero unless the float is.
    pub(crate) fn as_str(&self) -> &str {
        let digits = self.buffer.get(..self.len).unwrap_or_default();
        core::str::from_utf8(digits).unwrap_or_default()
    }

    /// Writes it without an exponent, and with at least one digit on each side of the point.
    pub(crate) fn write_fixed(&self, out: &mut impl fmt::Write) -> fmt::Result {
        self.write_sign(out)?;
        let digits = self.as_str();
        let Ok(whole) = usize::try_from(self.point) else {
            out.write_str("0.")?;
            write_zeros(out, self.point.unsigned_abs())?;
            return out.write_str(digits);
        };
        match digits.split_at_checked(whole) {
            Some(("", fraction)) => write!(out, "0.{fraction}"),
            Some((whole, "")) => write!(out, "{whole}.0"),
            Some((whole, fraction)) => write!(out, "{whole}.{fraction}"),
            None => {
                out.write_str(digits)?;
                write_zeros(out, u32::try_from(whole.saturating_sub(digits.len())).unwrap_or(0))?;
                out.write_str(".0")
            }
        }
    }

    /// Writes one digit, the others behind a point (`no_fraction` where there are none), and
    /// leaves the exponent to the caller, as it is given here.
    pub(crate) fn write_mantissa(
        &self,
        out: &mut impl fmt::Write,
        no_fraction: &str,
    ) -> Result<i32, fmt::Error> {
        self.write_sign(out)?;
        match self.as_str().split_at_checked(1) {
            Some((first, "")) => write!(out, "{first}{no_fraction}")?,
            Some((first, rest)) => write!(out, "{first}.{rest}")?,
            None => {}
        }
        Ok(self.point.saturating_sub(1))
    }

    fn write_sign(&self, out: &mut impl fmt::Write) -> fmt::Result {
        if self.negative { out.write_char('-') } else { Ok(()) }
    }
}

fn write_zeros(out: &mut impl fmt::Write, count: u32) -> fmt::Result {
    (0..count).try_for_each(|_| out.write_char('0'))
}

/// Takes Rust's `-1.5e-7` apart as it is written.
struct Parts<'d> {
    digits: &'d mut Digits,
    exponent: Option<Exponent>,
}

#[derive(Default)]
struct Exponent {
    negative: bool,
    size: i32,
}

impl fmt::Write for Parts<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        text.bytes().try_for_each(|byte| self.push(byte).ok_or(fmt::Error))
    }
}

impl Parts<'_> {
    fn push(&mut self, byte: u8) -> Option<()> {
        let Some(exponent) = &mut self.exponent else {
            match byte {
                b'-' => self.digits.negative = true,
                b'.' => {}
                b'e' => self.exponent = Some(Exponent::default()),
                b'0'..=b'9' => {
                    *self.digits.buffer.get_mut(self.digits.len)? = byte;
                    self.digits.len = self.digits.len.checked_add(1)?;
                }
                _ => return None,
            }
            return Some(());
        };
        match byte {
            b'-' => exponent.negative = true,
            _ => {
                let digit = char::from(byte).to_digit(10)?;
                exponent.size = exponent.size.checked_mul(10)?.checked_add_unsigned(digit)?;
            }
        }
        Some(())
    }
}

/// A float as Ruby's `Float#to_s` writes it.
pub(crate) struct RubyFloat(pub(crate) f64);

impl fmt::Display for RubyFloat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Digits::of(self.0) {
            Some(digits) => digits.even_on_tie(self.0).write_as_ruby(f),
            None if self.0.is_nan() => f.write_str("NaN"),
            None if self.0 < 0.0 => f.write_str("-Infinity"),
            None => f.write_str("Infinity"),
        }
    }
}

impl Digits {
    /// `Float#to_s`: `0.0001`, `9.0e-05`, `100000000000000.0`, `1.0e+16`.
    pub(crate) fn write_as_ruby(&self, out: &mut impl fmt::Write) -> fmt::Result {
        if self.is_fixed(-4) {
            return self.write_fixed(out);
        }
        let exponent = self.write_mantissa(out, ".0")?;
        write!(out, "e{exponent:+03}")
    }

    /// Whether no exponent is written: the point is right of `least`, and left of the 16th digit
    /// or just before a 17th.
    pub(crate) fn is_fixed(&self, least: i32) -> bool {
        self.is_zero()
            || (least < self.point && self.point <= 15)
            || (self.point == 16 && self.len > 16)
    }

    fn is_zero(&self) -> bool {
        self.as_str() == "0"
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString as _;

    use super::*;

    #[test]
    fn floats_are_written_as_ruby_writes_them() {
        // Ruby 3.1, `p [...]`.
        let cases = [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (-1.5, "-1.5"),
            (100.0, "100.0"),
            (0.1, "0.1"),
            (0.30000000000000004, "0.30000000000000004"),
            (0.0001, "0.0001"),
            (0.00012345, "0.00012345"),
            (1.0e-5, "1.0e-05"),
            (9e-5, "9.0e-05"),
            (1e-7, "1.0e-07"),
            (1e14, "100000000000000.0"),
            (1e15, "1.0e+15"),
            (123456789012345.0, "123456789012345.0"),
            (1e16, "1.0e+16"),
            (1234567890123456.7, "1234567890123456.8"),
            (1000000000000000.5, "1000000000000000.5"),
            (12345678901234567.0, "1.2345678901234568e+16"),
            (9007199254740993.0, "9.007199254740992e+15"),
            // In the middle between .2 and .3, .6 and .7.
            (1_684_639_445_845_580.0 + 0.25, "1684639445845580.2"),
            (-2_054_063_532_220_799.0 - 0.25, "-2054063532220799.2"),
            (1_684_639_445_845_580.0 + 0.75, "1684639445845580.8"),
            (985_782_597_079_169.0 + 0.625, "985782597079169.6"),
            (116_842_082_630_871.0 + 0.9375, "116842082630871.94"),
            (75_581_643_025_160.0 + 0.125, "75581643025160.12"),
            (1e100, "1.0e+100"),
            (5e-324, "5.0e-324"),
            (f64::MAX, "1.7976931348623157e+308"),
            (f64::INFINITY, "Infinity"),
            (f64::NEG_INFINITY, "-Infinity"),
            (f64::NAN, "NaN"),
        ];
        for (float, text) in cases {
            assert_eq!(RubyFloat(float).to_string(), text);
        }
    }
}
