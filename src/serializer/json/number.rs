//! Numbers in JSON text.

use alloc::vec::Vec;
use core::fmt::{self, Display, LowerExp, Write as _};

use crate::error::SealError;
use crate::serializer::json::text::{FloatText, NonFinite, Text};
use crate::value::{Digits, RubyFloat};

/// Writes what formats as plain ASCII: an integer.
pub(super) fn write_integer(out: &mut Vec<u8>, integer: impl Display) {
    // Writing to memory does not fail.
    let _ = write!(Sink(out), "{integer}");
}

/// Writes a float of 32 or 64 bits with the shortest digits of its own width.
pub(super) fn write_float<F: LowerExp + Into<f64> + Copy>(
    out: &mut Vec<u8>,
    float: F,
    text: &Text,
) -> Result<(), SealError> {
    let mut sink = Sink(out);
    let written = match (Digits::of(float), text.non_finite) {
        (Some(digits), _) => match text.floats {
            FloatText::RubyToS => digits.even_on_tie(float.into()).write_as_ruby(&mut sink),
            FloatText::Json2_15 => write_as_json_2_15(&digits, &mut sink),
        },
        (None, NonFinite::Null) => sink.write_str("null"),
        (None, NonFinite::Literal) => write!(sink, "{}", RubyFloat(float.into())),
        (None, NonFinite::Refused) => Err(fmt::Error),
    };
    written.map_err(|_| SealError::Unrepresentable)
}

/// `0.00000001`, `1e-10`, `100000000000000.0`, `1e+15` (`generate_json_float` in the gem's
/// `generator.c`, and the `fpconv.c` below it).
fn write_as_json_2_15(digits: &Digits, out: &mut impl fmt::Write) -> fmt::Result {
    if digits.is_fixed(-9) {
        return digits.write_fixed(out);
    }
    let exponent = digits.write_mantissa(out, "")?;
    write!(out, "e{exponent:+}")
}

/// Lets `core::fmt` write into bytes.
struct Sink<'o>(&'o mut Vec<u8>);

impl fmt::Write for Sink<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.extend_from_slice(text.as_bytes());
        Ok(())
    }
}
